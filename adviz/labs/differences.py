"""The lab of finite differences: move h, watch the secant, guess where the error is least, then see.

The numbers are those of `adviz.methods.error_curve`: the error is measured against the exact derivative, its truncation part is computed from
the Taylor series, and what is left is round-off.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from adviz.errors import InputError
from adviz.formulas import formula
from adviz.labs.controls import Choice, Flag, Slider
from adviz.labs.design import Cell, Design, Layer, Plot, Rows, Sentence, Table
from adviz.labs.drawing import ink, label_axes
from adviz.labs.laboratory import Lab
from adviz.methods.accuracy import ErrorCurve, chosen, error_curve
from adviz.methods.numeric import Values, backward_difference, central_difference, forward_difference
from adviz.running import point
from adviz.texts import text
from adviz.views.number import number

EXAMPLE = "ln(x1) + x1*x2 - sin(x2)"
GRID = tuple(float(f"{m}e{k}") for k in range(-16, 0) for m in (1, 2, 5)) + (1.0,)
POWERS = tuple(float(f"1e{k}") for k in range(-16, 1))
FLOOR = 1e-13  # an error below is drawn there
REACH = 1.15  # of the picture of f on either side of x
STRAIGHT = 0.2  # of the picture's height: an f that bends less is drawn without its tangent
FLAT = 0.05  # points that are nearer than that are not told apart


class Way(NamedTuple):
    """A difference quotient: where it looks, from x in units of h, and how it is drawn."""

    method: Callable[..., Any]
    left: int
    right: int
    role: str
    marker: str


WAYS = {
    "forward": Way(forward_difference, 0, 1, "tangent", "^"),
    "backward": Way(backward_difference, -1, 0, "muted", "v"),
    "central": Way(central_difference, -1, 1, "adjoint", "s"),
}


class Measured(NamedTuple):
    """One difference quotient: what it gives, its error, and that error's two parts (nan where they are not known)."""

    quotient: float
    error: float
    truncation: float
    round_off: float
    band: float


def finite_differences(
    f: Callable[..., Any] | str | None = None, *at: Any, wrt: int | str = 0, theme: str | None = None, lang: str | None = None,
) -> Lab:  # fmt: skip
    """|D_h f(x) − f′(x)| against h: a lab with a slider for h, the secant, a flag for the guess, and then the curve.

    f is a function that returns one number, or a formula as text; by default ln(x1) + x1·x2 − sin(x2) at (2, 5). `wrt` names the input to
    differentiate by, or gives its place. InputError or OutputError for anything else.
    """
    f, at = (formula(f or EXAMPLE) if f is None or isinstance(f, str) else f), at or ((2.0, 5.0) if f is None else at)
    measured = Measurements(f, at, wrt)
    return Lab(lambda: design(measured), theme=theme, lang=lang)


