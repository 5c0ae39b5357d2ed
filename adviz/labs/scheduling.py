"""The lab of checkpoints: a loop is reversed with room for s snapshots; what is not kept is computed again.

The plans are those of `adviz.scale`: drawn over time, counted action by action, and beside them what theory says,
t(l, s) = r l − β(s + 1, r − 1) (Griewank & Walther 2008, section 12.3).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from adviz.labs.controls import Choice, Flag, Slider
from adviz.labs.design import Cell, Design, Layer, Plot, Rows, Sentence, Table
from adviz.labs.drawing import ink, label_axes
from adviz.labs.laboratory import Lab
from adviz.scale.schedule import (
    Advance,
    Free,
    Record,
    Restore,
    Reverse,
    Schedule,
    Snapshot,
    beta,
    binomial,
    minimal_steps,
    recompute_all,
    repetitions,
    store_all,
    uniform,
)
from adviz.texts import text

LENGTHS = (4, 8, 10, 16, 32, 48, 64)
SNAPSHOTS = (2, 3, 4, 6, 8, 16)
GUESSES = (0, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96, 128, 256, 512, 1024, 2048)
PLANS = ("store-all", "uniform", "binomial", "recompute-all")
ROLES = {"binomial": "tangent", "uniform": "adjoint"}
MARKERS = {"binomial": "^", "uniform": "s"}


def checkpoints(*, theme: str | None = None, lang: str | None = None) -> Lab:
    """t(l, s) = r l − β(s + 1, r − 1): a lab that plans the reversal of l steps with s snapshots, and draws it over time."""
    return Lab(design, theme=theme, lang=lang)


class Counted(NamedTuple):
    """A plan, action by action: the steps that are run again, and the most that is held, as snapshots, as records and together."""

    again: int
    snapshots: int
    records: int
    held: int


@cache
def counted(name: str, length: int, snapshots: int) -> Counted:
    """Counted by following the plan.

    >>> counted("uniform", 16, 3), counted("binomial", 16, 3)
    (Counted(again=12, snapshots=3, records=4, held=7), Counted(again=33, snapshots=3, records=1, held=4))
    """
    moments = list(plan(name, length, snapshots).moments())
    held, records = ([len(m.held) for m in moments], [len(m.recorded) for m in moments])
    return Counted(moments[-1].again, max(held), max(records), max(map(sum, zip(held, records, strict=True))))


def plan(name: str, length: int, snapshots: int) -> Schedule:
    """The plan of that name."""
    match name:
        case "store-all":
            return store_all(length)
        case "recompute-all":
            return recompute_all(length)
    return (binomial if name == "binomial" else uniform)(length, snapshots)


class Stroke(NamedTuple):
    """A line of the picture: from state `start` at time t0 to state `stop` at time t1."""

    kind: str  # "again", "record", "reverse", "back" or "held"
    t0: int
    start: int
    t1: int
    stop: int


def strokes(schedule: Schedule) -> Iterator[Stroke]:
    """The plan over time: each step that is run or reversed takes a unit, to go back to a snapshot takes none.

    >>> [s for s in strokes(binomial(2, 1)) if s.kind != "held"]
    [Stroke(kind='again', t0=0, start=0, t1=1, stop=1), Stroke(kind='record', t0=1, start=1, t1=2, stop=2),
     Stroke(kind='reverse', t0=2, start=2, t1=3, stop=1), Stroke(kind='back', t0=3, start=1, t1=3, stop=0),
     Stroke(kind='record', t0=3, start=0, t1=4, stop=1), Stroke(kind='reverse', t0=4, start=1, t1=5, stop=0)]
    """
    t = here = 0
    since: dict[int, tuple[int, int]] = {}
    for action in schedule:
        match action:
            case Snapshot(step, slot):
                since[slot] = (t, step)
            case Free(slot):
                start, step = since.pop(slot)
                yield Stroke("held", start, step, t, step)
            case Restore(step, _):
                yield Stroke("back", t, here, t, step)
                here = step
            case Advance(start, stop):
                yield Stroke("again", t, start, t + stop - start, stop)
                t, here = t + stop - start, stop
            case Record(step):
                yield Stroke("record", t, step, t + 1, step + 1)
                t, here = t + 1, step + 1
            case Reverse(step):
                yield Stroke("reverse", t, step + 1, t + 1, step)
                t, here = t + 1, step


def design() -> Design:
    """The lab as data."""
    names = {name: text(f"lab.checkpoints.{name}") for name in ("binomial", "uniform")}
    controls = (
        Slider("length", text("lab.checkpoints.length"), LENGTHS, 16), Slider("snapshots", text("lab.checkpoints.snapshots"), SNAPSHOTS, 3),
        Choice("name", text("lab.checkpoints.plan"), names, "binomial"), Flag("guess", text("lab.checkpoints.guess"), GUESSES),
    )  # fmt: skip
    whole, shown = ("length", "snapshots", "name"), ("length", "snapshots", "name", "guess_placed")
    parts = (
        Sentence(shown, _said),
        Sentence(("guess",), _about_the_flag, "guess"),
        Plot("schedule", text("lab.checkpoints.picture"), Layer(("length",), _axes_of_time), (Layer(whole, _over_time),)),
        Plot("theory", text("lab.checkpoints.theory"), Layer((), _axes_of_theory), (
            Layer(("length", "guess_placed"), _curves), Layer(("guess_placed",), _hidden), Layer(shown, _current),
        )),
        Rows("plans", shown, _table),
    )  # fmt: skip
    return Design("checkpoints", text("lab.checkpoints.title"), controls, parts, still={"guess": 28})


def _said(length: int, snapshots: int, name: str, guess_placed: bool) -> str:
    slots: dict[str, Any] = {"steps": length, "snapshots": snapshots}
    if not guess_placed:
        return text("lab.checkpoints.say.before", **slots)
    found = counted(name, length, snapshots)
    slots |= {"again": f"{found.again:,}", "held": found.held, "kept": found.snapshots, "records": found.records}
    if name == "uniform":
        return text("lab.checkpoints.say.uniform", **slots, every=plan(name, length, snapshots).every)
    r = repetitions(length, snapshots)
    return text("lab.checkpoints.say.binomial", **slots, r=r, beta=beta(snapshots + 1, r - 1), theory=f"{minimal_steps(length, snapshots):,}")


def _about_the_flag(guess: int | None) -> str:
    return text("lab.checkpoints.ask") if guess is None else text("lab.checkpoints.guessed", guess=f"{guess:,}")


def _axes_of_time(ax: Any, length: int) -> None:
    """As long as the slowest plan of the grid takes, so that plans can be compared by their length."""
    end = 2 * length + minimal_steps(length, SNAPSHOTS[0])
    ax.set(xlim=(0, end), ylim=(0, length * 1.02), yticks=range(0, length + 1, max(1, length // 8)))
    label_axes(ax, text("lab.checkpoints.time"), text("lab.checkpoints.state"))
    for k, (kind, role) in enumerate((("again", "tangent"), ("record", "neutral"), ("reverse", "adjoint"))):
        ax.text((0.12, 0.42, 0.72)[k], 1.045, text(f"lab.checkpoints.{kind}"), transform=ax.transAxes, color=ink(role), fontsize=13)


STYLES = {
    "held": ("muted", 1.2, "-"), "back": ("line", 1.0, (0, (2, 3))), "again": ("tangent", 1.8, "-"), "record": ("neutral", 3.2, "-"),
    "reverse": ("adjoint", 3.2, "-"),
}  # fmt: skip


def _over_time(ax: Any, length: int, snapshots: int, name: str) -> None:
    found = list(strokes(plan(name, length, snapshots)))
    for kind, (role, width, style) in STYLES.items():
        t, y = _line(s for s in found if s.kind == kind)
        ax.plot(t, y, color=ink(role), linewidth=width, linestyle=style, solid_capstyle="butt")
    held = [s for s in found if s.kind == "held"]
    ax.plot([s.t0 for s in held], [s.start for s in held], color=ink("text"), marker="s", markersize=5, linestyle="none")


def _line(found: Iterable[Stroke]) -> tuple[list[float], list[float]]:
    """Strokes as one line with gaps; where one begins at the end of the one before there is no gap."""
    points: list[tuple[float, float]] = []
    for s in found:
        if not points or points[-1] != (s.t0, s.start):
            points += [(math.nan, math.nan), (s.t0, s.start)]
        points.append((s.t1, s.stop))
    return [t for t, _ in points], [y for _, y in points]


def _axes_of_theory(ax: Any) -> None:
    ax.set(yscale="log", xlim=(0.5, SNAPSHOTS[-1] + 0.5), ylim=(1, 3000), xticks=(2, 4, 6, 8, 12, 16))
    label_axes(ax, text("lab.checkpoints.theory.x"), text("lab.checkpoints.theory.y"))


def _hidden(ax: Any, guess_placed: bool) -> None:
    if not guess_placed:
        ax.text(0.5, 0.5, text("lab.checkpoints.hidden"), transform=ax.transAxes, color=ink("muted"), ha="center")
        return
    ax.text(0.98, 0.92, text("lab.checkpoints.curve.binomial"), transform=ax.transAxes, color=ink("tangent"), ha="right", fontsize=13)
    ax.text(0.98, 0.82, text("lab.checkpoints.curve.uniform"), transform=ax.transAxes, color=ink("adjoint"), ha="right", fontsize=13)


def _curves(ax: Any, length: int, guess_placed: bool) -> None:
    if guess_placed:
        budgets = range(1, SNAPSHOTS[-1] + 1)
        for name, role in ROLES.items():
            again = [counted(name, length, s).again for s in budgets]
            known = [(s, n) for s, n in zip(budgets, again, strict=True) if n]
            ax.plot(*zip(*known, strict=True), color=ink(role), marker=MARKERS[name], markersize=5, linewidth=1.4)


def _current(ax: Any, length: int, snapshots: int, name: str, guess_placed: bool) -> None:
    again = counted(name, length, snapshots).again
    if guess_placed and again:
        ax.plot([snapshots], [again], color=ink("text"), marker="o", markersize=12, markerfacecolor="none", markeredgewidth=2.4)


def _table(length: int, snapshots: int, name: str, guess_placed: bool) -> Table | None:
    """Every plan at that budget: what it computes again, and what it holds."""
    if not guess_placed:
        return None
    found = {each: counted(each, length, snapshots) for each in PLANS}
    least = min(c.held for c in found.values())
    rows = tuple(
        (text(f"lab.checkpoints.{each}"), f"{c.again:,}", str(c.snapshots), str(c.records), Cell(str(c.held), "strong" if c.held == least else ""))
        for each, c in found.items()
    )
    columns = tuple(text(f"lab.checkpoints.column.{column}") for column in ("plan", "again", "snapshots", "records", "held"))
    return Table(text("lab.checkpoints.table", steps=length, snapshots=snapshots), columns, rows, PLANS.index(name))
