"""The Wengert list: a run of a function as data.

A trace is immutable, holds numbers and names only, and can be swept, shown and saved. Indices are Griewank's: inputs
v_{1-n} .. v_0, then one assignment after the other, v_1 .. v_l.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from types import CodeType, MappingProxyType
from typing import Any, NamedTuple, cast

import numpy as np

from adviz.errors import InputError
from adviz.executions import Ran, places_of
from adviz.linear import Elementary, Linear, checked_flow, linear
from adviz.lines import Lines, instructions_of, plain_lines
from adviz.ordering import textbook_order
from adviz.paths import steep
from adviz.position import Position, decode, is_internal, lines_of
from adviz.rounds import Group, rounds
from adviz.running import Outputs, Point, collect, learners_traceback, own, point, readable, start
from adviz.source_text import Source, Statement, Statements, source_of, statements
from adviz.structural import Structural
from adviz.table import Elementwise, table
from adviz.tape import Comparison, Events, Scope, Tape
from adviz.texts import text
from adviz.trees import LEAF


class Ref(NamedTuple):
    """An operand that is a variable: v_index."""

    index: int  # type: ignore[assignment]  # a field, where tuples have a method


class Constant(NamedTuple):
    """An operand that is a number (or an array) of the program's text."""

    value: Any


class Assignment(NamedTuple):
    """v_i = φ_i(v_j, ...), with its value and its elemental partials   (Griewank & Walther 2008, eq. 2.2)"""

    index: int  # type: ignore[assignment]  # i
    row: Elementwise | Structural | None  # φ_i; None for an output that is a constant
    operands: tuple[Ref | Constant, ...]  # in order, with repetition
    value: Any
    partials: tuple[Any, ...]  # ∂φ_i/∂v_j, one per operand; None where the operand is a constant or not taken; a Linear for a Structural row
    position: Position | None
    label: str | None  # the learner's name for it
    maps: tuple[Linear | None, ...] = ()  # of an operation on arrays: ∂φ_i/∂v_j as linear maps
    parameters: Mapping[str, Any] = MappingProxyType({})  # of an array operation: its axis, its index, ...

    @property
    def name(self) -> str:
        """ "v1" """
        return f"v{self.index}"

    @property
    def active(self) -> Iterator[tuple[int, int]]:
        """(k, j): the k-th operand is v_j and something flows along it."""
        for k, (operand, partial) in enumerate(zip(self.operands, self.partials, strict=True)):
            if partial is not None and isinstance(operand, Ref):
                yield k, operand.index

    def share(self, k: int, v_bar: Any) -> Any:
        """v̄_i · ∂φ_i/∂v_j: what operand k receives   (eq. 3.9)"""
        return checked_flow(cast(Linear, self.maps[k]), v_bar) if self.maps else v_bar * self.partials[k]

    def term(self, k: int, u_dot: Any) -> Any:
        """v̇_j · ∂φ_i/∂v_j: what operand k adds to the tangent   (eq. 3.5)"""
        return cast(Linear, self.maps[k]).tangent(u_dot) if self.maps else u_dot * self.partials[k]


class Branch(NamedTuple):
    """A comparison the program made, and which way it went: the trace holds the path of this outcome only."""

    after: int  # index of the last variable computed before it
    symbol: str
    left: Ref | Constant
    right: Ref | Constant
    outcome: bool
    position: Position | None


class Recording(NamedTuple):
    """What a run left behind, in the order Python evaluated it; `events[i]` is the i-th assignment, events[0] is empty."""

    events: Events
    runs: list[tuple[int, int]]
    scopes: list[Scope]
    comparisons: list[Comparison]
    lines: Mapping[str, list[str]]  # the text of each file or cell, as it was when the run ended


