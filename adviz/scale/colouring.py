"""Colouring: which columns of a sparse matrix one sweep may compute together, and why these.

A sweep with the sum of several unit vectors as its seed gives the sum of several columns. If no two of them have an entry in the same row, the sum
still shows every entry by itself (Curtis, Powell & Reid 1974). So columns are coloured, no two that share a row alike, and there are as many sweeps
as colours. Rows likewise, with reverse sweeps. What a symmetric matrix says twice has to be read only once: `star` and `acyclic` colourings
of a Hessian need fewer colours (Gebremedhin, Manne & Pothen 2005, "What color is your Jacobian?").

All of them are greedy: vertices in some order, each the first colour that is still allowed. To find the fewest colours is NP-hard, but a
matrix with ρ entries in one row needs ρ colours at least: where the two numbers meet, the colouring is the best there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from adviz.errors import InputError, UnsupportedError
from adviz.scale.pattern import PICTURE, Pattern
from adviz.texts import text

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
NONE = -1  # the colour of what has no entries to be computed


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
    column colouring: 2 sweeps for 4 columns (2 at least)
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
        what = text("colouring.columns", count=n) if self.kind != "row" else text("colouring.rows", count=m)
        split = text("colouring.both", forward=self.forward, reverse=self.reverse) if self.kind == "bidirectional" else ""
        head = text("colouring.head", kind=self.kind, sweeps=self.sweeps, what=what, least=self.least, split=split)
        return head if m > PICTURE or n > PICTURE else "\n".join([head, *self._picture()])

    def _picture(self) -> Iterator[str]:
        """The pattern with the colour that computes each entry."""
        for i, row in enumerate(self.pattern.mask()):
            colours = [self.rows[i] if self.rows[i] != NONE else self.columns[j] for j in range(len(row))]
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

    InputError for anything else, and for a star or acyclic colouring of a pattern that is not symmetric.

    >>> arrow = np.eye(5) + np.eye(5)[[0]] + np.eye(5)[:, [0]]
    >>> P = Pattern.of_mask(arrow)
    >>> [colouring(P, kind).sweeps for kind in ("column", "row", "bidirectional", "star", "acyclic")]
    [5, 5, 3, 2, 2]
    """
    if order not in (*ORDERS, "best"):
        raise InputError(text("colouring.order", order=repr(order), choices=", ".join(f'"{name}"' for name in (*ORDERS, "best"))))
    if kind == "auto":
        column, row = (KINDS[each](pattern, order) for each in ("column", "row"))
        fewer = row if row.sweeps < column.sweeps else column
        both = fewer if fewer.optimal and fewer.sweeps <= 3 else bidirectional(pattern, order)
        return both if both.sweeps < fewer.sweeps else fewer
    if kind not in KINDS:
        raise InputError(text("colouring.kind", kind=repr(kind), choices=", ".join(f'"{name}"' for name in ("auto", *KINDS))))
    if kind in ("star", "acyclic") and not pattern.symmetric:
        raise UnsupportedError(text("colouring.symmetric", kind=kind))
    return KINDS[kind](pattern, order)


Neighbours = list[list[int]]
Greedy = Callable[[Neighbours, Sequence[int]], list[int]]


def column(pattern: Pattern, order: str = "best") -> Colouring:
    """No two columns of a colour share a row   (Curtis, Powell & Reid 1974; Coleman & Moré 1983)"""
    colours, used, least = _columns(pattern, order)
    return Colouring("column", pattern, colours, _uncoloured(pattern.shape[0]), used, least)


def row(pattern: Pattern, order: str = "best") -> Colouring:
    """No two rows of a colour share a column: a column colouring of the transpose."""
    colours, used, least = _columns(pattern.T, order)
    return Colouring("row", pattern, _uncoloured(pattern.shape[1]), colours, used, least)


def _columns(pattern: Pattern, order: str) -> tuple[np.ndarray, str, int]:
    """The colours of columns, the order they were found in, and the most entries of a row: so many at least."""
    least = int(max(pattern.counts, default=0))
    held = np.flatnonzero(np.bincount(pattern.columns, minlength=pattern.shape[1]))
    if least == len(held):  # a full row: every column has a colour of its own
        colours = _uncoloured(pattern.shape[1])
        colours[held] = np.arange(len(held))
        return colours, "natural", least
    share_a_row = pattern.T.after(pattern)
    found, used = _tried(neighbours(share_a_row), order, distance_one, least)
    return _without(found, pattern), used, least


def _uncoloured(count: int) -> np.ndarray:
    return np.full(count, NONE)


def _without(colours: Sequence[int], pattern: Pattern) -> np.ndarray:
    """The colours of the columns; none for those without entries."""
    held = np.bincount(pattern.columns, minlength=pattern.shape[1]) > 0
    return np.where(held, np.asarray(colours, np.int64), NONE)


