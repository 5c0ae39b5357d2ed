"""Truncated Taylor polynomials in mpmath's numbers, and what each elementary function is, said without adviz's table.

A function is its value and its derivative as a handbook has them (Abramowitz & Stegun, chapter 4); the derivative is itself computed on a
polynomial, so that every order follows. `tests/test_oracle.py` holds each against high-precision differences.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import mpmath as mp

DIGITS = 80


class Undefined(Exception):
    """The function has no value, or no derivative of that order, at this point."""


class Space(NamedTuple):
    """Monomials of at most that order in that many variables, and which two multiply to which."""

    variables: int
    order: int
    monomials: tuple[tuple[int, ...], ...]
    position: dict[tuple[int, ...], int]
    products: tuple[tuple[tuple[int, int], ...], ...]  # for each monomial the pairs whose product it is


@cache
def space(variables: int, order: int) -> Space:
    """All monomials of that many variables up to that order, 1 first, then by degree."""
    exponents = itertools.product(range(order + 1), repeat=variables)
    monomials = tuple(sorted((e for e in exponents if sum(e) <= order), key=lambda e: (sum(e), tuple(-x for x in e))))
    position = {e: i for i, e in enumerate(monomials)}
    products: list[list[tuple[int, int]]] = [[] for _ in monomials]
    for (i, a), (j, b) in itertools.product(enumerate(monomials), repeat=2):
        k = position.get(tuple(x + y for x, y in zip(a, b)))
        if k is not None:
            products[k].append((i, j))
    return Space(variables, order, monomials, position, tuple(map(tuple, products)))


class Series:
    """A polynomial: the coefficient of each monomial of its space. A coefficient that is the integer 0 is structurally zero."""

    __slots__ = ("c", "space")

    def __init__(self, where: Space, c: Sequence[Any]) -> None:
        self.space, self.c = where, c

    def __add__(self, other: Any) -> Series:
        if not isinstance(other, Series):
            return Series(self.space, [self.c[0] + other, *self.c[1:]])
        return Series(self.space, [x + y for x, y in zip(self.c, other.c)])

    def __mul__(self, other: Any) -> Series:
        if not isinstance(other, Series):
            return Series(self.space, [x * other if x else 0 for x in self.c])  # a structural zero stays one, whatever it meets
        a, b = self.c, other.c
        return Series(self.space, [sum((a[i] * b[j] for i, j in pairs if a[i] and b[j]), 0) for pairs in self.space.products])

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Series:
        return Series(self.space, [-x for x in self.c])

    def __sub__(self, other: Any) -> Series:
        return self + -other

    def __rsub__(self, other: Any) -> Series:
        return -self + other

    def __truediv__(self, other: Any) -> Series:
        return self * (other**-1 if isinstance(other, Series) else 1 / mp.mpf(other))

    def __rtruediv__(self, other: Any) -> Series:
        return other * self**-1

    def __pow__(self, p: Any) -> Series:
        """(1 + x)^p = Σ binomial(p, k) x^k"""
        return self.compose(power_coefficients(self.c[0], p, self.space.order))

    def compose(self, coefficients: Sequence[Any]) -> Series:
        """Σ c_k (u - u_0)^k, by Horner's scheme."""
        step = Series(self.space, [0, *self.c[1:]])
        result = Series(self.space, [coefficients[-1], *[0] * (len(self.c) - 1)])
        for c in reversed(coefficients[:-1]):
            result = result * step + c
        return result


def variable(value: Any, order: int, variables: int = 1, k: int = 0) -> Series:
    """value + x_k"""
    where = space(variables, order)
    return Series(where, [value, *(1 if order and e == tuple(int(i == k) for i in range(variables)) else 0 for e in where.monomials[1:])])


