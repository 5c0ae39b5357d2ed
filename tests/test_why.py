""" "Why this number?": what the panel says of a variable, asked with the mouse and with the keyboard, held against Python's numbers."""

# ruff: noqa: F811  a test that asks for a fixture names it as its parameter
from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import adviz
from adviz.views.number import number
from tests.test_frontend import Open, at, f, of, page, show  # noqa: F401  the fixtures of a bare page

SUM = re.compile(r"Sum of all paths: (\S+) = ")


def panel(root: Locator) -> Locator:
    return root.locator(".adviz-why")


def ask(root: Locator, index: int) -> Locator:
    """The panel for v_index, by a click on its row."""
    root.locator(f"tr[data-index='{index}'] th").click()
    expect(panel(root)).to_have_attribute("data-index", str(index))
    return panel(root)


def lines(where: Locator, selector: str) -> list[str]:
    """The texts of all that match, without the invisible signs and the slant of mathematics."""
    return [text.replace("\u2061", "").replace("\U0001d463", "v") for text in where.locator(selector).all_text_contents()]


def to_the_end(root: Locator) -> None:
    root.get_by_role("button", name="Last step", exact=True).click()


def test_a_click_on_a_box_goes_to_its_step_and_says_where_its_number_comes_from(show: Open, artifacts: Path) -> None:
    root = show(of(f, 2.0, 5.0), mode="reverse", step=17)
    expect(panel(root)).to_be_hidden()
    root.locator("[data-node='0']").click()
    assert at(root) == ("reverse", 11)
    expect(panel(root).locator(".adviz-why-title")).to_have_text("Why is v̄₀ = −0.2837 +…?")
    to_the_end(root)
    expect(panel(root).locator(".adviz-why-title")).to_have_text("Why is v̄₀ = 1.716?")
    assert lines(panel(root), ".adviz-why-list li") == ["v₃v̄3·cosv0=−1·0.2837=−0.2837", "v₂v̄2·v−1=1·2=2"]
    assert lines(panel(root), ".adviz-why-formula") == ["v̄0=v̄3·cosv0+v̄2·v−1=−1·0.2837+1·2=1.716"]
    expect(panel(root)).to_contain_text("2 paths lead from v₀ to v₅ = y")
    assert lines(panel(root), ".adviz-why-paths li") == ["v₀ → v₂ → v₄ → v₅2 · 1 · 1 = 2", "v₀ → v₃ → v₅0.2837 · (−1) = −0.2837"]
    expect(panel(root).locator(".adviz-why-sum")).to_have_text("Sum of all paths: 1.716 = v̄₀")
    root.page.screenshot(path=artifacts / "why-reverse.png", full_page=True)


def test_it_is_asked_and_answered_with_the_keyboard_alone(show: Open, page: Page) -> None:
    root = show(of(f, 2.0, 5.0), mode="reverse", step=17)
    root.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(panel(root)).to_have_attribute("data-index", "0")
    expect(panel(root).locator(".adviz-why-title")).to_be_focused()
    page.keyboard.press("End")
    for name in ("Close", "v₃"):
        page.keyboard.press("Tab")
        expect(panel(root).get_by_role("button", name=name, exact=True)).to_be_focused()
    expect(root.locator("[data-edge='0:3:0']")).to_have_attribute("data-pointed", "")
    expect(root.locator(".adviz-hint")).to_have_text("∂v₃/∂v₀ = 0.2837")
    page.keyboard.press("Enter")
    expect(panel(root)).to_have_attribute("data-index", "3")
    expect(root.locator("tr[aria-current=step]")).to_have_attribute("data-index", "3")
    page.keyboard.press("Escape")
    expect(panel(root)).to_be_hidden()
    expect(root).to_be_focused()
    page.keyboard.press("Tab")  # the focus is where it was: the next stop is inside the explorer
    assert root.locator(":focus").count() == 1


