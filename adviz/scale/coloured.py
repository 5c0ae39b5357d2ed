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
    """A plan was used at a point where the matrix has entries that the plan takes for 0.

    >>> from adviz.scale import plan
    >>> p = plan(lambda x: x * x if x[0] < 1 else x * x[::-1], np.zeros(2))
    >>> p(np.ones(2))
    Traceback (most recent call last):
    adviz.scale.coloured.PatternError: ...
    """


class Coordinates(NamedTuple):
    """A sparse matrix where SciPy is not installed: values[k] stands at (rows[k], columns[k]).

    >>> Coordinates(np.array([0, 1]), np.array([1, 0]), np.array([2.0, 3.0]), (2, 2)).toarray()
    array([[0., 2.],
           [3., 0.]])
    """

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

    >>> from adviz.scale import plan
    >>> found = plan(lambda x: x[1:] * x[:-1], np.ones(4))(np.arange(4.0))
    >>> found.sweeps, found.dense, found.colours.tolist()
    (2, 3, [0, 1, 0, 1])
    >>> found.matrix.toarray()
    array([[1., 0., 0., 0.],
           [0., 2., 1., 0.],
           [0., 0., 3., 2.]])
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
