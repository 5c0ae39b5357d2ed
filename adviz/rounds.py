"""Rounds: the iterations of a program's loops and the calls of its functions, as intervals of a trace.

A round holds what one iteration computed, or one call; the events of a round are contiguous, in the order of evaluation as in the
textbook's. A tape knows no loops: an iteration begins where a frame comes back to what stands before, or to the same once more. That is
taken for the truth only where something that every iteration computes exactly once is computed once between these; other loops (with
nothing that is sure to be computed in each iteration, or left by `continue` before it) have no rounds. Where there are more than MOST calls
there are none, and of a loop inside another none if it was run more than MOST times: they would cost more than the rest of a trace's columns.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from types import CodeType
from typing import NamedTuple

import numpy as np

from adviz.executions import Integers, Ran, extents
from adviz.loops import Loop, around, loops
from adviz.source_text import Span, Statement, span_at

Lines = Mapping[str, list[str]]  # the text of each file
MOST = 200
OF_A_LOOP = ""  # in place of a function's name


class Group(NamedTuple):
    """Rounds that follow each other: all iterations of one execution of a loop, or one call."""

    name: str
    starts: Integers  # events, of a call one
    end: int
    number: int  # of the first of them, from 1
    total: int


class Place(NamedTuple):
    """Where an item was computed: an event, or a call that a frame made to the function `called`."""

    code: CodeType
    lasti: int
    statement: Statement
    span: Span
    called: str


class Items(NamedTuple):
    """What each frame did itself, frame by frame: its events, and the calls that it made."""

    place: Integers
    start: Integers
    end: Integers
    frame: Integers | None  # None if there is one


class Numbering(NamedTuple):
    """Of each place: whether it lies in a loop, when its turn comes, whether it is of the condition, and what an iteration computes once."""

    inside: Integers
    turn: Integers
    once: Integers
    header: Integers


def rounds(ran: Ran, lines: Lines) -> list[Group]:
    """The rounds of a run that is over, by where they begin, outer ones first."""
    if len(ran.events) < 2 or len(ran.scopes) > MOST:
        return []
    where = extents(ran)
    places, items = _items(ran, where)
    found = list(_calls(ran, where, lines))
    known: dict[int, list[Group]] = {}
    for parent, loop, numbering in _numberings(places, lines):
        known[id(loop)] = [group for group in _iterations(numbering, items) if parent is None or _lies_in(group, known.get(id(parent), []))]
        found += [group for group in known[id(loop)] if group.total > 1]
    return sorted(found, key=lambda group: (int(group.starts[0]), -group.end, group.name == OF_A_LOOP))


def _lies_in(group: Group, around_it: list[Group]) -> bool:
    """Whether one of these holds the group: where an outer loop's iterations are unknown, so is where an inner one was begun again."""
    n = bisect_right(around_it, group.starts[0], key=lambda other: other.starts[0]) - 1
    return n >= 0 and group.end <= around_it[n].end


def _items(ran: Ran, where: list[tuple[int, int]]) -> tuple[list[Place], Items]:
    places = [Place(code, lasti, statement, span_at(code, lasti), "") for code, lasti, statement in ran.places.listed]
    of = ran.places.of
    start = np.arange(1, len(of) + 1)
    calls = [(s, scope) for s, scope in enumerate(ran.scopes) if scope.parent is not None and where[s][0] < where[s][1]]
    busy = {scope for _, scope in ran.runs}
    often = Counter(scope.parent for _, scope in calls)
    calls = [(s, scope) for s, scope in calls if scope.parent in busy or often[scope.parent] > 1]  # a frame that did but one thing has no loop
    if not calls and len(busy) == 1:
        return places, Items(of, start, start + 1, None)
    numbers: dict[tuple[int, int, str], int] = {}
    number = []
    for _, scope in calls:
        code = ran.scopes[scope.parent or 0].code
        key = id(code), scope.call, scope.code.co_name
        if key not in numbers:
            numbers[key] = len(places)
            places.append(Place(code, scope.call, ran.statement(code, scope.call), span_at(code, scope.call), scope.code.co_name))
        number.append(numbers[key])
    begun, of_run = np.array(ran.runs, np.int64).reshape(-1, 2).T
    reach = np.array([where[s] for s, _ in calls], np.int64).reshape(-1, 2)
    before = reach[:, 0] - 1  # a call stands before the first event that it computed
    caller = np.array([scope.parent for _, scope in calls], np.int64)
    frame = np.insert(np.repeat(of_run.astype(np.int16), np.diff(begun, append=len(of) + 1)), before, caller)
    order = np.argsort(frame, kind="stable")
    columns = (np.insert(of, before, number), np.insert(start, before, reach[:, 0]), np.insert(start + 1, before, reach[:, 1]), frame)
    return places, Items(*(column[order] for column in columns))


