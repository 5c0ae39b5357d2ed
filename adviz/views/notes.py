"""Notes on a trace: kinks, undefined values, infinite slopes, zero derivatives and their reason, the error that ended a run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from adviz.readings import parse
from adviz.recording import evaluate
from adviz.sweeps import Contribute, Evaluate, Propagate
from adviz.texts import text
from adviz.timeline import Timeline
from adviz.views.number import number
from adviz.wengert import Assignment, Ref, Trace

Note = dict[str, Any]


def notes(trace: Trace, definitions: dict[int, tuple[str, str]]) -> list[Note]:
    """All notes, in the order of the indices they belong to. `definitions` has symbol and definition of each variable as text."""
    found = [note for a in trace.assignments if a.row is not None for note in _of(a, trace, *definitions[a.index])]
    found += [_note(None, "converted", "input.converted", name=n, value=u, kind=type(u).__name__, number=number(x)) for n, u, x in trace.converted]
    if trace.error is not None:
        found.append(_note(None, "error", "note.error", error=f"{type(trace.error).__name__}: {trace.error}"))
    elif len(trace.outputs) == 1:
        used = _reached(trace)
        found += [
            _note(i, "unused", "output.unused", output="y", input=name)
            for i, name in zip(trace.inputs, trace.parameters, strict=True)
            if i not in used
        ]
    return found


def _note(index: int | None, note: str, key: str, **slots: Any) -> Note:
    return {"index": index, "kind": note, "text": text(key, **slots)}


def _of(a: Assignment, trace: Trace, symbol: str, definition: str) -> Iterator[Note]:
    """The notes of one assignment."""
    assert a.row is not None
    operands = [trace.value_of(u.index) if isinstance(u, Ref) else u.value for u in a.operands]
    names = {"symbol": symbol, "definition": definition}
    if _is(math.isnan, a.value) and not any(_is(math.isnan, u) for u in operands):
        yield _note(a.index, "undefined", "note.undefined", **names)
    elif any(p is not None and _is(math.isinf, p) for p in a.partials):
        yield _note(a.index, "infinite-slope", "note.slope", **names)
    elif a.row.kink is not None and evaluate(parse(a.row.kink), *operands, v=a.value) == 0:
        used = ", ".join(number(p) for p in a.partials if p is not None)
        yield _note(a.index, "kink", "note.kink", used=used, **names)
    elif a.row.jumps:
        yield _note(a.index, "piecewise-constant", "note.piecewise", **names)


def where_zero_met_infinity(timeline: Timeline, symbols: Mapping[int, str]) -> list[Note]:
    """Notes on the variables at which 0 met an infinite slope in this sweep: their product is nan, and so is all after it."""
    trace = timeline.trace
    derivative: dict[int, Any] = {}
    met: dict[int, None] = {}
    for step in timeline.steps:
        match step:
            case Contribute(_, i, k, share):
                if _product_undefined(share, derivative[i], trace.assignments[i - 1].partials[k]):
                    met[i] = None
            case Propagate(i, v_dot):
                a = trace.assignments[i - 1]
                if _is(math.isnan, v_dot) and any(_product_undefined(v_dot, derivative[j], a.partials[k]) for k, j in a.active):
                    met[i] = None
        if not isinstance(step, Evaluate | Contribute):
            derivative[step.index] = step.value
    return [_note(i, "zero-times-infinity", "note.zero_inf", symbol=symbols[i]) for i in met]


def _product_undefined(product: Any, one: Any, other: Any) -> bool:
    """Whether a nan came from 0 times infinity, and not from a nan before it."""
    return _is(math.isnan, product) and {abs(float(one)), abs(float(other))} == {0.0, math.inf}


def _is(test: Any, x: Any) -> bool:
    return x is not None and bool(test(float(x)))


def _reached(trace: Trace) -> set[int]:
    """The variables that an output depends on."""
    reached = set(trace.outputs)
    for a in reversed(trace.assignments):
        if a.index in reached:
            reached.update(j for _, j in a.active)
    return reached


