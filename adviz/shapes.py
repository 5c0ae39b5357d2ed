"""THE TABLE, third part: the same entries in another shape, order or place; entries repeated, joined, chosen, left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adviz.structural import Operands, Parameters, dispatched, only, precision, section, structural, unbroadcast


@dispatched
def take(a: Any, key: Any) -> Any:
    """a[key]"""
    return a[key]


@dispatched
def scatter(a: Any, shape: tuple[int, ...], key: Any) -> Any:
    """Zeros of that shape with a added at [key]: the transpose of indexing."""
    out = np.zeros(shape, getattr(a, "dtype", float))
    if key.__class__ is not slice and any(isinstance(part, np.ndarray) for part in (key if isinstance(key, tuple) else (key,))):
        np.add.at(out, key, a)  # an index may name an entry twice
    else:
        out[key] = a
    return out


def _reshaped(a: Any, shape: Any, order: str = "C") -> tuple[Operands, Parameters]:
    only({"order": None if order == "C" else order})
    return (a,), {"shape": shape}


def _parts(arrays: Sequence[Any], axis: Any = 0, out: Any = None, **options: Any) -> tuple[Operands, Parameters]:
    only({"out": out, **options})
    return tuple(arrays), {"axis": axis}


def joined_tangent(k: int, u_dot: Any, v: Any, *u: Any, axis: int | None) -> Any:
    """The tangent in its place, zeros in the others'."""
    return np.concatenate([u_dot if j == k else np.zeros(np.shape(part), precision(v)) for j, part in enumerate(u)], axis=axis)


def joined_adjoint(k: int, v_bar: Any, v: Any, *u: Any, axis: int | None) -> Any:
    """The part of v̄ where operand k stands."""
    if axis is None:
        start = sum(np.size(part) for part in u[:k])
        return np.reshape(v_bar[start : start + np.size(u[k])], np.shape(u[k]))
    start = sum(np.shape(part)[axis] for part in u[:k])
    return section(v_bar, slice(start, start + np.shape(u[k])[axis]), axis)


def stacked_tangent(k: int, u_dot: Any, v: Any, *u: Any, axis: int) -> Any:
    """The tangent in its place, zeros in the others'."""
    return np.stack([u_dot if j == k else np.zeros(np.shape(part), precision(v)) for j, part in enumerate(u)], axis=axis)


def stacked_adjoint(k: int, v_bar: Any, v: Any, *u: Any, axis: int) -> Any:
    """The layer k of v̄."""
    return v_bar[(slice(None),) * (axis % np.ndim(v)) + (k,)]


@dispatched
def select(a: Any, b: Any, condition: Any) -> Any:
    """np.where(condition, a, b), with the condition as a parameter."""
    return np.where(condition, a, b)


def select_tangent(k: int, u_dot: Any, v: Any, *u: Any, condition: Any) -> Any:
    """u̇_k where it was chosen."""
    return select(u_dot, 0.0, condition=condition) if k == 0 else select(0.0, u_dot, condition=condition)


def select_adjoint(k: int, v_bar: Any, v: Any, *u: Any, condition: Any) -> Any:
    """v̄ where operand k was chosen."""
    return unbroadcast(select_tangent(k, v_bar, v, condition=condition), np.shape(u[k]))


def diagonal_adjoint(k: int, v_bar: Any, v: Any, v_: Any, offset: int) -> Any:
    """Entries back onto the diagonal they were read from; or read off it."""
    if np.ndim(v_) == 1:
        return np.diag(v_bar, offset)
    rows, columns = np.shape(v_)
    i = np.arange(np.shape(v_bar)[0])
    return scatter(v_bar, shape=(rows, columns), key=(i - min(offset, 0), i + max(offset, 0)))


def trace_adjoint(k: int, v_bar: Any, v: Any, a: Any, offset: int) -> Any:
    """v̄ to every entry of the diagonal."""
    return v_bar * np.eye(np.shape(a)[0], np.shape(a)[1], offset, dtype=precision(v_bar))


# fmt: off
# the same entries in another shape or order
structural(np.reshape,      _reshaped,                                   lambda k, v_bar, v, a, shape: np.reshape(v_bar, np.shape(a)),
           value=lambda a, shape: np.reshape(a, shape))  # NumPy 2.0 knows no keyword `shape`
structural(np.transpose,    lambda a, axes=None: ((a,), {"axes": axes}),
           lambda k, v_bar, v, a, axes: np.transpose(v_bar, None if axes is None else np.argsort([x % np.ndim(a) for x in axes])), symbol="T")
structural(np.expand_dims,  lambda a, axis: ((a,), {"axis": axis}),      lambda k, v_bar, v, a, axis: np.reshape(v_bar, np.shape(a)))
structural(np.squeeze,      lambda a, axis=None: ((a,), {"axis": axis}), lambda k, v_bar, v, a, axis: np.reshape(v_bar, np.shape(a)))
structural(np.flip,         lambda m, axis=None: ((m,), {"axis": axis}), lambda k, v_bar, v, a, axis: np.flip(v_bar, axis))
structural(np.roll,         lambda a, shift, axis=None: ((a,), {"shift": shift, "axis": axis}),
           lambda k, v_bar, v, a, shift, axis: np.roll(v_bar, tuple(-s for s in shift) if isinstance(shift, tuple) else -shift, axis))

# entries repeated, joined, chosen, left out
structural(np.broadcast_to, lambda array, shape: ((array,), {"shape": shape}), lambda k, v_bar, v, a, shape: unbroadcast(v_bar, np.shape(a)))
structural(np.concatenate,  _parts,   joined_adjoint,  joined_tangent,  value=lambda *u, axis: np.concatenate(u, axis=axis))
structural(np.stack,        _parts,   stacked_adjoint, stacked_tangent, value=lambda *u, axis: np.stack(u, axis=axis))
structural(select,          lambda a, b, condition: ((a, b), {"condition": condition}), select_adjoint, select_tangent, name="where")
structural(take,            lambda a, key: ((a,), {"key": key}), name="index", symbol="[{index}]",
           adjoint=lambda k, v_bar, v, a, key: scatter(v_bar, shape=np.shape(a), key=key))
structural(scatter,         lambda a, shape, key: ((a,), {"shape": shape, "key": key}), lambda k, v_bar, v, a, shape, key: take(v_bar, key=key),
           symbol="→[{index}]")
structural(np.diag,         lambda v, k=0: ((v,), {"offset": k}), diagonal_adjoint, value=lambda v, offset: np.diag(v, offset))
structural(np.trace,        lambda a, offset=0: ((a,), {"offset": offset}), value=np.trace, symbol="tr",
           adjoint=trace_adjoint)
# fmt: on
