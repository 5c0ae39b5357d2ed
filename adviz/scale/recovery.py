"""Recovery: the entries of a sparse matrix from what the coloured sweeps computed.

Direct, where every entry stands alone somewhere (column, row, bidirectional and star colourings): each entry is read at one place, fixed beforehand.
By substitution (acyclic colourings): the entries of two colours form trees; that of a leaf stands alone, the next is what remains of a sum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from adviz.scale.colouring import NONE, Colouring
from adviz.scale.pattern import Pattern

Recovery = Callable[[np.ndarray], np.ndarray]  # what the sweeps computed, flat, to the pattern's entries


def recovery(coloured: Colouring) -> Recovery:
    """From J S and W J, flat and one behind the other (p rows of m numbers, then q of n), to the entries of the pattern, row by row.

    >>> from adviz.scale.kinds import colour
    >>> c = colour(Pattern.of_mask([[1, 1, 0], [0, 1, 1]]))
    >>> J = np.array([[1.0, 2.0, 0.0], [0.0, 3.0, 4.0]])
    >>> recovery(c)((J @ c.seed).T.ravel())
    array([1., 2., 3., 4.])
    """
    if coloured.kind == "acyclic":
        return Substitution(coloured)
    places = _read_in_a_star(coloured) if coloured.kind == "star" else _read(coloured)
    return lambda compressed: compressed[places]


def _read(coloured: Colouring) -> np.ndarray:
    """(colour of j, row i) where columns are coloured, (colour of i, column j) behind them where rows are."""
    (m, n), i, j = coloured.pattern.shape, coloured.pattern.rows, coloured.pattern.columns
    rows = coloured.rows[i]
    return np.where(rows == NONE, coloured.columns[j] * m + i, coloured.forward * m + rows * n + j)


def mirrored(pattern: Pattern) -> np.ndarray:
    """For each entry (i, j) of a symmetric pattern the place of (j, i)."""
    return np.lexsort((pattern.rows, pattern.columns))


def _read_in_a_star(coloured: Colouring) -> np.ndarray:
    """h_ij in row i, if no other column of j's colour has an entry there, else in row j; h_ji from the same place, so that H is symmetric."""
    n, i, j = coloured.pattern.shape[1], coloured.pattern.rows, coloured.pattern.columns
    _, where, counts = np.unique(i * (coloured.forward + 1) + coloured.columns[j], return_inverse=True, return_counts=True)
    alone = counts[where] == 1
    places = np.where(alone, coloured.columns[j] * n + i, coloured.columns[i] * n + j)
    return np.where(i <= j, places, places[mirrored(coloured.pattern)])


class Leaf(NamedTuple):
    """Entry `at` (and its mirror image) is what remains at that place of H S; it is then taken from the place of its other end."""

    at: int
    mirror: int
    place: int
    other: int


class Substitution:
    """h_ij = (H S)_{i, colour j} - Σ of the h_ik already known, k of j's colour: from the leaves of every two-coloured tree inward.

    (Coleman & Cai 1986; Gebremedhin, Manne & Pothen 2005, section 6.) The differences round, so that an entry may lose digits to larger ones
    in its tree.
    """

    def __init__(self, coloured: Colouring) -> None:
        pattern, n = coloured.pattern, coloured.pattern.shape[1]
        i, j, colour = pattern.rows, pattern.columns, coloured.columns
        self.places = colour[j] * n + i  # of the sum that entry (i, j) is part of
        self.diagonal = i == j
        self.leaves = list(_leaves(self.places, mirrored(pattern), np.flatnonzero(~self.diagonal)))

    def __call__(self, compressed: np.ndarray) -> np.ndarray:
        values = compressed[self.places]
        kind = values.dtype.type
        rest = dict(zip(self.places.tolist(), values, strict=True))
        for at, mirror, place, other in self.leaves:
            h = rest[place]
            values[at] = values[mirror] = h
            rest[other] = kind(rest[other] - h)
        return values


def _leaves(places: np.ndarray, mirror: np.ndarray, edges: np.ndarray) -> list[Leaf]:
    """The entries beside the diagonal, each when it stands alone in its sum: the order of substitution."""
    inside: dict[int, set[int]] = {}
    for at in edges.tolist():
        inside.setdefault(int(places[at]), set()).add(at)
    alone = [place for place, entries in inside.items() if len(entries) == 1]
    found = []
    while alone:
        entries = inside[alone.pop()]
        if entries:
            (at,) = entries
            back = int(mirror[at])
            found.append(Leaf(at, back, int(places[at]), int(places[back])))
            entries.clear()
            others = inside[int(places[back])]
            others.discard(back)
            if len(others) == 1:
                alone.append(int(places[back]))
    return found
