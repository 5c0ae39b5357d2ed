"""Gradients of loops from checkpoints: the same as over one long trace to the last bit, in little memory, or refused in words."""

from __future__ import annotations

import gc
import random
import traceback
import tracemalloc
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import adviz
from adviz import scale
from adviz.scale import checkpoint, checkpointed, checkpointed_gradient
from adviz.structural import plain
from adviz.trees import flatten, rebuild
from tests.program_text import compiled, forget
from tests.random_programs import grown
from tests.zoo import PROGRAMS, Program

BUDGETS = (1, 2, 3, 7)
WAYS: list[dict[str, Any]] = [
    *({"snapshots": s} for s in BUDGETS), *({"snapshots": s, "schedule": "uniform"} for s in BUDGETS),
    {"schedule": "store-all"}, {"schedule": "recompute-all"},
]  # fmt: skip


def bits(u: Any) -> list[Any]:
    """Every leaf with its name, type, shape and bytes: nan is nan, -0.0 is not 0.0."""
    leaves = [(name, plain(leaf)) for name, leaf in flatten(u)[0]]
    return [(name, type(x), np.shape(x), getattr(x, "dtype", None), "nan" if np.ndim(x) == 0 and x != x else np.asarray(x).tobytes()) for name, x in leaves]


def written_out(step: Any, loss: Callable[..., Any], steps: int) -> Callable[..., Any]:
    """The loop and the loss as one function: what a run of it stores is everything."""

    def f(state: Any, *parameters: Any) -> Any:
        for i in range(steps):
            state = step[i](state, *parameters) if isinstance(step, list) else step(state, i, *parameters)
        return loss(state, *parameters)

    return f


class Body(NamedTuple):
    x: Any
    v: Any


def first_leaf(state: Any, *_: Any) -> Any:
    return np.sum(flatten(state)[0][0][1])


def every_leaf(state: Any, *_: Any) -> Any:
    return sum(np.sum(u) * (k + 1.0) for k, (_, u) in enumerate(flatten(state)[0]))


def lorenz(s: Any, i: int, p: Any) -> Any:
    x, y, z = s
    return [x + 0.01 * p[0] * (y - x), y + 0.01 * (x * (p[1] - z) - y), z + 0.01 * (x * y - p[2] * z)]


def network(h: Any, i: int, p: Any) -> Any:
    return np.tanh(p["W"] @ h + p["b"] * (i + 1)) + 0.1 * h


def momentum(s: Any, i: int, rate: Any) -> Any:
    v = 0.9 * s["v"] - rate * np.cos(s["x"]) * s["x"]
    return {"v": v, "x": s["x"] + v}


def kick(b: Any, i: int) -> Any:
    v = b.v - 0.1 * np.sin(b.x)
    return Body(b.x + 0.1 * v, v)


def branching(x: Any, i: int, a: Any) -> Any:
    if x > 1.0 or i % 3 == 0:
        return x * 0.5 + a * a
    return x * x + np.maximum(x, a) * a