class Measurements:
    """f along one of its inputs: its values, and the errors of three quotients."""

    def __init__(self, f: Callable[..., Any], at: Sequence[Any], wrt: int | str) -> None:
        self._f, self._at, self._wrt = f, tuple(at), wrt
        values = Values(f, point(f, at), "finite_differences")
        self.name, k, place = chosen(values, wrt)
        self.g, self.x = values.along(k, place), float(values.entry(k, place))
        self.function = values.at.function
        if not math.isfinite(self.x):
            raise InputError(text("lab.fd.finite", input=self.name, x=self.x))
        self.row = cache(self._row)
        self.derivative = self._curve(WAYS["central"].method, (1e-5,)).derivative
        for way in WAYS.values():
            self._fill(way.method)

    def value(self, x: float) -> float:
        """f there; nan where there is none."""
        try:
            with np.errstate(all="ignore"):
                return float(self.g(x))
        except (ArithmeticError, ValueError):
            return math.nan

    def tangent(self, x: np.ndarray) -> np.ndarray:
        """f(x₀) + f′(x₀)·(x − x₀)"""
        with np.errstate(all="ignore"):  # the derivative may be infinite
            return self.value(self.x) + self.derivative * (x - self.x)

    def best(self, method: str) -> float:
        """The h of the grid with the least error."""
        return min(GRID, key=lambda h: abs(e) if not math.isnan(e := self.row(method, h).error) else math.inf)

    def _row(self, method: str, h: float) -> Measured:
        if (found := self._filled.get((WAYS[method].method, h))) is not None:
            return found
        try:
            return _rows(self._curve(WAYS[method].method, (h,)))[0]
        except (ArithmeticError, ValueError):  # f has no value where this quotient looks
            return Measured(*[math.nan] * 5)

    def _fill(self, method: Callable[..., Any]) -> None:
        """The whole grid at once, which is quicker; where f has gaps, one by one when asked for."""
        try:
            self._filled.update({(method, h): row for h, row in zip(GRID, _rows(self._curve(method, GRID)), strict=True)})
        except (ArithmeticError, ValueError):
            return

    @property
    def _filled(self) -> dict[Any, Measured]:
        return self.__dict__.setdefault("rows", {})

    def _curve(self, method: Callable[..., Any], steps: Sequence[float]) -> ErrorCurve:
        return error_curve(self._f, *self._at, method=method, steps=steps, wrt=self._wrt)


def _rows(curve: ErrorCurve) -> list[Measured]:
    columns = (curve.approximation, curve.error, curve.truncation, curve.round_off, curve.band)
    return [Measured(*row) for row in zip(*columns, strict=True)]


def design(m: Measurements) -> Design:
    """The lab as data."""
    methods = {name: text(f"lab.fd.{name}") for name in WAYS}
    controls = (
        Slider("h", "h", GRID, 0.5, log=True), Choice("method", text("lab.fd.method"), methods, "forward"),
        Flag("flag", text("lab.fd.flag"), POWERS, log=True),
    )  # fmt: skip
    shown = _picture(m)
    picture = text("lab.fd.above" if shown.above else "lab.fd.secant", function=m.function)
    both, placed = ("h", "method"), ("h", "method", "flag_placed")
    parts = (
        Sentence(placed, lambda **at: _said(m, **at)),
        Sentence(("method", "flag"), lambda **at: _about_the_flag(m, **at), "guess"),
        Plot("secant", picture, Layer((), lambda ax: _curve_of_f(ax, m, shown)), (Layer(both, lambda ax, **at: _secant(ax, m, shown, **at)),)),
        Plot("errors", text("lab.fd.errors"), Layer((), _axes_of_errors), (
            Layer(("flag_placed",), lambda ax, **at: _curves(ax, m, **at)),
            Layer(("flag",), _flag), Layer(placed, lambda ax, **at: _current(ax, m, **at)),
        )),
        Rows("at_h", placed, lambda **at: _table_at_h(m, **at)),
        Rows("table", ("flag_placed",), lambda **at: _table(m, **at)),
    )  # fmt: skip
    return Design("finite_differences", text("lab.fd.title"), controls, parts, still={"h": 1e-3, "flag": 1e-8})


def _said(m: Measurements, h: float, method: str, flag_placed: bool) -> str:
    found = m.row(method, h)
    slots = {"h": number(h), "method": text(f"lab.fd.{method}"), "input": m.name, "quotient": _long(found.quotient)}
    if math.isnan(found.quotient):
        return text("lab.fd.say.none", **slots)
    if not flag_placed:
        return text("lab.fd.say.before", **slots)
    larger = "truncation" if abs(found.truncation) >= abs(found.round_off) else "round_off"
    part = "unknown" if math.isnan(found.truncation) or found.error == 0 else larger
    return text(f"lab.fd.say.{part}", **slots, derivative=_long(m.derivative), error=number(abs(found.error)))


