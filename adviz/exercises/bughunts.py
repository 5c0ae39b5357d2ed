"""`bughunt`: find what is wrong in a text on derivatives. The errors E01 .. E48 were found in published texts; each is named with what is right.

The wrong numbers are computed too: by the mutant whose slip it is, or by the other sweep that was taken for this one. Errors of words, names and
history have nothing to compute; asked for, they say what they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from adviz.answers import DIGITS, right
from adviz.errors import InputError
from adviz.exercises.exercise import OPEN, Exercise, States, Task
from adviz.exercises.grid import ASKED, GIVEN, UNKNOWN, Grid
from adviz.exercises.instances import Instance, instance
from adviz.exercises.items import Item, choice_item, computed_item, number_item, of_question
from adviz.exercises.tables import cell_item, grid, is_final, place_of
from adviz.formulas import formula
from adviz.mutants import Cell, numbers, run
from adviz.questions import Question, Verdict, questions
from adviz.recording import elemental
from adviz.scale import cost
from adviz.series import taylor
from adviz.texts import text
from adviz.timeline import Timeline, forward, reverse
from adviz.views.quantity import written
from adviz.wengert import Ref

VERSION = 1
ERRORS = tuple(f"E{n:02}" for n in range(1, 49))
SINE, RUNNING = "sin(x^2 + x)", "ln(x1) + x1*x2 - sin(x2)"
Wrong = Callable[[Timeline], Sequence[float]]


def F(x1: Any, x2: Any) -> tuple[Any, Any]:
    """F = (x₁x₂, sin x₁)"""
    return x1 * x2, elemental("sin")(x1)


class Hunt(NamedTuple):
    """An error with numbers: cells of a table, and how the printed numbers came about; None where nothing is known that gives them."""

    function: Any
    at: tuple[float, ...]
    mode: str
    seed: Any
    cells: tuple[str, ...]
    mutant: str | None = None
    wrong: Wrong | None = None


def _adjoints(*indices: int) -> Wrong:
    return lambda timeline: [numbers(timeline)[Cell("adjoint", i)] for i in indices]


# fmt: off
HUNTS: dict[str, Hunt] = {
    "E01": Hunt(SINE, (2.0,), "reverse", None, ("v0.accumulate",)),
    "E02": Hunt(SINE, (2.0,), "reverse", None, ("v0.share.v1",), "outer-not-inner"),
    "E03": Hunt(SINE, (2.0,), "reverse", None, ("v0.accumulate",), "overwrite"),
    "E06": Hunt(RUNNING, (2.0, 5.0), "forward", (1.0, 0.0), ("v2.tangent",), "forward-for-reverse"),
    "E07": Hunt(RUNNING, (2.0, 5.0), "forward", (1.0, 0.0), ("v5.tangent",), "both-seeds"),
    "E14": Hunt(RUNNING, (2.0, 5.0), "reverse", None, ("v0.accumulate",), "overwrite"),
    "E15": Hunt(RUNNING, (2.0, 5.0), "forward", (1.0, 0.0), ("v-1.seed",), "wrong-seed"),
    "E20": Hunt(RUNNING, (2.0, 5.0), "forward", (1.0, 0.0), ("v5.tangent",), None, lambda timeline: [timeline.frame(len(timeline)).tangents[3]]),
    "E22": Hunt(RUNNING, (2.0, 5.0), "reverse", None, ("v1.accumulate", "v2.accumulate"), None, _adjoints(-1, 0)),
    "E23": Hunt(F, (2.0, 5.0), "reverse", (3.0, -1.0), ("v-1.accumulate", "v0.accumulate"), None,
                lambda timeline: [float(u) for u in forward(timeline.trace, seed=timeline.seed).result]),
    "E24": Hunt(F, (2.0, 5.0), "forward", (1.0, 0.0), ("v2.tangent",), None,
                lambda timeline: [float(reverse(timeline.trace, seed=(1.0, 0.0)).result[1])]),
    "E25": Hunt(RUNNING, (2.0, 5.0), "reverse", None, ("v0.accumulate",), None, _adjoints(-1)),
}
# fmt: on
PRINTED = {"E01": ("5.6293",)}  # no slip that is known gives it
CHOSEN = {"E02": 3, "E03": 1}  # which of the numbers that a slip may give was printed


def bughunt(error: str) -> Exercise:
    """The error of that number: what the text says, and what is right in its place.

    InputError, with what the error is, for one of words or history that has no number or formula.

    >>> hunt = bughunt("E14")
    >>> hunt.check("2").ok, hunt.check("2 - cos(5)").ok
    (False, True)
    """
    return Exercise(bughunt_task(error))


def bughunt_task(error: str) -> Task:
    """The task of an error."""
    if error not in ERRORS:
        raise InputError(text("bughunt.unknown", error=repr(error)[:40]))
    if error in HUNTS:
        return _hunt(error, HUNTS[error])
    if error not in OTHERS:
        there = ", ".join(name for name in ERRORS if name in HUNTS or name in OTHERS)
        raise InputError(text("bughunt.words", error=error, what=text(f"bughunt.{error}"), errors=there))
    items, grids = OTHERS[error]()
    return _task(error, text(f"bughunt.{error}"), items, lambda states: grids)


def _task(error: str, claim: str, items: Sequence[Item], draw: Callable[[States], Sequence[Grid]]) -> Task:
    title = text("bughunt.title", error=error, claim=claim)
    return Task(f"bughunt-{error}", VERSION, None, {"kind": "bughunt", "error": error}, title, items, draw)


def printed(error: str) -> tuple[float, ...]:
    """The wrong numbers of an error, computed; none where nothing is known that gives them.

    >>> [round(u, 4) for u in printed("E02")]
    [11.522]
    """
    hunt = HUNTS[error]
    timeline = _instance(hunt).timeline()
    if hunt.wrong is not None:
        return tuple(hunt.wrong(timeline))
    if hunt.mutant is None:
        return ()
    return tuple(run(timeline, hunt.mutant).cells[asked.cell][CHOSEN.get(error, 0)] for asked in _asked(timeline, hunt))


def _instance(hunt: Hunt) -> Instance:
    return instance(hunt.function, hunt.at, hunt.mode, hunt.seed)


def _asked(timeline: Timeline, hunt: Hunt) -> list[Question]:
    return [questions(timeline, [name])[0] for name in hunt.cells]


def _hunt(error: str, hunt: Hunt) -> Task:
    timeline = _instance(hunt).timeline()
    asked, wrong = _asked(timeline, hunt), printed(error)
    items = [_not_printed(cell_item(one, DIGITS) if is_final(one) else of_question(one), wrong[n : n + 1]) for n, one in enumerate(asked)]
    shown = {f"wrong{n}": u for n, u in enumerate(PRINTED.get(error) or map(written, wrong))}
    places = {place_of(one): one for one in asked}

    def draw(states: States) -> list[Grid]:
        def state(place: tuple[str, int]) -> str:
            one = places.get(place)
            if one is None:
                return GIVEN
            return {OPEN: ASKED if is_final(one) else UNKNOWN}.get(states[one.name], states[one.name] if is_final(one) else GIVEN)

        return [grid(timeline, state)]

    return _task(error, text(f"bughunt.{error}", **shown), items, draw)


def _not_printed(item: Item, wrong: Sequence[float]) -> Item:
    """The item; the printed number itself is known as such."""

    def marked(given: Any) -> Verdict:
        verdict = item.marked(given)
        if verdict.ok or verdict.slip or verdict.number is None or not any(right(verdict.number, u) for u in wrong):
            return verdict
        return verdict._replace(sentence=text("predict.again", sentence=text("bughunt.printed")))

    return item._replace(marked=marked)


def _traversals() -> tuple[list[Item], list[Grid]]:
    """E05: a forward sweep, or a forward and a backward one."""
    found = cost(formula(SINE), 2.0)
    hints = (text("bughunt.E05.hint"), text("exercise.choose.reverse"), text("bughunt.E05.numbers"))
    ways = {"forward": found["forward"].sweeps, "reverse": 1 + found["reverse"].sweeps}
    return [_count(f"{way}.runs", text("bughunt.E05.label", mode=way), text("bughunt.E05.ask", mode=way), hints, n) for way, n in ways.items()], []


def _sweeps() -> tuple[list[Item], list[Grid]]:
    """E29: m outputs need m reverse sweeps."""
    found = cost(F, 2.0, 5.0)
    sizes = text("exercise.choose.numbers", inputs=found.inputs, outputs=found.outputs)
    hints = (text("exercise.choose.reverse"), text("exercise.choose.sizes"), sizes)
    label, ask = text("exercise.choose.sweeps", mode="reverse"), text("exercise.choose.ask", mode="reverse")
    return [_count("reverse.sweeps", label, ask, hints, found["reverse"].sweeps)], []


def _count(name: str, label: str, prompt: str, hints: Sequence[str], n: int) -> Item:
    return number_item(name, label, prompt, hints, lambda: float(n))


def _line() -> tuple[list[Item], list[Grid]]:
    """E19: the last line of the running example, as a formula of the lines before it."""
    made = instance(RUNNING, (2.0, 5.0), "values")
    t = made.trace()
    last = t.assignments[-1]
    first, second = (u.index for u in last.operands if isinstance(u, Ref))
    names = tuple(f"v{i}" for i in range(1, last.index))

    def verdict(typed: Any) -> tuple[bool, str]:
        if not isinstance(typed, str):
            raise InputError(text("bughunt.formula", names=", ".join(names)))
        g = formula(typed, variables=names)
        trials = [[math.sin(7.0 * k + 3.0 * n) + 2.0 for n in range(len(names))] for k in range(3)]
        ok = all(right(float(g(*values)), values[first - 1] - values[second - 1], 6) for values in trials)
        return ok, text("bughunt.formula.wrong", value=written(float(g(*(float(t.value_of(i)) for i in range(1, last.index))))))

    put_in = text("bughunt.E19.numbers", first=written(t.value_of(first)), second=written(t.value_of(second)))
    hints = (text("bughunt.E19.hint"), text("bughunt.E19.symbols"), put_in)
    item = computed_item("v5", "v₅ =", text("bughunt.E19.ask"), hints, f"v{first} - v{second}", verdict)
    return [item], [grid(made.timeline(), lambda place: UNKNOWN if place == ("value", last.index) else GIVEN)]


def _with_respect_to() -> tuple[list[Item], list[Grid]]:
    """E21: the partial of v₄ that takes its adjoint to v₂."""
    made = instance(RUNNING, (2.0, 5.0), "reverse")
    t = made.trace()
    users = [a for a in t.assignments if any(j == 2 for _, j in a.active)]
    [(_, answer)] = [(k, j) for k, j in users[0].active if j == 2]
    names = [f"v{i}" for i in range(1, users[0].index)]
    hints = (text("bughunt.E21.hint"), text("bughunt.E21.symbols"), text("bughunt.E21.numbers"))
    item = choice_item("partial", text("bughunt.E21.label"), text("bughunt.E21.ask"), hints, names, lambda: [f"v{answer}"])
    return [item], []


def _taylor() -> tuple[list[Item], list[Grid]]:
    """E44: the terms of order 3 and 4 of ln at 1."""
    terms = [float(u) for u in taylor(elemental("log"), 1.0, 4)]
    return [_term(n, terms[n], slip) for n, slip in ((3, 2 * terms[2] / 6), (4, math.factorial(4) ** 2 * terms[4]))], []


def _term(n: int, answer: float, slip: float) -> Item:
    """f⁽ⁿ⁾(1) / n!"""
    derivative = written(math.factorial(n) * answer)
    hints = (text("bughunt.E44.hint"), text("bughunt.E44.symbols", n=n), text("bughunt.E44.numbers", n=n, derivative=derivative))
    label, ask = text("bughunt.E44.label", n=n), text("bughunt.E44.ask", n=n)
    return number_item(f"term{n}", label, ask, hints, lambda: answer, lambda: {"bughunt.printed": slip})


OTHERS: Mapping[str, Callable[[], tuple[list[Item], list[Grid]]]] = {
    "E05": _traversals, "E19": _line, "E21": _with_respect_to, "E29": _sweeps, "E44": _taylor,
}  # fmt: skip