W = np.array([[0.3, -0.2, 0.1], [0.5, 0.4, -0.6], [-0.1, 0.2, 0.7]])
# step, loss, first state, parameters
ZOO: dict[str, tuple[Any, Callable[..., Any], Any, tuple[Any, ...]]] = {
    "a number": (lambda x, i: np.sin(x) * 1.5, first_leaf, 0.7, ()),
    "logistic map": (lambda x, i, r: r * x * (1 - x), first_leaf, 0.3, (3.9,)),
    "lorenz": (lorenz, every_leaf, [1.0, 2.0, 3.0], ((10.0, 28.0, 8 / 3),)),
    "network": (network, lambda h, p: np.sum(h * h) + np.sum(p["W"]), np.array([0.1, -0.4, 0.8]), ({"W": W, "b": np.ones(3)},)),
    "momentum in a dict": (momentum, every_leaf, {"x": 0.4, "v": 0.0}, (0.1,)),
    "a named tuple": (kick, every_leaf, Body(1.0, 0.2), ()),
    "arrays and numbers": (lambda s, i, c: (s[0] * np.mean(s[1]) + c, np.roll(s[1], 1) * 0.9 + s[0]), every_leaf, (0.5, np.arange(4.0)), (0.1,)),
    "branches": (branching, first_leaf, 0.4, (0.8,)),
    "a parameter used often": (lambda x, i, a: a * np.sin(a * x) + a / (1 + a * a * x * x), first_leaf, 0.4, (0.8,)),
    "a parameter used in the loss only": (lambda x, i, a: np.sin(x), lambda x, a: x * a + a, 0.4, (0.8,)),
    "an unused parameter": (lambda x, i, a, b: np.sin(x) * a, first_leaf, 0.4, (0.8, 3.0)),
    "a shift register": (lambda s, i: (s[1], s[2], 0.3 * s[0] + s[1] * s[2]), every_leaf, (0.1, 0.2, 0.3), ()),
    "one variable twice": (lambda s, i, w: (s[0] * w + s[1] * s[0], s[1]) if i % 2 else (np.sin(s[0] * s[1]),) * 2, every_leaf, (0.3, 0.7), (1.1,)),
    "a parameter in the state": (lambda s, i, w: (np.sin(s[0] * s[1] * w) + s[1] * w, w), every_leaf, (0.3, 0.7), (1.1,)),
    "a constant in the state": (lambda s, i: (np.sin(s[0]) + s[1] * s[0], 2.0 * i), every_leaf, (0.3, 0.7), ()),
    "a state forgotten": (lambda x, i, w: 1.5 if i == 4 else x * w, first_leaf, 0.3, (1.1,)),
    "a state never used": (lambda x, i, w: w * 2.0, first_leaf, 0.3, (1.1,)),
    "states of which the loss needs one": (lorenz, first_leaf, [1.0, 2.0, 3.0], ((10.0, 28.0, 8 / 3),)),
    "single precision": (lambda x, i, w: np.sin(x) * w + x, first_leaf, np.float32(0.5), (np.float32(1.2),)),
    "single precision arrays": (lambda x, i, w: np.tanh(w * x), every_leaf, np.array([0.5, 2.0], np.float32), (np.float32(1.2),)),
    "integers": (lambda x, i, w: x * w + x, first_leaf, 1, (2,)),
    "a number of NumPy's on the way": (lambda s, i: (np.tanh(np.sum(s[1]) * s[0]), s[1] * s[0]), every_leaf, (0.7, np.array([0.2, 0.6])), ()),
    "a matrix": (lambda a, i: a @ a * 0.3 + a, every_leaf, W, ()),
    "entries chosen": (lambda x, i: np.where(x > 0.5, np.sqrt(x), x * x + 0.3), every_leaf, np.array([0.0, 0.2, 0.9]), ()),
    "an infinite slope": (lambda x, i: np.sqrt(x), first_leaf, 0.0, ()),
    "zero meets infinity": (lambda x, i: np.sqrt(x) ** 2, first_leaf, 0.0, ()),
    "zero meets infinity in an array": (lambda x, i: np.sqrt(x) * np.sqrt(x), every_leaf, np.array([0.0, 1.0]), ()),
    "an untaken root at 0": (lambda x, i: np.where(x > 0, np.sqrt(x), 0.5 * x), every_leaf, np.array([0.0, 1.0, 4.0]), ()),
    "entries left out": (lambda x, i: np.concatenate([np.sqrt(x[:2]) + 1.0, x[2:] * 2.0]), lambda x: x[0] + np.sum(x[3:]), np.array([0.0, 1.0, 2.0, 3.0]), ()),
    "a root of 0 that is left out": (lambda s, i: (s[1][0] * s[0], np.sqrt(s[1])), lambda s: s[0], (1.5, np.array([1.0, 0.0])), ()),
    "undefined": (lambda x, i: np.log(x) * x, first_leaf, 0.4, ()),
    "undefined, dropped": (lambda x, i: np.fmax(np.log(x), 0.3 * x), every_leaf, np.array([-1.0, 2.0]), ()),
    "overflow": (lambda x, i: np.exp(x), first_leaf, 1.0, ()),
    "exactly 0": (lambda x, i, w: (x - x) * w + x * 0.0, first_leaf, 0.4, (1.5,)),
    "an adjoint that is exactly 0": (lambda x, i, w: -x * w, lambda x, w: x * 0.0, 0.4, (1.5,)),
    "undefined, hidden by a power": (lambda x, i: np.log(x) ** 0.0 + x, every_leaf, np.array([-1.0, 2.0]), ()),
    "minus 0": (lambda x, i, w: -0.0 * x * w, first_leaf, 0.4, (1.5,)),
}  # fmt: skip
zoo = pytest.mark.parametrize("step, loss, state, parameters", list(ZOO.values()), ids=list(ZOO))


@zoo
@pytest.mark.parametrize("steps", [0, 1, 2, 3, 9, 14])
def test_value_and_gradient_are_those_of_one_long_trace_to_the_last_bit(step: Any, loss: Any, state: Any, parameters: Any, steps: int) -> None:
    stored = adviz.value_and_gradient(written_out(step, loss, steps))(state, *parameters)
    for way in WAYS:
        assert bits(checkpointed_gradient(step, loss, state, *parameters, steps=steps, **way)) == bits(stored), way


def test_random_programs_as_steps_have_the_bits_of_one_long_trace() -> None:
    for seed in range(40):
        program = grown(seed)
        f, point = compiled(program), tuple(program.point.values())

        def step(x: Any, i: int, f: Any = f) -> Any:
            y = f(*x)
            y = y if isinstance(y, tuple) else (y,)
            return tuple(u + 1e-4 * np.tanh(y[k % len(y)]) for k, u in enumerate(x))

        stored = adviz.value_and_gradient(written_out(step, every_leaf, 12))(point)
        for way in WAYS:
            assert bits(checkpointed_gradient(step, every_leaf, point, steps=12, **way)) == bits(stored), (seed, way)
        forget(f)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_of_the_zoo_that_is_run_again_has_the_gradient_of_the_stored_one(program: Program) -> None:
    again = scale.checkpoint(program.function)
    for point in program.points:
        stored, found = (adviz.value_and_gradient(lambda *x, f=f: every_leaf(f(*x)))(*point) for f in (program.function, again))
        close(found, stored)
        chained = checkpointed_gradient([lambda x, f=program.function: f(*x), every_leaf], lambda y: y, point, snapshots=1)
        assert bits(chained) == bits((stored[0], stored[1] if len(point) > 1 else (stored[1],)))


