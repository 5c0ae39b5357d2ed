"""Numerical differentiation: difference quotients and the complex step, each a formula in g, x and h.

Differences know f only by its values. So they are approximate twice: a finite h leaves out the rest of the Taylor series (truncation),
and subtracting nearly equal numbers leaves few digits (round-off). `accuracy.py` tells the two apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from adviz.errors import InputError, OutputError
from adviz.methods.analytic import Stepped, complex_of
from adviz.operators import like
from adviz.recording import constant, number
from adviz.running import Function, Point, kind, point
from adviz.tape import Handle
from adviz.texts import text

Along = Callable[[Any], Any]  # f with all its inputs fixed but one number
LEVELS = 4


def forward_difference(f: Function, *at: Any, h: float | None = None) -> Any:
    """∂f/∂x_i ≈ (f(x + h e_i) - f(x)) / h, with the truncation error (h/2) f″ + ...

    One entry per argument, in that argument's structure; with one argument, that entry itself. n + 1 evaluations of f for n numbers.
    By default h is √ε · max(1, |x_i|), where truncation, which grows like h, and round-off, which grows like ε/h, are of one size.
    InputError for an h that is not a positive number, or a point that is not real; OutputError unless f returns one number.

    >>> forward_difference(lambda x1, x2: x1 * x1 * x2, 2.0, 5.0, h=0.5)
    (22.5, 4.0)
    """
    return differentiated(FORWARD, f, at, h)


def backward_difference(f: Function, *at: Any, h: float | None = None) -> Any:
    """∂f/∂x_i ≈ (f(x) - f(x - h e_i)) / h, with the truncation error -(h/2) f″ + ...

    As `forward_difference`, from the other side.

    >>> backward_difference(lambda x: x * x, 3.0, h=0.5)
    5.5
    """
    return differentiated(BACKWARD, f, at, h)


def central_difference(f: Function, *at: Any, h: float | None = None) -> Any:
    """∂f/∂x_i ≈ (f(x + h e_i) - f(x - h e_i)) / 2h, with the truncation error (h²/6) f‴ + ...

    As `forward_difference`, with 2n evaluations. By default h is ∛ε · max(1, |x_i|): truncation grows like h², round-off like ε/h.

    >>> central_difference(lambda x: x * x, 3.0, h=0.5)
    6.0
    """
    return differentiated(CENTRAL, f, at, h)


def richardson(f: Function, *at: Any, h: float | None = None, levels: int = LEVELS) -> Any:
    """∂f/∂x_i from central differences with h, h/2, h/4, ...: their combination in which h², h⁴, ... cancel (Richardson 1911)

    As `central_difference`, with 2n · levels evaluations, and the truncation error of order h^(2 · levels). By default h is
    ε^(1 / (2 · levels + 1)) · max(1, |x_i|). InputError unless levels is a whole number from 1 to 10.

    >>> abs(richardson(np.exp, 1.0) - np.e) < 1e-12
    True
    """
    if isinstance(levels, bool) or not isinstance(levels, int) or not 1 <= levels <= 10:
        raise InputError(text("numeric.levels", levels=repr(levels)[:40]))
    return differentiated(extrapolation(levels), f, at, h)


def complex_step(f: Function, *at: Any, h: float | None = None) -> Any:
    """∂f/∂x_i ≈ Im f(x + i h e_i) / h, with the truncation error -(h²/6) f‴ + ...   (Squire & Trapp 1998)

    As `forward_difference`, with n evaluations on complex numbers. Nothing is subtracted, so there is no round-off to keep h large for: by
    default it is 1e-20, times |x_i| where that is less than 1. f must be complex-differentiable as it is written: UnsupportedError, with
    the line, where it is not (abs, comparisons, max, arctan2, ...).

    >>> complex_step(lambda x: np.exp(x) * x, 1.0) == 2 * np.e
    True
    """
    return differentiated(COMPLEX, f, at, h)


class Formula(NamedTuple):
    """slope(g, x, h) approximates g′(x); step(x, ε) is the h to take where none is given."""

    name: str
    slope: Callable[[Along, Any, Any], Any]
    step: Callable[[float, float], float]


def forward_slope(g: Along, x: Any, h: Any) -> Any:
    """(g(x + h) - g(x)) / h"""
    return (g(x + h) - g(x)) / h


def backward_slope(g: Along, x: Any, h: Any) -> Any:
    """(g(x) - g(x - h)) / h"""
    return (g(x) - g(x - h)) / h


def central_slope(g: Along, x: Any, h: Any) -> Any:
    """(g(x + h) - g(x - h)) / 2h"""
    return (g(x + h) - g(x - h)) / (2 * h)


def complex_slope(g: Along, x: Any, h: Any) -> Any:
    """Im g(x + ih) / h"""
    return g(complex(x, h)).imag / h


def extrapolated_slope(g: Along, x: Any, h: Any, levels: int) -> Any:
    """Neville's scheme at h = 0 in the variable h²: D_{j} = (4^j D_{j-1}(h/2) - D_{j-1}(h)) / (4^j - 1)"""
    row = [central_slope(g, x, h / 2**i) for i in range(levels)]
    for j in range(1, levels):
        row = [(4**j * fine - coarse) / (4**j - 1) for coarse, fine in pairwise(row)]
    return row[0]


