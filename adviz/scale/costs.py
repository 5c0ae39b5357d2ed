"""What a derivative costs, before it is computed: operations, sweeps and memory of every way, counted from one trace.

For f: ℝⁿ → ℝᵐ the Jacobian takes n forward sweeps or m reverse sweeps. A sweep does one multiplication for each edge of the graph it comes
along and one addition wherever a second edge arrives; so the count is exact, and nothing is timed. Memory is counted in numbers: values, and
tangents or adjoints, that must be held at the same time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

from adviz.errors import InputError
from adviz.listing import html_table, ruled
from adviz.scale.counts import Counting, held_from_checkpoints
from adviz.scale.schedule import budget, is_count, minimal_steps
from adviz.texts import text
from adviz.timeline import traced
from adviz.wengert import Trace


class Way(NamedTuple):
    """One way to the same derivative: what is done, and how many numbers are held at the most.

    >>> way = cost(lambda x: x * x, 3.0)["reverse"]
    >>> way.values, way.multiplications, way.additions, way.operations
    (1, 2, 1, 5)
    """

    kind: str  # "values" (no derivative), "forward", "together", "reverse", "checkpointed", "coloured"
    name: str
    sweeps: int
    values: int  # operations of f's own lines, as often as they are run
    partials: int  # operations of the partials
    multiplications: int  # terms and shares
    additions: int
    held: int
    predicted: int  # operations by theory, from a single sweep: as if every sweep came along every edge, and all lines run again were alike
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

    >>> found = cost(lambda x, y: (x * y, x + y), 2.0, 3.0)
    >>> [(way.kind, way.sweeps, way.operations) for way in found.ways[1:4]]
    [('forward', 2, 10), ('together', 2, 8), ('reverse', 2, 8)]
    """

    function: str
    inputs: int
    outputs: int
    lines: int
    ways: tuple[Way, ...]

    def __getitem__(self, kind: str) -> Way:
        """The way of that kind: "forward" (one direction at a time), "together" (all directions at once), "reverse", "checkpointed", ..."""
        for way in self.ways:
            if way.kind == kind:
                return way
        raise KeyError(kind)

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
        reason = text(f"cost.why.{cheapest.kind}", inputs=self.inputs, outputs=self.outputs, sweeps=cheapest.sweeps, way=cheapest.name)
        if smallest is cheapest:
            return f"{reason} {text('cost.smallest.same')}"
        return f"{reason} {text('cost.smallest', way=smallest.name, held=f'{smallest.held:,}', other=f'{cheapest.held:,}')}"

    def rows(self) -> list[tuple[str, ...]]:
        """The table: a heading, and a line for each way."""
        heads = ("way", "sweeps", "values", "partials", "multiplications", "additions", "operations", "times", "predicted", "held")
        return [tuple(text(f"cost.{head}") for head in heads), *map(self._row, self.ways)]

    def _row(self, way: Way) -> tuple[str, ...]:
        bound = "" if way.exact else "≤ "
        counts = (way.values, way.partials, way.multiplications, way.additions, way.operations)
        times = way.operations / max(self.ways[0].operations, 1)
        return (way.name, f"{way.sweeps:,}", *(f"{bound}{count:,}" for count in counts), f"{bound}{times:.3g}", f"{way.predicted:,}", f"{way.held:,}")

    def __str__(self) -> str:
        return "\n".join([self.title, "", *ruled(self.rows(), left=1), "", self.why])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"{html_table(self.title, self.rows())}<p>{escape(self.why)}</p>"

    @property
    def title(self) -> str:
        """What is counted."""
        return text("cost.title", function=self.function, inputs=self.inputs, outputs=self.outputs, lines=self.lines)


