"""adviz.methods: differences, the complex step, error curves, SymPy's expressions, dual numbers; each beside adviz.gradient."""

from __future__ import annotations

import cmath
import itertools
import math
import subprocess
import sys
import warnings
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import adviz
from adviz import derivative, gradient, methods, recording
from adviz.methods import (
    Dual,
    central_difference,
    complex_step,
    counting,
    derivative_by_dual,
    error_curve,
    gradient_by_dual,
    swell,
    symbolic_derivative,
)
from adviz.methods.dual import apply
from adviz.table import Elementwise
from tests.test_table import bits, domain, every_row, points_of, special_points

inf, nan = math.inf, math.nan
DIFFERENCES = [methods.forward_difference, methods.backward_difference, methods.central_difference, methods.richardson]
METHODS = [*DIFFERENCES, methods.complex_step]
every_method = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__name__)


def lighthouse(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2 - np.sin(x2)


# differences


@pytest.mark.parametrize("h, errors", [
    (1e-1, ("1.21e-02", "1.29e-02", "4.17e-04")), (1e-3, ("1.25e-04", "1.25e-04", "4.17e-08")), (1e-5, ("1.25e-06", "1.25e-06", "3.06e-11")),
    (1e-7, ("2.45e-08", "1.10e-08", "6.78e-09")), (1e-13, ("1.11e-02", "1.11e-02", "1.11e-02")), (1e-16, ("5.50e+00", "5.50e+00", "5.50e+00")),
])  # fmt: skip
def test_the_errors_of_the_running_example_are_those_of_the_lesson(h, errors) -> None:
    assert tuple(f"{abs(method(lighthouse, 2.0, 5.0, h=h)[0] - 5.5):.2e}" for method in DIFFERENCES[:3]) == errors


@pytest.mark.parametrize("method, h, exact", [
    (methods.forward_difference, 0.5, 6.5), (methods.backward_difference, 0.5, 5.5), (methods.central_difference, 0.5, 6.0), (methods.richardson, 0.5, 6.0),
    (methods.complex_step, 0.5, 6.0),
])  # fmt: skip
def test_on_a_parabola_each_formula_gives_what_it_says(method, h, exact) -> None:
    assert method(lambda x: x * x, 3.0, h=h) == exact


@pytest.mark.parametrize("method, order", [(methods.forward_difference, 1), (methods.backward_difference, 1), (methods.central_difference, 2), (methods.complex_step, 2)])
def test_half_the_step_leaves_a_half_or_a_quarter_of_the_error(method, order) -> None:
    wide, narrow = (method(np.exp, 1.0, h=h) - math.e for h in (2e-3, 1e-3))
    assert wide / narrow == pytest.approx(2**order, rel=2e-3)


def test_richardson_reaches_the_order_of_its_levels() -> None:
    for levels in (1, 2, 3):
        wide, narrow = (methods.richardson(np.exp, 1.0, h=h, levels=levels) - math.e for h in (0.5, 0.25))
        assert wide / narrow == pytest.approx(4**levels, rel=0.1)
    assert methods.richardson(np.exp, 1.0, h=0.1, levels=1) == methods.central_difference(np.exp, 1.0, h=0.1)


@pytest.mark.parametrize("method, accuracy", [(METHODS[0], 1e-7), (METHODS[1], 1e-7), (METHODS[2], 1e-9), (METHODS[3], 1e-11), (METHODS[4], 1e-15)])
@pytest.mark.parametrize("x", [1e-3, 0.7, 30.0, 1e6])
def test_the_default_step_suits_small_and_large_numbers(method, accuracy, x) -> None:
    """Functions that change on the scale of max(1, |x|), as the step does."""
    for f in (lambda u: (1 + u) ** 1.5, lambda u: np.sqrt(4 + u), lambda u: (1 + u) * np.log(2 + u)):
        assert method(f, x) == pytest.approx(derivative(f)(x), rel=2 * accuracy, abs=0)


Pair = namedtuple("Pair", "left right")


@every_method
def test_the_result_has_the_structure_of_the_arguments_as_that_of_gradient(method) -> None:
    cases: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
        (lambda x: x * x, (3.0,)), (lambda x, y: x * y, (3.0, 4)), (lambda xs: xs[0] * xs[1], ([3.0, 4.0],)), (lambda *xs: xs[0] * xs[1], (3.0, 4.0)),
        (lambda w: np.sum(w["a"] * w["b"][0] ** 2), ({"a": np.array([[1.0, 2.0], [3.0, 4.0]]), "b": (3.0,)},)),
        (lambda a, p: np.sum(a) * p.left + p.right[0], (np.array([1, 2]), Pair(2.0, [3.0]))),
    ]  # fmt: skip
    for f, point in cases:
        found, expected = adviz.trees.flatten(method(f, *point)), adviz.trees.flatten(gradient(f)(*point))
        assert repr(found[1]) == repr(expected[1])
        for (name, u), (_, v) in zip(found[0], expected[0], strict=True):
            assert np.shape(u) == np.shape(v), name
            assert u == pytest.approx(v, rel=1e-6, abs=1e-6), name
            assert type(u) is type(v), name


