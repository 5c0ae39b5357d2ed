"""The judge is judged: its series against differences to 80 digits, its bounds against what doubles really do."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest

from tests.exact_arrays import LINEAR_ALGEBRA
from tests.oracle import Judged, Undecided, gradients, inputs, judge, leaves
from tests.program_text import compiled, forget
from tests.random_programs import grown
from tests.series import DIGITS, ONE, TWO, Undefined, variable

INSIDE = [-3.7, -0.55, -1e-3, 0.2, 0.85, 1.3, 2.75, 12.25]
PAIRS = [(0.4, 0.45), (1.7, 2.3), (12.25, -1.3), (2.6, 0.35), (-0.6, 1.6), (-2.5, -1.3)]
SERIES = [name for name in [*ONE, *TWO] if "_" not in name or name in ("where_true", "where_false", "floor_divide", "float_power")]


def values_alone(name: str) -> Callable[..., Any]:
    """The function without its derivatives: the constant coefficient."""
    return lambda *point: (ONE if len(point) == 1 else TWO)[name](*(variable(u, 0) for u in point)).c[0]


@pytest.mark.parametrize("name", SERIES)
def test_a_series_is_what_differences_to_80_digits_say(name: str) -> None:
    f, order, checked = values_alone(name), 4, 0
    with mp.workdps(DIGITS):
        for point in zip(INSIDE) if name in ONE else PAIRS:
            exact = [mp.mpf(u) for u in point]
            try:
                series = (ONE if name in ONE else TWO)[name](*(variable(u, order, len(exact), k) for k, u in enumerate(exact)))
            except Undefined:
                continue
            for monomial, c in zip(series.space.monomials, series.c):
                differences = mp.diff(f, tuple(exact) if len(exact) > 1 else exact[0], monomial if len(exact) > 1 else monomial[0])
                true = c * math.prod(math.factorial(e) for e in monomial)
                assert abs(differences - true) <= mp.mpf(10) ** -25 * (1 + abs(true)), (point, monomial)
                checked += 1
    assert checked >= 10


def test_sincs_series_near_0_and_its_quotient_are_one_function() -> None:
    with mp.workdps(DIGITS):
        for x in (0.2499, 0.2501):
            u = mp.mpf(x)
            true = mp.taylor(lambda t: mp.sinc(mp.pi * t), u, 3)
            assert all(abs(a - b) < 1e-30 for a, b in zip(ONE["sinc"](variable(u, 3)).c, true))
        assert ONE["sinc"](variable(mp.mpf(0), 3)).c[2] == pytest.approx(-(math.pi**2) / 6, rel=1e-15)


def test_the_running_example_has_the_derivatives_that_paper_gives() -> None:
    [found] = judge(lambda x1, x2: np.log(x1) + x1 * x2 - np.sin(x2), (2.0, 5.0), 3)
    with mp.workdps(DIGITS):
        exact = {
            (0, 0): mp.log(2) + 10 - mp.sin(5), (1, 0): mp.mpf("5.5"), (0, 1): 2 - mp.cos(5), (2, 0): mp.mpf("-0.25"), (1, 1): mp.mpf(1),
            (0, 2): mp.sin(5), (3, 0): mp.mpf("0.25"), (2, 1): mp.mpf(0), (1, 2): mp.mpf(0), (0, 3): mp.cos(5),
        }  # fmt: skip
        assert all(abs(found[k].true - exact[k]) < mp.mpf(10) ** -75 for k in exact)
    assert all(1e-17 < found[k].bound < 1e-13 for k in [(0, 0), (1, 0), (0, 1), (2, 0)])


def test_a_number_one_part_in_ten_to_the_eleven_off_is_refused() -> None:
    [[d1, d2]] = gradients(lambda x1, x2: np.log(x1) + x1 * x2 - np.sin(x2), (2.0, 5.0))
    for judged in (d1, d2):
        nearest = float(judged.true)
        assert judged.accepts(nearest)
        assert judged.accepts(math.nextafter(nearest, math.inf))
        assert not judged.accepts(nearest * (1 + 1e-11))
        assert not judged.accepts(-nearest)
        assert not judged.accepts(math.nan)
        assert not judged.accepts(0.0)
    assert d1.ulps(math.nextafter(5.5, 6)) == 1.0


def test_an_undefined_number_accepts_nan_and_nothing_else() -> None:
    [[d]] = gradients(lambda x: np.log(x) * 2.0, (-1.0,))
    assert d.accepts(math.nan)
    assert not any(d.accepts(u) for u in (0.0, -2.0, math.inf))
    [[a, b]] = gradients(lambda x, y: np.log(x) * y, (-1.0, 2.0))
    assert a.accepts(math.nan)
    assert b.accepts(math.nan)
    [[c]] = gradients(lambda x: np.where(x > 0, np.log(x), x * x), (-1.0,))
    assert c.accepts(-2.0)


@pytest.mark.parametrize("f, point", [
    (lambda x: x if (x * 0.1 + 0.2) * 10 > x + 2 else -x, (0.1,)), (lambda x: np.floor(x / 3 * 3), (7.0,)), (lambda x: (x / 3 * 3) % 1.0, (7.0,)),
    (lambda x: np.sign(np.sin(x) - math.sin(1.0)), (1.0,)), (lambda x: np.exp(x * x), (40.0,)), (lambda x: np.arctan2(x - x, -1.0), (1.0,)),
])  # fmt: skip
def test_what_rounding_alone_decides_is_not_judged(f: Callable[..., Any], point: tuple[float, ...]) -> None:
    with pytest.raises(Undecided):
        judge(f, point)


def test_next_to_a_kink_both_sides_are_accepted_and_nothing_beyond_them() -> None:
    [[d]] = gradients(lambda x: abs(x / 3 - 1 / 3) + x, (1.0,))
    assert all(d.accepts(u) for u in (4 / 3, 2 / 3))
    assert not any(d.accepts(u) for u in (2.5, 0.5))


def test_exact_comparisons_are_decided() -> None:
    [[d]] = gradients(lambda x: x * x if x + 1 == 3 and x >= 2 and not x - 2 else x, (2.0,))
    assert d.true == 4


def test_linear_algebra_on_jets_is_numpys() -> None:
    A = np.array([[0.1, 2.0, -0.5], [1.5, -0.25, 0.75], [0.3, 0.6, 2.25]])
    b = np.array([1.0, -2.0, 0.5])
    with mp.workdps(DIGITS):
        [X, y, S] = inputs((A, b, A @ A.T), 0)
        for function, arguments, given in [
            (np.linalg.solve, (X, y), (A, b)), (np.linalg.solve, (X, X), (A, A)), (np.linalg.inv, (X,), (A,)), (np.linalg.det, (X,), (A,)),
            (np.linalg.cholesky, (S,), (A @ A.T,)), (np.linalg.norm, (y,), (b,)),
        ]:  # fmt: skip
            assert function in LINEAR_ALGEBRA
            found = function(*arguments)
            assert np.shape(found) == np.shape(function(*given))
            numbers = [float(getattr(u, "value", u)) for u in leaves(found if isinstance(found, np.ndarray) else [found])]
            assert numbers == pytest.approx(np.ravel(function(*given)), rel=1e-13, abs=1e-14)


def test_arrays_of_jets_have_the_gradient_of_a_quadratic_form() -> None:
    A = np.array([[2.0, 1.0], [0.5, 3.0]])
    [row] = gradients(lambda x: x @ A @ x, (np.array([1.0, -2.0]),))
    assert [float(u.true) for u in row] == [1.0, -10.5]  # (A + Aᵀ) x


@pytest.fixture(scope="module")
def values() -> list[tuple[Judged, float]]:
    """What NumPy computes for 300 random programs, and what the judge says of it."""
    found = []
    for seed in itertools.chain(range(300)):
        f = compiled(program := grown(seed))
        point = tuple(program.point.values())
        try:
            judged = judge(f, point)
        except Undecided:
            continue
        finally:
            forget(f)
        with np.errstate(all="ignore"):
            found += [(entry[(0,) * len(point)], float(y)) for entry, y in zip(judged, leaves(f(*point)))]
    return found


def test_numpys_values_of_random_programs_are_within_the_bounds(values: list[tuple[Judged, float]]) -> None:
    assert len(values) > 300
    assert all(judged.accepts(y) for judged, y in values)


def test_the_bounds_are_no_blank_cheque(values: list[tuple[Judged, float]]) -> None:
    """Half of them allow less than 2^-44 of the number, four fifths less than 2^-36."""
    relative = sorted(judged.bound / abs(float(judged.true)) for judged, _ in values if judged.true)
    assert relative[len(relative) // 2] < 2.0**-44
    assert relative[len(relative) * 8 // 10] < 2.0**-36
