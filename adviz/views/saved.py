"""Reading a saved document: what is not one, or is damaged, is refused with the name of the field. Version 1 still opens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import chain
from types import FunctionType
from typing import Any

from adviz.errors import DocumentError
from adviz.texts import text
from adviz.views import lesson
from adviz.views.document import FORMAT, VERSION, Document
from adviz.views.packed import checked
from adviz.views.quantity import is_number, problem_of

MATH = (list, str, dict)
NONE = type(None)
Problems = Iterator[tuple[str, str]]


def quantity(found: Any, place: str) -> Problems:
    """A number, or an array whose entries are as many as its shape says."""
    problem = problem_of(found) if isinstance(found, dict) else "" if is_number(found) else f"is {type(found).__name__}"
    if problem:
        yield place, problem


def operand(found: Any, place: str) -> Problems:
    """{"ref": i} or {"number": c}"""
    yield from _problems(found, {"ref": int} if isinstance(found, dict) and "ref" in found else {"number": quantity}, place)


def or_null(wanted: Any) -> Callable[[Any, str], Problems]:
    """null, or what is wanted."""

    def check(found: Any, place: str) -> Problems:
        yield from () if found is None else _problems(found, wanted, place)

    return check


# fmt: off
# What each field must be: a type, types, a check, [what every entry must be], or {field: what it must be}.
VARIABLE = {
    "index": int, "role": str, "row": (str, NONE), "operands": [operand], "value": quantity, "partials": [or_null(quantity)],
    "symbol": {"text": str, "math": list, "dot": list, "bar": list, "dot_text": str, "bar_text": str},
    "label": (str, NONE), "operation": str, "position": (list, NONE), "definition": MATH, "substituted": (*MATH, NONE), "spoken": str,
}
STEP = {
    "kind": str, "index": int, "source": (int, NONE), "operand": (int, NONE), "number": quantity, "final": bool, "say": list, "formula": MATH,
}
TIMELINE = {
    "mode": str, "seed": or_null([quantity]), "seed_names": [str], "known": [int], "phases": [{"text": str, "start": int}], "steps": [STEP],
    "cells": [[{"step": int, "formula": MATH, "numbers": (*MATH, NONE)}]], "result": [quantity],
}
AROUND = {
    "title": str, "language": str, "live": bool, "inputs": [{"index": int, "name": str, "value": quantity}], "outputs": [int], "output_names": [str],
    "sources": [{"name": str, "first_line": int, "text": str}],
    "branches": [{"text": str, "outcome": bool}], "notes": [{"index": (int, NONE), "kind": str, "text": str}],
    "rows": dict, "timelines": dict, "graph": (dict, NONE), "texts": dict,
}
LISTED = {"variables": [VARIABLE]}
COLUMN = (list, dict)
PACKED = {
    "kinds": [dict], "constants": COLUMN, "labels": [str], "places": [list],
    "variables": {"first": int, "count": int, **dict.fromkeys(("kind", "operands", "value", "partials", "label", "place"), COLUMN)},
}
PACKED_TIMELINE = {
    "mode": str, "seed": or_null([quantity]), "seed_names": [str], "known": str, "phases": [{"text": str, "start": int}], "kinds": [dict],
    "steps": {"count": int, **dict.fromkeys(("kind", "index", "source", "operand", "number"), COLUMN)}, "result": [quantity],
}
# fmt: on


def read(content: str) -> Document:
    """The document in a JSON text. DocumentError for anything else, naming the field that is wrong."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DocumentError(text("document.not_json", reason=str(error)[:120])) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        given = found.get("format") if isinstance(found, dict) else type(found).__name__
        raise DocumentError(text("document.format", found=repr(given)[:60]))
    version = found.get("version")
    if version not in (1, VERSION) or isinstance(version, bool):
        raise DocumentError(text("document.version", found=repr(version)[:20], known=VERSION))
    wanted, deeper = (LISTED, _deeper_problems) if version == 1 else (PACKED, _of_timelines)
    problem = next(chain(_problems(found, AROUND | wanted, ""), lesson.problems(found), deeper(found)), None)
    if problem is not None:
        raise DocumentError(text("document.field", field=problem[0], problem=problem[1]))
    return found if version == 1 else checked(found)


def _of_timelines(found: Document) -> Problems:
    for mode, timeline in found["timelines"].items():
        yield from _problems(timeline, PACKED_TIMELINE, f"timelines.{mode}")


def _problems(found: Any, wanted: Any, place: str) -> Problems:
    """(field, what is wrong with it) for every field that is not what it must be."""
    match wanted:
        case dict():
            if not isinstance(found, dict):
                yield place, f"is {type(found).__name__}"
                return
            for name, inside in wanted.items():
                field = f"{place}.{name}" if place else name
                if name not in found:
                    yield field, "is missing"
                else:
                    yield from _problems(found[name], inside, field)
        case FunctionType():
            yield from wanted(found, place)
        case [inside]:
            if not isinstance(found, list):
                yield place, f"is {type(found).__name__}"
                return
            for k, entry in enumerate(found):
                yield from _problems(entry, inside, f"{place}[{k}]")
        case _:
            wrong_bool = isinstance(found, bool) and wanted is not bool
            if not isinstance(found, wanted) or wrong_bool:
                yield place, f"is {type(found).__name__}"


def _deeper_problems(found: Document) -> Problems:
    """What holds between fields: timelines are complete, indices exist, columns are as long as each other."""
    indices = [v["index"] for v in found["variables"]]
    for i in found["outputs"]:
        if i not in indices:
            yield "outputs", f"names v{i}, which is not among the variables"
    for v in found["variables"]:
        if len(v["partials"]) != len(v["operands"]):
            yield f"variables[{indices.index(v['index'])}].partials", f"has {len(v['partials'])} entries for {len(v['operands'])} operands"
    if "values" not in found["timelines"]:
        yield "timelines.values", "is missing"
    for mode, timeline in found["timelines"].items():
        yield from _problems(timeline, TIMELINE, f"timelines.{mode}")
        if isinstance(timeline, dict) and isinstance(timeline.get("cells"), list) and len(timeline["cells"]) != len(indices):
            yield f"timelines.{mode}.cells", f"has {len(timeline['cells'])} entries for {len(indices)} variables"
