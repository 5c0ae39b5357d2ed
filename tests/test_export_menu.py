"""The export menu and the address of a step, in a browser: what a reader clicks, and the file that comes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Download, Locator, Page, expect

import adviz
from adviz.views.assemble import module, stylesheet
from tests.jupyter.page import open_notebook, run_all, watched_page
from tests.jupyter.server import Lab
from tests.test_frontend import MOUNT

SVG = "{http://www.w3.org/2000/svg}"


def f(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2 - np.sin(x2)


@pytest.fixture
def tab(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page, and a list of everything it says or asks for that it should not."""
    context = browser.new_context(viewport={"width": 980, "height": 1000}, accept_downloads=True)
    tab, wrong = context.new_page(), []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("console", lambda message: wrong.append(message.text))
    tab.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(("file:", "data:", "about:", "blob:")) else None)
    yield tab, wrong
    context.close()


@pytest.fixture
def exported(tmp_path: Path) -> str:
    """The address of an exported page in a folder of its own."""
    file = tmp_path / "running example.html"
    adviz.explore(f, 2.0, 5.0, mode="reverse", step=9).to_html(file)
    return file.as_uri()


def saved(page: Page, root: Locator, format: str) -> Download:
    """The file that the menu's button of that format makes."""
    with page.expect_download() as found:
        root.locator(f"[data-export={format}]").click()
    return found.value


def opened(page: Page) -> Locator:
    root = page.locator(".adviz-explorer")
    root.get_by_role("button", name="Export", exact=True).click()
    return root


def at(page: Page) -> tuple[str | None, str | None]:
    root = page.locator(".adviz-explorer")
    return root.get_attribute("data-mode"), root.get_attribute("data-step")


def test_an_exported_page_saves_its_picture_as_it_looks(tab: Any, exported: str, tmp_path: Path, artifacts: Path) -> None:
    page, wrong = tab
    page.goto(exported)
    root = opened(page)
    download = saved(page, root, "svg")
    assert download.suggested_filename == "f-x1-x2-reverse-9.svg"
    expect(root.locator(".adviz-export-said")).to_have_text("Saved f-x1-x2-reverse-9.svg.")
    picture = ElementTree.parse(download.path()).getroot()
    drawn = ElementTree.fromstring(adviz.reverse(f, 2.0, 5.0).to_svg(step=9))
    assert (picture.get("width"), picture.get("height")) == (drawn.get("width"), drawn.get("height"))
    for svg in (picture, drawn):
        for parent in list(svg.iter()):
            for child in list(parent):
                if child.tag in (f"{SVG}title", f"{SVG}desc"):
                    parent.remove(child)
    words = [sorted(t.text for t in svg.iter(f"{SVG}text") if t.text) for svg in (picture, drawn)]
    assert words[0] == words[1], "the same words as in the picture that Python writes"
    adjoint = next(t for t in picture.iter(f"{SVG}text") if t.text == "v̄₁ = 1")
    assert adjoint.get("fill") == "rgb(0, 114, 178)"
    page.goto(Path(download.path()).as_uri())
    alone = tmp_path / "picture.svg"
    download.save_as(alone)
    page.goto(alone.as_uri())
    page.screenshot(path=artifacts / "menu-picture.png")
    assert wrong == []


def test_the_png_of_the_menu_has_the_pixels_of_the_picture(tab: Any, exported: str, artifacts: Path, tmp_path: Path) -> None:
    page, wrong = tab
    page.goto(exported)
    root = opened(page)
    download = saved(page, root, "png")
    download.save_as(artifacts / "menu-png.png")
    image = Image.open(artifacts / "menu-png.png").convert("RGB")
    width, height = map(float, re.search(r'width="([\d.]+)" height="([\d.]+)"', adviz.reverse(f, 2.0, 5.0).to_svg()).groups())  # type: ignore[union-attr]
    assert image.size == (2 * width, 2 * height)
    colours = {colour for _, colour in image.getcolors(10**6)}
    assert {(255, 255, 255), (0, 114, 178)} <= colours
    assert download.suggested_filename == "f-x1-x2-reverse-9.png"
    assert wrong == []


def test_the_document_and_the_page_of_the_menu_are_those_of_python(tab: Any, exported: str, tmp_path: Path) -> None:
    page, wrong = tab
    page.goto(exported)
    root = opened(page)
    saved(page, root, "json").save_as(tmp_path / "f.json")
    assert json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))["title"] == "f(x1, x2)"
    loaded = adviz.load(tmp_path / "f.json")
    assert loaded.to_csv() == adviz.trace(f, 2.0, 5.0).to_csv()
    saved(page, root, "html").save_as(tmp_path / "again.html")
    page.goto((tmp_path / "again.html").as_uri())
    expect(page.locator(".adviz-explorer")).to_have_attribute("data-step", "9")
    again = opened(page)
    saved(page, again, "html").save_as(tmp_path / "third.html")
    assert (tmp_path / "third.html").read_bytes() == (tmp_path / "again.html").read_bytes()
    assert wrong == [], "its content policy still names its script and its style"


