"""The mode Compare of a document: two traces side by side, row by row, and where they first differ.

    title       "x1 = 2.1 beside x1 = 2"
    names       of the two sides
    rows        one per line: {"index": i, "other": j, "symbol": "v₁", "definition": "ln v₋₁", "instead": text or null, "differs": true or false};
                index and other are the variable on either side, null where that side has none; `instead` is the other side's definition where it is
                another one
    columns     what stands side by side: {"head": text, "name": what it is, the same on both sides, "of": "value" | "tangent" | "adjoint",
                "cells": [quantity or null per row]}
    said        sentences: where the first difference is, and what to see
    first       the row of the first difference, counted from 0; null without one
    live        what a page needs to compute it at another point (`static/beside.js`): {"point": the inputs of the second side that stay as they
                are, by name; null where the sides are the two sweeps, "texts": templates by key}; null where it needs Python
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import numpy as np

from adviz.errors import InputError
from adviz.formulas import formula
from adviz.languages import spoken as language
from adviz.scale.precision import in_precision
from adviz.structural import plain as plain_value
from adviz.sweeps import Accumulate, Propagate, Seed
from adviz.texts import open_text, text
from adviz.timeline import Timeline, forward, reverse
from adviz.trees import rebuild
from adviz.views.formula import symbol
from adviz.views.live import why_not_live
from adviz.views.math import plain
from adviz.views.quantity import encoded, written
from adviz.views.words import Words
from adviz.wengert import Assignment, Constant, Ref, Trace, trace

Document = dict[str, Any]
LARGEST = 2000  # variables of either trace
SWEEPS = "forward-reverse"
AGAIN = ("title", "head", "equal", "number", "digits")  # templates of what is said of two points
AGREED = ("agree", "disagree")  # ... and of two sweeps
Row = tuple[int | None, int | None]
Naming = Callable[[int], Document]  # what the variables of the first trace are called


class Side(NamedTuple):
    """One of the two: its name, its trace, its adjoints if it has a reverse timeline."""

    name: str
    trace: Trace
    adjoints: Mapping[int, Any]


def compare_document(
    f: Callable[..., Any], trace: Trace, timelines: Mapping[str, Timeline], compare: Any, named: Naming = symbol
) -> Document:
    """A trace beside what `compare` names: another point ({"x1": 2.1}), another function or formula, a precision, or "forward-reverse"."""
    if isinstance(compare, str) and compare == SWEEPS:
        return of_sweeps(trace, timelines, named)
    name, other = other_trace(f, trace, compare)
    if max(trace.size, other.size) > LARGEST:
        raise InputError(text("compare.large", count=max(trace.size, other.size), limit=LARGEST))
    names = own_name(trace, compare), name
    sides = [Side(n, t, final(reverse(t, seed=matching(timelines["reverse"].seed, t)))) for n, t in zip(names, (trace, other), strict=True)]
    rows = aligned(trace, other)
    columns = [column("value", "value", [k[n] for k in rows], side.trace.value_of, side.name) for n, side in enumerate(sides)]
    columns += [column("adjoint", "adjoint", [k[n] for k in rows], side.adjoints.get, side.name) for n, side in enumerate(sides)]
    columns[2:2] = changes(trace, other, rows, predicted=isinstance(compare, Mapping))
    lines = described(rows, sides, named)
    first = next((n for n, line in enumerate(lines) if line["instead"] or None in (line["index"], line["other"])), None)
    same = first is None
    first = next((n for n, line in enumerate(lines) if line["differs"]), None) if same else first
    title = text("compare.title", first=names[0], second=names[1])
    spoken = said(lines, columns, first, same=same)
    live = templates(AGAIN, compare) if same and isinstance(compare, Mapping) and not why_not_live(trace) else None
    return {"title": title, "names": list(names), "rows": lines, "columns": columns, "said": spoken, "first": first, "live": live}


def templates(keys: Sequence[str], point: Mapping[str, Any] | None) -> Document:
    """What a page needs besides the numbers to compute this at another point."""
    texts = {key: open_text(f"compare.{key}", language()) for key in keys}
    return {"point": None if point is None else {name: encoded(float(x)) for name, x in point.items()}, "texts": texts}


def other_trace(f: Callable[..., Any], t: Trace, compare: Any) -> tuple[str, Trace]:
    """The other side, and what it is called."""
    if isinstance(compare, Mapping):
        unknown = [name for name in compare if name not in t.parameters]
        if unknown:
            raise InputError(text("compare.point", given=", ".join(map(repr, unknown)), names=", ".join(t.parameters)))
        point = [compare.get(name, u) for name, u in zip(t.parameters, t.point, strict=True)]
        found = again(f, t, point)
        return ", ".join(f"{name} = {written(encoded(plain_value(x)))}" for name, x in compare.items()), found
    if is_precision(compare):
        sides = in_precision(t, dtype=compare).traces
        return str(np.dtype(compare)), sides[0] if sides[1] is t else sides[1]
    other = formula(compare) if isinstance(compare, str) else compare
    if not callable(other):
        raise InputError(text("compare.kind", given=repr(compare)[:60]))
    found = again(other, t, list(t.point))
    return (repr(compare) if isinstance(compare, str) else found.function), found


def own_name(t: Trace, compare: Any) -> str:
    """What the first side is called beside the other."""
    if isinstance(compare, Mapping):
        return ", ".join(f"{name} = {written(encoded(u))}" for name, u in zip(t.parameters, t.point, strict=True) if name in compare)
    return str(np.asarray(t.point[0]).dtype) if is_precision(compare) else t.function


def is_precision(compare: Any) -> bool:
    """Whether a comparison is with another precision: np.float32, np.dtype("float16")."""
    return isinstance(compare, np.dtype) or isinstance(compare, type) and issubclass(compare, np.generic)


def again(f: Callable[..., Any], t: Trace, point: Sequence[Any]) -> Trace:
    """A trace of f with these numbers in the structure of t's point."""
    leaves = iter([float(u) if u.__class__ is int else u for u in point])
    return trace(f, *(rebuild(tree, leaves) for tree in t._point.arguments))


