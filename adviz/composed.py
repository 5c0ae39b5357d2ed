"""NumPy functions that are made of others: each is recorded as the rows it is composed of, or computed on plain numbers.

What an array is asked by name (x.sum(), x.T) is here too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import pairwise
from typing import Any, NamedTuple, cast

import numpy as np

from adviz.errors import UnsupportedError
from adviz.structural import plain, precision
from adviz.tape import told

INFINITE = float("inf")


def clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    """minimum(maximum(a, a_min), a_max): at a tie the slope is split evenly, as for np.maximum."""
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    raised = a if low is None else np.maximum(a, low)
    return raised if high is None else np.minimum(raised, high)


def at_least_1d(*arrays: Any) -> Any:
    """Numbers as arrays of one entry."""
    raised = tuple(np.reshape(a, (1,)) if np.ndim(a) == 0 else a for a in arrays)
    return raised[0] if len(raised) == 1 else raised


def at_least_2d(*arrays: Any) -> Any:
    """Numbers and vectors as matrices of one row."""
    raised = tuple(np.reshape(a, (1, -1)) if np.ndim(a) < 2 else a for a in arrays)
    return raised[0] if len(raised) == 1 else raised


def vstack(tup: Sequence[Any]) -> Any:
    """Rows one above the other."""
    return np.concatenate([at_least_2d(a) for a in tup], axis=0)


def hstack(tup: Sequence[Any]) -> Any:
    """Vectors one after the other, matrices side by side."""
    parts = [at_least_1d(a) for a in tup]
    return np.concatenate(parts, axis=0 if np.ndim(parts[0]) == 1 else 1)


def column_stack(tup: Sequence[Any]) -> Any:
    """Vectors as columns, side by side."""
    return np.concatenate([np.reshape(a, (-1, 1)) if np.ndim(a) < 2 else a for a in tup], axis=1)


def swap_axes(a: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    order = list(range(np.ndim(a)))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return np.transpose(a, tuple(order))


def move_axis(a: Any, source: Any, destination: Any) -> Any:
    """Axes at new places: the order that NumPy itself finds, applied by transpose."""
    order = np.moveaxis(np.empty(tuple(range(2, 2 + np.ndim(a)))), source, destination).shape
    return np.transpose(a, tuple(n - 2 for n in order))


def inner(a: Any, b: Any) -> Any:
    """Over the last axis of both."""
    return np.multiply(a, b) if np.ndim(a) == 0 or np.ndim(b) == 0 else np.tensordot(a, b, axes=([-1], [-1]))


def scaled(a: Any, b: Any) -> Any:
    """np.dot with a number. One of Python's is in double precision here, as in NumPy."""
    wide = (np.full(np.shape(other), u) if u.__class__ in (float, int) and precision(other) != np.float64 else u for u, other in ((a, b), (b, a)))
    return np.multiply(*wide)


def kron(a: Any, b: Any) -> Any:
    """The Kronecker product of two vectors or two matrices."""
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        return np.reshape(np.outer(a, b), -1)
    (m, n), (p, q) = np.shape(a), np.shape(b)
    return np.reshape(np.einsum("ij,kl->ikjl", a, b), (m * p, n * q))


def cross(a: Any, b: Any) -> Any:
    """a × b of vectors of three entries."""
    return np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def matrix_power(a: Any, n: int) -> Any:
    """A multiplied n times; by squaring, as NumPy does it, only the rounding would differ."""
    if n < 0:
        return matrix_power(np.linalg.inv(a), -n)
    return reduce(np.matmul, [a] * n) if n else np.eye(np.shape(a)[-1], dtype=precision(a))


