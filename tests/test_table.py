"""Laws over the whole table: a row is right because it exists, not because somebody wrote a test for it."""

from __future__ import annotations

import itertools
import math
import operator
import struct
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import adviz
from adviz import recording
from adviz.generate import function_source, variable_source
from adviz.readings import FUNCTION_OF, Tree, calls, parse
from adviz.table import Elementwise, Table, elementwise, table

DIGITS = 50
FAMILIES = ("power_2_0", "power_1_1", "power_0_2", "power_2_1", "power_0_3", "sinc_2", "sinc_3")
ROWS = list({row.name: row for row in (*table.elementwise(), *(table[name] for name in FAMILIES))}.values())
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)

# ordinary points: no ties, no integers, no multiples; negative, small and large ones
ONE = [(a,) for a in (-700.25, -30.25, -3.7, -0.8, -1e-9, 0.2, 0.55, 0.9, 1.3, 2.75, 40.3, 700.25, 12345.678)]
TWO = [
    (-2.5, -1.3), (-0.6, 3.6), (0.4, 0.45), (1.7, 2.0), (12.25, -1.3), (0.4, -2.0), (30.5, 3.25), (-7.5, 2.0), (-7.5, 3.0),
    (1e-3, 2.5), (0.75, 1e-3), (-300.5, -301.25),
]  # fmt: skip
# every value at which something has gone wrong in some engine
SPECIAL = [
    0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -8.0, 1 / 3, 100.0, 36.5, 710.0, -745.5, 1e16, 1e-9, 1e-300, -1e-300, 5e-324,
    1e308, -1e308, math.inf, -math.inf, math.nan,
]  # fmt: skip


def falling(b: Any, n: int) -> Any:
    return mp.fprod(b - m for m in range(n))


def power_derivative(n: int, k: int) -> Callable[..., Any]:
    return lambda a, b: mp.diff(lambda t: falling(t, n) * mp.power(a, t - n), b, k) if k else falling(b, n) * mp.power(a, b - n)


def sinc_derivative(n: int) -> Callable[..., Any]:
    return lambda a: mp.diff(lambda t: mp.sinc(mp.pi * t), a, n)


# What the functions of the formulas mean, said a second time and to 50 digits.
# fmt: off
MEANING: dict[str, Callable[..., Any]] = {
    "abs": abs, "sqrt": mp.sqrt, "cbrt": lambda a: mp.sign(a) * mp.cbrt(abs(a)), "exp": mp.exp, "exp2": lambda a: mp.power(2, a), "expm1": mp.expm1,
    "log": mp.log, "log2": lambda a: mp.log(a, 2), "log10": mp.log10, "log1p": mp.log1p, "sin": mp.sin, "cos": mp.cos, "tan": mp.tan,
    "arcsin": mp.asin, "arccos": mp.acos, "arctan": mp.atan, "arctan2": mp.atan2, "sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh,
    "arcsinh": mp.asinh, "arccosh": mp.acosh, "arctanh": mp.atanh, "hypot": lambda a, b: mp.sqrt(a * a + b * b),
    "maximum": max, "minimum": min, "fmax": max, "fmin": min, "sign": mp.sign, "floor": mp.floor, "ceil": mp.ceil, "rint": mp.nint,
    "trunc": lambda a: mp.sign(a) * mp.floor(abs(a)), "fmod": lambda a, b: a - b * MEANING["trunc"](a / b),
    "heaviside": lambda a, b: b if a == 0 else mp.mpf(a > 0), "logaddexp": lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
    "logaddexp2": lambda a, b: mp.log(mp.power(2, a) + mp.power(2, b), 2), "sinc": lambda a: mp.sinc(mp.pi * a),
    "erf": mp.erf, "erfc": mp.erfc, "unsigned": lambda a: a,
    "unit": lambda a, b: a / mp.sqrt(a * a + b * b), "step": lambda a, b: mp.mpf(a > b), "logistic": lambda a: 1 / (1 + mp.exp(-a)), "sech": mp.sech,
    "power_slope": lambda a, b: b * mp.power(a, b - 1), "power_log": lambda a, b: mp.power(a, b) * mp.log(a), "sinc_slope": sinc_derivative(1),
    **{f"power_{n}_{k}": power_derivative(n, k) for n, k in itertools.product(range(5), repeat=2)},
    **{f"sinc_{n}": sinc_derivative(n) for n in (2, 3)},
}
BINARY = {
    "+": lambda u, w: u + w, "-": lambda u, w: u - w, "*": lambda u, w: u * w, "/": lambda u, w: u / w, "**": mp.power,
    "//": lambda u, w: mp.floor(u / w), "%": lambda u, w: u - w * mp.floor(u / w),
}
# fmt: on


