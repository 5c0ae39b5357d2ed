"""For everybody: axe-core finds nothing, the keyboard reaches everything, nothing is cut off at 320 px or 200 %, the focus is never lost."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import adviz

AXE = Path(__file__).parent / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 160)} ${node.failureSummary}`));
}"""
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"}, "dark": {"color_scheme": "dark"}, "forced": {"forced_colors": "active"},
    "forced-dark": {"forced_colors": "active", "color_scheme": "dark"}, "contrast": {"contrast": "more"},
}  # fmt: skip


def f(x1: Any, x2: Any) -> Any:
    if x1 > 0:
        return np.log(x1) + x1 * x2 - np.sin(x2)
    return x1


def least_squares(A: Any, x: Any) -> Any:
    return np.sum((A @ x) ** 2)


POINTS: dict[str, tuple[Any, ...]] = {
    "scalars": (f, 2.0, 5.0), "kink": (lambda x: abs(x) * np.sqrt(x), 0.0), "arrays": (least_squares, np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, -1.0])),
}  # fmt: skip


@pytest.fixture(scope="module")
def script() -> str:
    """axe-core, as tests/setup/frontend.sh installs it."""
    if not AXE.exists():
        if shutil.which("npm") is None:
            pytest.skip("npm is not installed: axe-core was not run")
        pytest.fail("axe-core is not installed; tests/setup/frontend.sh installs it", pytrace=False)
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Exported pages, by name: their addresses."""
    folder = tmp_path_factory.mktemp("pages")
    for name, (function, *point) in POINTS.items():
        adviz.reverse(function, *point).to_html(folder / f"{name}.html")
    adviz.explore(f, 2.0, 5.0, mode="reverse", compare=np.float32).to_html(folder / "modes.html")
    return {name: (folder / f"{name}.html").as_uri() for name in (*POINTS, "modes")}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without its content policy, so that axe-core can be put into it; it must end without an error."""
    context = browser.new_context(viewport={"width": 1100, "height": 900}, bypass_csp=True)
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert wrong == []


def root_of(page: Page) -> Locator:
    root = page.locator(".adviz-explorer")
    expect(root).to_be_visible()
    return root


def modes(root: Locator) -> list[str]:
    """The names of the tabs that there are."""
    return [tab.inner_text() for tab in root.get_by_role("tab").all()]


def choose(root: Locator, mode: str, step: str = "Last step") -> None:
    root.get_by_role("tab", name=mode, exact=True).click()
    root.get_by_role("button", name=step, exact=True).click()


def open_everything(root: Locator) -> None:
    """Whatever can be opened: the panels of the header, the parts that unfold."""
    for opener in root.locator("[aria-expanded=false], details:not([open]) > summary").all():
        if opener.is_visible():
            opener.click()


def violations(page: Page, script: str) -> list[str]:
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(script)
    return page.evaluate(RUN)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("width", [1100, 320])
