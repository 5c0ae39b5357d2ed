"""Where the executions of statements begin on a tape, and those that made a call: what `ordering.py` arranges."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import pairwise
from types import CodeType
from typing import NamedTuple

import numpy as np

from adviz.lines import Lines
from adviz.source_text import Statement
from adviz.tape import Event, Scope

Integers = np.ndarray
ROOM = 100_000  # entries of a table that is made to look numbers up, beside what the trace itself takes


class Part(NamedTuple):
    """A part of an execution: one line, or all lines of a call it made, from the event `start` to before `end`."""

    start: int
    end: int
    lasti: int
    statement: Statement
    is_line: bool = True

    def goes_on(self, after: Part) -> bool:
        """Whether this part of a frame belongs to the same execution as the one before it: the same statement, and not begun again."""
        if self.statement.span != after.statement.span:
            return False
        return self.lasti >= after.lasti or self.statement.comprehensions[:1] == after.statement.comprehensions[:1] != ()


class Places(NamedTuple):
    """Where the events were computed: the number of each one's place, by event from 1, and the places: code, instruction, statement."""

    of: Integers
    listed: list[tuple[CodeType, int, Statement]]


class Ran(NamedTuple):
    """What is known of a run that is over."""

    events: Sequence[Event]
    runs: Sequence[tuple[int, int]]
    scopes: Sequence[Scope]
    statement: Callable[[CodeType, int], Statement]
    places: Places
    lines: Lines | None  # where all numbers are plain ones

    def line(self, e: int) -> Part:
        """The line that an event is."""
        _, lasti, statement = self.places.listed[self.places.of[e - 1]]
        return Part(e, e + 1, lasti, statement)


def places_of(
    instructions: Integers, runs: Sequence[tuple[int, int]], scopes: Sequence[Scope], statement: Callable[[CodeType, int], Statement]
) -> Places:
    """The places of the events 1 .. l, each looked at once."""
    numbers: dict[int, int] = {}  # by id: hashing a code reads all of it
    number = np.array([numbers.setdefault(id(scope.code), len(numbers)) for scope in scopes], np.int64)
    codes = {numbers[id(scope.code)]: scope.code for scope in scopes}
    starts, of_run = np.array(runs, np.int64).reshape(-1, 2).T
    width = int(instructions.max(initial=0)) + 1
    both = np.repeat(number[of_run] * width, np.diff(starts, append=len(instructions) + 1)) + instructions
    seen, of = _seen(both, len(codes) * width)
    listed = [(codes[n // width], n % width) for n in seen.tolist()]
    return Places(of, [(code, lasti, statement(code, lasti)) for code, lasti in listed])


def _seen(entries: Integers, limit: int) -> tuple[Integers, Integers]:
    """The numbers below the limit that occur, in order, and where each entry stands among them."""
    if limit > ROOM + 8 * len(entries):
        seen = np.sort(entries)
        seen = seen[np.diff(seen, prepend=-1) > 0]
        return seen, np.searchsorted(seen, entries)
    table = np.zeros(limit, np.int32)
    table[entries] = 1
    seen = np.flatnonzero(table)
    table[seen] = np.arange(len(seen))
    return seen, table[entries]


def beginnings(ran: Ran) -> Integers:
    """Whether an execution begins at each event, or goes on there after a call that it made; event 0 is none."""
    begins = np.ones(len(ran.events), bool)
    listed, of = ran.places.listed, ran.places.of
    span = _numbered([statement.span for *_, statement in listed])[of]
    inside = _numbered([(), *(statement.comprehensions[:1] for *_, statement in listed)])[1:][of]
    lasti = np.array([lasti for _, lasti, _ in listed], np.int32)[of]
    onward = (lasti[1:] >= lasti[:-1]) | (inside[1:] == inside[:-1]) & (inside[1:] > 0)
    begins[2:] = (span[1:] != span[:-1]) | ~onward
    begins[[start for start, _ in ran.runs if start < len(begins)]] = True
    return begins


def _numbered(things: Sequence[Hashable]) -> Integers:
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(thing, len(numbers)) for thing in things], np.int32)


def with_calls(ran: Ran, begins: Integers) -> Iterator[list[Part]]:
    """The executions that made a call, each in order, those of an earlier scope first."""
    elements, extents = _elements(ran)
    starts = np.flatnonzero(begins)
    for own in elements:
        if not any(call >= 0 for *_, call in own):
            continue
        current: list[Part] = []
        for parts, anew in _neighbours(ran, own, extents, starts):
            if current and (anew or not parts[0].goes_on(current[-1])):
                yield from _if_called(current)
                current = []
            current += parts
        yield from _if_called(current)


def _if_called(parts: list[Part]) -> Iterator[list[Part]]:
    if len(parts) > 1 and not all(part.is_line for part in parts):
        yield parts


def _elements(ran: Ran) -> tuple[list[list[tuple[int, int, int]]], list[tuple[int, int]]]:
    """What each scope did, in order: stretches of events (start, end, -1), and calls (0, 0, scope); and from where to where each scope ran."""
    elements: list[list[tuple[int, int, int]]] = [[] for _ in ran.scopes]
    first, last = [0] * len(ran.scopes), [0] * len(ran.scopes)
    announced = -1
    for (start, scope), (end, _) in pairwise([*ran.runs, (len(ran.events), -1)]):
        for s in range(announced + 1, scope + 1):
            parent = ran.scopes[s].parent
            first[s] = last[s] = start
            if parent is not None:
                elements[parent].append((0, 0, s))
        announced = max(announced, scope)
        elements[scope].append((start, end, -1))
        last[scope] = max(last[scope], end)
    for s in range(len(ran.scopes) - 1, -1, -1):
        parent = ran.scopes[s].parent
        if parent is not None:
            last[parent] = max(last[parent], last[s])
    return elements, list(zip(first, last, strict=True))


def extents(ran: Ran) -> list[tuple[int, int]]:
    """From which event to before which each scope ran, the calls it made included."""
    return [(1, len(ran.events))] if len(ran.scopes) == 1 else _elements(ran)[1]


def _neighbours(
    ran: Ran, own: Sequence[tuple[int, int, int]], extents: Sequence[tuple[int, int]], starts: Integers
) -> Iterator[tuple[list[Part], bool]]:
    """The calls of a scope, and of each stretch of events between them the execution it begins with and the one it ends with, which begins anew."""
    for start, end, call in own:
        if call >= 0:
            caller, lasti, _ = ran.scopes[call]
            assert caller is not None
            yield [Part(*extents[call], lasti, ran.statement(ran.scopes[caller].code, lasti), False)], False
        elif start < end:
            low, high = np.searchsorted(starts, [start + 1, end])
            inner = starts[low:high]
            yield [ran.line(e) for e in range(start, int(inner[0]) if len(inner) else end)], False
            if len(inner):
                yield [ran.line(e) for e in range(int(inner[-1]), end)], True
