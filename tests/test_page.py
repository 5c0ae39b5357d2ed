"""The exported page and the saved output: complete in themselves, safe, and readable where scripts are stripped."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

import adviz
from adviz.views.document import document_json
from adviz.views.page import LARGEST_PLAYER, mimebundle, page
from tests.jupyter.page import open_notebook, run_all, run_code, watched_page
from tests.jupyter.server import Lab

TABLE = "<table><tr><td>5.5</td></tr></table>"
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><title>graph</title></svg>'


def f(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2 - np.sin(x2)


@pytest.fixture(scope="module")
def content() -> str:
    return document_json(adviz.trace(f, 2.0, 5.0))


@pytest.fixture
def tab(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page, and a list of everything it says or asks for that it should not."""
    context = browser.new_context(viewport={"width": 980, "height": 1000})
    tab, wrong = context.new_page(), []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("console", lambda message: wrong.append(message.text))
    tab.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(("file:", "data:", "about:")) else None)
    yield tab, wrong
    context.close()


def kept(text: str, folder: Path) -> str:
    """The address of a file with that text."""
    file = folder / "page.html"
    file.write_text(text, encoding="utf-8")
    return file.as_uri()


def test_an_exported_page_opens_from_a_file_and_steps(content: str, tab: Any, tmp_path: Path, artifacts: Path) -> None:
    sheet, wrong = tab
    sheet.goto(kept(page(content, "reverse", 9), tmp_path))
    root = sheet.locator(".adviz-explorer")
    expect(root).to_have_attribute("data-step", "9")
    expect(root).to_have_attribute("data-mode", "reverse")
    root.get_by_role("button", name="Last step", exact=True).click()
    expect(root.locator("tr[data-index='0'] td[data-kind=adjoint]")).to_have_text("1.716")
    root.get_by_role("tab", name="Forward", exact=True).click()
    expect(root).to_have_attribute("data-mode", "forward")
    expect(root.locator("input[data-input=x1]")).to_be_editable()
    expect(root.locator(".adviz-notice")).to_be_empty()
    sheet.screenshot(path=artifacts / "page-exported.png", full_page=True)
    assert wrong == []


def test_the_policy_names_the_one_script_that_runs_and_the_one_style_and_allows_nothing_else(content: str) -> None:
    text = page(content, "values", 0)
    blocks = re.findall(r"<script ([^>]*)>(.*?)</script>", text, re.DOTALL)
    document, columns, script = (inside for _, inside in blocks)
    assert [kind for kind, _ in blocks] == ['type="application/json" id="adviz-document"', 'type="text/plain" id="adviz-columns"', 'type="module"']
    assert json.loads(document) == json.loads(content)
    assert columns == ""
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
    hashes = ["sha256-" + b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in (script, style)]
    assert policy == f"default-src 'none'; img-src data: blob:; script-src '{hashes[0]}'; style-src '{hashes[1]}'"
    assert text.count("<script") == text.count("</script") == 3
    assert not re.search(r"\b(?:src|href)=|url\(|@import|style=\"", text.replace(script, "").replace(document, ""))


def test_the_policy_is_in_force(content: str, tab: Any, tmp_path: Path) -> None:
    """A script or a style that somebody adds to the file does not run."""
    sheet, wrong = tab
    added = "<script>window.advizHarm = 1</script><style>body { margin: 77px }</style>"
    sheet.goto(kept(page(content, "values", 0).replace('<main id="adviz">', added + '<main id="adviz">'), tmp_path))
    expect(sheet.locator(".adviz-explorer")).to_be_visible()
    assert sheet.evaluate("window.advizHarm") is None
    assert sheet.evaluate("getComputedStyle(document.body).marginTop") == "8px"
    assert len(wrong) == 2


HOSTILE = "</script><script>window.advizHarm=1</script><!--<script>\u2028</title><img src=x onerror='window.advizHarm=1'>"


def test_hostile_text_in_a_document_stays_text(content: str, tab: Any, tmp_path: Path) -> None:
    sheet, wrong = tab
    document = json.loads(content)
    document["title"] = document["sources"][0]["text"] = document["language"] = HOSTILE
    bundle = mimebundle(json.dumps(document, ensure_ascii=False), "values", PICTURE, TABLE, "")["text/html"]
    for text in (page(json.dumps(document, ensure_ascii=False), "values", 0), bundle):
        sheet.goto(kept("<!doctype html><meta charset='utf-8'>" * (text is bundle) + text, tmp_path))
        frame = sheet.frame_locator("iframe").locator("html") if text is bundle else sheet.locator("html")
        expect(frame.locator(".adviz-explorer")).to_be_visible()
        assert frame.locator("img, .adviz-explorer script").count() == 0
        assert [frame.locator("script").nth(n).get_attribute("type") for n in range(frame.locator("script").count())] == ["application/json", "text/plain", "module"]
        assert frame.evaluate("() => window.advizHarm") is None
        assert HOSTILE[:20] in (frame.locator(".adviz-title").text_content() or "")
    assert wrong == []


def test_the_same_document_gives_the_same_bytes(content: str) -> None:
    assert page(content, "reverse", 3) == page(content, "reverse", 3)
    assert page(content, "reverse", 3).isprintable() is False  # it has lines
    assert "/work" not in page(content, "reverse", 3)


