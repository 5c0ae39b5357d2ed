"""Timelines as a document holds them: kinds and columns of their steps."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from adviz.sweeps import Accumulate, Contribute, Evaluate
from adviz.texts import text
from adviz.timeline import Timeline
from adviz.views.columns import integers, numbers
from adviz.views.kinds import Kind, Places, step_key, step_kind
from adviz.views.narration import names_of_seeds
from adviz.views.steps import Steps, steps_of

Document = dict[str, Any]


def timeline_document(timeline: Timeline, places: Places, kind: np.ndarray) -> Document:
    """A timeline, field by field (see `document.py`); `kind` has the kind of each variable."""
    at_once = steps_of(timeline, kind)
    found, columns = _one_by_one(timeline, places, kind.tolist()) if at_once is None else _at_once(at_once, timeline.mode, places)
    return {
        "mode": timeline.mode,
        "seed": None if timeline.seed is None else [places.encoded(u) for u in timeline.seed],
        "seed_names": list(names_of_seeds(timeline)),
        "known": "all" if timeline.mode == "reverse" else "inputs",
        "phases": _phases(timeline, columns["count"]),
        "kinds": found,
        "steps": columns,
        "result": [places.encoded(u) for u in (timeline if at_once is None else at_once).result],
    }


def _phases(timeline: Timeline, count: int) -> list[Document]:
    """Where each part of a timeline begins."""
    if timeline.mode == "values":
        return [{"text": text("phase.values"), "start": 1}] if count else []
    seeds = len(timeline.seed or ())
    second = text("phase.tangents" if timeline.mode == "forward" else "phase.adjoints")
    return [{"text": text("phase.seed"), "start": 1}, *([{"text": second, "start": seeds + 1}] if count > seeds else [])]


def _at_once(steps: Steps, mode: str, places: Places) -> tuple[list[Kind], Document]:
    """The kinds of steps that occur, and of each step its kind, what it is about and its number."""
    columns = {name: integers(getattr(steps, name)) for name in ("kind", "index", "source", "operand")}
    return [step_kind(places, mode, *example) for example in steps.examples], {"count": len(steps.kind), **columns, "number": steps.number}


def _one_by_one(timeline: Timeline, places: Places, kind_by_place: list[int]) -> tuple[list[Kind], Document]:
    """The same from the steps themselves, whatever they are."""
    kinds = dict(enumerate(kind_by_place, timeline.trace.inputs[0]))
    made: dict[Hashable, int] = {}
    found: list[Kind] = []
    written: set[int] = set()
    last_write = timeline.last_write
    source = operand = 0
    columns: list[tuple[int, int, int, int]] = []
    for n, step in enumerate(timeline.steps, 1):
        i = step.index
        if isinstance(step, Contribute):
            source, operand = step.source, step.operand
            final = True
        else:
            final = last_write.get(i, n) <= n
        first = isinstance(step, Accumulate) and i not in written
        key = step_key(step, kinds, first, final, places.is_long(i))
        kind = made.get(key)
        if kind is None:
            kind = made[key] = len(found)
            found.append(step_kind(places, timeline.mode, step, first, final))
        columns.append((kind, i, source, operand))
        if not isinstance(step, Evaluate | Contribute):
            written.add(i)
    names = ("kind", "index", "source", "operand")
    listed = list(zip(*columns, strict=True)) if columns else [()] * len(names)
    content = [step.share if isinstance(step, Contribute) else step.value for step in timeline.steps]
    return found, {
        "count": len(columns),
        **{name: integers(column) for name, column in zip(names, listed, strict=True)},
        "number": numbers(content, places.encoded),
    }
