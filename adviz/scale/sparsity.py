"""Sparsity: which entries of a Jacobian or a Hessian can be other than 0, found on the trace of one run.

Jacobian: every variable v_i has an index domain, the inputs it depends on. Inputs have themselves, and

    𝒳_i = ∪ 𝒳_j  over the operands v_j on which φ_i depends        (Griewank & Walther 2008, chapter 7)

The domains of the outputs are the rows of the pattern (`domains.py`).

Hessian: v_i bends y only where an operation is not linear. Where ∂²φ_i/∂v_j∂v_k is not 0 as an expression, every input of 𝒳_j meets every input
of 𝒳_k, provided that v_i reaches y; all meetings together are the pattern (Walther 2008, "Computing sparse Hessians with automatic
differentiation", section 3).

A zero of these patterns is a zero for every value of the inputs, along the path that the run took. Another path (an `if`, an np.where,
an index that is computed) may have other zeros: `plan` compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adviz.errors import OutputError, UnsupportedError
from adviz.operators import Run
from adviz.running import Function
from adviz.scale.curvature import constant_lines, second_partials
from adviz.scale.domains import Domains, as_pattern, members, number_operands, offsets, operation
from adviz.scale.entries import depends
from adviz.scale.meetings import Meeting, meets
from adviz.scale.operation import Operation
from adviz.scale.pattern import Pattern, affordable
from adviz.tape import Event, Events, Handle
from adviz.texts import text


def jacobian_pattern(f: Function, *x: Any) -> Pattern:
    """{(i, j): ∂y_i/∂x_j can be other than 0}, for f as it runs at x   (Griewank & Walther 2008, chapter 7)

    Rows are the numbers that f returns, columns those that it is given: the entries of tuples and arrays one after the other.

    >>> print(jacobian_pattern(lambda x: x[1:] - x[:-1] ** 2, np.ones(4)))
    × × · ·
    · × × ·
    · · × ×
    """
    __tracebackhide__ = True
    return pattern_of_jacobian(sparse_run(f, x))


def hessian_pattern(f: Function, *x: Any) -> Pattern:
    """{(i, j): ∂²y/∂x_i∂x_j can be other than 0}, for f as it runs at x   (Walther 2008, section 3)

    f returns one number; OutputError otherwise.

    >>> print(hessian_pattern(lambda x1, x2, x3: x1 * x2 + np.sin(x3) + 5 * x1, 1.0, 2.0, 3.0))
    · × ·
    × · ·
    · · ×
    """
    __tracebackhide__ = True
    return pattern_of_hessian(one_number(sparse_run(f, x)))


def sparse_run(f: Function, x: Sequence[Any]) -> Run:
    """f run at x. UnsupportedError inside another derivative: a pattern is about plain numbers."""
    run = Run(f, x)
    if any(isinstance(u, Handle) for u in run.at.numbers):
        raise UnsupportedError(text("sparse.nested", function=run.at.function))
    return run


def one_number(run: Run) -> Run:
    """The run itself. OutputError unless f returned one number."""
    y = run.tape.value_of(run.outputs.indices[0])
    if run.single and (y.__class__ is float or not np.ndim(y)):
        return run
    if run.single:
        what = text("output.array", shape=np.shape(y))
    else:
        what = text("output.structure", kind=run.outputs.tree.kind.__name__, count=len(run.outputs.indices))
    raise OutputError(text("sparse.hessian", function=run.at.function, what=what))


def pattern_of_jacobian(run: Run) -> Pattern:
    """The domains of the outputs, one beneath the other."""
    domains = Domains(run.at, run.tape)
    for i, event in enumerate(run.tape.operations(), 1):
        domains.add(i, event)
    first = offsets(run.values)
    parts = [as_pattern(domains[i], domains.n) for i in run.outputs.indices]
    rows = [part.rows + start for part, start in zip(parts, first, strict=False)]
    return Pattern.of(np.concatenate(rows), np.concatenate([part.columns for part in parts]), (first[-1], domains.n))


class Meetings:
    """The pairs of inputs that have met: of numbers as bits, row by row, of arrays as patterns."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.numbers: dict[int, int] = {}
        self.arrays: list[Pattern] = []
        self.seen: set[tuple[int, int]] = set()

    def of_numbers(self, first: int, second: int) -> None:
        """Every input of one domain with every input of the other."""
        if (first, second) not in self.seen:
            self.seen.add((first, second))
            for i in members(first).tolist():
                self.numbers[i] = self.numbers.get(i, 0) | second

    def of_entries(self, meeting: Meeting, first: Pattern, second: Pattern) -> None:
        """The same for the entries of two operands that meet."""
        pairs = Pattern.of(meeting.first, meeting.second, (first.shape[0], second.shape[0]))
        self.arrays.append(first.T.after(pairs.after(second)))
        if len(self.arrays) > 20:
            self.arrays = [self._together()]

    def _together(self) -> Pattern:
        rows, columns = ([getattr(part, name) for part in self.arrays] for name in ("rows", "columns"))
        return Pattern.of(np.concatenate(rows), np.concatenate(columns), (self.n, self.n)) if rows else Pattern.empty((self.n, self.n))

    def pattern(self) -> Pattern:
        """All of them, with their mirror images."""
        affordable(sum(row.bit_count() for row in self.numbers.values()))
        listed = [(i, members(row)) for i, row in self.numbers.items()]
        if listed:
            rows = np.concatenate([np.full(len(columns), i) for i, columns in listed])
            self.arrays.append(Pattern.of(rows, np.concatenate([columns for _, columns in listed]), (self.n, self.n)))
        half = self._together()
        return half | half.T


