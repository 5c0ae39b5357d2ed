"""The numeric reading of the sweeps: without their steps, generated from their own text, on a tape's events.

On arrays there are two: the quick one takes every entry for reached, and where what comes out of it is not finite the careful one is asked
(`linear.py`). In the quick reverse sweep every kind of array line sends its shares by itself (`shares.Line`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import islice
from math import isfinite
from typing import Any

import numpy as np
from numpy import ndarray

from adviz import generate, sweeps
from adviz.generate_sweeps import line_source, sweep_source
from adviz.linear import active_operands, careful_shares, careful_term, summed, term_of
from adviz.paths import followed
from adviz.shares import NAMES, Line
from adviz.structural import plain
from adviz.tape import Event


@cache
def numeric(sweep: Callable[..., Any], reading: str) -> Callable[..., Any]:
    """The sweep without its steps, generated from its own text: on "numbers", or with arrays "quick", the same for "large" ones, or "careful"."""
    return built(sweep, reading)


def built(sweep: Callable[..., Any], reading: str, **names: Any) -> Callable[..., Any]:
    """The same with other functions in the place of the reading's own."""
    sender = SENDERS.get(reading, "") if sweep is sweeps.reverse_sweep else ""
    source = sweep_source(sweep, arrays=reading != "numbers", send=sender)
    return generate.build(source, {**READINGS[reading], **names, "islice": islice})[sweep.__name__]


SENDERS = {"quick": "send", "large": "send_large"}  # what a line has in that reading of the reverse sweep


def active(seed: Sequence[Any], trace: Any) -> list[Any]:
    """The quick reading of `sweeps.active`: an array is active as a whole, and paths are not followed."""
    return [None if u.__class__ in (float, int) and u == 0 else u for u in seed]


def ready(line: Line, large: bool = False) -> Callable[..., None]:
    """The line's `send`, or `send_large`, generated."""
    source = line_source(sweeps.reverse_sweep, line.shares(), large=large)
    made: Callable[..., None] = generate.build(source, {**NAMES, **line.names()})["send"]
    setattr(line, SENDERS["large" if large else "quick"], made)
    return made


QUICK = {"active": active, "settled": lambda u, trace, i: u, "ready": ready, "active_operands": active_operands, "term_of": term_of}
CAREFUL = {
    "active": lambda seed, trace: [followed(u) for u in seed], "settled": sweeps.settled,
    "active_operands": active_operands, "shares": careful_shares, "term_of": careful_term, "added": summed,
}  # fmt: skip
READINGS: dict[str, dict[str, Any]] = {"numbers": {"active": active}, "quick": QUICK, "large": QUICK, "careful": CAREFUL}


def send(adjoint: list[Any], event: Event, v_bar: Any) -> None:
    """adjoint[j] += v̄_i · ∂φ_i/∂v_j for every operand: what the quick reverse sweep does on one line."""
    if event[0].__class__ is str:
        for k, j in active_operands(event):
            adjoint[j] = summed(adjoint[j], v_bar * event[4 + k])
    else:
        (event[5].send or ready(event[5]))(adjoint, event, v_bar)


def any_endless(numbers: Iterable[Any]) -> bool:
    """Whether nan or infinity is among the entries. (Very large entries may say so too; then care is taken in vain.)"""
    total = 0.0
    for u in numbers:
        if u.__class__ is not ndarray and u.__class__ is not float:
            u = 0.0 if u is None else plain(u)
        if u.__class__ is ndarray:
            flat = u if u.ndim == 1 else u.ravel()
            u = flat.dot(flat) if flat.size < FEW else np.add.reduce(flat)
        total += u
    return not isfinite(total)


def is_endless(u: Any) -> bool:
    """Whether nan or infinity is among the entries of this one."""
    return any_endless((u,))


FEW = 10_000  # entries: up to here a product is the fastest way to look at them all, beyond it BLAS would start threads
