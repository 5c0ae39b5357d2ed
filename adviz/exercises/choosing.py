"""`choose`: which mode is cheaper for all derivatives of f: ℝⁿ → ℝᵐ, and how many sweeps each takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adviz.exercises.exercise import OPEN, Exercise, States, Task
from adviz.exercises.grid import ASKED, Entry, Grid
from adviz.exercises.instances import Instance, instance
from adviz.exercises.items import Item, choice_item, number_item
from adviz.scale import cost
from adviz.scale.costs import Cost
from adviz.texts import text

VERSION = 1
WAYS = ("forward", "reverse")


def choose(f: Any, at: Any = None) -> Exercise:
    """How many sweeps each mode takes for the whole Jacobian, and which needs fewer operations; the costs are counted from the trace.

    >>> exercise = choose("x1*x2 + sin(x3)", at=(1, 2, 3))
    >>> exercise.check({"forward.sweeps": 3, "reverse.sweeps": 1, "mode": "reverse"}).ok
    True
    """
    made = instance(f, at, "values")
    return Exercise(choose_task(made, {"kind": "choose", **made.as_data()}))


def choose_task(made: Instance, data: Mapping[str, Any]) -> Task:
    """The task of choosing."""
    found = cost(made.trace())
    items = [_sweeps(found, mode) for mode in WAYS] + [_mode(found)]
    draw = lambda states: [_grid(found, {item.name: item for item in items}, states)]  # noqa: E731 - a task holds a function
    return Task(f"choose-{made.fingerprint}", VERSION, None, data, text("exercise.choose", function=found.function), items, draw)


def _sweeps(found: Cost, mode: str) -> Item:
    """One sweep for each input, or for each output."""
    own, other = (found.inputs, found.outputs) if mode == "forward" else (found.outputs, found.inputs)
    sizes = text("exercise.choose.numbers", inputs=found.inputs, outputs=found.outputs)
    hints = (text(f"exercise.choose.{mode}"), text("exercise.choose.sizes"), sizes)
    slips = {"exercise.choose.exchanged": float(other)} if own != other else {}
    label, prompt = text("exercise.choose.sweeps", mode=mode), text("exercise.choose.ask", mode=mode)
    return number_item(f"{mode}.sweeps", label, prompt, hints, lambda: float(own), lambda: slips)


def _mode(found: Cost) -> Item:
    """The mode with fewer operations; either, where they need as many."""
    operations = {mode: found[mode].operations for mode in WAYS}
    best = [mode for mode in WAYS if operations[mode] == min(operations.values())]
    hints = (text("exercise.choose.rule"), text("exercise.choose.count"), text("exercise.choose.operations", **operations))
    item = choice_item("mode", text("exercise.choose.mode"), text("exercise.choose.which"), hints, WAYS, lambda: best)
    return item._replace(saw=lambda: text("exercise.choose.operations", **operations))


def _grid(found: Cost, items: Mapping[str, Item], states: States) -> Grid:
    """What is known of the function, and what is asked."""
    sizes = ("inputs", found.inputs), ("outputs", found.outputs), ("lines", found.lines)
    rows = [[Entry(text(f"exercise.choose.{name}")), Entry(str(count))] for name, count in sizes]
    rows += [[Entry(item.label), Entry("", ASKED) if states[name] == OPEN else Entry(item.answer(), states[name])] for name, item in items.items()]
    return Grid(text("exercise.choose.caption", function=found.function), [text("exercise.choose.of"), text("exercise.choose.number")], rows)
