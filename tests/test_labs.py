"""The small labs: their numbers, and what a learner does with them, by slider and by number field, with a kernel and without."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import xml.etree.ElementTree as xml
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets
from playwright.sync_api import Browser, Locator, Page, expect

import adviz
from adviz.errors import AdvizError, InputError, OutputError, UnsupportedError
from adviz.labs.controls import nearest
from adviz.labs.drawing import Sheet, ink, tokens
from adviz.languages import LANGUAGES
from tests.jupyter.page import open_notebook, run_all, run_code, watched_page
from tests.jupyter.server import Lab
from tests.test_axe import AXE, RUN
from tests.test_frontend import MOUNT

LABS: dict[str, Callable[[], Any]] = {name: getattr(adviz.labs, name) for name in adviz.labs.__all__ if name != "Lab"}


@pytest.fixture(scope="module")
def labs() -> dict[str, Any]:
    return {name: make() for name, make in LABS.items()}


@pytest.fixture(scope="module")
def pages(labs: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("labs")
    for name, lab in labs.items():
        lab.to_html(folder / f"{name}.html")
    return {name: folder / f"{name}.html" for name in labs}


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """One page for all, and a list of everything it says or asks for that it should not."""
    context = browser.new_context(viewport={"width": 1000, "height": 1000})
    tab, wrong = context.new_page(), []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("console", lambda message: wrong.append(message.text))
    tab.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(("file:", "data:", "about:", "blob:")) else None)
    yield tab, wrong
    context.close()


def opened(tab: tuple[Page, list[str]], file: Path) -> Locator:
    """The lab of that page, fresh."""
    sheet, wrong = tab
    wrong.clear()
    sheet.emulate_media(color_scheme="light")
    sheet.set_viewport_size({"width": 1000, "height": 1000})
    sheet.goto(file.as_uri())
    return sheet.locator(".adviz-lab")


def slide(root: Locator, name: str, index: int) -> None:
    root.locator(f"input[data-slider={name}]").fill(str(index))


def type_in(root: Locator, name: str, typed: str) -> None:
    field = root.locator(f"input[data-control={name}]")
    field.fill(typed)
    field.press("Enter")


def content(lab: Any, key: str) -> Any:
    return json.loads(lab.contents)[key]


def index_of(lab: Any, name: str, value: float) -> int:
    (control,) = (c for c in json.loads(lab.lab)["controls"] if c["name"] == name)
    return control["values"].index(value)


# every lab


@pytest.mark.parametrize("name", LABS)
def test_the_page_of_a_lab_allows_its_own_script_and_style_and_nothing_else(name: str, pages: dict[str, Path]) -> None:
    text = pages[name].read_text(encoding="utf-8")
    (script,) = re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
    hashes = ["sha256-" + b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in (script, style)]
    assert policy == f"default-src 'none'; img-src data: blob:; script-src '{hashes[0]}'; style-src '{hashes[1]}'"
    assert len(text) < 700_000


@pytest.mark.parametrize("name", LABS)
def test_a_lab_opens_from_a_file_and_fits_every_screen(name: str, tab: Any, pages: dict[str, Path], artifacts: Path) -> None:
    root = opened(tab, pages[name])
    sheet, wrong = tab
    expect(root.locator(".adviz-lab-say").first).not_to_be_empty()
    sheet.screenshot(path=artifacts / f"lab-{name}-light.png", full_page=True)
    sheet.emulate_media(color_scheme="dark")
    sheet.screenshot(path=artifacts / f"lab-{name}-dark.png", full_page=True)
    for width in (400, 320):
        sheet.set_viewport_size({"width": width, "height": 900})
        assert sheet.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        sheet.screenshot(path=artifacts / f"lab-{name}-{width}.png", full_page=True)
    small = "els => els.map(e => e.getBoundingClientRect()).filter(({width, height}) => width && (width < 24 || height < 24)).length"
    assert root.locator("button, input:not([type=checkbox])").evaluate_all(small) == 0
    assert wrong == []


@pytest.mark.parametrize("name", LABS)
def test_axe_finds_nothing_in_a_lab(name: str, tab: Any, pages: dict[str, Path]) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: it was not run")
    opened(tab, pages[name])
    sheet = tab[0]
    for scheme in ("light", "dark"):
        sheet.emulate_media(color_scheme=scheme)
        sheet.evaluate(f"() => {{ {AXE.read_text(encoding='utf-8')} }}")
        assert sheet.evaluate(RUN) == []


@pytest.mark.parametrize("name", LABS)
def test_where_nothing_runs_pictures_tables_and_a_sentence_are_left(name: str, labs: dict[str, Any]) -> None:
    bundle = labs[name]._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    html = data["text/html"]
    assert not re.search(r"<script|<style|style=|<svg|\son\w+=", html)
    pictures = re.findall(r'<img alt="([^"]+)" src="data:image/svg\+xml;base64,([^"]+)">', html)
    assert len(pictures) == sum(part["kind"] == "plot" for part in json.loads(labs[name].lab)["parts"])
    light = {pair[0] for pair in tokens().values()}
    for label, source in pictures:
        drawn = xml.fromstring(b64decode(source))
        assert drawn.findtext("{http://www.w3.org/2000/svg}title") == label
        assert {shape.get(name) for shape in drawn.iter() for name in ("fill", "stroke")} <= {*light, "none", None}
        assert "$" not in "".join(drawn.itertext())
    assert re.search(r"<p>[^<]{20,}</p>", html)


def words_of(part: Any) -> Iterator[str]:
    """What a reader sees of contents: sentences, captions, heads, cells that are not code, words in a plot."""
    match part:
        case str():
            yield part
        case [str(words), str(role)] if role in ("code", "strong", "tangent", "adjoint", "muted", ""):
            yield from () if role == "code" else (words,)
        case ["text", *_, words]:
            yield words
        case ["path", *_]:
            return
        case dict() | list():
            for inside in part.values() if isinstance(part, dict) else part:
                yield from words_of(inside)


def english_in(lab: Any) -> set[str]:
    """English words that a reader of Chinese sees. Names of programs and of what stands in code remain."""
    seen = " ".join([json.loads(lab.lab)["title"], *words_of(json.loads(lab.contents))])
    return set(re.findall(r"[A-Za-z]{4,}", seen)) - {"SymPy", "SciPy", "adviz"} - {row.name for row in adviz.table}


@pytest.mark.parametrize("name", LABS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lab_speaks_every_language_and_comes_back(name: str, language: str, labs: dict[str, Any]) -> None:
    lab, before = labs[name], (labs[name].lab, labs[name].contents)
    lab.language = language
    assert json.loads(lab.lab)["language"] == language
    assert '"lab.' not in lab.contents + json.dumps({**json.loads(lab.lab), "texts": {}})
    assert language != "zh" or english_in(lab) == set()
    lab.language = "en"
    assert (lab.lab, lab.contents) == before


def test_a_page_changes_its_language_where_it_stands(tab: Any, pages: dict[str, Path]) -> None:
    root = opened(tab, pages["finite_differences"])
    type_in(root, "h", "0.01")
    root.get_by_role("button", name="中文").click()
    expect(root).to_have_attribute("lang", "zh-Hans")
    expect(root.locator("input[data-control=h]")).to_have_value("0.01")
    expect(root.locator(".adviz-lab-say").first).to_contain_text("5.49875415")
    root.get_by_role("button", name="English").click()
    expect(root).to_have_attribute("lang", "en")
    assert tab[1] == []


# finite differences


# curriculum.md 1A: |error| of ∂f/∂x₁ at (2, 5), by h
ERRORS = {
    1e-1: (1.21e-2, 1.29e-2, 4.17e-4), 1e-3: (1.25e-4, 1.25e-4, 4.17e-8), 1e-5: (1.25e-6, 1.25e-6, 3.1e-11), 1e-7: (2.5e-8, 1.1e-8, 6.8e-9),
    1e-10: (8.4e-6, 9.3e-6, 4.6e-7), 1e-13: (1.1e-2, 1.1e-2, 1.1e-2), 1e-16: (5.5, 5.5, 5.5),
}  # fmt: skip


def figure(words: Any) -> float:
    """The number that a cell shows."""
    words = words[0] if isinstance(words, list) else words
    mantissa, _, exponent = words.replace("−", "-").partition("×10")
    return float(f"{mantissa}e{exponent.translate(str.maketrans('⁻⁰¹²³⁴⁵⁶⁷⁸⁹', '-0123456789')) or 0}")


@pytest.mark.parametrize("h", ERRORS)
def test_the_table_of_errors_has_the_numbers_of_the_course(h: float, labs: dict[str, Any]) -> None:
    lab = labs["finite_differences"]
    table = lab._design.content("table", {"flag_placed": True})
    (row,) = (row for row in table["rows"] if figure(row[0]) == pytest.approx(h, abs=0))
    assert [figure(cell) for cell in row[1:]] == pytest.approx(ERRORS[h], rel=0.05, abs=0)
    least = [figure(row[0]) for column in (1, 3) for row in table["rows"] if row[column][1] == "strong"]
    assert least == pytest.approx([1e-7, 1e-5], abs=0)


def test_the_curve_stays_hidden_until_the_flag_is_placed(tab: Any, pages: dict[str, Path], artifacts: Path) -> None:
    root = opened(tab, pages["finite_differences"])
    curve, table, guess = root.locator(".adviz-lab-plot").nth(1), root.locator(".adviz-lab-table").nth(1), root.locator(".adviz-lab-say").nth(1)
    expect(curve).to_contain_text("Place your flag to see the curve.")
    expect(table).to_be_hidden()
    type_in(root, "flag", "1e-5")
    expect(table).to_be_hidden()
    root.get_by_role("button", name="Place your flag").click()
    expect(curve).to_contain_text("your flag")
    expect(curve).to_contain_text("slope 2")
    expect(table.locator("tbody tr")).to_have_count(17)
    expect(guess).to_have_text(
        "Your flag: h = 1×10⁻⁵ has the error 1.25×10⁻⁶. The least error of the forward difference is 1.566×10⁻⁸, at h = 2×10⁻⁷."
    )
    tab[0].screenshot(path=artifacts / "lab-finite_differences-placed.png", full_page=True)
    root.get_by_role("button", name="Take the flag away").click()
    expect(table).to_be_hidden()
    assert tab[1] == []


def test_h_moves_by_slider_and_by_field(tab: Any, pages: dict[str, Path], labs: dict[str, Any]) -> None:
    root, lab = opened(tab, pages["finite_differences"]), labs["finite_differences"]
    say, field, secant = root.locator(".adviz-lab-say").first, root.locator("input[data-control=h]"), root.locator(".adviz-lab-plot g").nth(1)
    expect(say).to_have_text("With h = 0.5, the forward difference by x1 is 5.4462871.")
    at_half = secant.evaluate("(g) => g.children[0].getAttribute('d')")
    slide(root, "h", index_of(lab, "h", 1e-3))
    expect(say).to_have_text("With h = 0.001, the forward difference by x1 is 5.49987504.")
    expect(field).to_have_value("0.001")
    expect(root.locator("input[data-slider=h]")).to_have_attribute("aria-valuetext", "0.001")
    assert secant.evaluate("(g) => g.children[0].getAttribute('d')") != at_half
    root.locator("[data-choice=method] button[data-way=central]").click()
    type_in(root, "h", "1e-1")
    expect(say).to_have_text("With h = 0.1, the central difference by x1 is 5.50041729.")
    field.press("ArrowLeft")
    root.locator("input[data-slider=h]").press("ArrowLeft")
    expect(field).to_have_value("0.05")
    assert tab[1] == []


def test_a_number_between_those_of_the_page_goes_to_the_nearest_and_says_so(tab: Any, pages: dict[str, Path]) -> None:
    root = opened(tab, pages["finite_differences"])
    type_in(root, "h", "3.1e-4")
    expect(root.locator(".adviz-lab-note").first).to_have_text("This page holds no results for 3.1×10⁻⁴. The nearest, 2×10⁻⁴, is shown.")
    expect(root.locator("input[data-control=h]")).to_have_value("0.0002")


@pytest.mark.parametrize("typed, said", [
    ("small", "h is a number, such as 0.5 or 1e-3; “small” is none."), ("", "h is a number, such as 0.5 or 1e-3; “” is none."),
    ("nan", "h is a number, such as 0.5 or 1e-3; “nan” is none."), ("0", "h is a number from 1×10⁻¹⁶ to 1."),
    ("-1", "h is a number from 1×10⁻¹⁶ to 1."), ("inf", "h is a number from 1×10⁻¹⁶ to 1."),
])  # fmt: skip
def test_what_is_no_h_is_refused_in_words_and_nothing_is_lost(typed: str, said: str, tab: Any, pages: dict[str, Path]) -> None:
    root = opened(tab, pages["finite_differences"])
    type_in(root, "h", typed)
    field, note = root.locator("input[data-control=h]"), root.locator(".adviz-lab-note").first
    expect(note).to_have_text(said)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(root.locator(".adviz-lab-say").first).to_have_text("With h = 0.5, the forward difference by x1 is 5.4462871.")
    field.press("Escape")
    expect(field).to_have_value("0.5")
    expect(note).to_be_empty()


def test_with_a_kernel_every_number_between_is_computed(tab: Any) -> None:
    sheet, wrong = tab
    sheet.goto("about:blank")
    wrong.clear()
    lab = adviz.labs.finite_differences()
    state = {name: getattr(lab, name) for name in ("lab", "values", "contents", "alert", "theme")}
    sheet.evaluate(MOUNT, {"code": lab._esm, "style": lab._css, "states": [state]})
    root = sheet.locator(".adviz-lab")
    type_in(root, "h", "3.1e-4")
    assert sheet.evaluate("adviz_models[0].saved") == [{"values": {"h": 3.1e-4, "method": "forward", "flag": None}}]
    lab.set_state(sheet.evaluate("adviz_models[0].saved[0]"))
    sheet.evaluate("(text) => adviz_models[0].arrive('contents', text)", lab.contents)
    expect(root.locator(".adviz-lab-say").first).to_have_text("With h = 3.1×10⁻⁴, the forward difference by x1 is 5.49996125.")
    expect(root.locator(".adviz-lab-note").first).to_be_empty()
    lab.language = "zh"
    sheet.evaluate("([lab, text]) => { adviz_models[0].arrive('contents', text); adviz_models[0].arrive('lab', lab); }", [lab.lab, lab.contents])
    expect(root).to_have_attribute("lang", "zh-Hans")
    sheet.evaluate("adviz_models[0].destroy()")
    assert sheet.evaluate("[adviz_models[0].listening(), document.querySelectorAll('.adviz-lab').length]") == [0, 0]
    assert wrong == []


@pytest.mark.parametrize("given", [{"h": 0.0}, {"h": "x"}, {"h": True}, {"h": float("nan")}, {"method": "sideways"}, {"method": 3}, {"flag": 7.0}])
def test_values_that_no_control_has_are_refused_in_words(given: dict[str, Any]) -> None:
    lab = adviz.labs.finite_differences()
    before = (lab.values, lab.contents)
    with pytest.raises(traitlets.TraitError, match=r"is a number from|is one of"):
        lab.values = given
    lab.set_state({"values": {**lab.values, **given}, "lab": "{}", "contents": "{}"})
    assert lab.alert
    assert (lab.values, lab.contents) == before
    lab.values = {"h": 1e-3}
    assert lab.alert == ""


def test_a_function_of_ones_own_is_measured_at_its_own_point() -> None:
    lab = adviz.labs.finite_differences("sin(x^2 + x)", 2.0)
    lab.values = {"h": 1e-5, "flag": 1e-5, "method": "central"}
    assert "the derivative is 4.80085143." in content(lab, "sentence")
    assert json.loads(lab.lab)["parts"][2]["label"] == "f, its tangent (dashed) and the secant"


def root_of(x: Any) -> Any:
    if x < 0:
        raise ValueError("x must not be negative")
    return np.sqrt(x)


def test_where_f_has_no_value_there_is_a_gap_and_a_sentence() -> None:
    lab = adviz.labs.finite_differences(root_of, 0.25)
    lab.values = {"h": 0.5, "method": "central"}
    assert content(lab, "sentence") == "With h = 0.5, the central difference leaves the domain of the function."
    lab.values = {"h": 0.001, "flag": 1e-5}
    assert "the derivative is 1." in content(lab, "sentence")
    assert lab.alert == ""


@pytest.mark.parametrize("make, error, said", [
    (lambda: adviz.labs.finite_differences(lambda x: np.stack([x, x]), 2.0), OutputError, "one number"),
    (lambda: adviz.labs.finite_differences(lambda x: None, 2.0), OutputError, "None"),
    (lambda: adviz.labs.finite_differences(lambda x: x, "2"), InputError, "is the text"),
    (lambda: adviz.labs.finite_differences(lambda x: x), InputError, "cannot be called"),
    (lambda: adviz.labs.finite_differences(lambda x: x, 2.0, wrt="y"), InputError, "'y'"),
    (lambda: adviz.labs.finite_differences("sin(x)", float("nan")), InputError, "x is nan"),
    (lambda: adviz.labs.finite_differences("sin(x)", float("inf")), InputError, "finite"),
    (lambda: adviz.labs.finite_differences(theme="blue"), InputError, "blue"),
    (lambda: adviz.labs.finite_differences("x +", 2.0), adviz.FormulaError, "Column"),
])  # fmt: skip
def test_what_cannot_be_measured_is_refused_in_words(make: Callable[[], Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said) as caught:
        make()
    assert isinstance(caught.value, AdvizError)


# drawing


def test_a_layer_is_drawn_where_its_axes_are_and_leaves_nothing_behind() -> None:
    sheet = Sheet(lambda ax: ax.set(xlim=(0, 4), ylim=(0, 2)))
    first = sheet.layer(lambda ax: ax.plot([-4, 8], [1, 1], color=ink("adjoint")))
    assert first == [["path", "M55 142L389 142", "adjoint", "", 2.0, ""]]  # cut at the axes
    assert sheet.layer(lambda ax: ax.plot([-4, 8], [1, 1], color=ink("adjoint"))) == first
    assert sheet.layer(lambda ax: None) == []


def test_a_notebooks_own_style_changes_no_plot_and_no_plot_changes_it() -> None:
    import matplotlib

    def prepare(ax: Any) -> None:
        ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="h")

    plain = Sheet(prepare).shapes
    with matplotlib.rc_context({"font.size": 30, "axes.grid": True, "axes.edgecolor": "red", "text.usetex": False, "xtick.labelsize": 3}):
        kept = dict(matplotlib.rcParams)
        assert Sheet(prepare).shapes == plain
        assert dict(matplotlib.rcParams) == kept


def test_a_colour_that_is_no_role_is_refused() -> None:
    with pytest.raises(KeyError, match="ink"):
        Sheet(lambda ax: ax.plot([0, 1], [0, 1], color="red"))


def test_without_matplotlib_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UnsupportedError, match="pip install matplotlib"):
        Sheet(lambda ax: None)


def test_the_nearest_on_a_grid_of_ratios_is_the_nearest_in_ratio() -> None:
    assert nearest((1e-5, 1e-4), 4e-5, log=True) == 1e-4
    assert nearest((1e-5, 1e-4), 4e-5) == 1e-5


# expression swell


def test_the_bars_of_swell_are_the_counts_of_the_course(tab: Any, pages: dict[str, Path], labs: dict[str, Any], artifacts: Path) -> None:
    root = opened(tab, pages["swell"])
    say, rows = root.locator(".adviz-lab-say"), root.locator(".adviz-lab-table").first.locator("tbody tr")
    expect(rows).to_have_count(2)
    slide(root, "n", 5)
    expect(say).to_contain_text("the derivative of l₆ takes 480 operations. The program computes l₆ in 15")
    assert [row.locator("td").nth(2).inner_text() for row in rows.all()] == ["0", "6", "24", "72", "192", "480"]
    assert [row.locator("td").nth(1).inner_text() for row in rows.all()] == ["0", "3", "9", "21", "45", "93"]
    bars = root.locator(".adviz-lab-plot g").nth(1).locator("path.adviz-fill-tangent")
    heights = bars.evaluate_all("(bars) => bars.map((bar) => bar.getBBox().height)")
    assert [h / heights[-1] for h in heights] == pytest.approx([c / 480 for c in (6, 24, 72, 192, 480)], abs=0.003)
    type_in(root, "n", "4")
    expect(rows).to_have_count(4)
    expect(root.locator(".adviz-lab-table").nth(1)).to_contain_text("-131072·x^7 + 458752·x^6")
    type_in(root, "n", "4.3")
    expect(root.locator(".adviz-lab-note").first).to_have_text("The nearest value, 4, is shown.")
    root.locator("[data-choice=scale] button[data-way=log]").click()
    expect(root.locator(".adviz-lab-plot").first).to_contain_text("10¹")
    tab[0].screenshot(path=artifacts / "lab-swell-moved.png", full_page=True)
    assert tab[1] == []


# dual numbers


def test_a_run_on_dual_numbers_ends_with_the_derivative(tab: Any, pages: dict[str, Path], artifacts: Path) -> None:
    root = opened(tab, pages["dual_numbers"])
    say, rows = root.locator(".adviz-lab-say"), root.locator(".adviz-lab-table tbody tr")
    expect(say).to_have_text("Each input is a dual number: x1 = 2 + 1ε, x2 = 5 + 0ε. The number before ε says how it moves.")
    slide(root, "step", 2)
    expect(say).to_have_text(
        "v₂ = v₋₁ · v₀ = (2 + 1ε) · (5 + 0ε) = 10 + 5ε. Multiply out: ε² = 0, so that before ε only 5 · 1 + 2 · 0 = 5 is left. That is the product rule."
    )
    expect(rows).to_have_count(4)
    type_in(root, "step", "5")
    tangents = {(1, 0): 5.5, (0, 1): 1.716, (3, -1): 14.78}  # curriculum.md 1A, the last row
    for direction, tangent in tangents.items():
        for name, x in zip(("d0", "d1"), direction, strict=True):
            type_in(root, name, str(x))
        expect(rows.last.locator("td").last).to_have_text(str(tangent))
    tab[0].screenshot(path=artifacts / "lab-dual_numbers-moved.png", full_page=True)
    assert tab[1] == []


@pytest.mark.parametrize("typed", ["exp(x)*x", "x^3/(1 + x)", "sqrt(x) - 2", "tan(x) + x*x"])
def test_the_last_row_is_the_derivative_by_dual_numbers(typed: str) -> None:
    f = adviz.formula(typed)
    lab = adviz.labs.dual_numbers(f, 0.75)
    steps = next(c for c in json.loads(lab.lab)["controls"] if c["name"] == "step")["values"]
    lab.values = {"step": steps[-1], "d0": 1.0}
    assert figure(content(lab, "run")["rows"][-1][-1]) == pytest.approx(adviz.methods.derivative_by_dual(f)(0.75), rel=1e-3)
    assert lab.alert == ""


# Jacobians


def test_the_jacobian_is_painted_by_columns_and_by_rows(tab: Any, pages: dict[str, Path], artifacts: Path) -> None:
    root = opened(tab, pages["jacobian"])
    cells = root.locator(".adviz-lab-table tbody td")
    assert cells.all_inner_texts() == ["·", "·", "·", "·"]
    slide(root, "sweeps", 1)
    expect(cells).to_have_text(["5", "·", "−0.4161", "·"])
    root.locator("[data-choice=way] button[data-way=reverse]").click()
    expect(cells).to_have_text(["5", "2", "·", "·"])
    type_in(root, "sweeps", "2")
    expect(cells).to_have_text(["5", "2", "−0.4161", "0"])
    tab[0].screenshot(path=artifacts / "lab-jacobian-moved.png", full_page=True)
    assert tab[1] == []


def test_a_sweep_along_a_direction_is_a_sum_of_columns_or_of_rows(tab: Any, pages: dict[str, Path]) -> None:
    root = opened(tab, pages["jacobian"])
    say = root.locator(".adviz-lab-say").nth(1)
    expect(say).to_have_text("One forward sweep in the direction v = (1, 2) gives the sum of columns J·v = 1·(5, −0.4161) + 2·(2, 0) = (9, −0.4161).")
    root.locator("[data-choice=way] button[data-way=reverse]").click()
    slide(root, "d0", 6)
    type_in(root, "d1", "-1")
    expect(say).to_have_text("One reverse sweep with the weights w = (3, −1) gives the sum of rows w·J = 3·(5, 2) + (−1)·(−0.4161, 0) = (15.42, 6).")
    assert tab[1] == []


def test_a_jacobian_of_arrays_has_a_slider_for_each_entry() -> None:
    A = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 4.0]])
    lab = adviz.labs.jacobian(lambda x: A @ x, np.array([1.0, 2.0, 3.0]))
    lab.values = {"d0": 1.0, "d1": -1.0, "d2": 2.0, "sweeps": 3}
    assert [[figure(cell) for cell in row[1:]] for row in content(lab, "matrix")["rows"]] == A.tolist()
    assert content(lab, "product").endswith("= (5, 7).")
    assert lab.alert == ""


# descent


@pytest.mark.parametrize("method, value", [("newton", 1e-9), ("bfgs", 1e-6)])
def test_newton_and_quasi_newton_arrive(method: str, value: float, tab: Any, pages: dict[str, Path], artifacts: Path) -> None:
    root = opened(tab, pages["descent"])
    root.locator(f"[data-choice=method] button[data-way={method}]").click()
    expect(root.locator(f"[data-choice=method] button[data-way={method}]")).to_have_attribute("aria-pressed", "true")
    expect(root.locator("input[data-control=rate]")).to_be_hidden()
    type_in(root, "step", "40")
    expect(root.locator(".adviz-lab-say")).to_contain_text("ended, at (1, 1)")
    rows = root.locator(".adviz-lab-table tbody tr")
    assert abs(figure(rows.last.locator("td").last.inner_text())) < value
    tab[0].screenshot(path=artifacts / f"lab-descent-{method}.png", full_page=True)
    assert tab[1] == []


def test_gradient_descent_follows_the_rate(tab: Any, pages: dict[str, Path]) -> None:
    root = opened(tab, pages["descent"])
    say = root.locator(".adviz-lab-say")
    type_in(root, "rate", "0.02")
    slide(root, "step", 1)
    expect(say).to_contain_text("Step 1 of gradient descent: at ")
    x = np.array([-1.5, -0.5])
    x1, x2 = x - 0.02 * np.array(adviz.gradient(adviz.formula("(1 - x1)^2 + 5*(x2 - x1^2)^2"))(*x))
    row = root.locator(".adviz-lab-table tbody tr").last.locator("td")
    assert [figure(cell.inner_text()) for cell in row.all()[:2]] == pytest.approx([x1, x2], rel=1e-3)
    slide(root, "rate", 4)
    slide(root, "step", 6)
    expect(say).to_contain_text("its steps are too long")
    assert tab[1] == []


def test_without_scipy_only_quasi_newton_is_missing_and_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name == "scipy" or name.startswith("scipy.")]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    lab = adviz.labs.descent("x^2 + 2*y^2", limits=((-1, 1), (-1, 1)))
    lab.values = {"method": "newton", "step": 1}
    newton = content(lab, "sentence")
    assert (lab.alert, newton[-15:]) == ("", "the value is 0.")
    lab.values = {"method": "bfgs"}
    assert "pip install scipy" in lab.alert
    assert content(lab, "sentence") == newton


@pytest.mark.parametrize("make, said", [
    (lambda: adviz.labs.swell("4*l*(1-l)", 1), "n is"), (lambda: adviz.labs.swell("4*l*(1-l)", "six"), "n is"),
    (lambda: adviz.labs.swell(lambda x: np.stack([x, x]), 3), "."), (lambda: adviz.labs.swell("l +", 3), "Column"),
    (lambda: adviz.labs.dual_numbers(lambda x: np.sum(x), np.ones(3)), "adviz.explore"),
    (lambda: adviz.labs.dual_numbers(lambda a, b, c, d, e: a * b, 1.0, 2.0, 3.0, 4.0, 5.0), "up to 4 inputs"),
    (lambda: adviz.labs.dual_numbers("x^2"), "cannot be called"), (lambda: adviz.labs.jacobian(lambda x: x * 2, np.ones(5)), "up to 3 inputs"),
    (lambda: adviz.labs.descent(lambda x: x * x), "cannot be called"), (lambda: adviz.labs.descent(lambda x, y: (x, y)), "one number"),
    (lambda: adviz.labs.descent(limits=3), "limits is 3"), (lambda: adviz.labs.descent(limits=((1, 0), (0, 1))), "smaller number first"),
    (lambda: adviz.labs.descent(limits=((0, float("nan")), (0, 1))), "limits is"),
])  # fmt: skip
def test_what_a_lab_cannot_show_is_refused_in_words(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(AdvizError, match=said):
        make()


def problems(lab: Any, **values: Any) -> list[str]:
    """What could not be shown."""
    lab.values = values
    return [lab.alert] * bool(lab.alert) + [piece["problem"] for piece in json.loads(lab.contents).values() if isinstance(piece, dict) and "problem" in piece]


def test_a_function_with_nan_and_infinities_is_shown_as_far_as_it_goes() -> None:
    hill = adviz.labs.descent("log(x) + 1/y + x*y", limits=((-1.0, 1.0), (-1.0, 1.0)))
    for method in ("gradient", "newton", "bfgs"):
        assert problems(hill, method=method, step=40) == []
    assert problems(adviz.labs.descent("exp(x^2 + y^2)", limits=((-50, 50), (-50, 50))), step=3) == []
    assert problems(adviz.labs.dual_numbers("log(x)*0", 0.0), step=2) == []
    assert problems(adviz.labs.dual_numbers("log(x)", -1.0), step=1) == []
    assert problems(adviz.labs.jacobian(lambda x, y: (np.log(x), y), -1.0, 2.0), sweeps=2) == []
    assert problems(adviz.labs.finite_differences("sqrt(x)", 0.0), flag=1e-5) == []
    assert problems(adviz.labs.finite_differences(lambda x: abs(x), 0.0), flag=1e-5) == []
    assert problems(adviz.labs.finite_differences(lambda x: 3.0, 1e20), flag=1e-5) == []


# in a notebook


def test_in_jupyterlab_a_lab_asks_its_kernel(browser: Browser, lab: Lab, artifacts: Path) -> None:
    """A number between those of the slider, a flag, and a value that Python sets; keys stay inside the lab."""
    with watched_page(browser) as (sheet, watch):
        open_notebook(sheet, lab, lab.write("labs.ipynb", "import adviz\nx = adviz.labs.finite_differences()\nx"))
        run_all(sheet)
        root = sheet.locator(".adviz-lab").first
        expect(root).to_be_visible(timeout=60_000)
        type_in(root, "h", "3.1e-4")
        say = root.locator(".adviz-lab-say").first
        expect(say).to_have_text("With h = 3.1×10⁻⁴, the forward difference by x1 is 5.49996125.", timeout=60_000)
        root.locator("input[data-slider=h]").press("ArrowLeft")
        expect(root.locator("input[data-control=h]")).to_have_value("0.0001")
        root.get_by_role("button", name="Place your flag").click()
        expect(root.locator(".adviz-lab-table").nth(1)).to_be_visible(timeout=60_000)
        assert run_code(sheet, "print(x.values, repr(x.alert))") == "{'h': 0.0001, 'method': 'forward', 'flag': 1e-08} ''\n"
        run_code(sheet, "x.values = {'h': 1e-3, 'method': 'central'}")
        expect(say).to_contain_text("With h = 0.001, the central difference is 5.50000004", timeout=60_000)
        sheet.screenshot(path=artifacts / "lab-in-jupyterlab.png")
        assert (watch.requests, watch.errors) == ([], [])
    lab.end_kernels()
