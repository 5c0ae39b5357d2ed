"""The programs of the lab of branches, as a learner might have written them."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

FILE = "<a program of adviz.labs>"  # adviz shows no lines of its own files


def doubling(x: Any) -> Any:
    y = x * x + 0.5
    while y < 8:
        y = 2 * y
    if x < 0:
        return -y
    return y


def kink(x: Any) -> Any:
    if x > 0:
        return x * x + x
    return -x


def masks(x: Any) -> Any:
    low = x < 1
    return low * x + (1 - low) * np.sqrt(x)


def where(x: Any) -> Any:
    return np.where(x < 1, x, np.sqrt(x))


def double_where(x: Any) -> Any:
    low = x < 1
    safe = np.where(low, 1.0, x)
    return low * x + (1 - low) * np.sqrt(safe)


def programs() -> dict[str, Callable[[Any], Any]]:
    """The programs by name, with a text that a trace may show.

    >>> list(programs())
    ['doubling', 'kink', 'masks', 'where', 'double_where']
    """
    lines = [line.replace("x: Any) -> Any:", "x):") for line in linecache.getlines(__file__)]
    linecache.cache[FILE] = (sum(map(len, lines)), None, lines, FILE)
    written = (doubling, kink, masks, where, double_where)
    return {f.__name__: FunctionType(f.__code__.replace(co_filename=FILE), globals(), f.__name__) for f in written}
