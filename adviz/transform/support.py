"""What generated programs call besides the kernels: constants as floats, shadows of lists."""

from __future__ import annotations

from typing import Any

import numpy as np

from adviz.kernels import FLOAT_ERRORS
from adviz.recording import constant


class Careful(ValueError):
    """Plain floats will not do here: the program is run again on any kind of number."""


def real(u: Any) -> Any:
    """A constant as a float. Careful, if it is something else: an array, a number of another precision."""
    if u.__class__ is float or u.__class__ is int:
        return u
    x = constant(u)
    if x.__class__ is not float:
        raise Careful
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


def restored(shadow: Any, u: Any) -> Any:
    """A shadow in the structure of what it is the shadow of, its cells opened."""
    match u:
        case dict():
            return {key: restored(shadow[key], value) for key, value in u.items()}
        case tuple() if hasattr(u, "_make"):
            return u._make(map(restored, shadow, u))
        case list() | tuple():
            return type(u)(map(restored, shadow, u))
    return shadow[0] if isinstance(shadow, list) else shadow


def seeded(shadow: Any, y_bar: Any) -> None:
    """Adds seeds to the cells of a list that is returned."""
    entries = shadow.values() if isinstance(shadow, dict) else shadow
    given = [y_bar[key] for key in shadow] if isinstance(shadow, dict) else y_bar
    for cell, seed in zip(entries, given, strict=True):
        if isinstance(cell, list) and len(cell) == 1 and isinstance(cell[0], float):
            cell[0] += seed
        else:
            seeded(cell, seed)


def checked(kernel: Any) -> Any:
    """A kernel that may make a number of nan: Careful, where it would."""

    def careful(a: float, b: float = 0.0) -> float:
        if a != a or b != b:
            raise Careful
        return float(kernel(a, b))

    def careful_of_one(a: float) -> float:
        if a != a:
            raise Careful
        return float(kernel(a))

    careful_of_one.two = careful  # type: ignore[attr-defined]
    return careful_of_one


__all__ = ["FLOAT_ERRORS", "Careful", "cells", "np", "real", "restored", "seeded", "zeros"]
