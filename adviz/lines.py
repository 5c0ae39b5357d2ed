"""The lines of a run of plain numbers as columns, read from its tape at once: what `Assignment`s say one by one, for a reader of all of them.

A tape's events are tuples; here they are read some thousand at a time, each column with one call of NumPy. Where an array took part, or a
number of another precision or of an outer run, there are no such columns, and the assignments say it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from adviz.table import Elementwise, table
from adviz.tape import Events

AT_ONCE = 4096  # events: what the processor keeps at hand
WIDTH = 7  # of a located event: row, two operands, value, two partials, instruction
NOTHING, VARIABLE, CONSTANT = 0, 1, 2  # what an operand is
CONSTANT_LINE = "constant"  # in place of a row: an output that is a number
Column = np.ndarray


class Operands(NamedTuple):
    """The first operands of all lines, or the second."""

    what: Column  # NOTHING, VARIABLE, CONSTANT
    index: Column  # type: ignore[assignment]  # of a variable; 0 otherwise
    number: Column  # of a constant; 0 otherwise
    given: Column  # whether there is a partial
    partial: Column  # 0 where there is none

    def taken(self, order: Column, rank: Column) -> Operands:
        """The same of lines in another order; `rank` has every variable's new index."""
        return Operands(self.what[order], rank[self.index[order]], *(column[order] for column in self[2:]))


class Lines(NamedTuple):
    """One entry for each line."""

    rows: tuple[str, ...]  # the names that occur
    row: Column  # which of them
    value: Column
    operands: tuple[Operands, Operands]
    instruction: Column

    @property
    def constant(self) -> int:
        """The number of CONSTANT_LINE among the rows; -1 where no line is an output that is a constant."""
        return self.rows.index(CONSTANT_LINE) if CONSTANT_LINE in self.rows else -1

    def taken(self, order: Column, rank: Column) -> Lines:
        """The same lines in another order."""
        a, b = self.operands
        return Lines(self.rows, self.row[order], self.value[order], (a.taken(order, rank), b.taken(order, rank)), self.instruction[order])


def plain_lines(tape: Events) -> Lines | None:
    """The lines of a located run that is over, in the order Python evaluated them; None if not all of its numbers are floats."""
    if tape.arrays or not tape.double:
        return None
    size = len(tape) - 1
    names = np.zeros(size, np.intp)
    value, instruction = np.zeros(size), np.zeros(size, np.int32)
    a, b = (_blank(size) for _ in range(2))
    for start in range(0, size, AT_ONCE):
        events = tape[start + 1 : start + 1 + AT_ONCE]
        here = slice(start, start + len(events))
        cells = np.fromiter(chain.from_iterable(events), object, WIDTH * len(events)).reshape(-1, WIDTH)
        identity = np.frombuffer(cells.tobytes(), np.intp).reshape(cells.shape)
        names[here] = identity[:, 0]
        value[here] = cells[:, 3]
        instruction[here] = cells[:, 6]
        for k, operand in enumerate((a, b)):
            _read_operand(cells, identity, k, Operands(*(column[here] for column in operand)))
    found, row = _numbered(names, tape)
    for k, operand in enumerate((a, b)):
        _look_at_those_without_partial(tape, found, row, k, operand)
    return Lines(found, row, value, (a, b), instruction)


def instructions_of(tape: Events) -> Column:
    """The instruction of each event of a located run."""
    return np.array([event[6] for event in tape.operations()], np.int32)


def _blank(size: int) -> Operands:
    return Operands(np.zeros(size, np.uint8), np.zeros(size, np.int32), np.zeros(size), np.zeros(size, bool), np.zeros(size))


def _read_operand(cells: Column, identity: Column, k: int, into: Operands) -> None:
    """The k-th operands: a variable has a partial, a constant has none (but see `_look_at_those_without_partial`)."""
    given = identity[:, 4 + k] != id(None)
    into.given[:] = given
    if given.all():
        into.what[:], into.index[:], into.partial[:] = VARIABLE, cells[:, 1 + k], cells[:, 4 + k]
        return
    into.what[given], into.index[given], into.partial[given] = VARIABLE, cells[given, 1 + k], cells[given, 4 + k]
    other = (identity[:, 1 + k] != id(None)) & ~given
    into.what[other], into.number[other] = CONSTANT, cells[other, 1 + k]


def _numbered(names: Column, tape: Events) -> tuple[tuple[str, ...], Column]:
    """The names of rows that occur, and which of them each line has: by the identity of the text, which the tape keeps alive."""
    found: dict[str, int] = {}
    row = np.zeros(len(names), np.int64)
    waiting = np.ones(len(names), bool)
    first = 0
    while len(names):
        same = names == names[first]
        row[same] = found.setdefault(tape[first + 1][0], len(found))
        waiting &= ~same
        first = int(waiting.argmax())
        if not waiting[first]:
            break
    return tuple(found), row


def _look_at_those_without_partial(tape: Events, rows: Sequence[str], row: Column, k: int, operand: Operands) -> None:
    """An operand that was not taken (of np.where) has no partial either: there the tape says whether it is a variable."""
    for n, name in enumerate(rows):
        partials = () if name == CONSTANT_LINE else _row(name).partials
        if len(partials) > k and partials[k] is None:
            for e in np.flatnonzero((row == n) & (operand.what == CONSTANT)).tolist():
                u = tape[e + 1][1 + k]
                if u.__class__ is int:
                    operand.what[e], operand.index[e], operand.number[e] = VARIABLE, u, 0.0


def _row(name: str) -> Elementwise:
    row = table[name]
    assert isinstance(row, Elementwise)
    return row
