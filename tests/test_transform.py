"""Source transformation: a program computes what a trace computes, to the last bit, on every construct, row and awkward point."""

from __future__ import annotations

import math
import struct
import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adviz
from adviz.functions import log, sin
from adviz.kernels import FLOAT_ERRORS
from adviz.recording import elemental
from adviz.table import FAMILY, Elementwise
from adviz.transform import Program, source
from adviz.transform.recordings import promotes
from adviz.trees import flatten, map_leaves
from tests import program_text
from tests.constructs import CONSTRUCTS
from tests.random_programs import grown
from tests.test_operators import AWKWARD
from tests.zoo import PROGRAMS

inf, nan = math.inf, math.nan
CASES = {name: (c.function, c.points) for name, c in CONSTRUCTS.items()} | {p.name: (p.function, p.points) for p in PROGRAMS}
every_case = pytest.mark.parametrize("name", CASES)
EVERY_CONSTRUCT = pytest.mark.parametrize("name", CONSTRUCTS)


def numbers(u: Any) -> list[float]:
    """The numbers in a structure, in order."""
    return [float(x) for _, leaf in flatten(u)[0] for x in np.ravel(leaf)]


def bits(u: Any) -> list[bytes]:
    """The numbers in a structure, bit by bit; all nans alike."""
    return [struct.pack("<d", nan if x != x else x) for x in numbers(u)]


def in_general_position(u: Any, seed: int = 1) -> Any:
    """A seed of that structure."""
    random = np.random.default_rng(seed)
    return map_leaves(lambda x: random.normal(size=np.shape(x)) if np.ndim(x) else float(random.normal()), u)


def entries(derivatives: Any, point: tuple[Any, ...]) -> Any:
    """One entry per argument."""
    return derivatives if len(point) > 1 else (derivatives,)


def is_number(y: Any) -> bool:
    return not isinstance(y, tuple | list | dict) and not np.ndim(y)


@every_case
def test_a_program_has_the_value_and_the_adjoints_of_a_trace(name: str) -> None:
    f, points = CASES[name]
    p = source(f)
    for point in points:
        y, pullback = adviz.vjp(f, point)
        y_bar = in_general_position(y)
        value, derivatives = p(*point, y_bar=y_bar)
        assert bits(value) == bits(y)
        assert flatten(value)[1] == flatten(y)[1]
        assert bits(list(entries(derivatives, point))) == bits(list(pullback(y_bar)))
        assert flatten(entries(derivatives, point))[1] == flatten(pullback(y_bar))[1]
        if is_number(y):
            value, derivatives = p(*point)
            assert bits([value, *entries(derivatives, point)]) == bits([y, *pullback(1.0)])


@every_case
def test_a_program_has_the_tangents_of_a_trace(name: str) -> None:
    f, points = CASES[name]
    p = source(f, mode="forward")
    for point in points:
        x_dot = in_general_position(point)
        value, y_dot = p(*point, seed=x_dot)
        expected = adviz.jvp(f, point, x_dot)
        assert bits(value) == bits(expected[0])
        assert bits(y_dot) == bits(expected[1])
        assert flatten(y_dot)[1] == flatten(expected[1])[1]


@pytest.mark.parametrize("f, point", [case[1:3] for case in AWKWARD], ids=[case[0] for case in AWKWARD])
def test_an_awkward_point_is_what_it_is_in_a_trace(f: Callable[..., Any], point: tuple[float, ...]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, derivatives = source(f)(*point)
        y, x_bar = adviz.value_and_gradient(f)(*point)
        assert type(value) is float
        assert bits([value, *entries(derivatives, point)]) == bits([y, *entries(x_bar, point)])
        along = source(f, mode="forward")
        for k in range(len(point)):
            unit = tuple(float(j == k) for j in range(len(point)))
            assert bits(along(*point, seed=unit)[1]) == bits(adviz.jvp(f, point, unit)[1])


LATTICE = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -2.5, 1e200, -1e-320, inf, -inf, nan)
ROWS = [row.name for row in adviz.table if isinstance(row, Elementwise) and not FAMILY.fullmatch(row.name) and row.name != "softsign"]


