"""Calls: a function with a row is an operation; the learner's own functions are read in place; the rest is for constants only."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from functools import partial
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from adviz import kernels
from adviz.linear import OPERATORS
from adviz.recording import elementals, stop_gradient, value
from adviz.table import Elementwise, table
from adviz.transform.reading.facts import Again
from adviz.transform.reading.learner import Learner, arguments, learner
from adviz.transform.values import NUMBER, Bundle, Closure, Container, Known, Text, Var, constant_in, is_active, text_of

# fmt: off
# math's functions by the rows that compute the same, and Python's
MATH: dict[Any, str] = {kernel: name for name, kernel in kernels.FLOAT.items() if getattr(kernel, "__module__", "") == "math" and name in table} | {
    math.fabs: "fabs", math.degrees: "degrees", math.radians: "radians", math.floor: "floor", math.ceil: "ceil", math.trunc: "trunc",
    math.fmod: "fmod",
}
PYTHON: dict[Any, str] = {function: name for name, function in OPERATORS.items()} | {abs: "abs", operator.abs: "abs", pow: "power"}
# fmt: on


def row_of(function: Any) -> str | None:
    """The row that a function is: NumPy's, math's, Python's, or one of the elemental library."""
    try:
        row = table.get(function)
        name = MATH.get(function) or PYTHON.get(function)
    except TypeError:  # not hashable
        return None
    if isinstance(row, Elementwise):
        return row.name
    own = getattr(function, "__name__", "")
    return own if name is None and elementals.get(own) is function else name


def call(r: Any, node: ast.Call) -> Any:
    """f(...)"""
    if isinstance(node.func, ast.Attribute):
        base = r.value(node.func.value)
        if not isinstance(base, Known):
            return _method(r, base, node.func.attr, node)
    callee = r.value(node.func)
    match callee:
        case Closure(definition=definition, scope=scope, defaults=defaults):
            return inline(r, definition, scope, dict(defaults), *given(r, node), node)
        case Known(object=function):
            return of_object(r, function, node)
    if text_of(callee) is None:
        r.refuse(node, "chosen" if isinstance(callee, Bundle) else "call")
    return constant_call(r, callee, node)


def _method(r: Any, base: Any, name: str, node: ast.Call) -> Any:
    if isinstance(base, Bundle) or (isinstance(base, Var) and isinstance(base.kind, Container)):
        return r.method(base, name, node)
    if is_active(base):
        return r.array_method(base, name, node)
    text = text_of(base)
    return r.refuse(node, "call") if text is None else r.constant_method(base, text, name, node)


def given(r: Any, node: ast.Call) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call, positional and by name."""
    positional: list[Any] = []
    for a in node.args:
        u = r.value(a.value if isinstance(a, ast.Starred) else a)
        if isinstance(a, ast.Starred):
            if not isinstance(u, Bundle):
                r.refuse(a, "starred")
            positional += u.items
        else:
            positional.append(u)
    named: dict[str, Any] = {}
    for keyword in node.keywords:
        u = r.value(keyword.value)
        if keyword.arg is None:
            if not isinstance(u, Bundle) or u.kind is not dict:
                r.refuse(keyword.value, "starred")
            named |= dict(zip(u.keys, u.items, strict=True))
        else:
            named[keyword.arg] = u
    return positional, named


def of_object(r: Any, function: Any, node: ast.Call) -> Any:
    """A call of a function that the learner's module or Python has."""
    special = r.builtin(function)
    if special is not None:
        return special(r, node)
    if isinstance(function, FunctionType) and row_of(function) is None:
        positional, named = given(r, node)
        if any(differs(u) for u in (*positional, *named.values())):
            return called(r, function, positional, named, node)
        return constant_call(r, Known(function), node, (positional, named))
    positional, named = given(r, node)
    if not any(map(is_active, (*positional, *named.values()))):
        return constant_call(r, Known(function), node, (positional, named))
    row = row_of(function)
    if row is not None:
        return elemental(r, row, function, positional, named, node)
    if isinstance(function, MethodType | partial) or isinstance(type(function).__dict__.get("__call__"), FunctionType):
        return called(r, function, positional, named, node)
    return r.array_call(function, positional, named, node)


def differs(u: Any) -> bool:
    """Whether an argument makes it necessary to read the function called."""
    return is_active(u) or isinstance(u, Closure) or (isinstance(u, Bundle) and text_of(u) is None)


def called(r: Any, function: Any, positional: list[Any], named: dict[str, Any], node: ast.AST) -> Any:
    """A function of the learner's, read in place."""
    of = r.facts.learner(function) if isinstance(function, FunctionType) else learner(function)
    bound = [r.wrapped(u, "self") for u in of.bound]
    fixed = {name: r.wrapped(u, name) for name, u in of.keywords}
    defaults = {name: r.wrapped(u, name) for name, u in of.defaults().items()}
    return inline(r, of, None, defaults, bound + positional, fixed | named, node)


