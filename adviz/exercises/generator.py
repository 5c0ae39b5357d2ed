"""`random`: instances made from a text. The same kind, level and seed give the same instance on every machine.

A program is drawn from the grammar {+, −, ·, /, ln, exp, sin, cos, square}: every variable is used, one to three of them several times, and
the point is of integers and halves. An instance is kept if it can be worked by hand and its slips can be told apart (`is_good`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from adviz.answers import DIGITS, right
from adviz.errors import InputError
from adviz.exercises.drawing import Draws
from adviz.exercises.exercise import Exercise, Task
from adviz.exercises.instances import Instance, Program
from adviz.exercises.paths import paths_task, products
from adviz.exercises.tables import cells_of, table_task
from adviz.mutants import MUTANTS, run
from adviz.questions import Question
from adviz.running import kind as kind_of
from adviz.sweeps import Evaluate
from adviz.texts import text
from adviz.timeline import Timeline

VERSION = 1
KINDS = ("values", "forward", "reverse", "paths")
TRIES = 200_000
SMALLEST, LARGEST = 0.05, 99.5  # of an answer; of any number of the table
POINTS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)
ONE, TWO = ("sin", "cos", "log", "exp", "square"), ("multiply", "add", "subtract", "divide")
DEEPEST = 4
MOST_PATHS = 8


class Level(NamedTuple):
    """How large a program is."""

    inputs: tuple[int, ...]
    lines: tuple[int, ...]
    fan_outs: tuple[int, ...]


LEVELS = {
    1: Level((1,), (3,), (1,)),
    2: Level((1, 2), (3, 4), (1,)),
    3: Level((2,), (4, 5), (1, 2)),
    4: Level((2,), (5, 6), (2, 3)),
}


def random(kind: str = "reverse", level: int = 2, seed: str = "") -> Exercise:
    """An instance of your own: seed="ann-2026-w3" gives the same one whenever and wherever it is asked for.

    kind     "values", "forward", "reverse" (a table to fill in) or "paths"
    level    1 to 4

    >>> random("reverse", 2, "ann").id, random("reverse", 2, "ann").result.asked == random("reverse", 2, "ann").result.asked
    ('random-reverse-2', True)
    """
    return Exercise(random_task(kind, level, seed))


def random_task(kind: str, level: int, seed: str) -> Task:
    """The task that this text stands for."""
    if kind not in KINDS:
        raise InputError(text("exercise.random.kind", kind=repr(kind)[:40], kinds=", ".join(KINDS)))
    if level not in LEVELS:
        raise InputError(text("exercise.random.level", level=repr(level)[:40]))
    if not isinstance(seed, str):
        raise InputError(text("exercise.random.seed", kind=kind_of(seed)))
    ident, mode = f"random-{kind}-{level}", "reverse" if kind == "paths" else kind
    data = {"kind": "random", "of": kind, "level": level, "seed": seed}
    made, asked = generated(f"{seed}\n{ident}\n{VERSION}", mode, LEVELS[level], paths=kind == "paths")
    if kind == "paths":
        return paths_task(made, data, DIGITS, id=ident, version=VERSION, seed=seed)
    return table_task(made, data, 0, asked, DIGITS, id=ident, version=VERSION, seed=seed)


def generated(drawn_from: str, mode: str, level: Level, *, paths: bool = False) -> tuple[Instance, list[str]]:
    """The first good instance that the text gives, and the names of the cells that are asked for."""
    draws = Draws(drawn_from)
    for _ in range(TRIES):
        made = drawn(draws, mode, level)
        if made is None:
            continue
        timeline = made.timeline()
        if not in_range(timeline):
            continue
        asked = worth_asking(timeline)
        if (not paths or is_walkable(timeline)) and is_good(timeline, asked):
            return made, [one.name for one in asked]
    raise InputError(text("exercise.random.none"))


def drawn(draws: Draws, mode: str, level: Level) -> Instance | None:
    """A program with a point; None where its graph is not of the wanted kind."""
    n, count, fan_outs = draws.one(level.inputs), draws.one(level.lines), draws.one(level.fan_outs)
    uses, depth = dict.fromkeys(range(1 - n, 1), 0), dict.fromkeys(range(1 - n, 1), 0)
    lines: list[tuple[str, tuple[int | float, ...]]] = []
    for i in range(1, count + 1):
        waiting = [j for j, used in uses.items() if not used]
        row = draws.one(TWO if len(waiting) > count - i or draws.below(2) else ONE)
        operands = [_operand(draws, uses, waiting) for _ in range(2 if row in TWO else 1)]
        if len(set(operands)) < len(operands):
            return None
        for j in operands:
            uses[j] += 1
        uses[i], depth[i] = 0, 1 + max(depth[j] for j in operands)
        lines.append((row, tuple(operands)))
    unused = [j for j, used in uses.items() if not used]
    if unused != [count] or depth[count] > DEEPEST or sum(used > 1 for used in uses.values()) not in (fan_outs, fan_outs + 1):
        return None
    names = ("x",) if n == 1 else tuple(f"x{k}" for k in range(1, n + 1))
    at = tuple(draws.one(POINTS) for _ in range(n))
    seed = None if mode == "values" else (1.0,) if mode == "reverse" else tuple(float(k == 0) for k in range(n))
    return Instance(Program(names, tuple(lines), (count,)), at, mode, seed) if len(set(at)) == n else None


def _operand(draws: Draws, uses: Mapping[int, int], waiting: Sequence[int]) -> int:
    """A variable that was not used yet, two times of three; else any."""
    return draws.one(waiting) if waiting and draws.below(3) else draws.one(list(uses))


def in_range(timeline: Timeline) -> bool:
    """Whether every number of the table can be written with few figures."""
    derivatives = [float(step[-1]) for step in timeline.steps]
    computed = [float(a.value) for a in timeline.trace.assignments]
    return all(math.isfinite(u) and abs(u) <= LARGEST for u in (*derivatives, *computed)) and all(abs(u) >= SMALLEST for u in computed)


def worth_asking(timeline: Timeline) -> list[Question]:
    """The sums over several uses, and what the sweep is for; in Values the functions, at most four."""
    cells = list(cells_of(timeline).values())
    if timeline.mode == "values":
        return [asked for asked in cells if asked.importance >= 2][-4:]
    ends = set(timeline.trace.outputs if timeline.mode == "forward" else timeline.trace.inputs)
    found = [asked for asked in cells if not isinstance(asked.what, Evaluate)]
    return [asked for asked in found if asked.importance == 3 or asked.what.index in ends]


def is_good(timeline: Timeline, asked: Sequence[Question]) -> bool:
    """Whether the answers are worth asking for: of a size, on the screen nowhere else, and no two slips give the same number."""
    if not 1 <= len(asked) <= 4 or (timeline.mode != "values" and max(one.importance for one in asked) < 3):
        return False
    hidden = {one.name for one in asked}
    seen = [one.answer for name, one in cells_of(timeline).items() if name not in hidden] + [float(u) for u in timeline.trace.point]
    if any(abs(one.answer) < SMALLEST or any(right(one.answer, u) or right(u, one.answer) for u in seen) for one in asked):
        return False
    return told_apart(asked)


def told_apart(asked: Sequence[Question]) -> bool:
    """Whether in each of these cells no number of a mutant is taken for the right one, or for one of another mutant."""
    before: dict[str, list[float]] = {one.name: [one.answer] for one in asked}
    for mutant in MUTANTS:
        cells = run(asked[0].timeline, mutant).cells
        given = {one.name: cells.get(one.cell, ()) for one in asked}
        if any(right(u, v) or right(v, u) for name, numbers in given.items() for u in numbers for v in before[name]):
            return False
        for name, numbers in given.items():
            before[name] += numbers
    return True


def is_walkable(timeline: Timeline) -> bool:
    """Whether there are a few paths, and every product is of a size."""
    t = timeline.trace
    ways = dict.fromkeys(t.inputs, 1)
    for a in t.assignments:
        ways[a.index] = sum(ways[j] for _, j in a.active)
    few = 2 <= sum(ways[i] for i in t.outputs) <= MOST_PATHS
    return few and all(SMALLEST <= abs(u) <= LARGEST for u in products(t))
