"""Which entries of a result depend on which entries of an operand, for every array operation; and which entries it multiplies by each other.

An elementwise row goes entry by entry, as far as its text depends on the operand. Rows that only move entries about (an index, a reshape, a
join) are asked with numbered entries instead of numbers: where number 7 arrives, there the result depends on entry 7. Sums of products are
read off their subscripts. What is known of no row is taken to depend on everything.

A zero counts only if no change of the inputs can make it anything else. The value of a variable is therefore never looked at. A constant's
zeros are: `A @ x` with a constant A has the pattern of A. They belong to the program as its text does (and are compared again when
a pattern is used at another point).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import ascii_letters
from typing import Any, NamedTuple

import numpy as np

from adviz.linear import Elementary
from adviz.matrices import tensordot_subscripts
from adviz.scale.curvature import constant_lines, constant_zeros, flows, second_partials
from adviz.scale.pattern import affordable
from adviz.structural import Structural, spread


class Operation(NamedTuple):
    """An array operation of a run: its row, what its operands are, its parameters, its value."""

    row: Structural | Elementary
    slots: tuple[Any, ...]  # the index of a variable, or a constant
    operands: tuple[Any, ...]  # numbers and arrays
    parameters: dict[str, Any]
    value: Any

    def shape(self, k: int) -> tuple[int, ...]:
        return np.shape(self.operands[k])

    @property
    def active(self) -> list[int]:
        """The operands that are variables."""
        return [k for k, slot in enumerate(self.slots) if slot.__class__ is int]


class Meeting(NamedTuple):
    """Entry `first` of operand k is multiplied by entry `second` of operand l (or bent by itself) in entry `at` of the result, or in any."""

    k: int
    l: int
    at: np.ndarray | None
    first: np.ndarray
    second: np.ndarray


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


def meets(operation: Operation) -> list[Meeting]:
    """Which entries of the operands meet in a nonlinear way: where ∂²φ/∂u_k∂u_l can be other than 0."""
    if isinstance(operation.row, Elementary):
        return _meets_by_entry(operation)
    reading = MEETS.get(operation.row.name, _everything_meets)
    return [] if operation.row.name in LINEAR else reading(operation)


def _numbered(shape: tuple[int, ...]) -> Any:
    """1, 2, 3, ... in that shape: numbers that can be told from the 0 of an entry that comes from nowhere."""
    return np.arange(1.0, np.prod(shape, dtype=int) + 1).reshape(shape)


def _sources(operation: Operation, k: int) -> np.ndarray:
    """The entry of an elementwise operand that each entry of the result is computed from."""
    shape = operation.shape(k)
    size = int(np.prod(shape, dtype=int))
    return np.broadcast_to(np.arange(size).reshape(shape), np.shape(operation.value)).ravel()


def _kept(operation: Operation, k: int, rule: Callable[[str, int, Any], Any]) -> np.ndarray | slice:
    """The entries of the result at which no constant operand switches operand k off."""
    others = [u for l, u in enumerate(operation.operands) if l != k and operation.slots[l].__class__ is not int]
    off = rule(operation.row.name, k, others[0]) if others else None
    return slice(None) if off is None else ~np.broadcast_to(off, np.shape(operation.value)).ravel()


def _by_entry(operation: Operation, k: int) -> Pairs:
    sources = _sources(operation, k)
    kept = _kept(operation, k, constant_zeros)
    return np.arange(len(sources))[kept], sources[kept]


def _meets_by_entry(operation: Operation) -> list[Meeting]:
    found = []
    for k, l in second_partials(operation.row.name):
        if {k, l} <= set(operation.active):
            at, first, second = np.arange(np.size(operation.value)), _sources(operation, k), _sources(operation, l)
            kept = _kept(operation, k, constant_lines)
            found.append(Meeting(k, l, at[kept], first[kept], second[kept]))
    return found


def _arrived(numbered: Any) -> Pairs:
    """The pairs that a result full of numbered entries tells."""
    numbered = np.asarray(numbered).ravel().astype(np.int64)
    at = np.flatnonzero(numbered)
    return at, numbered[at] - 1


def _moved(operation: Operation, k: int) -> Pairs:
    """A row that moves entries about: by its own tangent map."""
    row, shape = operation.row, np.shape(operation.value)
    arrived = row.tangent(k, _numbered(operation.shape(k)), operation.value, *operation.operands, **operation.parameters)
    return _arrived(np.broadcast_to(arrived, shape))


def _gathered(operation: Operation, k: int) -> Pairs:
    """A row that takes every entry to one place at most: by its own adjoint map."""
    row = operation.row
    entries, at = _arrived(row.adjoint(k, _numbered(np.shape(operation.value)), operation.value, *operation.operands, **operation.parameters))
    return at, entries


def _reduced(operation: Operation, k: int) -> Pairs:
    """A reduction: every entry of a group counts in the group's result."""
    entries, at = _arrived(_groups(operation))
    return at, entries


