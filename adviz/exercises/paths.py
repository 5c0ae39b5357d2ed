"""`paths`: ∂y/∂x is the sum over all paths from x to y of the product of the partials along each   (Griewank & Walther 2008, eq. 3.11)"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from adviz.answers import DIGITS
from adviz.errors import BudgetError
from adviz.exercises.exercise import OPEN, Exercise, States, Task
from adviz.exercises.grid import ASKED, GIVEN, Entry, Grid
from adviz.exercises.instances import Instance, instance
from adviz.exercises.items import Item, number_item, of_question
from adviz.exercises.tables import grid
from adviz.questions import questions
from adviz.texts import counted, text
from adviz.timeline import Timeline, values
from adviz.views.quantity import written
from adviz.views.words import Words
from adviz.wengert import Trace

VERSION = 1
MOST = 24  # paths


class Path(NamedTuple):
    """A way from an input to an output: the edges (i, k), the k-th operand of v_i, from the output down."""

    input: int
    edges: tuple[tuple[int, int], ...]


def paths(f: Any, at: Any = None, *, digits: int = DIGITS) -> Exercise:
    """The product of the partials along every path from an input to the output, and their sum for each input.

    BudgetError for a program of many paths.

    >>> paths("x^2 + x", at=3).items[0].name
    'path.v2.v1.v0'
    """
    made = instance(f, at, "reverse", None)
    return Exercise(paths_task(made, {"kind": "paths", **made.as_data(), "digits": digits}, digits))


def paths_task(made: Instance, data: Mapping[str, Any], digits: int, *, id: str = "", version: int = VERSION, seed: str | None = None) -> Task:
    """The task of path products."""
    timeline = made.timeline()
    t = timeline.trace
    found = [path for path in paths_of(t) if path.edges]
    items = [_product(t, path, digits) for path in found]
    sums = {i: _sum(timeline, i, [p for p in found if p.input == i], digits) for i in t.inputs if any(p.input == i for p in found)}
    title = text("exercise.paths", count=counted("exercise.path", len(found)))
    draw = partial(_grids, t, found, sums)
    return Task(id or f"paths-{made.fingerprint}", version, seed, data, title, [*items, *sums.values()], draw)


def paths_of(t: Trace) -> tuple[Path, ...]:
    """Every path from an output down to an input. BudgetError beyond MOST."""
    found: list[Path] = []
    for path in _walked(t, [(i, ()) for i in reversed(t.outputs)]):
        found.append(path)
        if len(found) > MOST:
            raise BudgetError(text("exercise.many_paths", limit=MOST))
    return tuple(sorted(found, key=lambda path: path.input))


def _walked(t: Trace, waiting: list[tuple[int, tuple[tuple[int, int], ...]]]) -> Iterator[Path]:
    while waiting:
        i, edges = waiting.pop()
        if i <= 0:
            yield Path(i, edges)
            continue
        waiting += reversed([(j, (*edges, (i, k))) for k, j in t.assignments[i - 1].active])


def _variables(t: Trace, path: Path) -> list[int]:
    """The variables along a path, the output first."""
    return [*(i for i, _ in path.edges), path.input]


def name_of(t: Trace, path: Path) -> str:
    """ "path.v5.v4.v2.v-1"; which operand it was is told where one line uses a variable twice."""
    steps = []
    for i, k in path.edges:
        twice = sum(j == t.assignments[i - 1].operands[k].index for _, j in t.assignments[i - 1].active) > 1
        steps.append(f"v{i}" + (f"-{k}" if twice else ""))
    return "path." + ".".join([*steps, f"v{path.input}"])


def products(t: Trace) -> list[float]:
    """The product of the partials along each path."""
    return [math.prod(_partials(t, path)) for path in paths_of(t)]


def _partials(t: Trace, path: Path) -> list[float]:
    return [float(t.assignments[i - 1].partials[k]) for i, k in path.edges]


def _product(t: Trace, path: Path, digits: int) -> Item:
    partials = _partials(t, path)
    way = shown(t, path)
    hints = (text("exercise.path.rule"), text("exercise.path.edges", path=way), " · ".join(_in_product(u) for u in partials))
    slips = {"exercise.path.added": math.fsum(partials)} if len(partials) > 1 else {}
    prompt = text("exercise.path.ask", path=way)
    return number_item(name_of(t, path), f"{way}:", prompt, hints, lambda: math.prod(partials), lambda: slips, digits)


def _in_product(u: float) -> str:
    return f"({written(u)})" if u < 0 else written(u)


def _sum(timeline: Timeline, i: int, found: list[Path], digits: int) -> Item:
    """The sum over the paths of one input: its adjoint, with the slips of adjoints."""
    asked = questions(timeline, [f"v{i}.accumulate"])[0]
    t = timeline.trace
    name = t.parameters[t.inputs.index(i)]
    along = [math.prod(_partials(t, path)) for path in found]
    label = text("exercise.path.label", name=name)
    hints = (text("exercise.path.sum_rule"), text("exercise.path.count", name=name, count=counted("exercise.path", len(found))),
             " + ".join([written(along[0]), *map(_in_product, along[1:])]))  # fmt: skip
    return Item(
        f"v{i}.paths", label, text("exercise.path.sum", name=name), hints, of_question(asked, digits).marked,
        lambda: written(asked.answer), lambda: asked.saw,
    )  # fmt: skip


def shown(t: Trace, path: Path) -> str:
    """ "v₅ ← v₄ ← v₂ ← v₋₁" """
    words = Words(t)
    return " ← ".join(str(words.symbol(i)["text"]) for i in _variables(t, path))


def _grids(t: Trace, found: list[Path], sums: Mapping[int, Item], states: States) -> list[Grid]:
    rows = [[Entry(shown(t, path)), _entry(_product(t, path, DIGITS), states)] for path in found]
    rows += [[Entry(item.label), _entry(item, states)] for item in sums.values()]
    along = Grid(text("exercise.paths.caption"), [text("exercise.paths.path"), text("exercise.paths.product")], rows)
    return [grid(values(t), lambda place: GIVEN), along]


def _entry(item: Item, states: States) -> Entry:
    state = states[item.name]
    return Entry("", ASKED) if state == OPEN else Entry(item.answer(), state)
