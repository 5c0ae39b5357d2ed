"""What a precision costs: a trace beside itself in fewer digits, line by line, and where the digits go.

Every line v_i = φ_i(v_j, ...) passes on the errors of its operands and adds a rounding of its own,

    Δv_i = Σ_j ∂φ_i/∂v_j Δv_j + δ_i          and so          Δy = Σ_i v̄_i δ_i       (Griewank & Walther 2008, section 3.4)

to first order: errors travel forward as tangents do, and the adjoint of a line says what its rounding does to the result. Relative errors are
multiplied by the line's condition number |v_j ∂φ_i/∂v_j / v_i|. Where that is large (a difference of nearly equal numbers) digits go.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np

from adviz.linear import Elementary, Linear, shaped
from adviz.texts import text
from adviz.wengert import Assignment, Ref, Trace

PRODUCTS = frozenset({"matmul", "dot", "outer", "tensordot", "einsum"})


class Compared(NamedTuple):
    """One number (or array) in both precisions.

    >>> third = Compared(1 / 3, np.float32(1 / 3))
    >>> f"{third.relative:.1e}, {third.ulps:.2f} ulps"
    '3.0e-08, 0.33 ulps'
    """

    wide: Any
    narrow: Any

    @property
    def error(self) -> Any:
        """narrow - wide, entry by entry."""
        wide, narrow = np.asarray(self.wide), np.asarray(self.narrow)
        with np.errstate(all="ignore"):
            same = (wide == narrow) | (np.isnan(wide) & np.isnan(narrow))
            return np.where(same, 0.0, narrow.astype(wide.dtype) - wide)[()]

    @property
    def relative(self) -> float:
        """|error| / |wide|, of the worst entry; inf where 0 became something else."""
        return self._worst(np.abs(self.wide))

    @property
    def ulps(self) -> float:
        """|error| in units of the narrow precision's last place, of the worst entry."""
        kind = np.asarray(self.narrow).dtype.type
        with np.errstate(all="ignore"):
            last = np.spacing(np.abs(np.asarray(self.wide)).astype(kind))
        return self._worst(np.where(np.isfinite(last), last, np.finfo(kind).smallest_subnormal).astype(float))

    @property
    def lost(self) -> float:
        """How many decimal digits of the narrow precision's are wrong: 0 for an error of at most one unit in the last place."""
        return math.log10(self.ulps) if self.ulps > 1 else 0.0

    @property
    def vanishes(self) -> bool:
        """Whether an entry became 0 that is not: too small for the precision, or lost in a difference."""
        return bool(np.any((np.asarray(self.narrow) == 0) & (np.asarray(self.wide) != 0)))

    @property
    def overflows(self) -> bool:
        """Whether an entry became infinite or undefined that is not."""
        return bool(np.any(~np.isfinite(self.narrow) & np.isfinite(self.wide)))

    def _worst(self, by: Any) -> float:
        error = np.abs(self.error)
        with np.errstate(all="ignore"):
            quotient = np.where(error == 0, 0.0, np.divide(error, by))
        return float(np.max(np.nan_to_num(quotient, nan=math.inf, posinf=math.inf), initial=0.0))


class LineDigits(NamedTuple):
    """One variable in both precisions, and where its error comes from.

    value           v_i
    inherited       Σ_j ∂φ_i/∂v_j Δv_j: the largest entry
    rounding        δ_i = Δv_i - inherited: what this line (and its constants) added: the largest entry
    amplification   max_j |v_j ∂φ_i/∂v_j / v_i|: by how much the line can multiply relative errors; nan where no formula says
    effect          v̄_i δ_i: what this line's rounding does to the result; nan without adjoints
    tangent, adjoint   v̇_i and v̄_i, where they were asked for
    """

    index: int  # type: ignore[assignment]  # a field, where tuples have a method
    name: str
    definition: str
    value: Compared
    inherited: float
    rounding: float
    amplification: float
    effect: float
    tangent: Compared | None
    adjoint: Compared | None


