"""Colouring a Hessian: every entry stands in the matrix twice, h_ij = h_ji, so that one of them may be hidden in a sum.

The graph of a symmetric matrix has a vertex for each column and an edge for each entry beside the diagonal. Neighbours always differ in
colour. Two colours then form a part of the graph by themselves, and what that part may look like says how entries are told apart:

    star      no path of four vertices, so that each part is a star: h_ij stands alone in row i or in row j
    acyclic   no cycle, so that each part is a tree: the entry of a leaf stands alone, and subtracting it uncovers the next one

(Gebremedhin, Manne & Pothen 2005, "What color is your Jacobian?", sections 4 and 6.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from adviz.scale.colouring import NONE, ORDERS, Colouring, Neighbours, neighbours, uncoloured
from adviz.scale.pattern import Pattern

Greedy = Callable[[Neighbours, Sequence[int]], list[int]]


def star(pattern: Pattern, order: str = "best") -> Colouring:
    """Neighbours differ, and no path of four vertices has only two colours   (Coleman & Moré 1984)

    >>> star(Pattern.of_mask(abs(np.subtract.outer(range(9), range(9))) < 2))  # tridiagonal
    Colouring(star, 3 sweeps, natural, at least 3)
    """
    graph = neighbours(pattern)
    return _coloured("star", pattern, graph, order, star_colours, _least_star(graph))


def acyclic(pattern: Pattern, order: str = "best") -> Colouring:
    """Neighbours differ, and no cycle has only two colours   (Coleman & Cai 1986)

    >>> acyclic(Pattern.of_mask(abs(np.subtract.outer(range(9), range(9))) < 2))
    Colouring(acyclic, 2 sweeps, natural, at least 2)
    """
    graph = neighbours(pattern)
    return _coloured("acyclic", pattern, graph, order, acyclic_colours, _least_acyclic(graph))


def _coloured(kind: str, pattern: Pattern, graph: Neighbours, order: str, greedy: Greedy, least: int) -> Colouring:
    """In that order; of all orders the first with the fewest colours, and no further once there are as few as can be."""
    best: tuple[list[int], str] | None = None
    for name in ORDERS if order == "best" else (order,):
        colours = greedy(graph, ORDERS[name](graph))
        if best is None or max(colours, default=0) < max(best[0], default=0):
            best = colours, name
        if max(best[0], default=0) + 1 == least:
            break
    assert best is not None
    held = pattern.counts > 0
    columns = np.where(held, np.array(best[0], np.int64), NONE)
    return Colouring(kind, pattern, columns, uncoloured(len(graph)), best[1], least if held.any() else 0)


def first_free(forbidden: set[int]) -> int:
    """The smallest colour that is allowed."""
    colour = 0
    while colour in forbidden:
        colour += 1
    return colour


class Stars:
    """A star colouring while it grows.

    near[w][c]   how many neighbours of w have the colour c
    blocked[w]   the colours d such that w hangs, with others of its colour, on a vertex of colour d: one more vertex of colour d beside w
                 would make a path of four
    """

    def __init__(self, graph: Neighbours) -> None:
        self.graph = graph
        self.colour = [NONE] * len(graph)
        self.near: list[dict[int, int]] = [{} for _ in graph]
        self.blocked: list[set[int]] = [set() for _ in graph]

    def forbidden(self, v: int) -> set[int]:
        """The colours that v must not have: v would have a neighbour's, or be the end or the middle of a path of four in two colours."""
        colours = set(self.near[v])
        for w in self.graph[v]:
            if self.colour[w] != NONE:
                alone = self.near[v][self.colour[w]] == 1
                colours |= self.blocked[w] if alone else self.near[w].keys()
        return colours

    def give(self, v: int, c: int) -> None:
        """Vertex v has colour c from now on."""
        self.colour[v] = c
        for w in self.graph[v]:
            count = self.near[w][c] = self.near[w].get(c, 0) + 1
            d = self.colour[w]
            if d != NONE:
                if count > 1:  # v and others of colour c hang on w
                    for leaf in [v] if count > 2 else [z for z in self.graph[w] if self.colour[z] == c]:
                        self.blocked[leaf].add(d)
                if self.near[v][d] > 1:  # w and others of colour d hang on v
                    self.blocked[w].add(c)


def star_colours(graph: Neighbours, order: Sequence[int]) -> list[int]:
    """For each vertex the first colour that makes no path of four   (after Gebremedhin, Tarafdar, Manne & Pothen 2007)"""
    stars = Stars(graph)
    for v in order:
        stars.give(v, first_free(stars.forbidden(v)))
    return stars.colour


class Forest:
    """The trees of two colours, as sets that are joined: (vertex, other colour) stands in the tree that the vertex is in."""

    def __init__(self) -> None:
        self.parent: dict[tuple[int, int], tuple[int, int]] = {}

    def root(self, place: tuple[int, int]) -> tuple[int, int]:
        """The tree's name."""
        parent = self.parent
        while (above := parent.get(place, place)) != place:
            parent[place] = parent.get(above, above)
            place = above
        return place

    def joins_itself(self, ws: Sequence[int], c: int) -> bool:
        """Whether two of these vertices, which have one colour, stand in one tree with colour c: a further vertex of c would close a cycle."""
        trees = [self.root((w, c)) for w in ws]
        return len(set(trees)) < len(trees)


def acyclic_colours(graph: Neighbours, order: Sequence[int]) -> list[int]:
    """For each vertex the first colour that closes no cycle   (after Gebremedhin, Tarafdar, Manne & Pothen 2007)"""
    colour, forest = [NONE] * len(graph), Forest()
    for v in order:
        alike: dict[int, list[int]] = {}
        for w in graph[v]:
            if colour[w] != NONE:
                alike.setdefault(colour[w], []).append(w)
        forbidden = set(alike)
        while any(len(ws) > 1 and forest.joins_itself(ws, first_free(forbidden)) for ws in alike.values()):
            forbidden.add(first_free(forbidden))
        c = colour[v] = first_free(forbidden)
        for d, ws in alike.items():
            for w in ws:
                forest.parent[forest.root((w, c))] = forest.root((v, d))
    return colour


def _least_acyclic(graph: Neighbours) -> int:
    """Two colours form a forest, which has fewer edges than vertices: k colours allow (k-1) n - k(k-1)/2 edges in all."""
    linked = sum(1 for ws in graph if ws)
    edges, k = sum(map(len, graph)) // 2, 1
    while edges > (k - 1) * linked - k * (k - 1) // 2:
        k += 1
    return k


def _least_star(graph: Neighbours) -> int:
    """As many as any acyclic colouring; three, unless every part of the graph is a star."""
    stars = all(len(graph[v]) <= 1 or len(graph[w]) <= 1 for v in range(len(graph)) for w in graph[v])
    return max(_least_acyclic(graph), 1 if stars else 3)