def meaning(tree: Tree, a: Any, b: Any = None) -> Any:
    """The value of a formula to 50 digits."""
    match tree:
        case ("a",) | ("b",):
            return a if tree[0] == "a" else b
        case ("number", x):
            return mp.mpf(x)
        case ("name", name):
            return {"pi": +mp.pi, "e": +mp.e}[name]
        case ("neg", u):
            return -meaning(u, a, b)
        case ("call", name, *operands):
            return MEANING[name](*(meaning(u, a, b) for u in operands))
    symbol, u, w = tree
    return BINARY[symbol](meaning(u, a, b), meaning(w, a, b))


def oracle(row: Elementwise) -> Callable[..., Any]:
    return lambda *point: meaning(parse(row.value), *point)


def points_of(row: Elementwise) -> list[tuple[float, ...]]:
    return ONE if len(row.partials) == 1 else TWO


def domain(row: Elementwise) -> Iterator[tuple[float, ...]]:
    """The ordinary points at which the row is a finite real number."""
    for point in points_of(row):
        v = oracle(row)(*map(mp.mpf, point))
        if not isinstance(v, mp.mpc) and mp.isfinite(v) and abs(v) < 1e300:
            yield point


def true_derivative(f: Callable[..., Any], point: tuple[float, ...], orders: tuple[int, ...]) -> Any:
    exact = tuple(map(mp.mpf, point))
    return mp.diff(f, exact if len(exact) > 1 else exact[0], orders if len(exact) > 1 else orders[0])


