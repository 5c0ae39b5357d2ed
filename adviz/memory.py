"""Memory that serves again: fresh memory for a large array costs more than the arithmetic that fills it.

The system hands out a page when it is first written to. A gradient that is computed again and again, as in a descent, therefore writes its
large arrays where those of the run before stood, and its adjoints where those stood that were sent on: if nobody sees them any more.
"""

from __future__ import annotations

import sys
from sys import getrefcount
from typing import Any

import numpy as np

LARGE = 2**17  # bytes: smaller arrays come from memory that the process has already
KEPT = 2**28  # bytes that are kept between two runs
DOUBLE = np.dtype(float)


class Memory:
    """Arrays in double precision that nobody holds, by shape."""

    __slots__ = ("_free", "_size", "_wanted")

    def __init__(self) -> None:
        self._free: dict[tuple[int, ...], list[np.ndarray]] = {}
        self._size = 0  # bytes that are free
        self._wanted = 0  # bytes that this run has taken: no more are kept for the next one

    def write(self, ufunc: Any, *u: Any) -> Any:
        """φ(u), written over an operand that nobody else holds, or to free memory: if it is large and of the operands' shape."""
        if ufunc.__class__ is not np.ufunc:
            return ufunc(*u)
        shape = None
        for a in u:
            if a.__class__ is np.ndarray:
                if a.nbytes < LARGE or a.dtype is not DOUBLE or shape not in (None, a.shape) or not (a.ndim == 1 or a.flags.c_contiguous):
                    return ufunc(*u)
                shape = a.shape
            elif a.__class__ is not float:
                return ufunc(*u)
        if shape is None:
            return float(ufunc(*u))
        for a in u:
            if a.__class__ is np.ndarray and a.base is None and getrefcount(a) <= HOLDERS_OF_OPERAND:
                return ufunc(*u, out=a)
        return ufunc(*u, out=self._take(shape))

    def _take(self, shape: tuple[int, ...]) -> np.ndarray:
        try:
            array = self._free[shape].pop()
            self._size -= array.nbytes
        except (KeyError, IndexError):
            array = np.empty(shape)
        self._wanted += array.nbytes
        return array

    def release(self, a: Any) -> None:
        """An array that the caller needs no more: it is free if nobody else holds it."""
        if a.__class__ is not np.ndarray or a.nbytes < LARGE or a.base is not None or a.dtype is not DOUBLE or not a.flags.c_contiguous:
            return
        if getrefcount(a) <= HOLDERS and self._size + a.nbytes <= min(self._wanted, KEPT):
            self._size += a.nbytes
            self._free.setdefault(a.shape, []).append(a)

    def release_all(self, events: list[Any]) -> None:
        """The end of a run: the values of its events, the last one first, for then nobody holds it as an operand. Empties the list."""
        while len(events) > 1:
            v = events.pop()[3]
            self.release(v)
        self._wanted = 0

    def _holders(self, a: Any) -> int:
        return getrefcount(a)

    def _holders_of_operand(self, *u: Any) -> int:
        for a in u:
            return getrefcount(a)
        return 0


def _holders() -> int:
    a = object()
    return Memory()._holders(a)


# From Python 3.14 on a call may borrow what its caller holds, and a count no longer says who does: there nothing is written twice.
COUNTED = sys.version_info < (3, 14) and sys.implementation.name == "cpython"
# Of an array that only the caller holds: its variable, ours, and the question itself. Of what is in between: our tuple, our variable, the question.
HOLDERS = _holders() if COUNTED else 0
HOLDERS_OF_OPERAND = Memory()._holders_of_operand(object()) if COUNTED else 0
