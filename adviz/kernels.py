"""The kernels: what each function of a formula computes on plain numbers.

Python floats are computed by `math`; where `math` raises (a domain, an overflow, a division by zero) the result is NumPy's:
nan, inf. NumPy scalars are computed by NumPy in their own precision. All modes compute through this one list of kernels,
so that they agree to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

FLOAT_ERRORS = (ValueError, OverflowError, ZeroDivisionError)


def unit(a: float, b: float) -> float:
    """a / √(a² + b²), and 0 at the origin: the minimum-norm subgradient of hypot."""
    h = math.hypot(a, b)
    return a / h if h != 0 else a * 0.0


def unsigned(a: float) -> float:
    """a, and 0 for -0: for functions that live on one side of 0, so that -0 does not turn their slope around."""
    return a + 0.0


def step(a: float, b: float) -> float:
    """1 where a > b, 0 where a < b, ½ at a tie: the slope of max(a, b) along a."""
    return 1.0 if a > b else 0.0 if a < b else 0.5 if a == b else math.nan


def logistic(a: float) -> float:
    """1 / (1 + e^-a), without overflow."""
    if a >= 0:
        return 1.0 / (1.0 + math.exp(-a))
    small = math.exp(a)
    return small / (1.0 + small)


def sech(a: float) -> float:
    """1 / cosh a, without overflow."""
    return 1.0 / math.cosh(a) if abs(a) < 710 else 2.0 * math.exp(-abs(a))


def sign(a: float) -> float:
    """-1, 0 or 1; nan for nan."""
    return 1.0 if a > 0 else -1.0 if a < 0 else a * 0.0 if a == 0 else math.nan


def maximum(a: float, b: float) -> float:
    """The larger one; nan if either is nan, as NumPy has it."""
    return a if a >= b or a != a else b


def minimum(a: float, b: float) -> float:
    """The smaller one; nan if either is nan, as NumPy has it."""
    return a if a <= b or a != a else b


def falling(b: float, n: int) -> list[float]:
    """Taylor coefficients about b of the falling factorial b (b-1) ... (b-n+1), lowest order first."""
    coefficients = [1.0]
    for m in range(n):
        shifted = [0.0, *coefficients]
        coefficients = [(b - m) * c + s for c, s in zip([*coefficients, 0.0], shifted, strict=True)]
    return coefficients


def power_derivative(a: float, b: float, n: int, k: int) -> float:
    """∂ⁿ/∂aⁿ ∂ᵏ/∂bᵏ of a^b, also where a formula would multiply 0 by infinity.

    a^(b-n) Σ_j C(k, j) p⁽ʲ⁾(b) (ln a)^(k-j), p being the falling factorial of b; a term whose coefficient is 0 is 0.
    Along b it is undefined for a negative base.
    """
    if k > 0 and a < 0:
        return math.nan
    p = falling(b, n)
    total = 0.0
    for j in range(min(k, n) + 1):
        coefficient = math.comb(k, j) * math.factorial(j) * p[j]
        if coefficient != 0:
            total += coefficient * _power_times_log(a, b - n, k - j)
    return total


def _power_times_log(a: float, exponent: float, logs: int) -> float:
    """a^exponent (ln a)^logs; its limit at a = 0."""
    with np.errstate(all="ignore"):
        if logs and a == 0 and exponent > 0:
            return 0.0
        return float(power(a, exponent) * np.log(float(a)) ** logs) if logs else power(a, exponent)


def power(a: float, b: float) -> float:
    """a^b: never a complex number, never an exception."""
    try:
        return math.pow(a, b)
    except FLOAT_ERRORS:
        with np.errstate(all="ignore"):
            return float(np.power(float(a), float(b)))


def power_slope(a: float, b: float) -> float:
    """∂/∂a of a^b: b a^(b-1), and 0 for b = 0 everywhere."""
    return b * power(a, b - 1) if b != 0 else 0.0


def power_log(a: float, b: float) -> float:
    """∂/∂b of a^b: a^b ln a, and its limit 0 at a = 0 for b > 0."""
    return power_derivative(a, b, 0, 1)


def erf(a: float) -> float:
    """2/√π ∫₀ᵃ exp(-t²) dt"""
    return math.erf(a)


def erfc(a: float) -> float:
    """1 - erf(a), without cancellation."""
    return math.erfc(a)


def sinc(a: float) -> float:
    """sin(πa) / (πa), and 1 at 0."""
    u = math.pi * a
    return math.sin(u) / u if u != 0 else 1.0


def sinc_derivative(a: float, n: int) -> float:
    """dⁿ/daⁿ of sin(πa)/(πa) = ∫₀¹ (πt)ⁿ cos(πta + nπ/2) dt: the power series near 0, the recurrence elsewhere.

    With u = πa and s the n-th derivative in u: u sₙ + n sₙ₋₁ = sin(u + nπ/2).
    """
    u = math.pi * a
    if abs(u) < n + 1.5:
        return math.pi**n * _sinc_series(u, n)
    s = math.sin(u) / u
    for m in range(1, n + 1):
        s = (math.sin(u + m * math.pi / 2) - m * s) / u
    return math.pi**n * s


def sinc_slope(a: float) -> float:
    """The derivative of sin(πa)/(πa), 0 at 0."""
    return sinc_derivative(a, 1)


def _sinc_series(u: float, n: int) -> float:
    """The n-th derivative of Σ (-1)^m u^(2m) / (2m+1)!, term by term, until a term no longer counts."""
    m = (n + 1) // 2
    power = 2 * m - n
    term = (-1) ** m * u**power / (math.factorial(power) * (2 * m + 1))
    total = 0.0
    while total + term != total:
        total += term
        ratio = -u * u / ((power + 1) * (power + 2)) * (2 * m + 1) / (2 * m + 3)
        term, power, m = term * ratio, power + 2, m + 1
    return total


def _as_float(ufunc: np.ufunc) -> Callable[..., float]:
    """A kernel that `math` lacks: NumPy's, with a Python float for a result."""

    def kernel(*operands: float) -> float:
        with np.errstate(all="ignore"):
            return float(ufunc(*operands))

    return kernel


