"""Other front ends: Notebook 7 and marimo in a real browser; of VS Code, Colab, nbviewer and GitHub what can be checked without their servers."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from textwrap import indent
from typing import Any

import nbformat
import numpy as np
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, Locator, Page, expect

import adviz
from adviz.views.assemble import module, player, stylesheet
from tests.jupyter.explorer import explorer, reads, shows, tab_to_the_stage
from tests.jupyter.marimo import running_marimo
from tests.jupyter.page import open_notebook, run_all, watched_page
from tests.jupyter.server import running_lab

EXPLORE = """import numpy as np
import adviz
def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)
e = adviz.explore(f, 2.0, 5.0)
e"""


def f(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2 - np.sin(x2)


def step_by_keyboard_to_the_gradient(page: Page, root: Locator) -> None:
    """From the first tab to Reverse, and on to its last step, with keys alone."""
    root.get_by_role("tab", name="Values", exact=True).focus()
    for _ in range(8):
        if root.get_attribute("data-mode") == "reverse":
            break
        page.keyboard.press("ArrowRight")
    shows(root, mode="reverse")
    tab_to_the_stage(root)
    for n in range(1, 10):
        page.keyboard.press("ArrowRight")
        shows(root, step=n)
    expect(root.get_by_role("status")).to_contain_text("Step 9 of 17")
    page.keyboard.press("End")
    shows(root, step=17)
    reads(root, -1, "adjoint", "5.5")
    reads(root, 0, "adjoint", "1.716")


def change_an_input(root: Locator) -> None:
    """A number that is typed changes the result."""
    field = root.locator("input[data-input=x1]")
    field.fill("4")
    field.press("Enter")
    reads(root, -1, "adjoint", "5.25")


def test_notebook_7_steps_by_keyboard_and_asks_for_nothing_outside(browser: Browser, tmp_path: Path, artifacts: Path) -> None:
    with running_lab(tmp_path, {}, "notebook") as server, watched_page(browser) as (page, watch):
        open_notebook(page, server, server.write("explorer.ipynb", EXPLORE))
        its_own = list(watch.errors)  # Notebook 7.6 throws one (reading 'schema') whenever it opens a notebook, before any cell has run
        run_all(page)
        root = explorer(page)
        step_by_keyboard_to_the_gradient(page, root)
        change_an_input(root)
        assert page.evaluate("window.jupyterapp.shell.currentWidget.content.model.cells.length") == 1, "no key reached the notebook"
        root.screenshot(path=artifacts / "notebook-7.png")
        assert (watch.requests, watch.errors) == ([], its_own)
        assert len(its_own) <= 1


def test_marimo_steps_by_keyboard_and_asks_for_nothing_outside(browser: Browser, tmp_path: Path, artifacts: Path) -> None:
    with running_marimo(tmp_path, EXPLORE) as address, watched_page(browser) as (page, watch):
        page.goto(address)
        root = explorer(page)
        step_by_keyboard_to_the_gradient(page, root)
        change_an_input(root)
        page.screenshot(path=artifacts / "marimo.png", full_page=True)
        assert highlights(root) == ["np.log(x1)", "x1 * x2", "np.sin(x2)"]
        assert root.evaluate("(e) => e.scrollWidth - e.clientWidth") <= 1
        assert (watch.requests, watch.errors) == ([], [])


def highlights(root: Locator) -> list[str]:
    """What the code pane marks at the first three operations: marimo takes away a cell's indentation before it is compiled."""
    found = []
    root.get_by_role("tab", name="Values", exact=True).click()
    root.get_by_role("button", name="First step", exact=True).click()
    for n in range(1, 4):
        root.get_by_role("button", name="Next step", exact=True).click()
        shows(root, step=n)
        found.append(root.locator(".adviz-code .adviz-current").inner_text())
    return found