def norm_of_order(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The vector norms of order 1, infinity and p."""
    size = np.abs(x)
    if ord == INFINITE:
        return np.max(size, axis=axis, keepdims=keepdims)
    if ord == 1:
        return np.sum(size, axis=axis, keepdims=keepdims)
    return np.sum(size**ord, axis=axis, keepdims=keepdims) ** (1.0 / ord)


def parted(function: Callable[..., Any]) -> Callable[..., list[Any]]:
    """np.split or np.array_split: the parts, by index."""
    return lambda ary, indices_or_sections, axis=0: _parts(function, ary, indices_or_sections, axis)


def _parts(function: Callable[..., Any], ary: Any, indices_or_sections: Any, axis: int) -> list[Any]:
    positions = function(np.arange(np.shape(ary)[axis]), indices_or_sections)
    before = (slice(None),) * (axis % np.ndim(ary))
    ends = np.cumsum([0, *(len(part) for part in positions)]).tolist()
    return [ary[(*before, slice(start, end))] for start, end in pairwise(ends)]


def sort(a: Any, axis: int = -1) -> Any:
    """The entries in their order: along it the derivative follows each entry to its place."""
    order = np.argsort(plain(a), axis=axis, kind="stable")
    places = list(np.ogrid[tuple(slice(n) for n in np.shape(a))])
    places[axis] = order
    return a[tuple(places)]


def average(a: Any, axis: Any = None, weights: Any = None) -> Any:
    """Σ w a / Σ w"""
    return np.mean(a, axis=axis) if weights is None else np.sum(a * weights, axis=axis) / np.sum(weights)


def round_to(a: Any, decimals: int = 0) -> Any:
    """To that many decimals; constant between jumps."""
    return np.rint(a * 10.0**decimals) / 10.0**decimals if decimals else np.rint(a)


def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    """Entries taken several times."""
    flat = np.ravel(a) if axis is None else a
    chosen = np.repeat(np.arange(np.shape(flat)[axis or 0]), repeats)
    return flat[(slice(None),) * ((axis or 0) % np.ndim(flat)) + (chosen,)]


def tile(A: Any, reps: int) -> Any:
    """A number or a vector repeated as a whole."""
    return np.concatenate([at_least_1d(A)] * reps)


def trapezoid(y: Any, x: Any = None, dx: float = 1.0) -> Any:
    """Σ (x_{i+1} - x_i) (y_i + y_{i+1}) / 2"""
    return np.sum((dx if x is None else np.diff(x)) * (y[1:] + y[:-1])) * 0.5


def polyval(p: Any, x: Any) -> Any:
    """Horner's rule, the highest coefficient first."""
    return reduce(lambda y, c: y * x + c, list(p)[1:], p[0] + 0.0 * x)


def peak_to_peak(a: Any, axis: Any = None) -> Any:
    """max - min"""
    return np.max(a, axis=axis) - np.min(a, axis=axis)


def triangle(keep: Callable[..., Any]) -> Callable[..., Any]:
    """np.tril or np.triu: the other entries left out."""
    return lambda m, k=0: np.where(keep(np.ones(np.shape(m)), k) != 0, m, 0.0)


def copy(a: Any, *_: Any, **__: Any) -> Any:
    """A traced array is never changed, so it is its own copy."""
    return a


class Composition(NamedTuple):
    """How a NumPy function is made of others, and when it is to be used instead of a row the function has."""

    function: Callable[..., Any]
    instead: Callable[..., bool] = lambda *operands, **options: True


def another_order(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> bool:
    """Whether np.linalg.norm is called for a vector norm other than the Euclidean."""
    return ord not in (None, 2) and isinstance(ord, int | float) and (np.ndim(x) == 1 if axis is None else np.size(axis) == 1)


# fmt: off
_COMPOSED: dict[Any, Callable[..., Any]] = {
    np.clip: clip, np.ravel: lambda a: np.reshape(a, -1), np.atleast_1d: at_least_1d, np.atleast_2d: at_least_2d,
    np.vstack: vstack, np.hstack: hstack, np.column_stack: column_stack, np.swapaxes: swap_axes, np.moveaxis: move_axis,
    np.inner: inner, np.vdot: lambda a, b: np.dot(np.ravel(a), np.ravel(b)), np.kron: kron, np.cross: cross,
    np.linalg.matrix_power: matrix_power,
    np.split: parted(np.split), np.array_split: parted(np.array_split), np.sort: sort, np.average: average, np.round: round_to, np.around: round_to,
    np.repeat: repeat, np.tile: tile, np.trapezoid: trapezoid, np.polyval: polyval, np.ptp: peak_to_peak,
    np.tril: triangle(np.tril), np.triu: triangle(np.triu), np.copy: copy,
    np.append: lambda arr, values: np.concatenate([np.ravel(arr), np.ravel(values)]),
    np.fliplr: lambda m: np.flip(m, 1), np.flipud: lambda m: np.flip(m, 0),
    np.diagonal: lambda a, offset=0: np.diag(a, offset), np.real: copy,
}
COMPOSED = {function: Composition(composed) for function, composed in _COMPOSED.items()} | {
    np.linalg.norm: Composition(norm_of_order, another_order),
    np.dot: Composition(scaled, lambda a, b: np.ndim(a) == 0 or np.ndim(b) == 0),
}
PLAIN = frozenset({
    np.shape, np.ndim, np.size, np.argmax, np.argmin, np.argsort, np.any, np.all, np.count_nonzero, np.nonzero, np.allclose, np.isclose,
    np.array_equal, np.zeros_like, np.ones_like, np.full_like, np.empty_like, np.searchsorted, np.result_type,
    np.isscalar, np.iscomplexobj, np.isrealobj,
    np.flatnonzero, np.argwhere, np.lexsort, np.unravel_index, np.may_share_memory, np.array_repr, np.array_str, np.array2string, np.broadcast_shapes,
})


def to_list(self: Any) -> Any:
    """The entries as nested lists of traced numbers."""
    return [entry.tolist() if np.ndim(entry) else entry for entry in self]


def item(self: Any, *position: Any) -> Any:
    """One entry: by its place, or the only one."""
    if not position and np.size(self) != 1:
        raise ValueError("can only convert an array of size 1 to a Python scalar")  # NumPy's own words
    place = position[0] if len(position) == 1 else position
    return self[place] if isinstance(place, tuple) and place else np.ravel(self)[place or 0]


def as_type(self: Any, dtype: Any, **_: Any) -> Any:
    """The array itself, if that is its precision; its value in another one has another derivative."""
    if np.dtype(dtype) != self.dtype:
        raise UnsupportedError(told("array.astype", dtype=np.dtype(dtype), own=self.dtype))
    return self


def _reshape(self: Any, *shape: Any, order: Any = "C") -> Any:
    wanted: Any = shape[0] if len(shape) == 1 else shape
    return np.reshape(self, wanted, order=order)


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's function as a method."""
    return lambda self, *given, **named: function(self, *given, **named)


def _transpose(self: Any, *axes: Any) -> Any:
    return np.transpose(self, (axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes) or None)


METHODS: dict[str, Callable[..., Any]] = {
    **{name: _method(function) for name, function in cast(dict[str, Callable[..., Any]], {
        "sum": np.sum, "mean": np.mean, "prod": np.prod, "max": np.max, "min": np.min, "var": np.var, "std": np.std, "cumsum": np.cumsum,
        "dot": np.dot, "trace": np.trace, "ravel": np.ravel, "flatten": np.ravel, "swapaxes": np.swapaxes, "squeeze": np.squeeze,
        "clip": np.clip, "repeat": np.repeat, "round": np.round, "argmax": np.argmax, "argmin": np.argmin, "argsort": np.argsort,
        "any": np.any, "all": np.all, "diagonal": np.diagonal, "copy": np.copy, "nonzero": np.nonzero,
    }).items()},
    "reshape": _reshape, "transpose": _transpose, "tolist": to_list, "item": item, "astype": as_type, "view": copy,
}
# fmt: on
