"""What a sweep starts with: seeds checked, completed, and put in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adviz.errors import InputError
from adviz.running import Point
from adviz.structural import plain
from adviz.tape import Handle
from adviz.texts import counted, text
from adviz.transform.runs import Run
from adviz.transform.values import Bundle
from adviz.trees import LEAF, flatten


def as_float(u: Any) -> Any:
    """A seed with floats for whole numbers."""
    match u:
        case list() | tuple():
            return [as_float(part) for part in u]
        case dict():
            return {key: as_float(part) for key, part in u.items()}
    return float(u) if u.__class__ is int else u


def matched(result: Any, seed: Any) -> Any:
    """A seed's entries, one per output of the program; None if it has another structure."""
    if not isinstance(result, Bundle) or result.token is not None:
        return [as_float(seed)]
    if isinstance(seed, dict) != (result.kind is dict) or not isinstance(seed, dict | list | tuple) or len(seed) != len(result.items):
        return None
    parts = [matched(item, part) for item, part in zip(result.items, seed.values() if isinstance(seed, dict) else seed, strict=True)]
    return None if any(part is None for part in parts) else [u for part in parts for u in part]


def tangent_seed(at: Point, seed: Any, wrt: Sequence[str] | None) -> tuple[Any, ...]:
    """ẋ, one entry per input. Without a seed the derivative along the one number that changes."""
    names = at.names if wrt is None else [name for name in at.names if name.partition("[")[0] in wrt]
    if seed is None:
        if len(names) != 1:
            example = ", ".join(["1", *["0"] * (len(names) - 1)])
            raise InputError(text("seed.required", function=at.function, names=", ".join(names), example=example, first=names[0]))
        seed = 1.0
    leaves = checked("forward", [u for _, u in flatten(seed)[0]], names, "word.input")
    given = dict(zip(names, leaves, strict=True))
    return tuple(given.get(name, 0.0) for name in at.names)


def adjoint_seed(run: Run, seed: Any) -> tuple[Any, ...]:
    """ȳ, one entry per output; 1 for a function of one number."""
    names = ("y",) if len(run.values) == 1 else tuple(f"y{k + 1}" for k in range(len(run.values)))
    if seed is None:
        shape = np.shape(plain(run.values[0])) if run.outputs.tree is LEAF else ()
        if shape:
            raise InputError(text("seed.array", function=run.at.function, shape=shape, option="y_bar"))
        if run.outputs.tree is not LEAF:
            example = ", ".join(["1", *["0"] * (len(names) - 1)])
            raise InputError(text("seed.outputs", function=run.at.function, count=len(names), example=example, option="y_bar"))
        seed = 1.0
    return checked("reverse", [u for _, u in flatten(seed)[0]], names, "word.output")


def checked(mode: str, leaves: Sequence[Any], names: Sequence[str], what: str) -> tuple[Any, ...]:
    """A seed's numbers. InputError unless there is one for each name."""
    if len(leaves) != len(names):
        count = counted("count.inputs", len(names))
        raise InputError(text("seed.length", mode=text(f"word.mode.{mode}"), count=count, what=text(what), names=", ".join(names), given=len(leaves)))
    for u in leaves:
        if isinstance(u, bool) or not (isinstance(u, int | float | Handle) or hasattr(u, "dtype")):
            raise InputError(text("seed.kind", what=text(what), names=", ".join(names), value=repr(u)[:40]))
    return tuple(leaves)