def test_a_saved_output_is_a_player_and_behind_it_a_table_and_a_picture(content: str, tab: Any, tmp_path: Path) -> None:
    sheet, wrong = tab
    bundle = mimebundle(content, "reverse", PICTURE, TABLE, "v₁ = ln v₋₁")
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/plain"] == "v₁ = ln v₋₁"
    sheet.goto(kept("<!doctype html><meta charset='utf-8'>" + bundle["text/html"], tmp_path))
    frame = sheet.frame_locator("iframe")
    expect(frame.locator(".adviz-explorer")).to_have_attribute("data-step", "17")
    frame.get_by_role("button", name="Previous step", exact=True).click()
    expect(frame.locator(".adviz-explorer")).to_have_attribute("data-step", "16")
    assert frame.locator("html").evaluate("(html) => html.scrollHeight - html.clientHeight") <= 0, "the frame is high enough"
    assert sheet.locator("iframe").get_attribute("sandbox") == "allow-scripts allow-downloads"
    expect(sheet.locator(".adviz-twin")).to_be_hidden()
    assert wrong == []


def test_what_is_left_of_a_saved_output_is_a_picture_with_words_and_a_table(content: str) -> None:
    html = mimebundle(content, "reverse", PICTURE, TABLE, "")["text/html"]
    left = re.sub(r"<iframe.*?</iframe>|<style.*?</style>", "", html, flags=re.DOTALL)
    (alternative, source), = re.findall(r'<img alt="([^"]+)" src="data:image/svg\+xml;base64,([^"]+)">', left)
    assert b64decode(source).decode() == PICTURE
    assert unescape(alternative) == "Reverse adjoint trace of f(x1, x2), after the last step"
    assert TABLE in left
    assert "<svg" not in left
    assert "<script" not in left


def test_a_long_trace_is_saved_as_picture_and_table_only() -> None:
    def long(x: Any) -> Any:
        for _ in range(LARGEST_PLAYER):
            x = x * 1.01
        return x

    content = document_json(adviz.trace(long, 1.0))
    html = mimebundle(content, "values", PICTURE, TABLE, "")["text/html"]
    assert "iframe" not in html
    assert "display: none" not in html
    assert TABLE in html
    assert mimebundle(content, "values", "", TABLE, "")["text/html"].count("<img") == 0


def test_jupyterlab_shows_the_player_where_it_trusts_and_the_twin_where_it_does_not(browser: Browser, lab: Lab, artifacts: Path) -> None:
    define = "import numpy as np, adviz\ndef f(x1, x2):\n    return np.log(x1) + x1 * x2 - np.sin(x2)"
    with watched_page(browser) as (sheet, watch):
        open_notebook(sheet, lab, lab.write("saved.ipynb", define, "adviz.reverse(f, 2.0, 5.0)"))
        run_all(sheet)
        output = sheet.locator(".jp-OutputArea-output").last
        frame = output.frame_locator("iframe")
        expect(frame.locator(".adviz-explorer")).to_be_visible(timeout=60_000)
        frame.get_by_role("button", name="First step", exact=True).click()
        expect(frame.locator(".adviz-explorer")).to_have_attribute("data-step", "0")
        expect(output.locator(".adviz-twin")).to_be_hidden()
        saved = sheet.evaluate("window.jupyterapp.shell.currentWidget.content.model.toJSON()")
        sheet.screenshot(path=artifacts / "saved-trusted.png")
        assert (watch.requests, watch.errors) == ([], [])
    lab.end_kernels()

    for cell in saved["cells"]:
        cell["metadata"].pop("trusted", None)
    (lab.notebooks / "foreign.ipynb").write_text(json.dumps(saved), encoding="utf-8")     # written by somebody else: not trusted
    with watched_page(browser) as (sheet, watch):
        sheet.goto(lab.address("foreign.ipynb"))
        output = sheet.locator(".jp-OutputArea-output").last
        expect(output.locator("table")).to_be_visible(timeout=60_000)
        expect(output.locator("img")).to_be_visible()
        assert output.locator("iframe").count() == 0
        assert output.locator("img").evaluate("(img) => img.decode().then(() => img.naturalWidth)") > 100
        assert "display: none" not in output.inner_text()
        sheet.screenshot(path=artifacts / "saved-untrusted.png")
    lab.end_kernels()


ARRAYS = """import numpy as np, adviz
def loss(p, x):
    return np.sum((p["W"] @ x + p["b"][0]) ** 2)
e = adviz.explore(loss, {"W": np.array([[1.0, 2.0], [3.0, 4.0]]), "b": [0.5]}, np.array([1.0, -1.0]), mode="reverse")
e"""


def test_the_kernel_answers_for_arrays_in_structures(browser: Browser, lab: Lab, artifacts: Path) -> None:
    """A change of one entry goes to Python and comes back as new numbers; one made in Python arrives in the fields."""
    with watched_page(browser) as (sheet, watch):
        open_notebook(sheet, lab, lab.write("arrays.ipynb", ARRAYS))
        run_all(sheet)
        root = sheet.locator(".adviz-explorer").first
        expect(root).to_be_visible(timeout=60_000)
        assert root.locator("input[data-input]").count() == 4 + 1 + 2
        field = root.locator("input[data-input='x[1]']")
        field.fill("2")
        field.press("Enter")
        root.get_by_role("button", name="Last step", exact=True).click()
        expect(root.locator("tr[data-index='0'] td[data-kind=adjoint]")).to_have_text("[80 114]", timeout=60_000)
        assert run_code(sheet, "print(e.inputs['x'].tolist(), repr(e.alert))") == "[1.0, 2.0] ''\n"
        run_code(sheet, "e.inputs = {**e.inputs, \"p['W']\": np.eye(2)}")
        expect(root.locator("""input[data-input="p['W'][0, 1]"]""")).to_have_value("0", timeout=60_000)
        expect(root.locator("tr[data-index='0'] td[data-kind=adjoint]")).to_have_text("[3 5]", timeout=60_000)
        sheet.screenshot(path=artifacts / "explorer-arrays.png")
        assert (watch.requests, watch.errors) == ([], [])
    lab.end_kernels()
