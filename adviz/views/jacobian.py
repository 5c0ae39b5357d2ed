"""The mode Jacobian of a document: the matrix of all partials, and every sweep that fills a column or a row of it.

    columns, rows   names of the entries of the inputs and of the outputs: ["x1", "x2"], ["y[0]", "y[1]"]; where they are too many, their
                    first MOST_ENTRIES
    shape           how many rows and columns J has
    cost            {"forward": {"sweeps": n, "operations": k}, "reverse": {"sweeps": m, "operations": k}}: what all of J takes
    sweeps          {"forward": [sweep, ...], "reverse": [...]}: a sweep for each column, for each row; null where J is not filled here
    jvp             {"seed": [number per column], "result": [number per row]}: J ẋ of the forward timeline; null where J is not filled here
    vjp             {"seed": [number per row], "result": [number per column]}: ȳ J of the reverse timeline; null where J is not filled here

A sweep

    entries     the numbers of its column or row
    operations  how many steps it computes
    derivatives the tangent or adjoint of each variable, in the order of the variables; null for one that nothing reached; missing where
                there are arrays or too many variables: then a sweep is one step
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from adviz.operators import output_names
from adviz.sweeps import Accumulate, Propagate, Seed
from adviz.timeline import Timeline, forward, reverse
from adviz.views import number
from adviz.wengert import Trace

Document = dict[str, Any]
MOST_ENTRIES = 16  # of the inputs, and of the outputs, of a Jacobian that is filled
MOST_NUMBERS = 20_000  # derivatives of all sweeps together
MOST_STEPS = 100_000  # variables times sweeps


def jacobian_document(trace: Trace, timelines: Mapping[str, Timeline]) -> Document:
    """J of a trace at its point, field by field."""
    inputs, outputs = list(trace.point), [trace.value_of(i) for i in trace.outputs]
    columns, rows = entry_names(trace.parameters, inputs), entry_names(output_names(len(outputs)), outputs)
    n, m = (sum(np.size(u) for u in leaves) for leaves in (inputs, outputs))
    filled = 0 < n <= MOST_ENTRIES and 0 < m <= MOST_ENTRIES and (n + m) * trace.size <= MOST_STEPS
    sweeps = {"forward": list(all_sweeps(trace, forward, inputs)), "reverse": list(all_sweeps(trace, reverse, outputs))} if filled else None
    return {
        "columns": columns,
        "rows": rows,
        "shape": [m, n],
        "cost": {mode: _cost(timelines[mode], sweeps[mode] if sweeps else [], count) for mode, count in (("forward", n), ("reverse", m))},
        "sweeps": sweeps,
        "jvp": _product(timelines["forward"]) if filled else None,
        "vjp": _product(timelines["reverse"]) if filled else None,
    }


def longest(jacobian: Document) -> int:
    """How many steps there are at most: a seed and every variable in each sweep, and the product."""
    sweeps = (jacobian["sweeps"] or {}).values()
    return max((sum(1 + len(sweep.get("derivatives", ())) for sweep in all_of) for all_of in sweeps), default=0) + 1


def entry_names(names: Sequence[str], leaves: Sequence[Any]) -> list[str]:
    """ "x1", "x[0]", "W[1, 2]": the name of every entry, as far as they are shown"""
    found = (
        f"{name}[{', '.join(map(str, position))}]" if np.ndim(u) else name
        for name, u in zip(names, leaves, strict=True)
        for position in np.ndindex(np.shape(u))
    )
    return [name for name, _ in zip(found, range(MOST_ENTRIES), strict=False)]


def all_sweeps(trace: Trace, way: Callable[..., Timeline], leaves: Sequence[Any]) -> Iterator[Document]:
    """A sweep for each entry of the inputs or outputs."""
    plain = not any(np.ndim(trace.value_of(i)) for i in (*trace.inputs, *(a.index for a in trace.assignments)))
    detailed = plain and sum(map(np.size, leaves)) * trace.size <= MOST_NUMBERS
    for leaf, position in ((leaf, position) for leaf, u in enumerate(leaves) for position in np.ndindex(np.shape(u))):
        timeline = way(trace, seed=unit(leaves, leaf, position))
        sweep = {"entries": _flat(timeline.result), "operations": _operations(timeline)}
        yield sweep | ({"derivatives": _derivatives(trace, timeline)} if detailed else {})


def unit(leaves: Sequence[Any], k: int, position: tuple[int, ...]) -> tuple[Any, ...]:
    """The seed that is 1 at one entry and 0 elsewhere."""
    seed: list[Any] = [np.zeros(np.shape(u)) if np.ndim(u) else 0.0 for u in leaves]
    if position:
        seed[k][position] = 1.0
    else:
        seed[k] = 1.0
    return tuple(seed)


def _derivatives(trace: Trace, timeline: Timeline) -> list[Any]:
    found = {step.index: step.value for step in timeline.steps if isinstance(step, Seed | Propagate | Accumulate)}
    return [number.encoded(found[i]) if i in found else None for i in (*trace.inputs, *(a.index for a in trace.assignments))]


def _flat(leaves: Sequence[Any]) -> list[Any]:
    """All entries of numbers and arrays, one after the other."""
    return [number.encoded(x) for u in leaves for x in np.ravel(u).tolist()]


def _operations(timeline: Timeline) -> int:
    return sum(not isinstance(step, Seed) for step in timeline.steps)


def _cost(timeline: Timeline, sweeps: Sequence[Document], count: int) -> Document:
    """What all sweeps of one way cost; where they were not made, each as much as the timeline."""
    return {"sweeps": count, "operations": sum(sweep["operations"] for sweep in sweeps) if sweeps else count * _operations(timeline)}


def _product(timeline: Timeline) -> Document:
    return {"seed": _flat(timeline.seed or ()), "result": _flat(timeline.result)}
