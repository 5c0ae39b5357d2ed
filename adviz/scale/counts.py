"""The counts behind `cost`: operations of every sweep, and for how long every number is held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

import numpy as np

from adviz.scale.saved import needed, on_the_way, reads
from adviz.scale.schedule import Action, Advance, Free, Record, Restore, Reverse, Snapshot, binomial
from adviz.scale.work import Work, work
from adviz.wengert import Ref, Trace


class Counting:
    """The work of every line of a trace, and for how long its numbers are held.

    Time is counted in moments: 1 .. l while the lines are run, l + 1 .. 2l while they are swept, line l first.
    """

    def __init__(self, t: Trace) -> None:
        self.t, self.assignments, self.lines = t, t.assignments, len(t.assignments)
        self.work: list[Work] = [work(a, t) for a in t.assignments]
        self.run, self.partials = sum(w.value for w in self.work), sum(w.partials for w in self.work)
        self.size = {j: int(np.size(t.value_of(j))) for j in (*t.inputs, *range(1, self.lines + 1))}
        self.inputs, self.outputs = sum(self.size[j] for j in t.inputs), sum(self.size[i] for i in t.outputs)
        self.last = {u.index: a.index for a in t.assignments for u in a.operands if isinstance(u, Ref)}  # who reads a value last
        self.swept = {a.index for a in on_the_way(t)}

    def forward(self) -> tuple[int, int]:
        """Multiplications and additions of n forward sweeps, each seeded with one input: of which sweeps reach a line, a bit each."""
        reached = self._seeded(self.t.inputs)
        multiplications = additions = 0
        for a, w in zip(self.assignments, self.work, strict=True):
            so_far = 0
            for (_, j), term in zip(a.active, w.terms, strict=True):
                multiplications += term * reached.get(j, 0).bit_count()
                additions += self.size[a.index] * (so_far & reached.get(j, 0)).bit_count()
                so_far |= reached.get(j, 0)
            reached[a.index] = so_far
            for j in {u.index for u in a.operands if isinstance(u, Ref) and self.last[u.index] == a.index}:
                reached.pop(j, None)
        return multiplications, additions

    def reverse(self) -> tuple[int, int]:
        """Multiplications and additions of m reverse sweeps, each seeded with one output."""
        reached = self._seeded(self.t.outputs)
        multiplications = additions = 0
        for a, w in zip(reversed(self.assignments), reversed(self.work), strict=True):
            come = reached.pop(a.index, 0)
            for (_, j), share in zip(a.active, w.shares, strict=True):
                multiplications += share * come.bit_count()
                additions += self.size[j] * (come & reached.get(j, 0)).bit_count()
                reached[j] = reached.get(j, 0) | come
        return multiplications, additions

    def _seeded(self, indices: Sequence[int]) -> dict[int, int]:
        """A bit for each number of these variables."""
        bits: dict[int, int] = {}
        start = 0
        for i in indices:
            bits[i] = bits.get(i, 0) | ((1 << self.size[i]) - 1) << start
            start += self.size[i]
        return bits

    def along(self) -> tuple[int, int]:
        """Multiplications and additions of a forward sweep that comes along every edge."""
        return sum(sum(w.terms) for w in self.work), sum(self.size[a.index] * max(len(list(a.active)) - 1, 0) for a in self.assignments)

    def back(self) -> tuple[int, int]:
        """Multiplications and additions of a reverse sweep that comes along every edge that leads to an output."""
        swept = [(a, w) for a, w in zip(self.assignments, self.work, strict=True) if a.index in self.swept]
        arrived = [j for a, _ in swept for _, j in a.active]
        first = set(arrived) - set(self.t.outputs)
        return sum(sum(w.shares) for _, w in swept), sum(self.size[j] for j in arrived) - sum(self.size[j] for j in first)

    def live(self) -> int:
        """The most numbers that are held to run f: each from its line (an input from the start) to the last line that reads it."""
        return self._peak((self._born(j), self._read_until(j), size) for j, size in self.size.items())

    def stored(self) -> int:
        """The most numbers that are held for a run and a reverse sweep: values that are still read, and adjoints under way."""
        return self._peak([*self._values(), *self.adjoints()])

    def _born(self, j: int) -> int:
        return max(j, 1)

    def _read_until(self, j: int) -> int:
        """The last moment of the run at which v_j is used; an output is there until the end."""
        return self.lines if j in self.t.outputs else max(self.last.get(j, 0), j)

    def moment(self, i: int) -> int:
        """When line i is swept."""
        return 2 * self.lines + 1 - i

    def _values(self) -> Iterator[tuple[int, int, int]]:
        until = {v.index: v.until for v in needed(self.t).values}
        for j, size in self.size.items():
            yield self._born(j), self.moment(until[j]) if j in until else self._read_until(j), size

    def adjoints(self) -> Iterator[tuple[int, int, int]]:
        """From the first share that arrives to the line's own turn; of an input, to the end."""
        arrived = dict.fromkeys(self.t.outputs, self.lines + 1)
        for a in on_the_way(self.t):
            for _, j in a.active:
                arrived.setdefault(j, self.moment(a.index))
        for j, start in arrived.items():
            yield start, self.moment(max(j, 1)), self.size[j]

    def _peak(self, held: Iterable[tuple[int, int, int]]) -> int:
        """The most numbers at a moment, of (from, to, how many)."""
        change = [0] * (2 * self.lines + 4)
        for start, stop, size in held:
            if stop >= start or not self.lines:
                change[start] += size
                change[max(stop, start) + 1] -= size
        peak = now = 0
        for step in change:
            now += step
            peak = max(peak, now)
        return peak

    def again(self, snapshots: int) -> int:
        """The operations of the lines that are run again."""
        ends = [0]
        for w in self.work:
            ends.append(ends[-1] + w.value)
        return sum(ends[a.stop] - ends[a.start] for a in binomial(self.lines, snapshots) if isinstance(a, Advance))


