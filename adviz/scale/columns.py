"""Colouring columns and rows: no two of a colour may have an entry in one row.

The columns that share a row are the edges of a graph, and neighbours in it must differ (Gebremedhin, Manne & Pothen 2005, "What color is your
Jacobian?", section 3). The graph itself is needed only to order the columns: a column's colour is the first that none of its rows has seen.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adviz.scale.colouring import NONE, ORDERS, Colouring, Neighbours, neighbours, uncoloured
from adviz.scale.pattern import Pattern

CUTS = 12  # divisions into rows and columns that are tried
GRAPH = 5_000_000  # edges of the graph of columns that share a row: with more, only the natural order is tried


def column(pattern: Pattern, order: str = "best") -> Colouring:
    """No two columns of a colour share a row   (Curtis, Powell & Reid 1974; Coleman & Moré 1983)"""
    colours, used = _columns(pattern, order)
    return Colouring("column", pattern, colours, uncoloured(pattern.shape[0]), used, _most_in_a_row(pattern))


def row(pattern: Pattern, order: str = "best") -> Colouring:
    """No two rows of a colour share a column: a column colouring of the transpose."""
    colours, used = _columns(pattern.T, order)
    return Colouring("row", pattern, uncoloured(pattern.shape[1]), colours, used, _most_in_a_row(pattern.T))


def _most_in_a_row(pattern: Pattern) -> int:
    """The most entries of one row: their columns are all of different colours."""
    return int(max(pattern.counts, default=0))


def _columns(pattern: Pattern, order: str) -> tuple[np.ndarray, str]:
    """The colours of columns, and the order they were found in: of all orders the first with the fewest."""
    columns, least, best = [c.tolist() for c in np.split(pattern.T.columns, pattern.T.starts[1:-1])], _most_in_a_row(pattern), None
    for name in ORDERS if order == "best" else (order,):
        affordable = least * pattern.nonzeros < GRAPH
        if name == "natural" or affordable or order != "best":
            graph = [] if name == "natural" else neighbours(pattern.T.after(pattern))
            colours = _different_in_rows(columns, ORDERS[name](graph) if graph else range(len(columns)), pattern.shape[0])
            if best is None or max(colours, default=NONE) < max(best[0], default=NONE):
                best = colours, name
            if max(best[0], default=NONE) + 1 == least:
                break
    assert best is not None
    return np.array(best[0], np.int64), best[1]


def _different_in_rows(columns: Neighbours, order: Sequence[int], rows: int) -> list[int]:
    """For each column the first colour that none of its rows has seen. (The colours of a row are the bits of a number.)"""
    seen, colour = [0] * rows, [NONE] * len(columns)
    for j in order:
        taken = 0
        for i in columns[j]:
            taken |= seen[i]
        if columns[j]:
            colour[j] = (~taken & (taken + 1)).bit_length() - 1
            for i in columns[j]:
                seen[i] |= 1 << colour[j]
    return colour


def bidirectional(pattern: Pattern, order: str = "best") -> Colouring:
    """Some rows by reverse sweeps, the rest by forward sweeps: what a few full rows and columns need   (Coleman & Verma 1998)

    The fullest rows are given to reverse sweeps, as many as make the sum of both smallest. A seed of those rows alone sees nothing of the
    others, and forward sweeps may let columns overlap there. (Finer divisions, entry by entry, can do with fewer still.)
    """
    fullest = np.argsort(-pattern.counts, kind="stable")
    best: tuple[int, np.ndarray, np.ndarray] | None = None
    for taken in _cuts(pattern.counts[fullest]):
        apart = np.zeros(pattern.shape[0], bool)
        apart[fullest[:taken]] = True
        columns, _ = _columns(pattern.within(~apart), order)
        rows, _ = _columns(pattern.within(apart).T, order)
        count = max(columns, default=NONE) + max(rows, default=NONE)
        if best is None or count < best[0]:
            best = count, columns, rows
    assert best is not None
    least = -(-pattern.nonzeros // max(*pattern.shape, 1))  # a sweep shows m or n numbers
    return Colouring("bidirectional", pattern, best[1], best[2], order, least)


def _cuts(counts: np.ndarray) -> list[int]:
    """How many of the fullest rows to set apart: none, all, and wherever the next row has fewer entries."""
    steps = np.flatnonzero(np.diff(counts)) + 1
    return sorted({0, len(counts), *steps[:CUTS].tolist()})
