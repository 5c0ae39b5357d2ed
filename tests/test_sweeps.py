"""The sweeps: their steps, their numeric reading without steps, and the textbook's numbers."""

from __future__ import annotations

import inspect
import itertools
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adviz
from adviz import Accumulate, Contribute, Evaluate, Propagate, Seed
from adviz.generate import sweep_source

GOLDEN = json.loads((Path(__file__).parent / "fixtures" / "golden.json").read_text())
RUNNING, SQUARE_PLUS, SQUARE_PLUS_ONE = GOLDEN["running"], GOLDEN["sin(x^2+x)@2"], GOLDEN["sin(x^2+1)@2"]
VECTOR = GOLDEN["vector F=(x1*x2, sin x1)@(2,5)"]


def running(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def fan_out(x):
    a = x * x
    return a + a * a + np.sin(a)


def loop(x, y):
    s = 0.0
    for i in range(5):
        s = s * x + np.cos(i * y)
    return s


def while_loop(x):
    while x < 100:
        x = x * x + 1
    return x


def branch(x, y):
    return np.exp(x) if x > y else y * y


def helper(u, w):
    return np.sqrt(u * w) + u


def calls(x, y):
    return helper(x, y) * helper(y, x * x)


def recursive(x, n=6):
    return x if n == 0 else np.sin(recursive(x, n - 1) * 1.25) + x


def newton(a):
    x = a
    for _ in range(6):
        x = 0.5 * (x + a / x)
    return x


def tuple_out(x, y):
    return x * y, x + y, np.hypot(x, y)


def constants_out(x, y):
    return 3.0, x * y, 2


def augmented(x, y):
    x *= y
    x -= 3
    x /= y
    x **= 2
    return x


ZOO: dict[str, tuple[Callable[..., Any], tuple[float, ...]]] = {
    "running": (running, (2.0, 5.0)), "square": (lambda x: x * x, (3.0,)), "fan out": (fan_out, (0.75,)), "loop": (loop, (0.5, 1.25)),
    "while": (while_loop, (1.5,)), "branch taken": (branch, (2.0, 1.0)), "branch not taken": (branch, (1.0, 2.0)), "calls": (calls, (1.5, 2.5)),
    "recursion": (recursive, (0.3,)), "newton": (newton, (2.0,)), "several outputs": (tuple_out, (3.0, 4.0)),
    "constants as outputs": (constants_out, (3.0, 4.0)), "outputs that are inputs": (lambda x, y: (y, x * y, x), (3.0, 4.0)),
    "only inputs": (lambda x, y: (y, x), (3.0, 4.0)), "identity": (lambda x: x, (3.0,)), "repeated outputs": (lambda x: [x * 2] * 2 + [x * 3], (3.0,)),
    "the same output thrice": (lambda x: (lambda y: (y, y, y))(np.sin(x)), (3.0,)), "unused input": (lambda x, y: x * 2.0, (3.0, 4.0)),
    "constant function": (lambda x: 7.0, (3.0,)), "a list": (lambda x, y: [x / y, y / x], (3.0, 4.0)), "dead code": (lambda x: (np.exp(x), x * x)[1], (3.0,)),
    "constants on both sides": (lambda x: 2 - x * 3 + 4 / x - x / 5 + 2**x - x**2, (3.0,)), "augmented": (augmented, (3.0, 4.0)),
    "sum": (lambda x, y: sum([x * y, x + y, np.sin(x)]), (3.0, 4.0)), "comprehension": (lambda x: sum(k * x**k for k in range(5)), (1.5,)),
    "where": (lambda x, y: np.where(x > y, x * 2, np.log(y)) + x, (-3.0, 4.0)), "where, untaken undefined": (lambda x: np.where(x > 0, np.log(x), x), (-3.0,)),
    "infinite": (lambda x: np.sqrt(x) + 1 / x, (0.0,)), "undefined": (lambda x, y: np.log(x) * y, (-1.0, 2.0)), "zero meets infinity": (lambda x: np.sqrt(x) ** 2, (0.0,)),
    "power": (lambda x, y: x**y, (-2.0, 3.0)), "kinks": (lambda x, y: abs(x) + np.maximum(x, y) + np.hypot(x, y), (0.0, 0.0)),
    "jumps": (lambda x, y: np.floor(x) * y + x % y + x // y + round(x), (7.5, 2.0)), "min and max": (lambda x, y: max(x, y) - min(x, y), (1.0, 2.0)),
    "single precision": (lambda x, y: np.sin(x) * y + x, (np.float32(0.5), np.float32(2.0))), "mixed precision": (lambda x, y: x * y, (np.float32(0.5), 2.0)),
    "nan": (lambda x: x * x + 1, (float("nan"),)), "inf": (lambda x: 1 / x + x, (float("inf"),)),
}  # fmt: skip
zoo = pytest.mark.parametrize("f, point", list(ZOO.values()), ids=list(ZOO))


def bits(numbers: Any) -> list[str]:
    return ["nan" if u != u else struct.pack("<d", float(u)).hex() for u in numbers]


def finished(sweep: Any) -> tuple[list[Any], Any]:
    """The steps a sweep yields and what it returns."""
    steps = []
    while True:
        try:
            steps.append(next(sweep))
        except StopIteration as end:
            return steps, end.value


def seeds(n: int) -> list[tuple[float, ...]]:
    return [*(tuple(1.0 if i == k else 0.0 for i in range(n)) for k in range(n)), tuple(0.75 - 1.5 * i for i in range(n)), (0.0,) * n]


def many(y: Any) -> tuple[Any, ...]:
    return tuple(y) if isinstance(y, tuple | list) else (y,)


@zoo
def test_the_numeric_forward_sweep_equals_the_stepwise_one_bit_for_bit(f, point) -> None:
    t = adviz.trace(f, *point, order="evaluation")
    for seed in seeds(len(point)):
        stepwise = finished(adviz.forward_sweep(t, seed))[1]
        y, y_dot = adviz.jvp(f, point, seed)
        assert bits(many(y)) == bits(many(t.value))
        assert bits(many(y_dot)) == bits(stepwise)


@zoo
def test_the_numeric_reverse_sweep_equals_the_stepwise_one_bit_for_bit(f, point) -> None:
    t = adviz.trace(f, *point, order="evaluation")
    _, pullback = adviz.vjp(f, point)
    for seed in seeds(len(t.outputs)):
        stepwise = finished(adviz.reverse_sweep(t, seed))[1]
        assert bits(pullback(seed)) == bits(type(x)(u) for x, u in zip(point, stepwise, strict=True))


@zoo
def test_a_second_sweep_gives_the_same_answer(f, point) -> None:
    t = adviz.trace(f, *point)
    for sweep, n in ((adviz.forward_sweep, len(point)), (adviz.reverse_sweep, len(t.outputs))):
        for seed in seeds(n):
            first, second = finished(sweep(t, seed)), finished(sweep(t, seed))
            assert repr(first) == repr(second)
    _, pullback = adviz.vjp(f, point)
    assert bits(pullback((1.0,) * len(t.outputs))) == bits(pullback((1.0,) * len(t.outputs)))


@zoo
def test_the_order_of_the_lines_changes_no_value_and_no_tangent(f, point) -> None:
    textbook, evaluation = adviz.trace(f, *point), adviz.trace(f, *point, order="evaluation")
    assert sorted(bits(a.value for a in textbook.assignments)) == sorted(bits(a.value for a in evaluation.assignments))
    for seed in seeds(len(point)):
        assert bits(adviz.forward(textbook, seed=seed).result) == bits(adviz.forward(evaluation, seed=seed).result)


@zoo
def test_both_modes_agree_on_the_jacobian(f, point) -> None:
    n, m = len(point), len(many(adviz.trace(f, *point).value))
    forward = adviz.jacobian(f, mode="forward")(*point)
    reverse = adviz.jacobian(f, mode="reverse")(*point)
    assert forward.shape == reverse.shape == ((m, n) if isinstance(adviz.trace(f, *point).value, tuple | list) else (n,))
    np.testing.assert_allclose(forward, reverse, rtol=1e-13 if forward.dtype == np.float64 else 1e-6, atol=0)


@zoo
def test_every_step_of_the_vocabulary_says_what_it_computed(f, point) -> None:
    t = adviz.trace(f, *point)
    partial = {(a.index, k): a.partials[k] for a in t.assignments for k, _ in a.active}
    steps, x_bar = finished(adviz.reverse_sweep(t, (1.0,) * len(t.outputs)))
    adjoint: dict[int, Any] = {}
    for step, before in zip(steps, [None, *steps], strict=False):
        match step:
            case Seed(i, y_bar):
                adjoint[i] = y_bar
            case Contribute(j, i, k, share):
                assert t.assignments[i - 1].operands[k] == adviz.Ref(j)
                assert bits([share]) == bits([adjoint[i] * partial[i, k]])
            case Accumulate(j, v_bar):
                assert isinstance(before, Contribute)
                assert before.index == j
                adjoint[j] = adjoint[j] + before.share if j in adjoint else before.share
                assert bits([v_bar]) == bits([adjoint[j]])
            case _:
                pytest.fail(f"{step} does not belong to a reverse sweep")
    assert bits(x_bar) == bits(adjoint.get(i, 0.0) for i in t.inputs)


@zoo
def test_forward_mode_seeds_then_evaluates_and_propagates_line_by_line(f, point) -> None:
    t = adviz.trace(f, *point)
    steps, _ = finished(adviz.forward_sweep(t, (1.0,) * len(point)))
    kinds = [type(step) for step in steps]
    assert kinds == [Seed] * len(point) + [Evaluate, Propagate] * len(t.assignments)
    assert [s.index for s in steps] == [*t.inputs, *(a.index for a in t.assignments for _ in range(2))]


@zoo
def test_a_frame_is_what_the_steps_so_far_have_said(f, point) -> None:
    t = adviz.trace(f, *point)
    timelines = [adviz.values(t), adviz.forward(t, seed=(1.0,) * len(point)), adviz.reverse(t, seed=(1.0,) * len(t.outputs))]
    for tl in timelines:
        assert len(tl) == len(tl.steps)
        start, end = tl.frame(0), tl.frame(len(tl))
        assert (start.tangents, start.adjoints, start.current, start.share) == ({}, {}, None, None)
        assert set(start.values) == (set(t.inputs) if tl.mode != "reverse" else {*t.inputs, *(a.index for a in t.assignments)})
        assert set(end.values) == {*t.inputs, *(a.index for a in t.assignments)}
        assert end.final == frozenset({*end.tangents, *end.adjoints})
        for n, step in enumerate(tl.steps, 1):
            frame = tl.frame(n)
            assert frame.current == step or step != step or "nan" in repr(step)
            assert (frame.share is not None) == isinstance(step, Contribute)
            later = {s.index for s in tl.steps[n:] if isinstance(s, Seed | Propagate | Accumulate)}
            assert frame.final == {*frame.tangents, *frame.adjoints} - later


@pytest.mark.parametrize("n", [-1, 18, 1.0, None, "1"])
def test_a_frame_outside_the_timeline_is_refused(n: Any) -> None:
    with pytest.raises(adviz.InputError, match="17"):
        adviz.reverse(running, 2.0, 5.0).frame(n)


def test_the_generated_sweeps_have_no_steps_left_in_them() -> None:
    for sweep in (adviz.forward_sweep, adviz.reverse_sweep):
        assert "yield" in inspect.getsource(sweep)
        assert "yield" not in sweep_source(sweep)


def test_blank_is_not_zero() -> None:
    tl = adviz.reverse(lambda x, y: x * 2.0, 3.0, 4.0)
    assert tl.result == (2.0, 0.0)
    assert -1 in tl.frame(len(tl)).adjoints
    assert 0 not in tl.frame(len(tl)).adjoints


def test_an_output_named_twice_is_seeded_twice() -> None:
    tl = adviz.reverse(twice, 3.0, seed=(1.0, 10.0))
    assert tl.steps[:2] == (Seed(1, 1.0), Seed(1, 11.0))
    assert tl.result == (22.0,)


def twice(x):
    y = x * 2
    return y, y


def test_x_times_x_has_two_edges() -> None:
    tl = adviz.reverse(lambda x: x * x, 3.0)
    assert tl.steps == (Seed(1, 1.0), Contribute(0, 1, 0, 3.0), Accumulate(0, 3.0), Contribute(0, 1, 1, 3.0), Accumulate(0, 6.0))


def test_the_running_example_has_the_textbooks_primal_trace() -> None:
    t = adviz.trace(running, 2.0, 5.0)
    assert {f"v{i}": t.value_of(i) for i in (*t.inputs, *(a.index for a in t.assignments))} == RUNNING["primal"]
    assert t.value == RUNNING["primal"]["v5"]


@pytest.mark.parametrize("seed, name", [((1, 0), "tangent_x1"), ((0, 1), "tangent_x2"), ((3, -1), "tangent_dir_3_-1")])
def test_the_running_example_has_the_textbooks_tangents(seed, name) -> None:
    tl = adviz.forward(running, 2.0, 5.0, seed=seed)
    assert {f"v{i}": u for i, u in tl.frame(len(tl)).tangents.items()} == RUNNING[name]
    assert tl.result == (RUNNING[name]["v5"],)


def test_the_running_example_has_the_textbooks_reverse_events_in_order() -> None:
    tl = adviz.reverse(running, 2.0, 5.0)
    told = []
    for step in tl.steps:
        match step:
            case Seed(i, u):
                told.append(["seed", f"v{i}", u])
            case Contribute(j, i, _, share):
                told.append(["contrib", f"v{j}<-v{i}", share])
    assert told == RUNNING["reverse_events"]
    assert len(tl) == 17
    assert {f"v{i}": u for i, u in tl.frame(17).adjoints.items()} == RUNNING["adjoint"]
    assert tl.result == (RUNNING["adjoint"]["v-1"], RUNNING["adjoint"]["v0"])


@pytest.mark.parametrize("name, target", [("paths_x1", -1), ("paths_x2", 0)])
def test_the_adjoint_is_the_sum_over_all_paths(name, target) -> None:
    t = adviz.trace(running, 2.0, 5.0)
    paths: dict[str, float] = {}
    open_paths = [([i], 1.0) for i in t.outputs]
    while open_paths:
        path, product = open_paths.pop()
        if path[-1] == target:
            paths[">".join(f"v{i}" for i in path)] = product
        elif path[-1] > 0:
            a = t.assignments[path[-1] - 1]
            open_paths += [([*path, j], product * a.partials[k]) for k, j in a.active]
    assert paths == RUNNING[name]
    assert sum(sorted(paths.values())) == RUNNING["adjoint"][f"v{target}"]


def test_the_running_examples_hessian_by_nesting() -> None:
    H = adviz.jacobian(adviz.gradient(running))(2.0, 5.0)
    np.testing.assert_allclose(H, RUNNING["hessian"], rtol=1e-15)
    for mode_pair in itertools.product(("forward", "reverse"), repeat=2):
        nested = adviz.jacobian(lambda *x, inner=mode_pair[1]: adviz.jacobian(running, mode=inner)(*x), mode=mode_pair[0])
        np.testing.assert_array_equal(nested(2.0, 5.0), H)


def test_sine_of_x_squared_plus_x() -> None:
    def f(x):
        return np.sin(x**2 + x)

    g = SQUARE_PLUS
    t = adviz.trace(f, 2.0)
    assert [a.row.name for a in t.assignments] == ["power", "add", "sin"]
    assert (t.assignments[1].value, t.value) == (g["u"], g["y"])
    frame = adviz.forward(t).frame(7)
    assert (frame.tangents[2], frame.tangents[3]) == (g["udot"], g["ydot"])
    tl = adviz.reverse(t)
    assert [s.share for s in tl.steps if isinstance(s, Contribute) and s.index == 0] == [g["xbar_linear"], g["xbar_square"]]
    assert tl.frame(len(tl)).adjoints[2] == g["ubar"]
    assert tl.result == (g["xbar"],)
    assert f"{adviz.gradient(f)(np.float32(2)):.4f}" in g["float32_print"]


def test_sine_of_x_squared_plus_one() -> None:
    t = adviz.trace(lambda x: np.sin(x**2 + 1), 2.0)
    assert [t.value_of(0), *(a.value for a in t.assignments)] == SQUARE_PLUS_ONE["w"]
    assert adviz.reverse(t).result == (SQUARE_PLUS_ONE["dy"],)


def test_the_vector_example() -> None:
    def F(x1, x2):
        return x1 * x2, np.sin(x1)

    for mode in ("forward", "reverse", "auto"):
        np.testing.assert_array_equal(adviz.jacobian(F, mode=mode)(2.0, 5.0), VECTOR["J"])
    assert list(adviz.jvp(F, (2.0, 5.0), (1.0, 2.0))[1]) == VECTOR["jvp(1,2)"]
    assert list(adviz.vjp(F, (2.0, 5.0))[1]((3.0, -1.0))) == VECTOR["vjp(3,-1)"]


@pytest.mark.parametrize("seed", [(1.0,), (1.0, 0.0, 0.0), (), "12", ("a", "b"), (1j, 0.0), (None, 1.0), (True, False), ([1.0, 2.0], 0.0)])
def test_a_seed_of_the_wrong_length_or_kind_is_refused(seed) -> None:
    for call in (lambda: adviz.forward(running, 2.0, 5.0, seed=seed), lambda: adviz.jvp(running, (2.0, 5.0), seed)):
        with pytest.raises(adviz.InputError, match="x1, x2") as caught:
            call()
        assert isinstance(caught.value, TypeError)


def test_a_seed_is_required_where_there_is_a_choice() -> None:
    with pytest.raises(adviz.InputError, match=r"seed=\(1, 0\)"):
        adviz.forward(running, 2.0, 5.0)
    with pytest.raises(adviz.InputError, match=r"seed=\(1, 0, 0\)"):
        adviz.reverse(tuple_out, 3.0, 4.0)
    assert adviz.forward(fan_out, 0.75).seed == (1.0,)
    assert adviz.reverse(running, 2.0, 5.0).seed == (1.0,)


def test_a_seed_may_be_integers_or_numpy_numbers() -> None:
    for seed in ((1, 0), [1.0, 0.0], (np.float64(1), np.int64(0)), (np.float32(1), np.float32(0))):
        assert adviz.forward(running, 2.0, 5.0, seed=seed).result == (5.5,)


def test_an_input_with_seed_zero_is_inactive_and_never_meets_an_infinity() -> None:
    assert adviz.forward(lambda x, y: np.sqrt(x) + y, 0.0, 1.0, seed=(0.0, 1.0)).result == (1.0,)
    assert adviz.jvp(lambda x, y: x**y, (-2.0, 3.0), (1.0, 0.0))[1] == 12.0
    assert adviz.vjp(lambda x, y: (np.log(x), y), (0.0, 1.0))[1]((0.0, 1.0)) == (0.0, 1.0)


def test_a_trace_takes_no_second_point() -> None:
    t = adviz.trace(running, 2.0, 5.0)
    with pytest.raises(adviz.InputError, match="point"):
        adviz.reverse(t, 2.0)
