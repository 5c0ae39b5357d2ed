"""Gradients of loops from checkpoints: the same as over one long trace to the last bit, in little memory, or refused in words."""

from __future__ import annotations

import gc
import random
import tracemalloc
import traceback
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import adviz
from adviz import scale
from adviz.scale import checkpoint, checkpointed, checkpointed_gradient
from adviz.structural import plain
from adviz.trees import flatten
from tests.program_text import compiled, forget
from tests.random_programs import grown

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
    until = lambda s: abs(s[0] - s[1]) < 1e-9
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
    return x * np.random.random(3)  # noqa: NPY002 - what learners write


def sometimes_the_same_variable(s: Any, i: int) -> Any:
    counting.calls += 1  # type: ignore[attr-defined]
    return (s[0] * 1.0, s[1]) if counting.calls % 2 else (s[0], s[1])  # type: ignore[attr-defined]


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


def test_derivatives_of_the_gradient_are_those_of_the_stored_one() -> None:
    step, loss, state, parameters = lorenz, every_leaf, [1.0, 2.0, 3.0], ((10.0, 28.0, 8 / 3),)
    whole = written_out(step, loss, 9)
    point, direction = (state, *parameters), ([1.0, -0.5, 0.2], (0.3, 0.1, -0.2))
    stored = adviz.jvp(adviz.gradient(whole), point, direction)
    for way in WAYS:
        here = adviz.jvp(lambda *x: checkpointed_gradient(step, loss, *x, steps=9, **way)[1], point, direction)
        assert bits(here) == bits(stored)
    # reverse over reverse: a state that was computed twice receives in two parts, which rounds otherwise
    weighted = lambda g: g[0][0] * 2.0 + g[1][2]
    stored = adviz.gradient(lambda *x: weighted(adviz.gradient(whole)(*x)))(*point)
    here = adviz.gradient(lambda *x: weighted(checkpointed_gradient(step, loss, *x, steps=9, snapshots=2)[1]))(*point)
    close(here, stored)


def test_a_gradient_of_arrays_can_be_differentiated_again() -> None:
    p = {"W": W, "b": np.ones(3)}
    loss = lambda h, p: np.sum(h * h)
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

    loss = lambda s: s["x"] * s["x"]
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
