"""The textbook's order of the lines of a trace.

Python evaluates ln, mul, add, sin, sub for log(x1) + x1*x2 - sin(x2); Griewank & Walther and Baydin et al. list sin before add. So:
within one execution of one statement in one frame, lines stand level by level (by depth, then in the order of evaluation); a call
that the statement makes is one unit and stays contiguous; statements keep the program's order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from types import CodeType
from typing import NamedTuple

from adviz.source_text import Span, Statement
from adviz.tape import Event, Scope, operands_of

OFFSET = 6  # where an event keeps its instruction


class Item(NamedTuple):
    """One line of a statement, or all lines of a call it made: events in their final order."""

    events: list[int]
    lasti: int
    statement: Statement


def textbook_order(
    events: Sequence[Event], runs: Sequence[tuple[int, int]], scopes: Sequence[Scope], statement: Callable[[CodeType, int], Statement]
) -> list[int]:
    """The positions 1 .. l of a tape's events, in the textbook's order. A later scope never called an earlier one, so none recurses."""
    items = _items(len(events), runs, scopes)
    ordered: dict[int, list[int]] = {}
    for s in range(len(scopes) - 1, -1, -1):
        code = scopes[s].code
        listed = []
        for i in items[s]:
            lasti = events[i][OFFSET] if i > 0 else scopes[~i].call
            listed.append(Item([i] if i > 0 else ordered.pop(~i), lasti, statement(code, lasti)))
        ordered[s] = _in_order(listed, events, 0)
    roots = [s for s, scope in enumerate(scopes) if scope.parent is None]
    return [i for s in roots for i in ordered[s]]


def _items(size: int, runs: Sequence[tuple[int, int]], scopes: Sequence[Scope]) -> list[list[int]]:
    """What each scope did, in order: the event i > 0, or the call of the scope ~i."""
    items: list[list[int]] = [[] for _ in scopes]
    announced = -1
    for (start, scope), (end, _) in pairwise([*runs, (size, -1)]):
        for s in range(announced + 1, scope + 1):
            parent = scopes[s].parent
            if parent is not None:
                items[parent].append(~s)
        announced = max(announced, scope)
        items[scope].extend(range(start, end))
    return items


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
