"""Precision: few digits stay few in every mode; a trace beside itself in other digits; loss scaling."""

from __future__ import annotations

import html.parser
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adviz
from adviz import scale
from adviz.linear import on_arrays
from adviz.recording import elemental, record
from adviz.scale.digits import Compared
from adviz.scale.replay import Replay
from tests.test_structural import COMPOSED, SAMPLES, Sample
from tests.test_table import ROWS, domain
from tests.zoo import PROGRAMS, Program

NARROW = [np.float32, np.float16]
NUMBERS = [program for program in PROGRAMS if "array" not in program.tags]
ALWAYS_DOUBLE = ("float_power",)  # as NumPy has it
every_narrow = pytest.mark.parametrize("dtype", NARROW, ids=lambda dtype: dtype.__name__)
every_row = pytest.mark.parametrize("row", [row for row in ROWS if not row.name.startswith("where_")], ids=lambda row: row.name)


def a_point(row: Any) -> tuple[float, ...]:
    """An ordinary point, small enough for float16."""
    return next(p for p in domain(row) if all(abs(x) < 20 for x in p))


# ---- values, tangents and adjoints keep their precision


@every_narrow
@every_row
def test_a_number_keeps_its_precision_through_every_row(row: Any, dtype: Any) -> None:
    f, u = elemental(row.name), tuple(dtype(x) for x in a_point(row))
    t = adviz.trace(lambda *x: f(*x), *u)
    assert {type(a.value) for a in t.assignments} == {dtype}
    y, y_dot = adviz.jvp(lambda *x: f(*x), u, tuple(dtype(1) for _ in u))
    _, pullback = adviz.vjp(lambda *x: f(*x), u)
    assert {type(x) for x in (y, y_dot, *pullback(dtype(1)))} == {dtype}
    assert {type(x) for x in adviz.reverse(t, seed=(dtype(1),)).result} == {dtype}


@every_narrow
@every_row
def test_an_array_keeps_its_precision_through_every_row(row: Any, dtype: Any) -> None:
    if row.name in ALWAYS_DOUBLE:
        pytest.skip("NumPy computes it in double precision whatever it is given")
    u = tuple(np.array([x, x], dtype) for x in a_point(row))

    def f(*x: Any) -> Any:
        return record(row.name, *x)

    with np.errstate(all="ignore"):
        assert on_arrays(row.name)(*u).dtype == dtype
    assert {a.value.dtype for a in adviz.trace(f, *u).assignments} == {np.dtype(dtype)}
    y, y_dot = adviz.jvp(f, u, tuple(np.ones(2, dtype) for _ in u))
    _, pullback = adviz.vjp(f, u)
    assert {x.dtype for x in (y, *pullback(np.ones(2, dtype)))} == {np.dtype(dtype)}
    assert y_dot.dtype == dtype


@every_narrow
@pytest.mark.parametrize("case", [*SAMPLES, *COMPOSED], ids=lambda case: f"{case.call} {[np.shape(u) for u in case.operands]}")
def test_an_array_keeps_its_precision_through_every_operation(case: Sample, dtype: Any) -> None:
    u = tuple(np.asarray(x, dtype)[()] for x in case.operands)
    try:
        with np.errstate(all="ignore"):
            expected = np.asarray(case.function(*u)).dtype
    except TypeError:
        refused_in_words(case, u)
        return
    assert expected == dtype or dtypes(adviz.trace(case.function, *u).value) == {np.dtype(float)}
    y, pullback = adviz.vjp(case.function, u)
    random = np.random.default_rng(0)
    u_dot = tuple(random.uniform(-1, 1, np.shape(x)).astype(dtype)[()] for x in u)
    assert np.asarray(y).dtype == expected
    y_bar = np.ones(np.shape(y), expected)[()]
    assert {np.asarray(x).dtype for x in pullback(y_bar)} == {np.dtype(dtype)}
    assert np.asarray(adviz.jvp(case.function, u, u_dot)[1]).dtype == expected