class Trace:
    """A run of f at a point: inputs, assignments, outputs, with the source of every line. Made by `trace`.

    inputs, outputs    indices of variables; an output may be an input, and named twice
    assignments        v_1 .. v_l in order (see `order`)
    value              what f returned, with plain numbers
    branches           the comparisons f made
    error              the exception that ended the run early, or None
    """

    def __init__(
        self, point: Point, outputs: Outputs, recording: Recording, *, order: str, names: Mapping[str, str], error: BaseException | None
    ) -> None:
        self._point, self._outputs, self._recording = point, outputs, recording
        self._names = {variable: readable(name) for variable, name in names.items()}
        self._places: dict[tuple[int, int], tuple[Position | None, str | None]] = {}  # by id of a scope's code
        self.order = order
        self.error = error

    @property
    def function(self) -> str:
        """The function's name."""
        return self._point.function

    @property
    def parameters(self) -> tuple[str, ...]:
        """The inputs' names, such as ("x1", "x2")."""
        return self._point.names

    @property
    def point(self) -> tuple[Any, ...]:
        """The inputs' numbers."""
        return self._point.numbers

    @property
    def converted(self) -> tuple[tuple[str, Any, float], ...]:
        """Inputs that were given as something else: (name, as given, number)."""
        return self._point.converted

    @property
    def inputs(self) -> tuple[int, ...]:
        """1-n .. 0"""
        return tuple(range(1 - len(self._point.names), 1))

    @property
    def size(self) -> int:
        """n + l: how many variables there are. A list as long as this can be indexed from 1-n to l."""
        return len(self._point.names) + len(self._recording.events) - 1

    @property
    def asked(self) -> bool:
        """Whether f looked at a number by what is no operation and no comparison, such as `adviz.value` or np.isnan: then its operations alone
        do not say what it does at another point."""
        return self._recording.events.asked

    @cached_property
    def outputs(self) -> tuple[int, ...]:
        """The outputs' indices."""
        return tuple(self._ranked(i) for i in self._outputs.indices)

    @cached_property
    def value(self) -> Any:
        """What f returned: a number, or a tuple or list of numbers. None if f raised."""
        return None if self.error is not None else self._outputs.rebuild([own(self.value_of(i)) for i in self.outputs])

    @cached_property
    def own_names(self) -> dict[int, str]:
        """The names that were given to variables, by index."""
        return {int(variable[1:]): name for variable, name in self._names.items() if variable[:1] == "v" and _is_index(variable[1:])}

    def value_of(self, index: int) -> Any:
        """The value of v_index."""
        if index <= 0:
            return self.point[index - 1]
        return self.assignments[index - 1].value if "assignments" in self.__dict__ else self._recording.events[self._event(index)][3]

    def label_of(self, index: int) -> str | None:
        """The learner's name for v_index: a parameter, or the name its statement assigns."""
        own = self.own_names.get(index)
        return own if own is not None else self._place_of(index)[1] if index > 0 else self.parameters[index - 1]

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """v_1 .. v_l."""
        return tuple(map(self._assignment, range(1, len(self._recording.events))))

    def assignment(self, index: int) -> Assignment:
        """That of v_index alone, index > 0."""
        return self.assignments[index - 1] if "assignments" in self.__dict__ else self._assignment(index)

    @property
    def tape(self) -> Events:
        """The events of the run, in the order of evaluation."""
        return self._recording.events

    @property
    def in_order_of_evaluation(self) -> bool:
        """Whether the assignments stand in the order in which Python computed them."""
        return self._ordered is None

    @cached_property
    def lines(self) -> Lines | None:
        """The assignments as columns, in order; None where not all numbers are floats."""
        found = self._ran.lines
        return found if found is None or self._ordered is None else found.taken(self._ordered - 1, self._ranks)

    @cached_property
    def places(self) -> list[tuple[Position | None, str | None]]:
        """Where lines were computed and what their statements call them: place_of has the number of each line's place."""
        return [self._place(code, lasti) for code, lasti, _ in self._ran.places.listed]

    @cached_property
    def place_of(self) -> np.ndarray:
        """The number of each assignment's place in `places`."""
        of = self._ran.places.of
        return of if self._ordered is None else of[self._ordered - 1]

    @cached_property
    def is_steep(self) -> bool:
        """Whether a partial is infinite somewhere: sweeps then follow each path (`paths.py`)."""
        if self.lines is not None:
            return any(bool(np.isinf(u.partial).any()) for u in self.lines.operands)
        return any(steep([p for p in a.partials if not isinstance(p, Linear)]) for a in self.assignments)

    @property
    def rounds(self) -> list[Group]:
        """Its calls and the iterations of its loops; event i is v_i, or of the same statement's execution in the textbook's order."""
        return rounds(self._ran, self._recording.lines)

    @cached_property
    def branches(self) -> tuple[Branch, ...]:
        """The comparisons f made, in order."""
        return tuple(self._branch(c) for c in self._recording.comparisons)

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The text of every function that computed a line, in the order they were first called."""
        found: dict[Source, None] = {}
        for code in {id(scope.code): scope.code for scope in self._recording.scopes}.values():  # hashing a code reads all of it
            source = None if is_internal(code) else source_of(code, self._recording.lines.get(code.co_filename, []))
            if source is not None:
                found.setdefault(source)
        return _outermost(tuple(found))

    @cached_property
    def _ran(self) -> Ran:
        """The run in the order of evaluation, ready to be put in order."""
        r = self._recording
        lines = plain_lines(r.events)
        instructions = instructions_of(r.events) if lines is None else lines.instruction
        return Ran(r.events, r.runs, r.scopes, self._statement, places_of(instructions, r.runs, r.scopes, self._statement), lines)

    @cached_property
    def _ordered(self) -> np.ndarray | None:
        """The events in this trace's order; None where that is the order of evaluation."""
        return None if self.order == "evaluation" or len(self._recording.events) < 2 else textbook_order(self._ran)

    @cached_property
    def _order(self) -> list[int]:
        return list(range(1, len(self._recording.events))) if self._ordered is None else self._ordered.tolist()

    @cached_property
    def _rank(self) -> dict[int, int]:
        """From the order of evaluation to the index."""
        return {e: i for i, e in enumerate(self._order, 1)} | {i: i for i in self.inputs}

    @cached_property
    def _ranks(self) -> np.ndarray:
        """The same at once: of an event i > 0, and of an input, which wraps around to the end."""
        rank = np.arange(self.size)
        if self._ordered is not None:
            rank[self._ordered] = np.arange(1, len(self._recording.events))
        rank[len(self._recording.events) :] -= self.size
        return rank

    def _event(self, index: int) -> int:
        return index if self._ordered is None else int(self._ordered[index - 1])

    def _ranked(self, e: int) -> int:
        return e if self._ordered is None or e <= 0 else int(self._ranks[e])

    @cached_property
    def _statements(self) -> dict[str, Statements]:
        return {file: statements(file, tuple(lines)) for file, lines in self._recording.lines.items()}

    def _statement(self, code: CodeType, lasti: int) -> Statement:
        statements = self._statements.get(code.co_filename)
        return Statement((0, 0, 0, 0), (), None) if statements is None else statements.at(code, lasti)

    def _assignment(self, i: int) -> Assignment:
        event = self._recording.events[self._event(i)]
        name, first, second, value, p, q, _ = event
        position, label = self._place_of(i)
        label = self.own_names.get(i, label)
        if name == "constant":
            return Assignment(i, None, (), value, (), None, label)
        if name.__class__ is not str:
            maps = tuple(linear(self._recording.events, event, k) if u.__class__ is int else None for k, u in enumerate(first))
            partials = tuple(to and to.array() for to in maps)
            row = name.row if isinstance(name, Elementary) else name
            return Assignment(i, row, tuple(map(self._operand, first)), value, partials, position, label, maps, MappingProxyType(second))
        row = table[name]
        a = self._operand(first)
        if len(row.partials) == 1:
            return Assignment(i, row, (a,), value, (p,), position, label)
        b = self._operand(second)
        return Assignment(i, row, (a, b), value, (p, q), position, label)

    def _operand(self, u: Any) -> Ref | Constant:
        return Ref(self._ranked(u)) if u.__class__ is int else Constant(u)

    def _place_of(self, i: int) -> tuple[Position | None, str | None]:
        return self.places[self.place_of[i - 1]]

    def _place(self, code: CodeType, lasti: int) -> tuple[Position | None, str | None]:
        """Position and label of an instruction; adviz's own code has none."""
        place = self._places.get((id(code), lasti))
        if place is None:
            lines = self._recording.lines.get(code.co_filename, ())
            position = None if is_internal(code) else decode(code, lasti, lines)
            place = self._places[id(code), lasti] = (position, self._statement(code, lasti).label)
        return place

    def _branch(self, c: Comparison) -> Branch:
        left, right = (self._operand(u) for u in (c.left, c.right))
        after = self._ranked(c.after)
        return Branch(after, c.symbol, left, right, c.outcome, self._place(self._recording.scopes[c.scope].code, c.lasti)[0])


