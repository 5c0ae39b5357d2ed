"""Goal P2: the gradient as a generated program, beside the plain function and the trace."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from tables import figure, goal, print_goals, print_table
from timing import in_turns, ratio

import adviz
from adviz.functions import log, sin

ROUNDS = 11
CHAINS = (1_000, 100_000)


def w1(x1: float, x2: float) -> float:
    return math.log(x1) + x1 * x2 - math.sin(x2)


def w1_elemental(x1: float, x2: float) -> float:
    return log(x1) + x1 * x2 - sin(x2)


def w2(x: float, passes: int) -> float:
    for _ in range(passes):
        x = math.sin(x) * x + 1e-9
    return x


def chain(passes: int):
    def plain(x):
        for _ in range(passes):
            x = math.sin(x) * x + 1e-9
        return x

    def elemental(x):
        for _ in range(passes):
            x = sin(x) * x + 1e-9
        return x

    return plain, elemental


def tangents(f: Callable[..., Any]) -> Callable[..., Any] | None:
    """The gradient by tangent-ad, a program too, without its checks of dimensions; None where it is not installed."""
    if find_spec("tangent") is None:
        return None
    tangent = import_module("tangent")
    arguments = tuple(range(f.__code__.co_argcount))
    made: Callable[..., Any] = tangent.grad(f, wrt=arguments, preserve_result=True, check_dims=False)
    return made


def w1_numpy(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def chain_numpy(x):
    for _ in range(333):
        x = np.sin(x) * x + 1e-9
    return x


def beside_tangent() -> list[str]:
    """How many times faster than tangent-ad, both on functions written with NumPy: it knows no others."""
    lines = []
    for name, f, point, least in (("W1", w1_numpy, (2.0, 5.0), 8), ("W2, N=1,000", chain_numpy, (1.6,), 20)):
        theirs = tangents(f)
        if theirs is None:
            return ["  P2 beside tangent-ad: not measured, it is not installed (pip install tangent-ad)"]
        ours = adviz.source(f)
        assert np.isclose(theirs(*point)[0], np.ravel(ours(*point)[1])[0])
        seconds = in_turns({"adviz": partial(ours, *point), "tangent": partial(theirs, *point)}, ROUNDS)
        lines.append(goal(f"P2 program beside tangent-ad, {name}, times faster", ratio(seconds, "tangent", "adviz"), at_least=least, unit="x"))
    return lines


def first_call() -> float:
    """Milliseconds from the function to its first gradient, for 5 operations: the least of several."""
    best = math.inf
    for _ in range(20):
        start = time.perf_counter()
        adviz.source(w1)(2.0, 5.0)
        best = min(best, time.perf_counter() - start)
    return 1e3 * best


def measure() -> None:
    """The table and the verdicts."""
    program, both = adviz.source(w1), adviz.value_and_gradient(w1_elemental)
    assert program(2.0, 5.0) == both(2.0, 5.0)
    works = {"plain": lambda: w1(2.0, 5.0), "program": lambda: program(2.0, 5.0), "recorded": lambda: program.record(2.0, 5.0), "trace": lambda: both(2.0, 5.0)}
    columns = {"W1": in_turns(works, ROUNDS)}
    for n in CHAINS:
        plain, elemental = chain(n // 3)
        made, swept = adviz.source(plain), adviz.value_and_gradient(elemental)
        assert made(1.6) == swept(1.6)
        columns[f"W2, N={n:,}"] = in_turns(
            {"plain": lambda: plain(1.6), "program": lambda: made(1.6), "recorded": lambda: made.record(1.6), "trace": lambda: swept(1.6)}, ROUNDS
        )
    head = ["value and gradient", *(f"{h} {c}" for c in columns for h in ("us,", "x plain,"))]
    rows = [[name, *(cell for s in columns.values() for cell in (figure(1e6 * statistics.median(s[name])), figure(ratio(s, name, "plain"))))] for name in works]
    print_table("P2  ln x1 + x1 x2 - sin x2 (W1); x = sin(x) * x + 1e-9 in a loop (W2, N operations)", head, rows)
    limits = {"W1": (2.0, 2.7)} | {f"W2, N={n:,}": (4.2, 6.0) for n in CHAINS}
    lines = []
    for name, (bare, recorded) in limits.items():
        lines.append(goal(f"P2 program, {name}, to the plain function", ratio(columns[name], "program", "plain"), at_most=bare, unit="x"))
        lines.append(goal(f"P2 program that records, {name}, to the plain function", ratio(columns[name], "recorded", "plain"), at_most=recorded, unit="x"))
    print_goals([*lines, goal("P2 first call, 5 operations", first_call(), at_most=0.5, unit=" ms"), *beside_tangent()])


if __name__ == "__main__":
    measure()
