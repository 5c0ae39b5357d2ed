"""What a derivative costs, before it is computed: operations, sweeps and memory of every way, counted from one trace.

For f: ℝⁿ → ℝᵐ the Jacobian takes n forward sweeps or m reverse sweeps. A sweep does one multiplication for each edge of the graph it comes
along and one addition wherever a second edge arrives; so the count is exact, and nothing is timed. Memory is counted in numbers: values, and
tangents or adjoints, that must be held at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

import numpy as np

from adviz.errors import InputError
from adviz.scale.saved import needed, on_the_way, reads
from adviz.scale.schedule import Advance, Free, Record, Restore, Reverse, Snapshot, binomial, check_budget, is_count
from adviz.scale.work import Work, work
from adviz.texts import text
from adviz.timeline import traced
from adviz.wengert import Ref, Trace


class Way(NamedTuple):
    """One way to the same derivative: what is done, and how many numbers are held at the most."""

    name: str
    sweeps: int
    values: int  # operations of f's own lines, as often as they are run
    partials: int  # operations of the partials
    multiplications: int  # terms and shares
    additions: int
    held: int
    exact: bool = True  # False: at most

    @property
    def operations(self) -> int:
        """All operations; a seed counts as one."""
        return self.values + self.partials + self.sweeps + self.multiplications + self.additions


@dataclass(frozen=True)
class Cost:
    """What `cost` counted: a `Way` each for f itself and for its derivative by every way.

    inputs, outputs    n and m, in numbers
    lines              how many assignments f's trace has
    """

    function: str
    inputs: int
    outputs: int
    lines: int
    ways: tuple[Way, ...]

    def __getitem__(self, name: str) -> Way:
        """The way of that name; of names that go on, the first that begins so."""
        return next(way for way in self.ways if way.name.startswith(name))

    @property
    def cheapest(self) -> Way:
        """The derivative with the fewest operations."""
        return min(self.ways[1:], key=lambda way: (way.operations, way.held))

    @property
    def smallest(self) -> Way:
        """The derivative with the least memory."""
        return min(self.ways[1:], key=lambda way: (way.held, way.operations))

    @property
    def why(self) -> str:
        """One sentence on the cheapest way, and one on the smallest."""
        cheapest, smallest = self.cheapest, self.smallest
        reason = text(f"cost.why.{_kind(cheapest)}", inputs=self.inputs, outputs=self.outputs, sweeps=cheapest.sweeps, way=cheapest.name)
        if smallest is cheapest:
            return f"{reason} {text('cost.smallest.same')}"
        return f"{reason} {text('cost.smallest', way=smallest.name, held=f'{smallest.held:,}', other=f'{cheapest.held:,}')}"

    def rows(self) -> list[tuple[str, ...]]:
        """The table: a heading, and a line for each way."""
        heads = ("way", "sweeps", "values", "partials", "multiplications", "additions", "operations", "times", "held")
        return [tuple(text(f"cost.{head}") for head in heads), *map(self._row, self.ways)]

    def _row(self, way: Way) -> tuple[str, ...]:
        bound = "" if way.exact else "≤ "
        counts = (way.values, way.partials, way.multiplications, way.additions, way.operations)
        times = way.operations / max(self.ways[0].operations, 1)
        return (way.name, f"{way.sweeps:,}", *(f"{bound}{count:,}" for count in counts), f"{bound}{times:.3g}", f"{way.held:,}")

    def __str__(self) -> str:
        rows = self.rows()
        widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
        lines = ["  ".join(cell.rjust(w) if k else cell.ljust(w) for k, (cell, w) in enumerate(zip(row, widths, strict=True))) for row in rows]
        return "\n".join([self.title, "", lines[0], "-" * len(lines[0]), *lines[1:], "", self.why])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head, *body = self.rows()
        cells = "".join(f"<th scope=col>{escape(cell)}</th>" for cell in head)
        lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in body)
        return f"<table><caption>{escape(self.title)}</caption><thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table><p>{escape(self.why)}</p>"

    @property
    def title(self) -> str:
        """What is counted."""
        return text("cost.title", function=self.function, inputs=self.inputs, outputs=self.outputs, lines=self.lines)


KINDS = ("forward.all", "forward", "reverse", "checkpointed", "coloured")


def _kind(way: Way) -> str:
    return next(kind for kind in KINDS if way.name.startswith(text(f"cost.way.{kind}").partition("{")[0]))


def cost(f: Callable[..., Any] | Trace, *point: Any, snapshots: int | None = None, colours: Any = None) -> Cost:
    """Operations, sweeps and memory of f and of its Jacobian by every way, counted from f's trace   (Griewank & Walther 2008, chapters 3, 4, 12)

    f is a function with a point, or a Trace. The checkpointed way takes every line of the trace as a step and keeps `snapshots` states, log₂ l
    if that is left out. `colours` adds compressed sweeps: a number of colours of the columns, or a colouring (`forward`, `reverse`: its sweeps).
    The ways that compute the same derivative more cheaply for a special f are not counted.

    >>> def logistic(x, n=5):
    ...     for _ in range(n - 1):
    ...         x = 4 * x * (1 - x)
    ...     return x
    >>> print(cost(logistic, 0.2))
    Cost of the derivative of f...
    """
    t = traced(f, point)
    lines = len(t.assignments)
    s = max(lines.bit_length(), 1) if snapshots is None else snapshots
    check_budget(lines, s)
    count = Counting(t)
    n, m = count.inputs, count.outputs
    run = count.total("value")
    partials = count.total("partials")
    forward, reverse = count.forward(), count.reverse()
    once = count.live()
    ways = [
        Way(text("cost.way.values"), 0, run, 0, 0, 0, once),
        Way(text("cost.way.forward"), n, n * run, n * partials, *forward, 2 * once),
        Way(text("cost.way.forward.all"), n, run, partials, *forward, (1 + n) * once),
        Way(text("cost.way.reverse"), m, run, partials, *reverse, count.stored()),
        Way(text("cost.way.checkpointed", snapshots=s), m, run + count.again(s), partials, *reverse, count.checkpointed(s)),
        *_coloured(count, colours, once),
    ]
    return Cost(t.function, n, m, lines, tuple(ways))
