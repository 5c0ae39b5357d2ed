"""Expansion: the variables and steps that a document's kinds and columns stand for, one at a time, as version 1 wrote them down.

`static/expansion.js` does the same in the browser, and both are held to each other by a test.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np

from adviz.views import number
from adviz.views.kinds import SELF
from adviz.views.lesson import naming
from adviz.views.quantity import told

Document = dict[str, Any]
DERIVATIVE = {"seed", "propagate", "accumulate"}  # steps that write a tangent or an adjoint


class Variables:
    """The variables of a document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.kinds = document["kinds"]
        self.first, self.count = document["variables"]["first"], document["variables"]["count"]
        self.named = naming(document)
        self.known: dict[int, dict[str, Any]] = {}

    @cached_property
    def columns(self) -> Document:
        """The columns as lists, made when somebody looks at a variable."""
        return dict(listed(self.document["variables"]))

    @cached_property
    def constants(self) -> list[Any]:
        """The numbers and arrays of the program's text."""
        return list(listed(self.document["constants"]))

    @cached_property
    def offsets(self) -> list[int]:
        """Where the operands of each variable begin among all operands."""
        lengths = [len(kind["operands"]) for kind in self.kinds]
        return list(accumulate((lengths[kind] for kind in self.columns["kind"]), initial=0))

    def kind(self, i: int) -> Document:
        return self.kinds[self.columns["kind"][i - self.first]]

    def symbol(self, i: int) -> dict[str, Any]:
        """The names of v_i."""
        if i not in self.known:
            self.known[i] = self.named(i)
        return self.known[i]

    def value(self, i: int) -> Any:
        return plain_number(self.columns["value"][i - self.first])

    def partial(self, i: int, k: int) -> Any:
        return plain_number(self.columns["partials"][self.offsets[i - self.first] + k]) if self.kind(i)["partials"][k] else None

    def constant(self, i: int, k: int) -> Any:
        return plain_number(self.constants[self.columns["operands"][self.offsets[i - self.first] + k]])

    def of_role(self, i: int, role: int) -> int:
        """The variable that has that role for v_i."""
        return i if role == SELF else int(self.columns["operands"][self.offsets[i - self.first] + role])

    def variable(self, i: int) -> Document:
        """v_i, field by field."""
        place, kind = i - self.first, self.kind(i)
        label, position = self.columns["label"][place], self.columns["place"][place]
        roles = range(len(kind["operands"]))
        sentence = {"sentence": kind["sentence"]} if "sentence" in kind else {}
        return {
            "index": i,
            "role": kind["role"],
            "row": kind["row"],
            "operands": [{"ref": self.of_role(i, k)} if kind["operands"][k] == "variable" else {"number": self.constant(i, k)} for k in roles],
            "value": self.value(i),
            "partials": [self.partial(i, k) for k in roles],
            "symbol": self.symbol(i),
            "label": None if label < 0 else self.document["labels"][label],
            "operation": self.text(kind["operation"], i),
            "position": None if position < 0 else self.document["places"][position],
            "substituted": self.formula(kind["substituted"], i),
            "definition": self.formula(kind["definition"], i),
            "spoken": self.text(kind["spoken"], i),
            **sentence,
        }

    def name(self, i: int) -> str:
        """What an input is called."""
        return str(self.document["inputs"][i - self.first]["name"])

    def text(self, template: Any, i: int, name: str | None = None) -> str:
        """A text about v_i."""
        if isinstance(template, str):
            return template
        return "".join(part if isinstance(part, str) else self._filled(part, i, name) for part in template)

    def _filled(self, part: Sequence[Any], i: int, name: str | None) -> str:
        match part:
            case ["name"]:
                return self.name(i) if name is None else name
            case ["plain", role]:
                x = self.value(i) if role == SELF else self.constant(i, role)
                return told(x) if isinstance(x, Mapping) else f"{number.decoded(x):g}"
        return str(self.symbol(self.of_role(i, part[1]))[part[0]])

    def formula(self, template: Any, i: int, steps: Steps | None = None, n: int = 0) -> Any:
        """A formula about v_i, of step n of a timeline where it has one."""
        match template:
            case None | str():
                return template
            case {"text": text}:
                return self.text(text, i)
            case {"symbol": name, "of": role}:
                return self.symbol(self.of_role(i, role))[name]
            case {"slot": reference}:
                return {**template, "slot": self.reference(reference, i, steps, n)}
        return [template[0], *(self.formula(child, i, steps, n) for child in template[1:])]

    def reference(self, reference: Sequence[Any], i: int, steps: Steps | None, n: int) -> list[Any]:
        """What a slot stands for, by index and number of step."""
        match reference:
            case ["value", role]:
                return ["value", self.of_role(i, role)]
            case ["partial", k]:
                return ["partial", i, k]
            case ["constant", k]:
                x = self.constant(i, k)
                return ["operand", i, k] if isinstance(x, Mapping) else ["number", x]
            case ["step", ahead]:
                return ["step", n + ahead]
            case ["derivative", role] if steps is not None:
                return ["step", steps.before(self.of_role(i, role), n)]
        return list(reference)