@pytest.mark.parametrize("indentation", [0, 4, 8])
def test_positions_are_those_of_the_file_whatever_indentation_was_taken_away(tmp_path: Path, indentation: int) -> None:
    cell = "def g(x):\n    u = np.sin(x) * (\n  x + 2.0)\n    if u > 0:\n        u = u * 'ü'.count('ü') * x\n    return u\n"
    file = tmp_path / "cell.py"
    file.write_text(("def _():\n" if indentation else "_ = 0\n") + indent(cell, " " * indentation), encoding="utf-8")
    names: dict[str, Any] = {"np": np}
    exec(compile("\n" + cell, str(file), "exec"), names)  # noqa: S102
    t = adviz.trace(names["g"], 1.0)
    lines = file.read_text(encoding="utf-8").splitlines()
    shown = [lines[p.line - 1][p.column : p.end_column] for p in (a.position for a in t.assignments) if p is not None and p.line == p.end_line]
    assert shown == ["np.sin(x)", "x + 2.0", "u * 'ü'.count('ü')", "u * 'ü'.count('ü') * x"]
    assert [a.label for a in t.assignments] == [None, None, "u", None, "u"]


def test_marimo_in_which_a_cell_is_edited_steps_by_keyboard_and_leaves_the_cell_alone(browser: Browser, tmp_path: Path, artifacts: Path) -> None:
    with running_marimo(tmp_path, EXPLORE, "edit") as address, watched_page(browser) as (page, watch):
        page.goto(address)
        cell = page.locator(".cm-content").first
        cell.click()
        page.keyboard.press("Control+Enter")
        root = explorer(page)
        written = cell.inner_text()
        step_by_keyboard_to_the_gradient(page, root)
        change_an_input(root)
        assert highlights(root) == ["np.log(x1)", "x1 * x2", "np.sin(x2)"]
        page.screenshot(path=artifacts / "marimo-edit.png", full_page=True)
        assert cell.inner_text() == written, "no key reached the cell"
        assert watch.requests == []


# VS Code and Colab: no variable of JupyterLab's without a fallback, no address, the theme of the page


STYLES = sorted((files("adviz") / "widget" / "static").iterdir(), key=lambda file: file.name)


@pytest.mark.parametrize("file", [file for file in STYLES if file.name.endswith(".css")], ids=lambda file: file.name)
def test_every_variable_of_jupyterlab_has_a_fallback(file: Any) -> None:
    bare = re.findall(r"var\(\s*--(?:jp|vscode|colab)-[\w-]+\s*\)", file.read_text(encoding="utf-8"))
    assert bare == []


def test_nothing_of_the_page_has_an_address() -> None:
    names = r"http://www\.w3\.org/(?:2000/svg|1998/Math/MathML|1999/xhtml)"
    for text in (module(), player(), stylesheet()):
        assert re.findall(r"(?:https?:)?//[a-z][\w.-]+\.[a-z]{2,}", re.sub(names, "", text)) == []
        assert "@import" not in text
        assert "@font-face" not in text


SURFACE = "getComputedStyle(document.querySelector('.adviz-explorer')).backgroundColor"
DARK, LIGHT = "rgb(17, 17, 17)", "rgb(255, 255, 255)"


@pytest.mark.parametrize("prepare, scheme, expected", [
    ("", "light", LIGHT), ("", "dark", DARK),
    ("document.documentElement.dataset.theme = 'dark'", "light", DARK),           # Colab, Sphinx, MyST
    ("document.documentElement.dataset.theme = 'light'", "dark", LIGHT),
    ("document.body.dataset.jpThemeLight = 'false'", "light", DARK),              # JupyterLab, Notebook 7
    ("document.body.dataset.jpThemeLight = 'true'", "dark", LIGHT),
    ("document.body.className = 'vscode-dark'; document.body.dataset.vscodeThemeKind = 'vscode-dark'", "light", DARK),
    ("document.body.className = 'vscode-light'; document.body.dataset.vscodeThemeKind = 'vscode-light'", "dark", LIGHT),
    ("document.body.dataset.vscodeThemeKind = 'vscode-high-contrast'", "light", DARK),
])  # fmt: skip
def test_the_theme_is_the_front_ends(browser: Browser, prepare: str, scheme: Any, expected: str) -> None:
    with watched_page(browser) as (page, watch):
        page.emulate_media(color_scheme=scheme)
        page.set_content(adviz.reverse(f, 2.0, 5.0).to_html())
        page.evaluate(prepare)
        assert page.evaluate(SURFACE) == expected
        assert watch.errors == []


def test_a_page_whose_host_forces_white_behind_it_stays_readable(browser: Browser) -> None:
    """VS Code puts white behind widgets whatever the theme: the explorer paints its own surface."""
    with watched_page(browser) as (page, _):
        page.emulate_media(color_scheme="dark")
        page.set_content(adviz.reverse(f, 2.0, 5.0).to_html())
        page.evaluate("document.body.style.background = 'white'")
        assert page.evaluate(SURFACE) == DARK


