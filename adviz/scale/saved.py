"""What a reverse sweep still needs: which values the partials read, by whom, and until when.

    v̄_j += v̄_i · ∂φ_i/∂v_j

A product needs both its factors, sin needs its operand, exp its value; a sum, a mean, a reshaping need nothing but shapes. So a run may drop
every value that no partial reads, and a reverse sweep may drop a value when the first line that read it has been swept
(Griewank & Walther 2008, section 4.3, "selective saves and restores").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from adviz.listing import html_table, ruled
from adviz.readings import Tree, parse
from adviz.structural import Structural
from adviz.table import Elementwise
from adviz.texts import text
from adviz.timeline import traced
from adviz.wengert import Assignment, Ref, Trace


class Saved(NamedTuple):
    """v_j is read by the partials of these lines; when the first of them has been swept, it may go.

    >>> x, = needed(lambda x: x * x + np.sin(x), 1.0).values
    >>> x.index, x.readers, x.until
    (0, (1, 2), 1)
    """

    index: int  # type: ignore[assignment]  # j
    readers: tuple[int, ...]  # i, ascending
    entries: int  # how many numbers it is

    @property
    def until(self) -> int:
        """The line with whose reverse sweep it is used for the last time."""
        return self.readers[0]


@dataclass(frozen=True)
class Needed:
    """The values that the reverse sweeps of a trace read, and when.

    values     which they are, by index
    lines      v_1 .. v_l: how many assignments there are
    sizes      the entries of every variable, from v_{1-n} to v_l

    >>> found = needed(lambda x: np.sin(x * x) * 2.0, 1.0)
    >>> [s.index for s in found.values], found.held, found.at(1)
    ([0, 1], (2, 2, 1, 0), (0,))
    """

    function: str
    values: tuple[Saved, ...]
    lines: int
    sizes: tuple[int, ...]

    def at(self, i: int) -> tuple[int, ...]:
        """The values that are still needed when v̄_i is about to be sent on: those that line i or one before it reads."""
        return tuple(s.index for s in self.values if s.until <= i)

    @property
    def held(self) -> tuple[int, ...]:
        """How many values are needed before each line is swept: line l first, line 1 last, and 0 at the end."""
        released = [0] * (self.lines + 1)
        for s in self.values:
            released[s.until] += 1
        counts = [len(self.values)]
        for i in range(self.lines, 0, -1):
            counts.append(counts[-1] - released[i])
        return tuple(counts)

    @property
    def peak(self) -> int:
        """The most values that are held: all of them, when the run ends and the sweep begins."""
        return len(self.values)

    @property
    def peak_entries(self) -> int:
        """The numbers in those values."""
        return sum(s.entries for s in self.values)

    def rows(self) -> list[tuple[str, ...]]:
        """The table: a heading, and a line for each value."""
        head = tuple(text(f"needed.{name}") for name in ("value", "entries", "readers", "until"))
        body = [(_name(s.index), f"{s.entries:,}", _several(s.readers), _name(s.until)) for s in self.values[:SHOWN]]
        left = len(self.values) - len(body)
        return [head, *body, *([("…", "", text("needed.more", count=left), "")] if left else [])]

    def __str__(self) -> str:
        rows = self.rows()
        return "\n".join([self.title, *ruled(rows, left=len(rows[0]))])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(self.title, self.rows())

    @property
    def title(self) -> str:
        """One sentence with the counts."""
        return text("needed.title", function=self.function, needed=len(self.values), all=len(self.sizes))


SHOWN, FEW = 40, 6  # values in a table, readers in a cell


def _several(indices: tuple[int, ...]) -> str:
    """Some names; of many the first and the last."""
    names = list(map(_name, indices))
    return ", ".join(names if len(names) <= FEW else [*names[: FEW - 2], "…", names[-1]])


def _name(index: int) -> str:
    return f"v{index}".replace("-", "−").translate(SUBSCRIPTS)


SUBSCRIPTS = str.maketrans("0123456789−", "₀₁₂₃₄₅₆₇₈₉₋")


def needed(f: Callable[..., Any] | Trace, *point: Any) -> Needed:
    """{v_j : some ∂φ_i/∂v_k reads v_j, i on the way to an output}: what must be kept of a run for its reverse sweeps

    f is a function with a point, or a Trace. Without the other values a reverse sweep has the same result.

    >>> import numpy as np
    >>> print(needed(lambda x1, x2: np.log(x1) + x1 * x2 - np.sin(x2), 2.0, 5.0))
    Reverse sweeps over f read 2 of its 7 values.
    value  entries  read by  until
    ------------------------------
    v₋₁    1        v₁, v₂   v₁
    v₀     1        v₂, v₃   v₂
    """
    t = traced(f, point)
    readers: dict[int, set[int]] = {}
    for a in on_the_way(t):
        for j in reads(a, t):
            readers.setdefault(j, set()).add(a.index)
    sizes = tuple(int(np.size(t.value_of(j))) for j in (*t.inputs, *(a.index for a in t.assignments)))
    found = (Saved(j, tuple(sorted(readers[j])), int(np.size(t.value_of(j)))) for j in sorted(readers))
    return Needed(t.function, tuple(found), len(t.assignments), sizes)


def on_the_way(t: Trace) -> Iterator[Assignment]:
    """The assignments on which an output depends, the last first: those that reverse sweeps come by."""
    reached = set(t.outputs)
    for a in reversed(t.assignments):
        if a.index in reached:
            reached.update(j for _, j in a.active)
            yield a


def reads(a: Assignment, t: Trace) -> set[int]:
    """j of every v_j that the partials of an assignment read, v_i itself among them."""
    if isinstance(a.row, Elementwise):
        letters = {letter for k, _ in a.active for letter in _letters(parse(str(a.row.partials[k])))}
        places = {"v": a.index} | {letter: u.index for letter, u in zip("ab", a.operands) if isinstance(u, Ref)}
        return {places[letter] for letter in letters if letter in places}
    return _read_by_map(a, t) if a.row is not None else set()


def _letters(tree: Tree) -> set[str]:
    """Which of a, b and v a formula reads."""
    if tree[0] in ("a", "b", "v"):
        return {tree[0]}
    return {letter for part in tree[1:] if isinstance(part, tuple) for letter in _letters(part)}


def _read_by_map(a: Assignment, t: Trace) -> set[int]:
    """What the adjoint of an array operation reads, found by trying: each value is replaced by nan, and what changes the share is read."""
    row, parameters = a.row, dict(a.parameters)
    assert isinstance(row, Structural)
    operands = {u.index for u in a.operands if isinstance(u, Ref)}
    if row.name == "checkpoint":  # is run again from its operands: to try it would be to run it
        return operands
    values = [t.value_of(u.index) if isinstance(u, Ref) else u.value for u in a.operands]
    v_bar = np.reshape(np.cos(np.arange(np.size(a.value))) + 2.0, np.shape(a.value))[()]

    def shares(instead: int | None) -> list[Any]:
        u = [_nothing(x) if isinstance(o, Ref) and o.index == instead else x for o, x in zip(a.operands, values, strict=True)]
        v = _nothing(a.value) if a.index == instead else a.value
        return [row.adjoint(k, v_bar, v, *u, **parameters) for k, _ in a.active]

    with np.errstate(all="ignore"):
        return {j for j in (*operands, a.index) if _matters(shares, j)}


def _nothing(x: Any) -> Any:
    """An array of nan, or nan."""
    return np.full(np.shape(x), np.nan, getattr(x, "dtype", float))[()]


def _matters(shares: Callable[[int | None], list[Any]], j: int) -> bool:
    """Whether the shares change without v_j. Where they are nan anyway, or cannot be computed without it, it is taken to matter."""
    known = shares(None)
    if any(np.size(share) and np.all(np.isnan(share)) for share in known):
        return True
    try:
        tried = shares(j)
    except np.linalg.LinAlgError:
        return True
    return not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(known, tried, strict=True))