def held_from_checkpoints(count: Counting, snapshots: int) -> int:
    """The most numbers that are held if the lines are the steps of a binomial schedule: snapshots, the state at hand, m times the adjoints."""
    replay = Replay(count)
    for action in binomial(count.lines, snapshots):
        replay.carry_out(action)
    return replay.most


class Replay:
    """A schedule over the lines of a trace, on sets of values: what several snapshots have in common is held once."""

    def __init__(self, count: Counting) -> None:
        self.count, self.left = count, count.lines
        self.holders: dict[int, int] = {}
        self.slots: dict[int, set[int]] = {}
        self.held = self.most = 0
        begin, end = [0] * (2 * count.lines + 4), [0] * (2 * count.lines + 4)
        for start, stop, size in count.adjoints():
            begin[start] += size * count.outputs
            end[stop + 1] += size * count.outputs
        self.alive = list(accumulate(b - e for b, e in zip(begin, end, strict=True)))  # while a line is swept
        self.waiting = [now - b for now, b in zip(self.alive, begin, strict=True)]  # before it is swept
        self.here = {j for j in count.t.inputs if count.last.get(j, 0) > 0}
        self._take(self.here)

    def carry_out(self, action: Action) -> None:
        """What is held after an action, and the most on the way."""
        match action:
            case Snapshot(_, slot):
                self.slots[slot] = set(self.here)
                self._take(self.here)
            case Advance(start, stop):
                for i in range(start + 1, stop + 1):
                    self._run(i)
            case Restore(_, slot):
                self.here = set(self.slots[slot])
                self._take(self.here)
            case Free(slot):
                self._drop(self.slots.pop(slot))
            case Record(step):
                self._run(step + 1)
            case Reverse(step):
                self._sweep(step + 1)

    def _run(self, i: int) -> None:
        """Line i: its value joins the state, and what no later line reads leaves it."""
        self._take({i})
        self.here.add(i)
        self._note(self.waiting[self.count.moment(self.left)])
        over = {j for j in self.here if self.count.last.get(j, 0) <= i}
        self.here -= over
        self._drop(over)

    def _sweep(self, i: int) -> None:
        """The reverse sweep of line i, with what its partials read; the state that was at hand is not needed any more."""
        read = reads(self.count.assignments[i - 1], self.count.t)
        self._take(read)
        self._drop(self.here)
        self._note(self.alive[self.count.moment(i)])
        self._drop(read)
        self.here, self.left = set(), i - 1

    def _note(self, adjoints: int) -> None:
        self.most = max(self.most, self.held + adjoints)

    def _take(self, values: Iterable[int]) -> None:
        for j in values:
            self.holders[j] = self.holders.get(j, 0) + 1
            self.held += self.count.size[j] * (self.holders[j] == 1)

    def _drop(self, values: Iterable[int]) -> None:
        for j in values:
            self.holders[j] -= 1
            self.held -= self.count.size[j] * (self.holders[j] == 0)
