"""A teacher's settings as a part of the document, under `lesson`; missing where there are none. Every field is there, or none.

    controls      names of the controls that are there, of CONTROLS; null: all
    locked        names of the inputs that a reader cannot change
    hidden        modes that are not shown: they have no tab, and no key, address or message leads to them
    names         {"1": "a"}: what the author calls v₁, wherever it is written
    notes         {"reverse": {"7": "Here the shares add."}}: what stands beside the sentence of a step; step 0 is the start
    presentation  whether it begins as a presentation: large type, the graph, the table and the sentence

A page keeps to it by itself (`static/teacher.js`); what a kernel takes from the browser keeps to it as well (`widget/live.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from adviz.views.formula import symbol

Document = dict[str, Any]
Problems = Iterator[tuple[str, str]]
CONTROLS = ("step", "modes", "inputs", "seeds", "nudge", "why", "find", "export", "present", "help", "language", "predict")
MODES = ("values", "forward", "reverse", "jacobian", "second-order", "program", "compare")
LONGEST_NAME, LONGEST_NOTE = 12, 1000  # characters: a name stands in a box of the graph


@dataclass(frozen=True)
class Lesson:
    """What a teacher chose; by default everything is there and nothing is fixed."""

    controls: tuple[str, ...] | None = None
    locked: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)
    notes: Mapping[tuple[str, int], str] = field(default_factory=dict)
    presentation: bool = False

    def document(self) -> Document:
        """{"lesson": ...}; nothing for a lesson that sets nothing."""
        if self == Lesson():
            return {}
        notes: dict[str, dict[str, str]] = {}
        for (mode, step), note in sorted(self.notes.items()):
            notes.setdefault(mode, {})[str(step)] = note
        return {
            "lesson": {
                "controls": None if self.controls is None else list(self.controls), "locked": list(self.locked), "hidden": list(self.hidden),
                "names": {str(i): name for i, name in sorted(self.names.items())}, "notes": notes, "presentation": self.presentation,
            }
        }  # fmt: skip

    def allows(self, control: str) -> bool:
        """Whether a control is there."""
        return self.controls is None or control in self.controls


def lesson_of(document: Mapping[str, Any]) -> Lesson:
    """The lesson of a document."""
    found = document.get("lesson")
    if not found:
        return Lesson()
    notes = {(mode, int(step)): note for mode, own in found["notes"].items() for step, note in own.items()}
    names = {int(i): name for i, name in found["names"].items()}
    controls = None if found["controls"] is None else tuple(found["controls"])
    return Lesson(controls, tuple(found["locked"]), tuple(found["hidden"]), names, notes, found["presentation"])


def note_at(document: Mapping[str, Any], mode: str, step: int) -> str:
    """What the author says of a step; "" for nothing."""
    return lesson_of(document).notes.get((mode, step), "")


def notes_of(document: Mapping[str, Any], mode: str) -> list[tuple[int, str]]:
    """The author's notes of a mode, in the order of the steps."""
    return sorted((step, note) for (own, step), note in lesson_of(document).notes.items() if own == mode)


def naming(document: Mapping[str, Any]) -> Callable[[int], Document]:
    """What each variable of a document is called: by its author's name where it has one."""
    names = lesson_of(document).names
    return lambda i: authored(names[i]) if i in names else symbol(i)


def authored(name: str) -> Document:
    """A name of the author's, with the tangent's dot and the adjoint's bar over its first letter; `authored` in static/teacher.js is the same.

    >>> authored("a")["bar_text"], authored("loss")["dot_text"]
    ('a\u0304', 'l\u0307oss')
    """
    first, rest = name[0], name[1:]
    italic = chr(ord("𝑎") + ord(first) - ord("a")) if not rest and "a" <= first <= "z" and first != "h" else first  # as MathML draws one letter
    return {
        "text": name,
        "math": ["mi", name],
        "dot": ["mi", f"{italic}\u0307{rest}"],
        "bar": ["mi", f"{italic}\u0304{rest}"],
        "dot_text": f"{first}\u0307{rest}",
        "bar_text": f"{first}\u0304{rest}",
    }


def problems(document: Mapping[str, Any]) -> Problems:
    """(field, what is wrong with it) of the lesson of a document from a file."""
    found = document.get("lesson", {})
    if not isinstance(found, Mapping):
        yield "lesson", f"is {type(found).__name__}"
    elif found:
        yield from _lists(found)
        yield from _names(found)
        yield from _notes(found)
        if not isinstance(found.get("presentation"), bool):
            yield "lesson.presentation", "is not true or false"


def _lists(found: Mapping[str, Any]) -> Problems:
    if found.get("controls", ()) is not None and not _among(found.get("controls"), CONTROLS):
        yield "lesson.controls", "is not a list of controls"
    if not _among(found.get("hidden"), MODES):
        yield "lesson.hidden", "is not a list of modes"
    if not isinstance(found.get("locked"), list) or not all(isinstance(name, str) for name in found["locked"]):
        yield "lesson.locked", "is not a list of names"


def _among(found: Any, choices: Iterable[str]) -> bool:
    return isinstance(found, list) and all(isinstance(x, str) and x in choices for x in found)


def _names(found: Mapping[str, Any]) -> Problems:
    names = found.get("names")
    if not isinstance(names, Mapping):
        yield "lesson.names", "is not an object"
        return
    for i, name in names.items():
        if not _whole(i.removeprefix("-")) or not is_name(name):
            yield f"lesson.names.{i}", "is not a name of a variable"


def _notes(found: Mapping[str, Any]) -> Problems:
    notes = found.get("notes")
    if not isinstance(notes, Mapping) or not all(mode in MODES and isinstance(own, Mapping) for mode, own in notes.items()):
        yield "lesson.notes", "is not notes by mode"
        return
    for mode, own in notes.items():
        for step, note in own.items():
            if not _whole(step) or not isinstance(note, str):
                yield f"lesson.notes.{mode}.{step}", "is not a note of a step"


def _whole(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) < 16


def is_name(name: Any) -> bool:
    """Whether a text can stand for a variable in formulas and sentences."""
    plain = isinstance(name, str) and 0 < len(name) <= LONGEST_NAME and name == name.strip()
    return plain and name.isprintable() and not set(name) & set("{}")