def _groups(operation: Operation) -> np.ndarray:
    """For each entry of a reduction's operand the number, from 1, of the result that it counts in."""
    axis, keepdims = operation.parameters["axis"], operation.parameters["keepdims"]
    return np.broadcast_to(spread(_numbered(np.shape(operation.value)), operation.operands[0], axis, keepdims), operation.shape(0))


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
    numbered = [_numbered(operation.shape(k)) + ends[k] - sizes[k] for k in range(len(sizes))]
    at, entries = _arrived(operation.row.value(*numbered, **operation.parameters))
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
    groups = _groups(operation).ravel().astype(np.int64) - 1
    count = np.size(operation.value)
    size = len(groups) // max(count, 1)
    affordable(count * size * size)
    members = np.argsort(groups, kind="stable").reshape(count, size)
    first, second = np.repeat(members, size, axis=1).ravel(), np.tile(members, (1, size)).ravel()
    at = np.repeat(np.arange(count), size * size)
    kept = first != second if operation.row.name == "prod" else slice(None)
    return [Meeting(0, 0, at[kept], first[kept], second[kept])]


def subscripts(operation: Operation) -> tuple[list[str], str]:
    """The letters of each operand's axes and of the result's, for an operation that is a sum of products."""
    u = operation.operands
    match operation.row.name:
        case "einsum":
            inputs, _, output = operation.parameters["subscripts"].partition("->")
            return inputs.split(","), output
        case "outer":
            return ["a", "b"], "ab"
        case "tensordot":
            written = tensordot_subscripts(u[0], u[1], operation.parameters["axes"])
        case "dot" if np.ndim(u[0]) > 2 or np.ndim(u[1]) > 2:
            written = tensordot_subscripts(u[0], u[1], ([-1], [-2 if np.ndim(u[1]) > 1 else -1]))
        case _:
            return _matmul_subscripts(np.ndim(u[0]), np.ndim(u[1]))
    inputs, _, output = written.partition("->")
    return inputs.split(","), output


def _matmul_subscripts(m: int, n: int) -> tuple[list[str], str]:
    """A matrix product over the last axes, the axes before them counted from the right."""
    batch = ascii_letters[: max(m, n, 2) - 2][::-1]
    left, right = "X" * (m > 1) + "Y", "Y" + "Z" * (n > 1)
    of = [(batch[len(batch) - (ndim - 2) :] if ndim > 2 else "") + core for ndim, core in ((m, left), (n, right))]
    return of, batch + "X" * (m > 1) + "Z" * (n > 1)


Part = tuple[str, tuple[int, ...]]  # the letters of an array's axes, and its shape


def assignments(parts: Sequence[Part], known: Sequence[tuple[str, Any]] = ()) -> list[np.ndarray]:
    """The flat place in each array for every choice of the letters' values; of constants only where none is 0.

    An axis of length 1 beside a longer one of the same letter is repeated, as NumPy does.
    """
    sizes: dict[str, int] = {}
    for letters, shape in [*parts, *((letters, np.shape(u)) for letters, u in known)]:
        for c, n in zip(letters, shape, strict=True):
            sizes[c] = n if sizes.get(c, 1) == 1 else sizes[c]
    chosen: dict[str, np.ndarray] = {}
    for letters, u in known:
        if letters and not chosen and len(set(letters)) == len(letters) and all(n == sizes[c] for c, n in zip(letters, np.shape(u), strict=True)):
            chosen = dict(zip(letters, np.nonzero(u), strict=True))
    for c in dict.fromkeys("".join([*(letters for letters, _ in parts), *(letters for letters, _ in known)])):
        if c not in chosen:
            count = len(next(iter(chosen.values()))) if chosen else 1
            affordable(count * sizes[c])
            chosen = {d: np.repeat(values, sizes[c]) for d, values in chosen.items()} | {c: np.tile(np.arange(sizes[c]), count)}
    kept: Any = slice(None)
    for letters, u in known:
        nonzero = (np.asarray(u) != 0).ravel()[_flat(letters, np.shape(u), chosen, sizes)]
        kept = nonzero if isinstance(kept, slice) else kept & nonzero
    return [np.atleast_1d(_flat(letters, shape, chosen, sizes))[kept] for letters, shape in parts]