def test_the_button_beside_the_sentence_asks_about_the_step(show: Open) -> None:
    root = show(of(f, 2.0, 5.0))
    opener = root.get_by_role("button", name="Why this number?", exact=True)
    expect(opener).to_be_hidden()
    root.press("ArrowRight")
    opener.click()
    assert lines(panel(root), ".adviz-why-formula") == ["v1=lnv−1=ln2=0.6931"]
    assert lines(panel(root), ".adviz-why-list li") == ["v₋₁ = 2∂v₁/∂v₋₁ = 0.5"]
    expect(panel(root)).to_contain_text("1 path leads from v₁ to v₅ = y")
    expect(panel(root)).to_contain_text("when the values on them are known")
    expect(panel(root).locator("mark")).to_have_text("np.log(x1)")
    expect(opener).to_be_hidden()
    to_the_end(root)
    assert lines(panel(root), ".adviz-why-paths li") == ["v₁ → v₄ → v₅1 · 1 = 1"]
    panel(root).get_by_role("button", name="Close", exact=True).click()
    expect(opener).to_be_visible()


def test_what_is_not_computed_yet_is_not_told(show: Open) -> None:
    root = show(of(f, 2.0, 5.0), mode="forward")
    ask(root, 5)
    root.press("Home")
    expect(panel(root).locator(".adviz-why-title")).to_have_text("What is v₅?")
    assert lines(panel(root), ".adviz-why-formula") == ["v5=v4−v3"]
    assert lines(panel(root), ".adviz-why-list li") == ["v₄∂v₅/∂v₄ is not computed yet", "v₃∂v₅/∂v₃ is not computed yet"]
    assert panel(root).locator(".adviz-why-paths").count() == 0
    assert not re.search(r"11\.65|5\.5", panel(root).inner_text())


def test_forward_names_what_each_operand_passed_on_and_the_paths_from_the_seed(show: Open) -> None:
    root = show(of(f, 2.0, 5.0, forward=(3.0, -1.0)), mode="forward")
    ask(root, 2)
    assert lines(panel(root), ".adviz-why-formula") == ["v2=v−1·v0=2·5=10", "v̇2=v̇−1·v0+v̇0·v−1=3·5+(−1)·2=13"]
    assert lines(panel(root), ".adviz-why-list li")[2:] == ["v₋₁v̇₋₁ · ∂v₂/∂v₋₁ = 3 · 5 = 15", "v₀v̇₀ · ∂v₂/∂v₀ = −1 · 2 = −2"]
    assert lines(panel(root), ".adviz-why-paths li") == ["v₋₁ → v₂3 · 5 = 15", "v₀ → v₂−1 · 2 = −2"]
    expect(panel(root).locator(".adviz-why-sum")).to_have_text("Sum of all paths: 13 = v̇₂")


def test_an_edge_that_is_pointed_at_says_its_partial(show: Open, page: Page) -> None:
    root = show(of(f, 2.0, 5.0), mode="forward", step=12)
    hint = root.locator(".adviz-hint")
    reach = root.locator("[data-edge='0:3:0'] .adviz-reach")
    middle = "(path) => { const p = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM()); return [p.x, p.y]; }"
    page.mouse.move(*reach.evaluate(middle))
    expect(hint).to_have_text("∂v₃/∂v₀ = 0.2837")
    page.mouse.move(5, 5)
    expect(hint).to_have_text("")
    root.press("Home")
    page.mouse.move(*reach.evaluate(middle))
    expect(hint).to_have_text("∂v₃/∂v₀ is not computed yet")


def powers(x: Any, y: Any) -> Any:
    return x * x * x * y + np.sin(x * y) / y


def chosen(x: Any, y: Any) -> Any:
    z = np.where(x > 0, x * y, y)
    return z * z, np.maximum(z, y), 3.0 * x


