"""Which entries of a result depend on which entries of an operand, for every array operation.

An elementwise row goes entry by entry, as far as its text depends on the operand. Rows that only move entries about (an index, a reshape, a
join) are asked with numbered entries instead of numbers: where number 7 arrives, there the result depends on entry 7. Sums of products are
read off their subscripts. What is known of no row is taken to depend on everything.

A zero counts only if no change of the inputs can make it anything else. The value of a variable is therefore never looked at. A constant's
zeros are: `A @ x` with a constant A has the pattern of A. They belong to the program as its text does (and are compared again when
a pattern is used at another point).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.linear import Elementary
from adviz.scale.curvature import constant_zeros, flows
from adviz.scale.operation import Operation, assignments, constants, solver_parts, subscripts
from adviz.scale.pattern import affordable
from adviz.structural import spread

Pairs = tuple[np.ndarray, np.ndarray]  # entries of the result and, one for one, entries of the operand they depend on


def depends(operation: Operation) -> list[tuple[int, Pairs]]:
    """(k, pairs) for every operand that is a variable: which entry of the result depends on which of its entries."""
    if isinstance(operation.row, Elementary):
        found = [(k, _by_entry(operation, k)) for k in operation.active if flows(operation.row.name)[k]]
    else:
        name = operation.row.name
        if name in JOINS:
            return _joined(operation)
        reading = DEPENDS.get(name, _everything)
        found = [(k, reading(operation, k)) for k in operation.active]
    return found


def numbered(shape: tuple[int, ...]) -> Any:
    """1, 2, 3, ... in that shape: numbers that can be told from the 0 of an entry that comes from nowhere."""
    return np.arange(1.0, np.prod(shape, dtype=int) + 1).reshape(shape)


def sources(operation: Operation, k: int) -> np.ndarray:
    """The entry of an elementwise operand that each entry of the result is computed from."""
    shape = operation.shape(k)
    size = int(np.prod(shape, dtype=int))
    return np.broadcast_to(np.arange(size).reshape(shape), np.shape(operation.value)).ravel()


def kept_by(operation: Operation, k: int, rule: Callable[[str, int, Any], Any]) -> np.ndarray | slice:
    """The entries of the result at which no constant operand switches operand k off."""
    others = [u for l, u in enumerate(operation.operands) if l != k and operation.slots[l].__class__ is not int]
    off = rule(operation.row.name, k, others[0]) if others else None
    return slice(None) if off is None else ~np.broadcast_to(off, np.shape(operation.value)).ravel()


def _by_entry(operation: Operation, k: int) -> Pairs:
    entries = sources(operation, k)
    kept = kept_by(operation, k, constant_zeros)
    return np.arange(len(entries))[kept], entries[kept]


def _arrived(result: Any) -> Pairs:
    """The pairs that a result full of numbered entries tells."""
    sources = np.asarray(result).ravel().astype(np.int64)
    at = np.flatnonzero(sources)
    return at, sources[at] - 1


def _moved(operation: Operation, k: int) -> Pairs:
    """A row that moves entries about: by its own tangent map."""
    row, shape = operation.row, np.shape(operation.value)
    arrived = row.tangent(k, numbered(operation.shape(k)), operation.value, *operation.operands, **operation.parameters)
    return _arrived(np.broadcast_to(arrived, shape))


def _gathered(operation: Operation, k: int) -> Pairs:
    """A row that takes every entry to one place at most: by its own adjoint map."""
    row = operation.row
    entries, at = _arrived(row.adjoint(k, numbered(np.shape(operation.value)), operation.value, *operation.operands, **operation.parameters))
    return at, entries


def _reduced(operation: Operation, k: int) -> Pairs:
    """A reduction: every entry of a group counts in the group's result."""
    entries, at = _arrived(groups(operation))
    return at, entries


def groups(operation: Operation) -> np.ndarray:
    """For each entry of a reduction's operand the number, from 1, of the result that it counts in."""
    axis, keepdims = operation.parameters["axis"], operation.parameters["keepdims"]
    return np.broadcast_to(spread(numbered(np.shape(operation.value)), operation.operands[0], axis, keepdims), operation.shape(0))


def _running(operation: Operation, k: int) -> Pairs:
    """A running sum: entry i on 0 .. i of its axis."""
    return _along(operation, lambda n: np.tril_indices(n))


def _differences(operation: Operation, k: int) -> Pairs:
    """n differences of differences: entry i on i .. i + n of its axis."""
    order = operation.parameters["n"]

    def banded(length: int) -> Pairs:
        at = np.repeat(np.arange(max(length - order, 0)), order + 1)
        return at, at + np.tile(np.arange(order + 1), max(length - order, 0))

    return _along(operation, banded)


def _along(operation: Operation, pairs: Callable[[int], Any]) -> Pairs:
    """The pairs along an axis, for every place of the other axes."""
    axis = operation.parameters["axis"]
    start, end = (np.moveaxis(np.arange(np.prod(s, dtype=int)).reshape(s), axis, 0) for s in (operation.shape(0), np.shape(operation.value)))
    at, entries = pairs(start.shape[0])
    affordable(len(at) * start[0].size if len(at) else 0)
    return end[at].ravel(), start[entries].ravel()


def _joined(operation: Operation) -> list[tuple[int, Pairs]]:
    """Several operands joined: all of them numbered through at once."""
    sizes = [int(np.size(u)) for u in operation.operands]
    ends = np.cumsum(sizes)
    through = [numbered(operation.shape(k)) + ends[k] - sizes[k] for k in range(len(sizes))]
    at, entries = _arrived(operation.row.value(*through, **operation.parameters))
    found = []
    for k in operation.active:
        mine = (entries >= ends[k] - sizes[k]) & (entries < ends[k])
        found.append((k, (at[mine], entries[mine] - (ends[k] - sizes[k]))))
    return found


def _everything(operation: Operation, k: int) -> Pairs:
    """Every entry on every entry."""
    m, n = np.size(operation.value), np.size(operation.operands[k])
    affordable(m * n)
    return np.repeat(np.arange(m), n), np.tile(np.arange(n), m)


def _product(operation: Operation, k: int) -> Pairs:
    parts, output = subscripts(operation)
    at, entries = assignments([(output, np.shape(operation.value)), (parts[k], operation.shape(k))], constants(operation, parts))
    return at, entries


def _solved(operation: Operation, k: int) -> Pairs:
    parts, output = solver_parts(operation)
    at, entries = assignments([(output, np.shape(operation.value)), (parts[k], operation.shape(k))])
    if operation.row.name == "cholesky":
        n = operation.shape(0)[-1]
        kept = (at // n % n >= at % n) & (entries // n % n >= entries % n) & (entries // n % n <= at // n % n) & (entries % n <= at % n)
        return at[kept], entries[kept]
    return at, entries


# fmt: off
JOINS = frozenset({"concatenate", "stack"})
DEPENDS: dict[str, Callable[[Operation, int], Pairs]] = {
    **dict.fromkeys(("reshape", "transpose", "expand_dims", "squeeze", "flip", "roll", "broadcast_to", "where", "index", "diag"), _moved),
    **dict.fromkeys(("scatter", "trace"), _gathered),
    **dict.fromkeys(("sum", "mean", "max", "min", "prod", "var", "std", "norm"), _reduced),
    **dict.fromkeys(("matmul", "dot", "outer", "tensordot", "einsum"), _product),
    **dict.fromkeys(("solve", "inv", "det", "cholesky"), _solved),
    "cumsum": _running, "diff": _differences,
}
# fmt: on