def matching(seed: Any, t: Trace) -> tuple[Any, ...]:
    """The seed, where it fits the outputs of this trace; else 1 at the first."""
    shapes = [np.shape(t.value_of(i)) for i in t.outputs]
    if seed is not None and [np.shape(u) for u in seed] == shapes:
        return tuple(seed)
    return tuple(np.zeros(shape) if shape else float(k == 0) for k, shape in enumerate(shapes))


def final(timeline: Timeline) -> dict[int, Any]:
    """Every tangent or adjoint as it is in the end."""
    return {step.index: step.value for step in timeline.steps if isinstance(step, Seed | Propagate | Accumulate)}


def aligned(a: Trace, b: Trace) -> list[Row]:
    """Which lines stand side by side: those of the same operation, in order."""
    rows: list[Row] = [(i if i in a.inputs else None, i if i in b.inputs else None) for i in sorted({*a.inputs, *b.inputs})]
    left, right = ([signature(u) for u in t.assignments] for t in (a, b))
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        pairs = min(i2 - i1, j2 - j1) if tag in ("equal", "replace") else 0
        rows += [(i1 + k + 1, j1 + k + 1) for k in range(pairs)]
        rows += [(i + 1, None) for i in range(i1 + pairs, i2)] + [(None, j + 1) for j in range(j1 + pairs, j2)]
    return rows


def signature(a: Assignment) -> tuple[Any, ...]:
    """What a line does: its operation, and which operands are variables."""
    return (a.row.name if a.row else "", *(isinstance(u, Ref) for u in a.operands))


def described(rows: Sequence[Row], sides: Sequence[Side], named: Naming) -> list[Document]:
    """The rows with their definitions."""
    words = [Words(side.trace) for side in sides]
    beside = {j: i for i, j in rows if i is not None and j is not None}
    words[0].symbol = named  # type: ignore[assignment]
    words[1].symbol = lambda i: named(beside[i]) if i in beside else symbol(i)  # type: ignore[assignment]  # in the first one's numbers
    lines = []
    for row in rows:
        texts = [None if i is None else definition(word, side.trace, i) for i, word, side in zip(row, words, sides, strict=True)]
        values = [None if i is None else side.trace.value_of(i) for i, side in zip(row, sides, strict=True)]
        called = named(row[0]) if row[0] is not None else symbol(row[1])  # type: ignore[arg-type]
        other = texts[1] if None not in texts and texts[0] != texts[1] else None
        lines.append({
            "index": row[0], "other": row[1], "symbol": called["text"], "definition": texts[0] if texts[0] is not None else texts[1],
            "instead": other, "differs": None in row or other is not None or not same(*values),
        })  # fmt: skip
    return lines


