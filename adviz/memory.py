"""Memory that serves again: fresh memory for a large array costs more than the arithmetic that fills it.

The system hands out a page when it is first written to. A gradient that is computed again and again, as in a descent, therefore writes its
large arrays where those of the run before stood, and its adjoints where those stood that were sent on: if nobody sees them any more.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from sys import getrefcount
from typing import Any

import numpy as np

LARGE = 2**17  # bytes: smaller arrays come from memory that the process has already
KEPT = 2**28  # bytes that are kept between two runs
DOUBLE = np.dtype(float)


class Memory:
    """Arrays in double precision that nobody holds, by shape."""

    __slots__ = ("_free", "_size", "_taken")

    def __init__(self) -> None:
        self._free: dict[tuple[int, ...], list[np.ndarray]] = {}
        self._taken: dict[tuple[int, ...], int] = {}  # how many this run has taken: no more are kept for the next one
        self._size = 0  # bytes that are free

    def write(self, ufunc: Any, *u: Any) -> Any:
        """φ(u), written over an operand that nobody else holds, or to free memory: if it is large and of the operands' shape."""
        if not is_double(ufunc, len(u)):
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
            if a.__class__ is np.ndarray and is_whole(a) and getrefcount(a) <= HOLDERS_OF_OPERAND:
                return ufunc(*u, out=a)
        return ufunc(*u, out=self._take(shape))

    def copy(self, a: np.ndarray) -> np.ndarray:
        """The array as it is now, in its order."""
        if not a.flags.c_contiguous:
            return np.array(a)
        own = self._take(a.shape)
        np.copyto(own, a)
        return own

    def _take(self, shape: tuple[int, ...]) -> np.ndarray:
        try:
            array = self._free[shape].pop()
            self._size -= array.nbytes
        except (KeyError, IndexError):
            array = np.empty(shape)
        self._taken[shape] = self._taken.get(shape, 0) + 1
        return array

    def release(self, a: Any) -> None:
        """An array that the caller needs no more: it is free if nobody else holds it."""
        if a.__class__ is not np.ndarray or a.nbytes < LARGE or a.dtype is not DOUBLE or not is_whole(a):
            return
        if getrefcount(a) <= HOLDERS and self._size + a.nbytes <= KEPT:
            free = self._free.setdefault(a.shape, [])
            if len(free) < self._taken.get(a.shape, 0):
                self._size += a.nbytes
                free.append(a)

    def release_all(self, events: list[Any], inputs: list[Any]) -> None:
        """The end of a run: the values of its events, the last one first, for then nobody holds it as an operand, and its inputs.
        Empties the lists. Shapes that the run had no use for are forgotten."""
        while len(events) > 1:
            v = events.pop()[3]
            self.release(v)
        while inputs:
            v = inputs.pop()
            self.release(v)
        self._free = {shape: free for shape, free in self._free.copy().items() if shape in self._taken}
        self._size = sum(a.nbytes for free in self._free.copy().values() for a in free.copy())
        self._taken = {}

    def _holders(self, a: Any) -> int:
        return getrefcount(a)

    def _holders_of_operand(self, *u: Any) -> int:
        for a in u:
            return getrefcount(a)
        return 0


@lru_cache(maxsize=256)
def is_double(ufunc: Any, n: int) -> bool:
    """Whether that function of n arrays in double precision gives one: others may not be told where to write."""
    return ufunc.__class__ is np.ufunc and "d" * n + "->d" in ufunc.types


def is_whole(a: np.ndarray) -> bool:
    """Whether an array has its memory to itself, in one piece, and may write there."""
    flags = a.flags
    return a.base is None and flags.owndata and flags.carray


def fewest(holders: Callable[[], int]) -> int:
    """A count of holders as Python has it when it has warmed up to the calls, or before: the stricter one. 0, and nobody is alone, where
    Python does not count: from 3.14 on a call may borrow what its caller holds, and without the global lock others may not have told yet."""
    return min(holders() for _ in range(WARM)) if COUNTED else 0


def _holders() -> int:
    a = object()
    return Memory()._holders(a)


WARM = 100  # calls
COUNTED = sys.implementation.name == "cpython" and sys.version_info < (3, 14) and "free-threading" not in sys.version
# Of an array that only the caller holds: its variable, ours, and the question itself. Of what is in between: our tuple, our variable, the question.
HOLDERS = fewest(_holders)
HOLDERS_OF_OPERAND = fewest(lambda: Memory()._holders_of_operand(object()))
