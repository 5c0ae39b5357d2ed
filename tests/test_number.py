"""How numbers are written: every case of the corpus, which was computed with exact decimals, and laws for any number."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adviz.views.number import number, number_latex

CORPUS = json.loads((Path(__file__).parent / "fixtures" / "numbers.json").read_text(encoding="utf-8"))
DIGITS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


def read(written: str) -> Fraction:
    """The number that a reader of the text has in mind."""
    mantissa, _, exponent = written.translate(DIGITS).partition("×10")
    return Fraction(mantissa) * Fraction(10) ** int(exponent or 0)


def figures(written: str) -> str:
    """The significant figures of a written number, leading zeros left out."""
    return written.lstrip("−").partition("×")[0].replace(".", "").lstrip("0")


def test_the_corpus_is_written_as_exact_decimal_arithmetic_says() -> None:
    wrong = [
        (case, found)
        for case in CORPUS
        if (found := (number(case["x"]), number(case["x"], tight=True), number_latex(case["x"]))) != (case["text"], case["tight"], case["latex"])
    ]
    assert len(CORPUS) > 300
    assert not wrong


@pytest.mark.parametrize(
    "x, written",
    [
        (1.0625, "1.063"), (-1.0625, "−1.063"), (1000.5, "1001"), (0.3, "0.3"), (999.95, "1000"), (9999.5, "10000"),
        (999999.4, "999999"), (999999.5, "1×10⁶"), (0.00099996, "0.001"), (0.0009999, "9.999×10⁻⁴"), (1e22, "1×10²²"),
        (5e-324, "4.941×10⁻³²⁴"), (-0.0, "0"), (999999, "999999"), (1000000, "1×10⁶"), (10**400, "1×10⁴⁰⁰"),
    ],
)  # fmt: skip
def test_ties_and_borders(x: float, written: str) -> None:
    assert number(x) == written


@pytest.mark.parametrize(
    "x, written",
    [(True, "1"), (False, "0"), (np.True_, "1"), (np.int64(-7), "−7"), (np.float32(0.1), "0.1"), (np.float64(2.5), "2.5"), ("-inf", "−∞")],
)
def test_other_kinds_of_number_are_written_too(x: object, written: str) -> None:
    assert number(x) == written  # type: ignore[arg-type]


def test_only_negative_numbers_get_parentheses() -> None:
    assert [number(x, tight=True) for x in (-3, 3, -0.0, float("-inf"), float("nan"))] == ["(−3)", "3", "0", "(−∞)", "nan"]
    assert [number_latex(x, tight=True) for x in (-3, 3)] == ["(-3)", "3"]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_written_is_within_half_a_unit_of_its_last_figure(x: float) -> None:
    written = number(x)
    exact, shown = Fraction(x), read(written)
    if x == int(x) and abs(x) < 10**6:
        assert shown == exact
    else:
        unit = min(Fraction(10) ** (len(str(int(abs(shown)))) - 4), Fraction(1)) if 1 <= abs(shown) < 10**6 else abs(shown) / 1000
        assert abs(shown - exact) <= unit / 2
        assert len(figures(written)) <= (6 if 1 <= abs(shown) < 10**6 else 4)


@given(st.floats(allow_nan=False))
def test_a_number_and_its_opposite_differ_by_the_sign_alone(x: float) -> None:
    assert number(-x).lstrip("−") == number(x).lstrip("−")


@given(st.floats(min_value=1e-300, max_value=1e300), st.floats(min_value=1e-300, max_value=1e300))
def test_a_larger_number_is_never_written_as_a_smaller_one(x: float, y: float) -> None:
    small, large = sorted((x, y))
    assert read(number(small)) <= read(number(large))
