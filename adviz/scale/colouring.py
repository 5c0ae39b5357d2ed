"""Colouring: which columns of a sparse matrix one sweep may compute together, and why these.

A sweep with the sum of several unit vectors as its seed gives the sum of several columns. If no two of them have an entry in the same row, the sum
still shows every entry by itself (Curtis, Powell & Reid 1974). So columns are coloured, no two that share a row alike, and there are as many sweeps
as colours. Rows likewise, with reverse sweeps. What a symmetric matrix says twice has to be read only once: its colourings are in `symmetric.py`.

All of them are greedy: vertices in some order, each the first colour that is still allowed. To find the fewest colours is NP-hard, but a
matrix with ρ entries in one row needs ρ colours at least: where the two numbers meet, the colouring is the best there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from adviz.errors import InputError, UnsupportedError
from adviz.scale.pattern import PICTURE, Pattern
from adviz.texts import text

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
NONE = -1  # the colour of what has no entries to be computed
CUTS = 12  # divisions into rows and columns that are tried
Neighbours = list[list[int]]


@dataclass(frozen=True, eq=False)
class Colouring:
    """A colour for every column that forward sweeps compute, and for every row that reverse sweeps compute; -1 is none.

    kind      "column", "row", "bidirectional", "star" or "acyclic"
    columns   the colour of each column: forward sweep c computes the sum of the columns of colour c
    rows      the colour of each row: reverse sweep c computes the sum of the rows of colour c
    order     in which order the vertices were coloured
    least     no colouring of this kind has fewer colours

    >>> c = colouring(Pattern.of_mask(np.eye(4) + np.eye(4, k=1)))
    >>> c.columns.tolist(), c.sweeps, c.optimal
    ([0, 1, 0, 1], 2, True)
    >>> print(c)
    column colouring: 2 sweeps for 4 columns (at least 2)
    0 1 · ·
    · 1 0 ·
    · · 0 1
    · · · 1
    """

    kind: str
    pattern: Pattern
    columns: np.ndarray
    rows: np.ndarray
    order: str
    least: int

    @property
    def forward(self) -> int:
        """How many forward sweeps: the colours of columns."""
        return int(max(self.columns, default=NONE)) + 1

    @property
    def reverse(self) -> int:
        """How many reverse sweeps: the colours of rows."""
        return int(max(self.rows, default=NONE)) + 1

    @property
    def sweeps(self) -> int:
        """How many sweeps in all."""
        return self.forward + self.reverse

    @property
    def optimal(self) -> bool:
        """Whether it is known that no colouring of this kind has fewer colours."""
        return self.sweeps == self.least

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The columns of each colour; in a row colouring the rows; in a bidirectional one first those, then these."""
        return _groups(self.columns, self.forward) + _groups(self.rows, self.reverse)

    @property
    def seed(self) -> np.ndarray:
        """S of shape (n, p), S_jc = 1 where column j has colour c: its columns are the seeds, J S is what forward sweeps compute."""
        return _indicator(self.columns, self.forward).T

    @property
    def row_seed(self) -> np.ndarray:
        """W of shape (q, m), W_ci = 1 where row i has colour c: W J is what reverse sweeps compute."""
        return _indicator(self.rows, self.reverse)

    def __str__(self) -> str:
        m, n = self.pattern.shape
        what = text("colouring.rows", count=m) if self.kind == "row" else text("colouring.columns", count=n)
        split = text("colouring.both", forward=self.forward, reverse=self.reverse) if self.kind == "bidirectional" else ""
        head = text("colouring.head", kind=self.kind, sweeps=self.sweeps, what=what, least=self.least, split=split)
        return head if m > PICTURE or n > PICTURE else "\n".join([head, *self._picture()])

    def _picture(self) -> Iterator[str]:
        """The pattern with the colour that computes each entry."""
        for i, row in enumerate(self.pattern.mask()):
            colours = self.columns if self.rows[i] == NONE else np.full(len(row), self.rows[i] + self.forward)
            yield " ".join(LETTERS[colour % len(LETTERS)] if held else "·" for held, colour in zip(row, colours, strict=True))

    def __repr__(self) -> str:
        return f"Colouring({self.kind}, {self.sweeps} sweeps, {self.order}, at least {self.least})"


