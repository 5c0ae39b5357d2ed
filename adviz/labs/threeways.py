"""The lab of implementations: one function, differentiated by pairs of numbers, by a tape and by a generated program.

What each leaves behind is shown as it is: the pairs that forward mode computes, the records of the trace, the text of `adviz.source`. All three
give the same gradient, each by its own way.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from adviz.errors import InputError, OutputError
from adviz.formulas import formula
from adviz.labs.controls import Choice, Control, Slider
from adviz.labs.design import Cell, Design, Rows, Sentence, Table
from adviz.labs.laboratory import Lab
from adviz.scale.costs import cost
from adviz.texts import text
from adviz.timeline import forward, reverse
from adviz.transform.program import Program, source
from adviz.views.number import number
from adviz.wengert import Assignment, Ref, Trace, trace

EXAMPLE = "ln(x1) + x1*x2 - sin(x2)"
WAYS = ("library", "overloading", "source")
AROUND = (-1.0, -0.5, 0.0, 0.5, 1.0)  # the sliders' places, from the point
MOST = 3  # inputs: each has a slider


def implementations(f: Callable[..., Any] | str | None = None, *at: Any, theme: str | None = None, lang: str | None = None) -> Lab:
    """∇f three ways: a lab that shows what an elemental library computes, what overloading records, and what source transformation writes.

    f is a function of at most three numbers that returns one, or a formula as text; by default ln(x1) + x1·x2 − sin(x2) at (2, 5). InputError or
    OutputError for anything else; UnsupportedError where its source cannot be transformed.
    """
    f, at = (formula(f or EXAMPLE) if f is None or isinstance(f, str) else f), at or ((2.0, 5.0) if f is None else at)
    found = Three(f, at)
    return Lab(lambda: design(found), theme=theme, lang=lang)


class Three:
    """A function with its trace at any point, and its adjoint program."""

    def __init__(self, f: Callable[..., Any], at: tuple[Any, ...]) -> None:
        self.f, self.traced = f, cache(lambda *x: trace(f, *x))
        t = trace(f, *at)
        if len(t.inputs) > MOST or any(np.ndim(x) for x in t.point):
            raise InputError(text("lab.implementations.inputs", function=t.function, most=MOST))
        if len(t.outputs) != 1 or np.ndim(t.value):
            raise OutputError(text("output.scalar", operator="adviz.labs.implementations", function=t.function, what=len(t.outputs)))
        self.names, self.point = t.parameters, tuple(map(float, t.point))
        self.program: Program = source(f)

    def pairs(self, x: tuple[float, ...], k: int) -> Any:
        """The forward timeline with the seed 1 for input k."""
        return forward(self.traced(*x), seed=tuple(float(j == k) for j in range(len(x))))

    def gradient(self, way: str, x: tuple[float, ...]) -> tuple[float, ...]:
        """∇f(x), by that way."""
        match way:
            case "library":
                return tuple(float(self.pairs(x, k).result[0]) for k in range(len(x)))
            case "overloading":
                return tuple(map(float, reverse(self.traced(*x)).result))
        found = self.program(*x)[1]
        return tuple(map(float, found if isinstance(found, tuple) else (found,)))

    @property
    def text(self) -> list[str]:
        """The program's lines, without what it says of itself and without empty ones."""
        return [line for line in self.program.text.rpartition('"""\n')[2].splitlines() if line.strip()]


def operations_in(program: str) -> int:
    """The operations that a program's text has.

    >>> operations_in("y = sin(x) * x + -1")
    4
    """
    return sum(isinstance(node, ast.BinOp | ast.Call | ast.AugAssign | ast.UnaryOp) for node in ast.walk(ast.parse(program)))