def refused_in_words(case: Sample, u: tuple[Any, ...]) -> None:
    """NumPy's linear algebra has no float16, and adviz says so."""
    with pytest.raises(adviz.UnsupportedError, match=r"np\.linalg\.\w+ has no float16"):
        adviz.trace(case.function, *u)


def dtypes(*found: Any) -> set[np.dtype]:
    """The precisions of numbers and arrays, in tuples or by themselves."""
    return set().union(*(dtypes(*u) if isinstance(u, tuple) else {np.asarray(u).dtype} for u in found))


def of_steps(line: adviz.Timeline) -> set[np.dtype]:
    """The precisions of everything that a sweep computes on its way."""
    return dtypes(*(step.share if hasattr(step, "share") else step.value for step in line.steps))


@every_narrow
@pytest.mark.parametrize("case", [*SAMPLES, *COMPOSED], ids=lambda case: f"{case.call} {[np.shape(u) for u in case.operands]}")
def test_every_step_and_every_second_derivative_keeps_the_precision_of_an_array(case: Sample, dtype: Any) -> None:
    u = tuple(np.asarray(x, dtype)[()] for x in case.operands)
    try:
        t = adviz.trace(case.function, *u)
    except adviz.UnsupportedError:
        refused_in_words(case, u)
        return
    if dtypes(t.value) != {np.dtype(dtype)}:  # a constant of the call is in double precision for NumPy, and so is what comes of it
        assert dtypes(t.value) == {np.dtype(float)}
        return
    assert of_steps(adviz.reverse(t, seed=(np.ones(np.shape(t.value)),))) == {np.dtype(dtype)}
    assert of_steps(adviz.forward(t, seed=tuple(np.ones(np.shape(x)) for x in u))) == {np.dtype(dtype)}
    for mode in ("forward-over-reverse", "reverse-over-forward"):
        assert dtypes(adviz.hessian(lambda *x: np.sum(np.sin(case.function(*x))), mode=mode)(*u)) == {np.dtype(dtype)}


@every_narrow
@every_row
def test_every_step_and_every_second_derivative_keeps_the_precision_of_a_row(row: Any, dtype: Any) -> None:
    for u in (tuple(dtype(x) for x in a_point(row)), tuple(np.array([x, x], dtype) for x in a_point(row))):
        if row.name not in ALWAYS_DOUBLE:
            t = adviz.trace(lambda *x: record(row.name, *x), *u)
            assert of_steps(adviz.reverse(t, seed=(np.ones(np.shape(t.value))[()],))) == {np.dtype(dtype)}
            assert of_steps(adviz.forward(t, seed=tuple(np.ones(np.shape(x))[()] for x in u))) == {np.dtype(dtype)}
            assert dtypes(adviz.hessian(lambda *x: np.sum(record(row.name, *x)))(*u)) == {np.dtype(dtype)}


@every_narrow
@pytest.mark.parametrize("f", [np.log, lambda x: np.sqrt(x) * x, lambda x: np.log(x) / np.sum(x), lambda x: np.linalg.norm(x * 0), lambda x: np.prod(x * 0)])
def test_undefined_and_endless_derivatives_keep_their_precision(f: Any, dtype: Any) -> None:
    x = np.array([-1.0, 2.0], dtype)
    t = adviz.trace(f, x)
    assert of_steps(adviz.reverse(t, seed=(np.ones(np.shape(t.value)),))) == of_steps(adviz.forward(t, seed=(np.ones(2),))) == {np.dtype(dtype)}


