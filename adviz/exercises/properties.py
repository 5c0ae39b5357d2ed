"""Properties that every right derivative has, tried at points drawn at random (the same ones each time). `Failed` says which one does not hold.

    finite differences    (φ(a + h) − φ(a − h)) / 2h, to six figures
    linearity             a rule takes twice the seed to twice the derivative, and 0 to 0
    transposition         ⟨w, J u⟩ = ⟨Jᵀ w, u⟩
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from adviz.errors import AdvizError
from adviz.exercises.drawing import Draws
from adviz.operators import jacobian
from adviz.recording import elemental
from adviz.table import Elementwise
from adviz.texts import text
from adviz.views.quantity import written
from adviz.wengert import Trace, trace

STEP, CLOSE = 1e-5, 1e-6
POINTS = 6


class Failed(AdvizError):
    """A property does not hold; its sentence says at which point."""

    @property
    def sentence(self) -> str:
        """What is to be said."""
        return str(self.args[0])


def _drawn(draws: Draws) -> float:
    """Between 0.25 and 2.25, where most functions are defined and curved."""
    return 0.25 + draws.below(2001) / 1000


def _numbers(given: Any, count: int, call: str) -> list[float]:
    """What was returned, as so many floats."""
    found = list(given) if isinstance(given, tuple | list | np.ndarray) and np.ndim(given) else [given]
    try:
        numbers = [float(u) for u in found]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) != count:
        raise Failed(text("code.returned", call=call, count=count, given=repr(given)[:60]))
    return numbers


def _called(fn: Callable[..., Any], *given: Any, call: str) -> Any:
    """What the learner's code returns; what it raises is told."""
    try:
        return fn(*given)
    except Exception as error:
        raise Failed(text("code.raised", call=call, error=f"{type(error).__name__}: {error}"[:160])) from error


def _close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=CLOSE, abs_tol=CLOSE)


def _shown(*numbers: float) -> str:
    return ", ".join(map(written, numbers))


def _slope(f: Callable[..., float], at: Sequence[float], k: int) -> float:
    """∂f/∂a_k by central differences."""
    up, down = ([u + sign * STEP * (n == k) for n, u in enumerate(at)] for sign in (1, -1))
    return (float(f(*up)) - float(f(*down))) / (2 * STEP)


def _samples(row: Elementwise) -> Iterable[tuple[tuple[float, ...], list[float]]]:
    """Points at which the row is smooth, with its slopes by differences."""
    draws, count, f, found = Draws(f"rule {row.name}"), len(row.partials), elemental(row.name), 0
    for _ in range(20 * POINTS):
        at = tuple(_drawn(draws) / (3 if row.name.startswith("arc") else 1) for _ in range(count))
        slopes = [_slope(f, at, k) for k in range(count)]
        if all(math.isfinite(u) and abs(u) < 1e6 for u in slopes):
            found += 1
            yield at, slopes
        if found == POINTS:
            return


def backward_rule(row: Elementwise, fn: Callable[..., Any]) -> None:
    """fn(v_bar, a, b) gives (v̄·∂φ/∂a, v̄·∂φ/∂b): against differences, and linear in v̄."""
    for at, slopes in _samples(row):
        for v_bar in (1.0, 2.5, 0.0):
            call = f"fn({_shown(v_bar, *at)})"
            shares = _numbers(_called(fn, v_bar, *at, call=call), len(at), call)
            for k, (share, slope) in enumerate(zip(shares, slopes, strict=True)):
                if not _close(share, v_bar * slope):
                    key = "code.linear" if v_bar != 1 else "code.share"
                    raise Failed(text(key, call=call, operand="ab"[k], given=written(share), wanted=written(v_bar * slope)))


def forward_rule(row: Elementwise, fn: Callable[..., Any]) -> None:
    """fn(a, a_dot, b, b_dot) gives ȧ·∂φ/∂a + ḃ·∂φ/∂b: against differences, and linear in the tangents."""
    for at, slopes in _samples(row):
        directions = [[float(k == n) for n in range(len(at))] for k in range(len(at))] + [[2.5 - n for n in range(len(at))], [0.0] * len(at)]
        for n, dots in enumerate(directions):
            given = [u for pair in zip(at, dots, strict=True) for u in pair]
            call = f"fn({_shown(*given)})"
            [v_dot] = _numbers(_called(fn, *given, call=call), 1, call)
            wanted = sum(dot * slope for dot, slope in zip(dots, slopes, strict=True))
            if not _close(v_dot, wanted):
                key = "code.linear" if n >= len(at) else "code.tangent"
                raise Failed(text(key, call=call, given=written(v_dot), wanted=written(wanted)))


def _twice(x: Any) -> Any:
    return x * x