@pytest.mark.parametrize("name", ROWS)
def test_every_row_is_the_same_at_every_special_value(name: str) -> None:
    row = elemental(name)
    if len(adviz.table[name].partials) == 1:
        points = [(a,) for a in LATTICE]

        def f(a):
            return row(a) * a
    else:
        points = [(a, b) for a in LATTICE for b in LATTICE]

        def f(a, b):
            return row(a, b) * a

    p, along, both = source(f), source(f, mode="forward"), adviz.value_and_gradient(f)
    for point in points:
        value, derivatives = p(*point)
        y, x_bar = both(*point)
        assert bits([value, *entries(derivatives, point)]) == bits([y, *entries(x_bar, point)]), point
        unit = (1.0, 0.0)[: len(point)]
        assert bits(along(*point, seed=unit)[1]) == bits(adviz.jvp(f, point, unit)[1]), point


@pytest.mark.parametrize("name", [name for name in ROWS if len(adviz.table[name].partials) == 2])
def test_every_row_is_the_same_with_every_constant(name: str) -> None:
    row = elemental(name)
    for c in (0.0, 1.0, 2.0, -1.0, 0.5, 3):
        def left(a, c=c):
            return row(c, a)

        def right(a, c=c):
            return row(a, c) + 1

        for f in (left, right):
            p, both = source(f), adviz.value_and_gradient(f)
            for a in LATTICE:
                assert bits(list(p(a))) == bits(list(both(a))), (f.__name__, c, a)


@pytest.mark.parametrize("first", range(0, 160, 20))
def test_random_programs_give_the_same_bits(first: int) -> None:
    for seed in range(first, first + 20):
        random = grown(seed)
        f, point = program_text.compiled(random), tuple(random.point.values())
        y, pullback = adviz.vjp(f, point)
        y_bar, x_dot = in_general_position(y), in_general_position(point)
        value, derivatives = source(f)(*point, y_bar=y_bar)
        assert bits([value, *entries(derivatives, point)]) == bits([y, *pullback(y_bar)]), seed
        assert bits(source(f, mode="forward")(*point, seed=x_dot)[1]) == bits(adviz.jvp(f, point, x_dot)[1]), seed
        program_text.forget(f)


def test_infinite_slopes_and_zeros_are_those_of_a_trace() -> None:
    def zero_meets_infinity(x, y):
        return np.sqrt(x) ** 2 + np.exp(np.log(x)) * y

    def one_side(x, y):
        z = np.sqrt(x * y) if y > 0 else x * inf
        return z * 0 + y

    def dropped(x, y):
        k = 0
        return (x - x * inf) ** k + y

    for f in (zero_meets_infinity, one_side, dropped):
        for point in ((0.0, 1.0), (0.0, -1.0), (2.0, 0.0), (inf, 1.0), (1e-320, 1.0), (-0.0, -0.0)):
            value, derivatives = source(f)(*point)
            y, x_bar = adviz.value_and_gradient(f)(*point)
            assert bits([value, *derivatives]) == bits([y, *x_bar]), (f.__name__, point)


def test_a_zero_that_arrived_is_told_from_nothing_that_arrived() -> None:
    def f(x, y):
        z = x * 0.0
        if y > 0:
            z = -(y * y) * 0.0
        return z * -1.0

    for point in ((1.0, 1.0), (1.0, -1.0), (-1.0, 2.0), (0.0, 0.0)):
        assert bits(list(source(f)(*point)[1])) == bits(list(adviz.gradient(f)(*point)))


def test_what_a_program_says_is_what_it_computes() -> None:
    """The text that is read, run as it stands, against the call, which runs the same program with fewer names."""
    compared = 0
    for name, (f, points) in CASES.items():
        p = source(f)
        names: dict[str, Any] = {}
        if "an object of yours" in p.text:
            continue
        exec(p.text, names)  # noqa: S102 - the text of a program
        function = names[next(key for key in names if key.endswith("_derivative"))]
        for point in points:
            plain = all(isinstance(u, int | float) for u in point) and len(point) == function.__code__.co_argcount - 1
            if not plain or not is_number(adviz.vjp(f, point)[0]):
                continue
            try:
                value, derivatives = function(*map(float, point))
            except FLOAT_ERRORS:  # math raises where NumPy has nan and inf
                continue
            expected = p(*point)
            if all(map(math.isfinite, numbers(expected))) and 0.0 not in numbers(expected):
                assert bits([value, *entries(derivatives, point)]) == bits([expected[0], *entries(expected[1], point)]), name
                compared += 1
    assert compared > 120


RECORDED = [
    name for name, (f, points) in CASES.items()
    if not source(f)._version.read.inner and not any(np.ndim(leaf) for point in points for _, leaf in flatten(point)[0])
]  # fmt: skip