@dataclass(frozen=True)
class Comparison:
    """A trace in two precisions, line by line.

    lines           one `LineDigits` for each variable, the inputs first
    traces          (wide, narrow): both traces, to look at and to sweep
    """

    function: str
    names: tuple[str, str]  # of the narrow precision and the wide one
    lines: tuple[LineDigits, ...]
    outputs: tuple[int, ...]
    traces: tuple[Trace, Trace]

    @property
    def results(self) -> tuple[LineDigits, ...]:
        """The lines of the outputs."""
        by_index = {line.index: line for line in self.lines}
        return tuple(by_index[i] for i in self.outputs)

    def worst(self, count: int = 3) -> tuple[LineDigits, ...]:
        """Where the digits go: the lines whose rounding does most to the result; without adjoints those that amplify most."""
        measured = [(abs(u.amplification) if math.isnan(u.effect) else abs(u.effect), u) for u in self.lines]
        ranked = sorted(((size, u) for size, u in measured if size > 0), key=lambda pair: -pair[0])
        return tuple(u for _, u in ranked[:count])


def compared_lines(wide: Trace, narrow: Trace, tangents: dict[int, Compared], adjoints: dict[int, Compared]) -> list[LineDigits]:
    """The inputs, then the assignments, each with the errors of those before it at hand."""
    errors: dict[int, Any] = {}
    lines = []
    for i in (*wide.inputs, *(a.index for a in wide.assignments)):
        a = wide.assignments[i - 1] if i > 0 else None
        value = Compared(wide.value_of(i), narrow.value_of(i))
        errors[i] = value.error
        with np.errstate(all="ignore"):
            inherited = passed_on(a, errors) if a is not None else 0.0
            own = np.asarray(value.error - inherited)
            effect = float(np.sum(np.multiply(adjoints[i].wide, own))) if i in adjoints else math.nan if not adjoints else 0.0
            amplification = condition(a, wide) if a is not None and a.row is not None else math.nan
        what = definition(a, wide) if a is not None else wide.parameters[i - 1]
        size, rounding = largest(inherited), largest(own)
        lines.append(LineDigits(i, f"v{i}", what, value, size, rounding, amplification, effect, tangents.get(i), adjoints.get(i)))
    return lines


def largest(u: Any) -> float:
    """The entry of the largest size."""
    u = np.ravel(u)
    return float(u[np.argmax(np.abs(u))]) if u.size else 0.0


def passed_on(a: Assignment, errors: dict[int, Any]) -> Any:
    """Σ_j ∂φ_i/∂v_j Δv_j: errors travel as tangents do."""
    return sum((shaped(a.term(k, errors[j] if np.ndim(errors[j]) else float(errors[j])), a.value) for k, j in a.active), 0.0)


def condition(a: Assignment, t: Trace) -> float:
    """max_j |v_j ∂φ_i/∂v_j / v_i|, of the worst entry; in a sum or a product of arrays, Σ_j of all that count together.

    nan for an operation whose Jacobian's entries are not at hand.
    """
    worst = 0.0
    for k, j in a.active:
        sizes = _sizes(cast(Linear, a.maps[k])) if a.maps else np.abs(np.multiply(t.value_of(j), a.partials[k]))
        if sizes is None:
            return math.nan
        quotient = np.where(sizes == 0, 0.0, np.divide(sizes, np.abs(a.value)))
        worst = max(worst, float(np.max(quotient, initial=0.0)))
    return worst


def _sizes(to: Linear) -> Any:
    """|∂φ/∂u| |u|, entry by entry of the result."""
    u = [np.abs(w) for w in to.operands]
    if isinstance(to.row, Elementary):
        return np.abs(to.operands[to.k] * to.array())
    if to.row.selects:
        return np.abs(shaped(to.tangent(u[to.k]), to.value))
    return to.row.value(*u, **to.parameters) if to.row.name in PRODUCTS else None


def definition(a: Assignment, t: Trace) -> str:
    """The line as it would be typed: "v1 - 1", "sin(v0)"."""
    if a.row is None:
        return text("precision.constant")
    names = [f"v{u.index}" if isinstance(u, Ref) else f"{u.value:.4g}" if np.ndim(u.value) == 0 else f"array{np.shape(u.value)}" for u in a.operands]
    symbol = TYPED.get(a.row.name)
    if symbol:
        return f" {symbol} ".join(names) if len(names) == 2 else symbol + names[0]
    return f"{a.row.name}({', '.join(names)})"


TYPED = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "negative": "-", "floor_divide": "//", "remainder": "%"}
