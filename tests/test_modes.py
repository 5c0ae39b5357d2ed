"""The modes beside the sweeps: what Python writes for them, and what a reader does with them in a browser."""

# ruff: noqa: F811  a test that asks for a fixture names it as its parameter
from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import adviz
from adviz.views.compare import compare_document
from adviz.views.document import default_timelines
from adviz.views.expansion import expanded
from adviz.views.jacobian import jacobian_document
from adviz.views.math import plain
from adviz.views.number import number
from adviz.views.program import Refused, program_document, written
from adviz.views.second import second_document
from tests.test_frontend import Open, at, button, page, show, tab  # noqa: F401  the fixtures of a bare page


def f(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2 - np.sin(x2)


def lines(x1: Any, x2: Any) -> Any:
    a = np.log(x1)
    b = x1 * x2
    return a + b - np.sin(x2)


def loop(x: Any, n: int = 3) -> Any:
    y = x
    for _ in range(n):
        if y > 1:
            y = np.sin(y) * x
    return y


def refused(x: Any) -> Any:
    try:
        return x * 2
    except ValueError:
        return x


def explored(function: Any, *point: Any, **options: Any) -> dict[str, Any]:
    """The document that the explorer shows."""
    found: dict[str, Any] = json.loads(adviz.explore(function, *point, **options).document)
    return found


# Program.


def told(function: Callable[..., Any], mode: str, *point: Any) -> list[list[str]]:
    """The lines that do each step, as text."""
    t = adviz.trace(function, *point)
    timeline = adviz.forward(t, seed=(1.0,) + (0.0,) * (len(point) - 1)) if mode == "forward" else adviz.reverse(t)
    program = program_document(t, {mode: timeline}, written(function))["programs"][mode]
    text = program["text"].splitlines()
    return [[text[n - 1].strip() for n in numbers] for numbers in program["steps"]]


def test_each_step_of_a_sweep_is_linked_to_the_line_of_the_program_that_does_it() -> None:
    assert told(f, "reverse", 2.0, 5.0) == [[line] for line in (
        "v5_bar = y_bar", "v3_bar = v5_bar", "v3_bar = v5_bar", "v4_bar = -v5_bar", "v4_bar = -v5_bar", "v1_bar = v3_bar", "v1_bar = v3_bar",
        "v2_bar = v3_bar", "v2_bar = v3_bar", "x2_bar = cos(x2) * v4_bar", "x2_bar = cos(x2) * v4_bar", "x1_bar = x2 * v2_bar", "x1_bar = x2 * v2_bar",
        "x2_bar += x1 * v2_bar", "x2_bar += x1 * v2_bar", "x1_bar += 1.0 / x1 * v1_bar", "x1_bar += 1.0 / x1 * v1_bar",
    )]  # fmt: skip
    assert told(lines, "forward", 2.0, 5.0)[2:6] == [["a = log(x1)"], ["a_dot = 1.0 / x1 * x1_dot"], ["b = x1 * x2"], ["b_dot = x2 * x1_dot + x1 * x2_dot"]]


def test_a_loop_comes_back_to_its_lines() -> None:
    forward = told(loop, "forward", 2.0)
    assert forward[1:5] == forward[5:9] == [["v1 = sin(y)"], ["v1_dot = cos(y) * y_dot"], ["y = v1 * x"], ["y_dot = x * v1_dot + v1 * x_dot"]]
    reverse = told(loop, "reverse", 2.0)
    assert reverse[1:7] == reverse[7:13] == [[line] for line in (
        "v1_bar = x * y_2_bar[0]", "v1_bar = x * y_2_bar[0]", "x_bar[0] += v1 * y_2_bar[0]", "x_bar[0] += v1 * y_2_bar[0]",
        "y_bar[0] += cos(y) * v1_bar", "y_bar[0] += cos(y) * v1_bar",
    )]  # fmt: skip


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("function, point", [(f, (2.0, 5.0)), (lines, (2.0, 5.0)), (loop, (2.0,))])
def test_a_linked_line_comes_from_the_learners_line_of_the_step(function: Callable[..., Any], point: tuple[float, ...], mode: str) -> None:
    t = adviz.trace(function, *point)
    timeline = adviz.forward(t, seed=(1.0,) + (0.0,) * (len(point) - 1)) if mode == "forward" else adviz.reverse(t)
    program = adviz.source(function, mode=mode)
    origin = {number: line.line for line in program.lines for number in line.generated}
    linked = program_document(t, {mode: timeline}, {mode: program})["programs"][mode]["steps"]
    checked = 0
    for step, numbers in zip(timeline.steps, linked, strict=True):
        if isinstance(step, adviz.Contribute | adviz.Propagate | adviz.Evaluate):
            i = step.source if isinstance(step, adviz.Contribute) else step.index
            position = t.assignments[i - 1].position
            assert position is not None
            assert [origin[n] for n in numbers] == [position.line]
            checked += 1
    assert checked >= len(t.assignments)


def test_a_function_without_a_program_is_refused_with_its_place() -> None:
    found = written(refused)["reverse"]
    assert isinstance(found, Refused)
    assert "try/except" in found.reason
    assert found.position is not None
    document = explored(refused, 2.0)
    assert document["modes"]["program"]["programs"] == {}
    source, line, *_ = document["modes"]["program"]["refused"]["forward"]["position"]
    given = document["sources"][source]
    assert given["text"].splitlines()[line - given["first_line"]].strip() == "try:"


def current(root: Locator, own: bool) -> list[str]:
    """The lines of a listing that are marked as those of the step."""
    which = "[data-own]" if own else ":not([data-own])"
    return [text.strip() for text in root.locator(f".adviz-line-of-code[aria-current=step]{which} code").all_text_contents()]


def test_program_mode_marks_the_line_of_the_step_on_both_sides(show: Open, artifacts: Path) -> None:
    root = show(explored(lines, 2.0, 5.0), mode="program")
    assert at(root) == ("program", 0)
    expect(tab(root, "Program")).to_have_attribute("aria-selected", "true")
    expect(root.locator(".adviz-table")).to_be_hidden()
    seen = []
    for _ in range(17):
        button(root, "Next step").click()
        seen.append((current(root, True), current(root, False)))
    assert seen[0] == (["return a + b - np.sin(x2)"], ["v5_bar = y_bar"])
    assert seen[5] == (["return a + b - np.sin(x2)"], ["x2_bar = cos(x2) * v4_bar"])
    assert seen[15] == (["a = np.log(x1)"], ["x1_bar += 1.0 / x1 * a_bar"])
    expect(root.get_by_role("status")).to_contain_text("v₋₁")
    root.page.screenshot(path=artifacts / "mode-program.png", full_page=True)
    button(root, "tangent (forward)").click()
    assert at(root) == ("program", 12)
    assert current(root, False) == ["v5_dot = v3_dot + -v4_dot"]


def test_lines_are_linked_both_ways_by_pointing_and_by_the_keyboard(show: Open, page: Page) -> None:
    root = show(explored(lines, 2.0, 5.0), mode="program")
    linked = root.locator(".adviz-line-of-code[data-linked] code")
    root.get_by_text("b_bar = v3_bar").hover()
    assert next(text.strip() for text in linked.all_text_contents()) == "return a + b - np.sin(x2)"
    root.locator("[data-own]", has_text="a = np.log(x1)").hover()
    assert [text.strip() for text in linked.all_text_contents()] == ["a = np.log(x1)", "a = log(x1)", "x1_bar += 1.0 / x1 * a_bar"]
    root.locator("[data-own]", has_text="a = np.log(x1)").click()
    assert at(root) == ("program", 16)
    first = root.locator(".adviz-line-of-code:not([data-own])").first
    first.focus()
    for _ in range(20):
        page.keyboard.press("ArrowDown")
    assert at(root) == ("program", 16)
    expect(root.locator(".adviz-line-of-code:focus code")).to_have_text(re.compile("x1_bar = x2 \\* b_bar"))
    assert "b = x1 * x2" in [text.strip() for text in linked.all_text_contents()]
    page.keyboard.press("Enter")
    assert at(root) == ("program", 12)
    page.keyboard.press("Tab")
    assert root.locator(".adviz-line-of-code:focus").count() == 0, "a listing is one stop of the Tab key"


def test_a_refused_program_says_why_and_where(show: Open) -> None:
    root = show(explored(refused, 2.0), mode="program")
    expect(root.locator(".adviz-refusal:visible")).to_contain_text("Source transformation does not take try/except.")
    assert root.locator("[data-refused] code").all_text_contents() == ["    try:"]
    button(root, "Last step").click()
    assert at(root)[0] == "program"
    expect(root.get_by_role("status")).to_contain_text("v₀")


# Jacobian.


def pair(x1: Any, x2: Any) -> Any:
    return x1 * x2, np.sin(x1)


def layer(W: Any, x: Any) -> Any:
    return np.tanh(W @ x)


LAYER = (np.array([[0.5, -1.0], [0.25, 2.0]]), np.array([1.0, 2.0]))


@pytest.mark.parametrize("function, point", [(f, (2.0, 5.0)), (pair, (2.0, 5.0)), (layer, LAYER), (lambda x, y: (x, x * 3.0, 2.0), (1.0, 4.0))])
def test_both_ways_fill_the_jacobian_and_its_products_are_those_of_one_sweep(function: Callable[..., Any], point: tuple[Any, ...]) -> None:
    t = adviz.trace(function, *point)
    timelines = default_timelines(t)
    found = jacobian_document(t, timelines)
    J = np.array([sweep["entries"] for sweep in found["sweeps"]["reverse"]])
    assert np.array_equal(J, np.array([sweep["entries"] for sweep in found["sweeps"]["forward"]]).T)
    expected = adviz.jacobian(function)(*point)
    blocks = expected if isinstance(expected, tuple) else (expected,)
    if function is layer:
        assert np.allclose(J, np.hstack([np.reshape(block, (len(J), -1)) for block in blocks]))
    else:
        assert np.allclose(J, np.reshape(np.array(blocks), J.shape))
    assert found["shape"] == list(J.shape)
    assert np.allclose(J @ found["jvp"]["seed"], found["jvp"]["result"])
    assert np.allclose(found["vjp"]["seed"] @ J, found["vjp"]["result"])
    for mode, count in (("forward", J.shape[1]), ("reverse", J.shape[0])):
        assert found["cost"][mode] == {"sweeps": count, "operations": sum(sweep["operations"] for sweep in found["sweeps"][mode])}


def test_a_large_jacobian_is_folded_and_its_cost_is_told() -> None:
    t = adviz.trace(lambda x: x * 2.0, np.ones(2000))
    found = jacobian_document(t, default_timelines(t))
    assert (found["sweeps"], found["jvp"], found["shape"]) == (None, None, [2000, 2000])
    assert found["cost"]["forward"] == {"sweeps": 2000, "operations": 4000}
    assert len(json.dumps(found)) < 1000


def matrix(root: Locator) -> list[list[str]]:
    rows = root.locator(".adviz-matrix:not(.adviz-sweep-table) tbody tr").all()
    return [row.locator("td").all_text_contents() for row in rows]


def test_forward_sweeps_fill_column_after_column(show: Open, artifacts: Path) -> None:
    root = show(explored(pair, 2.0, 5.0, mode="forward", seed=(1.0, 2.0)), mode="jacobian")
    button(root, "forward sweeps, a column each").click()
    assert matrix(root) == [["", ""], ["", ""]]
    expect(root.locator(".adviz-jacobian-cost")).to_have_text("2 × 2: 2 forward sweeps with 8 operations, or 2 reverse sweeps with 6 operations.")
    for _ in range(3):
        assert matrix(root) == [["", ""], ["", ""]]
        button(root, "Next step").click()
    assert matrix(root) == [["5", ""], ["−0.4161", ""]]
    expect(root.get_by_role("status")).to_have_text("Step 3 of 7. Forward sweep 1 of 2: the tangent of v₂ is −0.4161. The sweep is done: its outputs are the column of x1.")
    expect(root.locator(".adviz-counter")).to_have_text("Step 3 of 7 · 4 operations · 1 of 2 sweeps")
    button(root, "Next step").click()
    assert root.locator(".adviz-sweep-table tbody tr").first.locator("td").all_text_contents()[1:] == ["1", "0"]
    root.page.screenshot(path=artifacts / "mode-jacobian.png", full_page=True)
    expect(root.locator(".adviz-jacobian .adviz-products")).to_be_hidden()
    button(root, "Last step").click()
    assert matrix(root) == [["5", "2"], ["−0.4161", "0"]]
    expect(root.locator(".adviz-jacobian .adviz-products .adviz-heading")).to_have_text("JVP: J · ẋ for ẋ = (1, 2)")
    assert root.locator(".adviz-jacobian .adviz-products li").all_text_contents() == ["ẏ1 = 5 · 1 + 2 · 2 = 9", "ẏ2 = (−0.4161) · 1 + 0 · 2 = −0.4161"]


def test_reverse_sweeps_fill_row_after_row_and_what_nothing_reaches_stays_blank(show: Open) -> None:
    root = show(explored(pair, 2.0, 5.0, mode="reverse", seed=(3.0, -1.0)), mode="jacobian")
    button(root, "reverse sweeps, a row each").click()
    assert root.get_attribute("data-sweep") == "reverse"
    root.press("PageDown")
    root.press("PageDown")
    assert matrix(root) == [["5", "2"], ["", ""]]
    root.press("End")
    assert matrix(root) == [["5", "2"], ["−0.4161", "0"]]
    assert root.locator(".adviz-sweep-table tbody tr").nth(1).locator("td").all_text_contents()[1:] == ["2", ""]
    assert [text.replace("\u0304", "") for text in root.locator(".adviz-jacobian .adviz-products li").all_text_contents()] == ["x1 = 5 · 3 + (−0.4161) · (−1) = 15.42", "x2 = 2 · 3 + 0 · (−1) = 6"]


def test_of_arrays_each_sweep_is_a_step_and_a_wide_matrix_begins_with_its_rows(show: Open) -> None:
    root = show(explored(layer, *LAYER), mode="jacobian")
    assert root.get_attribute("data-sweep") == "reverse"
    assert root.get_attribute("data-steps") == "3"
    button(root, "Next step").click()
    assert [len(row) for row in matrix(root)] == [6, 6]
    assert "" not in matrix(root)[0]
    assert set(matrix(root)[1]) == {""}
    expect(root.locator(".adviz-sweep-table")).to_have_count(0)


def test_a_folded_jacobian_says_what_there_is_instead(show: Open) -> None:
    root = show(explored(lambda x: x * 2.0, np.ones(40)), mode="jacobian")
    expect(root.locator(".adviz-jacobian")).to_contain_text("This Jacobian is 40 × 40 (rows y[0], y[1], y[2], …; columns x[0], x[1], x[2], …)")
    button(root, "Next step").click()
    assert at(root) == ("jacobian", 0)


# Second order.


@pytest.mark.parametrize("function, point", [(f, (2.0, 5.0)), (lines, (2.0, 5.0)), (loop, (2.0,)), (lambda x, y: x * x * x * y + np.sin(x * y), (1.5, -0.5))])
def test_the_tangents_of_the_adjoints_are_the_hessian_times_the_direction(function: Callable[..., Any], point: tuple[float, ...]) -> None:
    t = adviz.trace(function, *point)
    for direction in [(1.0,) * len(point), tuple(0.5 - k for k in range(len(point)))]:
        nested = second_document(function, t, default_timelines(t), direction)["document"]
        expected = adviz.hvp(function, point, direction)
        assert np.allclose(nested["timelines"]["forward"]["result"], expected)
        assert np.allclose(nested["timelines"]["values"]["result"], adviz.gradient(function)(*point))


def test_its_variables_are_named_by_what_they_are_to_the_function() -> None:
    t = adviz.trace(f, 2.0, 5.0)
    found = second_document(f, t, default_timelines(t))
    names = {int(i): name for i, name in found["names"].items()}
    values = {i: float(found["document"]["variables"]["value"][i + 1]) for i in names}
    frame = adviz.reverse(t).frame(17)
    for i, name in names.items():
        if name.endswith(" of f"):
            assert values[i] in frame.values.values()
        if name in ("v̄₋₁", "v̄₀"):
            assert values[i] == frame.adjoints[-1 if name == "v̄₋₁" else 0]
    partials = {f"∂v{a.index}/∂v{u.index}": p for a in t.assignments for u, p in zip(a.operands, a.partials, strict=True) if isinstance(u, adviz.Ref)}
    digits = str.maketrans("₀₁₂₃₄₅₆₇₈₉₋", "0123456789-")
    named = {name.translate(digits): values[i] for i, name in names.items() if name.startswith("∂")}
    assert named == {name: partials[name] for name in ("∂v1/∂v-1", "∂v3/∂v0")}


def test_a_number_that_a_rule_copies_is_shown_as_a_copy_and_not_as_an_operation_of_the_learners() -> None:
    """The partial of ln asks for its operand as a 0 without a sign (`unsigned`): the number is the same, and nobody wrote that line."""
    t = adviz.trace(f, 2.0, 5.0)
    found = second_document(f, t, default_timelines(t))
    shown = expanded(found["document"])
    copies = [v for v in shown["variables"] if v["row"] == "unsigned"]
    assert [(v["operation"], v["label"], plain(v["definition"], lambda _: 0.0), v["spoken"]) for v in copies] == [("=", "a copy of v₋₁", "v₋₁", "v₋₁")]
    assert "unsigned" not in json.dumps([[v[name] for name in ("operation", "label", "definition", "spoken")] for v in shown["variables"]])


def test_second_order_steps_through_the_trace_of_the_gradient(show: Open, artifacts: Path) -> None:
    root = show(explored(f, 2.0, 5.0, mode="second-order", seed=(3.0, -1.0)), mode="second-order")
    assert [root.locator(f"input[data-seed={name}]").input_value() for name in ("x1", "x2")] == ["3", "-1"]
    expect(root.locator(".adviz-second .adviz-products li").first).to_have_text("x̄1 = ∂y/∂x1 = …; its tangent along r = …")
    for _ in range(3):
        button(root, "Next step").click()
    expect(root.locator(".adviz-role")).to_have_text("v₁ is v₁ of f; v̇₁ is its tangent: how fast v₁ of f changes along r.")
    root.press("PageDown")
    expect(root.locator(".adviz-role")).to_contain_text("v̄₀ from v₃")
    root.page.screenshot(path=artifacts / "mode-second-order.png", full_page=True)
    button(root, "Last step").click()
    expected = adviz.hvp(f, (2.0, 5.0), (3.0, -1.0))
    rates = [f"its tangent along r = {number(x)}" for x in expected]
    assert root.locator(".adviz-second .adviz-products li b").all_text_contents() == rates
    expect(root.locator(".adviz-second .adviz-products li").first).to_contain_text("x̄1 = ∂y/∂x1 = 5.5")
    expect(root.locator("tr[data-index='12'] th")).to_contain_text("= v̄₀")
    tab(root, "Reverse").click()
    expect(root.locator("tr[data-index]")).to_have_count(7)


def test_what_has_no_trace_of_its_gradient_says_why(show: Open) -> None:
    def long(x: Any) -> Any:
        for _ in range(400):
            x = x * 1.01
        return x

    root = show(explored(long, 1.0), mode="second-order")
    expect(root.locator(".adviz-second")).to_contain_text("This trace has 401 variables")
    button(root, "Next step").click()
    assert at(root) == ("second-order", 0)


def test_the_direction_goes_to_python_and_comes_back() -> None:
    explorer = adviz.explore(f, 2.0, 5.0, mode="second-order")
    assert explorer.seeds["second-order"] == [1.0, 0.0]
    explorer.set_state({"seeds": {**explorer.seeds, "second-order": [3.0, -1.0]}})
    assert explorer.alert == ""
    result = json.loads(explorer.document)["modes"]["second-order"]["document"]["timelines"]["forward"]["result"]
    assert np.allclose(result, adviz.hvp(f, (2.0, 5.0), (3.0, -1.0)))
    assert explorer.seeds["forward"] == [1.0, 0.0]
    explorer.step = 10**6
    assert explorer.step == 30


# Compare.


def cosine(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2 - np.cos(x2)


def shorter(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2


def compared(compare: Any, function: Callable[..., Any] = f, point: tuple[Any, ...] = (2.0, 5.0)) -> dict[str, Any]:
    t = adviz.trace(function, *point)
    return compare_document(function, t, default_timelines(t), compare)


def cells(found: dict[str, Any], head: str) -> list[Any]:
    (column,) = (column["cells"] for column in found["columns"] if column["head"] == head)
    return column


@pytest.mark.parametrize("compare, said, first", [
    ({"x1": 2.1}, "Both do the same operations; the first number that differs is v₋₁ = x1: 2 and 2.1.", 0),
    (cosine, "The first difference: v₃ is sin v₀ in the first and cos v₀ in the second.", 4),
    (shorter, "The first difference: v₃ = sin v₀ is computed by the first only.", 4),
    (np.float32, "the first number that differs is v₁ = ln v₋₁: 0.6931 and 0.6931 (the same in the digits shown).", 2),
    ("ln(x1) + x1*x2 - sin(x2)", "Both do the same operations and have the same numbers.", None),
    ("forward-reverse", "Forward gives ẏ · ȳ = 5.5, reverse x̄ · ẋ = 5.5: two ways to the same number.", None),
])  # fmt: skip
def test_the_first_difference_is_named(compare: Any, said: str, first: int | None) -> None:
    found = compared(compare)
    assert said in found["said"]
    assert found["first"] == first


def test_another_point_has_its_change_beside_what_the_tangent_predicts() -> None:
    found = compared({"x1": 2.001, "x2": 4.998})
    change, predicted = cells(found, "change"), cells(found, "v̇ · dx")
    assert predicted[-1] == pytest.approx(0.001 * 5.5 - 0.002 * 1.716338, rel=1e-5)
    assert np.allclose(change, predicted, atol=5e-6)
    assert not np.allclose(change, predicted, atol=1e-12)
    assert cells(found, "adjoint, x1 = 2, x2 = 5")[:2] == pytest.approx([5.5, 1.716338], rel=1e-5)


def test_lines_of_the_same_operation_stand_side_by_side() -> None:
    found = compared(shorter)
    assert [(line["index"], line["other"]) for line in found["rows"]] == [(-1, -1), (0, 0), (1, 1), (2, 2), (3, None), (4, 3), (5, None)]
    assert [line["instead"] for line in found["rows"]] == [None] * 7, "the numbers of the other side's variables are no difference"


def test_a_branch_that_goes_the_other_way_is_a_difference() -> None:
    found = compared({"x": 0.5}, lambda x: x * 2 if x > 1 else np.sin(x), (3.0,))
    assert "v₁ is v₀ · 2 in the first and sin v₀ in the second" in found["said"]


@pytest.mark.parametrize("compare, said", [({"x3": 1.0}, "'x3'"), (3, "compare is 3"), ({"x1": "a"}, "a")])
def test_what_cannot_be_compared_is_refused_in_words(compare: Any, said: str) -> None:
    with pytest.raises(adviz.InputError, match=said):
        adviz.explore(f, 2.0, 5.0, compare=compare)
    with pytest.raises(adviz.InputError, match="needs something to compare with"):
        adviz.explore(f, 2.0, 5.0, mode="compare")


def test_compare_reveals_line_after_line_and_marks_the_first_difference(show: Open, artifacts: Path) -> None:
    root = show(explored(f, 2.0, 5.0, mode="compare", compare=cosine), mode="compare")
    expect(root.locator(".adviz-compare-said")).to_have_text("The first difference: v₃ is sin v₀ in the first and cos v₀ in the second.")
    rows = root.locator(".adviz-compare-table tbody tr")
    assert root.locator("tr[data-first] th").all_text_contents() == ["v₃"]
    assert rows.nth(4).locator(".adviz-instead").text_content() == "cos v₀"
    numbers = rows.nth(1).locator("td[data-of] span")
    expect(numbers.first).to_be_hidden()
    for _ in range(2):
        button(root, "Next step").click()
    expect(numbers.first).to_be_visible()
    assert numbers.all_text_contents() == ["5", "5", "0", "1.716", "1.041"]
    expect(root.get_by_role("status")).to_have_text("Step 2 of 7. v₀ = x2: value 5 beside 5; change 0; adjoint 1.716 beside 1.041.")
    rows.nth(4).click()
    assert at(root) == ("compare", 5)
    expect(rows.nth(4)).to_have_attribute("aria-current", "step")
    root.page.screenshot(path=artifacts / "mode-compare.png", full_page=True)


def test_without_a_comparison_there_is_no_tab_for_it(show: Open) -> None:
    root = show(explored(f, 2.0, 5.0))
    assert root.get_by_role("tab").all_text_contents()[:3] == ["Values", "Forward", "Reverse"]
    expect(tab(root, "Compare")).to_be_hidden()
    expect(tab(root, "Jacobian")).to_be_visible()


@pytest.mark.parametrize("damage, said", [
    (lambda modes: modes["program"]["programs"]["reverse"].update(text=3), "modes.program.programs.reverse.text"),
    (lambda modes: modes["program"]["programs"]["reverse"]["steps"].pop(), "modes.program.programs.reverse.steps"),
    (lambda modes: modes["program"]["programs"]["reverse"]["steps"][0].append(99), "modes.program.programs.reverse.steps[0]"),
    (lambda modes: modes["program"]["programs"]["forward"]["lines"].__setitem__(8, [7, 1]), "modes.program.programs.forward.lines[8][0]"),
    (lambda modes: modes.update(program=[]), "modes.program"),
    (lambda modes: modes["jacobian"]["sweeps"]["reverse"][0]["entries"].pop(), "modes.jacobian.sweeps.reverse[0].entries"),
    (lambda modes: modes["jacobian"]["sweeps"]["forward"].pop(), "modes.jacobian.sweeps.forward"),
    (lambda modes: modes["second-order"]["document"].update(outputs=[99]), "modes.second-order.document.outputs"),
    (lambda modes: modes["second-order"].update(names=3), "modes.second-order.names"),
    (lambda modes: modes["compare"].update(first=99), "modes.compare.first"),
    (lambda modes: modes["compare"]["columns"][0]["cells"].append({"shape": 3}), "modes.compare.columns[0].cells"),
    (lambda modes: modes["jacobian"]["vjp"]["seed"].append("x"), "modes.jacobian.vjp.seed"),
])  # fmt: skip
def test_a_damaged_mode_is_named_and_the_page_lives(show: Open, damage: Callable[[Any], Any], said: str) -> None:
    document = explored(lines, 2.0, 5.0, compare=np.float32)
    damage(document["modes"])
    root = show(document, mode="program")
    expect(root.get_by_role("alert")).to_contain_text(said)
