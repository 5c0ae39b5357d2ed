"""Timelines as a document holds them: kinds and columns of their steps."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from adviz.sweeps import Accumulate, Contribute, Evaluate, Seed
from adviz.texts import text
from adviz.timeline import Timeline
from adviz.views.columns import integers, numbers
from adviz.views.kinds import Kind, Places, step_key, step_kind
from adviz.views.narration import names_of_seeds

Document = dict[str, Any]


def timeline_document(timeline: Timeline, places: Places, kinds: Mapping[int, int]) -> Document:
    """A timeline, field by field (see `document.py`); `kinds` has the kind of each assignment."""
    found, columns = _columns(timeline, places, kinds)
    return {
        "mode": timeline.mode,
        "seed": None if timeline.seed is None else [places.encoded(u) for u in timeline.seed],
        "seed_names": list(names_of_seeds(timeline)),
        "known": "all" if timeline.mode == "reverse" else "inputs",
        "phases": _phases(timeline),
        "kinds": found,
        "steps": columns,
        "result": [places.encoded(u) for u in timeline.result],
    }


def _phases(timeline: Timeline) -> list[Document]:
    """Where each part of a timeline begins."""
    after_seeds = next((n for n, step in enumerate(timeline.steps, 1) if not isinstance(step, Seed)), None)
    if timeline.mode == "values":
        return [{"text": text("phase.values"), "start": 1}] if timeline.steps else []
    second = text("phase.tangents" if timeline.mode == "forward" else "phase.adjoints")
    return [{"text": text("phase.seed"), "start": 1}, *([{"text": second, "start": after_seeds}] if after_seeds else [])]


def _columns(timeline: Timeline, places: Places, kinds: Mapping[int, int]) -> tuple[list[Kind], Document]:
    """The kinds of steps that occur, and of each step its kind, what it is about and its number."""
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
