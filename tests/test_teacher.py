"""A teacher's settings: in Python, in the document and everything made of it, in a widget and in a page without a kernel."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import adviz
from adviz.views.assemble import module, stylesheet
from adviz.views.lesson import Lesson, lesson_of
from adviz.views.svg import node_states
from adviz.widget.exporting import answer, exported
from tests.test_frontend import MOUNT

NAMES = {-1: "q", 1: "a", 2: "b", "v4": "sum", 5: "y"}
NOTES = {("reverse", 7): "Here the shares add.", ("values", 0): "What do you expect?"}


def f(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2 - np.sin(x2)


def taught(**settings: Any) -> Any:
    return adviz.explore(f, 2.0, 5.0, **{"mode": "reverse", "step": 7} | settings)


# What a teacher writes


@pytest.mark.parametrize("wrong, said", [
    ({"controls": "sliders"}, "'step', 'modes', 'inputs'"), ({"controls": 3}, "controls is 3"), ({"controls": ["step", 1]}, "Write \"all\""),
    ({"locked": "x3"}, r"The inputs are x1, x2. Write locked=\['x1'\]"), ({"locked": 2}, "locked is 2"), ({"hidden": "tables"}, "'jacobian'"),
    ({"hidden": ["reverse"]}, "Begin with another mode"), ({"names": ["a"]}, "names={1: \"a\""), ({"names": {6: "a"}}, "the numbers -1 to 5"),
    ({"names": {"w": "a"}}, "names has 'w'"), ({"names": {True: "a"}}, "names has True"), ({"names": {1: "a", 2: "a"}}, "names calls v₂ a, which is v₁ already"),
    ({"names": {1: "x1"}}, "the input x1"), ({"names": {1: "y"}}, "the output y"), ({"names": {1: "v₂"}}, "the number of another variable"),
    ({"names": {1: ""}}, "1 to 12 characters"), ({"names": {1: "{0}"}}, "without braces"), ({"names": {1: "a", "v1": "b"}}, "gives v₁ two names"),
    ({"notes": "x"}, "notes=.*Here the shares add"), ({"notes": {("reverse", 18): "x"}}, "step 18 of the mode 'reverse', which has the steps 0 to 17"),
    ({"notes": {("tables", 1): "x"}}, "which is no step"), ({"notes": {1.5: "x"}}, "which is no step"), ({"notes": {3: ""}}, "The note at 3 is ''"),
    ({"notes": {("values", 3): "x"}, "hidden": "values"}, "which is hidden"), ({"notes": {("compare", 1): "x"}}, "does not have"),
    ({"presentation": 1}, "True or False"),
])  # fmt: skip
def test_a_wrong_setting_is_refused_with_what_to_write_instead(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(adviz.InputError, match=said):
        taught(**wrong)


def test_without_settings_a_document_has_no_lesson() -> None:
    assert "lesson" not in adviz.explore(f, 2.0, 5.0, controls="all", locked=[], names={}, notes={}).shown_document()


def test_settings_are_a_part_of_the_document_and_come_back_from_a_file(tmp_path: Path) -> None:
    explorer = taught(controls=["inputs", "step"], locked="x2", hidden=["jacobian"], names=NAMES, notes=NOTES, presentation=True)
    names = {-1: "q", 1: "a", 2: "b", 4: "sum", 5: "y"}
    wanted = Lesson(("step", "inputs"), ("x2",), ("jacobian",), names, NOTES, True)
    explorer.to_json(tmp_path / "f.json")
    assert lesson_of(explorer.shown_document()) == lesson_of(adviz.load(tmp_path / "f.json").content) == wanted


def test_the_name_of_a_structured_argument_locks_all_of_its_entries() -> None:
    explorer = adviz.explore(lambda w, x: w[0] * x + w[1], [1.0, 2.0], 3.0, locked="w")
    assert lesson_of(explorer.shown_document()).locked == ("w[0]", "w[1]")


@pytest.mark.parametrize("change, field", [
    (("controls", ["everything"]), "lesson.controls"), (("locked", "x1"), "lesson.locked"), (("hidden", [1]), "lesson.hidden"),
    (("names", {"x": "a"}), "lesson.names.x"), (("names", {"1": ""}), "lesson.names.1"), (("notes", {"reverse": {"a": "x"}}), "lesson.notes.reverse.a"),
    (("presentation", "yes"), "lesson.presentation"),
], ids=str)  # fmt: skip
def test_damaged_settings_are_named(change: tuple[str, Any], field: str, tmp_path: Path) -> None:
    content = json.loads(taught(names=NAMES, notes=NOTES).to_json())
    content["lesson"][change[0]] = change[1]
    (tmp_path / "f.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(adviz.DocumentError, match=re.escape(field)):
        adviz.load(tmp_path / "f.json")


# Names


def test_the_authors_names_stand_wherever_a_variable_is_written() -> None:
    explorer = taught(names=NAMES, compare="forward-reverse")
    text = normalize("NFC", str(exported(explorer)))
    assert "q   = x1" in text
    assert "y   = sum − v₃" in text, "the output has its own name once"
    assert normalize("NFC", "q̄   = b̄ · v₀ + ā/q") in text
    assert not re.search(normalize("NFC", "ȳ *= *ȳ"), text)
    assert "v₋₁" not in text + explorer.to_svg() + explorer.to_csv()
    latex = explorer.to_latex()
    assert r"$\bar{b} \cdot v_{0}+\bar{a}/q$" in latex
    assert r"\ensuremath{\bar{s}}um = 1" in latex
    modes = explorer.shown_document()["modes"]
    assert [row["symbol"] for row in modes["compare"]["rows"]] == ["q", "v₀", "a", "b", "v₃", "sum", "y"]
    assert [row["definition"] for row in modes["compare"]["rows"]][2:] == ["ln q", "q · v₀", "sin v₀", "a + b", "sum − v₃"]
    assert "∂a/∂q" in modes["second-order"]["names"].values()


def test_names_stand_in_notes_and_branches() -> None:
    def kinked(x: Any) -> Any:
        u = x - 1.0
        return np.abs(u) if u <= 0 else u

    found = adviz.explore(kinked, 1.0, names={1: "slack", 2: "dist"}).shown_document()
    assert found["branches"][0]["text"] == "slack <= 0"
    assert any(note["text"].startswith("dist = |slack|") for note in found["notes"])


# What a kernel takes from the browser


def test_a_locked_input_is_not_changed_by_a_message_and_others_are() -> None:
    explorer = taught(locked=["x2"])
    explorer.set_state({"inputs": {"x1": 3.0, "x2": 6.0}})
    assert explorer.inputs == {"x1": 2.0, "x2": 5.0}
    assert "x2 cannot be changed here" in explorer.alert
    explorer.set_state({"inputs": {"x1": 3.0, "x2": 5.0}})
    assert explorer.inputs == {"x1": 3.0, "x2": 5.0}
    explorer.x2 = 6.0
    assert explorer.inputs == {"x1": 3.0, "x2": 6.0}, "in Python it can be changed"


def test_no_message_leads_to_a_hidden_mode() -> None:
    explorer = taught(hidden=["values", "jacobian"])
    sent: list[Any] = []
    explorer.send = lambda content, buffers=None: sent.append(content)
    explorer.set_state({"mode": "values", "step": 3})
    assert (explorer.mode, explorer.step) == ("reverse", 7)
    answer(explorer, {"kind": "export", "request": 1, "format": "latex", "mode": "values", "step": 0})
    answer(explorer, {"kind": "export", "request": 2, "format": "latex", "mode": "reverse", "step": 0})
    assert [message["request"] for message in sent] == [2]


def test_what_has_no_control_is_not_taken_from_the_browser() -> None:
    explorer = taught(controls=["why"])
    explorer.set_state({"mode": "forward", "step": 2, "inputs": {"x1": 3.0, "x2": 5.0}, "seeds": {"reverse": [2.0]}})
    assert (explorer.mode, explorer.step, explorer.x1, explorer.seeds["reverse"]) == ("reverse", 7, 2.0, [1.0])


# What is made of a document


def test_notes_stand_in_text_in_the_static_twin_in_latex_and_in_pictures() -> None:
    explorer = taught(notes=NOTES)
    bundle = exported(explorer)._repr_mimebundle_()
    twin = bundle["text/html"].split("</iframe>")[1]
    for shown in (bundle["text/plain"], twin, explorer.to_latex()):
        assert "At step 7: Here the shares add." in shown
        assert "What do you expect?" not in shown, "that one belongs to another mode"
    assert "Here the shares add." in explorer.to_svg()
    assert "Here the shares add." in explorer.to_film(steps=[7])
    assert "Here the shares add." not in explorer.to_film(steps=[8])
    assert "What do you expect?" in adviz.explore(f, 2.0, 5.0, notes=NOTES).to_film(steps=[0])


# In the browser


Open = Callable[..., Locator]


@pytest.fixture(scope="module")
def watched(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """One page for all, and what it said or asked for that it should not."""
    context = browser.new_context(viewport={"width": 1100, "height": 900}, bypass_csp=True)
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(("file:", "data:", "blob:", "about:")) else None)
    yield page, wrong
    context.close()


@pytest.fixture
def page(watched: tuple[Page, list[str]]) -> Iterator[Page]:
    page, wrong = watched
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1100, "height": 900})
    wrong.clear()
    yield page
    assert wrong == []


@pytest.fixture
def live(page: Page) -> Open:
    """An explorer whose kernel is this test."""

    def mount(**settings: Any) -> Locator:
        explorer = taught(**settings)
        page.goto("about:blank")
        page.set_content("<!doctype html><html lang='en'><meta charset='utf-8'><body></body></html>")
        state = {"document": explorer.document, "mode": explorer.mode, "step": explorer.step, "alert": "", "theme": "", "seeds": {}}
        page.evaluate(MOUNT, {"code": module(), "style": stylesheet(), "states": [state]})
        return page.locator(".adviz-explorer")

    return mount


@pytest.fixture
def offline(page: Page, tmp_path: Path) -> Open:
    """An exported page, opened at an address."""

    def open_page(address: str = "", **settings: Any) -> Locator:
        file = tmp_path / "lesson.html"
        taught(**settings).to_html(file)
        page.goto("about:blank")
        page.goto(file.as_uri() + address)
        root = page.locator(".adviz-explorer")
        expect(root).to_have_attribute("data-step", re.compile(r"\d"))
        return root

    return open_page


def at(root: Locator) -> tuple[str | None, int]:
    return root.get_attribute("data-mode"), int(root.get_attribute("data-step") or -1)


def seen(root: Locator) -> list[str]:
    """The names of the buttons, tabs and fields that a reader can reach."""
    reached = [each for each in root.locator("button, input, select, summary").all() if each.is_visible()]
    return [each.get_attribute("aria-label") or each.inner_text() or each.get_attribute("data-input") or each.get_attribute("data-seed") or "?" for each in reached]


WAYS = pytest.mark.parametrize("way", ["live", "offline"])


@WAYS
def test_a_locked_input_shows_its_number_and_neither_keys_nor_a_drag_change_it(way: str, request: Any, page: Page) -> None:
    root = request.getfixturevalue(way)(locked=["x2"])
    fixed, free = (root.locator(f"input[data-input={name}]") for name in ("x2", "x1"))
    expect(fixed).to_have_value("5")
    expect(fixed).not_to_be_editable()
    expect(root.locator("[data-slider=x2]")).to_be_hidden()
    expect(root.locator(".adviz-inputs")).to_contain_text("x2: fixed here")
    fixed.focus()
    for key in ("ArrowUp", "9", "Enter"):
        page.keyboard.press(key)
    box = root.locator(".adviz-field-name", has_text="x2").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] + 8, steps=4)
    page.mouse.up()
    expect(fixed).to_have_value("5")
    free.focus()
    page.keyboard.press("ArrowUp")
    expect(free).not_to_have_value("2")
    expect(fixed).to_have_value("5")
    if way == "live":
        assert page.evaluate("window.adviz_models[0].saved.map(({ inputs }) => inputs?.x2).filter((x) => x !== undefined)") == [5]


@WAYS
def test_a_hidden_mode_has_no_tab_and_no_key_or_address_leads_to_it(way: str, request: Any, page: Page) -> None:
    hidden = {"hidden": ["values", "jacobian", "program"]}
    root = request.getfixturevalue(way)(**hidden) if way == "live" else request.getfixturevalue(way)("#mode=jacobian&step=2", **hidden)
    assert [tab.inner_text() for tab in root.get_by_role("tab").all()] == ["Forward", "Reverse", "Second order"]
    root.get_by_role("tab", selected=True).focus()
    reached = []
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        reached.append(at(root)[0])
    assert set(reached) <= {"forward", "reverse", "second-order"}
    before = at(root)
    if way == "live":
        page.evaluate("window.adviz_models[0].arrive('mode', 'jacobian')")
    else:
        page.evaluate("location.hash = '#mode=jacobian&step=1'")
        page.wait_for_function("document.querySelector('.adviz-explorer').dataset.step === '1'")
    assert at(root)[0] == before[0]


@WAYS
def test_controls_step_leaves_nothing_but_stepping(way: str, request: Any, page: Page) -> None:
    root = request.getfixturevalue(way)(controls="step")
    assert seen(root) == ["First step", "Previous step", "Play", "Next step", "Last step", "Speed", "Step", "Seed", "Adjoints"]
    root.focus()
    for key in ("?", "p", "Enter", "/"):
        page.keyboard.press(key)
    assert at(root) == ("reverse", 7)
    expect(root.locator(".adviz-help")).to_be_hidden()
    expect(root.locator(".adviz-why")).to_be_hidden()
    assert root.get_attribute("data-presentation") is None
    page.keyboard.press("ArrowRight")
    assert at(root) == ("reverse", 8)


def test_without_controls_nothing_can_be_reached_and_nothing_moves(offline: Open, page: Page) -> None:
    root = offline("#mode=forward&step=2", controls=[])
    assert at(root) == ("reverse", 7)
    assert seen(root) == []
    root.focus()
    for key in ("ArrowRight", "End", " ", "ArrowDown"):
        page.keyboard.press(key)
    root.locator("tr[data-index='2']").click()
    root.locator("[data-node='3']").click()
    assert at(root) == ("reverse", 7)


def test_help_lists_only_keys_that_do_something(live: Open, page: Page) -> None:
    root = live(controls=["step", "help"])
    root.focus()
    page.keyboard.press("?")
    keys = root.locator(".adviz-help dt").all_inner_texts()
    assert "← →" in keys
    assert not {"p", "/", "Enter"} & set(keys)


@WAYS
def test_a_note_stands_beside_the_sentence_of_its_step_alone(way: str, request: Any, page: Page) -> None:
    root = request.getfixturevalue(way)(notes=NOTES)
    note = root.locator(".adviz-lesson-note")
    expect(note).to_be_visible()
    expect(note).to_contain_text("Here the shares add.")
    expect(note).to_have_attribute("aria-live", "polite")
    assert root.get_by_role("status").count() == 1
    root.focus()
    page.keyboard.press("ArrowRight")
    expect(note).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    expect(note).to_be_visible()
    root.get_by_role("tab", name="Values", exact=True).click()
    expect(note).to_contain_text("What do you expect?")


def test_a_note_is_text_and_no_markup(live: Open) -> None:
    root = live(notes={7: "<img src=x onerror=alert(1)> & {v}"}, names={1: "<b>"})
    expect(root.locator(".adviz-lesson-note")).to_contain_text("<img src=x onerror=alert(1)> & {v}")
    assert root.locator("img, th b").count() == 0


@WAYS
def test_the_page_calls_variables_as_python_does(way: str, request: Any) -> None:
    root = request.getfixturevalue(way)(names=NAMES, step=17)
    states = node_states(exported(taught(names=NAMES)).document, "reverse", 17)
    drawn = {int(node.get_attribute("data-node") or 0): node.locator("text").all_text_contents() for node in root.locator("[data-node]").all()}
    assert {i: texts[:4] for i, texts in drawn.items()} == {i: list(state[1:]) for i, state in states.items()}
    rows = {row.get_attribute("data-index"): row.locator("th .adviz-hidden").inner_text() for row in root.locator("tr[data-index]").all()}
    assert rows == {"-1": "q", "0": "v₀", "1": "a", "2": "b", "3": "v₃", "4": "sum", "5": "y"}
    expect(root.get_by_role("status")).to_contain_text("q now")
    assert "v₋₁" not in root.inner_text()


PRESENTED = ".adviz-header, .adviz-settings, .adviz-transport, .adviz-source, .adviz-why-opener"


@WAYS
def test_a_presentation_is_entered_stepped_through_and_left_by_keys(way: str, request: Any, page: Page) -> None:
    root = request.getfixturevalue(way)()
    root.focus()
    page.keyboard.press("p")
    expect(root).to_have_attribute("data-presentation", "")
    for part in (".adviz-graph", ".adviz-table", ".adviz-say"):
        expect(root.locator(part)).to_be_visible()
    assert not any(each.is_visible() for each in root.locator(PRESENTED).all())
    assert seen(root) == ["Leave the presentation (Esc)"]
    for key, step in [("ArrowRight", 8), ("PageDown", 9), ("PageUp", 8), ("?", 8), ("Enter", 8), ("End", 17)]:
        page.keyboard.press(key)
        assert at(root) == ("reverse", step), key
    expect(root.locator(".adviz-help")).to_be_hidden()
    expect(root.locator(".adviz-why")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(root).not_to_have_attribute("data-presentation", "")
    expect(root.get_by_role("button", name="Present", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(root).to_have_attribute("data-presentation", "")
    expect(root).to_be_focused()
    root.get_by_role("button", name="Leave the presentation (Esc)").click()
    expect(root.locator(".adviz-transport")).to_be_visible()


def test_presentation_begins_large_and_fits_the_screen_of_a_projector(offline: Open, page: Page, artifacts: Path) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    root = offline(presentation=True, notes=NOTES)
    expect(root).to_have_attribute("data-presentation", "")
    page.screenshot(path=artifacts / "presentation.png")
    for part, smallest in ((".adviz-say", 28), (".adviz-lesson-note", 26), (".adviz-table td", 18)):
        each = root.locator(part).first
        assert each.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize) * e.currentCSSZoom") >= smallest
        box = each.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 1080
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth")
    assert not any(each.is_visible() for each in root.locator(PRESENTED).all())
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert at(root) == ("reverse", 8)
    page.keyboard.press("Escape")
    expect(root.locator(".adviz-transport")).to_be_visible()


def test_damaged_settings_are_named_on_the_page(live: Open, page: Page) -> None:
    root = live(names=NAMES)
    damaged = json.loads(taught(names=NAMES).document)
    damaged["lesson"]["names"] = {"one": "a"}
    page.evaluate("(text) => window.adviz_models[0].arrive('document', text)", json.dumps(damaged))
    expect(root.get_by_role("alert")).to_contain_text("lesson.names.one")
    expect(root.locator("[data-node='1'] text").first).to_have_text("a")
