"""The algebra of series: what sums, products and quotients do to coefficients.

A series is the list of its coefficients, [v_0, v_1, ...] for v(t) = v_0 + v_1 t + v_2 t² + .... A coefficient is a number or an array;
None where there is none, as in the sweeps: it is not the number 0, and it never meets an infinity. Of an array only some entries may
have one (`Paths`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from adviz.paths import Paths, kind_of
from adviz.recording import elemental
from adviz.structural import plain

Coefficients = list[Any]


def total(terms: Iterable[Any]) -> Any:
    """The sum of the terms that are there; None if none is."""
    found = None
    for term in terms:
        if term is not None:
            found = term if found is None else found + term
    return found


def product(a: Any, b: Any) -> Any:
    """a · b where both are there.

    >>> product(3.0, None) is None
    True
    """
    if a is None or b is None:
        return None
    if a.__class__ is b.__class__ is float:
        return a * b
    if isinstance(a, Paths) or isinstance(b, Paths):
        return partial(flow(a) * flow(b), where(a) & where(b))
    return a * b


def flow(c: Any) -> Any:
    """A coefficient as a number or an array, 0 in the entries that have none."""
    return c.flow if isinstance(c, Paths) else c


def where(c: Any) -> Any:
    """The entries that have a coefficient."""
    return c.kinds != 0 if isinstance(c, Paths) else True


def partial(u: Any, there: Any) -> Any:
    """A coefficient that only some entries have."""
    return Paths(np.where(there, u, 0.0), np.where(there, kind_of(u), 0).astype(np.uint8))


def negative(c: Any) -> Any:
    """-c"""
    return product(c, -1.0)


def divided(c: Any, k: int) -> Any:
    """c / k"""
    return partial(c.flow / k, where(c)) if isinstance(c, Paths) else c if c is None else c / k


def products(a: Coefficients, b: Coefficients, k: int, first: int = 0) -> Iterator[Any]:
    """a_j b_{k-j} for j from the first to k: the terms of (a·b)_k.

    >>> list(products([1, 2, 3], [10, 20, 30], 2))
    [30, 40, 30]
    """
    return (product(a[j], b[k - j]) for j in range(first, k + 1) if a[j] is not None and b[k - j] is not None)


def slopes(a: Coefficients) -> Coefficients:
    """j a_j: the coefficients of t ȧ(t)."""
    return [product(float(j), c) for j, c in enumerate(a)]


def quotient(a: Coefficients, b: Coefficients, v: Coefficients, k: int) -> Any:
    """v_k = a_k · 1/b_0 + Σ_j b_j · (-v_{k-j}/b_0) for v = a/b: the row's own partials, so that v_1 is what a sweep computes."""
    divide = elemental("divide")
    over = [c if c is None else _over(negative(c), b[0]) for c in v]
    return total((product(a[k], divide(1.0, b[0])), *products(b, over, k, first=1)))


def _over(c: Any, b: Any) -> Any:
    divide = elemental("divide")
    return partial(divide(c.flow, b), where(c)) if isinstance(c, Paths) else divide(c, b)


def in_shape(c: Any, shape: tuple[int, ...]) -> Any:
    """A coefficient repeated to the shape of its series."""
    if c is None or np.shape(plain(flow(c))) == shape:
        return c
    if isinstance(c, Paths):
        return partial(np.broadcast_to(c.flow, shape), np.broadcast_to(where(c), shape))
    return np.broadcast_to(c, shape)


def spoiled(v: Any, operands: Sequence[Any], entry_by_entry: bool) -> Any:
    """nan where v is undefined, nan out of operands that are not, and 1 in its other entries; None where all is well."""
    if v.__class__ is float and v == v:
        return None
    wrong = np.isnan(plain(v))
    given = [np.isnan(plain(u)) for u in operands]
    if entry_by_entry:
        for u in given:
            wrong = wrong & ~u
    elif any(np.any(u) for u in given):
        return None
    return np.where(wrong, math.nan, 1.0)[()] if given and np.any(wrong) else None
