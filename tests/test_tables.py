"""The textbook's tables in text, HTML, LaTeX and CSV: one list of rows, four ways of writing it."""

from __future__ import annotations

import csv
import io
import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest

import adviz
from adviz.readings import parse
from adviz.views.document import document
from adviz.views.formula import notation
from adviz.views.math import plain
from adviz.views.table import as_csv, as_html, as_latex, as_text, width

MODES = ("values", "forward", "reverse")


def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def busy(x, y):
    a = x**2 / (1 + abs(y))
    if a > 0.1:
        a = np.maximum(a, x * 1e-7)
    return np.where(y < 0, np.sqrt(a), a), np.exp(-a) * 1e6, 7, x


def documents():
    return {"running": document(adviz.trace(f, 2.0, 5.0)), "busy": document(adviz.trace(busy, 1.5, -0.25))}


@pytest.mark.parametrize("name", ["running", "busy"])
def test_the_tables_are_what_they_were(name, golden) -> None:
    content = documents()[name]
    golden(f"{name}.txt", "\n\n".join(as_text(content, mode) for mode in MODES) + "\n")
    golden(f"{name}.tex", "\n".join(as_latex(content, mode) for mode in MODES))
    golden(f"{name}.csv", "\n".join(as_csv(content, mode) for mode in MODES))
    golden(f"{name}.html", "\n".join(as_html(content, mode) for mode in MODES) + "\n")


def test_the_running_example_prints_baydins_three_tables() -> None:
    assert repr(adviz.trace(f, 2.0, 5.0)) == as_text(documents()["running"], "values")
    forward, reverse = adviz.forward(f, 2.0, 5.0, seed=(1, 0)), adviz.reverse(f, 2.0, 5.0)
    assert repr(forward) == as_text(documents()["running"], "forward")
    assert repr(reverse) == as_text(documents()["running"], "reverse")
    assert re.search(r"v₀ .*= 5 .* v̄₀ += v̄₃ · cos v₀ \+ v̄₂ · v₋₁ = 1.716$", repr(reverse), re.MULTILINE)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["running", "busy"])
def test_the_equals_signs_of_a_text_table_stand_under_each_other(name, mode) -> None:
    lines = as_text(documents()[name], mode).splitlines()[1:]
    columns = [width(line[: line.rindex(" = ")]) for line in lines]
    last = [c for c, line in zip(columns, lines, strict=True) if mode == "values" or len(line.rstrip()) > 0]
    if mode == "values":
        assert len(set(last)) == 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["running", "busy"])
def test_html_is_well_formed_and_has_nothing_a_sanitiser_removes(name, mode) -> None:
    html = as_html(documents()[name], mode)
    root = ElementTree.fromstring(html)
    assert {element.tag for element in root.iter()} == {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert {key for element in root.iter() for key in element.attrib} == {"scope"}
    assert len(root.findall("tbody/tr")) == len(documents()[name]["variables"])


@pytest.mark.parametrize("mode", MODES)
def test_csv_has_the_numbers_in_full(mode) -> None:
    content = documents()["running"]
    table = list(csv.DictReader(io.StringIO(as_csv(content, mode))))
    assert [int(row["index"]) for row in table] == [-1, 0, 1, 2, 3, 4, 5]
    assert [float(row["value"]) for row in table] == [v["value"] for v in content["variables"]]
    if mode == "reverse":
        assert [float(row["adjoint"]) for row in table] == [5.5, 1.7163378145367738, 1.0, 1.0, -1.0, 1.0, 1.0]


def test_a_cell_that_nothing_reached_is_blank_and_not_zero() -> None:
    content = document(adviz.trace(lambda x, y: x * 2.0, 3.0, 4.0))
    rows = list(csv.DictReader(io.StringIO(as_csv(content, "reverse"))))
    assert [row["adjoint"] for row in rows] == ["2.0", "", "1.0"]
    assert as_text(content, "reverse").splitlines()[2].rstrip().endswith("= 4")


def test_infinities_and_nan_are_written_as_such() -> None:
    content = document(adviz.trace(lambda x: 1 / x - x * math.nan, 0.0))
    for mode in MODES:
        assert "∞" in as_text(content, mode)
        assert "nan" in as_text(content, mode)
        assert r"\infty" in as_latex(content, mode)


def test_long_traces_leave_out_the_middle_and_say_so() -> None:
    t = adviz.trace(lambda x: sum(x * k for k in range(100)), 2.0)
    printed = repr(t)
    assert "141 more lines" in printed
    assert len([line for line in printed.splitlines() if " = " in line]) >= 60
    assert len(as_text(document(t), "values", head=1000).splitlines()) == 202


def test_a_table_is_written_to_a_file_when_it_has_a_path(tmp_path) -> None:
    t = adviz.trace(f, 2.0, 5.0)
    for name in ("to_csv", "to_latex", "to_json", "to_svg", "to_html"):
        file = tmp_path / name
        assert getattr(t, name)(file) == file.read_text(encoding="utf-8") == getattr(t, name)()


def test_a_notebook_keeps_text_and_html_that_needs_no_kernel() -> None:
    for shown in (adviz.trace(f, 2.0, 5.0), adviz.reverse(f, 2.0, 5.0)):
        bundle = shown._repr_mimebundle_()
        assert bundle["text/plain"] == repr(shown)
        assert "<table>" in bundle["text/html"]


def test_a_squared_function_is_not_the_function_of_a_square() -> None:
    leaves = {"a": ["mi", "x"], "v": ["mi", "y"]}

    def written(formula: str) -> str:
        return plain(notation(parse(formula), leaves), lambda reference: reference[1])

    assert written("sech(a) * sech(a)") == "(sech x)²"
    assert written("sech(a * a)") == "sech(x²)"
    assert written("v * cos(a)") == "y · cos x"