@pytest.mark.parametrize("method, evaluations", [(METHODS[0], 5), (METHODS[1], 5), (METHODS[2], 8), (METHODS[3], 32), (METHODS[4], 4)])
def test_four_numbers_cost_that_many_evaluations(method, evaluations) -> None:
    calls = []

    def f(x, y):
        calls.append(1)
        return x * y[0] * y[1] * y[2]

    method(f, 2.0, np.array([1.0, 3.0, 2.0]))
    assert len(calls) == evaluations


def test_the_arrays_of_the_caller_stay_as_they_are() -> None:
    x = np.array([1.0, 2.0])

    def f(u):
        y = u * u
        if isinstance(u, np.ndarray):
            u[0] = 100.0
        return np.sum(y)

    for method in METHODS:
        assert method(f, x) == pytest.approx([2.0, 4.0], rel=1e-6)
        assert x.tolist() == [1.0, 2.0]


@every_method
def test_single_precision_stays_single(method) -> None:
    found = method(lambda x: np.sin(x) * x, np.float32(1.0))
    assert type(found) is np.float32
    assert found == pytest.approx(math.sin(1) + math.cos(1), rel=4e-3)


@every_method
@pytest.mark.parametrize("h", [0, -1e-3, nan, inf, True, "1e-3", 1j, [1e-3]])
def test_a_step_that_is_no_positive_number_is_refused(method, h) -> None:
    with pytest.raises(adviz.InputError, match="h is"):
        method(np.sin, 1.0, h=h)


@every_method
@pytest.mark.parametrize("point", [(1j,), ("1",), (None,), (), (1.0, 2.0), (np.array(["1"]),), (np.array([1j]),)])
def test_a_point_that_is_not_real_is_refused(method, point) -> None:
    with pytest.raises(adviz.InputError):
        method(lambda x: x, *point)


@every_method
@pytest.mark.parametrize("f", [lambda x: [x, x], lambda x: None, lambda x: "1", lambda x: np.ones(2) * x, lambda x: (1j * 2)])
def test_a_function_that_returns_no_single_number_is_refused(method, f) -> None:
    with pytest.raises(adviz.OutputError, match=method.__name__):
        method(f, 1.0)


@pytest.mark.parametrize("levels", [0, -1, 11, 2.0, True, "3"])
def test_a_number_of_levels_that_is_none_is_refused(levels) -> None:
    with pytest.raises(adviz.InputError, match="levels"):
        methods.richardson(np.sin, 1.0, levels=levels)


@pytest.mark.parametrize("method", DIFFERENCES, ids=lambda method: method.__name__)
def test_outside_the_domain_a_difference_is_nan_without_a_warning(method) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert math.isnan(method(np.log, -1.0))


def test_a_difference_may_be_differentiated() -> None:
    assert derivative(lambda x: central_difference(np.sin, x))(1.0) == pytest.approx(-math.sin(1.0), rel=1e-9)


# the complex step


@every_row
def test_the_complex_step_is_the_derivative_of_a_row_or_refuses_it(row: Elementwise) -> None:
    """At every point: to rounding where the derivative is a number, nan where it is, never something else."""
    f = row.function if isinstance(row.function, np.ufunc) or row.function is np.sinc else recording.elemental(row.name)
    answered, wrong = 0, []
    with np.errstate(all="ignore"):
        for point in points_of(row):
            for k in range(len(point)):
                along = lambda u, k=k, point=point: f(*point[:k], u, *point[k + 1 :])  # noqa: E731
                try:
                    found = complex_step(along, point[k])
                except (adviz.UnsupportedError, adviz.TracedValueError):
                    continue
                answered += 1
                d = derivative(lambda u: recording.elemental(row.name)(*point[:k], u, *point[k + 1 :]))(point[k])
                if not (found == pytest.approx(d, rel=1e-13, abs=1e-300, nan_ok=True) or math.isinf(d) and not math.isfinite(found)):
                    wrong.append((point, k, found, d))
    assert not wrong
    smooth = row.name in ANALYTIC
    assert (answered > 0) == smooth


