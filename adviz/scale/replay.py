"""A trace computed anew in another precision: the same operations, every number of it rounded to that precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.linear import OPERATORS, Elementary, Linear, on_arrays
from adviz.matrices import LAPACK
from adviz.recording import general
from adviz.structural import Structural
from adviz.wengert import Assignment, Constant, Ref, Trace


def rounded(u: Any, dtype: Any) -> Any:
    """A number or an array in that precision.

    >>> rounded(0.1, np.float16)
    np.float16(0.1)
    """
    return u.astype(dtype) if isinstance(u, np.ndarray) and u.ndim else dtype.type(u) if isinstance(dtype, np.dtype) else dtype(u)


class Replay(Trace):
    """The trace t with every value, constant and partial in the precision `dtype`. Its path is that of t: no comparison is made again."""

    def __init__(self, t: Trace, dtype: np.dtype) -> None:
        with np.errstate(all="ignore"):  # what is too large becomes inf, what is too small 0: that is what is to be seen
            numbers = tuple(rounded(x, dtype) for x in t.point)
            super().__init__(t._point._replace(numbers=numbers), t._outputs, t._recording, order=t.order, names=t._names, error=None)
            values: dict[int, Any] = dict(zip(t.inputs, numbers, strict=True))
            assignments = []
            for a in t.assignments:
                assignments.append(computed(a, values, dtype))
                values[a.index] = assignments[-1].value
        self.assignments, self.lines = tuple(assignments), None  # what the tape says is of another precision


def computed(a: Assignment, values: dict[int, Any], dtype: np.dtype) -> Assignment:
    """The assignment in that precision, from operands in that precision."""
    if a.row is None:
        return a._replace(value=rounded(a.value, dtype))
    operands = tuple(u if isinstance(u, Ref) else Constant(rounded(u.value, dtype)) for u in a.operands)
    u = [values[w.index] if isinstance(w, Ref) else w.value for w in operands]
    if not a.maps:
        reading = general(a.row.name)
        v = rounded(reading["value"](*u), dtype)
        slopes = [reading[f"partial_{k}"](*u, v) if p is not None else None for k, p in enumerate(a.partials)]
        undefined = np.isnan(v) and not np.isnan(u).any()
        partials = tuple(None if p is None else rounded(p * np.nan if undefined else p, dtype) for p in slopes)
        return a._replace(operands=operands, value=v, partials=partials)
    row = computable(next(to.row for to in a.maps if to is not None), dtype)
    function = (OPERATORS.get(row.name) or on_arrays(row.name)) if isinstance(row, Elementary) else row.value
    v = rounded(function(*u, **a.parameters), dtype)
    maps = tuple(to and Linear(row, k, v, tuple(u), dict(a.parameters)) for k, to in enumerate(a.maps))
    return a._replace(operands=operands, value=v, partials=tuple(to and to.array() for to in maps), maps=maps)


def computable(row: Structural | Elementary, dtype: np.dtype) -> Structural | Elementary:
    """The row itself. Linear algebra, which NumPy does not have in float16, computes in float32 and rounds, its value and both its maps."""
    if isinstance(row, Elementary) or row.name not in LAPACK or dtype != np.float16:
        return row

    def wide(u: Any) -> Any:
        return rounded(u, np.dtype(np.float32)) if isinstance(u, np.ndarray | np.floating) else u

    def in_float32(compute: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *u, **parameters: rounded(compute(*map(wide, u), **parameters), dtype)

    return row._replace(value=in_float32(row.value), adjoint=in_float32(row.adjoint), tangent=in_float32(row.tangent))
