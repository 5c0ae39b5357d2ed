"""How much work a line of a trace is: operations on numbers, counted from the row, not timed.

One operation is one +, −, ·, ÷ or one call of a function such as sin, on one number; an array operation counts once for each entry, a matrix
product its multiplications and additions; moving entries about (an index, a reshaping, np.where) counts nothing.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from adviz.readings import Tree, parse, signed
from adviz.structural import Structural
from adviz.table import Elementwise
from adviz.wengert import Assignment, Ref, Trace

UNITS = ("1", "-1")  # partials that are not computed
MOVES = frozenset({
    "reshape", "transpose", "expand_dims", "squeeze", "flip", "roll", "broadcast_to", "concatenate", "stack", "where", "index", "scatter", "diag",
})  # fmt: skip
SUMS = frozenset({"sum", "mean", "cumsum", "trace", "diff"})  # one addition an entry; their maps back only spread what they are given


class Work(NamedTuple):
    """The operations of one assignment: its value, its partials, and of each active operand a term of the tangent and a share of the adjoint."""

    value: int
    partials: int
    terms: tuple[int, ...]
    shares: tuple[int, ...]


def work(a: Assignment, t: Trace) -> Work:
    """The operations of an assignment."""
    if a.row is None:
        return Work(0, 0, (), ())
    size, active = int(np.size(a.value)), list(a.active)
    if isinstance(a.row, Elementwise):
        partials = size * sum(operations(signed(parse(str(a.row.partials[k])))) for k, _ in active if a.row.partials[k] not in UNITS)
        folded = [size - int(np.size(t.value_of(j))) for _, j in active]  # a share is summed over the copies of its operand
        return Work(size, partials, (size,) * len(active), tuple(size + extra for extra in folded))
    value = _of_array(a.row, a, t)
    back = 0 if a.row.name in SUMS else value
    return Work(value, 0, (value,) * len(active), (back,) * len(active))


def operations(tree: Tree) -> int:
    """The operations written in a formula.

    >>> operations(parse("-v / b")), operations(parse("cos(a)"))
    (2, 1)
    """
    return (tree[0] not in ("a", "b", "v", "number", "name")) + sum(operations(part) for part in tree[1:] if isinstance(part, tuple))


def _of_array(row: Structural, a: Assignment, t: Trace) -> int:
    """The operations of an array operation: exactly for sums and products, to leading order for the solution of equations."""
    u = [t.value_of(o.index) if isinstance(o, Ref) else o.value for o in a.operands]
    size = int(np.size(a.value))
    if row.name in MOVES:
        return 0
    if row.name in ("matmul", "dot", "outer", "tensordot", "einsum"):
        length = _products(row.name, a, u) // max(size, 1)  # of the sum that makes one entry
        return size * length * (len(u) - 1) + size * max(length - 1, 0)
    n = int(np.shape(u[0])[-1]) if np.ndim(u[0]) else 1
    if row.name in ("solve", "inv", "det", "cholesky"):
        columns = size // n if row.name == "solve" else 0
        return {"solve": 2 * n**3 // 3 + 2 * n * n * columns, "inv": 2 * n**3, "det": 2 * n**3 // 3, "cholesky": n**3 // 3}[row.name]
    return max(size, *(int(np.size(x)) for x in u))


def _products(name: str, a: Assignment, u: list[Any]) -> int:
    """How many products of entries are summed in all entries together."""
    if name in ("matmul", "dot"):
        return int(np.size(a.value)) * (int(np.shape(u[0])[-1]) if np.ndim(u[0]) and np.ndim(u[1]) else 1)
    if name == "einsum":
        parts = str(a.parameters["subscripts"]).replace(" ", "").partition("->")[0].split(",")
        lengths = {letter: n for part, x in zip(parts, u, strict=True) for letter, n in zip(part, np.shape(x), strict=False)}
        return math.prod(lengths.values())
    size = max(int(np.size(a.value)), 1)  # a tensor product: what is summed over stands in both operands
    return size * math.isqrt(int(np.size(u[0])) * int(np.size(u[1])) // size)
