"""Variables as a document holds them: kinds and columns; and one by one, for an excerpt in plain text."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from adviz.linear import Linear
from adviz.position import Position
from adviz.structural import Structural
from adviz.views.columns import integers, numbers
from adviz.views.formula import slot
from adviz.views.kinds import Kind, Places, key_of, operands_of
from adviz.views.words import Words
from adviz.wengert import Assignment, Ref, Trace

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


class Numbered:
    """Things, each once, by the order in which they first came; None is -1."""

    def __init__(self) -> None:
        self.listed: list[Any] = []
        self._number: dict[Hashable, int] = {}

    def __call__(self, x: Any, key: Hashable = None) -> int:
        if x is None:
            return -1
        known = x if key is None else key
        found = self._number.get(known)
        if found is None:
            found = self._number[known] = len(self.listed)
            self.listed.append(x)
        return found


def variable_columns(trace: Trace, places: Places) -> tuple[Document, dict[int, int]]:
    """The parts of a document that describe its variables, and the kind of each assignment."""
    kinds: dict[Hashable, int] = {}
    found: list[Kind] = [INPUT]
    kind_by_index: dict[int, int] = {}
    operands: list[int] = []
    partials: list[Any] = []
    constants, labels, spots = Numbered(), Numbered(), _Spots(trace)
    for a in trace.assignments:
        key = key_of(a, trace)
        kind = kinds.get(key)
        if kind is None:
            kind = kinds[key] = len(found)
            found.append(kind_of(places, a))
        kind_by_index[a.index] = kind
        for u in a.operands:
            operands.append(u.index if isinstance(u, Ref) else constants(u.value, _identity(u.value)))
        partials += [None if isinstance(p, Linear) else p for p in a.partials]
    everywhere = [*trace.inputs, *kind_by_index]
    columns = {
        "first": everywhere[0],
        "count": len(everywhere),
        "kind": integers([*(0 for _ in trace.inputs), *kind_by_index.values()]),
        "operands": integers(operands),
        "value": numbers([*trace.point, *(a.value for a in trace.assignments)], places.encoded),
        "partials": numbers(partials, places.encoded),
        "label": integers([labels(trace.label_of(i)) for i in everywhere]),
        "place": integers([-1 for _ in trace.inputs] + [spots(a.position) for a in trace.assignments]),
    }
    inputs = [{"index": i, "name": n, "value": places.encoded(x)} for i, n, x in zip(trace.inputs, trace.parameters, trace.point, strict=True)]
    described = {
        "inputs": inputs, "kinds": found, "variables": columns, "constants": numbers(constants.listed, places.encoded), "labels": labels.listed,
        "places": spots.listed,
    }  # fmt: skip
    return described, kind_by_index


class _Spots(Numbered):
    """Positions; the trace makes each once, so that it is known by its identity."""

    def __init__(self, trace: Trace) -> None:
        super().__init__()
        self.trace = trace
        self._seen: dict[int, int] = {}

    def __call__(self, p: Any, key: Hashable = None) -> int:
        found = self._seen.get(id(p))
        if found is None:
            place = position_in(self.trace, p)
            found = self._seen[id(p)] = super().__call__(place, None if place is None else tuple(place))
        return found


def _identity(x: Any) -> Hashable:
    """What tells one constant from another: an array is itself, and −0 is not 0."""
    return repr(x) if isinstance(x, float) else id(x)


