"""The paths of a trace: all of them, from every input to the output, and how many there are without following any.

    ∂y/∂x = Σ over all paths from x to y of the product of the partials along each   (Griewank & Walther 2008, eq. 3.11)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from adviz.errors import BudgetError, InputError, OutputError
from adviz.texts import text
from adviz.views.graph import scene
from adviz.wengert import Ref, Trace, trace

MOST_PATHS, MOST_VARIABLES = 64, 30  # in the picture and its table
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class Edge(NamedTuple):
    """The k-th operand of v_to is v_from, with the partial ∂v_to/∂v_from."""

    to: int
    operand: int
    start: int
    partial: float


class Path(NamedTuple):
    """The edges from an input to the output, and the product of their partials."""

    edges: tuple[Edge, ...]
    product: float


class Pathways:
    """A trace with one output as a graph, and all its paths."""

    def __init__(self, t: Trace) -> None:
        self.t = t
        if any(np.ndim(t.value_of(i)) for i in (*t.inputs, *(a.index for a in t.assignments))):
            raise InputError(text("lab.paths.arrays", function=t.function))
        if len(t.outputs) != 1:
            raise OutputError(text("output.scalar", operator="adviz.labs.paths", function=t.function, what=len(t.outputs)))
        count = max(number_of_paths(t, i) for i in t.inputs)
        if count > MOST_PATHS or t.size > MOST_VARIABLES:
            raise BudgetError(text("lab.paths.many", function=t.function, paths=f"{count:,}", variables=t.size,
                                   most=MOST_PATHS, largest=MOST_VARIABLES))  # fmt: skip
        self.by_input = {self.name(i): self._paths(i) for i in t.inputs}

    def name(self, i: int) -> str:
        """x1 for an input, v₄ for the rest."""
        return self.t.parameters[i - 1] if i <= 0 else f"v{i}".translate(SUBSCRIPTS)

    def names(self, path: Path) -> str:
        """x1 → v₁ → v₄ → v₅"""
        first = [path.edges[0].start] if path.edges else [self.t.outputs[0]]
        return " → ".join(map(self.name, [*first, *(edge.to for edge in path.edges)]))

    def _paths(self, i: int) -> tuple[Path, ...]:
        """Those of v_i, the one over the earliest variables first."""
        onward: dict[int, list[Edge]] = {}
        for edge in edges_of(self.t):
            onward.setdefault(edge.start, []).append(edge)

        def from_there(j: int) -> Iterator[tuple[Edge, ...]]:
            if j == self.t.outputs[0]:
                yield ()
            for edge in onward.get(j, []):
                yield from ((edge, *rest) for rest in from_there(edge.to))

        return tuple(Path(edges, math.prod(edge.partial for edge in edges)) for edges in from_there(i))

    @cached_property
    def scene(self) -> Mapping[str, Any]:
        """Where the boxes and the edges stand, as in the explorer."""
        inputs: list[dict[str, Any]] = [{"index": i, "role": "input", "row": None, "operands": []} for i in self.t.inputs]
        lines = [
            {"index": a.index, "role": "assignment", "row": a.row and a.row.name, "operands": [
                {"ref": u.index} if isinstance(u, Ref) else {"number": float(u.value)} for u in a.operands]}
            for a in self.t.assignments
        ]  # fmt: skip
        return scene([*inputs, *lines], self.t.outputs)


def edges_of(t: Trace) -> Iterator[Edge]:
    """Every edge of the graph along which something flows."""
    for a in t.assignments:
        for k, j in a.active:
            yield Edge(a.index, k, j, float(a.partials[k]))


def number_of_paths(t: Trace, i: int) -> int:
    """How many paths lead from v_i to the output: counted in one sweep, without following any.

    >>> [number_of_paths(trace(chain(k), 0.5), 0) for k in (1, 2, 10)]
    [2, 4, 1024]
    """
    ways = {i: 1}
    for edge in edges_of(t):
        ways[edge.to] = ways.get(edge.to, 0) + ways.get(edge.start, 0)
    return ways.get(t.outputs[0], 0)


def chain(k: int) -> Callable[[Any], Any]:
    """x ← sin x + cos x, k times: a diamond each time.

    >>> len(list(edges_of(trace(chain(3), 0.5))))
    12
    """

    def diamonds(x: Any) -> Any:
        for _ in range(k):
            x = np.sin(x) + np.cos(x)
        return x

    return diamonds


class Growth(NamedTuple):
    """A chain of k diamonds: its paths and edges, and the multiplications that the sum over paths and a sweep take."""

    k: int
    paths: int
    edges: int
    along_paths: int
    in_a_sweep: int


def growth(k: int) -> Growth:
    """Counted on the trace of the chain. Each of the 2^k paths has 2k edges, so 2k − 1 multiplications; a sweep has one for each edge.

    >>> growth(10)
    Growth(k=10, paths=1024, edges=40, along_paths=19456, in_a_sweep=40)
    """
    t = trace(chain(k), 0.5)
    count, edges = number_of_paths(t, 0), len(list(edges_of(t)))
    return Growth(k, count, edges, count * (2 * k - 1), edges)
