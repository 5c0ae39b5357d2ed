"""Arrays in everything a learner sees: folded by one rule, told in words, kept in the document, and nothing breaks on odd ones."""

from __future__ import annotations

import csv
import io
import json
import linecache
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import adviz
from adviz.structural import Structural
from adviz.table import table
from adviz.texts import TEXTS
from adviz.views import quantity
from adviz.views.document import document, first_unit, json_text
from adviz.views.expansion import expanded
from adviz.views.math import fill, lookup_in, plain
from adviz.views.quantity import decoded, encoded, in_box, label, problem_of, told, written
from adviz.views.saved import read
from adviz.views.svg import node_states, svg
from adviz.views.table import WIDE, as_csv, as_html, as_latex, as_text, width
from adviz.views.words import ENTRIES, Words
from tests.test_document import check
from tests.test_structural import COMPOSED, SAMPLES, Sample

CORPUS = json.loads((Path(__file__).parent / "fixtures" / "arrays.json").read_text(encoding="utf-8"))
ROWS = [row for row in table if isinstance(row, Structural)]
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
everything = pytest.mark.parametrize("case", [*SAMPLES, *COMPOSED], ids=lambda case: f"{case.call} {[np.shape(u) for u in case.operands]}")
MODES = ("values", "forward", "reverse")

SOURCE = '''
def least_squares(A, x, b):
    return np.sum((A @ x - b) ** 2)

def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

def cross_entropy(W, x):
    z = W @ x
    e = np.exp(z - np.max(z))
    p = e / np.sum(e)
    return -np.log(p[1])

def perceptron(parameters, x):
    h = np.tanh(parameters["W"][0] @ x + parameters["b"])
    return np.where(h > 0, h, 0.1 * h), np.array([1.0, 2.0, 3.0, 4.0, 5.0]) * x[0]
'''
A, B = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([1.0, -1.0, 0.5])
POINTS: dict[str, tuple[Any, ...]] = {
    "least_squares": (A, np.array([0.5, -0.25]), B), "rosenbrock": (np.array([-1.2, 1.0, 0.5, 2.0, 1.5, 1.0]),),
    "cross_entropy": (np.array([[0.5, -1.0], [0.25, 2.0], [1.5, 0.0]]), np.array([1.0, 2.0])),
    "perceptron": ({"W": [np.array([[0.5, -1.5, 2.0], [1.0, 0.25, -0.75]])], "b": 0.5}, np.array([1.0, 2.0, -1.0], np.float32)),
}  # fmt: skip


def function(name: str) -> Callable[..., Any]:
    """A function of the source above, which its trace can show."""
    linecache.cache["<arrays>"] = (len(SOURCE), None, SOURCE.splitlines(keepends=True), "<arrays>")
    names: dict[str, Any] = {"np": np}
    exec(compile(SOURCE, "<arrays>", "exec"), names)  # noqa: S102 - the tests' own text
    return names[name]


def example(name: str) -> adviz.Trace:
    return adviz.trace(function(name), *POINTS[name])


every_example = pytest.mark.parametrize("name", POINTS)


def sentences(content: dict[str, Any], mode: str) -> list[str]:
    """What is said and written at each step."""
    lookup = lookup_in(content, mode)
    steps = content["timelines"][mode]["steps"]
    return [f"{fill(s['say'][0], s['say'][1:], lookup)}   {plain(s['formula'], lookup)}" for s in steps]


# The rule of writing.


def test_the_corpus_is_written_as_the_rule_says() -> None:
    found = [(written(c["x"]), in_box(c["x"], 16), label(c["x"]), told(c["x"]), quantity.latex(c["x"])) for c in CORPUS]
    assert found == [(c["line"], c["box"], c["label"], c["told"], c["latex"]) for c in CORPUS]
    assert not any(problem_of(c["x"]) for c in CORPUS if isinstance(c["x"], dict))


ARRAYS = npst.arrays(
    st.sampled_from([np.float64, np.float32, np.float16]), npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6),
    elements=st.sampled_from([0.0, -0.0, 1.0, -2.5, 1e-7, 12345.678, np.nan, np.inf, -np.inf]),
)  # fmt: skip


