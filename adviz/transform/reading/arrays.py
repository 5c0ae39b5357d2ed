"""Operations on arrays as they are read: each is one statement, a call of NumPy's; what it does to adjoints, the table knows."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.composed import METHODS
from adviz.transform.flows import method
from adviz.transform.reading.facts import Again
from adviz.transform.reading.learner import MISSING
from adviz.transform.statements import SLOT, Apply
from adviz.transform.values import CONSTANT, NUMBER, Bundle, Container, Known, Text, Var, is_active, text_of

OPERATORS: dict[str, Callable[..., Any]] = {"@": operator.matmul}
JOINING = (np.stack, np.concatenate, np.vstack, np.hstack, np.dstack, np.column_stack, np.block)  # these take a list of traced numbers
CONVERTING = (np.array, np.asarray, np.asanyarray, np.ascontiguousarray)
OF_LISTS = ("append", "pop", "extend", "insert", "reverse")  # methods that no array has
FACTS = ("shape", "ndim", "size", "dtype")  # of an array, constants of the run


def is_list_after_all(r: Any, u: Any, key: Any = MISSING) -> None:
    """A parameter (or an entry of one) that was taken for a number and is used as a list, or with a word for a key as a dict: it is one.
    Only where nobody has said what it is."""
    if not r.facts.guess or not isinstance(u, Var) or u.root is None or u.root.hint in r.facts.arrayed or len(u.path) > 3:
        return
    kind = Container(Bundle(dict, (NUMBER,), (key,)) if isinstance(key, str) else NUMBER)
    r.facts.containers[u.root.hint] = _refined(u.root.kind, u.path, kind)
    raise Again


def array_key(r: Any, u: Var, key: Any) -> None:
    """A key that a guessed dict does not have yet."""
    assert isinstance(u.kind, Container)
    entries = u.kind.entry
    if r.facts.guess and u.root is not None and isinstance(key, str) and entries.kind is dict and key not in entries.keys:
        wider = Container(Bundle(dict, (*entries.items, NUMBER), (*entries.keys, key)))
        r.facts.containers[u.root.hint] = _refined(u.root.kind, u.path, wider)
        raise Again


def _refined(kind: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A kind with another one at the end of a path."""
    if not path:
        return new
    entries = kind.entry
    if isinstance(entries, Bundle):
        k = entries.keys.index(path[0]) if entries.kind is dict else path[0]
        return Container(entries.replaced((*entries.items[:k], _refined(entries.items[k], path[1:], new), *entries.items[k + 1 :])))
    return Container(_refined(entries, path[1:], new))


def is_array_after_all(r: Any, u: Any) -> bool:
    """A parameter that was taken for a list and is computed with as a whole: it is an array."""
    if not r.facts.guess or not isinstance(u, Var) or u.root is None or u.root.hint not in r.facts.containers:
        return False
    r.facts.arrayed.add(u.root.hint)
    del r.facts.containers[u.root.hint]
    r.facts.cells.discard(u.root.hint)
    return True


def array_after_all(r: Any, u: Any, node: ast.AST) -> None:
    """An index that only arrays have: the parameter is one."""
    if is_array_after_all(r, u):
        raise Again
    r.refuse(node, "index")


def apply(r: Any, function: Callable[..., Any], operands: list[Any], named: dict[str, Any], text: Callable[..., str], node: ast.AST) -> Var:
    """v = function(...), as the next statement; `text` writes the call with the texts of its operands."""
    for u in (*operands, *named.values()):
        if not is_active(u) and text_of(u) is None:
            r.refuse(node, "not_number")
    var, handle = r.new(NUMBER), r.new(CONSTANT)
    r.serial += 1
    var.serial = r.serial
    handle.hint = f"v{r.serial}_pullback"
    parts: list[Var] = []
    shown = text(*(written(r, u, parts) for u in operands), *(f"{name}={written(r, u, parts)}" for name, u in named.items()))
    var.by = Apply(var, function, tuple(operands), tuple(named.items()), shown, tuple(parts), handle, r.place(node))
    r.emit(var.by)
    if not r.facts.arrays:  # then np.where is one of arrays as well
        r.facts.arrays = True
        raise Again
    return var


