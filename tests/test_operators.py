"""derivative, gradient, jacobian, jvp, vjp: the conventions at awkward points, and derivatives inside derivatives."""

from __future__ import annotations

import math
import threading
import warnings
from collections import namedtuple
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest

import adviz
from adviz import derivative, gradient, jacobian, jvp, value_and_gradient, vjp

inf, nan = math.inf, math.nan


def is_same(x: Any, y: Any) -> bool:
    return x == y or (x != x and y != y)


AWKWARD: list[tuple[str, Callable[..., Any], tuple[float, ...], float, tuple[float, ...]]] = [
    # what, f, point, value, gradient
    ("x**0 at 0", lambda x: x**0, (0.0,), 1, (0,)), ("x**0.0 at 0", lambda x: x**0.0, (0.0,), 1, (0,)), ("x**0 at -3", lambda x: x**0, (-3.0,), 1, (0,)),
    ("x**1 at 0", lambda x: x**1, (0.0,), 0, (1,)), ("x**2 at 0", lambda x: x**2, (0.0,), 0, (0,)), ("(-3)**2.0", lambda x: x**2.0, (-3.0,), 9, (-6,)),
    ("x**-1 at 0", lambda x: x**-1, (0.0,), inf, (-inf,)), ("x**3 overflowing", lambda x: x**3, (1e200,), inf, (inf,)), ("inf - inf", lambda x, y: x - y, (inf, inf), nan, (nan, nan)), ("inf / inf", lambda x: x / inf, (inf,), nan, (nan,)),
    ("x**0.5 at 0", lambda x: x**0.5, (0.0,), 0, (inf,)),
    ("x**y at (-2, 3)", lambda x, y: x**y, (-2.0, 3.0), -8, (12, nan)), ("x**y at (0, 2)", lambda x, y: x**y, (0.0, 2.0), 0, (0, 0)),
    ("2**x", lambda x: 2**x, (3.0,), 8, (8 * math.log(2),)), ("0**x", lambda x: 0**x, (2.0,), 0, (0,)), ("1**x", lambda x: 1**x, (2.0,), 1, (0,)),
    ("(-8.0)**(1/3)", lambda x: x ** (1 / 3), (-8.0,), nan, (nan,)),
    ("hypot at the origin", np.hypot, (0.0, 0.0), 0, (0, 0)), ("abs at 0", abs, (0.0,), 0, (0,)), ("np.abs at -0", np.abs, (-0.0,), 0, (0,)),
    ("a tie of maximum", np.maximum, (1.0, 1.0), 1, (0.5, 0.5)), ("a tie of minimum", np.minimum, (1.0, 1.0), 1, (0.5, 0.5)),
    ("maximum", np.maximum, (1.0, 2.0), 2, (0, 1)), ("relu at 0", lambda x: np.maximum(x, 0), (0.0,), 0, (0.5,)),
    ("Python's max at a tie", lambda x, y: max(x, y), (1.0, 1.0), 1, (1, 0)), ("Python's min", lambda x, y: min(x, y), (1.0, 2.0), 1, (1, 0)),
    ("sqrt at 0", np.sqrt, (0.0,), 0, (inf,)), ("cbrt at 0", np.cbrt, (0.0,), 0, (inf,)), ("arcsin at 1", np.arcsin, (1.0,), math.pi / 2, (inf,)),
    ("log of -1", np.log, (-1.0,), nan, (nan,)), ("sqrt of -1", np.sqrt, (-1.0,), nan, (nan,)), ("log at 0", np.log, (0.0,), -inf, (inf,)),
    ("1/0", lambda x: 1 / x, (0.0,), inf, (-inf,)), ("0/0", lambda x, y: x / y, (0.0, 0.0), nan, (nan, nan)), ("x/0", lambda x: x / 0, (2.0,), inf, (inf,)),
    ("exp of 1000", np.exp, (1000.0,), inf, (inf,)), ("sinc at 0", np.sinc, (0.0,), 1, (0,)),
    ("x % y", lambda x, y: x % y, (7.5, 2.0), 1.5, (1, -3)), ("-x % y", lambda x, y: x % y, (-7.5, 2.0), 0.5, (1, 4)), ("x % 0", lambda x: x % 0, (7.5,), nan, (nan,)),
    ("x // y", lambda x, y: x // y, (7.5, 2.0), 3, (0, 0)), ("floor", np.floor, (2.5,), 2, (0,)), ("ceil", np.ceil, (2.5,), 3, (0,)), ("rint", np.rint, (2.5,), 2, (0,)),
    ("trunc", np.trunc, (-2.5,), -2, (0,)), ("sign", np.sign, (-2.5,), -1, (0,)), ("round", round, (2.6,), 3, (0,)), ("round to one place", lambda x: round(x, 1), (3.14,), 3.1, (0,)),
    ("math.floor", math.floor, (2.5,), 2, (0,)), ("a comparison", lambda x: x > 2, (3.0,), 1, (0,)), ("comparison as factor", lambda x: (x > 2) * x, (3.0,), 3, (1,)),
    ("sqrt(x)**2 at 0", lambda x: np.sqrt(x) ** 2, (0.0,), 0, (nan,)), ("exp(log(x)) at 0", lambda x: np.exp(np.log(x)), (0.0,), 0, (nan,)),
    ("where, log not taken", lambda x: np.where(x > 0, x, np.log(x)), (2.0,), 2, (1,)), ("where, log undefined and not taken", lambda x: np.where(x > 0, np.log(x), x), (-2.0,), -2, (1,)),
    ("where, infinite slope not taken", lambda x: np.where(x > 0, np.log(x), x), (0.0,), 0, (1,)), ("where, constant taken", lambda x: np.where(x > 0, 3.0, x), (2.0,), 3, (0,)),
    ("where between constants", lambda x: np.where(x > 0, 1.0, -1.0) * x, (-2.0,), 2, (-1,)), ("if", lambda x: x if x > 0 else np.log(x), (2.0,), 2, (1,)),
    ("an unused input", lambda x, y: x, (2.0, nan), 2, (1, 0)), ("a constant", lambda x: 3, (2.0,), 3, (0,)), ("the input itself", lambda x: x, (2.0,), 2, (1,)),
    ("f(x, x)", lambda x, y: x * y, (3.0, 3.0), 9, (3, 3)), ("nan in", lambda x: x * x, (nan,), nan, (nan,)), ("inf in", lambda x: x * x, (inf,), inf, (inf,)),
    ("x * inf at 0", lambda x: x * inf, (0.0,), nan, (nan,)), ("a - a", lambda x: x - x, (3.0,), 0, (0,)), ("sum of a list", lambda x, y: sum([x, y, x]), (3.0, 4.0), 10, (2, 1)),
    ("a zero-dimensional array as a constant", lambda x: x * np.array(2.0), (3.0,), 6, (2,)), ("np.float64 on the left", lambda x: np.float64(2) * x, (3.0,), 6, (2,)),
    ("an integer beyond 2**53", lambda x: x * (2**53 + 1), (1.0,), 2.0**53, (2.0**53,)), ("np.int64", lambda x: np.int64(2) * x, (3.0,), 6, (2,)),
    ("True", lambda x: True * x, (3.0,), 3, (1,)), ("Fraction", lambda x: x * Fraction(1, 2), (3.0,), 1.5, (0.5,)), ("math.prod", lambda x: math.prod([x, x, x]), (3.0,), 27, (27,)),
    ("float_power", np.float_power, (-3.0, 2.0), 9, (-6, nan)), ("fmod", np.fmod, (7.5, -2.0), 1.5, (1, 3)),
]  # fmt: skip
awkward = pytest.mark.parametrize("f, point, value, exact", [case[1:] for case in AWKWARD], ids=[case[0] for case in AWKWARD])


@awkward
def test_an_awkward_point_follows_the_convention_in_every_mode(f, point, value, exact) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y, x_bar = value_and_gradient(f)(*point)
        forward, reverse = (jacobian(f, mode=mode)(*point) for mode in ("forward", "reverse"))
        steps = adviz.reverse(f, *point).result
    assert is_same(y, value)
    assert type(y) is float
    for k, expected in enumerate(exact):
        found = [x_bar[k] if len(exact) > 1 else x_bar, forward[k], reverse[k], steps[k]]
        assert all(is_same(u, expected) for u in found), (k, found, expected)


@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_single_and_half_precision_come_back_as_they_came(kind) -> None:
    y, x_bar = value_and_gradient(lambda x, z: np.sin(x) * 2.0 + x**2 / z - 1)(kind(1), kind(2))
    assert [type(u) for u in (y, *x_bar)] == [kind] * 3
    assert type(derivative(derivative(lambda x: x * x * x))(kind(2))) is kind
    assert jacobian(lambda x: (x * 2, x * 3))(kind(1)).dtype == kind
    assert [type(u) for u in jvp(lambda x: x * x, (kind(3),), (1.0,))] == [kind, kind]
    assert type(vjp(lambda x: x * x, (kind(3),))[1](1.0)[0]) is kind


def test_half_precision_overflows_to_infinity_in_silence() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert gradient(lambda x: x * x * 1e5)(np.float16(2)) == inf


@pytest.mark.parametrize("x", [3, True, np.int64(3), np.True_, np.uint8(3), Fraction(7, 2)])
def test_other_real_numbers_become_floats(x) -> None:
    y, x_bar = value_and_gradient(lambda u: u * u)(x)
    assert (y, x_bar) == (float(x) ** 2, 2 * float(x))
    assert type(y) is type(x_bar) is float
    assert adviz.trace(lambda u: u * u, x).converted == (("u", x, float(x)),)


def test_the_structure_of_results_follows_inputs_and_outputs() -> None:
    assert gradient(lambda x: x * x)(3.0) == 6.0
    assert gradient(lambda x, y: x * y)(3.0, 4.0) == (4.0, 3.0)
    assert value_and_gradient(lambda x, y: x * y)(3.0, 4.0) == (12.0, (4.0, 3.0))
    assert jacobian(lambda x: x * x)(3.0).shape == (1,)
    assert jacobian(lambda x, y: [x * y, x, 2.0])(3.0, 4.0).tolist() == [[4.0, 3.0], [1.0, 0.0], [0.0, 0.0]]
    assert jvp(lambda x: [x, x * x], (3.0,), (2.0,)) == ([3.0, 9.0], [2.0, 12.0])
    assert jvp(lambda x: (x,), 3.0, 1.0) == ((3.0,), (1.0,))
    assert vjp(lambda x: x * x, (3.0,))[1](2.0) == (12.0,)


def test_a_named_tuple_is_a_tuple_of_outputs() -> None:
    Pair = namedtuple("Pair", "low high")
    assert tuple(jvp(lambda x: Pair(x, x * x), (3.0,), (1.0,))[1]) == (1.0, 6.0)
    assert tuple(adviz.trace(lambda x: Pair(x, x * x), 3.0).value) == (3.0, 9.0)


def test_anything_callable_may_be_differentiated() -> None:
    class Square:
        def __call__(self, x):
            return x * x

        def method(self, x):
            return x * x

    assert [gradient(f)(3.0) for f in (Square(), Square().method, partial(lambda a, x: x * x, 1), np.square, abs)] == [6.0, 6.0, 6.0, 6.0, 1.0]
    assert gradient(lambda *xs: xs[0] * xs[1])(3.0, 4.0) == (4.0, 3.0)
    assert gradient(lambda x, y=2.0, *, k=3.0: x * y * k)(5.0) == 6.0
    assert adviz.trace(lambda *xs: xs[0] * xs[1], 3.0, 4.0).parameters == ("xs[0]", "xs[1]")


def test_an_operator_keeps_the_functions_name() -> None:
    def height(x):
        return x * x

    assert [operator(height).__name__ for operator in (derivative, gradient, value_and_gradient, jacobian)] == ["height"] * 4


def test_perturbations_are_not_confused() -> None:
    assert derivative(lambda x: x * derivative(lambda y: x + y)(1.0))(1.0) == 1.0
    assert derivative(lambda x: x * derivative(lambda y: x * y)(2.0))(3.0) == 6.0
    assert derivative(lambda x: derivative(lambda y: x * y * y)(x))(3.0) == 12.0
    assert derivative(lambda x: derivative(lambda y: derivative(lambda z: x * y * z * z)(y))(x))(2.0) == 16.0
    assert gradient(lambda x, y: gradient(lambda u, v: u * u * v * x)(x, y)[0])(2.0, 3.0) == (24.0, 8.0)
    assert derivative(lambda x: derivative(lambda y: x)(1.0))(2.0) == 0.0
    assert derivative(lambda x: value_and_gradient(lambda y: x * 3)(1.0)[0])(2.0) == 3.0


def test_the_amazing_bug_of_higher_order_functions_stays_away() -> None:
    """Manzyuk et al. 2019: a derivative operator applied to a curried function, twice."""

    def shift(u):
        return lambda f: lambda x: f(x + u)

    assert derivative(lambda u: derivative(shift(u)(np.exp))(1.0))(0.0) == math.e
    assert derivative(lambda u: derivative(lambda x: derivative(shift(u)(np.sin))(x))(1.0))(0.0) == pytest.approx(-math.cos(1), rel=1e-15)


@pytest.mark.parametrize("order", range(1, 7))
def test_derivatives_nest_to_any_order(order) -> None:
    f = np.exp
    for _ in range(order):
        f = derivative(f)
    assert f(0.5) == math.exp(0.5)
    g: Callable[..., Any] = lambda x: 1 / (1 - x)  # noqa: E731
    for _ in range(order):
        g = derivative(g)
    assert g(0.5) == pytest.approx(math.factorial(order) * 2.0 ** (order + 1), rel=1e-13)


def test_every_operator_works_inside_every_other() -> None:
    def f(x):
        return np.sin(x) * x * x

    second = derivative(derivative(f))(0.7)
    first_derivatives = [
        derivative(f), gradient(f), lambda x: value_and_gradient(f)(x)[1], lambda x: jacobian(f, mode="forward")(x)[0],
        lambda x: jacobian(f, mode="reverse")(x)[0], lambda x: jvp(f, (x,), (1.0,))[1], lambda x: vjp(f, (x,))[1](1.0)[0],
        lambda x: adviz.forward(f, x).result[0], lambda x: adviz.reverse(f, x).result[0],
    ]  # fmt: skip
    for inner in first_derivatives:
        for outer in (derivative, gradient, lambda g: lambda x: jvp(g, (x,), (1.0,))[1], lambda g: lambda x: vjp(g, (x,))[1](1.0)[0]):
            assert outer(inner)(0.7) == pytest.approx(second, rel=4e-16)


def test_a_tangent_may_be_differentiated() -> None:
    assert derivative(lambda d: jvp(lambda u: u * u, (3.0,), (d,))[1])(5.0) == 6.0
    assert derivative(lambda w: vjp(lambda u: u * u, (3.0,))[1](w)[0])(5.0) == 6.0


def test_second_derivatives_at_kinks_and_poles() -> None:
    assert derivative(derivative(abs))(0.0) == 0.0
    assert derivative(derivative(np.sqrt))(0.0) == -inf
    assert math.isnan(derivative(derivative(np.log))(-1.0))
    assert math.isnan(derivative(derivative(lambda x: x / x))(0.0))
    assert derivative(lambda y: derivative(lambda x: x**y)(0.0))(2.0) == 0.0


def test_a_derivative_is_right_after_an_exception_inside_another() -> None:
    def fails(x):
        derivative(lambda y: y * x)(2.0)
        raise KeyError("inside")

    for _ in range(3):
        with pytest.raises(KeyError):
            derivative(lambda x: derivative(fails)(x))(1.0)
        assert derivative(lambda x: x * derivative(lambda y: x + y)(1.0))(1.0) == 1.0


def test_a_caught_exception_inside_f_leaves_nothing_behind() -> None:
    def careful(x):
        try:
            derivative(lambda y: (y * x, 1 // 0))(x)
        except ZeroDivisionError:
            return x * x

    assert derivative(careful)(3.0) == 6.0


def test_four_threads_do_not_meet() -> None:
    def work(k: int) -> None:
        for n in range(60):
            x = 1.0 + k + n / 60
            results[k].append(derivative(lambda u: u * derivative(lambda w: w * w * u)(u))(x) == pytest.approx(6 * x * x, rel=1e-15))

    results: list[list[bool]] = [[], [], [], []]
    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[True] * 60] * 4


@pytest.mark.parametrize("mode", ["both", "sources", "", None, 1])
def test_a_mode_that_does_not_exist_is_refused_with_the_modes_that_do(mode) -> None:
    with pytest.raises(adviz.UnsupportedError, match="forward") as caught:
        jacobian(abs, mode=mode)
    assert isinstance(caught.value, NotImplementedError)


@pytest.mark.parametrize("operator, f, point, error", [
    (derivative, lambda x, y: x, (1.0, 2.0), adviz.InputError), (derivative, lambda x: (x, x), (1.0,), adviz.OutputError),
    (gradient, lambda x: (x, x), (1.0,), adviz.OutputError), (value_and_gradient, lambda x: [x, x], (1.0,), adviz.OutputError),
])  # fmt: skip
def test_a_scalar_operator_says_which_one_fits(operator, f, point, error) -> None:
    with pytest.raises(error, match=r"adviz\.(gradient|jacobian)"):
        operator(f)(*point)


def test_one_output_in_a_tuple_is_told_apart_from_several() -> None:
    with pytest.raises(adviz.OutputError) as caught:
        gradient(lambda x: (x,))(1.0)
    assert "has 1" not in str(caught.value)
