"""Where a matrix can have entries other than 0: a `Pattern`, a set of positions (i, j), and what one does with such sets.

Positions are kept as two arrays, row by row, so that a pattern takes the memory of its entries and not of the matrix. Whole numbers, no
values: a pattern says what can be, not what is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from adviz.errors import BudgetError, InputError
from adviz.texts import text

MOST = 30_000_000  # positions that are ever held at once: what has more is not sparse
PICTURE = 40  # rows or columns that are drawn


@dataclass(frozen=True, eq=False)
class Pattern:
    """{(i, j)}: the positions of an (m, n) matrix that can be other than 0, row by row, each once.

    >>> P = Pattern.of([0, 0, 1], [0, 1, 1], (2, 3))
    >>> P.nonzeros, P.T.shape
    (3, (3, 2))
    >>> print(P)
    × × ·
    · × ·
    """

    shape: tuple[int, int]
    rows: np.ndarray
    columns: np.ndarray

    @classmethod
    def of(cls, rows: Any, columns: Any, shape: tuple[int, int]) -> Pattern:
        """From positions in any order, with repetition. InputError for one that the matrix does not have."""
        (m, n), columns = shape, np.asarray(columns, np.int64)
        codes = np.unique(np.asarray(rows, np.int64) * n + columns)
        if codes.size and not (codes[0] >= 0 and codes[-1] < m * n and columns.min() >= 0 and columns.max() < n):
            raise InputError(text("pattern.outside", rows=m, columns=n))
        return cls(shape, codes // max(n, 1), codes % max(n, 1))

    @classmethod
    def of_mask(cls, mask: Any) -> Pattern:
        """The positions where a matrix is not 0. InputError for an array of another number of axes."""
        mask = np.asarray(mask)
        if mask.ndim != 2:
            raise InputError(text("pattern.matrix", shape=mask.shape))
        rows, columns = np.nonzero(mask)
        return cls((mask.shape[0], mask.shape[1]), rows.astype(np.int64), columns.astype(np.int64))

    @classmethod
    def empty(cls, shape: tuple[int, int]) -> Pattern:
        """No position at all."""
        nothing = np.zeros(0, np.int64)
        return cls(shape, nothing, nothing)

    @property
    def nonzeros(self) -> int:
        """How many positions there are."""
        return len(self.rows)

    @cached_property
    def counts(self) -> np.ndarray:
        """How many positions each row has."""
        return np.bincount(self.rows, minlength=self.shape[0])

    @cached_property
    def starts(self) -> np.ndarray:
        """Row i has the positions starts[i] to starts[i + 1]: what compressed row storage calls indptr."""
        return np.concatenate([[0], np.cumsum(self.counts)])

    @cached_property
    def T(self) -> Pattern:
        """The transpose."""
        order = np.lexsort((self.rows, self.columns))
        return Pattern((self.shape[1], self.shape[0]), self.columns[order], self.rows[order])

    @property
    def symmetric(self) -> bool:
        """Whether (j, i) is in it wherever (i, j) is."""
        return self.shape[0] == self.shape[1] and self == self.T

    def row(self, i: int) -> np.ndarray:
        """The columns of row i."""
        return self.columns[self.starts[i] : self.starts[i + 1]]

    def mask(self) -> np.ndarray:
        """The whole matrix, True where a position is."""
        mask = np.zeros(self.shape, bool)
        mask[self.rows, self.columns] = True
        return mask

    def within(self, rows: np.ndarray) -> Pattern:
        """The positions in rows for which `rows` is True."""
        kept = rows[self.rows]
        return Pattern(self.shape, self.rows[kept], self.columns[kept])

    def after(self, inner: Pattern) -> Pattern:
        """The product of two patterns: (i, k) where some j has (i, j) in this one and (j, k) in the inner one.

        It is the pattern of the product of two matrices, as no two terms are counted on to cancel. BudgetError if it has too many positions.
        """
        counts = inner.counts[self.columns]
        total = int(counts.sum())
        affordable(total)
        before = np.cumsum(counts) - counts
        places = np.repeat(inner.starts[self.columns] - before, counts) + np.arange(total)
        return Pattern.of(np.repeat(self.rows, counts), inner.columns[places], (self.shape[0], inner.shape[1]))

    def __or__(self, other: Pattern) -> Pattern:
        if not self.nonzeros or not other.nonzeros:
            return self if self.nonzeros else other
        return Pattern.of(np.concatenate([self.rows, other.rows]), np.concatenate([self.columns, other.columns]), self.shape)

    def __sub__(self, other: Pattern) -> Pattern:
        """The positions that the other one does not have."""
        kept = ~np.isin(self._codes, other._codes, assume_unique=True)
        return Pattern(self.shape, self.rows[kept], self.columns[kept])

    def __le__(self, other: Pattern) -> bool:
        """Whether every position of this one is in the other one."""
        return self.shape == other.shape and not (self - other).nonzeros

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pattern):
            return NotImplemented
        return self.shape == other.shape and np.array_equal(self._codes, other._codes)

    __hash__ = None  # type: ignore[assignment]

    @property
    def _codes(self) -> np.ndarray:
        return self.rows * max(self.shape[1], 1) + self.columns

    def __str__(self) -> str:
        m, n = self.shape
        if m > PICTURE or n > PICTURE:
            share = 100 * self.nonzeros / max(m * n, 1)
            return text("pattern.summary", rows=m, columns=n, nonzeros=self.nonzeros, share=f"{share:.3g}", most=int(max(self.counts, default=0)))
        return "\n".join(" ".join("×" if held else "·" for held in row) for row in self.mask())

    def __repr__(self) -> str:
        return f"Pattern({self.shape[0]}×{self.shape[1]}, {self.nonzeros} nonzeros)"


def affordable(count: int) -> None:
    """BudgetError for more positions than a pattern is worth."""
    if count > MOST:
        raise BudgetError(text("pattern.budget", count=f"{count:,}", most=f"{MOST:,}"))