def test_a_chain_of_functions_may_change_the_state_s_shape_and_structure() -> None:
    chain = [
        lambda x, w: {"h": np.tanh(w @ x), "x": x}, lambda s, w: (s["h"][:2] * s["x"][0], s["h"]), lambda s, w: np.outer(s[0], s[1]),
        lambda m, w: np.sum(m @ w, axis=1), lambda v, w: v[0] * v[1],
    ]  # fmt: skip
    x = np.array([0.3, -0.2, 0.9])
    stored = adviz.value_and_gradient(written_out(chain, lambda y, w: y * y, 5))(x, W)
    for way in WAYS:
        assert bits(checkpointed_gradient(chain, lambda y, w: y * y, x, W, **way)) == bits(stored)
        assert bits(checkpointed_gradient(tuple(chain), lambda y, w: y * y, x, W, **way)) == bits(stored)


def test_with_no_parameters_the_gradient_is_the_state_s_entry_itself() -> None:
    y, x_bar = checkpointed_gradient(lambda x, i: {"a": x["a"] * 2.0}, lambda x: x["a"], {"a": 3.0}, steps=4, snapshots=2)
    assert (y, x_bar) == (48.0, {"a": 16.0})


@pytest.mark.parametrize("steps, snapshots", [(1, 1), (10, 3), (14, 3), (57, 4), (100, 99), (40, 1)])
def test_the_step_is_called_as_often_as_theory_says(steps: int, snapshots: int) -> None:
    calls = [0] * steps

    def step(x: Any, i: int) -> Any:
        calls[i] += 1
        return np.sin(x)

    checkpointed_gradient(step, lambda x: x, 0.3, steps=steps, snapshots=snapshots)
    assert sum(calls) == scale.minimal_steps(steps, snapshots) + steps
    assert max(calls) <= next(r for r in range(steps + 1) if scale.longest(snapshots, r) >= steps) + 1


def megabytes(work: Callable[[], Any]) -> float:
    """The most memory that is held at a time."""
    gc.collect()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def test_memory_is_that_of_the_snapshots_and_of_one_step() -> None:
    state = np.linspace(0.1, 1.0, 125_000)  # a megabyte

    def step(x: Any, i: int, w: Any) -> Any:
        return np.sin(x) * w

    def run(**way: Any) -> float:
        return megabytes(lambda: checkpointed_gradient(step, lambda x, w: np.sum(x), state, 1.1, steps=60, **way))

    one = run(snapshots=1)
    assert one < 16  # one step's own: values, adjoints, the state at hand, the caller's
    assert run(snapshots=5) - one < 5
    assert run(snapshots=11) - one < 11
    assert run(schedule="store-all") > 100  # two arrays a step
    assert run(schedule=scale.uniform(60, every=10)) - one < 5 + 2 * 10


def test_a_snapshot_does_not_keep_a_larger_array_alive() -> None:
    def step(x: Any, i: int) -> Any:
        wide = np.concatenate([x] * 50) * 1.01
        return wide[: len(x.shape) * 1000]

    state = np.ones(1000)
    assert megabytes(lambda: checkpointed_gradient(step, lambda x: np.sum(x), state, steps=200, snapshots=100)) < 6


def test_nothing_is_left_behind_without_waiting_for_the_garbage_collector() -> None:
    class Watched:
        pass

    def step(x: Any, i: int, w: Any) -> Any:
        watched = Watched()
        seen.append(weakref.ref(watched))
        return np.sin(x) * w + 0.0 * len([watched])

    gc.collect()
    gc.disable()
    try:
        seen: list[Any] = []
        checkpointed_gradient(step, lambda x, w: np.sum(x), np.ones(3), 1.1, steps=6, snapshots=2)
        adviz.gradient(lambda x, w: np.sum(checkpointed(step, x, w, steps=6, snapshots=2)))(np.ones(3), 1.1)
        block = checkpoint(lambda x, y: (np.sin(x) * y, x))
        tapes = []

        def f(x: Any) -> Any:
            tapes.append(weakref.ref(x.value))
            a, b = block(x, x * 2.0)
            return np.sum(a * b)

        adviz.gradient(f)(np.ones(3))
        assert seen
        assert all(ref() is None for ref in seen + tapes)
    finally:
        gc.enable()


class Broken(Exception):
    pass


def broken_in_step_7(x: Any, i: int) -> Any:
    if i == 7:
        raise Broken("at seven")
    return np.sin(x)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_an_exception_passes_through_with_a_note_of_the_step(way: dict[str, Any]) -> None:
    for call in (
        lambda: checkpointed_gradient(broken_in_step_7, lambda x: x, 0.3, steps=20, **way),
        lambda: adviz.gradient(lambda x: checkpointed(broken_in_step_7, x, steps=20, **way))(0.3),
    ):
        with pytest.raises(Broken, match="at seven") as caught:
            call()
        assert "step 7" in "".join(traceback.format_exception(caught.value))
        assert checkpointed_gradient(lambda x, i: x * 2.0, lambda x: x, 0.5, steps=3, snapshots=2) == (4.0, 8.0)


def test_an_exception_in_the_reverse_sweep_passes_through_as_well() -> None:
    calls = []

    def tired(x: Any, i: int) -> Any:
        calls.append(i)
        if calls.count(i) == 3:
            raise KeyboardInterrupt
        return np.sin(x)

    with pytest.raises(KeyboardInterrupt):
        checkpointed_gradient(tired, lambda x: x, 0.3, steps=20, snapshots=2)
    assert adviz.gradient(lambda x, y: x * y)(3.0, 4.0) == (4.0, 3.0)


