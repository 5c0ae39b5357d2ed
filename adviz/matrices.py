"""THE TABLE, fourth part: linear algebra. Both maps of a product, a solution, an inverse, a determinant, a Cholesky factor.

The equations are those of M. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation"
(2008), written for every shape that NumPy takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import ascii_letters
from typing import Any

import numpy as np

from adviz.errors import UnsupportedError
from adviz.structural import Operands, Parameters, plain, precision, structural, unbroadcast
from adviz.texts import text


def transposed(a: Any) -> Any:
    """aᵀ, over the last two axes."""
    n = np.ndim(a)
    return np.transpose(a, (*range(n - 2), n - 1, n - 2))


def matmul_adjoint(k: int, v_bar: Any, v: Any, a: Any, b: Any) -> Any:
    """Ā = V̄ Bᵀ and B̄ = Aᵀ V̄; a vector stands as the row or the column that the product takes it for   (Giles 2008, 2.2.2)"""
    row, column = np.ndim(a) == 1, np.ndim(b) == 1
    if row and column:
        return v_bar * (b, a)[k]
    a_2, b_2 = (np.expand_dims(a, 0) if row else a), (np.expand_dims(b, 1) if column else b)
    if row or column:
        v_bar = np.expand_dims(v_bar, -2 if row else -1)
    share = np.matmul(v_bar, transposed(b_2)) if k == 0 else np.matmul(transposed(a_2), v_bar)
    share = unbroadcast(share, np.shape((a_2, b_2)[k]))
    return np.reshape(share, np.shape((a, b)[k])) if (row, column)[k] else share


def _einsum(subscripts: str, *operands: Any, **options: Any) -> tuple[Operands, Parameters]:
    """Operands and subscripts with every index a letter of its own: ellipses written out, diagonals taken."""
    if options or not isinstance(subscripts, str):
        raise TypeError(next(iter(options), "subscripts"))
    inputs, _, output = subscripts.replace(" ", "").partition("->")
    parts = inputs.split(",")
    free = [c for c in ascii_letters if c not in subscripts]
    longest = max((np.ndim(u) - len(p.replace("...", "")) for p, u in zip(parts, operands, strict=True) if "..." in p), default=0)
    dots = "".join(free[:longest])
    parts = [p.replace("...", dots[longest - (np.ndim(u) - len(p.replace("...", ""))) :]) for p, u in zip(parts, operands, strict=True)]
    if "->" not in subscripts:
        letters = "".join(parts)
        output = "..." * bool(dots) + "".join(sorted(c for c in set(letters) - set(dots) if letters.count(c) == 1))
    taken = [_diagonal(u, p) for u, p in zip(operands, parts, strict=True)]
    return tuple(u for u, _ in taken), {"subscripts": ",".join(p for _, p in taken) + "->" + output.replace("...", dots)}


def _diagonal(u: Any, letters: str) -> tuple[Any, str]:
    """An operand with a repeated index, such as "ii", read along its diagonal."""
    for c in dict.fromkeys(letters):
        if letters.count(c) > 1:
            n = np.shape(u)[letters.index(c)]
            once = [d for d in dict.fromkeys(letters) if d != c]
            u = np.transpose(u, [i for d in (c, *once) for i, e in enumerate(letters) if e == d])
            u, letters = u[(np.arange(n),) * letters.count(c)], "".join([c, *once])
    return u, letters


def einsum_adjoint(k: int, v_bar: Any, v: Any, *u: Any, subscripts: str) -> Any:
    """The same sum of products with v̄ in the place of operand k; what was summed in operand k alone is spread again."""
    inputs, output = subscripts.split("->")
    parts = inputs.split(",")
    rest = [(p, w) for j, (p, w) in enumerate(zip(parts, u, strict=True)) if j != k]
    reached = set(output).union(*(p for p, _ in rest))
    kept = "".join(c for c in parts[k] if c in reached)
    share = np.einsum(",".join([output, *(p for p, _ in rest)]) + "->" + kept, v_bar, *(w for _, w in rest))
    sizes = iter(np.shape(share))
    share = np.reshape(share, [next(sizes) if c in reached else 1 for c in parts[k]])
    shape = np.shape(u[k])
    share = unbroadcast(share, tuple(n if c in reached else 1 for c, n in zip(parts[k], shape, strict=True)))
    return np.broadcast_to(share, shape) if np.shape(share) != shape else share


def _tensordot(a: Any, b: Any, axes: Any = 2) -> tuple[Operands, Parameters]:
    return (a, b), {"axes": axes}


def tensordot_subscripts(a: Any, b: Any, axes: Any) -> str:
    """The sum of products that np.tensordot is."""
    m, n = np.ndim(a), np.ndim(b)
    left, right = (range(m - axes, m), range(axes)) if isinstance(axes, int | np.integer) else axes
    pairs = list(zip(_listed(left, m), _listed(right, n), strict=True))
    first = list(ascii_letters[:m])
    second = list(ascii_letters[m : m + n])
    for i, j in pairs:
        second[j] = first[i]
    output = [c for i, c in enumerate(first) if i not in {i for i, _ in pairs}] + [c for j, c in enumerate(second) if j not in {j for _, j in pairs}]
    return f"{''.join(first)},{''.join(second)}->{''.join(output)}"


def _listed(axes: Any, ndim: int) -> Sequence[int]:
    return [int(i) % ndim for i in (axes if np.ndim(axes) else [axes])]


def as_einsum(subscripts: Callable[..., str]) -> Callable[..., Any]:
    """The adjoint of a product that is a sum of products in other words."""

    def adjoint(k: int, v_bar: Any, v: Any, *u: Any, **parameters: Any) -> Any:
        return einsum_adjoint(k, v_bar, v, *u, subscripts=subscripts(*u, **parameters))

    return adjoint


def dot_adjoint(k: int, v_bar: Any, v: Any, a: Any, b: Any) -> Any:
    """As of a matrix product; beyond matrices np.dot sums over the last axis of a and the last but one of b."""
    if np.ndim(a) <= 2 and np.ndim(b) <= 2:
        return matmul_adjoint(k, v_bar, v, a, b)
    subscripts = tensordot_subscripts(a, b, ([-1], [-2 if np.ndim(b) > 1 else -1]))
    return einsum_adjoint(k, v_bar, v, a, b, subscripts=subscripts)


LAPACK = frozenset({"solve", "inv", "det", "cholesky"})  # rows whose values and maps need NumPy's linear algebra


def in_lapack(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NumPy's linear algebra, which has two precisions. UnsupportedError for float16 and the like."""

    def compute(*u: Any) -> Any:
        for x in u:
            if precision(x).char not in "fd":
                raise UnsupportedError(text("precision.linalg", function=function.__name__, dtype=precision(x)))
        return function(*u)

    return compute


