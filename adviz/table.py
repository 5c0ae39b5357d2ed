"""THE TABLE: every elemental function once, its value and its elemental partials as text.

A row is read in a and b, the operands, and v, the value. Everything else is a reading of a row: forward and reverse mode,
LaTeX, MathML, the fast scalar code. Law of closure: a formula calls only functions that have rows, so that every derivative
can be differentiated again. Where plain text fails at a point (0**0, hypot at the origin) a helper row keeps it honest.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from adviz import kernels
from adviz.errors import RowError
from adviz.readings import calls, parse
from adviz.texts import text


class Elementwise(NamedTuple):
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


SCIPY = {"erf": "erf", "erfc": "erfc", "expit": "logistic", "exp2": "exp2", "expm1": "expm1", "log1p": "log1p", "cbrt": "cbrt"}


class Table:
    """The rows, in the order they were registered; indexed by function or by name.

    Those of this module are `Elementwise`; array operations are `Structural` (`structural.py`, `matrices.py`).
    """

    def __init__(self) -> None:
        self._by_name: dict[str, Any] = {}
        self._by_function: dict[Callable[..., Any], Any] = {}
        self.forgetters: list[Callable[[str], None]] = []  # called with a row's name when it is registered anew

    def __iter__(self) -> Iterator[Any]:
        return iter(tuple(self._by_name.values()))

    def __len__(self) -> int:
        return len(self._by_name)

    def __contains__(self, key: object) -> bool:
        return key in self._by_name or key in self._by_function or (isinstance(key, str) and FAMILY.fullmatch(key) is not None)

    def elementwise(self) -> list[Elementwise]:
        """The rows whose partials are text."""
        return [row for row in self if isinstance(row, Elementwise)]

    def __getitem__(self, key: str | Callable[..., Any]) -> Any:
        if not isinstance(key, str):
            return self._by_function[key]
        row = self._by_name.get(key)
        return row if row is not None else self._by_name.setdefault(key, family(key))

    def get(self, function: Callable[..., Any]) -> Any:
        """The row of that function, or None. SciPy's functions have rows where SciPy is in use."""
        row = self._by_function.get(function)
        if row is None and isinstance(function, np.ufunc) and function.__name__ in SCIPY:
            special = sys.modules.get("scipy.special")
            if special is not None and getattr(special, function.__name__) is function:
                return self._by_function.setdefault(function, self[SCIPY[function.__name__]])
        return row

    def add(self, row: Any) -> Any:
        """Enter a row. RowError if its name is taken by another function."""
        known = self._by_name.get(row.name)
        if known is not None and known.function is not row.function:
            raise RowError(text("row.taken", name=row.name))
        if known is not None:
            for forget in self.forgetters:
                forget(row.name)
            for function in [f for f, r in self._by_function.items() if r is known]:
                self._by_function[function] = row
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
    checked: bool = True,
) -> Elementwise:
    """Register v = φ(a, b): the value and one partial per operand, as text formulas in a, b and v.

    `function` is a NumPy ufunc or a function of your own; `from adviz.functions import ...` then has it by its name.
    A formula uses + - * / // % **, numbers, pi, e and functions that have a row; with `checked`, RowError says where one does not.

    >>> import adviz
    >>> def softsign(x):
    ...     return x / (1 + abs(x))
    >>> _ = adviz.elementwise(softsign, "a / (1 + abs(a))", "1 / square(1 + abs(a))")
    >>> from adviz.functions import softsign
    >>> adviz.gradient(softsign)(1.0)
    0.25
    """
    name = name or function.__name__
    if checked:
        _check(name, value, partials, kink)
    return table.add(Elementwise(name, function, value, partials, symbol or name, latex, kink, jumps))


def _check(name: str, value: str, partials: tuple[str | None, ...], kink: str | None) -> None:
    """RowError unless the formulas are formulas and call only functions that have a row."""
    if not 1 <= len(partials) <= 2:
        raise RowError(text("row.partials", name=name, count=len(partials)))
    for formula in (value, *partials, kink):
        for called in calls(parse(formula)) if formula is not None else ():
            if called != name and called not in table:
                raise RowError(text("row.calls", formula=repr(formula), called=called))


row = partial(elementwise, checked=False)  # the rows below may call each other; tests/test_table.py checks them all

