"""The law of the page's evaluator (`static/evaluate.js`, `program.js`, `functions.js`): it computes what Python computes.

Everything but the library's functions is held bit for bit: the JavaScript is given what Python's functions said for the same numbers, so that
whatever differs is the evaluator's own doing. The functions are held to Python's by themselves, to 1 ulp, or, where the C library is further
from the true value than that, to 1 ulp of the true value.
"""

from __future__ import annotations

import itertools
import json
import math
import random
import shutil
import struct
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import adviz
from adviz import recording
from adviz.readings import parse
from adviz.recording import evaluate, plain
from adviz.table import Elementwise, table
from adviz.views.document import default_timelines, document, json_text
from adviz.views.live import FUNCTIONS, missing, why_not_live
from adviz.views.second import Gradient, second_document
from adviz.wengert import Ref
from tests.zoo import PROGRAMS

SCRIPT = Path(__file__).parent / "frontend" / "answering.js"
inf, nan = math.inf, math.nan
SPECIAL = (0.0, -0.0, 1.0, 2.0, -1.0, 0.5, math.inf, -math.inf, math.nan, 3.7, -2.25, 1e-9, 720.0, -1e300)
EXACT = {
    "divide", "remainder", "floor_divide", "abs", "sqrt", "sign", "maximum", "minimum", "fmax", "fmin", "fmod", "copysign", "floor", "ceil",
    "trunc", "rint", "heaviside", "unsigned", "step",
}  # fmt: skip
ROWS = [row for row in table.elementwise() if not missing(row.name)]


def bits(x: float) -> str:
    return "nan" if x != x else struct.pack(">d", x).hex()


def number(text: str) -> float:
    return math.nan if text == "nan" else struct.unpack(">d", bytes.fromhex(text))[0]