@given(ARRAYS)
@settings(deadline=None)
def test_an_array_comes_back_from_json_as_it_was_and_is_written_the_same(x: np.ndarray) -> None:
    form = json.loads(json.dumps(encoded(x, 10_000), allow_nan=False))
    assert written(form) == written(x)
    assert np.array_equal(decoded(form), x.astype(float), equal_nan=True)
    assert np.shape(decoded(form)) == x.shape
    assert not isinstance(form, dict) or problem_of(form) == ""


@given(ARRAYS)
@settings(deadline=None)
def test_an_array_stays_short_however_large_it_is(x: np.ndarray) -> None:
    line = written(x)
    if x.ndim and x.size > quantity.FEW:
        assert line.endswith(quantity.shape_text(x.shape))
        assert line.count("[") == line.count("]") == x.ndim
        assert len(re.findall(r"[^\[\] …]+", line.removesuffix(quantity.shape_text(x.shape)))) <= 3
    assert in_box(x, 16) == line or len(in_box(x, 16)) <= max(16, len(quantity.shape_text(x.shape)))
    folded = encoded(x, 4)
    assert written(folded) == line
    assert label(folded) == label(x) or np.isnan(x).any()


def test_a_folded_array_has_a_summary_without_its_nan() -> None:
    x = np.arange(5000.0)
    x[7] = np.nan
    form = encoded(x)
    assert (form["values"], form["folded"]) == ([0.0, 1.0, 4999.0], True)
    assert form["summary"] == {"min": 0.0, "max": 4999.0, "mean": pytest.approx(np.nanmean(x)), "nan": 1}
    assert encoded(np.full(2000, np.nan))["summary"] == {"min": "nan", "max": "nan", "mean": "nan", "nan": 2000}
    with pytest.raises(ValueError, match="folded"):
        decoded(form)


# Every array operation.


@every_row
def test_every_array_operation_has_a_symbol_and_its_three_sentences(row: Structural) -> None:
    assert row.symbol or row.name.isidentifier()
    assert f"row.{row.name}" in TEXTS
    for flow in ("tangent", "adjoint"):
        assert re.search(r"\w", TEXTS[f"row.{row.name}.{flow}"])


@everything
def test_every_operation_at_every_shape_is_shown_everywhere(case: Sample) -> None:
    content = document(adviz.trace(case.function, *case.operands))
    check(content)
    read(json.dumps(content, allow_nan=False))
    assert any(v.get("sentence") for v in content["variables"]) == any(v["row"] in {row.name for row in ROWS} for v in content["variables"])
    for mode in MODES:
        printed = as_text(content, mode)
        assert max(map(width, printed.splitlines())) <= WIDE
        assert len(ElementTree.fromstring(as_html(content, mode)).findall("tbody/tr")) == len(content["variables"])
        assert len(list(csv.reader(io.StringIO(as_csv(content, mode))))) == len(content["variables"]) + 1
        tex = re.sub(r"\\[{}\\]", "", as_latex(content, mode))
        assert tex.count("{") == tex.count("}")
        assert tex.count(r"\begin") == tex.count(r"\end")
        for said in sentences(content, mode):
            assert not re.search(r"None|object at|array\(|slice\(|  \.|\{", said), said
    ElementTree.fromstring(svg(content, "reverse", 99))


@every_example
def test_the_tables_and_the_sentences_of_the_examples_are_what_they_were(name: str, golden: Callable[[str, str], None]) -> None:
    content = document(example(name))
    told_at = [f"{as_text(content, mode)}\n\n" + "\n".join(sentences(content, mode)) for mode in MODES]
    golden(f"array_{name}.txt", "\n\n\n".join(told_at) + "\n")


