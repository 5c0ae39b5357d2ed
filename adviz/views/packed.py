"""What must hold in a document of kinds and columns (version 2): every entry refers to something, every template to an operand it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from adviz.errors import DocumentError
from adviz.texts import text
from adviz.views.columns import integers, read
from adviz.views.math import ARITY, DEEPEST
from adviz.views.quantity import is_number, problem_of

Document = dict[str, Any]
MOST = 10_000_000  # entries of a column; more is no document of ours
INTEGERS = ("kind", "operands", "label", "place")
STEP_INTEGERS = ("kind", "index", "source", "operand")
STEP_KINDS = ("evaluate", "seed", "propagate", "contribute", "accumulate")
NAMES = ("text", "dot_text", "bar_text")


class Roles:
    """Which roles the templates of a kind speak of, and what they take them for."""

    def __init__(self) -> None:
        self.spoken: set[tuple[str, int]] = set()

    def are_right(self, operands: Sequence[str], partials: Sequence[bool]) -> bool:
        """Whether an assignment with these operands has them."""
        return all(0 <= k < len(operands) and (partials[k] if what == "partial" else operands[k] == what) for what, k in self.spoken)

    def text(self, template: Any, place: str) -> None:
        """A string, or a list of strings and places."""
        if isinstance(template, str):
            return
        if not isinstance(template, list):
            refuse(place, f"is {type(template).__name__}")
        for n, part in enumerate(template):
            match part:
                case str() | ["name"]:
                    pass
                case ["plain", int() as role]:
                    self.speak("constant", role, f"{place}[{n}]")
                case [str() as name, int() as role] if name in NAMES:
                    self.speak("variable", role, f"{place}[{n}]")
                case _:
                    refuse(f"{place}[{n}]", "is no part of a text")

    def speak(self, what: str, role: int, place: str) -> None:
        if isinstance(role, bool) or role < -1:
            refuse(place, "is no role")
        if role >= 0:
            self.spoken.add((what, role))

    def formula(self, template: Any, place: str, depth: int = 0) -> None:
        """Math with places."""
        match template:
            case str():
                return
            case {"text": inside}:
                return self.text(inside, f"{place}.text")
            case {"symbol": "math" | "dot" | "bar", "of": int() as role}:
                return self.speak("variable", role, f"{place}.of")
            case {"slot": reference}:
                return self.reference(reference, f"{place}.slot")
            case [str() as tag, *children] if tag in ARITY and depth <= DEEPEST and ARITY[tag] in (None, len(children)):
                for n, child in enumerate(children, 1):
                    self.formula(child, f"{place}[{n}]", depth + 1)
            case _:
                refuse(place, "is no formula")

    def reference(self, reference: Any, place: str) -> None:
        """What a slot refers to, by role."""
        match reference:
            case ["value" | "derivative", int() as role]:
                self.speak("variable", role, place)
            case ["partial" | "constant" as what, int() as k] if k >= 0:
                self.speak(what, k, place)
            case ["step", 0 | -1]:
                pass
            case ["number", x] if is_number(x) or isinstance(x, dict) and not problem_of(x):
                pass
            case _:
                refuse(place, "is no reference to a number")


def refuse(place: str, problem: str) -> Any:
    raise DocumentError(text("document.field", field=place, problem=problem))


def checked(document: Document) -> Document:
    """The document with its columns read. DocumentError, with the name of the field, for what is damaged."""
    kinds = [_kind(kind, f"kinds[{n}]") for n, kind in enumerate(document["kinds"])]
    variables, constants = document["variables"], read(document["constants"], "constants")
    _quantities(constants, "constants")
    first, count = variables["first"], variables["count"]
    if not -MOST < first <= 0 or not 1 - first <= count <= MOST or len(document["inputs"]) != 1 - first:
        refuse("variables.count", f"is {count}, with {len(document['inputs'])} inputs")
    kind = _integers(variables["kind"], "variables.kind", count, 0, len(kinds) - 1)
    arity = np.array([len(operands) for operands, _ in kinds], np.int64)
    length = int(arity[kind].sum()) if count else 0
    operands = _integers(variables["operands"], "variables.operands", length, first, max(first + count, len(constants)))
    is_variable = np.concatenate([np.zeros(0, bool), *(np.array([u == "variable" for u in kinds[k][0]], bool) for k in kind)])
    own = np.repeat(np.arange(first, first + count), arity[kind])
    wrong = np.flatnonzero(np.where(is_variable, operands >= own, (operands < 0) | (operands >= len(constants))))
    if wrong.size:
        refuse(f"variables.operands[{wrong[0]}]", "refers to nothing before it")
    found = {
        "kind": kind, "operands": operands,
        "label": _integers(variables["label"], "variables.label", count, -1, len(document["labels"]) - 1),
        "place": _integers(variables["place"], "variables.place", count, -1, len(document["places"]) - 1),
        "value": _numbers(variables["value"], "variables.value", count),
        "partials": _numbers(variables["partials"], "variables.partials", length),
    }  # fmt: skip
    for n, i in enumerate(document["outputs"]):
        if not first <= i < first + count:
            refuse(f"outputs[{n}]", f"names v{i}, which is not among the variables")
    if "values" not in document["timelines"]:
        refuse("timelines.values", "is missing")
    timelines = {mode: _timeline(t, f"timelines.{mode}", kinds, found, first) for mode, t in document["timelines"].items()}
    return document | {"variables": variables | _narrow(found), "constants": constants, "timelines": timelines}


def _narrow(columns: Mapping[str, Any]) -> Document:
    """Columns of integers as they are written."""
    return {name: integers(column) if getattr(column, "dtype", None) == np.int64 else column for name, column in columns.items()}


def _kind(kind: Any, place: str) -> tuple[list[str], list[bool]]:
    """A kind of variable: its operands and which of them have a partial."""
    if not isinstance(kind, dict):
        refuse(place, f"is {type(kind).__name__}")
    for name in ("role", "row", "operands", "partials", "operation", "definition", "substituted", "spoken"):
        if name not in kind:
            refuse(f"{place}.{name}", "is missing")
    operands, partials = kind["operands"], kind["partials"]
    if not isinstance(operands, list) or any(u not in ("variable", "constant") for u in operands):
        refuse(f"{place}.operands", "is no list of operands")
    if not isinstance(partials, list) or len(partials) != len(operands) or any(not isinstance(p, bool) for p in partials):
        refuse(f"{place}.partials", f"has not {len(operands)} entries")
    roles = Roles()
    for name in ("operation", "spoken"):
        roles.text(kind[name], f"{place}.{name}")
    roles.formula(kind["definition"], f"{place}.definition")
    if kind["substituted"] is not None:
        roles.formula(kind["substituted"], f"{place}.substituted")
    if not roles.are_right(operands, partials):
        refuse(place, "speaks of operands that it does not have")
    return operands, partials


def _timeline(timeline: Any, place: str, kinds: list[tuple[list[str], list[bool]]], variables: Mapping[str, Any], first: int) -> Document:
    steps = timeline["steps"]
    count, last = steps["count"], first + len(variables["kind"]) - 1
    if not 0 <= count <= MOST:
        refuse(f"{place}.steps.count", f"is {count}")
    roles = [_step_kind(kind, f"{place}.kinds[{n}]") for n, kind in enumerate(timeline["kinds"])]
    limits = {"kind": (0, len(roles) - 1), "index": (first, last), "source": (first, last), "operand": (0, MOST)}
    found = {name: _integers(steps[name], f"{place}.steps.{name}", count, *limits[name]) for name in STEP_INTEGERS}
    found["number"] = _numbers(steps["number"], f"{place}.steps.number", count)
    names = [kind["kind"] for kind in timeline["kinds"]]
    _steps_fit(found, names, roles, kinds, variables["kind"], first, place, len(timeline["seed_names"]))
    return timeline | {"steps": {"count": count, **_narrow(found)}}


def _step_kind(kind: Any, place: str) -> Roles:
    roles = Roles()
    if not isinstance(kind, dict) or kind.get("kind") not in STEP_KINDS or not isinstance(kind.get("final"), bool):
        refuse(place, "is no kind of step")
    say, term = kind.get("say"), kind.get("term")
    if not isinstance(say, list) or not say:
        refuse(f"{place}.say", "is no sentence")
    roles.text(say[0], f"{place}.say[0]")
    for n, reference in enumerate(say[1:], 1):
        roles.reference(reference, f"{place}.say[{n}]")
    roles.formula(kind.get("formula"), f"{place}.formula")
    if term is not None:
        if not isinstance(term, dict):
            refuse(f"{place}.term", f"is {type(term).__name__}")
        roles.formula(term.get("formula"), f"{place}.term.formula")
        if term.get("numbers") is not None:
            roles.formula(term["numbers"], f"{place}.term.numbers")
    return roles


def _steps_fit(
    steps: Mapping[str, Any], names: list[str], roles: list[Roles], kinds: list[tuple[list[str], list[bool]]], kind: np.ndarray, first: int,
    place: str, seeds: int,
) -> None:  # fmt: skip
    """Every step is of a kind that speaks of operands its variable has."""
    shares = np.array([name == "contribute" for name in names] or [False])[steps["kind"]] if len(steps["kind"]) else np.zeros(0, bool)
    flows = np.array([name in ("contribute", "accumulate") for name in names] or [False])[steps["kind"]] if len(steps["kind"]) else shares
    arity = np.array([len(operands) for operands, _ in kinds], np.int64)
    wrong = np.flatnonzero(flows & (steps["operand"] >= arity[kind[steps["source"] - first]]))
    if wrong.size:
        refuse(f"{place}.steps.operand[{wrong[0]}]", "is no operand")
    about = kind[np.where(shares, steps["source"], steps["index"]) - first]
    for own, of in np.unique(np.stack([steps["kind"], about]), axis=1).T.tolist() if len(about) else []:
        if not roles[own].are_right(*kinds[of]):
            refuse(f"{place}.kinds[{own}]", "speaks of operands that its variables do not have")
    seeded = [n for n, k in enumerate(steps["kind"][: seeds + 1].tolist()) if names[k] == "seed"]
    late = next((n for n, k in enumerate(steps["kind"].tolist()) if names[k] == "seed" and n >= seeds), None) if len(seeded) else None
    if late is not None:
        refuse(f"{place}.steps.kind[{late}]", "is a seed too many")


def _integers(column: Any, place: str, length: int, low: int, high: int) -> np.ndarray:
    entries = read(column, place)
    if len(entries) != length:
        refuse(place, f"has {len(entries)} entries, not {length}")
    if isinstance(entries, list) and not all(type(n) is int and abs(n) < 2**40 for n in entries):
        refuse(place, "has an entry that is no integer")
    found = np.asarray(entries, np.int64)
    wrong = np.flatnonzero((found < low) | (found > high))
    if wrong.size:
        refuse(f"{place}[{wrong[0]}]", f"is {found[wrong[0]]}, not from {low} to {high}")
    return found


def _numbers(column: Any, place: str, length: int) -> Any:
    entries = read(column, place)
    if len(entries) != length:
        refuse(place, f"has {len(entries)} entries, not {length}")
    _quantities(entries, place)
    return entries


def _quantities(entries: Any, place: str) -> None:
    for n, problem in _problems(entries, lambda x: problem_of(x) if isinstance(x, dict) else "" if is_number(x) else f"is {type(x).__name__}"):
        refuse(f"{place}[{n}]", problem)


def _problems(entries: Any, problem: Callable[[Any], str]) -> Iterator[tuple[int, str]]:
    for n, x in enumerate(entries if isinstance(entries, list) else ()):
        found = problem(x)
        if found:
            yield n, found
