"""What double precision loses, carried along with a polynomial: a running error analysis (Higham 2002, section 3.3).

With u = 2^-53 each elementary function is taken to be computed with a mixed error: its result off by a few u and its operands off by
INPUT u; what the operands had lost already is carried on by the function's own derivatives. So an ill-conditioned program may lose
digits and a well-conditioned one may not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from tests.series import Series, Space

U = 2.0**-53
INPUT = 4.0  # an operand of a library function may be off by 4 u: sinc(a) computes π a, x**(b-1) computes b-1
LIBRARY = 8.0  # libm's worst are within 4 ulp (cbrt, the hyperbolic functions); 1 ulp is up to 2 u
ORDERS = (LIBRARY, 16.0, 48.0, 96.0, 192.0, 384.0)  # a derivative's formula multiplies a few such results, the next one's a few more
TINY = 2.0**-1074  # what a result may lose at the bottom of the range
HUGE = 2.0**1000


class Lossy(NamedTuple):
    """A polynomial and a bound on the error of each coefficient."""

    series: Series
    lost: Sequence[float]


def multiplied(where: Space, a: Sequence[float], lost_a: Sequence[float], b: Sequence[float], lost_b: Sequence[float], unit: float) -> list[float]:
    """A bound on the error of every coefficient of a product, given those of the factors."""
    lost = []
    for pairs in where.products:
        total = 0.0
        for i, j in pairs:
            if (a[i] or lost_a[i]) and (b[j] or lost_b[j]):
                total += lost_a[i] * (b[j] + lost_b[j]) + a[i] * lost_b[j] + unit * a[i] * b[j] + TINY
        lost.append(total)
    return lost


def composed(local: Series, varying: Sequence[Lossy], where: Space, *, exact: bool) -> Lossy:
    """Σ c_ij (a - a_0)^i (b - b_0)^j, with the errors of coefficients, operands and rounding carried along."""
    size = sizes(local)
    moved = [u.lost[0] + (0.0 if exact else INPUT * U * abs(float(u.series.c[0]))) for u in varying]
    raised = [powers(u, where) for u in varying]
    total, lost = Series(where, [0] * len(where.monomials)), [0.0] * len(where.monomials)
    for k, monomial in enumerate(local.space.monomials):
        degree = sum(monomial)
        if degree > where.order:
            continue
        error = (0.0 if exact else ORDERS[degree] * U * scale(local, size, k) + 8 * TINY) + shifted(local, size, k, moved)
        term = product([p[e] for p, e in zip(raised, monomial)], where)
        total = total + term.series * local.c[k]
        for i, (magnitude, e) in enumerate(zip(sizes(term.series), term.lost)):
            if magnitude or e:
                lost[i] += magnitude * error + e * (size[k] + error)
    return Lossy(total, lost)


def sizes(series: Series) -> list[float]:
    """The size of each coefficient."""
    return [abs(float(c)) if c else 0.0 for c in series.c]


def scale(local: Series, size: list[float], k: int) -> float:
    """What the formula of a derivative adds up: its value or, where that happens to vanish, the geometric mean of its neighbours."""
    monomial = local.space.monomials[k]
    if sum(monomial) < 2:
        return size[k]
    found = size[k]
    for v in range(local.space.variables):
        if monomial[v]:
            beside = [local.space.position[monomial[:v] + (monomial[v] + d,) + monomial[v + 1 :]] for d in (-1, 1)]
            found = max(found, math.sqrt(size[beside[0]]) * math.sqrt(size[beside[1]]))
    return found


def shifted(local: Series, size: list[float], k: int, moved: list[float]) -> float:
    """How far a coefficient moves when the point does: (k+1) c_(k+1) δ, and as much again for what lies beyond."""
    monomial = local.space.monomials[k]
    total = 0.0
    for v, delta in enumerate(moved):
        if delta:
            beyond = local.space.position[monomial[:v] + (monomial[v] + 1,) + monomial[v + 1 :]]
            total += 1.5 * (monomial[v] + 1) * size[beyond] * delta
    return total


def powers(u: Lossy, where: Space) -> list[Lossy]:
    """(u - u_0)^0 .. (u - u_0)^order."""
    step = Lossy(Series(where, [0, *u.series.c[1:]]), [0.0, *u.lost[1:]])
    found = [Lossy(Series(where, [1, *[0] * (len(where.monomials) - 1)]), [0.0] * len(where.monomials)), step]
    while len(found) <= where.order:
        found.append(product([found[-1], step], where))
    return found[: where.order + 1]


def product(factors: Sequence[Lossy], where: Space) -> Lossy:
    """One after the other."""
    whole = factors[0]
    for other in factors[1:]:
        lost = multiplied(where, sizes(whole.series), whole.lost, sizes(other.series), other.lost, 4 * U)
        whole = Lossy(whole.series * other.series, lost)
    return whole