def _long(x: float) -> str:
    """Nine figures: a difference of 10⁻⁸ is to be seen."""
    return number(x) if x == round(x, 3) or not 1e-3 <= abs(x) < 1e6 else f"{x:.9g}".replace("-", "−")


def _about_the_flag(m: Measurements, method: str, flag: float | None) -> str:
    if flag is None:
        return text("lab.fd.guess")
    best, slots = m.best(method), {"flag": number(flag), "method": text(f"lab.fd.{method}")}
    least = m.row(method, best).error
    return text("lab.fd.guessed", **slots, error=number(abs(m.row(method, flag).error)), best=number(best), least=number(abs(least)))


class Picture(NamedTuple):
    """What is drawn of f about x: f itself, or, where that is hardly to be told from its tangent, what f is above it."""

    x: np.ndarray
    y: np.ndarray
    above: bool


def _picture(m: Measurements) -> Picture:
    reach = max(REACH, 1e-9 * abs(m.x))
    x = np.linspace(m.x - reach, m.x + reach, 93)
    y = np.array([m.value(u) for u in x])
    with np.errstate(all="ignore"):
        rest = y - m.tangent(x)
    above = bool(np.isfinite(rest).any() and np.nanmax(np.abs(rest)) < STRAIGHT * np.ptp(y[np.isfinite(y)]))
    return Picture(x, rest if above else y, above)


def _curve_of_f(ax: Any, m: Measurements, shown: Picture) -> None:
    known = shown.y[np.isfinite(shown.y)]
    low, high = (float(np.min(known)), float(np.max(known))) if len(known) else (-1.0, 1.0)
    margin = 0.12 * (high - low) or 1.0
    ax.set(xlim=(shown.x[0], shown.x[-1]), ylim=(low - margin, high + margin))
    ax.plot(shown.x, shown.y, color=ink("neutral"))
    tangent = np.zeros_like(shown.x) if shown.above else m.tangent(shown.x)
    ax.plot(shown.x, tangent, color=ink("muted"), linewidth=1.4, linestyle=(0, (5, 4)))
    label_axes(ax, m.name, text("lab.fd.above.y" if shown.above else "lab.fd.secant.y", function=m.function))


def _secant(ax: Any, m: Measurements, shown: Picture, h: float, method: str) -> None:
    way = WAYS[method]
    ends = np.array([m.x + way.left * h, m.x + way.right * h])
    with np.errstate(all="ignore"):
        y = np.array([m.value(u) for u in ends]) - (m.tangent(ends) if shown.above else 0)
    slope = m.row(method, h).quotient - (m.derivative if shown.above else 0)
    line = np.array(ax.get_xlim())
    ax.plot(line, y[0] + slope * (line - ends[0]), color=ink(way.role), linewidth=2.4)
    ax.plot(ends, y, color=ink(way.role), marker="o", markersize=8, linestyle="none")
    if (way.right - way.left) * h < FLAT:
        ax.text(1, 1.045, text("lab.fd.too_close"), transform=ax.transAxes, color=ink("muted"), ha="right", fontsize=12)


def _axes_of_errors(ax: Any) -> None:
    ax.set(xscale="log", yscale="log", xlim=(5e-17, 2), ylim=(FLOOR / 3, 100))
    label_axes(ax, "h", text("lab.fd.errors.y"))


def _curves(ax: Any, m: Measurements, flag_placed: bool) -> None:
    if not flag_placed:
        ax.text(0.5, 0.5, text("lab.fd.hidden"), transform=ax.transAxes, color=ink("muted"), ha="center")
        return
    for k, (name, way) in enumerate(WAYS.items()):
        errors = [max(abs(e), FLOOR) if not math.isnan(e) else e for e in (m.row(name, h).error for h in GRID)]
        ax.plot(GRID, errors, color=ink(way.role), linewidth=1.4, marker=way.marker, markersize=4)
        ax.text((0.24, 0.49, 0.79)[k], 1.045, f"{'▲▼■'[k]} {text(f'lab.fd.{name}')}", transform=ax.transAxes, color=ink(way.role), fontsize=13)
    truncation = {name: [(h, abs(m.row(name, h).truncation)) for h in GRID] for name in WAYS}
    _guide(ax, truncation["forward"], text("lab.fd.slope", slope=1), 0, "right")
    _guide(ax, truncation["central"], text("lab.fd.slope", slope=2), 0, "left")
    forward = [(h, m.row("forward", h)) for h in GRID if h < 1e-9]
    _guide(ax, [(h, row.band - abs(row.truncation)) for h, row in forward], text("lab.fd.slope", slope="−1"), 0.5, "left")