def _flat(letters: str, shape: tuple[int, ...], chosen: dict[str, np.ndarray], sizes: dict[str, int]) -> Any:
    """Where those indices lie in an array of that shape, row by row."""
    place: Any = np.zeros(len(next(iter(chosen.values()))) if chosen else 1, np.int64)
    for c, n in zip(letters, shape, strict=True):
        place = place * n + (chosen[c] if n == sizes[c] else 0)
    return place


def _constants(operation: Operation, parts: Sequence[str]) -> list[tuple[str, Any]]:
    """The constant operands that have a zero somewhere."""
    held = [l for l in range(len(parts)) if operation.slots[l].__class__ is not int]
    return [(parts[l], operation.operands[l]) for l in held if not np.all(operation.operands[l])]


def _product(operation: Operation, k: int) -> Pairs:
    parts, output = subscripts(operation)
    at, entries = assignments([(output, np.shape(operation.value)), (parts[k], operation.shape(k))], _constants(operation, parts))
    return at, entries


def _product_meets(operation: Operation) -> list[Meeting]:
    """A product is linear in each factor by itself: only different factors meet."""
    parts, output = subscripts(operation)
    known, active, found = _constants(operation, parts), operation.active, []
    for i, k in enumerate(active):
        for l in active[i + 1 :]:
            shaped = [(output, np.shape(operation.value)), (parts[k], operation.shape(k)), (parts[l], operation.shape(l))]
            found.append(Meeting(k, l, *assignments(shaped, known)))
    return found


def _solver_parts(operation: Operation) -> tuple[list[str], str]:
    """solve, inv, det, cholesky: within a matrix everything depends on everything; columns of a right-hand side do not meet."""
    m, column = np.ndim(operation.operands[0]), np.ndim(operation.operands[-1]) > 1
    batch = ascii_letters[: max(m, np.ndim(operation.value)) - 2][::-1] if operation.row.name != "det" else ascii_letters[: m - 2][::-1]
    matrix = batch[len(batch) - (m - 2) :] + "PQ" if m > 2 else "PQ"
    match operation.row.name:
        case "solve":
            n = np.ndim(operation.operands[1])
            right = "J" if not column else (batch[len(batch) - (n - 2) :] if n > 2 else "") + "JC"
            return [matrix, right], (batch + "IC" if column else batch + "I")
        case "det":
            return [matrix], batch
    return [matrix], batch + "IJ"


def _solved(operation: Operation, k: int) -> Pairs:
    parts, output = _solver_parts(operation)
    at, entries = assignments([(output, np.shape(operation.value)), (parts[k], operation.shape(k))])
    if operation.row.name == "cholesky":
        n = operation.shape(0)[-1]
        kept = (at // n % n >= at % n) & (entries // n % n >= entries % n) & (entries // n % n <= at // n % n) & (entries % n <= at % n)
        return at[kept], entries[kept]
    return at, entries


def _solver_meets(operation: Operation) -> list[Meeting]:
    """The entries of the matrix with each other, and with those of the right-hand side."""
    parts, output = _solver_parts(operation)
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
JOINS = frozenset({"concatenate", "stack"})
LINEAR = frozenset({  # the Jacobian is the same wherever the operands are (of max and min: until another entry takes over)
    "sum", "mean", "max", "min", "cumsum", "diff", "reshape", "transpose", "expand_dims", "squeeze", "flip", "roll", "broadcast_to",
    "concatenate", "stack", "where", "index", "scatter", "diag", "trace",
})
CHOOSING = frozenset({"max", "min"})
DEPENDS: dict[str, Callable[[Operation, int], Pairs]] = {
    **dict.fromkeys(("reshape", "transpose", "expand_dims", "squeeze", "flip", "roll", "broadcast_to", "where", "index", "diag"), _moved),
    **dict.fromkeys(("scatter", "trace"), _gathered),
    **dict.fromkeys(("sum", "mean", "max", "min", "prod", "var", "std", "norm"), _reduced),
    **dict.fromkeys(("matmul", "dot", "outer", "tensordot", "einsum"), _product),
    **dict.fromkeys(("solve", "inv", "det", "cholesky"), _solved),
    "cumsum": _running, "diff": _differences,
}
MEETS: dict[str, Callable[[Operation], list[Meeting]]] = {
    **dict.fromkeys(("prod", "var", "std", "norm"), _group_meets),
    **dict.fromkeys(("matmul", "dot", "outer", "tensordot", "einsum"), _product_meets),
    **dict.fromkeys(("solve", "inv", "det", "cholesky"), _solver_meets),
}
# fmt: on