def written(r: Any, u: Any, parts: list[Var]) -> str:
    """An operand as it is printed; a variable in it is noted and gets a slot."""
    if isinstance(u, Var) and u.kind != CONSTANT:
        if isinstance(u.kind, Container):
            r.owned(u)
        parts.append(u)
        return SLOT
    text = text_of(u)
    if isinstance(u, Bundle) and text is None:
        inside = ", ".join(written(r, item, parts) for item in u.items)
        return f"[{inside}]" if u.kind is list else f"({inside},)"
    return text.inner if text is not None else "None"


def array_operation(r: Any, symbol: str, a: Any, b: Any, node: ast.AST) -> Any:
    """a @ b"""
    if symbol not in OPERATORS:
        return r.refuse(node, "not_number")
    return apply(r, OPERATORS[symbol], [a, b], {}, lambda x, y: f"{x} {symbol} {y}", node)


def array_attribute(r: Any, u: Any, node: ast.Attribute) -> Any:
    """x.T, x.shape"""
    if isinstance(u, Var) and u.kind == NUMBER:
        if node.attr == "T":
            return apply(r, operator.attrgetter("T"), [u], {}, lambda x: f"{x}.T", node)
        if node.attr in FACTS:
            return Text(f"{u.token}.{node.attr}", int if node.attr in ("ndim", "size") else None)
    return r.refuse(node, "attribute_of", name=node.attr)


def array_entry(r: Any, u: Any, index: Text, node: ast.AST) -> Any:
    """x[k] of an array"""
    if not isinstance(u, Var) or u.kind != NUMBER:
        return r.refuse(node, "not_number")
    is_list_after_all(r, u)
    return apply(r, operator.getitem, [u, index], {}, lambda x, k: f"{x}[{index.code}]", node)


def array_subscript(r: Any, u: Any, node: ast.Subscript) -> Any:
    """x[1:, 0] of an array"""
    if not isinstance(u, Var) or u.kind != NUMBER:
        return r.refuse(node, "not_number")
    if not isinstance(node.slice, ast.Tuple):
        is_list_after_all(r, u, node.slice.value if isinstance(node.slice, ast.Constant) else MISSING)
    key = _key(r, node.slice)
    shown = r.text(node.slice) if r.is_constant(node.slice) else key
    code = shown.code[1:-1] if isinstance(node.slice, ast.Tuple) and shown.code.startswith("(") else shown.code
    return apply(r, operator.getitem, [u, key], {}, lambda x, k: f"{x}[{code}]", node)


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
        if name in OF_LISTS:
            is_list_after_all(r, u)
        return r.refuse(node, "method", name=name)
    positional, named = r.given(node)
    return apply(r, method(name), [u, *positional], named, lambda x, *given: f"{x}.{name}({', '.join(given)})", node)


def array_call(r: Any, function: Any, positional: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
    """np.sum(x, axis=0)"""
    module = getattr(function, "__module__", None) or type(function).__module__
    if not str(module).startswith(("numpy", "scipy")) or isinstance(function, type) or any(isinstance(u, Known) for u in positional):
        return r.refuse(node, "call")
    name = r.called(node, function).code
    lists = [u for u in (*positional, *named.values()) if is_active(u) and not (isinstance(u, Var) and u.kind == NUMBER)]
    if any(is_array_after_all(r, u) for u in lists if function not in JOINING):
        raise Again
    if (lists and function not in JOINING) or (function in CONVERTING and any(map(is_active, positional))):
        r.refuse(node, "into_array", name=ast.unparse(node.func))
    return apply(r, function, positional, named, lambda *given: f"{name}({', '.join(given)})", node)


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
