"""Memory that serves again: large arrays are written where others stood, and nobody who still sees one notices."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from itertools import count
from typing import Any

import numpy as np
import pytest

import adviz
from adviz import memory
from adviz.memory import LARGE, Memory

serving = pytest.mark.skipif(not memory.COUNTED, reason="this Python does not count who holds an array: memory does not serve again there")
N = LARGE // 8 + 1
X = np.linspace(0.5, 1.5, N)


def rosenbrock(x: Any) -> Any:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def by_hand(x: np.ndarray) -> np.ndarray:
    g = np.zeros(x.shape)
    g[:-1] = -400.0 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2.0 * (1.0 - x[:-1])
    g[1:] += 200.0 * (x[1:] - x[:-1] ** 2)
    return g


def read_only(a: np.ndarray) -> np.ndarray:
    a.flags.writeable = False
    return a


def taken(gradient: Any, *arguments: Any) -> list[int]:
    """The addresses that one more call of a gradient function takes from its memory."""
    addresses: list[int] = []
    take = Memory._take

    def spy(self: Memory, shape: tuple[int, ...]) -> np.ndarray:
        array = take(self, shape)
        addresses.append(array.__array_interface__["data"][0])
        return array

    Memory._take = spy  # type: ignore[method-assign]
    try:
        gradient(*arguments)
    finally:
        Memory._take = take  # type: ignore[method-assign]
    return addresses


@serving
def test_a_second_call_writes_where_the_first_one_did() -> None:
    gradient = adviz.gradient(rosenbrock)
    first, second, third = (set(taken(gradient, X)) for _ in range(3))
    assert len(first) >= 7
    assert len(second & third) >= len(second) - 1


@serving
def test_memory_serves_again_after_arrays_of_another_shape_and_after_a_run_that_failed() -> None:
    def f(x: Any) -> Any:
        y = rosenbrock(x)
        return y if x.size != N + 5 else y / None

    gradient = adviz.gradient(f)
    for point in (np.linspace(0.5, 1.5, 2 * N), X):
        for _ in range(3):
            with pytest.raises(TypeError):
                gradient(np.ones(N + 5))
        gradient(point)
        second, third = (set(taken(gradient, point)) for _ in range(2))
        assert len(second & third) >= len(second) - 1


def test_memory_of_a_shape_that_is_needed_no_more_is_given_back() -> None:
    own = Memory()
    for shape in ((N,), (N + 1,)):
        own.release_all([None, *((None, None, None, own._take(shape)) for _ in range(3))], [own._take(shape)])
        assert set(own._free) <= {shape}
        assert own._size == sum(a.nbytes for free in own._free.values() for a in free)


@pytest.mark.parametrize("n", [3, N])
def test_an_argument_that_changes_while_the_function_runs_is_used_as_it_was(n: int) -> None:
    x = np.linspace(0.5, 1.5, n)
    before = x.copy()

    def f(u: Any) -> Any:
        y = u[1:] * u[:-1]
        x[:] = 7.0
        return np.sum(y) + np.sum(u * u)

    given = adviz.gradient(f)(x)
    expected = 2.0 * before
    expected[:-1] += before[1:]
    expected[1:] += before[:-1]
    assert np.allclose(given, expected, rtol=1e-15)
    assert np.all(x == 7.0)


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_large_matrix_is_read_in_its_order(order: Any) -> None:
    x = np.asarray(np.sin(np.arange(4.0 * N)).reshape(4, N), order=order)
    g = adviz.gradient(lambda a: np.sum(np.exp(a) * np.sum(a)))
    g(x)
    assert np.array_equal(g(x), adviz.vjp(lambda a: np.sum(np.exp(a) * np.sum(a)), (x,))[1](1.0)[0])


def test_small_arrays_take_no_part() -> None:
    assert taken(adviz.gradient(rosenbrock), X[:100]) == []


@pytest.mark.parametrize("n", [3, N - 1, N, N + 1, 3 * N])
def test_the_gradient_is_the_same_however_often_it_is_asked_for(n: int) -> None:
    gradient = adviz.value_and_gradient(rosenbrock)
    for factor in (1.0, 2.0, -1.0):
        x = factor * np.linspace(0.5, 1.5, n)
        once = adviz.value_and_gradient(rosenbrock)(x)
        again = gradient(x)
        assert again[0] == once[0]
        assert np.array_equal(again[1], once[1])
        assert np.allclose(again[1], by_hand(x), rtol=1e-12, atol=1e-12)


def test_a_gradient_that_was_handed_out_stays_as_it_is() -> None:
    gradient = adviz.gradient(lambda x: np.sum(x**2 - np.exp(x) * x))
    given = [gradient(k * X) for k in range(4)]
    kept = [g.copy() for g in given]
    gradient(7 * X)
    assert all(np.array_equal(g, k) for g, k in zip(given, kept, strict=True))
    assert len({g.__array_interface__["data"][0] for g in given}) == 4


def test_what_a_learner_looked_at_stays_as_it_is() -> None:
    seen: list[Any] = []

    def f(x: Any) -> Any:
        y = x * 2.0
        seen.extend([adviz.value(y), adviz.stop_gradient(y), y])
        return np.sum(y * y)

    gradient = adviz.gradient(f)
    gradient(X)
    plain, stopped, traced = seen
    gradient(3 * X)
    for looked_at in (plain, stopped, traced.value):
        assert np.array_equal(looked_at, 2.0 * X)


def test_a_view_of_an_intermediate_array_keeps_it_alive() -> None:
    views: list[np.ndarray] = []

    def f(x: Any) -> Any:
        y = x * 2.0
        views.append(y.value[::3])
        return np.sum(y * y)

    gradient = adviz.gradient(f)
    gradient(X)
    gradient(5 * X)
    assert np.array_equal(views[0], (2.0 * X)[::3])


def test_the_argument_is_read_and_never_written() -> None:
    x = X.copy()
    x.flags.writeable = False
    (a, b) = adviz.gradient(lambda x, y: np.sum(x * y) + np.sum(x))(x, x)
    assert np.array_equal(x, X)
    assert np.array_equal(a, X + 1.0)
    assert np.array_equal(b, X)
    assert not np.shares_memory(a, x)
    assert not np.shares_memory(b, x)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(x),
        lambda x: np.mean(x + x),
        lambda x: np.sum(x - x * 0.5) + np.sum(-x),
        lambda x: np.sum(x * x * x),
        lambda x: np.sum(x**3 + x**0.5 + x**-1.0 + x**1.0 + 2.0**x),
        lambda x: np.sum(np.tanh(x) / (1.0 + np.exp(-x))),
        lambda x: np.sum(x[::2]) * x[3] + np.sum(x[1:] * x[:-1]),
        lambda x: np.sum((x.reshape(-1, 1) @ np.ones((1, 2))) ** 2),
        lambda x: np.mean(np.where(x > 1.0, x * x, -x)),
        lambda x: np.sum(np.maximum(x, 1.0) + np.abs(x - 1.0)),
        lambda x: np.sum((x + np.ones(N)) * np.arange(N)),
        lambda x: np.sum(np.stack([x, x * x]) ** 2),
        lambda x: np.log(np.sum(np.exp(x - 1.0))),
        lambda x: np.sum(x * 0.0 + 1.0 / (x - x[0])),  # 0 · ∞: the careful sweep has to say so
    ],
)
def test_large_arrays_have_the_bits_of_small_ones(f: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    gradient = adviz.value_and_gradient(f)
    gradient(2 * X)
    value, x_bar = gradient(X)
    monkeypatch.setattr("adviz.running.LARGE", 10**12)
    expected, by_calls = adviz.value_and_gradient(f)(X)
    assert np.array_equal(value, expected, equal_nan=True)
    assert np.array_equal(x_bar, by_calls, equal_nan=True)
    with np.errstate(all="ignore"):
        stepped = adviz.reverse(f, X).result[0]
    assert np.array_equal(x_bar, stepped, equal_nan=True)


def test_several_threads_may_share_a_gradient_function() -> None:
    gradient, wrong = adviz.gradient(rosenbrock), []

    def work(factor: float) -> None:
        for _ in range(10):
            if not np.array_equal(gradient(factor * X), expected[factor]):
                wrong.append(factor)

    expected = {factor: adviz.gradient(rosenbrock)(factor * X) for factor in (1.0, 2.0, 3.0)}
    threads = [threading.Thread(target=work, args=(factor,)) for factor in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_gradient_function_may_be_called_inside_itself() -> None:
    gradient = adviz.gradient(lambda x: np.sum(x**2))

    def f(x: Any) -> Any:
        return np.sum(gradient(X) * x * gradient(x))

    for _ in range(2):
        assert np.allclose(adviz.gradient(f)(X), 8.0 * X * X, rtol=1e-15)


def test_a_gradient_function_may_call_itself() -> None:
    def f(x: Any) -> Any:
        if next(calls) % 2 == 0:
            return np.sum(x * x * gradient(3.0 * X))
        return np.sum(x**3)

    calls = count()
    gradient = adviz.gradient(f)
    for _ in range(3):
        assert np.allclose(gradient(X), 2.0 * X * 27.0 * X * X, rtol=1e-14)


def test_what_a_run_that_failed_has_left_with_its_learner_stays_as_it_is() -> None:
    def f(x: Any) -> Any:
        y = x * 2.0
        z = np.exp(y)
        if adviz.value(x)[0] > 1.0:
            raise ArithmeticError(y, z)
        return np.sum(z * y)

    gradient = adviz.gradient(f)
    gradient(X)
    with pytest.raises(ArithmeticError) as caught:
        gradient(X + 1.0)
    for k in range(4):
        gradient(X / (k + 1))
    y, z = caught.value.args
    assert np.array_equal(y.value, 2.0 * (X + 1.0))
    assert np.array_equal(z.value, np.exp(2.0 * (X + 1.0)))


def test_a_generator_that_has_not_come_to_its_end_keeps_what_it_computes_with() -> None:
    left: list[Any] = []

    def halves(x: Any) -> Any:
        y = x * 0.5
        yield y
        yield adviz.value(y[::2])

    def f(x: Any) -> Any:
        parts = halves(x)
        left.append(parts)
        return np.sum(next(parts) * x)

    gradient = adviz.gradient(f)
    for k in range(3):
        gradient((k + 1) * X)
    for k, parts in enumerate(left):
        assert np.array_equal(parts.gi_frame.f_locals["y"].value, 0.5 * ((k + 1) * X))


def test_a_function_without_a_loop_for_floats_is_not_told_where_to_write() -> None:
    own = Memory()
    tripled = np.frompyfunc(lambda a: 3.0 * a, 1, 1)
    assert np.array_equal(own.write(tripled, X), tripled(X))
    assert np.array_equal(own.write(np.isnan, X), np.isnan(X))
    assert own._taken == {}


@pytest.mark.parametrize("keep", [lambda a: a, lambda a: a[::5], lambda a: memoryview(a), lambda a: (a.reshape(-1, 1), 1), lambda a: {"a": [a]}])
def test_however_often_it_is_asked_nothing_that_somebody_holds_is_written_over_or_released(keep: Any) -> None:
    own = Memory()
    for _ in range(200):  # Python has other code for what has often run
        a = X.copy()
        held = keep(a)
        own.write(np.multiply, own.write(np.add, a, 1.0), a)
        own.release(a)
        assert not any(free is a for arrays in own._free.values() for free in arrays)
        b = own._take(a.shape)
        b.fill(0.0)
        assert np.array_equal(a, X)
        del held


@pytest.mark.parametrize("make", [lambda a: a[::-1], lambda a: a.view(), lambda a: np.frombuffer(a.tobytes()), lambda a: a.astype(np.float32), read_only])
def test_what_has_not_its_memory_to_itself_is_never_released(make: Any) -> None:
    own = Memory()
    own._take(X.shape)
    b = make(X.copy())
    own.release(b)
    assert own._free.get(X.shape, []) == []


@pytest.mark.parametrize("f", [rosenbrock, lambda x: np.sum(np.cumsum(x) * np.flip(np.cumsum(x)))], ids=["by slices", "by NumPy's own arrays"])
def test_no_more_is_kept_than_a_run_needs_and_nothing_once_the_function_is_gone(f: Any) -> None:
    gradient = adviz.gradient(f)
    gradient(X)
    gc.collect()
    tracemalloc.start()
    gradient(X)
    for _ in range(20):
        gradient(X)
    kept = tracemalloc.get_traced_memory()[0]
    del gradient
    gone = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept <= 20 * X.nbytes
    assert gone < X.nbytes


def test_the_memory_that_is_kept_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "KEPT", 3 * X.nbytes)
    gradient = adviz.gradient(rosenbrock)
    expected = by_hand(X)
    for _ in range(3):
        assert np.allclose(gradient(X), expected, rtol=1e-12, atol=1e-12)


def test_an_operand_that_somebody_holds_is_not_written_over() -> None:
    own = Memory()
    a, b = X.copy(), np.ones(N)
    c = own.write(np.add, a, b)
    assert c is not a
    assert c is not b
    assert np.array_equal(a, X)
    d = own.write(np.multiply, own.write(np.add, a, b), b)
    assert np.array_equal(d, X + 1.0)
    free = own._free.get(a.shape, [])
    held = a
    own.release(a)
    assert not any(held is array for array in free)
