"""What is read of a long trace at once is what its assignments and its steps say one by one, bit for bit."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

import adviz
from adviz.generate_sweeps import noting_source
from adviz.ordering import textbook_order
from adviz.views import notes
from adviz.views.columns import written
from adviz.views.document import packed
from adviz.views.kinds import Places
from adviz.views.steps import steps_of
from adviz.views.timelines import _at_once, _one_by_one
from adviz.views.variables import from_assignments, from_lines, position_in, variable_columns
from tests.test_ordering import helper, in_a_file, program
from tests.test_sweeps import ZOO, seeds
from tests.zoo import PROGRAMS


def sometimes(x: Any, y: Any) -> Any:
    """A loop whose statement has two shapes, with calls in it."""
    for n in range(30):
        x = np.sin(x) * y + helper(x) * 0.25 if n % 3 else np.where(x > 0, x * y, 0.5) + np.maximum(x, 0.25)
    return x, y * 2


def straight(seed: int) -> Callable[..., Any]:
    """A function of two numbers that uses what it computed in any order, some of it never."""
    chosen = random.Random(seed)

    def f(x: Any, y: Any) -> Any:
        v = [x, y]
        for _ in range(80):
            a, b = chosen.choice(v[-9:]), chosen.choice(v)
            v.append(chosen.choice([lambda a=a, b=b: a * b, lambda a=a: np.sin(a), lambda a=a: 2.5 - a, lambda a=a: a + a, lambda b=b: b / 3])())
        return v[-1]

    return f


@cache
def traces() -> list[adviz.Trace]:
    """Traces of plain numbers, and some that are not."""
    found = [adviz.trace(f, *point) for f, point in ZOO.values()]
    found += [adviz.trace(p.function, *p.points[0]) for p in PROGRAMS]
    found += [adviz.trace(in_a_file(f"<columns {n}>", program(n), helper=helper), 0.3, 0.7, order=("textbook", "evaluation")[n % 2]) for n in range(20)]
    found += [adviz.trace(straight(n), 0.5, 0.25) for n in range(20)]
    return [*found, adviz.trace(sometimes, 0.5, 0.75, names={"v3": "three", "v0": "why"})]


def plain() -> Iterator[adviz.Trace]:
    """Those whose lines can be read at once."""
    return (t for t in traces() if t.lines is not None)


def as_json(column: Any) -> str:
    return json.dumps(written(np.asarray(column)))


def test_most_traces_of_the_zoo_are_read_at_once() -> None:
    assert sum(1 for _ in plain()) > 0.8 * len(traces())


def test_columns_read_at_once_are_those_of_the_assignments() -> None:
    for t in plain():
        assert t.lines is not None
        one, other = from_assignments(t, Places(t)), from_lines(t, t.lines, Places(t))
        assert one.kinds == other.kinds
        for name in ("kind", "operands", "value", "partials", "constants"):
            assert as_json(getattr(one, name)) == as_json(getattr(other, name)), (name, t)


def test_every_label_and_place_is_that_of_its_assignment() -> None:
    for t in traces():
        found, _ = variable_columns(t, Places(t))
        labels = [None if n < 0 else found["labels"][n] for n in found["variables"]["label"].tolist()]
        assert labels == [t.label_of(i) for i in t.inputs] + [a.label for a in t.assignments]
        places = [None if n < 0 else found["places"][n] for n in found["variables"]["place"].tolist()]
        assert places == [None for _ in t.inputs] + [position_in(t, a.position) for a in t.assignments]


def test_steps_made_at_once_are_those_of_the_sweeps() -> None:
    compared = 0
    for t in plain():
        if t.error is not None:
            continue
        places = Places(t)
        kind = variable_columns(t, places)[1]
        timelines = [adviz.values(t)]
        timelines += [adviz.forward(t, seed=seed) for seed in seeds(len(t.inputs))] + [adviz.reverse(t, seed=seed) for seed in seeds(len(t.outputs))]
        for timeline in timelines:
            steps = steps_of(timeline, kind)
            if steps is None:
                assert t.is_steep
                continue
            one, other = (dict(enumerate(made)) for made in (_one_by_one(timeline, places, kind.tolist()), _at_once(steps, timeline.mode, places)))
            assert json.dumps(written(one)) == json.dumps(written(other))
            assert as_json(steps.number) == as_json([step[-1] for step in timeline.steps])
            assert repr(steps.result) == repr(tuple(map(float, timeline.result)))
            compared += 1
    assert compared > 500


def test_the_order_is_that_of_every_statement_arranged_by_itself() -> None:
    arranged = 0
    for t in plain():
        at_once, by_itself = textbook_order(t._ran), textbook_order(t._ran._replace(lines=None))
        assert (at_once is None) == (by_itself is None)
        assert at_once is None or np.array_equal(at_once, by_itself)
        arranged += at_once is not None
    assert arranged > 20


def test_what_may_be_noted_and_what_is_reached_is_found_at_once() -> None:
    for t in plain():
        assert t.lines is not None
        assert set(notes._that_may_be_noted(t.lines)) == {a.index for a in filter(notes._may_be_noted, t.assignments)}
        if len(t.outputs) == 1:
            assert notes._reached_lines(t, t.lines) & set(t.inputs) == notes._reached(t) & set(t.inputs)


@pytest.mark.parametrize("f, x", [
    (np.sin, np.float32(0.5)), (lambda x: x * np.float32(0.5), 2.0), (lambda x: (x, np.float32(0.1)), 2.0), (np.sum, np.array([1.0, 2.0])), (lambda x: np.sum(x * np.array([1.0, 2.0])), 2.0),
])  # fmt: skip
def test_numbers_of_another_precision_and_arrays_are_read_one_by_one(f: Any, x: Any) -> None:
    t = adviz.trace(f, x)
    assert t.lines is None
    assert len(packed(t)["variables"]["kind"]) == t.size


def test_an_outer_runs_numbers_are_read_one_by_one() -> None:
    seen = []

    def f(x: Any) -> Any:
        inner = adviz.trace(lambda u: u * x + 1.0, 2.0)
        seen.append(inner.lines)
        return x * 2.0

    adviz.derivative(f)(3.0)
    assert seen == [None]


def test_the_generated_sweeps_that_note_numbers_have_no_steps_left_in_them() -> None:
    for sweep in (adviz.forward_sweep, adviz.reverse_sweep):
        assert "yield" not in noting_source(sweep)
        assert "note(" in noting_source(sweep)
