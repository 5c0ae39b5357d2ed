"""The chain of N operations, written for adviz, for each peer, and without any derivative.

One pass of the loop is `x = sin(x) * x + 1e-9`: three operations (sin, multiply, add). N operations are N // 3 passes.
Every engine gives the slope at the end of the chain, and is checked against the slope by hand before it is timed.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from typing import Any

import numpy as np

import adviz
from adviz.functions import sin

START = 1.6
PER_PASS = 3

Chain = Callable[[Any], Any]
Work = Callable[[], Any]
Engine = Callable[[int], Work]


def passes(n: int) -> range:
    return range(n // PER_PASS)


def chain(n: int, sine: Callable[[Any], Any]) -> Chain:
    """The learner's function: N operations, with that sine."""

    def f(x: Any) -> Any:
        for _ in passes(n):
            x = sine(x) * x + 1e-9
        return x

    return f


def slope_by_hand(n: int) -> float:
    """dy/dx of the chain, by the product and chain rules."""
    x, slope = START, 1.0
    for _ in passes(n):
        x, slope = math.sin(x) * x + 1e-9, (math.cos(x) * x + math.sin(x)) * slope
    return slope


def plain(n: int) -> Work:
    """Floats and `math`: what the others are compared with. Written out: no call of a call."""
    math_sin = math.sin

    def f() -> float:
        x = START
        for _ in passes(n):
            x = math_sin(x) * x + 1e-9
        return x

    return f


def plain_numpy(n: int) -> Work:
    """NumPy scalars and `np.sin`: what a learner would write."""
    f = chain(n, np.sin)
    return lambda: f(np.float64(START))


def adviz_gradient(n: int) -> Work:
    nabla_f = adviz.gradient(chain(n, sin))
    return lambda: nabla_f(START)


def adviz_gradient_numpy(n: int) -> Work:
    nabla_f = adviz.gradient(chain(n, np.sin))
    return lambda: nabla_f(START)


def adviz_trace(n: int) -> Work:
    f = chain(n, sin)
    return lambda: adviz.trace(f, START)


def adviz_assignments(n: int) -> Work:
    f = chain(n, sin)
    return lambda: adviz.trace(f, START).assignments


def adviz_steps(n: int) -> Work:
    f = chain(n, sin)
    return lambda: adviz.reverse(f, START).result[0]


def micrograd(n: int) -> Work:
    """micrograd has no sine: a user adds one as micrograd adds its own operations."""
    from micrograd.engine import Value

    def sine(x: Value) -> Value:
        y = Value(math.sin(x.data), (x,), "sin")

        def backward() -> None:
            x.grad += math.cos(x.data) * y.grad

        y._backward = backward
        return y

    f = chain(n, sine)

    def slope() -> float:
        x = Value(START)
        f(x).backward()
        return x.grad

    return slope


def autograd(n: int) -> Work:
    import autograd
    import autograd.numpy as anp

    nabla_f = autograd.grad(chain(n, anp.sin))
    return lambda: nabla_f(START)


def torch(n: int) -> Work:
    import torch

    torch.set_num_threads(1)
    f = chain(n, torch.sin)

    def slope() -> float:
        x = torch.tensor(START, dtype=torch.float64, requires_grad=True)
        f(x).backward()
        return x.grad.item()

    return slope


PEERS: dict[str, Engine] = {"micrograd": micrograd, "autograd": autograd, "torch": torch}
WITH_SLOPE = (adviz_gradient, adviz_gradient_numpy, adviz_steps, *PEERS.values())


def installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def checked(engine: Engine, n: int) -> Work:
    """The engine's work on N operations; a wrong slope is not worth timing."""
    work = engine(n)
    if engine in WITH_SLOPE and not math.isclose(work(), slope_by_hand(n), rel_tol=1e-9):
        raise ArithmeticError(f"{engine.__name__}: slope {work()}, by hand {slope_by_hand(n)}")
    return work
