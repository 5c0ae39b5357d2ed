"""The controls of a lab, as data: what may be chosen, what is chosen at first, and the finite grid that a page without a kernel carries.

Every control has `grid`, all its values there; `offers(value)`, what parts may depend on by name; `taken(value)`, the value as it is kept, or
an InputError for one that cannot be chosen; `document()`, for JSON.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adviz.errors import InputError
from adviz.texts import text
from adviz.views.number import number


@dataclass(frozen=True)
class Slider:
    """A number: a slider over a grid of values, and a field beside it.

    between     whether the field takes every number between the grid's ends (with a kernel); else it takes the grid's numbers alone
    log         whether the grid is one of ratios: what is nearest is measured so
    only        ("method", "gradient"): it matters only where that control has that value, and is shown only there
    """

    name: str
    label: str
    values: tuple[float, ...]
    start: float
    between: bool = True
    log: bool = False
    only: tuple[str, str] | None = None

    @property
    def grid(self) -> tuple[Any, ...]:
        return self.values

    def offers(self, value: Any) -> dict[str, Any]:
        return {self.name: value}

    def taken(self, value: Any) -> Any:
        low, high = min(self.values), max(self.values)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise InputError(text("lab.range", name=self.label, low=number(low), high=number(high)))
        return type(self.values[0])(value) if self.between or value in self.values else nearest(self.values, value, self.log)

    def document(self) -> dict[str, Any]:
        kind = {"kind": "slider", "name": self.name, "label": self.label, "values": list(self.values)}
        return kind | {"between": self.between, "log": self.log} | ({"only": list(self.only)} if self.only else {})


@dataclass(frozen=True)
class Flag:
    """A guess at a number, placed before the answer is seen: None until then. Parts may depend on `NAME_placed` alone: then they show the answer."""

    name: str
    label: str
    values: tuple[float, ...]
    log: bool = False
    start: None = None

    @property
    def grid(self) -> tuple[Any, ...]:
        return (None, *self.values)

    def offers(self, value: Any) -> dict[str, Any]:
        return {self.name: value, f"{self.name}_placed": value is not None}

    def taken(self, value: Any) -> Any:
        return None if value is None else Slider(self.name, self.label, self.values, self.values[0], False, self.log).taken(value)

    def document(self) -> dict[str, Any]:
        return {"kind": "flag", "name": self.name, "label": self.label, "values": list(self.values), "log": self.log, "between": False}


@dataclass(frozen=True)
class Choice:
    """One of a few: the value and the words for each."""

    name: str
    label: str
    options: Mapping[str, str]
    start: str

    @property
    def grid(self) -> tuple[Any, ...]:
        return tuple(self.options)

    def offers(self, value: Any) -> dict[str, Any]:
        return {self.name: value}

    def taken(self, value: Any) -> Any:
        if not isinstance(value, str) or value not in self.options:
            raise InputError(text("lab.choice", name=self.label, given=repr(value)[:40], options=", ".join(map(repr, self.options))))
        return value

    def document(self) -> dict[str, Any]:
        return {"kind": "choice", "name": self.name, "label": self.label, "options": [list(pair) for pair in self.options.items()]}


@dataclass(frozen=True)
class Checkbox:
    """Yes or no."""

    name: str
    label: str
    start: bool = False

    @property
    def grid(self) -> tuple[Any, ...]:
        return (False, True)

    def offers(self, value: Any) -> dict[str, Any]:
        return {self.name: value}

    def taken(self, value: Any) -> Any:
        if not isinstance(value, bool):
            raise InputError(text("lab.checkbox", name=self.label, given=repr(value)[:40]))
        return value

    def document(self) -> dict[str, Any]:
        return {"kind": "checkbox", "name": self.name, "label": self.label}


Control = Slider | Flag | Choice | Checkbox


def nearest(values: Sequence[float], x: float, log: bool = False) -> float:
    """The value next to x, in difference or in ratio.

    >>> nearest((1.0, 10.0, 100.0), 4.0), nearest((1.0, 10.0, 100.0), 4.0, log=True)
    (1.0, 10.0)
    """
    return min(values, key=lambda v: abs(math.log(v / x)) if log else abs(v - x))