@every_narrow
def test_a_seed_is_taken_in_the_precision_of_its_variable_and_zero_starts_nothing(dtype: Any) -> None:
    def f(x, y):
        return x + x, x**y

    t = adviz.trace(f, dtype(-2), dtype(3))
    for seed in ((1, 0), (1.0, 0.0), (np.float64(1), np.float64(0)), (dtype(1), dtype(0))):
        timeline = adviz.forward(t, seed=seed)
        assert timeline.result == (2.0, 12.0)  # along y the derivative is undefined
        assert {type(u) for u in timeline.result} == {dtype}
        assert adviz.jvp(f, t.point, seed)[1] == (2.0, 12.0)
        assert {type(u) for u in adviz.reverse(t, seed=seed).result} == {dtype}
    unused = adviz.jvp(lambda x, y: (y, np.floor(x)), t.point, (1.0, 0.0))[1]
    assert {type(u) for u in unused} == {dtype}
    largest = float(np.finfo(dtype).max)
    assert adviz.jvp(lambda x: x * 2, (dtype(1),), (4 * largest,))[1] == math.inf
    assert adviz.jvp(lambda x: x * 2, (np.ones(2, dtype),), (np.full(2, 4 * largest),))[1].tolist() == [math.inf, math.inf]


def test_linear_algebra_in_half_precision_is_refused_with_a_sentence() -> None:
    for f in (np.linalg.inv, np.linalg.det, np.linalg.cholesky, lambda a: np.linalg.solve(a, a), lambda a: np.linalg.matrix_power(a, -2)):
        with pytest.raises(adviz.UnsupportedError, match="has no float16"):
            adviz.trace(f, np.eye(2, dtype=np.float16))


@pytest.mark.parametrize("function", [np.mean, np.var, np.std])
def test_more_entries_than_float16_can_count_have_their_share(function: Any) -> None:
    x = np.tile(np.array([0.0, 1.5], np.float16), 35_000)
    exact = adviz.gradient(function)(x.astype(float))
    g = adviz.gradient(function)(x)
    assert g.dtype == np.float16
    np.testing.assert_allclose(g, exact, atol=2.0**-24)
    assert np.any(g)
    x_dot = x[::-1].copy()
    np.testing.assert_allclose(adviz.jvp(function, (x,), (x_dot,))[1], adviz.jvp(function, (x.astype(float),), (x_dot.astype(float),))[1], rtol=4e-3)


# ---- a trace in another precision


@every_narrow
@pytest.mark.parametrize("program", [p for p in NUMBERS if not p.tags & {"while", "break"}], ids=lambda program: program.name)
def test_a_replay_is_the_run_that_the_program_makes_with_few_digits(program: Program, dtype: Any) -> None:
    compared = 0
    for point in program.points:
        with np.errstate(all="ignore"):
            t, low = adviz.trace(program.function, *point), adviz.trace(program.function, *map(dtype, point))
            again = Replay(t, np.dtype(dtype))
        if path(t) == path(low) and not any(name in path(t)[0] for name in ALWAYS_DOUBLE):
            compared += 1
            for mine, own in zip(again.assignments, low.assignments, strict=True):
                assert type(mine.value) is dtype
                np.testing.assert_array_equal(mine.value, own.value, err_msg=mine.name)
                assert [p is None for p in mine.partials] == [p is None for p in own.partials]
                for p, q in zip(mine.partials, own.partials, strict=True):
                    if p is not None:  # the program's own constants are doubles, which a partial may be computed from
                        np.testing.assert_allclose(float(p), float(q), rtol=4 * float(np.finfo(dtype).eps), atol=float(np.finfo(dtype).tiny))
    assert compared or program.name in OTHERWISE


OTHERWISE = ("bisection", "reciprocals_and_squares")  # decides by small differences; has a row that is always double


def path(t: adviz.Trace) -> tuple[list[Any], list[bool]]:
    """The rows of a trace, and its decisions."""
    return [a.row and a.row.name for a in t.assignments], [b.outcome for b in t.branches]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_replay_in_its_own_precision_changes_nothing(program: Program) -> None:
    for point in program.points:
        t = adviz.trace(program.function, *point)
        again = Replay(t, np.dtype(float))
        for mine, own in zip(again.assignments, t.assignments, strict=True):
            np.testing.assert_array_equal(mine.value, own.value, err_msg=mine.name)
        outputs = [t.value_of(i) for i in t.outputs]
        y_bar = tuple(np.ones(np.shape(y))[()] for y in outputs)
        for x, z in zip(adviz.reverse(again, seed=y_bar).result, adviz.reverse(t, seed=y_bar).result, strict=True):
            np.testing.assert_array_equal(x, z)
        p = scale.in_precision(t, dtype=float)
        assert max(line.value.relative for line in p.lines) == 0
        assert p.worst() == () or all(math.isnan(line.effect) for line in p.lines)


