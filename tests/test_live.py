"""The page computes anew: an exported page alone, and a widget before its kernel has answered. What is seen is what Python says there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import adviz
from adviz.views.assemble import join, module, stylesheet
from adviz.views.compare import compare_document
from adviz.views.document import default_timelines, document_json, json_text, packed
from adviz.views.jacobian import jacobian_document
from adviz.views.modes import Modes
from adviz.views.number import number
from adviz.views.page import page as exported
from adviz.views.second import second_document
from tests.bridge import Bridge
from tests.test_evaluate import LIBRARY, bits, function_task, library, numbers_of, recorded, wrong
from tests.test_frontend import CELLS, MOUNT, arrive, at, button, model, tab

STATIC = Path(adviz.__file__).parent / "widget" / "static"
MODES = ("values", "forward", "reverse")
__all__ = ["library"]  # a fixture


def f(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2 - np.sin(x2)


def bent(x: Any, y: Any) -> Any:
    if x > 1:
        return x * y + 1.0
    return y - x


def both(x: Any, y: Any) -> Any:
    return x * y, np.exp(x)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A bare page that must end without an error."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.set_content("<!doctype html><html lang='en'><meta charset='utf-8'><body style='margin:16px'></body></html>")
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def open_page(page: Page, tmp_path: Path) -> Callable[..., Locator]:
    """An exported page of a function at a point, opened from a file."""

    def opened(function: Callable[..., Any], *point: float, mode: str = "values", step: int = 0, modes: bool = False, compare: Any = None) -> Locator:
        t, file = adviz.trace(function, *point), tmp_path / "page.html"
        content = packed(t) | ({"modes": Modes(function, compare).document(t, default_timelines(t))} if modes else {})
        file.write_text(exported(json_text(content), mode, step), encoding="utf-8")
        page.goto(file.as_uri())
        return page.locator(".adviz-explorer")

    return opened


@pytest.fixture
def widget(page: Page) -> Callable[..., Locator]:
    """A widget of a function at a point, with a model in place of a kernel that has not answered yet."""

    def mounted(function: Callable[..., Any], *point: float, **traits: Any) -> Locator:
        state = {"document": document_json(adviz.trace(function, *point)), "mode": "values", "step": 0, "alert": "", "theme": "", "seeds": {}}
        page.evaluate(MOUNT, {"code": module(), "style": stylesheet(), "states": [state | traits]})
        return page.locator(".adviz-explorer").first

    return mounted


def cells(root: Locator) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = root.evaluate(CELLS)
    return found


def expected(function: Callable[..., Any], point: tuple[float, ...], mode: str, **seeds: Any) -> dict[str, dict[str, str]]:
    """What the table of a mode shows after its last step."""
    t = adviz.trace(function, *point)
    sweeps = {"forward": adviz.forward, "reverse": adviz.reverse}
    timeline = sweeps[mode](t, seed=seeds[mode]) if mode in seeds else default_timelines(t)[mode]
    frame, kind = timeline.frame(len(timeline.steps)), {"forward": "tangent", "reverse": "adjoint"}.get(mode)
    derivatives = {**frame.tangents, **frame.adjoints}
    return {str(i): {"value": number(v)} | ({kind: number(derivatives[i]) if i in derivatives else ""} if kind else {}) for i, v in frame.values.items()}


def shows(root: Locator, function: Callable[..., Any], *point: float, **seeds: Any) -> None:
    """In every mode the numbers are those of this point, in the table, the formulas and the graph."""
    for mode in MODES:
        tab(root, mode.capitalize()).click()
        button(root, "Last step").click()
        wanted = expected(function, point, mode, **seeds)
        assert cells(root) == wanted
        kind = {"forward": "tangent", "reverse": "adjoint"}.get(mode)
        for i, found in wanted.items():
            node = root.locator(f"[data-node='{i}']")
            assert node.locator(".adviz-value").text_content() == found["value"]
            assert (node.locator(".adviz-derivative").text_content() or "").rpartition(" = ")[2] == (found[kind] if kind else "")


def slide(root: Locator, name: str, value: float) -> None:
    """What a browser does while a slider is dragged: the value changes and `input` is told, not `change`."""
    root.locator(f"input[data-slider={name}]").evaluate("(e, x) => { e.value = x; e.dispatchEvent(new Event('input')); }", value)


def release(root: Locator, name: str) -> None:
    root.locator(f"input[data-slider={name}]").evaluate("(e) => e.dispatchEvent(new Event('change'))")


def enter(root: Locator, name: str, text: str, kind: str = "input") -> None:
    field = root.locator(f"input[data-{kind}={name}]")
    field.fill(text)
    field.press("Enter")


# Without a kernel.


def test_a_slider_of_an_exported_page_changes_every_number_in_place(open_page: Any) -> None:
    root = open_page(f, 2.0, 5.0, mode="reverse", step=17)
    root.evaluate("(root) => { root.kept = [...root.querySelectorAll('tr[data-index], [data-node], [data-edge]')]; }")
    slide(root, "x2", 3.5)
    expect(root.locator("input[data-input=x2]")).to_have_value("3.5")
    assert at(root) == ("reverse", 17)
    assert cells(root) == expected(f, (2.0, 3.5), "reverse")
    assert root.evaluate("(root) => root.kept.every((element) => element.isConnected)")
    shows(root, f, 2.0, 3.5)


def test_formulas_and_sentence_of_the_step_have_the_new_numbers(open_page: Any) -> None:
    root = open_page(f, 2.0, 5.0, mode="reverse", step=10)
    slide(root, "x2", 3.5)
    expect(root.get_by_role("status")).to_have_text("Step 10 of 17. v₀ received 0.9365 from v₃: adjoint of v₃, −1, times cos of v₀, −0.9365.")
    written = root.locator(".adviz-formula").inner_text().replace("\n", "")
    assert "0.9365" in written
    assert "0.2837" not in written
    assert "3.5" in root.locator("tr[data-index='2'] .adviz-numbers").first.inner_text()


@pytest.mark.parametrize("keys, value", [(["ArrowRight"], 5.05), (["ArrowLeft", "ArrowLeft"], 4.9), (["Home"], 0), (["End"], 10)])
def test_a_slider_goes_by_keyboard(open_page: Any, page: Page, keys: list[str], value: float) -> None:
    root = open_page(f, 2.0, 5.0)
    root.locator("input[data-slider=x2]").focus()
    for key in keys:
        page.keyboard.press(key)
    shows(root, f, 2.0, value)
    expect(root.locator("input[data-input=x2]")).to_have_value(f"{value:g}")


def test_a_field_takes_any_number_and_its_arrow_keys_go_by_steps(open_page: Any, page: Page) -> None:
    root = open_page(f, 2.0, 5.0)
    enter(root, "x1", "−1")
    shows(root, f, -1.0, 5.0)
    enter(root, "x1", "1e3")
    expect(root.locator("input[data-slider=x1]")).to_have_attribute("max", "2000")
    root.locator("input[data-input=x1]").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowDown")
    shows(root, f, 910.0, 5.0)
    enter(root, "x1", "inf")
    shows(root, f, np.inf, 5.0)


def test_a_name_is_dragged_sideways(open_page: Any, page: Page) -> None:
    root = open_page(f, 2.0, 5.0)
    box = root.locator("[data-draggable] .adviz-field-name").last.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 30, y, steps=3)
    expect(root.locator("input[data-input=x2]")).to_have_value("4.25")
    page.mouse.move(x + 10, y)
    page.mouse.up()
    shows(root, f, 2.0, 5.25)


def test_a_seed_gives_the_derivatives_along_another_direction(open_page: Any) -> None:
    root = open_page(f, 2.0, 5.0, mode="forward", step=12)
    enter(root, "x1", "0.5", kind="seed")
    enter(root, "x2", "-1", kind="seed")
    slide(root, "x1", 3.0)
    shows(root, f, 3.0, 5.0, forward=(0.5, -1.0))
    tab(root, "Forward").click()
    expect(root.locator("input[data-seed=x2]")).to_have_value("-1")


def test_weights_that_need_other_steps_are_told_and_kept_and_nothing_is_lost(open_page: Any) -> None:
    root = open_page(both, 2.0, 5.0, mode="reverse", step=6)
    before = cells(root)
    enter(root, "y2", "1", kind="seed")
    expect(root.locator(".adviz-notice")).to_have_text("With these weights the sweep takes other steps. The picture of it needs a running kernel.")
    expect(root.locator("input[data-seed=y2]")).to_have_value("1")
    assert cells(root) == before
    enter(root, "y2", "0", kind="seed")
    expect(root.locator(".adviz-notice")).to_be_empty()
    enter(root, "y1", "-2", kind="seed")
    shows(root, both, 2.0, 5.0, reverse=(-2.0, 0.0))


def test_a_branch_that_flips_is_told_the_field_keeps_what_was_typed_and_the_way_back_is_open(open_page: Any) -> None:
    root = open_page(bent, 2.0, 3.0, mode="reverse", step=5)
    before = cells(root)
    enter(root, "x", "0.5")
    expect(root.locator(".adviz-notice")).to_have_text(
        "At these inputs x > 1 comes out otherwise: the program takes another path. Its picture needs a running kernel; shown is the last point on this one.")
    expect(root.locator("input[data-input=x]")).to_have_value("0.5")
    assert cells(root) == before
    button(root, "Previous step").click()
    assert at(root) == ("reverse", 4)
    enter(root, "x", "1.5")
    expect(root.locator(".adviz-notice")).to_be_empty()
    shows(root, bent, 1.5, 3.0)


def test_notes_of_the_point_are_not_told_of_another(open_page: Any) -> None:
    root = open_page(lambda x: abs(x) * x, 0.0)
    notes = root.locator(".adviz-notes")
    expect(notes).to_contain_text("not differentiable")
    expect(root.locator(".adviz-badge")).to_be_visible()
    slide(root, "x", 0.5)
    expect(notes).to_have_text("Kinks, undefined values and infinite slopes are noted for the point that Python computed, not for this one.")
    expect(root.locator(".adviz-badge")).to_be_hidden()
    slide(root, "x", 0)
    expect(notes).to_contain_text("not differentiable")
    expect(root.locator(".adviz-badge")).to_be_visible()


def test_what_the_page_cannot_compute_is_said_with_the_reason(open_page: Any) -> None:
    root = open_page(lambda x: adviz.functions.erf(x), 0.5)
    expect(root.locator("input[data-input=x]")).not_to_be_editable()
    expect(root.locator("input[data-slider=x]")).to_be_hidden()
    expect(root.locator(".adviz-notice")).to_have_text("The page cannot compute erf. Changing an input needs a running kernel.")


def matrix_of(t: Any, way: str) -> list[list[str]]:
    """What the page shows of the Jacobian after its last sweep, as text: the matrix, and every derivative of every sweep."""
    found = jacobian_document(t, default_timelines(t))
    sweeps = found["sweeps"][way]
    entries = [sweep["entries"] for sweep in sweeps]
    matrix = [list(row) for row in zip(*entries)] if way == "forward" else entries
    of_each = [list(line) for line in zip(*(sweep["derivatives"] for sweep in sweeps))]
    return [[number(x) for x in row] for row in matrix] + [["" if x is None else number(x) for x in line] for line in of_each]


@pytest.mark.parametrize("function, there", [(f, (2.0, 3.5)), (both, (0.2, 5.0)), (lambda x, y: (np.sqrt(x * y), x - y, y), (0.0, 2.0))])
def test_the_jacobian_follows_a_slider_in_both_ways(open_page: Any, function: Any, there: Any) -> None:
    root = open_page(function, 2.0, 5.0, mode="reverse", modes=True)
    tab(root, "Jacobian").click()
    names = root.locator("input[data-slider]").evaluate_all("(all) => all.map((each) => each.dataset.slider)")
    for way in ("forward", "reverse"):
        root.locator(f".adviz-jacobian [data-way={way}]").click()
        button(root, "Last step").click()
        for point in ((1.0, 1.0), there):
            for name, x in zip(names, point, strict=True):
                slide(root, name, x)
        shown = root.locator(".adviz-matrix").evaluate_all(
            "(all) => all.flatMap((table) => [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll('td:not(.adviz-rule)')].map((cell) => cell.textContent)))")
        assert shown == matrix_of(adviz.trace(function, *there), way)
    expect(root.locator(".adviz-notice")).to_be_empty()
    expect(root.locator(".adviz-stale")).to_be_hidden()


def second_of(function: Any, point: Any) -> dict[str, Any]:
    """What Python puts into the mode Second order at a point."""
    t = adviz.trace(function, *point)
    return second_document(function, t, default_timelines(t))


def numbers_in(document: dict[str, Any]) -> dict[str, dict[str, str]]:
    """What the table shows of a document after the last step of its forward sweep."""
    first, steps, kinds = document["variables"]["first"], document["timelines"]["forward"]["steps"], document["timelines"]["forward"]["kinds"]
    found = {str(i): {"value": number(x), "tangent": ""} for i, x in enumerate(document["variables"]["value"], first)}
    for kind, i, x in zip(steps["kind"], steps["index"], steps["number"], strict=True):
        if kinds[kind]["kind"] != "evaluate":
            found[str(i)]["tangent"] = number(x)
    return found


def bend(x: Any, y: Any) -> Any:
    return x**3 * y + np.exp(-x) if x > y else y**2.5 - x / y


FOLLOWED: list[tuple[Callable[..., Any], tuple[float, float]]] = [(f, (2.0, 3.5)), (bend, (1.0, 3.5)), (both, (0.2, 5.0)), (lambda x, y: np.hypot(x, y) ** y, (3.0, 4.0))]


@pytest.mark.parametrize("function, there", FOLLOWED)
def test_second_order_follows_a_slider_in_the_table_the_graph_and_the_product(open_page: Any, function: Any, there: Any) -> None:
    root = open_page(function, 2.0, 5.0, mode="reverse", modes=True)
    tab(root, "Second order").click()
    names = root.locator("input[data-slider]").evaluate_all("(all) => all.map((each) => each.dataset.slider)")
    button(root, "Last step").click()
    for point in ((1.0, 4.0), there):
        for name, x in zip(names, point, strict=True):
            slide(root, name, x)
    release(root, names[1])
    nested = second_of(function, there)["document"]
    wanted = numbers_in(nested)
    assert cells(root) == wanted
    for i, node in wanted.items():
        if root.locator(f"[data-node='{i}']").count():
            assert root.locator(f"[data-node='{i}'] .adviz-value").text_content() == node["value"]
    entries = zip(nested["outputs"], nested["timelines"]["forward"]["result"], strict=True)
    for said, (i, rate) in zip(root.locator(".adviz-second li").all_text_contents(), entries, strict=True):
        assert f" = {wanted[str(i)]['value']}; " in said
        assert said.endswith(f" = {number(rate)}")
    expect(root.locator(".adviz-stale")).to_be_hidden()
    expect(root.locator(".adviz-notice")).to_be_empty()


def test_second_order_says_which_point_it_shows_where_a_slope_is_infinite_and_comes_back(open_page: Any) -> None:
    root = open_page(lambda x: np.sqrt(x) * x, 4.0, mode="reverse", modes=True)
    tab(root, "Second order").click()
    button(root, "Last step").click()
    slide(root, "x", 1.0)
    before = cells(root)
    slide(root, "x", 0)
    expect(root.locator(".adviz-stale")).to_have_text("This mode shows x = 1. Another point needs a running kernel.")
    assert cells(root) == before
    slide(root, "x", 2.5)
    expect(root.locator(".adviz-stale")).to_be_hidden()
    assert cells(root) == numbers_in(second_of(lambda x: np.sqrt(x) * x, (2.5,))["document"])


def test_a_mode_that_only_python_computes_says_which_point_it_shows(open_page: Any) -> None:
    root = open_page(lambda x1, x2: np.sinc(x1) * x2, 2.0, 5.0, mode="reverse", modes=True)
    tab(root, "Second order").click()
    expect(root.locator(".adviz-stale")).to_be_hidden()
    slide(root, "x2", 3.5)
    expect(root.locator(".adviz-stale")).to_have_text("This mode shows x1 = 2, x2 = 5. Another point needs a running kernel.")
    tab(root, "Jacobian").click()
    expect(root.locator(".adviz-stale")).to_be_hidden()
    tab(root, "Second order").click()
    expect(root.locator(".adviz-stale")).to_be_visible()
    slide(root, "x2", 5.0)
    expect(root.locator(".adviz-stale")).to_be_hidden()


def table_of(compared: dict[str, Any]) -> dict[str, Any]:
    """What the page shows of a comparison, as text."""
    return {
        "title": compared["title"], "said": compared["said"], "heads": [column["head"] for column in compared["columns"]],
        "cells": [["" if x is None else number(x) for x in row] for row in zip(*(column["cells"] for column in compared["columns"]), strict=True)],
        "differs": [row["differs"] for row in compared["rows"]], "first": compared["first"],
    }  # fmt: skip


SHOWN = """(pane) => { const rows = [...pane.querySelectorAll("tbody tr")]; return {
    title: pane.querySelector("caption").textContent, said: pane.querySelector(".adviz-compare-said").textContent,
    heads: [...pane.querySelectorAll("thead th")].slice(2).map((th) => th.textContent),
    cells: rows.map((row) => [...row.querySelectorAll("td[data-of]")].map((td) => td.textContent)),
    differs: rows.map((row) => row.classList.contains("adviz-differs")), first: rows.findIndex((row) => row.hasAttribute("data-first")) }; }"""


@pytest.mark.parametrize("function, compare", [(f, {"x1": 2.5}), (f, {"x2": 4.5, "x1": 2.0}), (f, "forward-reverse"), (bend, {"x": 1.0}), (both, {"x1": 3.0})])
def test_two_points_or_two_sweeps_side_by_side_follow_a_slider(open_page: Any, function: Any, compare: Any) -> None:
    names = adviz.trace(function, 2.0, 5.0).parameters
    given = compare if isinstance(compare, str) else {name: x for name, x in zip(names, (compare.get("x1", compare.get("x")), compare.get("x2")), strict=True) if x is not None}
    root = open_page(function, 2.0, 5.0, mode="reverse", modes=True, compare=given)
    tab(root, "Compare").click()
    button(root, "Last step").click()
    for point in ((1.5, 3.0), (2.5, 4.5)):
        for name, x in zip(names, point, strict=True):
            slide(root, name, x)
        t = adviz.trace(function, *point)
        wanted = table_of(compare_document(function, t, default_timelines(t), given))
        found = root.locator(".adviz-compare").evaluate(SHOWN)
        assert found == wanted | {"first": -1 if wanted["first"] is None else wanted["first"]}
    expect(root.locator(".adviz-stale")).to_be_hidden()


@pytest.mark.parametrize("compare, x", [(lambda x, y: x * y, 3.0), (np.float32, 3.0), ({"x": 1.2}, 1.0)])
def test_a_comparison_that_needs_python_says_which_point_it_shows(open_page: Any, compare: Any, x: float) -> None:
    root = open_page(bent, 2.0, 3.0, mode="reverse", modes=True, compare=compare)
    tab(root, "Compare").click()
    before = root.locator(".adviz-compare").evaluate(SHOWN)
    slide(root, "x", x)
    if x > 1:
        expect(root.locator(".adviz-stale")).to_have_text("This mode shows x = 2, y = 3. Another point needs a running kernel.")
    else:
        expect(root.locator(".adviz-notice")).to_contain_text("takes another path")
    assert root.locator(".adviz-compare").evaluate(SHOWN) == before


def iterated(x: Any, y: Any) -> Any:
    for _ in range(60):
        x = np.sin(x) * y + 0.5
    return x


def test_of_a_large_picture_what_is_in_sight_changes_at_once_and_the_rest_when_the_hand_rests(open_page: Any, page: Page) -> None:
    root = open_page(iterated, 1.0, 0.75, mode="reverse")
    button(root, "Last step").click()
    wanted = expected(iterated, (1.0, 0.5), "reverse")
    root.evaluate("(root) => { const set = window.setTimeout; window.setTimeout = (run, ms) => (ms === 120 ? (root.rest = run) : set(run, ms)); }")
    root.locator(".adviz-table-pane").scroll_into_view_if_needed()
    slide(root, "y", 0.5)
    visible = root.evaluate("""(root) => { const pane = root.querySelector('.adviz-table-pane').getBoundingClientRect();
        return [...root.querySelectorAll('tr[data-index]')].filter((row) => { const box = row.getBoundingClientRect();
            return box.top >= pane.top && box.bottom <= Math.min(pane.bottom, innerHeight); }).map((row) => row.dataset.index); }""")
    shown = cells(root)
    assert len(visible) >= 3
    assert {i: shown[i] for i in visible} == {i: wanted[i] for i in visible}
    assert any(shown[i] != wanted[i] for i in shown)
    root.evaluate("(root) => root.rest()")
    shown = cells(root)
    assert shown == {i: wanted[i] for i in shown}
    assert "0.5" in root.locator("tr[data-index='2'] .adviz-numbers").first.inner_text()


# The point that is shown, elsewhere.


def again(page: Page, address: str) -> None:
    """Opens the address as somebody does who was sent it."""
    page.goto("about:blank")
    page.goto(address)


def test_the_dragged_point_stands_in_the_address_and_a_link_opens_it(open_page: Any, page: Page) -> None:
    root = open_page(f, 2.0, 5.0, mode="reverse", step=9)
    slide(root, "x2", 3.5)
    page.wait_for_url(lambda url: url.endswith("#mode=reverse&step=9&at=2,3.5"))
    again(page, page.url)
    expect(root.locator("input[data-input=x2]")).to_have_value("3.5")
    assert at(root) == ("reverse", 9)
    shows(root, f, 2.0, 3.5)
    enter(root, "x2", "5")
    page.wait_for_url(lambda url: "at=" not in url)
    page.evaluate("location.hash = '#mode=forward&step=4&at=-1,1e-7'")
    expect(root.locator("input[data-input=x1]")).to_have_value("-1")
    assert at(root) == ("forward", 4)
    shows(root, f, -1.0, 1e-7)


@pytest.mark.parametrize("named", ["7", "7,8,9", "7,x", ",", "0.5,3"])
def test_a_point_that_the_page_cannot_show_is_left_unread(open_page: Any, page: Page, named: str) -> None:
    root = open_page(bent, 2.0, 3.0, mode="reverse", step=1)
    again(page, f"{page.url.split('#')[0]}#mode=reverse&step=99&at={named}")
    expect(root).to_have_attribute("data-step", root.get_attribute("data-steps") or "")
    assert cells(root) == expected(bent, (2.0, 3.0), "reverse")


def test_what_the_menu_saves_is_what_is_on_the_screen(open_page: Any, page: Page, tmp_path: Path) -> None:
    root = open_page(f, 2.0, 5.0, mode="forward", step=12, modes=True)
    enter(root, "x1", "0.5", kind="seed")
    slide(root, "x2", 3.5)
    root.locator(".adviz-export-button").click()
    files = {}
    for kind in ("json", "html", "svg"):
        with page.expect_download() as download:
            root.locator(f"[data-export={kind}]").click()
        files[kind] = tmp_path / f"saved.{kind}"
        download.value.save_as(files[kind])
    there = adviz.forward(f, 2.0, 3.5, seed=(0.5, 0.0))
    loaded = adviz.load(files["json"])
    assert loaded.content["inputs"][1]["value"] == 3.5
    assert loaded.content["timelines"]["forward"]["seed"] == [0.5, 0.0]
    for name in ("value", "partials"):
        assert list(loaded.content["variables"][name]) == pytest.approx(list(packed(there.trace)["variables"][name]), rel=1e-15)
    assert list(loaded.content["modes"]) == ["program"]
    wanted = [number(step.value) for step in there.steps]
    assert [number(x) for x in loaded.content["timelines"]["forward"]["steps"]["number"]] == wanted
    assert wanted[-1] in files["svg"].read_text(encoding="utf-8")
    page.goto(files["html"].as_uri())
    expect(root.locator("input[data-input=x2]")).to_have_value("3.5")
    shows(root, f, 2.0, 3.5)


# The nudge.


def test_a_nudge_compares_the_change_of_y_with_the_adjoint(open_page: Any) -> None:
    root = open_page(lambda x, y: x * x * y, 3.0, 2.0)
    root.locator(".adviz-nudge summary").click()
    root.locator(".adviz-nudge-variable").select_option("-1")
    said = root.locator(".adviz-nudge-said")
    expect(said).to_have_text("If v₋₁ is 0.03 more, y goes from 18 to 18.36: it changes by 0.3618. The adjoint says v̄₋₁·δ = 12 × 0.03 = 0.36.")
    root.locator(".adviz-nudge-delta").fill("-1")
    root.locator(".adviz-nudge-delta").press("Enter")
    expect(said).to_have_text("If v₋₁ is −1 more, y goes from 18 to 8: it changes by −10. The adjoint says v̄₋₁·δ = 12 × −1 = −12.")
    slide(root, "x", 5)
    expect(said).to_have_text("If v₋₁ is −1 more, y goes from 50 to 32: it changes by −18. The adjoint says v̄₋₁·δ = 20 × −1 = −20.")


def test_an_intermediate_is_nudged_and_only_what_follows_it_changes(open_page: Any) -> None:
    root = open_page(lambda x: np.sqrt(x * x + 16.0) * x, 3.0, mode="values", step=1)
    root.locator(".adviz-nudge summary").click()
    expect(root.locator(".adviz-nudge-variable")).to_have_value("1")
    expect(root.locator(".adviz-nudge-said")).to_have_text(
        "If v₁ is 0.09 more, y goes from 15 to 15.03: it changes by 0.02698. The adjoint says v̄₁·δ = 0.3 × 0.09 = 0.027.")
    button(root, "Next step").click()
    expect(root.locator(".adviz-nudge-variable")).to_have_value("2")


def test_a_nudge_across_a_branch_is_told(open_page: Any) -> None:
    root = open_page(bent, 1.1, 3.0)
    root.locator(".adviz-nudge summary").click()
    root.locator(".adviz-nudge-delta").fill("-0.5")
    root.locator(".adviz-nudge-delta").press("Enter")
    expect(root.locator(".adviz-nudge-said")).to_have_text("If v₋₁ is −0.5 more, x > 1 comes out otherwise: y is computed on another path there.")


# With a kernel.


def test_a_drag_is_seen_at_once_and_the_kernel_is_told_when_it_ends(widget: Any, page: Page) -> None:
    root = widget(f, 2.0, 5.0, mode="reverse", step=17)
    for x in (5.5, 6.0, 6.5):
        slide(root, "x2", x)
        assert cells(root) == expected(f, (2.0, x), "reverse")
    assert model(page, "saved") == []
    release(root, "x2")
    assert model(page, "saved.at(-1).inputs") == {"x1": 2, "x2": 6.5}
    arrive(page, "document", document_json(adviz.trace(f, 2.0, 6.5)))
    shows(root, f, 2.0, 6.5)


def test_a_document_that_comes_during_a_drag_does_not_undo_it(widget: Any, page: Page) -> None:
    root = widget(f, 2.0, 5.0, mode="reverse", step=17)
    slide(root, "x2", 6.0)
    release(root, "x2")
    slide(root, "x2", 7.0)
    arrive(page, "document", document_json(adviz.trace(f, 2.0, 6.0)))
    expect(root.locator("input[data-input=x2]")).to_have_value("7")
    assert cells(root) == expected(f, (2.0, 7.0), "reverse")


def test_a_branch_that_flips_asks_the_kernel_both_ways(widget: Any, page: Page) -> None:
    root = widget(bent, 2.0, 3.0, mode="reverse", step=5)
    for x in (0.5, 1.76):
        before = cells(root)
        slide(root, "x", x)
        assert cells(root) == before
        assert model(page, "saved.at(-1).inputs") == {"x": x, "y": 3}
        release(root, "x")
        arrive(page, "document", document_json(adviz.trace(bent, x, 3.0)))
        shows(root, bent, x, 3.0)


def test_a_kernel_that_is_gone_stops_no_drag(widget: Any, page: Page) -> None:
    page.clock.install(time=0)
    page.clock.pause_at(1)
    root = widget(bent, 2.0, 3.0)
    enter(root, "x", "4")
    page.clock.run_for(10_000)
    expect(root.locator(".adviz-notice")).to_be_empty()
    shows(root, bent, 4.0, 3.0)
    enter(root, "x", "0")
    page.clock.run_for(10_000)
    expect(root.locator(".adviz-notice")).to_have_text("Waiting for the kernel …")


def test_with_the_kernel_gone_stepping_and_dragging_go_on_and_what_needs_it_says_so(page: Page) -> None:
    page.clock.install(time=0)
    bridge = Bridge(page)
    root = bridge.open(adviz.explore(f, 2.0, 5.0, mode="reverse", compare={"x1": 2.5}))
    page.evaluate("window.gone = true")
    for _ in range(2):
        button(root, "Next step").click()
    assert at(root) == ("reverse", 2)
    slide(root, "x2", 3.5)
    release(root, "x2")
    shows(root, f, 2.0, 3.5)
    tab(root, "Second order").click()
    button(root, "Last step").click()
    assert cells(root) == numbers_in(second_of(f, (2.0, 3.5))["document"])
    tab(root, "Compare").click()
    slide(root, "x2", 4.0)
    release(root, "x2")
    there = adviz.trace(f, 2.0, 4.0)
    assert root.locator(".adviz-compare").evaluate(SHOWN) == table_of(compare_document(f, there, default_timelines(there), {"x1": 2.5}))
    page.clock.run_for(40_000)
    expect(root.locator(".adviz-notice")).to_be_empty()
    button(root, "Export").click()
    root.locator("[data-export=csv]").click()
    page.clock.run_for(40_000)
    expect(root.locator(".adviz-export-said")).to_have_text("The kernel does not answer. SVG, PNG and JSON are written without it.")


def test_an_input_that_only_the_kernel_can_change_says_that_there_is_none(page: Page) -> None:
    page.clock.install(time=0)
    root = Bridge(page).open(adviz.explore(lambda x: adviz.functions.erf(x) * x, 0.5, mode="reverse"))
    page.evaluate("window.gone = true")
    before = root.get_attribute("data-steps")
    enter(root, "x", "0.75")
    page.clock.run_for(2_000)
    expect(root.locator(".adviz-notice")).to_have_text("Waiting for the kernel …")
    page.clock.run_for(30_000)
    expect(root.locator(".adviz-notice")).to_have_text("The kernel does not answer. Stepping goes on; what you changed is computed as soon as it answers.")
    button(root, "Last step").click()
    assert at(root) == ("reverse", int(before or 0))
    page.evaluate("window.gone = false")
    enter(root, "x", "0.25")
    expect(root.locator(".adviz-notice")).to_be_empty()
    assert cells(root)["0"]["value"] == "0.25"


# Bad documents, and the browser's own arithmetic.

WORSE: list[tuple[str, Any, str]] = [
    ("rows", None, "rows"), ("rows", {"multiply": {"value": ["call", "alert", ["a"]], "partials": []}}, "rows.multiply"),
    ("rows", {"multiply": {"value": ["*", ["a"], ["b"]], "partials": [None, None]}}, "rows.multiply"), ("rows", {}, "rows.multiply"),
    ("rows", {"multiply": {"value": "a * b", "partials": []}}, "rows.multiply"), ("rows", {"multiply": None}, "rows.multiply"),
    ("rows", {"multiply": {"value": ["call", "more", ["a"]], "partials": [["a"], ["a"]]}, "more": {"value": ["call", "more", ["a"]], "partials": []}}, "rows"),
    ("branches", [{"after": 0, "text": "", "outcome": True, "position": None, "symbol": "is", "left": {"ref": 0}, "right": {"ref": 0}}], "branches[0]"),
    ("branches", [{"after": 0, "text": "", "outcome": True, "position": None, "symbol": "<", "left": {"ref": 9}, "right": {"ref": 0}}], "branches[0]"),
]  # fmt: skip


@pytest.mark.parametrize("field, value, named", WORSE)
def test_rows_that_cannot_be_computed_are_named_and_the_last_picture_stays(widget: Any, page: Page, field: str, value: Any, named: str) -> None:
    root = widget(lambda x, y: x * y, 2.0, 5.0)
    arrive(page, "document", json.dumps(json.loads(document_json(adviz.trace(lambda x, y: x * y, 2.0, 5.0))) | {field: value}))
    expect(root.get_by_role("alert")).to_contain_text(f"This trace document is damaged: {named}")
    slide(root, "x", 3.0)
    shows(root, lambda x, y: x * y, 3.0, 5.0)


@pytest.fixture
def ask(page: Page) -> Callable[[Any], Any]:
    """The page's evaluator in the browser."""
    answers = (Path(__file__).parent / "frontend" / "answers.js").read_text(encoding="utf-8").replace("../../adviz/widget/static/", "./")
    code = join({file.name: file.read_text(encoding="utf-8") for file in STATIC.glob("*.js")} | {"answers.js": answers}, "answers.js")
    return lambda task: page.evaluate(f"async (task) => {{ {code}\n return answer(task); }}", task)


