"""`table`: fill in cells of the textbook's table. `predict`: the same table, one step after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from adviz.answers import DIGITS
from adviz.errors import InputError
from adviz.exercises.exercise import OPEN, Exercise, States, Task
from adviz.exercises.grid import ASKED, GIVEN, RIGHT, SHOWN, UNKNOWN, Entry, Grid
from adviz.exercises.instances import Instance, instance
from adviz.exercises.items import Item, of_question
from adviz.questions import Question, importance, questions
from adviz.sweeps import Accumulate, Contribute, Evaluate, Seed
from adviz.texts import counted, text
from adviz.timeline import Timeline, values
from adviz.views import table as tables
from adviz.views.display import of
from adviz.views.math import lookup_in, plain

VERSION = 1
MOST_FADED = 4
Places = Mapping[tuple[str, int], str]  # ("value" or "derivative", index): the item that asks for this cell


def table(
    f: Any, at: Any = None, mode: str = "reverse", *, fade: int = 2, seed: Any = None, ask: Iterable[str] | None = None, digits: int = DIGITS
) -> Exercise:  # fmt: skip
    """Fill in the table: of the finished table some cells are blank, the fan-outs first.

    f, at   a function (or the text of a formula) and a point, or a Trace
    fade    0 a worked example; 1 the sums over several uses are asked for; 2 and what depends on the point; 3 every derivative;
            4 every value as well, and the rules are not shown
    ask     the names of the cells instead, ["v0.accumulate", "v3.value"]

    >>> table("x^2 + x", at=3, fade=1)
    Fill in the table: 1 cell.
    Reverse adjoint trace of f(x)
      variable  definition  value  adjoint rule                       adjoint
      v₀        x           3      v̄₀ = v̄₂ · 1 + v̄₁ · 2 · v₀^(2 − 1)  ? (asked)
      v₁        v₀²         9      v̄₁ = v̄₂ · 1                        1
      v₂ = y    v₁ + v₀     12     v̄₂                                 1
    v0.accumulate: The last of 2 shares has arrived at v₀. What is v̄₀?
    """
    if fade not in range(MOST_FADED + 1):
        raise InputError(text("exercise.fade", fade=repr(fade)[:40]))
    made = instance(f, at, mode, seed)
    wanted = None if ask is None else list(ask)
    data = {"kind": "table", **made.as_data(), **({"fade": fade} if wanted is None else {"ask": wanted}), "digits": digits}
    return Exercise(table_task(made, data, fade, wanted, digits))


def table_task(made: Instance, data: Mapping[str, Any], fade: int, ask: Sequence[str] | None, digits: int, *, id: str = "", version: int = VERSION,
               seed: str | None = None) -> Task:  # fmt: skip
    """The task of a table."""
    timeline = made.timeline()
    cells = cells_of(timeline)
    asked = faded(timeline, fade) if ask is None else chosen(cells, ask)
    items = [cell_item(asked_one, digits) for asked_one in asked]
    places = {place_of(asked_one): asked_one.name for asked_one in asked}
    what = f"fade{fade}" if ask is None else "cells-" + "-".join(ask)
    ident = id or f"table-{made.mode}-{made.fingerprint}-{what}"
    rules = ask is not None or fade < MOST_FADED

    def draw(states: States) -> list[Grid]:
        return [grid(timeline, lambda place: _state(states, places.get(place)), rules=rules)]

    title = text("exercise.table", count=counted("exercise.cells", len(items))) if items else text("exercise.worked")
    return Task(ident, version, seed, data, title, items, draw)


def cell_item(asked: Question, digits: int) -> Item:
    """The item of a cell. An adjoint of one share is asked for, and explained, as that share."""
    item, n = of_question(asked, digits), asked.step
    if _shares(asked) != 1:
        return item
    share = Question(asked.timeline, n - 1)
    return item._replace(prompt=text("exercise.ask.one_share", label=asked.label), hints=share.hints, saw=lambda: share.saw)


def _shares(asked: Question) -> int:
    """How many shares arrive in an adjoint that began from nothing; 0 for any other cell."""
    if not isinstance(asked.what, Accumulate) or any(isinstance(s, Seed) and s.index == asked.what.index and s.value for s in asked.timeline.steps):
        return 0
    return sum(isinstance(s, Contribute) and s.index == asked.what.index for s in asked.timeline.steps)


def _state(states: States, name: str | None) -> str:
    if name is None:
        return GIVEN
    return {OPEN: ASKED}.get(states[name], states[name])


def cells_of(timeline: Timeline) -> dict[str, Question]:
    """The cells of the finished table that can be asked for, by name: values, then derivatives."""
    whole = values(timeline.trace)
    found = [Question(whole, n, importance(whole, n)) for n in range(1, len(whole.steps) + 1)]
    if timeline.mode != "values":
        found += [Question(timeline, n, weight(timeline, n)) for n in sorted(timeline.last_write.values())]
    return {asked.name: asked for asked in found}


def weight(timeline: Timeline, n: int) -> int:
    """How much there is to learn from the finished cell that step n writes; a sum of one share is worth as much as the share."""
    if isinstance(timeline.steps[n - 1], Accumulate) and isinstance(timeline.steps[n - 2], Contribute):
        return max(importance(timeline, n), importance(timeline, n - 1))
    return importance(timeline, n)


def faded(timeline: Timeline, fade: int) -> list[Question]:
    """The cells that are blank at that level. Where a program has no fan-out, its most telling cell is the first to go."""
    cells = list(cells_of(timeline).values())
    derivatives = [asked for asked in cells if not isinstance(asked.what, Evaluate)] if timeline.mode != "values" else cells
    if fade == 0:
        return []
    if fade < MOST_FADED - 1:
        most = max((asked.importance for asked in derivatives), default=0)
        return [asked for asked in derivatives if asked.importance >= min(4 - fade, most)]
    return cells if fade == MOST_FADED else derivatives


def chosen(cells: Mapping[str, Question], names: Sequence[str]) -> list[Question]:
    """The cells of those names. InputError for one that the table does not have."""
    for name in names:
        if name not in cells:
            raise InputError(text("predict.no_question", name=repr(name)[:60], names=", ".join(cells)[:200]))
    return [asked for name, asked in cells.items() if name in names]


def place_of(asked: Question) -> tuple[str, int]:
    """The column and the variable of a cell."""
    return ("value" if isinstance(asked.what, Evaluate) else "derivative"), asked.what.index


def predict(f: Any, at: Any = None, mode: str = "reverse", *, ask: str | Iterable[str] = "auto", seed: Any = None, digits: int = DIGITS) -> Exercise:
    """Predict: the sweep stops before each decisive step and asks what it will write. `answer("5.5")` answers and goes on.

    ask    "auto" (4 to 6 questions), "all", "fanout" (the sums over several uses), or names of steps, ["v0.share.v3"]
    """
    made = instance(f, at, mode, seed)
    wanted = ask if isinstance(ask, str) else list(ask)
    data = {"kind": "predict", **made.as_data(), "ask": wanted, "digits": digits}
    return Exercise(predict_task(made, data, wanted, digits))


def predict_task(made: Instance, data: Mapping[str, Any], ask: str | list[str], digits: int) -> Task:
    """The task of predict mode."""
    timeline = made.timeline()
    asked = tuple(q for q in questions(timeline, "all") if q.importance == 3) if ask == "fanout" else questions(timeline, ask)
    items = [of_question(one, digits) for one in asked]
    what = ask if isinstance(ask, str) else "-".join(ask)

    def draw(states: States) -> list[Grid]:
        waiting = next((one for one in asked if states[one.name] == OPEN), None)
        return [grid(timeline, _stopped(timeline, waiting, {place_of(one): states[one.name] for one in asked if is_final(one)}))]

    ident = f"predict-{made.mode}-{made.fingerprint}-{what}"
    title = text("exercise.predict", count=counted("exercise.items", len(items)))
    return Task(ident, VERSION, None, data, title, items, draw, in_order=True)


def is_final(asked: Question) -> bool:
    """Whether the step writes what stands in the finished table."""
    return isinstance(asked.what, Evaluate) or asked.timeline.last_write.get(asked.what.index) == asked.step


def _stopped(timeline: Timeline, waiting: Question | None, states: Mapping[tuple[str, int], str]) -> Callable[[tuple[str, int]], str]:
    """What a cell is while a question waits: what the steps before it wrote is known, the rest is not."""
    if waiting is None:
        return lambda place: states.get(place, GIVEN)
    frame = timeline.frame(waiting.step - 1)

    def state(place: tuple[str, int]) -> str:
        column, i = place
        if is_final(waiting) and place == place_of(waiting):
            return ASKED
        if i in (frame.values if column == "value" else frame.final):
            return states.get(place, GIVEN)
        return UNKNOWN

    return state


def grid(timeline: Timeline, state: Callable[[tuple[str, int]], str], *, rules: bool = True) -> Grid:
    """The table of a finished timeline in which each number is seen only if its cell's state lets it."""
    document, mode = of(timeline).document, timeline.mode
    lookup, accent = lookup_in(document, mode), {"forward": "𝑣\u0307", "reverse": "𝑣\u0304"}.get(mode)
    rows = []
    for r in tables.rows(document, mode):
        name = plain(r.symbol, lookup) + (f" = {r.label}" if r.label else "")
        entries = [Entry(name), Entry("" if r.definition is None else plain(r.definition, lookup)), _entry(r.value, state(("value", r.index)))]
        if accent:
            symbol = plain(["msub", ["mi", accent], r.symbol[2]], lookup)
            rule = "" if r.rule is None or not rules else plain(r.rule, lookup)
            entries += [Entry(f"{symbol} = {rule}" if rule and rule != symbol else symbol if r.derivative else "")]
            entries += [_entry(r.derivative, state(("derivative", r.index))) if r.derivative else Entry("")]
        rows.append(entries)
    return Grid(tables.caption(document, mode), tables.headings(mode), rows)


def _entry(written: str, state: str) -> Entry:
    return Entry(written if state in (GIVEN, RIGHT, SHOWN) else "", state)


