"""An independent judge: the derivatives of the very same Python function to 80 digits, and how much of them doubles may lose.

`gradients(f, point)` runs f on jets (`jets.py`): Taylor polynomials in mpmath's numbers, made from closed forms that know nothing of adviz's
table (`series.py`), each coefficient with a bound on its error in double precision (`bounds.py`). A bound is derived, not a tolerance.
Where rounding alone decides what a program does, `Undecided` is raised: whoever asks counts these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import mpmath as mp
import numpy as np

from tests.bounds import TINY
from tests.exact_arrays import exact_array
from tests.jets import Jet, Undecided, jet
from tests.series import DIGITS, Series, space, variable

__all__ = ["Judged", "Undecided", "gradients", "judge", "judge_nested", "leaves"]


class Judged(NamedTuple):
    """A true number and how far a double-precision result may be from it."""

    true: Any
    bound: float

    def accepts(self, found: Any) -> bool:
        """Whether that result is right, as far as doubles can be."""
        if self.true != self.true:
            return bool(found != found)
        return bool(found == found and abs(mp.mpf(float(found)) - self.true) <= self.bound)

    def ulps(self, found: Any) -> float:
        """How many doubles lie between it and the double nearest to the true number; infinite for nan."""
        nearest = float(self.true)
        return abs(float(found) - nearest) / math.ulp(nearest) if found == found else math.inf


def judge(f: Callable[..., Any], point: Sequence[Any], order: int = 1) -> list[dict[tuple[int, ...], Judged]]:
    """For each number that f returns: its derivatives by multi-index, up to that order, all inputs' numbers counted through.

    Undecided where rounding decides; series.Undefined where there is no derivative.
    """
    with mp.workdps(DIGITS):
        where = space(len(leaves(list(point))), order)
        return [judged(jet(y, where)) for y in leaves(f(*inputs(point, order)))]


def gradients(f: Callable[..., Any], point: Sequence[Any]) -> list[list[Judged]]:
    """For each number that f returns its first derivatives, one per input number."""
    n = len(leaves(list(point)))
    axes = [tuple(int(i == k) for i in range(n)) for k in range(n)]
    return [[entry[axis] for axis in axes] for entry in judge(f, point)]


def judged(y: Jet) -> dict[tuple[int, ...], Judged]:
    """Each coefficient as the derivative that it is."""
    where = y.series.space
    factor = [math.prod(math.factorial(e) for e in monomial) for monomial in where.monomials]
    return {
        monomial: Judged(mp.mpf(c) * k, lost * k * 1.01 + 4 * TINY) for monomial, c, lost, k in zip(where.monomials, y.series.c, y.lost, factor)
    }


def inputs(point: Sequence[Any], order: int) -> list[Any]:
    """The arguments as jets in all of their numbers: an array becomes an array of jets, lists stay lists."""
    flat = leaves(list(point))
    where, count = space(len(flat), order), iter(range(len(flat)))
    one = [1.0] * len(where.monomials)

    def number(x: Any) -> Jet:
        return Jet(variable(mp.mpf(float(x)), order, len(flat), next(count)), [0.0] * len(one))

    def convert(u: Any) -> Any:
        match u:
            case np.ndarray():
                return exact_array(np.array([number(x) for x in u.flat], dtype=object).reshape(u.shape))
            case dict():
                return {key: convert(part) for key, part in u.items()}
            case tuple() | list():
                return type(u)(convert(part) for part in u)
        return number(u)

    return [convert(u) for u in point]


def leaves(u: Any) -> list[Any]:
    """The numbers of a result, arrays row by row, in order."""
    if isinstance(u, np.ndarray):
        return list(u.flat)
    if isinstance(u, dict):
        u = list(u.values())
    return [x for part in u for x in leaves(part)] if isinstance(u, tuple | list) else [u]


def judge_nested(f: Callable[..., Callable[..., Any]], point: Sequence[float]) -> list[Judged]:
    """The gradient of f(D) at the point, D being the derivative that the function itself takes inside."""
    with mp.workdps(DIGITS):
        arguments, D = derivative_within(point, 1)
        [y] = leaves(f(D)(*arguments))
        found = judged(jet(y, arguments[0].series.space))
        return [found[tuple(int(i == k) for i in range(len(point)))] for k in range(len(point))]


def derivative_within(point: Sequence[float], order: int) -> tuple[list[Jet], Callable[..., Any]]:
    """The inputs of a function that itself takes derivatives, and the operator D it is to take them by.

    D(f)(y): f at y + t in a space with one more variable t and one more order; the coefficient of t is the derivative. A coefficient of the
    highest order that has no t in it is never needed.
    """
    root = inputs(point, order)
    stack = [root[0].series.space]

    def D(f: Callable[..., Any]) -> Callable[..., Any]:
        def slope(y: Any) -> Any:
            outer = stack[-1]
            where = space(outer.variables + 1, outer.order + 1)
            t = Jet(variable(mp.mpf(0), where.order, where.variables, outer.variables), [0.0] * len(where.monomials))
            stack.append(where)
            try:
                z = jet(f(jet(y, where) + t), where)
            finally:
                stack.pop()
            at = [where.position[(*monomial, 1)] for monomial in outer.monomials]
            return Jet(Series(outer, [z.series.c[i] for i in at]), [z.lost[i] for i in at])

        return slope

    return root, D
