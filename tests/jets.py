"""A `Jet`: a number to run a function on that knows its derivatives to 80 digits and what doubles may lose of them.

It is the Taylor polynomial of a value in the inputs (`series.py`) and a bound on the error of every coefficient (`bounds.py`). Where the
bounds can no longer decide (a comparison between numbers closer than their errors, a rounding next to a jump) `Undecided` is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath as mp
import numpy as np

from tests.bounds import HUGE, U, composed, multiplied, sizes
from tests.series import EXACT, JUMPS, ONE, TWO, Series, Space, Undefined, space, variable


class Undecided(Exception):
    """Rounding errors alone decide what the program does here: no derivative can be called right or wrong."""


class Jet:
    """A value as a polynomial in the inputs, the size of each coefficient, and a bound on what double precision has lost of it."""

    __slots__ = ("lost", "series", "size")
    __array_priority__ = 1000
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, series: Series, lost: Sequence[float]) -> None:
        self.series, self.lost = series, lost
        self.size = sizes(series)
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
            return on_arrays().Exact.__array_ufunc__(on_arrays().exact_array([]), ufunc, method, *operands, **options)
        return ufunc_on_jets(ufunc, *operands)

    def __array_function__(self, function: Callable[..., Any], types: Any, operands: Any, options: Any) -> Any:
        if function is np.sinc:
            return apply("sinc", *operands)
        if function is np.where:
            chosen, a, b = operands
            return a if chosen else b
        return function(*(on_arrays().entries(u) for u in operands), **options)


# fmt: off
COMPARED = {
    np.less: lambda a, b: a < b, np.less_equal: lambda a, b: a <= b, np.greater: lambda a, b: a > b, np.greater_equal: lambda a, b: a >= b,
    np.equal: lambda a, b: a == b, np.not_equal: lambda a, b: a != b,
}
ARITHMETIC = {np.add: lambda a, b: a + b, np.subtract: lambda a, b: a - b, np.multiply: lambda a, b: a * b, np.conjugate: lambda a: a}
NAMES = {"absolute": "abs", "pow": "power", "mod": "remainder", "true_divide": "divide"}
# fmt: on


def ufunc_on_jets(ufunc: np.ufunc, *operands: Any) -> Any:
    """One of NumPy's functions on numbers, at least one of them a jet."""
    if ufunc.__name__ == "real":  # what `.real` of an array of objects calls since NumPy 2.5
        return operands[0]
    known = COMPARED.get(ufunc) or ARITHMETIC.get(ufunc)
    if known is None:
        return apply(NAMES.get(ufunc.__name__, ufunc.__name__), *operands)
    where = deepest(*operands)
    return known(*(jet(u, where) for u in operands))


def on_arrays() -> Any:
    """The module of arrays of jets, which stands on this one."""
    from tests import exact_arrays

    return exact_arrays


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
    return unsure(name, jets, Jet(*composed(local, varying, where, exact=name in EXACT)))


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