ANALYTIC = {
    "add", "subtract", "multiply", "divide", "power", "negative", "positive", "square", "sqrt", "reciprocal", "exp", "exp2", "expm1", "log",
    "log2", "log10", "log1p", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh",
    "float_power",
}  # fmt: skip


# fmt: off
REFUSED: dict[str, Callable[[Any], Any]] = {
    "abs": abs, "np.abs": np.abs, "max": lambda x: max(x, 0.0), "min": lambda x: min(x, 0.0), "np.maximum": lambda x: np.maximum(x, 0), "a branch": lambda x: x if x > 0 else -x,
    "np.where": lambda x: np.where(x > 0, x, -x), "equal": lambda x: x if x == 2 else x * x, "truth": lambda x: x if x else 1.0, "arctan2": lambda x: np.arctan2(x, 1.0), "hypot": lambda x: np.hypot(x, 1.0),
    "floor": np.floor, "round": round, "int": int, "float": float, "complex": complex, "math": math.sin, "cmath": cmath.sin, "remainder": lambda x: x % 2, "floor division": lambda x: x // 2, "divmod": lambda x: divmod(x, 2)[1],
    "real": lambda x: x.real, "imag": lambda x: x.imag, "conj": lambda x: x.conj() * x, "np.conj": lambda x: np.conj(x) * x, "sign": np.sign, "np.array": lambda x: np.array([x, x])[0], "a list": lambda x: np.sum([x, x]),
    "norm": lambda x: np.linalg.norm(np.stack([x, x])), "max of an array": lambda x: np.stack([x, 2 * x]).max(), "np.max": lambda x: np.max(np.stack([x, 2 * x])), "sort": lambda x: np.sort(np.stack([x, 2 * x]))[0],
    "var": lambda x: np.var(np.stack([x, 2 * x])), "std": lambda x: np.stack([x, 2 * x]).std(), "clip": lambda x: np.clip(x, 0, 1), "vdot": lambda x: np.vdot(np.stack([x]), np.stack([x])), "argmax": lambda x: np.argmax(np.stack([x, 1 - x])),
    "sorted": lambda x: sorted([x, 1.0])[0], "an index": lambda x: [1.0, 2.0][x], "a range": lambda x: len(range(x)), "i times": lambda x: (1j * x), "cholesky": lambda x: np.linalg.cholesky(np.reshape(np.stack([x]), (1, 1)))[0, 0],
}
# fmt: on


@pytest.mark.parametrize("f", REFUSED.values(), ids=REFUSED)
def test_the_complex_step_refuses_what_is_not_complex_differentiable_with_a_sentence(f) -> None:
    with pytest.raises((adviz.UnsupportedError, adviz.TracedValueError), match=r"complex|\. Write"):
        complex_step(f, 2.0)


def test_what_does_not_depend_on_the_step_is_free_to_branch() -> None:
    def f(x, n):
        return x**3 if n > 2 else x

    with pytest.raises(adviz.UnsupportedError, match="order"):
        complex_step(f, 2.0, 3.0)
    assert complex_step(lambda x: f(x, 3.0), 2.0) == 12.0
    assert complex_step(lambda x: 3.0, 1.0) == 0.0


@pytest.mark.parametrize("f, x", [
    (lambda x: x**3, -1.5), (lambda x: x**101, -1.01), (lambda x: x**-2, -0.7), (lambda x: x**2, 0.0), (lambda x: np.sqrt(x * x), -2.0), (lambda x: 2**x, -1.0),
    (lambda x: x**0.5, -1.0), (lambda x: (-2.0) ** x, 3.0), (lambda x: np.log(x), -1.0), (np.arcsin, 2.0), (np.arccosh, 0.5), (lambda x: x**x, -1.5),
])  # fmt: skip
def test_negative_bases_and_points_outside_the_domain_take_no_detour_through_complex_numbers(f, x) -> None:
    assert complex_step(f, x) == pytest.approx(derivative(f)(x), rel=1e-14, nan_ok=True)


def test_the_complex_step_goes_through_array_programs() -> None:
    A = np.eye(3) + 0.1

    def f(x):
        y = np.tanh(A @ x) * x.sum() + np.linalg.solve(A, np.exp(x))[::-1]
        return np.linalg.det(np.outer(y, x) + A) + np.einsum("i,ij->", x, A) + np.concatenate([x, y]).reshape(2, 3).T.mean() + x.T[1] * len(x) + sum(u * u for u in x)

    x = np.array([0.3, -0.2, 0.5])
    assert complex_step(f, x) == pytest.approx(gradient(lambda x: f(x))(x), rel=1e-13)


