"""Folds: how a long trace is looked at, a few boxes at a time.

The trace is cut into intervals where a call, an iteration of a loop or a source line begins; these are cut again, level by level, until
one interval holds them all. What is shown is the inside of one interval: its operations (level 0), or the intervals of the level
below, never more than MOST. In a document

    levels    per level, from the finest: at which variable, counted from 0, each interval begins
    shapes    pictures: scenes (see `document.py`) whose boxes are counted from 0 within the interval, leaves without what they stand for
    shape_of  per level: the number of each interval's picture, or -1 where there is none

Intervals of one shape share one picture, so that a loop of a thousand iterations has two or three. What an interval is called, which
iterations of which loop or which call it is, follows from the rounds (see `adviz/rounds.py`), missing where there are none

    rounds      {"lengths", "first", "begin", "name", "number", "count", "names"}: rounds in groups, by where they begin, outer ones first.
                The rounds of a group follow each other from the variable `begin`, counted from 0; how many variables each holds stands in
                `lengths` from the group's `first` to the next one's. A group is all iterations of a loop (`name` -1), or one call of a
                function (its number in names), the `number`-th of `count`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adviz.errors import AdvizError
from adviz.rounds import OF_A_LOOP
from adviz.views.columns import integers
from adviz.views.graph import COMMUTE, scene
from adviz.wengert import Trace

Document = dict[str, Any]
Integers = np.ndarray
FINEST = 12  # operations of an interval of level 0: what fits beside the table
MOST = 24  # intervals in one interval of a level above
PICTURES = 300  # in one document: a second of Graphviz at most
CALL, ITERATION, LINE = 3, 2, 1  # what begins at a variable, the strongest first


def folds(document: Mapping[str, Any], inputs: int) -> Document:
    """The folds of a document's variables."""
    edges = _Edges(document)
    starts = _finest(_beginnings(document, inputs), inputs)
    levels = [starts]
    while len(levels[-1]) > MOST:
        levels.append(levels[-1][::MOST])
    pictures = _Pictures(document)
    shape_of = [integers(_of_operations(starts, edges, pictures))]
    top = np.zeros(1, np.int64)
    for below, level in zip(levels, [*levels[1:], top], strict=True):
        shape_of.append(integers(_of_intervals(below, level, edges, pictures)))
    return {"levels": [integers(level) for level in [*levels, top]], "shapes": pictures.scenes, "shape_of": shape_of}


def rounds_document(trace: Trace) -> Document:
    """{"rounds": columns}; nothing where there are none."""
    groups = trace.rounds
    if not groups:
        return {}
    inputs = len(trace.inputs)
    starts = np.concatenate([group.starts for group in groups])
    first = np.cumsum([0, *(len(group.starts) for group in groups)])
    after = np.append(starts[1:], 0)
    after[first[1:] - 1] = [group.end for group in groups]
    names = list(dict.fromkeys(group.name for group in groups if group.name != OF_A_LOOP))
    numbers = {OF_A_LOOP: -1} | {name: k for k, name in enumerate(names)}
    columns = {
        "lengths": after - starts, "first": first[:-1], "begin": starts[first[:-1]] + inputs - 1,
        "name": [numbers[group.name] for group in groups], "number": [group.number for group in groups], "count": [group.total for group in groups],
    }  # fmt: skip
    return {"rounds": {name: integers(column) for name, column in columns.items()} | {"names": names}}