def design(three: Three) -> Design:
    """The lab as data. The inputs' sliders are called in0, in1, ..., for an input may have any name."""
    ways = {way: text(f"lab.implementations.{way}") for way in WAYS}
    inputs = tuple(f"in{k}" for k in range(len(three.names)))
    controls: tuple[Control, ...] = (
        Choice("way", text("lab.implementations.way"), ways, WAYS[0]),
        *(Slider(key, name, tuple(x + d for d in AROUND), x) for key, name, x in zip(inputs, three.names, three.point, strict=True)),
    )  # fmt: skip
    parts = (
        Sentence(("way", *inputs), lambda way, **x: _said(three, way, tuple(x.values()))),
        Rows("made", ("way", *inputs), lambda way, **x: _made(three, way, tuple(x.values()))),
        Rows("counts", ("way", *inputs), lambda way, **x: _counts(three, way, tuple(x.values()))),
    )  # fmt: skip
    return Design("implementations", text("lab.implementations.title"), controls, parts, still={"way": "source"})


def _said(three: Three, way: str, x: tuple[float, ...]) -> str:
    gradient = ", ".join(map(number, three.gradient(way, x)))
    slots = {"runs": len(x), "records": len(three.traced(*x).assignments), "lines": len(three.text)}
    return text(f"lab.implementations.say.{way}", **slots, gradient=f"({gradient})")


def _made(three: Three, way: str, x: tuple[float, ...]) -> Table:
    """What that way leaves behind."""
    t = three.traced(*x)
    rows: tuple[tuple[str | Cell, ...], ...]
    if way == "source":
        rows = tuple((str(n), Cell(_indented(line), "code")) for n, line in enumerate(three.text, 1))
    elif way == "overloading":
        rows = tuple((a.name, _done(t, a), number(float(a.value)), _partials(a)) for a in t.assignments)
    else:
        frames = [three.pairs(x, k) for k in range(len(x))]
        last = [timeline.frame(len(timeline)).tangents for timeline in frames]
        indices = (*t.inputs, *(a.index for a in t.assignments))
        rows = tuple((_name(t, i), _value(t, i), *(Cell(number(float(tangents.get(i, 0.0))), "tangent") for tangents in last)) for i in indices)
    named = {"source": ("line", "code"), "overloading": ("name", "operation", "value", "partials"), "library": ("name", "value")}[way]
    columns = tuple(text(f"lab.implementations.column.{name}") for name in named)
    runs = tuple(text("lab.implementations.column.dot", input=name) for name in three.names) if way == "library" else ()
    return Table(text(f"lab.implementations.made.{way}"), columns + runs, rows)


def _name(t: Trace, i: int) -> str:
    return t.parameters[i - 1] if i <= 0 else f"v{i}"


def _value(t: Trace, i: int) -> str:
    return number(float(t.value_of(i)))


def _indented(line: str) -> str:
    """With blanks that a page keeps."""
    return "\u00a0" * (len(line) - len(line.lstrip())) + line.lstrip()


def _partials(a: Assignment) -> str:
    return ", ".join(number(float(a.partials[k])) for k, _ in a.active)


def _done(t: Trace, a: Assignment) -> str:
    """multiply(x1, x2)"""
    operands = (_name(t, u.index) if isinstance(u, Ref) else number(float(u.value)) for u in a.operands)
    return f"{a.row.name if a.row else ''}({', '.join(operands)})"


def _counts(three: Three, way: str, x: tuple[float, ...]) -> Table:
    """Side by side: when it works, what is kept, and how many operations the gradient takes."""
    found = cost(three.traced(*x))
    operations = {"library": found["forward"].operations, "overloading": found["reverse"].operations, "source": operations_in("\n".join(three.text))}
    kept = {"library": found["forward"].held, "overloading": found["reverse"].held, "source": len(three.text)}
    rows = tuple(
        (text(f"lab.implementations.{each}"), text(f"lab.implementations.when.{each}"), text(f"lab.implementations.kept.{each}", n=kept[each]),
         f"{operations[each]:,}")
        for each in WAYS
    )  # fmt: skip
    columns = tuple(text(f"lab.implementations.column.{name}") for name in ("implementation", "when", "kept", "operations"))
    return Table(text("lab.implementations.counts"), columns, rows, WAYS.index(way))
