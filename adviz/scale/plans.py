"""Sparse Jacobians and Hessians: as many sweeps as the pattern has colours, instead of as many as the matrix has columns.

    pattern → colours → one sweep for each colour, all of them at once → every entry read from where it stands alone

Pattern and colours are found once, in a `Plan`, and serve every point at which f runs along the same path. Whether it does is not taken on trust:
each run's operations are compared with the plan's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any

import numpy as np

from adviz.errors import InputError
from adviz.linear import hides_nan
from adviz.operators import Run, by_columns, by_rows, gradient
from adviz.running import Function, function_name
from adviz.scale.coloured import Coloured, Coordinates, PatternError
from adviz.scale.compressed import Linearised
from adviz.scale.domains import offsets
from adviz.scale.kinds import check, colour
from adviz.scale.path import Path
from adviz.scale.pattern import Pattern
from adviz.scale.recovery import Recovery, recovery
from adviz.scale.sparsity import one_number, pattern_of_hessian, pattern_of_jacobian, sparse_run
from adviz.texts import text

ROOM = 2**24  # numbers that a batch may hold in all variables together: with more, the directions are swept in several batches
DOUBLE = np.dtype(float)
KINDS = {"jacobian": ("auto", "column", "row", "bidirectional"), "hessian": ("star", "acyclic", "column")}


class Plan:
    """Pattern and colours of f's Jacobian or Hessian, for every point at which f runs as it did at the first. Made by `plan`.

    >>> p = plan(lambda x: np.sum(x[1:] * x[:-1]), np.ones(4), of="hessian")
    >>> p
    Plan(hessian of f, Pattern(4×4, 6 nonzeros), Colouring(star, 3 sweeps, natural, at least 3))
    """

    def __init__(self, f: Function, run: Run, of: str, kind: str, order: str) -> None:
        self.function, self.of = f, of
        self.pattern = _pattern(run, of)
        self.colouring = colour(self.pattern, kind, order=order)
        with np.errstate(all="ignore"):
            self.linearised = Linearised(run)
        self._recovery: Recovery = recovery(self.colouring)
        self._path = Path.of(run.tape)
        self._kinds = [getattr(u, "dtype", DOUBLE) for u in run.at.numbers]
        held = sum(int(np.size(run.tape.value_of(i))) for i in range(1 - len(run.at.numbers), len(run.tape)))
        together = max(1, ROOM // max(1, held))
        self._by_column = Seeds(self.colouring.columns, self.colouring.forward, run.at.numbers, together)
        self._by_row = Seeds(self.colouring.rows, self.colouring.reverse, run.values, together)
        with np.errstate(all="ignore"):
            kept = self._by_column.kept
            self._steady = self.linearised.steady(kept[0]) if of == "hessian" and kept else None
        small = np.int32 if max(self.pattern.nonzeros, *self.pattern.shape) < 2**31 else np.int64
        self._empty = self._without_values(self.pattern.columns.astype(small), self.pattern.starts.astype(small))

    def __call__(self, *x: Any) -> Coloured:
        """The derivative at x. PatternError where it has entries there that the plan does not know of."""
        __tracebackhide__ = True
        run = sparse_run(self.function, x)
        planned, given = _shapes(self.linearised.run), _shapes(run)
        name = function_name(self.function)
        if planned != given:
            raise InputError(text("sparse.shape", planned=", ".join(map(str, planned)), given=", ".join(map(str, given)), function=name))
        with np.errstate(all="ignore"):
            found = self.reading(run)
            matrix, sweeps = self.matrix(found) if isinstance(found, Linearised) else (None, 0)
        if isinstance(found, Pattern):
            if found.shape != self.pattern.shape:
                raise PatternError(text("sparse.outputs", function=name, given=found.shape[0], planned=self.pattern.shape[0]))
            example = (int(found.rows[0]), int(found.columns[0]))
            of = text("sparse.jacobian" if self.of == "jacobian" else "sparse.hessian_name")
            raise PatternError(text("sparse.changed", function=name, of=of, count=found.nonzeros, example=example))
        m, n = self.pattern.shape
        dense = min(m, n) if self.of == "jacobian" else n
        return Coloured(self.of, name, matrix, self.pattern, self.colouring, sweeps, dense)

    def reading(self, run: Run) -> Linearised | Pattern:
        """The run, ready to be swept; or what its pattern has beyond the plan's. The pattern is found only where the runs differ.

        (Like `matrix` under np.errstate(all="ignore"): nan and inf are results here.)
        """
        if self._path.taken_by(run.tape):
            return self.linearised.anew(run)
        found = _pattern(run, self.of)
        if found.shape != self.pattern.shape:
            return found
        beyond = found - self.pattern
        return beyond if beyond.nonzeros else Linearised(run)

    def matrix(self, linearised: Linearised) -> tuple[Any, int]:
        """The derivative, and the sweeps it took."""
        values, sweeps = self._entries(linearised)
        kinds = [getattr(u, "dtype", DOUBLE) for u in linearised.run.at.numbers]
        if kinds != self._kinds:
            values = values.astype(np.result_type(*kinds))  # the plan's seeds are in the precision of its own point
        empty = self._empty
        if isinstance(empty, Coordinates):
            return Coordinates(empty.rows.copy(), empty.columns.copy(), values, empty.shape), sweeps
        if values.dtype == np.float16:
            values = values.astype(np.float32)  # SciPy computes with no matrices of float16
        filled = object.__new__(empty.__class__)  # a copy without its values, and without checking again what has been checked
        filled.__dict__.update(empty.__dict__)
        filled.data, filled.indices, filled.indptr = values, empty.indices.copy(), empty.indptr.copy()
        return filled, sweeps

    def _entries(self, linearised: Linearised) -> tuple[np.ndarray, int]:
        """The entries of the pattern, and the sweeps they took. A number that is not finite would hide, in a sum of columns, which of them is
        meant: then entry by entry."""
        run = linearised.run
        steady = self._steady if self.linearised in (linearised, linearised.known) else None  # not along another path
        if self.of == "hessian":
            found = [linearised.hessian_times(seeds, steady) for seeds in self._by_column]
        else:
            found = [linearised.jacobian_times(seeds) for seeds in self._by_column]
            found += [linearised.times_jacobian(seeds) for seeds in self._by_row]
        if not all(map(finite, found)) or not all(map(finite, run.values)) or (run.tape.hides and hides_nan(run.tape)):
            return self._one_by_one(run)
        if self.of == "hessian":
            found = [part[1:] for part in found]  # the first row is the gradient
        flat = found[0].ravel() if len(found) == 1 else np.concatenate([np.zeros(0), *(part.ravel() for part in found)])
        return self._recovery(flat), self.colouring.sweeps

    def _one_by_one(self, run: Run) -> tuple[np.ndarray, int]:
        """The same entries by as many sweeps as a matrix without zeros takes."""
        if self.of == "hessian":
            run = Run(gradient(self.function), run.at.rebuild(run.at.numbers))
        m, n = self.pattern.shape
        blocks = by_columns(run) if n <= m else by_rows(run)
        shaped = [[np.reshape(block, (np.size(y), np.size(x))) for block, x in zip(row, run.at.numbers)] for row, y in zip(blocks, run.values)]
        return np.block(shaped)[self.pattern.rows, self.pattern.columns], min(m, n)

    def _without_values(self, columns: np.ndarray, starts: np.ndarray) -> Any:
        """A matrix of this pattern without values: a SciPy csr_array, or `Coordinates`."""
        values = np.zeros(len(columns))
        try:
            from scipy import sparse
        except ImportError:
            return Coordinates(self.pattern.rows, self.pattern.columns, values, self.pattern.shape)
        return sparse.csr_array((values, columns, starts), shape=self.pattern.shape)

    def __str__(self) -> str:
        return str(self.colouring)

    def __repr__(self) -> str:
        return f"Plan({self.of} of {function_name(self.function)}, {self.pattern!r}, {self.colouring!r})"


def finite(u: Any) -> bool:
    """Whether every entry is a number, neither nan nor infinite."""
    return bool(np.isfinite(u).all()) if u.__class__ is np.ndarray else math.isfinite(u)


def _pattern(run: Run, of: str) -> Pattern:
    return pattern_of_jacobian(run) if of == "jacobian" else pattern_of_hessian(one_number(run))


def _shapes(run: Run) -> list[tuple[int, ...]]:
    return [np.shape(u) for u in run.at.numbers]


class Seeds:
    """The seeds of a colouring, a batch for each input (or output), in its shape and precision; in several parts, if they are many."""

    def __init__(self, colours: np.ndarray, count: int, numbers: Sequence[Any], together: int) -> None:
        self.colours, self.numbers, self.ends = colours, numbers, offsets(numbers)
        self.parts = [range(first, min(first + together, count)) for first in range(0, count, together)]
        self.kept = [self._seeds(part) for part in self.parts] if len(self.parts) == 1 else None

    def __iter__(self) -> Iterator[list[np.ndarray]]:
        return iter(self.kept) if self.kept is not None else map(self._seeds, self.parts)

    def _seeds(self, part: range) -> list[np.ndarray]:
        """1 at the columns of each colour."""
        seeds = (self.colours == np.arange(part.start, part.stop)[:, None]) * 1.0
        cut = [seeds[:, start:end].reshape(len(seeds), *np.shape(u)) for start, end, u in zip(self.ends, self.ends[1:], self.numbers, strict=False)]
        return [each.astype(getattr(u, "dtype", float), copy=False) for each, u in zip(cut, self.numbers, strict=True)]


def plan(f: Function, *x: Any, of: str = "jacobian", colouring: str = "", order: str = "best") -> Plan:
    """Pattern and colours for J(x) or H(x), ready for other points: plan(f, x)(x2) is the derivative at x2.

    of          "jacobian" or "hessian"
    colouring   of a Jacobian "auto" (the fewest sweeps), "column", "row" or "bidirectional"; of a Hessian "star" (every entry is read),
                "acyclic" (fewer sweeps, entries by subtraction) or "column" (symmetry not used)
    order       of the greedy algorithm: "best", "natural", "largest-first", "smallest-last"

    At another point f may take another path. Its operations are compared; where they differ its pattern is found anew, and a PatternError says if it
    is not within the plan's. InputError for inputs of other shapes, and for an option that there is not.

    >>> p = plan(lambda x: x[1:] - x[:-1] ** 2, np.ones(5))
    >>> print(p(np.arange(5.0)))
    Jacobian of f: 4 by 5, 8 entries, computed in 2 sweeps instead of 4 sweeps
    column colouring: 2 sweeps for 5 columns (at least 2)
    0 1 · · ·
    · 1 0 · ·
    · · 0 1 ·
    · · · 1 0
    >>> p(np.arange(5.0)).matrix.toarray()[2]
    array([ 0.,  0., -4.,  1.,  0.])
    """
    __tracebackhide__ = True
    if of not in KINDS:
        raise InputError(text("sparse.of", of=repr(of)))
    kind = colouring or KINDS[of][0]
    check(kind, order, KINDS[of])
    run = sparse_run(f, x)
    return Plan(f, run if of == "jacobian" else one_number(run), of, kind, order)


def sparse_jacobian(f: Function, *, colouring: str = "auto", order: str = "best") -> Callable[..., Any]:
    """J_ij = ∂y_i/∂x_j as a sparse array of shape (m, n), by as many sweeps as the pattern has colours   (Griewank & Walther 2008, chapter 8)

    The SciPy csr_array has an entry wherever the pattern has one, be it 0 at this point. Rows are the numbers that f returns, columns those
    that it is given: of several arguments one after the other, of arrays entry by entry. Pattern and colours are kept for the next point; where
    f runs along another path they are found anew.

    >>> def f(x):
    ...     return x[1:] * x[:-1]
    >>> J = sparse_jacobian(f)(np.array([1.0, 2.0, 3.0]))
    >>> J.shape, J.toarray().tolist()
    ((2, 3), [[2.0, 1.0, 0.0], [0.0, 3.0, 2.0]])
    """
    return _replanned(f, "jacobian", colouring, order)


def sparse_hessian(f: Function, *, colouring: str = "star", order: str = "best") -> Callable[..., Any]:
    """H_ij = ∂²y/∂x_i∂x_j as a sparse array of shape (n, n), by as many sweeps as the pattern has colours   (Gebremedhin, Manne & Pothen 2005)

    f returns one number; OutputError otherwise. As `sparse_jacobian`.

    >>> H = sparse_hessian(lambda x: np.sum(x[1:] * x[:-1] ** 2))(np.array([1.0, 2.0, 3.0]))
    >>> H.toarray().tolist()
    [[4.0, 2.0, 0.0], [2.0, 6.0, 4.0], [0.0, 4.0, 0.0]]
    """
    return _replanned(f, "hessian", colouring, order)


def _replanned(f: Function, of: str, kind: str, order: str) -> Callable[..., Any]:
    """The matrix at a point, by the plan of the last one as long as that fits."""
    check(kind, order, KINDS[of])
    kept: list[Plan] = []

    @wraps(f)
    def sparse_derivative(*x: Any) -> Any:
        __tracebackhide__ = True
        run = sparse_run(f, x)
        if of == "hessian":
            one_number(run)
        with np.errstate(all="ignore"):  # what is not finite is told by the matrix
            known = kept[-1] if kept else None
            found = known.reading(run) if known is not None and _shapes(known.linearised.run) == _shapes(run) else None
            if known is None or not isinstance(found, Linearised):
                known = Plan(f, run, of, kind, order)
                kept[:], found = [known], known.linearised
            return known.matrix(found)[0]

    return sparse_derivative
