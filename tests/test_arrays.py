"""Arrays and structures through the operators: shapes, names, precision, what is left out, what is kept."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import special

import adviz

X = np.array([0.5, -1.25, 2.0])


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def network(parameters, x):
    h = x
    for layer in parameters["layers"]:
        h = np.tanh(layer["W"] @ h + layer["b"])
    return parameters["scale"] * np.sum(h * h)


def parameters():
    random = np.random.default_rng(0)
    layers = [{"W": random.normal(size=shape), "b": random.normal(size=shape[0])} for shape in ((4, 3), (2, 4))]
    return {"layers": layers, "scale": 1.5}


def test_a_gradient_has_the_structure_and_the_shapes_of_its_arguments() -> None:
    p = parameters()
    value, (p_bar, x_bar) = adviz.value_and_gradient(network)(p, X)
    assert value == network(p, X)
    assert list(p_bar) == ["layers", "scale"]
    assert [{name: np.shape(u) for name, u in layer.items()} for layer in p_bar["layers"]] == [{"W": (4, 3), "b": (4,)}, {"W": (2, 4), "b": (2,)}]
    assert type(p_bar["scale"]) is float
    assert p_bar["scale"] == pytest.approx(value / 1.5)
    h = 1e-6
    for k in range(3):
        e = h * np.eye(3)[k]
        assert x_bar[k] == pytest.approx((network(p, X + e) - network(p, X - e)) / (2 * h), rel=1e-8)
    p["layers"][1]["W"][0, 2] += h
    above = network(p, X)
    p["layers"][1]["W"][0, 2] -= 2 * h
    assert p_bar["layers"][1]["W"][0, 2] == pytest.approx((above - network(p, X)) / (2 * h), rel=1e-7)


def test_inputs_of_a_structure_are_named_by_their_place() -> None:
    t = adviz.trace(lambda w, x: w["a"][0] * x + w["b"][1][0], {"a": (2.0, 3.0), "b": [1.0, [4.0]]}, 5.0)
    assert t.parameters == ("w['a'][0]", "w['a'][1]", "w['b'][0]", "w['b'][1][0]", "x")
    assert t.value == 14.0


class Pair(NamedTuple):
    first: Any
    second: Any


def test_named_tuples_lists_and_dicts_come_back_as_they_are() -> None:
    def f(p):
        return Pair({"y": p.first * p.second, "z": [p.first, 7.0]}, (p.second,))

    y, y_dot = adviz.jvp(f, (Pair(2.0, 5.0),), (Pair(1.0, 0.0),))
    assert y == Pair({"y": 10.0, "z": [2.0, 7.0]}, (5.0,))
    assert y_dot == Pair({"y": 5.0, "z": [1.0, 0.0]}, (0.0,))
    _, pullback = adviz.vjp(f, (Pair(2.0, 5.0),))
    assert pullback(Pair({"y": 1.0, "z": [10.0, 0.0]}, (100.0,))) == (Pair(15.0, 102.0),)


@pytest.mark.parametrize("mode", ["forward", "reverse", "auto"])
def test_the_jacobian_has_the_shape_of_the_output_and_then_of_the_argument(mode) -> None:
    A = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(adviz.jacobian(lambda x: A @ x, mode=mode)(X), A)
    J = adviz.jacobian(lambda x, W: W @ x, mode=mode)(X, A)
    assert [np.shape(part) for part in J] == [(2, 3), (2, 2, 3)]
    assert np.array_equal(J[1], np.einsum("ij,k->ijk", np.eye(2), X))
    assert adviz.jacobian(lambda x: x[0] * x[1], mode=mode)(X).shape == (3,)
    assert adviz.jacobian(lambda x: (x[0], x[1] * x[2]), mode=mode)(X).tolist() == [[1.0, 0.0, 0.0], [0.0, 2.0, -1.25]]
    assert adviz.jacobian(lambda x, y: x * y, mode=mode)(2.0, 5.0).tolist() == [5.0, 2.0]
    J = adviz.jacobian(lambda x, s: {"a": x * s, "b": s}, mode=mode)(X, 2.0)
    assert np.array_equal(J["a"][0], 2 * np.eye(3))
    assert np.array_equal(J["a"][1], X)
    assert J["b"][1] == 1.0
    assert np.array_equal(J["b"][0], np.zeros(3))
    assert np.array_equal(adviz.jacobian(lambda s: s * X, mode=mode)(2.0), X.reshape(3, 1))


@pytest.mark.parametrize("mode", adviz.operators.PAIRS)
def test_the_hessian_in_the_four_pairs_of_modes(mode) -> None:
    H = adviz.hessian(rosenbrock, mode=mode)(X)
    expected = np.zeros((3, 3))
    for i in range(2):
        expected[i, i] += 1200 * X[i] ** 2 - 400 * X[i + 1] + 2
        expected[i + 1, i + 1] += 200
        expected[i, i + 1] = expected[i + 1, i] = -400 * X[i]
    assert np.allclose(H, expected, rtol=1e-14)
    assert np.array_equal(adviz.hessian(lambda x, y: x * x * y, mode=mode)(2.0, 5.0), [[10.0, 4.0], [4.0, 0.0]])
    (xx, xs), (sx, ss) = adviz.hessian(lambda x, s: s * s * np.sum(x * x), mode=mode)(X, 2.0)
    assert np.array_equal(xx, 8 * np.eye(3))
    assert np.array_equal(xs, 8 * X)
    assert np.array_equal(sx, 8 * X)
    assert ss == pytest.approx(2 * np.sum(X * X))


def test_hessian_times_a_direction_is_hvp() -> None:
    r = np.array([1.0, -2.0, 0.5])
    assert np.allclose(adviz.hvp(rosenbrock, (X,), (r,)), adviz.hessian(rosenbrock)(X) @ r, rtol=1e-14)
    assert adviz.hvp(lambda x, y: x * x * y, (2.0, 5.0), (1.0, 0.0)) == (10.0, 4.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_an_array_keeps_its_precision(dtype) -> None:
    x = X.astype(dtype)
    y, x_bar = adviz.value_and_gradient(lambda x: np.sum(np.exp(x) * x**2 - 1.5 * x))(x)
    assert y.dtype == x_bar.dtype == dtype
    y, y_dot = adviz.jvp(lambda x: np.sin(x)[1:] * 2, (x,), (np.ones(3, dtype),))
    assert y.dtype == y_dot.dtype == dtype


@pytest.mark.parametrize("x", [np.array([1, 2, 3]), np.array([True, False, True]), np.array([1, 2, 3], np.uint8)])
def test_whole_numbers_become_floats_and_the_trace_says_so(x) -> None:
    assert np.array_equal(adviz.gradient(lambda x: np.sum(x * x))(x), 2.0 * x)
    (converted,) = adviz.trace(lambda x: np.sum(x), x).converted
    assert converted[0] == "x"
    assert adviz.trace(lambda x: np.sum(x), X).converted == ()


# an entry that is left out takes no part, whatever its partial
LEFT_OUT = [
    (lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)), [0.0, 4.0], [0.0, 0.25]),
    (lambda x: np.sum(np.where(x > 0, np.log(x), x)), [-1.0, 2.0], [1.0, 0.5]),
    (lambda x: np.sqrt(x)[1], [0.0, 4.0], [0.0, 0.25]),
    (lambda x: np.sum(np.log(x)[1:]), [0.0, 2.0], [0.0, 0.5]),
    (lambda x: np.max(np.sqrt(x)), [0.0, 4.0], [0.0, 0.25]),
    (lambda x: np.sqrt(x).reshape(2, 1).T[0, 1], [0.0, 4.0], [0.0, 0.25]),
    (lambda x: np.concatenate([np.sqrt(x), x])[1:].sum(), [0.0, 4.0], [1.0, 1.25]),
    (lambda x: np.stack([np.sqrt(x), x])[1].sum() + np.sqrt(x[1]), [0.0, 4.0], [1.0, 1.25]),
    (lambda x: np.sum(np.sqrt(x) * np.array([0.0, 1.0])), [0.0, 4.0], [math.nan, 0.25]),  # the program multiplied inf by 0
    (lambda x: np.sum(np.sqrt(x) ** 2), [0.0, 4.0], [math.nan, 1.0]),
    (lambda x: np.sum(np.sqrt(3 * x - x)), [0.0, 2.0], [math.nan, 0.5]),  # ∞ along one path, -∞ along the other
    (lambda x: np.sum(np.sqrt(x * x + x)), [0.0, 1.0], [math.nan, 1.5 / math.sqrt(2.0)]),  # 0 · ∞ along one path
    (lambda x: np.sum(np.fmax(np.log(x), 0.0)), [-1.0, 2.0], [math.nan, 0.5]),  # an undefined value has no derivative
    (lambda x: np.sum(np.log(x)), [-1.0, 2.0], [math.nan, 0.5]),
    (lambda x: np.sum(x - x), [math.inf, 1.0], [math.nan, 0.0]),
]


@pytest.mark.parametrize("f, x, expected", LEFT_OUT)
def test_zero_by_structure_never_meets_infinity(f, x, expected) -> None:
    x = np.array(x)
    assert np.array_equal(adviz.gradient(f)(x), expected, equal_nan=True)
    assert np.array_equal(adviz.jacobian(f, mode="forward")(x), expected, equal_nan=True)
    assert np.array_equal(adviz.reverse(f, x).result[0], expected, equal_nan=True)
    stepped = [adviz.forward(f, x, seed=(e,)).result[0] for e in np.eye(len(x))]
    assert np.array_equal(stepped, expected, equal_nan=True)


@pytest.mark.parametrize("f, x, expected", LEFT_OUT)
def test_what_is_left_out_of_an_array_is_what_a_program_of_numbers_leaves_out(f, x, expected) -> None:
    parts = adviz.gradient(lambda *x: f(np.stack(x)))(*x)
    assert np.array_equal(parts, expected, equal_nan=True)


def test_ties_and_kinks_have_the_slope_of_least_norm() -> None:
    assert adviz.gradient(lambda x: np.max(x))(np.array([2.0, 1.0, 2.0])).tolist() == [0.5, 0.0, 0.5]
    assert adviz.gradient(lambda x: np.sum(np.min(x, axis=0)))(np.array([[1.0, 2.0], [1.0, 0.0]])).tolist() == [[0.5, 0.0], [0.5, 1.0]]
    assert adviz.gradient(lambda x: np.linalg.norm(x))(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]
    assert adviz.gradient(lambda x: np.std(x))(np.ones(3)).tolist() == [0.0, 0.0, 0.0]
    assert adviz.gradient(lambda x: np.sum(np.clip(x, 0.0, 1.0)))(np.array([-1.0, 0.0, 0.5, 1.0, 2.0])).tolist() == [0.0, 0.5, 1.0, 0.5, 0.0]
    assert adviz.gradient(lambda x: np.prod(x))(np.array([2.0, 0.0, 3.0])).tolist() == [0.0, 6.0, 0.0]
    assert adviz.hessian(lambda x: np.prod(x))(np.array([2.0, 0.0, 3.0])).tolist() == [[0.0, 3.0, 0.0], [3.0, 0.0, 2.0], [0.0, 2.0, 0.0]]
    assert adviz.gradient(lambda x: np.sum(np.sinc(x)))(np.array([0.0, 1.0])).tolist() == [0.0, -1.0]


def test_an_array_changed_after_it_was_used_does_not_change_the_derivative() -> None:
    def f(x):
        weights = np.ones(3)
        total = 0.0
        for k in range(3):
            weights[:] = k
            total = total + np.sum(weights * x)
        return total

    assert adviz.gradient(f)(X).tolist() == [3.0, 3.0, 3.0]
    x = X.copy()
    t = adviz.trace(lambda x: np.sum(x * x), x)
    _, pullback = adviz.vjp(lambda x: np.sum(x * x), (x,))
    x[:] = 0.0
    assert adviz.reverse(t).result[0].tolist() == (2 * X).tolist()
    assert pullback(1.0)[0].tolist() == (2 * X).tolist()


def test_what_is_handed_out_belongs_to_the_caller() -> None:
    a, b = adviz.gradient(lambda x, y: np.sum(x + y))(X, X)
    a += 1.0
    assert b.tolist() == [1.0, 1.0, 1.0]
    seed = np.ones(3)
    y, pullback = adviz.vjp(lambda x: x + 0.0, (X,))
    (x_bar,) = pullback(seed)
    x_bar += 1.0
    y += 1.0
    assert seed.tolist() == [1.0, 1.0, 1.0]
    assert pullback(seed)[0].tolist() == [1.0, 1.0, 1.0]
    assert adviz.value_and_gradient(lambda x: x[0])(X)[1].flags.writeable


def test_an_argument_that_is_not_used_has_zeros_of_its_shape() -> None:
    assert np.array_equal(adviz.gradient(lambda x, y: np.sum(y))(X, X)[0], np.zeros(3))
    y, y_dot = adviz.jvp(lambda x, y: x * 1.0, (X, X), (np.zeros(3), np.ones(3)))
    assert np.array_equal(y_dot, np.zeros(3))
    assert np.array_equal(adviz.gradient(lambda x: 3.0)(X), np.zeros(3))


def test_an_array_that_no_input_reaches_has_zeros_for_a_derivative() -> None:
    y, y_dot = adviz.jvp(lambda t: np.array([1.0, 2.0]), (0.0,), (1.0,))
    assert (y.tolist(), y_dot.tolist()) == ([1.0, 2.0], [0.0, 0.0])
    assert adviz.jacobian(lambda t: np.array([1.0, 2.0]))(0.0).tolist() == [[0.0], [0.0]]
    assert adviz.jacobian(lambda t: np.array([1.0, 2.0]), mode="forward")(0.0).tolist() == [[0.0], [0.0]]


def test_an_undefined_value_has_no_derivative_of_any_order() -> None:
    assert math.isnan(adviz.derivative(adviz.derivative(lambda x: x * 0))(math.inf))
    assert math.isnan(adviz.derivative(adviz.derivative(lambda x: x - x))(math.inf))
    assert np.isnan(adviz.hessian(lambda x: np.sum(x * 0))(np.array([math.inf, 1.0]))[0, 0])


def test_outputs_that_are_inputs_constants_or_repeated() -> None:
    assert np.array_equal(adviz.jacobian(lambda x: x)(X), np.eye(3))
    y, pullback = adviz.vjp(lambda x: (x, x, np.ones(2)), (X,))
    assert np.array_equal(pullback((np.ones(3), 2 * np.ones(3), np.ones(2)))[0], 3 * np.ones(3))
    assert np.array_equal(y[2], np.ones(2))


def test_arrays_of_no_entries_and_of_one() -> None:
    assert adviz.gradient(lambda x: np.sum(x * x))(np.zeros(0)).shape == (0,)
    assert adviz.gradient(lambda x: np.sum(x * x))(np.ones((2, 0))).shape == (2, 0)
    assert adviz.gradient(lambda x: x * x)(np.array(3.0)) == 6.0
    assert adviz.gradient(lambda x: x[0] * 2)(np.array([3.0])).tolist() == [2.0]
    assert adviz.gradient(lambda x: 2.0 * x[0] if x > 0 else x[0])(np.array([3.0])).tolist() == [2.0]


def test_a_gradient_of_an_array_is_refused_in_words() -> None:
    with pytest.raises(adviz.OutputError, match=r"shape \(3,\).*jacobian"):
        adviz.gradient(lambda x: x * x)(X)
    with pytest.raises(adviz.OutputError, match="dict"):
        adviz.gradient(lambda x: {"a": x})(2.0)
    with pytest.raises(adviz.InputError, match=r"\(3,\) for x"):
        adviz.forward(rosenbrock, X, seed=(np.ones(2),))
    with pytest.raises(adviz.InputError, match=r"adviz\.gradient"):
        adviz.derivative(rosenbrock)(X)
    with pytest.raises(ValueError, match="broadcast"):  # NumPy's own sentence, at the learner's line
        adviz.gradient(lambda x: np.sum(x * np.ones(4)))(X)


@pytest.mark.parametrize("f, words", [
    (lambda x: np.array([x[0], 1.0]), ["np.stack"]), (lambda x: np.fft.fft(x), ["fft"]), (lambda x: np.linalg.eigvals(np.outer(x, x)), ["eigvals"]),
    (lambda x: np.sum(x, dtype=np.float32), ["np.sum", "dtype"]), (lambda x: np.linalg.norm(np.outer(x, x), "nuc"), ["norm", "nuc"]), (lambda x: np.add.reduce(x), ["np.add.reduce"]),
    (lambda x: np.median(x), ["median"]), (lambda x: x[x], ["index"]), (lambda x: np.ones(3)[x], ["np.ones(3)[x]"]), (lambda x: math.sin(x), ["np.sin"]), (lambda x: float(x[0]), ["float"]),
    (lambda x: np.sin(x, out=np.ones(3)), ["np.sin"]), (lambda x: np.einsum(x, [0]), ["einsum"]),
])  # fmt: skip
def test_what_is_not_differentiated_is_refused_with_a_replacement(f, words) -> None:
    for enter in (adviz.trace, lambda f, x: adviz.jacobian(f)(x)):
        with pytest.raises(adviz.AdvizError) as caught:
            enter(f, X)
        assert all(word in str(caught.value) for word in words), caught.value


def item_assignment(x):
    x[0] = 1.0


def assignment_into_zeros(x):
    y = np.zeros(3)
    y[0] = x[0]
    return np.sum(y)


def assignment_of_an_array(x):
    y = np.zeros((2, 3))
    y[0] = x
    return np.sum(y)


def addition_in_place(x):
    y = np.zeros(3)
    y += x
    return np.sum(y)


@pytest.mark.parametrize("f", [item_assignment, assignment_into_zeros, assignment_of_an_array, addition_in_place])
def test_what_would_lose_a_derivative_is_refused_at_its_line(f) -> None:
    with pytest.raises(adviz.TracedValueError, match=r"\(line \d+\)"):
        adviz.gradient(f)(X)


def test_the_methods_and_questions_of_an_array() -> None:
    def f(x):
        assert (x.shape, x.ndim, x.size, x.dtype, len(x)) == ((3,), 1, 3, np.float64, 3)
        assert (np.shape(x), np.ndim(x), np.size(x)) == ((3,), 1, 3)
        assert x.argmax() == 2
        assert np.argsort(x).tolist() == [1, 0, 2]
        assert (x > 0).tolist() == [True, False, True]
        assert (x == X).all()
        assert np.isnan(x).tolist() == [False] * 3
        assert np.array_equal(np.zeros_like(x), np.zeros(3))
        assert "traced" in repr(x)
        assert {x: 1}[x] == 1
        first, *rest = x
        return first * rest[1] + x.dot(x) + sum(x) + x.mean() + np.float64(2.0) * x[0] + (x.T @ x) + x.flatten()[0]

    adviz.gradient(f)(X)
    assert adviz.trace(f, X).value == pytest.approx(X[0] * X[2] + 2 * X @ X + X.sum() + X.mean() + 3 * X[0])


def test_numbers_and_arrays_mix() -> None:
    def f(s, x):
        return np.sum(s * x + x / s - np.exp(-s) * np.ones(3)) * s

    s_bar, x_bar = adviz.gradient(f)(2.0, X)
    h = 1e-6
    assert type(s_bar) is float
    assert s_bar == pytest.approx((f(2 + h, X) - f(2 - h, X)) / (2 * h), rel=1e-8)
    assert np.allclose(x_bar, (2 + 0.5) * 2)


def test_nested_derivatives_of_arrays_do_not_mix() -> None:
    def inner(x):
        return adviz.gradient(lambda y: np.sum(x * y * y))(x)

    assert np.allclose(adviz.jacobian(inner)(X), np.diag(4 * X))
    third = adviz.jacobian(adviz.hessian(lambda x: np.sum(x**4)))(X)
    assert np.allclose(third, 24 * np.einsum("ij,jk,k->ijk", np.eye(3), np.eye(3), X))
    assert adviz.derivative(lambda s: adviz.gradient(lambda x: np.sum(np.sin(s * x)))(X)[0])(0.7) == pytest.approx(
        math.cos(0.7 * X[0]) - 0.7 * X[0] * math.sin(0.7 * X[0])
    )


def test_value_and_stop_gradient_of_arrays() -> None:
    assert np.array_equal(adviz.gradient(lambda x: np.sum(x * adviz.stop_gradient(x)))(X), X)
    assert np.array_equal(adviz.gradient(lambda x: np.sum(x * adviz.value({"x": x})["x"]))(X), X)


def test_scipys_functions_have_rows() -> None:
    for x in (0.3, -1.2):
        assert adviz.derivative(special.erf)(x) == pytest.approx(2 / math.sqrt(math.pi) * math.exp(-x * x))
        assert adviz.derivative(special.expit)(x) == pytest.approx(special.expit(x) * special.expit(-x))
    value, x_bar = adviz.value_and_gradient(lambda x: np.sum(special.erf(x) * special.expit(x) + special.erfc(x)))(X)
    assert value == np.sum(special.erf(X) * special.expit(X) + special.erfc(X))
    h = 1e-6
    slope = [(np.sum(special.erf(X + e) * special.expit(X + e) + special.erfc(X + e)) - np.sum(special.erf(X - e) * special.expit(X - e) + special.erfc(X - e))) / (2 * h) for e in h * np.eye(3)]
    assert np.allclose(x_bar, slope, rtol=1e-8, atol=1e-9)


def test_the_own_library_computes_on_arrays() -> None:
    from adviz.functions import erf, logistic, sin

    for function in (sin, logistic, erf):
        assert np.allclose(adviz.gradient(lambda x, function=function: np.sum(function(x)))(X), [adviz.derivative(function)(x) for x in X.tolist()], rtol=1e-15)
    assert np.allclose(logistic(X), 1 / (1 + np.exp(-X)))


def test_a_row_of_the_learners_own_works_on_arrays_to_the_second_order() -> None:
    def softplus_like(x):
        return np.log(1 + np.exp(x))

    adviz.elementwise(softplus_like, "log(1 + exp(a))", "logistic(a)", name="softplus_for_arrays")
    from adviz.functions import softplus_for_arrays

    f, g = (lambda x: np.sum(softplus_for_arrays(x) * x)), (lambda x: np.sum(softplus_like(x) * x))
    assert np.allclose(adviz.gradient(f)(X), adviz.gradient(g)(X), rtol=1e-14)
    assert np.allclose(adviz.hessian(f)(X), adviz.hessian(g)(X), rtol=1e-13)


def test_an_endless_loop_over_arrays_ends_by_budget() -> None:
    def endless(x):
        while True:
            x = x * 1.0

    with pytest.raises(adviz.BudgetError, match=r"x \* 1.0"):
        adviz.gradient(endless)(np.ones(10**6))


def test_a_name_out_of_a_dict_is_made_readable() -> None:
    t = adviz.trace(lambda p: p["{0}"] * p["\n" * 200], {"{0}": 2.0, "\n" * 200: 3.0})
    assert t.parameters[0] == "p['(0)']"
    assert all(len(name) <= 80 and name.isprintable() and "{" not in name for name in t.parameters)
    assert "(0)" in str(t)


def test_a_product_that_is_a_number_is_called_one() -> None:
    (a,) = adviz.trace(lambda x: x @ x, X).assignments
    assert a.row.sentence(a.value, dict(a.parameters)) == "matrix product, a number"


def test_a_reverse_trace_of_an_array_asks_for_the_weights_of_its_entries() -> None:
    with pytest.raises(adviz.InputError, match=r"shape \(2,\).* seed=np.ones\(\(2,\)\)"):
        adviz.reverse(lambda x: x * x, np.ones(2))
    assert adviz.reverse(lambda x: x * x, np.ones(2), seed=np.ones((2,))).result[0].tolist() == [2.0, 2.0]
