"""Variables as a document holds them: kinds and columns; and one by one, for an excerpt in plain text."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from adviz.linear import Linear
from adviz.lines import CONSTANT, NOTHING, VARIABLE, Lines
from adviz.position import Position
from adviz.structural import Structural
from adviz.views.columns import Column, integers, numbers
from adviz.views.formula import slot
from adviz.views.kinds import Kind, Places, key_of, operands_of
from adviz.views.words import Words
from adviz.wengert import Assignment, Constant, Ref, Trace

Document = dict[str, Any]


def input_entry(words: Words, i: int) -> Document:
    """An input, field by field (see "A variable" in `document.py`)."""
    trace = words.trace
    name = trace.parameters[i - 1]
    return _entry(words, i, "input", trace.value_of(i), name) | {"definition": ["mi", name], "spoken": name}


def assignment_entry(words: Words, a: Assignment) -> Document:
    """An assignment, field by field."""
    if a.row is None:
        number = slot("value", a.index)
        return _entry(words, a.index, "constant", a.value, "") | {"definition": number, "spoken": words.plain(a.value)}
    sentence = words.sentence(a)
    operation = a.row.short(dict(a.parameters)) if isinstance(a.row, Structural) else a.row.symbol
    return _entry(words, a.index, "assignment", a.value, operation) | {
        "row": a.row.name,
        "operands": [{"ref": u.index} if isinstance(u, Ref) else {"number": words.encoded(u.value)} for u in a.operands],
        "partials": [None if isinstance(p, Linear) else words.encoded(p) for p in a.partials],
        "position": position_in(words.trace, a.position),
        "definition": words.definition(a, words.names(a)),
        "substituted": words.substituted(a),
        "spoken": words.spoken(a),
        **({"sentence": sentence} if sentence else {}),
    }


def _entry(words: Words, i: int, role: str, value: Any, operation: str) -> Document:
    return {
        "index": i, "role": role, "row": None, "operands": [], "value": words.encoded(value), "partials": [], "symbol": words.symbol(i),
        "label": words.trace.label_of(i), "operation": operation, "position": None, "substituted": None,
    }  # fmt: skip


def position_in(trace: Trace, p: Position | None) -> list[int | None] | None:
    """[source, line, column, end line, end column]; None where the text is unknown."""
    if p is None:
        return None
    for k, source in enumerate(trace.sources):
        if source.file == p.file and source.first_line <= p.line and p.end_line <= source.last_line:
            return [k, p.line, p.column, p.end_line, p.end_column]
    return None


EARLY = 4096  # entries: whatever comes in a long trace has mostly come by then
INPUT: Kind = {
    "role": "input", "row": None, "operands": [], "partials": [], "operation": [["name"]], "definition": ["mi", {"text": [["name"]]}],
    "substituted": None, "spoken": [["name"]],
}  # fmt: skip


def kind_of(places: Places, a: Assignment) -> Kind:
    """What assignments of one kind have in common."""
    places.about(a.index)
    entry = assignment_entry(places, a)
    operands, partials = operands_of(a)
    return {
        **{name: entry[name] for name in ("role", "row")},
        "operands": operands,
        "partials": partials,
        "operation": entry["operation"],
        "definition": places.formula(entry["definition"]),
        "substituted": places.formula(entry["substituted"]),
        "spoken": places.text(entry["spoken"]),
        **({"sentence": entry["sentence"]} if "sentence" in entry else {}),
    }


def variable_columns(trace: Trace, places: Places) -> tuple[Document, np.ndarray]:
    """The parts of a document that describe its variables, and the kind of each variable, in order."""
    inputs = [{"index": i, "name": n, "value": places.encoded(x)} for i, n, x in zip(trace.inputs, trace.parameters, trace.point, strict=True)]
    found = from_assignments(trace, places) if trace.lines is None else from_lines(trace, trace.lines, places)
    kind = np.concatenate([np.zeros(len(inputs), np.int64), found.kind])
    label, labels = _labels(trace)
    place, spots = _spots(trace)
    columns = {
        "first": 1 - len(inputs), "count": len(kind), "kind": integers(kind), "operands": integers(found.operands), "value": found.value,
        "partials": found.partials, "label": integers(label), "place": integers(place),
    }  # fmt: skip
    described = {
        "inputs": inputs, "kinds": [INPUT, *found.kinds], "variables": columns, "constants": found.constants, "labels": labels, "places": spots,
    }  # fmt: skip
    return described, kind


class Found(NamedTuple):
    """What is found of assignments: their kinds, the kind of each, counted from 1, and columns."""

    kinds: list[Kind]
    kind: Sequence[int] | np.ndarray
    operands: Sequence[int] | np.ndarray
    value: Column
    partials: Column
    constants: Column


def from_assignments(trace: Trace, places: Places) -> Found:
    """One assignment after the other, whatever it is."""
    kinds: dict[Hashable, int] = {}
    found: list[Kind] = []
    kind: list[int] = []
    operands: list[int] = []
    partials: list[Any] = []
    constants: dict[Hashable, Any] = {}
    numbered: dict[Hashable, int] = {}
    for a in trace.assignments:
        key = key_of(a, trace)
        if key not in kinds:
            found.append(kind_of(places, a))
            kinds[key] = len(found)
        kind.append(kinds[key])
        for u in a.operands:
            if isinstance(u, Constant):
                constants.setdefault(_identity(u.value), u.value)
            operands.append(u.index if isinstance(u, Ref) else numbered.setdefault(_identity(u.value), len(numbered)))
        partials += [None if isinstance(p, Linear) else p for p in a.partials]
    value = numbers([*trace.point, *(a.value for a in trace.assignments)], places.encoded)
    return Found(found, kind, operands, value, numbers(partials, places.encoded), numbers(list(constants.values()), places.encoded))


def from_lines(trace: Trace, lines: Lines, places: Places) -> Found:
    """The same of plain numbers, all assignments at once: what tells kinds apart is a number, and one of each kind is looked at."""
    a, b = lines.operands
    shape = lines.row
    for what in (a.what, b.what, a.given, b.given, (a.what == VARIABLE) & (b.what == VARIABLE) & (a.index == b.index)):
        shape = 3 * shape + what
    kind, shapes = in_order(shape, np.arange(3**5 * len(lines.rows)))
    first = first_of(kind, len(shapes))
    there = np.stack([(u.what != NOTHING) & (lines.row != lines.constant) for u in lines.operands], axis=1)
    is_constant = np.stack([u.what == CONSTANT for u in lines.operands], axis=1)[there]
    number, constants = _constants(np.stack([u.number for u in lines.operands], axis=1)[there][is_constant])
    operands = np.stack([u.index for u in lines.operands], axis=1)[there]
    operands[is_constant] = number
    kinds = [kind_of(places, trace.assignment(p + 1)) for p in first.tolist()]
    value = np.concatenate([np.array(trace.point, float), lines.value])
    return Found(kinds, kind + 1, operands, value, np.stack([u.partial for u in lines.operands], axis=1)[there], constants)


def in_order(codes: np.ndarray, things: Sequence[Any] | np.ndarray) -> tuple[np.ndarray, list[Any]]:
    """The things that codes are numbers of, in the order in which they first come, and the codes numbered so; −1 stays −1."""
    first = first_of(codes + 1, len(things) + 1)[1:]
    seen = np.flatnonzero(first < len(codes))
    seen = seen[np.argsort(first[seen], kind="stable")]
    number = np.full(len(things) + 1, -1, np.int32)
    number[seen] = np.arange(len(seen))
    return number[codes], [things[n] for n in seen.tolist()]


def first_of(codes: np.ndarray, count: int) -> np.ndarray:
    """Where each of the codes 0, 1, ..., count − 1 comes first; len(codes) where it never does."""
    first = np.full(count, len(codes))
    head = codes[:EARLY]
    first[head[::-1]] = np.arange(len(head) - 1, -1, -1)  # of several writes the last one stays
    if len(head) < len(codes) and (first[np.flatnonzero(np.bincount(codes[EARLY:], minlength=count))] == len(codes)).any():
        first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return first


def _constants(number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers, each once, and the number of each: −0 is not 0, and nan is nan."""
    bits = np.where(np.isnan(number), np.nan, number).view(np.int64)
    if len(bits) and (bits == bits[0]).all():
        return np.zeros(len(bits), np.int64), number[:1]
    seen = np.sort(bits)
    seen = seen[np.append(True, seen[1:] != seen[:-1])] if len(seen) else seen
    codes, listed = in_order(np.searchsorted(seen, bits), seen)
    return codes, np.array(listed, np.int64).view(float)