def test_a_complex_step_can_be_looked_at() -> None:
    seen = []
    complex_step(lambda x: seen.append((repr(x), hasattr(x, "real"), x.shape)) or x, 2.0, h=0.5)
    assert seen == [("stepped(np.complex128(2+0.5j))", False, ())]


# error curves

# fmt: off
CURVES: dict[str, tuple[Callable[..., Any], Callable[..., Any], float]] = {
    "running example": (lambda x: np.log(x) + x * 5.0 - math.sin(5.0), lambda x: mp.log(x) + x * 5 - mp.sin(5), 2.0), "sin": (np.sin, mp.sin, 1.5), "exp": (np.exp, mp.exp, -0.3),
    "quotient": (lambda x: (1 - x) / (1 + x * x), lambda x: (1 - x) / (1 + x * x), 0.3),
    "expanded": (lambda x: x**7 - 7 * x**6 + 21 * x**5 - 35 * x**4 + 35 * x**3 - 21 * x**2 + 7 * x - 1, lambda x: (x - 1) ** 7, 1.02),
}
# fmt: on


def in_fifty_digits(method: Callable[..., Any], exact: Callable[..., Any], x: float, h: float) -> Any:
    """What the formula gives for the very numbers x and h, without rounding."""
    a, s = mp.mpf(x), mp.mpf(h)
    match method.__name__:
        case "forward_difference":
            return (exact(a + s) - exact(a)) / s
        case "backward_difference":
            return (exact(a) - exact(a - s)) / s
        case "central_difference":
            return (exact(a + s) - exact(a - s)) / (2 * s)
        case "complex_step":
            return mp.im(exact(mp.mpc(a, s))) / s
    rows = [(exact(a + s / 2**i) - exact(a - s / 2**i)) / (2 * s / 2**i) for i in range(4)]
    for j in range(1, 4):
        rows = [(4**j * fine - coarse) / (4**j - 1) for coarse, fine in itertools.pairwise(rows)]
    return rows[0]


@every_method
@pytest.mark.parametrize("f, exact, x", CURVES.values(), ids=CURVES)
def test_truncation_and_round_off_are_those_of_fifty_digits(method, f, exact, x) -> None:
    curve = error_curve(f, x, method=method)
    with mp.workdps(220):  # Richardson's truncation error goes down to 1e-136
        slope = mp.diff(exact, mp.mpf(x))
        assert curve.derivative == pytest.approx(float(slope), rel=1e-12, abs=1e-13)
        for h, found, error, truncation, round_off, band in zip(curve.h, curve.approximation, curve.error, curve.truncation, curve.round_off, curve.band, strict=True):
            quotient = in_fifty_digits(method, exact, x, h)
            allowed = 2e-14 * abs(curve.derivative) + (1e-12 if exact is CURVES["expanded"][1] else 0.0)  # adviz's own derivative is rounded
            assert found == method(f, x, h=h)
            assert error == found - curve.derivative
            assert truncation == pytest.approx(float(quotient - slope), rel=1e-5, abs=0), h
            assert round_off == pytest.approx(float(found - quotient), rel=1e-5, abs=allowed + 1e-5 * abs(truncation)), h
            assert abs(error) <= band, h


def test_the_least_error_lies_where_the_two_meet() -> None:
    assert 1e-9 <= error_curve(lighthouse, 2.0, 5.0, method=methods.forward_difference).best_h <= 1e-7
    assert 1e-6 <= error_curve(lighthouse, 2.0, 5.0, method=methods.central_difference).best_h <= 1e-4
    assert error_curve(np.sin, np.float32(1.0), method=methods.forward_difference).best_h in (1e-3, 1e-4)


def test_the_band_knows_how_much_an_ill_conditioned_sum_loses() -> None:
    """(x - 1)^7 written out loses what its terms of size 35 lose: four decimals more than ε f / h says."""
    f, _, x = CURVES["expanded"]
    curve = error_curve(f, x, steps=(1e-5,))
    assert abs(curve.error[0]) > 10 * 2.0**-52 * abs(f(x)) / 1e-5
    assert abs(curve.error[0]) <= curve.band[0]


@pytest.mark.parametrize("f, x, h", [(abs, 0.05, 0.1), (lambda x: np.where(x > 1, x * x, 2 * x), 0.99, 0.1), (lambda x: 1 / x, 0.05, 0.1), (np.floor, 0.95, 0.1)], ids=["kink", "branch", "pole", "jump"])
def test_across_a_kink_a_jump_or_a_pole_nothing_is_claimed(f, x, h) -> None:
    curve = error_curve(f, x, steps=(h, 1e-4))
    assert [math.isnan(u[0]) for u in (curve.truncation, curve.round_off, curve.band)] == [True] * 3
    assert not math.isnan(curve.truncation[1])
    assert "kink" in str(curve)


