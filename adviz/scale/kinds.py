"""The kinds of colouring by name, and the one with the fewest sweeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adviz.errors import InputError, UnsupportedError
from adviz.running import kind as of_kind
from adviz.scale.colouring import ORDERS, Colouring
from adviz.scale.columns import bidirectional, column, row
from adviz.scale.pattern import Pattern
from adviz.scale.symmetric import acyclic, star
from adviz.texts import text

KINDS: dict[str, Callable[[Pattern, str], Colouring]] = {
    "column": column, "row": row, "bidirectional": bidirectional, "star": star, "acyclic": acyclic,
}  # fmt: skip


def colour(pattern: Pattern, kind: str = "auto", *, order: str = "best") -> Colouring:
    """Colours for the columns (or rows) of a pattern, as few as a greedy algorithm finds.

    kind    "column", "row", "bidirectional"; "auto" takes the one with the fewest sweeps. For a symmetric pattern also "star", from which the
            entries can be read, and "acyclic", which has fewer colours, and entries follow one from another by subtraction.
    order   "natural", "largest-first" (most neighbours first), "smallest-last" (fewest neighbours last, once those behind are
            gone); "best" tries them until one is as good as can be.

    InputError for anything else; UnsupportedError for a star or acyclic colouring of a pattern that is not symmetric.

    >>> import numpy as np
    >>> arrow = np.eye(5) + np.eye(5)[[0]] + np.eye(5)[:, [0]]
    >>> P = Pattern.of_mask(arrow)
    >>> [colour(P, kind).sweeps for kind in ("column", "row", "bidirectional", "star", "acyclic")]
    [5, 5, 3, 2, 2]
    """
    check(kind, order, ("auto", *KINDS))
    if not isinstance(pattern, Pattern):
        raise InputError(text("colouring.pattern", kind=of_kind(pattern)))
    if kind == "auto":
        return _fewest(pattern, order)
    if kind in ("star", "acyclic") and not pattern.symmetric:
        raise UnsupportedError(text("colouring.symmetric", kind=kind))
    return KINDS[kind](pattern, order)


def check(kind: str, order: str, kinds: Sequence[str]) -> None:
    """InputError for a kind or an order that there is not."""
    if order not in (*ORDERS, "best"):
        raise InputError(text("colouring.order", order=repr(order), choices=", ".join(f'"{name}"' for name in (*ORDERS, "best"))))
    if kind not in kinds:
        raise InputError(text("colouring.kind", kind=repr(kind), choices=", ".join(f'"{name}"' for name in kinds)))


def _fewest(pattern: Pattern, order: str) -> Colouring:
    """By columns; by rows or by both, where that takes fewer sweeps."""
    best = column(pattern, order)
    for other in (row, bidirectional):
        if best.sweeps > 2:
            best = min(best, other(pattern, order), key=lambda c: c.sweeps)
    return best