def _several(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2 - np.sin(x2)


def _two(x1: Any, x2: Any) -> Any:
    u = x1 * x2
    return u * np.exp(-x2), np.sin(u) + x1 / x2


PROGRAMS: tuple[tuple[str, Callable[..., Any], int], ...] = (
    ("x * x", _twice, 1), ("ln(x1) + x1*x2 - sin(x2)", _several, 2), ("(u*exp(-x2), sin(u) + x1/x2), u = x1*x2", _two, 2),
)  # fmt: skip


def _traces() -> Iterable[tuple[str, Trace, np.ndarray]]:
    """Programs at points, with their Jacobians by the core."""
    for name, f, count in PROGRAMS:
        draws = Draws(f"sweep {name}")
        for _ in range(2):
            at = tuple(_drawn(draws) for _ in range(count))
            yield name, trace(f, *at), np.array(jacobian(f)(*at), float).reshape(-1, count)


def forward_sweep(fn: Callable[..., Any]) -> None:
    """fn(trace, x_dot) gives J ẋ."""
    for name, t, j in _traces():
        for n, x_dot in enumerate([*np.eye(j.shape[1]), np.arange(1.0, j.shape[1] + 1) * 1.5]):
            _against(fn, t, name, x_dot, j @ x_dot, j.shape[0], "code.sweep.linear" if n >= j.shape[1] else "code.sweep")


def reverse_sweep(fn: Callable[..., Any]) -> None:
    """fn(trace, y_bar) gives Jᵀ ȳ, and ⟨ȳ, J u⟩ = ⟨Jᵀ ȳ, u⟩; run twice it gives the same."""
    for name, t, j in _traces():
        for n, y_bar in enumerate([*np.eye(j.shape[0]), np.arange(1.0, j.shape[0] + 1) * -1.5]):
            x_bar = _against(fn, t, name, y_bar, y_bar @ j, j.shape[1], "code.sweep.linear" if n >= j.shape[0] else "code.sweep")
            u = np.arange(2.0, j.shape[1] + 2)
            if not _close(float(y_bar @ (j @ u)), float(np.dot(x_bar, u))):
                raise Failed(text("code.transposed", function=name))
            _against(fn, t, name, y_bar, y_bar @ j, j.shape[1], "code.again")


def _against(fn: Callable[..., Any], t: Trace, name: str, seed: np.ndarray, wanted: np.ndarray, count: int, key: str) -> list[float]:
    given = tuple(map(float, seed))
    call = f"fn(trace, ({_shown(*given)}))"
    found = _numbers(_called(fn, t, given, call=call), count, call)
    if not all(map(_close, found, map(float, wanted))):
        key = "code.square" if name == "x * x" and key == "code.sweep" else key
        raise Failed(text(key, function=name, seed=_shown(*given), given=_shown(*found), wanted=_shown(*map(float, wanted))))
    return found


def gradient(fn: Callable[..., Any]) -> None:
    """fn(f, *point) gives ∇f, against differences of f itself."""
    for name, f, count in PROGRAMS[:2]:
        draws = Draws(f"gradient {name}")
        for _ in range(POINTS // 2):
            at = tuple(_drawn(draws) for _ in range(count))
            call = f"fn(f, {_shown(*at)})"
            found = _numbers(_called(fn, f, *at, call=call), count, call)
            wanted = [_slope(f, at, k) for k in range(count)]
            if not all(map(_close, found, wanted)):
                key = "code.square" if name == "x * x" else "code.gradient"
                raise Failed(text(key, function=name, seed="1", call=call, given=_shown(*found), wanted=_shown(*wanted)))


def dual(cls: Callable[..., Any]) -> None:
    """Dual(value, tangent) with + − · / on both sides, with int and float, and NotImplemented for what it does not know."""
    at = 1.75
    for name, f in DUALS.items():
        found = _called(lambda f=f: f(cls(at, 1.0)), call=name)
        for part, wanted in (("value", float(f(at))), ("tangent", _slope(f, (at,), 0))):
            [number] = _numbers(getattr(found, part, None), 1, f"({name}).{part}")
            if not _close(number, wanted):
                raise Failed(text("code.dual", call=f"({name}).{part}", given=written(number), wanted=written(wanted)))
    x = _called(lambda: cls(2.0, 1.0), call="Dual(2, 1)")
    for operation in ("__add__", "__sub__", "__mul__", "__truediv__"):
        if _called(lambda operation=operation: getattr(x, operation)("a"), call=f'x.{operation}("a")') is not NotImplemented:
            raise Failed(text("code.not_implemented", call=f'x.{operation}("a")'))
    if (x.value, x.tangent) != (2.0, 1.0):
        raise Failed(text("code.changed"))


DUALS: dict[str, Callable[[Any], Any]] = {
    "x + x": lambda x: x + x, "x - x * x": lambda x: x - x * x, "x * x": lambda x: x * x, "x / (x + x * x)": lambda x: x / (x + x * x),
    "x + 2": lambda x: x + 2, "x - 2.5": lambda x: x - 2.5, "x * 3": lambda x: x * 3, "x / 4": lambda x: x / 4,
    "2 + x": lambda x: 2 + x, "2.5 - x": lambda x: 2.5 - x, "3 * x": lambda x: 3 * x, "4 / x": lambda x: 4 / x,
}  # fmt: skip
