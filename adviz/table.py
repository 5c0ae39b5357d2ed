"""THE TABLE: every elemental function once, its value and its elemental partials as text.

A row is read in a and b, the operands, and v, the value. Everything else is a reading of a row: forward and reverse mode,
LaTeX, MathML, the fast scalar code. Law of closure: a formula calls only functions that have rows, so that every derivative
can be differentiated again. Where plain text fails at a point (0**0, hypot at the origin) a helper row keeps it honest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from adviz import kernels
from adviz.errors import RowError


@dataclass(frozen=True, eq=False, slots=True)
class Elementwise:
    """v = φ(a, b) with ∂φ/∂a and ∂φ/∂b, as text formulas in a, b and v.

    `None` as a partial is a structural zero: the operand is not used, nothing flows along it. `jumps` says that φ is constant
    between jumps; `kink` is a formula that is 0 where φ is continuous and not differentiable; `symbol` is what the graph's box
    shows.
    """

    name: str
    function: Callable[..., Any]
    value: str
    partials: tuple[str | None, ...]
    symbol: str
    latex: str | None = None
    kink: str | None = None
    jumps: bool = False


FAMILY = re.compile(r"(?:power_([0-9]+)_([0-9]+)|sinc_([0-9]+))", re.ASCII)


def family(name: str) -> Elementwise:
    """The row of a higher derivative, made when it is first met: power_2_1 is ∂²/∂a² ∂/∂b of a**b, sinc_3 is sinc's third.

    KeyError for any other name.
    """
    found = FAMILY.fullmatch(name)
    if found is None:
        raise KeyError(name)
    if found[3]:
        n = int(found[3])
        return Elementwise(name, partial(kernels.sinc_derivative, n=n), f"{name}(a)", (f"sinc_{n + 1}(a)",), name)
    n, k = int(found[1]), int(found[2])
    derivative = partial(kernels.power_derivative, n=n, k=k)
    return Elementwise(name, derivative, f"{name}(a, b)", (f"power_{n + 1}_{k}(a, b)", f"power_{n}_{k + 1}(a, b)"), name)


class Table:
    """The rows, in the order they were registered; indexed by function or by name."""

    def __init__(self) -> None:
        self._by_name: dict[str, Elementwise] = {}
        self._by_function: dict[Callable[..., Any], Elementwise] = {}
        self.forgetters: list[Callable[[str], None]] = []  # called with a row's name when it is registered anew

    def __iter__(self) -> Iterator[Elementwise]:
        return iter(tuple(self._by_name.values()))

    def __len__(self) -> int:
        return len(self._by_name)

    def __contains__(self, key: object) -> bool:
        return key in self._by_name or key in self._by_function or (isinstance(key, str) and FAMILY.fullmatch(key) is not None)

    def __getitem__(self, key: str | Callable[..., Any]) -> Elementwise:
        if not isinstance(key, str):
            return self._by_function[key]
        row = self._by_name.get(key)
        return row if row is not None else self._by_name.setdefault(key, family(key))

    def get(self, function: Callable[..., Any]) -> Elementwise | None:
        """The row of that function, or None."""
        return self._by_function.get(function)

    def add(self, row: Elementwise) -> Elementwise:
        """Enter a row. RowError if its name is taken by another function."""
        known = self._by_name.get(row.name)
        if known is not None and known.function is not row.function:
            raise RowError(f"The table has a row named {row.name} for another function; give yours another name.")
        if known is not None:
            for forget in self.forgetters:
                forget(row.name)
        self._by_name[row.name] = row
        if known is self._by_function.get(row.function):
            self._by_function[row.function] = row
        return row


table = Table()


def elementwise(
    function: Callable[..., Any],
    value: str,
    *partials: str | None,
    name: str | None = None,
    symbol: str | None = None,
    latex: str | None = None,
    kink: str | None = None,
    jumps: bool = False,
) -> Elementwise:
    """Register v = φ(a, b): the value and one partial per operand, as text formulas in a, b and v.

    `function` is a NumPy ufunc or a function of your own, `latex` a template such as r"\\operatorname{erf} {a}".
    A formula uses + - * / // % **, numbers, pi, e and functions that have a row.
    RowError if a formula cannot be read.
    """
    name = name or function.__name__
    row = Elementwise(name, function, value, partials, symbol or name, latex, kink, jumps)
    return table.add(row)


# fmt: off
#           function          φ                      ∂φ/∂a                               ∂φ/∂b
elementwise(np.add,          "a + b",               "1",                                "1",                symbol="+")
elementwise(np.subtract,     "a - b",               "1",                                "-1",               symbol="−")
elementwise(np.multiply,     "a * b",               "b",                                "a",                symbol="×")
elementwise(np.divide,       "a / b",               "1 / b",                            "-v / b",           symbol="÷")
elementwise(np.power,        "a ** b",              "power_slope(a, b)",                "power_log(a, b)",  symbol="^")
elementwise(np.floor_divide, "a // b",              "0",                                "0",                symbol="//", jumps=True)
elementwise(np.remainder,    "a % b",               "1",                                "-(a // b)",        symbol="mod")
elementwise(np.negative,     "-a",                  "-1",                                                   symbol="−")
elementwise(np.positive,     "a",                   "1",                                                    symbol="+")
elementwise(np.absolute,     "abs(a)",              "sign(a)",                                              name="abs", symbol="abs", kink="a")
elementwise(np.fabs,         "abs(a)",              "sign(a)",                                              symbol="abs", kink="a")
elementwise(np.square,       "a * a",               "2 * a",                                                symbol="square")
elementwise(np.sqrt,         "sqrt(a)",             "1 / (2 * v)",                                          symbol="√")
elementwise(np.cbrt,         "cbrt(a)",             "1 / (3 * v * v)",                                      symbol="∛")
elementwise(np.reciprocal,   "1 / a",               "-v * v",                                               symbol="1/")
elementwise(np.exp,          "exp(a)",              "v",                                                    symbol="exp")
elementwise(np.exp2,         "exp2(a)",             "v * log(2)",                                           symbol="exp2")
elementwise(np.expm1,        "expm1(a)",            "exp(a)",                                               symbol="expm1")
elementwise(np.log,          "log(a)",              "1 / a",                                                symbol="ln")
elementwise(np.log2,         "log2(a)",             "1 / (a * log(2))",                                     symbol="log₂")
elementwise(np.log10,        "log10(a)",            "1 / (a * log(10))",                                    symbol="log₁₀")
elementwise(np.log1p,        "log1p(a)",            "1 / (1 + a)",                                          symbol="log1p")
elementwise(np.sin,          "sin(a)",              "cos(a)")
elementwise(np.cos,          "cos(a)",              "-sin(a)")
elementwise(np.tan,          "tan(a)",              "1 + v * v")
elementwise(np.arcsin,       "arcsin(a)",           "1 / sqrt((1 - a) * (1 + a))")
elementwise(np.arccos,       "arccos(a)",           "-1 / sqrt((1 - a) * (1 + a))")
elementwise(np.arctan,       "arctan(a)",           "1 / (1 + a * a)")
elementwise(np.arctan2,      "arctan2(a, b)",       "unit(b, a) / hypot(a, b)",         "-unit(a, b) / hypot(a, b)")
elementwise(np.sinh,         "sinh(a)",             "cosh(a)")
elementwise(np.cosh,         "cosh(a)",             "sinh(a)")
elementwise(np.tanh,         "tanh(a)",             "1 / (cosh(a) * cosh(a))")
elementwise(np.arcsinh,      "arcsinh(a)",          "1 / hypot(1, a)")
elementwise(np.arccosh,      "arccosh(a)",          "1 / (sqrt(a - 1) * sqrt(a + 1))")
elementwise(np.arctanh,      "arctanh(a)",          "1 / ((1 - a) * (1 + a))")
elementwise(np.hypot,        "hypot(a, b)",         "unit(a, b)",                       "unit(b, a)",       kink="v")
elementwise(np.maximum,      "maximum(a, b)",       "step(a, b)",                       "step(b, a)",       symbol="max", kink="a - b")
elementwise(np.minimum,      "minimum(a, b)",       "step(b, a)",                       "step(a, b)",       symbol="min", kink="a - b")
elementwise(np.logaddexp,    "logaddexp(a, b)",     "logistic(a - b)",                  "logistic(b - a)")
elementwise(np.sign,         "sign(a)",             "0",                                                    jumps=True)
elementwise(np.floor,        "floor(a)",            "0",                                                    jumps=True)
elementwise(np.ceil,         "ceil(a)",             "0",                                                    jumps=True)
elementwise(np.rint,         "rint(a)",             "0",                                                    symbol="round", jumps=True)
elementwise(np.trunc,        "trunc(a)",            "0",                                                    jumps=True)
elementwise(np.sinc,         "sinc(a)",             "sinc_slope(a)")
elementwise(np.logaddexp2,   "logaddexp2(a, b)",    "logistic((a - b) * log(2))",       "logistic((b - a) * log(2))")
elementwise(np.float_power,  "a ** b",              "power_slope(a, b)",                "power_log(a, b)",  symbol="^")
elementwise(np.fmax,         "fmax(a, b)",          "step(a, b)",                       "step(b, a)",       symbol="max", kink="a - b")
elementwise(np.fmin,         "fmin(a, b)",          "step(b, a)",                       "step(a, b)",       symbol="min", kink="a - b")
elementwise(np.fmod,         "fmod(a, b)",          "1",                                "-trunc(a / b)")
elementwise(np.deg2rad,      "a * (pi / 180)",      "pi / 180")
elementwise(np.rad2deg,      "a * (180 / pi)",      "180 / pi")
elementwise(np.radians,      "a * (pi / 180)",      "pi / 180")
elementwise(np.degrees,      "a * (180 / pi)",      "180 / pi")
elementwise(np.heaviside,    "heaviside(a, b)",     "0",                                "0",                jumps=True)

# np.where drops the edge that was not taken: the partial None, along which nothing ever flows
elementwise(np.where,        "a",                   "1",                                None,               symbol="where", name="where_true")
elementwise(np.where,        "b",                   None,                               "1",                symbol="where", name="where_false")

# helper rows: what plain text cannot say at a point
elementwise(kernels.unit,         "unit(a, b)",         "unit(b, a) * unit(b, a) / hypot(a, b)", "-unit(a, b) * unit(b, a) / hypot(a, b)")
elementwise(kernels.step,         "step(a, b)",         "0",                                "0",                jumps=True)
elementwise(kernels.logistic,     "logistic(a)",        "v * logistic(-a)")
elementwise(kernels.power_slope,  "power_slope(a, b)",  "power_2_0(a, b)",                  "power_1_1(a, b)")
elementwise(kernels.power_log,    "power_log(a, b)",    "power_1_1(a, b)",                  "power_0_2(a, b)")
elementwise(kernels.sinc_slope,   "sinc_slope(a)",      "sinc_2(a)")
# fmt: on