def _groups(colours: np.ndarray, count: int) -> tuple[tuple[int, ...], ...]:
    order = np.argsort(colours, kind="stable")
    ends = np.searchsorted(colours[order], np.arange(count + 1))
    return tuple(tuple(order[ends[c] : ends[c + 1]].tolist()) for c in range(count))


def _indicator(colours: np.ndarray, count: int) -> np.ndarray:
    """1 at (colour, vertex)."""
    held = np.zeros((count, len(colours)))
    coloured = np.flatnonzero(colours != NONE)
    held[colours[coloured], coloured] = 1.0
    return held


def colouring(pattern: Pattern, kind: str = "auto", *, order: str = "best") -> Colouring:
    """Colours for the columns (or rows) of a pattern, as few as a greedy algorithm finds.

    kind    "column", "row", "bidirectional"; "auto" takes the one with the fewest sweeps. For a symmetric pattern also "star", from which the
            entries can be read, and "acyclic", which has fewer colours, and entries follow one from another by subtraction.
    order   "natural", "largest-first" (most neighbours first), "smallest-last" (fewest neighbours last, once those behind are
            gone); "best" tries them until one is as good as can be.

    InputError for anything else; UnsupportedError for a star or acyclic colouring of a pattern that is not symmetric.

    >>> arrow = np.eye(5) + np.eye(5)[[0]] + np.eye(5)[:, [0]]
    >>> P = Pattern.of_mask(arrow)
    >>> [colouring(P, kind).sweeps for kind in ("column", "row", "bidirectional", "star", "acyclic")]
    [5, 5, 3, 2, 2]
    """
    check(kind, order, ("auto", "column", "row", "bidirectional", "star", "acyclic"))
    match kind:
        case "auto":
            return _fewest(pattern, order)
        case "column":
            return column(pattern, order)
        case "row":
            return row(pattern, order)
        case "bidirectional":
            return bidirectional(pattern, order)
    from adviz.scale.symmetric import acyclic, star  # they stand on this module

    if not pattern.symmetric:
        raise UnsupportedError(text("colouring.symmetric", kind=kind))
    return star(pattern, order) if kind == "star" else acyclic(pattern, order)


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


GRAPH = 5_000_000  # edges of the graph of columns that share a row: with more, only the natural order is tried


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


def uncoloured(count: int) -> np.ndarray:
    """No colour for anything."""
    return np.full(count, NONE)


def neighbours(pattern: Pattern) -> Neighbours:
    """The graph of a symmetric pattern: for each vertex the others that it has an entry with."""
    kept = pattern.rows != pattern.columns
    ends = np.searchsorted(pattern.rows[kept], np.arange(1, pattern.shape[0]))
    return [part.tolist() for part in np.split(pattern.columns[kept], ends)] if pattern.shape[0] else []


def natural(graph: Neighbours) -> list[int]:
    """As they are numbered."""
    return list(range(len(graph)))


def largest_first(graph: Neighbours) -> list[int]:
    """Those with the most neighbours first   (Welsh & Powell 1967)"""
    return sorted(range(len(graph)), key=lambda v: -len(graph[v]))


def smallest_last(graph: Neighbours) -> list[int]:
    """Last the one with the fewest neighbours, before it the one with the fewest among the rest, and so on   (Matula & Beck 1983)"""
    degree = [len(ws) for ws in graph]
    shelves: list[dict[int, None]] = [{} for _ in range(max(degree, default=0) + 1)]
    for v in reversed(range(len(graph))):
        shelves[degree[v]][v] = None
    order: list[int] = []
    low = 0
    while len(order) < len(graph):
        low = max(low - 1, 0)
        while not shelves[low]:
            low += 1
        v, _ = shelves[low].popitem()
        order.append(v)
        degree[v] = NONE
        for w in graph[v]:
            if degree[w] != NONE:
                del shelves[degree[w]][w]
                degree[w] -= 1
                shelves[degree[w]][w] = None
    return order[::-1]


ORDERS: dict[str, Callable[[Neighbours], list[int]]] = {"natural": natural, "largest-first": largest_first, "smallest-last": smallest_last}


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
