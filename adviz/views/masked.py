"""A document that does not say what it is asked for.

Of each mode the first open question hides its own number and everything that follows: the steps from it on, the result, and the partials that
no step has used yet; in Values the values. What a learner computes the answer from stays: the inputs, the constants, the rules, the steps
before. What would compute or show the numbers by itself (live evaluation, other modes, notes) is left out. A hidden number is null.

    asked       {"serial": n, mode: [question, ...]}: the questions of each mode in order, the first open one being the one that hides; `serial`
                grows with every answer
    a question  {"step": n, "name": "v0.accumulate", "kind": "value" | "tangent" | "adjoint" | "share", "index": i, "source": i or null,
                "operand": k or null,
                "prompt": text, "label": text, "state": "open" | "right" | "shown", "tries": texts, "said": text, "hints": texts, "saw": text}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from adviz.sweeps import Contribute, Evaluate, Propagate
from adviz.texts import text
from adviz.timeline import Timeline
from adviz.views.number import encoded

Document = dict[str, Any]
DERIVATIVES = ("forward", "reverse")
OTHERS = ("modes",)  # parts of a document with numbers of their own


def masked(document: Document, timelines: Mapping[str, Timeline], hidden: Mapping[str, int]) -> Document:
    """The document with null for the numbers that are asked for; `hidden` says from which step on those of a mode are."""
    variables = document["variables"]
    known = _known(timelines["values"], hidden.get("values"))
    return {name: part for name, part in document.items() if name not in OTHERS} | {
        "live": False,
        "why_not_live": text("page.predict.live"),
        "notes": [] if hidden else document["notes"],
        "variables": variables | {
            "value": _only(variables["value"], (variables["first"] + p in known for p in range(variables["count"]))),
            "partials": _only(variables["partials"], _used(timelines, hidden, known)),
        },
        **_unspoken(document, hidden),
        "timelines": {mode: _hidden(part, timelines[mode], hidden.get(mode), known) for mode, part in document["timelines"].items()},
    }  # fmt: skip


def _unspoken(document: Document, hidden: Mapping[str, int]) -> Document:
    """A teacher's notes without those of steps that are still hidden."""
    if not document.get("lesson"):
        return {}
    said = document["lesson"]["notes"]
    kept = {mode: {n: note for n, note in own.items() if mode not in hidden or int(n) < hidden[mode]} for mode, own in said.items()}
    return {"lesson": document["lesson"] | {"notes": kept}}


def _known(values: Timeline, frontier: int | None) -> set[int]:
    """The variables whose values are not asked for."""
    return {*values.trace.inputs, *(step.index for step in values.steps[: len(values.steps) if frontier is None else frontier - 1])}


def _used(timelines: Mapping[str, Timeline], hidden: Mapping[str, int], known: set[int]) -> Iterable[bool]:
    """For each operand of each variable whether its partial may be seen: a sweep that is not asked about any more has used it."""
    passed = {(i, k) for mode in DERIVATIVES if mode in timelines for i, k in _passed(timelines[mode], hidden.get(mode))}
    assignments = timelines["values"].trace.assignments
    return (a.index in known and (not hidden or (a.index, k) in passed) for a in assignments for k in range(len(a.operands)))


def _passed(timeline: Timeline, frontier: int | None) -> Iterable[tuple[int, int]]:
    """The edges that a sweep has passed before its open question."""
    for step in timeline.steps[: len(timeline.steps) if frontier is None else frontier - 1]:
        match step:
            case Contribute(_, i, k, _):
                yield i, k
            case Propagate(i, _) if i > 0:
                yield from ((i, k) for k in range(len(timeline.trace.assignments[i - 1].operands)))


def _hidden(part: Document, timeline: Timeline, frontier: int | None, known: set[int]) -> Document:
    """A timeline without the numbers from the frontier on."""
    seen = [
        (frontier is None or n < frontier) and not (isinstance(step, Evaluate) and step.index not in known)
        for n, step in enumerate(timeline.steps, 1)
    ]
    steps = part["steps"] | {"number": _only(part["steps"]["number"], seen)}
    seed = None if part["seed"] is None else [u if n < len(seen) and seen[n] else None for n, u in enumerate(part["seed"])]
    return part | {"steps": steps, "seed": seed, "result": part["result"] if all(seen) else [None] * len(part["result"])}


def _only(column: Any, seen: Iterable[bool]) -> Any:
    """A column with null where it is not to be seen."""
    entries = map(encoded, column.tolist()) if isinstance(column, np.ndarray) else column
    return [u if shown else None for u, shown in zip(entries, seen, strict=True)]

