"""Whether two runs took the same path: the same operations on the same variables.

A pattern holds along a path. Values may differ, and so may constants that the program computed; but not where a constant is 0 or 1, for a
pattern counts on these.
"""

from __future__ import annotations

from types import NoneType
from typing import Any, NamedTuple

import numpy as np

from adviz.tape import Event, Events, operands_of


class Path(NamedTuple):
    """What a run did: of every operation its row, operands and parameters, of what type each operand is, and the shape of the result."""

    events: Events
    done: list[Event]
    types: list[list[type]]  # an index is an int, a constant is not: as numbers 2 and 2.0 are equal
    shapes: list[tuple[int, ...]]

    @classmethod
    def of(cls, run: Events) -> Path:
        """The path of a run."""
        events = run[1:]
        types = [list(map(type, operands_of(event))) for event in events]
        return cls(run, [event[:3] for event in events], types, [getattr(event[3], "shape", ()) for event in events])

    def taken_by(self, run: Events) -> bool:
        """Whether another run took it too."""
        if len(self.events) != len(run) or self.events.outputs != run.outputs:
            return False
        other = Path.of(run)
        if self.shapes != other.shapes:
            return False
        try:
            if self.done == other.done and self.types == other.types:
                return True
        except ValueError:  # arrays among the constants and parameters are neither equal nor not
            pass
        return all(map(same_operation, self.done, other.done))


def same_operation(a: Event, b: Event) -> bool:
    """Whether two operations are of one row, with the same operands and parameters."""
    if a[0] is not b[0] and a[0] != b[0]:
        return False
    u, w = operands_of(a), operands_of(b)
    return len(u) == len(w) and all(map(same_operand, u, w)) and (a[0].__class__ is str or a[2] is b[2] or same_parameter(a[2], b[2]))


def same_operand(a: Any, b: Any) -> bool:
    """Whether two operands are the same variable, or constants of one shape with zeros and ones in the same places."""
    if a.__class__ in (int, NoneType) or b.__class__ in (int, NoneType):
        return a.__class__ is b.__class__ and a == b
    if a.__class__ is b.__class__ is float:
        return a == b or (a not in (0, 1) and b not in (0, 1))
    return np.shape(a) == np.shape(b) and all(np.array_equal(np.equal(a, x), np.equal(b, x)) for x in (0, 1))


def same_parameter(a: Any, b: Any) -> bool:
    """Whether two parameters are equal, arrays within them compared entry by entry."""
    if a.__class__ is not b.__class__:
        return False
    match a:
        case dict():
            return a.keys() == b.keys() and all(same_parameter(u, b[name]) for name, u in a.items())
        case tuple():
            return len(a) == len(b) and all(map(same_parameter, a, b))
        case np.ndarray():
            return np.array_equal(a, b)
    return bool(a == b)