def pattern_of_hessian(run: Run) -> Pattern:
    """Where inputs meet in an operation that is not linear and that reaches y."""
    tape, y = run.tape, run.outputs.indices[0]
    reached = reaching(tape, y)
    domains, meetings = Domains(run.at, tape), Meetings(offsets(run.at.numbers)[-1])
    for i, event in enumerate(tape.operations(), 1):
        if i in reached:
            if event[0].__class__ is str:
                _numbers_meet(event, domains, meetings)
            else:
                _entries_meet(operation(tape, event), reached[i], domains, meetings)
        domains.add(i, event)
    return meetings.pattern()


def _numbers_meet(event: Event, domains: Domains, meetings: Meetings) -> None:
    dependent = dict(number_operands(event))
    for k, l in second_partials(event[0]) if dependent else ():
        if k in dependent and l in dependent:
            other = event[2 - k]
            if k != l or other.__class__ is int or other is None or constant_lines(event[0], k, other) is None:
                first, second = domains[dependent[k]], domains[dependent[l]]
                assert isinstance(first, int)
                assert isinstance(second, int)
                meetings.of_numbers(first, second)


def _entries_meet(o: Operation, reached: np.ndarray, domains: Domains, meetings: Meetings) -> None:
    for meeting in meets(o):
        kept = slice(None) if meeting.at is None else reached[meeting.at]
        alive = meeting._replace(first=meeting.first[kept], second=meeting.second[kept])
        first, second = (as_pattern(domains[o.slots[k]], domains.n) for k in (meeting.k, meeting.l))
        meetings.of_entries(alive, first, second)


def reaching(tape: Events, y: int) -> dict[int, np.ndarray]:
    """For the variables on which y depends: which of their entries it depends on."""
    reached: dict[int, np.ndarray] = {y: np.ones(1, bool)}
    for i in range(len(tape) - 1, 0, -1):
        event = tape[i]
        if i not in reached:
            continue
        if event[0].__class__ is str:
            for _, j in number_operands(event):
                reached[j] = YES
            continue
        o = operation(tape, event)
        for k, (at, entries) in depends(o):
            held = reached.setdefault(o.slots[k], np.zeros(np.size(o.operands[k]), bool))
            if held is not YES:
                held[entries[reached[i][at]]] = True
    return reached


YES = np.ones(1, bool)
