"""Arrays of jets: NumPy moves the entries, the oracle's own functions compute with them; linear algebra step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.jets import COMPARED, Jet, ufunc_on_jets


class Exact(np.ndarray):
    """An array of jets: NumPy moves the entries, the oracle's own functions compute with them."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        plain = [np.asarray(u, dtype=object) for u in operands]
        if method == "__call__" and ufunc.nin <= 2 and ufunc is not np.matmul:
            result: Any = np.frompyfunc(lambda *entries: ufunc_on_entries(ufunc, *entries), ufunc.nin, 1)(*plain)
        else:
            result = getattr(ufunc, method)(*plain, **options)
        if ufunc in COMPARED:
            return result.astype(bool) if isinstance(result, np.ndarray) else result
        return exact_array(result) if isinstance(result, np.ndarray) else result

    def __array_function__(self, function: Callable[..., Any], types: Any, operands: Any, options: Any) -> Any:
        if function in LINEAR_ALGEBRA:
            return LINEAR_ALGEBRA[function](*operands, **options)
        return super().__array_function__(function, types, operands, options)


def ufunc_on_entries(ufunc: np.ufunc, *entries: Any) -> Any:
    """Entries may be plain numbers, such as a zero that a sum began with."""
    return ufunc_on_jets(ufunc, *entries) if any(isinstance(u, Jet) for u in entries) else ufunc(*(np.float64(u) for u in entries))


def exact_array(u: Any) -> Any:
    """An array (or nested list) whose entries are jets, as the oracle's own kind of array; anything else as it is."""
    return np.asarray(u, dtype=object).view(Exact) if isinstance(u, np.ndarray | list | tuple) else u


def entries(u: Any) -> Any:
    """Nested lists with every jet in them as an array without dimensions, so that NumPy stacks them."""
    if isinstance(u, tuple | list):
        return [entries(part) for part in u]
    return np.asarray(u, dtype=object).view(Exact) if isinstance(u, Jet | np.ndarray) else u


def solved(A: Any, b: Any) -> Any:
    """x with A x = b, by Gaussian elimination with pivots: each step in jets."""
    A, x = [list(row) for row in np.asarray(A, dtype=object)], [np.array(u, dtype=object) for u in np.asarray(b, dtype=object)]
    n = len(A)
    for k in range(n):
        p = max(range(k, n), key=lambda i: abs(float(getattr(A[i][k], "value", A[i][k]))))
        A[k], A[p], x[k], x[p] = A[p], A[k], x[p], x[k]
        for i in range(k + 1, n):
            factor = A[i][k] / A[k][k]
            A[i] = [u - factor * w for u, w in zip(A[i], A[k])]
            x[i] = x[i] - factor * x[k]
    for k in reversed(range(n)):
        x[k] = (x[k] - sum((A[k][j] * x[j] for j in range(k + 1, n)), 0 * x[k])) / A[k][k]
    return exact_array(np.array([u[()] if u.ndim == 0 else u for u in map(np.asarray, x)], dtype=object))


def determinant(A: Any) -> Any:
    """Σ (-1)^(1+j) a_1j det(minor), by Laplace's expansion: for small matrices."""
    A = np.asarray(A, dtype=object)
    if len(A) == 1:
        return A[0, 0]
    return sum((-1.0) ** j * A[0, j] * determinant(np.delete(A[1:], j, axis=1)) for j in range(len(A)))


def inverse(A: Any) -> Any:
    return solved(A, np.eye(len(A)))


def cholesky(A: Any) -> Any:
    """L with L Lᵀ = A."""
    A, n = np.asarray(A, dtype=object), len(A)
    L = np.zeros((n, n), dtype=object)
    for i in range(n):
        for j in range(i + 1):
            rest = A[i, j] - sum((L[i, k] * L[j, k] for k in range(j)), 0.0)
            L[i, j] = np.sqrt(rest) if i == j else rest / L[j, j]
    return exact_array(L)


def norm(x: Any) -> Any:
    return np.sqrt(np.sum(exact_array(x) ** 2))


LINEAR_ALGEBRA = {np.linalg.solve: solved, np.linalg.det: determinant, np.linalg.inv: inverse, np.linalg.cholesky: cholesky, np.linalg.norm: norm}