def _labels(trace: Trace) -> tuple[np.ndarray, list[str]]:
    """The number of the learner's name for each variable, −1 without one; and the names."""
    listed = [label for _, label in trace.places]
    of = np.append(np.array([-1 if label is None else n for n, label in enumerate(listed)], np.int64), -1)
    own = {i: trace.label_of(i) for i in trace.inputs} | {i: name for i, name in trace.own_names.items() if 0 < i <= len(trace.place_of)}
    codes = np.concatenate([np.zeros(len(trace.inputs), np.int64), of[trace.place_of]])
    for i, name in own.items():
        codes[i - trace.inputs[0]] = len(listed)
        listed.append(name)
    return _merged(codes, listed, listed)


def _spots(trace: Trace) -> tuple[np.ndarray, list[Any]]:
    """The number of the position of each variable, −1 where it is unknown; and the positions."""
    listed = [position_in(trace, position) for position, _ in trace.places]
    of = np.array([-1 if place is None else n for n, place in enumerate(listed)] or [-1], np.int64)
    codes = np.concatenate([np.full(len(trace.inputs), -1), of[trace.place_of]])
    return _merged(codes, listed, [None if place is None else tuple(place) for place in listed])


def _merged(codes: np.ndarray, things: Sequence[Any], keys: Sequence[Hashable]) -> tuple[np.ndarray, list[Any]]:
    """The same with equal things counted once, in the order in which they first come."""
    numbers_: dict[Hashable, int] = {}
    same = np.array([numbers_.setdefault(key, n) for n, key in enumerate(keys)] + [-1], np.int64)
    return in_order(same[codes], things)


def _identity(x: Any) -> Hashable:
    """What tells one constant from another: an array is itself, and −0 is not 0."""
    return repr(x) if isinstance(x, float) else id(x)
