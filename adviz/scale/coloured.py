"""What a plan gives: a sparse matrix, and how it was computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from adviz.errors import AdvizError
from adviz.scale.colouring import Colouring
from adviz.scale.pattern import Pattern
from adviz.texts import counted, text


class PatternError(AdvizError, ValueError):
    """A plan was used at a point where the matrix has entries that the plan takes for 0."""


class Coordinates(NamedTuple):
    """A sparse matrix where SciPy is not installed: values[k] stands at (rows[k], columns[k])."""

    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    shape: tuple[int, int]

    def toarray(self) -> np.ndarray:
        """The whole matrix, zeros written out."""
        dense = np.zeros(self.shape, self.values.dtype)
        dense[self.rows, self.columns] = self.values
        return dense


@dataclass(frozen=True, eq=False)
class Coloured:
    """A sparse derivative and how it was computed.

    matrix      a SciPy csr_array of shape (m, n); `Coordinates` where SciPy is not installed
    pattern     where it can have entries
    colouring   which columns or rows were computed together
    sweeps      how many sweeps that took: one for each colour
    dense       how many it would have taken without
    """

    of: str
    function: str
    matrix: Any
    pattern: Pattern
    colouring: Colouring
    sweeps: int
    dense: int

    @property
    def colours(self) -> np.ndarray:
        """The colour of each column; in a row colouring that of each row."""
        return self.colouring.rows if self.colouring.kind == "row" else self.colouring.columns

    def __str__(self) -> str:
        (m, n), count = self.pattern.shape, self.pattern.nonzeros
        of = text("sparse.jacobian" if self.of == "jacobian" else "sparse.hessian_name")
        sweeps, dense = (counted("sparse.sweeps", k) for k in (self.sweeps, self.dense))
        head = text("sparse.summary", of=of, function=self.function, rows=m, columns=n, nonzeros=count, sweeps=sweeps, dense=dense)
        return f"{head}\n{self.colouring}"
