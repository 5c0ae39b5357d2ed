"""The labs of paths, checkpoints, brackets, branches and implementations: their numbers, by slider and by number field."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

import adviz
from adviz.errors import AdvizError, BudgetError, InputError, OutputError
from adviz.labs import products, routes, scheduling, threeways, tracer
from adviz.scale.schedule import minimal_steps
from tests import test_labs as base
from tests.test_labs import content, index_of, opened, slide, type_in

LABS: dict[str, Callable[[], Any]] = {name: base.LABS[name] for name in ("paths", "brackets", "checkpoints", "branches", "implementations")}
tab = base.tab


@pytest.fixture(scope="module")
def labs() -> dict[str, Any]:
    return {name: make() for name, make in LABS.items()}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("labs")
    for name, make in LABS.items():
        make().to_html(folder / f"{name}.html")
    return {name: folder / f"{name}.html" for name in LABS}


@pytest.mark.parametrize("name", LABS)
def test_every_piece_of_every_state_was_made_in_every_language(name: str, pages: dict[str, Path]) -> None:
    content = pages[name].read_text(encoding="utf-8").rpartition("playLab(document")[2]
    assert '\\"translations\\":{\\"zh' in content
    assert '\\"problem\\":' not in content


# paths


@pytest.mark.parametrize("start, products, total", [("x1", ["0.5", "5"], "5.5"), ("x2", ["2", "−0.2837"], "1.716")])
def test_the_products_along_the_paths_are_those_of_the_course(start: str, products: list[str], total: str, labs: dict[str, Any]) -> None:
    lab = labs["paths"]
    lab.values = {"start": start, "added": 2}
    table = content(lab, "paths")
    assert [row[2] for row in table["rows"]] == products
    assert table["rows"][-1][3] == [total, "strong"]
    assert content(lab, "sentence").endswith(f"the derivative of v₅ by {start} is {products[0]} + {products[1].replace('−0.2837', '(−0.2837)')} = {total}.")


@pytest.mark.parametrize("f, at", [
    (routes.chain(5), (0.5,)), (lambda x: x * x, (3.0,)), (lambda x, y: (x * y + x) * np.exp(y), (1.5, 0.5)), (lambda x, y: x, (1.0, 2.0)),
    (lambda x: 2.0 * x, (1.0,)),
])  # fmt: skip
def test_the_products_add_up_to_the_gradient_and_are_as_many_as_are_counted(f: Callable[..., Any], at: tuple[float, ...]) -> None:
    found = routes.Pathways(adviz.trace(f, *at))
    sums = [sum(path.product for path in some) for some in found.by_input.values()]
    gradient = np.atleast_1d(adviz.gradient(f)(*at))
    assert sums == pytest.approx(list(gradient), rel=1e-12)
    assert [len(some) for some in found.by_input.values()] == [routes.number_of_paths(found.t, i) for i in found.t.inputs]


def test_a_chain_of_diamonds_has_two_to_the_k_paths_and_four_k_edges(labs: dict[str, Any]) -> None:
    rows = labs["paths"]._design.content("counts", {"k": 10})["rows"]
    assert [row[1:3] for row in rows] == [[f"{2**k:,}", f"{4 * k}"] for k in range(1, 11)]


def test_a_path_lights_up_and_is_added_by_slider_and_by_field(tab: Any, pages: dict[str, Path], artifacts: Path) -> None:
    root = opened(tab, pages["paths"])
    say, table, graph = root.locator(".adviz-lab-say").first, root.locator(".adviz-lab-table").first, root.locator(".adviz-lab-plot").first
    lit = graph.locator("path.adviz-fill-neutral-soft")
    expect(say).to_have_text(
        "How many paths lead from x1 to v₅? Multiply the partials along each, add the products, then move the slider."
    )
    expect(table.locator("tbody tr").first).to_contain_text("?")
    expect(lit).to_have_count(0)
    slide(root, "added", 1)
    expect(say).to_have_text("Path 1 of 2 from x1: x1 → v₁ → v₄ → v₅. Its product is 0.5 · 1 · 1 = 0.5.")
    expect(lit).to_have_count(4)
    type_in(root, "added", "2")
    expect(say).to_have_text(
        "Path 2 of 2 from x1: x1 → v₂ → v₄ → v₅. Its product is 5 · 1 · 1 = 5. All paths are added: the derivative of v₅ by x1 is 0.5 + 5 = 5.5."
    )
    choice = root.locator("[data-choice=start] button[data-way=x2]")
    choice.press("Enter")
    expect(choice).to_have_attribute("aria-pressed", "true")
    expect(say).to_contain_text("2 + (−0.2837) = 1.716.")
    expect(lit).to_have_count(3)
    tab[0].screenshot(path=artifacts / "lab-paths-added.png", full_page=True)
    type_in(root, "k", "10")
    expect(root.locator(".adviz-lab-say").nth(1)).to_contain_text("1,024 paths and 40 edges")
    slide(root, "k", 0)
    expect(root.locator(".adviz-lab-say").nth(1)).to_contain_text("2 paths and 4 edges")
    type_in(root, "added", "3")
    expect(root.locator(".adviz-lab-note").first).to_have_text("paths added is a number from 0 to 2.")
    assert tab[1] == []


@pytest.mark.parametrize("make, error, said", [
    (lambda: adviz.labs.paths(routes.chain(7), 0.5), BudgetError, "up to 128 paths"),
    (lambda: adviz.labs.paths(np.sum, np.ones(3)), InputError, "arrays"),
    (lambda: adviz.labs.paths(lambda x: (x, 2 * x), 1.0), OutputError, "one number"),
    (lambda: adviz.labs.paths("x +", 1.0), AdvizError, "Column"),
])  # fmt: skip
def test_what_has_too_many_paths_to_follow_is_refused_in_words(make: Callable[[], Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said) as caught:
        make()
    assert isinstance(caught.value, AdvizError)


def test_an_input_without_a_path_and_one_with_fewer_than_the_slider_has() -> None:
    lab = adviz.labs.paths(lambda x, y, z: x * x + y, 3.0, 4.0, 5.0)
    lab.values = {"start": "y", "added": 2}
    assert content(lab, "sentence") == "Path 1 of 1 from y: y → v₂. Its product is 1. It is the only path, so the derivative of v₂ by y is 1."
    lab.values = {"start": "z"}
    assert content(lab, "sentence") == "No path leads from z to v₂: the derivative is 0."
    assert content(lab, "paths") is None
    assert lab.alert == ""


# checkpoints


@pytest.mark.parametrize("name, length, again, held", [
    ("store-all", 16, 0, 16), ("uniform", 16, 12, 7), ("binomial", 16, 33, 4), ("recompute-all", 16, 120, 2),
    ("store-all", 64, 0, 64), ("uniform", 64, 48, 19), ("binomial", 64, 258, 4), ("recompute-all", 64, 2016, 2),
])  # fmt: skip
def test_chains_of_16_and_64_with_three_snapshots(name: str, length: int, again: int, held: int) -> None:
    found = scheduling.counted(name, length, 3)
    assert (found.again, found.held) == (again, held)


@pytest.mark.parametrize("name", ["uniform", "binomial"])
@pytest.mark.parametrize("snapshots", scheduling.SNAPSHOTS)
def test_what_is_drawn_is_the_plan(name: str, snapshots: int) -> None:
    for length in scheduling.LENGTHS:
        drawn = list(scheduling.strokes(scheduling.plan(name, length, snapshots)))
        running = [s for s in drawn if s.kind in ("again", "record", "reverse")]
        assert [s.t0 for s in running] == [0, *(s.t1 for s in running[:-1])]
        assert [s.stop for s in running if s.kind == "reverse"] == list(range(length))[::-1]
        assert sum(s.t1 - s.t0 for s in running if s.kind == "again") == scheduling.counted(name, length, snapshots).again
        if name == "binomial":
            assert running[-1].t1 == 2 * length + minimal_steps(length, snapshots)
        kept = [s for s in drawn if s.kind == "held"]
        assert max((sum(s.t0 <= t < s.t1 for s in kept) for t in range(running[-1].t1)), default=0) <= snapshots


def test_the_counts_stay_hidden_until_the_guess_and_change_with_slider_and_field(tab: Any, pages: dict[str, Path], labs: dict[str, Any], artifacts: Path) -> None:
    root, lab = opened(tab, pages["checkpoints"]), labs["checkpoints"]
    say, table, curve = root.locator(".adviz-lab-say").first, root.locator(".adviz-lab-table").first, root.locator(".adviz-lab-plot").nth(1)
    expect(say).to_have_text("A loop of 16 steps is to be reversed, with room for 3 snapshots. How many steps must be run again?")
    expect(table).to_be_hidden()
    expect(curve).to_contain_text("Place your flag to see the curves.")
    type_in(root, "guess", "28")
    root.locator("[data-flag=guess]").click()
    expect(say).to_contain_text("runs 33 steps again and holds at most 4 states at once, not 16. Theory: r·l − β = 3·16 − 15 = 33")
    expect(table.locator("tbody tr")).to_have_count(4)
    slide(root, "length", index_of(lab, "length", 64))
    expect(say).to_contain_text("runs 258 steps again")
    drawn = root.locator(".adviz-lab-plot").first.locator("g").nth(1)
    before = drawn.inner_html()
    root.locator("[data-choice=name] button[data-way=uniform]").click()
    expect(say).to_contain_text("With a snapshot every 16 of 64 steps, 48 steps are run again. At most 19 states are held at once")
    assert drawn.inner_html() != before
    tab[0].screenshot(path=artifacts / "lab-checkpoints-placed.png", full_page=True)
    type_in(root, "snapshots", "15")
    expect(root.locator(".adviz-lab-note").nth(1)).to_have_text("This page holds no results for 15. The nearest, 16, is shown.")
    expect(say).to_contain_text("With a snapshot every 4 of 64 steps, 60 steps are run again.")
    type_in(root, "length", "1000")
    expect(root.locator(".adviz-lab-note").first).to_have_text("steps of the loop is a number from 4 to 64.")
    assert tab[1] == []


def test_with_a_kernel_a_loop_of_any_length_is_planned(labs: dict[str, Any]) -> None:
    lab = labs["checkpoints"]
    lab.values = {"length": 13, "snapshots": 7, "guess": 20}
    assert f"= {minimal_steps(13, 7)}" in content(lab, "sentence")
    assert lab.alert == ""


# brackets


@pytest.mark.parametrize("sizes, forward, reverse", [((1, 3, 3, 4), 48, 21), ((1, 100, 100, 100), 1_010_000, 20_000)])
def test_the_orders_take_what_the_course_says(sizes: tuple[int, ...], forward: int, reverse: int, labs: dict[str, Any]) -> None:
    lab = labs["brackets"]
    lab.values = {**dict(zip(products.DIMENSIONS, sizes, strict=True)), "order": "forward"}
    rows = content(lab, "steps")["rows"]
    assert [rows[2][2], rows[5][2]] == [[f"{forward:,}", "tangent"], [f"{reverse:,}", "adjoint"]]
    counts = [int(row[2].replace(",", "")) for row in rows if isinstance(row[2], str)]
    assert (sum(counts[:2]), sum(counts[2:])) == (forward, reverse)


def test_brackets_are_guessed_before_they_are_counted(tab: Any, pages: dict[str, Path], labs: dict[str, Any], artifacts: Path) -> None:
    root, lab = opened(tab, pages["brackets"]), labs["brackets"]
    say, table, ways = root.locator(".adviz-lab-say").first, root.locator(".adviz-lab-table").first, root.locator(".adviz-lab-table").nth(1)
    bars = root.locator(".adviz-lab-plot path[class*=-soft]")
    expect(say).to_have_text("Choose the shapes. Which brackets take fewer multiplications? Choose, then see both counts.")
    expect(table).to_be_hidden()
    expect(bars).to_have_count(0)
    root.locator("[data-choice=order] button[data-way=forward]").click()
    expect(say).to_have_text("J₃ (J₂ J₁), the order of forward mode, takes 48 multiplications; the other order takes 21, which is fewer.")
    expect(bars).to_have_count(1)
    type_in(root, "n2", "100")
    type_in(root, "n1", "100")
    slide(root, "n0", index_of(lab, "n0", 100))
    expect(say).to_contain_text("takes 1,010,000 multiplications; the other order takes 20,000")
    root.locator("[data-choice=order] button[data-way=reverse]").click()
    expect(say).to_contain_text("You chose the cheaper one.")
    type_in(root, "n2", "0.5")
    expect(root.locator(".adviz-lab-note").nth(1)).to_have_text("columns of J₃, rows of J₂ is a number from 1 to 100.")
    expect(ways).to_be_hidden()
    root.locator("[data-choice=mode] button[data-way=forward]").click()
    expect(root.locator(".adviz-lab-say").nth(1)).to_have_text(
        "Not so. For 256 → 1, forward mode takes 198,400 operations, reverse mode 2,049: reverse is cheaper."
    )
    expect(ways.locator("tbody tr")).to_have_count(4)
    tab[0].screenshot(path=artifacts / "lab-brackets-chosen.png", full_page=True)
    assert tab[1] == []


@pytest.mark.parametrize("card, best", [("example", "reverse"), ("loss", "reverse"), ("curve", "forward"), ("layer", "equal")])
def test_each_scenario_has_its_mode(card: str, best: str, labs: dict[str, Any]) -> None:
    lab = labs["brackets"]
    for mode in ("forward", "reverse", "equal"):
        lab.values = {"card": card, "mode": mode}
        assert content(lab, "verdict").startswith("Yes." if mode == best else "Not so.")


# branches


def test_a_trace_holds_what_the_loop_did_and_the_table_how_often(labs: dict[str, Any]) -> None:
    lab = labs["branches"]
    lab.values = {"program": "doubling", "x": 1.0}
    assert [row[2] for row in content(lab, "trace")["rows"]] == ["1", "1", "1.5", "3", "6", "12"]
    assert [row[2][0] for row in content(lab, "comparisons")["rows"]] == ["yes", "yes", "yes", "no", "no"]
    assert [row[1][0] for row in content(lab, "code")["rows"]] == ["–", "2×", "4×", "3×", "1×", "–", "–"]
    lab.values = {"x": -3.0}
    assert [row[1][0] for row in content(lab, "code")["rows"]] == ["–", "2×", "1×", "–", "1×", "1×", "–"]


def test_the_branch_flips_where_the_loop_needs_a_turn_less_and_where_the_sign_changes() -> None:
    found = tracer.Program(tracer.programs()["doubling"], -3.0, 3.0).flips
    turns = [math.sqrt(8 / 2**k - 0.5) for k in range(4)]  # x² + 0.5 = 8 / 2ᵏ
    assert [flip.x for flip in found] == pytest.approx([*(-x for x in turns), 0.0, *turns[::-1]], abs=1e-9)
    assert {flip.kind for flip in found} == {"jump"}


@pytest.mark.parametrize("program, x, said", [
    ("kink", 0.0, "the derivative of the branch that ran is −1. Operations recorded: 1; comparisons: 1. "
                  "Here the branch flips: from the left the slope is −1, from the right 1."),
    ("kink", 1.0, "f = 2, and the derivative of the branch that ran is 3. Operations recorded: 2; comparisons: 1."),
    ("masks", 0.0, "is nan. Operations recorded: 4; comparisons: 1. The branch that was masked out gave 0 · ∞."),
    ("where", 0.0, "f = 0, and the derivative of the branch that ran is 1."),
    ("double_where", 0.0, "f = 0, and the derivative of the branch that ran is 1."),
    ("double_where", 1.0, "Here the branch flips: from the left the slope is 1, from the right 0.5."),
    ("doubling", 0.0, "Here the branch flips and f jumps: from −8 to 8."),
])  # fmt: skip
def test_what_is_said_of_a_kink_of_a_jump_and_of_the_trap(program: str, x: float, said: str, labs: dict[str, Any]) -> None:
    lab = labs["branches"]
    lab.values = {"program": program, "x": x}
    assert said in content(lab, "sentence")


def test_x_moves_over_the_branches_by_slider_and_by_field(tab: Any, pages: dict[str, Path], labs: dict[str, Any], artifacts: Path) -> None:
    root, lab = opened(tab, pages["branches"]), labs["branches"]
    say = root.locator(".adviz-lab-say").first
    expect(say).to_have_text("At x = 1, f = 12, and the derivative of the branch that ran is 16. Operations recorded: 5; comparisons: 5.")
    slide(root, "x", index_of(lab, "x", -2.0))
    expect(say).to_contain_text("At x = −2, f = −9")
    point = root.locator(".adviz-lab-plot g").nth(1)
    before = point.inner_html()
    root.locator("[data-choice=program] button[data-way=masks]").press("Enter")
    expect(say).to_contain_text("f = nan")
    type_in(root, "x", "0")
    expect(say).to_contain_text("The branch that was masked out gave 0 · ∞.")
    expect(root.locator(".adviz-lab-table").nth(1)).to_contain_text("∞")
    assert point.inner_html() != before
    tab[0].screenshot(path=artifacts / "lab-branches-masks.png", full_page=True)
    root.locator("[data-choice=program] button[data-way=double_where]").click()
    expect(say).to_contain_text("f = 0, and the derivative of the branch that ran is 1.")
    type_in(root, "x", "π")
    expect(root.locator(".adviz-lab-note").first).to_have_text("x is a number, such as 0.5 or 1e-3; “π” is none.")
    assert tab[1] == []


def steep(x: Any) -> Any:
    if x > 2:
        raise ValueError("x must not be large")
    return np.abs(x)


def test_a_function_of_ones_own_is_followed_and_where_it_raises_that_is_said() -> None:
    lab = adviz.labs.branches(steep, -1, 3)
    lab.values = {"x": 0.75}
    assert content(lab, "sentence") == "At x = 0.75, f = 0.75, and the derivative of the branch that ran is 1. Operations recorded: 1; comparisons: 1."
    assert content(lab, "code")["rows"][1][1] == ["1×", "strong"]
    lab.values = {"x": 2.5}
    assert "x must not be large" in lab.alert
    assert content(lab, "sentence").startswith("At x = 0.75")


@pytest.mark.parametrize("make, said", [
    (lambda: adviz.labs.branches(abs, 1, 1), "low below high"), (lambda: adviz.labs.branches(abs, "a", 1), "low below high"),
    (lambda: adviz.labs.branches("x*x"), "is text|Python function"), (lambda: adviz.labs.branches(lambda x, y: x), "cannot be called"),
    (lambda: adviz.labs.branches(lambda x: (x, x)), "one number"),
])  # fmt: skip
def test_what_has_no_branches_to_follow_is_refused_in_words(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(AdvizError, match=said):
        make()


# implementations


@pytest.mark.parametrize("f, at", [
    ("ln(x1) + x1*x2 - sin(x2)", (2.0, 5.0)), ("sin(x^2 + x)", (2.0,)), (lambda a, b, c: a * np.exp(b) / c, (1.5, 0.5, 3.0)),
])  # fmt: skip
def test_three_implementations_give_one_gradient(f: Any, at: tuple[float, ...]) -> None:
    three = threeways.Three(adviz.formula(f) if isinstance(f, str) else f, at)
    first, *others = (three.gradient(way, at) for way in threeways.WAYS)
    assert all(other == pytest.approx(first, rel=1e-12, abs=0) for other in others)
    assert first == pytest.approx(np.atleast_1d(adviz.gradient(three.f)(*at)), rel=1e-12)


def test_each_implementation_shows_what_it_leaves_behind(tab: Any, pages: dict[str, Path], labs: dict[str, Any], artifacts: Path) -> None:
    root, lab = opened(tab, pages["implementations"]), labs["implementations"]
    say, made = root.locator(".adviz-lab-say").first, root.locator(".adviz-lab-table").first
    expect(say).to_contain_text("Runs, one for each input: 2. The gradient is (5.5, 1.716).")
    expect(made.locator("tbody tr").last).to_have_text("v511.655.51.716")
    root.locator("[data-choice=way] button[data-way=overloading]").press("Enter")
    expect(say).to_have_text(
        "While f ran, every operator left a record on the tape: 5 records. Read from last to first they give the gradient (5.5, 1.716)."
    )
    type_in(root, "in0", "2.5")
    expect(say).to_contain_text("(5.4, 2.216)")
    expect(made.locator("tbody tr").nth(1)).to_have_text("v2multiply(x1, x2)12.55, 2.5")
    slide(root, "in0", index_of(lab, "in0", 1.0))
    expect(say).to_contain_text("(6, 0.7163)")
    root.locator("[data-choice=way] button[data-way=source]").click()
    expect(made).to_contain_text("x1_bar += 1.0 / x1 * v1_bar")
    expect(say).to_contain_text("(6, 0.7163)")
    tab[0].screenshot(path=artifacts / "lab-implementations-source.png", full_page=True)
    type_in(root, "in1", "7")
    expect(root.locator(".adviz-lab-note").nth(1)).to_have_text("x2 is a number from 4 to 6.")
    assert tab[1] == []


def test_the_operations_side_by_side_are_those_of_the_cost_and_of_the_program(labs: dict[str, Any]) -> None:
    found = adviz.scale.cost(adviz.formula(threeways.EXAMPLE), 2.0, 5.0)
    rows = labs["implementations"]._design.content("counts", {"way": "source", "in0": 2.0, "in1": 5.0})["rows"]
    assert [row[3] for row in rows[:2]] == [str(found["forward"].operations), str(found["reverse"].operations)]
    assert rows[2][3] == "14"  # of the program's text, by hand: 5 for f, then a minus, cos, 5 products or quotients, 2 sums


@pytest.mark.parametrize("make, said", [
    (lambda: adviz.labs.implementations(np.sum, np.ones(3)), "arrays"), (lambda: adviz.labs.implementations(lambda a, b, c, d: a, 1, 2, 3, 4), "more than 3"),
    (lambda: adviz.labs.implementations(lambda x: (x, x), 1.0), "one number"),
])  # fmt: skip
def test_what_has_no_sliders_for_its_inputs_is_refused_in_words(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(AdvizError, match=said):
        make()
