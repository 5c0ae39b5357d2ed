"""An independent judge: the derivatives of the very same Python function to 80 digits, and how much of them doubles may lose.

A `Jet` is a number to run a function on: the Taylor polynomial of a value in the inputs (`series.py`), and beside every coefficient
a bound on the error that double precision makes in it. The bound is a running error analysis (Higham 2002, section 3.3), not a
tolerance: with u = 2^-53 each elementary function is taken to be computed with a mixed error, its result off by a few u and its operands off by
INPUT u, and what the operands had lost already is carried on by the function's own derivatives. So an ill-conditioned program may
lose digits and a well-conditioned one may not. Where a bound can no longer decide (a comparison between numbers closer than their
errors, a rounding next to a jump) `Undecided` is raised: the caller counts these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import mpmath as mp
import numpy as np

from tests.series import DIGITS, EXACT, JUMPS, ONE, TWO, Series, Space, Undefined, space, variable

U = 2.0**-53
INPUT = 4.0  # an operand of a library function may be off by 4 u: sinc(a) computes π a, x**(b-1) computes b-1
LIBRARY = 8.0  # libm's worst are within 4 ulp (cbrt, the hyperbolic functions); 1 ulp is up to 2 u
ORDERS = (LIBRARY, 16.0, 48.0, 96.0, 192.0, 384.0)  # a derivative's formula multiplies a few such results, the next one's a few more
TINY = 2.0**-1074  # what a result may lose at the bottom of the range
HUGE = 2.0**1000


class Undecided(Exception):
    """Rounding errors alone decide what the program does here: no derivative can be called right or wrong."""


class Jet:
    """A value as a polynomial in the inputs, the size of each coefficient, and a bound on what double precision has lost of it."""

    __slots__ = ("lost", "series", "size")
    __array_priority__ = 1000
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, series: Series, lost: Sequence[float]) -> None:
        self.series, self.lost = series, lost
        self.size = [abs(float(x)) if x else 0.0 for x in series.c]
        if max(*self.size, *lost) > HUGE:
            raise Undecided("beyond the range of doubles")

    @property
    def value(self) -> Any:
        return self.series.c[0]

    def __add__(self, other: Any) -> Any:
        return _sum(self, other, 1)

    def __radd__(self, other: Any) -> Any:
        return _sum(self, other, 1)

    def __sub__(self, other: Any) -> Any:
        return _sum(self, other, -1)

    def __rsub__(self, other: Any) -> Any:
        return _sum(-self, other, 1)

    def __neg__(self) -> Jet:
        return Jet(-self.series, self.lost)

    def __pos__(self) -> Jet:
        return self

    def __mul__(self, other: Any) -> Any:
        where = deepest(self, other)
        a, b = jet(self, where), jet(other, where)
        if b is NotImplemented:
            return b
        series, lost = a.series * b.series, multiplied(where, a.size, a.lost, b.size, b.lost, 4 * U)
        lost[0] = unrounded(series.c[0], lost[0], a, b)
        return Jet(series, lost)

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __truediv__(self, other: Any) -> Any:
        return apply("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return apply("divide", other, self)

    def __pow__(self, other: Any) -> Any:
        return apply("power", self, other)

    def __rpow__(self, other: Any) -> Any:
        return apply("power", other, self)

    def __mod__(self, other: Any) -> Any:
        return apply("remainder", self, other)

    def __rmod__(self, other: Any) -> Any:
        return apply("remainder", other, self)

    def __floordiv__(self, other: Any) -> Any:
        return apply("floor_divide", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return apply("floor_divide", other, self)

    def __abs__(self) -> Any:
        return apply("abs", self)

    def __floor__(self) -> Any:
        return apply("floor", self)

    def __ceil__(self) -> Any:
        return apply("ceil", self)

    def __trunc__(self) -> Any:
        return apply("trunc", self)

    def __round__(self, digits: int | None = None) -> Any:
        return apply("rint", self * 10.0**digits) / 10.0**digits if digits else apply("rint", self)

    def __lt__(self, other: Any) -> bool:
        return self._against(other) < 0

    def __le__(self, other: Any) -> bool:
        return self._against(other) <= 0

    def __gt__(self, other: Any) -> bool:
        return self._against(other) > 0

    def __ge__(self, other: Any) -> bool:
        return self._against(other) >= 0

    def __eq__(self, other: object) -> bool:
        return self._against(other) == 0

    def __ne__(self, other: object) -> bool:
        return self._against(other) != 0

    def __bool__(self) -> bool:
        return self._against(0.0) != 0

    def _against(self, other: Any) -> Any:
        """The difference, if it is larger than what both sides may have lost; an exact tie of exact numbers is one."""
        b = jet(other, deepest(self, other))
        difference = self.value - b.value
        if abs(difference) <= self.lost[0] + b.lost[0] and (self.lost[0] or b.lost[0]):
            raise Undecided("a comparison between numbers closer than their errors")
        return difference

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        if method != "__call__" or any(isinstance(u, np.ndarray) for u in operands):
            return Exact.__array_ufunc__(exact_array([]), ufunc, method, *operands, **options)
        return ufunc_on_jets(ufunc, *operands)

    def __array_function__(self, function: Callable[..., Any], types: Any, operands: Any, options: Any) -> Any:
        if function is np.sinc:
            return apply("sinc", *operands)
        if function is np.where:
            chosen, a, b = operands
            return a if chosen else b
        return function(*(entries(u) for u in operands), **options)


COMPARED = {
    np.less: lambda a, b: a < b, np.less_equal: lambda a, b: a <= b, np.greater: lambda a, b: a > b, np.greater_equal: lambda a, b: a >= b,
    np.equal: lambda a, b: a == b, np.not_equal: lambda a, b: a != b,
}  # fmt: skip
ARITHMETIC = {np.add: lambda a, b: a + b, np.subtract: lambda a, b: a - b, np.multiply: lambda a, b: a * b, np.conjugate: lambda a: a}
NAMES = {"absolute": "abs", "pow": "power", "mod": "remainder", "true_divide": "divide"}


def ufunc_on_jets(ufunc: np.ufunc, *operands: Any) -> Any:
    """One of NumPy's functions on numbers, at least one of them a jet."""
    known = COMPARED.get(ufunc) or ARITHMETIC.get(ufunc)
    if known is None:
        return apply(NAMES.get(ufunc.__name__, ufunc.__name__), *operands)
    where = deepest(*operands)
    return known(*(jet(u, where) for u in operands))


