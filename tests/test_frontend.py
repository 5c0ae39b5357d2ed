"""The explorer's page in a real browser, without a notebook: the module as anywidget loads it, and a model that is a plain object."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import adviz
from adviz.views.assemble import module, stylesheet
from adviz.views.document import default_timelines, document
from adviz.views.math import fill, lookup_in, mathml
from adviz.views.number import number
from adviz.views.quantity import written
from adviz.views.svg import edge_states, node_states

MODES = ("values", "forward", "reverse")
MOUNT = """
async ({ code, style, states }) => {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
  window.adviz_models = states.map((state) => {
    const listeners = {};
    const model = {
      state, saved: [], pending: {}, keys: [],
      get: (name) => state[name],
      set(name, value) { if (state[name] !== value) { model.pending[name] = state[name] = value; model.fire(name); } },
      save_changes() { model.saved.push(model.pending); model.pending = {}; },
      on: (event, callback) => (listeners[event] ??= new Set()).add(callback),
      off: (event, callback) => listeners[event].delete(callback),
      fire: (name) => listeners["change:" + name]?.forEach((callback) => callback()),
      arrive(name, value) { state[name] = value; model.fire(name); },
      listening: () => Object.values(listeners).reduce((sum, set) => sum + set.size, 0),
    };
    const el = document.body.appendChild(document.createElement("div"));
    el.addEventListener("keydown", (event) => model.keys.push(event.key));
    model.el = el;
    model.destroy = widget.render({ model, el });
    return model;
  });
}
"""


def f(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2 - np.sin(x2)


def of(function: Callable[..., Any], *point: Any, **seeds: Any) -> dict[str, Any]:
    """The document of a function at a point."""
    t = adviz.trace(function, *point)
    sweeps = {"forward": adviz.forward, "reverse": adviz.reverse}
    return document(t, {mode: sweeps[mode](t, seed=seed) for mode, seed in seeds.items()})


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    return of(f, 2.0, 5.0)


Open = Callable[..., Locator]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A bare page that must end without an error or a request."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(("data:", "blob:", "about:")) else None)
    page.set_content("<!doctype html><html lang='en'><meta charset='utf-8'><body style='margin:16px'></body></html>")
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def show(page: Page) -> Open:
    """Mounts explorers of the documents, with the given traits, and returns the first one's root."""

    def mount(*documents: dict[str, Any] | str, **traits: Any) -> Locator:
        texts = [d if isinstance(d, str) else json.dumps(d) for d in documents]
        states = [{"document": t, "mode": "values", "step": 0, "alert": "", "theme": "", "seeds": {}} | traits for t in texts]
        page.evaluate(MOUNT, {"code": module(), "style": stylesheet(), "states": states})
        return page.locator(".adviz-explorer").first

    return mount


def button(root: Locator, name: str) -> Locator:
    return root.get_by_role("button", name=name, exact=True)


def tab(root: Locator, name: str) -> Locator:
    return root.get_by_role("tab", name=name, exact=True)


def at(root: Locator) -> tuple[str | None, int]:
    return root.get_attribute("data-mode"), int(root.get_attribute("data-step") or -1)


def model(page: Page, expression: str, n: int = 0) -> Any:
    """Asks or tells the n-th fake model: model(page, "saved")."""
    return page.evaluate(f"window.adviz_models[{n}].{expression}")


def arrive(page: Page, name: str, value: Any, n: int = 0) -> None:
    """A trait changes in Python."""
    page.evaluate("([n, name, value]) => window.adviz_models[n].arrive(name, value)", [n, name, value])


CELLS = """
(root) => Object.fromEntries(Array.from(root.querySelectorAll("tr[data-index]"), (row) => [row.dataset.index,
  Object.fromEntries(Array.from(row.querySelectorAll("td[data-kind]"), (cell) => [cell.dataset.kind, cell.textContent]))]))
"""


def stop_the_clock(page: Page) -> None:
    """From now on time passes only when a test says so."""
    page.clock.install(time=0)
    page.clock.pause_at(1)


def cells(root: Locator, kind: str) -> dict[int, str]:
    """What the cells of a column show, by index."""
    return {int(i): texts[kind] for i, texts in root.evaluate(CELLS).items()}


def steps_through(root: Locator, mode: str, read: str) -> Iterator[tuple[int, Any]]:
    """What `read` finds at every step of a mode, stepping to the end and then back, so that undoing is seen as well."""
    if at(root)[0] != mode:
        tab(root, mode.capitalize()).click()
    steps = int(root.get_attribute("data-steps") or 0)
    walk = """(root) => { const read = %s, found = [read(root)];
        for (const name of ["Next step", "Previous step"]) for (let n = 0; n < root.dataset.steps; n++) {
            root.querySelector(`[aria-label="${name}"]`).click(); found.push(read(root)); }
        return found; }"""
    yield from zip([*range(steps + 1), *range(steps - 1, -1, -1)], root.evaluate(walk % read), strict=True)


# What is seen is what the timeline says.


@pytest.mark.parametrize("mode", MODES)
def test_every_cell_at_every_step_is_what_the_timeline_knows(show: Open, example: dict[str, Any], mode: str) -> None:
    root = show(example)
    t = adviz.trace(f, 2.0, 5.0)
    timeline = {"values": adviz.values, "forward": adviz.forward, "reverse": adviz.reverse}[mode](t, **({"seed": (1, 0)} if mode == "forward" else {}))
    kind = {"values": None, "forward": "tangent", "reverse": "adjoint"}[mode]
    for n, found in steps_through(root, mode, CELLS):
        frame = timeline.frame(n)
        known = {i: number(u) + ("" if i in frame.final else " +…") for i, u in {**frame.tangents, **frame.adjoints}.items()}
        for i in range(-1, 6):
            value = {"value": number(frame.values[i]) if i in frame.values else ""}
            assert found[str(i)] == value | ({kind: known.get(i, "")} if kind else {}), (n, i)
    assert root.get_attribute("data-steps") == str(len(timeline.steps))