def nested(row: Elementwise, path: tuple[int, ...], point: tuple[float, ...]) -> Any:
    """∂/∂u_k of ∂/∂u_j of ..., by adviz.derivative inside adviz.derivative."""

    def along(k: int, f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *at: adviz.derivative(lambda u: f(*at[:k], u, *at[k + 1 :]))(at[k])

    f = recording.elemental(row.name)
    for k in path:
        f = along(k, f)
    return f(*point)


def close(got: float, true: Any, f: Callable[..., Any], point: tuple[float, ...], orders: tuple[int, ...]) -> bool:
    """Within what rounding the operands alone would do, a few times over: |err| <= 64 ε (|d| + Σ |u ∂d/∂u|).

    A derivative that vanishes at 0, such as arcsin's second, keeps absolute digits there and not relative ones.
    """
    steeper = [(k, tuple(o + (i == k) for i, o in enumerate(orders))) for k in range(len(orders))]
    moved = sum(abs(point[k]) * abs(true_derivative(f, point, o)) for k, o in steeper)
    if abs(point[0]) < 1e-6 and sum(orders) > 1:
        moved += abs(true_derivative(f, point, (sum(orders) - 1,)))
    error = abs(mp.mpf(float(got)) - true)
    return bool(error <= 64 * 2.0**-52 * (abs(true) + moved) + 1e-300 or (got == 0 and error < 1e-45 * (1 + abs(point[0]))))


def bits(x: Any) -> Any:
    """A number as its bits, all nans alike; None as itself."""
    if x is None:
        return None
    return "nan" if x != x else struct.pack("<d", float(x)).hex()


@pytest.mark.parametrize(
    "row, order", [(row, order) for row in ROWS for order in (1, 2, 3) if order == 1 or row.name not in FAMILIES],
    ids=lambda part: getattr(part, "name", part),
)
def test_every_derivative_agrees_with_differences_at_50_digits(row: Elementwise, order: int) -> None:
    f, n = oracle(row), len(row.partials)
    wrong = []
    with mp.workdps(DIGITS):
        for point in domain(row):
            for path in itertools.combinations_with_replacement(range(n), order):
                orders = tuple(path.count(k) for k in range(n))
                true = true_derivative(f, point, orders)
                if isinstance(true, mp.mpc) or abs(true) > 1e300:
                    continue  # b varies under a negative base: the undefined case has a test of its own
                got = nested(row, path, point)
                if not close(got, true, f, point, orders):
                    wrong.append((point, path, got, mp.nstr(true, 17)))
    assert not wrong


@every_row
def test_every_row_has_points_in_its_domain(row: Elementwise) -> None:
    assert len(list(domain(row))) >= 3


@every_row
def test_the_order_of_two_mixed_differentiations_does_not_matter(row: Elementwise) -> None:
    if len(row.partials) == 2:
        for point in domain(row):
            ab, ba = nested(row, (0, 1), point), nested(row, (1, 0), point)
            assert ab == pytest.approx(ba, rel=1e-12, abs=1e-290, nan_ok=True), point


@every_row
def test_adjoint_is_the_transpose_of_the_tangent(row: Elementwise) -> None:
    f = recording.elemental(row.name)
    for point in domain(row):
        y, pullback = adviz.vjp(f, point)
        for y_bar in (1.0, -0.75):
            x_bar = pullback(y_bar)
            for k in range(len(point)):
                x_dot = tuple(1.0 if i == k else 0.0 for i in range(len(point)))
                assert adviz.jvp(f, point, x_dot)[1] * y_bar == pytest.approx(x_bar[k], rel=0, abs=0, nan_ok=True), (point, k)


@every_row
def test_the_value_is_numpys(row: Elementwise) -> None:
    f = recording.elemental(row.name)
    for point in domain(row):
        if isinstance(row.function, np.ufunc) or row.function is np.sinc:
            with np.errstate(all="ignore"):
                assert f(*point) == pytest.approx(float(row.function(*point)), rel=4e-16, abs=0)
        assert close(f(*point), oracle(row)(*map(mp.mpf, point)), oracle(row), point, (0,) * len(point))


@every_row
def test_a_formula_calls_only_functions_that_have_rows(row: Elementwise) -> None:
    for formula in (row.value, *row.partials):
        for name in calls(parse(formula)) if formula is not None else ():
            assert name in table
            assert table[name].name in (name, FUNCTION_OF.get(name))


@every_row
def test_a_row_has_one_partial_for_each_operand_it_names(row: Elementwise) -> None:
    assert 1 <= len(row.partials) <= 2
    letters = {part for formula in (row.value, *row.partials) if formula for part in leaves(parse(formula))}
    assert letters <= {"a", "b", "v"} if len(row.partials) == 2 else letters <= {"a", "v"}
    assert "v" not in leaves(parse(row.value))


def leaves(tree: Tree) -> set[str]:
    if tree[0] in ("a", "b", "v") and len(tree) == 1:
        return {tree[0]}
    return set().union(*(leaves(part) for part in tree[1:] if isinstance(part, tuple))) if len(tree) > 1 else set()


def special_points(row: Elementwise) -> Iterator[tuple[float, ...]]:
    return zip(SPECIAL) if len(row.partials) == 1 else itertools.product(SPECIAL[::2] + [math.inf, -math.inf], repeat=2)


def recorded(row: Elementwise, point: tuple[float, ...]) -> tuple[Any, tuple[Any, ...]]:
    """Value and partials as the located number writes them down."""
    [a] = adviz.trace(recording.elemental(row.name), *point).assignments
    return a.value, a.partials


def swept(row: Elementwise, point: tuple[float, ...]) -> tuple[Any, tuple[Any, ...]]:
    """Value and partials as the fast number has them: tangents along the axes."""
    f, n = recording.elemental(row.name), len(point)
    runs = [adviz.jvp(f, point, tuple(1.0 if i == k else 0.0 for i in range(n))) for k in range(n)]
    return runs[0][0], tuple(None if row.partials[k] is None else y_dot for k, (_, y_dot) in enumerate(runs))


# fmt: off
OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv, "power": operator.pow,
    "floor_divide": operator.floordiv, "remainder": operator.mod, "negative": operator.neg, "positive": operator.pos, "abs": abs,
}
# fmt: on


