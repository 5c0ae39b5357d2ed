"""The maps of an array operation for a batch of directions: entry c of a batch, along its first axis, is the tangent or adjoint of direction c.

Rows that move or add entries take the batch as it is, its axis shifted out of the way. Any other row is asked once for each direction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from adviz.scale.operation import Operation
from adviz.structural import unbroadcast

Batch = np.ndarray
BatchMap = Callable[[Batch], Any]
Reading = Callable[[Operation, int], BatchMap | None]
ALL = slice(None)


def tangent_of_batch(o: Operation, k: int) -> BatchMap:
    """U̇_k ↦ its part of V̇, direction by direction."""
    together = TANGENTS.get(o.row.name)
    found = together(o, k) if together else None
    return found or _each(lambda u: o.row.tangent(k, u, o.value, *o.operands, **o.parameters), np.shape(o.value))


def adjoint_of_batch(o: Operation, k: int) -> BatchMap:
    """V̄ ↦ Ū_k, direction by direction; of an index as `Placed`."""
    together = ADJOINTS.get(o.row.name)
    found = together(o, k) if together else None
    return found or _each(lambda v: o.row.adjoint(k, v, o.value, *o.operands, **o.parameters), o.shape(k))


def _each(linear: Callable[[Any], Any], shape: tuple[int, ...]) -> BatchMap:
    """The map of every direction by itself."""
    return lambda batch: np.stack([np.broadcast_to(linear(direction), shape) for direction in batch])


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


def _sum(o: Operation, k: int) -> BatchMap:
    axes, keepdims = _axes(o), o.parameters["keepdims"]
    return lambda u_dot: np.sum(u_dot, axis=axes, keepdims=keepdims)


def _spread(o: Operation, k: int) -> BatchMap:
    axes, shape = _axes(o), o.shape(0)
    kept = [1 if i in axes else n for i, n in enumerate(shape, 1)]

    def spread(v_bar: Batch) -> Batch:
        whole = np.empty((len(v_bar), *shape), v_bar.dtype)
        whole[...] = v_bar.reshape(-1, *kept)
        return whole

    return spread


def _reshaped(shape: tuple[int, ...]) -> BatchMap:
    return lambda batch: batch.reshape(len(batch), *shape)


def _order(o: Operation) -> list[int]:
    axes, ndim = o.parameters["axes"], len(o.shape(0))
    return list(range(ndim))[::-1] if axes is None else [int(a) % ndim for a in axes]


def _transposed(order: list[int]) -> BatchMap:
    return lambda batch: np.transpose(batch, [0, *(1 + a for a in order)])


def _key(o: Operation) -> tuple[tuple[Any, ...], bool] | None:
    """The index for a batch, and whether it may name an entry twice; None where NumPy would put the axes elsewhere."""
    key = o.parameters["key"]
    parts = key if isinstance(key, tuple) else (key,)
    if any(isinstance(part, bool | np.bool_) for part in parts):
        return None
    arrays = any(isinstance(part, np.ndarray) for part in parts)
    if arrays:
        advanced = [i for i, part in enumerate(parts) if not isinstance(part, slice) and part is not None and part is not Ellipsis]
        if advanced[-1] - advanced[0] + 1 != len(advanced):
            return None
    return (ALL, *parts), arrays


def _taken(o: Operation, k: int) -> BatchMap | None:
    found = _key(o)
    if found is None:
        return None
    key = found[0]
    return lambda batch: batch[key]


class Placed(NamedTuple):
    """A batch that is zeros but at a key. It is written out, or added in place, when it arrives."""

    batch: Batch
    key: tuple[Any, ...]
    twice: bool
    shape: tuple[int, ...]

    def added(self, before: Batch | None) -> Batch:
        """before + this, in place; zeros with this in its place, if it is the first."""
        if before is None:
            before = np.zeros((len(self.batch), *self.shape), self.batch.dtype)
        if self.twice:
            np.add.at(before, self.key, self.batch)
        else:
            before[self.key] += self.batch
        return before


def _placed(o: Operation, shape: tuple[int, ...]) -> BatchMap | None:
    found = _key(o)
    if found is None:
        return None
    key, twice = found
    return lambda batch: Placed(batch, key, twice, shape)


def _written(o: Operation, shape: tuple[int, ...]) -> BatchMap | None:
    placed = _placed(o, shape)
    return placed and (lambda batch: placed(batch).added(None))


def _layer(o: Operation, k: int) -> tuple[Any, ...]:
    """Where operand k lies in a batch of a stack."""
    return (ALL,) * (1 + o.parameters["axis"] % np.ndim(o.value)) + (k,)


def _stacked(o: Operation, k: int) -> BatchMap:
    layer, shape = _layer(o, k), np.shape(o.value)

    def stacked(u_dot: Batch) -> Batch:
        out = np.zeros((len(u_dot), *shape), u_dot.dtype)
        out[layer] = u_dot
        return out

    return stacked


def _unstacked(o: Operation, k: int) -> BatchMap:
    layer = _layer(o, k)
    return lambda v_bar: v_bar[layer]


def _section(o: Operation, k: int) -> tuple[Any, ...]:
    """Where operand k lies in a batch of a join."""
    axis = o.parameters["axis"]
    lengths = [int(np.size(u)) if axis is None else np.shape(u)[axis] for u in o.operands[: k + 1]]
    return (ALL,) * (1 + (axis or 0) % np.ndim(o.value)) + (slice(sum(lengths[:k]), sum(lengths)),)


def _joined(o: Operation, k: int) -> BatchMap:
    section, shape, flat = _section(o, k), np.shape(o.value), o.parameters["axis"] is None

    def joined(u_dot: Batch) -> Batch:
        out = np.zeros((len(u_dot), *shape), u_dot.dtype)
        out[section] = u_dot.reshape(len(u_dot), -1) if flat else u_dot
        return out

    return joined


def _parted(o: Operation, k: int) -> BatchMap:
    section, shape = _section(o, k), o.shape(k)
    return lambda v_bar: v_bar[section].reshape(len(v_bar), *shape)


def _as_value(o: Operation, k: int) -> BatchMap:
    return _reshaped(np.shape(o.value))


def _as_operand(o: Operation, k: int) -> BatchMap:
    return _reshaped(o.shape(k))


# fmt: off
TANGENTS: dict[str, Reading] = {
    "sum": _sum, "reshape": _as_value, "expand_dims": _as_value, "squeeze": _as_value, "transpose": lambda o, k: _transposed(_order(o)),
    "index": _taken, "scatter": lambda o, k: _written(o, np.shape(o.value)), "stack": _stacked,
    "concatenate": _joined,
}
ADJOINTS: dict[str, Reading] = {
    "sum": _spread, "reshape": _as_operand, "expand_dims": _as_operand, "squeeze": _as_operand,
    "transpose": lambda o, k: _transposed(np.argsort(_order(o)).tolist()),
    "broadcast_to": lambda o, k: lambda v_bar: unbroadcast_batch(v_bar, o.shape(0)),
    "index": lambda o, k: _placed(o, o.shape(0)), "scatter": _taken, "stack": _unstacked, "concatenate": _parted,
}
# fmt: on
