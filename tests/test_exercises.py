"""Exercises ask before they tell: answers are computed, slips are named, results can be marked again."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adviz
from adviz import exercises as ex
from adviz.answers import right
from adviz.cli import main
from adviz.errors import AdvizError, BudgetError, InputError, UnsupportedError
from adviz.exercises import bughunts, generator, instances
from adviz.exercises.exercise import Exercise, Feedback
from adviz.exercises.instances import instance, read_instance
from adviz.exercises.keys import task_of
from adviz.exercises.paths import paths_of, products
from adviz.exercises.results import Log
from adviz.exercises.tables import cells_of
from adviz.mutants import MUTANTS, diagnose, run
from adviz.questions import question
from adviz.sweeps import Accumulate
from adviz.table import Elementwise
from adviz.texts import text
from tests.zoo import PROGRAMS, Program

GOLDEN = json.loads((Path(__file__).parent / "fixtures" / "golden.json").read_text(encoding="utf-8"))
RUNNING, SINE = GOLDEN["running"], GOLDEN["sin(x^2+x)@2"]
FORMULA, AT = "ln(x1) + x1*x2 - sin(x2)", tuple(RUNNING["at"])
NUMBERS = [program for program in PROGRAMS if "array" not in program.tags]


def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def typed(answer: str) -> str:
    return answer.replace("−", "-").split(" / ")[0]


KINDS: dict[str, Callable[[], Exercise]] = {
    "table": lambda: ex.table(f, AT), "table of everything": lambda: ex.table(f, AT, "forward", fade=4), "values": lambda: ex.table(f, AT, "values"),
    "predict": lambda: ex.predict(f, AT), "predict all": lambda: ex.predict(f, AT, "forward", ask="all"), "paths": lambda: ex.paths(f, AT),
    "choose": lambda: ex.choose(f, AT), "random": lambda: ex.random("reverse", 2, "a"), "random paths": lambda: ex.random("paths", 1, "a"),
    **{error: partial(ex.bughunt, error) for error in [*bughunts.HUNTS, *bughunts.OTHERS]},
}  # fmt: skip


# the core


@pytest.mark.parametrize("name", KINDS)
def test_its_own_answers_are_right_and_finish_it(name: str) -> None:
    exercise = KINDS[name]()
    for item in exercise.items:
        assert exercise.check({item.name: typed(item.answer())}).ok, item.name
    assert exercise.result.done
    assert exercise.result.right == exercise.result.asked == len(exercise.items) > 0




@pytest.mark.parametrize("name", KINDS)
def test_the_data_of_an_exercise_make_the_same_one_again(name: str) -> None:
    task = KINDS[name]().task
    again = task_of(json.loads(json.dumps(dict(task.data))))
    assert (again.id, again.version, again.seed) == (task.id, task.version, task.seed)
    assert [(i.name, i.answer(), i.prompt) for i in again.items] == [(i.name, i.answer(), i.prompt) for i in task.items]


@pytest.mark.parametrize("name", KINDS)
def test_no_open_answer_stands_before_the_last_hint(name: str) -> None:
    """Neither in what is shown of the cell, nor in what is said to a wrong answer."""
    exercise = KINDS[name]()
    for item in exercise.items:
        said = exercise.items[0].marked("12345.678").sentence
        assert item.answer() not in said.split()
        assert all(f"= {item.answer()}" not in hint for hint in item.hints[:2]), item.name


def test_names_and_ids_are_stable() -> None:
    """They stand in files that learners keep."""
    t = ex.table(f, AT, fade=3)
    assert t.id == ex.table(FORMULA, AT, fade=3).id == "table-reverse-a5a643af-fade3"
    assert [item.name for item in t.items] == [
        "v5.seed", "v4.accumulate", "v3.accumulate", "v1.accumulate", "v2.accumulate", "v0.accumulate", "v-1.accumulate"
    ]  # fmt: skip
    assert ex.random("reverse", 3, "ann-2026-w3").id == "random-reverse-3"


def test_a_fan_out_fades_first() -> None:
    asked = [len(ex.table(f, AT, fade=n).items) for n in range(5)]
    assert asked == sorted(asked)
    assert asked[0] == 0
    assert {item.name for item in ex.table(f, AT, fade=1).items} == {"v0.accumulate", "v-1.accumulate"}
    assert asked[4] == len(cells_of(adviz.reverse(f, *AT)))
    assert ex.table("sin(x)", 1.0, fade=1).items, "a program without a fan-out asks for something as well"


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("fade", range(5))
def test_a_cell_that_is_asked_for_is_a_hatched_question_mark_with_its_word(mode: str, fade: int) -> None:
    t = ex.table(f, AT, mode, fade=fade)
    assert str(t).count("? (asked)") == len(t.items) == t._repr_html_().count('<span class="adviz-hatched">?</span> <small>asked</small>')
    numbers = len([cell for row in t.task.draw(t.states)[0].rows for cell in row if cell.state == "given"])
    assert numbers == 5 * 7 - len(t.items)


def test_predict_knows_nothing_of_the_steps_that_follow() -> None:
    q = ex.predict(f, AT, ask=["v0.share.v3", "v0.accumulate"])
    assert "unknown" in str(q)
    assert "1.716" not in str(q)
    with pytest.raises(InputError, match="comes later"):
        q.check({"v0.accumulate": "2-cos(5)"})
    assert q.answer("-cos 5").ok
    assert "1.716" not in str(q)
    assert q.answer("2-cos(5)").ok
    assert "1.716 (right)" in str(q)


def test_a_verdict_comes_before_the_slip_and_the_slip_before_the_hint() -> None:
    t = ex.table(f, AT)
    said = t.check({"v0.accumulate": str(RUNNING["paths_x2"]["v5>v3>v0"])})
    assert repr(said).splitlines()[0] == "v̄₀ = " + text("predict.again", sentence=text("mutant.overwrite"))
    assert "hint(" in repr(said).splitlines()[1]
    hints = [repr(t.hint("v0.accumulate")) for _ in range(3)]
    assert [hint.count("Hint ") for hint in hints] == [1, 2, 3]
    assert "-0.2837" in hints[2].replace("−", "-")


def test_what_was_shown_is_neither_right_nor_wrong() -> None:
    t = ex.table(f, AT, fade=1)
    t.show("v0.accumulate")
    t.check({"v0.accumulate": "2-cos(5)"})
    assert (t.result.right, t.result.shown, t.result.states["v0.accumulate"]) == (0, 1, "shown")
    last = ex.results()[-1]
    assert (last["shown"], last["ok"]) == (True, True)
    assert "1.716 (shown)" in str(t)


def test_a_result_line_has_what_was_typed_and_no_points() -> None:
    t = ex.table(f, AT, fade=1)
    t.hint("v0.accumulate")
    t.check({"v0.accumulate": " 2-cos(5) "})
    line = ex.results()[-1]
    assert list(line) == ["v", "ex", "exv", "seed", "cell", "try", "resp", "ok", "tag", "hint", "shown", "ms", "lang", "adviz"]
    assert (line["resp"], line["try"], line["hint"], line["ok"], line["tag"], line["adviz"]) == ("2-cos(5)", 1, 1, True, None, adviz.__version__)


def test_results_that_are_saved_twice_are_kept_once(tmp_path: Path) -> None:
    (tmp_path / "week.jsonl").write_text('{"v": 1, "ex": "from last week"}\n', encoding="utf-8")
    ex.table(f, AT).check({"v0.accumulate": "\ud800 中文"})
    for _ in range(2):
        ex.results().save(tmp_path / "week.jsonl")
    lines = (tmp_path / "week.jsonl").read_text(encoding="ascii").splitlines()
    assert len(lines) == len(ex.results()) + 1
    assert lines[0] == '{"v": 1, "ex": "from last week"}'
    assert json.loads(lines[-1])["resp"] == "\ud800 中文"


@pytest.mark.parametrize("program", NUMBERS, ids=lambda program: program.name)
def test_a_program_is_made_again_from_its_data_line_by_line(program: Program) -> None:
    """Or refused: arrays, and what is longer than anybody fills in."""
    t = adviz.trace(program.function, *program.points[0])
    try:
        made = instance(t, None, "values")
    except UnsupportedError:
        assert len(t.assignments) > instances.LONGEST or any(not isinstance(a.row, Elementwise) for a in t.assignments)
        return
    assert read_instance(json.loads(json.dumps(made.as_data()))) == made
    assert [(a.row.name, a.operands, a.value) for a in made.trace().assignments] == [(a.row.name, a.operands, a.value) for a in t.assignments]


@pytest.mark.parametrize(
    "make",
    [lambda: ex.table(f, AT, "sideways"), lambda: ex.table(f, AT, fade=9), lambda: ex.table(f), lambda: ex.table("x +", 1), lambda: ex.table(f, AT, ask=["v9.value"]),
     lambda: ex.predict(f, AT, ask="some"), lambda: ex.table(lambda x: x * np.ones(3), 1.0), lambda: ex.random("sideways"), lambda: ex.random(level=7),
     lambda: ex.random(seed=3), lambda: ex.bughunt("E99"), lambda: ex.code("nothing"), lambda: ex.code("nothing.backward"), lambda: ex.table(f, AT).check({"v9": "1"}),
     lambda: ex.table(f, AT).check(["1"] * 9), lambda: ex.table(f, AT).hint("v9"), lambda: ex.mark({}, "nothing"), lambda: task_of({"kind": "table", "program": 3}),
     lambda: task_of({"kind": "table", "function": "x", "at": 1, "fade": "much"}), lambda: task_of({"kind": "random", "of": "reverse"})],
)  # fmt: skip
def test_what_is_no_exercise_is_refused_in_one_sentence(make: Any) -> None:
    with pytest.raises(AdvizError) as refused:
        make()
    assert len(str(refused.value)) < 400


# any text at all is an answer that is right, wrong, or none


@settings(max_examples=40, deadline=None)
@given(st.one_of(st.text(max_size=60), st.integers(), st.floats(), st.none(), st.binary(), st.lists(st.text())))
def test_any_answer_is_taken_in(given_answer: Any) -> None:
    t = ex.table(f, AT, fade=1)
    said = t.check({"v0.accumulate": given_answer})
    assert isinstance(said.ok, bool)
    assert "<script" not in said._repr_html_().replace("&lt;script", "")
    json.dumps(ex.results()[-1])


HOSTILE = ["<script>alert(1)</script>", "__import__('os')", "1" * 10_000, "((((" * 1000, "\x00", "\u202e5.5", "9**9**9**9", "nan", "inf", "-inf", "5,5", "１．７１６", "x1"]


@pytest.mark.parametrize("answer", HOSTILE)
def test_a_hostile_answer_is_told_and_escaped(answer: str) -> None:
    t = ex.table(f, AT, fade=1)
    said = t.check({"v0.accumulate": answer})
    assert said.ok == (answer == "１．７１６")
    assert "<script>" not in said._repr_html_()
    assert len(repr(said)) < 1500


def test_an_answer_that_is_no_number_is_no_try() -> None:
    t = ex.table(f, AT, fade=1)
    for answer in ("", "5,5", "what?", None, 10**400):
        t.check({"v0.accumulate": answer})
    assert t.result.tries == 0


# the slips of the curriculum, each named on its example

SLIPS = [
    ("overwrite", "reverse", None, "v0.accumulate", RUNNING["paths_x2"]["v5>v3>v0"]),
    ("overwrite", "reverse", None, "v-1.accumulate", RUNNING["paths_x1"]["v5>v4>v1>v-1"]),
    ("minus", "reverse", None, "v0.accumulate", RUNNING["paths_x2"]["v5>v4>v2>v0"] - RUNNING["paths_x2"]["v5>v3>v0"]),
    ("swap", "reverse", None, "v-1.accumulate", RUNNING["at"][0] + RUNNING["paths_x1"]["v5>v4>v1>v-1"]),
    ("swap", "reverse", None, "v0.accumulate", RUNNING["at"][1] + RUNNING["paths_x2"]["v5>v3>v0"]),
    ("log10", "values", None, "v1.value", math.log10(RUNNING["at"][0])),
    ("degrees", "values", None, "v3.value", math.sin(math.radians(RUNNING["at"][1]))),
    ("wrong-seed", "forward", (1, 0), "v5.tangent", RUNNING["tangent_x2"]["v5"]),
    ("both-seeds", "forward", (1, 0), "v5.tangent", RUNNING["tangent_x1"]["v5"] + RUNNING["tangent_x2"]["v5"]),
    ("forward-for-reverse", "reverse", None, "v2.accumulate", RUNNING["tangent_x1"]["v2"]),
]


@pytest.mark.parametrize("slip, mode, seed, cell, number", SLIPS, ids=[f"{s[0]}-{s[3]}" for s in SLIPS])
def test_each_misconception_is_named_on_the_running_example(slip: str, mode: str, seed: Any, cell: str, number: float) -> None:
    t = ex.table(f, AT, mode, seed=seed, ask=[cell])
    assert not t.check({cell: f"{number:.4f}"}).ok
    assert ex.results()[-1]["tag"] == slip


@pytest.mark.parametrize("slip, formula, cell, number", [
    ("outer-not-inner", "sin(x^2 + x)", "v0.accumulate", SINE["seed004_formula_total"]),
    ("no-chain", "sin(x^2 + 1)", "v0.accumulate", math.cos(GOLDEN["sin(x^2+1)@2"]["w"][2])),
])  # fmt: skip
def test_the_two_that_need_another_example(slip: str, formula: str, cell: str, number: float) -> None:
    t = ex.table(formula, 2.0, ask=[cell])
    t.check({cell: number})
    assert slip in diagnose(adviz.reverse(adviz.formula(formula), 2.0), question(adviz.reverse(adviz.formula(formula), 2.0), cell).cell, number)
    assert ex.results()[-1]["tag"] is not None


# paths, modes


def test_path_products_add_up_to_the_adjoint() -> None:
    t = adviz.trace(f, *AT)
    for i, x_bar in zip(t.inputs, adviz.reverse(t).result, strict=True):
        assert sum(u for u, path in zip(products(t), paths_of(t), strict=True) if path.input == i) == pytest.approx(x_bar)
    p = ex.paths(f, AT)
    assert {item.name.removeprefix("path.").replace(".", ">") for item in p.items if item.name.startswith("path")} == {*RUNNING["paths_x1"], *RUNNING["paths_x2"]}
    for name, product in {**RUNNING["paths_x1"], **RUNNING["paths_x2"]}.items():
        assert p.check({"path." + name.replace(">", "."): product}).ok


def test_the_two_uses_of_one_line_are_two_paths() -> None:
    p = ex.paths(lambda x: x * x, 3.0)
    assert [item.name for item in p.items] == ["path.v1-0.v0", "path.v1-1.v0", "v0.paths"]
    assert p.check(["3", "3", "6"]).ok


def test_too_many_paths_are_refused() -> None:
    def many(x: Any) -> Any:
        for _ in range(12):
            x = x * x
        return x

    with pytest.raises(BudgetError):
        ex.paths(many, 1.0)


@pytest.mark.parametrize("inputs, outputs", [(1, 4), (5, 1), (2, 2), (3, 2)])
def test_the_cheaper_mode_is_counted_not_guessed(inputs: int, outputs: int) -> None:
    def g(*x: Any) -> Any:
        return tuple(sum(u * (k + 2) for u in x) * x[0] for k in range(outputs))

    at = tuple(1.0 + k for k in range(inputs))
    c, counted = ex.choose(g, at), adviz.scale.cost(g, *at)
    cheaper = min(("forward", "reverse"), key=lambda mode: counted[mode].operations)
    assert c.check({"forward.sweeps": inputs, "reverse.sweeps": outputs, "mode": cheaper}).ok
    assert not ex.choose(g, at).check({"mode": "sideways"}).ok


# random instances


def is_sound(kind: str, level: int, seed: str) -> None:
    """What every generated instance has to be."""
    made = ex.random(kind, level, seed)
    mode = "reverse" if kind == "paths" else kind
    program, names = generator.generated(f"{seed}\nrandom-{kind}-{level}\n{generator.VERSION}", mode, generator.LEVELS[level], paths=kind == "paths")
    timeline = program.timeline()
    t = timeline.trace
    assert all(2 * u == int(2 * u) for u in program.point), "integers and halves"
    uses = {i: sum(j == i for a in t.assignments for _, j in a.active) for i in (*t.inputs, *(a.index for a in t.assignments))}
    assert all(uses[i] for i in uses if i not in t.outputs), "every variable is used"
    assert 1 <= sum(count > 1 for count in uses.values()) <= 4, "one to three fan-outs, or four"
    mutated = {mutant: run(timeline, mutant).cells for mutant in MUTANTS}
    seen = [one.answer for name, one in cells_of(timeline).items() if name not in names] + list(program.point)
    for name in names:
        asked = cells_of(timeline)[name]
        assert abs(asked.answer) >= generator.SMALLEST
        assert not any(right(u, asked.answer) for u in seen), "the answer stands on the screen already"
        slips = {mutant: cells.get(asked.cell, ()) for mutant, cells in mutated.items()}
        numbers = [(mutant, u) for mutant, given_numbers in slips.items() for u in given_numbers]
        assert not any(right(u, asked.answer) for _, u in numbers), "a slip gives the right number"
        assert not any(a != b and right(u, v) for a, u in numbers for b, v in numbers), "two slips give this number"
    for item in made.items:
        assert made.check({item.name: typed(item.answer())}).ok
        assert abs(float(typed(item.answer()))) >= generator.SMALLEST
    assert made.result.right == len(made.items) > 0


@pytest.mark.parametrize("kind", generator.KINDS)
def test_random_instances_are_valid_distinguishable_and_answerable(kind: str) -> None:
    for n in range(25):
        is_sound(kind, 1 + n % 5 // 2, f"quick-{n}")


def twenty_are_sound(kind: str, first: int) -> None:
    for n in range(first, first + 20):
        is_sound(kind, 1 + n % 4, f"long-{n}")


@pytest.mark.long
def test_a_thousand_random_instances_of_every_kind_are_valid_distinguishable_and_answerable() -> None:
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for checked in [pool.submit(twenty_are_sound, kind, first) for kind in generator.KINDS for first in range(0, 1000, 20)]:
            checked.result()


def test_a_seed_gives_the_same_instance_in_another_process() -> None:
    """And on every other machine: this one was written down."""
    asked = "from adviz import exercises as ex; import json; print(json.dumps([ex.random(k, 2, 'ann-2026-w3')._repr_html_() for k in ('values', 'reverse')]))"
    told = [subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, env={"PYTHONHASHSEED": n, "PYTHONPATH": "."}, cwd=Path(__file__).parents[1]) for n in "12"]
    assert told[0].returncode == 0, told[0].stderr
    assert told[0].stdout == told[1].stdout
    assert json.loads(told[0].stdout) == [ex.random(kind, 2, "ann-2026-w3")._repr_html_() for kind in ("values", "reverse")]


def test_different_seeds_give_different_instances() -> None:
    assert len({repr(ex.random("reverse", 2, f"seed {n}")) for n in range(12)}) >= 11


# the errors of published texts

WITH_NUMBERS = [*bughunts.HUNTS, *bughunts.OTHERS]
PRINTED_BY_MUTANTS = {
    "E02": [2 * SINE["u"] * SINE["ubar"]], "E03": [SINE["xbar_square"]], "E06": [RUNNING["adjoint"]["v2"]],
    "E07": [RUNNING["tangent_x1"]["v5"] + RUNNING["tangent_x2"]["v5"]], "E14": [RUNNING["paths_x2"]["v5>v3>v0"]], "E15": [RUNNING["tangent_x2"]["v-1"]],
    "E22": [RUNNING["adjoint"]["v-1"], RUNNING["adjoint"]["v0"]], "E25": [RUNNING["adjoint"]["v-1"]],
}  # fmt: skip


@pytest.mark.parametrize("error", PRINTED_BY_MUTANTS)
def test_the_wrong_number_of_a_text_is_reproduced(error: str) -> None:
    assert bughunts.printed(error) == pytest.approx(PRINTED_BY_MUTANTS[error], abs=1e-6)
    hunt = bughunts.HUNTS[error]
    exercise = ex.bughunt(error)
    for item, wrong in zip(exercise.items, bughunts.printed(error), strict=True):
        assert not item.marked(wrong).ok
        if hunt.mutant:
            timeline = bughunts._instance(hunt).timeline()
            assert hunt.mutant in diagnose(timeline, question(timeline, item.name).cell, wrong)


def test_the_right_numbers_of_the_hunts_are_those_of_the_curriculum() -> None:
    assert ex.bughunt("E01").check(SINE["xbar"]).ok
    assert ex.bughunt("E02").check(SINE["xbar_square"]).ok
    assert ex.bughunt("E03").check(SINE["xbar"]).ok
    assert ex.bughunt("E14").check(RUNNING["adjoint"]["v0"]).ok
    assert ex.bughunt("E20").check(RUNNING["tangent_x1"]["v5"]).ok
    assert ex.bughunt("E22").check([RUNNING["adjoint"]["v1"], RUNNING["adjoint"]["v2"]]).ok
    assert ex.bughunt("E19").check("-v3 + v4").ok
    assert not ex.bughunt("E19").check("v1 + v2").ok
    assert not ex.bughunt("E19").check("10.693 + 0.959").ok
    assert ex.bughunt("E44").check(["1/3", "-1/4"]).ok


@pytest.mark.parametrize("error", [e for e in bughunts.ERRORS if e not in WITH_NUMBERS])
def test_an_error_without_a_number_says_what_it_is(error: str) -> None:
    with pytest.raises(InputError) as refused:
        ex.bughunt(error)
    assert str(refused.value).startswith(f"{error} has no number or formula to find. It ")


# code


def reverse_sweep(t: Any, y_bar: Any) -> list[float]:
    bar = dict.fromkeys((*t.inputs, *(a.index for a in t.assignments)), 0.0)
    for i, u in zip(t.outputs, y_bar):
        bar[i] += u
    for a in reversed(t.assignments):
        for k, j in a.active:
            bar[j] += bar[a.index] * a.partials[k]
    return [bar[i] for i in t.inputs]


def overwriting(t: Any, y_bar: Any) -> list[float]:
    bar = dict.fromkeys((*t.inputs, *(a.index for a in t.assignments)), 0.0) | dict(zip(t.outputs, y_bar))
    for a in reversed(t.assignments):
        for k, j in a.active:
            bar[j] = bar[a.index] * a.partials[k]
    return [bar[i] for i in t.inputs]


def forward_sweep(t: Any, x_dot: Any) -> list[float]:
    dot = dict(zip(t.inputs, x_dot))
    for a in t.assignments:
        dot[a.index] = sum(dot[j] * a.partials[k] for k, j in a.active)
    return [dot[i] for i in t.outputs]


class Dual:
    def __init__(self, value: float, tangent: float = 0.0) -> None:
        self.value, self.tangent = value, tangent

    @staticmethod
    def of(u: Any) -> Any:
        return u if isinstance(u, Dual) else Dual(float(u)) if isinstance(u, int | float) else None

    def __add__(self, other: Any) -> Any:
        o = self.of(other)
        return NotImplemented if o is None else Dual(self.value + o.value, self.tangent + o.tangent)

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        o = self.of(other)
        return NotImplemented if o is None else Dual(self.value * o.value, self.tangent * o.value + self.value * o.tangent)

    __rmul__ = __mul__

    def __sub__(self, other: Any) -> Any:
        o = self.of(other)
        return NotImplemented if o is None else Dual(self.value - o.value, self.tangent - o.tangent)

    def __rsub__(self, other: Any) -> Any:
        return Dual(float(other)) - self

    def __truediv__(self, other: Any) -> Any:
        o = self.of(other)
        return NotImplemented if o is None else Dual(self.value / o.value, (self.tangent - self.value / o.value * o.tangent) / o.value)

    def __rtruediv__(self, other: Any) -> Any:
        return Dual(float(other)) / self


class OneSided(Dual):
    """Without reflected operands."""

    def __rsub__(self, other: Any) -> Any:
        return self - other


class Raising(Dual):
    """E46: the exception where NotImplemented belongs."""

    def __add__(self, other: Any) -> Any:
        return NotImplementedError if self.of(other) is None else super().__add__(other)


CODE = [
    ("mul.backward", lambda v_bar, a, b: (v_bar * b, v_bar * a), lambda v_bar, a, b: (v_bar * a, v_bar * b)),
    ("div.backward", lambda v_bar, a, b: (v_bar / b, -v_bar * a / b**2), lambda v_bar, a, b: (v_bar / b, v_bar * a / b**2)),
    ("sub.backward", lambda v_bar, a, b: (v_bar, -v_bar), lambda v_bar, a, b: (1, -1)),
    ("sin.backward", lambda v_bar, a: v_bar * math.cos(a), lambda v_bar, a: v_bar * math.cos(math.sin(a))),
    ("ln.forward", lambda a, a_dot: a_dot / a, lambda a, a_dot: 1 / a),
    ("mul.forward", lambda a, a_dot, b, b_dot: a_dot * b + a * b_dot, lambda a, a_dot, b, b_dot: a_dot * b_dot),
    ("sweep.reverse", reverse_sweep, overwriting),
    ("sweep.forward", forward_sweep, reverse_sweep),
    ("gradient", lambda g, *at: adviz.vjp(g, at)[1](1.0), lambda g, *at: [0.0] * len(at)),
    ("dual", Dual, OneSided),
    ("dual", Dual, Raising),
]


@pytest.mark.parametrize("target, right_one, wrong_one", CODE, ids=[f"{c[0]}-{n}" for n, c in enumerate(CODE)])
def test_code_is_right_by_its_properties_alone(target: str, right_one: Any, wrong_one: Any) -> None:
    said = ex.code(target, right_one)
    assert isinstance(said, Feedback)
    assert said.ok, said
    assert not ex.code(target, wrong_one).ok  # type: ignore[union-attr]


@pytest.mark.parametrize("broken", [lambda *given: 1 / 0, lambda *given: "three", lambda *given: None, 7, "text", lambda: 1])
def test_code_that_breaks_is_told_in_one_sentence(broken: Any) -> None:
    for target in ("mul.backward", "sweep.reverse", "gradient", "dual"):
        said = ex.code(target, broken)
        assert isinstance(said, Feedback)
        assert not said.ok


def test_overwriting_is_found_by_x_times_x() -> None:
    assert text("code.square", given="", wanted="").partition("gives")[0] in repr(ex.code("sweep.reverse", overwriting))


# results, marked again


def learners(folder: Path) -> tuple[Path, Path]:
    """A key, and what one learner did with it."""
    log = Log()
    made = [Exercise(e.task, log) for e in (ex.table(f, AT, fade=1), ex.random("reverse", 1, "ann"), ex.bughunt("E14"), ex.predict("x^2 + x", 3.0))]
    made[0].check({"v0.accumulate": "2"})
    made[0].check({"v0.accumulate": "2-cos(5)"})
    made[0].show("v-1.accumulate")
    made[0].check({"v-1.accumulate": "5.5"})
    for item in made[1].items:
        made[1].check({item.name: typed(item.answer())})
    made[2].check("5")
    made[3].answer("1")
    log.results().save(folder / "ann.jsonl")
    return ex.key(*made).save(folder / "week3.json"), folder / "ann.jsonl"


def table_of(written: str) -> dict[str, dict[str, str]]:
    return {line["exercise"]: line for line in csv.DictReader(written.splitlines())}


def test_results_go_round_through_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key, results = learners(tmp_path)
    assert main(["grade", str(results), "--key", str(key), "--csv", str(tmp_path / "marks.csv"), "--html", str(tmp_path / "marks.html")]) == 0
    marks = table_of((tmp_path / "marks.csv").read_text(encoding="utf-8"))
    first = marks["table-reverse-a5a643af-fade1"]
    assert {name: first[name] for name in ("asked", "right", "first", "tries", "shown", "changed", "slips")} == {
        "asked": "2", "right": "1", "first": "0", "tries": "2", "shown": "1", "changed": "0", "slips": "overwrite"
    }  # fmt: skip
    assert marks["random-reverse-1"]["right"] == marks["random-reverse-1"]["asked"]
    assert (marks["bughunt-E14"]["right"], marks["bughunt-E14"]["asked"]) == ("0", "1")
    page = (tmp_path / "marks.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "//" not in page
    assert "ann.jsonl" in capsys.readouterr().out


def test_an_edited_score_changes_nothing_and_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key, results = learners(tmp_path)
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        line["ok"], line["tag"], line["points"] = True, None, 100
    (tmp_path / "edited.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    marks = []
    for file in (results, tmp_path / "edited.jsonl"):
        capsys.readouterr()
        assert main(["grade", str(file), "--key", str(key), "--csv", "-"]) == 0
        marks.append(table_of(capsys.readouterr().out))
    for exercise, before in marks[0].items():
        after = marks[1][exercise]
        assert {**before, "file": "", "changed": ""} == {**after, "file": "", "changed": ""}
    assert sum(int(line["changed"]) for line in marks[1].values()) == sum(not json.loads(line)["ok"] for line in results.read_text(encoding="utf-8").splitlines())


BROKEN = ["{", "[]", '"text"', "null", "[" * 100_000, '{"v": 1}', '{"v": 2, "ex": "x"}', '{"v": 1, "ex": 3, "cell": "x"}', "\x00\xff", "x" * 30_000,
          '{"v":1,"ex":"nothing","exv":1,"cell":"x","resp":"1"}', '{"v":1,"ex":"bughunt-E14","exv":9,"cell":"v0.accumulate","resp":"1"}',
          '{"v":1,"ex":"bughunt-E14","exv":1,"cell":"v77","resp":"1"}', '{"v":1,"ex":"random-reverse-2","exv":1,"seed":null,"cell":"x","resp":"1"}',
          '{"v":1,"ex":"code-dual","exv":1,"cell":"dual","resp":"class Dual: ..."}', '{"v":1,"ex":"bughunt-E04","exv":1,"cell":"x","resp":"1"}',
          '{"v":1,"ex":"bughunt-E14","exv":1,"cell":"v0.accumulate","resp":{"a":1}}']  # fmt: skip


@pytest.mark.parametrize("n", range(len(BROKEN)))
def test_a_broken_line_is_named_by_file_and_line_and_the_rest_goes_on(n: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = '{"v":1,"ex":"bughunt-E14","exv":1,"cell":"v0.accumulate","try":1,"resp":"2-cos(5)","ok":true}'
    file = tmp_path / "bob.jsonl"
    file.write_bytes("\n".join([good, "", BROKEN[n], good]).encode("latin-1"))
    assert main(["grade", str(file)]) == 1
    said = capsys.readouterr()
    assert f"{file}, line 3: " in said.err
    assert len(said.err.splitlines()) == 1
    assert "bughunt-E14" in said.out


def test_a_line_of_a_results_file_is_never_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = {"v": 1, "ex": "bughunt-E14", "exv": 1, "cell": "v0.accumulate", "resp": "__import__('os').system('touch here')", "function": "os:system"}
    (tmp_path / "eve.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert main(["grade", str(tmp_path / "eve.jsonl")]) == 0
    assert not (tmp_path / "here").exists()
    assert table_of_text(capsys.readouterr().out)["right"] == "0"


def table_of_text(said: str) -> dict[str, str]:
    head, line = said.splitlines()
    return {"right": line[head.index("right") - 0 : head.index("right") + 5].strip()}


def test_a_spreadsheet_takes_no_cell_for_a_formula(tmp_path: Path) -> None:
    line = {"v": 1, "ex": "random-reverse-1", "exv": 1, "seed": "=1+1", "cell": "x", "resp": "1"}
    line["cell"] = ex.random("reverse", 1, "=1+1").items[0].name
    (tmp_path / "a.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert main(["grade", str(tmp_path / "a.jsonl"), "--csv", str(tmp_path / "a.csv")]) == 0
    assert ",'=1+1," in (tmp_path / "a.csv").read_text(encoding="utf-8")


def test_a_key_has_no_answers_and_its_page_has_all_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key, _ = learners(tmp_path)
    assert "1.716" not in key.read_text(encoding="utf-8")
    assert main(["exercises", "--key", str(key.with_suffix("")), "--lang", "en,zh", "-o", str(tmp_path / "key.html")]) == 0
    page = (tmp_path / "key.html").read_text(encoding="utf-8")
    assert page.count("<section") == 2
    assert 'lang="zh-Hans"' in page
    for task in ex.read_key(key).tasks():
        assert all(f"<strong>{item.answer()}</strong>" in page for item in task.items)
    capsys.readouterr()
    assert main(["exercises", "--key", str(key)]) == 0
    assert "v0.accumulate  1.716" in capsys.readouterr().out


def test_an_exercise_that_is_everybodys_own_is_made_for_each_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own.json").write_text('{"adviz_key": 1, "exercises": [{"kind": "random", "of": "reverse", "level": 1}]}', encoding="utf-8")
    assert main(["exercises", "--key", str(tmp_path / "own.json"), "--seed", "ann", "--seed", "bob"]) == 0
    said = capsys.readouterr().out
    assert "(ann)" in said
    assert "(bob)" in said
    assert ex.read_key(tmp_path / "own.json").task("random-reverse-1", "eve") is not None
    assert ex.read_key(tmp_path / "own.json").task("random-reverse-2", "eve") is None


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"adviz_key": 1, "exercises": [3]}', '{"adviz_key": 1, "exercises": [{"kind": "table"}]}', "[" * 50_000,
                                     '{"adviz_key": 1, "exercises": [{"kind": "table", "function": "os:system", "at": [1], "mode": "reverse"}]}'])  # fmt: skip
def test_a_file_that_is_no_key_is_refused(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "key.json").write_text(content, encoding="utf-8")
    assert main(["exercises", "--key", str(tmp_path / "key.json")]) == 2
    assert capsys.readouterr().err.startswith("adviz: ")


def test_marking_in_a_notebook_of_a_grader(tmp_path: Path) -> None:
    key, _ = learners(tmp_path)
    assert ex.mark({"v0.accumulate": "2-cos(5)"}, "table-reverse-a5a643af-fade1", key=key) == 0.5
    assert ex.mark({"v0.accumulate": "2-cos(5)", "v-1.accumulate": "11/2"}, "table-reverse-a5a643af-fade1", key=key) == 1.0
    own = ex.random("reverse", 3, "ann")
    assert ex.mark({item.name: typed(item.answer()) for item in own.items}, own.id, "ann") == 1.0


def test_the_sums_of_a_table_are_those_of_the_core() -> None:
    """An answer is not kept anywhere: it is the step of the sweep."""
    t, timeline = ex.table(f, AT, fade=3), adviz.reverse(f, *AT)
    for item in t.items:
        asked = question(timeline, item.name)
        assert isinstance(asked.what, Accumulate) or item.name == "v5.seed"
        assert right(float(typed(item.answer())), asked.answer)
