"""What a line of an array program sends back in the quick reverse sweep, as if every entry were reached.

Two things save passes over memory. A share that is the same for every entry of an array stays a number until it meets an array. What an
index sends back is written to its place when it arrives, not spread out in zeros before.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import getrefcount
from typing import Any

import numpy as np
from numpy import add, ndarray, zeros

from adviz.errors import RowError
from adviz.generate_sweeps import Shares
from adviz.memory import fewest
from adviz.shapes import scatter
from adviz.structural import unbroadcast
from adviz.texts import text

DOUBLE = np.dtype(float)


class Line:
    """A kind of line: its shares as text and the names in that text.

    `send` computes the shares and adds them up (`generate_sweeps.line_source`); it is generated when it is first needed.
    """

    __slots__ = ("names", "send", "send_large", "shares")

    def __init__(self, shares: Callable[[], Shares] = Shares, names: Callable[[], dict[str, Any]] = dict) -> None:
        self.shares, self.names = shares, names
        self.send: Callable[..., None] | None = None
        self.send_large: Callable[..., None] | None = None  # where arrays are large


def mapped(k: int, event: tuple[Any, ...], v_bar: Any) -> Any:
    """The share of operand k by the row's adjoint map."""
    row, _, parameters, v, u = event[:5]
    if v_bar.__class__ is float and v.__class__ is ndarray:
        v_bar = np.full(v.shape, v_bar)
    return checked(row, row.adjoint(k, v_bar, v, *u, **parameters), u[k])


def checked(row: Any, share: Any, u: Any) -> Any:
    """The share, which has its operand's shape; RowError if not, for then the row is wrong."""
    if share.__class__ is ndarray and u.__class__ is ndarray and share.shape == u.shape:
        return share
    if np.shape(share) != np.shape(u):
        raise RowError(text("row.shape", row=row.name, share=np.shape(share), operand=np.shape(u)))
    return share


def standing(v_bar: float, u: tuple[Any, ...], v: ndarray) -> Any:
    """v̄ where it may be one number that stands for all entries: written out if an operand was repeated, or if rounding in the lines
    before could come to depend on an operand's order in memory."""
    for a in u:
        if a.__class__ is ndarray and (a.shape != v.shape or a.ndim > 1 and not a.flags.c_contiguous):
            return np.full(v.shape, v_bar)
    return v_bar


def fitted(share: Any, u: Any, v: Any) -> Any:
    """The share of an elementwise operation in the shape of its operand u: summed where u was repeated."""
    if share.__class__ is u.__class__ is ndarray and share.shape[1:] == u.shape:
        return np.add.reduce(share, 0)  # down to a row: the commonest case
    if isinstance(share, float) and v.__class__ is ndarray:
        if u.__class__ is ndarray:
            return float(share)
        share = np.full(v.shape, share)
    return unbroadcast(share, np.shape(u))


def added(before: Any, share: Any) -> Any:
    """before + share, in place where nobody else holds the sum."""
    if before.__class__ is share.__class__ is ndarray and before.base is None and before.dtype is share.dtype and getrefcount(before) <= HOLDERS:
        before += share
        return before
    return before + share


def placed(before: Any, share: Any, a: Any, key: Any) -> Any:
    """before + share at the key, in place where nobody else holds the sum; zeros but there, if it is the first."""
    if key.__class__ is slice and share.__class__ is ndarray:  # the commonest
        if before is None:
            total = zeros(a.shape, share.dtype)
            total[key] = share
            return total
        if before.__class__ is ndarray and before.base is None and before.dtype is share.dtype and getrefcount(before) <= HOLDERS:
            part = before[key]
            add(part, share, part)
            return before
    if share.__class__ is ndarray or share.__class__ is float:
        sliced = key.__class__ is slice
        if before is None and sliced:
            total = zeros(a.shape)
            total[key] = share
            return total
        if before.__class__ is float:  # one number for every entry, until now
            before = np.full(a.shape, before)
        if before.__class__ is ndarray and before.base is None and before.dtype is getattr(share, "dtype", DOUBLE) and getrefcount(before) <= HOLDERS:
            if sliced:
                part = before[key]
                part += share  # and not before[key] += share, which would assign the part to itself
            elif any(isinstance(part, ndarray) for part in (key if isinstance(key, tuple) else (key,))):
                np.add.at(before, key, share)  # an index may name an entry twice
            else:
                before[key] += share
            return before
    share = scatter(share, shape=np.shape(a), key=key)
    return share if before is None else added(before, share)


def _count(total: Any) -> int:
    return getrefcount(total)


def _holders() -> int:
    adjoint = [object()]
    before = adjoint[0]
    return _count(before)


# Of a sum that nobody else holds: the list of adjoints, the sweep, the function that adds, and the question itself.
HOLDERS = fewest(_holders)


# fmt: off
NAMES = {
    "ndarray": ndarray, "add": add, "subtract": np.subtract, "multiply": np.multiply, "negative": np.negative,
    "mapped": mapped, "standing": standing, "fitted": fitted, "added": added, "placed": placed,
}
# fmt: on


def _by(*shares: str, summed: str = Shares().summed) -> Line:
    """A line whose shares are these expressions, one per operand."""
    return Line(lambda: Shares([[f"share = {share}"] for share in shares], summed=summed))


NUMBER = "if isinstance(v_bar, float) else mapped(0, event, v_bar)"
MATRICES = "if a.__class__ is b.__class__ is v_bar.__class__ is ndarray and a.ndim == b.ndim == 2 else mapped({k}, event, v_bar)"
SUM = _by(f"float(v_bar) {NUMBER}")  # of everything, in double precision
MEAN = _by(f"float(v_bar) / a.size {NUMBER}")
BY_MAP = Line()
LINES = {  # of array operations that have a shorter way than their map, by name
    "index": _by("v_bar", summed="placed(before, share, a, parameters['key'])"),
    "matmul": _by(f"v_bar @ b.T {MATRICES.format(k=0)}", f"a.T @ v_bar {MATRICES.format(k=1)}"),
}