def test_a_page_without_a_kernel_offers_what_it_can_write_and_says_who_writes_the_rest(tab: Any, exported: str) -> None:
    page, wrong = tab
    page.goto(exported)
    root = opened(page)
    assert [b.get_attribute("data-export") for b in root.locator("[data-export]").all() if b.is_visible()] == ["svg", "png", "html", "json", "link"]
    expect(root.locator(".adviz-export-hint")).to_contain_text("adviz.load(...).to_latex()")
    page.keyboard.press("Escape")
    expect(root.locator(".adviz-export")).to_be_hidden()
    assert wrong == []


def test_a_link_opens_a_step_and_stepping_writes_the_link(tab: Any, exported: str) -> None:
    page, wrong = tab
    page.goto(f"{exported}#mode=forward&step=4")
    assert at(page) == ("forward", "4")
    entries = page.evaluate("history.length")
    page.get_by_role("button", name="Next step", exact=True).click()
    expect(page).to_have_url(f"{exported}#mode=forward&step=5")
    page.get_by_role("tab", name="Reverse", exact=True).click()
    expect(page).to_have_url(re.compile("#mode=reverse&step=\\d+$"))
    assert page.evaluate("history.length") == entries, "the reader's way back is not filled with steps"
    page.evaluate("location.hash = '#step=11&mode=reverse'")
    expect(page.locator(".adviz-explorer")).to_have_attribute("data-step", "11")
    page.reload()
    assert at(page) == ("reverse", "11")
    assert wrong == []


HOSTILE = ["#mode=evil&step=3x", "#mode=__proto__&step=-1", "#mode=reverse%22%3E%3Cimg&step=9%0a", "#<script>advizHarm=1</script>", "#step=1e9&mode=constructor",
           "#mode=toString", "#" + "mode=&" * 5000, "#step=99999999999999999999", "#%", "#javascript:alert(1)"]  # fmt: skip


def test_a_hostile_address_is_left_unread(tab: Any, exported: str) -> None:
    page, wrong = tab
    for address in HOSTILE:
        page.goto("about:blank")
        page.goto(exported + address)
        expect(page.locator(".adviz-explorer")).to_have_attribute("data-mode", "reverse")
        assert at(page) == ("reverse", "9"), address
        page.evaluate("hash => { location.hash = hash; }", address)
    page.goto("about:blank")
    page.goto(f"{exported}#mode=forward&step=999999")
    assert at(page) == ("forward", "12"), "a step beyond the end is the last"
    assert page.evaluate("window.advizHarm") is None
    assert wrong == []


def test_copy_link_gives_an_address_that_opens_this_step(tab: Any, exported: str, browser: Browser) -> None:
    page, wrong = tab
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(exported)
    root = opened(page)
    root.get_by_role("button", name="Copy link to this step", exact=True).click()
    said = root.locator(".adviz-export-said")
    expect(said).to_have_text(re.compile("Link copied.|Copy this link:"))
    field = root.locator(".adviz-export-link")
    link = field.input_value() if field.is_visible() else page.evaluate("navigator.clipboard.readText()")
    assert link == f"{exported}#mode=reverse&step=9"
    assert wrong == []


def test_a_link_that_cannot_be_copied_stands_in_a_field(tab: Any, exported: str) -> None:
    page, wrong = tab
    page.goto(exported)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    root = opened(page)
    root.get_by_role("button", name="Copy link to this step", exact=True).click()
    field = root.get_by_role("textbox", name="Copy this link:")
    expect(field).to_have_value(f"{exported}#mode=reverse&step=9")
    assert field.evaluate("(e) => [e.selectionStart, e.selectionEnd, e.value.length]") == [0, len(exported) + 20, len(exported) + 20]
    assert wrong == []


def test_a_saved_output_in_a_frame_has_no_address_and_saves_files(tab: Any, tmp_path: Path) -> None:
    page, wrong = tab
    html = adviz.reverse(f, 2.0, 5.0)._repr_mimebundle_()["text/html"]
    (tmp_path / "output.html").write_text("<!doctype html><meta charset='utf-8'>" + html, encoding="utf-8")
    page.goto((tmp_path / "output.html").as_uri() + "#mode=values&step=1")
    frame = page.frame_locator("iframe")
    expect(frame.locator(".adviz-explorer")).to_have_attribute("data-step", "17")
    frame.get_by_role("button", name="Previous step", exact=True).click()
    frame.get_by_role("button", name="Export", exact=True).click()
    assert frame.get_by_role("button", name="Copy link to this step").count() == 0
    with page.expect_download() as found:
        frame.locator("[data-export=svg]").click()
    assert found.value.suggested_filename == "f-x1-x2-reverse-16.svg"
    assert wrong == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_menu_for_people_to_look_at(tab: Any, exported: str, artifacts: Path, theme: str) -> None:
    page, _ = tab
    page.emulate_media(color_scheme=theme)
    for width in (980, 320):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(exported)
        root = opened(page)
        saved(page, root, "svg")
        page.screenshot(path=artifacts / f"menu-{theme}-{width}.png")
        assert root.evaluate("(e) => e.scrollWidth - e.clientWidth") <= 0
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


