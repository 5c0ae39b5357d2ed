"""The steps of a timeline of plain numbers as columns, all at once.

Which steps there are, and in which order, is `sweeps.py`'s to say; here the same is said of all lines together, and a law holds the two equal.
The numbers are those of `step_numbers.py`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from adviz.lines import Lines
from adviz.step_numbers import step_numbers
from adviz.sweeps import Accumulate, Contribute, Evaluate, Propagate, Seed, Step
from adviz.timeline import Timeline
from adviz.views.variables import first_of, in_order

Column = np.ndarray


class Steps(NamedTuple):
    """Columns of steps; and one example of each kind: the step, whether it is the first to write its adjoint, whether it is the last."""

    examples: list[tuple[Step, bool, bool]]
    kind: Column
    index: Column  # type: ignore[assignment]  # a field, where tuples have a method
    source: Column
    operand: Column
    number: Column
    result: tuple[Any, ...]


def steps_of(timeline: Timeline, kind: Column) -> Steps | None:
    """The steps of a timeline; None where they must be made one by one. `kind` has the kind of each variable."""
    trace, mode = timeline.trace, timeline.mode
    lines = trace.lines
    if lines is None:
        return None
    if mode == "values":
        return _values(lines, kind[len(trace.inputs) :], tuple(trace.value_of(i) for i in trace.outputs))
    numbers = step_numbers(trace, mode, timeline.seed or ())
    if numbers is None:
        return None
    if mode == "forward":
        return _forward(lines, kind[len(trace.inputs) :], trace.inputs, numbers.steps, numbers.result)
    return _reverse(lines, kind, trace.inputs[0], trace.outputs, numbers.reached, numbers.steps, numbers.result)


def _values(lines: Lines, kind: Column, result: tuple[Any, ...]) -> Steps:
    index = np.arange(1, len(kind) + 1)
    codes, found = _kinds(kind)
    examples: list[tuple[Step, bool, bool]] = [(Evaluate(n + 1, None), False, True) for n in found]
    return Steps(examples, codes, index, np.zeros_like(index), np.zeros_like(index), lines.value, result)


def _forward(lines: Lines, kind: Column, inputs: tuple[int, ...], numbers: Column, result: tuple[Any, ...]) -> Steps:
    """Seeds, then for each line its value and its tangent."""
    size, many = len(kind), int(kind.max(initial=0)) + 1
    index = np.concatenate([np.array(inputs, np.int32), np.repeat(np.arange(1, size + 1, dtype=np.int32), 2)])
    code = np.concatenate([np.zeros(len(inputs), np.int64), np.stack([1 + kind, 1 + many + kind], axis=1).ravel()])
    number = np.concatenate([numbers[: len(inputs)], np.stack([lines.value, numbers[len(inputs) :]], axis=1).ravel()])
    codes, found = _kinds(code)
    examples: list[tuple[Step, bool, bool]] = []
    for n in found:
        i, seeded = int(index[n]), n < len(inputs)
        value = not seeded and code[n] <= many
        examples.append((Seed(i, None) if seeded else Evaluate(i, None) if value else Propagate(i, None), False, not value))
    return Steps(examples, codes, index, np.zeros_like(index), np.zeros_like(index), number, result)


def _reverse(
    lines: Lines, kind: Column, first: int, outputs: tuple[int, ...], reached: Column, numbers: Column, result: tuple[Any, ...]
) -> Steps:
    """Seeds, then for each line that is reached, the last first, a share and a sum for each of its operands."""
    flows = np.stack([u.given & reached for u in lines.operands], axis=1)[::-1].ravel()
    seeds = len(outputs)
    source = np.repeat(np.arange(len(reached), 0, -1, dtype=np.int32), 2)[flows]
    operand = np.tile(np.arange(2, dtype=np.int8), len(reached))[flows]
    index = np.stack([u.index for u in lines.operands], axis=1, dtype=np.int32)[::-1].ravel()[flows]
    nowhere = (0,) * seeds
    columns = ((outputs, index), (nowhere, source), (nowhere, operand))
    index, source, operand = (np.concatenate([np.array(before, column.dtype), np.repeat(column, 2)]) for before, column in columns)
    writes = np.ones(len(index), bool)
    writes[seeds::2] = False
    writing = np.flatnonzero(writes)
    written = index[writing] - first
    begun, ended = first_of(written, len(kind)), np.zeros(len(kind), np.int64)
    ended[written] = np.arange(len(written))
    is_first, is_last = np.zeros(len(index), bool), np.ones(len(index), bool)
    is_first[writing] = begun[written] == np.arange(len(written))
    is_last[writing] = ended[written] == np.arange(len(written))
    code = np.where(writes, 2 + 2 * is_first + is_last, 6 + 2 * kind[source - first] + operand)
    code[:seeds] = is_last[:seeds]
    codes, found = _kinds(code)
    examples = [_example(n, n < seeds, bool(writes[n]), (index, source, operand), bool(is_first[n]), bool(is_last[n])) for n in found]
    return Steps(examples, codes, index, source, operand, numbers, result)


def _example(n: int, seeded: bool, writes: bool, columns: tuple[Column, ...], first: bool, last: bool) -> tuple[Step, bool, bool]:
    j, i, k = (int(column[n]) for column in columns)
    if seeded:
        return Seed(j, None), False, last
    return (Accumulate(j, None), first, last) if writes else (Contribute(j, i, k, None), False, True)


def _kinds(code: Column) -> tuple[Column, list[int]]:
    """The kind of each step, numbered as they come, and the first step of each, counted from 0."""
    codes, listed = in_order(code, np.arange(int(code.max(initial=0)) + 1))
    first = first_of(code, int(code.max(initial=0)) + 1)
    return codes, first[listed].tolist()