@pytest.mark.parametrize("function, seeds", [
    (f, {"forward": (1.0, 0.0), "reverse": 1.0}), (f, {"forward": (3.0, -1.0), "reverse": -2.0}), (powers, {"forward": (0.5, 2.0), "reverse": 1.0}),
    (chosen, {"forward": (1.0, -1.0), "reverse": (1.0, 0.0, 0.0)}), (chosen, {"forward": (0.0, 1.0), "reverse": (2.0, -3.0, 0.5)}),
])  # fmt: skip
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_the_sum_over_all_paths_is_the_derivative_of_every_variable(show: Open, function: Callable[..., Any], seeds: dict[str, Any], mode: str) -> None:
    t = adviz.trace(function, 2.0, 5.0)
    timeline = (adviz.forward if mode == "forward" else adviz.reverse)(t, seed=seeds[mode])
    derivatives = {s.index: s.value for s in timeline.steps if isinstance(s, adviz.Seed | adviz.Propagate | adviz.Accumulate)}
    root = show(of(function, 2.0, 5.0, **seeds), mode=mode)
    told = 0
    for index, derivative in derivatives.items():
        ask(root, index)
        to_the_end(root)
        found = SUM.findall(panel(root).inner_text())
        assert found in ([], [number(derivative)]), index
        told += len(found)
    assert told >= len(derivatives) // 2


def diamonds(x: Any) -> Any:
    for _ in range(20):
        x = np.sin(x) + np.cos(x)
    return x


def test_many_paths_are_counted_and_not_listed(show: Open) -> None:
    root = show(of(diamonds, 0.5), mode="reverse", step=999)
    ask(root, 0)
    expect(panel(root)).to_contain_text("1\u202f048\u202f576 paths lead from v₀ to v₆₀ = y")
    expect(panel(root)).to_contain_text("More than 12 paths are not listed.")
    assert panel(root).locator(".adviz-why-paths").count() == 0


@pytest.mark.parametrize("function, point, mode, index, said", [
    (lambda x: abs(x) * 2, (0.0,), "reverse", 1, "is not differentiable here"),
    (lambda x, y: x * 2, (1.0, 2.0), "reverse", 0, "no path leads from v₀ to an output"),
    (lambda x, y: x * y, (1.0, 2.0), "forward", 0, "It is 0 because its seed is 0."),
    (lambda x: np.cos(x) * 2, (0.0,), "reverse", 0, "every share has a factor 0"),
    (lambda x: x - x, (3.0,), "reverse", 0, "the shares cancel"),
    (lambda x, y: (x * x, y * y), (1.0, 2.0), "forward", 2, "no path leads to v₂ from an input that is seeded"),
    (lambda x: x * 2 if x > 1 else x, (3.0,), "values", 0, "The run took the branch where x > 1 is true."),
])  # fmt: skip
def test_kinks_zeros_and_branches_are_told_where_they_are(
    show: Open, function: Callable[..., Any], point: tuple[float, ...], mode: str, index: int, said: str
) -> None:
    root = show(of(function, *point), mode=mode)
    ask(root, index)
    to_the_end(root)
    expect(panel(root).locator(".adviz-why-note").filter(has_text=said)).to_have_count(1)


def test_of_arrays_the_operation_is_told_and_the_paths_are_counted(show: Open, artifacts: Path) -> None:
    root = show(of(lambda W, x: np.sum(np.tanh(W @ x)), np.array([[0.5, -1.0], [0.25, 2.0]]), np.array([1.0, 2.0])), mode="reverse", step=99)
    ask(root, 1)
    to_the_end(root)
    expect(panel(root)).to_contain_text("matrix product, shape (2,)")
    expect(panel(root)).to_contain_text("∂v₁/∂v₀ is a linear map")
    ask(root, 0)
    expect(panel(root)).to_contain_text("1 path leads from v₀ to v₃ = y")
    expect(panel(root)).to_contain_text("so the products along the paths are not written out")
    root.page.screenshot(path=artifacts / "why-arrays.png", full_page=True)


def test_another_document_keeps_the_question_or_drops_it(show: Open, page: Page) -> None:
    root = show(of(f, 2.0, 5.0), mode="reverse", step=17)
    ask(root, 4)
    page.evaluate("([content]) => window.adviz_models[0].arrive('document', content)", [adviz.views.document.document_json(adviz.trace(f, 3.0, 5.0))])
    expect(panel(root)).to_have_attribute("data-index", "4")
    expect(panel(root)).to_contain_text("16.1")
    page.evaluate("([content]) => window.adviz_models[0].arrive('document', content)", [adviz.views.document.document_json(adviz.trace(lambda x: x * 2, 3.0))])
    expect(panel(root)).to_be_hidden()
