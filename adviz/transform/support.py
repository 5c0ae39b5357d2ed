"""What generated programs call besides the kernels: constants as floats, shadows of lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.kernels import FLOAT_ERRORS
from adviz.recording import constant
from adviz.texts import text


class Careful(ValueError):
    """Plain floats will not do here: the program is run again on any kind of number."""


FLOATS_ONLY = text("transform.floats_only")


def real(u: Any) -> Any:
    """A constant as a float. Careful, if it is something else: an array, a number of another precision."""
    if u.__class__ is float or u.__class__ is int:
        return u
    x = constant(u)
    if x.__class__ is not float:
        raise Careful(FLOATS_ONLY)
    return x


def zeros(u: Any) -> Any:
    """A shadow of a structure: lists of 0.0, to which adjoints are added."""
    if isinstance(u, dict):
        return {key: zeros(value) for key, value in u.items()}
    return [zeros(value) for value in u] if isinstance(u, list | tuple) else 0.0


def cells(u: Any) -> Any:
    """A shadow of a structure in which every number has a cell of its own."""
    if isinstance(u, dict):
        return {key: cells(value) for key, value in u.items()}
    return [cells(value) for value in u] if isinstance(u, list | tuple) else [0.0]


def copied(v: Any, u: Any) -> Any:
    """A structure like u, or its shadow: the lists are new, what is in them is the same."""
    if isinstance(u, dict):
        return {key: copied(v[key], value) for key, value in u.items()}
    return type(v)(map(copied, v, u)) if isinstance(u, list | tuple) and not hasattr(v, "_make") else v


def restored(shadow: Any, u: Any) -> Any:
    """A shadow in the structure of what it is the shadow of, its cells opened."""
    match u:
        case dict():
            return {key: restored(shadow[key], value) for key, value in u.items()}
        case tuple() if hasattr(u, "_make"):
            return u._make(map(restored, shadow, u))
        case list() | tuple():
            return type(u)(map(restored, shadow, u))
        case np.ndarray():  # the text of a program that reads entries
            return np.reshape(shadow, u.shape)
    return shadow[0] if isinstance(shadow, list) else shadow


def seeded(shadow: Any, y_bar: Any) -> None:
    """Adds seeds to the cells of a list that is returned."""
    entries = shadow.values() if isinstance(shadow, dict) else shadow
    given = [y_bar[key] for key in shadow] if isinstance(shadow, dict) else y_bar
    for cell, seed in zip(entries, given, strict=True):
        if isinstance(cell, list) and len(cell) == 1 and not isinstance(cell[0], list):
            cell[0] = cell[0] + seed
        else:
            seeded(cell, seed)


def checked(kernel: Callable[..., float]) -> Callable[..., float]:
    """A kernel that may make a number of nan: Careful, where it would."""

    def careful(*operands: float) -> float:
        if any(u != u for u in operands):
            raise Careful(FLOATS_ONLY)
        return kernel(*operands)

    return careful


def is_float(u: Any) -> bool:
    """Whether a structure has nothing but floats in it."""
    if u.__class__ is list and u and u[0].__class__ is float:
        return set(map(type, u)) == {float}
    if isinstance(u, dict):
        return all(map(is_float, u.values()))
    return all(map(is_float, u)) if isinstance(u, list | tuple) else u.__class__ is float


def is_floats(u: Any) -> bool:
    """Whether u is a list or tuple of floats."""
    return u.__class__ in (list, tuple) and set(map(type, u)) == {float}


def is_finite(u: Any) -> bool:
    """Whether neither nan nor infinity is in a structure of floats."""
    if isinstance(u, dict):
        return all(map(is_finite, u.values()))
    if u.__class__ is list and u and u[0].__class__ is float:
        total = sum(u)
        return total - total == 0.0
    return all(map(is_finite, u)) if isinstance(u, list | tuple) else u - u == 0.0


def is_plain(u: Any) -> bool:
    """Whether derivatives are finite and none is 0: then no nan, no infinity and no sign of a zero hides anything."""
    if isinstance(u, dict):
        return all(map(is_plain, u.values()))
    if u.__class__ is list and u and u[0].__class__ is float:
        return is_finite(u) and 0.0 not in u
    return all(map(is_plain, u)) if isinstance(u, list | tuple) else u * 0.0 == 0.0 != u


__all__ = ["FLOAT_ERRORS", "Careful", "cells", "copied", "is_finite", "is_float", "is_floats", "is_plain", "real", "restored", "seeded", "zeros"]
