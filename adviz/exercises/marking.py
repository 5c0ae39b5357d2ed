"""Marking: results are made right or wrong again from what was typed. What a file says about itself is not believed.

A line that cannot be read is told with its file and its number, and the rest is marked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from adviz.answers import LONGEST
from adviz.errors import AdvizError
from adviz.exercises.exercise import Task
from adviz.exercises.items import Item
from adviz.exercises.keys import Key, known_task
from adviz.exercises.results import VERSION
from adviz.languages import said_by
from adviz.texts import text

LONGEST_LINE = 20_000
MOST_LINES = 100_000  # of a file
WANTED: Mapping[str, Any] = {"ex": str, "cell": str, "seed": (str, type(None)), "resp": (str, type(None))}


class Attempt(NamedTuple):
    """A result line that was read, and what it is worth."""

    exercise: str
    seed: str | None
    cell: str
    response: str | None
    ok: bool  # marked again
    slip: str | None
    hint: int
    shown: bool
    changed: bool  # the line said otherwise


class Score(NamedTuple):
    """What one file has of one exercise."""

    file: str
    exercise: str
    seed: str | None
    asked: int
    right: int  # answers that are right before they were shown
    first: int  # at the first try
    tries: int
    hints: int
    shown: int
    changed: int
    slips: tuple[str, ...]


class Problem(NamedTuple):
    """A line that could not be marked."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return text("exercise.problem", file=self.file, line=self.line, reason=self.reason)


class Report(NamedTuple):
    """All scores, and the lines that could not be marked."""

    scores: tuple[Score, ...]
    problems: tuple[Problem, ...]


class Marker:
    """Makes every exercise again, once."""

    def __init__(self, key: Key | None) -> None:
        self.key = key
        self._tasks: dict[tuple[str, str | None], Task | None] = {}

    def task(self, ident: str, seed: str | None) -> Task | None:
        """The exercise of a line; None if it is not known."""
        if (ident, seed) not in self._tasks:
            self._tasks[ident, seed] = self.key.task(ident, seed) if self.key is not None else known_task(ident, seed)
        return self._tasks[ident, seed]

    def attempt(self, line: str) -> Attempt:
        """One line, marked again. ValueError or AdvizError, with the reason, where that cannot be done."""
        if len(line) > LONGEST_LINE:
            raise ValueError(text("exercise.line.long"))
        found = read_line(line)
        task = self.task(found["ex"], found["seed"])
        if task is None:
            raise ValueError(text("exercise.line.unknown", id=repr(found["ex"])[:60]))
        if found.get("exv") != task.version:
            raise ValueError(text("exercise.line.version", id=task.id, version=repr(found.get("exv"))[:20]))
        if task.data["kind"] == "code":
            raise ValueError(text("exercise.line.code"))
        item = next((item for item in task.items if item.name == found["cell"]), None)
        if item is None:
            raise ValueError(text("exercise.line.cell", cell=repr(found["cell"])[:60], id=task.id))
        return _marked(found, item)


def read_line(line: str) -> dict[str, Any]:
    """The object that a line holds, its fields of the right kinds. ValueError for anything else."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError(text("exercise.line.json")) from None
    if not isinstance(found, dict) or found.get("v") != VERSION:
        raise ValueError(text("exercise.line.json"))
    for name, kind in WANTED.items():
        if not isinstance(found.setdefault(name, None), kind):
            raise ValueError(text("exercise.line.field", field=name))
    return found


def _marked(found: Mapping[str, Any], item: Item) -> Attempt:
    typed = found["resp"]
    verdict = None if typed is None else item.marked(typed[:LONGEST])
    ok = verdict is not None and verdict.ok
    hint = found.get("hint")
    return Attempt(
        found["ex"], found["seed"], found["cell"], typed, ok, None if verdict is None else verdict.slip, hint if isinstance(hint, int) else 0,
        found.get("shown") is True, found.get("ok") is not ok,
    )  # fmt: skip


def grade(files: Iterable[str | Path], key: Key | None = None) -> Report:
    """Mark every line of these files again."""
    marker, scores, problems = Marker(key), [], []
    for file in files:
        attempts: dict[tuple[str, str | None], list[Attempt]] = {}
        for n, line in enumerate(_lines(Path(file)), 1):
            if not line.strip():
                continue
            try:
                found = marker.attempt(line)
            except (AdvizError, ValueError) as error:
                problems.append(Problem(str(file), n, said_by(error)))
                continue
            attempts.setdefault((found.exercise, found.seed), []).append(found)
        for (ident, seed), made in attempts.items():
            task = marker.task(ident, seed)
            assert task is not None
            scores.append(score(str(file), task, seed, made))
    return Report(tuple(scores), tuple(problems))


def _lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8", errors="replace", newline="\n") as opened:
        for n, line in enumerate(opened):
            if n >= MOST_LINES:
                return
            yield line


def score(file: str, task: Task, seed: str | None, attempts: list[Attempt]) -> Score:
    """What these attempts are worth. An answer counts until it was shown."""
    cells = {item.name: Cell([a for a in attempts if a.cell == item.name]) for item in task.items}
    slips = tuple(dict.fromkeys(a.slip for a in attempts if a.slip))
    return Score(
        file, task.id, seed, len(cells), sum(c.is_right for c in cells.values()), sum(c.is_first for c in cells.values()),
        sum(len(c.answers) for c in cells.values()), sum(c.hints for c in cells.values()), sum(c.is_shown for c in cells.values()),
        sum(a.changed for a in attempts), slips,
    )  # fmt: skip


class Cell:
    """The attempts at one item."""

    def __init__(self, attempts: list[Attempt]) -> None:
        self.attempts = attempts

    @cached_property
    def answers(self) -> list[Attempt]:
        """What was answered before it was shown."""
        end = next((n for n, a in enumerate(self.attempts) if a.shown), len(self.attempts))
        return [a for a in self.attempts[:end] if a.response is not None]

    @property
    def is_right(self) -> bool:
        """Whether one of the answers is right."""
        return any(a.ok for a in self.answers)

    @property
    def is_first(self) -> bool:
        """Whether the first answer is right."""
        return bool(self.answers) and self.answers[0].ok

    @property
    def is_shown(self) -> bool:
        """Whether it was shown before it was right."""
        return any(a.shown for a in self.attempts) and not self.is_right

    @property
    def hints(self) -> int:
        """How many levels were asked for."""
        return max((a.hint for a in self.attempts), default=0)