class Steps:
    """The steps of one timeline of a document."""

    def __init__(self, variables: Variables, timeline: Mapping[str, Any]) -> None:
        self.variables, self.timeline = variables, timeline
        self.columns, self.kinds = listed(timeline["steps"]), timeline["kinds"]
        self.count = self.columns["count"]

    @cached_property
    def _writes(self) -> dict[int, list[int]]:
        """The steps that write a variable's derivative."""
        writes: dict[int, list[int]] = {}
        writing = [kind["kind"] in DERIVATIVE for kind in self.kinds]
        for n, (kind, i) in enumerate(zip(self.columns["kind"], self.columns["index"], strict=True), 1):
            if writing[kind]:
                writes.setdefault(int(i), []).append(n)
        return writes

    def before(self, i: int, n: int) -> int:
        """The step before n that wrote the derivative of v_i last."""
        found = self._writes.get(i, [])
        return found[max(bisect_left(found, n) - 1, 0)]

    def kind(self, n: int) -> Document:
        return self.kinds[self.columns["kind"][n - 1]]

    def about(self, n: int) -> int:
        """The variable whose operands a step's templates speak of: of a share, where it comes from."""
        return int(self.columns["source" if self.kind(n)["kind"] == "contribute" else "index"][n - 1])

    def step(self, n: int) -> Document:
        """Step n, field by field."""
        kind, about = self.kind(n), self.about(n)
        flows = kind["kind"] in ("contribute", "accumulate")
        source, operand = (int(self.columns[name][n - 1]) if flows else None for name in ("source", "operand"))
        name = self.timeline["seed_names"][n - 1] if kind["kind"] == "seed" else None
        template, *references = kind["say"]
        say = [self.variables.text(template, about, name), *(self.variables.reference(r, about, self, n) for r in references)]
        return {
            "kind": kind["kind"], "index": int(self.columns["index"][n - 1]), "source": source, "operand": operand,
            "number": plain_number(self.columns["number"][n - 1]), "final": kind["final"], "say": say,
            "formula": self.variables.formula(kind["formula"], about, self, n),
        }  # fmt: skip

    def cells(self) -> list[list[Document]]:
        """The terms of every variable's derivative, with the step that shows each."""
        cells: list[list[Document]] = [[] for _ in range(self.variables.count)]
        for n in range(1, self.count + 1):
            kind = self.kind(n)
            if kind["term"] is None:
                continue
            cell = cells[self.columns["index"][n - 1] - self.variables.first]
            if kind["kind"] != "contribute":
                cell.clear()
            formula, numbers = (self.variables.formula(kind["term"][name], self.about(n), self, n) for name in ("formula", "numbers"))
            cell.append({"step": n, "formula": formula, "numbers": numbers})
        return cells


def listed(columns: Any) -> Any:
    """Columns as lists, whose entries are read faster one by one."""
    if isinstance(columns, Mapping):
        return {name: listed(column) for name, column in columns.items()}
    return columns.tolist() if isinstance(columns, np.ndarray) else columns


def plain_number(x: Any) -> Any:
    """An entry of a column of numbers, as JSON writes it."""
    return x if isinstance(x, Mapping) else number.encoded(x)


def expanded(document: Document) -> Document:
    """The document with every variable and every step written down: version 1."""
    variables = Variables(document)
    last = variables.first + variables.count
    inside = {"kinds", "constants", "labels", "places", "folds", "translations"}
    found = {name: part for name, part in document.items() if name not in inside}
    found["version"] = 1
    found["variables"] = [variables.variable(i) for i in range(variables.first, last)]
    found["timelines"] = {mode: _timeline(timeline, variables) for mode, timeline in document["timelines"].items()}
    return found


def shortened(document: Document, head: int, tail: int) -> Document:
    """What a table in plain text needs of a long document: its first and last lines, their numbers in them; `left_out` counts the others."""
    variables = Variables(document)
    last = variables.first + variables.count
    shown = [*range(variables.first, variables.first + head), *range(last - tail, last)]

    def here(reference: Sequence[Any]) -> list[Any]:
        match reference:
            case ["value", i]:
                return ["number", variables.value(i)]
            case ["operand", i, k]:
                return ["number", variables.constant(i, k)]
        return list(reference)

    lines = [variables.variable(i) for i in shown]
    for line in lines:
        line.update({name: _referring(line[name], here) for name in ("definition", "substituted")})
    return {
        **{name: document[name] for name in ("title", "outputs", "output_names", "lesson") if name in document},
        "variables": lines, "branches": [], "notes": [],
        "timelines": {"values": {"steps": [], "cells": [[] for _ in lines]}}, "left_out": variables.count - len(lines),
    }  # fmt: skip


def _referring(math: Any, reference: Callable[[Sequence[Any]], list[Any]]) -> Any:
    """A formula with other references in its slots."""
    match math:
        case {"slot": old}:
            return {**math, "slot": reference(old)}
        case list():
            return [_referring(child, reference) for child in math]
    return math


def _timeline(timeline: Document, variables: Variables) -> Document:
    steps = Steps(variables, timeline)
    end = variables.first + variables.count if timeline["known"] == "all" else 1
    return {
        **{name: timeline[name] for name in ("mode", "seed", "seed_names")},
        "known": list(range(variables.first, end)),
        "phases": timeline["phases"],
        "steps": [steps.step(n) for n in range(1, steps.count + 1)],
        "cells": steps.cells(),
        "result": timeline["result"],
    }
