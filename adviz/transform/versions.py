"""A function read for arguments of certain kinds, and the programs made of that reading, each when it is first needed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from adviz import kernels
from adviz.recording import elemental
from adviz.transform import compiled, flows, support
from adviz.transform.reading.facts import Again, Facts
from adviz.transform.reading.learner import Learner, arguments, refusal
from adviz.transform.reading.reader import Reader, Scope
from adviz.transform.statements import Function, Place
from adviz.transform.values import CONSTANT, NUMBER, Bundle, Container, Var
from adviz.transform.writing import assembling, general
from adviz.transform.writing.assembling import Read, outputs_of, structured
from adviz.transform.writing.blocks import Blocks
from adviz.transform.writing.filling import Assembled
from adviz.transform.writing.fusing import fused
from adviz.transform.writing.lines import Assign, Line, shown
from adviz.transform.writing.rules import KEEP_NAN, written


class OnFloats(NamedTuple):
    """A compiled program, and whether a derivative of 0 may mean that nothing arrived."""

    function: Callable[..., Any]
    uncertain: bool


ATTEMPTS = 500  # readings of one function; each learns something the one before did not know


def kind_of_argument(u: Any) -> Any:
    """The kind of an argument: a number (or an array), or a structure of them."""
    if isinstance(u, dict):
        return Container(Bundle(dict, tuple(map(kind_of_argument, u.values())), tuple(u)))
    if not isinstance(u, list | tuple):
        return NUMBER
    kinds = tuple(map(kind_of_argument, u))
    return Container(kinds[0]) if kinds and all(kind == kinds[0] for kind in kinds) else Container(Bundle(tuple, kinds))


class Version:
    """One reading of a function, for arguments of these kinds by these names."""

    def __init__(self, of: Learner, kinds: dict[str, Any], *, guess: bool = False, arrays: bool = False) -> None:
        self.of, self.kinds, self.facts = of, kinds, Facts()
        self.facts.guess, self.facts.arrays = guess, arrays
        for _ in range(ATTEMPTS):
            try:
                self.kinds = kinds | self.facts.containers
                self._read()
                self._assembled: dict[Any, Assembled] = {}
                self._compiled: dict[Any, OnFloats] = {}
                if not self.facts.arrays:
                    self.gradient if self.is_scalar else self.reverse  # noqa: B018 - an adjoint may turn out to need a cell: then it is read again
                return
            except Again:
                continue
        raise refusal("transform.changes", of.node, of, name=of.name)

    def _read(self) -> None:
        """Read the function."""
        self.reader = reader = Reader(self.facts)
        scope = Scope(self.of, None, (), self.facts)
        parameters: list[Var] = []
        for name, kind in self.kinds.items():
            u = reader.new(kind, name.replace("[", "_").rstrip("]"))
            u.root, u.readonly = u, isinstance(kind, Container) and u.hint not in self.facts.cells
            parameters.append(u)
        given = dict(zip(self.kinds, parameters, strict=True))
        values: dict[str, Any] = {name: reader.wrapped(u, name) for name, u in (self.of.defaults() | dict(self.of.keywords)).items()}
        names = [a.arg for a in (*self.of.node.args.posonlyargs, *self.of.node.args.args)]
        values |= dict(zip(names, (reader.wrapped(u, "self") for u in self.of.bound), strict=False))
        values |= {name: u for name, u in given.items() if "[" not in name}
        if self.of.node.args.vararg is not None:
            values[self.of.node.args.vararg.arg] = Bundle(tuple, tuple(u for name, u in given.items() if "[" in name))
        if self.of.node.args.kwarg is not None:
            values[self.of.node.args.kwarg.arg] = Bundle(dict, ())
        values = {a.arg: values[a.arg] for a in arguments(self.of.node) if a.arg in values}
        scope.env |= values
        key = self.of.function.__code__ if self.of.function is not None else id(self.of.node)
        reader.scope = scope
        if key in self.facts.recursive:
            result = reader.recursive(key, self.of, None, values, self.of.node)
        else:
            reader.calls.append(key)
            result = reader.result(scope)
        name = self.of.name if self.of.name.isidentifier() else "f"
        self.function = Function(f"{name}_derivative", parameters, reader.region, result, Place(self.of.file, self.of.node.lineno + self.of.before))
        inner = tuple(found.function for found in reader.functions.values())
        self.read = Read(self.function, inner, reader.variables, self.facts, tuple(u.id for u, *_ in reader.constants.values()))

    @property
    def outputs(self) -> list[Any]:
        """What the function returns, one by one."""
        return outputs_of(self.function.result)

    @property
    def is_scalar(self) -> bool:
        """Whether the function returns one number, as far as can be told."""
        return not isinstance(self.function.result, Bundle) and not isinstance(getattr(self.function.result, "kind", None), Container)

    @property
    def reverse(self) -> Assembled:
        """The adjoint program, seeded from outside."""
        return self._made("reverse", lambda: assembling.reverse(self.read, seeded=True))

    @property
    def gradient(self) -> Assembled:
        """The adjoint program of a function of one output, seeded with 1."""
        return self._made("gradient", lambda: assembling.reverse(self.read, seeded=False))

    def tangent(self, wrt: Sequence[str] | None = None) -> Assembled:
        """The tangent program along some of the parameters."""
        chosen = None if wrt is None else frozenset(wrt)
        return self._made(("tangent", chosen), lambda: assembling.forward(self.read, chosen))

    def _made(self, key: Any, make: Callable[[], Assembled]) -> Assembled:
        if key not in self._assembled:
            self._assembled[key] = make()
        return self._assembled[key]

    def entrance(self, mode: str, wrt: Sequence[str] | None) -> tuple[Assembled, list[Line], str] | None:
        """What a call without a seed runs: the program, its lines put together, what it returns. None if there must be a seed."""
        if mode != "forward":
            if not self.is_scalar or not self.outputs_move or (mode == "record" and self.read.inner):
                return None
            assembled = self.gradient if mode == "reverse" else assembling.reverse(self.read, seeded=False, blocks=Blocks(self.function))
            entries = [written(tree) for tree in assembled.derivatives]
            result = f"{assembled.value}, {entries[0] if len(entries) == 1 else '(' + ', '.join(entries) + ')'}"
            records = ("values", "adjoints") if mode == "record" else ()
            return assembled, optimised(assembled, *records), ", ".join([result, *records])
        chosen = tuple(self.kinds) if wrt is None else tuple(wrt)
        if len(chosen) != 1 or self.kinds.get(chosen[0]) != NUMBER:
            return None
        assembled = self.tangent(wrt)
        [seed] = [u for u in self.function.parameters if u.hint == chosen[0]]
        start = Assign(1, assembled.names.fill(seed.shadow), ("number", 1.0), False, None)
        y_dot = structured(self.function.result, iter([written(tree) for tree in assembled.derivatives]))
        assembled = assembled._replace(body=[start, *assembled.body])
        return assembled, optimised(assembled), f"{assembled.value}, {y_dot}"

    @property
    def outputs_move(self) -> bool:
        """Whether the function returns a number that is computed."""
        return isinstance(self.function.result, Var)

    def on_floats(self, mode: str, wrt: Sequence[str] | None) -> OnFloats:
        """The program seeded from outside: (value, derivatives, outputs, those derivatives that are computed) = function(*arguments, *seeds)."""
        key = (mode, None if wrt is None else frozenset(wrt))
        if key not in self._compiled:
            assembled = self.reverse if mode == "reverse" else self.tangent(wrt)
            names = assembled.names
            entries = [written(tree) for tree in assembled.derivatives]
            if mode == "reverse":
                seeds, derivatives = assembled.seeds, entries[0] if len(entries) == 1 else f"({', '.join(entries)})"
            else:
                seeds = [names.fill(u.shadow) for u in self.function.parameters if wrt is None or u.hint in wrt]
                derivatives = structured(self.function.result, iter(entries))
            outputs, computed = (f"({''.join(u + ', ' for u in texts)})" for texts in (
                assembled.outputs, [entry for entry, tree in zip(entries, assembled.derivatives, strict=True) if tree[0] != "number"]
            ))  # fmt: skip
            head = f"def program({', '.join([*assembled.arguments, *seeds])}):"
            ends = f"    return {assembled.value}, {derivatives}, {outputs}, {computed}"
            source = "\n".join([*inner_text(assembled), head, *body_text(optimised(assembled), 0), ends, ""])
            self._compiled[key] = OnFloats(compiled.function(source, "program", self.namespace(assembled)), assembled.uncertain)
        return self._compiled[key]

    def namespace(self, assembled: Assembled) -> dict[str, Any]:
        """What a program's text refers to."""
        found: dict[str, Any] = {name: getattr(support, name) for name in support.__all__}
        found |= {name: kernel(name) for name in assembled.functions if name not in found and name not in ("float", "pow")}
        found["pow"] = math.pow
        return found | self.constants(assembled.names)

    def constants(self, names: Any) -> dict[str, Any]:
        """The learner's objects, by the names a program has for them."""
        return {name: value for u, value, _ in self.reader.constants.values() if (name := names.fill(u.token))}

    @cached_property
    def general(self) -> Callable[..., Any]:
        """The adjoint program on any kind of number."""
        return self._general("reverse")

    @cached_property
    def general_tangent(self) -> Callable[..., Any]:
        """The tangent program on any kind of number."""
        return self._general("forward")

    def _general(self, mode: str) -> Callable[..., Any]:
        source, names, plain = general.source(self.read, mode)
        return compiled.function(source, "program", self.flows(names, plain))

    def flows(self, names: Any, plain: list[Callable[..., Any]]) -> dict[str, Any]:
        """What a general program's text refers to."""
        return self.constants(names) | {name: getattr(flows, name) for name in flows.CALLED} | {"plain": plain}


def kernel(name: str) -> Callable[..., Any]:
    """What computes a row on floats in a program: as a trace does, and not if an undefined number could hide in the result."""
    found = kernels.FLOAT.get(name) or elemental(name)
    return found if name in KEEP_NAN or name in kernels.FLOAT and name in ("unit", "power_slope") else support.checked(found)


def body_text(lines: list[Line], depth: int) -> list[str]:
    """Lines as Python, indented by that much more."""
    return ["    " * (line.depth + depth) + shown(line) for line in lines]


def inner_text(assembled: Assembled) -> list[str]:
    """The functions that a program calls, as Python."""
    return [line for head, lines in assembled.inner for line in (head, *body_text(lines, 0), "")]


def optimised(assembled: Assembled, *more: str) -> list[Line]:
    """The lines put together; `more` are texts that are returned as well."""
    texts = [assembled.value, *(written(tree) for tree in assembled.derivatives), *more]
    return fused(assembled.body, [*texts, *assembled.outputs])


__all__ = ["CONSTANT", "Version", "body_text", "kernel", "kind_of_argument", "optimised"]