class Exact(np.ndarray):
    """An array of jets: NumPy moves the entries, the oracle's own functions compute with them."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        plain = [np.asarray(u, dtype=object) for u in operands]
        if method == "__call__" and ufunc.nin <= 2 and ufunc is not np.matmul:
            result: Any = np.frompyfunc(lambda *entries: ufunc_on_entries(ufunc, *entries), ufunc.nin, 1)(*plain)
        else:
            result = getattr(ufunc, method)(*plain, **options)
        if ufunc in COMPARED:
            return result.astype(bool) if isinstance(result, np.ndarray) else result
        return exact_array(result) if isinstance(result, np.ndarray) else result

    def __array_function__(self, function: Callable[..., Any], types: Any, operands: Any, options: Any) -> Any:
        if function in LINEAR_ALGEBRA:
            return LINEAR_ALGEBRA[function](*operands, **options)
        return super().__array_function__(function, types, operands, options)


def ufunc_on_entries(ufunc: np.ufunc, *entries: Any) -> Any:
    """Entries may be plain numbers, such as a zero that a sum began with."""
    return ufunc_on_jets(ufunc, *entries) if any(isinstance(u, Jet) for u in entries) else ufunc(*(np.float64(u) for u in entries))


def exact_array(u: Any) -> Any:
    """An array (or nested list) whose entries are jets, as the oracle's own kind of array; anything else as it is."""
    return np.asarray(u, dtype=object).view(Exact) if isinstance(u, np.ndarray | list | tuple) else u


def entries(u: Any) -> Any:
    """Nested lists with every jet in them as an array without dimensions, so that NumPy stacks them."""
    if isinstance(u, tuple | list):
        return [entries(part) for part in u]
    return np.asarray(u, dtype=object).view(Exact) if isinstance(u, Jet | np.ndarray) else u


