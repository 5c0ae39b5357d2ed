"""What higher derivatives cost: a Taylor sweep beside nested derivatives, operations counted order by order.

Nesting differentiates the program of the derivative, which is some times as long as the program: the work grows like a power, cᵏ. A series carries
k + 1 coefficients along every line, and a product of two series is (k + 1)(k + 2)/2 products of numbers: the work grows like k²
(Griewank & Walther 2008, section 13.2). Neither is timed. Both are programs of rows, so both can be traced, and their lines are counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from adviz.errors import OutputError
from adviz.listing import html_table, ruled
from adviz.operators import jvp
from adviz.running import Function, function_name
from adviz.scale.work import work
from adviz.series import check_order, taylor
from adviz.texts import text
from adviz.trees import LEAF, flatten
from adviz.wengert import Trace, trace

MOST = 50_000  # operations up to which derivatives are nested
GROWTH = 4  # nesting once more is expected to take at most so many times the operations


@dataclass(frozen=True)
class HigherCost:
    """Operations for the derivatives up to the k-th, k = 0 .. order: one entry for each k. Made by `taylor_cost`.

    series       by one run of `adviz.taylor` to that order
    nested       by k nested derivatives; None from where it has become too long to count
    difference   of the k-th derivative by both ways, relative; None where it was not nested

    >>> found = taylor_cost(lambda x: x * x * x, 2.0, 2)
    >>> found.series, found.nested, found.difference
    ((2, 8, 11), (2, 8, 21), (0.0, 0.0, 0.0))
    """

    function: str
    series: tuple[int, ...]
    nested: tuple[int | None, ...]
    difference: tuple[float | None, ...]

    @property
    def order(self) -> int:
        """The highest derivative."""
        return len(self.series) - 1

    def rows(self) -> list[tuple[str, ...]]:
        """The table: a heading, and a line for each order."""
        head = tuple(text(f"orders.{name}") for name in ("order", "series", "nested", "times", "difference"))
        lines = zip(self.series, self.nested, self.difference, strict=True)
        return [head, *((str(k), *_cells(*line)) for k, line in enumerate(lines))]

    def __str__(self) -> str:
        return "\n".join([self.title, "", *ruled(self.rows(), left=0)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(self.title, self.rows())

    @property
    def title(self) -> str:
        """What is counted."""
        return text("orders.title", function=self.function, order=self.order)


def _cells(series: int, nested: int | None, difference: float | None) -> tuple[str, ...]:
    if nested is None or difference is None:
        return f"{series:,}", text("orders.too_long"), "", ""
    return f"{series:,}", f"{nested:,}", f"{nested / max(series, 1):.3g}", f"{difference:.1e}"


def taylor_cost(f: Function, x: Any, order: int, *, direction: Any = None) -> HigherCost:
    """Operations for f, Df, D²f, ..., by series and by nesting, D being the derivative along ẋ   (Griewank & Walther 2008, section 13.2)

    f returns one number or array; x and `direction` are as `adviz.taylor` takes them. Both ways are run under a trace, and the operations of its
    lines are counted: those of the first partials, which every run computes, among them. Nesting stops being
    counted where it would take more than 50,000. OutputError if f returns a structure.

    >>> print(taylor_cost(lambda x: x * np.sin(x), 1.0, 6))
    Operations for the first 6 derivatives of f, counted
    <BLANKLINE>
    order  by series  by nesting  times  relative difference
    --------------------------------------------------------
        0          3           2  0.667              0.0e+00
        1         10           7    0.7              0.0e+00
        2         20          23   1.15              ...
        3         30          68   2.27              ...
        4         40         188    4.7              ...
        5         50         496   9.92              ...
        6         60       1,264   21.1              ...
    """
    __tracebackhide__ = True
    check_order(order)
    last = taylor(f, x, int(order), direction=direction)  # or a sentence, before anything is counted
    one = 1.0 if direction is None else direction
    if flatten(last)[1] is not LEAF:
        raise OutputError(text("orders.output", function=function_name(f)))
    series = tuple(operations(trace(_coefficients(f, direction, k), x)) for k in range(int(order) + 1))
    nested: list[int | None] = []
    difference: list[float | None] = []
    derivative = f
    for k in range(int(order) + 1):
        if k and (nested[-1] is None or GROWTH * nested[-1] > MOST):
            nested, difference = [*nested, None], [*difference, None]
            continue
        derivative = _along(derivative, one) if k else f
        t = trace(derivative, x)
        nested.append(operations(t))
        difference.append(relative(math.factorial(k) * last[k], t.value))
    return HigherCost(function_name(f), series, tuple(nested), tuple(difference))


def operations(t: Trace) -> int:
    """The operations of all lines of a trace."""
    return sum(work(a, t).value for a in t.assignments)


def _coefficients(f: Function, direction: Any, k: int) -> Callable[[Any], Any]:
    return lambda x: taylor(f, x, k, direction=direction)


def _along(f: Function, direction: Any) -> Callable[[Any], Any]:
    """Df: the derivative along the direction, by a forward sweep."""
    return lambda x: jvp(f, (x,), (direction,))[1]


def relative(a: Any, b: Any) -> float:
    """max |a - b| / max |b|; 0 where both are 0."""
    size, apart = float(np.max(np.abs(b), initial=0.0)), float(np.max(np.abs(np.asarray(a) - b), initial=0.0))
    return apart / size if size else apart
