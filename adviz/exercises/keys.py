"""Keys: what a teacher has set, as data. A key has no answers in it: they are computed from it.

    {"adviz_key": 1, "exercises": [{"kind": "table", "function": "ln(x1) + x1*x2 - sin(x2)", "at": [2, 5], "mode": "reverse", "fade": 2},
                                   {"kind": "random", "of": "reverse", "level": 3}]}

A random exercise without a seed is everybody's own: each learner's instance is made from the seed in the learner's results.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from adviz.answers import DIGITS
from adviz.errors import AdvizError, InputError
from adviz.exercises.bughunts import bughunt_task
from adviz.exercises.choosing import choose_task
from adviz.exercises.coding import code_task
from adviz.exercises.exercise import Exercise, Task
from adviz.exercises.generator import random_task
from adviz.exercises.instances import read_instance
from adviz.exercises.paths import paths_task
from adviz.exercises.results import Log
from adviz.exercises.tables import predict_task, table_task
from adviz.texts import text

FORMAT = 1
LARGEST = 1_000_000  # characters of a key
RANDOM = re.compile(r"random-(values|forward|reverse|paths)-([1-4])")
CODE = re.compile(r"code-([a-z0-9_.]{1,40})")
HUNT = re.compile(r"bughunt-(E\d\d)")


class Key:
    """The exercises that were set. Made by `adviz.exercises.key`, read by `read_key`."""

    def __init__(self, exercises: Iterable[Mapping[str, Any]]) -> None:
        self.exercises = tuple(dict(data) for data in exercises)

    def tasks(self, seeds: Sequence[str] = ()) -> list[Task]:
        """What is asked; of an exercise that is everybody's own, for each of the seeds."""
        found: list[Task] = []
        for data in self.exercises:
            own = data.get("kind") == "random" and data.get("seed") is None
            found += [task_of({**data, "seed": seed}) for seed in seeds] if own else [task_of(data)]
        return found

    def task(self, ident: str, seed: str | None) -> Task | None:
        """What a result line is about; None if it was not set."""
        for data in self.exercises:
            if data.get("kind") != "random":
                task = task_of(data)
                if task.id == ident:
                    return task
            elif ident == f"random-{data.get('of')}-{data.get('level')}" and data.get("seed") in (None, seed):
                return known_task(ident, seed)
        return None

    def save(self, path: str | Path) -> Path:
        """Write the key into a file."""
        file = Path(path)
        lines = ",\n".join(json.dumps(data) for data in self.exercises)
        file.write_text(f'{{"adviz_key": {FORMAT}, "exercises": [\n{lines}\n]}}\n', encoding="utf-8")
        return file

    def __repr__(self) -> str:
        return f"Key({', '.join(str(data.get('kind')) for data in self.exercises)})"


def key(*exercises: Exercise) -> Key:
    """The key of these exercises; `key(t, r).save("week3.json")`.

    >>> from adviz import exercises as ex
    >>> ex.key(ex.table("x^2 + x", at=3), ex.random("reverse", 1, "a"))
    Key(table, random)
    """
    return Key(exercise.task.data for exercise in exercises)


def read_key(path: str | Path) -> Key:
    """The key in a file; "week3" is the file week3.json. InputError for a file that is none, FileNotFoundError where there is none."""
    file = Path(path)
    file = file if file.suffix or file.exists() else file.with_suffix(".json")
    try:
        content = json.loads(file.read_text(encoding="utf-8")[:LARGEST])
        found = content["exercises"]
        if content["adviz_key"] != FORMAT or not isinstance(found, list) or not all(isinstance(data, dict) for data in found):
            raise ValueError("adviz_key")
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise InputError(text("exercise.no_key", file=str(file)[:120], reason=str(error)[:80])) from None
    made = Key(found)
    made.tasks()  # says now what is wrong with it
    return made


def task_of(data: Mapping[str, Any]) -> Task:
    """The task that data stand for. InputError for anything that is none."""
    kind, digits = data.get("kind"), data.get("digits", DIGITS)
    try:
        match kind:
            case "random":
                return random_task(data["of"], data["level"], data["seed"])
            case "bughunt":
                return bughunt_task(data["error"])
            case "code":
                return code_task(data["target"])
        made = read_instance(data)
        complete = {**data, **made.as_data()}
        match kind:
            case "table":
                return table_task(made, complete, data.get("fade", 2), data.get("ask"), digits)
            case "predict":
                return predict_task(made, complete, data.get("ask", "auto"), digits)
            case "paths":
                return paths_task(made, complete, digits)
            case "choose":
                return choose_task(made, complete)
    except AdvizError:
        raise
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise InputError(text("exercise.unreadable", reason=f"{type(error).__name__} {error}"[:80])) from None
    raise InputError(text("exercise.unreadable", reason=repr(kind)[:40]))


def known_task(ident: str, seed: str | None) -> Task | None:
    """The task of an id that says by itself what is asked; None for any other."""
    if match := RANDOM.fullmatch(ident):
        return random_task(match[1], int(match[2]), seed) if isinstance(seed, str) else None
    if match := HUNT.fullmatch(ident):
        return bughunt_task(match[1])
    if match := CODE.fullmatch(ident):
        return code_task(match[1])
    return None


def mark(responses: Mapping[str, Any], id: str, seed: str | None = None, *, key: Key | str | Path | None = None) -> float:
    """The share of an exercise's answers that is right, 0 to 1: for the hidden cells of nbgrader and otter-grader.

    >>> from adviz import exercises as ex
    >>> ex.mark({"v0.accumulate": "2 - cos(5)"}, "bughunt-E14")
    1.0
    """
    found = None
    if key is not None:
        found = (key if isinstance(key, Key) else read_key(key)).task(id, seed)
    else:
        found = known_task(id, seed)
    if found is None:
        raise InputError(text("exercise.not_set", id=repr(id)[:60]))
    exercise = Exercise(found, Log())
    right = [item.marked(responses[item.name]).ok for item in exercise.items if item.name in responses]
    return sum(right) / len(exercise.items) if exercise.items else 1.0
