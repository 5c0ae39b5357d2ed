"""The explorer as a widget, without a browser: traits, what it refuses, and what it builds anew."""

from __future__ import annotations

import json
import math
from typing import Any

import ipywidgets
import numpy as np
import pytest
import traitlets

import adviz
from adviz.widget.explorer import Explorer, explore


def f(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2 - np.sin(x2)


def root(x: Any) -> Any:
    if x < 0:
        raise ValueError("x must not be negative")
    return x**0.5


def value(explorer: Explorer) -> float:
    return json.loads(explorer.document)["timelines"]["values"]["result"][0]


@pytest.mark.parametrize("given", [
    lambda: explore(f, 2.0, 5.0), lambda: explore(f, x1=2.0, x2=5.0), lambda: explore(f, x2=5.0, x1=2), lambda: explore(f, 2.0, x2=5.0),
    lambda: explore(f, at={"x1": 2.0, "x2": 5.0}), lambda: explore(f, 2, at={"x2": 5}), lambda: adviz.explore(f, 2.0, np.float64(5.0)),
])  # fmt: skip
def test_a_point_is_given_by_place_or_by_name(given: Any) -> None:
    explorer = given()
    assert explorer.inputs == {"x1": 2.0, "x2": 5.0}
    assert value(explorer) == pytest.approx(11.652071455)


def test_parameters_named_like_options_are_given_in_at() -> None:
    explorer = explore(lambda mode, step, x: mode * step + x, at={"mode": 2.0, "step": 3.0}, x=1.0)
    assert explorer.inputs == {"mode": 2.0, "step": 3.0, "x": 1.0}
    assert (explorer.mode, explorer.step) == ("values", 0)
    explorer.input_mode = 5.0
    assert value(explorer) == 16


def test_defaults_fill_the_places_before_a_named_input() -> None:
    assert explore(lambda x, n=3.0, k=1.0: x * n * k, x=2.0, k=5.0).inputs == {"x": 2.0, "n": 3.0, "k": 5.0}
    assert explore(lambda x, n=3.0: x * n, x=2.0).inputs == {"x": 2.0}


def test_an_input_set_by_its_name_brings_a_new_document() -> None:
    explorer = explore(f, 2.0, 5.0)
    explorer.x2 = 3
    assert explorer.inputs == {"x1": 2.0, "x2": 3.0}
    assert value(explorer) == pytest.approx(np.log(2) + 6 - np.sin(3))
    explorer.inputs = {"x1": 1, "x2": 2}
    assert (explorer.x1, explorer.x2) == (1.0, 2.0)


def test_inputs_and_step_link_to_other_widgets_both_ways() -> None:
    explorer = explore(f, 2.0, 5.0, mode="reverse")
    slider, number = ipywidgets.FloatSlider(min=1, max=9), ipywidgets.IntText()
    ipywidgets.link((explorer, "x2"), (slider, "value"))
    ipywidgets.link((explorer, "step"), (number, "value"))
    assert slider.value == 5.0
    slider.value = 4.5
    assert explorer.inputs["x2"] == 4.5
    explorer.set_state({"inputs": {"x1": 2, "x2": 7}})
    assert slider.value == 7.0
    number.value = 9
    assert explorer.step == 9


def test_infinity_and_nan_travel_as_text() -> None:
    explorer = explore(lambda x, y: x * y, 2.0, 3.0)
    explorer.set_state({"inputs": {"x": "inf", "y": 3}})
    assert explorer.x == math.inf
    explorer.x = math.nan
    explorer.y = 4.0
    assert explorer.get_state(["inputs"]) == {"inputs": {"x": "nan", "y": 4.0}}
    assert math.isnan(explorer.inputs["x"])


def test_a_seed_is_for_the_mode_it_comes_with() -> None:
    assert explore(f, 2.0, 5.0).seeds == {"forward": [1.0, 0.0], "reverse": [1.0], "second-order": [1.0, 0.0]}
    explorer = explore(f, 2.0, 5.0, mode="forward", seed=(3, -1))
    assert explorer.seeds["forward"] == [3.0, -1.0]
    assert json.loads(explorer.document)["timelines"]["forward"]["result"][0] == pytest.approx(14.783662)
    explorer.seeds = {"reverse": [2]}
    assert explorer.seeds == {"forward": [3.0, -1.0], "reverse": [2.0], "second-order": [3.0, -1.0]}
    assert json.loads(explorer.document)["timelines"]["reverse"]["result"][0] == 11.0


def test_another_number_of_outputs_takes_a_seed_of_its_own() -> None:
    explorer = explore(lambda x: (x, x * x) if x > 0 else x, 1.0, mode="reverse", seed=(0, 2))
    explorer.x = -1.0
    assert explorer.alert == ""
    assert explorer.seeds["reverse"] == [1.0]


def test_an_error_of_the_function_is_shown_with_its_line_and_the_last_document_stays() -> None:
    explorer = explore(root, 4.0)
    before = explorer.document
    explorer.x = -1.0
    assert explorer.alert.splitlines()[0] == "ValueError: x must not be negative"
    assert explorer.alert.endswith(': raise ValueError("x must not be negative")')
    assert explorer.document == before
    explorer.x = 9.0
    assert explorer.alert == ""
    assert value(explorer) == 3.0


def test_an_error_in_the_first_run_is_the_callers() -> None:
    with pytest.raises(ValueError, match="x must not be negative"):
        explore(root, -1.0)


MESSAGES: list[dict[str, Any]] = [
    {"inputs": {"x1": "2", "x2": 5}}, {"inputs": {"x1": True, "x2": 5}}, {"inputs": {"x1": 2}}, {"inputs": {"x1": 2, "x2": 5, "x3": 1}},
    {"inputs": [2, 5]}, {"inputs": None}, {"inputs": {"x1": [2], "x2": 5}}, {"inputs": {"x1": None, "x2": 5}}, {"inputs": {"x1": {}, "x2": 5}},
    {"seeds": {"reverse": [1, 2]}}, {"seeds": {"reverse": 1}}, {"seeds": {"sideways": [1]}}, {"seeds": {"reverse": ["x"]}}, {"seeds": "x"},
    {"mode": "gradient"}, {"mode": 3}, {"step": "9"}, {"step": -1}, {"step": 1.5}, {"step": None},
]  # fmt: skip


@pytest.mark.parametrize("message", MESSAGES, ids=str)
def test_a_message_that_cannot_be_used_is_told_and_changes_nothing(message: dict[str, Any]) -> None:
    explorer = explore(f, 2.0, 5.0, mode="reverse", step=3)
    names = ["document", "inputs", "seeds", "mode", "step", "x1", "x2"]
    before = {name: getattr(explorer, name) for name in names}
    explorer.set_state(message)
    assert explorer.alert
    assert {name: getattr(explorer, name) for name in names} == before
    explorer.set_state({"inputs": {"x1": 1, "x2": 5}})
    assert explorer.alert == ""
    assert explorer.x1 == 1.0


def test_the_browser_cannot_set_what_is_not_the_readers() -> None:
    explorer = explore(f, 2.0, 5.0)
    before = explorer.document
    explorer.set_state({"document": "{}", "alert": "boo", "_esm": "alert(1)", "x1": 9.0})
    assert (explorer.document, explorer.alert, explorer.language, explorer.x1) == (before, "", "en", 2.0)


def test_a_step_beyond_the_end_is_the_last() -> None:
    explorer = explore(f, 2.0, 5.0, mode="reverse", step=10**6)
    assert explorer.step == 17
    explorer.step = 10**9
    assert explorer.step == 17


@pytest.mark.parametrize("wrong", [{"inputs": {"x1": "a", "x2": 1}}, {"mode": "all"}, {"step": -1}, {"x1": "2"}, {"theme": "pink"}], ids=str)
def test_a_wrong_trait_set_in_python_is_the_callers_error(wrong: dict[str, Any]) -> None:
    explorer = explore(f, 2.0, 5.0)
    for name, given in wrong.items():
        with pytest.raises(traitlets.TraitError):
            setattr(explorer, name, given)


@pytest.mark.parametrize("options, error, said", [
    ({"mode": "gradient"}, adviz.UnsupportedError, "gradient"),
    ({"controls": "sliders"}, adviz.InputError, "controls"), ({"lang": "fr"}, adviz.InputError, "fr"),
    ({"theme": "pink"}, adviz.InputError, "pink"), ({"seed": 1}, adviz.InputError, "Values has no seed"),
    ({"mode": "forward", "seed": (1, 2, 3)}, adviz.InputError, "forward seed needs 2 numbers"), ({"x3": 1.0}, adviz.InputError, "x3"),
])  # fmt: skip
def test_what_is_not_built_or_does_not_fit_is_refused_in_words(options: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        explore(f, x1=2.0, x2=5.0, **options)


def test_what_cannot_be_differentiated_is_refused_in_words() -> None:
    with pytest.raises(adviz.UnsupportedError, match="keyword-only"):
        explore(lambda x, *, k: x * k, x=2.0, k=1.0)
    with pytest.raises(adviz.InputError):
        explore(3, x=1.0)  # type: ignore[arg-type]
    with pytest.raises(adviz.InputError):
        explore(f)


@pytest.mark.parametrize("given", [
    lambda typed: explore(typed, 2.0, 5.0), lambda typed: explore(typed, x1=2.0, x2=5.0), lambda typed: explore(typed, x2=5, x1=2),
    lambda typed: explore(typed, 2.0, x2=5.0), lambda typed: explore(typed, at={"x1": 2.0, "x2": 5.0}),
])  # fmt: skip
def test_the_text_of_a_formula_is_a_function_of_its_variables(given: Any) -> None:
    explorer = given("ln(x1) + x1·x2 - sin(x2)")
    assert explorer.inputs == {"x1": 2.0, "x2": 5.0}
    assert value(explorer) == pytest.approx(11.652071455)
    explorer.x2 = 3.0
    assert value(explorer) == pytest.approx(np.log(2) + 6 - np.sin(3))


def test_the_code_of_a_formula_is_its_text_with_the_places_of_its_parts() -> None:
    typed = "(x1 + x2)·sin(x1)"
    content = json.loads(explore(typed, 2.0, 5.0, mode="reverse").document)
    assert content["sources"] == [{"name": "f", "first_line": 1, "text": typed}]
    assert [typed[start:end] for _, _, start, _, end in content["places"]] == ["x1 + x2", "sin(x1)", typed]


def test_text_that_is_no_formula_is_refused_with_its_column() -> None:
    with pytest.raises(adviz.FormulaError, match=r"Column 4: .* x1\*x2"):
        explore("x1 x2", x1=2.0, x2=5.0)
    with pytest.raises(adviz.InputError, match="x3"):
        explore("x1*x2", x1=2.0, x2=5.0, x3=1.0)
    with pytest.raises(adviz.InputError):
        explore("1 + 2")


def test_a_starred_function_has_an_input_for_each_entry() -> None:
    explorer = explore(lambda *xs: xs[0] * xs[1], 2.0, 3.0)
    assert explorer.inputs == {"xs[0]": 2.0, "xs[1]": 3.0}


def test_it_says_what_it_is_the_same_way_every_time() -> None:
    assert repr(explore(f, 2.0, 5.0, mode="reverse", step=3)) == "Explorer(f(x1, x2), mode='reverse', step=3)"


def test_two_explorers_do_not_share_their_inputs() -> None:
    first, second = explore(f, 2.0, 5.0), explore(lambda a: a * a, 3.0)
    second.a = 4.0
    assert not hasattr(first, "a")
    assert first.inputs == {"x1": 2.0, "x2": 5.0}
    assert value(second) == 16


# Arrays and structures.


def perceptron(p: Any, x: Any) -> Any:
    return np.sum(np.tanh(p["W"] @ x + p["b"][0])), p["b"][0] * x


POINT = ({"W": np.array([[0.5, -1.0], [0.25, 2.0]]), "b": [0.5]}, np.array([1.0, 2.0], np.float32))


def test_inputs_in_structures_have_a_name_each_and_come_back_in_their_structure() -> None:
    explorer = explore(perceptron, *POINT)
    assert list(explorer.inputs) == ["p['W']", "p['b'][0]", "x"]
    assert explorer.inputs["p['b'][0]"] == 0.5
    assert json.loads(explorer.document)["title"] == "perceptron(p, x)"
    explorer.inputs = {**explorer.inputs, "p['W']": np.eye(2), "p['b'][0]": 1}
    expected = perceptron({"W": np.eye(2), "b": [1.0]}, POINT[1])
    assert value(explorer) == pytest.approx(expected[0])
    assert json.loads(explorer.document)["timelines"]["values"]["result"][1] == {"shape": [2], "values": [1.0, 2.0]}
    assert explorer.inputs["x"].dtype == np.float32
    assert explore(perceptron, at={"p": POINT[0]}, x=POINT[1]).inputs.keys() == explorer.inputs.keys()


def test_an_array_is_set_by_its_name_and_keeps_its_shape() -> None:
    explorer = explore(lambda x, k: np.sum(x) * k, np.array([1.0, 2.0]), 3.0)
    explorer.x = [5, 6]
    assert value(explorer) == 33.0
    assert explorer.x.tolist() == explorer.inputs["x"].tolist() == [5.0, 6.0]
    for wrong in ([1.0], 2.0, "x", [["a", "b"]], np.ones((2, 1)), None, {"shape": [2], "values": [1.0, 2.0]}):
        with pytest.raises(traitlets.TraitError, match="x needs an array of shape"):
            explorer.x = wrong
        with pytest.raises(traitlets.TraitError, match="x needs an array of shape"):
            explorer.inputs = {"x": wrong, "k": 1.0}
    assert value(explorer) == 33.0


def test_the_browser_sends_entries_and_leaves_large_arrays_as_they_are() -> None:
    explorer = explore(lambda x, big: np.sum(x) * np.sum(big), np.array([1.0, 2.0]), np.ones(5000), mode="forward", seed=(np.ones(2), np.full(5000, 2.0)))
    state = explorer.get_state(["inputs", "seeds"])
    assert state["inputs"]["x"] == {"shape": [2], "values": [1.0, 2.0]}
    assert (state["inputs"]["big"]["folded"], len(state["inputs"]["big"]["values"])) == (True, 3)
    explorer.set_state({"inputs": {**state["inputs"], "x": {"shape": [2], "values": [1.0, "-inf"]}}})
    assert explorer.alert == ""
    assert explorer.inputs["x"].tolist() == [1.0, -math.inf]
    assert np.array_equal(explorer.inputs["big"], np.ones(5000))
    explorer.x = [3.0, 4.0]
    explorer.big = np.full(5000, 2.0)
    explorer.set_state({"inputs": explorer.get_state(["inputs"])["inputs"] | {"x": {"shape": [2], "values": [0.0, 1.0]}}})
    assert value(explorer) == 10_000.0
    before = explorer.seeds["forward"][1]
    explorer.set_state({"seeds": {**state["seeds"], "forward": [{"shape": [2], "values": [0.0, 1.0]}, state["seeds"]["forward"][1]]}})
    assert explorer.seeds["forward"][0].tolist() == [0.0, 1.0]
    assert np.array_equal(explorer.seeds["forward"][1], before)
    assert json.loads(explorer.document)["timelines"]["forward"]["seed"][0] == {"shape": [2], "values": [0.0, 1.0]}


ARRAY_MESSAGES: list[Any] = [
    {"shape": [3], "values": [1, 2, 3]}, {"shape": [2], "values": [1]}, {"shape": [2], "values": [1, "x"]}, {"shape": [2], "values": [1, None]}, {"shape": "2", "values": []},
    {"shape": [10**9, 10**9], "values": []}, {"shape": [9], "values": [1, 2, 3], "folded": True, "summary": {"min": 0, "max": 0, "mean": 0, "nan": 0}}, {"values": [1, 2]}, {}, 3.0, "x", None,
    ["1", "2"], [1, [2]], True,
]  # fmt: skip


@pytest.mark.parametrize("x", ARRAY_MESSAGES, ids=str)
def test_an_array_that_cannot_be_used_is_told_and_changes_nothing(x: Any) -> None:
    explorer = explore(lambda x, k: np.sum(x) * k, np.array([1.0, 2.0]), 3.0)
    before = explorer.document
    explorer.set_state({"inputs": {"x": x, "k": 4.0}})
    assert "x needs an array of shape (2,)" in explorer.alert
    explorer.set_state({"seeds": {"forward": [x, 1.0]}})
    assert "seed needs an array of shape (2,)" in explorer.alert
    assert (explorer.document, explorer.inputs["k"]) == (before, 3.0)


def test_inputs_named_like_the_fields_of_an_array_are_inputs() -> None:
    explorer = explore(lambda shape, values: shape * values, 2.0, 3.0)
    explorer.set_state({"inputs": {"shape": 4, "values": 5}})
    assert (explorer.alert, value(explorer)) == ("", 20.0)


def test_the_first_entry_is_seeded_by_default_and_a_seed_of_arrays_is_taken() -> None:
    explorer = explore(perceptron, *POINT)
    assert [np.asarray(u).tolist() for u in explorer.seeds["forward"]] == [[[1.0, 0.0], [0.0, 0.0]], 0.0, [0.0, 0.0]]
    assert [np.asarray(u).tolist() for u in explorer.seeds["reverse"]] == [1.0, [0.0, 0.0]]
    explorer = explore(perceptron, *POINT, mode="reverse", seed=(0.0, np.array([1.0, 1.0])))
    assert json.loads(explorer.document)["timelines"]["reverse"]["result"][1] == 3.0
    with pytest.raises(adviz.InputError, match="shape"):
        explore(perceptron, *POINT, mode="reverse", seed=(0.0, 1.0))


def test_another_shape_of_an_output_takes_a_seed_of_its_own() -> None:
    explorer = explore(lambda x: x[:2] if x[0] > 0 else x, np.array([1.0, 2.0, 3.0]), mode="reverse", seed=np.array([0.0, 1.0]))
    explorer.x = [-1.0, 2.0, 3.0]
    assert explorer.alert == ""
    assert explorer.seeds["reverse"][0].tolist() == [1.0, 0.0, 0.0]


def test_an_array_without_entries_is_explored() -> None:
    explorer = explore(lambda e, x: (e * x, x), np.zeros((0, 3)), 2.0)
    assert explorer.seeds["forward"][1] == 1.0
    explorer.x = 5.0
    assert explorer.alert == ""
    assert json.loads(explorer.document)["timelines"]["values"]["result"] == [{"shape": [0, 3], "values": []}, 5.0]