def test_an_error_curve_is_a_table_with_its_best_line_marked() -> None:
    lines = str(error_curve(lighthouse, 2.0, 5.0, wrt="x1", steps=(1e-1, 1e-5, 1e-9))).splitlines()
    assert lines[0] == "central_difference of lighthouse by x1 at 2.0; the derivative is 5.5"
    assert [line.split()[0] for line in lines[1:]] == ["h", "1.0e-01", "1.0e-05", "1.0e-09"]
    assert [line.endswith("least error") for line in lines[1:]] == [False, False, True, False]


def test_any_number_of_the_point_can_be_chosen() -> None:
    w = {"a": np.array([1.0, 2.0]), "b": [3.0]}

    def f(w):
        return np.sum(np.exp(w["a"])) * w["b"][0]

    for wrt, name, exact in ((0, "w['a'][0]", 3 * math.e), (1, "w['a'][1]", 3 * math.e**2), ("w['a'][1]", "w['a'][1]", 3 * math.e**2), ("w['b'][0]", "w['b'][0]", math.e + math.e**2)):
        curve = error_curve(f, w, wrt=wrt, steps=(1e-3,))
        assert curve.input == name
        assert curve.derivative == pytest.approx(exact, rel=1e-15)
        assert abs(curve.error[0]) <= curve.band[0]


@pytest.mark.parametrize("options", [{"wrt": "x3"}, {"wrt": 2}, {"wrt": -1}, {"wrt": True}, {"method": gradient}, {"method": "central"}, {"steps": (0.0,)}, {"steps": (None,)}])
def test_an_error_curve_that_cannot_be_drawn_is_refused(options) -> None:
    with pytest.raises(adviz.InputError):
        error_curve(lighthouse, 2.0, 5.0, **options)


# symbols


SYMBOLIC = ANALYTIC | {
    "sinc", "erf", "erfc", "abs", "fabs", "cbrt", "arctan2", "hypot", "maximum", "minimum", "fmax", "fmin", "logaddexp", "logaddexp2", "deg2rad", "rad2deg", "radians",
    "degrees", "where_true", "where_false", "unit", "logistic", "sech", "unsigned",
}  # fmt: skip


@every_row
def test_sympys_derivative_of_a_row_is_the_tables_or_is_refused(row: Elementwise) -> None:
    f = recording.elemental(row.name)
    named = (lambda a: f(a)) if len(row.partials) == 1 else (lambda a, b: f(a, b))
    if row.name not in SYMBOLIC:
        with pytest.raises(adviz.UnsupportedError, match="closed form"):
            symbolic_derivative(named, *points_of(row)[0])
        return
    found = symbolic_derivative(named, *points_of(row)[0])
    assert found.inputs == ("a", "b")[: len(row.partials)]
    symbols = [next((s for s in found.expression.free_symbols if s.name == name), None) for name in found.inputs]
    for point in domain(row):
        at = {s: u for s, u in zip(symbols, point, strict=True) if s is not None}
        d = gradient(named)(*point)
        for partial, expected in zip(found.partials, d if isinstance(d, tuple) else (d,), strict=True):
            value = complex(partial.evalf(30, subs=at))
            if value.imag == 0 and math.isfinite(value.real) and math.isfinite(expected):  # b may not vary under a negative base
                assert value.real == pytest.approx(expected, rel=1e-9, abs=1e-12), point


def test_a_program_becomes_one_expression() -> None:
    def f(x1, x2):
        y = x1
        for _ in range(2):
            y = np.tanh(y) * x2
        return y + 0.5

    d = symbolic_derivative(f)
    assert str(d.expression) == "x2*tanh(x2*tanh(x1)) + 1/2"
    at = {s: {"x1": 0.3, "x2": 1.7}[s.name] for s in d.expression.free_symbols}
    assert [float(p.evalf(subs=at)) for p in d.partials] == pytest.approx(gradient(f)(0.3, 1.7), rel=1e-14)
    assert d.conditions == ()


def test_a_formula_as_text_is_taken_and_constants_are_read_as_they_were_meant() -> None:
    d = symbolic_derivative("pi*x^2/4 + 0.1*x")
    assert str(d.partials[0]) == "pi*x/2 + 0.1"
    assert str(symbolic_derivative(lambda x: np.sqrt(2) * x + 0.25 * x * x + np.e * x).partials[0]) == "x/2 + 1.4142135623731 + E"