def without_text(source: str, **names: Any) -> Any:
    """A function whose text nobody can look up, which makes its traces cheap."""
    return eval(compile(source, "<operators>", "eval"), names)  # noqa: S307 - the tests' own text


@pytest.mark.parametrize("row", [table[name] for name in OPERATORS], ids=lambda row: row.name)
def test_pythons_operators_equal_the_general_reading_bit_for_bit(row: Elementwise) -> None:
    """With both operands traced, with a constant on the left, with a constant on the right."""
    reading, sign, n = recording.general(row.name), OPERATORS[row.name], len(row.partials)
    wrong = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for point in special_points(row):
            v = reading["value"](*point)
            undefined = v != v and not any(u != u for u in point)
            for k in range(n):
                p = v if undefined else reading[f"partial_{k}"](*point, v)
                traced = [sign, without_text("lambda u: sign(*head, u, *tail)", sign=sign, head=point[:k], tail=point[k + 1 :])]
                runs = [
                    adviz.trace(traced[0], *point).assignments[0].partials[k], adviz.vjp(traced[0], point)[1](1.0)[k],
                    adviz.trace(traced[1], point[k]).assignments[0].partials[k], adviz.vjp(traced[1], (point[k],))[1](1.0)[0],
                ]  # fmt: skip
                if any(bits(found) != bits(p) for found in runs):
                    wrong.append((point, k, p, runs))
    assert not wrong


@every_row
@pytest.mark.parametrize("generated", [recorded, swept], ids=["located", "fast"])
def test_generated_code_equals_the_general_reading_bit_for_bit(row: Elementwise, generated: Callable[..., Any]) -> None:
    reading = recording.general(row.name)
    wrong = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for point in special_points(row):
            v = reading["value"](*point)
            undefined = v != v and not any(u != u for u in point)
            partials = [None if p is None else v if undefined else reading[f"partial_{k}"](*point, v) for k, p in enumerate(row.partials)]
            if [bits(x) for x in (v, *partials)] != [bits(x) for x in (generated(row, point)[0], *generated(row, point)[1])]:
                wrong.append((point, (v, partials), generated(row, point)))
    assert not wrong


@every_row
def test_the_tree_evaluates_to_the_same_bits(row: Elementwise) -> None:
    wrong = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for point in special_points(row):
            reading = recording.general(row.name)
            v = reading["value"](*point)
            trees = [(parse(row.value), v)]
            trees += [(parse(p), reading[f"partial_{k}"](*point, v)) for k, p in enumerate(row.partials) if p is not None]
            wrong += [(point, tree) for tree, x in trees if bits(recording.evaluate(tree, *point, v=v)) != bits(x)]
    assert not wrong


@every_row
def test_on_plain_floats_a_row_is_a_float_and_the_traced_value(row: Elementwise) -> None:
    f = recording.elemental(row.name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for point in special_points(row):
            y = f(*point)
            assert type(y) is float, point
            assert bits(y) == bits(adviz.value_and_gradient(f)(*point)[0]), point


@every_row
@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_single_and_half_precision_keep_their_precision(row: Elementwise, kind: Any) -> None:
    point = tuple(kind(u) for u in (0.5, 0.25)[: len(row.partials)])
    v, partials = recorded(row, point)
    assert type(v) is kind
    gradient = adviz.gradient(recording.elemental(row.name))(*point)
    assert all(type(u) is kind for u in (gradient if isinstance(gradient, tuple) else (gradient,)))


@every_row
def test_an_undefined_value_has_undefined_derivatives_of_every_order(row: Elementwise) -> None:
    f = recording.elemental(row.name)
    for point in points_of(row):
        if not math.isnan(f(*point)):
            continue
        for order in (1, 2, 3):
            for path in itertools.product(range(len(point)), repeat=order):
                if all(row.partials[k] is not None for k in path):
                    assert math.isnan(nested(row, path, point)), (point, path)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 0.0, 2.0, 3.0])
