"""The tape: what one run of a function wrote down, and the number's handle on it.

A tape belongs to one run and is named only by the numbers that run computes: there is no global tape, no mode.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, islice
from types import CodeType, FrameType
from typing import Any, NamedTuple

from adviz.errors import BudgetError, TracedValueError
from adviz.memory import Memory
from adviz.position import here, is_internal
from adviz.texts import text

LARGEST = 2_000_000  # operations, and comparisons, in one run: an endless loop ends here, within seconds and within a small machine's memory
ROOM = 2_000_000_000  # bytes of arrays in one run, each operation counted as at least OPERATION
OPERATION = 5_000
depths = count(1)  # only ever grows; nothing to pop, nothing to leak
Event = tuple[Any, ...]


class Handle:
    """A number of a run: v_index, which has that value. The base of the generated classes."""

    __slots__ = ()
    tape: Any
    index: int
    value: Any


class Scope(NamedTuple):
    """One call: which scope called it, at which instruction, and the code it runs."""

    parent: int | None
    call: int
    code: CodeType


class Comparison(NamedTuple):
    """A comparison the program made: what had been computed before, the two sides, the outcome, the place."""

    after: int
    symbol: str
    left: Any
    right: Any
    outcome: bool
    scope: int
    lasti: int


def operands_of(event: Event) -> Sequence[Any]:
    """The operands of an event: indices and constants."""
    return event[1:3] if event[0].__class__ is str else event[1]


class Events(list[Any]):
    """The events of a run: events[i] is the assignment of v_i; events[0] is empty. Inputs have the indices 1-n .. 0.

    An event is (row's name, operand, operand, value, partial, partial), a located one ends with the instruction's offset. An operand is
    an index (an integer) or a constant (a float). Atoms only, so that the garbage collector stops looking at them. An operation on arrays
    is (row, operands, parameters, value, operands' values, line): the row itself, as many operands as it has, and what kind of line it is
    to the quick reverse sweep (`shares.Line`).
    """

    # fmt: off
    __slots__ = (
        "_values", "arrays", "aside", "asked", "comparisons", "depth", "double", "frame", "hides", "inputs", "memory", "numbers", "outputs", "room",
        "root", "runs", "scopes", "stack",
    )
    # fmt: on
    inputs: range
    numbers: Sequence[Any]  # the inputs' values
    arrays: bool  # whether an array takes part
    double: bool  # whether every array is in double precision, and of this run
    hides: bool  # whether an operation took part that can make a number of nan, as fmax does
    asked: bool  # whether a number was looked at otherwise than by an operation or a comparison: they alone do not say what happens elsewhere
    aside: bool  # whether an operator on arrays has more to do than to compute and to append
    memory: Memory | None  # of a run with large arrays
    outputs: tuple[int, ...]
    root: FrameType | None
    _values: list[Any] | None

    @property
    def events(self) -> list[Any]:
        """The list itself: a sweep reads events, wherever they are kept."""
        return self

    @property
    def size(self) -> int:
        """How many variables there are: n inputs and l assignments."""
        return len(self.inputs) + len(self) - 1

    def value_of(self, index: int) -> Any:
        """The value of v_index."""
        return self[index][3] if index > 0 else self.numbers[index - 1]

    @property
    def values(self) -> list[Any]:
        """Every variable's value, by index, of a run that is over."""
        if self._values is None:
            n = len(self.numbers)
            self._values = [self.numbers[-1], *[event[3] for event in self[1:]], *self.numbers[: n - 1]]
        return self._values

    def operations(self) -> Iterator[Event]:
        """The events, v_1 first."""
        return islice(self, 1, None)


class Tape(Events):
    """Events while they are recorded."""

    __slots__ = ()

    def __init__(self, numbers: Sequence[Any], root: FrameType | None = None) -> None:
        self.append(None)
        self.depth = next(depths)
        self.numbers = numbers
        self.inputs = range(1 - len(numbers), 1)
        self.arrays = self.hides = self.asked = False
        self.double = True
        self.room = ROOM
        self.outputs: tuple[int, ...] = ()
        self._values = None
        self.memory = None
        self.root = root
        self.aside = root is not None
        if root is not None:
            self.frame: FrameType | None = None
            self.stack: list[tuple[FrameType, int]] = []
            self.scopes: list[Scope] = []
            self.runs: list[tuple[int, int]] = []
            self.comparisons: list[Comparison] = []

    def enter(self, frame: FrameType) -> FrameType:
        """Note that recording goes on in another frame; returns the learner's frame."""
        while is_internal(frame.f_code) and frame.f_back is not None and frame is not self.root:
            frame = frame.f_back
        if frame is self.frame:
            return frame
        missing: list[FrameType] = []
        caller: FrameType | None = frame
        known = {id(f): k for k, (f, _) in enumerate(self.stack)}
        while caller is not None and caller is not self.root and id(caller) not in known:
            if not is_internal(caller.f_code):
                missing.append(caller)
            caller = caller.f_back
        del self.stack[known[id(caller)] + 1 if caller is not None and id(caller) in known else 0 :]
        for new_frame in reversed(missing):
            parent = self.stack[-1] if self.stack else None
            self.scopes.append(Scope(parent and parent[1], parent[0].f_lasti if parent else -1, new_frame.f_code))
            self.stack.append((new_frame, len(self.scopes) - 1))
        if not self.stack or frame is self.root is not self.stack[-1][0]:  # what adviz itself lists: a constant output, f a ufunc
            self.scopes.append(Scope(None, -1, frame.f_code))
            self.stack = [(frame, len(self.scopes) - 1)]
        self.frame = frame
        self.runs.append((len(self), self.stack[-1][1]))
        return frame

    def charge(self) -> None:
        """Count what the last sixteen operations on arrays take. BudgetError beyond a run's room."""
        self.room -= 16 * OPERATION
        for event in self[-16:]:
            if event is not None and event[3].__class__ is not float:
                self.room -= getattr(event[3], "nbytes", 0)
        if self.room < 0:
            over_budget()

    def close(self) -> None:
        """End of the run: the events can be read, and whoever still computes with a number of it is told so."""
        if self.root is not None:
            self.frame = self.root = None
            self.stack = []
        self.__class__ = ClosedTape  # type: ignore[assignment]


class ClosedTape(Events):
    """Events of a run that is over."""

    __slots__ = ()

    def append(self, event: Event) -> None:
        raise TracedValueError(told("leak.closed"))

    def enter(self, frame: FrameType) -> FrameType:
        raise TracedValueError(told("leak.closed"))


def over_budget() -> None:
    """BudgetError: a run has recorded more than a run may."""
    raise BudgetError(told("budget.run", count=f"{LARGEST:,}", size=f"{ROOM // 10**9} GB"))


def told(key: str, **slots: object) -> str:
    """A sentence of the catalogue about what the learner's code is computing right now."""
    place = here()
    where = text("word.line", line=place.line) if place.line else ""
    return text(key, expression=place.expression or text("word.this"), where=where, **slots)
