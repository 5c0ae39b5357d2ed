"""Expressions: each operation on numbers becomes a statement, each constant stays as the learner wrote it."""

from __future__ import annotations

import ast
import re
from copy import deepcopy
from typing import Any

from adviz.linear import OPERATORS
from adviz.transform.reading.learner import MISSING, Learner
from adviz.transform.values import Bundle, Closure, Container, Known, Text, Var, is_active, text_of

# fmt: off
ROWS: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.FloorDiv: "floor_divide", ast.Mod: "remainder",
    ast.Pow: "power",
}
SYMBOLS: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**", ast.MatMult: "@",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
}
# fmt: on
WORDS = {ast.Await: "async", ast.Yield: "generator", ast.YieldFrom: "generator"}


def value(r: Any, node: ast.expr) -> Any:
    """What an expression stands for, with the statements that compute it."""
    match node:
        case ast.Name(id=name):
            return r.lookup(name, node)
        case ast.Constant(value=constant):
            return literal(r, constant, node)
        case ast.BinOp():
            return binary(r, node)
        case ast.UnaryOp(op=ast.Not()) | ast.Compare():
            return r.condition(node)
        case ast.UnaryOp(op=op, operand=operand):
            return unary(r, op, r.value(operand), node)
        case ast.BoolOp():
            return r.boolean(node)
        case ast.Call():
            return r.call(node)
        case ast.IfExp():
            return r.conditional(node)
        case ast.Subscript():
            return r.subscript(node)
        case ast.Attribute():
            return attribute(r, node)
        case ast.Tuple() | ast.List():
            return r.display(node)
        case ast.Dict() if all(isinstance(key, ast.Constant) for key in node.keys):
            items = tuple(r.value(item) for item in node.values)
            return r.made(Bundle(dict, items, tuple(key.value for key in node.keys if isinstance(key, ast.Constant)), node), node)
        case ast.ListComp() | ast.GeneratorExp():
            return r.comprehension(node)
        case ast.Lambda():
            return closure(r, node, "lambda")
        case ast.NamedExpr(target=target, value=inner):
            r.bind(target, r.value(inner), inner)
            return r.lookup(target.id, node)
        case ast.Await() | ast.Yield() | ast.YieldFrom():
            return r.refuse(node, WORDS[type(node)])
    return constant_text(r, node)


def literal(r: Any, constant: Any, node: ast.expr) -> Text:
    """A number or a word of the program's text."""
    if isinstance(constant, complex):
        r.refuse(node, "complex")
    if isinstance(constant, float) and constant - constant != 0:
        return Text(f"float({str(constant)!r})", float, constant)
    return Text(repr(constant), type(constant), constant)


def binary(r: Any, node: ast.BinOp) -> Any:
    """left op right; a long sum is a long chain, taken from its left end so that nothing is as deep as it is long."""
    chain: list[ast.BinOp] = []
    first: ast.expr = node
    while isinstance(first, ast.BinOp):
        chain.append(first)
        first = first.left
    left = r.value(first)
    for link in reversed(chain):
        left = operation(r, link.op, left, r.value(link.right), link)
    return left


def operation(r: Any, op: ast.operator, a: Any, b: Any, node: ast.AST) -> Any:
    """a op b"""
    if isinstance(a, Bundle) or isinstance(b, Bundle) or is_list(a) or is_list(b) or id(node) in r.facts.active:
        joined = r.joined(op, a, b, node)
        if joined is not None:
            return joined
    if is_active(a) or is_active(b):
        if type(op) not in ROWS:
            return r.array_operation(SYMBOLS[type(op)], a, b, node)
        row = ROWS[type(op)]
        return r.op(row, (a, b), OPERATORS[row], node)
    left, right = text_of(a), text_of(b)
    if left is None or right is None:
        return r.refuse(node, "not_number")
    return constant_operation(SYMBOLS[type(op)], left, right)


def is_list(u: Any) -> bool:
    """Whether u is a list in the program."""
    return isinstance(u, Var) and isinstance(u.kind, Container)