# fmt: off
#   function         φ                       ∂φ/∂a                               ∂φ/∂b
row(np.add,          "a + b",               "1",                                "1",                symbol="+")
row(np.subtract,     "a - b",               "1",                                "-1",               symbol="−")
row(np.multiply,     "a * b",               "b",                                "a",                symbol="×")
row(np.divide,       "a / b",               "1 / b",                            "-v / b",           symbol="÷")
row(np.power,        "a ** b",              "power_slope(a, b)",                "power_log(a, b)",  symbol="^")
row(np.floor_divide, "a // b",              "0",                                "0",                symbol="//", jumps=True)
row(np.remainder,    "a % b",               "1",                                "-(a // b)",        symbol="mod")
row(np.negative,     "-a",                  "-1",                                                   symbol="−")
row(np.positive,     "a",                   "1",                                                    symbol="+")
row(np.absolute,     "abs(a)",              "sign(a)",                                              name="abs", symbol="abs", kink="a")
row(np.fabs,         "abs(a)",              "sign(a)",                                              symbol="abs", kink="a")
row(np.square,       "a * a",               "2 * a",                                                symbol="square")
row(np.sqrt,         "sqrt(a)",             "1 / (2 * unsigned(v))",                                symbol="√")
row(np.cbrt,         "cbrt(a)",             "1 / (3 * v * v)",                                      symbol="∛")
row(np.reciprocal,   "1 / a",               "-v * v",                                               symbol="1/")
row(np.exp,          "exp(a)",              "v",                                                    symbol="exp")
row(np.exp2,         "exp2(a)",             "v * log(2)",                                           symbol="exp2")
row(np.expm1,        "expm1(a)",            "exp(a)",                                               symbol="expm1")
row(np.log,          "log(a)",              "1 / unsigned(a)",                                      symbol="ln")
row(np.log2,         "log2(a)",             "1 / (unsigned(a) * log(2))",                           symbol="log₂")
row(np.log10,        "log10(a)",            "1 / (unsigned(a) * log(10))",                          symbol="log₁₀")
row(np.log1p,        "log1p(a)",            "1 / (1 + a)",                                          symbol="log1p")
row(np.sin,          "sin(a)",              "cos(a)")
row(np.cos,          "cos(a)",              "-sin(a)")
row(np.tan,          "tan(a)",              "1 + v * v")
row(np.arcsin,       "arcsin(a)",           "1 / sqrt((1 - a) * (1 + a))")
row(np.arccos,       "arccos(a)",           "-1 / sqrt((1 - a) * (1 + a))")
row(np.arctan,       "arctan(a)",           "1 / (1 + a * a)")
row(np.arctan2,      "arctan2(a, b)",       "unit(b, a) / hypot(a, b)",         "-unit(a, b) / hypot(a, b)")
row(np.sinh,         "sinh(a)",             "cosh(a)")
row(np.cosh,         "cosh(a)",             "sinh(a)")
row(np.tanh,         "tanh(a)",             "sech(a) * sech(a)")
row(np.arcsinh,      "arcsinh(a)",          "1 / hypot(1, a)")
row(np.arccosh,      "arccosh(a)",          "1 / (sqrt(a - 1) * sqrt(a + 1))")
row(np.arctanh,      "arctanh(a)",          "1 / ((1 - a) * (1 + a))")
row(np.hypot,        "hypot(a, b)",         "unit(a, b)",                       "unit(b, a)",       kink="v")
row(np.maximum,      "maximum(a, b)",       "step(a, b)",                       "step(b, a)",       symbol="max", kink="a - b")
row(np.minimum,      "minimum(a, b)",       "step(b, a)",                       "step(a, b)",       symbol="min", kink="a - b")
row(np.logaddexp,    "logaddexp(a, b)",     "logistic(a - b)",                  "logistic(b - a)")
row(np.sign,         "sign(a)",             "0",                                                    jumps=True)
row(np.floor,        "floor(a)",            "0",                                                    jumps=True)
row(np.ceil,         "ceil(a)",             "0",                                                    jumps=True)
row(np.rint,         "rint(a)",             "0",                                                    symbol="round", jumps=True)
row(np.trunc,        "trunc(a)",            "0",                                                    jumps=True)
row(kernels.erf,     "erf(a)",              "2 / sqrt(pi) * exp(-a * a)")
row(kernels.erfc,    "erfc(a)",             "-2 / sqrt(pi) * exp(-a * a)")
row(np.sinc,         "sinc(a)",             "sinc_slope(a)")
row(np.logaddexp2,   "logaddexp2(a, b)",    "logistic((a - b) * log(2))",       "logistic((b - a) * log(2))")
row(np.float_power,  "a ** b",              "power_slope(a, b)",                "power_log(a, b)",  symbol="^")
row(np.fmax,         "fmax(a, b)",          "step(a, b)",                       "step(b, a)",       symbol="max", kink="a - b")
row(np.fmin,         "fmin(a, b)",          "step(b, a)",                       "step(a, b)",       symbol="min", kink="a - b")
row(np.fmod,         "fmod(a, b)",          "1",                                "-rint((a - v) / b)")
row(np.deg2rad,      "a * (pi / 180)",      "pi / 180")
row(np.rad2deg,      "a * (180 / pi)",      "180 / pi")
row(np.radians,      "a * (pi / 180)",      "pi / 180")
row(np.degrees,      "a * (180 / pi)",      "180 / pi")
row(np.heaviside,    "heaviside(a, b)",     "0",                                "0",                jumps=True)

# np.where drops the edge that was not taken: the partial None, along which nothing ever flows
row(np.where,        "a",                   "1",                                None,               symbol="where", name="where_true")
row(np.where,        "b",                   None,                               "1",                symbol="where", name="where_false")

# helper rows: what plain text cannot say at a point
row(kernels.unit,         "unit(a, b)",         "unit(b, a) * unit(b, a) / hypot(a, b)", "-unit(a, b) * unit(b, a) / hypot(a, b)")
row(kernels.unsigned,     "a + 0",              "1")
row(kernels.step,         "step(a, b)",         "0",                                "0",                jumps=True)
row(kernels.logistic,     "logistic(a)",        "v * logistic(-a)")
row(kernels.sech,         "sech(a)",            "-v * tanh(a)")
row(kernels.power_slope,  "power_slope(a, b)",  "power_2_0(a, b)",                  "power_1_1(a, b)")
row(kernels.power_log,    "power_log(a, b)",    "power_1_1(a, b)",                  "power_0_2(a, b)")
row(kernels.sinc_slope,   "sinc_slope(a)",      "sinc_2(a)")
# fmt: on