def _calls(ran: Ran, where: list[tuple[int, int]], lines: Lines) -> Iterator[Group]:
    """Each call of a function that was called more than once, numbered in the order of the calls."""
    made = [s for s, scope in enumerate(ran.scopes) if where[s][0] < where[s][1] and scope.code.co_filename in lines and scope.code.co_name[0] != "<"]
    often = Counter(id(ran.scopes[s].code) for s in made)
    seen: Counter[int] = Counter()
    for s in made:
        code = ran.scopes[s].code
        seen[id(code)] += 1
        if often[id(code)] > 1:
            yield Group(code.co_name, np.array([where[s][0]]), where[s][1], seen[id(code)], often[id(code)])


def _numberings(places: list[Place], lines: Lines) -> Iterator[tuple[Loop | None, Loop, Numbering]]:
    """The loops that compute something in each iteration, with what is known of the places in each."""
    chains = [around(loops(p.code.co_filename, tuple(lines.get(p.code.co_filename, ()))), p.code.co_firstlineno, p.span) for p in places]
    parents = {id(loop): (chain[n - 1] if n else None, loop) for chain in chains for n, loop in enumerate(chain)}
    for parent, loop in sorted(parents.values(), key=lambda both: both[1].start):
        inside = np.array([any(loop is other for other in chain) for chain in chains])
        turns = [_turn(p, loop, chain) if there else ((0, 0), 0) for p, chain, there in zip(places, chains, inside, strict=True)]
        once = [there and loop.once.get(p.span) == p.called for p, there in zip(places, inside, strict=True)]
        rank = {turn: n for n, turn in enumerate(sorted(set(turns)))}
        if any(once):
            header = [loop.header[:2] <= p.span[:2] < loop.header[2:] for p in places]
            yield parent, loop, Numbering(inside, np.array([rank[turn] for turn in turns], np.int32), np.array(once), np.array(header))


def _turn(place: Place, loop: Loop, chain: list[Loop]) -> tuple[tuple[int, int], int]:
    """When the place's turn comes within an iteration: a loop inside is one thing, and so is a comprehension."""
    inner = [other for other in chain if other.start > loop.start]
    if inner:
        return inner[0].start, 1 << 30
    return place.statement.span[:2], -1 if place.statement.comprehensions else place.lasti


def _iterations(numbering: Numbering, items: Items) -> Iterator[Group]:
    """Where the iterations of a loop begin, for each time it was run: an item begins one if its turn is over, or if it comes again."""
    inside, turn, once, header = numbering
    place, size = items.place, len(items.place)
    after = np.where(inside, 2 * turn, 2 * len(turn) + 2).astype(np.int32)  # whatever stands outside is after all turns
    begins, out = np.zeros(size, bool), ~inside[place]
    begins[0] = not out[0]
    np.less((after - once).astype(np.int32)[place[1:]], after[place[:-1]], out=begins[1:])
    over = np.flatnonzero(out) if out.any() else np.zeros(0, np.int64)
    if items.frame is not None:
        other = np.flatnonzero(np.diff(items.frame)) + 1
        begins[other] = ~out[other]
        over = np.union1d(over, other)
    starts = np.flatnonzero(begins)
    first = _firsts(starts, over)
    if not 0 < len(first) <= MOST:
        return
    ends = np.append(over, size)[np.searchsorted(over, starts[first], "right")]
    exact = _times(place, starts, once)
    wrong, more = np.cumsum(np.append(0, exact != 1)).tolist(), (exact > 1).tolist()
    begun, over_at, asked = items.start[starts], items.end[ends - 1].tolist(), header[place[ends - 1]].tolist()
    bounds = [*first.tolist(), len(starts)]
    for n, (a, b) in enumerate(pairwise(bounds)):
        whole = b - asked[n]  # the condition alone is no iteration
        if whole > a and wrong[whole - 1] == wrong[a] and not more[whole - 1]:
            yield Group(OF_A_LOOP, begun[a:whole], int(begun[whole]) if asked[n] else over_at[n], 1, whole - a)


def _firsts(starts: Integers, over: Integers) -> Integers:
    """Which rounds are the first of their loop's execution: something ended it since the one before."""
    passed = np.searchsorted(over, starts, "right") if len(over) else np.zeros(len(starts), np.int64)
    return np.flatnonzero(np.diff(passed, prepend=-1))


def _times(place: Integers, starts: Integers, once: Integers) -> Integers:
    """How often each round has what every iteration computes once."""
    counts = np.bincount(place, minlength=len(once)) * once
    found = np.flatnonzero(place == int(counts.argmax()))
    if len(found) == len(starts) and (starts <= found).all() and (found[:-1] < starts[1:]).all():
        return np.ones(len(starts), np.int64)
    return np.bincount(np.maximum(np.searchsorted(starts, found, "right") - 1, 0), minlength=len(starts))