@every_narrow
@pytest.mark.parametrize("case", SAMPLES, ids=lambda case: f"{case.call} {[np.shape(u) for u in case.operands]}")
def test_a_replay_of_array_operations_has_only_numbers_of_its_precision(case: Sample, dtype: Any) -> None:
    t = adviz.trace(case.function, *case.operands)
    low = Replay(t, np.dtype(dtype))
    assert {np.asarray(low.value_of(i)).dtype for i in (*low.inputs, *(a.index for a in low.assignments))} == {np.dtype(dtype)}
    near = {"rtol": 1e-4, "atol": 1e-5} if dtype is np.float32 else {"rtol": 0.02, "atol": 0.02}
    for mine, own in zip(low.assignments, t.assignments, strict=True):
        assert np.allclose(mine.value, own.value, **near)
    y_bar = np.ones(np.shape(t.value))[()]
    with np.errstate(all="ignore"):
        assert of_steps(adviz.reverse(low, seed=(y_bar,))) == {np.dtype(dtype)}
        for x_bar, exact in zip(adviz.reverse(low, seed=(y_bar,)).result, adviz.reverse(t, seed=(y_bar,)).result, strict=True):
            assert np.allclose(x_bar, exact, **near)


def test_constants_and_results_are_rounded_whatever_numpy_would_keep() -> None:
    A, x = np.array([1 / 3, 0.1]), np.array([3.0, 7.0])
    low = Replay(adviz.trace(lambda x: A * x, x), np.dtype(np.float16))
    assert low.assignments[0].operands[0].value.dtype == np.float16
    assert low.value.tolist() == (A.astype(np.float16) * x.astype(np.float16)).tolist()
    assert low.value.tolist() != (A * x).astype(np.float16).tolist()
    for f, u in ((lambda x: np.float_power(x, 1.5), x), (lambda x: np.float_power(x, 1.5), 2.0), (lambda x: np.hstack([x, 0.1]), x)):
        low = Replay(adviz.trace(f, u), np.dtype(np.float16))
        assert {np.asarray(a.value).dtype for a in low.assignments} == {np.dtype(np.float16)}


def test_the_error_of_every_line_is_what_it_inherits_and_what_it_adds() -> None:
    def f(x1, x2):
        return np.log(x1) + x1 * x2 - np.sin(x2)

    for dtype in NARROW:
        p = scale.in_precision(f, 2.1, 5.3, dtype=dtype)
        for line in p.lines:
            assert line.inherited + line.rounding == pytest.approx(line.value.error, rel=1e-12, abs=1e-18)
            assert abs(line.rounding) <= 1.01 * float(np.spacing(abs(line.value.narrow)))
        total = math.fsum(line.effect for line in p.lines)
        assert total == pytest.approx(p.results[0].value.error, rel=1e-2 if dtype is np.float16 else 1e-6)


@pytest.mark.parametrize("program", [p for p in NUMBERS if "outputs" not in p.tags], ids=lambda program: program.name)
def test_adjoints_times_roundings_explain_the_error_of_the_result(program: Program) -> None:
    """To first order: what is left is quadratic in the errors, of the size of the effects times the largest relative error."""
    for point in program.points:
        p = scale.in_precision(program.function, *point, dtype=np.float32)
        y = p.results[0]
        effects = [line.effect for line in p.lines]
        if np.isfinite(y.value.narrow) and all(map(math.isfinite, effects)):
            worst = max((line.value.relative for line in p.lines if math.isfinite(line.value.relative)), default=0.0)
            size = math.fsum(map(abs, effects))
            if worst < 1e-3 and all(math.isfinite(line.value.relative) for line in p.lines):
                assert abs(math.fsum(effects) - y.value.error) <= 100 * worst * size + 1e-30