def power_coefficients(c: Any, p: Any, order: int) -> list[Any]:
    """binomial(p, k) c^(p-k); exact zeros where the binomial is zero, whatever c is."""
    found, binomial = [], mp.mpf(1)
    for k in range(order + 1):
        if binomial == 0:
            found.append(mp.mpf(0))
        elif c == 0 and p < k:
            raise Undefined(f"0**{p - k}")
        elif c < 0 and p != int(p):
            raise Undefined(f"{c}**{p}")
        else:
            found.append(binomial * (mp.power(c, int(p) - k) if p == int(p) else mp.power(c, p - k)))
        binomial *= (p - k) / mp.mpf(k + 1)
    return found


def cycle(values: Sequence[Any]) -> Callable[[Series], Series]:
    """A function whose derivatives repeat: f, f', f'', ... taken from `values` in turn."""

    def on_series(u: Series) -> Series:
        at = [value(u.c[0]) for value in values]
        return u.compose([at[k % len(at)] / mp.factorial(k) for k in range(u.space.order + 1)])

    return on_series


def by_derivative(value: Callable[..., Any], slope: Callable[[Series], Series], inside: Callable[[Any], bool]) -> Callable[[Series], Series]:
    """A function from its value and its derivative, where `inside` says that it is differentiable."""

    def on_series(u: Series) -> Series:
        c = u.c[0]
        if not inside(c):
            raise Undefined(f"outside the domain: {c}")
        if u.space.order == 0:
            return Series(u.space, [value(c)])
        slopes = slope(variable(c, u.space.order - 1)).c
        return u.compose([value(c), *(s / mp.mpf(k) for k, s in enumerate(slopes, 1))])

    return on_series


def everywhere(c: Any) -> bool:
    return True


exp, sin, cos = cycle([mp.exp]), cycle([mp.sin, mp.cos, lambda c: -mp.sin(c), lambda c: -mp.cos(c)]), cycle([mp.cos, lambda c: -mp.sin(c), lambda c: -mp.cos(c), mp.sin])
sinh, cosh = cycle([mp.sinh, mp.cosh]), cycle([mp.cosh, mp.sinh])
log = by_derivative(mp.log, lambda u: u**-1, lambda c: c > 0)
arctan = by_derivative(mp.atan, lambda u: (u * u + 1) ** -1, everywhere)
log1p = by_derivative(mp.log1p, lambda u: (1 + u) ** -1, lambda c: c > -1)


def root(u: Series, value: Callable[[Any], Any], p: Any) -> Series:
    """|u|^p with the sign of u: odd roots."""
    return by_derivative(value, lambda w: p * (w if w.c[0] > 0 else -w) ** (p - 1), lambda c: c != 0)(u)


def sinc(u: Series) -> Series:
    """sin(πu) / (πu) = Σ (-1)^j (πu)^2j / (2j+1)!"""
    if abs(u.c[0]) > 0.25:
        return sin(mp.pi * u) / (mp.pi * u)
    square, total, term, j = mp.pi**2 * u * u, 0 * u, 0 * u + mp.mpf(1), 0
    while any(abs(c) > mp.mpf(10) ** -(DIGITS + 5) for c in term.c):
        total, j = total + term, j + 1
        term = term * square * (mp.mpf(-1) / (2 * j * (2 * j + 1)))
    return total


def absolute(u: Series) -> Series:
    """|u|; at 0 the subgradient of least norm, 0."""
    return u if u.c[0] > 0 else -u if u.c[0] < 0 else 0 * u


def constant(value: Callable[[Any], Any]) -> Callable[[Series], Series]:
    """A function that is constant between its jumps."""
    return lambda u: Series(u.space, [mp.mpf(value(u.c[0])), *[0] * (len(u.c) - 1)])


def truncated(c: Any) -> Any:
    return mp.sign(c) * mp.floor(abs(c))


def logistic(u: Series) -> Series:
    return (1 + exp(-u)) ** -1