Ask = Callable[[Sequence[Any]], list[Any]]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """The page's evaluator in Node."""
    node = shutil.which("node")
    if node is None:
        pytest.fail("node is not installed: the page's evaluator cannot be held to Python's", pytrace=False)
    with subprocess.Popen([node, SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def answers(tasks: Sequence[Any]) -> list[Any]:
            found = []
            for task in tasks:
                process.stdin.write(json.dumps(task) + "\n")
                process.stdin.flush()
                found.append(json.loads(process.stdout.readline()))
            assert not any(isinstance(each, dict) and "error" in each for each in found), found
            return found

        yield answers
        process.stdin.close()


Library = dict[str, dict[str, str]]


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    """What Python's inexact functions say from now on, by name and operands."""
    said: Library = defaultdict(dict)

    def noted(name: str, *operands: float) -> float:
        result = plain(name, *operands)
        if name in FUNCTIONS - EXACT:
            said[name][" ".join(map(bits, operands))] = bits(result)
        return result

    monkeypatch.setattr(recording, "plain", noted)
    return said


def test_the_page_has_the_functions_that_python_counts_on(ask: Ask) -> None:
    assert set(ask([{"names": True}])[0]) == FUNCTIONS


def test_a_row_that_needs_another_function_is_not_live() -> None:
    assert {row.name for row in table.elementwise()} - {row.name for row in ROWS} >= {"erf", "erfc"}
    assert "erf" in why_not_live(adviz.trace(lambda x: adviz.functions.erf(x), 0.5))
    assert missing("sin") == ""


def operands_of(name: str, count: int, few: int = 60) -> Iterator[tuple[float, ...]]:
    """Special points, and points of every size, always the same ones."""
    yield from itertools.product(SPECIAL, repeat=count)
    draw = random.Random(name)
    for _ in range(few):
        yield tuple(draw.choice((-1, 1)) * draw.random() * 10 ** draw.choice((0, 0, 0, 1, 2, 3, -4, 17)) for _ in range(count))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_value_and_partials_of_a_row_are_pythons_bit_for_bit(row: Elementwise, ask: Ask, library: Library) -> None:
    formulas = [parse(row.value), *(parse(p) for p in row.partials if p is not None)]
    tasks, wanted = [], []
    for tree in formulas:
        points = [(*u, *[math.nan] * (2 - len(u)), plain(row.name, *u)) for u in operands_of(row.name, len(row.partials))]
        wanted.append([bits(float(evaluate(tree, a, b, v=v))) for a, b, v in points])
        tasks.append({"tree": tree, "points": [[*map(bits, u)] for u in points]})
    found = ask([task | {"library": library} for task in tasks])
    for tree, task, expected, given in zip(formulas, tasks, wanted, found, strict=True):
        for u, x, y in zip(task["points"], expected, given, strict=True):
            assert x == y, (tree, [number(each) for each in u], number(x), number(y))


COMPOSED = {"logaddexp", "logaddexp2", "logistic", "sech", "sinc", "unit", "power_slope", "power_log", "sinc_slope", "power_2_0", "power_1_1", "power_0_2"}
TRUE: dict[str, Callable[..., Any]] = {
    "cbrt": lambda a: mp.sign(a) * mp.root(abs(a), 3), "sinh": mp.sinh, "cosh": mp.cosh, "log10": mp.log10, "hypot": mp.hypot,
}  # fmt: skip


def ulps(x: float, y: float) -> float:
    """How many numbers lie from x to y; 0 for nan and nan."""
    if x == y or (x != x and y != y):
        return 0
    if not (math.isfinite(x) and math.isfinite(y)):
        return math.inf
    a, b = (struct.unpack(">q", struct.pack(">d", abs(u)))[0] * (1 if u >= 0 else -1) for u in (x, y))
    return abs(a - b)


def true(name: str, u: Sequence[float]) -> float:
    """The true value, rounded; nan where it is not asked for."""
    with mp.workdps(60):
        return float(TRUE[name](*map(mp.mpf, u))) if name in TRUE and all(map(math.isfinite, u)) else math.nan


def function_task(name: str, few: int) -> tuple[list[tuple[float, ...]], dict[str, Any]]:
    """Points of a function, and what to ask of the page about them."""
    points = list(operands_of(name, len(table[name].partials) if name in table else 2, few))
    return points, {"function": name, "operands": [[*map(bits, u)] for u in points]}


def wrong(name: str, points: Sequence[tuple[float, ...]], answers: Sequence[str]) -> list[Any]:
    """Where what the page says is more than 1 ulp from what Python says, and from the true value."""
    far = [(u, x, y) for u, said in zip(points, answers, strict=True) if ulps(x := plain(name, *u), y := number(said)) > 1]
    return [(name, u, x, y) for u, x, y in far if not ulps(y, true(name, u)) <= 1]


LIBRARY = sorted(FUNCTIONS - EXACT - COMPOSED)


@pytest.mark.parametrize("name", LIBRARY)
def test_a_function_is_within_an_ulp_of_pythons_or_of_the_true_value(name: str, ask: Ask) -> None:
    points, task = function_task(name, few=1500)
    assert wrong(name, points, ask([task])[0]) == []


@pytest.mark.parametrize("name", sorted(COMPOSED))
def test_a_function_composed_of_others_is_pythons_bit_for_bit_where_those_are(name: str, ask: Ask) -> None:
    kernels = {"log": np.log} if name in ("power_log", "power_1_1", "power_0_2") else {}
    points = list(operands_of(name, len(table[name].partials), few=500))
    task = {"composed": name, "operands": [[*map(bits, u)] for u in points], "given": defaultdict(dict)}
    answer: dict[str, Any] = {"missing": [None]}
    while answer["missing"]:
        answer = ask([task])[0]
        for function, operands in answer["missing"]:
            with np.errstate(all="ignore"):
                said = float(kernels.get(function, partial(plain, function))(*map(number, operands.split())))
            task["given"][function][operands] = bits(said)
    others = [(u, plain(name, *u), number(y)) for u, y in zip(points, answer["said"], strict=True) if bits(plain(name, *u)) != y]
    assert others == []


# Whole programs: the document of one point, computed anew at another.


def numbers_of(t: adviz.Trace, timelines: dict[str, adviz.Timeline]) -> dict[str, Any]:
    """What a trace and its timelines say, as the evaluator answers it."""

    def bit(x: Any) -> Any:
        return None if x is None else bits(float(x))

    return {
        "values": [bit(t.value_of(i)) for i in (*t.inputs, *(a.index for a in t.assignments))],
        "partials": [bit(p) for a in t.assignments for p in a.partials],
        "steps": {mode: [bit(step[-1]) for step in timeline.steps] for mode, timeline in timelines.items()},
        "results": {mode: [*map(bit, timeline.result)] for mode, timeline in timelines.items()},
    }


def path_of(t: adviz.Trace) -> Any:
    """What another point of the same path has in common."""
    return [(a.row and a.row.name, [u.index for u in a.operands if isinstance(u, Ref)]) for a in t.assignments], [b.outcome for b in t.branches]


def recorded(t: adviz.Trace) -> None:
    """Every formula of the trace is computed once more, for the library to hear what its functions say."""
    for a in t.assignments:
        if isinstance(a.row, Elementwise):
            u = [t.value_of(u.index) if isinstance(u, Ref) else u.value for u in a.operands]
            for formula in (a.row.value, *(p for p in a.row.partials if p is not None)):
                recording.evaluate(parse(formula), *u, v=a.value)


def agrees(traces: Sequence[adviz.Trace], ask: Ask, library: Library, seeds: dict[str, Any] | None = None) -> None:
    """The document of the first trace, computed anew at the points of all of them, says what they say; or that a comparison came out otherwise."""
    first = traces[0]
    content = json_text(document(first))
    tasks, wanted = [], []
    for t in traces:
        recorded(t)
        sweeps = {"forward": adviz.forward, "reverse": adviz.reverse}
        timelines = default_timelines(t) | {mode: sweeps[mode](t, seed=seed) for mode, seed in (seeds or {}).items()}
        given = {mode: [bits(float(u)) for u in timeline.seed or ()] for mode, timeline in timelines.items()}
        wanted.append(numbers_of(t, timelines) if path_of(t) == path_of(first) else None)
        tasks.append({"document": content, "point": [bits(float(x)) for x in t.point], "seeds": given})
    said = ask([task | {"library": library if same else {}} for task, same in zip(tasks, wanted, strict=True)])
    for expected, found in zip(wanted, said, strict=True):
        if expected is None:
            assert "flipped" in found
        else:
            assert found == expected


SCALAR = [program for program in PROGRAMS if "array" not in program.tags]


@pytest.mark.parametrize("program", SCALAR, ids=lambda program: program.name)
def test_a_program_at_another_point_has_pythons_numbers_bit_for_bit(program: Any, ask: Ask, library: Library) -> None:
    traces = [adviz.trace(program.function, *point) for point in program.points[:4]]
    assert [why_not_live(t) for t in traces] == [""] * len(traces)
    agrees(traces, ask, library)


STEEP: list[tuple[Callable[..., Any], list[tuple[float, ...]]]] = [
    (lambda x, y: np.sqrt(x) * y, [(4.0, 2.0), (0.0, 0.0), (0.0, 3.0), (0.0, -1.0), (-1.0, 2.0), (inf, 1.0)]),
    (lambda x: np.sqrt(x * x) + np.sqrt(x), [(1.0,), (0.0,), (-0.0,), (-1.0,), (nan,)]),
    (lambda x: np.sqrt(3.0 * x - x), [(2.0,), (0.0,)]),  # forward alone would add up to inf, reverse to nan
    (lambda x, y: np.sqrt(x * y) * 0.0 + y, [(2.0, 1.0), (0.0, 1.0), (0.0, 0.0)]),
    (lambda x: np.sqrt(x) - np.cbrt(x) + np.log(x), [(8.0,), (0.0,), (inf,)]),
    (lambda x, y: (x / y, np.arctan2(x, y) * x**y), [(1.0, 2.0), (0.0, 0.0), (2.0, 0.0), (0.0, -1.0), (-2.0, 0.5), (inf, inf)]),
    (lambda x, y: np.hypot(x, y) * np.log1p(-x) + (x % y) // 2.0, [(0.5, 2.0), (1.0, 0.0), (0.0, 0.0), (-inf, 1.0), (7.5, -2.0)]),
    (lambda x: 3.0, [(1.0,), (nan,)]),
]  # fmt: skip


@pytest.mark.parametrize("function, points", STEEP)
def test_zero_and_infinity_meet_on_the_page_as_in_python(function: Any, points: Any, ask: Ask, library: Library) -> None:
    agrees([adviz.trace(function, *point) for point in points], ask, library)


def two(x: float, y: float) -> Any:
    return x * y, np.sin(x) + x, x


@pytest.mark.parametrize("seeds", [{"forward": (0.0, 2.0)}, {"forward": (0.0, 0.0)}, {"forward": (-3.0, 0.5), "reverse": (2.0, 0.0, 0.0)}, {"reverse": (-1.0, 0.0, 7.0)}])
def test_other_seeds_of_the_same_steps_have_pythons_numbers(seeds: Any, ask: Ask, library: Library) -> None:
    agrees([adviz.trace(two, 2.0, 5.0), adviz.trace(two, 0.0, -1.0)], ask, library, seeds)


@pytest.mark.parametrize("seed, fits", [((3.0, 0.0, 0.0), True), ((0.0, 1.0, 0.0), False), ((1.0, 1.0, 0.0), False), ((0.0, 0.0, 0.0), False), ((1.0, 0.0, 4.0), True)])
def test_a_seed_that_would_take_other_steps_is_noticed(seed: Any, fits: bool, ask: Ask) -> None:
    t = adviz.trace(two, 2.0, 5.0)
    task = {"document": json_text(document(t)), "point": [*map(bits, t.point)], "seeds": {"forward": [*map(bits, (1.0, 0.0))], "reverse": [*map(bits, seed)]}, "library": {}}
    found = ask([task])[0]["steps"]["reverse"]
    assert (found is not None) == fits == (len(adviz.reverse(t, seed=seed).steps) == len(adviz.reverse(t, seed=(1, 0, 0)).steps))


def regular(t: adviz.Trace) -> bool:
    """Whether every value is a number and every slope finite."""
    return not t.is_steep and not np.isnan([t.value_of(i) for i in (*t.inputs, *(a.index for a in t.assignments))]).any()


def gradient_task(program: Any, here: adviz.Trace, content: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The nested document of one point at the others of its path, and what Python says there."""
    for point in program.points[1:3]:
        there = adviz.trace(program.function, *point)
        if path_of(there) != path_of(here) or not regular(there):
            continue
        swept = default_timelines(there)
        nested = Gradient(program.function, swept["reverse"].seed or ()).traced([float(x) for x in point])
        recorded(nested)
        timelines = default_timelines(nested) | {"forward": adviz.forward(nested, seed=swept["forward"].seed or ())}
        seeds = {mode: [bits(float(u)) for u in timeline.seed or ()] for mode, timeline in timelines.items()}
        yield {"document": content, "point": [bits(float(x)) for x in point], "seeds": seeds}, numbers_of(nested, timelines)


def test_the_gradient_of_every_program_at_another_point_of_its_path_has_pythons_numbers_bit_for_bit(ask: Ask, library: Library) -> None:
    followed = 0
    for program in SCALAR:
        library.clear()
        here = adviz.trace(program.function, *program.points[0])
        if here.size > 40:
            continue
        content = second_document(program.function, here, default_timelines(here)).get("document", {"live": False})
        found = list(gradient_task(program, here, json_text(content))) if content["live"] else []
        assert ask([task | {"library": library} for task, _ in found]) == [wanted for _, wanted in found], program.name
        followed += len(found)
    assert followed >= 40


# What a trace does not say of itself.


def abs_derivative(x: Any) -> Any:
    return adviz.derivative(lambda y: y * y if y > 1.0 else -y)(x)


@pytest.mark.parametrize("function", [
    lambda x: x * adviz.value(x), lambda x: x + adviz.stop_gradient(x * x), lambda x: x if np.isfinite(x) else 0.0, lambda x: x if x == x else 0.0,
    lambda x: x * 2 if x.is_integer() else x, lambda x: adviz.derivative(lambda y: y * adviz.value(y))(x),
])  # fmt: skip
def test_a_function_that_looks_at_a_number_in_another_way_is_not_live(function: Any) -> None:
    assert "adviz.value" in why_not_live(adviz.trace(function, 3.0))


def test_what_an_inner_function_decides_guards_the_outer_trace(ask: Ask, library: Library) -> None:
    traces = [adviz.trace(abs_derivative, x) for x in (3.0, 2.0, 0.5)]
    assert [b.outcome for t in traces for b in t.branches] == [True, True, False]
    agrees(traces, ask, library)


def test_arrays_and_other_precisions_are_not_live() -> None:
    assert "plain numbers" in why_not_live(adviz.trace(lambda x: np.sum(x * x), np.ones(3)))
    assert "plain numbers" in why_not_live(adviz.trace(lambda x: x * x, np.float32(3)))
