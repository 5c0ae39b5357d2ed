"""Reversal schedules: what they keep and run again, against theory, against every other way, and against the published program."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import islice, pairwise
from typing import Any

import numpy as np
import pytest

import adviz
from adviz import scale
from adviz.scale import Advance, Free, Record, Restore, Reverse, Schedule, Snapshot

LENGTHS, BUDGETS = range(61), range(1, 9)


def written(schedule: Iterable[Any]) -> str:
    """A schedule in the words of Algorithm 799: A advance, S takeshot, R restore, Y youturn."""
    words = []
    for action in schedule:
        match action:
            case Advance(start, stop):
                words.append(f"A{start}-{stop}")
            case Snapshot(step, slot):
                words.append(f"S{step}@{slot}")
            case Restore(step, slot):
                words.append(f"R{step}@{slot}")
            case Record(step):
                words.append(f"Y{step}")
    return " ".join(words)


# What revolve.c says, compiled from the text published with Griewank & Walther (2000), for 10 and for 14 steps with 3 snapshots.
REVOLVE_10 = (
    "S0@0 A0-4 S4@1 A4-7 S7@2 A7-9 Y9 R7@2 A7-8 Y8 R7@2 Y7 R4@1 A4-5 S5@2 A5-6 Y6 R5@2 Y5 R4@1 Y4 R0@0 A0-1 S1@1 A1-2 S2@2 A2-3 Y3 R2@2 Y2 R1@1 Y1 R0@0 Y0"
)
REVOLVE_14 = (
    "S0@0 A0-5 S5@1 A5-10 S10@2 A10-13 Y13 R10@2 A10-12 Y12 R10@2 A10-11 Y11 R10@2 Y10 R5@1 A5-7 S7@2 A7-9 Y9 R7@2 A7-8 Y8 R7@2 Y7 R5@1 A5-6 Y6 R5@1 Y5"
    " R0@0 A0-1 S1@1 A1-2 S2@2 A2-4 Y4 R2@2 A2-3 Y3 R2@2 Y2 R1@1 Y1 R0@0 Y0"
)


def test_binomial_schedules_are_those_of_algorithm_799() -> None:
    assert written(scale.binomial(10, 3)) == REVOLVE_10
    assert written(scale.binomial(14, 3)) == REVOLVE_14


def test_the_longest_loops_are_the_published_binomials() -> None:
    """β(s, r) = (s + r)! / (s! r!): Griewank & Walther 2000, table of maximal lengths."""
    table = {1: [2, 3, 4, 5, 6], 2: [3, 6, 10, 15, 21], 3: [4, 10, 20, 35, 56], 4: [5, 15, 35, 70, 126], 5: [6, 21, 56, 126, 252]}
    assert {s: [scale.longest(s, r) for r in range(1, 6)] for s in table} == table


def test_the_published_numbers_of_forward_steps() -> None:
    assert scale.minimal_steps(10, 3) == 15
    assert scale.minimal_steps(14, 3) == 27  # the driver of Algorithm 799: slowdown factor 1.9286
    assert scale.minimal_steps(100_000, 10) == 832_040  # numforw(100000, 10)
    assert [scale.minimal_steps(n, 1) for n in (1, 2, 3, 100)] == [0, 1, 3, 4950]  # l (l - 1) / 2
    assert [scale.minimal_steps(n, n - 1) for n in (2, 3, 100)] == [1, 2, 99]  # every state kept: once forward
    assert scale.minimal_steps(0, 3) == 0


@cache
def fewest(steps: int, snapshots: int) -> tuple[int, int]:
    """Forward steps, and then snapshots written: the least of all places for the next snapshot, by trying them all."""
    if steps <= 1:
        return 0, 0
    if snapshots == 1:
        return steps * (steps - 1) // 2, 1
    ways = []
    for m in range(1, steps):
        right, left = fewest(steps - m, snapshots - 1), fewest(m, snapshots)
        kept = right[1] + max(left[1], 1)  # the first state is written once for both parts
        ways.append((m + right[0] + left[0], kept))
    return min(ways)


@pytest.mark.parametrize("snapshots", BUDGETS)
def test_no_schedule_runs_fewer_steps_or_writes_fewer_snapshots(snapshots: int) -> None:
    for steps in LENGTHS:
        schedule = scale.binomial(steps, snapshots)
        written = sum(isinstance(a, Snapshot) for a in schedule)
        assert (schedule.forward_steps, written) == fewest(steps, snapshots)
        assert schedule.forward_steps == scale.minimal_steps(steps, snapshots)


def test_a_loop_of_the_longest_length_runs_no_step_more_than_r_times() -> None:
    for s in range(1, 6):
        for r in range(1, 5):
            runs: dict[int, int] = {}
            for action in scale.binomial(scale.longest(s, r), s):
                if isinstance(action, Advance):
                    for i in range(action.start, action.stop):
                        runs[i] = runs.get(i, 0) + 1
            assert max(runs.values()) == r
            assert scale.longest(s, r - 1) < scale.longest(s, r)


def replayed(schedule: Schedule) -> tuple[int, int]:
    """Carry out a schedule on the numbers of the states; how many snapshots and how many records were held at most."""
    here: int | None = 0
    slots: dict[int, int] = {}
    records: set[int] = set()
    recorded: list[int] = []
    swept: list[int] = []
    most = (0, 0)
    for action in schedule:
        match action:
            case Snapshot(step, slot):
                assert here == step
                assert slot not in slots
                slots[slot] = step
            case Advance(start, stop):
                assert here == start < stop <= schedule.steps - len(swept)
                here = stop
            case Restore(step, slot):
                assert slots[slot] == step
                here = step
            case Record(step):
                assert here == step
                records.add(step)
                recorded.append(step)
                here = step + 1
            case Reverse(step):
                records.remove(step)
                swept.append(step)
                here = None
            case Free(slot):
                del slots[slot]
        most = (max(most[0], len(slots)), max(most[1], len(records)))
    assert swept == list(reversed(range(schedule.steps)))
    assert sorted(recorded) == list(range(schedule.steps))
    assert slots == {}
    return most


@pytest.mark.parametrize("snapshots", BUDGETS)
def test_binomial_schedules_hold_at_most_their_snapshots_and_reverse_every_step_once(snapshots: int) -> None:
    for steps in LENGTHS:
        held, records = replayed(scale.binomial(steps, snapshots))
        assert held <= min(snapshots, max(steps - 1, 0))
        assert records == min(steps, 1)


@pytest.mark.parametrize("steps", LENGTHS)
def test_uniform_schedules_hold_what_they_say_and_run_each_step_at_most_once_more(steps: int) -> None:
    for every in range(1, max(steps, 1) + 2):
        schedule = scale.uniform(steps, every=every)
        segments = -(-steps // every)
        assert replayed(schedule) == (schedule.snapshots, min(every, steps)) == (max(segments - 1, 0), min(every, steps))
        assert schedule.forward_steps == max(segments - 1, 0) * every <= steps
    for snapshots in BUDGETS:
        held, records = replayed(scale.uniform(steps, snapshots))
        assert held <= snapshots
        assert records <= -(-steps // (snapshots + 1))


@pytest.mark.parametrize("steps", LENGTHS)
def test_the_two_extremes(steps: int) -> None:
    assert replayed(scale.store_all(steps)) == (0, steps)
    assert scale.store_all(steps).forward_steps == 0
    assert replayed(scale.recompute_all(steps)) == (int(steps > 1), min(steps, 1))
    assert scale.recompute_all(steps).forward_steps == steps * (steps - 1) // 2


def test_sixteen_steps_in_four_segments_hold_seven_things_instead_of_sixteen() -> None:
    schedule = scale.uniform(16, every=4)
    held = [len(m.held) + len(m.recorded) for m in schedule.moments()]
    assert (max(held), schedule.forward_steps) == (7, 12)
    assert scale.uniform(16, 3) == schedule


@pytest.mark.parametrize(
    "schedule", [scale.binomial(17, 3), scale.uniform(17, 4), scale.store_all(5), scale.recompute_all(6), scale.binomial(1, 1)], ids=str
)
def test_moments_tell_what_is_held_and_what_was_run_again(schedule: Schedule) -> None:
    moments = list(schedule.moments())
    assert [m.action for m in moments] == list(schedule)
    assert max(len(m.held) for m in moments) == replayed(schedule)[0]
    assert max(len(m.recorded) for m in moments) == replayed(schedule)[1]
    last = moments[-1]
    assert (last.held, last.recorded, last.reversed_from, last.again) == ((), (), 0, schedule.forward_steps)
    for before, after in pairwise(moments):
        if isinstance(after.action, Restore):
            assert (after.action.slot, after.here) in before.held
        if isinstance(after.action, Snapshot):
            assert (after.action.slot, before.here) in after.held
        assert after.reversed_from <= before.reversed_from


def test_a_schedule_of_a_billion_steps_begins_at_once() -> None:
    first = list(islice(scale.binomial(10**9, 30), 3))
    assert isinstance(first[1], Advance)
    assert scale.minimal_steps(10**9, 1) == 10**9 * (10**9 - 1) // 2
    assert scale.longest(30, 10) < 10**9 <= scale.longest(30, 11)
    assert scale.minimal_steps(10**9, 30) == 11 * 10**9 - scale.longest(31, 10) < 10 * 10**9


@pytest.mark.parametrize("make", [scale.binomial, scale.uniform, scale.minimal_steps])
def test_a_budget_that_cannot_hold_a_state_is_refused(make: Any) -> None:
    for budget in (0, -3):
        with pytest.raises(adviz.BudgetError, match=r"snapshots=1"):
            make(10, budget)
    for budget in (2.5, "3", None, True):
        with pytest.raises(adviz.InputError, match="snapshots"):
            make(10, budget)


@pytest.mark.parametrize("steps", [-1, 2.0, "7", None, False])
def test_a_number_of_steps_that_is_none_is_refused(steps: Any) -> None:
    for make in (lambda l: scale.binomial(l, 3), lambda l: scale.uniform(l, 3), lambda l: scale.uniform(l, every=2), scale.store_all, scale.recompute_all):
        with pytest.raises(adviz.InputError, match="whole number of steps"):
            make(steps)


@pytest.mark.parametrize("every", [0, -1, 1.5, "2"])
def test_a_distance_between_snapshots_that_is_none_is_refused(every: Any) -> None:
    with pytest.raises(adviz.InputError, match="every"):
        scale.uniform(10, every=every)


def test_counts_of_numpy_s_are_counts() -> None:
    assert scale.binomial(np.int64(10), np.int32(3)) == scale.binomial(10, 3)
    assert scale.uniform(np.int64(10), every=np.int64(3)) == scale.uniform(10, every=3)
    assert type(scale.minimal_steps(np.int64(10**6), np.int8(100))) is int


@pytest.mark.parametrize("snapshots, times", [("3", 2), (3, 2.5), (None, 1), (True, 1)])
def test_the_longest_loop_is_asked_for_in_whole_numbers(snapshots: Any, times: Any) -> None:
    with pytest.raises(adviz.InputError, match="whole numbers"):
        scale.longest(snapshots, times)