def test_the_document_of_an_array_program_is_what_it_was(golden: Callable[[str, str], None]) -> None:
    content = document(example("perceptron"))
    assert content.pop("texts").items() <= TEXTS.items()
    golden("array_document.json", json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    columns = json.loads(example("perceptron").to_json())
    assert columns.pop("texts").items() <= TEXTS.items()
    assert set(columns.pop("translations")) == {"zh"}
    golden("array_columns.json", json.dumps(columns, ensure_ascii=False, indent=1) + "\n")


# Tables and files.


@every_example
def test_the_equals_signs_of_a_text_table_with_arrays_stand_under_each_other(name: str) -> None:
    lines = [line for line in as_text(document(example(name)), "values").splitlines()[1:] if " = " in line]
    assert len({width(line[: line.rindex(" = ")]) for line in lines}) == 1


def test_a_table_too_wide_for_a_terminal_leaves_out_what_it_can_and_stacks_the_terms() -> None:
    content = document(example("rosenbrock"))
    printed = as_text(content, "reverse")
    assert max(map(width, printed.splitlines())) <= WIDE
    assert [line.strip() for line in printed.splitlines() if line.strip().startswith("+")] == [
        "+ v̄₂ placed at [:-1], 0 elsewhere", "+ v̄₁ placed at [1:], 0 elsewhere  = [−215.6 112 … −250] (6,)"]  # fmt: skip
    wide = adviz.trace(lambda x: np.stack([x * k for k in (1.1e-5, 1.2e-5, 1.3e-5)]), np.full(4, 1.2345e-5))
    assert max(map(width, repr(adviz.reverse(wide, seed=np.ones((3, 4)))).splitlines())) <= WIDE


@every_example
def test_a_trace_with_arrays_comes_back_from_its_file(name: str, tmp_path: Path) -> None:
    t = example(name)
    file = tmp_path / "trace.json"
    text = t.to_json(file)
    json.loads(text, parse_constant=lambda constant: pytest.fail(f"{constant} is not JSON"))
    loaded = adviz.load(file)
    assert loaded.to_json() == text
    assert repr(loaded) == repr(t)
    assert (loaded.to_csv(), loaded.to_latex(), loaded.to_svg()) == (t.to_csv(), t.to_latex(), t.to_svg())
    assert loaded._repr_mimebundle_().keys() == {"text/html", "text/plain"}


def test_csv_has_an_array_in_one_cell_in_full() -> None:
    rows = list(csv.DictReader(io.StringIO(adviz.reverse(example("least_squares")).to_csv())))
    assert [json.loads(row["value"]) for row in rows[:3]] == [A.tolist(), [0.5, -0.25], B.tolist()]
    assert json.loads(rows[1]["adjoint"]) == adviz.gradient(function("least_squares"))(*POINTS["least_squares"])[1].tolist()


def test_latex_has_small_matrices_as_such_and_large_ones_folded() -> None:
    tex = adviz.trace(lambda a, b: np.sum(a @ a) + np.sum(b), np.eye(2), np.arange(9.0)).to_latex()
    assert r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}" in tex
    assert r"[0 \; 1 \; \dots \; 8] \; (9,)" in tex


def test_an_argument_that_is_a_structure_stands_in_the_title_under_its_own_name() -> None:
    assert document(example("perceptron"))["title"] == "perceptron(parameters, x)"
    assert document(adviz.trace(lambda w, *xs: w[0] * xs[0] * xs[1], [2.0], 3.0, 4.0))["title"] == "f(w, xs[0], xs[1])"


# The document.


def test_large_arrays_are_folded_and_the_document_says_so() -> None:
    t = adviz.trace(lambda x: np.sum(np.sin(x)), np.linspace(0, 1, 3000))
    content = json.loads(t.to_json())
    assert content["inputs"][0]["value"] == encoded(t.point[0])
    assert all(value["folded"] for value in content["variables"]["value"][:-1])
    assert len(t.to_json()) < 100_000
    assert adviz.views.saved.read(t.to_json())["title"] == "f(x)"


def test_a_document_of_many_arrays_folds_smaller_ones_too() -> None:
    def f(x: Any) -> Any:
        for _ in range(100):
            x = np.sin(x) * x
        return x

    few, many = (Words(adviz.trace(f, np.ones(n))) for n in (10, 500))
    assert (few.largest, many.largest) == (quantity.LARGEST, 100)
    content = json.dumps(document(many.trace))
    assert len(content) < 20 * ENTRIES
    whole = json.dumps(document(adviz.trace(lambda x: x * 2.0, np.ones(500))))
    assert '"folded"' in content
    assert '"folded"' not in whole