def test_in_the_browser_too_a_function_is_within_an_ulp_of_pythons_or_of_the_true_value(ask: Any) -> None:
    for name in LIBRARY:
        points, task = function_task(name, few=500)
        assert wrong(name, points, ask(task)) == []


def test_in_the_browser_too_a_program_has_pythons_numbers_given_its_functions(ask: Any, library: Any) -> None:
    def g(x: Any, y: Any) -> Any:
        return (np.sinh(x) * np.hypot(x, y) + np.log10(y) ** x) / np.cosh(y) + np.sqrt(x - 0.75)

    there = adviz.trace(g, 0.75, 3.5)
    recorded(there)
    seeds = {mode: [*map(bits, timeline.seed or ())] for mode, timeline in default_timelines(there).items()}
    task = {"document": document_json(adviz.trace(g, 1.25, 2.5)), "point": [*map(bits, there.point)], "seeds": seeds, "library": library}
    assert ask(task) == numbers_of(there, default_timelines(there))


PICTURES: list[tuple[str, int, str]] = [("light", 1100, "light"), ("dark", 1100, "dark"), ("400", 400, "light")]


def test_pictures_for_people_to_look_at(open_page: Any, page: Page, artifacts: Path) -> None:
    root = open_page(bent, 2.0, 3.0, mode="reverse", step=5)
    root.locator(".adviz-nudge summary").click()
    slide(root, "y", 4.2)
    enter(root, "x", "0.5")
    for name, width, scheme in PICTURES:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=artifacts / f"live-{name}.png", full_page=True)
