"""Files of the modes that are no sweep: what a reader saves is what the mode shows."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

import adviz
from adviz.views.assemble import module, stylesheet
from tests.test_frontend import MOUNT


def f(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2 - np.sin(x2)


def pair(x1: Any, x2: Any) -> Any:
    return x1 * x2, x1 - x2


MODES = {"jacobian": "Jacobian", "second-order": "Second order", "program": "Program", "compare": "Compare"}


def shown(mode: str, function: Any = f, **options: Any) -> Any:
    return adviz.explore(function, 2.0, 5.0, mode=mode, step=5, **{"compare": {"x2": 5.1}} | options)


def table(text: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines()))


def test_the_jacobian_is_saved_as_its_matrix() -> None:
    explorer = shown("jacobian", pair)
    assert table(explorer.to_csv()) == [["∂", "x1", "x2"], ["y1", "5.0", "2.0"], ["y2", "1.0", "-1.0"]]
    latex = explorer.to_latex()
    assert re.search(r"\\begin\{tabular\}\{lrr\}\n\\toprule\n.*x1 & x2", latex)
    assert "y2 & $1$ & $-1$ \\\\" in latex


def test_a_comparison_is_saved_with_both_sides() -> None:
    head, *rows = table(shown("compare").to_csv())
    assert head[:4] == ["variable", "definition", "value, x2 = 5", "value, x2 = 5.1"]
    assert [row[0] for row in rows] == ["v₋₁", "v₀", "v₁", "v₂", "v₃", "v₄", "v₅"]
    assert rows[1][2:4] == ["5.0", "5.1"]
    assert r"\ensuremath{v_{2}}" in shown("compare").to_latex()


def test_lines_that_one_side_lacks_are_blank_and_other_operations_stand_beside_each_other() -> None:
    rows = table(shown("compare", compare=lambda x1, x2: np.log(x1) + x1 * x2).to_csv())
    assert any("" in row[2:4] for row in rows)
    rows = table(shown("compare", compare=lambda x1, x2: np.log(x1) + x1 * x2 - np.cos(x2)).to_csv())
    assert [row[1] for row in rows if "↔" in row[1]] == ["sin v₀ ↔ cos v₀"]


def test_programs_are_saved_as_they_are_read() -> None:
    explorer = shown("program")
    latex = explorer.to_latex()
    for text in explorer.shown_document()["modes"]["program"]["programs"].values():
        assert text["text"].rstrip() in latex
    assert "def f(x1: Any, x2: Any)" in latex
    with pytest.raises(adviz.DocumentError, match="Program has no table"):
        explorer.to_csv()


def test_second_order_is_saved_as_the_trace_of_the_gradient() -> None:
    explorer = shown("second-order")
    rows = table(explorer.to_csv())
    assert len(rows) == 1 + len(explorer.shown_document()["modes"]["second-order"]["document"]["variables"]["value"])
    assert rows[0][-1] == "tangent"
    assert "∂v₁/∂v₋₁" in [row[1] for row in rows]
    assert "x̄1" in explorer.to_svg()
    assert "data-step=\"5\"" in explorer.to_svg()
    assert explorer.to_png()[:4] == b"\x89PNG"


@pytest.mark.parametrize("mode", ["jacobian", "program", "compare"])
@pytest.mark.parametrize("method", ["to_svg", "to_png", "to_gif", "to_film"])
def test_what_has_no_picture_says_so(mode: str, method: str) -> None:
    with pytest.raises(adviz.DocumentError, match=f"{MODES[mode]} has no picture"):
        getattr(shown(mode), method)()


def test_what_is_missing_in_a_mode_is_said_with_its_reason() -> None:
    def long(x: Any) -> Any:
        for _ in range(400):
            x = x * 1.01
        return x

    explorer = adviz.explore(long, 1.0, mode="second-order")
    with pytest.raises(adviz.DocumentError, match="401 variables"):
        explorer.to_csv()
    wide = adviz.explore(lambda x: x * 2.0, np.ones(300), mode="jacobian")
    with pytest.raises(adviz.DocumentError, match="300 rows and 300 columns"):
        wide.to_latex()


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("mode", MODES)
def test_latex_takes_it(mode: str, tmp_path: Path) -> None:
    body = shown(mode).to_latex()
    (tmp_path / "f.tex").write_text(
        "\\documentclass{article}\\usepackage{amsmath,booktabs,tikz}\\begin{document}\n" + body + "\\end{document}\n", encoding="utf-8"
    )
    run = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "f.tex"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout[-1500:]


def test_an_exported_page_opens_in_its_mode_at_its_step(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context()
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    for mode in MODES:
        shown(mode).to_html(tmp_path / f"{mode}.html")
        page.goto((tmp_path / f"{mode}.html").as_uri())
        expect(page.locator(".adviz-explorer")).to_have_attribute("data-mode", mode)
        expect(page.locator(".adviz-explorer")).to_have_attribute("data-step", "5")
    context.close()
    assert wrong == []


def test_the_menu_draws_no_picture_of_a_hidden_graph(browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    page = context.new_page()
    for mode in ("jacobian", "program", "compare"):
        page.set_content("<!doctype html><html lang='en'><meta charset='utf-8'><body></body></html>")
        state = {"document": shown(mode).document, "mode": mode, "step": 5, "alert": "", "theme": "", "seeds": {}}
        page.evaluate(MOUNT, {"code": module(), "style": stylesheet(), "states": [state]})
        page.get_by_role("button", name="Export", exact=True).click()
        for format in ("svg", "png"):
            page.locator(f"[data-export={format}]").click()
            expect(page.locator(".adviz-export-said")).to_have_text("This mode has no picture.")
    context.close()


def test_json_is_the_whole_document_in_every_mode() -> None:
    assert {mode: json.loads(shown(mode).to_json())["title"] for mode in MODES} == dict.fromkeys(MODES, "f(x1, x2)")
