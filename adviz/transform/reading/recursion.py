"""Functions that call themselves: each becomes a function of the program, which returns its result and how to run it backwards.

What such a function takes from around it (a closure's variables) is handed to it as further arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from adviz.transform.reading.facts import Again
from adviz.transform.reading.learner import Learner
from adviz.transform.statements import Call, Function, Place, Region
from adviz.transform.values import CONSTANT, NUMBER, Bundle, Closure, Container, Known, Text, Var, kind_of, text_of


class Unknown(Exception):
    """What a function returns when it calls itself is not known yet: another way through it will tell."""


@dataclass(eq=False)
class Recursive:
    """A function of the program that calls itself: its parameters, what it takes from around it, its calls of itself."""

    name: str
    key: Any
    parameters: list[Var] = field(default_factory=list)
    outer: list[Any] = field(default_factory=list)  # what is handed over from around it
    inner: list[Var] = field(default_factory=list)  # the parameters for these
    calls: list[tuple[Call, Recursive]] = field(default_factory=list)  # each with the function of the program that it stands in
    function: Function | None = None


class Around:
    """The names around a function that calls itself, as its parameters."""

    def __init__(self, r: Any, scope: Any, of: Recursive) -> None:
        self.r, self.scope, self.recursive = r, scope, of
        self.of, self.local, self.path, self.body, self.live = scope.of, scope.local, scope.path, scope.body, scope.live
        self.around = None if scope.around is None else Around(r, scope.around, of)
        self.env = Handed(self)


class Handed(dict[str, Any]):
    """Values of names around, handed over when they are first asked for."""

    def __init__(self, around: Around) -> None:
        super().__init__()
        self.around = around

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self, name) or name in self.around.scope.env

    def __getitem__(self, name: str) -> Any:
        if not dict.__contains__(self, name):
            self[name] = self._handed(self.around.scope.env[name], name)
        return dict.__getitem__(self, name)

    def _handed(self, u: Any, name: str) -> Any:
        match u:
            case Bundle():
                return u.replaced(tuple(self._handed(item, name) for item in u.items))
            case Closure(scope=scope):
                return u._replace(scope=self.around if scope is self.around.scope else scope)
            case Var() if u.region is not None:
                return self._parameter(u, u.kind, None, name)
            case Text() if "\x01" in u.code:
                return self._parameter(u, CONSTANT, u.type, name)
        return u

    def _parameter(self, u: Any, kind: Any, type_: type | None, name: str) -> Var:
        recursive = self.around.recursive
        var: Var = self.around.r.new(kind, name)
        var.type = type_ or (u.type if isinstance(u, Var) else None)
        recursive.outer.append(u)
        recursive.inner.append(var)
        return var


def call(r: Any, key: Any, of: Learner, around: Any, values: dict[str, Any], node: ast.AST) -> Any:
    """A call of a function that calls itself."""
    shape = (key, tuple((name, _shape(u)) for name, u in values.items()))
    known = r.functions.get(shape)
    given = [part for u in values.values() for part in _parts(r, u, node)]
    if known is None:
        known = _read(r, shape, of, around, values, node)
    elif shape not in r.facts.results:
        raise Unknown
    for parameter, u in zip(known.parameters, given, strict=True):
        type_ = text_of(u).type if kind_of(u) == CONSTANT else None  # type: ignore[union-attr]
        if parameter.kind == CONSTANT and parameter.type is not None and type_ is not parameter.type:
            r.facts.guesses[shape, parameter.hint] = True
            raise Again
    inside = key in r.calls
    result = _result(r, r.facts.results[shape])
    handle = r.new(CONSTANT, f"{known.name}_reverse")
    statement = Call(tuple(_leaves(result)), known.name, [*given, *([] if inside else known.outer)], handle, r.place(node))
    if inside:
        known.calls.append((statement, r.recursions[-1]))
    r.emit(statement)
    return result


def _read(r: Any, shape: Any, of: Learner, around: Any, values: dict[str, Any], node: ast.AST) -> Recursive:
    """The function's text, read once for arguments of these kinds."""
    name = of.name if of.name.isidentifier() else "function"
    recursive = Recursive(name if all(other.name != name for other in r.functions.values()) else f"{name}_{len(r.functions) + 1}", shape)
    r.functions[shape] = recursive
    region = Region(None, None)
    before = r.region, r.verbatim
    r.region, r.verbatim = region, []
    scope = r.opened(of, None if around is None else Around(r, around, recursive), node)
    scope.env |= {name: _received(r, recursive, u, name, shape) for name, u in values.items()}
    r.calls.append(shape[0])
    r.recursions.append(recursive)
    try:
        result = r.result(scope)
    except Unknown:
        return r.refuse(node, "recursion")
    finally:
        r.calls.pop()
        r.recursions.pop()
        r.region, r.verbatim = before
    found = _widened(_shape_of_result(result), r.facts.results.get(shape))
    if found is None:
        r.refuse(node, "recursion")
    if r.facts.results.get(shape) != found:
        r.facts.results[shape] = found
        raise Again
    for statement, where in recursive.calls:
        if recursive.inner and where is not recursive:  # what is around the one is not around the other
            r.refuse(node, "recursion")
        statement.arguments.extend(recursive.inner)
    place = Place(of.file, of.node.lineno + of.before)
    recursive.function = Function(recursive.name, [*recursive.parameters, *recursive.inner], region, result, place)
    return recursive