def solve_tangent(k: int, u_dot: Any, v: Any, a: Any, b: Any) -> Any:
    """V̇ = A⁻¹ (Ḃ - Ȧ V)   (Giles 2008, 2.3.1)"""
    return np.linalg.solve(a, -np.matmul(u_dot, v) if k == 0 else u_dot)


def solve_adjoint(k: int, v_bar: Any, v: Any, a: Any, b: Any) -> Any:
    """B̄ = A⁻ᵀ V̄ and Ā = -B̄ Vᵀ   (Giles 2008, 2.3.1)"""
    b_bar = np.linalg.solve(transposed(a), v_bar)
    if k == 1:
        return unbroadcast(b_bar, np.shape(b))
    if np.ndim(b) == 1:
        return unbroadcast(-np.expand_dims(b_bar, -1) * np.expand_dims(v, -2), np.shape(a))
    return unbroadcast(-np.matmul(b_bar, transposed(v)), np.shape(a))


def cofactors(v: Any, a: Any) -> Any:
    """∂ det(A) / ∂A: det(A) A⁻ᵀ   (Giles 2008, 2.2.4); from the minors where the determinant is 0 and the derivative exists."""
    if np.all(plain(v) != 0):
        return np.reshape(v, (*np.shape(v), 1, 1)) * transposed(np.linalg.inv(a))
    if np.ndim(a) > 2:
        flat = np.reshape(a, (-1, *np.shape(a)[-2:]))
        return np.reshape(np.stack([cofactors(np.linalg.det(matrix), matrix) for matrix in flat]), np.shape(a))
    n = np.shape(a)[0]
    if n == 1:
        return np.ones_like(plain(a))
    return np.stack([np.stack([(-1.0) ** (i + j) * _minor(a, i, j, n) for j in range(n)]) for i in range(n)])