def solved(A: Any, b: Any) -> Any:
    """x with A x = b, by Gaussian elimination with pivots: each step in jets."""
    A, x = [list(row) for row in np.asarray(A, dtype=object)], [np.array(u, dtype=object) for u in np.asarray(b, dtype=object)]
    n = len(A)
    for k in range(n):
        p = max(range(k, n), key=lambda i: abs(float(getattr(A[i][k], "value", A[i][k]))))
        A[k], A[p], x[k], x[p] = A[p], A[k], x[p], x[k]
        for i in range(k + 1, n):
            factor = A[i][k] / A[k][k]
            A[i] = [u - factor * w for u, w in zip(A[i], A[k])]
            x[i] = x[i] - factor * x[k]
    for k in reversed(range(n)):
        x[k] = (x[k] - sum((A[k][j] * x[j] for j in range(k + 1, n)), 0 * x[k])) / A[k][k]
    return exact_array(np.array([u[()] if u.ndim == 0 else u for u in map(np.asarray, x)], dtype=object))


def determinant(A: Any) -> Any:
    """Σ (-1)^(1+j) a_1j det(minor), by Laplace's expansion: for small matrices."""
    A = np.asarray(A, dtype=object)
    if len(A) == 1:
        return A[0, 0]
    return sum((-1.0) ** j * A[0, j] * determinant(np.delete(A[1:], j, axis=1)) for j in range(len(A)))


def inverse(A: Any) -> Any:
    return solved(A, np.eye(len(A)))


def cholesky(A: Any) -> Any:
    """L with L Lᵀ = A."""
    A, n = np.asarray(A, dtype=object), len(A)
    L = np.zeros((n, n), dtype=object)
    for i in range(n):
        for j in range(i + 1):
            rest = A[i, j] - sum((L[i, k] * L[j, k] for k in range(j)), 0.0)
            L[i, j] = np.sqrt(rest) if i == j else rest / L[j, j]
    return exact_array(L)


def norm(x: Any) -> Any:
    return np.sqrt(np.sum(exact_array(x) ** 2))


LINEAR_ALGEBRA = {np.linalg.solve: solved, np.linalg.det: determinant, np.linalg.inv: inverse, np.linalg.cholesky: cholesky, np.linalg.norm: norm}


def jet(u: Any, where: Space) -> Any:
    """A constant as a jet, exactly the double it is; a jet of an outer derivative among the inner one's; NotImplemented for what is no number."""
    if isinstance(u, Jet):
        return u if u.series.space is where else lifted(u, where)
    if isinstance(u, np.ndarray) and u.ndim == 0:
        u = u[()]
    if not isinstance(u, bool | np.bool_ | int | float | np.floating | np.integer):
        return NotImplemented
    nothing = [0] * (len(where.monomials) - 1)
    return Jet(Series(where, [mp.mpf(float(u)), *nothing]), [0.0, *nothing])


def deepest(*operands: Any) -> Space:
    """The space of the innermost derivative among the operands."""
    return max((u.series.space for u in operands if isinstance(u, Jet)), key=lambda where: where.variables)


def lifted(u: Jet, where: Space) -> Jet:
    """The same number in a space with more variables, on which it does not depend."""
    own = u.series.space
    if own.variables > where.variables:
        raise Undecided("a number of a derivative that is over")
    rest = (0,) * (where.variables - own.variables)
    at = {where.position[monomial + rest]: i for i, monomial in enumerate(own.monomials)}
    c = [u.series.c[at[i]] if i in at else 0 for i in range(len(where.monomials))]
    return Jet(Series(where, c), [u.lost[at[i]] if i in at else 0.0 for i in range(len(c))])


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