def _is_index(written: str) -> bool:
    """Whether that is how an index is written: "12", "-1", not "012"."""
    return written.removeprefix("-").isdecimal() and written.isascii() and str(int(written)) == written


def _outermost(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Sources that do not lie inside another one of them, as a function defined in a function does."""

    def inside(a: Source, b: Source) -> bool:
        return a is not b and a.file == b.file and b.first_line <= a.first_line and a.last_line <= b.last_line

    return tuple(a for a in sources if not any(inside(a, b) for b in sources))


def trace(f: Callable[..., Any], *point_: Any, order: str = "textbook", names: Mapping[str, str] | None = None) -> Trace:
    """v_i = φ_i(v_j, ...) for i = 1 .. l: the evaluation trace of f at a point   (Griewank & Walther 2008, table 2.1)

    f is any Python function of real numbers or arrays (or nested tuples, lists and dicts of them) that returns such. `order` is
    "textbook" (level by level within a statement) or "evaluation" (as Python computed them); `names` gives variables names of your own,
    {"v1": "a"}.
    InputError for a point f cannot be called with; OutputError if f returns no numbers. An exception of f passes through
    unchanged; the trace up to it is its attribute `adviz_trace`.

    >>> import numpy as np
    >>> def f(x1, x2):
    ...     return np.log(x1) + x1 * x2 - np.sin(x2)
    >>> t = trace(f, 2.0, 5.0)
    >>> [(a.name, a.row.name) for a in t.assignments]
    [('v1', 'log'), ('v2', 'multiply'), ('v3', 'sin'), ('v4', 'add'), ('v5', 'subtract')]
    """
    __tracebackhide__ = True  # IPython and pytest leave this frame out
    if order not in ("textbook", "evaluation"):
        raise InputError(text("input.order", order=repr(order)))
    at = point(f, point_)
    tape, arguments = start(at, sys._getframe())
    try:
        with np.errstate(all="ignore"):  # nan and inf are results here, told in notes
            outputs = collect(tape, f(*at.rebuild(arguments)), at.function)
    except BaseException as error:
        error.__traceback__ = learners_traceback(error)
        with suppress(AttributeError):  # an exception class with slots keeps no trace
            error.adviz_trace = _finish(at, Outputs((), LEAF), tape, order, names or {}, error)  # type: ignore[attr-defined]
        raise
    return _finish(at, outputs, tape, order, names or {}, None)


def _finish(at: Point, outputs: Outputs, tape: Tape, order: str, names: Mapping[str, str], error: BaseException | None) -> Trace:
    """The trace of a tape whose run is over. The text of the learner's files is taken now, for cells get edited."""
    lines = {s.code.co_filename: lines_of(s.code) for s in tape.scopes if not is_internal(s.code)}
    recording = Recording(tape, tape.runs, tape.scopes, tape.comparisons, lines)
    tape.close()
    return Trace(at, outputs, recording, order=order, names=names, error=error)