def entry_by_entry(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """A function of floats called for each entry; its results are in the operands' precision."""
    each = np.vectorize(function, otypes=[float], excluded=set(options))
    return lambda *u: each(*u, **options).astype(np.result_type(*u), copy=False)


def _array_step(a: Any, b: Any) -> Any:
    steps = np.where(np.isnan(a) | np.isnan(b), np.nan, (a > b) + 0.5 * (a == b))
    return steps.astype(np.result_type(a, b), copy=False)


def _array_unit(a: Any, b: Any) -> Any:
    h = np.hypot(a, b)
    return np.where(h != 0, a / h, 0.0)


def _array_logistic(a: Any) -> Any:
    small = np.exp(-np.abs(a))
    return np.where(a >= 0, 1.0, small) / (1.0 + small)


def _array_sech(a: Any) -> Any:
    return 1.0 / np.cosh(a)


def _array_power(a: Any, b: Any) -> Any:
    """a^b as the operator computes it: NumPy squares for b = 2."""
    return np.asarray(a) ** b


def _array_power_slope(a: Any, b: Any) -> Any:
    if b.__class__ is float and b != 0:
        return 2.0 * a if b == 2.0 else b * _array_power(a, b - 1)
    return _array_power_derivative(a, b, n=1, k=0)


def _array_power_derivative(a: Any, b: Any, n: int, k: int) -> Any:
    """∂ⁿ/∂aⁿ ∂ᵏ/∂bᵏ of a^b: what `power_derivative` computes, entry by entry where logarithms come in."""
    if k:
        return entry_by_entry(power_derivative, n=n, k=k)(a, b)
    p = 1.0
    for m in range(n):
        p = p * (b - m)
    if np.ndim(p) == 0:
        return np.zeros(np.shape(a), np.result_type(a)) if p == 0 else p * a if b - n == 1 else p * _array_power(a, b - n)
    return np.where(p != 0, p * _array_power(a, b - n), 0.0)


def on_arrays(name: str, function: Callable[..., Any], formula: Callable[..., Any] | None) -> Callable[..., Any]:
    """The kernel of a helper row on arrays: written for them, or its formula, or the function called entry by entry."""
    return ARRAY.get(name) or _family(function) or formula or entry_by_entry(function)


def _family(function: Callable[..., Any]) -> Callable[..., Any] | None:
    made = function if isinstance(function, partial) else None
    return partial(_array_power_derivative, **made.keywords) if made is not None and made.func is power_derivative else None


# fmt: off
ARRAY: dict[str, Callable[..., Any]] = {
    "unsigned": unsigned, "step": _array_step, "unit": _array_unit, "logistic": _array_logistic, "sech": _array_sech,
    "power_slope": _array_power_slope, "power_log": partial(_array_power_derivative, n=0, k=1),
}
FLOAT: dict[str, Callable[..., float]] = {
    "abs": abs, "sqrt": math.sqrt, "cbrt": math.cbrt, "exp": math.exp, "exp2": math.exp2, "expm1": math.expm1,
    "log": math.log, "log2": math.log2, "log10": math.log10, "log1p": math.log1p,
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "arcsin": math.asin, "arccos": math.acos, "arctan": math.atan,
    "arctan2": math.atan2, "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh, "arcsinh": math.asinh,
    "arccosh": math.acosh, "arctanh": math.atanh, "hypot": math.hypot, "maximum": maximum, "minimum": minimum,
    "logaddexp": _as_float(np.logaddexp), "logaddexp2": _as_float(np.logaddexp2), "sign": sign, "floor": _as_float(np.floor), "ceil": _as_float(np.ceil),
    "rint": _as_float(np.rint), "trunc": _as_float(np.trunc), "heaviside": _as_float(np.heaviside), "fmax": _as_float(np.fmax), "fmin": _as_float(np.fmin), "fmod": _as_float(np.fmod),
    "copysign": math.copysign, "sinc": sinc, "erf": erf, "erfc": erfc, "step": step, "unit": unit, "logistic": logistic, "sech": sech, "power_slope": power_slope,
    "power_log": power_log, "sinc_slope": sinc_slope, "power": math.pow, "unsigned": unsigned,
}
# fmt: on