def test_an_exact_program_loses_nothing() -> None:
    p = scale.in_precision(lambda x, y: (x + y) * 0.5 - y / 4, 3.0, 8.0, dtype=np.float16)
    assert all(line.value.error == 0 and line.rounding == 0 and line.value.ulps == 0 for line in p.lines)
    assert p.worst() == ()
    assert "Most of it comes from" not in str(p)


def test_cancellation_is_found_and_named() -> None:
    p = scale.in_precision(lambda x: (1 - np.cos(x)) / x**2, 1e-3, dtype=np.float32)
    cosine, difference = (next(line for line in p.lines if line.definition.startswith(start)) for start in ("cos", "1 - "))
    assert difference.amplification == pytest.approx(2e6, rel=1e-3)
    assert difference.rounding == 0.0  # the subtraction itself is exact: it only uncovers what cos(x) had lost
    assert difference.value.lost > 5
    assert p.worst(1) == (cosine,)
    text = str(p)
    assert f"{difference.name} = {difference.definition} can multiply relative errors by 2e+06." in text
    assert f"Most of it comes from: {cosine.name} = cos(v0)" in text
    stable = scale.in_precision(lambda x: 2 * np.sin(x / 2) ** 2 / x**2, 1e-3, dtype=np.float32)
    assert max(line.value.lost for line in stable.lines) < 1
    assert max(line.amplification for line in stable.lines if not math.isnan(line.amplification)) < 10


@pytest.mark.parametrize(
    "wide, narrow, relative, ulps, lost",
    [
        (1.0, np.float32(1.0), 0.0, 0.0, 0.0),
        (1.0, np.float16(1 + 2**-10), 2.0**-10, 1.0, 0.0),
        (1.0, np.float16(1 + 10 * 2**-10), 10 * 2.0**-10, 10.0, 1.0),
        (0.0, np.float16(0.0), 0.0, 0.0, 0.0),
        (0.0, np.float32(1e-3), math.inf, 1e-3 / 2.0**-149, pytest.approx(41.85, abs=0.01)),
        (1e-9, np.float16(0.0), 1.0, 1e-9 / 2.0**-24, 0.0),
        (1e6, np.float16(math.inf), math.inf, math.inf, math.inf),
        (math.inf, np.float16(math.inf), 0.0, 0.0, 0.0),
        (math.nan, np.float16(math.nan), 0.0, 0.0, 0.0),
        (np.array([1.0, 2.0]), np.array([1.0, 2.0 + 2**-9], np.float16), 2.0**-10, 1.0, 0.0),
        (np.zeros(0), np.zeros(0, np.float16), 0.0, 0.0, 0.0),
    ],
)
def test_errors_are_counted_in_units_of_the_last_place(wide: Any, narrow: Any, relative: float, ulps: float, lost: Any) -> None:
    both = Compared(wide, narrow)
    assert both.relative == pytest.approx(relative, rel=1e-6)
    assert both.ulps == pytest.approx(ulps, rel=1e-6)
    assert both.lost == lost if not isinstance(lost, float) else both.lost == pytest.approx(lost, rel=1e-12)


def test_the_error_is_exact() -> None:
    for x in (0.1, 1 / 3, 1e-5, 12345.678):
        both = Compared(x, np.float32(x))
        assert Fraction(float(both.error)) == Fraction(float(np.float32(x))) - Fraction(x)


def test_numbers_that_leave_the_range_are_marked() -> None:
    p = scale.in_precision(lambda x: np.exp(x) * 1e-8, 12.0, dtype=np.float16)
    assert [line.value.overflows for line in p.lines] == [False, True, True]
    assert "overflow" in str(p)
    assert not any(line.value.vanishes for line in p.lines)
    assert not Compared(0.0, np.float16(0.0)).vanishes
    q = scale.in_precision(lambda x: x * x * x, 1e-3, dtype=np.float16)
    assert [line.value.vanishes for line in q.lines] == [False, False, True]
    assert "became 0" in str(q)


