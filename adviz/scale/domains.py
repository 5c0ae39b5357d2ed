"""Index domains: for every variable of a run the inputs that it depends on   (Griewank & Walther 2008, chapter 7)

    𝒳_i = ∪ 𝒳_j  over the operands v_j on which φ_i depends

Of a number that is a set of inputs, kept as the bits of a whole number; of an array it is a pattern, a row for each entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adviz.running import Point
from adviz.scale.curvature import constant_zeros, flows
from adviz.scale.entries import depends
from adviz.scale.operation import Operation
from adviz.scale.pattern import Pattern
from adviz.tape import Event, Events, operands_of

Domain = int | Pattern  # of a number: bits; of an array: a row for each entry


def sizes(numbers: Sequence[Any]) -> list[int]:
    """How many entries each input or output has."""
    return [int(np.size(u)) for u in numbers]


def offsets(numbers: Sequence[Any]) -> list[int]:
    """At which column each input begins (or at which row each output), and behind the last one how many there are."""
    return [0, *np.cumsum(sizes(numbers), dtype=int).tolist()]


def bits(columns: np.ndarray) -> int:
    """A set of columns as the bits of a number."""
    if len(columns) < 16:
        return sum(1 << int(j) for j in columns)
    held = np.zeros(int(columns[-1]) // 8 * 8 + 8, np.uint8)
    held[columns] = 1
    return int.from_bytes(np.packbits(held, bitorder="little").tobytes(), "little")


def members(domain: int) -> np.ndarray:
    """The columns whose bits are set.

    >>> members(0b1101).tolist()
    [0, 2, 3]
    """
    if domain.bit_count() < 16:
        found = []
        while domain:
            low = domain & -domain
            found.append(low.bit_length() - 1)
            domain ^= low
        return np.array(found, np.int64)
    raw = np.frombuffer(domain.to_bytes(domain.bit_length() // 8 + 1, "little"), np.uint8)
    return np.flatnonzero(np.unpackbits(raw, bitorder="little"))


def as_pattern(domain: Domain, n: int) -> Pattern:
    """The domain of a number as the pattern of an array with one entry."""
    if isinstance(domain, Pattern):
        return domain
    columns = members(domain)
    return Pattern((1, n), np.zeros(len(columns), np.int64), columns)


class Domains:
    """The index domains of a run's variables, made as they are asked for and forgotten after their last use."""

    def __init__(self, at: Point, tape: Events) -> None:
        self.tape, self.at = tape, at
        self.offsets = offsets(at.numbers)
        self.n = self.offsets[-1]
        self.known: dict[int, Domain] = {}
        self.last = last_uses(tape)

    def __getitem__(self, j: int) -> Domain:
        return self._input(j) if j <= 0 else self.known[j]

    def _input(self, j: int) -> Domain:
        """Itself. (Made anew each time: n numbers of n bits would be much to keep.)"""
        k = j + len(self.at.numbers) - 1
        first, x = self.offsets[k], self.at.numbers[k]
        if x.__class__ is not np.ndarray:
            return 1 << first
        entries = np.arange(x.size)
        return Pattern((x.size, self.n), entries, first + entries)

    def add(self, i: int, event: Event) -> None:
        """𝒳_i from the operands' domains; those that nothing needs any more are dropped."""
        if event[0].__class__ is str:
            self.known[i] = self._of_number(event)
        else:
            self.known[i] = self._of_operation(operation(self.tape, event))
        for j in operands_of(event):
            if j.__class__ is int and j > 0 and self.last[j] == i:
                self.known.pop(j, None)
        if i not in self.last:
            self.known.pop(i)

    def _of_number(self, event: Event) -> int:
        domain = 0
        for _, j in number_operands(event):
            u = self[j]
            assert isinstance(u, int)
            domain |= u
        return domain

    def _of_operation(self, o: Operation) -> Domain:
        m = int(np.size(o.value))
        found = Pattern.empty((m, self.n))
        for k, (at, entries) in depends(o):
            inner = as_pattern(self[o.slots[k]], self.n)
            straight = len(at) == m == inner.shape[0] and np.array_equal(at, entries) and np.array_equal(at, np.arange(m))
            found |= inner if straight else Pattern.of(at, entries, (m, inner.shape[0])).after(inner)
        return found if o.value.__class__ is np.ndarray and o.value.ndim else bits(found.columns)


def last_uses(tape: Events) -> dict[int, int]:
    """The last event that each variable is an operand of; an output is needed to the end."""
    last = {j: i for i, event in enumerate(tape.operations(), 1) for j in operands_of(event) if j.__class__ is int}
    return last | dict.fromkeys(tape.outputs, len(tape))


def operation(tape: Events, event: Event) -> Operation:
    """An event of an array operation with the values it works on."""
    row, slots, parameters, value = event[:4]
    operands = tuple([tape.value_of(j) if j.__class__ is int else j for j in slots])
    return Operation(row, slots, operands, parameters, value)


def number_operands(event: Event) -> list[tuple[int, int]]:
    """(k, j): the operands v_j of an operation on numbers that its value depends on."""
    if event[0] == "constant":
        return []
    dependent, found = flows(event[0]), []
    for k in (0, 1):
        j = event[1 + k]
        if event[4 + k] is not None and j.__class__ is int and dependent[k]:
            other = event[2 - k]
            if len(dependent) == 1 or other.__class__ is int or constant_zeros(event[0], k, other) is None:
                found.append((k, j))
    return found