# nbviewer and GitHub: scripts, frames, styles and event attributes are taken out


KEPT = {"div", "img", "table", "caption", "thead", "tbody", "tr", "th", "td", "p", "span", "pre", "code"}


class Sanitised(HTMLParser):
    """What a sanitiser leaves: only tags of KEPT; of attributes only alt, scope and an image's data address; no script, style or frame content."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.left: list[str] = []
        self.dropped: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "iframe"):
            self.dropped.append(tag)
        elif tag in KEPT and not self.dropped:
            kept = [f' {name}="{value}"' for name, value in attrs if name in ("alt", "scope") or name == "src" and str(value).startswith("data:image/")]
            self.left.append(f"<{tag}{''.join(kept)}>")

    def handle_endtag(self, tag: str) -> None:
        if self.dropped and tag == self.dropped[-1]:
            self.dropped.pop()
        elif tag in KEPT and not self.dropped:
            self.left.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.dropped:
            self.left.append(data)


def notebook_with(shown: Any) -> Any:
    """A notebook whose one cell showed that, as a kernel saves it."""
    cell = nbformat.v4.new_code_cell("t", outputs=[nbformat.v4.new_output("display_data", data=shown._repr_mimebundle_())])
    return nbformat.v4.new_notebook(cells=[cell])


SHOWN = {"values": lambda: adviz.trace(f, 2.0, 5.0), "forward": lambda: adviz.forward(f, 2.0, 5.0, seed=(1, 0)), "reverse": lambda: adviz.reverse(f, 2.0, 5.0)}


@pytest.mark.parametrize("mode", SHOWN)
def test_what_a_sanitiser_leaves_is_the_table_and_the_picture(browser: Browser, mode: str, artifacts: Path) -> None:
    html = SHOWN[mode]()._repr_mimebundle_()["text/html"]
    left = "".join(Sanitised(html).left)
    with watched_page(browser) as (page, watch):
        page.set_content(f"<!doctype html><meta charset='utf-8'>{left}")
        expect(page.locator("table")).to_be_visible()
        cells = page.locator("tbody tr").first.locator("th, td").all_inner_texts()
        assert cells[0] == "v₋₁"
        assert cells[-1] == {"values": "2", "forward": "1", "reverse": "5.5"}[mode]
        assert page.locator("tbody tr").count() == 7
        picture = page.locator("img")
        assert picture.evaluate("(img) => img.decode().then(() => img.naturalWidth)") > 400
        assert (picture.get_attribute("alt") or "").endswith("of f(x1, x2), after the last step")
        assert page.locator("script, iframe, style").count() == 0
        words = page.locator("body").inner_text()
        assert "display:" not in words, "nothing of a style is left as text"
        assert "function" not in words, "nor of a script"
        page.screenshot(path=artifacts / f"sanitised-{mode}.png", full_page=True)
        assert (watch.requests, watch.errors) == ([], [])


def test_a_notebook_as_html_and_on_paper_shows_the_player_or_the_picture(browser: Browser) -> None:
    html, _ = HTMLExporter().from_notebook_node(notebook_with(adviz.reverse(f, 2.0, 5.0)))
    ours = html[html.index('<iframe class="adviz-player"'):]
    with watched_page(browser) as (page, _):
        page.set_content(re.sub(r'<script[^>]*src="https?:[^>]*></script>', "", html))  # nbconvert's own, for mathematics
        frame = page.frame_locator("iframe.adviz-player")
        expect(frame.locator(".adviz-explorer")).to_have_attribute("data-step", "17")
        assert page.pdf()[:5] == b"%PDF-"
    assert "data:image/svg+xml;base64," in ours
    assert re.search(r'<(?:script|link|img)[^>]*(?:src|href)="https?:', ours[: ours.index("</table>")]) is None


def test_a_saved_notebook_is_valid_and_holds_no_widget_state() -> None:
    notebook = notebook_with(adviz.reverse(f, 2.0, 5.0))
    nbformat.validate(notebook)
    assert "widgets" not in notebook.metadata
    assert set(notebook.cells[0].outputs[0].data) == {"text/html", "text/plain"}
    assert json.loads(json.dumps(notebook)) == notebook
