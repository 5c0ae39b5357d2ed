"""The maps of an array operation for a batch of directions: entry c of a batch, along its first axis, is the tangent or adjoint of direction c.

Rows that move or add entries take the batch as it is, its axis shifted out of the way. Any other row is asked once for each direction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.scale.entries import Operation
from adviz.structural import unbroadcast

Batch = np.ndarray


def tangent_of_batch(o: Operation, k: int, u_dot: Batch) -> Batch:
    """U̇_k ↦ its part of V̇, direction by direction."""
    together = TANGENTS.get(o.row.name)
    found = together(o, k, u_dot) if together else None
    if found is not None:
        return found
    return _each(lambda u: o.row.tangent(k, u, o.value, *o.operands, **o.parameters), u_dot, np.shape(o.value))


def adjoint_of_batch(o: Operation, k: int, v_bar: Batch) -> Batch:
    """V̄ ↦ Ū_k, direction by direction."""
    together = ADJOINTS.get(o.row.name)
    found = together(o, k, v_bar) if together else None
    if found is not None:
        return found
    return _each(lambda v: o.row.adjoint(k, v, o.value, *o.operands, **o.parameters), v_bar, o.shape(k))


def _each(linear: Callable[[Any], Any], batch: Batch, shape: tuple[int, ...]) -> Batch:
    """The map of every direction by itself."""
    return np.stack([np.broadcast_to(linear(direction), shape) for direction in batch])


def unbroadcast_batch(share: Batch, shape: tuple[int, ...]) -> Batch:
    """Shares summed down to the operand's shape, the batch left alone."""
    if share.shape[1:] == shape:
        return share
    p = len(share)
    return np.reshape(unbroadcast(share, (p, *(1,) * (share.ndim - 1 - len(shape)), *shape)), (p, *shape))


def _axes(o: Operation) -> tuple[int, ...]:
    """The axes of a reduction, in a batch of its operand."""
    axis, ndim = o.parameters["axis"], len(o.shape(0))
    listed = range(ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return tuple(1 + int(a) % ndim for a in listed)


def _sum(o: Operation, k: int, u_dot: Batch) -> Batch:
    if o.parameters["axis"] is None and not o.parameters["keepdims"]:
        return u_dot.reshape(len(u_dot), -1).sum(1)
    return np.sum(u_dot, axis=_axes(o), keepdims=o.parameters["keepdims"])


def _spread(o: Operation, k: int, v_bar: Batch) -> Batch:
    reduced, shape = _axes(o), (len(v_bar), *o.shape(0))
    spread = np.empty(shape, v_bar.dtype)
    spread[...] = v_bar.reshape([1 if i in reduced else n for i, n in enumerate(shape)])
    return spread


def _as_value(o: Operation, k: int, u_dot: Batch) -> Batch:
    return np.reshape(u_dot, (len(u_dot), *np.shape(o.value)))


def _as_operand(o: Operation, k: int, v_bar: Batch) -> Batch:
    return np.reshape(v_bar, (len(v_bar), *o.shape(k)))


def _order(o: Operation) -> list[int]:
    axes, ndim = o.parameters["axes"], len(o.shape(0))
    return list(range(ndim))[::-1] if axes is None else [int(a) % ndim for a in axes]


def _transposed(o: Operation, k: int, u_dot: Batch) -> Batch:
    return np.transpose(u_dot, [0, *(1 + a for a in _order(o))])


def _transposed_back(o: Operation, k: int, v_bar: Batch) -> Batch:
    return np.transpose(v_bar, [0, *(1 + a for a in np.argsort(_order(o)).tolist())])


def _key(o: Operation) -> tuple[tuple[Any, ...], bool] | None:
    """The index for a batch, and whether it may name an entry twice; None where NumPy would put the axes elsewhere."""
    key = o.parameters["key"]
    if key.__class__ is slice or key.__class__ is int:
        return (slice(None), key), False
    parts = key if isinstance(key, tuple) else (key,)
    arrays = any(isinstance(part, np.ndarray) for part in parts)
    if any(isinstance(part, bool | np.bool_) for part in parts):
        return None
    if arrays:
        advanced = [i for i, part in enumerate(parts) if not isinstance(part, slice) and part is not None and part is not Ellipsis]
        if advanced[-1] - advanced[0] + 1 != len(advanced):
            return None
    return (slice(None), *parts), arrays




def _placed(key: tuple[Any, ...], arrays: bool, batch: Batch, shape: tuple[int, ...]) -> Batch:
    out = np.zeros((len(batch), *shape), batch.dtype)
    if arrays:
        np.add.at(out, key, batch)
    else:
        out[key] = batch
    return out


def _index(o: Operation, k: int, u_dot: Batch) -> Batch | None:
    found = _key(o)
    return found and u_dot[found[0]]


def _index_back(o: Operation, k: int, v_bar: Batch) -> Batch | None:
    found = _key(o)
    return found and _placed(*found, v_bar, o.shape(0))


def _scatter(o: Operation, k: int, u_dot: Batch) -> Batch | None:
    found = _key(o)
    return found and _placed(*found, u_dot, np.shape(o.value))


def _scatter_back(o: Operation, k: int, v_bar: Batch) -> Batch | None:
    found = _key(o)
    return found and v_bar[found[0]]


def _stack(o: Operation, k: int, u_dot: Batch) -> Batch:
    out = np.zeros((len(u_dot), *np.shape(o.value)), u_dot.dtype)
    out[_layer(o, k)] = u_dot
    return out


def _layer(o: Operation, k: int) -> tuple[Any, ...]:
    return (slice(None),) * (1 + o.parameters["axis"] % np.ndim(o.value)) + (k,)


def _stack_back(o: Operation, k: int, v_bar: Batch) -> Batch:
    return v_bar[_layer(o, k)]


# fmt: off
TANGENTS: dict[str, Callable[[Operation, int, Batch], Batch | None]] = {
    "sum": _sum, "reshape": _as_value, "expand_dims": _as_value, "squeeze": _as_value, "transpose": _transposed,
    "index": _index, "scatter": _scatter, "stack": _stack,
}
ADJOINTS: dict[str, Callable[[Operation, int, Batch], Batch | None]] = {
    "sum": _spread, "reshape": _as_operand, "expand_dims": _as_operand, "squeeze": _as_operand, "transpose": _transposed_back,
    "broadcast_to": lambda o, k, v_bar: unbroadcast_batch(v_bar, o.shape(0)),
    "index": _index_back, "scatter": _scatter_back, "stack": _stack_back,
}
# fmt: on