def _tried(graph: Neighbours, order: str, greedy: Greedy, least: int) -> tuple[list[int], str]:
    """The colouring in that order; of all orders the first with the fewest colours, and no further once there are as few as can be."""
    best: tuple[list[int], str] | None = None
    for name in ORDERS if order == "best" else (order,):
        colours = greedy(graph, ORDERS[name](graph))
        if best is None or max(colours, default=0) < max(best[0], default=0):
            best = colours, name
        if max(best[0], default=0) + 1 <= least:
            break
    assert best is not None
    return best


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
    order, low = [], 0
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


def first_free(forbidden: set[int]) -> int:
    """The smallest colour that is allowed."""
    colour = 0
    while colour in forbidden:
        colour += 1
    return colour


def distance_one(graph: Neighbours, order: Sequence[int]) -> list[int]:
    """Neighbours differ   (Gebremedhin, Manne & Pothen 2005, section 3)"""
    colour = [NONE] * len(graph)
    for v in order:
        colour[v] = first_free({colour[w] for w in graph[v]})
    return colour


def bidirectional(pattern: Pattern, order: str = "best") -> Colouring:
    """Some rows by reverse sweeps, the rest by forward sweeps: what a few full rows and columns need   (Coleman & Verma 1998)

    The fullest rows are given to reverse sweeps, as many as make the sum of both smallest. A seed of those rows alone sees nothing of the
    others, and forward sweeps may let columns overlap there. (Finer divisions, entry by entry, can do with fewer still.)
    """
    fullest = np.argsort(-pattern.counts, kind="stable")
    best = None
    for taken in _cuts(pattern.counts[fullest]):
        apart = np.zeros(pattern.shape[0], bool)
        apart[fullest[:taken]] = True
        above, below = pattern.within(apart), pattern.within(~apart)
        columns, _, _ = _columns(below, order)
        rows, _, _ = _columns(above.T, order)
        if best is None or max(columns, default=NONE) + max(rows, default=NONE) < max(best[0], default=NONE) + max(best[1], default=NONE):
            best = columns, rows
    columns, rows = best if best is not None else (_uncoloured(pattern.shape[1]), _uncoloured(pattern.shape[0]))
    return Colouring("bidirectional", pattern, columns, rows, order, _least_of_both(pattern))


CUTS = 12  # divisions that are tried


def _cuts(counts: np.ndarray) -> list[int]:
    """How many of the fullest rows to set apart: none, all, and wherever the next row has fewer entries."""
    steps = np.flatnonzero(np.diff(counts)) + 1
    return sorted({0, len(counts), *steps[:CUTS].tolist()})