def elemental(r: Any, row: str, function: Callable[..., Any], positional: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
    """φ(a, b) by its row."""
    if any(is_container(u) or (isinstance(u, Bundle) and is_active(u)) for u in positional):
        r.refuse(node, "list")
    if named or len(positional) != len(table[row].partials) or any(isinstance(u, Bundle | Closure | Known) for u in positional):
        return r.array_call(function, positional, named, node)
    return r.op(row, positional, function, node)


def is_container(u: Any) -> bool:
    """Whether u is a list of the program."""
    return isinstance(u, Var) and isinstance(u.kind, Container)


def constant_call(r: Any, callee: Any, node: ast.Call, args: tuple[list[Any], dict[str, Any]] | None = None) -> Text:
    """A call that computes a constant, as it stands."""
    positional, named = args or given(r, node)
    texts = []
    for name, u in [("", u) for u in positional] + list(named.items()):
        if is_active(u):
            r.refuse(node, "call")
        text: Text = r.constant(u.object, "function") if isinstance(u, Known) else constant_in(r, u, node, "call")
        texts.append(f"{name}={text.code}" if name else text.code)
    head: Text = r.called(node, callee.object) if isinstance(callee, Known) else constant_in(r, callee, node)
    kind = {len: int, int: int, float: float, round: int, bool: bool, range: range, list: list, str: str}.get(getattr(callee, "object", None))
    if getattr(callee, "object", None) in MATH:
        kind = float
    return Text(f"{head.inner}({', '.join(texts)})", kind)


def inline(
    r: Any, of: Learner, around: Any, defaults: dict[str, Any], positional: list[Any], named: dict[str, Any], node: ast.AST
) -> Any:
    """The result of a call, from statements that stand where the call stood."""
    key = of.function.__code__ if of.function is not None else id(of.node)
    values = parameters(r, of, defaults, positional, named, node)
    if key in r.facts.recursive:
        return r.recursive(key, of, around, values, node)
    if key in r.calls:
        r.facts.recursive.add(key)
        raise Again
    scope = r.opened(of, around, node)
    for name, u in values.items():
        scope.env[name] = r.argument(u, name, node)
    r.calls.append(key)
    try:
        return r.result(scope)
    finally:
        r.calls.pop()


def parameters(r: Any, of: Learner, defaults: dict[str, Any], positional: list[Any], named: dict[str, Any], node: ast.AST) -> dict[str, Any]:
    """The parameters' values, as Python binds them."""
    a = of.node.args
    names = [p.arg for p in (*a.posonlyargs, *a.args)]
    values: dict[str, Any] = dict(zip(names, positional, strict=False))
    if a.vararg is not None:
        values[a.vararg.arg] = Bundle(tuple, tuple(positional[len(names) :]))
    elif len(positional) > len(names):
        r.refuse(node, "arguments", function=of.name)
    extra: dict[str, Any] = {}
    for name, u in named.items():
        if name in values and name in names:
            r.refuse(node, "arguments", function=of.name)
        if name in names or name in [p.arg for p in a.kwonlyargs]:
            values[name] = u
        else:
            extra[name] = u
    if a.kwarg is not None:
        values[a.kwarg.arg] = Bundle(dict, tuple(extra.values()), tuple(extra))
    elif extra:
        r.refuse(node, "arguments", function=of.name)
    for p in arguments(of.node):
        if p.arg not in values:
            values[p.arg] = defaults[p.arg] if p.arg in defaults else r.refuse(node, "arguments", function=of.name)
    return values


def logarithm(r: Any, node: ast.Call) -> Any:
    """math.log(x) or math.log(x, base)"""
    positional, named = given(r, node)
    if not any(map(is_active, positional)):
        return constant_call(r, Known(math.log), node, (positional, named))
    if len(positional) != 2 or named:
        return elemental(r, "log", math.log, positional, named, node)
    return r.op("divide", [_log(r, u, node) for u in positional], operator.truediv, node)


def _log(r: Any, u: Any, node: ast.Call) -> Any:
    """The logarithm of a number, or of a constant."""
    if is_active(u):
        return r.op("log", (u,), math.log, node)
    return Text(f"{r.called(node, math.log).code}({constant_in(r, u, node).code})", float)


def where(r: Any, node: ast.Call) -> Any:
    """np.where(condition, a, b) of numbers: both are computed, one is chosen."""
    if len(node.args) != 3 or node.keywords or r.facts.arrays:
        return r.array_call(np.where, *given(r, node), node)
    test = r.condition(node.args[0])
    a, b = (r.value(part) for part in node.args[1:])
    if not is_active(a) and not is_active(b):
        return constant_call(r, Known(np.where), node, ([test, a, b], {}))
    return r.chosen(test, ("where_true", "where_false"), (a, b), node)


def own_value(r: Any, node: ast.Call) -> Any:
    """adviz.value(x), adviz.stop_gradient(x): the number, as a constant."""
    u = r.value(node.args[0])
    return text_of(r.let(Text(u.token), None, node)) if isinstance(u, Var) and u.kind == NUMBER else constant_call(r, Known(value), node)


SPECIAL: dict[Any, Callable[[Any, ast.Call], Any]] = {math.log: logarithm, np.where: where, value: own_value, stop_gradient: own_value}