def _beginnings(document: Mapping[str, Any], inputs: int) -> Integers:
    """What begins at each variable: a call, an iteration, a line, or nothing (0). An iteration begins where a place comes again."""
    place = document["variables"]["place"][inputs:].astype(np.int64)
    lines = np.array([(0, 0), *((place[0], place[1]) for place in document["places"])], np.int64)
    known = np.maximum.accumulate(np.where(place >= 0, np.arange(len(place)), -1))  # where a place is unknown, the line is that of the one before
    source, line = lines[np.where(known >= 0, place[known] + 1, 0)].T
    calls, back, other = np.ones(len(place), bool), np.zeros(len(place), bool), np.zeros(len(place), bool)
    calls[1:] = (source[1:] != source[:-1]) | (known[:-1] < 0)
    back[1:], other[1:] = line[1:] < line[:-1], line[1:] != line[:-1]
    iterations = back & ~calls
    iterations[_repetitions(place, calls | back)] = True
    found = np.where(calls, CALL, np.where(iterations, ITERATION, np.where(other, LINE, 0)))
    return np.concatenate([np.zeros(inputs, np.int64), found])


def _repetitions(place: Integers, anew: Integers) -> Integers:
    """Where a place comes for the second time since the last beginning; `anew` says which beginnings there are besides."""
    size = len(place)
    order = np.argsort(integers(place + 1), kind="stable")
    again = np.full(size + 1, size)
    same = place[order[1:]] == place[order[:-1]]
    again[order[:-1][same]] = order[1:][same]
    after = np.append(np.where(anew, np.arange(size), size)[1:], [size, size])
    again, after = (np.minimum.accumulate(column[::-1])[::-1] for column in (again, after[: size + 1]))
    following = np.minimum(again, after).tolist()
    found, start = [], following[0]
    while start < size:
        found.append(start)
        start = following[start]
    begun = np.array(found, np.int64)
    return begun[~anew[begun]]


