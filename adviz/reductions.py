"""THE TABLE, second part: reductions. Sum, mean, product, largest, spread, norm, and the running ones, over any axes.

At a tie or a kink the slope is the one of least norm, as for the elementwise rows; a product is right where entries are 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.structural import Operands, Parameters, axes_of, count_over, only, plain, precision, section, spread, structural


def _reduced(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, **options: Any) -> tuple[Operands, Parameters]:
    if dtype is not None or out is not None or options:
        only({"dtype": dtype, "out": out, **options})
    return (a,), {"axis": axis, "keepdims": keepdims is True}


def _extreme(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **options: Any) -> tuple[Operands, Parameters]:
    return _reduced(a, axis, None, out, keepdims, **options)


def _spread_out(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False, *, correction: Any = None, **options: Any
) -> tuple[Operands, Parameters]:
    only({"dtype": dtype, "out": out, **options})
    return (a,), {"axis": axis, "keepdims": keepdims is True, "ddof": ddof if correction is None else correction}


def mean_adjoint(k: int, v_bar: Any, v: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """v̄ / n to each of the n entries."""
    return spread(v_bar / count_over(a, axis), a, axis, keepdims)


def others(a: Any, axis: Any) -> Any:
    """For each entry the product of all the others along the axis, without a division: right where entries are 0.

    Halves of halves: what stands beside an entry's half times the others in its half.
    """
    n = np.shape(a)[axis]
    if n == 1:
        return np.ones_like(plain(a))
    left, right = (section(a, part, axis) for part in (slice(None, n // 2), slice(n // 2, None)))
    beside = [others(half, axis) * np.prod(other, axis=axis, keepdims=True) for half, other in ((left, right), (right, left))]
    return np.concatenate(beside, axis=axis)


def slopes_of_prod(a: Any, axis: Any) -> Any:
    """∂/∂a_i of the product over an axis, over several or over all."""
    shape = np.shape(a)
    over = tuple(axes_of(axis, len(shape)))
    kept = tuple(k for k in range(len(shape)) if k not in over)
    flat = np.reshape(np.transpose(a, kept + over), (*(shape[k] for k in kept), -1))
    back = np.reshape(others(flat, -1), [shape[k] for k in kept + over]) if flat.size else flat
    return np.transpose(back, np.argsort(kept + over)) if flat.size else np.reshape(flat, shape)


def chosen(v: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """1 where an entry is the extreme of its axis, split evenly at ties: the minimum-norm subgradient. A constant."""
    hit = plain(a) == spread(plain(v), plain(a), axis, keepdims)
    return (hit / np.sum(hit, axis=axis, keepdims=True)).astype(precision(a))


def chosen_tangent(k: int, a_dot: Any, v: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """ȧ where the extreme is, averaged at ties."""
    weight = chosen(v, a, axis, keepdims)
    return np.sum(np.where(weight != 0, weight * a_dot, 0.0), axis=axis, keepdims=keepdims)


def chosen_adjoint(k: int, v_bar: Any, v: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """v̄ to where the extreme is, split evenly at ties."""
    weight = chosen(v, a, axis, keepdims)
    return np.where(weight != 0, weight * spread(v_bar, a, axis, keepdims), 0.0)


def slopes_of_var(v: Any, a: Any, axis: Any, keepdims: bool, ddof: float) -> Any:
    """2 (a - mean) / (n - ddof)"""
    return (a - np.mean(a, axis=axis, keepdims=True)) * (2.0 / (count_over(a, axis) - ddof))


def slopes_of_std(v: Any, a: Any, axis: Any, keepdims: bool, ddof: float) -> Any:
    """(a - mean) / ((n - ddof) v), and 0 where all entries are equal: the minimum-norm subgradient."""
    from_mean, n = a - np.mean(a, axis=axis, keepdims=True), count_over(a, axis) - ddof
    if n > np.finfo(precision(a)).max:  # more entries than float16 can count
        return np.true_divide(*_or_zero(from_mean, spread(v, a, axis, keepdims))) * (1.0 / n)
    return np.true_divide(*_or_zero(from_mean, spread(v, a, axis, keepdims) * n))


def _or_zero(a: Any, b: Any) -> tuple[Any, Any]:
    """a and b, with 1 for b where both are 0 and the quotient shall be 0."""
    nowhere = (plain(a) == 0) & (plain(b) == 0)
    return a, np.where(nowhere, 1.0, b) if np.any(nowhere) else b


def slopes_of_norm(v: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """a / |a|, and 0 at 0: the minimum-norm subgradient, as for hypot."""
    return np.true_divide(*_or_zero(a, spread(v, a, axis, keepdims)))


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> tuple[Operands, Parameters]:
    lengths = 1 if isinstance(axis, int) else len(axis) if axis else np.ndim(x)
    if ord not in (None, 2, "fro") or (ord == 2 and lengths != 1):
        raise TypeError(f"ord={ord!r}")
    return (x,), {"axis": axis, "keepdims": keepdims}


def by_slopes(slopes: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Adjoint and tangent of a reduction from its partials slopes(v, a, ...): the Jacobian's entries, in the shape of the operand."""

    def tangent(k: int, a_dot: Any, v: Any, a: Any, **parameters: Any) -> Any:
        return np.sum(slopes(v, a, **parameters) * a_dot, axis=parameters["axis"], keepdims=parameters["keepdims"])

    def adjoint(k: int, v_bar: Any, v: Any, a: Any, **parameters: Any) -> Any:
        return spread(v_bar, a, parameters["axis"], parameters["keepdims"]) * slopes(v, a, **parameters)

    return adjoint, tangent


def diff_adjoint(k: int, v_bar: Any, v: Any, a: Any, n: int, axis: int) -> Any:
    """Each difference back to its two entries, n times over."""
    for _ in range(n):
        shape = list(np.shape(v_bar))
        shape[axis] = 1
        end = np.zeros(shape, precision(v_bar))
        v_bar = np.concatenate([end, v_bar], axis=axis) - np.concatenate([v_bar, end], axis=axis)
    return v_bar


# fmt: off
# reductions    NumPy's call          adjoint and tangent
structural(np.sum,    _reduced,       lambda k, v_bar, v, a, axis, keepdims: spread(v_bar, a, axis, keepdims), symbol="Σ")
structural(np.mean,   _reduced,       mean_adjoint)
structural(np.prod,   _reduced,       *by_slopes(lambda v, a, axis, keepdims: slopes_of_prod(a, axis)), selects=False, symbol="Π")
structural(np.max,    _extreme,       chosen_adjoint, chosen_tangent)
structural(np.min,    _extreme,       chosen_adjoint, chosen_tangent)
structural(np.var,    _spread_out,    *by_slopes(slopes_of_var), selects=False)
structural(np.std,    _spread_out,    *by_slopes(slopes_of_std), selects=False)
structural(np.linalg.norm, _norm,     *by_slopes(slopes_of_norm), selects=False, symbol="‖·‖")
structural(np.cumsum, lambda a, axis=None: ((a if axis is not None else np.ravel(a),), {"axis": axis or 0}),
           lambda k, v_bar, v, a, axis: np.flip(np.cumsum(np.flip(v_bar, axis), axis=axis), axis))
structural(np.diff,   lambda a, n=1, axis=-1: ((a,), {"n": n, "axis": axis}),            diff_adjoint, selects=False)
# fmt: on
