"""The picture of a step, and the formulas and sentences around it: what they show, and that nothing gets out of them."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from adviz.errors import DocumentError
from adviz.views import graph
from adviz.views.math import ARITY, fill, lookup_in, mathml, plain
from adviz.views.svg import THEMES, edge_states, node_states, svg

SAMPLE = json.loads((Path(__file__).parent / "fixtures" / "sample_document.json").read_text(encoding="utf-8"))
STEPS = [(mode, n) for mode, timeline in SAMPLE["timelines"].items() for n in range(len(timeline["steps"]) + 1)]
every_step = pytest.mark.parametrize("mode, step", STEPS)
HOSTILE = "</text><script>alert(1)</script>\"' onload=x &amp; ]]> \x00\x1b\ud800"

TAGS = {"svg", "title", "desc", "g", "rect", "path", "polygon", "text", "circle"}
ATTRIBUTES = {
    "viewBox", "width", "height", "role", "class", "data-mode", "data-step", "data-node", "data-edge", "x", "y", "rx", "cx", "cy", "r", "d", "points",
    "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "font-family", "font-size", "font-weight", "text-anchor",
}  # fmt: skip


def parsed(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


def name(element: ElementTree.Element) -> str:
    return element.tag.removeprefix("{http://www.w3.org/2000/svg}")


def texts(element: ElementTree.Element) -> list[str]:
    return [e.text or "" for e in element.iter() if name(e) == "text"]


def node(picture: str, index: int) -> ElementTree.Element:
    (found,) = (e for e in parsed(picture).iter() if e.get("data-node") == str(index))
    return found


def classes(mode: str, step: int, index: int) -> set[str]:
    return set(node_states(SAMPLE, mode, step)[index].classes)


def hostile() -> dict[str, Any]:
    """The running example with a name in every place that holds one."""
    document = copy.deepcopy(SAMPLE)
    document.update(title=HOSTILE, output_names=[HOSTILE])
    for v in document["variables"]:
        v.update(label=HOSTILE, operation=HOSTILE, definition=["mi", HOSTILE])
        v["symbol"] |= {"text": HOSTILE, "dot_text": HOSTILE, "bar_text": HOSTILE}
    for timeline in document["timelines"].values():
        for step in timeline["steps"]:
            step["say"][0] = HOSTILE + step["say"][0]
    return document


# The states: what the browser's renderer must find as well.


def test_at_the_start_of_values_only_the_inputs_are_known() -> None:
    states = node_states(SAMPLE, "values", 0)
    assert {i: s.value for i, s in states.items() if s.value} == {-1: "2", 0: "5"}
    assert all(("adviz-blank" in s.classes) == (s.value == "") for s in states.values())
    assert not any("adviz-current" in s.classes for s in states.values())


@every_step
def test_a_box_is_blank_or_known_and_has_at_most_one_current(mode: str, step: int) -> None:
    states = node_states(SAMPLE, mode, step).values()
    assert all(("adviz-blank" in s.classes) != ("adviz-known" in s.classes) for s in states)
    assert all(not {"adviz-partial", "adviz-final"} <= set(s.classes) for s in states)
    assert all(bool(s.derivative) == bool({"adviz-partial", "adviz-final"} & set(s.classes)) for s in states)
    assert sum("adviz-current" in s.classes for s in states) == min(step, 1)
    assert all(list(s.classes) == sorted(s.classes) for s in states)


def test_the_derivatives_at_the_end_are_the_textbooks() -> None:
    assert [s.derivative for s in node_states(SAMPLE, "reverse", 17).values()] == [
        "v̄₋₁ = 5.5", "v̄₀ = 1.716", "v̄₁ = 1", "v̄₂ = 1", "v̄₃ = −1", "v̄₄ = 1", "v̄₅ = 1"]  # fmt: skip
    assert [s.derivative for s in node_states(SAMPLE, "forward", 12).values()] == [
        "v̇₋₁ = 1", "v̇₀ = 0", "v̇₁ = 0.5", "v̇₂ = 5", "v̇₃ = 0", "v̇₄ = 5.5", "v̇₅ = 5.5"]  # fmt: skip


def test_a_share_on_its_way_changes_its_edge_and_no_box() -> None:
    before, after = node_states(SAMPLE, "reverse", 9), node_states(SAMPLE, "reverse", 10)
    assert [s.derivative for s in before.values()] == [s.derivative for s in after.values()]
    assert set(edge_states(SAMPLE, "reverse", 10)["0:3:0"].classes) == {"adviz-edge", "adviz-flowed", "adviz-active"}
    assert classes("reverse", 10, 0) == {"adviz-node", "adviz-input", "adviz-known", "adviz-current"}


def test_a_partial_sum_says_that_more_will_come() -> None:
    state = node_states(SAMPLE, "reverse", 11)[0]
    assert state.derivative == "v̄₀ = −0.2837 +…"
    assert "adviz-partial" in state.classes
    assert node_states(SAMPLE, "reverse", 15)[0].derivative == "v̄₀ = 1.716"
    assert "adviz-final" in classes("reverse", 15, 0)


def test_a_true_zero_is_not_a_blank() -> None:
    assert node_states(SAMPLE, "forward", 1)[0].derivative == ""
    assert "adviz-zero" not in classes("forward", 1, 0)
    assert node_states(SAMPLE, "forward", 2)[0].derivative == "v̇₀ = 0"
    assert {"adviz-zero", "adviz-final"} <= classes("forward", 2, 0)


def test_a_partial_is_written_once_the_value_behind_it_is_known() -> None:
    assert {key: s.label for key, s in edge_states(SAMPLE, "forward", 3).items() if s.label} == {"-1:1:0": "0.5"}
    assert all(s.label for s in edge_states(SAMPLE, "reverse", 0).values())
    assert not any(s.label for s in edge_states(SAMPLE, "values", 5).values())


def test_both_edges_of_a_propagation_are_active() -> None:
    step = next(n for n, s in enumerate(SAMPLE["timelines"]["forward"]["steps"], 1) if s["kind"] == "propagate" and s["index"] == 2)
    active = [key for key, s in edge_states(SAMPLE, "forward", step).items() if "adviz-active" in s.classes]
    assert active == ["-1:2:0", "0:2:1"]


def test_a_kink_is_marked_once_its_value_is_known() -> None:
    document = SAMPLE | {"notes": [{"index": 3, "kind": "kink", "text": "not differentiable here"}]}
    marked = [n for n in range(6) if "adviz-noted" in node_states(document, "values", n)[3].classes]
    assert marked == [3, 4, 5]
    assert "!" in texts(node(svg(document, "values", 5), 3))


def test_an_output_carries_its_name_and_a_label_of_the_learner_its_own() -> None:
    document = copy.deepcopy(SAMPLE)
    document["variables"][3]["label"] = "a"
    states = node_states(document, "values", 0)
    assert (states[5].name, states[2].name, states[-1].name) == ("v₅ = y", "v₂ = a", "v₋₁")
    assert states[-1].operation == "x1"


def test_a_long_operation_is_cut_and_a_long_label_dropped() -> None:
    document = copy.deepcopy(SAMPLE)
    document["variables"][3].update(label="learning_rate", operation="an_operation")
    state = node_states(document, "values", 0)[2]
    assert (state.name, state.operation) == ("v₂", "an_operati…")


def test_an_edge_from_a_constant_carries_no_derivative() -> None:
    document = copy.deepcopy(SAMPLE)
    document["variables"][3].update(operands=[{"ref": -1}, {"number": 3.0}], partials=[3.0, None])
    for mode, step in STEPS:
        assert edge_states(document, mode, step)["c:2:1"] == (("adviz-constant", "adviz-edge"), "")


# The picture.


@pytest.mark.parametrize("mode, step", [("values", 3), ("forward", 9), ("reverse", 10), ("reverse", 11), ("reverse", 17)])
def test_the_picture_is_the_golden_one(mode: str, step: int, golden: Callable[[str, str], None]) -> None:
    golden(f"running_{mode}_{step}.svg", svg(SAMPLE, mode, step))


@every_step
def test_the_picture_shows_the_states_and_nothing_else(mode: str, step: int) -> None:
    root = parsed(svg(SAMPLE, mode, step))
    for index, state in node_states(SAMPLE, mode, step).items():
        (drawn,) = (e for e in root.iter() if e.get("data-node") == str(index))
        assert drawn.get("class") == " ".join(state.classes)
        assert texts(drawn) == [t for t in (state.name, state.operation, state.value, state.derivative) if t]
    edges = {e.get("data-edge"): e.get("class") for e in root.iter() if e.get("data-edge")}
    assert edges == {key: " ".join(state.classes) for key, state in edge_states(SAMPLE, mode, step).items()}
    labels = [t for e in root.iter() if "adviz-partial-label" in e.get("class", "") for t in texts(e)]
    assert labels == [s.label for s in edge_states(SAMPLE, mode, step).values() if s.label]


@every_step
def test_the_picture_needs_no_style_no_definitions_and_no_reference(mode: str, step: int) -> None:
    for element in parsed(svg(SAMPLE, mode, step)).iter():
        assert name(element) in TAGS
        assert set(element.keys()) <= ATTRIBUTES
        assert not any("url(" in value or ":" in value for key, value in element.items() if key != "data-edge")


def test_the_arrows_point_with_the_flow_and_in_reverse_against_it() -> None:
    scene = {f"{e['from']}:{e['to']}:{e['operand']}": e for e in SAMPLE["graph"]["edges"]}
    for mode, end, lines in (("values", "head", 1), ("forward", "head", 1), ("reverse", "tail", 2)):
        for drawn in parsed(svg(SAMPLE, mode, 99)).iter():
            if drawn.get("data-edge"):
                parts = [name(e) for e in drawn]
                assert parts == ["path"] * lines + ["polygon"]      # a double line is two strokes
                assert drawn[-1].get("points") == scene[drawn.get("data-edge", "")][end]
                assert (drawn[0].get("stroke-dasharray") is not None) == (mode == "forward")


def test_title_and_description_say_what_is_seen() -> None:
    title, description = list(parsed(svg(SAMPLE, "reverse", 11)))[:2]
    assert (name(title), name(description)) == ("title", "desc")
    assert "f(x1, x2)" in (title.text or "")
    assert "11" in (title.text or "")
    assert description.text == "Added: the adjoint of v₀ is now −0.2837."
    assert node(svg(SAMPLE, "reverse", 11), 1)[0].text == "v₁ = ln v₋₁ = 0.6931; v̄₁ = 1"


def test_drawing_never_lays_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "positions", lambda *_: pytest.fail("laid out"))
    assert svg(SAMPLE, "reverse", 3).startswith("<svg ")


def test_the_same_step_is_the_same_text_and_a_step_beyond_the_end_is_the_end() -> None:
    assert svg(SAMPLE, "reverse", 17) == svg(copy.deepcopy(SAMPLE), "reverse", 17) == svg(SAMPLE, "reverse", 10**6)
    assert svg(SAMPLE, "reverse", -3) == svg(SAMPLE, "reverse", 0)


@pytest.mark.parametrize("mode", ["values", "forward", "reverse"])
def test_hostile_names_stay_text(mode: str) -> None:
    harmless, attacked = (list(parsed(svg(d, mode, 3)).iter()) for d in (SAMPLE, hostile()))
    assert [name(e) for e in attacked if name(e) != "text"] == [name(e) for e in harmless if name(e) != "text"]
    assert all(set(e.keys()) <= ATTRIBUTES for e in attacked)
    assert any("<script>" in (e.text or "") for e in attacked)


def test_leaves_show_constants_and_the_names_of_inputs() -> None:
    document = copy.deepcopy(SAMPLE)
    document["graph"]["leaves"] = [{"x": 0, "y": 0, "w": 76, "h": 26, "to": 2, "operand": 1, "number": -1.25e-7},
                                   {"x": 0, "y": 0, "w": 76, "h": 26, "to": 2, "operand": 0, "ref": -1}]  # fmt: skip
    leaves = [e for e in parsed(svg(document, "values", 0)).iter() if e.get("class") == "adviz-leaf"]
    assert [texts(e) for e in leaves] == [["−1.25×10⁻⁷"], ["x1"]]


def luminance(colour: str) -> float:
    channels = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", THEMES)
def test_text_and_lines_stand_out_from_what_is_behind_them(theme: str) -> None:
    ink = THEMES[theme]
    for front, back in itertools.product(("text", "muted", "forward", "reverse", "current", "line"), ("card", "box")):
        light, dark = sorted((luminance(ink[front]), luminance(ink[back])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= (3 if front == "line" else 4.5), (front, back)


def test_type_is_at_least_14_px_on_the_running_example() -> None:
    sizes = {float(e.get("font-size", "0")) for mode, n in STEPS for e in parsed(svg(SAMPLE, mode, n)).iter() if name(e) == "text"}
    assert min(sizes) >= 14


# Formulas and sentences.


def no_numbers(reference: object) -> float:
    raise AssertionError(reference)


def test_a_step_reads_as_one_line_of_text() -> None:
    step = SAMPLE["timelines"]["reverse"]["steps"][9]
    lookup = lookup_in(SAMPLE, "reverse")
    assert plain(step["formula"], lookup) == "v̄₀ += v̄₃ · cos v₀ = −1 · 0.2837 = −0.2837"
    assert fill(step["say"][0], step["say"][1:], lookup) == "v₀ received −0.2837 from v₃: the adjoint of v₃, −1, times cos v₀, 0.2837."


V = ["msub", ["mi", "v"], ["mn", "1"]]
MINUS_V = ["mrow", ["mo", "−"], V]
SUM = ["mrow", V, ["mo", "+"], ["mn", "1"]]


@pytest.mark.parametrize(
    "math, line",
    [
        (["msub", ["mi", "v"], ["mrow", ["mo", "−"], ["mn", "12"]]], "v₋₁₂"),
        (["msub", ["mi", "v"], ["mi", "new"]], "v_(new)"),
        (["msup", V, ["mn", "2"]], "v₁²"),
        (["msup", SUM, ["mn", "2"]], "(v₁ + 1)²"),
        (["msup", MINUS_V, V], "(−v₁)^(v₁)"),
        (["mfrac", ["mn", "1"], SUM], "1/(v₁ + 1)"),
        (["mfrac", SUM, V], "(v₁ + 1)/v₁"),
        (["mfrac", ["mn", "1"], {"slot": ["number", -2.0]}], "1/(−2)"),
        (["mfrac", MINUS_V, V], "−v₁/v₁"),
        (["msqrt", V], "√v₁"),
        (["msqrt", V, ["mo", "+"], ["mn", "1"]], "√(v₁ + 1)"),
        (["mrow", ["mi", "ln"], ["mo", "\u2061"], ["mfrac", V, ["mn", "2"]]], "ln(v₁/2)"),
        (["mrow", ["mi", "max"], ["mo", "\u2061"], ["mrow", ["mo", "("], V, ["mo", ","], MINUS_V, ["mo", ")"]]], "max(v₁, −v₁)"),
        (["mrow", MINUS_V, ["mo", "·"], {"slot": ["number", -3.0], "tight": True}], "−v₁ · (−3)"),
        (["mtext", "sum over axis 0"], "sum over axis 0"),
        ("just words", "just words"),
    ],
)
def test_formulas_in_one_line_keep_their_meaning(math: Any, line: str) -> None:
    assert plain(math, lambda reference: reference[1]) == line


def test_mathml_has_numbers_in_the_slots() -> None:
    math = ["mrow", V, ["mo", "="], {"slot": ["value", 1]}, ["mo", "·"], {"slot": ["value", 1], "tight": True}]
    assert mathml(math, lambda reference: -0.25, spoken="v 1") == (
        '<math aria-label="v 1"><mrow><msub><mi>v</mi><mn>1</mn></msub><mo>=</mo><mn>−0.25</mn><mo>·</mo>'
        "<mrow><mo>(</mo><mn>−0.25</mn><mo>)</mo></mrow></mrow></math>")  # fmt: skip


@every_step
def test_every_formula_is_well_formed_and_uses_allowed_elements_only(mode: str, step: int) -> None:
    if step:
        written = mathml(SAMPLE["timelines"][mode]["steps"][step - 1]["formula"], lookup_in(SAMPLE, mode))
        assert {e.tag for e in ElementTree.fromstring(written).iter()} <= {"math", *ARITY}
        assert "{" not in written


def test_hostile_text_in_a_formula_stays_text() -> None:
    attack = "</mi><script>alert(1)</script>"
    root = ElementTree.fromstring(mathml(["mrow", ["mi", attack], attack], no_numbers, spoken='"><img onerror=x>'))
    assert [e.tag for e in root.iter()] == ["math", "mrow", "mi", "mtext"]
    assert [e.text for e in root.iter()][2:] == [attack, attack]
    assert root.attrib == {"aria-label": '"><img onerror=x>'}


def nested(depth: int) -> Any:
    math: Any = ["mi", "x"]
    for _ in range(depth):
        math = ["mrow", math]
    return math


@pytest.mark.parametrize("write", [mathml, plain])
@pytest.mark.parametrize(
    "math",
    [["script", "alert(1)"], ["msub", ["mi", "v"]], ["mfrac"], [], [["mi", "x"]], 3, None, ["mi", ["mo", "x"]], nested(100_000)],
    ids=["unknown element", "one index missing", "empty fraction", "empty", "list of lists", "number", "null", "nested token", "endless nesting"],
)
def test_what_is_no_formula_is_refused(write: Callable[..., str], math: Any) -> None:
    with pytest.raises(DocumentError, match="formula"):
        write(math, no_numbers)


def test_a_sentence_reads_numbered_slots_only() -> None:
    template = "{name} {0.__class__} {{0}} {0} {1} {7} {}"
    assert fill(template, [["number", 2.0], ["number", -1e-9]], lambda reference: reference[1]) == "{name} {0.__class__} {2} 2 −1×10⁻⁹ {7} {}"


def test_references_mean_what_the_document_says() -> None:
    lookup = lookup_in(SAMPLE, "reverse")
    assert [lookup(r) for r in (["value", 0], ["partial", 2, 1], ["step", 13], ["number", 7.0])] == [5.0, 2.0, 5.0, 7.0]
    with pytest.raises(DocumentError, match="reference"):
        lookup(["password", 1])