def _least_of_both(pattern: Pattern) -> int:
    """q reverse and p forward sweeps show at most q n + p m numbers; at least one is needed where there is an entry."""
    m, n = pattern.shape
    return -(-pattern.nonzeros // max(m, n, 1))


def star(pattern: Pattern, order: str = "best") -> Colouring:
    """Neighbours differ, and no path of four vertices has only two colours: each entry h_ij stands alone in row i or in row j

    (Gebremedhin, Manne & Pothen 2005, section 4; Coleman & Moré 1984)
    """
    return _symmetric("star", pattern, order, star_colours, _least_star(neighbours(pattern)))


def acyclic(pattern: Pattern, order: str = "best") -> Colouring:
    """Neighbours differ, and no cycle has only two colours: the entries of two colours form trees, and follow from their leaves inward

    (Gebremedhin, Manne & Pothen 2005, section 6; Coleman & Cai 1986)
    """
    return _symmetric("acyclic", pattern, order, acyclic_colours, _least_acyclic(neighbours(pattern)))


def _symmetric(kind: str, pattern: Pattern, order: str, greedy: Greedy, least: int) -> Colouring:
    found, used = _tried(neighbours(pattern), order, greedy, least)
    columns = _without(found, pattern)
    least = least if pattern.nonzeros else 0
    return Colouring(kind, pattern, columns, _uncoloured(pattern.shape[0]), used, least)


def star_colours(graph: Neighbours, order: Sequence[int]) -> list[int]:
    """For each vertex the first colour that no path of four forbids   (Gebremedhin, Manne & Pothen 2005, algorithm 4.1)"""
    colour = [NONE] * len(graph)
    for v in order:
        forbidden: set[int] = set()
        for w in graph[v]:
            forbidden.add(colour[w])
            for x in graph[w]:
                if x == v or colour[x] == NONE:
                    continue
                if colour[w] == NONE or any(colour[y] == colour[w] and y != w for y in graph[x]):
                    forbidden.add(colour[x])
        colour[v] = first_free(forbidden)
    return colour


def acyclic_colours(graph: Neighbours, order: Sequence[int]) -> list[int]:
    """For each vertex the first colour that closes no cycle of two colours   (after Gebremedhin, Tarafdar, Manne & Pothen 2007)

    The trees of two colours are kept as sets that are joined: (vertex, other colour) stands in the tree that the vertex belongs to.
    """
    colour = [NONE] * len(graph)
    parent: dict[tuple[int, int], tuple[int, int]] = {}

    def root(place: tuple[int, int]) -> tuple[int, int]:
        while (above := parent.get(place, place)) != place:
            parent[place] = parent.get(above, above)
            place = above
        return place

    def closes(c: int, groups: dict[int, list[int]]) -> bool:
        """Whether colour c would join a tree to itself: two neighbours of one colour, in one tree of that colour and c."""
        for ws in groups.values():
            trees = [root((w, c)) for w in ws]
            if len(set(trees)) < len(trees):
                return True
        return False

    for v in order:
        groups: dict[int, list[int]] = {}
        for w in graph[v]:
            if colour[w] != NONE:
                groups.setdefault(colour[w], []).append(w)
        several = {d: ws for d, ws in groups.items() if len(ws) > 1}
        c = first_free(set(groups))
        while closes(c, several):
            c = first_free(set(groups) | set(range(c + 1)))
        colour[v] = c
        for d, ws in groups.items():
            for w in ws:
                parent[root((w, c))] = root((v, d))
    return colour


def _least_acyclic(graph: Neighbours) -> int:
    """Two colours form a forest, which has fewer edges than vertices: k colours allow (k-1) n - k(k-1)/2 edges in all."""
    linked = [v for v, ws in enumerate(graph) if ws]
    edges, k = sum(map(len, graph)) // 2, 1
    while edges > (k - 1) * len(linked) - k * (k - 1) // 2:
        k += 1
    return k


def _least_star(graph: Neighbours) -> int:
    """As many as any acyclic colouring; three, unless every part of the graph is a star."""
    stars = all(len(graph[v]) <= 1 or len(graph[w]) <= 1 for v in range(len(graph)) for w in graph[v])
    return max(_least_acyclic(graph), 1 if stars else 3)


KINDS: dict[str, Callable[..., Colouring]] = {
    "column": column, "row": row, "bidirectional": bidirectional, "star": star, "acyclic": acyclic,
}  # fmt: skip


def problems(coloured: Colouring) -> Iterator[str]:
    """What a colouring does wrong: nothing, if it comes from here. By its definition, not by an algorithm."""
    pattern, columns, rows = coloured.pattern, coloured.columns.tolist(), coloured.rows.tolist()
    if coloured.kind in ("star", "acyclic"):
        yield from _wrong_pairs(neighbours(pattern), columns, coloured.kind)
        return
    for i in range(pattern.shape[0]):
        held = [columns[j] for j in pattern.row(i)]
        if rows[i] == NONE and (len(set(held)) < len(held) or NONE in held):
            yield f"row {i} is read off columns of colours {held}"
    for j in range(pattern.shape[1]):
        held = [rows[i] for i in pattern.T.row(j) if rows[i] != NONE]
        if len(set(held)) < len(held):
            yield f"column {j} is read off rows of colours {held}"


def _wrong_pairs(graph: Neighbours, colour: Sequence[int], kind: str) -> Iterator[str]:
    """Each pair of colours by itself: its graph must be a forest, of stars if the colouring is a star colouring."""
    if any(colour[v] == colour[w] or colour[v] == NONE for v in range(len(graph)) for w in graph[v]):
        yield "two neighbours have one colour"
    for pair in combinations(sorted(set(colour) - {NONE}), 2):
        inside = {v: [w for w in graph[v] if colour[w] in pair] for v in range(len(graph)) if colour[v] in pair}
        edges = sum(map(len, inside.values())) // 2
        if kind == "star" and any(len(ws) > 1 and len(inside[w]) > 1 for ws in inside.values() for w in ws):
            yield f"the colours {pair} have a path of four vertices"
        if edges > len(inside) - _parts(inside):
            yield f"the colours {pair} have a cycle"


def _parts(graph: dict[int, list[int]]) -> int:
    """How many connected parts a graph has."""
    seen: set[int] = set()
    parts = 0
    for v in graph:
        if v not in seen:
            parts += 1
            waiting = [v]
            while waiting:
                w = waiting.pop()
                if w not in seen:
                    seen.add(w)
                    waiting += graph[w]
    return parts


def reading(coloured: Colouring) -> Any:
    """For every entry of the pattern its place in what the sweeps computed: (colour, row) of J S, behind these (colour, column) of W J.

    Of a star colouring: (colour of j, i) where no other column of that colour has an entry in row i, else (colour of i, j).
    """
    pattern = coloured.pattern
    m, n = pattern.shape
    i, j = pattern.rows, pattern.columns
    if coloured.kind == "star":
        codes = i * (coloured.forward + 1) + coloured.columns[j]
        unique, where, counts = np.unique(codes, return_inverse=True, return_counts=True)
        alone = counts[where] == 1
        upper = np.where(i <= j, alone, False)
        mirrored = np.zeros(len(i), bool)
        mirrored[np.lexsort((i, j))] = upper  # the entry (j, i) is read where (i, j) is: H is exactly symmetric
        by_column = np.where(i <= j, alone, ~mirrored)
        return np.where(by_column, coloured.columns[j] * n + i, coloured.columns[i] * n + j)
    behind = coloured.forward * m
    return np.where(coloured.rows[i] == NONE, coloured.columns[j] * m + i, behind + coloured.rows[i] * n + j)


_ = partial