def test_an_array_of_the_program_stands_among_the_operands_and_not_in_every_formula() -> None:
    marked = np.array([0.123, 0.456, 0.789, 1.012, 1.345])
    content = document(adviz.trace(lambda x: marked * np.sin(x), np.ones(5)))
    assert content["variables"][2]["operands"][0] == {"number": encoded(marked)}
    formulas = json.dumps([content["variables"][2][key] for key in ("definition", "substituted", "symbol")])
    formulas += json.dumps([[s["formula"], s["say"]] for timeline in content["timelines"].values() for s in timeline["steps"]])
    assert "0.456" not in formulas
    assert '["operand", 2, 0]' in formulas


DAMAGES: list[tuple[str, Any]] = [
    ("has no shape", {"values": [1.0]}), ("has no shape", {"shape": "2", "values": [1.0, 2.0]}), ("has no shape", {"shape": [-1], "values": []}),
    ("has no shape", {"shape": [True], "values": [1.0]}), ("has no shape", {"shape": [2.0], "values": [1.0, 2.0]}), ("has no shape", {"shape": [1] * 65, "values": [1.0]}),
    ("has no shape", {"shape": [2**60], "values": []}), ("has no values", {"shape": [2]}), ("has no values", {"shape": [2], "values": [1.0, "much"]}),
    ("has no values", {"shape": [2], "values": [1.0, None]}), ("has no values", {"shape": [2], "values": [1.0, [2.0]]}), ("has no values", {"shape": [1], "values": [True]}),
    ("has 3 values for the shape \\(2,\\)", {"shape": [2], "values": [1.0, 2.0, 3.0]}), ("has 1 values", {"shape": [10**6, 10**6, 10**6], "values": [1.0]}),
    ("is folded and has few", {"shape": [2], "values": [1.0, 2.0], "folded": True}), ("has 2 values", {"shape": [900], "values": [1.0, 2.0], "folded": True}),
    ("has no summary", {"shape": [900], "values": [1.0, 2.0, 3.0], "folded": True}), ("is str", "much"), ("is list", [1.0]), ("is bool", True),
]  # fmt: skip
PLACES = [
    ("inputs[0].value",), ("variables[0].value",), ("variables[1].operands[1].number",), ("variables[1].partials[0]",),
    ("timelines.reverse.steps[0].number",), ("timelines.forward.seed[0]",), ("timelines.values.result[0]",),
]  # fmt: skip


IN_COLUMNS = [
    "inputs[0].value", "variables.value[0]", "constants[0]", "variables.partials[0]", "timelines.reverse.steps.number[0]", "timelines.forward.seed[0]",
    "timelines.values.result[0]",
]  # fmt: skip


