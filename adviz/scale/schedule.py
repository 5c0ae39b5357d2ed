"""When to store and when to compute again: reversal schedules as data.

A loop state_{i+1} = step(state_i), i = 0 .. l-1, is to be swept in reverse: step l-1 first, step 0 last, each from the state it began
with. Whoever has no room for all states keeps some of them, the snapshots, and runs the steps between them once more. A schedule says which
and when, in six kinds of action; it is made lazily, so that the plan itself needs no memory. With s snapshots

    t(l, s) = r l - β(s+1, r-1),   β(s, r-1) < l <= β(s, r),   β(s, r) = C(s + r, s)

steps must be run once more, and no fewer: no step more than r times (Griewank & Walther 2008, section 12.3; Griewank & Walther 2000,
"Algorithm 799: Revolve", whose rule `split` follows).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb
from numbers import Integral
from typing import Any, NamedTuple

from adviz.errors import BudgetError, InputError
from adviz.texts import text


class Snapshot(NamedTuple):
    """slot ← state_step: keep the state at hand, with which that step begins.

    >>> next(iter(binomial(3, 2)))
    Snapshot(step=0, slot=0)
    """

    step: int
    slot: int


class Advance(NamedTuple):
    """state_stop from state_start, step by step; nothing on the way is kept.

    >>> list(binomial(3, 1))[1]
    Advance(start=0, stop=2)
    """

    start: int
    stop: int


class Restore(NamedTuple):
    """state_step ← slot: go back to the state with which that step begins.

    >>> [a for a in binomial(3, 2) if isinstance(a, Restore)]
    [Restore(step=1, slot=1), Restore(step=0, slot=0)]
    """

    step: int
    slot: int


class Record(NamedTuple):
    """state_{step+1} from state_step; what the step's reverse sweep needs is kept.

    >>> [a.step for a in store_all(3) if isinstance(a, Record)]
    [0, 1, 2]
    """

    step: int


class Reverse(NamedTuple):
    """x̄_step from x̄_{step+1}: the reverse sweep of a recorded step, of which nothing is kept.

    >>> [a.step for a in store_all(3) if isinstance(a, Reverse)]
    [2, 1, 0]
    """

    step: int


class Free(NamedTuple):
    """The slot's state is not needed any more.

    >>> [a for a in binomial(3, 2) if isinstance(a, Free)]
    [Free(slot=1), Free(slot=0)]
    """

    slot: int


Action = Snapshot | Advance | Restore | Record | Reverse | Free


class Moment(NamedTuple):
    """What is known after an action: for a picture of the schedule.

    >>> *_, last = binomial(10, 3).moments()
    >>> last.action, last.held, last.again
    (Reverse(step=0), (), 15)
    """

    action: Action
    here: int | None  # the number of the state at hand
    held: tuple[tuple[int, int], ...]  # (slot, number of its state)
    recorded: tuple[int, ...]  # the steps whose records are kept
    reversed_from: int  # the steps from this one on are reversed
    again: int  # steps run so far that were not recorded


@dataclass(frozen=True)
class Schedule:
    """The actions that reverse a loop of that many steps, in order: iterate over it as often as wanted.

    name         "binomial", "uniform", "store-all" or "recompute-all"
    steps        l
    snapshots    s: so many states are held at most, the first one included
    every        of a uniform schedule: every so many steps there is a snapshot

    >>> s = binomial(10, 3)
    >>> s.forward_steps, max(len(m.held) for m in s.moments()), max(len(m.recorded) for m in s.moments())
    (15, 3, 1)
    """

    name: str
    steps: int
    snapshots: int
    every: int = 0

    def __iter__(self) -> Iterator[Action]:
        match self.name:
            case "store-all":
                return _segment(0, self.steps)
            case "uniform":
                return _uniform(self.steps, self.every)
        return _binomial(self.steps, self.snapshots)

    @property
    def forward_steps(self) -> int:
        """Steps that are run without being recorded: the price, beside the l recorded ones."""
        return sum(a.stop - a.start for a in self if isinstance(a, Advance))

    def moments(self) -> Iterator[Moment]:
        """The state of affairs after each action.

        >>> for m in binomial(3, 1).moments():
        ...     print(m.action, m.here, m.held, m.recorded, m.again)
        Snapshot(step=0, slot=0) 0 ((0, 0),) () 0
        Advance(start=0, stop=2) 2 ((0, 0),) () 2
        Record(step=2) 3 ((0, 0),) (2,) 2
        Reverse(step=2) None ((0, 0),) () 2
        ...
        """
        here: int | None = 0
        held: dict[int, int] = {}
        recorded: list[int] = []
        left, again = self.steps, 0
        for action in self:
            match action:
                case Snapshot(step, slot):
                    held[slot] = step
                case Advance(start, stop):
                    here, again = stop, again + stop - start
                case Restore(step, _):
                    here = step
                case Record(step):
                    here = step + 1
                    recorded.append(step)
                case Reverse(step):
                    here, left = None, step
                    recorded.remove(step)
                case Free(slot):
                    del held[slot]
            yield Moment(action, here, tuple(held.items()), tuple(recorded), left, again)


def longest(snapshots: int, times: int) -> int:
    """β(s, r) = C(s + r, s): the longest loop that s snapshots reverse with no step run more than r times in advance.

    >>> longest(3, 2), longest(10, 10)
    (10, 184756)
    """
    if not is_count(snapshots) or not is_count(times):
        raise InputError(text("schedule.longest", snapshots=repr(snapshots)[:40], times=repr(times)[:40]))
    return beta(int(snapshots), int(times))


def beta(snapshots: int, times: int) -> int:
    """C(s + r, s); 0 where there is nothing to choose from."""
    return comb(snapshots + times, snapshots) if snapshots >= 0 and times >= 0 else 0


def repetitions(steps: int, snapshots: int) -> int:
    """r, the smallest with l <= β(s, r): no step need be run more often than that in advance."""
    if snapshots == 1:
        return max(steps - 1, 0)
    r, reach = 0, 1
    while reach < steps:
        r += 1
        reach = reach * (r + snapshots) // r
    return r


def minimal_steps(steps: int, snapshots: int) -> int:
    """t(l, s) = r l - β(s+1, r-1): so many steps must be run without being recorded   (Griewank & Walther 2000, section 2)

    >>> minimal_steps(10, 3), minimal_steps(100_000, 10)
    (15, 832040)
    """
    steps, snapshots = budget(steps, snapshots)
    r = repetitions(steps, snapshots)
    return r * steps - beta(snapshots + 1, r - 1)


def binomial(steps: int, snapshots: int) -> Schedule:
    """The schedule with t(l, s) forward steps: no other with s snapshots has fewer   (Griewank & Walther 2000, Algorithm 799)

    Among those it is one with the fewest snapshots written. InputError for a number of steps below 0, BudgetError for no snapshot.

    >>> list(binomial(3, 2))
    [Snapshot(step=0, slot=0), Advance(start=0, stop=1), Snapshot(step=1, slot=1), Advance(start=1, stop=2), Record(step=2), Reverse(step=2),
     Restore(step=1, slot=1), Free(slot=1), Record(step=1), Reverse(step=1), Restore(step=0, slot=0), Free(slot=0), Record(step=0), Reverse(step=0)]
    """
    return Schedule("binomial", *budget(steps, snapshots))


def uniform(steps: int, snapshots: int | None = None, *, every: int | None = None) -> Schedule:
    """Every k-th state is kept; segment by segment, from the last, k steps are recorded and swept   (Griewank & Walther 2008, chapter 12)

    One forward run more than storing everything, and at most ⌈l/k⌉ - 1 snapshots and k records: least together for k near √l.
    k is `every`, or as small as the snapshots allow.

    >>> uniform(16, every=4).forward_steps, uniform(16, 3).every
    (12, 4)
    """
    if every is None:
        steps, room = budget(steps, snapshots)
        every = max(1, -(-steps // (room + 1)))
    if not is_count(every) or every < 1:
        raise InputError(text("schedule.every", every=repr(every)[:40]))
    steps, every = budget(steps, 1)[0], int(every)
    return Schedule("uniform", steps, max(0, -(-steps // every) - 1), every)


def store_all(steps: int) -> Schedule:
    """Every step is recorded once and nothing is run again: l records at a time.

    >>> list(store_all(2))
    [Record(step=0), Record(step=1), Reverse(step=1), Reverse(step=0)]
    """
    return Schedule("store-all", budget(steps, 1)[0], 0)


def recompute_all(steps: int) -> Schedule:
    """Only the first state is kept, and everything is run again from there: l (l - 1) / 2 forward steps.

    >>> recompute_all(100).forward_steps
    4950
    """
    return Schedule("recompute-all", budget(steps, 1)[0], 1)


def scheduled(name: Any, steps: int, snapshots: int | None) -> Schedule:
    """The schedule of that name; InputError for any other, or where a budget is missing."""
    if name in ("store-all", "recompute-all"):
        return (store_all if name == "store-all" else recompute_all)(steps)
    if name not in ("binomial", "uniform"):
        raise InputError(text("schedule.name", name=repr(name)[:40]))
    if snapshots is None:
        raise InputError(text("schedule.snapshots.missing"))
    return (binomial if name == "binomial" else uniform)(steps, snapshots)


def is_count(n: Any) -> bool:
    """Whether n is a whole number."""
    return isinstance(n, Integral) and not isinstance(n, bool)


def budget(steps: Any, snapshots: Any) -> tuple[int, int]:
    """Both as integers. InputError unless steps is a whole number from 0; BudgetError unless there is room for a state."""
    if not is_count(steps) or steps < 0:
        raise InputError(text("schedule.steps", steps=repr(steps)[:40]))
    if not is_count(snapshots):
        raise InputError(text("schedule.snapshots.kind", snapshots=repr(snapshots)[:40]))
    if snapshots < 1:
        raise BudgetError(text("schedule.snapshots.none", snapshots=snapshots))
    return int(steps), int(snapshots)


def _segment(start: int, stop: int) -> Iterator[Action]:
    """Record the steps from start on, and sweep them."""
    yield from map(Record, range(start, stop))
    yield from map(Reverse, reversed(range(start, stop)))


def _uniform(steps: int, every: int) -> Iterator[Action]:
    starts = range(0, steps, every)
    for slot, start in enumerate(starts[:-1]):
        yield Snapshot(start, slot)
        yield Advance(start, start + every)
    yield from _segment(starts[-1] if starts else 0, steps)
    for slot, start in reversed(list(enumerate(starts[:-1]))):
        yield Restore(start, slot)
        yield Free(slot)
        yield from _segment(start, start + every)


def _binomial(steps: int, snapshots: int) -> Iterator[Action]:
    """From the last snapshot forward to the split, where the next one is taken; before the end of the range, one step back."""
    kept: list[int] = []  # the states in the slots
    here: int | None = 0
    end = steps
    while end:
        if here is None:
            here = kept[-1]
            yield Restore(here, len(kept) - 1)
        if here == end - 1:
            if kept and kept[-1] == here:
                kept.pop()
                yield Free(len(kept))
            yield from _segment(here, end)
            here, end = None, end - 1
        else:
            if not kept or kept[-1] != here:
                yield Snapshot(here, len(kept))
                kept.append(here)
            stop = here + split(end - here, snapshots - len(kept) + 1)
            yield Advance(here, stop)
            here = stop


def split(steps: int, snapshots: int) -> int:
    """How far to go before the next snapshot, if that many steps are to be reversed with so many (this one included)."""
    if snapshots == 1:
        return steps - 1
    r = repetitions(steps, snapshots)
    if steps <= beta(snapshots, r - 1) + beta(snapshots - 2, r - 1):
        return max(1, beta(snapshots, r - 2))
    if steps >= beta(snapshots, r) - beta(snapshots - 3, r):
        return beta(snapshots, r - 1)
    return steps - beta(snapshots - 1, r - 1) - beta(snapshots - 2, r - 1)