PICTURE = """
(root) => ({
  nodes: Object.fromEntries(Array.from(root.querySelectorAll("[data-node]"), (g) => [g.dataset.node, [
    [...g.classList].sort(), ...["name", "operation", "value", "derivative"].map((c) => g.querySelector(".adviz-" + c).textContent)]])),
  edges: Object.fromEntries(Array.from(root.querySelectorAll("[data-edge]"), (g) => [g.dataset.edge, [...g.classList].sort()])),
  labels: Array.from(root.querySelectorAll(".adviz-partial-label"), (g) => g.textContent).sort(),
})
"""


@pytest.mark.parametrize("function, point", [(f, (2.0, 5.0)), (lambda x: (abs(x) * x * 3.0, x), (0.0,))], ids=["example", "kink"])
def test_the_picture_shows_what_the_svg_shows(show: Open, function: Any, point: tuple[float, ...]) -> None:
    content = of(function, *point)
    root = show(content)
    for mode in MODES:
        for n, picture in steps_through(root, mode, PICTURE):
            nodes, edges = node_states(content, mode, n), edge_states(content, mode, n)
            assert picture["nodes"] == {str(i): [list(s.classes), s.name, s.operation, s.value, s.derivative] for i, s in nodes.items()}
            assert picture["edges"] == {key: list(s.classes) for key, s in edges.items()}
            assert picture["labels"] == sorted(s.label for s in edges.values())