def test_tangents_and_adjoints_are_compared_where_there_is_a_seed() -> None:
    def f(x1, x2):
        return np.log(x1) + x1 * x2 - np.sin(x2)

    p = scale.in_precision(f, 2.0, 5.0, x_dot=(1.0, 0.0))
    y, x1 = p.lines[-1], p.lines[0]
    assert y.tangent is not None
    assert y.tangent.wide == 5.5
    assert type(y.tangent.narrow) is np.float32
    assert x1.adjoint is not None
    assert x1.adjoint.wide == 5.5
    assert p.lines[1].adjoint.relative < 1e-6
    without = scale.in_precision(lambda x1, x2: (x1, x1 * x2), 2.0, 5.0)
    assert {line.tangent for line in without.lines} == {line.adjoint for line in without.lines} == {None}
    assert all(math.isnan(line.effect) for line in without.lines)
    seeded = scale.in_precision(lambda x1, x2: (x1, x1 * x2), 2.0, 5.0, y_bar=(0.0, 1.0))
    assert seeded.lines[0].adjoint.wide == 5.0
    with pytest.raises(adviz.InputError, match="seed"):
        scale.in_precision(f, 2.0, 5.0, x_dot=(1.0,))


def test_a_trace_and_its_function_give_one_table() -> None:
    def f(x):
        return np.sum(np.sqrt(x) * x[::-1])

    x = np.array([0.1, 2.0, 3.0])
    assert str(scale.in_precision(adviz.trace(f, x), dtype=np.float16)) == str(scale.in_precision(f, x, dtype=np.float16))
    with pytest.raises(adviz.InputError, match="has its point already"):
        scale.in_precision(adviz.trace(f, x), x)


def test_more_digits_than_the_trace_show_what_the_trace_has_lost() -> None:
    f = lambda x: (x - np.sin(x)) / x**3  # noqa: E731
    p = scale.in_precision(f, np.float32(0.01), dtype=np.float64)
    assert p.names == ("float32", "float64")
    assert p.results[0].value.wide == pytest.approx(f(float(np.float32(0.01))), rel=1e-9)
    assert type(p.results[0].value.narrow) is np.float32
    assert p.results[0].value.lost > 2
    wider = scale.in_precision(f, 0.01, dtype=np.longdouble)
    assert wider.names[0] == "float64"


def test_both_traces_are_traces_and_can_be_looked_at() -> None:
    p = scale.in_precision(lambda x1, x2: x1 * x2 + np.sin(x1), 2.0, 5.0, dtype=np.float16)
    wide, narrow = p.traces
    assert type(narrow.value) is np.float16
    assert adviz.reverse(narrow).result == adviz.gradient(lambda x1, x2: x1 * x2 + np.sin(x1))(np.float16(2), np.float16(5))
    assert "v₋₁" in str(narrow)
    assert narrow.to_html().startswith("<!doctype html>") or "<html" in narrow.to_html()
    assert wide.value == 10 + math.sin(2.0)


@pytest.mark.parametrize("dtype", [int, complex, object, "U3", np.int8, "no such type", bool])
def test_what_is_no_precision_is_refused(dtype: Any) -> None:
    with pytest.raises(adviz.InputError, match=r"np\.float16, np\.float32"):
        scale.in_precision(lambda x: x, 1.0, dtype=dtype)