# one operand: its series
ONE: dict[str, Callable[[Series], Series]] = {
    "exp": exp, "sin": sin, "cos": cos, "sinh": sinh, "cosh": cosh, "log": log, "arctan": arctan, "log1p": log1p, "sinc": sinc, "abs": absolute, "fabs": absolute,
    "logistic": logistic, "negative": lambda u: -u, "positive": lambda u: u, "square": lambda u: u * u, "reciprocal": lambda u: u**-1,
    "sqrt": lambda u: u ** mp.mpf(0.5), "cbrt": lambda u: root(u, lambda c: mp.sign(c) * mp.cbrt(abs(c)), mp.mpf(1) / 3),
    "exp2": lambda u: exp(u * mp.log(2)), "expm1": by_derivative(mp.expm1, exp, everywhere),
    "log2": lambda u: log(u) / mp.log(2), "log10": lambda u: log(u) / mp.log(10),
    "tan": by_derivative(mp.tan, lambda u: cos(u) ** -2, everywhere), "tanh": by_derivative(mp.tanh, lambda u: cosh(u) ** -2, everywhere),
    "arcsin": by_derivative(mp.asin, lambda u: (1 - u * u) ** mp.mpf(-0.5), lambda c: abs(c) < 1),
    "arccos": by_derivative(mp.acos, lambda u: -((1 - u * u) ** mp.mpf(-0.5)), lambda c: abs(c) < 1),
    "arcsinh": by_derivative(mp.asinh, lambda u: (1 + u * u) ** mp.mpf(-0.5), everywhere),
    "arccosh": by_derivative(mp.acosh, lambda u: (u * u - 1) ** mp.mpf(-0.5), lambda c: c > 1),
    "arctanh": by_derivative(mp.atanh, lambda u: (1 - u * u) ** -1, lambda c: abs(c) < 1),
    "unsigned": lambda u: u,
    "erf": by_derivative(mp.erf, lambda u: exp(-(u * u)) * (2 / mp.sqrt(mp.pi)), everywhere),
    "erfc": by_derivative(mp.erfc, lambda u: exp(-(u * u)) * (-2 / mp.sqrt(mp.pi)), everywhere),
    "sech": lambda u: cosh(u) ** -1, "deg2rad": lambda u: u * (mp.pi / 180), "radians": lambda u: u * (mp.pi / 180),
    "rad2deg": lambda u: u * (180 / mp.pi), "degrees": lambda u: u * (180 / mp.pi),
    "sign": constant(mp.sign), "floor": constant(mp.floor), "ceil": constant(mp.ceil), "rint": constant(mp.nint), "trunc": constant(truncated),
}  # fmt: skip


def power(a: Series, b: Series) -> Series:
    """a^b: a polynomial rule where b is a number, exp(b log a) where both vary and a > 0."""
    if not any(b.c[1:]):
        return a ** b.c[0]
    if a.c[0] == 0 and not any(a.c[1:]) and b.c[0] > 0:
        return 0 * b
    if a.c[0] <= 0:
        raise Undefined("a varying exponent needs a positive base")
    return exp(b * log(a))


def arctan2(a: Series, b: Series) -> Series:
    """The angle of (b, a): arctan(a/b) or -arctan(b/a), turned to the right quarter."""
    if a.c[0] == 0 == b.c[0]:
        raise Undefined("the origin has no angle")
    turned = arctan(a / b) if abs(b.c[0]) >= abs(a.c[0]) else -arctan(b / a)
    return turned + (mp.atan2(a.c[0], b.c[0]) - turned.c[0])


def logaddexp(a: Series, b: Series) -> Series:
    return a + log1p(exp(b - a)) if a.c[0] >= b.c[0] else b + log1p(exp(a - b))


def hypot(a: Series, b: Series) -> Series:
    """√(a² + b²); at the origin the subgradient of least norm, 0."""
    return 0 * a if a.c[0] == 0 == b.c[0] else (a * a + b * b) ** mp.mpf(0.5)


def unit(a: Series, b: Series) -> Series:
    if a.c[0] == 0 == b.c[0]:
        raise Undefined("the origin has no direction")
    return a / hypot(a, b)


def maximum(a: Series, b: Series) -> Series:
    """The larger one; a tie is split evenly."""
    return a if a.c[0] > b.c[0] else b if a.c[0] < b.c[0] else (a + b) * mp.mpf(0.5)


