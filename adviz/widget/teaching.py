"""What a teacher writes in `adviz.explore(...)`, checked and made a `Lesson`: every mistake is an InputError that says what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adviz.errors import InputError
from adviz.operators import output_names
from adviz.texts import text
from adviz.views.formula import symbol
from adviz.views.lesson import CONTROLS, LONGEST_NAME, LONGEST_NOTE, MODES, Document, Lesson, is_name
from adviz.wengert import Trace

STEP = ("step",)
INDEX = re.compile(r"v?_?(-?\d{1,9})")
SYMBOL = re.compile("v₋?[₀-₉]+")


def lesson(
    t: Trace, mode: str, *, controls: Any = None, locked: Any = (), hidden: Any = (), names: Any = None, notes: Any = None, presentation: Any = False
) -> Lesson:  # fmt: skip
    """The teacher's settings for an explorer that begins with the trace t in that mode."""
    concealed = _hidden(hidden, mode)
    if not isinstance(presentation, bool):
        raise InputError(text("lesson.presentation", given=_shown(presentation)))
    return Lesson(_controls(controls), _locked(locked, t.parameters), concealed, _names(names, t), _notes(notes, mode, concealed), presentation)


def check_steps(found: Lesson, document: Document) -> None:
    """InputError for a note on a step that its mode does not have."""
    modes = document.get("modes", {})
    for mode, step in found.notes:
        if mode not in document["timelines"] and mode not in modes:
            raise InputError(text("lesson.notes.missing", mode=repr(mode)))
        steps = document["timelines"][mode]["steps"]["count"] if mode in document["timelines"] else modes["longest"]
        if step > steps:
            raise InputError(text("lesson.notes.step", mode=repr(mode), step=step, count=steps))


def _controls(given: Any) -> tuple[str, ...] | None:
    if given is None or isinstance(given, str) and given == "all":
        return None
    if isinstance(given, str) and given == "step":
        return STEP
    chosen = _texts(given) if not isinstance(given, str) else None
    if chosen is None or not set(chosen) <= set(CONTROLS):
        raise InputError(text("lesson.controls", given=_shown(given), choices=", ".join(map(repr, CONTROLS))))
    return tuple(name for name in CONTROLS if name in chosen)


def _locked(given: Any, parameters: Sequence[str]) -> tuple[str, ...]:
    """Names of inputs; that of an argument which is a tuple, a list or a dict stands for all of its entries."""
    if given is True or isinstance(given, str) and given == "all":
        return tuple(parameters)
    if given is None or given is False:
        return ()
    wanted = _texts(given)
    found = {wish: [name for name in parameters if name == wish or name.startswith(f"{wish}[")] for wish in wanted or ()}
    if wanted is None or not all(found.values()):
        names = ", ".join(parameters)
        raise InputError(text("lesson.locked", given=_shown(given), names=names, first=repr(parameters[0])))
    return tuple(name for name in parameters if any(name in each for each in found.values()))


def _hidden(given: Any, mode: str) -> tuple[str, ...]:
    chosen = _texts(() if given is None else given)
    if chosen is None or not set(chosen) <= set(MODES):
        raise InputError(text("lesson.hidden", given=_shown(given), choices=", ".join(map(repr, MODES))))
    if mode in chosen:
        raise InputError(text("lesson.hidden.start", mode=repr(mode)))
    return tuple(name for name in MODES if name in chosen)


def _names(given: Any, t: Trace) -> dict[int, str]:
    """What v_i is called, by index."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InputError(text("lesson.names", given=_shown(given)))
    found: dict[int, str] = {}
    for key, name in given.items():
        i = _index(key)
        if i is None or not t.inputs[0] <= i < t.inputs[0] + t.size:
            raise InputError(text("lesson.names.index", given=_shown(key), first=t.inputs[0], last=t.inputs[0] + t.size - 1))
        if i in found:
            raise InputError(text("lesson.names.twice", v=symbol(i)["text"]))
        if not is_name(name):
            raise InputError(text("lesson.names.name", v=symbol(i)["text"], given=_shown(name), limit=LONGEST_NAME))
        taken = _taken(t, i, name) or next((symbol(j)["text"] for j, other in found.items() if other == name), None)
        if taken:
            raise InputError(text("lesson.names.taken", v=symbol(i)["text"], name=name, other=taken))
        found[i] = name
    return found


def _index(key: Any) -> int | None:
    if isinstance(key, str):
        digits = INDEX.fullmatch(key)
        return int(digits[1]) if digits else None
    return key if isinstance(key, int) and not isinstance(key, bool) else None


def _taken(t: Trace, i: int, name: str) -> str | None:
    """Whose name that is already: an input's, an output's, or one that adviz gives."""
    inputs = dict(zip(t.parameters, t.inputs, strict=True))
    outputs = dict(zip(output_names(len(t.outputs)), t.outputs, strict=True))
    if inputs.get(name, i) != i:
        return text("lesson.names.input", name=name)
    if outputs.get(name, i) != i:
        return text("lesson.names.output", name=name)
    return text("lesson.names.symbol") if SYMBOL.fullmatch(name) and name != symbol(i)["text"] else None


def _notes(given: Any, mode: str, hidden: Sequence[str]) -> dict[tuple[str, int], str]:
    """What is said beside a step, by mode and step; a step alone is one of the mode that the explorer begins with."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InputError(text("lesson.notes", given=_shown(given)))
    found: dict[tuple[str, int], str] = {}
    for key, note in given.items():
        match (mode, key) if isinstance(key, int) else key:
            case (str() as own, int() as step) if own in MODES and step >= 0 and not isinstance(step, bool):
                pass
            case _:
                raise InputError(text("lesson.notes.key", given=_shown(key), mode=repr(mode)))
        if not isinstance(note, str) or not note.strip() or len(note) > LONGEST_NOTE:
            raise InputError(text("lesson.notes.text", place=_shown(key), given=_shown(note), limit=LONGEST_NOTE))
        if own in hidden:
            raise InputError(text("lesson.notes.hidden", mode=repr(own)))
        found[own, step] = "".join(c if c.isprintable() else " " for c in note.strip())
    return found


def _texts(given: Any) -> tuple[str, ...] | None:
    """Several texts, or one; None for anything else."""
    if isinstance(given, str):
        return (given,)
    chosen = tuple(given) if isinstance(given, Iterable) and not isinstance(given, Mapping | bytes) else None
    return chosen if chosen is not None and all(isinstance(x, str) for x in chosen) else None


def _shown(given: Any) -> str:
    return repr(given)[:60]