def test_a_loop_may_end_by_stop_iteration() -> None:
    def step(x: Any, i: int, w: Any) -> Any:
        if x > 20:
            raise StopIteration
        return x * w + i

    def whole(x: Any, w: Any) -> Any:
        i = 0
        while not x > 20:
            x, i = x * w + i, i + 1
        return x * x

    stored = adviz.value_and_gradient(whole)(0.5, 1.3)
    for way in WAYS:
        for steps in (None, 1000, 9):
            assert bits(checkpointed_gradient(step, lambda x, w: x * x, 0.5, 1.3, steps=steps, **way)) == bits(stored)
            assert bits(adviz.value_and_gradient(lambda x, w: checkpointed(step, x, w, steps=steps, **way) ** 2)(0.5, 1.3)[1]) == bits(stored[1])
    few = adviz.value_and_gradient(written_out(step, lambda x, w: x * x, 3))(0.5, 1.3)
    assert checkpointed_gradient(step, lambda x, w: x * x, 0.5, 1.3, steps=3, snapshots=2) == few
    with pytest.raises(StopIteration):
        step(21.0, 0, 1.0)


def test_a_loop_may_end_by_a_condition() -> None:
    def newton(s: Any, i: int, a: Any) -> Any:
        return (s[0] + a / s[0]) / 2, s[0]

    def whole(s: Any, a: Any) -> Any:
        while not abs(s[0] - s[1]) < 1e-9:
            s = newton(s, 0, a)
        return s[0]

    stored = adviz.value_and_gradient(whole)((1.0, 0.0), 2.0)
    def until(s):
        return abs(s[0] - s[1]) < 1e-9
    assert stored[0] == pytest.approx(2**0.5)
    for way in WAYS:
        assert bits(checkpointed_gradient(newton, lambda s, a: s[0], (1.0, 0.0), 2.0, until=until, **way)) == bits(stored)
        assert adviz.gradient(lambda a: checkpointed(newton, (1.0, 0.0), a, until=until, **way)[0])(2.0) == pytest.approx(stored[1][1])
    assert checkpointed(newton, (1.0, 0.0), 2.0, until=until, snapshots=2)[0] == pytest.approx(2**0.5)
    assert checkpointed_gradient(newton, lambda s, a: s[0], (1.0, 0.0), 2.0, until=until, steps=1, snapshots=1)[0] == 1.5
    assert checkpointed_gradient(lambda x, i: x * 2.0, lambda x: x, 3.0, until=lambda x: True, snapshots=1) == (3.0, 1.0)


def test_a_condition_sees_plain_arrays_that_it_may_change() -> None:
    def until(x: Any) -> bool:
        assert type(x) is np.ndarray
        x[0] += 100.0
        return bool(x[1] > 5.0)

    y, x_bar = checkpointed_gradient(lambda x, i: x * 2.0, lambda x: np.sum(x), np.array([1.0, 1.0]), until=until, snapshots=2)
    assert (y, x_bar.tolist()) == (16.0, [8.0, 8.0])


def test_an_endless_loop_ends_by_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    from adviz.scale import stretches

    monkeypatch.setattr(stretches, "LARGEST", 500)
    with pytest.raises(adviz.BudgetError, match=r"500 times.*steps="):
        checkpointed_gradient(lambda x, i: x * 1.0, lambda x: x, 1.0, snapshots=2)


def counting(x: Any, i: int) -> Any:
    counting.calls += 1  # type: ignore[attr-defined]
    return x * (1.0 + counting.calls)  # type: ignore[attr-defined]


def drawing(x: Any, i: int) -> Any:
    return x * random.random()


def drawing_entries(x: Any, i: int) -> Any:
    return x * np.random.random(3)


def ending_sometimes(x: Any, i: int) -> Any:
    counting.calls += 1  # type: ignore[attr-defined]
    if counting.calls == 9:  # type: ignore[attr-defined]
        raise StopIteration
    return np.sin(x)


@pytest.mark.parametrize("step, state", [(counting, 1.0), (drawing, 1.0), (drawing_entries, np.ones(3)), (ending_sometimes, 1.0)])
@pytest.mark.parametrize("way", [{"snapshots": 2}, {"snapshots": 2, "schedule": "uniform"}, {"schedule": "recompute-all"}], ids=str)
def test_a_step_that_computes_something_else_the_second_time_is_refused(step: Any, state: Any, way: dict[str, Any]) -> None:
    for call in (
        lambda: checkpointed_gradient(step, lambda x: np.sum(x), state, steps=8, **way),
        lambda: adviz.gradient(lambda x: np.sum(checkpointed(step, x, steps=8, **way)))(state),
    ):
        counting.calls = 0  # type: ignore[attr-defined]
        if step is ending_sometimes and way.get("schedule") == "uniform":
            continue  # may end before anything is run again
        with pytest.raises(adviz.OutputError, match=rf"{step.__name__} computed something else .*run again"):
            call()


@pytest.mark.parametrize("f", [counting, drawing, ending_sometimes])
def test_a_function_that_computes_something_else_the_second_time_has_no_tangent_either(f: Any) -> None:
    counting.calls = 0  # type: ignore[attr-defined]
    with pytest.raises(adviz.OutputError, match="computed something else"):
        adviz.jvp(lambda x: checkpointed(f, x, steps=5, snapshots=2), (0.7,), (1.0,))


def test_a_function_that_is_run_again_must_compute_the_same() -> None:
    for f in (lambda x: drawing(x, 0), lambda x: (drawing(x, 0), x * 2.0)):
        with pytest.raises(adviz.OutputError, match="computed something else"):
            adviz.gradient(lambda x, f=f: sum(flatten_values(checkpoint(f)(x))))(0.7)