def test_axe_finds_nothing_in_any_mode(page: Page, pages: dict[str, str], script: str, look: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(**LOOKS[look])
    found: dict[str, list[str]] = {}
    for name in pages if look == "light" else ["scalars", "modes"]:
        page.goto(pages[name])
        root = root_of(page)
        for mode in modes(root):
            for step in ("First step", "Next step", "Last step"):
                choose(root, mode, step)
            found[f"{name}, {mode}"] = violations(page, script)
        open_everything(root)
        found[f"{name}, all open"] = violations(page, script)
    assert {place: said for place, said in found.items() if said} == {}


# The keyboard alone


def focused(page: Page) -> str:
    """What has the focus: its name or its words; "" for the page itself."""
    return page.evaluate("""() => { const e = document.activeElement;
      return e === document.body ? "" : e.getAttribute("data-input") ?? e.getAttribute("aria-label") ?? (e.textContent || e.className || e.localName); }""")


def test_the_tab_key_reaches_every_control_once_shows_where_it_is_and_leaves(page: Page, pages: dict[str, str]) -> None:
    page.goto(pages["scalars"])
    root = root_of(page)
    open_everything(root)
    wanted = root.evaluate("""(root) => [...root.querySelectorAll("button, input, select, summary")]
      .filter((e) => e.checkVisibility() && e.tabIndex >= 0 && !e.disabled).length""")
    while focused(page):  # to the end of the page, wherever the mouse has been
        page.keyboard.press("Tab")
    reached, controls = 0, "button, input, select, summary"
    for _ in range(wanted + 30):
        page.keyboard.press("Tab")
        if not focused(page):
            break
        here = page.locator(":focus")
        assert here.evaluate("(e) => { const s = getComputedStyle(e); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; }"), focused(page)
        assert here.evaluate("(e) => { const { width, height } = e.getBoundingClientRect(); return width > 1 && height > 1; }"), focused(page)
        reached += here.evaluate("(e, controls) => e.matches(controls)", controls)
    assert reached == wanted
    assert focused(page) == "", "the Tab key leads out again"
    page.keyboard.press("Shift+Tab")
    assert focused(page) != ""


def test_a_pane_with_more_than_fits_is_scrolled_by_keyboard(page: Page, pages: dict[str, str]) -> None:
    page.set_viewport_size({"width": 320, "height": 900})
    page.goto(pages["scalars"])
    root = root_of(page)
    root.get_by_role("button", name="First step", exact=True).click()
    pane = root.get_by_role("group", name="Graph", exact=True)
    pane.focus()
    pane.evaluate("(e) => e.scrollTo(0, 0)")
    page.keyboard.press("Shift+ArrowRight")
    assert pane.evaluate("(e) => e.scrollLeft") == 60
    page.keyboard.press("Shift+ArrowLeft")
    assert pane.evaluate("(e) => e.scrollLeft") == 0
    page.keyboard.press("ArrowRight")
    expect(root).to_have_attribute("data-step", "1")


def test_the_focus_is_never_lost_by_a_click_or_a_key(page: Page, pages: dict[str, str]) -> None:
    """After whatever is pressed, in every mode, something in the explorer has the focus; so the next key is heard."""
    page.goto(pages["scalars"])
    root = root_of(page)
    for mode in modes(root):
        root.get_by_role("tab", name=mode, exact=True).click()
        for button in root.locator("button:visible:not([data-export])").all():
            if not button.is_visible():
                continue
            name = button.text_content() or button.get_attribute("aria-label")
            button.focus()
            page.keyboard.press("Enter")
            assert root.evaluate("(root) => root.contains(document.activeElement)"), f"{mode}: {name}"
        page.keyboard.press("Escape")
        assert root.evaluate("(root) => root.contains(document.activeElement)"), f"{mode}: Escape"
        for cell in root.locator("tr[data-index]:visible").all()[:3]:
            cell.click()
            page.keyboard.press("ArrowRight")
            assert root.evaluate("(root) => root.contains(document.activeElement)"), mode


def test_a_menu_that_closes_gives_the_focus_back_to_its_button(page: Page, pages: dict[str, str]) -> None:
    page.goto(pages["scalars"])
    root = root_of(page)
    button = root.get_by_role("button", name="Export", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    for beside in ("Present", "中文", "?"):  # the menu opens beneath the row of buttons
        page.keyboard.press("Tab")
        expect(root.locator("button:focus")).to_have_text(beside)
    page.keyboard.press("Tab")
    expect(root.locator("[data-export]").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")


# Room: 320 px, 200 %


CLIPPED = """(root) => [...root.querySelectorAll("*")].filter((e) => {
  if (!e.checkVisibility() || e.closest(".adviz-hidden, svg, math, select, input, [data-scrolls], .adviz-fields")) return false;
  const style = getComputedStyle(e);
  const hides = style.overflowX === "hidden" || style.overflowX === "clip";
  return (hides && e.scrollWidth > e.clientWidth + 1 && style.textOverflow !== "ellipsis") || e.getBoundingClientRect().right > innerWidth + 1;
}).map((e) => `${e.localName}.${e.className} ${e.textContent.slice(0, 40)}`)"""


@pytest.mark.parametrize("name", POINTS)
@pytest.mark.parametrize("width, zoom", [(320, 1), (640, 2), (1280, 2)])
def test_nothing_is_cut_off_when_there_is_little_room(page: Page, pages: dict[str, str], name: str, width: int, zoom: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(pages[name])
    page.evaluate("zoom => { document.documentElement.style.zoom = zoom; }", zoom)
    root = root_of(page)
    for mode in modes(root):
        choose(root, mode)
        open_everything(root)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1, mode
        assert root.evaluate(CLIPPED) == [], mode


def test_targets_are_large_enough(page: Page, pages: dict[str, str]) -> None:
    """24 by 24 px for every control, 32 for buttons (WCAG 2.2, 2.5.8)."""
    for width in (1100, 320):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(pages["scalars"])
        root = root_of(page)
        for mode in modes(root):
            choose(root, mode)
            open_everything(root)
            small = root.evaluate("""(root) => [...root.querySelectorAll("button, input, select, summary")].filter((e) => e.checkVisibility()).flatMap((e) => {
              const { width, height } = e.getBoundingClientRect(), least = e.localName === "button" ? 31.5 : 23.5;
              return width < least || height < least ? [`${e.localName} ${e.className} ${e.textContent} ${width}x${height}`] : [];
            })""")
            assert small == [], mode


# Motion, words and colours


def test_nothing_moves_by_itself_for_those_who_ask_for_less_motion(page: Page, pages: dict[str, str]) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(pages["scalars"])
    root = root_of(page)
    for mode in modes(root):
        root.get_by_role("tab", name=mode, exact=True).click()
        for step in ("First step", "Next step", "Last step"):
            root.get_by_role("button", name=step, exact=True).click()
            assert page.evaluate("document.getAnimations().length") == 0, mode
        assert root.evaluate("(root) => [...root.querySelectorAll('*')].filter((e) => getComputedStyle(e).scrollBehavior === 'smooth').length") == 0


def test_one_polite_sentence_tells_each_step(page: Page, pages: dict[str, str]) -> None:
    page.goto(pages["scalars"])
    root = root_of(page)
    for mode in modes(root):
        choose(root, mode, "First step")
        status = root.locator("[role=status]:visible")
        assert root.locator("[role=status]").count() == 1
        page.evaluate("""() => { window.advizHeard = 0; window.advizEar?.disconnect();
          window.advizEar = new MutationObserver((changes) => { window.advizHeard += changes.some(({ addedNodes, type }) => addedNodes.length || type === "characterData"); });
          window.advizEar.observe(document.querySelector("[role=status]"), { childList: true, characterData: true, subtree: true }); }""")
        root.get_by_role("button", name="Next step", exact=True).click()
        expect(status).to_have_text(re.compile(r"^Step 1 of \d+\. .+[.:]$"))
        assert status.get_attribute("aria-live") == "polite"
        assert page.evaluate("window.advizHeard") == 1, mode


def test_states_differ_without_colour(page: Page, pages: dict[str, str]) -> None:
    """Each pair of states of a box or an edge differs in a dash, a width or words, with every colour taken away."""
    page.goto(pages["scalars"])
    root = root_of(page)
    marks = """(root) => { const look = (e) => { const s = getComputedStyle(e); return `${s.strokeDasharray} ${s.strokeWidth}`; };
      return Object.fromEntries([...root.querySelectorAll("[data-node]")].map((g) =>
        [g.getAttribute("data-node"), `${look(g.querySelector(".adviz-box"))} halo ${getComputedStyle(g.querySelector(".adviz-halo")).stroke !== "none"} ${g.querySelector(".adviz-derivative").textContent}`])); }"""
    choose(root, "Values", "First step")
    blank = root.evaluate(marks)["1"]
    choose(root, "Reverse", "First step")
    known = root.evaluate(marks)["1"]
    root.get_by_role("button", name="Last step", exact=True).click()
    root.get_by_role("button", name="First step", exact=True).click()
    for _ in range(11):
        root.get_by_role("button", name="Next step", exact=True).click()
    partial, final = root.evaluate(marks)["0"], root.evaluate(marks)["4"]
    assert len({blank, known, partial, final}) == 4
    assert "+…" in partial