def _finest(beginnings: Integers, inputs: int) -> Integers:
    """Where the intervals of level 0 begin: at most FINEST operations each, cut where the most begins."""
    count, shortest = len(beginnings), max(FINEST // 3, 1)
    places = np.arange(count)
    strong, weak = (np.maximum.accumulate(np.where(which, places, -1)) for which in (beginnings >= ITERATION, beginnings == LINE))
    end = np.minimum(places + FINEST, count - 1)
    following = np.where(weak[end] >= places + shortest, weak[end], end)
    following = np.where(strong[end] >= places + shortest, strong[end], following).tolist()
    starts = [0]
    while count - starts[-1] > FINEST:
        starts.append(following[starts[-1]])
    return np.array(starts)


class _Edges:
    """Which variable, counted from 0, uses which: all operands of all variables that are variables."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        columns, kinds = document["variables"], document["kinds"]
        self.kind = columns["kind"].astype(np.int64)
        arity = np.array([len(kind["operands"]) for kind in kinds])
        what = np.zeros((len(kinds), max(int(arity.max()), 1)), bool)
        for n, kind in enumerate(kinds):
            what[n, : arity[n]] = [u == "variable" for u in kind["operands"]]
        lengths = arity[self.kind]
        user = np.repeat(np.arange(len(lengths)), lengths)
        self.place = np.arange(len(user)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        flows = what[self.kind[user], self.place]
        self.user, self.place = user[flows], self.place[flows]
        self.used = columns["operands"].astype(np.int64)[flows] - columns["first"]
        self.most = what.shape[1]


def _of_operations(starts: Integers, edges: _Edges, pictures: _Pictures) -> list[int]:
    """The picture of each interval of level 0; intervals that look the same to their operations are looked at once."""
    count = len(edges.kind)
    ends = np.append(starts[1:], count)
    origin = np.repeat(starts, ends - starts)
    inside = np.zeros((count, edges.most), np.int64)
    inside[edges.user, edges.place] = np.maximum(edges.used - origin[edges.user] + 1, 0)
    features = np.concatenate([edges.kind[:, None], inside], axis=1)
    known: dict[bytes, int] = {}
    found = []
    for a, b in zip(starts.tolist(), ends.tolist(), strict=True):
        key = features[a:b].tobytes()
        if key not in known:
            known[key] = pictures.of_operations(a, b)
        found.append(known[key])
    return found


def _of_intervals(below: Integers, level: Integers, edges: _Edges, pictures: _Pictures) -> list[int]:
    """The picture of each interval of a level, whose boxes are intervals of the level below: an arrow where one uses what another computed."""
    boxes = _cells(below, len(edges.kind))
    user, used = boxes[edges.user], boxes[edges.used]
    first = np.searchsorted(below, level)
    within = _cells(first, len(below))
    across = (user != used) & (within[user] == within[used])
    uses = np.zeros(len(below), np.int64)  # of each box, a bit for each box of its interval
    np.bitwise_or.at(uses, user[across], 1 << (used[across] - first[within[used[across]]]))
    known: dict[bytes, int] = {}
    found = []
    for a, b in zip(first.tolist(), [*first[1:].tolist(), len(below)], strict=True):
        key = uses[a:b].tobytes()
        if key not in known:
            known[key] = pictures.of_intervals(uses[a:b].tolist())
        found.append(known[key])
    return found


def _cells(starts: Integers, count: int) -> Integers:
    """In which of the intervals that begin there each of 0, ..., count - 1 lies."""
    return np.repeat(np.arange(len(starts)), np.diff(starts, append=count))


class _Pictures:
    """The pictures of intervals, each shape once."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        columns = document["variables"]
        self.first: int = columns["first"]
        self.kinds, self.kind, self.operands = document["kinds"], columns["kind"], columns["operands"]
        lengths = np.array([len(kind["operands"]) for kind in self.kinds])
        self.offset = np.concatenate([[0], np.cumsum(lengths[self.kind])])
        self.wide = isinstance(columns["value"], list)
        self.scenes: list[Document] = []
        self.known: dict[Any, int] = {}

    def _refs(self, p: int) -> list[int | None]:
        """The variables that the operands of the p-th variable are, counted from 0; None for a constant."""
        operands = self.operands[self.offset[p] : self.offset[p + 1]].tolist()
        return [u - self.first if what == "variable" else None for u, what in zip(operands, self.kinds[self.kind[p]]["operands"], strict=True)]

    def of_operations(self, a: int, b: int) -> int:
        """The picture of the variables a, ..., b - 1: what comes from outside stands beside its use."""
        inside = [tuple(j - a if j is not None and j >= a else None for j in self._refs(p)) for p in range(a, b)]
        ordered = [self.kinds[self.kind[p]]["row"] in COMMUTE for p in range(a, b)]
        return self._picture((0, tuple(inside), tuple(ordered)), lambda: [self._box(p, a, refs) for p, refs in enumerate(inside, a)])

    def _box(self, p: int, a: int, inside: Sequence[int | None]) -> Document:
        operands = [{"number": 0.0} if j is None else {"ref": j} for j in inside]
        value = {"shape": [2]} if self.wide else 0.0
        return {"index": p - a, "role": "assignment", "row": self.kinds[self.kind[p]]["row"], "operands": operands, "value": value}

    def of_intervals(self, uses: Sequence[int]) -> int:
        """The picture of neighbouring intervals, of each of which the bits say which others it uses."""
        shape = tuple(tuple(m for m in range(MOST) if bits >> m & 1) for bits in uses)
        return self._picture((1, shape), lambda: [_fold(n, before) for n, before in enumerate(shape)])

    def _picture(self, shape: Any, boxes: Any) -> int:
        found = self.known.get(shape)
        if found is None:
            found = -1
            if len(self.scenes) < PICTURES:
                try:
                    self.scenes.append(_relative(scene(boxes())))
                    found = len(self.scenes) - 1
                except AdvizError:
                    found = -1
            self.known[shape] = found
        return found


def _fold(n: int, before: Sequence[int]) -> Document:
    return {"index": n, "role": "assignment", "row": "fold", "operands": [{"ref": m} for m in before], "value": 0.0}


def _relative(found: Document) -> Document:
    """A scene without what its leaves stand for, which differs from interval to interval."""
    return found | {"leaves": [{name: x for name, x in leaf.items() if name not in ("number", "ref")} for leaf in found["leaves"]]}