@pytest.mark.parametrize("name", RECORDED)
def test_a_recording_is_the_trace(name: str) -> None:
    f, points = CASES[name]
    p = source(f)
    for point in points:
        trace = adviz.trace(f, *point, order="evaluation")
        y_bar = in_general_position(trace.value)
        recording = p.recording(*point, y_bar=y_bar)
        assert bits(list(recording.values)) == bits([a.value for a in trace.assignments if a.row is not None])
        assert list(recording.rows) == [a.row.name for a in trace.assignments if a.row is not None]
        assert bits([v for _, *block in recording.blocks for v in block]) == bits(list(recording.values))
        value, derivatives = p(*point, y_bar=y_bar)
        assert bits([recording.value, *entries(recording.derivatives, point)]) == bits([value, *entries(derivatives, point)])
        if is_number(trace.value):
            steps = adviz.reverse(trace, seed=1).steps
            final = {step.index: step.value for step in steps if not isinstance(step, adviz.Contribute)}
            arrived = [final.get(a.index) for a in trace.assignments if a.row is not None]
            adjoints = p.recording(*point).adjoints
            assert [u is None for u in adjoints] == [u is None for u in arrived]
            assert bits([u for u in adjoints if u is not None]) == bits([u for u in arrived if u is not None])


@pytest.mark.parametrize("name", [name for name in RECORDED if not promotes(source(CASES[name][0])._version.function.region)])
def test_a_record_is_a_recording_as_it_comes(name: str) -> None:
    f, points = CASES[name]
    p = source(f)
    for point in points:
        if not is_number(adviz.vjp(f, point)[0]):
            continue
        recording = p.recording(*point)
        value, derivatives, values, adjoints = p.record(*point)
        assert bits([value, *entries(derivatives, point)]) == bits([recording.value, *entries(recording.derivatives, point)])
        assert [block[0] for block in values] == [block[0] for block in recording.blocks]
        assert [bits(list(block[: len(its)])) for block, its in zip(values, recording.blocks, strict=True)] == [bits(list(its)) for its in recording.blocks]
        arrived = iter(recording.adjoints)
        by_block = [(number, [next(arrived) for _ in block]) for number, *block in recording.blocks]
        recorded = {number for number, *_ in adjoints}
        assert not any(u is not None for number, its in by_block if number not in recorded for u in its)  # the tests of while loops
        expected = [(number, [u or 0.0 for u in its]) for number, its in by_block if number in recorded]
        assert [(number, [u or 0.0 for u in its]) for number, *its in reversed(adjoints)] == expected


def test_a_recording_has_every_adjoint() -> None:
    def f(x1, x2):
        a = np.log(x1) + x1 * x2
        for _ in range(3):
            a = np.sin(a) * x1
        return a - x2

    recording = source(f).recording(2.0, 5.0)
    timeline = adviz.reverse(f, 2.0, 5.0)
    trace = adviz.trace(f, 2.0, 5.0, order="evaluation")
    final = {step.index: step.value for step in adviz.reverse(trace, seed=1).steps if not isinstance(step, adviz.Contribute)}
    assert list(recording.adjoints) == [final[a.index] for a in trace.assignments]
    assert recording.derivatives == timeline.result
    assert [place.line for place in recording.places] == [a.position.line for a in trace.assignments]
    assert len(recording.blocks) == 5


def test_a_recording_tells_nothing_that_arrived_from_zero() -> None:
    def f(x):
        unused = x * x
        if unused > 2:
            unused = np.exp(x)
        return 3.0 * x

    assert source(f).recording(2.0).adjoints == (None, None, 1.0)
    assert source(f).recording(1.0).adjoints == (None, 1.0)


# fmt: off
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_a_program_inside_a_derivative_is_differentiated(mode: str, order: int) -> None:
    def f(x):
        for _ in range(3):
            x = np.sin(x) * x if x > 0.5 else np.exp(x) * 0.5
        return x

    slope = (lambda x: source(f)(x)[1]) if mode == "reverse" else (lambda x: source(f, mode="forward")(x)[1])
    expected = adviz.derivative(f)
    for _ in range(order):
        slope, expected = adviz.derivative(slope), adviz.derivative(expected)
    for x in (0.25, 1.5):
        assert slope(x) == pytest.approx(expected(x), rel=1e-13)
# fmt: on


def test_perturbations_are_not_confused_by_programs() -> None:
    def inner(x, y):
        return x * y * y

    p = source(inner)
    assert adviz.derivative(lambda x: x * p(x, 3.0)[1][1])(2.0) == 2 * 6 * 2.0
    assert adviz.gradient(lambda x, y: p(x, y)[1][0])(2.0, 3.0) == (0.0, 6.0)


