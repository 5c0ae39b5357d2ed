"""Memory that serves again: large arrays are written where others stood, and nobody who still sees one notices."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from typing import Any

import numpy as np
import pytest

import adviz
from adviz import memory
from adviz.memory import LARGE, Memory

N = LARGE // 8 + 1
X = np.linspace(0.5, 1.5, N)


def rosenbrock(x: Any) -> Any:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def by_hand(x: np.ndarray) -> np.ndarray:
    g = np.zeros(x.shape)
    g[:-1] = -400.0 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2.0 * (1.0 - x[:-1])
    g[1:] += 200.0 * (x[1:] - x[:-1] ** 2)
    return g


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


def test_a_second_call_writes_where_the_first_one_did() -> None:
    gradient = adviz.gradient(rosenbrock)
    first, second, third = (set(taken(gradient, X)) for _ in range(3))
    assert len(first) >= 7
    assert len(second & third) >= len(second) - 1


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


def test_no_more_is_kept_than_a_run_needs_and_nothing_once_the_function_is_gone() -> None:
    gradient = adviz.gradient(rosenbrock)
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