def _shape(u: Any) -> Any:
    """What of an argument belongs to the function, not to the call: kinds, and functions themselves."""
    match u:
        case Bundle(kind=kind, items=items, keys=keys):
            return (kind, tuple(map(_shape, items)), keys)
        case Known(object=known):
            return id(known)
        case Closure(definition=definition):
            return id(definition.node)
        case Text(type=kind, known=known) if known is None or kind is str:
            return ("is", known)
    return kind_of(u)


def _parts(r: Any, u: Any, node: ast.AST) -> Iterator[Any]:
    """What is handed over for an argument."""
    match u:
        case Bundle(items=items):
            for item in items:
                yield from _parts(r, item, node)
        case Known():
            return
        case Closure():
            r.refuse(node, "recursion")
        case Text(type=kind, known=known) if known is None or kind is str:
            return
        case Var(kind=Container()):
            yield r.owned(u)
        case _:
            yield u


def _received(r: Any, recursive: Recursive, u: Any, name: str, shape: Any) -> Any:
    """A parameter as the function knows it."""
    match u:
        case Bundle():
            return u._replace(items=tuple(_received(r, recursive, item, name, shape) for item in u.items), token=None, node=None)
        case Known() | Closure():
            return u
        case Text(type=kind, known=known) if known is None or kind is str:
            return u
    var = r.new(kind_of(u), name)
    var.type = text_of(u).type if var.kind == CONSTANT and (shape, name) not in r.facts.guesses else None  # type: ignore[union-attr]
    recursive.parameters.append(var)
    return var


def _shape_of_result(u: Any) -> Any:
    match u:
        case Bundle(kind=kind, items=items, keys=keys):
            return Bundle(kind, tuple(map(_shape_of_result, items)), keys)
        case Var(kind=kind):
            return kind
        case Text():
            return CONSTANT
    return None


def _widened(a: Any, b: Any) -> Any:
    """A kind that holds both; constants are numbers where a number was found."""
    if b is None or a == b:
        return a
    if isinstance(a, Bundle) and isinstance(b, Bundle) and len(a.items) == len(b.items):
        return a.replaced(tuple(_widened(x, y) for x, y in zip(a.items, b.items, strict=True)))
    return NUMBER if {NUMBER, CONSTANT} == {a, b} else a


def _result(r: Any, shape: Any) -> Any:
    """Fresh variables for what a call returns."""
    if isinstance(shape, Bundle):
        return shape.replaced(tuple(_result(r, part) for part in shape.items))
    return r.new(shape)


def _leaves(u: Any) -> Iterator[Var]:
    if isinstance(u, Bundle):
        for item in u.items:
            yield from _leaves(item)
    else:
        yield u
