"""Folds: how a long trace is looked at, a few boxes at a time.

The trace is cut into intervals where a call, an iteration of a loop or a source line begins; these are cut again, level by level, until
one interval holds them all. What is shown is the inside of one interval: its operations (level 0), or the intervals of the level
below, never more than MOST. In a document

    levels    per level, from the finest: at which variable, counted from 0, each interval begins
    shapes    pictures: scenes (see `document.py`) whose boxes are counted from 0 within the interval, leaves without what they stand for
    shape_of  per level: the number of each interval's picture, or -1 where there is none

Intervals of one shape share one picture, so that a loop of a thousand iterations has two or three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adviz.errors import AdvizError
from adviz.views.columns import integers
from adviz.views.graph import COMMUTE, scene

Document = dict[str, Any]
FINEST = 12  # operations of an interval of level 0: what fits beside the table
MOST = 24  # intervals in one interval of a level above
PICTURES = 300  # in one document: a second of Graphviz at most
CALL, ITERATION, LINE = 3, 2, 1  # what begins at a variable, the strongest first


def folds(document: Mapping[str, Any], inputs: int) -> Document:
    """The folds of a document's variables."""
    starts = _finest(_beginnings(document, inputs), inputs)
    levels = [starts]
    while len(levels[-1]) > MOST:
        levels.append(levels[-1][::MOST])
    pictures = _Pictures(document)
    shape_of = [integers([pictures.of_operations(a, b) for a, b in _intervals(starts, document)])]
    for below, level in zip(levels, [*levels[1:], [0]], strict=True):
        shape_of.append(integers([pictures.of_intervals(_within(below, a, b), b) for a, b in _intervals(level, document)]))
    return {"levels": [integers(level) for level in [*levels, [0]]], "shapes": pictures.scenes, "shape_of": shape_of}


def _intervals(starts: Sequence[int], document: Mapping[str, Any]) -> list[tuple[int, int]]:
    return list(zip(starts, [*starts[1:], document["variables"]["count"]], strict=True))


def _within(starts: list[int], a: int, b: int) -> list[int]:
    low, high = np.searchsorted(starts, [a, b])
    return starts[low:high]


def _beginnings(document: Mapping[str, Any], inputs: int) -> list[int]:
    """What begins at each variable: a call, an iteration, a line, or nothing (0)."""
    places: list[int] = document["variables"]["place"].tolist()
    lines = [(place[0], place[1]) for place in document["places"]]
    found = [0] * inputs
    seen: set[int] = set()
    before: tuple[int, int] | None = None
    for place in places[inputs:]:
        line = lines[place] if place >= 0 else before
        if before is None or line is None or line[0] != before[0]:
            begins = CALL
        elif place in seen or line < before:
            begins = ITERATION
        else:
            begins = LINE if line != before else 0
        if begins >= ITERATION:
            seen = set()
        seen.add(place)
        found.append(begins)
        before = line
    return found


def _finest(beginnings: list[int], inputs: int) -> list[int]:
    """Where the intervals of level 0 begin: at most FINEST operations each, cut where the most begins."""
    starts, count = [0], len(beginnings)
    while count - starts[-1] > FINEST:
        start = starts[-1]
        reach = range(start + max(FINEST // 3, 1), start + FINEST + 1)
        strongest = max(beginnings[p] for p in reach)
        starts.append(max(p for p in reach if min(beginnings[p], ITERATION) == min(strongest, ITERATION)))
    return starts


class _Pictures:
    """The pictures of intervals, each shape once."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        columns = document["variables"]
        self.first: int = columns["first"]
        self.kinds, self.kind = document["kinds"], columns["kind"].tolist()
        self.operands = columns["operands"].tolist()
        lengths = np.array([len(kind["operands"]) for kind in self.kinds])
        self.offset = np.concatenate([[0], np.cumsum(lengths[self.kind])]).tolist()
        self.wide = isinstance(columns["value"], list)
        self.scenes: list[Document] = []
        self.known: dict[Any, int] = {}

    def _refs(self, p: int) -> list[int | None]:
        """The variables that the operands of the p-th variable are, counted from 0; None for a constant."""
        operands = self.operands[self.offset[p] : self.offset[p + 1]]
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

    def of_intervals(self, starts: list[int], end: int) -> int:
        """The picture of neighbouring intervals: an arrow where one uses what another computed."""
        uses: list[tuple[int, ...]] = []
        for a, b in zip(starts, [*starts[1:], end], strict=True):
            wanted = {j for p in range(a, b) for j in self._refs(p) if j is not None and starts[0] <= j < a}
            uses.append(tuple(sorted({int(np.searchsorted(starts, j, side="right")) - 1 for j in wanted})))
        shape = tuple(uses)
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
