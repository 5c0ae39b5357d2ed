"""How numbers are written, everywhere: four significant figures, by one rule.

`static/number.js` follows the same rule, and both are held to `tests/fixtures/numbers.json`. The rule, for |x| = m:

1. nan and infinities are "nan", "∞", "−∞"; both zeros are "0".
2. An integer below 10⁶ is written in full.
3. Otherwise m is rounded to 4 significant figures, or to the unit where that is finer (m ≥ 1000). What is rounded is the
   exact value of the binary number, and an exact tie goes away from zero (JavaScript's toPrecision, toFixed and
   toExponential do this; Python's format sends ties to the even digit, so it is not used).
4. If the rounded number is below 10⁻³ or at least 10⁶ it is written as m×10ⁿ with four figures of its own (1234567.8
   is 1.235×10⁶), else in full. The rounded number decides: 999999.5 is 1×10⁶, and 0.00099996 is 0.001.
5. Zeros at the end of a fraction are dropped. The minus is U+2212.
"""

from __future__ import annotations

import math
from typing import Any, SupportsFloat

MINUS = "\u2212"
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

Number = SupportsFloat | str    # a string: "nan", "inf", "-inf", as in a document


def number(x: Number, tight: bool = False) -> str:
    """x as text: 0.2837, −12, 1.235×10⁻⁵. With `tight`, a negative number stands in parentheses.

    >>> number(-0.28366218546322625), number(2.0), number(1234567.8), number(-3.0, tight=True)
    ('−0.2837', '2', '1.235×10⁶', '(−3)')
    """
    negative, digits, exponent = _parts(x)
    if exponent:
        digits = f"{digits}×10{str(exponent).translate(SUPERSCRIPT)}"
    if not negative:
        return digits
    return f"({MINUS}{digits})" if tight else MINUS + digits


def number_latex(x: Number, tight: bool = False) -> str:
    r"""x as LaTeX, in the same figures: -0.2837, 1.235 \times 10^{-5}, \infty."""
    negative, digits, exponent = _parts(x)
    digits = {"∞": r"\infty", "nan": r"\mathrm{nan}"}.get(digits, digits)
    if exponent:
        digits = rf"{digits} \times 10^{{{exponent}}}"
    if not negative:
        return digits
    return f"(-{digits})" if tight else "-" + digits


def _parts(x: Number) -> tuple[bool, str, int]:
    """Whether x is negative, its digits, and its power of ten (0 where there is none to write)."""
    if x.__class__ is not int:
        x = float(x)
        if x != x:
            return False, "nan", 0
        if x in (float("inf"), float("-inf")):
            return x < 0, "∞", 0
    n, d = x.as_integer_ratio()                     # exactly; all that follows is integer arithmetic
    negative, n = n < 0, abs(n)
    if d == 1 and n < 1_000_000:
        return negative, str(n), 0
    exponent = len(str(n)) - 1 if d == 1 else int(f"{n / d:.16e}"[19:])
    if exponent >= 6 or exponent < -4:
        return negative, *_scientific(n, d, exponent)
    places = max(3 - exponent, 0)
    rounded = _rounded(n, d, places)
    if rounded >= 10 ** (places + 6):               # it was below 10⁶ before it was rounded
        return negative, "1", 6
    if exponent == -4 and rounded < 10_000:
        return negative, *_scientific(n, d, exponent)
    whole, fraction = divmod(rounded, 10 ** places)
    return negative, _joined(whole, fraction, places), 0


def _scientific(n: int, d: int, exponent: int) -> tuple[str, int]:
    """The mantissa, four figures long, and the exponent."""
    rounded = _rounded(n, d, 3 - exponent)
    if rounded == 10_000:
        rounded, exponent = 1000, exponent + 1
    return _joined(*divmod(rounded, 1000), 3), exponent


def _rounded(n: int, d: int, places: int) -> int:
    """The integer nearest to n / d · 10^places, the larger one of two."""
    if places >= 0:
        n *= 10 ** places
    else:
        d *= 10 ** -places
    return (2 * n + d) // (2 * d)


def _joined(whole: int, fraction: int, places: int) -> str:
    return f"{whole}.{fraction:0{places}d}".rstrip("0").rstrip(".") if fraction else str(whole)


def encoded(x: Any) -> Any:
    """A number as JSON can write it."""
    if x is None:
        return None
    x = float(x)
    return x if math.isfinite(x) else "nan" if x != x else "inf" if x > 0 else "-inf"


def decoded(x: Any) -> Any:
    """The number that JSON holds."""
    return float(x) if isinstance(x, str) else x
