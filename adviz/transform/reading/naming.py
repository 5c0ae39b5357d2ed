"""Names: what they stand for, what is bound to them, and how an object of the learner's is called in the program."""

from __future__ import annotations

import ast
import builtins
import importlib
from copy import deepcopy
from types import ModuleType
from typing import Any

import numpy as np

from adviz.transform.reading.expressions import operation
from adviz.transform.reading.learner import MISSING
from adviz.transform.reading.methods import extended, is_list
from adviz.transform.statements import Let
from adviz.transform.values import CONSTANT, TOKEN, Bundle, Known, Text, Var, is_active, text_of


def lookup(r: Any, name: str, node: ast.AST) -> Any:
    """What a name stands for."""
    scope = r.scope
    while scope is not None:
        if name in scope.env:
            return scope.env[name]
        if name in scope.local:
            r.refuse(node, "unbound", name=name)
        found = scope.of.named(name)
        if found is not MISSING:
            return r.wrapped(found, name)
        scope = scope.around
    return r.refuse(node, "unbound", name=name)


def wrapped(r: Any, value: Any, name: str) -> Any:
    """An object of the learner's module as a value."""
    if value is None or isinstance(value, str | bool):
        return Text(repr(value), type(value), value)
    if callable(value) or isinstance(value, ModuleType):
        return Known(value)
    return r.constant(value, name)


def constant(r: Any, value: Any, hint: str) -> Text:
    """An object of the learner's as a name of the program: as it is now, for the program keeps a copy."""
    own = getattr(value, "__name__", "")
    if getattr(builtins, own, None) is value:
        return Text(own)
    key = (type(value), value) if type(value) in (int, float) else id(value)
    found = r.constants.get(key)
    if found is None:
        var = Var(len(r.variables), CONSTANT, hint if hint.isidentifier() else "constant", None)
        r.variables.append(var)
        copied = deepcopy(value) if type(value) in (list, tuple, dict, np.ndarray) else value
        found = r.constants[key] = (var, copied, value)
    known = value if type(value) in (int, float, bool) else MISSING
    return Text(found[0].token, type(value), known)


def called(r: Any, node: ast.Call, function: Any) -> Text:
    """The name of a function that is called with constants: np.sum stays np.sum."""
    name = node.func
    if isinstance(name, ast.Attribute) and isinstance(name.value, ast.Name):
        owner = r.lookup(name.value.id, name)
        if isinstance(owner, Known) and isinstance(owner.object, ModuleType):
            return Text(f"{r.constant(owner.object, name.value.id).code}.{name.attr}")
    return r.constant(function, getattr(name, "id", None) or getattr(name, "attr", "function"))


def bind(r: Any, target: ast.expr, value: Any, origin: ast.AST | None) -> None:
    """target = value"""
    match target:
        case ast.Name(id=name):
            r.scope.env[name] = r.named(value, name, target, origin)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            r.unpack(targets, value, target)
        case ast.Subscript():
            r.store(target, value)
        case ast.Attribute():
            r.refuse(target, "attribute")
        case _:
            r.refuse(target, "statement", what=type(target).__name__)


def augmented(r: Any, s: ast.AugAssign) -> None:
    """target op= value"""
    target = s.target
    if not isinstance(target, ast.Name | ast.Subscript):
        r.refuse(target, "attribute")
    current = r.facts.nodes.setdefault(id(s), _loaded(target))
    u = r.value(current)
    w = r.value(s.value)
    if isinstance(s.op, ast.Add) and ((is_list(u) and u.type is not tuple) or (isinstance(u, Bundle) and u.kind is list)):
        extended(r, u, w, s)
        return
    r.bind(target, operation(r, s.op, u, w, s), None)


def _loaded(target: ast.expr) -> ast.expr:
    """A target as it is read."""
    copy = deepcopy(target)
    copy.ctx = ast.Load()  # type: ignore[attr-defined]
    return copy


def named(r: Any, value: Any, name: str, node: ast.AST, origin: ast.AST | None) -> Any:
    """A value that the learner gives a name: the variable takes it, a constant is computed under it."""
    match value:
        case Var():
            if value.hint is None and value.place is None and name.isidentifier():
                value.hint = name
            return value
        case Bundle(kind=kind, token=None) if not is_active(value) and name.isidentifier() and (text := text_of(value)) is not None:
            var = r.let(text._replace(type=kind), name, node)
            var.origin = value.node
            return var if id(value.node) in r.facts.objects else value._replace(token=var.token)
        case Text(type=kind, known=known) if known is None or kind in (str, type(None)):
            return value
        case Text() if name.isidentifier() and TOKEN.fullmatch(value.code) is None:
            var = r.let(value, name, node)
            var.origin = origin
            return var if value.known is MISSING else Text(var.token, value.type, value.known)
    return value


def argument(r: Any, value: Any, name: str, node: ast.AST) -> Any:
    """An argument as the function called knows it: computed once."""
    return r.named(value, name, node, None) if isinstance(value, Text) and not value.simple else value


def constants_unpacked(r: Any, target: ast.Tuple, text: Text, node: ast.AST) -> None:
    """a, (b, c) = a constant"""
    variables: list[Var] = []
    pattern = r.pattern( target, variables, None)
    r.emit(Let(tuple(variables), pattern[1:-1].rstrip(",") + ("," if len(target.elts) == 1 else ""), text.code, r.place(node)))


def imported(r: Any, s: ast.Import | ast.ImportFrom) -> None:
    """An import inside the function: done now."""
    for alias in s.names:
        if isinstance(s, ast.ImportFrom):
            if alias.name == "*" or s.level:
                r.refuse(s, "statement", what="from ... import *")
            found = getattr(importlib.import_module(s.module or ""), alias.name)
            r.scope.env[alias.asname or alias.name] = r.wrapped(found, alias.asname or alias.name)
        else:
            module = importlib.import_module(alias.name)
            first = alias.name.partition(".")[0]
            r.scope.env[alias.asname or first] = Known(module if alias.asname else importlib.import_module(first))