def test_other_numbers_are_taken_as_a_trace_takes_them() -> None:
    def f(x, y):
        return np.sin(x) * y + x**2 / y

    p = source(f)
    for point in ((1, 2), (True, 2.0), (np.float64(1), 2.0), (np.float32(1), np.float32(2)), (np.int64(1), 0), (np.array(1.0), 2.0)):
        value, derivatives = p(*point)
        y, x_bar = adviz.value_and_gradient(f)(*point)
        assert [type(u) for u in (value, *derivatives)] == [type(u) for u in (y, *x_bar)]
        assert bits([value, *derivatives]) == bits([y, *x_bar])


def test_an_argument_is_not_changed() -> None:
    def f(x):
        u = x
        total = 0.0
        for k in range(len(u)):
            total += u[k] * u[k]
        return total

    x = [1.0, 2.0, 3.0]
    assert source(f)(x) == (14.0, [2.0, 4.0, 6.0])
    assert x == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_a_list_that_the_function_changes_is_left_alone_by_the_program(mode: str) -> None:
    def f(xs, y):
        xs[0], xs[1] = xs[1] * y, xs[0]
        xs.append(y)
        return xs[0] * 3.0 + xs[1] * xs[2]

    xs = [1.0, 2.0]
    p = source(f, mode) if mode == "reverse" else source(f, mode, wrt="y")
    found = [p(xs, 5.0)[1] for _ in range(2)]
    assert xs == [1.0, 2.0]
    assert found == ([([5.0, 15.0], 7.0)] * 2 if mode == "reverse" else [7.0] * 2)


def test_a_list_that_stands_still_may_be_cut() -> None:
    def f(xs, y):
        return sum(xs[1:]) * y

    assert source(f, "forward", wrt="y")([1.0, 2.0, 3.0], 2.0) == (10.0, 5.0)
    assert source(f, "forward")([1.0, 2.0, 3.0], 2.0, seed=([1.0, 1.0, 0.0], 0.0))[1] == 2.0


def test_seeds_may_be_zero() -> None:
    def f(x, y):
        return np.sqrt(x) * y, x * y

    p, along = source(f), source(f, mode="forward")
    for point in ((0.0, 2.0), (4.0, 2.0)):
        y, pullback = adviz.vjp(f, point)
        for y_bar in ((1.0, 0.0), (0.0, 1.0), (0, 0), (1, 1)):
            assert bits(list(p(*point, y_bar=y_bar)[1])) == bits(list(pullback(y_bar)))
        for x_dot in ((1.0, 0.0), (0, 1), (0.0, 0.0)):
            assert bits(along(*point, seed=x_dot)[1]) == bits(adviz.jvp(f, point, x_dot)[1])


def test_forward_programs_go_along_what_is_asked_for() -> None:
    def f(x, y):
        return np.sqrt(x) * y

    assert source(f, mode="forward")(4.0, 2.0, wrt="y") == (4.0, 2.0)
    assert source(f, mode="forward", wrt="x")(4.0, 2.0) == (4.0, 0.5)
    assert source(f, mode="forward", wrt=("x", "y"))(4.0, 2.0, seed=(1.0, 1.0)) == (4.0, 2.5)
    assert source(f, mode="forward", wrt="y")(0.0, 2.0) == (0.0, 0.0)  # nothing flows along x, whose slope is infinite here
    assert "x_dot" not in source(f, mode="forward", wrt="y").text


@pytest.mark.parametrize("call, error, words", [
    (lambda: source(lambda x, y: x * y)(1.0), adviz.InputError, "missing"),
    (lambda: source(lambda x, y: x * y, mode="forward")(1.0, 2.0), adviz.InputError, "Choose a seed"),
    (lambda: source(lambda x, y: x * y, mode="forward")(1.0, 2.0, seed=(1.0,)), adviz.InputError, "one per input"),
    (lambda: source(lambda x, y: (x, y))(1.0, 2.0), adviz.InputError, r"2 outputs.* y_bar=\(1, 0\)"),
    (lambda: source(lambda x: x * x)(np.ones(2)), adviz.InputError, r"shape \(2,\).* y_bar=np.ones\(\(2,\)\)"),
    (lambda: source(lambda x, y: (x, y))(1.0, 2.0, y_bar=1.0), adviz.InputError, "one per output"),
    (lambda: source(lambda x: x)("2"), adviz.InputError, "without quotes"),
    (lambda: source(lambda x: x)(2j), adviz.InputError, "complex"),
    (lambda: source(lambda x: "x")(2.0), adviz.OutputError, "a str"),
    (lambda: source(lambda x: None)(2.0), adviz.OutputError, "return"),
    (lambda: source(lambda x: x, mode="sideways"), adviz.UnsupportedError, "reverse"),
    (lambda: source(lambda x: x, mode="forward")(1.0, wrt="z"), adviz.InputError, "'z'"),
])  # fmt: skip
def test_what_cannot_be_called_is_told_in_words(call: Callable[[], Any], error: type[Exception], words: str) -> None:
    with pytest.raises((error, TypeError), match=words):
        call()