@pytest.mark.parametrize("name", ["erf", "erfc"])
def test_the_error_function_is_sympys_and_its_series_mpmaths(name) -> None:
    f = recording.elemental(name)
    d = symbolic_derivative(lambda x: f(x) * x)
    assert float(d.partials[0].evalf(subs=dict.fromkeys(d.expression.free_symbols, 0.7))) == pytest.approx(derivative(lambda x: f(x) * x)(0.7), rel=1e-15)
    with mp.workdps(40):
        assert adviz.taylor(f, 0.7, 12) == pytest.approx([float(c) for c in mp.taylor(getattr(mp, name), 0.7, 12)], rel=1e-12)


def test_the_inputs_are_the_parameters_without_a_default() -> None:
    assert symbolic_derivative(np.hypot).inputs == ("x1", "x2")
    assert [str(p) for p in symbolic_derivative(lambda x, a=3.0, *, b=2.0: a * x**b).partials] == ["6*x"]
    assert [str(p) for p in symbolic_derivative(lambda *xs: xs[0] * xs[1], 1.0, 2.0).partials] == ["xs[1]", "xs[0]"]
    with pytest.raises(adviz.InputError, match="point"):
        symbolic_derivative(lambda *xs: xs[0] * xs[1])


def test_a_branch_is_named_and_holds_where_it_was_taken() -> None:
    def f(x):
        return x * x if x > 0 else -x

    positive, negative = symbolic_derivative(f, 2.0), symbolic_derivative(f, -2.0)
    assert (str(positive.partials[0]), positive.conditions) == ("2*x", ("x > 0",))
    assert (str(negative.partials[0]), negative.conditions) == ("-1", ("not x > 0",))
    assert "where x > 0" in str(positive)


@pytest.mark.parametrize("f, point, error, words", [
    (lambda x: x * x if x > 0 else -x, (), adviz.UnsupportedError, "decides by x > 0"), (lambda x: np.where(x > 1, x, 0.0), (), adviz.UnsupportedError, "decides by"),
    (lambda x: x * adviz.value(x), (), adviz.UnsupportedError, "another point"), (lambda x: np.floor(x) * x, (2.5,), adviz.UnsupportedError, "closed form"),
    (lambda x: x % 2, (), adviz.UnsupportedError, "closed form"), (lambda x: np.sum(np.stack([x, x])), (), adviz.UnsupportedError, "arrays"),
    (lambda x: np.sum(x), (np.ones(2),), adviz.UnsupportedError, "arrays"), (lambda x: x * inf, (), adviz.UnsupportedError, "finite"), (lambda x: (x, x), (), adviz.OutputError, "one number"),
    ("sin(", (), adviz.FormulaError, "ends"), (lambda x: math.sin(x), (), adviz.TracedValueError, "np.sin"),
])  # fmt: skip
def test_what_is_no_single_expression_is_refused_in_words(f, point, error, words) -> None:
    with pytest.raises(error, match=words):
        symbolic_derivative(f, *point)


def test_a_derivative_too_large_to_write_down_is_refused_before_it_is() -> None:
    def logistic(x):
        for _ in range(100):
            x = 4 * x * (1 - x)
        return x

    with pytest.raises(adviz.BudgetError, match=r"10\^32 operations"):
        symbolic_derivative(logistic)


def test_the_operations_are_counted_in_every_form() -> None:
    d = symbolic_derivative("x*sin(x*y)")
    assert [str(p) for p in d.partials] == ["x*y*cos(x*y) + sin(x*y)", "x**2*cos(x*y)"]
    assert d.operations.expression == 3
    assert d.operations.derivative == 7 + 4 == d.operations.simplified
    assert d.operations.shared == 1 + 1 + 3 + 2  # u = xy; c = cos u; u c + sin u; x² c
    # three lines and a cosine; a seed; two shares for each product and one for the sine; x arrives twice
    assert d.operations.automatic == 3 + 1 + 1 + 5 + 1
    assert "11" in str(d)


# expression swell


def test_the_logistic_map_swells_as_the_lesson_says() -> None:
    found = swell("4*l*(1-l)", 8)
    assert found.n == (1, 2, 3, 4, 5, 6, 7, 8)
    assert found.program == tuple(3 * (n - 1) for n in found.n)
    assert found.expression == (0, 3, 9, 21, 45, 93, 189, 381)
    assert found.by_rules[:6] == (0, 6, 24, 72, 192, 480)
    assert found.symbolic == (0, 2, 21, 82, 264, 768, 2096, 5472)
    assert found.simplified[:6] == (0, 2, 8, 20, 44, 92)
    assert found.simplified[6:] == (None, None)
    assert found.shared[-1] is not None
    assert 57 < found.shared[-1] <= 124
    assert found.automatic == tuple(8 * n - 7 for n in found.n)