def test_formulas_are_the_mathml_that_python_writes(show: Open) -> None:
    content = of(lambda x, y: np.sqrt(x) / y ** 2 - (-x) * 1e-7 + np.exp(-2.0 * y), 2.0, 5.0)
    root = show(content)
    drawn = root.evaluate("(root) => Array.from(root.querySelectorAll('tr[data-index]'), (row) => row.querySelector('td math').outerHTML)")
    plain = [re.sub(r"<(\w+)[^>]*>", r"<\1>", html.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")) for html in drawn]
    assert plain == [mathml(v["definition"], lookup_in(content, "values")) for v in content["variables"]]


def test_graph_row_and_source_are_marked_together(show: Open, example: dict[str, Any]) -> None:
    root = show(example, mode="reverse")
    steps = example["timelines"]["reverse"]["steps"]
    seen = set()
    for n, step in enumerate(steps, 1):
        button(root, "Next step").click()
        assert root.evaluate("(root) => Array.from(root.querySelectorAll('[aria-current=step]'), (e) => e.dataset.index ?? e.dataset.node)") == [
            str(step["index"])] * 2, n  # fmt: skip
        marked = root.locator(".adviz-source .adviz-current")
        seen.add((step["source"] or step["index"], marked.inner_text()))  # a share belongs to the expression it comes from
    whole = "np.log(x1) + x1 * x2 - np.sin(x2)"
    assert seen == {(1, "np.log(x1)"), (2, "x1 * x2"), (3, "np.sin(x2)"), (4, "np.log(x1) + x1 * x2"), (5, whole)}


def test_a_seeded_input_marks_no_code(show: Open, example: dict[str, Any]) -> None:
    root = show(example, mode="forward")
    button(root, "Next step").click()
    expect(root.locator(".adviz-source .adviz-current")).to_have_count(0)


def test_each_share_appears_as_a_term_with_its_own_step(show: Open, example: dict[str, Any]) -> None:
    root = show(example, mode="reverse", step=9)
    terms = root.locator("tr[data-index='0'] td.adviz-rule").nth(1).locator("> .adviz-term")
    adjoint = root.locator("tr[data-index='0'] td[data-kind=adjoint]")
    story = []
    for _ in range(9, 16):
        state = adjoint.get_attribute("data-state"), adjoint.inner_text()
        story.append((sum(terms.nth(k).is_visible() for k in range(2)), *state))
        button(root, "Next step").click()
    part, done = ("partial", "−0.2837 +…"), ("final", "1.716")
    assert story == [(0, None, ""), (1, None, ""), (1, *part), (1, *part), (1, *part), (2, *part), (2, *done)]


def test_blank_a_true_zero_and_a_partial_sum_look_different(show: Open, example: dict[str, Any]) -> None:
    root = show(example, mode="forward", step=2)
    zero = root.locator("tr[data-index='0'] td[data-kind=tangent]")
    assert (zero.inner_text(), zero.get_attribute("data-state")) == ("0", "zero")
    assert zero.locator("span").evaluate("(e) => getComputedStyle(e).borderRadius") == "50%"
    blank = root.locator("tr[data-index='1'] td[data-kind=tangent]")
    assert (blank.inner_text(), blank.get_attribute("data-state")) == ("", None)
    tab(root, "Reverse").click()
    for _ in range(11):
        button(root, "Next step").click()
    partial = root.locator("tr[data-index='0'] td[data-kind=adjoint]")
    assert partial.evaluate("(e) => getComputedStyle(e).outlineStyle") == "dashed"


def test_a_share_on_its_way_changes_no_sum(show: Open, example: dict[str, Any]) -> None:
    root = show(example, mode="reverse", step=13)
    before = cells(root, "adjoint")
    button(root, "Next step").click()
    assert cells(root, "adjoint") == before
    assert root.locator("[data-edge='0:2:1']").get_attribute("class") == "adviz-active adviz-edge adviz-flowed"


def test_one_sentence_tells_each_step_and_nothing_is_told_before(show: Open, example: dict[str, Any]) -> None:
    root = show(example, mode="reverse")
    status = root.get_by_role("status")
    expect(status).to_have_count(1)
    expect(status).to_be_empty()
    button(root, "Last step").click()
    expect(status).to_have_text("Step 17 of 17. Added: v₋₁ now 5 + 0.5 = 5.5.")


# Going places.


def test_a_click_on_a_node_or_a_row_leads_to_its_step_and_round_the_steps_about_it(show: Open, example: dict[str, Any]) -> None:
    root = show(example, mode="reverse")
    for expected in (11, 14, 15, 10, 11):
        root.locator("[data-node='0']").click()
        assert at(root) == ("reverse", expected)
    for expected in (13, 16, 17, 12):
        root.locator("tr[data-index='-1']").click()
        assert at(root) == ("reverse", expected)
    root.locator(".adviz-formula").click()
    assert at(root) == ("reverse", 13)


def test_a_click_on_a_sub_expression_leads_to_its_step(show: Open, example: dict[str, Any]) -> None:
    root = show(example)
    for mode, words, step in [("values", "np.sin(x2)", 3), ("forward", "x1 * x2", 6), ("reverse", "np.log(x1)", 7)]:
        tab(root, mode.capitalize()).click()
        root.locator(".adviz-code span").filter(has_text=re.compile(f"^{re.escape(words)}$")).click()
        assert at(root) == (mode, step)


def test_a_place_that_a_loop_runs_through_leads_to_each_of_its_steps(show: Open) -> None:
    def power(x: Any) -> Any:
        y = x
        for _ in range(3):
            y = y * x
        return y

    root = show(of(power, 2.0))
    visited = []
    for _ in range(4):
        root.locator(".adviz-code span").filter(has_text=re.compile(r"^y \* x$")).click()
        visited.append(at(root)[1])
    assert visited == [1, 2, 3, 1]


def test_every_key_does_what_the_help_says(show: Open, example: dict[str, Any], page: Page) -> None:
    root = show(example, mode="reverse")
    root.focus()
    keys = [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 17), ("Home", 0), ("PageDown", 1), ("PageDown", 2), ("PageDown", 17)]
    keys += [("PageUp", 2), ("PageUp", 1), ("PageUp", 0), ("ArrowLeft", 0), ("ArrowUp", 1), ("ArrowUp", 3), ("ArrowDown", 1), ("ArrowUp", 3)]
    for key, step in keys:
        page.keyboard.press(key)
        assert at(root) == ("reverse", step), key
    page.keyboard.press("?")
    expect(root.locator(".adviz-help")).to_be_visible()
    assert root.locator(".adviz-help dt").count() == 12
    page.keyboard.press("Escape")
    expect(root.locator(".adviz-help")).to_be_hidden()


def test_controls_keep_their_own_keys(show: Open, example: dict[str, Any], page: Page) -> None:
    root = show(example, mode="reverse", step=5)
    button(root, "Next step").focus()
    for key, step in [("ArrowRight", 5), ("End", 5), ("Enter", 6), ("Space", 7)]:
        page.keyboard.press(key)
        assert at(root) == ("reverse", step), key
    root.locator("input[data-input=x1]").focus()
    for key in ("Home", "ArrowRight", "Space", "End"):
        page.keyboard.press(key)
    assert at(root) == ("reverse", 7)
    root.locator(".adviz-scrubber").focus()
    page.keyboard.press("ArrowRight")
    assert at(root) == ("reverse", 8)
    expect(root.locator(".adviz-scrubber")).to_have_attribute("aria-valuetext", "Step 8 of 17")


def test_after_a_click_on_a_button_the_arrow_keys_step(show: Open, example: dict[str, Any], page: Page) -> None:
    root = show(example)
    button(root, "Next step").click()
    page.keyboard.press("ArrowRight")
    assert at(root) == ("values", 2)
    page.keyboard.press("Enter")
    assert at(root) == ("values", 3)


def test_the_whole_explorer_is_used_with_the_keyboard_alone(show: Open, example: dict[str, Any], page: Page) -> None:
    """From the page into the explorer, through every control, to another mode, to the end, and out again."""
    root = show(example)
    page.keyboard.press("Tab")
    expect(root).to_be_focused()
    assert root.evaluate("(e) => parseFloat(getComputedStyle(e).outlineWidth)") >= 2
    page.keyboard.press("Tab")
    expect(tab(root, "Values")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(tab(root, "Reverse")).to_be_focused()
    assert at(root) == ("reverse", 0)
    names = []
    for _ in range(24):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        name = "(e) => e.dataset.input ?? e.dataset.seed ?? e.getAttribute('aria-label') ?? e.textContent"
        names.append(page.locator(":focus").evaluate(name))
        assert page.locator(":focus").evaluate("(e) => e.dataset.lmSuppressShortcuts") == "true"
        assert page.locator(":focus").evaluate("(e) => parseFloat(getComputedStyle(e).outlineWidth)") >= 2
    buttons = ["First step", "Previous step", "Play", "Next step", "Last step"]
    assert names == ["Export", "Present", "Help", "x1", "Slider of x1", "x2", "Slider of x2", "y", "Nudge", *buttons, "Speed", "Step", "Seed", "Adjoints"]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert at(root) == ("reverse", 2)
    for _ in range(len(names) + 2):  # at a step there is also the button that asks why
        page.keyboard.press("Shift+Tab")
    expect(root).to_be_focused()
    page.keyboard.press("End")
    assert cells(root, "adjoint") == {-1: "5.5", 0: "1.716", 1: "1", 2: "1", 3: "−1", 4: "1", 5: "1"}


def test_plain_keys_stay_inside_and_the_notebooks_own_pass(show: Open, example: dict[str, Any], page: Page) -> None:
    root = show(example)
    root.focus()
    expect(root).to_have_attribute("data-lm-suppress-shortcuts", "true")     # Notebook 7 would take the arrow keys
    page.keyboard.down("Shift")
    expect(root).not_to_have_attribute("data-lm-suppress-shortcuts", "true")     # and Shift+Enter is the notebook's
    page.keyboard.up("Shift")
    for place in (root, button(root, "Play"), root.locator("input[data-input=x1]"), tab(root, "Values")):
        place.focus()
        for key in ("b", "x", "ArrowDown", "Shift+M", "Shift+Enter", "Control+s"):
            page.keyboard.press(key)
    told = [key for key in model(page, "keys") if key not in ("Shift", "Control")]
    assert told == ["Enter", "s"] * 4


def test_playing_runs_to_the_end_in_silence_and_then_says_where_it_is(show: Open, example: dict[str, Any], page: Page) -> None:
    stop_the_clock(page)
    root = show(example)
    status = root.get_by_role("status")
    button(root, "Play").click()
    expect(button(root, "Play")).to_have_count(0)
    expect(button(root, "Pause")).to_be_visible()
    page.clock.run_for(3000)
    assert at(root) == ("values", 2)
    expect(status).to_have_attribute("aria-live", "off")
    expect(status).to_contain_text("Step 2 of 5")
    page.clock.run_for(30_000)
    assert at(root) == ("values", 5)
    expect(button(root, "Play")).to_be_visible()
    expect(status).to_have_attribute("aria-live", "polite")
    root.focus()
    page.keyboard.press("Space")
    assert at(root) == ("values", 0)
    page.clock.run_for(1500)
    page.keyboard.press("ArrowRight")
    expect(button(root, "Play")).to_be_visible()
    page.clock.run_for(30_000)
    assert at(root) == ("values", 2)


def test_the_speed_is_chosen(show: Open, example: dict[str, Any], page: Page) -> None:
    stop_the_clock(page)
    root = show(example)
    root.get_by_role("combobox", name="Speed").select_option("4")
    button(root, "Play").click()
    page.clock.run_for(1100)
    assert at(root) == ("values", 3)


# Traits, in both directions.


def test_a_step_is_saved_once_the_reader_rests_and_a_mode_at_once(show: Open, example: dict[str, Any], page: Page) -> None:
    stop_the_clock(page)
    root = show(example)
    for _ in range(4):
        button(root, "Next step").click()
    assert model(page, "saved") == []
    page.clock.run_for(1000)
    assert model(page, "saved") == [{"step": 4}]
    tab(root, "Reverse").click()
    assert model(page, "saved")[1] == {"mode": "reverse", "step": 0}


def test_step_and_mode_follow_python_and_a_step_out_of_range_is_clamped(show: Open, example: dict[str, Any], page: Page) -> None:
    root = show(example)
    arrive(page, "mode", "reverse")
    arrive(page, "step", 9)
    assert at(root) == ("reverse", 9)
    arrive(page, "step", 999)
    assert at(root) == ("reverse", 17)
    for name, value in [("step", -3), ("step", "x"), ("mode", "jacobian"), ("mode", None)]:
        arrive(page, name, value)
        assert at(root) in [("reverse", 0), ("reverse", 17)]


def test_each_mode_keeps_its_place(show: Open, example: dict[str, Any]) -> None:
    root = show(example, mode="reverse", step=9)
    tab(root, "Forward").click()
    button(root, "Next step").click()
    tab(root, "Reverse").click()
    assert at(root) == ("reverse", 9)
    tab(root, "Forward").click()
    assert at(root) == ("forward", 1)


def test_an_input_that_is_typed_is_sent_and_one_that_is_no_number_is_told(show: Open, example: dict[str, Any], page: Page) -> None:
    root = show(example)
    field = root.locator("input[data-input=x2]")
    field.fill("five")
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert page.locator(f"#{field.get_attribute('aria-describedby')}").inner_text() == "“five” is not a number."
    field.fill("-inf")
    field.press("Enter")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    assert model(page, "saved.at(-1)") == {"inputs": {"x1": 2, "x2": "-inf"}}


def test_a_seed_that_is_typed_is_sent_for_its_mode(show: Open, example: dict[str, Any], page: Page) -> None:
    root = show(example, mode="forward", seeds={"forward": [1, 0], "reverse": [1]})
    root.locator("input[data-seed=x2]").fill("−1")
    root.locator("input[data-seed=x2]").press("Enter")
    assert model(page, "saved.at(-1).seeds") == {"forward": [1, -1], "reverse": [1]}
    tab(root, "Values").click()
    expect(root.locator("input[data-seed]")).to_have_count(0)


def test_a_new_document_changes_the_numbers_and_not_the_place(show: Open, example: dict[str, Any], page: Page) -> None:
    root = show(example, mode="reverse", step=15)
    field = root.locator("input[data-input=x2]")
    field.focus()
    arrive(page, "document", json.dumps(of(f, 2.0, 3.0)))
    expect(field).to_be_focused()
    expect(field).to_have_value("3")
    assert at(root) == ("reverse", 15)
    assert cells(root, "value")[0] == "3"
    assert cells(root, "adjoint")[0] == number(2 - np.cos(3.0))
    arrive(page, "document", json.dumps(of(lambda x: x * x, 2.0)))
    assert at(root) == ("reverse", 5)
    assert root.get_attribute("data-steps") == "5"


def test_an_alert_is_shown_and_the_last_good_document_stays(show: Open, example: dict[str, Any], page: Page) -> None:
    root = show(example, mode="reverse", step=17)
    arrive(page, "alert", "ZeroDivisionError: division by zero\nLine 3: return 1 / 0")
    expect(root.get_by_role("alert")).to_contain_text("Line 3: return 1 / 0")
    assert cells(root, "adjoint")[-1] == "5.5"
    arrive(page, "alert", "")
    expect(root.get_by_role("alert")).to_be_empty()


def test_a_kernel_that_is_slow_is_waited_for_in_words(show: Open, example: dict[str, Any], page: Page) -> None:
    stop_the_clock(page)
    root = show(example | {"live": False, "why_not_live": "The page cannot compute this."})
    root.locator("input[data-input=x1]").fill("3")
    root.locator("input[data-input=x1]").press("Enter")
    expect(root.locator(".adviz-notice")).to_be_empty()
    page.clock.run_for(1000)
    expect(root.locator(".adviz-notice")).to_contain_text("Waiting for the kernel")
    arrive(page, "document", json.dumps(of(f, 3.0, 5.0)))
    expect(root.locator(".adviz-notice")).to_be_empty()


def test_a_damaged_document_is_named_and_the_last_good_one_stays(show: Open, example: dict[str, Any], page: Page) -> None:
    root = show(example, mode="reverse", step=17)
    damaged = json.loads(json.dumps(example))
    damaged["timelines"]["reverse"]["steps"][3]["index"] = 99
    arrive(page, "document", json.dumps(damaged))
    expect(root.get_by_role("alert")).to_contain_text("timelines.reverse.steps[3].index")
    assert cells(root, "adjoint")[-1] == "5.5"
    button(root, "Previous step").click()
    assert at(root) == ("reverse", 16)
    arrive(page, "document", json.dumps(example))
    expect(root.get_by_role("alert")).to_be_empty()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "adviz-trace", "version": 9}'])
def test_a_first_document_that_is_none_leaves_one_alert(show: Open, page: Page, text: str) -> None:
    root = show(text)
    expect(root.get_by_role("alert")).to_contain_text("damaged")
    root.focus()
    page.keyboard.press("ArrowRight")
    arrive(page, "step", 3)


def test_documents_with_any_one_field_replaced_are_shown_or_refused(show: Open, example: dict[str, Any], page: Page) -> None:
    """No uncaught error."""
    root = show(example, mode="reverse", step=9)
    replace = """([document, paths]) => { for (const path of paths) for (const value of [null, "<b>", []]) {
        const damaged = structuredClone(document);
        path.slice(0, -1).reduce((node, key) => node[key], damaged)[path.at(-1)] = value;
        window.adviz_models[0].arrive("document", JSON.stringify(damaged));
    } }"""
    paths = [list(path) for path in _paths({**example, "rows": {}, "texts": {}})]
    assert len(paths) > 100
    page.evaluate(replace, [example, paths])
    arrive(page, "document", json.dumps(example))
    assert at(root) == ("reverse", 9)


def _paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Some of every kind of field: of each list, one entry."""
    if not isinstance(node, dict | list) or len(path) > 3:
        return
    for key in list(node)[:] if isinstance(node, dict) else range(len(node))[-1:]:
        yield (*path, key)
        yield from _paths(node[key], (*path, key))


def test_cleaning_up_leaves_nothing(show: Open, example: dict[str, Any], page: Page) -> None:
    root = show(example)
    button(root, "Next step").click()
    button(root, "Play").click()
    assert model(page, "listening()") == 8
    model(page, "destroy()")
    assert model(page, "el.childNodes.length") == 0
    assert model(page, "listening()") == 0
    assert model(page, "saved") == [{"step": 1}]


def test_two_explorers_on_one_page_do_not_touch(show: Open, example: dict[str, Any], page: Page) -> None:
    show(example, of(lambda a: a * np.exp(a), 1.0))
    first, second = page.locator(".adviz-explorer").nth(0), page.locator(".adviz-explorer").nth(1)
    tab(first, "Reverse").click()
    button(first, "Last step").click()
    button(second, "Next step").click()
    assert (at(first), at(second)) == (("reverse", 17), ("values", 1))
    ids = page.locator("[id]").evaluate_all("(elements) => elements.map((e) => e.id)")
    assert len(ids) == len(set(ids)) > 4
    model(page, "destroy()")
    expect(second).to_have_count(0)
    button(first, "Next step").click()
    assert at(first) == ("values", 2)


def test_nothing_global_is_defined_and_nothing_outside_is_touched(show: Open, example: dict[str, Any], page: Page) -> None:
    before = page.evaluate("[Object.keys(window), document.body.className, document.documentElement.outerHTML.length]")
    root = show(example, mode="reverse")
    button(root, "Last step").click()
    new = set(page.evaluate("Object.keys(window)")) - set(before[0])
    assert {name for name in new if not name.startswith("adviz")} == set()
    model(page, "destroy()")
    page.evaluate("() => { document.querySelector('head style').remove(); document.body.lastElementChild.remove(); }")
    assert page.evaluate("[document.body.className, document.documentElement.outerHTML.length]") == before[1:]


HOSTILE = "<img src=x onerror='window.advizHarm=1'><script>window.advizHarm=1</script>\"'&{0}\u202e\u0000"


def test_hostile_names_are_shown_as_text(show: Open, example: dict[str, Any], page: Page) -> None:
    root = show(example, mode="reverse", step=15)
    tags = "(root) => root.querySelectorAll('*').length"
    count = root.evaluate(tags)
    hostile = json.loads(json.dumps(example))
    hostile["title"] = HOSTILE
    hostile["sources"][0] = {"name": HOSTILE, "first_line": 1, "text": f"def f(x1, x2): # {HOSTILE}"}
    for variable in hostile["variables"]:
        variable.update(operation=HOSTILE, spoken=HOSTILE, definition=HOSTILE, position=None)
        variable["symbol"].update(text=HOSTILE, bar_text=HOSTILE, math=["mi", HOSTILE])
    for timeline in hostile["timelines"].values():
        for step in timeline["steps"]:
            step["say"] = [HOSTILE]
        for phase in timeline["phases"]:
            phase["text"] = HOSTILE
    hostile["output_names"] = [HOSTILE]
    arrive(page, "document", json.dumps(hostile))
    assert root.get_by_role("alert").inner_text() == ""
    root.evaluate("(root) => root.querySelector('[data-node]').dispatchEvent(new MouseEvent('click', { bubbles: true }))")
    assert root.locator("img, script, iframe, a").count() == 0
    assert page.evaluate("window.advizHarm") is None
    assert HOSTILE.split("\u202e")[0] in (root.locator(".adviz-title").text_content() or "")
    root.press("Escape")
    assert root.evaluate(tags) <= count


# Size, place and looks.


def test_a_long_trace_is_a_windowed_table_that_follows_the_step(show: Open, page: Page) -> None:
    def long(x: Any) -> Any:
        for _ in range(400):
            x = np.sin(x) * x
        return x

    content = of(long, 1.6) | {"graph": None, "graph_missing": "This trace has too many variables for one picture."}
    root = show(content, mode="reverse")
    expect(root).to_contain_text("This trace has too many variables for one picture.")
    rows = root.locator("tr[data-index]")
    inside = """(row) => { const a = row.getBoundingClientRect(), b = row.closest(".adviz-table-pane").getBoundingClientRect();
                           return a.top >= b.top && a.bottom <= b.bottom + 1; }"""
    for step in (1, 700, 2, 2401, 1203):
        root.locator(".adviz-scrubber").evaluate("(e, n) => { e.value = n; e.dispatchEvent(new Event('input')); }", step)
        assert at(root) == ("reverse", step)
        assert rows.count() <= 60
        current = root.locator("tr[aria-current=step]")
        expect(current).to_have_count(1)
        expect(current).to_have_attribute("data-index", str(content["timelines"]["reverse"]["steps"][step - 1]["index"]))
        assert current.evaluate(inside)
    root.locator(".adviz-table-pane").evaluate("(pane) => { pane.scrollTop = 0; }")
    expect(root.locator("tr[data-index='0']")).to_be_visible()
    assert page.evaluate("window.scrollY") == 0


def test_a_run_that_failed_is_shown_up_to_the_error(show: Open) -> None:
    def fails(x: Any) -> Any:
        y = x * x
        raise ValueError(y)

    with pytest.raises(ValueError) as caught:
        adviz.trace(fails, 2.0)
    root = show(document(caught.value.adviz_trace), mode="reverse")
    assert at(root) == ("values", 0)
    assert [t.inner_text() for t in root.get_by_role("tab").all()] == ["Values"]
    button(root, "Last step").click()
    assert cells(root, "value") == {0: "2", 1: "4"}
    expect(root.locator(".adviz-notes")).to_contain_text("ValueError")


FIT = """
(root) => {
  const sizes = (selector) => Array.from(root.querySelectorAll(selector)).filter((e) => e.checkVisibility())
    .map((e) => { const box = e.getBoundingClientRect(); return Math.min(box.width, box.height); });
  const written = Array.from(root.querySelectorAll("*")).filter((e) => !e.closest("svg, math") && e.checkVisibility()
    && Array.from(e.childNodes).some((n) => n.nodeType === 3 && n.data.trim()));
  const picture = root.querySelector("svg.adviz-graph");
  return {
    width: document.documentElement.scrollWidth, control: Math.min(...sizes("button, input, select")), main: Math.min(...sizes(".adviz-buttons button")),
    type: Math.min(...written.map((e) => parseFloat(getComputedStyle(e).fontSize))),
    graph: 14 * picture.getBoundingClientRect().width / picture.viewBox.baseVal.width };
}
"""


@pytest.mark.parametrize("width", [320, 480, 860, 1440])
def test_the_explorer_fits_its_place(show: Open, example: dict[str, Any], page: Page, width: int) -> None:
    """No wider than its place, targets of 24 px (32 for the main ones), type of 14 px (12 in the picture)."""
    page.set_viewport_size({"width": width, "height": 900})
    root = show(example, step=4)
    for mode in MODES:
        tab(root, mode.capitalize()).click()
        button(root, "Last step").click()
        fit = root.evaluate(FIT)
        assert fit["width"] <= width
        assert (fit["control"] >= 24, fit["main"] >= 32, fit["type"] >= 14, fit["graph"] >= 12) == (True,) * 4, fit


def test_nothing_moves_while_stepping(show: Open, example: dict[str, Any]) -> None:
    root = show(example, mode="reverse")
    places = set()
    for _ in range(18):
        places.add(json.dumps(button(root, "Next step").bounding_box()))
        places.add(json.dumps(root.locator("tr[data-index='3']").bounding_box()))
        button(root, "Next step").click()
    assert len(places) == 2


def test_the_current_box_is_kept_in_sight_without_moving_the_page(show: Open, example: dict[str, Any], page: Page) -> None:
    page.set_viewport_size({"width": 480, "height": 500})
    root = show(example, mode="reverse")
    inside = """(node) => { const a = node.querySelector(".adviz-box").getBoundingClientRect(), b = node.closest(".adviz-graph-pane").getBoundingClientRect();
                            return a.left >= b.left - 1 && a.right <= b.right + 1; }"""
    root.focus()
    scrolled = page.evaluate("window.scrollY")
    for _ in range(17):
        page.keyboard.press("ArrowRight")
        assert root.locator("[data-node][aria-current=step]").evaluate(inside)
    assert page.evaluate("window.scrollY") == scrolled


LIGHT, DARK = "rgb(255, 255, 255)", "rgb(17, 17, 17)"


PRECEDENCE: list[tuple[Any, ...]] = [  # system, documentation page, JupyterLab, option: surface
    ("light", None, None, "", LIGHT), ("dark", None, None, "", DARK), ("dark", "light", None, "", LIGHT), ("light", "dark", None, "", DARK),
    ("dark", "dark", "true", "", LIGHT), ("light", "light", "false", "", DARK), ("light", "light", "true", "dark", DARK),
    ("dark", "dark", "false", "light", LIGHT),
]  # fmt: skip


def test_the_theme_is_decided_by_the_nearest(show: Open, example: dict[str, Any], page: Page) -> None:
    root = show(example)
    attribute = "([element, name, value]) => { if (value) document[element].setAttribute(name, value); else document[element].removeAttribute(name); }"
    for system, html, jupyter, option, surface in PRECEDENCE:
        page.emulate_media(color_scheme=system)
        page.evaluate(attribute, ["documentElement", "data-theme", html])
        page.evaluate(attribute, ["body", "data-jp-theme-light", jupyter])
        arrive(page, "theme", option)
        assert root.evaluate("(e) => getComputedStyle(e).backgroundColor") == surface, (system, html, jupyter, option)


def test_the_jupyter_themes_own_surface_is_taken(show: Open, example: dict[str, Any], page: Page) -> None:
    page.evaluate("() => { document.body.style.setProperty('--jp-layout-color0', 'rgb(1, 2, 3)'); }")
    root = show(example)
    assert root.evaluate("(e) => getComputedStyle(e).backgroundColor") == "rgb(1, 2, 3)"
    arrive(page, "theme", "light")
    assert root.evaluate("(e) => getComputedStyle(e).backgroundColor") == LIGHT


PICTURES: list[tuple[Any, ...]] = [
    ("light-values", 1100, "light", "values", 4), ("light-forward", 1100, "light", "forward", 8), ("light-reverse", 1100, "light", "reverse", 11),
    ("dark-reverse", 1100, "dark", "reverse", 15), ("wide-reverse", 1440, "light", "reverse", 12), ("480-reverse", 480, "light", "reverse", 12),
    ("320-forward", 320, "dark", "forward", 6),
]  # fmt: skip


def test_pictures_for_people_to_look_at(show: Open, example: dict[str, Any], page: Page, artifacts: Any) -> None:
    root = show(example)
    for name, width, scheme, mode, step in PICTURES:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        arrive(page, "mode", mode)
        arrive(page, "step", step)
        expect(root.locator("[data-node][aria-current=step]")).to_be_visible()
        page.screenshot(path=artifacts / f"page-{name}.png", full_page=True)


def test_forced_colours_keep_the_states_apart(show: Open, example: dict[str, Any], page: Page, artifacts: Any) -> None:
    page.emulate_media(forced_colors="active")
    root = show(example, mode="reverse", step=13)
    assert root.locator("[data-node='-1'] .adviz-box").evaluate("(e) => getComputedStyle(e).strokeDasharray") != "none"
    assert root.locator("[data-node='1'] .adviz-box").evaluate("(e) => getComputedStyle(e).strokeDasharray") == "none"
    page.screenshot(path=artifacts / "page-forced-colours.png", full_page=True)


# Arrays.


def least_squares(A: Any, x: Any, b: Any) -> Any:
    return np.sum((A @ x - b) ** 2)


def smooth(x: Any, w: Any) -> Any:
    kept = np.where(x[1:] > x[:-1], x[1:] - x[:-1], 0.0)
    return np.tanh(kept @ w) * np.mean(x), np.stack([x[0], x[-1], np.max(x)])


LEAST_SQUARES = (np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([0.5, -0.25]), np.array([1.0, -1.0, 0.5]))
SMOOTH = (np.linspace(-1, 1, 8) ** 3, np.linspace(0.1, 0.7, 7))


@pytest.fixture(scope="module")
def arrays() -> dict[str, Any]:
    return of(least_squares, *LEAST_SQUARES)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("function, point", [(least_squares, LEAST_SQUARES), (smooth, SMOOTH)], ids=["small", "folded"])
def test_every_cell_of_arrays_is_what_the_timeline_knows(show: Open, function: Any, point: tuple[Any, ...], mode: str) -> None:
    t = adviz.trace(function, *point)
    content = document(t)
    root = show(content)
    timeline = default_timelines(t)[mode]
    kind = {"values": None, "forward": "tangent", "reverse": "adjoint"}[mode]
    for n, found in steps_through(root, mode, CELLS):
        frame = timeline.frame(n)
        known = {i: written(u) + ("" if i in frame.final else " +…") for i, u in {**frame.tangents, **frame.adjoints}.items()}
        for v in content["variables"]:
            i = v["index"]
            shown = {kind: text.replace("\u00a0", " ") for kind, text in found[str(i)].items()}
            value = {"value": written(frame.values[i]) if i in frame.values else ""}
            assert shown == value | ({kind: known.get(i, "")} if kind else {}), (n, i)


@pytest.mark.parametrize("function, point", [(least_squares, LEAST_SQUARES), (smooth, SMOOTH)], ids=["small", "folded"])
def test_the_picture_of_arrays_shows_what_the_svg_shows(show: Open, function: Any, point: tuple[Any, ...]) -> None:
    content = of(function, *point)
    root = show(content)
    for mode in MODES:
        for n, picture in steps_through(root, mode, PICTURE):
            nodes, edges = node_states(content, mode, n), edge_states(content, mode, n)
            assert picture["nodes"] == {str(i): [list(s.classes), s.name, s.operation, s.value, s.derivative] for i, s in nodes.items()}
            assert picture["labels"] == sorted(s.label for s in edges.values())


def test_formulas_with_arrays_are_the_mathml_that_python_writes(show: Open) -> None:
    content = of(smooth, *SMOOTH)
    root = show(content)
    drawn = root.evaluate("(root) => Array.from(root.querySelectorAll('tr[data-index]'), (row) => row.querySelector('td math').outerHTML)")
    plain = [re.sub(r"<(\w+)[^>]*>", r"<\1>", html.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")).replace("&nbsp;", "\u00a0") for html in drawn]
    assert plain == [mathml(v["definition"], lookup_in(content, "values")) for v in content["variables"]]


def test_one_sentence_tells_each_step_of_arrays_as_python_does(show: Open) -> None:
    content = of(smooth, *SMOOTH)
    root = show(content)
    for mode in MODES:
        lookup, steps = lookup_in(content, mode), content["timelines"][mode]["steps"]
        for n, found in steps_through(root, mode, "(root) => root.querySelector('[role=status]').textContent"):
            assert found == (f"Step {n} of {len(steps)}. {fill(steps[n - 1]['say'][0], steps[n - 1]['say'][1:], lookup)}" if n else "")


def test_the_entries_of_a_small_array_are_fields_and_a_large_one_is_shown(show: Open, page: Page) -> None:
    root = show(document(adviz.trace(lambda A, x, big: np.sum(A @ x) * np.sum(big), np.ones((2, 2)), np.array([1.0, 2.0]), np.arange(7.0))), seeds={"reverse": [1]})
    names = root.locator("input[data-input]").evaluate_all("(fields) => fields.map((field) => field.dataset.input)")
    assert names == ["A[0, 0]", "A[0, 1]", "A[1, 0]", "A[1, 1]", "x[0]", "x[1]"]
    expect(root.locator("[data-array=big]")).to_have_text("[0 1 … 6] (7,)")
    expect(root.locator(".adviz-fields-hint").first).to_have_text("Arrays of more than 6 entries are set in Python.")
    expect(root.get_by_label("A[1, 0]", exact=True)).to_have_value("1")
    root.locator("input[data-input='A[1, 0]']").fill("−inf")
    root.locator("input[data-input='A[1, 0]']").press("Enter")
    sent = model(page, "saved.at(-1).inputs")
    assert sent == {
        "A": {"shape": [2, 2], "values": [1, 1, "-inf", 1]}, "x": {"shape": [2], "values": [1, 2]}, "big": {"shape": [7], "values": [0, 1, 2, 3, 4, 5, 6]}}  # fmt: skip
    tab(root, "Forward").click()
    assert root.locator("input[data-seed]").evaluate_all("(fields) => fields.map((field) => field.value)") == ["1", "0", "0", "0", "0", "0"]
    expect(root.locator(".adviz-fields-hint").last).to_contain_text("The seed is 1 at A[0, 0] and 0 elsewhere.")
    root.locator("input[data-seed='x[1]']").fill("2")
    root.locator("input[data-seed='x[1]']").press("Enter")
    assert model(page, "saved.at(-1).seeds.forward[1]") == {"shape": [2], "values": [0, 2]}
    assert model(page, "saved.at(-1).seeds.reverse") == [1]


def test_an_entry_that_is_no_number_is_told_beside_its_field(show: Open, arrays: dict[str, Any], page: Page) -> None:
    root = show(arrays)
    field = root.locator("input[data-input='b[2]']")
    field.fill("five")
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert page.locator(f"#{field.get_attribute('aria-describedby')}").inner_text() == "“five” is not a number."
    assert model(page, "saved") == []


def test_a_field_of_an_entry_keeps_the_focus_when_a_new_document_arrives(show: Open, arrays: dict[str, Any], page: Page) -> None:
    root = show(arrays, mode="reverse", step=4)
    field = root.locator("input[data-input='x[1]']")
    field.focus()
    arrive(page, "document", json.dumps(of(least_squares, LEAST_SQUARES[0], np.array([0.5, 3.0]), LEAST_SQUARES[2])))
    expect(field).to_be_focused()
    expect(field).to_have_value("3")
    arrive(page, "document", json.dumps(of(least_squares, np.ones((2, 3)), np.ones(3), np.ones(2))))
    assert root.locator("input[data-input]").count() == 6 + 3 + 2


def test_an_array_in_full_is_opened_by_keyboard_and_stays_open(show: Open, page: Page) -> None:
    root = show(of(smooth, *SMOOTH))
    heading, entries = root.locator(".adviz-array summary"), root.locator(".adviz-entries")
    expect(heading).to_be_hidden()
    button(root, "Next step").click()
    expect(heading).to_have_text("In full, shape (7,)")
    expect(entries).to_be_hidden()
    heading.focus()
    assert heading.get_attribute("data-lm-suppress-shortcuts") == "true"
    page.keyboard.press("Space")
    expect(entries).to_be_visible()
    assert at(root) == ("values", 1)
    assert [float(x.replace("−", "-")) for x in (entries.text_content() or "").strip("[]").split()] == list(SMOOTH[0][1:])
    button(root, "Next step").click()
    expect(entries).to_be_visible()


def test_an_array_of_many_entries_is_summed_up(show: Open) -> None:
    root = show(document(adviz.trace(lambda x: np.sqrt(x), np.linspace(0, 4, 2000))))
    button(root, "Last step").click()
    expect(root.locator(".adviz-full")).to_contain_text("Shape (2000,): from 0 to 2, mean 1.33")
    expect(root.locator(".adviz-array")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 480, 860, 1440])
def test_an_explorer_of_arrays_fits_its_place(show: Open, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    root = show(of(smooth, *SMOOTH), step=4)
    for mode in MODES:
        tab(root, mode.capitalize()).click()
        button(root, "Last step").click()
        fit = root.evaluate(FIT)
        assert fit["width"] <= width
        assert (fit["control"] >= 24, fit["main"] >= 32, fit["type"] >= 14, fit["graph"] >= 12) == (True,) * 4, fit
        over = root.locator(".adviz-table-pane").evaluate("(pane) => pane.scrollWidth - pane.clientWidth")
        assert over <= 1, (mode, over)


def test_nothing_moves_while_stepping_through_arrays(show: Open, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    root = show(of(smooth, *SMOOTH), mode="reverse")
    heights = set()
    for _ in range(int(root.get_attribute("data-steps") or 0)):
        heights.add(root.locator(".adviz-table").evaluate("(table) => table.getBoundingClientRect().height"))
        button(root, "Next step").click()
    assert len(heights) == 1


def test_hostile_keys_of_a_dict_are_shown_as_text(show: Open, page: Page) -> None:
    root = show(document(adviz.trace(lambda p: np.sum(p[HOSTILE]) * np.sum(p["tame"]), {HOSTILE: np.ones(3), "tame": np.ones(9)})), mode="forward", step=4)
    assert root.get_by_role("alert").inner_text() == ""
    assert root.locator("img, script, iframe, a").count() == 0
    assert page.evaluate("window.advizHarm") is None


ARRAY_PICTURES: list[tuple[Any, ...]] = [
    ("light-forward", 1280, "light", "forward", 20), ("dark-reverse", 1280, "dark", "reverse", 30), ("480-reverse", 480, "light", "reverse", 18), ("wide-values", 1440, "light", "values", 8),
]  # fmt: skip


def test_pictures_of_arrays_for_people_to_look_at(show: Open, page: Page, artifacts: Any) -> None:
    root = show(of(smooth, *SMOOTH))
    for name, width, scheme, mode, step in ARRAY_PICTURES:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        arrive(page, "mode", mode)
        arrive(page, "step", step)
        expect(root.locator("[data-node][aria-current=step]")).to_be_visible()
        page.screenshot(path=artifacts / f"page-arrays-{name}.png", full_page=True)
