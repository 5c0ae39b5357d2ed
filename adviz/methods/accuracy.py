"""How wrong a difference quotient is, for every h: truncation and round-off told apart.

The error against the derivative is measured. Its truncation part is computed: a difference quotient of a Taylor series is again a series
in h, and adviz has the coefficients, so that no number is subtracted from a nearly equal one. What is left of the error is round-off,
and that is held against a bound: every line v_i of the trace is rounded to the last digit, and the adjoint v̄_i says what that does to the
result (Griewank & Walther 2008, section 3.4). Where the rest exceeds the bound, f is not its Taylor series between x - h and x + h (a
kink, a jump, a pole): then neither part is claimed to be known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import Any

import numpy as np

from adviz.errors import InputError
from adviz.listing import aligned
from adviz.methods.numeric import COMPLEX, FORMULAS, Along, Formula, Values, central_difference, check_step, epsilon
from adviz.operators import derivative
from adviz.running import Function, point
from adviz.series import taylor
from adviz.sweeps import Accumulate, Seed, reverse_sweep
from adviz.texts import text
from adviz.wengert import trace

STEPS = tuple(10.0**-k for k in range(1, 17))
ORDER = 24  # of the Taylor series of f; where h is half its radius of convergence, what is left is below 1e-7 of it


@dataclass(frozen=True)
class ErrorCurve:
    """error = approximation - derivative = truncation + round-off, one entry for each h

    `band` bounds the size of the error: |truncation| and what rounding can do. Entries of truncation, round_off and band are nan where f
    is not its Taylor series between x - h and x + h.
    """

    method: str
    function: str
    input: str
    point: float
    derivative: float
    h: tuple[float, ...]
    approximation: tuple[float, ...]
    error: tuple[float, ...]
    truncation: tuple[float, ...]
    round_off: tuple[float, ...]
    band: tuple[float, ...]

    @property
    def best_h(self) -> float:
        """The h of least error, the first of them; nan if no error is a number."""
        known = [(abs(e), h) for e, h in zip(self.error, self.h, strict=True) if not math.isnan(e)]
        return min(known, key=lambda pair: pair[0])[1] if known else math.nan

    def __str__(self) -> str:
        columns = (self.h, self.approximation, self.error, self.truncation, self.round_off, self.band)
        head = [text(f"curve.{name}") for name in ("h", "approximation", "error", "truncation", "round_off", "band")]
        rows = [[f"{h:.1e}", f"{y:.10g}", *map(_figure, rest)] for h, y, *rest in zip(*columns, strict=True)]
        notes = ["", *(text("curve.best") if h == self.best_h else "" for h in self.h)]
        body = [f"{line}  {note}".rstrip() for line, note in zip(aligned([head, *rows], left=0), notes, strict=True)]
        unknown = [text("curve.unknown")] if any(map(math.isnan, self.truncation)) else []
        return "\n".join([text("curve.title", **_words(self)), *body, *unknown])


def _words(curve: ErrorCurve) -> dict[str, Any]:
    return {"method": curve.method, "function": curve.function, "input": curve.input, "x": curve.point, "derivative": repr(curve.derivative)}


def _figure(x: float) -> str:
    return "?" if math.isnan(x) else f"{x:.1e}"


def error_curve(
    f: Function, *at: Any, method: Callable[..., Any] = central_difference, steps: Sequence[float] = STEPS, wrt: int | str = 0
) -> ErrorCurve:
    """error(h) = D_h f(x) - f′(x) = truncation(h) + round-off(h), for a sweep of h

    `wrt` is the number to differentiate by: its name ("x1", "w[0]"), or its place among all of them. `method` is one of the functions of
    `adviz.methods`. InputError for anything else, and for steps that are not positive numbers.

    >>> curve = error_curve(lambda x1, x2: np.log(x1) + x1 * x2 - np.sin(x2), 2.0, 5.0, steps=(1e-1, 1e-5, 1e-9))
    >>> print(curve)
    central_difference of f by x1 at 2.0; the derivative is 5.5
          h  approximation     error  truncation  round-off     band
    1.0e-01    5.500417293   4.2e-04     4.2e-04   -1.1e-15  4.2e-04
    1.0e-05            5.5  -3.1e-11     4.2e-12   -3.5e-11  9.8e-10  least error
    1.0e-09    5.500000455   4.6e-07     4.2e-20    4.6e-07  9.8e-06
    """
    __tracebackhide__ = True
    formula = FORMULAS.get(method)
    if formula is None:
        raise InputError(text("numeric.method", method=repr(method)[:60], names=", ".join(m.__name__ for m in FORMULAS)))
    for h in steps:
        check_step(math.nan if h is None else h)
    values = Values(f, point(f, at), formula.name)
    name, k, place = chosen(values, wrt)
    curve = Measured(formula, values.along(k, place), values.entry(k, place))
    with np.errstate(all="ignore"):  # a step may leave the domain of f: nan is a result here
        rows = [curve.row(float(h)) for h in steps]
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    return ErrorCurve(formula.name, values.at.function, name, float(curve.x), curve.derivative, *columns)


def chosen(values: Values, wrt: int | str) -> tuple[str, int, tuple[int, ...]]:
    """The number to differentiate by: its name, its input, its place there."""
    entries = list(values.entries())
    if isinstance(wrt, str):
        found = [entry for entry in entries if entry[0] == wrt]
    else:
        found = entries[wrt : wrt + 1] if isinstance(wrt, int) and not isinstance(wrt, bool) and wrt >= 0 else []
    if not found:
        names = ", ".join(name for name, _, _ in entries[:12])
        raise InputError(text("numeric.wrt", function=values.at.function, wrt=repr(wrt)[:40], names=names))
    return found[0]


class Measured:
    """A formula on g at x, beside the derivative and the Taylor series there."""

    def __init__(self, formula: Formula, g: Along, x: Any) -> None:
        self.formula, self.g, self.x = formula, g, x
        self.derivative = float(derivative(g)(float(x)))
        self.coefficients = taylor(g, float(x), ORDER)
        self.eps = epsilon(x)
        self.of_derivative = rounding(derivative(g), float(x), epsilon(0.0))  # the derivative is itself rounded

    def row(self, h: float) -> tuple[float, ...]:
        """h, approximation, error, truncation, round-off, band."""
        found = float(self.formula.slope(self.g, self.x, type(self.x)(h)))
        error = found - self.derivative
        truncation = self.truncation(h)
        round_off, bound = error - truncation, self.rounding(h) + 2 * self.eps * abs(found) + self.of_derivative
        known = abs(round_off) <= bound
        return h, found, error, *((truncation, round_off, abs(truncation) + bound) if known else (math.nan,) * 3)

    def truncation(self, h: float) -> float:
        """Σ_m w_m c_m h^(m-1) for m = 2, 3, ...: what the formula makes of the series beyond c_1; nan where that has not converged."""
        terms = [weight(self.formula, m) * float(c) * h ** (m - 1) for m, c in enumerate(self.coefficients) if m > 1]
        total = math.fsum(terms) if all(map(math.isfinite, terms)) else math.nan
        return total if all(abs(term) <= 1e-6 * abs(total) for term in terms[-4:]) else math.nan

    def rounding(self, h: float) -> float:
        """What the rounding of f's values does to the formula, at most: the weight of each value times its own rounding."""
        if self.formula is COMPLEX:  # no difference is taken: its arithmetic is that of the derivative
            return rounding(derivative(self.g), float(self.x), self.eps)
        nodes: list[float] = []

        def noting(u: Any) -> float:
            nodes.append(float(u))
            return 0.0

        self.formula.slope(noting, float(self.x), h)
        return sum(abs(self._weight(h, k)) * rounding(self.g, u, self.eps) for k, u in enumerate(nodes))

    def _weight(self, h: float, k: int) -> float:
        """The factor of the k-th value in the formula."""
        turn = count()
        return float(self.formula.slope(lambda u: 1.0 if next(turn) == k else 0.0, float(self.x), h))


def weight(formula: Formula, m: int) -> float:
    """What the formula makes of u^m at 0 with h = 1; exactly, where it is a difference."""
    zero, one = (0, 1) if formula is COMPLEX else (Fraction(0), Fraction(1))
    return float(formula.slope(lambda u: u**m, zero, one))


def rounding(g: Along, x: float, eps: float) -> float:
    """ε Σ |v̄_i v_i|: what it does to g(x), to first order, if every line is off by one last digit."""
    t = trace(g, x, order="evaluation")
    adjoint = {step.index: step.value for step in reverse_sweep(t, (1.0,)) if isinstance(step, Seed | Accumulate)}
    return eps * float(sum(np.sum(np.abs(v_bar * t.value_of(i))) for i, v_bar in adjoint.items()))
