"""Timelines as the document holds them: steps, phases and the derivative column, term by term."""

from __future__ import annotations

from typing import Any

from adviz.texts import text
from adviz.timeline import Timeline
from adviz.views.formula import slot
from adviz.views.narration import names_of_seeds, told_steps
from adviz.views.words import Words

Document = dict[str, Any]


def timeline_document(timeline: Timeline, words: Words) -> Document:
    """A timeline, field by field (see `document.py`)."""
    steps = list(told_steps(timeline, words))
    return {
        "mode": timeline.mode,
        "seed": None if timeline.seed is None else [words.encoded(u) for u in timeline.seed],
        "seed_names": list(names_of_seeds(timeline)),
        "known": list(timeline.known),
        "phases": _phases(timeline.mode, steps),
        "steps": [step | {"number": words.encoded(step["number"])} for step in steps],
        "cells": _cells(timeline, words, steps),
        "result": [words.encoded(u) for u in timeline.result],
    }


def _phases(mode: str, steps: list[Document]) -> list[Document]:
    """Where each part of a timeline begins."""
    after_seeds = next((n for n, step in enumerate(steps, 1) if step["kind"] != "seed"), None)
    if mode == "values":
        return [{"text": text("phase.values"), "start": 1}] if steps else []
    second = text("phase.tangents" if mode == "forward" else "phase.adjoints")
    return [{"text": text("phase.seed"), "start": 1}, *([{"text": second, "start": after_seeds}] if after_seeds else [])]


def _cells(timeline: Timeline, words: Words, steps: list[Document]) -> list[list[Document]]:
    """The terms of every variable's derivative, with the step that shows each."""
    trace = timeline.trace
    cells: dict[int, list[Document]] = {i: [] for i in (*trace.inputs, *(a.index for a in trace.assignments))}
    written: dict[int, int] = {}
    for n, step in enumerate(steps, 1):
        i = step["index"]
        match step["kind"]:
            case "seed":
                cells[i] = [{"step": n, "formula": words.symbol(i)["dot" if timeline.mode == "forward" else "bar"], "numbers": slot("step", n)}]
            case "propagate":
                formula, numbers = words.tangent_rule(words.assignment(i), written)
                cells[i] = [{"step": n, "formula": formula, "numbers": numbers}]
            case "contribute":
                formula, numbers = words.share(step["source"], step["operand"], written[step["source"]])
                cells[i].append({"step": n, "formula": formula, "numbers": numbers})
        if step["kind"] not in ("evaluate", "contribute"):
            written[i] = n
    return list(cells.values())