# With a kernel: a widget's model that sends and hears.




@pytest.fixture
def widget(tab: Any) -> tuple[Page, Locator, list[str]]:
    """An explorer as in a notebook, whose kernel is this test."""
    page, wrong = tab
    page.set_content("<!doctype html><html lang='en'><meta charset='utf-8'><body></body></html>")
    explorer = adviz.explore(f, 2.0, 5.0, mode="reverse", step=9)
    state = {"document": explorer.document, "mode": "reverse", "step": 9, "alert": "", "theme": "", "seeds": {}}
    sends = MOUNT.replace("state, saved", "sent: [], send(message) { model.sent.push(message); }, "
                          "tell(message) { listeners['msg:custom'].forEach((hear) => hear(message, [])); }, state, saved")  # fmt: skip
    page.evaluate(sends, {"code": module(), "style": stylesheet(), "states": [state]})
    return page, opened(page), wrong


def test_the_kernel_is_asked_for_what_the_page_cannot_write(widget: Any) -> None:
    page, root, wrong = widget
    assert [b.get_attribute("data-export") for b in root.locator("[data-export]").all() if b.is_visible()] == ["svg", "png", "html", "latex", "csv", "json", "gif"]
    with page.expect_download() as found:
        root.locator("[data-export=latex]").click()
        assert page.evaluate("window.adviz_models[0].sent") == [{"kind": "export", "request": 1, "format": "latex", "mode": "reverse", "step": 9}]
        expect(root.locator(".adviz-export-said")).to_have_text("Writing f-x1-x2-reverse-9.tex …")
        for foreign in ({"kind": "export", "request": 7, "content": "x"}, {"kind": "other"}, None, "x", {"kind": "export", "request": "1", "content": "x"}):
            page.evaluate("m => window.adviz_models[0].tell(m)", foreign)
        page.evaluate("m => window.adviz_models[0].tell(m)", {"kind": "export", "request": 1, "format": "latex", "content": "\\toprule α"})
    assert Path(found.value.path()).read_text(encoding="utf-8") == "\\toprule α"
    with page.expect_download() as found:
        root.locator("[data-export=gif]").click()
        page.evaluate("m => window.adviz_models[0].tell(m)", {"kind": "export", "request": 2, "format": "gif", "content": "R0lGODlh/w=="})
    assert Path(found.value.path()).read_bytes() == b"GIF89a\xff"
    assert wrong == []


def test_what_python_refuses_is_said_and_the_explorer_goes_on(widget: Any) -> None:
    page, root, wrong = widget
    root.locator("[data-export=gif]").click()
    page.evaluate("m => window.adviz_models[0].tell(m)", {"kind": "export", "request": 1, "problem": "This would be 900 <b>frames</b>."})
    expect(root.locator(".adviz-export-said")).to_have_text("This would be 900 <b>frames</b>.")
    root.get_by_role("button", name="Next step", exact=True).click()
    assert at(page) == ("reverse", "10")
    assert wrong == []


def test_a_kernel_that_is_gone_is_told_and_stepping_goes_on(widget: Any) -> None:
    page, root, wrong = widget
    page.clock.install()
    root.locator("[data-export=csv]").click()
    page.clock.run_for(29_000)
    root.get_by_role("button", name="Next step", exact=True).click()
    assert at(page) == ("reverse", "10")
    expect(root.locator(".adviz-export-said")).to_have_text("Writing f-x1-x2-reverse-9.csv …")
    page.clock.run_for(2_000)
    expect(root.locator(".adviz-export-said")).to_have_text("The kernel does not answer. SVG, PNG and JSON are written without it.")
    page.evaluate("m => window.adviz_models[0].tell(m)", {"kind": "export", "request": 1, "content": "late"})
    saved(page, root, "json")
    assert wrong == []


def test_a_notebooks_menu_saves_latex_from_the_kernel_and_png_without_it(browser: Browser, lab: Lab) -> None:
    define = "import numpy as np, adviz\ndef f(x1, x2):\n    return np.log(x1) + x1 * x2 - np.sin(x2)\nadviz.explore(f, 2.0, 5.0, mode='reverse', step=9)"
    with watched_page(browser) as (page, watch):
        open_notebook(page, lab, lab.write("menu.ipynb", define))
        run_all(page)
        root = page.locator(".adviz-explorer").first
        expect(root).to_have_attribute("data-step", "9", timeout=60_000)
        root.get_by_role("button", name="Export", exact=True).click()
        expected = adviz.explore(f, 2.0, 5.0, mode="reverse", step=9).to_latex()
        assert Path(saved(page, root, "latex").path()).read_text(encoding="utf-8") == expected
        content = Path(saved(page, root, "html").path()).read_text(encoding="utf-8")
        assert '"reverse", 9' in content
        assert str(lab.notebooks) not in content
        assert Path(saved(page, root, "gif").path()).read_bytes()[:6] == b"GIF89a"
        assert Path(saved(page, root, "png").path()).read_bytes()[1:4] == b"PNG"
        assert (watch.requests, watch.errors) == ([], [])
    lab.end_kernels()