def test_a_step_may_be_a_function_a_text_or_an_expression_of_sympys() -> None:
    import sympy

    y = sympy.Symbol("y")
    kinds = [swell(step, 4) for step in (lambda l: 4 * l * (1 - l), "4*x*(1-x)", 4 * y * (1 - y))]
    assert {(s.by_rules, s.symbolic, s.shared, s.automatic) for s in kinds} == {((0, 6, 24, 72), (0, 2, 21, 82), kinds[0].shared, (1, 9, 17, 25))}


def test_the_partials_that_cost_something_count_on_adviz_side_too() -> None:
    """sin: its value, cos for the partial, one share; and one seed."""
    assert swell("sin(x)", 4).automatic == (1, 4, 7, 10)


def test_beyond_what_sympy_is_asked_for_the_other_columns_go_on(monkeypatch) -> None:
    monkeypatch.setattr(counting, "LARGEST", 30)
    found = swell("4*l*(1-l)", 14)
    assert found.symbolic == (0, 2, 21, *[None] * 11)
    assert found.by_rules[-1] == 6 * 13 * 2**12
    assert found.automatic[-1] == 8 * 14 - 7
    assert "–" in str(found)


@pytest.mark.parametrize("step, n, error", [
    ("4*l*(1-l)", 0, adviz.InputError), ("4*l*(1-l)", 65, adviz.InputError), ("4*l*(1-l)", 2.0, adviz.InputError), ("4*l*(1-l)", True, adviz.InputError), ("x*y", 3, adviz.InputError),
    (3.0, 3, adviz.InputError), ("(", 3, adviz.FormulaError), (lambda l: l if l > 0 else -l, 3, adviz.UnsupportedError), (np.floor, 3, adviz.UnsupportedError),
])  # fmt: skip
def test_a_swell_that_cannot_be_counted_is_refused(step, n, error) -> None:
    with pytest.raises(error):
        swell(step, n)


# dual numbers


@every_row
def test_a_dual_number_gives_the_derivative_bit_for_bit(row: Elementwise) -> None:
    f, wrong = recording.elemental(row.name), []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for point in [*points_of(row), *special_points(row)]:
            for k in range(len(point)):
                by_dual = derivative_by_dual(lambda u: apply(row.name, *point[:k], u, *point[k + 1 :]))(point[k])
                by_trace = derivative(lambda u: f(*point[:k], u, *point[k + 1 :]))(point[k])
                wrong += [] if bits(by_dual) == bits(by_trace) else [(point, k, by_dual, by_trace)]
    assert not wrong


PROGRAMS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (lighthouse, (2.0, 5.0)), (lambda x: x**3 - 2 * x**2.5 + 2**x, (1.7,)), (lambda x, y: np.hypot(x, y) * np.arctan2(y, -x), (3.0, 4.0)), (lambda x: 1 / x - x // 2 + x % 2, (2.6,)),
    (lambda x: x if x > 2 else -x, (1.0,)), (lambda x, y: max(x, y) * min(x, 2.0), (1.0, 3.0)), (lambda x: np.where(x > 0, x * x, np.log(x)), (2.0,)), (lambda x: np.sinc(x) + abs(-x), (0.3,)),
    (lambda x, y: np.sqrt(x) * y, (0.0, 2.0)), (lambda x, y: 3.0, (1.0, 2.0)), (lambda x: np.float64(2) * x + x * np.array(3.0), (1.5,)), (lambda x, y: x, (np.float32(1.5), 2.0)),
    (lambda x, y: np.log(x) * y, (-1.0, 0.0)), (lambda x, y: x**y, (-2.0, 3.0)), (lambda x: np.exp(np.log(x)), (0.0,)), (lambda x: -(+x), (2.0,)),
]  # fmt: skip


@pytest.mark.parametrize("f, point", PROGRAMS)
def test_the_gradient_by_dual_numbers_is_the_forward_jacobian_bit_for_bit(f, point) -> None:
    found = gradient_by_dual(f)(*point)
    found = found if isinstance(found, tuple) else (found,)
    expected = adviz.jacobian(f, mode="forward")(*point)
    assert list(map(bits, found)) == list(map(bits, expected))
    assert [type(u) for u in found] == [np.float32 if isinstance(x, np.float32) else float for x in point]


def test_dual_numbers_of_nested_derivatives_are_not_confused() -> None:
    d = derivative_by_dual
    assert d(lambda x: x * d(lambda y: x + y)(1.0))(1.0) == 1.0
    assert d(lambda x: x * d(lambda y: x * y)(2.0))(3.0) == 6.0
    assert d(lambda x: d(lambda y: d(lambda z: x * y * z * z)(y))(x))(2.0) == 16.0
    assert d(lambda x: d(lambda y: x)(1.0))(2.0) == 0.0
    assert gradient_by_dual(lambda x, y: gradient_by_dual(lambda u, v: u * u * v * x)(x, y)[0])(2.0, 3.0) == (24.0, 8.0)

    def shift(u):
        return lambda f: lambda x: f(x + u)

    assert d(lambda u: d(shift(u)(np.exp))(1.0))(0.0) == math.e