class Cells(html.parser.HTMLParser):
    """The cells of a table, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.open = True

    def handle_endtag(self, tag: str) -> None:
        self.open = self.open and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.open:
            self.rows[-1][-1] += data


def test_the_table_is_the_same_as_text_and_as_html(tmp_path: Path) -> None:
    p = scale.in_precision(lambda x, y: (x < 3) * x - y + 0.1, 1.7, 1.6, dtype=np.float16)
    cells = Cells()
    cells.feed(p.to_html())
    lines = str(p).splitlines()
    assert len(cells.rows) == 1 + len(p.lines)
    for row, line in zip(cells.rows, lines[1:], strict=False):
        assert [part for cell in row for part in cell.split()] == line.split()
    page = tmp_path / "table.html"
    p.to_html(page)
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert p.to_html() in page.read_text(encoding="utf-8")
    assert "<script" not in p.to_html()
    named = scale.in_precision(lambda w: w["<b>"] * 1.0, {"<b>": 1.0})
    assert "w['<b>']" in str(named)
    assert "<b>" not in named.to_html()


def test_a_long_trace_is_shortened_and_says_so() -> None:
    def f(x):
        for _ in range(400):
            x = x * 1.01
        return x

    lines = str(scale.in_precision(f, 0.3)).splitlines()
    assert len(lines) < 140
    assert any("281 more lines" in line for line in lines)


# ---- loss scaling


def tiny(w):
    return np.mean((1e-4 * w) ** 2)


@pytest.mark.parametrize("w", [np.float16(1.0), np.array([0.5, -1.0, 2.0], np.float16)])
def test_a_gradient_that_underflows_is_right_with_loss_scaling(w: Any) -> None:
    exact = np.asarray(adviz.gradient(tiny)(np.asarray(w, float)[()]))
    assert not np.any(adviz.gradient(tiny)(w))  # all of it is 0 in float16
    for s in ("dynamic", 2.0**15, 2.0**12):
        found = scale.loss_scaled(tiny, s)(w)
        assert np.asarray(found.gradient).dtype == np.float32
        np.testing.assert_allclose(found.gradient, exact, rtol=2e-3)
        assert found.rescued == np.size(w)
        assert not found.overflow
        assert not np.any(found.unscaled)
    assert scale.loss_scaled(tiny, 1.0)(w).rescued == 0


def test_a_scale_that_overflows_is_seen_and_halved_where_it_may_be() -> None:
    def f(w, v):
        return 50.0 * w * v

    w, v = np.float16(3.0), np.float16(2.0)
    too_much = scale.loss_scaled(f, 2.0**14)(w, v)
    assert too_much.overflow
    assert not np.all(np.isfinite(too_much.gradient))
    found = scale.loss_scaled(f)(w, v)
    assert not found.overflow
    assert found.scale == 256.0  # 150 · 256 is below 65,504 and 150 · 512 is not
    assert found.gradient == (100.0, 150.0)
    assert found.value == f(w, v)


def test_a_gradient_that_is_undefined_without_a_scale_is_no_overflow_of_the_scale() -> None:
    found = scale.loss_scaled(lambda w: np.log(w), "dynamic")(np.float16(-1.0))
    assert math.isnan(found.gradient)
    assert not found.overflow
    assert found.scale == 2.0**15


def test_scaled_gradients_keep_structure_and_wider_precisions() -> None:
    def f(p, x):
        return np.sum(p["w"] * x) * p["b"]

    p, x = {"w": np.array([1.0, 2.0], np.float32), "b": np.float16(0.5)}, np.array([3.0, 4.0])
    g, x_bar = scale.loss_scaled(f, 1024.0)(p, x).gradient
    assert g["w"].tolist() == [1.5, 2.0]
    assert (g["w"].dtype, type(g["b"]), x_bar.dtype) == (np.float32, np.float32, np.float64)
    assert float(g["b"]) == 11.0


@pytest.mark.parametrize("given", [0.0, -1.0, math.inf, math.nan, "adaptive", None, True, 1j])
def test_a_scale_is_a_positive_number(given: Any) -> None:
    with pytest.raises(adviz.InputError, match="positive number"):
        scale.loss_scaled(tiny, given)


def test_loss_scaling_is_for_one_number() -> None:
    with pytest.raises(adviz.OutputError):
        scale.loss_scaled(lambda w: w * 2)(np.ones(3, np.float16))


def test_where_sums_are_kept_in_more_digits_is_numpys() -> None:
    """What the documentation of loss scaling says about sums, of the NumPy that is installed."""
    ones = np.ones(5000, np.float16)
    assert np.sum(ones) == 5000
    assert np.cumsum(ones)[-1] == 2048
    total: Callable[..., Any] = lambda x: sum(x[k] for k in range(len(x)))  # noqa: E731
    assert adviz.trace(total, ones[:2100]).value == 2048
    assert adviz.trace(np.sum, ones).value == 5000
