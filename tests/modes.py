"""Every way that adviz computes a derivative, under one name each, with results flattened to rows of plain numbers.

First derivatives: one row per number f returns, one entry per number it is given. Second and third derivatives of a function that returns
one number: by nesting the operators in every order there is.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

import adviz
from tests.oracle import leaves

Rows = list[list[float]]
Function = Callable[..., Any]


def rebuilt(u: Any, numbers: Sequence[Any]) -> Any:
    """Numbers, in order, in the structure of u."""
    entries = iter(numbers)

    def build(part: Any) -> Any:
        match part:
            case np.ndarray() if part.ndim:
                return np.array([next(entries) for _ in range(part.size)], float).reshape(part.shape)
            case dict():
                return {key: build(value) for key, value in part.items()}
            case tuple() | list():
                return type(part)(build(value) for value in part)
        return next(entries)

    return build(u)


def axes(u: Any) -> list[Any]:
    """The unit vectors of the space u lives in, each in the structure of u."""
    n = len(leaves(u))
    return [rebuilt(u, [float(i == k) for i in range(n)]) for k in range(n)]


def by_jvp(f: Function, point: tuple[Any, ...]) -> Rows:
    """Column by column, one forward sweep for each input number."""
    columns = [leaves(adviz.jvp(f, point, axis)[1]) for axis in axes(point)]
    return [list(row) for row in zip(*columns, strict=True)]


def by_vjp(f: Function, point: tuple[Any, ...]) -> Rows:
    """Row by row, one reverse sweep for each output number."""
    y, pullback = adviz.vjp(f, point)
    return [leaves(pullback(axis)) for axis in axes(y)]


def by_steps(sweep: Callable[..., Any]) -> Callable[[Function, tuple[Any, ...]], Rows]:
    """The sweep over a trace that also tells its steps."""

    def rows(f: Function, point: tuple[Any, ...]) -> Rows:
        trace = adviz.trace(f, *point)
        starts = leaves(list(point)) if sweep is adviz.forward_sweep else leaves(trace.value)
        swept = [returned(sweep(trace, axis)) for axis in axes(tuple(map(float, starts)))]
        return [list(row) for row in zip(*swept)] if sweep is adviz.forward_sweep else [list(row) for row in swept]

    return rows


def returned(generator: Any) -> Any:
    """What a generator returns when its steps are done."""
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


def by_jacobian(mode: str) -> Callable[[Function, tuple[Any, ...]], Rows]:
    """adviz.jacobian of a function of numbers."""

    def rows(f: Function, point: tuple[float, ...]) -> Rows:
        return np.reshape(adviz.jacobian(f, mode=mode)(*point), (-1, len(point))).tolist()

    return rows


@lru_cache(maxsize=1)  # two ways of running one program
def program_of(f: Function) -> Any:
    """The generated program of f."""
    return adviz.source(f)


def by_general_program(f: Function, point: tuple[float, ...]) -> Rows:
    """Row by row, one sweep backwards for each output: what runs are the program's lines on any kind of number."""
    run = program_of(f).run(point)
    return [list(run.reverse(tuple(axis))) for axis in np.eye(len(run.values)).tolist()]


def by_program(f: Function, point: tuple[float, ...]) -> Rows:
    """Row by row, one call of the generated program for each output: what runs are its lines on floats."""
    program = program_of(f)
    y, _ = adviz.vjp(f, point)
    several = isinstance(y, tuple | list | dict) or np.ndim(y) > 0
    seeds: list[dict[str, Any]] = [{"y_bar": axis} for axis in axes(y)] if several else [{}]
    return [leaves(program(*point, **seed)[1]) for seed in seeds]


def has_source() -> bool:
    """Whether this adviz writes derivatives as programs."""
    return hasattr(adviz, "source")


FIRST: dict[str, Callable[[Function, tuple[Any, ...]], Rows]] = {"forward": by_jvp, "reverse": by_vjp}
FIRST_OF_NUMBERS = FIRST | {
    "jacobian, forward": by_jacobian("forward"), "jacobian, reverse": by_jacobian("reverse"),
    "forward, told step by step": by_steps(adviz.forward_sweep), "reverse, told step by step": by_steps(adviz.reverse_sweep),
}  # fmt: skip
if has_source():
    FIRST_OF_NUMBERS |= {"source": by_jacobian("source"), "program": by_program}


def tangent(f: Function, k: int) -> Function:
    """x ↦ ∂f/∂x_k, by a forward sweep."""

    def slope(*point: Any) -> Any:
        return adviz.jvp(f, point, tuple(float(i == k) for i in range(len(point))))[1]

    return slope


def adjoint(f: Function, k: int) -> Function:
    """x ↦ ∂f/∂x_k, by a reverse sweep."""

    def slope(*point: Any) -> Any:
        return adviz.vjp(f, point)[1](1.0)[k]

    return slope


SWEEPS = {"forward": tangent, "reverse": adjoint}


def nestings(order: int) -> list[tuple[str, ...]]:
    """The orders in which forward and reverse sweeps can be nested, the outermost first."""
    return list(itertools.product(SWEEPS, repeat=order))


def nested(f: Function, point: tuple[float, ...], path: Sequence[int], sweeps: Sequence[str]) -> float:
    """∂/∂x_path[0] ∂/∂x_path[1] ... f, the outermost sweep being the first named."""
    for k, sweep in zip(reversed(path), reversed(sweeps)):
        f = SWEEPS[sweep](f, k)
    return f(*point)
