"""The explorer in a real JupyterLab in a real Chromium: what a learner does in the first lesson, and what must not happen meanwhile."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.jupyter.explorer import choose, enter, explorer, press, reads, shows, steps_of, tab_to_the_stage
from tests.jupyter.page import PATIENCE, Watch, open_notebook, run_all, run_code, watched_page
from tests.jupyter.server import Lab, running_lab

LESSON = Path(__file__).resolve().parents[1] / "notebooks" / "00_a_gradient_in_one_line.ipynb"
DEFINE = "import numpy as np, adviz\ndef f(x1, x2):\n    return np.log(x1) + x1 * x2 - np.sin(x2)"
EXPLORE = "adviz.explore(f, x1=2.0, x2=5.0)"


def f(x1: float, x2: float) -> str:
    """The running example, written as the page writes a number of this size."""
    return f"{math.log(x1) + x1 * x2 - math.sin(x2):.4g}"


@pytest.fixture
def visit(browser: Browser, lab: Lab) -> Iterator[tuple[Page, Watch]]:
    """A page of the JupyterLab; afterwards nothing outside was asked for, and nothing went wrong unseen."""
    with watched_page(browser) as (page, watch):
        yield page, watch
    lab.end_kernels()
    assert watch.requests == []
    assert watch.errors == []


@pytest.fixture
def page(visit: tuple[Page, Watch]) -> Page:
    return visit[0]


def show(page: Page, lab: Lab, name: str, *code: str) -> None:
    """A notebook of those cells, opened and run."""
    open_notebook(page, lab, lab.write(f"{name}.ipynb", *code))
    run_all(page)


def test_the_first_lesson_is_stepped_through_by_keyboard(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, lab.add(LESSON))
    run_all(page)
    root = explorer(page)

    choose(root, "Reverse")
    tab_to_the_stage(root)
    assert steps_of(root) == 17
    for step in range(1, 18):
        page.keyboard.press("ArrowRight")
        shows(root, step=step)
    reads(root, -1, "adjoint", "5.5")
    reads(root, 0, "adjoint", "1.716")

    page.keyboard.press("ArrowLeft")
    shows(root, step=16)
    page.keyboard.press("Home")
    shows(root, step=0)
    reads(root, -1, "adjoint", "")
    page.keyboard.press("End")
    shows(root, step=17)
    reads(root, 5, "adjoint", "1")


def test_each_step_is_marked_and_told(page: Page, lab: Lab) -> None:
    show(page, lab, "told", DEFINE, EXPLORE)
    root = explorer(page)
    choose(root, "Reverse")
    told = set()
    for step in range(1, 18):
        press(root, "Next step")
        shows(root, step=step)
        expect(root.locator('tr[data-index][aria-current="step"]')).to_have_count(1)
        index = root.locator('tr[aria-current="step"]').get_attribute("data-index")
        expect(root.locator('[data-node][aria-current="step"]')).to_have_attribute("data-node", index or "")
        told.add(root.get_by_role("status").inner_text())
    assert len(told) == 17
    press(root, "Previous step")
    shows(root, step=16)
    press(root, "First step")
    shows(root, step=0)


def test_every_mode_is_a_tab_with_its_own_column(page: Page, lab: Lab) -> None:
    show(page, lab, "modes", DEFINE, EXPLORE)
    root = explorer(page)
    choose(root, "Values")
    press(root, "Last step")
    reads(root, 5, "value", f(2, 5))
    choose(root, "Reverse")
    press(root, "Last step")
    reads(root, 0, "adjoint", "1.716")
    choose(root, "Forward")
    press(root, "Last step")
    reads(root, 5, "tangent", "5.5")
    expect(root.locator('td[data-kind="adjoint"]')).to_have_count(0)


def test_a_changed_input_brings_new_numbers(page: Page, lab: Lab) -> None:
    show(page, lab, "input", DEFINE, EXPLORE)
    root = explorer(page)
    choose(root, "Reverse")
    press(root, "Last step")
    reads(root, 5, "value", f(2, 5))
    enter(root, "x2", "3")
    reads(root, 0, "value", "3")
    reads(root, 5, "value", f(2, 3))
    press(root, "Last step")
    reads(root, -1, "adjoint", "3.5")
    reads(root, 0, "adjoint", f"{2 - math.cos(3):.4g}")


def test_an_input_that_is_no_number_changes_nothing_and_is_told(page: Page, lab: Lab) -> None:
    show(page, lab, "wrong", DEFINE, EXPLORE)
    root = explorer(page)
    choose(root, "Reverse")
    enter(root, "x2", "five")
    expect(root.locator('input[data-input="x2"]')).to_have_attribute("aria-invalid", "true")
    reads(root, 5, "value", f(2, 5))
    enter(root, "x2", "4")
    expect(root.locator('input[data-input="x2"]')).not_to_have_attribute("aria-invalid", "true")
    reads(root, 5, "value", f(2, 4))


def test_two_explorers_on_one_page_do_not_touch(page: Page, lab: Lab) -> None:
    show(page, lab, "two", DEFINE, EXPLORE, "adviz.explore(lambda a: a * np.exp(a), a=1.0)")
    first, second = explorer(page, 0), explorer(page, 1)
    choose(first, "Reverse")
    choose(second, "Forward")
    press(first, "Last step")
    press(second, "Next step")
    enter(first, "x2", "3")
    reads(first, 5, "value", f(2, 3))
    shows(first, mode="reverse")
    shows(second, mode="forward", step=1)
    reads(second, 0, "value", "1")
    ids = page.locator(".adviz-explorer [id]").evaluate_all("elements => elements.map(element => element.id)")
    assert len(set(ids)) == len(ids)


def test_a_cell_that_is_run_again_leaves_one_explorer(page: Page, lab: Lab) -> None:
    show(page, lab, "again", DEFINE, EXPLORE)
    press(explorer(page), "Next step")
    run_all(page)
    run_all(page)
    explorer(page)
    expect(page.locator(".adviz-explorer")).to_have_count(1)


LINKS = """
import ipywidgets as widgets
shown = adviz.explore(f, x1=2.0, x2=5.0, mode="reverse")
step = widgets.IntText(description="step")
x2 = widgets.FloatSlider(value=5.0, min=1.0, max=9.0, step=0.5, description="x2")
widgets.link((shown, "step"), (step, "value"))
widgets.link((shown, "x2"), (x2, "value"))
"""


def test_step_and_inputs_link_to_any_widget_both_ways(page: Page, lab: Lab) -> None:
    show(page, lab, "links", DEFINE, LINKS, "widgets.VBox([step, x2])", "shown")
    root = explorer(page)
    shows(root, mode="reverse")

    press(root, "Next step")
    press(root, "Next step")
    number = page.locator(".widget-text input[type=number]")
    expect(number).to_have_value("2", timeout=PATIENCE)
    number.fill("17")
    number.press("Enter")
    shows(root, step=17)
    reads(root, 0, "adjoint", "1.716")

    enter(root, "x2", "3")
    readout = page.locator(".widget-readout")
    expect(readout).to_have_text("3.00", timeout=PATIENCE)
    readout.fill("4.5")
    readout.press("Enter")
    reads(root, 5, "value", f(2, 4.5))
    assert run_code(page, "print(shown.x2, shown.step)").split()[0] == "4.5"


def test_the_kernel_hears_of_the_step_and_the_mode(page: Page, lab: Lab) -> None:
    show(page, lab, "kernel", DEFINE, f"shown = {EXPLORE}\nshown")
    root = explorer(page)
    choose(root, "Forward")
    press(root, "Last step")
    page.wait_for_timeout(1500)
    assert run_code(page, "print(shown.mode, shown.step)").split() == ["forward", str(steps_of(root))]
    run_code(page, "shown.mode = 'reverse'; shown.step = 9")
    shows(root, mode="reverse", step=9)


def test_a_reloaded_page_shows_the_same_step(page: Page, lab: Lab) -> None:
    show(page, lab, "reload", DEFINE, EXPLORE)
    root = explorer(page)
    choose(root, "Reverse")
    press(root, "Last step")
    page.wait_for_timeout(1500)
    page.evaluate("() => { window.jupyterapp.commands.execute('docmanager:save').then(() => { window.advizSaved = true; }); }")
    page.wait_for_function("window.advizSaved === true", timeout=PATIENCE)
    page.reload()
    shows(page.locator(".adviz-explorer"), mode="reverse", step=17)


UNGUARDED = """root => [...root.querySelectorAll('button, input, select, textarea, summary, a[href]')]
    .filter(element => !element.hasAttribute('data-lm-suppress-shortcuts')).map(element => element.outerHTML.slice(0, 200))"""
COUNT_CHANGES = """() => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    window.advizChanges = [];
    notebook.model.cells.changed.connect((_, change) => window.advizChanges.push(change.type));
    notebook.activeCellChanged.connect(() => window.advizChanges.push('another cell is active'));
}"""


def test_notebook_shortcuts_stay_away_from_the_explorer(page: Page, lab: Lab) -> None:
    """`b` inserts a cell, `x` cuts it, `d d` deletes it and arrows choose another: not while the explorer has the focus."""
    show(page, lab, "shortcuts", DEFINE, EXPLORE, "1 + 1")
    root = explorer(page)
    assert root.evaluate(UNGUARDED) == []
    tab_to_the_stage(root)
    page.evaluate(COUNT_CHANGES)
    places = [page.locator(":focus"), *root.locator("button:visible, input:visible, select:visible").all()]
    assert len(places) > 8
    for place in places:
        place.focus()
        for key in ("b", "x", "d", "d", "ArrowDown", "ArrowUp"):
            page.keyboard.press(key)
    page.wait_for_timeout(500)
    assert page.evaluate("window.advizChanges") == []

    page.locator(".jp-InputPrompt").first.click()
    page.keyboard.press("b")
    page.wait_for_function("() => window.advizChanges.includes('add')", timeout=PATIENCE)


def test_the_explorer_defines_nothing_global(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, lab.write("global.ipynb", DEFINE, "import ipywidgets; ipywidgets.IntSlider()", EXPLORE))
    page.evaluate("() => { window.advizRunOne = 0; }")
    run_code(page, "import ipywidgets")
    before = set(page.evaluate("Object.keys(window)"))
    run_all(page)
    explorer(page)
    new = set(page.evaluate("Object.keys(window)")) - before
    assert {name for name in new if not name.startswith("adviz")} == set()


def test_the_doctor_knows_that_this_is_jupyter(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, lab.write("doctor.ipynb", "import adviz"))
    report = run_code(page, "import adviz; print(adviz.doctor())")
    assert "Jupyter" in report
    assert "jupyter_server" in report


def test_the_explorer_works_where_cells_out_of_sight_are_not_drawn(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """JupyterLab's own setting, which the other tests switch off."""
    with running_lab(tmp_path_factory.mktemp("windowed"), {}) as lab, watched_page(browser) as (page, watch):
        filler = [f"print('{n}\\n' * 30)" for n in range(12)]
        open_notebook(page, lab, lab.write("windowed.ipynb", DEFINE, EXPLORE, *filler))
        run_all(page)
        go_to_cell(page, 1)
        root = explorer(page)
        choose(root, "Reverse")
        press(root, "Last step")
        reads(root, -1, "adjoint", "5.5")
        go_to_cell(page, 13)
        go_to_cell(page, 1)
        shows(root, step=17)
        press(root, "Previous step")
        shows(root, step=16)
        assert (watch.requests, watch.errors) == ([], [])