def _sum(a: Jet, other: Any, sign: int) -> Any:
    where = deepest(a, other)
    a, b = jet(a, where), jet(other, where)
    if b is NotImplemented:
        return b
    series = a.series + (b.series if sign == 1 else -b.series)
    lost = [x + y + U * (abs(float(c)) + x + y) if c or x or y else 0.0 for c, x, y in zip(series.c, a.lost, b.lost)]
    lost[0] = unrounded(series.c[0], lost[0], a, b)
    lost[1:] = [e + 2 * U * (x + y) if x or y else e for e, x, y in zip(lost[1:], a.size[1:], b.size[1:])]
    return Jet(series, lost)


def unrounded(value: Any, lost: float, a: Jet, b: Jet) -> float:
    """What is lost of a sum or a product of doubles: nothing, if it is a double itself."""
    return 0.0 if not a.lost[0] and not b.lost[0] and mp.mpf(float(value)) == value else lost


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


def apply(name: str, *operands: Any) -> Any:
    """An elementary function on numbers, at least one of them a jet."""
    where = deepest(*operands)
    jets = [jet(u, where) for u in operands]
    if any(u is NotImplemented for u in jets):
        return NotImplemented
    places = [k for k, u in enumerate(jets) if any(u.series.c[1:]) or any(u.lost)] or [0]
    varying = [jets[k] for k in places]
    decide(name, jets)
    try:
        local = own_series(name, [u.value for u in jets], places, where.order + 1)
    except Undefined:
        return undefined(varying, where)
    return unsure(name, jets, composed(name, local, varying, where))


def undefined(varying: list[Jet], where: Space) -> Jet:
    """nan, and so are the derivatives along every input that has a part in it."""
    axes = [i for i, monomial in enumerate(where.monomials) if sum(monomial) == 1]
    moving = {where.monomials[i].index(1) for i in axes if any(u.series.c[i] for u in varying)}
    c = [mp.nan if all(v in moving for v, e in enumerate(monomial) if e) else 0 for monomial in where.monomials]
    return Jet(Series(where, c), [0.0] * len(c))


def unsure(name: str, jets: list[Jet], result: Jet) -> Jet:
    """Next to a kink the value is known and the derivative may be that of either side."""
    a, b = jets[0], jets[-1]
    if name in ("abs", "fabs") and 0 < abs(a.value) <= a.lost[0]:
        other = -result
    elif name in ("maximum", "minimum", "fmax", "fmin") and abs(a.value - b.value) <= a.lost[0] + b.lost[0] and (a.lost[0] or b.lost[0]):
        other = a if result.value == b.value else b
    else:
        return result
    return Jet(result.series, [e + abs(float(x - y)) for e, x, y in zip(result.lost, result.series.c, other.series.c)])


def own_series(name: str, values: list[Any], places: list[int], order: int) -> Series:
    """The function's Taylor polynomial at these values, in the operands at those places: the others are exact constants."""
    where = space(len(places), order)
    nothing = [0] * (len(where.monomials) - 1)
    own = [
        variable(u, order, len(places), places.index(k)) if k in places else Series(where, [u, *nothing]) for k, u in enumerate(values)
    ]
    return (ONE if len(own) == 1 else TWO)[name](*own)


def decide(name: str, jets: list[Jet]) -> None:
    """Undecided where rounding errors reach a jump, a kink or a pole."""
    a, b = jets[0], jets[-1]
    if name in JUMPS and a.lost[0] and JUMPS[name](a.value) <= a.lost[0]:
        raise Undecided(f"{name} next to its jump")
    if name == "step" and (a.lost[0] or b.lost[0]) and abs(a.value - b.value) <= a.lost[0] + b.lost[0]:
        raise Undecided(f"{name} next to a tie")
    if name == "arctan2" and b.value < 0 and abs(a.value) <= a.lost[0]:
        raise Undecided("arctan2 on its cut, where the sign of a zero decides")
    if name in ("remainder", "fmod", "floor_divide") and b.value:
        ratio = a.value / b.value
        if abs(ratio - mp.nint(ratio)) <= (a.lost[0] + abs(ratio) * b.lost[0]) / abs(b.value) + 2 * U * abs(ratio) and ratio != mp.nint(ratio):
            raise Undecided(f"{name} next to its jump")


