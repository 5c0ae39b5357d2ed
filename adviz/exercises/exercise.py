"""An exercise: what it shows, what it asks, what was answered so far. It works in a cell, without a widget.

>>> from adviz import exercises
>>> t = exercises.table("ln(x1) + x1*x2 - sin(x2)", at=(2, 5), mode="reverse", fade=1)
>>> t.check({"v0.accumulate": "2"}).ok
False
>>> t.check({"v0.accumulate": "2 - cos(5)", "v-1.accumulate": 5.5}).ok
True
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple

from adviz.answers import LONGEST
from adviz.errors import InputError
from adviz.exercises.grid import Grid, framed
from adviz.exercises.items import Item
from adviz.exercises.results import VERSION, Log, release, session
from adviz.questions import Verdict
from adviz.texts import counted, spoken, text

MOST_CODE = 4000  # characters of code in a result line
OPEN, RIGHT, SHOWN = "open", "right", "shown"
States = Mapping[str, str]  # by an item's name


class Task(NamedTuple):
    """An exercise before anybody has done anything with it.

    id, version    in every result line; the same id and version (and seed) ask the same things
    seed           the text that a generated instance was made from
    data           what it is made from again (`keys.py`)
    draw           the tables, given what became of the items
    in_order       one item after the other, as in predict mode: only the first open one can be answered
    """

    id: str
    version: int
    seed: str | None
    data: Mapping[str, Any]
    title: str
    items: Sequence[Item]
    draw: Callable[[States], Sequence[Grid]]
    in_order: bool = False


@dataclass
class Record:
    """What became of one item."""

    state: str = OPEN
    tries: int = 0
    hints: int = 0


class Said(NamedTuple):
    """What is said to one answer, or a hint."""

    name: str
    label: str
    sentence: str
    ok: bool | None = None


class Result(NamedTuple):
    """How far an exercise is: how many of its items are right, were shown; and the state of each by name."""

    right: int
    shown: int
    asked: int
    tries: int
    hints: int
    states: dict[str, str]

    @property
    def done(self) -> bool:
        """Whether nothing is open."""
        return self.right + self.shown == self.asked

    def __str__(self) -> str:
        return text("exercise.result", right=self.right, asked=counted("exercise.items", self.asked), shown=self.shown)


@dataclass(frozen=True)
class Feedback:
    """Verdict, then slip, then where a hint is to be had; one sentence a line."""

    said: tuple[Said, ...]
    after: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether everything that was answered is right."""
        return bool(self.said) and all(one.ok for one in self.said)

    def __repr__(self) -> str:
        return "\n".join([*(f"{one.label} {one.sentence}" for one in self.said), *self.after])

    def _repr_html_(self) -> str:
        lines = [f"<li><strong>{escape(one.label)}</strong> {escape(one.sentence)}</li>" for one in self.said]
        return framed([f"<ul>{''.join(lines)}</ul>" if lines else "", *(f"<p>{escape(line)}</p>" for line in self.after)])