def definition(words: Words, t: Trace, i: int) -> str:
    """ "ln v₋₁"; an input by its name"""
    if i <= 0:
        return t.parameters[i - 1]
    a = t.assignments[i - 1]

    def number(reference: Sequence[Any]) -> Any:
        if reference[0] == "operand":
            u = a.operands[reference[2]]
            return encoded(plain_value(u.value)) if isinstance(u, Constant) else None
        return encoded(plain_value(a.value)) if reference[0] == "value" else reference[1]

    return written(encoded(a.value)) if a.row is None else plain(words.definition(a, words.names(a)), number)


def same(a: Any, b: Any) -> bool:
    """Whether two values are the same number, nan being the same as nan."""
    return np.shape(a) == np.shape(b) and bool(np.array_equal(np.asarray(a, float), np.asarray(b, float), equal_nan=True))


def column(name: str, of: str, indices: Sequence[int | None], number: Callable[[int], Any], side: str = "") -> Document:
    """One number per row, where there is one."""
    called = text(f"compare.{name}")
    head = text("compare.head", name=called, side=side) if side else called
    found = [None if i is None else number(i) for i in indices]
    return {"head": head, "name": called, "of": of, "cells": [None if x is None else encoded(double(x)) for x in found]}


def double(x: Any) -> Any:
    """A number or array of any precision in Python's."""
    x = plain_value(x)
    return np.asarray(x, float) if np.ndim(x) else float(x)


def changes(a: Trace, b: Trace, rows: Sequence[Row], *, predicted: bool) -> list[Document]:
    """Δv of every line, and `predicted`, what the tangent says it would be: v̇ for ẋ = dx."""

    def change(n: int) -> Any:
        i, j = rows[n]
        if i is None or j is None or np.shape(a.value_of(i)) != np.shape(b.value_of(j)):
            return None
        with np.errstate(all="ignore"):
            return double(b.value_of(j)) - double(a.value_of(i))

    found = [column("change", "value", range(len(rows)), change)]
    if predicted and [np.shape(u) for u in a.point] == [np.shape(u) for u in b.point]:
        tangents = final(forward(a, seed=tuple(double(w) - double(u) for u, w in zip(a.point, b.point, strict=True))))
        found.append(column("predicted", "tangent", [i for i, _ in rows], tangents.get))
    return found


def said(lines: Sequence[Document], columns: Sequence[Document], first: int | None, *, same: bool) -> str:
    """Where the two first differ."""
    if first is None:
        return text("compare.equal")
    line = lines[first]
    if line["index"] is None or line["other"] is None:
        side = text("compare.second" if line["index"] is None else "compare.first")
        return text("compare.only", v=line["symbol"], definition=line["definition"], side=side)
    if line["instead"]:
        return text("compare.operation", v=line["symbol"], definition=line["definition"], instead=line["instead"])
    a, b = (written(side["cells"][first]) for side in columns[:2])
    digits = text("compare.digits") if a == b else ""
    return text("compare.number", v=line["symbol"], definition=line["definition"], a=a, b=b, digits=digits)


def of_sweeps(t: Trace, timelines: Mapping[str, Timeline], named: Naming) -> Document:
    """Forward and reverse of one trace: v̇ and v̄ of every line, and the one number on which they must agree."""
    if t.size > LARGEST:
        raise InputError(text("compare.large", count=t.size, limit=LARGEST))
    rows: list[Row] = [(i, i) for i in (*t.inputs, *(a.index for a in t.assignments))]
    names = text("page.mode.forward"), text("page.mode.reverse")
    lines = [line | {"differs": False} for line in described(rows, [Side(name, t, {}) for name in names], named)]
    indices = [i for i, _ in rows]
    ways = (("forward", "tangent"), ("reverse", "adjoint"))
    columns = [column("value", "value", indices, t.value_of)]
    columns += [column(of, of, indices, final(timelines[mode]).get) for mode, of in ways]
    left, right = (dot(timelines[one].result, timelines[other].seed) for one, other in (("forward", "reverse"), ("reverse", "forward")))
    agreed = abs(left - right) <= 1e-9 * max(1.0, abs(left), abs(right)) or same(left, right)
    spoken = text("compare.agree" if agreed else "compare.disagree", forward=written(encoded(left)), reverse=written(encoded(right)))
    title = text("compare.title", first=names[0], second=names[1])
    live = None if why_not_live(t) else templates(AGREED, None)
    return {"title": title, "names": list(names), "rows": lines, "columns": columns, "said": spoken, "first": None, "live": live}


def dot(result: Sequence[Any], seed: Sequence[Any] | None) -> float:
    """Σ result · seed"""
    with np.errstate(all="ignore"):
        return float(sum(np.sum(np.asarray(u, float) * np.asarray(w, float)) for u, w in zip(result, seed or (), strict=True)))