def composed(name: str, local: Series, varying: list[Jet], where: Space) -> Jet:
    """Σ c_ij (a - a_0)^i (b - b_0)^j as a jet, with the errors of coefficients, operands and rounding carried along."""
    size = [abs(float(c)) for c in local.c]
    exact = name in EXACT
    moved = [u.lost[0] + (0.0 if exact else INPUT * U * u.size[0]) for u in varying]
    powers = [_powers(u, where) for u in varying]
    total = Series(where, [0] * len(where.monomials))
    lost = [0.0] * len(where.monomials)
    for k, monomial in enumerate(local.space.monomials):
        degree = sum(monomial)
        if degree > where.order:
            continue
        error = (0.0 if exact else ORDERS[degree] * U * scale(local, size, k) + 8 * TINY) + shifted(local, size, k, moved)
        term, term_lost = _product([p[e] for p, e in zip(powers, monomial)], where)
        total = total + term * local.c[k]
        for i, (c, e) in enumerate(zip(term.c, term_lost)):
            magnitude = abs(float(c)) if c else 0.0
            if magnitude or e:
                lost[i] += magnitude * error + e * (size[k] + error)
    return Jet(total, lost)


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


def _powers(u: Jet, where: Space) -> list[tuple[Series, list[float]]]:
    """(u - u_0)^0 .. (u - u_0)^order with their errors."""
    one = (Series(where, [mp.mpf(1), *[0] * (len(where.monomials) - 1)]), [0.0] * len(where.monomials))
    step = (Series(where, [0, *u.series.c[1:]]), [0.0, *u.lost[1:]])
    found = [one, step]
    while len(found) <= where.order:
        found.append(_product([found[-1], step], where))
    return found[: where.order + 1]


def _product(factors: list[tuple[Series, list[float]]], where: Space) -> tuple[Series, list[float]]:
    series, lost = factors[0]
    for other, other_lost in factors[1:]:
        sizes = [[abs(float(c)) if c else 0.0 for c in s.c] for s in (series, other)]
        lost = multiplied(where, sizes[0], lost, sizes[1], other_lost, 4 * U)
        series = series * other
    return series, lost


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


def leaves(u: Any) -> list[Any]:
    """The numbers of a result, arrays row by row, in order."""
    if isinstance(u, np.ndarray):
        return list(u.flat)
    if isinstance(u, dict):
        u = list(u.values())
    return [x for part in u for x in leaves(part)] if isinstance(u, tuple | list) else [u]


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


def judge(f: Callable[..., Any], point: Sequence[Any], order: int = 1) -> list[dict[tuple[int, ...], Judged]]:
    """For each number that f returns: its derivatives by multi-index, up to that order, all inputs' numbers counted through.

    Undecided where rounding decides; series.Undefined where there is no derivative.
    """
    with mp.workdps(DIGITS):
        where = space(len(leaves(list(point))), order)
        return [judged(jet(y, where)) for y in leaves(f(*inputs(point, order)))]


def judge_nested(f: Callable[..., Callable[..., Any]], point: Sequence[float]) -> list[Judged]:
    """The gradient of f(D) at the point, D being the derivative that the function itself takes inside."""
    with mp.workdps(DIGITS):
        arguments, D = derivative_within(point, 1)
        [y] = leaves(f(D)(*arguments))
        found = judged(jet(y, arguments[0].series.space))
        return [found[tuple(int(i == k) for i in range(len(point)))] for k in range(len(point))]


def judged(y: Jet) -> dict[tuple[int, ...], Judged]:
    """Each coefficient as the derivative that it is."""
    where = y.series.space
    factor = [math.prod(math.factorial(e) for e in monomial) for monomial in where.monomials]
    return {
        monomial: Judged(mp.mpf(c) * k, lost * k * 1.01 + 4 * TINY) for monomial, c, lost, k in zip(where.monomials, y.series.c, y.lost, factor)
    }


def gradients(f: Callable[..., Any], point: Sequence[Any]) -> list[list[Judged]]:
    """For each number that f returns its first derivatives, one per input number."""
    n = len(leaves(list(point)))
    axes = [tuple(int(i == k) for i in range(n)) for k in range(n)]
    return [[entry[axis] for axis in axes] for entry in judge(f, point)]
