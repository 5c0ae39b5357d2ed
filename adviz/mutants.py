"""Mutants: for every cell of a trace the numbers that a learner with a certain misconception would write.

`MUTANTS` names them; the broken rules are in `slips.py`. `run` gives one mutant's numbers, `diagnose` the mutants that give a number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from adviz.errors import InputError, UnsupportedError
from adviz.slips import SLIPS, as_written
from adviz.sweeps import Accumulate, Contribute, Propagate, Seed
from adviz.texts import text
from adviz.timeline import Timeline

MUTANTS = tuple(SLIPS)


class Cell(NamedTuple):
    """What a learner fills in. A share is on its way from v_source to v_index; an adjoint with a source is the sum up to that share."""

    kind: str  # "value", "tangent", "adjoint" or "share"
    index: int  # type: ignore[assignment]  # a field, where tuples have a method
    source: int | None = None
    operand: int | None = None  # which operand of v_source


class Mutated(NamedTuple):
    """A mutant's numbers where they differ from the right ones: for each cell all that the slip may give there."""

    mutant: str
    cells: Mapping[Cell, tuple[float, ...]]

    @property
    def changes_nothing(self) -> bool:
        """Whether the slip leaves every number of this timeline right."""
        return not self.cells

    @property
    def sentence(self) -> str:
        """Which slip it was; or that it cannot be seen here."""
        return text("mutant.nothing") if self.changes_nothing else sentence(self.mutant)


def sentence(mutant: str) -> str:
    """Which slip it was, for the learner.

    >>> sentence("log10")
    'This is the logarithm to base 10. ln is the natural logarithm.'
    """
    return text(f"mutant.{known(mutant)}")


def known(mutant: str) -> str:
    """That name. InputError if no mutant has it."""
    if mutant not in MUTANTS:
        raise InputError(text("mutant.unknown", mutant=repr(mutant), mutants=", ".join(MUTANTS)))
    return mutant


def numbers(timeline: Timeline) -> dict[Cell, float]:
    """The right number of every cell: values, tangents or adjoints, shares. UnsupportedError for a trace of arrays.

    >>> from adviz import reverse
    >>> numbers(reverse(lambda x: x * x, 3.0))[Cell("adjoint", 0)]
    6.0
    """
    if not isinstance(timeline, Timeline):
        raise InputError(text("mutant.timeline", kind=type(timeline).__name__))
    t = timeline.trace
    if any(a.maps or np.ndim(a.value) for a in t.assignments) or any(map(np.ndim, t.point)):
        raise UnsupportedError(text("mutant.arrays"))
    return _filled(timeline, timeline.mode)


def _filled(timeline: Timeline, mode: str) -> dict[Cell, float]:
    """What is written into the cells of a table of that mode."""
    t, flow = timeline.trace, "tangent" if mode == "forward" else "adjoint"
    found: dict[Cell, Any] = {Cell("value", i): t.value_of(i) for i in (*t.inputs, *(a.index for a in t.assignments))}
    arrived: tuple[int, int] = (0, 0)
    for step in timeline.steps:
        match step:
            case Seed(i, u) | Propagate(i, u):
                found[Cell(flow, i)] = u
            case Contribute(j, i, k, share):
                arrived = i, k
                found[Cell("share", j, i, k)] = share
            case Accumulate(j, u):
                found[Cell(flow, j)] = found[Cell(flow, j, *arrived)] = u
    return {cell: float(as_written(u)) for cell, u in found.items() if as_written(u) is not None}


def run(timeline: Timeline, mutant: str) -> Mutated:
    """The numbers of one mutant, cell by cell. InputError for a name that is not in MUTANTS.

    >>> from adviz import reverse
    >>> run(reverse(lambda x: x * x, 3.0), "overwrite").cells[Cell("adjoint", 0)]
    (3.0,)
    """
    return _run(timeline, known(mutant), numbers(timeline))


def _run(timeline: Timeline, mutant: str, right: Mapping[Cell, float]) -> Mutated:
    found: dict[Cell, dict[float, None]] = {}
    for broken in SLIPS[mutant](timeline):
        for cell, u in _filled(broken, timeline.mode).items():
            if cell in right and math.isfinite(u) and not math.isclose(u, right[cell], rel_tol=1e-12):
                found.setdefault(cell, {})[u] = None
    return Mutated(mutant, {cell: tuple(given) for cell, given in found.items()})


def diagnose(timeline: Timeline, cell: Cell, number: float, *, digits: int = 3) -> tuple[str, ...]:
    """The mutants that give this number in this cell, the nearest first; none for the right number, each to so many digits.

    >>> from adviz import reverse
    >>> diagnose(reverse(lambda x1, x2: x1 * x2 + x1, 2.0, 5.0), Cell("adjoint", -1), 5.0)
    ('overwrite',)
    """
    right = numbers(timeline)
    if cell not in right:
        raise InputError(text("mutant.cell", cell=tuple(cell), mode=timeline.mode))
    if not math.isfinite(number) or agrees(number, right[cell], digits):
        return ()
    nearest: dict[str, float] = {}
    for mutant in MUTANTS:
        given = _run(timeline, mutant, right).cells.get(cell, ())
        apart = [abs(number - u) for u in given if agrees(number, u, digits) and not agrees(u, right[cell], digits)]
        if apart:
            nearest[mutant] = min(apart)
    return tuple(sorted(nearest, key=nearest.__getitem__))


def agrees(number: float, right: float, digits: int = 3) -> bool:
    """|number − right| ≤ 5·10⁻ᵈ · max(|right|, 1): right to d digits, as the tables are written."""
    return number == right or (math.isfinite(right) and abs(number - right) <= 5 * 10.0**-digits * max(abs(right), 1.0))
