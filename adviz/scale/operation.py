"""An array operation of a run, with all that its row is asked about it; and how sums of products walk through their entries."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters
from typing import Any, NamedTuple

import numpy as np

from adviz.linear import Elementary
from adviz.matrices import tensordot_subscripts
from adviz.scale.pattern import affordable
from adviz.structural import Structural


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


def constants(operation: Operation, parts: Sequence[str]) -> list[tuple[str, Any]]:
    """The constant operands that have a zero somewhere."""
    held = [l for l in range(len(parts)) if operation.slots[l].__class__ is not int]
    return [(parts[l], operation.operands[l]) for l in held if not np.all(operation.operands[l])]


def solver_parts(operation: Operation) -> tuple[list[str], str]:
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