def balanced(order: int) -> Callable[[float, float], float]:
    """The step where a truncation error of that order in h meets a round-off error ε/h: ε^(1 / (order + 1)), in units of x."""
    return lambda x, eps: eps ** (1 / (order + 1)) * max(1.0, abs(x))


def extrapolation(levels: int) -> Formula:
    """Richardson's formula with that many central differences."""
    return Formula("richardson", lambda g, x, h: extrapolated_slope(g, x, h, levels), balanced(2 * levels))


def tiny(x: float, eps: float) -> float:
    """Small beside x, so that h² f‴ is lost beside f′; and beside 1."""
    return max(1e-20 * min(1.0, abs(x) or 1.0), 1e-300 if eps < 1e-10 else 1e-30)


FORWARD = Formula("forward_difference", forward_slope, balanced(1))
BACKWARD = Formula("backward_difference", backward_slope, balanced(1))
CENTRAL = Formula("central_difference", central_slope, balanced(2))
COMPLEX = Formula("complex_step", complex_slope, tiny)
FORMULAS = {
    forward_difference: FORWARD, backward_difference: BACKWARD, central_difference: CENTRAL, complex_step: COMPLEX,
    richardson: extrapolation(LEVELS),
}  # fmt: skip


def differentiated(formula: Formula, f: Function, arguments: Sequence[Any], h: float | None) -> Any:
    """The formula along every entry of the arguments, in their structure."""
    __tracebackhide__ = True  # IPython and pytest leave such frames out
    at = point(f, arguments)
    check_step(h)
    value = Values(f, at, formula.name)
    leaves = []
    with np.errstate(all="ignore"):  # nan and inf are results here
        for k, x in enumerate(at.numbers):
            slopes = [_slope(formula, value, k, place, h) for place in np.ndindex(np.shape(number(x)))]
            leaves.append(like(x, np.reshape(slopes, x.shape) if isinstance(x, np.ndarray) else slopes[0]))
    entries = at.rebuild(leaves)
    return entries[0] if len(entries) == 1 else entries


def _slope(formula: Formula, value: Values, k: int, place: tuple[int, ...], h: float | None) -> Any:
    x = value.entry(k, place)
    return formula.slope(value.along(k, place), x, formula.step(float(number(x)), epsilon(x)) if h is None else h)


def epsilon(x: Any) -> float:
    """The distance from 1 to the next number in the precision of x."""
    return float(np.finfo(np.result_type(number(x))).eps)


def check_step(h: Any) -> None:
    """InputError unless h is a positive number, or None."""
    if h is None:
        return
    if isinstance(h, bool | Handle) or not isinstance(h, int | float | np.floating | np.integer) or not (h > 0 and math.isfinite(h)):
        raise InputError(text("numeric.step", h=repr(h)[:40]))


class Values:
    """f at a point, and at points that differ from it in one number."""

    def __init__(self, f: Function, at: Point, method: str) -> None:
        self.f, self.at, self.method = f, at, method
        self._here: Any = None  # f(x), computed once: n + 1 evaluations, not 2n
        self._entries: dict[tuple[int, tuple[int, ...]], Any] = {}  # one object for each number, by which `along` knows it again

    def entry(self, k: int, place: tuple[int, ...]) -> Any:
        """The number at that place of input k."""
        x = self.at.numbers[k]
        return self._entries.setdefault((k, place), x[place]) if place else x

    def entries(self) -> Iterator[tuple[str, int, tuple[int, ...]]]:
        """Every number of the point: its name, its input, its place in it."""
        for k, (name, x) in enumerate(zip(self.at.names, self.at.numbers, strict=True)):
            for place in np.ndindex(np.shape(number(x))):
                yield (f"{name}[{', '.join(map(str, place))}]" if place else name), k, place

    def along(self, k: int, place: tuple[int, ...]) -> Along:
        """g(u): f with u for that number."""
        x = self.entry(k, place)

        def g(u: Any) -> Any:
            if u is not x:
                return self.evaluate(self.moved(k, place, u))
            if self._here is None:
                self._here = self.evaluate(self.at.numbers)
            return self._here

        return g

    def moved(self, k: int, place: tuple[int, ...], u: Any) -> list[Any]:
        """The inputs, with u for that number."""
        x, inputs = self.at.numbers[k], list(self.at.numbers)
        if place:
            there = np.zeros(x.shape, bool)
            there[place] = True
            u = np.where(there, u, x)
        inputs[k] = Stepped(u) if np.iscomplexobj(u) else u
        return inputs

    def evaluate(self, inputs: Sequence[Any]) -> Any:
        """f of these, which is to be one number; a complex one only where the inputs were."""
        y = self.f(*self.at.rebuild([u.copy() if isinstance(u, np.ndarray) else u for u in inputs]))
        if any(isinstance(u, Stepped) for u in inputs) and (z := complex_of(y)) is not None:
            return z
        found = constant(y)
        if found is NotImplemented:
            what = text("output.array", shape=y.shape) if isinstance(y, np.ndarray | Stepped) else kind(y)
            raise OutputError(text("numeric.output", method=self.method, function=self.at.function, what=what))
        return found
