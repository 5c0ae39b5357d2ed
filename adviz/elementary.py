"""An elementwise row of the table as a rule on arrays: NumPy computes its value and its partials.

A partial is computed when a sweep asks for it; a share is summed down to the shape of an operand that was repeated.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from adviz import generate, kernels
from adviz.generate_arrays import DOUBLED, shares_text
from adviz.generate_sweeps import Shares
from adviz.readings import parse
from adviz.shares import Line
from adviz.structural import unbroadcast
from adviz.table import Elementwise, table

# fmt: off
OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv, "floor_divide": operator.floordiv,
    "remainder": operator.mod, "power": operator.pow, "negative": operator.neg, "positive": operator.pos, "abs": abs,
}
# fmt: on


class Elementary:
    """An elementwise row on arrays: value, and partials computed by NumPy when a sweep needs them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.line = self._line()
        self.beside = {u: self._line(u) for u in "ab"}  # where that operand is a constant number

    def _line(self, constant: str = "", partials: tuple[str | None, ...] | None = None) -> Line:
        def shares() -> Shares:
            return shares_text(self.row._replace(partials=partials or self.row.partials), constant)

        return Line(shares, self._names)

    def _names(self) -> dict[str, Any]:
        return {**{name: on_arrays(name) for name in generate.needed(self.row)}, "pi": math.pi, "e": math.e}

    @cached_property
    def squared(self) -> Line:
        """Of a power: a², whose slope is 2a."""
        return self._line("b", (DOUBLED, None))

    @cached_property
    def row(self) -> Elementwise:
        """The row itself, read when it is first needed."""
        return table[self.name]

    def __repr__(self) -> str:
        return f"Elementary({self.name!r})"

    @cached_property
    def reading(self) -> dict[str, Any]:
        """value(a, b) and partial_k(a, b, v) of the row, through NumPy's functions: on arrays and on traced ones."""
        source = generate.general_source(self.row)
        functions = {name: on_arrays(name) for name in generate.needed(self.row)}
        return generate.build(source, {**functions, "pi": math.pi, "e": math.e})

    @cached_property
    def value(self) -> Callable[..., Any]:
        """φ(a, b): what the learner's own call would have computed."""
        return on_arrays(self.name)

    def partial(self, k: int, v: Any, *u: Any) -> Any:
        """∂φ/∂u_k, an array or a number; None where nothing flows."""
        formula = self.reading.get(f"partial_{k}")
        return None if formula is None else formula(*u, v)

    @cached_property
    def constants(self) -> tuple[float | None, ...]:
        """The partials that are 1 or -1 whatever the operands: no array is multiplied for them."""
        return tuple({"1": 1.0, "-1": -1.0}.get(partial or "") for partial in self.row.partials)

    def adjoint(self, k: int, v_bar: Any, v: Any, *u: Any) -> Any:
        """v̄ · ∂φ/∂u_k, summed down to the shape of u_k."""
        return unbroadcast(self._product(k, v_bar, v, u), np.shape(u[k]))

    def tangent(self, k: int, u_dot: Any, v: Any, *u: Any) -> Any:
        """u̇_k · ∂φ/∂u_k, in the shape of v."""
        term = self._product(k, u_dot, v, u)
        return term if np.shape(term) == np.shape(v) else np.broadcast_to(term, np.shape(v))

    def _product(self, k: int, flow: Any, v: Any, u: Sequence[Any]) -> Any:
        constant = self.constants[k]
        if constant is not None:
            return flow if constant == 1.0 else -flow
        return flow * self.partial(k, v, *u)


_rules: dict[str, Elementary] = {}


def rule(name: str) -> Elementary:
    """The elementwise row of that name, on arrays."""
    found = _rules.get(name)
    if found is None:
        found = _rules[name] = Elementary(name)
    return found


def _forget(_: str) -> None:
    """A row is registered anew: lines that were recorded keep the old one."""
    for known in _rules.values():
        known.row  # noqa: B018  read now
    _rules.clear()


table.forgetters.append(_forget)


def on_arrays(name: str) -> Callable[..., Any]:
    """The function of a row as arrays are to be computed with: NumPy's own, or the vectorised kernel of a helper row."""
    row = table[name]
    if isinstance(row.function, np.ufunc) or row.function is np.sinc:
        return row.function
    return _helper(row)


def _helper(row: Elementwise) -> Callable[..., Any]:
    """A row that is no NumPy function: its kernel on plain arrays, recorded on traced ones, which take over as from NumPy."""

    kernel = kernels.on_arrays(row.name, row.function, _formula(row))

    def function(*u: Any) -> Any:
        if u[0].__class__ in PLAIN and u[-1].__class__ in PLAIN:
            return kernel(*u)
        for operand in u:
            if hasattr(operand, "tape"):
                return operand.elementwise(row.name, *u)
        return kernel(*u)

    return function


PLAIN = (np.ndarray, float)


def _formula(row: Elementwise) -> Callable[..., Any] | None:
    """The value's formula where it says more than the row's own name."""
    tree = parse(row.value)
    return None if tree[:2] == ("call", row.name) else rule(row.name).reading["value"]