def flatten_values(u: Any) -> list[Any]:
    return [leaf for _, leaf in flatten(u)[0]]


def test_derivatives_of_the_gradient_are_those_of_the_stored_one() -> None:
    step, loss, state, parameters = lorenz, every_leaf, [1.0, 2.0, 3.0], ((10.0, 28.0, 8 / 3),)
    whole = written_out(step, loss, 9)
    point, direction = (state, *parameters), ([1.0, -0.5, 0.2], (0.3, 0.1, -0.2))
    stored = adviz.jvp(adviz.gradient(whole), point, direction)
    for way in WAYS:
        here = adviz.jvp(lambda *x: checkpointed_gradient(step, loss, *x, steps=9, **way)[1], point, direction)
        assert bits(here) == bits(stored)
    # reverse over reverse: a state that was computed twice receives in two parts, which rounds otherwise
    def weighted(g):
        return g[0][0] * 2.0 + g[1][2]
    stored = adviz.gradient(lambda *x: weighted(adviz.gradient(whole)(*x)))(*point)
    here = adviz.gradient(lambda *x: weighted(checkpointed_gradient(step, loss, *x, steps=9, snapshots=2)[1]))(*point)
    close(here, stored)


def test_a_gradient_of_arrays_can_be_differentiated_again() -> None:
    p = {"W": W, "b": np.ones(3)}
    def loss(h, p):
        return np.sum(h * h)
    whole = written_out(network, loss, 6)
    h, r = np.array([0.1, -0.4, 0.8]), np.array([1.0, 0.5, -0.3])
    stored = adviz.hvp(lambda h: whole(h, p), (h,), (r,))
    here = adviz.jvp(lambda h: checkpointed_gradient(network, loss, h, p, steps=6, snapshots=2)[1][0], (h,), (r,))[1]
    assert bits(here) == bits(stored)


def test_a_hessian_vector_product_in_little_memory_takes_the_pair_as_state() -> None:
    def pair_step(pair: Any, i: int) -> Any:
        return adviz.jvp(lambda s: lorenz(s, i, (10.0, 28.0, 8 / 3)), (pair[0],), (pair[1],))

    def slope(pair: Any) -> Any:
        return adviz.jvp(every_leaf, (pair[0],), (pair[1],))[1]

    x, r = [1.0, 2.0, 3.0], [1.0, -0.5, 0.2]
    whole = written_out(lambda s, i: lorenz(s, i, (10.0, 28.0, 8 / 3)), every_leaf, 20)
    expected = adviz.hvp(whole, (x,), (r,))
    _, (h, _) = checkpointed_gradient(pair_step, slope, (x, r), steps=20, snapshots=3)
    assert h == pytest.approx(expected, rel=1e-12)


def test_a_traced_number_from_outside_keeps_its_derivative() -> None:
    def f(w: Any) -> Any:
        return checkpointed_gradient(lambda x, i: np.sin(w * x), lambda x: x * w, 0.4, steps=5, snapshots=2)[1]

    def stored(w: Any) -> Any:
        return adviz.gradient(written_out(lambda x, i: np.sin(w * x), lambda x: x * w, 5))(0.4)

    assert adviz.derivative(f)(1.2) == adviz.derivative(stored)(1.2)
    assert adviz.gradient(f)(1.2) == pytest.approx(adviz.gradient(stored)(1.2), rel=1e-14)


