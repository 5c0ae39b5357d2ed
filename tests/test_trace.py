"""The trace: what a run leaves behind, also a run that fails, is very long or returns what it was given."""

from __future__ import annotations

import _thread
import gc
import linecache
import signal
import sys
import traceback
from collections.abc import Iterator

import numpy as np
import pytest

import adviz
from adviz import Constant, Ref


def running(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def rows(t):
    return [a.row.name if a.row else None for a in t.assignments]


def test_the_running_example_is_baydins_list() -> None:
    t = adviz.trace(running, 2.0, 5.0)
    assert t.inputs == (-1, 0)
    assert [(a.name, a.row.name, a.operands) for a in t.assignments] == [
        ("v1", "log", (Ref(-1),)), ("v2", "multiply", (Ref(-1), Ref(0))), ("v3", "sin", (Ref(0),)), ("v4", "add", (Ref(1), Ref(2))),
        ("v5", "subtract", (Ref(4), Ref(3))),
    ]  # fmt: skip
    assert t.outputs == (5,)
    assert (t.function, t.parameters, t.point, t.size, t.order, t.error) == ("running", ("x1", "x2"), (2.0, 5.0), 7, "textbook", None)


def test_constants_are_operands() -> None:
    t = adviz.trace(lambda x: 2 * x - x / 4.0, 3.0)
    assert [a.operands for a in t.assignments] == [(Constant(2), Ref(0)), (Ref(0), Constant(4.0)), (Ref(1), Ref(2))]
    assert [a.partials for a in t.assignments] == [(None, 2), (0.25, None), (1.0, -1.0)]


def test_x_times_x_has_two_edges() -> None:
    [a] = adviz.trace(lambda x: x * x, 3.0).assignments
    assert a.operands == (Ref(0), Ref(0))
    assert list(a.active) == [(0, 0), (1, 0)]


@pytest.mark.parametrize("f, point, value, outputs, count", [
    (lambda x: x, (2.0,), 2.0, (0,), 0), (lambda x, y: (y, x, y), (2.0, 3.0), (3.0, 2.0, 3.0), (0, -1, 0), 0), (lambda x: 7, (2.0,), 7.0, (1,), 1),
    (lambda x: [x, 7.0, x * 2, 7.0], (2.0,), [2.0, 7.0, 4.0, 7.0], (0, 2, 1, 3), 3), (lambda x: (x * x,), (2.0,), (4.0,), (1,), 1),
])  # fmt: skip
def test_outputs_may_be_inputs_constants_and_repeated(f, point, value, outputs, count) -> None:
    t = adviz.trace(f, *point)
    assert (t.value, t.outputs, len(t.assignments)) == (value, outputs, count)
    assert (t.branches, t.size) == ((), len(point) + count)
    assert all((a.operands, a.partials) == ((), ()) for a in t.assignments if a.row is None)


def test_equal_arguments_are_two_inputs() -> None:
    t = adviz.trace(lambda x, y: x * y, 3.0, 3.0)
    assert t.assignments[0].operands == (Ref(-1), Ref(0))


def test_a_trace_keeps_no_frame_and_no_traced_number_alive() -> None:
    class Big:
        pass

    def f(x):
        big.append(Big())
        return x * x

    big: list[Big] = []
    t = adviz.trace(f, 2.0)
    referred = gc.get_referents(t, t.__dict__, *t.__dict__.values())
    assert not any(type(u).__name__ in ("frame", "Located", "Variable") for u in referred)


def test_names_may_be_given() -> None:
    t = adviz.trace(running, 2.0, 5.0, names={"v1": "a", "v-1": "width"})
    assert (t.label_of(1), t.label_of(-1), t.label_of(0), t.label_of(2)) == ("a", "width", "x2", None)


def test_labels_come_from_the_names_that_statements_assign() -> None:
    def f(x, y):
        a = x * y
        b: float = a + 1
        b += x
        if (c := b * b) > 0:
            d, e = c - x, c / y
        (g) = h = d * e
        return g + h

    t = adviz.trace(f, 2.0, 3.0)
    assert [a.label for a in t.assignments] == ["a", "b", "b", "c", "d", "e", "g", None]


def test_branches_are_recorded_with_sides_outcome_and_place() -> None:
    def f(x, y):
        t = x if x > 2 else -x
        while t < 20:
            t = t * t
        if y <= x:
            t = t + 1
        if 3.0 >= y:  # noqa: SIM300 - the other way round is what is tested
            t = t - 1
        return np.where(np.less(t, 1e6), t, y) if x == 3 else y

    t = adviz.trace(f, 3.0, 4.0)
    lines = [(b.after, b.symbol, b.left, b.right, b.outcome, text_at(b.position)) for b in t.branches]
    assert lines == [
        (0, ">", Ref(-1), Constant(2.0), True, "x > 2"), (0, "<", Ref(-1), Constant(20.0), True, "t < 20"), (1, "<", Ref(1), Constant(20.0), True, "t < 20"),
        (2, "<", Ref(2), Constant(20.0), False, "t < 20"), (2, "<=", Ref(0), Ref(-1), False, "y <= x"), (2, "<=", Ref(0), Constant(3.0), False, "3.0 >= y"),
        (2, "==", Ref(-1), Constant(3.0), True, "x == 3"), (2, "<", Ref(2), Constant(1e6), True, "np.less(t, 1e6)"),
    ]  # fmt: skip


def text_at(position) -> str:
    from adviz.position import segment

    with open(position.file, encoding="utf-8") as file:
        return segment(file.readlines(), position)


def test_the_trace_of_a_derivative_is_a_trace() -> None:
    t = adviz.trace(adviz.derivative(lambda x: x**3), 2.0)
    assert t.value == 12.0
    assert adviz.reverse(t).result == (12.0,)


class Stopped(Exception):
    pass


def too_big(u):
    if u > 5:
        raise Stopped("too big", 7)
    return np.sin(u)


def fails(x):
    y = x * x
    z = y + 1.0
    return too_big(z)


def fails_at_once(x):
    raise Stopped("at once", 8)


def test_a_failing_run_raises_the_learners_own_exception_unchanged() -> None:
    for enter in (lambda: adviz.trace(fails, 3.0), lambda: adviz.gradient(fails)(3.0), lambda: adviz.jvp(fails, 3.0, 1.0), lambda: adviz.jacobian(fails)(3.0)):
        with pytest.raises(Stopped) as caught:
            enter()
        assert type(caught.value) is Stopped
        assert caught.value.args == ("too big", 7)
        assert (caught.value.__cause__, caught.value.__context__) == (None, None)
        names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
        assert names[-2:] == ["fails", "too_big"]
        assert "collect" not in names
        assert not any("adviz generated" in frame.filename for frame in traceback.extract_tb(caught.value.__traceback__))
    assert adviz.gradient(lambda x: x * x)(3.0) == 6.0


def test_no_frame_of_adviz_stands_between_two_of_the_learners() -> None:
    def outer(x):
        return sorted([x, 2.0 * x], key=lambda u: np.sin(u) if u < 5 else too_big(u * 2))[0]

    def nested(x):
        return adviz.derivative(outer)(x)

    with pytest.raises(Stopped) as caught:
        adviz.trace(nested, 3.0)
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert names[-3:] == ["outer", "<lambda>", "too_big"]
    assert names.index("outer") - names.index("nested") <= 3
    assert not {"record", "operate", "general"} & set(names)


def test_a_failing_run_is_viewable_up_to_the_error() -> None:
    with pytest.raises(Stopped) as caught:
        adviz.trace(fails, 3.0)
    t = caught.value.adviz_trace
    assert (rows(t), t.error is caught.value, t.outputs, t.value) == (["multiply", "add"], True, (), None)
    assert [b.outcome for b in t.branches] == [True]
    printed = repr(t)
    assert "Stopped" in printed
    assert "y = " in printed
    assert adviz.values(t).frame(2).values == {0: 3.0, 1: 9.0, 2: 10.0}


def test_a_run_that_fails_at_once_is_viewable_too() -> None:
    with pytest.raises(Stopped) as caught:
        adviz.trace(fails_at_once, 3.0)
    t = caught.value.adviz_trace
    assert (t.assignments, t.branches, t.value_of(0)) == ((), (), 3.0)
    assert "Stopped" in repr(t)


def test_a_wrong_result_keeps_the_trace_as_well() -> None:
    with pytest.raises(adviz.OutputError) as caught:
        adviz.trace(lambda x: [x * x, None], 3.0)
    assert rows(caught.value.adviz_trace) == ["multiply"]


def test_an_exception_that_can_hold_nothing_passes_through() -> None:
    class Closed(Exception):
        def __setattr__(self, name, value):
            if name.startswith("adviz"):
                raise AttributeError(name)
            super().__setattr__(name, value)

    def f(x):
        raise Closed

    with pytest.raises(Closed):
        adviz.trace(f, 3.0)


def test_the_cause_of_an_exception_stays() -> None:
    def f(x):
        try:
            return x * [1][2]
        except IndexError as error:
            raise Stopped("from") from error

    with pytest.raises(Stopped) as caught:
        adviz.trace(f, 3.0)
    assert isinstance(caught.value.__cause__, IndexError)


def test_an_endless_recursion_in_f_is_a_recursion_error_and_the_next_call_works() -> None:
    def endless(x):
        return endless(x * 1.0)

    for enter in (lambda: adviz.trace(endless, 2.0), lambda: adviz.gradient(endless)(2.0)):
        with pytest.raises(RecursionError):
            enter()
        assert adviz.gradient(running)(2.0, 5.0)[0] == 5.5
        assert adviz.trace(running, 2.0, 5.0).value == pytest.approx(11.652071455223084)


@pytest.fixture
def python_interrupts() -> Iterator[None]:
    """Ctrl-C as Python has it; a browser driven from this process puts another handler in its place."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_inside_f_passes_through_and_the_next_call_works(python_interrupts: None) -> None:
    def slow(x):
        y = x * x
        _thread.interrupt_main()
        for _ in range(10**6):
            y = y + 1.0
        return y

    for enter in (lambda: adviz.trace(slow, 2.0), lambda: adviz.gradient(slow)(2.0)):
        with pytest.raises(KeyboardInterrupt):
            enter()
        assert adviz.gradient(running)(2.0, 5.0)[0] == 5.5
        assert rows(adviz.trace(running, 2.0, 5.0))[0] == "log"


def test_an_exit_inside_f_passes_through() -> None:
    with pytest.raises(SystemExit):
        adviz.trace(lambda x: sys.exit(3), 2.0)


@pytest.fixture
def shallow():
    """Almost no recursion allowed: whoever walks a trace by calling itself fails."""
    depth = len(traceback.extract_stack())
    before = sys.getrecursionlimit()
    yield lambda: sys.setrecursionlimit(depth + 120)
    sys.setrecursionlimit(before)


def long_loop(x):
    s = x
    for _ in range(100_000):
        s = s * 0.9999 + x
    return s


def test_two_hundred_thousand_operations_need_no_recursion(shallow) -> None:
    shallow()
    exact = sum(0.9999**k for k in range(100_001))
    assert adviz.gradient(long_loop)(2.0) == pytest.approx(exact, rel=1e-9)
    assert adviz.derivative(long_loop)(2.0) == pytest.approx(exact, rel=1e-9)
    t = adviz.trace(long_loop, 2.0)
    assert len(t.assignments) == 200_000
    assert t.assignments[-1].operands == (Ref(199_999), Ref(0))
    assert adviz.reverse_sweep(t, (1.0,)).send(None).index == 200_000
    del t
    gc.collect()


def test_a_long_trace_prints_its_first_and_last_lines(shallow) -> None:
    t = adviz.trace(lambda x: sum(x * k for k in range(3000)), 2.0)
    shallow()
    printed = repr(t)
    assert "v₆₀₀₀" in printed
    assert len(printed.splitlines()) < 80
    assert "more lines" in printed


def test_a_function_that_calls_itself_500_deep_is_ordered() -> None:
    def deep(x, n=500):
        return x if n == 0 else deep(x * 1.001, n - 1) * 1.0001

    t = adviz.trace(deep, 2.0)
    sys.setrecursionlimit(max(1000, sys.getrecursionlimit()))
    assert len(t.assignments) == 1000
    assert [a.operands[0] for a in t.assignments] == [Ref(i) for i in range(1000)]


def test_the_work_on_a_wide_statement_grows_with_its_length_and_not_with_its_square() -> None:
    """Counted in calls of Python functions: 3199 operations in one expression take at most 5 times what 799 take."""

    def calls(n: int) -> int:
        source = "def wide(x):\n    return " + " + ".join(["x*x"] * n) + "\n"
        file = f"<wide {n}>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        names: dict = {}
        exec(compile(source, file, "exec"), names)  # noqa: S102 - the test's own text
        t = adviz.trace(names["wide"], 2.0)
        counted = [0]

        def count(frame, event, argument) -> None:
            counted[0] += event in ("call", "c_call")

        sys.setprofile(count)
        try:
            assert len(t.assignments) == 2 * n - 1
        finally:
            sys.setprofile(None)
        return counted[0]

    assert calls(1600) < 5 * calls(400)
