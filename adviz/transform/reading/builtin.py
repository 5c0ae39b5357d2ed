"""Python's own functions on numbers: sum, min, max, len, round, float, and comprehensions, each as the loop it is."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any

from adviz.linear import OPERATORS
from adviz.transform.reading.calls import SPECIAL, constant_call, given, is_container
from adviz.transform.reading.learner import MISSING, Learner
from adviz.transform.reading.streams import streamed
from adviz.transform.values import Bundle, Closure, Container, Known, Text, Var, is_active, text_of

TOTAL, BEST, LIST, FOUND = "<total>", "<best>", "<list>", "<found>"


def builtin(function: Any) -> Callable[[Any, ast.Call], Any] | None:
    """How a call of that function is read; None if it is like any other."""
    try:
        return BUILTIN.get(function) or SPECIAL.get(function)
    except TypeError:  # not hashable
        return None


def looped(
    r: Any, node: ast.expr, start: list[ast.stmt], body: list[ast.stmt], generators: list[ast.comprehension], result: str,
    known: dict[str, Any] | None = None,
) -> Any:  # fmt: skip
    """`start`, then `body` for every entry, as a function of its own would do it: what `result` is then. `known` are names it begins with."""
    definition = r.facts.synthetic.get((id(node), result))
    if definition is None:
        for part in reversed(generators):
            for test in reversed(part.ifs):
                body = [ast.If(test, body, [])]
            body = [ast.For(part.target, part.iter, body, [])]
        statements = [*start, *body, ast.Return(ast.Name(result, ast.Load()))]
        definition = ast.FunctionDef(result, ast.arguments([], [], None, [], [], None, []), statements, [])
        for part_ in ast.walk(definition):
            if "lineno" in part_._attributes and not hasattr(part_, "lineno"):
                ast.copy_location(part_, node)
        r.facts.synthetic[id(node), result] = definition
    of = r.scope.of
    scope = r.opened(Learner(of.name, definition, of.file, of.lines, None, of.before), r.scope, node)
    scope.env |= known or {}
    return r.result(scope)


def comprehension(r: Any, node: ast.ListComp | ast.GeneratorExp) -> Any:
    """[expression for target in iterable if condition]"""
    if id(node) not in r.facts.active and r.is_constant(node):
        text = r.text(ast.copy_location(ast.ListComp(node.elt, node.generators), node))
        return text._replace(type=list, simple=True)
    wanted = r.facts.active.get(id(node))
    if isinstance(wanted, Container) and isinstance(wanted.entry, Container):
        r.facts.active.setdefault(id(node.elt), wanted.entry)
    empty = r.facts.nodes.setdefault(id(node), ast.copy_location(ast.List([], ast.Load()), node))
    if wanted is not None:
        r.facts.active[id(empty)] = wanted
    append = ast.Expr(ast.Call(ast.Attribute(ast.Name(LIST, ast.Load()), "append", ast.Load()), [node.elt], []))
    return looped(r, node, [_set(LIST, empty)], [append], node.generators, LIST)


def total(r: Any, node: ast.Call) -> Any:
    """sum(entries, start)"""
    start = node.args[1] if len(node.args) > 1 else ast.Constant(0)
    return _folded(r, node, TOTAL, start, lambda entry: ast.BinOp(ast.Name(TOTAL, ast.Load()), ast.Add(), entry), sum)


def product(r: Any, node: ast.Call) -> Any:
    """math.prod(entries)"""
    return _folded(r, node, TOTAL, ast.Constant(1), lambda entry: ast.BinOp(ast.Name(TOTAL, ast.Load()), ast.Mult(), entry), math.prod)


def _folded(r: Any, node: ast.Call, name: str, start: ast.expr, step: Callable[[ast.expr], ast.expr], function: Any) -> Any:
    """A fold over the entries; a constant one stays a call."""
    if not node.args or node.keywords:
        return constant_call(r, Known(function), node)
    entries = node.args[0]
    if all(map(r.is_constant, node.args)):
        return Text(f"{r.called(node, function).code}({', '.join(r.text(a).code for a in node.args)})")
    if isinstance(entries, ast.GeneratorExp | ast.ListComp):
        return looped(r, node, [_set(name, start)], [_set(name, step(entries.elt))], entries.generators, name)
    one = ast.Name("<entry>", ast.Load())
    each = ast.comprehension(ast.Name("<entry>", ast.Store()), entries, [], 0)
    return looped(r, node, [_set(name, start)], [_set(name, step(one))], [each], name)


def extreme(function: Any) -> Callable[[Any, ast.Call], Any]:
    """max or min: Python compares, and keeps the first of the largest (smallest)."""
    op = ast.Gt() if function is max else ast.Lt()

    def read(r: Any, node: ast.Call) -> Any:
        if node.keywords:
            return constant_call(r, Known(function), node)
        if len(node.args) > 1 or any(isinstance(a, ast.Starred) for a in node.args):
            entries, _ = given(r, node)
        elif r.is_constant(node.args[0]) if node.args else True:
            return constant_call(r, Known(function), node)
        else:
            u = r.value(node.args[0])
            if not isinstance(u, Bundle):
                return _over_list(r, node, op, u)
            entries = list(u.items)
        if not any(map(is_active, entries)):
            return constant_call(r, Known(function), node, (entries, {}) if len(entries) > 1 else None)
        best = entries[0]
        for u in entries[1:]:
            best = r.better(op, u, best, node)
        return best

    return read


def _over_list(r: Any, node: ast.Call, op: ast.cmpop, u: Any) -> Any:
    """The largest (smallest) entry of a list: best = u[0]; for entry in u: if entry > best: best = entry."""
    one, best, every = (ast.Name(name, ast.Load()) for name in ("<entry>", BEST, "<all>"))
    start = [_set(BEST, ast.Subscript(every, ast.Constant(0), ast.Load()))]
    body: list[ast.stmt] = [ast.If(ast.Compare(one, [op], [best]), [_set(BEST, one)], [])]
    each = ast.comprehension(ast.Name("<entry>", ast.Store()), every, [], 0)
    return looped(r, node, start, body, [each], BEST, {"<all>": u})


def length(r: Any, node: ast.Call) -> Any:
    """len(u)"""
    u = r.value(node.args[0]) if len(node.args) == 1 else None
    if isinstance(u, Bundle):
        return Text(repr(len(u.items)), int, len(u.items))
    if is_container(u):
        return r.fact_of(u, f"len({u.token})", "length")  # type: ignore[union-attr]
    if is_active(u):
        return r.array_length(u, node)
    return constant_call(r, Known(len), node, ([u], {}))


def rounded(r: Any, node: ast.Call) -> Any:
    """round(x), round(x, digits): as a traced number does it."""
    positional, named = given(r, node)
    if not positional or not is_active(positional[0]) or named:
        return constant_call(r, Known(round), node, (positional, named))
    x = positional[0]
    digits = text_of(positional[1]) if len(positional) > 1 else None
    if digits is None or digits.known in (0, None):
        return r.op("rint", (x,), round, node)
    if not isinstance(digits.known, int):
        r.refuse(node, "call")
    scale = Text(repr(10.0**digits.known), float, 10.0**digits.known)
    return r.op("divide", (r.op("rint", (r.op("multiply", (x, scale), OPERATORS["multiply"], node),), round, node), scale), OPERATORS["divide"], node)


def same(r: Any, node: ast.Call) -> Any:
    """float(x): x itself."""
    u = r.value(node.args[0]) if len(node.args) == 1 and not node.keywords else None
    return u if isinstance(u, Var) and u.kind == "number" else constant_call(r, Known(float), node)


def whole(r: Any, node: ast.Call) -> Any:
    """int(x) of a number with a derivative would lose it."""
    u = r.value(node.args[0]) if len(node.args) == 1 else None
    return r.refuse(node, "int") if is_active(u) else constant_call(r, Known(int), node)


def sequence(kind: type) -> Callable[[Any, ast.Call], Any]:
    """list(u), tuple(u)"""

    def read(r: Any, node: ast.Call) -> Any:
        if len(node.args) != 1 or node.keywords:
            return r.made(Bundle(kind, (), (), node), node) if not node.args else constant_call(r, Known(kind), node)
        if r.is_constant(node.args[0]):
            return Text(f"{kind.__name__}({r.text(node.args[0]).code})", kind)
        if isinstance(node.args[0], ast.GeneratorExp):
            return r.value(node.args[0])
        stream = streamed(r, node.args[0])
        if stream.items is not None:
            return r.made(Bundle(kind, stream.items, (), node), node)
        u = r.value(node.args[0])
        if is_container(u):
            return r.copied(u, kind, node)
        each = ast.comprehension(ast.Name("<entry>", ast.Store()), node.args[0], [], 0)
        listed = ast.copy_location(ast.ListComp(ast.Name("<entry>", ast.Load()), [each]), node)
        return r.value(r.facts.nodes.setdefault(id(node), ast.fix_missing_locations(listed)))

    return read


def quantified(function: Any) -> Callable[[Any, ast.Call], Any]:
    """any(...) or all(...): conditions, one after the other until one decides."""

    def read(r: Any, node: ast.Call) -> Any:
        if len(node.args) != 1 or r.is_constant(node.args[0]) or not isinstance(node.args[0], ast.GeneratorExp | ast.ListComp):
            return constant_call(r, Known(function), node)
        test = node.args[0].elt if function is any else ast.UnaryOp(ast.Not(), node.args[0].elt)
        body: list[ast.stmt] = [ast.If(test, [_set(FOUND, ast.Constant(function is any))], [])]
        return looped(r, node, [_set(FOUND, ast.Constant(function is not any))], body, node.args[0].generators, FOUND)

    return read


def no_call(r: Any, node: ast.Call) -> Any:
    """A function that makes no sense in a derivative's program."""
    return r.refuse(node, "builtin", name=ast.unparse(node.func))


def iterator(function: Any) -> Callable[[Any, ast.Call], Any]:
    """zip, enumerate, reversed outside of a loop's header."""

    def read(r: Any, node: ast.Call) -> Any:
        if all(map(r.is_constant, node.args)):
            return constant_call(r, Known(function), node)
        stream = streamed(r, node)
        return Bundle(tuple, stream.items) if stream.items is not None else r.refuse(node, "builtin", name=function.__name__)

    return read


def _set(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


BUILTIN: dict[Any, Callable[[Any, ast.Call], Any]] = {
    sum: total, math.prod: product, max: extreme(max), min: extreme(min), len: length, round: rounded, float: same, int: whole,
    list: sequence(list), tuple: sequence(tuple), any: quantified(any), all: quantified(all), print: no_call, isinstance: no_call, type: no_call,
    zip: iterator(zip), enumerate: iterator(enumerate), reversed: iterator(reversed),
}  # fmt: skip

__all__ = ["MISSING", "Closure", "builtin", "comprehension"]