# what cannot be used
@pytest.mark.parametrize(
    "error, words, call",
    [
        (adviz.BudgetError, "snapshots=1", lambda s, l: checkpointed_gradient(s, l, 1.0, steps=3, snapshots=0)),
        (adviz.InputError, "How many states", lambda s, l: checkpointed_gradient(s, l, 1.0, steps=3)),
        (adviz.InputError, "whole number of steps", lambda s, l: checkpointed_gradient(s, l, 1.0, steps=-3, snapshots=2)),
        (adviz.InputError, "whole number of steps", lambda s, l: checkpointed_gradient(s, l, 1.0, steps=3.0, snapshots=2)),
        (adviz.InputError, "snapshots is 2.5", lambda s, l: checkpointed_gradient(s, l, 1.0, steps=3, snapshots=2.5)),
        (adviz.InputError, "store-all", lambda s, l: checkpointed_gradient(s, l, 1.0, steps=3, snapshots=2, schedule="revolve")),
        (adviz.InputError, "for 5 steps", lambda s, l: checkpointed_gradient(s, l, 1.0, steps=3, schedule=scale.binomial(5, 2))),
        (adviz.InputError, "state is a string|is the text", lambda s, l: checkpointed_gradient(s, l, "1.0", steps=3, snapshots=2)),
        (adviz.InputError, "no number", lambda s, l: checkpointed_gradient(s, l, [], steps=3, snapshots=2)),
        (adviz.InputError, "cannot be called with", lambda s, l: checkpointed_gradient(s, l, 1.0, 2.0, steps=3, snapshots=2)),
        (adviz.InputError, "cannot be called with", lambda s, l: checkpointed_gradient(s, lambda x, w: x, 1.0, steps=3, snapshots=2)),
        (adviz.InputError, "Python function", lambda s, l: checkpointed_gradient(3, l, 1.0, steps=3, snapshots=2)),
        (adviz.InputError, "Python function", lambda s, l: checkpoint(3)),
        (adviz.InputError, "list of functions", lambda s, l: checkpointed_gradient([], l, 1.0, snapshots=2)),
        (adviz.InputError, "list of functions", lambda s, l: checkpointed_gradient([np.sin, 3], l, 1.0, snapshots=2)),
        (adviz.InputError, "2 functions", lambda s, l: checkpointed_gradient([np.sin, np.cos], l, 1.0, steps=3, snapshots=2)),
        (adviz.OutputError, "one number", lambda s, l: checkpointed_gradient(lambda x, i: x * 2, lambda x: x, np.ones(3), steps=3, snapshots=2)),
        (adviz.OutputError, "one number", lambda s, l: checkpointed_gradient(s, lambda x: (x, x), 1.0, steps=3, snapshots=2)),
        (adviz.OutputError, "None", lambda s, l: checkpointed_gradient(s, lambda x: None, 1.0, steps=3, snapshots=2)),
        (adviz.OutputError, "NoneType in step 0", lambda s, l: checkpointed_gradient(lambda x, i: None, l, 1.0, steps=3, snapshots=2)),
        (adviz.OutputError, "tuple of 2 in step 0.*a number or an array", lambda s, l: checkpointed_gradient(lambda x, i: (x, x), l, 1.0, steps=3, snapshots=2)),
        (adviz.OutputError, "list of 2.*tuple of 2", lambda s, l: checkpointed_gradient(lambda x, i: [x[0], x[1]], l, (1.0, 2.0), steps=3, snapshots=2)),
        (adviz.OutputError, "dict of 1.*dict of 2", lambda s, l: checkpointed_gradient(lambda x, i: {"a": x["a"]}, l, {"a": 1.0, "b": 2.0}, steps=3, snapshots=2)),
        (adviz.OutputError, r"shape \(2,\) in step 1 .*\(3,\)", lambda s, l: checkpointed_gradient(lambda x, i: x[i:], l, np.ones(3), steps=3, snapshots=2)),
        (adviz.OutputError, r"shape \(\) in step 0 .*\(3,\)", lambda s, l: checkpointed_gradient(lambda x, i: np.sum(x), l, np.ones(3), steps=3, snapshots=2)),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_in_words(error: type[Exception], words: str, call: Callable[..., Any]) -> None:
    with pytest.raises(error, match=words):
        call(lambda x, i: np.sin(x), lambda x: x)


def test_bad_arguments_are_refused_before_the_first_step() -> None:
    def step(x: Any, i: int) -> Any:
        raise AssertionError("was called")

    for way in ({"snapshots": 0}, {}, {"snapshots": 1, "schedule": "none"}):
        with pytest.raises(adviz.AdvizError):
            checkpointed_gradient(step, lambda x: x, 1.0, steps=3, **way)
        with pytest.raises(adviz.AdvizError):
            adviz.gradient(lambda x: checkpointed(step, x, steps=3, **way))(1.0)


def test_a_dict_may_be_returned_in_another_order() -> None:
    def step(s: Any, i: int) -> Any:
        return {"v": s["v"] * 0.5, "x": s["x"] + s["v"]}

    def loss(s):
        return s["x"] * s["x"]
    stored = adviz.value_and_gradient(written_out(step, loss, 5))({"x": 1.0, "v": 2.0})
    assert bits(checkpointed_gradient(step, loss, {"x": 1.0, "v": 2.0}, steps=5, snapshots=2)) == bits(stored)


# a loop, or any function, as one line of a larger program
@zoo
def test_a_loop_as_one_line_has_the_derivatives_of_the_loop_written_out(step: Any, loss: Any, state: Any, parameters: Any) -> None:
    stored = adviz.value_and_gradient(written_out(step, loss, 7))(state, *parameters)
    for way in WAYS:
        f = lambda state, *parameters: loss(checkpointed(step, state, *parameters, steps=7, **way), *parameters)  # noqa: E731
        close(adviz.value_and_gradient(f)(state, *parameters), stored)


def close(found: Any, expected: Any) -> None:
    """Equal to rounding, entry by entry; the same structure, types and shapes."""
    a, b = flatten(found), flatten(expected)
    assert a[1] == b[1]
    for (name, u), (_, v) in zip(a[0], b[0], strict=True):
        assert (np.shape(u), getattr(u, "dtype", None)) == (np.shape(v), getattr(v, "dtype", None)), name
        tolerance = 1e-4 if getattr(v, "dtype", None) == np.float32 else 1e-11
        np.testing.assert_allclose(u, v, rtol=tolerance, atol=1e-13, err_msg=name)


def halves(u: Any) -> Any:
    """A direction in the structure of u."""
    leaves, tree = flatten(u)
    return rebuild(tree, [np.asarray(np.cos(x) * 0.5, getattr(x, "dtype", float))[()] for _, x in leaves])


@zoo
def test_a_loop_as_one_line_has_its_tangents(step: Any, loss: Any, state: Any, parameters: Any) -> None:
    point = (state, *parameters)
    whole = written_out(step, loss, 7)
    f = lambda state, *parameters: loss(checkpointed(step, state, *parameters, steps=7, snapshots=2), *parameters)  # noqa: E731
    stored, here = (adviz.jvp(g, point, halves(point)) for g in (whole, f))
    is_single = any(getattr(u, "dtype", None) == np.float32 for _, u in flatten(point)[0])
    np.testing.assert_allclose(np.array(here, float), np.array(stored, float), rtol=1e-4 if is_single else 1e-11, atol=1e-13)


MODES = ["forward-over-reverse", "reverse-over-forward", "forward-over-forward", "reverse-over-reverse"]


@pytest.mark.parametrize("mode", MODES)
def test_a_loop_as_one_line_can_be_differentiated_twice(mode: str) -> None:
    whole = written_out(branching, first_leaf, 8)
    f = lambda x, a: checkpointed(branching, x, a, steps=8, snapshots=3)  # noqa: E731
    np.testing.assert_allclose(adviz.hessian(f, mode=mode)(0.4, 0.8), adviz.hessian(whole, mode=mode)(0.4, 0.8), rtol=1e-11)
    whole = written_out(network, lambda h, p: np.sum(h * h), 3)
    f = lambda h: np.sum(checkpointed(network, h, {"W": W, "b": np.ones(3)}, steps=3, snapshots=1) ** 2)  # noqa: E731
    expected = adviz.hessian(lambda h: whole(h, {"W": W, "b": np.ones(3)}), mode=mode)(np.array([0.1, -0.4, 0.8]))
    np.testing.assert_allclose(adviz.hessian(f, mode=mode)(np.array([0.1, -0.4, 0.8])), expected, rtol=1e-11, atol=1e-14)


def rotate(x: Any, y: Any, by: Any = 0.3, *, names: Any = ("a", "b")) -> Any:
    c, s = np.cos(by * x), np.sin(by * x)
    return {names[0]: c * y[0] - s * y[1], names[1]: [s * y[0] + c * y[1], y[0]], "count": 3}


def test_a_function_keeps_its_arguments_only_and_has_its_results_as_they_are() -> None:
    kept = checkpoint(rotate)

    def f(x: Any, y: Any, r: Callable[..., Any] = rotate) -> Any:
        found = r(x, [y * x, y], names=("u", "v"))
        assert list(found) == ["u", "v", "count"]
        assert found["count"] == 3
        return np.sum(np.sum(found["u"] * found["v"][0]) + np.sum(found["v"][1]) * x)

    for point in ((0.4, 1.5), (np.float32(0.4), np.float32(1.5)), (0.4, np.array([[1.5, 0.2], [0.1, -1.0]])), (np.array([0.1, 2.0]), np.array([[1.0], [2.0]]))):
        close(adviz.value_and_gradient(lambda x, y: f(x, y, kept))(*point), adviz.value_and_gradient(f)(*point))
    t, stored = adviz.trace(lambda x, y: f(x, y, kept), 0.4, 1.5), adviz.trace(f, 0.4, 1.5)
    assert [a.row.name for a in t.assignments] == ["multiply", "checkpoint", "index", "index", "index", "multiply", "sum", "sum", "multiply", "add", "sum"]
    assert bits(t.value) == bits(stored.value)
    assert {type(a.value) for a in t.assignments if a.row.name == "index"} == {float}
    assert kept(0.4, [1.0, 2.0]) == rotate(0.4, [1.0, 2.0])
    assert kept.__name__ == "rotate"


def test_results_of_different_precision_keep_theirs() -> None:
    def mixed(x: Any, w: Any) -> Any:
        return np.sin(x) * x, w * 2.0, np.sum(w) * 1.5

    x, w = np.array([0.5, 1.5], np.float32), np.array([[0.1, 0.2]])
    for r in (mixed, checkpoint(mixed)):
        y = adviz.trace(r, x, w).value
        assert [u.dtype for u in y] == [np.float32, np.float64, np.float64]
    def total(r):
        return lambda x, w: sum(np.sum(u * u) for u in r(x, w))
    close(adviz.gradient(total(checkpoint(mixed)))(x, w), adviz.gradient(total(mixed))(x, w))


def test_a_sweep_runs_the_function_once_more_however_many_operands_it_has() -> None:
    calls = []

    def f(*x: Any) -> Any:
        calls.append(None)
        return np.sin(x[0] * x[1]) + x[2] * x[3]

    kept = checkpoint(f)
    run = adviz.vjp(lambda *x: kept(*x) * 2.0, (0.1, 0.2, 0.3, 0.4))
    assert len(calls) == 1
    first = run[1](1.0)
    assert len(calls) == 2
    lines = adviz.trace(lambda *x: kept(*x) * 2.0, 0.1, 0.2, 0.3, 0.4)
    for _ in range(2):
        assert adviz.reverse(lines).result == first
        assert lines.assignments[0].row.adjoint.__self__.kept is None  # nothing is held between sweeps
    assert run[1](1.0) == first == adviz.vjp(lambda *x: f(*x) * 2.0, (0.1, 0.2, 0.3, 0.4))[1](1.0)


def test_blocks_of_a_long_program_need_the_memory_of_one() -> None:
    def block(x: Any) -> Any:
        for _ in range(10):
            x = np.sin(x) * 1.1
        return x

    def program(part: Callable[..., Any]) -> Callable[..., Any]:
        def f(x: Any) -> Any:
            for _ in range(10):
                x = part(x)
            return np.sum(x)

        return f

    x = np.linspace(0.1, 1.0, 125_000)  # a megabyte
    assert bits(adviz.gradient(program(checkpoint(block)))(x)) == bits(adviz.gradient(program(block))(x))
    stored, kept = (megabytes(lambda: adviz.gradient(program(part))(x)) for part in (block, checkpoint(block)))
    assert stored > 200  # two arrays a line
    assert kept < 10 + 2 * 20 + 15  # what the blocks keep; values and adjoints of one block


def test_checkpoints_nest() -> None:
    inner = checkpoint(lambda x: np.tanh(np.sin(x) * x))
    outer = checkpoint(lambda x, y: inner(inner(x) * y))
    def plainly(x, y):
        return (lambda u: np.tanh(np.sin(u) * u))(np.tanh(np.sin(x) * x) * y)
    assert adviz.gradient(outer)(0.4, 0.9) == adviz.gradient(plainly)(0.4, 0.9)
    np.testing.assert_allclose(adviz.hessian(outer)(0.4, 0.9), adviz.hessian(plainly)(0.4, 0.9), rtol=1e-12)
    third = [adviz.derivative(adviz.derivative(adviz.derivative(lambda x: g(x, 0.9))))(0.4) for g in (outer, plainly)]
    assert third[0] == pytest.approx(third[1], rel=1e-11)


def test_outputs_that_are_inputs_or_constants_pass_through() -> None:
    kept = checkpoint(lambda x, y: (y, 2.0, x * y, x))
    t = adviz.trace(lambda x, y: kept(x, y), 3.0, 4.0)
    assert t.value == (4.0, 2.0, 12.0, 3.0)
    assert adviz.jacobian(lambda x, y: kept(x, y))(3.0, 4.0).tolist() == [[0.0, 1.0], [0.0, 0.0], [4.0, 3.0], [1.0, 0.0]]
    assert adviz.gradient(checkpoint(lambda x: 7.0))(3.0) == 0.0
    w = 5.0
    assert adviz.gradient(lambda x, w: checkpoint(lambda x: (x * 2.0, w))(x)[1] * x)(3.0, w) == (5.0, 3.0)


def test_a_structural_zero_meets_no_infinity_in_a_line_that_is_run_again() -> None:
    kept = checkpoint(lambda x: (np.sqrt(x), x * 2.0))
    assert adviz.gradient(lambda x: kept(x)[1])(0.0) == 2.0
    assert adviz.gradient(lambda x: kept(x)[0])(0.0) == np.inf
    entries = checkpoint(lambda x: np.sqrt(x))
    found = adviz.gradient(lambda x: entries(x)[1])(np.array([0.0, 4.0]))
    assert found.tolist() == [0.0, 0.25]


def test_a_traced_value_from_outside_is_refused() -> None:
    def f(x: Any, w: Any) -> Any:
        return checkpoint(lambda x: np.sin(x * w))(x)

    for call in (lambda: adviz.gradient(f)(1.0, 2.0), lambda: adviz.jvp(f, (1.0, 2.0), (1.0, 1.0)), lambda: adviz.hessian(f)(1.0, 2.0)):
        with pytest.raises(adviz.UnsupportedError, match=r"from outside.*Pass it"):
            call()
    with pytest.raises(adviz.UnsupportedError, match="from outside"):
        adviz.gradient(lambda x, w: checkpointed(lambda x, i: x * w, x, steps=3, snapshots=2))(1.0, 2.0)
    # of an outer derivative it is a constant here, and loses nothing
    def g(w):
        return adviz.gradient(lambda x: checkpoint(lambda x: np.sin(x * w))(x))(1.0)
    assert adviz.derivative(g)(2.0) == adviz.derivative(lambda w: adviz.gradient(lambda x: np.sin(x * w))(1.0))(2.0)
    # with nothing traced among its arguments it is the function itself
    assert adviz.derivative(lambda w: checkpoint(lambda x: np.sin(x * w))(1.5))(2.0) == adviz.derivative(lambda w: np.sin(1.5 * w))(2.0)


def test_an_array_that_is_changed_afterwards_is_used_as_it_was() -> None:
    c = np.array([1.0, 2.0])

    def f(x: Any) -> Any:
        y = checkpoint(lambda x, c: np.sum(x * c))(x, c)
        c[:] = 0.0
        return y

    assert adviz.gradient(f)(np.ones(2)).tolist() == [1.0, 2.0]


def test_a_trace_with_such_a_line_can_be_looked_at(tmp_path: Path) -> None:
    t = adviz.trace(lambda x, y: np.sum(checkpointed(lambda s, i, y: (s[0] * y, s[1] + s[0]), (x, y), y, steps=4, snapshots=2)[1]), 0.3, 1.2)
    assert "checkpoint" in str(t)
    for show in (adviz.reverse(t), adviz.forward(t, seed=(1.0, 0.0))):
        assert "checkpoint" in str(show)
        assert "↻" in show.to_svg()
        assert "run again" in show.to_html()
        show.to_json(tmp_path / "t.json")
        assert adviz.load(tmp_path / "t.json") is not None
    steps = list(adviz.reverse_sweep(t, (1.0,)))
    assert adviz.reverse(t).result == adviz.gradient(lambda x, y: written_out(lambda s, i, y: (s[0] * y, s[1] + s[0]), lambda s, y: s[1], 4)((x, y), y))(0.3, 1.2)
    assert len(steps) > 4


def test_taylor_coefficients_through_such_a_line_are_refused_in_words() -> None:
    with pytest.raises(adviz.UnsupportedError, match="checkpoint"):
        adviz.taylor(checkpoint(np.sin), 0.3, 3)


def test_sweeps_in_four_threads_are_right() -> None:
    kept = checkpoint(lambda x, y: (np.sin(x) * y, x * y))
    def f(x, y):
        return sum(kept(x, y))
    _, pullback = adviz.vjp(f, (0.4, 0.9))
    expected = pullback(1.0)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda k: tuple(u / k for u in pullback(float(k))), [1, 2, 4, 8] * 50))
    assert found == [expected] * 200
