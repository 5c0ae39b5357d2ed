"""The textbook's order of the lines of a trace.

Python evaluates ln, mul, add, sin, sub for log(x1) + x1*x2 - sin(x2); Griewank & Walther and Baydin et al. list sin before add. So:
within one execution of one statement in one frame, lines stand level by level (by depth, then in the order of evaluation); a call
that the statement makes is one unit and stays contiguous; statements keep the program's order.

What one execution did is contiguous on the tape, the calls it made included. So the order of evaluation is cut where executions begin, and
each is arranged by itself; those of one shape, as a loop has them, are arranged together (`executions.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from adviz.executions import Integers, Ran, beginnings, with_calls
from adviz.source_text import Span, Statement
from adviz.tape import Event, operands_of

SHAPES = 8  # of executions of one length that are looked for among all of them at once; what is left is looked up one by one


class Item(NamedTuple):
    """One line of a statement, or all lines of a call it made: events in their final order."""

    events: list[int]
    lasti: int
    statement: Statement


def textbook_order(ran: Ran) -> Integers | None:
    """The positions 1 .. l of a tape's events, in the textbook's order; None where that is the order of evaluation."""
    size = len(ran.events)
    order = np.arange(size)
    begins = beginnings(ran)
    calling = list(with_calls(ran, begins))
    for parts in calling:
        begins[[part.start for part in parts if part.is_line]] = True  # each by itself: it is arranged below
    starts = np.flatnonzero(begins)
    lengths = np.diff(starts, append=size)
    if ran.lines is None:
        for start in starts[lengths > 1].tolist():
            _arrange(order, ran, np.array([start]), int(lengths[np.searchsorted(starts, start)]))
    else:
        feature = _features(ran, starts, lengths)
        for length in (np.flatnonzero(np.bincount(lengths)[2:]) + 2).tolist():
            for alike in _by_shape(feature, starts[lengths == length], length):
                _arrange(order, ran, alike, length)
    for parts in reversed(calling):  # a later scope never called an earlier one
        items = [Item(order[part.start : part.end].tolist(), part.lasti, part.statement) for part in parts]
        order[parts[0].start : parts[-1].end] = _in_order(items, ran.events, 0)
    return None if np.array_equal(order, np.arange(size)) else order[1:]


def _features(ran: Ran, starts: Integers, lengths: Integers) -> Integers:
    """What tells one event from another within an execution: where it was computed, and which events of this execution it uses."""
    assert ran.lines is not None
    first = np.repeat(starts, lengths)[1:]
    width = int(lengths.max()) + 1
    feature = ran.places.of.astype(np.int64)
    for operand in ran.lines.operands:
        feature = feature * width + np.maximum(operand.index - first + 1, 0)
    return np.concatenate([[0], feature])


def _by_shape(feature: Integers, starts: Integers, length: int) -> Iterator[Integers]:
    """The executions of that length, those of one shape together."""
    shapes = feature[starts[:, None] + np.arange(length)]
    for _ in range(SHAPES):
        if not len(starts):
            return
        alike = (shapes == shapes[0]).all(axis=1)
        yield starts[alike]
        shapes, starts = shapes[~alike], starts[~alike]
    rest: dict[bytes, list[int]] = {}
    for shape, start in zip(shapes, starts.tolist(), strict=True):
        rest.setdefault(shape.tobytes(), []).append(start)
    yield from map(np.array, rest.values())


def _arrange(order: Integers, ran: Ran, starts: Integers, length: int) -> None:
    """Arrange executions of one shape as the first of them."""
    first = int(starts[0])
    items = [Item([e], part.lasti, part.statement) for e in range(first, first + length) for part in [ran.line(e)]]
    arranged = np.array(_in_order(items, ran.events, 0)) - first
    if not np.array_equal(arranged, np.arange(length)):
        order[starts[:, None] + np.arange(length)] = starts[:, None] + arranged


def _in_order(items: list[Item], events: Sequence[Event], level: int) -> list[int]:
    """The events of one frame, or of one comprehension inside it."""
    return [i for execution in _executions(items, level) for i in _by_level(_units(execution, events, level), events)]


def _executions(items: list[Item], level: int) -> Iterator[list[Item]]:
    """Cut where another statement begins or the same one begins again: the instruction jumps back, outside a comprehension."""
    current: list[Item] = []
    for item in items:
        if current:
            last = current[-1]
            back = item.lasti < last.lasti and not _together(last, item, level)
            if item.statement.span != last.statement.span or back:
                yield current
                current = []
        current.append(item)
    if current:
        yield current


def _comprehension(item: Item, level: int) -> Span | None:
    inside = item.statement.comprehensions
    return inside[level] if level < len(inside) else None


def _together(a: Item, b: Item, level: int) -> bool:
    """Whether two neighbours are one unit: the same comprehension, or one instruction that does both (sum(...))."""
    same = _comprehension(a, level)
    return same == _comprehension(b, level) if same is not None else a.lasti == b.lasti


def _units(execution: list[Item], events: Sequence[Event], level: int) -> list[list[int]]:
    """What must stay contiguous, each in its own order."""
    units: list[list[Item]] = []
    for item in execution:
        if units and _together(units[-1][-1], item, level):
            units[-1].append(item)
        else:
            units.append([item])
    return [_inside(unit, events, level) for unit in units]


def _inside(unit: list[Item], events: Sequence[Event], level: int) -> list[int]:
    if len(unit) > 1 and _comprehension(unit[0], level) is not None:
        return _in_order(unit, events, level + 1)
    return [i for item in unit for i in item.events]


def _by_level(units: list[list[int]], events: Sequence[Event]) -> list[int]:
    """Units by depth, the longest chain of units before each, then in the order of evaluation."""
    if len(units) == 1:
        return units[0]
    depth_of: dict[int, int] = {}
    depths = []
    for unit in units:
        before = [depth_of[j] for i in unit for j in operands_of(events[i]) if j.__class__ is int and j in depth_of]
        depths.append(1 + max(before, default=0))
        depth_of.update(dict.fromkeys(unit, depths[-1]))
    order = sorted(range(len(units)), key=depths.__getitem__)
    return [i for u in order for i in units[u]]