class Exercise:
    """A task and what became of it. Made by the functions of `adviz.exercises`.

    check({"v0.accumulate": "2-cos(5)"})    marks answers; check("5.5") or answer("5.5") that of the first open item
    hint(), hint("v0.accumulate")           one level more: which rule, the rule with symbols, the numbers put in
    show(), show("v0.accumulate")           the answer; it counts as shown, not as right
    result                                  how far it is
    """

    def __init__(self, task: Task, log: Log | None = None) -> None:
        self.task = task
        self.log = session if log is None else log
        self.records = {item.name: Record() for item in task.items}
        self._since = time.monotonic()

    @property
    def id(self) -> str:
        """The name of the exercise in result lines."""
        return self.task.id

    @property
    def version(self) -> int:
        """Grows when the same id would ask something else."""
        return self.task.version

    @property
    def items(self) -> tuple[Item, ...]:
        """What is asked."""
        return tuple(self.task.items)

    @property
    def states(self) -> dict[str, str]:
        """What became of each item."""
        return {name: record.state for name, record in self.records.items()}

    @property
    def result(self) -> Result:
        """How far it is."""
        records = self.records.values()
        count = [record.state for record in records].count
        return Result(count(RIGHT), count(SHOWN), len(records), sum(r.tries for r in records), sum(r.hints for r in records), self.states)

    def check(self, answers: Any = None) -> Feedback:
        """Mark answers by the names of their items; a single one is for the first open item, a list for the open ones in order.

        InputError for a name that is not asked.
        """
        given = answers if isinstance(answers, Mapping) else self._in_order(answers)
        for name in given:
            self._item(name)
        said = tuple(self._take(self._item(name), answer) for name, answer in given.items())
        return Feedback(said, self._after(said))

    answer = check

    def hint(self, name: str | None = None) -> Feedback:
        """One level more. The number is never before the last."""
        item = self._item(name)
        record = self.records[item.name]
        record.hints = min(record.hints + 1, len(item.hints))
        self._write(item, None, None)
        levels = [text("exercise.hint", n=n, count=len(item.hints), hint=hint) for n, hint in enumerate(item.hints[: record.hints], 1)]
        more = text("exercise.show_offer") if record.hints == len(item.hints) else text("exercise.hint_more")
        return Feedback((Said(item.name, item.label, item.prompt),), (*levels, more))

    def show(self, name: str | None = None) -> Feedback:
        """The answer of an item, and what there is to see. It is written down as shown: that is not a wrong answer, and not a right one."""
        item = self._item(name)
        record = self.records[item.name]
        if record.state == OPEN:
            record.state = SHOWN
        self._write(item, None, None)
        return Feedback((Said(item.name, item.label, item.answer()),), (item.saw(), *self._next()))

    def _in_order(self, answers: Any) -> dict[str, Any]:
        """Answers without names, for the open items in order."""
        given = list(answers) if isinstance(answers, list | tuple) else [] if answers is None else [answers]
        names = [name for name, record in self.records.items() if record.state == OPEN]
        if len(given) > len(names):
            raise InputError(text("exercise.too_many", count=len(given), open=len(names)))
        return dict(zip(names, given, strict=False))

    def _item(self, name: str | None) -> Item:
        """The item of that name; the first open one without. InputError where there is none, or where another comes first."""
        opened = [item for item in self.task.items if self.records[item.name].state == OPEN]
        if name is None and not opened:
            raise InputError(text("exercise.all_done"))
        item = opened[0] if name is None else next((item for item in self.task.items if item.name == name), None)
        if item is None:
            raise InputError(text("exercise.no_item", name=repr(name)[:60], names=", ".join(self.records)))
        if self.task.in_order and item in opened[1:]:
            raise InputError(text("exercise.order", name=item.name, first=opened[0].name))
        return item

    def _take(self, item: Item, given: Any) -> Said:
        verdict, record = item.marked(given), self.records[item.name]
        if verdict.number is not None:
            record.tries += 1
        if verdict.ok and record.state == OPEN:
            record.state = RIGHT
        self._write(item, given, verdict)
        return Said(item.name, item.label, verdict.sentence, verdict.ok)

    def _after(self, said: Sequence[Said]) -> tuple[str, ...]:
        """What there was to see, where a hint is to be had, what comes next."""
        wrong = [one.name for one in said if not one.ok]
        saw = [item.saw() for item in self.task.items for one in said if one.ok and one.name == item.name]
        return (*saw, *([text("exercise.hint_offer", name=wrong[0])] if wrong else []), *([] if wrong and self.task.in_order else self._next()))

    def _next(self) -> tuple[str, ...]:
        opened = [item for item in self.task.items if self.records[item.name].state == OPEN]
        if not opened:
            return (str(self.result),)
        if self.task.in_order:
            return (text("exercise.next", prompt=opened[0].prompt, label=opened[0].label),)
        return (text("exercise.open", names=", ".join(item.name for item in opened)),)

    def _write(self, item: Item, given: Any, verdict: Verdict | None) -> None:
        """One line of results."""
        now, record = time.monotonic(), self.records[item.name]
        self.log.lines.append({
            "v": VERSION, "ex": self.task.id, "exv": self.task.version, "seed": self.task.seed, "cell": item.name, "try": record.tries,
            "resp": None if verdict is None else as_typed(given), "ok": verdict is not None and verdict.ok, "tag": verdict and verdict.slip,
            "hint": record.hints, "shown": record.state == SHOWN, "ms": round(1000 * (now - self._since)), "lang": spoken(), "adviz": release(),
        })  # fmt: skip
        self._since = now

    def __repr__(self) -> str:
        return "\n".join([self.task.title, *(grid.as_text() for grid in self.task.draw(self.states)), *self._asked()])

    def _asked(self) -> list[str]:
        """What is still asked, a line each; of items in order the first."""
        opened = [item for item in self.task.items if self.records[item.name].state == OPEN]
        if not opened:
            return [str(self.result)] if self.task.items else []
        return [f"{item.name}: {item.prompt}" for item in (opened[:1] if self.task.in_order else opened)]

    def _repr_html_(self) -> str:
        opened = [item for item in self.task.items if self.records[item.name].state == OPEN]
        asked = [f"<li><code>{escape(i.name)}</code> {escape(i.prompt)}</li>" for i in (opened[:1] if self.task.in_order else opened)]
        told = f"<ul>{''.join(asked)}</ul>" if asked else f"<p>{escape(str(self.result))}</p>" if self.task.items else ""
        return framed([f"<p>{escape(self.task.title)}</p>", *(grid.as_html() for grid in self.task.draw(self.states)), told])


def as_typed(given: Any) -> str:
    """An answer as a result line keeps it; of code the text, as far as Python knows it."""
    if callable(given):
        try:
            return inspect.getsource(given)[:MOST_CODE]
        except (OSError, TypeError):
            return type(given).__name__
    return given.strip()[:LONGEST] if isinstance(given, str) else repr(given)[:LONGEST]
