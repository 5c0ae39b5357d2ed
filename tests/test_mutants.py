"""Mutants give the numbers of known misconceptions, and never take a right number for one of them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adviz
from adviz.errors import InputError, UnsupportedError
from adviz.mutants import MUTANTS, Cell, agrees, diagnose, numbers, run, sentence
from adviz.texts import text
from adviz.timeline import Timeline
from adviz.views.document import first_unit
from tests.zoo import PROGRAMS, Program

GOLDEN = json.loads((Path(__file__).parent / "fixtures" / "golden.json").read_text(encoding="utf-8"))
RUNNING, SINE, CHAIN = GOLDEN["running"], GOLDEN["sin(x^2+x)@2"], GOLDEN["sin(x^2+1)@2"]
X1, X2 = Cell("adjoint", -1), Cell("adjoint", 0)
NUMBERS = [program for program in PROGRAMS if "array" not in program.tags]


def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def reverse() -> Timeline:
    return adviz.reverse(f, 2.0, 5.0)


def forward(*seed: float) -> Timeline:
    return adviz.forward(f, 2.0, 5.0, seed=seed)


def sine(mode: Callable[..., Timeline] = adviz.reverse) -> Timeline:
    return mode(lambda x: np.sin(x**2 + x), 2.0)


def chain(mode: Callable[..., Timeline]) -> Timeline:
    return mode(lambda x: np.sin(x**2 + 1), 2.0)


def gives(timeline: Timeline, mutant: str, cell: Cell, *wanted: float) -> None:
    """The mutant has these numbers in that cell, and each is diagnosed as this slip."""
    found = run(timeline, mutant).cells[cell]
    for number in wanted:
        assert any(math.isclose(number, u, rel_tol=1e-12) for u in found), (number, found)
        assert mutant in diagnose(timeline, cell, round(number, 4))


# the curriculum's table, each number made from those of the golden file


def test_overwriting_keeps_one_share() -> None:
    gives(reverse(), "overwrite", X2, RUNNING["paths_x2"]["v5>v3>v0"], RUNNING["paths_x2"]["v5>v4>v2>v0"])
    gives(reverse(), "overwrite", X1, RUNNING["paths_x1"]["v5>v4>v2>v-1"], RUNNING["paths_x1"]["v5>v4>v1>v-1"])
    assert set(run(reverse(), "overwrite").cells[X1]) == {5.0, 0.5}


def test_a_missed_minus_turns_a_share_around() -> None:
    through_sine, through_product = RUNNING["paths_x2"]["v5>v3>v0"], RUNNING["paths_x2"]["v5>v4>v2>v0"]
    gives(reverse(), "minus", X2, through_product - through_sine)
    gives(reverse(), "minus", Cell("adjoint", 3), -RUNNING["adjoint"]["v3"])


def test_swapped_partials_of_a_product_show_in_both_modes() -> None:
    x1, x2 = RUNNING["at"]
    gives(reverse(), "swap", X1, x1 + RUNNING["paths_x1"]["v5>v4>v1>v-1"])
    gives(reverse(), "swap", X2, x2 + RUNNING["paths_x2"]["v5>v3>v0"])
    gives(forward(1, 0), "swap", Cell("tangent", 5), x1 + RUNNING["paths_x1"]["v5>v4>v1>v-1"])


def test_a_partial_at_the_output_gives_the_erratum() -> None:
    total = SINE["seed004_formula_total"]
    gives(sine(), "outer-not-inner", X2, total)
    gives(sine(), "outer-not-inner", Cell("share", 0, 1, 0), total - SINE["xbar_linear"], 2 * SINE["u"] * SINE["ubar"])


def test_one_factor_of_the_chain_rule_alone() -> None:
    inner_value = CHAIN["w"][2]
    gives(chain(adviz.forward), "no-chain", Cell("tangent", 3), math.cos(inner_value))
    gives(chain(adviz.reverse), "no-chain", X2, math.cos(inner_value), 2.0 * CHAIN["w"][0])
    assert numbers(chain(adviz.forward))[Cell("tangent", 3)] == CHAIN["dy"]


@pytest.mark.parametrize("timeline", [reverse, lambda: forward(1, 0), lambda: adviz.values(f, 2.0, 5.0)])
def test_the_other_calculator_changes_values_in_every_mode(timeline: Callable[[], Timeline]) -> None:
    x1, x2 = RUNNING["at"]
    gives(timeline(), "log10", Cell("value", 1), math.log10(x1))
    gives(timeline(), "log10", Cell("value", 4), math.log10(x1) + x1 * x2)
    gives(timeline(), "degrees", Cell("value", 3), math.sin(math.radians(x2)))


def test_degrees_reach_the_slope_of_the_sine() -> None:
    cosine = math.cos(math.radians(RUNNING["at"][1]))
    gives(reverse(), "degrees", Cell("share", 0, 3, 0), -cosine)
    gives(reverse(), "degrees", X2, RUNNING["paths_x2"]["v5>v4>v2>v0"] - cosine)


def test_the_wrong_seed_gives_the_other_derivative() -> None:
    gives(forward(1, 0), "wrong-seed", Cell("tangent", 5), RUNNING["tangent_x2"]["v5"])
    gives(forward(0, 1), "wrong-seed", Cell("tangent", 5), RUNNING["tangent_x1"]["v5"])


def test_both_seeds_give_the_sum() -> None:
    gives(forward(1, 0), "both-seeds", Cell("tangent", 5), RUNNING["tangent_x1"]["v5"] + RUNNING["tangent_x2"]["v5"])


def test_a_tangent_in_the_adjoint_column() -> None:
    gives(reverse(), "forward-for-reverse", Cell("adjoint", 2), RUNNING["tangent_x1"]["v2"])
    gives(forward(1, 0), "forward-for-reverse", Cell("tangent", 3), RUNNING["adjoint"]["v3"])


# laws


def test_the_right_numbers_are_the_golden_ones() -> None:
    right = numbers(reverse())
    assert {f"v{i}": right[Cell("value", i)] for i in range(-1, 6)} == RUNNING["primal"]
    assert {f"v{i}": right[Cell("adjoint", i)] for i in range(-1, 6)} == RUNNING["adjoint"]
    shares = [(f"v{c.index}<-v{c.source}", u) for c, u in right.items() if c.kind == "share"]
    assert shares == [(edge, share) for kind, edge, share in RUNNING["reverse_events"] if kind == "contrib"]


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_that_changes_nothing_says_so(mutant: str) -> None:
    untouched = run(adviz.values(lambda x: x + 1.0, 2.0), mutant)
    assert untouched.changes_nothing
    assert untouched.sentence == text("mutant.nothing")


@pytest.mark.parametrize("mutant", MUTANTS)
def test_every_mutant_shows_on_the_running_example_and_has_a_sentence_of_its_own(mutant: str) -> None:
    runs = [run(timeline, mutant) for timeline in (reverse(), forward(1, 0))]
    assert any(not r.changes_nothing and r.sentence == sentence(mutant) for r in runs)
    assert len({sentence(other) for other in MUTANTS}) == len(MUTANTS)


def timelines(program: Program, point: tuple[Any, ...]) -> list[Timeline]:
    t = adviz.trace(program.function, *point)
    return [adviz.values(t), adviz.forward(t, seed=first_unit(t, t.inputs)), adviz.reverse(t, seed=first_unit(t, t.outputs))]


@pytest.mark.parametrize("program", NUMBERS, ids=lambda program: program.name)
def test_every_program_runs_through_every_mutant(program: Program) -> None:
    for timeline in timelines(program, program.points[0]):
        right = numbers(timeline)
        for mutant in MUTANTS:
            cells = run(timeline, mutant).cells
            assert set(cells) <= set(right)
            assert all(math.isfinite(u) and u != right[cell] for cell, given in cells.items() for u in given)


@pytest.mark.parametrize("program", [p for p in NUMBERS if len(adviz.trace(p.function, *p.points[0]).assignments) < 12], ids=lambda p: p.name)
def test_no_mutant_is_named_for_a_right_number(program: Program) -> None:
    for timeline in timelines(program, program.points[0]):
        for cell, right in numbers(timeline).items():
            assert diagnose(timeline, cell, right) == ()
            assert diagnose(timeline, cell, right * (1 + 4e-3)) == ()


TANGENTS = forward(1, 0)
SLIPPED = sorted({u for mutant in MUTANTS for u in run(TANGENTS, mutant).cells.get(Cell("tangent", 5), ())})


@settings(deadline=None, max_examples=50)
@given(st.floats() | st.sampled_from(SLIPPED).map(lambda u: round(u, 3)))
def test_whatever_is_typed_is_diagnosed_without_an_error(number: float) -> None:
    named = diagnose(TANGENTS, Cell("tangent", 5), number)
    assert all(any(agrees(number, u) for u in run(TANGENTS, mutant).cells[Cell("tangent", 5)]) for mutant in named)
    assert bool(named) == any(agrees(number, u) for u in SLIPPED) or agrees(number, 5.5)


def test_the_nearest_slip_comes_first() -> None:
    assert diagnose(reverse(), X2, 2.0)[0] in ("overwrite", "no-chain")
    assert diagnose(reverse(), X2, 2.2837)[0] in ("minus", "no-chain")
    assert diagnose(reverse(), X2, 1.0038) == ("degrees", "forward-for-reverse")
    assert diagnose(reverse(), X2, 4.7163) == ("swap",)
    assert diagnose(reverse(), X2, -77.0) == ()


def test_more_digits_tell_slips_apart() -> None:
    assert diagnose(reverse(), X2, 1.0038, digits=4) == ("degrees",)


def test_a_slip_leaves_trace_and_timeline_as_they_were() -> None:
    timeline = reverse()
    before = timeline.trace.assignments, timeline.steps, timeline.result
    for mutant in MUTANTS:
        run(timeline, mutant)
    again = adviz.reverse(timeline.trace)
    assert (timeline.trace.assignments, timeline.steps, timeline.result) == before == (again.trace.assignments, again.steps, again.result)


def test_an_output_that_is_used_again_loses_its_seed_or_its_share() -> None:
    def g(x):
        a = x * x
        return a, np.sin(a)

    timeline = adviz.reverse(g, 1.5, seed=(1, 1))
    share = math.cos(2.25)
    gives(timeline, "overwrite", Cell("adjoint", 1), 1.0, share)


def test_infinite_slopes_give_finite_slips_only() -> None:
    timeline = adviz.reverse(lambda x: np.sqrt(x) + 3.0 * x, 0.0)
    assert run(timeline, "overwrite").cells[X2] == (3.0,)
    assert diagnose(timeline, X2, 3.0)[0] == "overwrite"
    assert diagnose(timeline, X2, math.inf) == ()


def test_arrays_are_refused_in_one_sentence() -> None:
    with pytest.raises(UnsupportedError, match="numbers, not of arrays"):
        run(adviz.reverse(lambda x: np.sum(x), np.ones(3)), "minus")


def test_a_wrong_call_is_told_what_there_is() -> None:
    with pytest.raises(InputError, match="overwrite, minus, swap"):
        run(reverse(), "plus")
    with pytest.raises(InputError, match="is no cell of this timeline"):
        diagnose(reverse(), Cell("tangent", 0), 1.0)
    with pytest.raises(InputError, match=r"adviz\.reverse"):
        run(reverse().trace, "minus")  # type: ignore[arg-type]