def multiples(whole: Callable[[Any], Any]) -> Callable[[Series, Series], Series]:
    """a - b n, n being a/b made whole."""

    def on_series(a: Series, b: Series) -> Series:
        if b.c[0] == 0:
            raise Undefined("division by 0")
        return a - b * whole(a.c[0] / b.c[0])

    return on_series


def quotient(a: Series, b: Series) -> Series:
    if b.c[0] == 0:
        raise Undefined("division by 0")
    return constant(mp.floor)(a / b)


def derivative_of(f: Callable[[Series, Series], Series], n: int, k: int) -> Callable[[Series, Series], Series]:
    """∂ⁿ/∂aⁿ ∂ᵏ/∂bᵏ of f, for operands that are the variables themselves."""

    def on_series(a: Series, b: Series) -> Series:
        m = a.space.order
        whole = f(variable(a.c[0], m + n + k, 2, 0), variable(b.c[0], m + n + k, 2, 1))
        shifted = [mp.ff(i + n, n) * mp.ff(j + k, k) * whole.c[whole.space.position[i + n, j + k]] for i, j in a.space.monomials]
        return Series(a.space, shifted)

    return on_series


def sinc_derivative(n: int) -> Callable[[Series], Series]:
    """The n-th derivative of sinc, for an operand that is the variable itself."""

    def on_series(u: Series) -> Series:
        whole = sinc(variable(u.c[0], u.space.order + n))
        return Series(u.space, [mp.ff(i + n, n) * whole.c[i + n] for i in range(u.space.order + 1)])

    return on_series


def step(a: Series, b: Series) -> Series:
    return constant(lambda d: mp.mpf(0.5) if d == 0 else mp.mpf(d > 0))(a - b)


# two operands: the series in both
TWO: dict[str, Callable[[Series, Series], Series]] = {
    "add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "multiply": lambda a, b: a * b, "divide": lambda a, b: a / b,
    "power": power, "float_power": power, "floor_divide": quotient, "remainder": multiples(mp.floor), "fmod": multiples(truncated),
    "arctan2": arctan2, "hypot": hypot, "unit": unit, "step": step, "maximum": maximum, "fmax": maximum,
    "minimum": lambda a, b: -maximum(-a, -b), "fmin": lambda a, b: -maximum(-a, -b), "logaddexp": logaddexp,
    "logaddexp2": lambda a, b: logaddexp(a * mp.log(2), b * mp.log(2)) / mp.log(2),
    "heaviside": lambda a, b: constant(lambda c: b.c[0] if c == 0 else mp.mpf(c > 0))(a), "where_true": lambda a, b: a, "where_false": lambda a, b: b,
    "power_slope": derivative_of(power, 1, 0), "power_log": derivative_of(power, 0, 1), "power_1_1": derivative_of(power, 1, 1),
    "power_2_0": derivative_of(power, 2, 0), "power_0_2": derivative_of(power, 0, 2), "power_2_1": derivative_of(power, 2, 1), "power_0_3": derivative_of(power, 0, 3),
}  # fmt: skip
ONE |= {"sinc_slope": sinc_derivative(1), "sinc_2": sinc_derivative(2), "sinc_3": sinc_derivative(3)}
# where a function jumps, as a distance from the nearest jump in units of its operand
JUMPS: dict[str, Callable[[Any], Any]] = {
    "floor": lambda c: abs(c - mp.nint(c)), "ceil": lambda c: abs(c - mp.nint(c)), "trunc": lambda c: abs(c - mp.nint(c)),
    "rint": lambda c: abs(c - mp.floor(c) - mp.mpf(0.5)), "sign": abs, "heaviside": abs,
}  # fmt: skip
EXACT = ("abs", "fabs", "negative", "positive", "maximum", "minimum", "fmax", "fmin", "floor", "ceil", "trunc", "rint", "sign", "where_true", "where_false", "heaviside", "step")