@pytest.mark.parametrize("x", [0.0, -0.0, 1.0, -1.0, 2.0, -3.0, 0.5])
def test_integer_powers_are_polynomials_to_the_fourth_order(x: float, n: float) -> None:
    f: Callable[..., Any] = lambda u: u**n  # noqa: E731
    for order in range(1, 5):
        f = adviz.derivative(f)
        exact = math.prod(n - m for m in range(order)) * (x ** (n - order) if n >= order else 0.0)
        assert f(x) == exact, order


def test_sincs_derivatives_at_zero_are_those_of_its_series() -> None:
    f: Callable[..., Any] = np.sinc
    for exact in (0.0, -(math.pi**2) / 3, 0.0, math.pi**4 / 5):
        f = adviz.derivative(f)
        assert f(0.0) == pytest.approx(exact, rel=1e-15, abs=0)


def test_the_generated_text_can_be_printed_and_names_the_formula() -> None:
    assert '"""v = sin(a); partials: cos(a)"""' in function_source("sin")
    assert "class Variable(Base):" in variable_source("Variable", located=False)


def test_using_one_row_does_not_change_another() -> None:
    """Generated functions share a namespace: a row's own function must not take the place of a kernel there."""
    for row in ROWS:
        recording.elemental(row.name)
    assert adviz.value_and_gradient(lambda x: x**2)(7.0) == (49.0, 14.0)
    for row in ROWS:
        for point in itertools.islice(domain(row), 2):
            assert type(recording.elemental(row.name)(*point)) is float


def test_a_row_of_your_own_works_in_every_mode() -> None:
    def softplus_in_a_test(a: float) -> float:
        return float(np.logaddexp(0.0, a))

    row = elementwise(softplus_in_a_test, "logaddexp(0, a)", "logistic(a)")
    from adviz import functions

    f = functions.softplus_in_a_test
    assert table[softplus_in_a_test] is row
    assert f(0.5) == np.logaddexp(0.0, 0.5)
    assert adviz.derivative(f)(0.5) == 1 / (1 + math.exp(-0.5))
    assert adviz.reverse(f, 0.5).result == (1 / (1 + math.exp(-0.5)),)
    assert adviz.derivative(adviz.derivative(f))(0.0) == 0.25


@pytest.mark.parametrize(
    "value, partials",
    [
        ("__import__('os')", ("1",)), ("a +", ("1",)), ("a", ("lambda: 0",)), ("a.real", ("1",)), ("a if a else b", ("1",)),
        ("'a'", ("1",)), ("a @ a", ("1",)), ("True", ("1",)), ("sin(a, key=1)", ("1",)), ("c", ("1",)), ("a[0]", ("1",)),
    ],
)  # fmt: skip
def test_a_formula_that_is_not_one_is_refused_when_it_is_registered(value: str, partials: tuple[str, ...]) -> None:
    def refused(a: float) -> float:
        return a

    with pytest.raises(adviz.RowError) as caught:
        elementwise(refused, value, *partials, name=f"refused {value}")
    assert isinstance(caught.value, ValueError)
    assert f"refused {value}" not in table


@pytest.mark.parametrize("partials", [(), ("1", "1", "1")])
def test_a_row_needs_one_or_two_partials(partials: tuple[str, ...]) -> None:
    with pytest.raises(adviz.RowError):
        elementwise(lambda a: a, "a", *partials, name=f"refused with {len(partials)}")


def test_a_formula_that_calls_a_function_without_a_row_is_refused() -> None:
    with pytest.raises(adviz.RowError, match="gamma"):
        elementwise(lambda a: a, "gamma(a)", "1", name="refused for gamma")


def test_a_name_belongs_to_one_function() -> None:
    rows = Table()
    rows.add(Elementwise("f", np.sin, "sin(a)", ("cos(a)",), "f"))
    with pytest.raises(adviz.RowError, match="f"):
        rows.add(Elementwise("f", np.cos, "cos(a)", ("-sin(a)",), "f"))
    assert rows["f"].function is np.sin
    assert "power_7_3" in table
    assert "power_x" not in table
    with pytest.raises(KeyError):
        table["no such row"]