def cost(f: Callable[..., Any] | Trace, *point: Any, snapshots: int | None = None, colours: Any = None) -> Cost:
    """Operations, sweeps and memory of f and of its Jacobian, every way, counted from f's trace   (Griewank & Walther 2008, chapters 3, 4, 12)

    f is a function with a point, or a Trace. Beside the counts stands what theory predicts from one sweep: n times a forward sweep along every
    edge, m times a reverse sweep, t(l, s) average lines run again. (A sweep that starts at one input need not come by all edges; so the count may be
    smaller.) The checkpointed way takes every line of the trace as a step and keeps `snapshots` states, log₂ l
    of them if that is left out. `colours` adds compressed sweeps: a number of colours of the columns, or a `colouring`. InputError or BudgetError
    for what is neither.

    >>> def logistic(x, n=8):
    ...     for _ in range(n - 1):
    ...         x = 4 * x * (1 - x)
    ...     return x
    >>> cost(logistic, 0.2)["reverse"].operations, 8 * 8 - 7
    (57, 57)
    >>> import numpy as np
    >>> print(cost(lambda x: np.sum(x * x), np.ones(100)))
    Derivative of f, inputs: 100, outputs: 1, lines: 2. Operations on numbers, counted.
    <BLANKLINE>
    way                                sweeps  values  partials  multiplications  additions  operations  times f  predicted    held
    -------------------------------------------------------------------------------------------------------------------------------
    f itself                                0     200         0                0          0         200        1        200     200
    forward, one direction at a time      100  20,000         0           30,000     10,000      60,100      300     60,100     400
    forward, all directions at once       100     200         0           30,000     10,000      40,300      202     40,300  20,200
    reverse                                 1     200         0              200        100         501      2.5        501     300
    checkpointed reverse, 2 snapshots       1     300         0              200        100         601        3        601     300
    <BLANKLINE>
    Fewest operations: reverse. It takes a sweep for each output (1); forward mode takes one for each input (100). It also needs the least memory.
    """
    t = traced(f, point)
    count = Counting(t)
    s = budget(count.lines, max(count.lines.bit_length(), 1) if snapshots is None else snapshots)[1]
    n, m, run, partials = count.inputs, count.outputs, count.run, count.partials
    forward, reverse = count.forward(), count.reverse()
    once, stored = count.live(), count.stored()
    along, back = 1 + sum(count.along()), 1 + sum(count.back())  # a sweep with its seed
    by_reverse, again = run + partials + m * back, minimal_steps(count.lines, s) * run // max(count.lines, 1)
    ways = [
        Way("values", text("cost.way.values"), 0, run, 0, 0, 0, once, run),
        Way("forward", text("cost.way.forward"), n, n * run, n * partials, *forward, 2 * once, n * (run + partials + along)),
        Way("together", text("cost.way.together"), n, run, partials, *forward, (1 + n) * once, run + partials + n * along),
        Way("reverse", text("cost.way.reverse"), m, run, partials, *reverse, stored, by_reverse),
        Way("checkpointed", text("cost.way.checkpointed", snapshots=s), m, run + count.again(s), partials, *reverse,
            held_from_checkpoints(count, s), by_reverse + again),
    ]
    if colours is not None:
        ways.append(_coloured(count, colours, 2 * once, stored))
    return Cost(t.function, n, m, count.lines, tuple(ways))


def _coloured(count: Counting, colours: Any, pair: int, stored: int) -> Way:
    """Compressed sweeps: each seeded with all inputs (or outputs) of one colour, so that it comes along at most every edge."""
    forward, reverse = (colours, 0) if is_count(colours) else (getattr(colours, "forward", -1), getattr(colours, "reverse", -1))
    if not is_count(forward) or not is_count(reverse) or min(forward, reverse) < 0:
        raise InputError(text("cost.colours", colours=repr(colours)[:40]))
    runs = forward + bool(reverse)
    along, back = count.along(), count.back()
    multiplications, additions = (forward * a + reverse * b for a, b in zip(along, back, strict=True))
    held = max(pair if forward else 0, stored if reverse else 0)
    name = text("cost.way.coloured", sweeps=forward + reverse)
    predicted = runs * (count.run + count.partials) + forward + reverse + multiplications + additions
    return Way("coloured", name, forward + reverse, runs * count.run, runs * count.partials, multiplications, additions, held, predicted, exact=False)
