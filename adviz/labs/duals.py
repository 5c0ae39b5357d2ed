"""The lab of dual numbers: a + bε through a function, one operation after the other, with ε² = 0.

Each row is an operation on dual numbers: its value is the plain one, and what stands before ε is the tangent: one run, one direction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from adviz.errors import InputError
from adviz.formulas import formula
from adviz.labs.controls import Slider
from adviz.labs.design import Cell, Design, Layer, Plot, Rows, Sentence, Table
from adviz.labs.drawing import ink
from adviz.labs.laboratory import Lab
from adviz.running import function_name
from adviz.sweeps import Propagate, Seed
from adviz.texts import text
from adviz.timeline import forward
from adviz.views.math import plain
from adviz.views.number import number
from adviz.views.words import Words
from adviz.wengert import Assignment, Ref, Trace, trace

EXAMPLE = "ln(x1) + x1*x2 - sin(x2)"
DIRECTIONS = {1: (-2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0), 2: (-1.0, 0.0, 1.0, 2.0, 3.0)}  # of each input; with more inputs 0 and 1
MOST_INPUTS, MOST_ROWS = 4, 14


def dual_numbers(f: Callable[..., Any] | str | None = None, *at: Any, theme: str | None = None, lang: str | None = None) -> Lab:
    """f(x + ẋε) = y + ẏε: a lab that steps through f on dual numbers, with a slider for each ẋ.

    f is a function of up to 4 numbers, or a formula as text; by default ln(x1) + x1·x2 − sin(x2) at (2, 5). InputError for arrays, for more
    than 4 inputs, and for a run of more than 14 operations.
    """
    f, at = (formula(f or EXAMPLE) if f is None or isinstance(f, str) else f), at or ((2.0, 5.0) if f is None else at)
    t = trace(f, *at)
    count = sum(a.row is not None for a in t.assignments)
    if any(np.ndim(t.value_of(i)) for i in (*t.inputs, *(a.index for a in t.assignments))):
        raise InputError(text("lab.dual.array", function=function_name(f)))
    if len(t.inputs) > MOST_INPUTS or count > MOST_ROWS:
        raise InputError(text("lab.dual.large", function=function_name(f), inputs=MOST_INPUTS, rows=MOST_ROWS))
    return Lab(lambda: design(Duals(t)), theme=theme, lang=lang)


class Duals:
    """A trace on dual numbers, in any direction."""

    def __init__(self, t: Trace) -> None:
        self.trace, self.words = t, Words(t)
        self.assignments = [a for a in t.assignments if a.row is not None]
        self.inputs = tuple(zip(t.parameters, t.inputs, strict=True))

    def tangents(self, direction: Mapping[str, float]) -> dict[int, float]:
        """What stands before ε, by index."""
        steps = forward(self.trace, seed=tuple(direction[f"d{k}"] for k in range(len(self.inputs)))).steps
        return {step.index: float(step.value) for step in steps if isinstance(step, Seed | Propagate)}

    def symbol(self, i: int) -> str:
        return str(self.words.symbol(i)["text"])

    def value(self, i: int) -> float:
        return float(self.trace.value_of(i))

    def definition(self, a: Assignment) -> str:
        """v₋₁ · v₀"""
        return plain(self.words.definition(a, self.words.names(a)), _the_number)

    def inserted(self, a: Assignment, tangents: Mapping[int, float]) -> str:
        """(2 + 1ε) · (5 + 0ε)"""
        names = [["mi", f"({dual(self.value(u.index), tangents.get(u.index, 0.0))})" if isinstance(u, Ref) else number(u.value)] for u in a.operands]
        value = ["mi", f"({number(self.value(a.index))})"]
        return plain(self.words.definition(a, dict(zip("ab", names, strict=False)) | {"v": value}), _the_number)


def _the_number(place: Sequence[Any]) -> Any:
    """What stands at a place that holds its number itself."""
    return place[-1]


def design(d: Duals) -> Design:
    """The lab as data."""
    rows = len(d.assignments)
    values = DIRECTIONS.get(len(d.inputs), (0.0, 1.0))
    names = tuple(f"d{k}" for k in range(len(d.inputs)))
    sliders = [Slider(names[k], text("lab.dual.before", input=x), values, float(k == 0)) for k, (x, _) in enumerate(d.inputs)]
    controls = (Slider("step", text("lab.dual.step"), tuple(range(rows + 1)), 0, between=False), *sliders)
    dependent = ("step", *names)
    units = [d.tangents({other: float(other == name) for other in names}) for name in names]
    longest = {i: max(map(abs, values)) * sum(abs(unit.get(i, 0.0)) for unit in units) for i in _indices(d)}
    ends = [d.value(i) + 1.05 * s * longest[i] for i in _indices(d) for s in (-1, 1)]
    reach = [end for end in ends if np.isfinite(end)] or [-1.0, 1.0]
    parts = (
        Sentence(dependent, lambda step, **direction: _said(d, step, direction)),
        Rows("run", dependent, lambda step, **direction: _table(d, step, direction)),
        Plot("arrows", text("lab.dual.arrows"), Layer((), lambda ax: _axes(ax, d, min(reach), max(reach))), (
            Layer(dependent, lambda ax, step, **direction: _arrows(ax, d, step, direction)),
        )),
    )  # fmt: skip
    return Design("dual_numbers", text("lab.dual.title"), controls, parts, still={"step": rows})


def _indices(d: Duals) -> list[int]:
    return [i for _, i in d.inputs] + [a.index for a in d.assignments]


def dual(value: float, tangent: float) -> str:
    """2 + 1ε, 10.69 − 0.5ε"""
    return f"{number(value)} {'−' if tangent < 0 else '+'} {number(abs(tangent))}ε"


def _said(d: Duals, step: int, direction: Mapping[str, float]) -> str:
    tangents = d.tangents(direction)
    if step == 0:
        given = ", ".join(f"{x} = {dual(d.value(i), tangents.get(i, 0.0))}" for x, i in d.inputs)
        return text("lab.dual.say.start", given=given)
    a = d.assignments[step - 1]
    active = list(a.active)
    before = tangents.get(a.index, 0.0)
    slots = {"operation": d.definition(a), "inserted": d.inserted(a, tangents), "result": dual(d.value(a.index), before)}
    said = text("lab.dual.say.step", symbol=d.symbol(a.index), **slots)
    terms = " + ".join(f"{number(float(a.partials[k]), tight=True)} · {number(tangents.get(j, 0.0), tight=True)}" for k, j in active)
    if not active:
        return said
    product = a.row is not None and a.row.name == "multiply" and len(active) == 2
    return f"{said} {text('lab.dual.say.product' if product else 'lab.dual.say.rule', terms=terms, before=number(before))}"


def _table(d: Duals, step: int, direction: Mapping[str, float]) -> Table:
    tangents = d.tangents(direction)
    rows: list[tuple[str | Cell, ...]] = []
    for x, i in d.inputs:
        rows.append((d.symbol(i), x, number(d.value(i)), Cell(number(tangents.get(i, 0.0)), "tangent")))
    for a in d.assignments[:step]:
        rows.append((d.symbol(a.index), d.definition(a), number(d.value(a.index)), Cell(number(tangents.get(a.index, 0.0)), "tangent")))
    columns = tuple(text(f"lab.dual.column.{name}") for name in ("variable", "operation", "value", "tangent"))
    return Table(text("lab.dual.run"), columns, tuple(rows), len(rows) - 1 if step else None)


def _axes(ax: Any, d: Duals, low: float, high: float) -> None:
    """A line for each variable, the first above."""
    indices = _indices(d)
    ax.set(xlim=(low, high), ylim=(len(indices) - 0.4, -0.6))
    ax.set_yticks(range(len(indices)), [d.symbol(i) for i in indices])
    ax.set_xlabel(text("lab.dual.axis"))
    for k in range(len(indices)):
        ax.plot([low, high], [k, k], color=ink("hairline"), linewidth=1)


def _arrows(ax: Any, d: Duals, step: int, direction: Mapping[str, float]) -> None:
    """The value as a point, and from it the tangent as an arrow."""
    tangents = d.tangents(direction)
    for k, i in enumerate(_indices(d)[: len(d.inputs) + step]):
        a, b = d.value(i), tangents.get(i, 0.0)
        if b:
            width = ax.get_xlim()[1] - ax.get_xlim()[0]
            head = min(abs(b), 0.025 * width) * (1 if b > 0 else -1)
            ax.plot([a, a + b - head / 2], [k, k], color=ink("tangent"), linewidth=3)
            ax.fill([a + b, a + b - head, a + b - head], [k, k - 0.24, k + 0.24], color=ink("tangent"), linewidth=0)
        ax.plot([a], [k], color=ink("neutral"), marker="o", markersize=7)
