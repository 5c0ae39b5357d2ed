"""adviz.taylor: the coefficients of nested derivatives at once, for every row; high orders against mpmath; arrays and refusals."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import adviz
from adviz import coefficients, derivative, jvp, recording, taylor
from adviz.table import Elementwise
from tests.test_table import ONE, SPECIAL, TWO, bits, every_row

inf, nan = math.inf, math.nan
ORDER = 4
Curve = tuple[Callable[[Any], Any], float]


def curves(row: Elementwise, point: tuple[float, ...]) -> Iterator[Curve]:
    """The row along each of its operands, and along both at once: functions of one number, and where."""
    f = recording.elemental(row.name)
    if len(point) == 1:
        yield f, point[0]
        return
    a, b = point
    yield lambda x: f(x, b), a
    yield lambda x: f(a, x), b
    yield lambda t: f(a + 0.5 * t, b - 0.25 * t), 0.0


def nested(f: Callable[..., Any], x: float, order: int) -> float:
    """f⁽ᵏ⁾(x) / k!, by adviz.derivative inside adviz.derivative."""
    for _ in range(order):
        f = derivative(f)
    return float(f(x)) / math.factorial(order)


def moved(c: np.ndarray, k: int, point: tuple[float, ...]) -> float:
    """How much a change of the point by its own size moves the k-th coefficient, to first order; near 0, what its neighbour leaves of it."""
    size = max(map(abs, point))
    return abs(c[k]) + size * (k + 1) * abs(c[k + 1]) + (abs(c[k - 1]) if size < 1e-6 else 0.0)


@every_row
def test_at_ordinary_points_the_coefficients_are_those_of_nested_derivatives(row: Elementwise) -> None:
    wrong = []
    for point in ONE if len(row.partials) == 1 else TWO:
        if math.isnan(recording.elemental(row.name)(*point)):
            continue
        for f, x in curves(row, point):
            c = taylor(f, x, ORDER + 1)
            expected = [nested(f, x, k) for k in range(ORDER + 1)]
            for k in range(ORDER + 1):
                if math.isfinite(expected[k]) and math.isfinite(allowed := 1e-12 * moved(c, k, point)):
                    wrong += [] if abs(c[k] - expected[k]) <= allowed else [(point, k, c[k], expected[k])]
                else:
                    wrong += [] if kind(c[k]) == kind(expected[k]) else [(point, k, c[k], expected[k])]
    assert not wrong


def kind(x: float) -> str:
    return "nan" if x != x else str(float(x)) if math.isinf(x) else "finite"


def special(row: Elementwise) -> Iterator[tuple[float, ...]]:
    """Points where something is 0, infinite, tied, or nan; not those where products leave the range of floats on the way."""
    values = [x for x in SPECIAL if x == 0 or not math.isfinite(x) or 1e-100 < abs(x) < 1e100]
    return zip(values) if len(row.partials) == 1 else itertools.product(values[::2] + [inf, nan], repeat=2)


@every_row
def test_at_special_points_they_are_nan_and_infinite_where_nested_derivatives_are(row: Elementwise) -> None:
    """Up to the first that is nan: after ∞ - ∞ a nested derivative stays nan, and the product of two series need not.

    Nor is that first one compared after an infinite slope: there 0 met ∞ along a path, and the product of two series may be infinite.
    """
    wrong = []
    for point in special(row):
        y = recording.elemental(row.name)(*point)
        undefined = y != y and not any(u != u for u in point)
        for f, x in curves(row, point):
            c = taylor(f, x, 3)
            if undefined:  # to every order, unless nothing flows
                wrong += [] if all(u != u for u in c[1:]) or not any(c[1:]) else [(point, c)]
                continue
            expected = [nested(f, x, k) for k in (1, 2, 3)]
            known = next((k for k, d in enumerate(expected, 1) if d != d), 3)
            known -= expected[known - 1] != expected[known - 1] and any(map(math.isinf, expected[: known - 1]))
            wrong += [(point, k, c[k], expected[k - 1]) for k in range(1, known + 1) if kind(c[k]) != kind(expected[k - 1])]
    assert not wrong


@every_row
def test_the_first_coefficient_is_the_tangent_of_a_sweep_bit_for_bit(row: Elementwise) -> None:
    points = [*(ONE if len(row.partials) == 1 else TWO), *special(row)]
    for point in points:
        for f, x in curves(row, point):
            y, y_dot = jvp(f, (x,), (1.0,))
            assert list(map(bits, taylor(f, x, 1))) == [bits(y), bits(y_dot)], point


# fmt: off
HIGH: dict[str, tuple[Callable[..., Any], Callable[..., Any], float]] = {  # in NumPy, in mpmath, where
    "exp": (np.exp, mp.exp, 0.7), "sin": (np.sin, mp.sin, 0.7), "tan": (np.tan, mp.tan, 0.7), "log1p": (np.log1p, lambda x: mp.log(1 + x), 0.7),
    "sqrt": (np.sqrt, mp.sqrt, 0.7), "tanh": (np.tanh, mp.tanh, 0.7), "sinc": (np.sinc, lambda x: mp.sinc(mp.pi * x), 0.7), "arcsin": (np.arcsin, mp.asin, 0.3),
    "x**x": (lambda x: x**x, lambda x: x**x, 0.7), "x**x at 2.7": (lambda x: x**x, lambda x: x**x, 2.7), "x**-2.5": (lambda x: x**-2.5, lambda x: x ** mp.mpf(-2.5), 1.3),
    "2**x": (lambda x: 2**x, lambda x: mp.mpf(2) ** x, 1.3), "x**sin": (lambda x: x ** np.sin(x), lambda x: x ** mp.sin(x), 1.3),
    "exp of sin": (lambda x: np.exp(np.sin(x)), lambda x: mp.exp(mp.sin(x)), 0.7), "sin(exp)/x": (lambda x: np.sin(np.exp(x)) / x, lambda x: mp.sin(mp.exp(x)) / x, 0.7),
    "log of cosh": (lambda x: np.log(np.cosh(x)), lambda x: mp.log(mp.cosh(x)), 0.4), "arctan of a quotient": (lambda x: np.arctan((1 - x) / (1 + x * x)), lambda x: mp.atan((1 - x) / (1 + x * x)), 0.7),
    "sinc of sin": (lambda x: np.sinc(np.sin(x)), lambda x: mp.sinc(mp.pi * mp.sin(x)), 0.7), "logaddexp": (lambda x: np.logaddexp(x, np.sin(x)), lambda x: mp.log(mp.exp(x) + mp.exp(mp.sin(x))), 0.3),
    "hypot": (lambda x: np.hypot(x, 1.5), lambda x: mp.sqrt(x * x + mp.mpf(1.5) ** 2), 0.7), "cbrt": (np.cbrt, mp.cbrt, 0.7),
}
# fmt: on


@pytest.mark.parametrize("f, exact, x", HIGH.values(), ids=HIGH)
def test_twenty_coefficients_are_those_of_mpmath(f, exact, x) -> None:
    with mp.workdps(80):
        expected = [float(c) for c in mp.taylor(exact, mp.mpf(x), 21)]
    c = taylor(f, x, 20)
    scale = [abs(expected[k]) + abs(x) * (k + 1) * abs(expected[k + 1]) for k in range(21)]
    assert max(abs(c[k] - expected[k]) / scale[k] for k in range(21)) < 2e-13


def test_a_polynomial_ends() -> None:
    assert taylor(lambda x: x**3, 2.0, 6).tolist() == [8.0, 12.0, 6.0, 1.0, 0.0, 0.0, 0.0]
    assert taylor(lambda x: x**3, 0.0, 4).tolist() == [0.0, 0.0, 0.0, 1.0, 0.0]
    assert taylor(lambda x: (x - 1) * (x + 1), -0.0, 3).tolist() == [-1.0, 0.0, 1.0, 0.0]
    assert taylor(lambda x: 3, 2.0, 2).tolist() == [3.0, 0.0, 0.0]
    assert taylor(lambda x: x, 2.0, 0).tolist() == [2.0]


def test_kinks_and_poles_follow_the_conventions() -> None:
    assert taylor(abs, 0.0, 2).tolist() == [0.0, 0.0, 0.0]
    assert taylor(np.sqrt, 0.0, 1).tolist() == [0.0, inf]
    assert taylor(np.floor, 2.5, 2).tolist() == [2.0, 0.0, 0.0]
    assert np.isnan(taylor(np.log, -1.0, 3)).all()
    assert taylor(lambda x: x if x > 0 else np.log(x), 2.0, 2).tolist() == [2.0, 1.0, 0.0]
    assert taylor(lambda x: np.where(x > 0, x, np.log(x)), 2.0, 2).tolist() == [2.0, 1.0, 0.0]
    assert taylor(np.sinc, 0.0, 2) == pytest.approx([1.0, 0.0, -(math.pi**2) / 6], rel=1e-15)


def test_a_series_is_followed_through_loops_and_calls() -> None:
    def newton(x):
        y = x
        for _ in range(30):
            y = 0.5 * (y + x / y)
        return y

    assert taylor(newton, 2.0, 6) == pytest.approx(taylor(np.sqrt, 2.0, 6), rel=1e-13)


def test_the_coefficients_sum_to_the_function_nearby() -> None:
    def f(x):
        return np.exp(np.sin(x)) / (2 + x)

    c = taylor(f, 0.3, 20)
    assert np.polyval(c[::-1], 0.2) == pytest.approx(f(0.5), rel=1e-14)


def test_several_outputs_keep_their_structure() -> None:
    first, [second, last] = taylor(lambda x: (x, [x * x, {"third": np.exp(x)}]), 0.0, 2)
    assert [c.tolist() for c in (first, second, last["third"])] == [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.5]]


def test_precision_and_kind_of_number_are_those_of_x() -> None:
    assert taylor(np.sin, np.float32(0.5), 2).dtype == np.float32
    assert taylor(lambda x: x * x, 3, 2).tolist() == [9.0, 6.0, 1.0]
    assert taylor(lambda x: x * x, np.int64(3), 2).dtype == float


def test_coefficients_are_differentiated_like_anything_else() -> None:
    for k in range(5):
        assert derivative(lambda x: taylor(np.sin, x, 5)[k])(0.7) == pytest.approx((k + 1) * taylor(np.sin, 0.7, 6)[k + 1], rel=1e-14)
    assert derivative(lambda a: taylor(lambda x: np.exp(a * x), 0.0, 3)[3])(2.0) == pytest.approx(2.0, rel=1e-15)
    assert taylor(lambda x: x * derivative(lambda y: x * y * y)(x), 3.0, 3).tolist() == [54.0, 54.0, 18.0, 2.0]
    assert taylor(lambda x: taylor(np.exp, x, 2)[2], 0.0, 2) == pytest.approx([0.5, 0.5, 0.25], rel=1e-15)


A = np.arange(9.0).reshape(3, 3) / 7 + np.eye(3)
# fmt: off
ARRAYS: dict[str, Callable[..., Any]] = {
    "sum": lambda x: np.sum(np.sin(x) * x), "matmul": lambda x: A @ np.tanh(A @ x), "max and mean": lambda x: np.max(x * x) + np.mean(np.exp(x)),
    "outer": lambda x: np.outer(x, x) @ x, "concatenate and index": lambda x: np.concatenate([x, x * x])[1:4], "where": lambda x: np.where(x > 1, x**3, np.log(x)),
    "stack and transpose": lambda x: np.stack([x, x * 2.0]).T @ np.ones(2), "broadcast": lambda x: x[0] + np.ones((2, 3)) * x, "einsum": lambda x: np.einsum("i,i,i->", x, x, x),
    "cumsum and diff": lambda x: np.diff(np.cumsum(x * x)), "division": lambda x: 1 / (1 + x * x), "powers": lambda x: x**2.5 + 2**x, "undefined in part": lambda x: np.log(x - 1.0),
}
# fmt: on


@pytest.mark.parametrize("f", ARRAYS.values(), ids=ARRAYS)
def test_arrays_have_the_coefficients_of_nested_directional_derivatives(f) -> None:
    x, direction = np.array([0.5, 1.2, 2.0]), np.array([1.0, -0.5, 0.25])
    c = taylor(f, x, 4, direction=direction)

    def along(t):
        return f(x + t * direction)

    curve = along
    for k in range(5):
        with np.errstate(invalid="ignore"):
            y = np.asarray(curve(0.0)) / math.factorial(k)
        assert c[k] == pytest.approx(np.broadcast_to(y, c.shape[1:]), rel=1e-12, abs=1e-13, nan_ok=True), k
        curve = (lambda inner: lambda t: jvp(inner, (t,), (1.0,))[1])(curve)


def test_a_direction_may_be_a_structure_and_its_zeros_take_no_part() -> None:
    c = taylor(lambda p: p["a"] * p["b"][0], {"a": 2.0, "b": (3.0,)}, 2, direction={"a": 1.0, "b": (1.0,)})
    assert c.tolist() == [6.0, 5.0, 1.0]
    assert taylor(lambda p: np.sqrt(p[0]) + p[1] ** 2, (0.0, 1.0), 2, direction=(0.0, 1.0)).tolist() == [1.0, 2.0, 1.0]
    assert taylor(lambda x: np.sum(np.sqrt(x)), np.array([0.0, 1.0]), 2, direction=np.array([0.0, 1.0])).tolist() == [1.0, 0.5, -0.125]


@pytest.mark.parametrize("order", [-1, 101, 10**9, 1.0, "2", None, True])
def test_an_order_that_is_none_is_refused(order) -> None:
    with pytest.raises(adviz.InputError, match="order is"):
        taylor(np.sin, 1.0, order)


def test_the_largest_order_is_reached_by_powers_too() -> None:
    assert np.isfinite(taylor(lambda x: x**x, 1.3, 100)).all()
    assert taylor(lambda x: 1 / (1 - x), 0.0, 100).tolist() == [1.0] * 101


@pytest.mark.parametrize("x, direction", [
    (np.array([1.0, 2.0]), None), ((1.0, 2.0), None), ([1.0], None), (np.array([1.0, 2.0]), 1.0), (np.array([1.0, 2.0]), np.ones(3)),
    (1.0, (1.0, 2.0)), ((1.0, 2.0), (1.0, "2")),
])  # fmt: skip
def test_a_direction_that_does_not_fit_is_refused(x, direction) -> None:
    with pytest.raises(adviz.InputError):
        taylor(lambda x: x, x, 2, direction=direction)


@pytest.mark.parametrize("f", [np.linalg.norm, np.prod, lambda x: np.linalg.solve(A, x), np.var], ids=["norm", "prod", "solve", "var"])
def test_an_array_operation_that_series_do_not_follow_is_refused_by_name(f) -> None:
    with pytest.raises(adviz.UnsupportedError, match=r"adviz\.taylor does not follow np"):
        taylor(f, np.array([1.0, 2.0, 3.0]), 2, direction=np.ones(3))


def multiplications(f: Callable[..., Any], order: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many products of coefficients one call takes."""
    counted = []
    plain = coefficients.product
    with monkeypatch.context() as patch:
        patch.setattr(coefficients, "product", lambda a, b: counted.append(1) or plain(a, b))
        taylor(f, 1.6, order)
    return len(counted)


def test_the_work_grows_like_the_square_of_the_order_and_like_the_length(monkeypatch) -> None:
    def chain(operations: int) -> Callable[[Any], Any]:
        def f(x):
            for _ in range(operations):
                x = np.tanh(x) * np.sin(x) / (1 + x * x)
            return x

        return f

    few, many, longer = (multiplications(chain(n), k, monkeypatch) for n, k in ((5, 20), (5, 40), (50, 20)))
    assert 3.5 * few < many < 4.1 * few
    assert longer < 11 * few


def test_powers_cost_one_or_two_orders_more(monkeypatch) -> None:
    """Each derivative of a power is a row of its own: nesting them would double the work with every order."""
    integer, both = ([multiplications(f, k, monkeypatch) for k in (20, 40)] for f in (lambda x: x**-2.5 * x, lambda x: x**x))
    assert integer[1] < 8.5 * integer[0]
    assert both[1] < 16.5 * both[0]


def test_ten_thousand_operations_need_no_recursion() -> None:
    def chain(x):
        for _ in range(10_000):
            x = x * 0.999 + 0.001
        return x

    c = taylor(chain, 2.0, 2)
    assert c[1] == pytest.approx(0.999**10_000, rel=1e-9)
