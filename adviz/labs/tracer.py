"""The lab of branches: a trace follows the branch that ran and knows nothing of the other.

A program with `if` and `while`, its input on a slider: which lines ran, what was recorded, where the branch flips and what the slope is on
either side; and how a branch that was masked out makes nan out of 0 · ∞, with its remedy, the double where.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from functools import cache, cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from adviz.errors import InputError, OutputError
from adviz.labs.controls import Choice, Slider
from adviz.labs.design import Cell, Design, Layer, Plot, Rows, Sentence, Table
from adviz.labs.drawing import ink, label_axes
from adviz.labs.laboratory import Lab
from adviz.labs.programs import programs
from adviz.operators import derivative
from adviz.running import function_name
from adviz.source_text import Source
from adviz.texts import text
from adviz.views.number import number
from adviz.wengert import Branch, Ref, Trace, trace

POINTS = 25  # of the slider
SCANNED = 121  # points at which the path is compared with that of the point before
OWN = "own"  # the learner's function, where one is given
BESIDE = 1e-9  # so far to the left and to the right of a flip
TINY = 1e-6  # what differs less is taken for equal there


class Flip(NamedTuple):
    """Where another branch begins: f and f′ on the left and on the right of it."""

    x: float
    values: tuple[float, float]
    slopes: tuple[float, float]

    @property
    def kind(self) -> str:
        """ "jump", "kink" or "smooth"; "edge" where there is no value on one side."""
        if not all(map(math.isfinite, (*self.values, *self.slopes))):
            return "edge"
        (a, b), (p, q) = self.values, self.slopes
        return "jump" if abs(a - b) > TINY else "kink" if abs(p - q) > TINY else "smooth"


def branches(f: Callable[..., Any] | None = None, low: float = -3.0, high: float = 3.0, *, theme: str | None = None, lang: str | None = None) -> Lab:
    """f′ of the branch that ran: a lab that moves x over [low, high] and shows what ran, what was recorded, and where the branch flips.

    f is a function of one number; by default there are five programs to choose from. InputError for bounds that are none.
    """
    if not (isinstance(low, int | float) and isinstance(high, int | float) and -math.inf < low < high < math.inf):
        raise InputError(text("lab.branches.bounds", low=repr(low)[:40], high=repr(high)[:40]))
    if f is not None and not callable(f):
        trace(f, low)  # says what is wrong
    given = programs() if f is None else {OWN: f}
    found = {name: Program(each, float(low), float(high)) for name, each in given.items()}
    return Lab(lambda: design(found), theme=theme, lang=lang)


class Program:
    """A function of one number with its runs, remembered."""

    def __init__(self, f: Callable[..., Any], low: float, high: float) -> None:
        self._f, self.low, self.high = f, low, high
        self.name = function_name(f)
        self.run = cache(self._run)
        self.x = np.linspace(low, high, SCANNED)
        self._check()

    @cached_property
    def flips(self) -> tuple[Flip, ...]:
        """Every place where the path changes between two of the points that are looked at."""
        return tuple(self._flip(a, b) for a, b in pairwise(self.x) if self._path(a) != self._path(b))

    def _check(self) -> None:
        """OutputError unless f returns one number where it first returns; its own error where it does nowhere."""
        first = next((x for x in map(float, self.x) if not isinstance(self._path(x), type)), self.low)
        t = self.run(first)
        if len(t.outputs) != 1 or np.ndim(t.value):
            raise OutputError(text("output.scalar", operator="adviz.labs.branches", function=self.name, what=len(t.outputs)))

    def _run(self, x: float) -> Trace:
        with np.errstate(all="ignore"):
            return trace(self._f, x)

    def value(self, x: float) -> float:
        """f there; nan where it has none."""
        try:
            return float(self.run(float(x)).value)
        except (ArithmeticError, ValueError):
            return math.nan

    def slope(self, x: float) -> float:
        """The derivative of the branch that ran."""
        try:
            return float(derivative(self._f)(float(x)))
        except (ArithmeticError, ValueError):
            return math.nan

    def _path(self, x: float) -> Any:
        """What was compared and done there, without the numbers."""
        try:
            t = self.run(float(x))
        except (ArithmeticError, ValueError) as error:
            return type(error)
        done = tuple((a.row and a.row.name, tuple(u.index if isinstance(u, Ref) else None for u in a.operands)) for a in t.assignments)
        return done, tuple((b.symbol, b.outcome) for b in t.branches)

    def _flip(self, a: float, b: float) -> Flip:
        """Where between a and b the path changes, by halving."""
        first = self._path(a)
        for _ in range(50):
            middle = (a + b) / 2
            a, b = (middle, b) if self._path(middle) == first else (a, middle)
        x = float(round((a + b) / 2, 12)) + 0.0
        sides = (x - BESIDE, x + BESIDE)
        left, right = ((round(self.value(u), 6) + 0.0, round(self.slope(u), 6) + 0.0) for u in sides)
        return Flip(x, (left[0], right[0]), (left[1], right[1]))

    def flip_at(self, x: float) -> Flip | None:
        """The flip at that very place."""
        return next((flip for flip in self.flips if abs(flip.x - x) <= BESIDE), None)


def design(found: dict[str, Program]) -> Design:
    """The lab as data."""
    names = {name: p.name if name == OWN else text(f"lab.branches.{name}") for name, p in found.items()}
    first = next(iter(found.values()))
    grid = tuple(float(x) for x in np.linspace(first.low, first.high, POINTS))
    controls = (Choice("program", text("lab.branches.program"), names, next(iter(names))), Slider("x", "x", grid, grid[16]))
    both = ("program", "x")
    parts = (
        Sentence(both, lambda program, x: _said(found[program], x)),
        Sentence(("program",), lambda program: "" if program == OWN else text(f"lab.branches.about.{program}"), "about"),
        Plot("curve", text("lab.branches.curve"), Layer(("program",), lambda ax, program: _curve(ax, found[program])),
             (Layer(both, lambda ax, program, x: _point(ax, found[program], x)),)),
        Rows("code", both, lambda program, x: _code(found[program].run(x))),
        Rows("trace", both, lambda program, x: _trace(found[program].run(x))),
        Rows("comparisons", both, lambda program, x: _comparisons(found[program].run(x))),
        Rows("flips", both, lambda program, x: _flips(found[program], x)),
    )  # fmt: skip
    return Design("branches", text("lab.branches.title"), controls, parts)


def _said(p: Program, x: float) -> str:
    t, slope, flip = p.run(x), p.slope(x), p.flip_at(x)
    numbers = {"x": number(x), "value": number(p.value(x)), "slope": number(slope)}
    said = text("lab.branches.say", **numbers, operations=len(t.assignments), comparisons=len(t.branches))
    if math.isnan(slope) and not math.isnan(p.value(x)):
        return f"{said} {text('lab.branches.say.nan')}"
    if flip is None:
        return said
    slots = dict(zip(("left", "right"), map(number, flip.values if flip.kind == "jump" else flip.slopes), strict=True))
    return f"{said} {text(f'lab.branches.say.{flip.kind}', **slots)}"


def _curve(ax: Any, p: Program) -> None:
    """f, with a gap at every flip, and a dashed line there."""
    y = np.array([p.value(x) for x in p.x])
    known = y[np.isfinite(y)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (-1.0, 1.0)
    margin = 0.1 * (high - low) or 1.0
    ax.set(xlim=(p.low, p.high), ylim=(low - margin, high + margin))
    label_axes(ax, "x", "f(x)")
    edges = [p.low, *(flip.x for flip in p.flips), p.high]
    for a, b in pairwise(edges):
        inside = np.linspace(a + BESIDE, b - BESIDE, 40)
        ax.plot(inside, [p.value(x) for x in inside], color=ink("neutral"))
    for flip in p.flips:
        ax.plot([flip.x, flip.x], ax.get_ylim(), color=ink("line"), linewidth=1.1, linestyle=(0, (3, 3)))


def _point(ax: Any, p: Program, x: float) -> None:
    """The point, and f′ there as a piece of a line; at a flip that of either side."""
    y, flip, reach = p.value(x), p.flip_at(x), (p.high - p.low) / 8
    sides = [(x, y, p.slope(x), -1), (x, y, p.slope(x), 1)]
    if flip is not None:
        sides = [(x, flip.values[k], flip.slopes[k], 2 * k - 1) for k in (0, 1)]
    for x0, y0, slope, side in sides:
        if math.isfinite(slope) and math.isfinite(y0):
            ax.plot([x0, x0 + side * reach], [y0, y0 + side * slope * reach], color=ink("tangent"), linewidth=2.6)
    if math.isfinite(y):
        ax.plot([x], [y], color=ink("text"), marker="o", markersize=10, linestyle="none")


def _code(t: Trace) -> Table | None:
    """The program, and how often each line was recorded."""
    if not t.sources:
        return None
    source = t.sources[0]
    where = [a.position for a in t.assignments] + [b.position for b in t.branches]
    times = Counter(place.line for place in where if place is not None and place.file == source.file)
    rows = tuple(_line(source, n, words, times[n]) for n, words in enumerate(source.text.splitlines(), source.first_line))
    return Table(text("lab.branches.code"), tuple(text(f"lab.branches.code.{name}") for name in ("line", "times", "text")), rows)


def _line(source: Source, n: int, words: str, times: int) -> tuple[str | Cell, ...]:
    indent = len(words) - len(words.lstrip())
    code = Cell("\u00a0" * indent + words.lstrip(), "code")
    return (str(n - source.first_line + 1), Cell(f"{times}×" if times else "–", "strong" if times else "muted"), code)


def _trace(t: Trace) -> Table:
    """The Wengert list of the branch that ran."""
    rows: list[tuple[str | Cell, ...]] = [(name, "", number(x), "") for name, x in zip(t.parameters, t.point, strict=True)]
    for a in t.assignments:
        done = f"{a.row.name if a.row else ''}({', '.join(_name(t, u) for u in a.operands)})".replace("where_true", "where")
        partials = ", ".join(number(float(a.partials[k])) for k, _ in a.active)
        rows.append((a.name, done, number(float(a.value)), partials))
    columns = tuple(text(f"lab.branches.trace.{name}") for name in ("name", "operation", "value", "partials"))
    return Table(text("lab.branches.trace"), columns, tuple(rows))


def _name(t: Trace, u: Any) -> str:
    if not isinstance(u, Ref):
        return number(float(u.value))
    return t.parameters[u.index - 1] if u.index <= 0 else f"v{u.index}"


def _comparisons(t: Trace) -> Table | None:
    """What was asked, and which way it went."""
    if not t.branches:
        return None
    return Table(
        text("lab.branches.comparisons"), tuple(text(f"lab.branches.comparison.{name}") for name in ("text", "numbers", "outcome")),
        tuple(_comparison(t, b) for b in t.branches),
    )  # fmt: skip


def _comparison(t: Trace, b: Branch) -> tuple[str | Cell, ...]:
    sides = [number(float(t.value_of(u.index) if isinstance(u, Ref) else u.value)) for u in (b.left, b.right)]
    outcome = text("lab.branches.yes" if b.outcome else "lab.branches.no")
    return (f"{_name(t, b.left)} {b.symbol} {_name(t, b.right)}", f"{sides[0]} {b.symbol} {sides[1]}", Cell(outcome, "strong"))


def _flips(p: Program, x: float) -> Table | None:
    """Every place where another branch begins."""
    if not p.flips:
        return None
    rows = tuple(
        (number(f.x), *map(number, f.values), *map(number, f.slopes), text(f"lab.branches.kind.{f.kind}")) for f in p.flips
    )  # fmt: skip
    names = ("x", "left", "right", "left_slope", "right_slope", "kind")
    here = next((k for k, f in enumerate(p.flips) if abs(f.x - x) <= BESIDE), None)
    return Table(text("lab.branches.flips"), tuple(text(f"lab.branches.flip.{name}") for name in names), rows, here)