def test_errors_of_the_function_are_errors_of_the_program() -> None:
    def f(x, n):
        if n > 2:
            raise KeyError(f"n is {n}")
        return x / (x - x + 1 / (n - 1))

    p = source(f)
    with pytest.raises(KeyError, match=r"n is 3\.0"):
        p(1.0, 3.0)
    with pytest.raises(IndexError):
        source(lambda x: [x, x][5] if x > 2 else x)(3.0)
    with pytest.raises(AssertionError, match="positive"):
        source(CONSTRUCTS["walrus_assert_raise"].function)(-1.0)


def test_the_end_without_a_return_is_told() -> None:
    def f(x):
        if x > 1:
            return x

    p = source(f)
    assert p(2.0) == (2.0, 1.0)
    with pytest.raises(adviz.OutputError, match="returned None"):
        p(0.5)


def test_a_program_keeps_the_values_it_was_made_with() -> None:
    scales = [2.0, 3.0]

    def f(x):
        return scales[0] * x * scales[1]

    p = source(f)
    scales[0] = 100.0
    assert p(1.0) == (6.0, 6.0)
    assert source(f)(1.0) == (300.0, 300.0)


def test_a_custom_row_is_known_at_once() -> None:
    def cubed_plus(a, b):
        return a**3 + b

    adviz.elementwise(cubed_plus, "a * a * a + b", "3 * a * a", "1", name="cubed_plus")
    try:
        p = source(lambda x, y: cubed_plus(x, y) * y)
        assert p(2.0, 5.0) == adviz.value_and_gradient(lambda x, y: elemental("cubed_plus")(x, y) * y)(2.0, 5.0)
        assert "3.0 * x * x * v1_bar" in p.text
    finally:
        del adviz.table._by_name["cubed_plus"]
        del adviz.table._by_function[cubed_plus]


def test_functions_of_math_are_rows() -> None:
    def with_math(x, y):
        return math.sin(x) * math.log(y) + math.log(x * y, 2) - math.hypot(x, y) * math.atan2(y, x) + float(x) * math.pow(y, x)

    def with_numpy(x, y):
        return np.sin(x) * np.log(y) + np.log(x * y) / math.log(2) - np.hypot(x, y) * np.arctan2(y, x) + x * np.power(y, x)

    for point in ((0.8, 2.5), (0.0, 1.0), (-1.0, 2.0)):
        value, derivatives = source(with_math)(*point)
        y, x_bar = adviz.value_and_gradient(with_numpy)(*point)
        assert bits([value, *derivatives]) == bits([y, *x_bar])


def test_a_program_of_many_statements_needs_no_recursion() -> None:
    terms = " + ".join(f"sin(x * {k})" for k in range(1500))
    f = program_text_function(f"def f(x):\n    return {terms}\n", {"sin": sin})
    value, slope = source(f)(0.001)
    assert (value, slope) == adviz.value_and_gradient(f)(0.001)


def program_text_function(text: str, names: dict[str, Any]) -> Callable[..., Any]:
    """The function f that a text defines, with lines that can be looked up."""
    import linecache

    file = f"<text {hash(text)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), names)  # noqa: S102 - the text of a test
    return names["f"]


def test_four_threads_do_not_meet() -> None:
    def f(x, y):
        total = x
        for k in range(20):
            total = np.sin(total) * y + k
        return total

    p = source(f)
    expected = {(x, 2.0): adviz.value_and_gradient(f)(x, 2.0) for x in (0.5, 0.0, 1.5, -2.0)}
    wrong: list[Any] = []

    def work(point: tuple[float, float]) -> None:
        wrong.extend(point for _ in range(200) if p(*point) != expected[point])

    threads = [threading.Thread(target=work, args=(point,)) for point in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_program_is_named_after_its_function() -> None:
    def height(x):
        return log(x)

    p = source(height)
    assert isinstance(p, Program)
    assert (p.mode, p.name) == ("reverse", "height")
    assert "def height_derivative(x, y_bar=1.0):" in str(p)
