"""Which entries of an array operation's operands meet: are multiplied by each other, or bent by themselves.

Where ∂²φ/∂u_k∂u_l can be other than 0. Of an elementwise row the table's text says so, entry by entry; a product makes different factors meet and
no factor itself; a norm makes all its entries meet; what only moves or adds up entries makes none meet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from adviz.linear import Elementary
from adviz.scale.curvature import constant_lines, second_partials
from adviz.scale.entries import groups, kept_by, sources
from adviz.scale.operation import Operation, assignments, constants, solver_parts, subscripts
from adviz.scale.pattern import affordable


class Meeting(NamedTuple):
    """Entry `first` of operand k is multiplied by entry `second` of operand l (or bent by itself) in entry `at` of the result, or in any."""

    k: int
    l: int
    at: np.ndarray | None
    first: np.ndarray
    second: np.ndarray


def meets(operation: Operation) -> list[Meeting]:
    """Which entries of the operands meet in a nonlinear way: where ∂²φ/∂u_k∂u_l can be other than 0."""
    if isinstance(operation.row, Elementary):
        return _meets_by_entry(operation)
    reading = MEETS.get(operation.row.name, _everything_meets)
    return [] if operation.row.name in LINEAR else reading(operation)


def _meets_by_entry(operation: Operation) -> list[Meeting]:
    found = []
    for k, l in second_partials(operation.row.name):
        if {k, l} <= set(operation.active):
            at, first, second = np.arange(np.size(operation.value)), sources(operation, k), sources(operation, l)
            kept = kept_by(operation, k, constant_lines)
            found.append(Meeting(k, l, at[kept], first[kept], second[kept]))
    return found


def _everything_meets(operation: Operation) -> list[Meeting]:
    """Every entry with every entry."""
    active, found = operation.active, []
    for i, k in enumerate(active):
        for l in active[i:]:
            m, n = np.size(operation.operands[k]), np.size(operation.operands[l])
            affordable(m * n)
            first, second = np.repeat(np.arange(m), n), np.tile(np.arange(n), m)
            found.append(Meeting(k, l, None, first, second))
    return found


def _group_meets(operation: Operation) -> list[Meeting]:
    """A reduction that is not linear: the entries of a group with each other; of a product, not with themselves."""
    group = groups(operation).ravel().astype(np.int64) - 1
    count = np.size(operation.value)
    size = len(group) // max(count, 1)
    affordable(count * size * size)
    members = np.argsort(group, kind="stable").reshape(count, size)
    first, second = np.repeat(members, size, axis=1).ravel(), np.tile(members, (1, size)).ravel()
    at = np.repeat(np.arange(count), size * size)
    kept = first != second if operation.row.name == "prod" else slice(None)
    return [Meeting(0, 0, at[kept], first[kept], second[kept])]


def _product_meets(operation: Operation) -> list[Meeting]:
    """A product is linear in each factor by itself: only different factors meet."""
    parts, output = subscripts(operation)
    known, active, found = constants(operation, parts), operation.active, []
    for i, k in enumerate(active):
        for l in active[i + 1 :]:
            shaped = [(output, np.shape(operation.value)), (parts[k], operation.shape(k)), (parts[l], operation.shape(l))]
            found.append(Meeting(k, l, *assignments(shaped, known)))
    return found


def _solver_meets(operation: Operation) -> list[Meeting]:
    """The entries of the matrix with each other, and with those of the right-hand side."""
    parts, output = solver_parts(operation)
    found = []
    for k, l in ((0, 0), (0, 1)):
        if {k, l} <= set(operation.active):
            second = parts[l].replace("P", "R").replace("Q", "S")
            shaped = [(output, np.shape(operation.value)), (parts[k], operation.shape(k)), (second, operation.shape(l))]
            at, p, q = assignments(shaped)
            kept = _minors(operation, p, q) if k == l else slice(None)
            found.append(Meeting(k, l, at[kept], p[kept], q[kept]))
    return found


def _minors(operation: Operation, first: np.ndarray, second: np.ndarray) -> Any:
    """A determinant has no term with two entries of one row or one column; a Cholesky factor reads the lower triangle only."""
    n = operation.shape(0)[-1]
    (i, j), (k, l) = ((entries // n % n, entries % n) for entries in (first, second))
    match operation.row.name:
        case "det":
            return (i != k) & (j != l)
        case "cholesky":
            return (i >= j) & (k >= l)
    return slice(None)


# fmt: off
LINEAR = frozenset({  # the Jacobian is the same wherever the operands are (of max and min: until another entry takes over)
    "sum", "mean", "max", "min", "cumsum", "diff", "reshape", "transpose", "expand_dims", "squeeze", "flip", "roll", "broadcast_to",
    "concatenate", "stack", "where", "index", "scatter", "diag", "trace",
})
CHOOSING = frozenset({"max", "min"})
MEETS: dict[str, Callable[[Operation], list[Meeting]]] = {
    **dict.fromkeys(("prod", "var", "std", "norm"), _group_meets),
    **dict.fromkeys(("matmul", "dot", "outer", "tensordot", "einsum"), _product_meets),
    **dict.fromkeys(("solve", "inv", "det", "cholesky"), _solver_meets),
}
# fmt: on
