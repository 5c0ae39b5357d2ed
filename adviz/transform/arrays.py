"""Operations on arrays as they are read: each is one statement, a call of NumPy's; what it does to adjoints, the table knows."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from adviz.composed import METHODS
from adviz.transform.facts import Again
from adviz.transform.flows import method
from adviz.transform.statements import Apply
from adviz.transform.values import NUMBER, Bundle, Container, Known, Text, Var, is_active, text_of

OPERATORS: dict[str, Callable[..., Any]] = {"@": operator.matmul}
FACTS = ("shape", "ndim", "size", "dtype")  # of an array, constants of the run


def is_list_after_all(r: Any, u: Any) -> None:
    """A parameter that was taken for a number and is used as a list: it is one. Only where nobody has said what it is."""
    if not r.facts.guess or not isinstance(u, Var) or u.root is None:
        return
    known, depth = u.root.kind, 0
    while isinstance(known, Container):
        known, depth = known.entry, depth + 1
    if known == NUMBER and depth < 3:
        r.facts.containers[u.root.hint] = Container(u.root.kind)
        raise Again


def apply(r: Any, function: Callable[..., Any], operands: list[Any], named: dict[str, Any], text: str, node: ast.AST) -> Var:
    """v = function(...), as the next statement."""
    for u in (*operands, *named.values()):
        if not is_active(u) and text_of(u) is None:
            r.refuse(node, "not_number")
    var = r.new(NUMBER)
    r.serial += 1
    var.serial = r.serial
    var.by = Apply(var, function, tuple(operands), tuple(named.items()), text, r.place(node))
    r.emit(var.by)
    if not r.facts.arrays:  # then np.where is one of arrays as well
        r.facts.arrays = True
        raise Again
    return var  # type: ignore[no-any-return]


def written(u: Any) -> str:
    """An operand as it is printed."""
    if isinstance(u, Var):
        return u.token
    if isinstance(u, Bundle) and text_of(u) is None:
        inside = ", ".join(map(written, u.items))
        return f"[{inside}]" if u.kind is list else f"({inside},)"
    text = text_of(u)
    return text.inner if text is not None else "None"


def array_operation(r: Any, symbol: str, a: Any, b: Any, node: ast.AST) -> Any:
    """a @ b"""
    if symbol not in OPERATORS:
        return r.refuse(node, "not_number")
    return apply(r, OPERATORS[symbol], [a, b], {}, f"{written(a)} {symbol} {written(b)}", node)


def array_attribute(r: Any, u: Any, node: ast.Attribute) -> Any:
    """x.T, x.shape"""
    if isinstance(u, Var) and u.kind == NUMBER:
        if node.attr == "T":
            return apply(r, operator.attrgetter("T"), [u], {}, f"{u.token}.T", node)
        if node.attr in FACTS:
            return Text(f"{u.token}.{node.attr}", int if node.attr in ("ndim", "size") else None)
    return r.refuse(node, "attribute_of", name=node.attr)


def array_entry(r: Any, u: Any, index: Text, node: ast.AST) -> Any:
    """x[k] of an array"""
    if not isinstance(u, Var) or u.kind != NUMBER:
        return r.refuse(node, "not_number")
    is_list_after_all(r, u)
    return apply(r, operator.getitem, [u, index], {}, f"{u.token}[{index.code}]", node)


def array_subscript(r: Any, u: Any, node: ast.Subscript) -> Any:
    """x[1:, 0] of an array"""
    if not isinstance(u, Var) or u.kind != NUMBER:
        return r.refuse(node, "not_number")
    if not isinstance(node.slice, ast.Tuple):
        is_list_after_all(r, u)
    key = _key(r, node.slice)
    shown = r.text(ast.copy_location(node.slice, node)) if r.is_constant(node.slice) else key
    code = shown.code[1:-1] if isinstance(node.slice, ast.Tuple) and shown.code.startswith("(") else shown.code
    return apply(r, operator.getitem, [u, key], {}, f"{u.token}[{code}]", node)


def _key(r: Any, node: ast.expr) -> Text:
    """An index as a constant: slices as slice(...)."""
    match node:
        case ast.Tuple(elts=parts):
            return Text(f"({', '.join(_key(r, part).code for part in parts)}{',' if len(parts) == 1 else ''})", tuple)
        case ast.Slice():
            ends = ["None" if end is None else _key(r, end).code for end in (node.lower, node.upper, node.step)]
            return Text(f"slice({', '.join(ends)})")
    u = r.value(node)
    text = text_of(u)
    return text if text is not None else r.refuse(node, "index")


def array_method(r: Any, u: Any, name: str, node: ast.Call) -> Any:
    """x.sum(axis=0)"""
    if name not in METHODS:
        return r.refuse(node, "method", name=name)
    positional, named = r.given(node)
    return apply(r, method(name), [u, *positional], named, f"{written(u)}.{name}({_listed(positional, named)})", node)


def array_call(r: Any, function: Any, positional: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
    """np.sum(x, axis=0)"""
    module = getattr(function, "__module__", None) or type(function).__module__
    if not str(module).startswith(("numpy", "scipy")) or any(isinstance(u, Known) for u in positional):
        return r.refuse(node, "call")
    return apply(r, function, positional, named, f"{r.constant(function, function.__name__).code}({_listed(positional, named)})", node)


def _listed(positional: list[Any], named: dict[str, Any]) -> str:
    return ", ".join([*map(written, positional), *(f"{name}={written(u)}" for name, u in named.items())])


def array_length(r: Any, u: Any, node: ast.AST) -> Any:
    """len(x)"""
    is_list_after_all(r, u)
    return Text(f"len({u.token})", int)


def array_unpacked(r: Any, u: Any, n: int, node: ast.AST) -> Any:
    """a, b = x"""
    if not isinstance(u, Var):
        return r.refuse(node, "not_number")
    is_list_after_all(r, u)
    return Bundle(tuple, tuple(array_entry(r, u, Text(repr(k), int, k), node) for k in range(n)))