def constant_operation(symbol: str, a: Text, b: Text) -> Text:
    """a op b of constants, as text; its type if Python's rules tell; its value where both are whole numbers."""
    known: Any = MISSING
    if type(a.known) is int and type(b.known) is int and symbol in "+-*":
        known = {"+": a.known + b.known, "-": a.known - b.known, "*": a.known * b.known}[symbol]
    return Text(f"{a.inner} {symbol} {b.inner}", _type(symbol, a.type, b.type), known, False)


def _type(symbol: str, a: type | None, b: type | None) -> type | None:
    numbers = {bool, int, float}
    for u, w in ((a, b), (b, a)):
        if u in (list, tuple) and ((symbol == "+" and u is w) or (symbol == "*" and w is int)):
            return u
    if a not in numbers or b not in numbers or symbol == "**" or symbol not in ("+", "-", "*", "/", "//", "%"):
        return None
    return float if symbol == "/" or float in (a, b) else int


def unary(r: Any, op: ast.unaryop, u: Any, node: ast.UnaryOp) -> Any:
    """-u, +u, ~u"""
    symbol = {ast.USub: "-", ast.UAdd: "+", ast.Invert: "~"}[type(op)]
    if is_active(u):
        if symbol == "~":
            return r.array_operation(symbol, u, None, node)
        row = "negative" if symbol == "-" else "positive"
        return r.op(row, (u,), OPERATORS[row], node)
    text = text_of(u)
    if text is None:
        return r.refuse(node, "not_number")
    known = {"-": lambda x: -x, "+": lambda x: +x}.get(symbol, lambda x: MISSING)(text.known) if type(text.known) in (int, float) else MISSING
    return Text(f"{symbol}{text.inner}", int if text.type is bool else text.type, known, False)


def attribute(r: Any, node: ast.Attribute) -> Any:
    """u.name: of a module or an object of the learner's."""
    base = r.value(node.value)
    match base:
        case Known(object=owner):
            found = getattr(owner, node.attr, MISSING)
            if found is MISSING:
                return r.refuse(node, "unbound", name=f"{getattr(owner, '__name__', 'object')}.{node.attr}")
            return r.wrapped(found, node.attr)
        case Var() | Bundle() if is_active(base):
            return r.array_attribute(base, node)
    text = text_of(base)
    return Text(f"{text.inner}.{node.attr}") if text is not None else r.refuse(node, "not_number")


def closure(r: Any, node: ast.FunctionDef | ast.Lambda, name: str) -> Closure:
    """A function defined here, with what its defaults are worth now."""
    positional = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    given = [r.value(default) for default in node.args.defaults]
    defaults = list(zip(positional[len(positional) - len(given) :], given, strict=True))
    for a, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        if default is not None:
            defaults.append((a.arg, r.value(default)))
    of = r.scope.of
    return Closure(Learner(name, node, of.file, of.lines, None, of.before), r.scope, tuple(defaults))


def constant_text(r: Any, node: ast.expr, *, numbers: bool = False) -> Text:
    """An expression of constants, as the learner wrote it; with `numbers`, the values of numbers may stand in it."""
    own = {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    own |= {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
    tree = deepcopy(node)
    written: dict[str, str] = {}
    for part in ast.walk(tree):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id not in own:
            slot = f"adviz_name_{len(written)}_"
            written[slot] = _written(r, r.lookup(part.id, part), part, numbers)
            part.id = slot
    code = SLOTS.sub(lambda found: written[found[0]], ast.unparse(tree))
    return Text(code, simple=isinstance(node, ast.Call | ast.Subscript | ast.Attribute | ast.JoinedStr))


SLOTS = re.compile("adviz_name_[0-9]+_")


def _written(r: Any, u: Any, node: ast.Name, numbers: bool) -> str:
    if isinstance(u, Known):
        return str(r.constant(u.object, node.id).code)
    if numbers and isinstance(u, Var):
        return u.token
    text = text_of(u)
    return text.inner if text is not None else r.refuse(node, "constant_only", name=node.id)


def is_constant(r: Any, node: ast.expr) -> bool:
    """Whether nothing in an expression can be differentiated, so that it may stay as it is."""
    own = {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    own |= {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id not in own:
            u = r.lookup(part.id, part)
            if is_active(u) or isinstance(u, Closure) or (not isinstance(u, Known) and text_of(u) is None):
                return False
    return True
