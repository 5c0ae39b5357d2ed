"""Conditions: comparisons are made with plain numbers and are constants of the run; and, or, not; x if c else y."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from adviz.transform.reading.flow import two_ways
from adviz.transform.reading.learner import MISSING
from adviz.transform.reading.recursion import Unknown
from adviz.transform.statements import Region
from adviz.transform.values import Bundle, Closure, Container, Known, Text, Var, constant_in, text_of

# fmt: off
SYMBOLS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not",
    ast.In: "in", ast.NotIn: "not in",
}
# fmt: on


def condition(r: Any, node: ast.expr) -> Text:
    """An expression as a condition: true or false."""
    match node:
        case ast.Compare():
            return comparison(r, node)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = condition(r, operand)
            known = not inner.known if inner.known is not MISSING else MISSING
            return Text(f"not {inner.inner}", bool, known, False)
        case ast.BoolOp():
            return truth(r, boolean(r, node), node)
    return truth(r, r.value(node), node)


def truth(r: Any, u: Any, node: ast.AST) -> Text:
    """Whether u counts as true, as Python has it."""
    match u:
        case Var(kind="number"):
            return Text(f"{u.token} != 0.0", bool, simple=False)
        case Var(kind=Container()):
            return r.fact_of(u, u.token, "filled")
        case Bundle(items=items):
            return Text(repr(bool(items)), bool, bool(items))
        case Closure() | Known():
            return Text("True", bool, True)
    return constant_in(r, u, node)


def comparison(r: Any, node: ast.Compare) -> Text:
    """a < b, or a < b < c: what stands behind a false comparison is not computed."""
    return _chain(r, node, 0, r.value(node.left))


def _chain(r: Any, node: ast.Compare, k: int, left: Any) -> Any:
    right = r.value(node.comparators[k])
    first = compared(r, node.ops[k], left, right, node)
    if k + 1 == len(node.ops):
        return first
    return joined(r, "and", first, lambda: _chain(r, node, k + 1, right), node)


def compared(r: Any, op: ast.cmpop, a: Any, b: Any, node: ast.AST) -> Text:
    """a op b, made with plain numbers."""
    symbol = SYMBOLS[type(op)]
    texts = []
    for u, other in ((a, b), (b, a)):
        if isinstance(u, Var) and u.kind != "constant":
            if symbol in ("is", "is not") and isinstance(other, Text) and other.known is None and not u.optional:
                return Text(repr(symbol == "is not"), bool, symbol == "is not")
            texts.append(Text(u.token))
        elif isinstance(u, Known | Closure):
            if symbol in ("is", "is not", "==", "!="):
                outcome = (a == b) == (symbol in ("is", "=="))
                return Text(repr(outcome), bool, outcome)
            r.refuse(node, "not_number")
        else:
            texts.append(constant_in(r, u, node))
    left, right = texts
    known: Any = MISSING
    if left.known is None and right.known is None and symbol in ("is", "is not"):
        known = symbol == "is"
    return Text(f"{left.inner} {symbol} {right.inner}", bool, known, False)


def boolean(r: Any, node: ast.BoolOp) -> Any:
    """a and b and ..., a or b or ...: each computed only if the ones before it do not decide."""
    word = "and" if isinstance(node.op, ast.And) else "or"
    return in_turn(r, word, [partial(operand, r, part) for part in node.values], node)


def operand(r: Any, node: ast.expr) -> Any:
    """A part of `and` or `or`: a condition, or a value of its own."""
    return condition(r, node) if isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp) else r.value(node)


def in_turn(r: Any, word: str, parts: Sequence[Callable[[], Any]], node: ast.AST) -> Any:
    """The parts joined by the word."""
    first = parts[0]()
    return joined(r, word, first, lambda: in_turn(r, word, parts[1:], node), node) if len(parts) > 1 else first


def joined(r: Any, word: str, first: Any, rest: Callable[[], Any], node: ast.AST) -> Any:
    """first and rest, or first or rest: one expression of constants where the rest needs no statements of its own, else an if."""
    text = text_of(first)
    if text is not None and text.known is not MISSING:
        return rest() if bool(text.known) == (word == "and") else first
    region = Region(r.region, r.region.loop)
    with r.within(region):
        second = rest()
    other = text_of(second)
    if text is not None and other is not None and not region.statements:
        return Text(f"{text.inner} {word} {other.inner}", text.type if text.type is other.type else None, simple=False)
    stays = Region(r.region, r.region.loop), first
    goes_on = region, second
    return two_ways(r, truth(r, first, node), *((goes_on, stays) if word == "and" else (stays, goes_on)), node)


def _unknown() -> Any:
    raise Unknown


def conditional(r: Any, node: ast.IfExp) -> Any:
    """a if condition else b"""
    test = condition(r, node.test)
    if test.known is not MISSING:
        return r.value(node.body if test.known else node.orelse)
    ways: list[Any] = []
    unknown = 0
    for branch in (node.body, node.orelse):
        region = Region(r.region, r.region.loop)
        try:
            with r.within(region):
                ways.append((region, r.value(branch)))
        except Unknown:  # what a recursion returns: the other branch tells
            unknown += 1
    if unknown:
        return ways[0][1] if ways else _unknown()
    return two_ways(r, test, ways[0], ways[1], node)
