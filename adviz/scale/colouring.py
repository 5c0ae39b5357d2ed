"""A colouring: which columns of a sparse matrix one sweep may compute together.

A sweep with the sum of several unit vectors as its seed gives the sum of several columns. If no two of them have an entry in the same row, the sum
still shows every entry by itself (Curtis, Powell & Reid 1974). So columns are coloured, no two that share a row alike, and there are as many sweeps
as colours. Rows likewise, with reverse sweeps (`columns.py`). What a symmetric matrix says twice has to be read only once: its
colourings are in `symmetric.py`.

All of them are greedy: vertices in some order, each the first colour that is still allowed. To find the fewest colours is NP-hard, but a
matrix with ρ entries in one row needs ρ colours at least: where the two numbers meet, the colouring is the best there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from adviz.scale.pattern import PICTURE, Pattern
from adviz.texts import text

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
NONE = -1  # the colour of what has no entries to be computed
Neighbours = list[list[int]]


@dataclass(frozen=True, eq=False)
class Colouring:
    """A colour for every column that forward sweeps compute, and for every row that reverse sweeps compute; -1 is none.

    kind      "column", "row", "bidirectional", "star" or "acyclic"
    columns   the colour of each column: forward sweep c computes the sum of the columns of colour c
    rows      the colour of each row: reverse sweep c computes the sum of the rows of colour c
    order     in which order the vertices were coloured
    least     no colouring of this kind has fewer colours

    >>> c = Colouring("column", Pattern.of_mask(np.eye(4) + np.eye(4, k=1)), np.array([0, 1, 0, 1]), np.full(4, -1), "natural", 2)
    >>> c.sweeps, c.optimal, c.groups
    (2, True, ((0, 2), (1, 3)))
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
