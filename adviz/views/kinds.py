"""Kinds: what the variables of one kind, and the steps of one kind, say and look like, written once.

A template is made by the code that writes any variable or step (`words.py`, `narration.py`), given one example and asked for places
in place of names: what depends on which variables take part is left open, by the role they have. Roles are -1, the variable itself,
and k, its k-th operand; of a share the variable is the one it comes from.

A *text* of a template is a string, or a list of strings and places: ["text", role] a variable's name, ["plain", role] a constant as
a sentence has it, ["name"] what a seed belongs to. A *formula* is math (see `document.py`) in which {"text": text} stands for a string,
{"symbol": "math" | "dot" | "bar", "of": role} for a symbol, and slots have references by role:

    ["value", role]  ["partial", k]  ["constant", k]
    ["step", 0]            the number of this step; ["step", -1] of the one before
    ["derivative", role]   of the step before this one that wrote the variable's tangent or adjoint last
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from adviz.linear import Linear
from adviz.structural import Structural
from adviz.sweeps import Accumulate, Contribute, Evaluate, Propagate, Seed, Step
from adviz.views import narration
from adviz.views.formula import Math, slot
from adviz.views.translation import MARK, cut, mark, place
from adviz.views.words import Leaves, Words
from adviz.wengert import Assignment, Constant, Ref, Trace

SELF = -1
Template = Any
Kind = dict[str, Any]
NAMES = ("text", "dot_text", "bar_text")
SYMBOLS = ("math", "dot", "bar")
ATOMS = (int, float, str, bool, type(None), slice)


class Written:
    """Which step wrote a variable's derivative last: the place of that step's number."""

    def __getitem__(self, i: int) -> Any:
        return ("derivative", i)

    def get(self, i: int) -> Any:
        return self[i]


WRITTEN: Any = Written()
NOW: Any = ("step", 0)
BEFORE: Any = ("step", -1)


class Places(Words):
    """Words that leave open which variables they are about. `about` says which variable is meant, and so what role each has."""

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace)
        self.roles: dict[int, int] = {}
        self.symbol = self._symbol  # type: ignore[assignment]

    def about(self, i: int) -> None:
        """From here on the variable is v_i."""
        self.roles = {i: SELF}
        for k, u in enumerate(self.assignment(i).operands if i > 0 else ()):
            if isinstance(u, Ref):
                self.roles.setdefault(u.index, k)

    def _symbol(self, i: int) -> dict[str, Any]:
        role = self.roles[i]
        return {name: mark(name, role) for name in NAMES} | {name: ["msub", mark(name, role)] for name in SYMBOLS}

    def plain(self, x: Any) -> str:
        return mark("plain", SELF)

    def constant(self, a: Assignment, k: int) -> Math:
        return slot("constant", k)

    def numbers(self, a: Assignment) -> Leaves:
        raise NotImplementedError("a template has no numbers")

    def in_words(self, a: Assignment) -> list[str]:
        return [self.symbol(u.index)["text"] if isinstance(u, Ref) else mark("plain", k) for k, u in enumerate(a.operands)]

    # what was written, as a template

    def text(self, written: str) -> Template:
        """A text with places."""
        return cut(written)

    def formula(self, math: Math) -> Template:
        """A formula with places; its slots refer by role."""
        match math:
            case None:
                return None
            case str():
                text = self.text(math)
                return text if isinstance(text, str) else {"text": text}
            case dict():
                return {**math, "slot": self.reference(math["slot"])}
            case ["msub", str() as marked] if MARK.fullmatch(marked):
                name, role = place(marked[1:-1])
                return {"symbol": name, "of": role}
        tag, *children = math
        return [tag, *map(self.formula, children)]

    def reference(self, reference: Sequence[Any]) -> list[Any]:
        """What a slot refers to, by role."""
        match reference:
            case ["value", i]:
                return ["value", self.roles[i]]
            case ["partial", _, k]:
                return ["partial", k]
            case ["step", ("derivative", i)]:
                return ["derivative", self.roles[i]]
            case ["step", ("step", n)]:
                return ["step", n]
        return list(reference)

    def say(self, said: Sequence[Any]) -> list[Template]:
        """A sentence and what its slots refer to."""
        return [self.text(said[0]), *map(self.reference, said[1:])]

    def entry(self, definition: Math, substituted: Math | None, spoken: str) -> Kind:
        """The formulas of a variable."""
        return {"definition": self.formula(definition), "substituted": self.formula(substituted), "spoken": self.text(spoken)}


def key_of(a: Assignment, trace: Trace) -> Hashable:
    """Two assignments with the same key are written by the same templates."""
    first: dict[int, int] = {}
    operands = tuple(first.setdefault(u.index, k) if isinstance(u, Ref) else "constant" for k, u in enumerate(a.operands))
    if a.row is None:
        return (None, _of(a.value))
    given = tuple(p is not None for p in a.partials)
    if not isinstance(a.row, Structural) and not np.ndim(a.value):
        return (a.row.name, operands, given, tuple(isinstance(u, Constant) and np.ndim(u.value) > 0 for u in a.operands))
    shapes = tuple(_of(trace.value_of(u.index) if isinstance(u, Ref) else u.value) for u in a.operands)
    parameters = tuple((name, x) for name, x in a.parameters.items())
    if not all(_is_plain(x) for _, x in parameters):
        return a.index
    return (a.row.name, operands, given, shapes, _of(a.value), repr(parameters))


def _of(x: Any) -> Hashable:
    return (isinstance(x, np.ndarray), np.shape(x))


def _is_plain(x: Any) -> bool:
    return isinstance(x, ATOMS) or (isinstance(x, tuple) and all(map(_is_plain, x)))


def operands_of(a: Assignment) -> tuple[list[str], list[bool]]:
    """What each operand is, and which have a partial that is a quantity."""
    return (
        ["variable" if isinstance(u, Ref) else "constant" for u in a.operands],
        [p is not None and not isinstance(p, Linear) for p in a.partials],
    )


def step_key(step: Step, kinds: Mapping[int, int], first: bool, final: bool, long: bool) -> Hashable:
    """Two steps of a mode with the same key are told by the same templates."""
    match step:
        case Evaluate(i) | Propagate(i):
            return (type(step), kinds[i], final)
        case Contribute(_, i, k):
            return (Contribute, kinds[i], k, final)
        case Accumulate():
            return (Accumulate, first, final, long)
    return (Seed, final)


def step_kind(places: Places, mode: str, step: Step, first: bool, final: bool) -> Kind:
    """How a step is told: its sentence, its equation, and the term it adds to the derivative's column."""
    term: tuple[Math, Math | None] | None = None
    match step:
        case Evaluate(i):
            places.about(i)
            told = narration.evaluate(places, i)
        case Seed(i):
            places.about(i)
            told = narration.seed(places, mode, i, mark("name"), NOW)
            term = (places.symbol(i)["dot" if mode == "forward" else "bar"], slot("step", NOW))
        case Propagate(i):
            places.about(i)
            told = narration.propagate(places, i, NOW, WRITTEN)
            term = places.tangent_rule(places.assignment(i), WRITTEN)
        case Contribute(j, i, k):
            places.about(i)
            told = narration.contribute(places, j, i, k, NOW, WRITTEN)
            term = places.share(i, k, WRITTEN[i])
        case Accumulate(j):
            places.about(j)
            told = narration.accumulate(places, j, BEFORE, NOW, None if first else WRITTEN[j], final)
    return {
        "kind": type(step).__name__.lower(),
        "final": final,
        "say": places.say(told["say"]),
        "formula": places.formula(told["formula"]),
        "term": None if term is None else {"formula": places.formula(term[0]), "numbers": places.formula(term[1])},
    }
