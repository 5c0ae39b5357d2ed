"""Derivatives inside derivatives: perturbation confusion and its relatives, after exceptions and interrupts, in threads (C3, C4)."""

from __future__ import annotations

import functools
import itertools
import math
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import adviz
from adviz import derivative, gradient, hessian, hvp, jacobian, jvp, stop_gradient, value, value_and_gradient, vjp
from tests.modes import nested, nestings
from tests.oracle import Undecided, judge, judge_nested
from tests.program_text import compiled, forget, text
from tests.random_programs import grown

D = derivative


def reverse(f: Callable[..., Any]) -> Callable[..., Any]:
    """The derivative by a reverse sweep."""
    return lambda x: vjp(f, (x,))[1](1.0)[0]


def pushed(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x: jvp(f, (x,), (1.0,))[1]


OPERATORS = {
    "derivative": derivative, "gradient": gradient, "jvp": pushed, "vjp": reverse, "value_and_gradient": lambda f: lambda x: value_and_gradient(f)(x)[1],
    "jacobian, forward": lambda f: lambda x: jacobian(f, mode="forward")(x)[0], "jacobian, reverse": lambda f: lambda x: jacobian(f, mode="reverse")(x)[0],
}  # fmt: skip

# What: program of an operator d and a point x, x, exact result
CLASSICS: list[tuple[str, Callable[..., Any], float, float]] = [
    ("Siskind & Pearlmutter 2005: d/dx (x · d/dy (x + y))", lambda d, x: d(lambda x: x * d(lambda y: x + y)(1.0))(x), 1.0, 1.0),
    ("the same with a product inside", lambda d, x: d(lambda x: x * d(lambda y: x * y)(2.0))(x), 3.0, 6.0),
    ("at the outer point", lambda d, x: d(lambda x: x * d(lambda y: x + y)(x))(x), 5.0, 1.0),
    ("at a function of the outer point", lambda d, x: d(lambda x: d(lambda y: x * y * y)(x * x))(x), 2.0, 24.0),
    ("the inner one constant", lambda d, x: d(lambda x: d(lambda y: x)(1.0) + x)(x), 2.0, 1.0),
    ("the inner one independent of x", lambda d, x: d(lambda x: d(lambda y: y * y)(3.0))(x), 2.0, 0.0),
    ("three levels", lambda d, x: d(lambda x: x * d(lambda y: y * d(lambda z: x * y * z * z)(y))(x))(x), 2.0, 192.0),
    ("the same name at every level", lambda d, x: d(lambda x: d(lambda x: d(lambda x: x**5)(x))(x))(x), 2.0, 240.0),
    ("two siblings", lambda d, x: d(lambda x: d(lambda y: x * y * y)(x) * d(lambda z: x + z * z)(x))(x), 3.0, 108.0),
    ("an operator applied to an operator's result", lambda d, x: d(d(lambda x: np.sin(x) * x))(x), 0.0, 2.0),
    ("partial application", lambda d, x: d(functools.partial(lambda a, y: a * y * y, 3.0))(x), 2.0, 12.0),
    ("an argument of the inner function passed out", lambda d, x: d(lambda x: d(lambda y: (lambda z: z * y)(x))(1.0))(x), 4.0, 1.0),
    ("a loop of derivatives", lambda d, x: d(lambda x: sum(d(lambda y, k=k: x**k * y**2)(1.0) for k in range(4)))(x), 2.0, 34.0),
    ("Newton's method inside", lambda d, x: d(lambda a: newton(d, lambda y: y * y - a, a))(x), 4.0, 0.25),
    ("a fixed step of gradient descent", lambda d, x: d(lambda rate: descend(d, rate))(x), 0.25, -4.0),
    ("a function that returns functions (Manzyuk et al. 2019)", lambda d, x: d(lambda u: d(shift(u)(np.exp))(1.0))(x), 0.0, math.e),
    ("its double", lambda d, x: d(lambda u: d(shift(u)(shift(u)(np.sin)))(1.0))(x), 0.0, -2 * math.sin(1)),
    ("a Church pair", lambda d, x: d(lambda x: d(lambda y: church(x, y)(lambda a, b: a * b * b))(2.0))(x), 3.0, 4.0),
    ("map and reduce", lambda d, x: d(lambda x: functools.reduce(lambda a, b: a * b, map(d(lambda y: y * y * x), [1.0, 2.0])))(x), 3.0, 48.0),
    ("a derivative as a default argument", lambda d, x: d(lambda x: (lambda y, s=d(lambda z: z * x)(1.0): s * y)(x))(x), 3.0, 6.0),  # noqa: B008
    ("an outer number stopped inside", lambda d, x: d(lambda x: d(lambda y: stop_gradient(x) * y * x)(x))(x), 3.0, 3.0),
    ("the inner number stopped", lambda d, x: d(lambda x: d(lambda y: stop_gradient(y) * y * x)(x))(x), 3.0, 3.0),
    ("a plain number of the outer one", lambda d, x: d(lambda x: x * d(lambda y: value(x) * y * y)(x))(x), 2.0, 16.0),
    ("a branch on the outer number", lambda d, x: d(lambda x: d(lambda y: y * y * x if x > y - 1 else 0 * y)(x))(x), 2.0, 8.0),
    ("a kink inside", lambda d, x: d(lambda x: d(lambda y: abs(y * x))(1.0))(x), -3.0, -1.0),
    ("a mixed Taylor step", lambda d, x: d(lambda x: d(lambda y: x**2 * y**3)(x) + d(d(lambda y: x * y**3))(x))(x), 2.0, 120.0),
]


def newton(d: Callable[..., Any], f: Callable[..., Any], y: Any) -> Any:
    """√a by Newton's method: ten steps from a."""
    for _ in range(10):
        y = y - f(y) / d(f)(y)
    return y


def descend(d: Callable[..., Any], rate: Any) -> Any:
    """One step on y² from 2."""
    return 2.0 - rate * d(lambda y: y * y)(2.0)


def shift(u: Any) -> Callable[..., Any]:
    return lambda f: lambda x: f(x + u)


def church(a: Any, b: Any) -> Callable[..., Any]:
    return lambda choose: choose(a, b)


@pytest.mark.parametrize("operator", list(OPERATORS.values()), ids=list(OPERATORS))
@pytest.mark.parametrize("program, x, exact", [case[1:] for case in CLASSICS], ids=[case[0] for case in CLASSICS])
def test_perturbations_are_not_confused(program: Callable[..., Any], x: float, exact: float, operator: Callable[..., Any]) -> None:
    assert program(operator, x) == pytest.approx(exact, rel=1e-14, abs=1e-15)


def test_inner_and_outer_may_be_different_operators() -> None:
    for outer, inner in itertools.product(OPERATORS.values(), repeat=2):
        assert outer(lambda x: x * inner(lambda y: x * x * y * y)(x))(2.0) == 64.0  # 2 x⁴


def test_300_random_programs_with_derivatives_inside_have_the_oracles_gradients() -> None:
    wrong, entries = [], 0
    with np.errstate(all="ignore"):
        for seed in range(300):
            program = grown(seed, 0.12)._replace(outputs=("y",))
            f, point = compiled(program, derivative), tuple(program.point.values())
            by_reverse = compiled(program, reverse)
            try:
                true = judge_nested(lambda d: compiled(program, d), point)
            except Undecided:
                continue
            for found in (jacobian(f, mode="forward")(*point), jacobian(f, mode="reverse")(*point), jacobian(by_reverse, mode="forward")(*point)):
                entries += len(true)
                wrong += [(seed, x, float(j.true), j.bound) for x, j in zip(np.ravel(found), true) if not j.accepts(x)]
            forget(f)
    assert not wrong, (wrong[:3], text(grown(wrong[0][0], 0.12)))
    assert entries > 1500


TWO_INPUTS: list[tuple[Callable[..., Any], tuple[float, float]]] = [
    (lambda x, y: np.sin(x * y) * np.exp(x - y), (0.7, -0.4)), (lambda x, y: x**y, (1.3, 2.5)), (lambda x, y: np.log(x * x + y) / (1 + x), (0.5, 1.5)),
    (lambda x, y: np.tanh(x + y * y) * x, (0.3, 0.8)), (lambda x, y: np.arctan2(x, y), (0.6, 1.1)), (lambda x, y: x**3 * y**2, (0.0, 2.0)),
]  # fmt: skip


@pytest.mark.parametrize("f, point", TWO_INPUTS)
@pytest.mark.parametrize("order", [4, 5])
def test_mixed_derivatives_of_orders_4_and_5_are_the_oracles_in_whatever_order_they_are_taken(f: Callable[..., Any], point: Any, order: int) -> None:
    [true] = judge(f, point, order)
    ways = nestings(order)
    for n, path in enumerate(itertools.product((0, 1), repeat=order)):
        judged = true[path.count(0), path.count(1)]
        for sweeps in (ways[n % len(ways)], ways[-1 - n % len(ways)]):
            assert judged.accepts(nested(f, point, path, sweeps)), (path, sweeps, float(judged.true), judged.bound)


def test_derivatives_of_arrays_nest() -> None:
    A = np.array([[2.0, 1.0], [0.5, 3.0]])

    def f(x):
        return np.sum(np.exp(A @ x)) + x[0] * np.dot(x, x)

    x, r = np.array([0.3, -0.7]), np.array([1.0, 2.0])
    H = hessian(f)(x)
    assert jacobian(gradient(f))(x) == pytest.approx(H)
    assert hvp(f, (x,), (r,)) == pytest.approx(H @ r)
    assert gradient(lambda u: np.dot(gradient(f)(u), r))(x) == pytest.approx(H @ r)
    third = jacobian(hessian(f))(x)
    assert third == pytest.approx(np.swapaxes(third, 0, 2))
    assert gradient(lambda u: np.sum(u * gradient(lambda w: np.sum(u * w))(x)))(x) == pytest.approx(2 * x)  # each is itself
    assert gradient(lambda s: np.sum(gradient(lambda w: s * np.sum(w * w))(x)))(2.0) == pytest.approx(2 * np.sum(x))


def test_a_hessian_is_made_by_the_two_modes_that_it_names() -> None:
    """The pairs round differently; each has the bits of its own composition."""

    def f(x, y):
        v = np.cos(np.log(np.arctan(np.log1p(x * y))) * y)
        return np.tanh(v) / np.cos(v) * x

    point, made = (0.7, 1.3), {}
    for outer, inner in itertools.product(("forward", "reverse"), repeat=2):
        made[outer, inner] = hessian(f, mode=f"{outer}-over-{inner}")(*point)
        assert np.array_equal(made[outer, inner], jacobian(jacobian(f, mode=inner), mode=outer)(*point))
    assert not np.array_equal(made["forward", "reverse"], made["reverse", "forward"]), "this function cannot tell the pairs apart"


def test_an_entry_with_seed_0_never_meets_the_infinite_slope_behind_it() -> None:
    x = np.array([0.0, 1.0])
    assert jvp(lambda x: np.sqrt(x[0]) + x[1], (x,), (np.array([0.0, 1.0]),))[1] == 1.0
    assert vjp(lambda x: np.stack([np.sqrt(x[0]), x[1]]), (x,))[1](np.array([0.0, 1.0]))[0].tolist() == [0.0, 1.0]


def test_a_number_of_an_inner_run_kept_for_the_outer_one_raises() -> None:
    def leak(how: Callable[..., Any]) -> Callable[..., Any]:
        def outer(x: Any) -> Any:
            box: list[Any] = []
            how(lambda y: box.append(y * x) or y * y)(x)
            return x * box[0]

        return outer

    for inner, outer in itertools.product(OPERATORS.values(), repeat=2):
        with pytest.raises(adviz.TracedValueError, match="ended"):
            outer(leak(inner))(2.0)
        assert D(lambda x: x * D(lambda y: x + y)(1.0))(1.0) == 1.0


def test_a_function_that_remembers_its_last_argument_is_refused_and_not_wrong() -> None:
    seen: dict[str, Any] = {}

    def remembering(x: Any) -> Any:
        y = x * seen.get("x", 1.0)
        seen["x"] = x
        return y

    assert D(remembering)(3.0) == 1.0
    with pytest.raises(adviz.TracedValueError, match="ended"):
        D(remembering)(4.0)


class Stop(Exception):
    pass


def raising_at(level: int, operators: tuple[Callable[..., Any], ...]) -> Callable[..., Any]:
    """Nested derivatives, one per operator; the innermost but `level` raises."""

    def f(x: Any, depth: int = 0) -> Any:
        if depth == level:
            raise Stop
        if depth == len(operators):
            return x * x
        return x * operators[depth](lambda y: f(y * x, depth + 1))(x)

    return f


def test_after_an_exception_at_any_depth_the_next_derivative_is_right() -> None:
    operators = list(OPERATORS.values())
    for shift_by, level in itertools.product(range(len(operators)), (1, 2, 3)):
        chosen = tuple(operators[(shift_by + k) % len(operators)] for k in range(3))
        with pytest.raises(Stop):
            chosen[0](raising_at(level, chosen))(1.5)
        assert D(lambda x: x * D(lambda y: x * y * y)(x))(2.0) == 24.0


def test_an_exception_caught_inside_leaves_the_outer_derivative_right() -> None:
    def careful(x: Any) -> Any:
        total = x
        for level in (1, 2):
            try:
                total = total + D(raising_at(level, (D, gradient)))(x)
            except Stop:
                total = total * x
        return total

    assert D(careful)(3.0) == 27.0


def test_an_error_in_a_generator_or_a_finally_changes_nothing() -> None:
    def f(x: Any) -> Any:
        def parts() -> Iterator[Any]:
            try:
                yield D(lambda y: x * y * y)(x)
                raise Stop
            finally:
                D(lambda y: y * x)(1.0)

        total = x
        try:
            for part in parts():
                total = total * part
        except Stop:
            pass
        return total

    assert D(f)(2.0) == 24.0  # 2 x³


@pytest.fixture
def alarms() -> Iterator[Callable[[float], None]]:
    """Ctrl-C after so many seconds: Python's own KeyboardInterrupt, wherever the program is then."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds, 1.0 if seconds else 0.0) and None  # again, should a callback swallow it
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timer")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # an interrupt inside a callback of the collector
def test_after_an_interrupt_anywhere_inside_nested_derivatives_the_next_one_is_right(alarms: Callable[[float], None]) -> None:
    def endless(x: Any) -> Any:
        total = x
        while True:
            total = total * 0.5 + D(lambda y: gradient(lambda z: x * y * z * z)(y))(x)

    for n in range(40):
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - the alarm must not go off before
            alarms(0.002 + n * 0.00037)
            D(endless)(0.5)
        alarms(0.0)
        assert D(lambda x: x * D(lambda y: x * y * y)(x))(2.0) == 24.0
        assert hessian(lambda x, y: x * x * y)(2.0, 3.0).tolist() == [[6.0, 4.0], [4.0, 0.0]]


@pytest.fixture
def switching() -> Iterator[None]:
    """Threads take turns after almost every instruction."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def work(k: int) -> list[tuple[float, float]]:
    """Pairs of what was computed and what is right, all modes and nestings, some of them failing on the way."""
    pairs = []
    for n in range(25):
        x = 1.0 + k + n / 25
        pairs.append((D(lambda u: u * D(lambda w: w * w * u)(u))(x), 6 * x * x))
        pairs.append((gradient(lambda u: reverse(lambda w: np.sin(u * w))(u))(x), math.cos(x * x) - 2 * x * x * math.sin(x * x)))
        with pytest.raises(Stop):
            D(raising_at(2, (D, reverse, D)))(x)
        pairs.append((float(hessian(lambda u, w: u * u * w, mode="reverse-over-reverse")(x, 2.0)[0, 1]), 2 * x))
        pairs.append((float(gradient(lambda u: np.sum(u * u * D(lambda s: s * s)(x)))(np.full(3, x))[1]), 4 * x * x))
    return pairs


def test_four_threads_with_nested_and_failing_derivatives_do_not_meet(switching: None) -> None:
    results: dict[int, list[tuple[float, float]]] = {}
    threads = [threading.Thread(target=lambda k=k: results.update({k: work(k)})) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0, 1, 2, 3]
    for pairs in results.values():
        assert len(pairs) == 100
        assert all(found == pytest.approx(exact, rel=1e-13) for found, exact in pairs)


def test_first_use_from_four_threads_at_once_is_right(switching: None) -> None:
    """Rows of higher derivatives are made when they are first met: by whichever thread comes first."""
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda k: nested(lambda x: x ** (7.5 + k), (2.0,), (0,) * 5, ("forward",) * 5), range(4)))
    for k, x in enumerate(found):
        n = 7.5 + k
        assert x == pytest.approx(math.prod(n - m for m in range(5)) * 2.0 ** (n - 5), rel=1e-13)


def test_a_pullback_may_be_used_later_in_another_thread_and_again() -> None:
    y, pullback = vjp(lambda x, z: x * x * z, (3.0, 2.0))
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(pullback, [1.0, 2.0, 1.0, -1.0])) == [(12.0, 9.0), (24.0, 18.0), (12.0, 9.0), (-12.0, -9.0)]
    assert pullback(1.0) == (12.0, 9.0)


def test_one_function_computed_by_several_threads_is_right_or_refused(switching: None) -> None:
    """Parts of one f in threads of their own write into one trace: never a wrong number."""

    def parallel(x: Any) -> Any:
        def part(k: int) -> Any:
            s = x
            for _ in range(200):
                s = s * 0.99 + x * k
            return s

        with ThreadPoolExecutor(4) as pool:
            return sum(pool.map(part, range(4)))

    exact = sum(0.99**200 + k * sum(0.99**j for j in range(200)) for k in range(4))
    for _ in range(5):
        try:
            slope = gradient(parallel)(2.0)
        except adviz.AdvizError:
            continue
        assert slope == pytest.approx(exact, rel=1e-12)