@pytest.mark.parametrize("order", range(1, 6))
def test_dual_numbers_nest_to_any_order(order) -> None:
    f, g = (lambda x: np.exp(np.sin(x)) / (1 + x)), (lambda x: np.exp(np.sin(x)) / (1 + x))
    for _ in range(order):
        f, g = derivative_by_dual(f), derivative(g)
    assert f(0.5) == pytest.approx(g(0.5), rel=1e-13)


def test_a_dual_number_inside_a_traced_derivative_is_differentiated() -> None:
    assert derivative(lambda x: derivative_by_dual(np.sin)(x) * x)(0.5) == pytest.approx(math.cos(0.5) - 0.5 * math.sin(0.5), rel=1e-15)


def test_a_dual_number_is_written_as_the_lesson_writes_it() -> None:
    x = Dual(2.0, 1.0)
    assert str(x * 5 + np.log(x)) == "10.693147180559945 + 5.5ε"
    assert repr(3 - x) == "Dual(1.0, -1.0)"
    assert str(Dual(2.0, (1.0, 0.0)) * Dual(5.0, (0.0, 1.0))) == "10.0 + 5.0ε1 + 2.0ε2"
    assert Dual(5.0).tangent == 0.0
    assert (x < 3, x == 2, bool(x), x > Dual(1.0, 7.0), len({x, x})) == (True, True, True, True, 1)


def test_a_tangent_of_zero_takes_no_part() -> None:
    assert (Dual(0.0, 1.0) * Dual(inf, 0.0)).tangent != 0
    assert (np.sqrt(Dual(0.0, 0.0)) + Dual(1.0, 1.0)).tangent == 1.0
    assert math.isnan((np.sqrt(Dual(0.0, 1.0)) * Dual(0.0, 1.0)).tangent)


@pytest.mark.parametrize("f", [math.sin, float, int, complex, lambda x: np.array([x, x]), lambda x: np.sin([x, x]), lambda x: [1.0, 2.0][x]], ids=str)
def test_a_dual_number_that_would_lose_its_tangent_says_so(f) -> None:
    with pytest.raises(adviz.TracedValueError):
        derivative_by_dual(f)(1.0)


@pytest.mark.parametrize("f, point, error", [
    (lambda x, y: x, (1.0, 2.0), adviz.InputError), (np.sin, ("1",), adviz.InputError), (np.sin, ([1.0],), adviz.InputError), (np.sin, (np.ones(2),), adviz.InputError), (np.sin, (1j,), adviz.InputError),
    (lambda x: [x], (1.0,), adviz.OutputError), (lambda x: None, (1.0,), adviz.OutputError), (lambda x: x * np.ones(2), (1.0,), adviz.UnsupportedError), (lambda x: np.sum(x), (1.0,), adviz.UnsupportedError),
    (lambda x: np.add.reduce([x, x]), (1.0,), adviz.AdvizError), (lambda x: x + "1", (1.0,), TypeError),
])  # fmt: skip
def test_what_dual_numbers_do_not_take_is_refused(f, point, error) -> None:
    with pytest.raises(error):
        derivative_by_dual(f)(*point)


# what is loaded


@pytest.mark.parametrize("statement, loaded", [
    ("import adviz", ""), ("import adviz; adviz.methods.central_difference(abs, 2.0)", ""), ("import adviz; adviz.methods.derivative_by_dual(abs)(2.0); adviz.taylor(abs, 2.0, 3)", ""),
    ("import adviz; adviz.methods.error_curve(abs, 2.0)", ""), ("from adviz.methods import symbolic_derivative, swell", ""), ("import adviz; adviz.methods.swell('x*x', 2)", "sympy"),
])  # fmt: skip
def test_sympy_is_imported_when_it_is_used_and_not_before(statement, loaded) -> None:
    code = f"{statement}\nimport sys; print(*[m for m in ('sympy', 'mpmath') if m in sys.modules][:1])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == loaded


def test_every_method_is_found_by_its_name_and_no_other() -> None:
    assert set(methods.__all__) <= set(dir(methods))
    assert all(callable(getattr(methods, name)) for name in methods.__all__)
    with pytest.raises(AttributeError, match="no_such_method"):
        methods.no_such_method  # noqa: B018