def go_to_cell(page: Page, index: int) -> None:
    page.evaluate("index => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = index; }", index)
    page.evaluate("index => { window.jupyterapp.shell.currentWidget.content.scrollToItem(index, 'start'); }", index)
    page.wait_for_timeout(500)


@pytest.mark.parametrize("width, theme", [(1280, "JupyterLab Light"), (1280, "JupyterLab Dark"), (480, "JupyterLab Light")])
def test_pictures_for_people_to_look_at(browser: Browser, lab: Lab, artifacts: Path, width: int, theme: str) -> None:
    """Nothing in the explorer is wider than the place it is given, in either theme."""
    with watched_page(browser, width, height=1900) as (page, watch):
        show(page, lab, f"picture-{width}-{theme.split()[1]}", DEFINE, EXPLORE)
        page.evaluate("theme => { window.jupyterapp.commands.execute('apputils:change-theme', { theme }); }", theme)
        expect(page.locator("body")).to_have_attribute("data-jp-theme-name", theme, timeout=PATIENCE)
        root = explorer(page)
        choose(root, "Reverse")
        for _ in range(12):
            press(root, "Next step")
        shows(root, step=12)
        root.screenshot(path=artifacts / f"explorer-{theme.split()[1].lower()}-{width}.png")
        assert root.evaluate("root => root.scrollWidth - root.clientWidth") <= 1
        assert (watch.requests, watch.errors) == ([], [])
    lab.end_kernels()