def _guide(ax: Any, line: list[tuple[float, float]], words: str, where: float, side: str) -> None:
    """A dashed line through what is known, with its slope beside it."""
    known = [(h, y) for h, y in line if y > FLOOR / 3 and not math.isnan(y)]
    if len(known) < 2:
        return
    h, y = zip(*known, strict=True)
    ax.plot(h, y, color=ink("line"), linewidth=1.2, linestyle=(0, (3, 3)))
    k = int(where * len(h))
    ax.text(h[k] * (2 if side == "left" else 0.7), y[k], words, color=ink("text"), fontsize=13, ha=side, va="bottom")


def _flag(ax: Any, flag: float | None) -> None:
    if flag is not None:
        side = "left" if flag < 1e-13 else "right" if flag > 1e-3 else "center"
        ax.plot([flag, flag], [FLOOR / 3, 3], color=ink("error"), linewidth=1.6)
        ax.text(flag, 3, text("lab.fd.your_flag"), color=ink("error"), ha=side, va="bottom", weight="bold", fontsize=13)


def _current(ax: Any, m: Measurements, h: float, method: str, flag_placed: bool) -> None:
    error = m.row(method, h).error
    ax.plot([h, h], [FLOOR / 3, FLOOR], color=ink("text"), linewidth=2)
    if flag_placed and not math.isnan(error):
        ax.plot([h], [max(abs(error), FLOOR)], color=ink("text"), marker="o", markersize=12, markerfacecolor="none", markeredgewidth=2.4)


def _table_at_h(m: Measurements, h: float, method: str, flag_placed: bool) -> Table:
    """The three quotients at this h; their errors only once the guess is made."""
    names = ("method", "quotient", *(("error", "truncation", "round_off") if flag_placed else ()))
    rows = []
    for name in WAYS:
        found = m.row(name, h)
        errors = [_figure(x) for x in (found.error, found.truncation, found.round_off)] if flag_placed else []
        rows.append((text(f"lab.fd.{name}"), _long(found.quotient), *errors))
    columns = tuple(text(f"lab.fd.column.{name}") for name in names)
    return Table(text("lab.fd.at_h", h=number(h)), columns, tuple(rows), list(WAYS).index(method))


def _table(m: Measurements, flag_placed: bool) -> Table | None:
    """|error| for every power of ten: what the curve shows, to be read; the least of each column is marked."""
    if not flag_placed:
        return None
    steps = POWERS[::-1]
    errors = {name: [abs(m.row(name, h).error) for h in steps] for name in WAYS}
    least = {name: min((e for e in errors[name] if not math.isnan(e)), default=0.0) for name in WAYS}
    cells = {name: [Cell(_figure(e), "strong" if e == least[name] else "") for e in errors[name]] for name in WAYS}
    rows: list[tuple[str | Cell, ...]] = [(number(h), *(cells[name][k] for name in WAYS)) for k, h in enumerate(steps)]
    return Table(text("lab.fd.table"), ("h", *(text(f"lab.fd.{name}") for name in WAYS)), tuple(rows))


def _figure(x: float) -> str:
    """Two figures: 1.3×10⁻⁴; "?" where it is not known."""
    return "?" if math.isnan(x) else number(float(f"{x:.1e}"))