def _minor(a: Any, i: int, j: int, n: int) -> Any:
    rows, columns = ([k for k in range(n) if k != left_out] for left_out in (i, j))
    return np.linalg.det(a[np.ix_(rows, columns)])


def det_tangent(k: int, a_dot: Any, v: Any, a: Any) -> Any:
    """Σ cofactor · ȧ"""
    return np.sum(cofactors(v, a) * a_dot, axis=(-2, -1))


def det_adjoint(k: int, v_bar: Any, v: Any, a: Any) -> Any:
    """v̄ · cofactor"""
    return np.reshape(v_bar, (*np.shape(v_bar), 1, 1)) * cofactors(v, a)


def _lower(like: Any, diagonal: float) -> Any:
    """Ones below the diagonal, a number on it: what keeps a lower triangle, in the precision of the matrix."""
    n, dtype = np.shape(like)[-1], precision(like)
    return np.tril(np.ones((n, n), dtype), -1) + diagonal * np.eye(n, dtype=dtype)


def cholesky_tangent(k: int, a_dot: Any, v: Any, a: Any) -> Any:
    """L̇ = L Φ(L⁻¹ Ȧ L⁻ᵀ), Φ halving the diagonal of the lower triangle   (Murray 2016, eq. 8)

    NumPy reads the lower triangle of A only, so only that counts in Ȧ.
    """
    half = a_dot * _lower(a, 0.5)
    left = np.linalg.solve(v, half + transposed(half))
    return np.matmul(v, transposed(np.linalg.solve(v, transposed(left))) * _lower(a, 0.5))


def cholesky_adjoint(k: int, v_bar: Any, v: Any, a: Any) -> Any:
    """Ā = the lower triangle of S + Sᵀ, its diagonal halved, with S = L⁻ᵀ Φ(Lᵀ L̄) L⁻¹   (Murray 2016, eq. 10)"""
    inner = np.matmul(transposed(v), v_bar) * _lower(a, 0.5)
    left = np.linalg.solve(transposed(v), inner)
    s = transposed(np.linalg.solve(transposed(v), transposed(left)))
    return (s + transposed(s)) * _lower(a, 0.5)


def _one(a: Any) -> tuple[Operands, Parameters]:
    return (a,), {}


def _two(a: Any, b: Any) -> tuple[Operands, Parameters]:
    return (a, b), {}


# fmt: off
structural(np.matmul,          _two,       matmul_adjoint, selects=False, symbol="@")
structural(np.dot,             _two,       dot_adjoint, selects=False, symbol="·")
structural(np.outer,           lambda a, b: ((np.ravel(a), np.ravel(b)), {}), as_einsum(lambda a, b: "a,b->ab"), selects=False, symbol="⊗")
structural(np.tensordot,       _tensordot, as_einsum(tensordot_subscripts), selects=False)
structural(np.einsum,          _einsum,    einsum_adjoint, selects=False, value=lambda *u, subscripts: np.einsum(subscripts, *u))
structural(np.linalg.solve,    _two,       solve_adjoint, solve_tangent, selects=False, value=in_lapack(np.linalg.solve))
structural(np.linalg.inv,      _one,       lambda k, v_bar, v, a: -np.matmul(np.matmul(transposed(v), v_bar), transposed(v)),
                                           lambda k, a_dot, v, a: -np.matmul(np.matmul(v, a_dot), v), selects=False, symbol="⁻¹",
                               value=in_lapack(np.linalg.inv))
structural(np.linalg.det,      _one,       det_adjoint, det_tangent, selects=False, value=in_lapack(np.linalg.det))
structural(np.linalg.cholesky, _one,       cholesky_adjoint, cholesky_tangent, selects=False, symbol="chol",
                               value=in_lapack(np.linalg.cholesky))
# fmt: on