@pytest.mark.parametrize("place", [(1, p[0]) for p in PLACES] + [(2, p) for p in IN_COLUMNS], ids=str)
@pytest.mark.parametrize("problem, damage", DAMAGES, ids=lambda d: str(d)[:40])
def test_a_damaged_array_is_refused_by_the_name_of_its_field(problem: str, damage: Any, place: tuple[int, str]) -> None:
    version, place = place
    t = adviz.trace(lambda x: x * np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    content = json.loads(t.to_json() if version == 2 else json_text(document(t)))
    read(json.dumps(content))
    owner = content
    *path, last = [int(k) if k.isdigit() else k for k in re.findall(r"\w+", place)]
    for key in path:
        owner = owner[key]
    owner[last] = damage
    with pytest.raises(adviz.DocumentError, match=rf"{re.escape(place)} .*{problem}"):
        read(json.dumps(content))


# Seeds, steps, notes.


def test_the_first_entry_is_seeded_and_everything_else_is_zero() -> None:
    t = example("perceptron")
    forward, reverse = first_unit(t, t.inputs), first_unit(t, t.outputs)
    assert [np.shape(u) for u in forward] == [(2, 3), (), (3,)]
    assert sum(np.sum(u) for u in forward) == forward[0][0, 0] == 1.0
    assert [u.tolist() for u in reverse] == [[1.0, 0.0], [0.0] * 5]
    empty = adviz.trace(lambda e, x: (e * 2.0, x * 3.0), np.zeros((0, 3)), 2.0)
    assert document(empty)["timelines"]["forward"]["result"] == [{"shape": [0, 3], "values": []}, 3.0]


def test_a_share_that_is_summed_says_so() -> None:
    content = document(adviz.trace(lambda x, c: np.sum(x * c), np.array([1.0, 2.0, 3.0]), 2.0))
    said = sentences(content, "reverse")
    assert "v₀ received 6 from v₁: adjoint of v₁, [1 1 1], times v₋₁, entry by entry, summed over the entries that v₀ was repeated for." in said[5]
    assert said[5].endswith("v̄₀ += Σ(v̄₁ · v₋₁) = Σ([1 1 1] · [1 2 3]) = 6")


def test_long_arrays_are_told_by_their_shape() -> None:
    said = sentences(document(example("rosenbrock")), "reverse")
    assert said[1].startswith("v₁₀ received an array of shape (5,) from v₁₁: adjoint of v₁₁, 1, to every entry summed.")
    assert not any("…" in line.partition("   ")[0] for line in said)


def notes(f: Callable[..., Any], *point: Any) -> list[tuple[str, str]]:
    return [(n["kind"], n["text"]) for n in document(adviz.trace(f, *point))["notes"]]


@pytest.mark.parametrize("f, x, expected", [
    (np.log, [-1.0, 1.0, -2.0], [("undefined", "at 2 of its 3 entries")]), (np.sqrt, [0.0, 1.0], [("infinite-slope", "at 1 of its 2 entries")]),
    (np.sqrt, [0.0, -1.0], [("undefined", "at 1 of its 2"), ("infinite-slope", "at 1 of its 2")]), (abs, [0.0, 0.0, 1.0], [("kink", "at 2 of its 3 entries")]),
    (np.floor, [0.5, 1.5], [("piecewise-constant", "constant between its jumps")]), (lambda x: np.maximum(x, 1.0), [1.0, 2.0], [("kink", "at 1 of its 2")]),
    (lambda x: np.hypot(x, x), [0.0, 2.0], [("kink", "at 1 of its 2")]), (np.max, [1.0, 2.0, 2.0], [("kink", "several entries are equal")]), (np.max, [1.0, 2.0], []),
    (lambda x: np.min(x, axis=1), [[1.0, 1.0], [2.0, 3.0]], [("kink", "several entries")]), (np.linalg.norm, [0.0, 0.0], [("kink", "where it is 0")]),
    (np.std, [2.0, 2.0], [("kink", "where it is 0")]), (np.log, [1.0, np.nan], []), (lambda x: x[0] * x[1], [1, 2], [("converted", "an array of int64")]),
    (lambda x: np.sqrt(x) ** 2, [0.0, 1.0], [("infinite-slope", "at 1 of its 2"), ("zero-times-infinity", "0 met infinity"), ("zero-times-infinity", "0 met infinity")]),
], ids=str)  # fmt: skip
def test_an_awkward_entry_has_a_note(f: Callable[..., Any], x: list[Any], expected: list[tuple[str, str]]) -> None:
    found = notes(f, np.array(x))
    assert [kind for kind, _ in found] == [kind for kind, _ in expected]
    assert all(words in said for (_, said), (_, words) in zip(found, expected, strict=True)), found


# The picture.


def test_boxes_are_wider_where_arrays_stand_in_them_and_only_there() -> None:
    widths = [{n["w"] for n in document(adviz.trace(lambda x: x * x, x))["graph"]["nodes"]} for x in (2.0, np.ones(2))]
    assert widths == [{136.0}, {200.0}]


def test_a_box_shows_a_short_array_and_the_shape_of_a_long_one() -> None:
    content = document(example("least_squares"))
    states = node_states(content, "reverse", 99)
    assert (states[-2].value, states[3].value, states[3].derivative) == ("[[1 2] …] (3, 2)", "[1 2.25 0.25]", "v̄₃ = [1 1 1]")
    assert "adviz-zero" in node_states(content, "forward", 99)[-1].classes
    assert [states[i].operation for i in range(-2, 5)] == ["A", "x", "b", "@", "−", "^", "Σ"]


# Odd arrays and hostile names.

ODD: dict[str, Callable[[], adviz.Trace]] = {
    "empty": lambda: adviz.trace(lambda e: (np.sum(e * 2.0), e), np.zeros((0, 3))), "no axes": lambda: adviz.trace(lambda x: x * 2.0, np.array(3.0)),
    "nan and inf": lambda: adviz.trace(lambda x: np.log(x) / x, np.array([np.nan, np.inf, -np.inf, 0.0, -1.0])), "half": lambda: adviz.trace(lambda x: np.sum(x) * x, np.ones(7, np.float16)),
    "single": lambda: adviz.trace(lambda x: np.exp(x) @ x, np.linspace(0, 1, 9, dtype=np.float32)), "five axes": lambda: adviz.trace(lambda x: np.sum(x, axis=(1, 3)), np.ones((1, 2, 1, 2, 3))),
    "constant output": lambda: adviz.trace(lambda x: (np.arange(6.0), x), 2.0), "identity": lambda: adviz.trace(lambda x: x, np.ones((2, 2))),
    "mixed": lambda: adviz.trace(lambda x, n: {"a": x * n, "b": [n, 3.0]}, np.ones(3), 2), "many operands": lambda: adviz.trace(lambda x: np.stack([x[k] for k in range(12)]), np.arange(12.0)),
    "integers": lambda: adviz.trace(lambda x: x @ x, np.arange(5)), "of a gradient": lambda: adviz.trace(adviz.gradient(function("rosenbrock")), np.linspace(-1, 1, 5)),
    "a scalar branch": lambda: adviz.trace(lambda x: x * 2.0 if x[0] > 0 else x, np.ones(3)), "long": lambda: adviz.trace(lambda x: sum(np.sin(x * k) for k in range(90)), np.ones(3)),
}  # fmt: skip


@pytest.mark.parametrize("make", ODD.values(), ids=ODD.keys())
def test_odd_arrays_break_no_view(make: Callable[[], adviz.Trace]) -> None:
    t = make()
    content = document(t)
    check(content)
    assert expanded(read(t.to_json())) == json.loads(json.dumps(content))
    for mode in MODES:
        assert max(map(width, as_text(content, mode).splitlines())) <= WIDE
        assert as_html(content, mode)
        assert as_csv(content, mode)
        assert as_latex(content, mode)
        assert len(sentences(content, mode)) == len(content["timelines"][mode]["steps"])
        if content["graph"]:
            ElementTree.fromstring(svg(content, mode, 7))
    assert repr(t)
    assert "text/html" in t._repr_mimebundle_()


HOSTILE = ["</script><script>alert(1)</script>", "\"'`<&>", "a\nb", r"\end{document}$x", "é漢字🙂", "x" * 500, "shape", "values"]


@pytest.mark.parametrize("key", HOSTILE, ids=lambda key: repr(key)[:24])
def test_a_hostile_key_of_a_dict_stays_text(key: str) -> None:
    t = adviz.trace(lambda p: np.sum(p[key] * p["tame"]), {key: np.ones(3), "tame": np.ones(3)})
    content = document(t)
    check(content)
    tame = document(adviz.trace(lambda p: np.sum(p["a"] * p["b"]), {"a": np.ones(3), "b": np.ones(3)}))
    for mode in MODES:
        assert as_html(content, mode).count("<") == as_html(tame, mode).count("<")
        assert len(as_text(content, mode).splitlines()) >= len(as_text(tame, mode).splitlines())
        assert r"\end{document}" not in as_latex(content, mode)
        drawn, expected = (list(ElementTree.fromstring(svg(c, mode, 3)).iter()) for c in (content, tame))
        assert len(drawn) == len(expected)
