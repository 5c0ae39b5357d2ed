"""Predict mode: what a learner does in a browser with a real explorer behind it, what the kernel takes and gives, and a page that asks by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import adviz
from adviz.answers import LONGEST
from adviz.errors import InputError, UnsupportedError
from adviz.mutants import MUTANTS, sentence
from adviz.widget.live import Explorer
from tests.bridge import Bridge
from tests.jupyter.explorer import explorer
from tests.jupyter.page import open_notebook, run_all, run_code, watched_page
from tests.jupyter.server import Lab
from tests.test_axe import RUN, script

__all__ = ["script"]  # a fixture
EMPTY = "<!doctype html><html lang='en'><meta charset='utf-8'><title>predict</title><body style='margin:16px'></body></html>"


def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def sine(x):
    return np.sin(x**2 + x)


def asking(function: Callable[..., Any] = f, *point: float, mode: str = "reverse", **options: Any) -> Explorer:
    return adviz.explore(function, *(point or (2.0, 5.0)), mode=mode, predict=True, **options)


@pytest.fixture(scope="module")
def shared(browser: Browser) -> Iterator[tuple[Page, Bridge, list[str]]]:
    """One page for all tests, and a list of everything it says that it should not."""
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(("about:", "blob:", "data:")) else None)
    page.set_content(EMPTY)
    yield page, Bridge(page), wrong
    context.close()


@pytest.fixture
def opened(shared: tuple[Page, Bridge, list[str]]) -> Iterator[Callable[[Explorer], Locator]]:
    """The page with that explorer; it must end without an error."""
    page, bridge, wrong = shared
    wrong.clear()
    page.set_viewport_size({"width": 1000, "height": 900})
    yield bridge.open
    assert wrong == []


def press(root: Locator, name: str) -> None:
    root.get_by_role("button", name=name, exact=True).click()


def field(root: Locator) -> Locator:
    return root.locator(".adviz-predict-field")


def said(root: Locator) -> Locator:
    return root.locator(".adviz-predict-said")


def outcome(root: Locator) -> Locator:
    return root.locator(".adviz-predict-outcome")


def give(root: Locator, typed: str) -> None:
    field(root).fill(typed)
    field(root).press("Enter")


# a learner answers

SLIPS = [
    (f, "reverse", "v0.accumulate", "-0.2837", "overwrite", "2-cos(5)"), (f, "reverse", "v-1.accumulate", "0.5", "overwrite", "11/2"),
    (f, "reverse", "v0.accumulate", "2.2837", "minus", "1.716"), (f, "reverse", "v-1.accumulate", "2.5", "swap", "5.5"),
    (sine, "reverse", "v0.accumulate", "12.4822", "outer-not-inner", "5*cos 6"), (sine, "forward", "v3.tangent", "cos(6)", "no-chain", "4.801"),
    (f, "values", "v1.value", "0.301", "log10", "ln 2"), (f, "values", "v3.value", "0.0872", "degrees", "－0.959"),
    (f, "forward", "v5.tangent", "1.7163", "wrong-seed", "５．５"), (f, "forward", "v5.tangent", "7.2163", "both-seeds", "1/2+5"),
    (f, "reverse", "v2.accumulate", "5", "forward-for-reverse", "1"),
]  # fmt: skip


def test_every_named_slip_is_made_here() -> None:
    assert {slip for *_, slip, _ in SLIPS} == set(MUTANTS)


@pytest.mark.parametrize("function, mode, name, wrong, slip, right", SLIPS, ids=[f"{slip}-{name}" for _, _, name, _, slip, _ in SLIPS])
def test_a_wrong_answer_is_named_and_the_right_one_goes_on(
    opened: Callable[[Explorer], Locator], function: Any, mode: str, name: str, wrong: str, slip: str, right: str
) -> None:  # fmt: skip
    point = (2.0,) if function is sine else (2.0, 5.0)
    explorer = asking(function, *point, mode=mode, ask=[name])
    root = opened(explorer)
    press(root, "Last step")
    stop = root.get_attribute("data-step")
    give(root, wrong)
    expect(said(root)).to_have_text(f"↻ Not yet. {sentence(slip)}")
    expect(field(root)).to_be_focused()
    expect(field(root)).to_have_value(wrong)
    assert root.get_attribute("data-step") == stop
    give(root, right)
    expect(outcome(root)).to_contain_text("Right. What you saw:")
    expect(root).to_have_attribute("data-step", str(int(stop or 0) + 1))
    expect(root.locator(".adviz-predict-mark")).to_have_text("✓")
    record = explorer._asking.records[mode][0]  # type: ignore[union-attr]
    assert (record.state, record.tries) == ("right", [wrong, right])


def test_hints_come_one_by_one_and_the_number_only_with_the_last(opened: Callable[[Explorer], Locator]) -> None:
    root = opened(asking(ask=["v0.accumulate"]))
    press(root, "Last step")
    hints = root.locator(".adviz-predict-hints li")
    for n in (1, 2, 3):
        press(root, f"Hint {n} of 3")
        expect(hints).to_have_count(n)
        assert ("−0.2837 + 2" in (hints.last.text_content() or "")) is (n == 3)
    expect(root.locator(".adviz-predict-hint")).to_be_disabled()
    expect(field(root)).to_be_focused()


def test_show_me_tells_the_number_and_is_no_wrong_answer(opened: Callable[[Explorer], Locator]) -> None:
    explorer = asking(ask=["v0.accumulate"])
    root = opened(explorer)
    press(root, "Last step")
    press(root, "Show me")
    expect(outcome(root)).to_have_text("Shown. What you saw: v₀ received 2 contributions: −0.2837 from v₃ and 2 from v₂; their sum is 1.716.")
    record = explorer._asking.records["reverse"][0]  # type: ignore[union-attr]
    assert (record.state, record.tries) == ("shown", [])
    expect(root.locator("tr[data-index='0'] td[data-kind=adjoint]")).to_have_text("1.716")


NO_NUMBERS = [
    ("5,5", "decimal point"), ("x1 + 1", "put the numbers in"), ("2 +", "ends after"), ("<img src=x onerror=alert(1)>", "Column 1"), ("ln 2^2", "parentheses"),
    ("__import__('os').system('x')", "Column"), ("9" * LONGEST, "No slip"),
]  # fmt: skip


def test_any_text_as_an_answer_is_met_with_a_sentence_and_stays(opened: Callable[[Explorer], Locator]) -> None:
    explorer = asking()
    root = opened(explorer)
    for typed, words in NO_NUMBERS:
        give(root, typed)
        expect(said(root)).to_contain_text(words)
        expect(field(root)).to_have_value(typed)
        expect(root.locator("img")).to_have_count(0)
    assert explorer._asking.records["reverse"][0].tries == ["9" * LONGEST]  # type: ignore[union-attr]
    give(root, "   ")
    give(root, "1")
    expect(outcome(root)).to_contain_text("Right.")


def test_by_keyboard_alone_from_the_first_question_to_the_end(opened: Callable[[Explorer], Locator], shared: Any) -> None:
    page = shared[0]
    root = opened(asking())
    root.focus()
    page.keyboard.press("ArrowRight")  # nothing can be stepped yet: to the field
    expect(field(root)).to_be_focused()
    for typed in ("1", "-cos(5)", "5", "1.716", "0.5", "5.5"):
        expect(field(root)).to_be_focused()
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        expect(outcome(root)).to_contain_text("Right.")
        while root.locator(".adviz-predict-on").is_visible() and root.get_attribute("data-step") != "17":
            expect(root.locator(".adviz-predict-on")).to_be_focused()
            before = root.get_attribute("data-step")
            page.keyboard.press("Enter")
            expect(root).not_to_have_attribute("data-step", before or "")
            if root.locator(".adviz-predict-question").is_hidden():
                root.focus()
                page.keyboard.press("End")
                page.keyboard.press("ArrowRight")
    expect(root).to_have_attribute("data-step", "17")
    expect(root.locator(".adviz-predict-about")).to_contain_text("Every question of this mode is answered.")


def test_focus_goes_from_the_controls_to_the_question_to_the_stage(opened: Callable[[Explorer], Locator]) -> None:
    root = opened(asking())
    order = root.evaluate("(r) => [...r.querySelectorAll('.adviz-transport, .adviz-predict, .adviz-stage')].map((e) => e.className.split(' ')[0])")
    assert order == ["adviz-transport", "adviz-predict", "adviz-stage"]
    expect(root.locator("[role=status]")).to_have_count(1)
    expect(field(root)).to_have_attribute("aria-describedby", re.compile("-said$"))
    asked = "This sweep is for the derivatives of y. With which number does v̄₅ begin?"
    expect(root.get_by_label(asked)).to_have_count(1)
    expect(root.locator(".adviz-predict .adviz-hidden[aria-live=polite]")).to_have_text(f"Question 1 of 6. {asked}")


def test_stepping_stops_before_a_question_by_every_control(opened: Callable[[Explorer], Locator], shared: Any) -> None:
    root = opened(asking(ask=["v0.share.v3"]))
    press(root, "Last step")
    expect(root).to_have_attribute("data-step", "9")
    root.locator(".adviz-scrubber").fill("17")
    expect(root.locator(".adviz-scrubber")).to_have_value("9")
    press(root, "Next step")
    expect(field(root)).to_be_focused()
    expect(said(root)).to_contain_text("This step is asked for")
    root.locator("tr[data-index='-1']").click()
    root.locator("[data-node='0']").click()
    expect(root).to_have_attribute("data-step", "9")
    expect(root.locator(".adviz-why")).to_be_hidden()
    press(root, "Play")
    expect(root.get_by_role("button", name="Play", exact=True)).to_be_visible()
    press(root, "First step")
    expect(root.locator(".adviz-predict-question")).to_be_hidden()


def test_the_asked_cell_is_hatched_wherever_it_would_appear(opened: Callable[[Explorer], Locator]) -> None:
    root = opened(asking(ask=["v0.accumulate", "v-1.share.v1"]))
    press(root, "Last step")
    expect(root.locator("td[data-asked]")).to_have_count(1)
    expect(root.locator("tr[data-index='0'] td[data-kind=adjoint][data-asked]")).to_have_count(1)
    expect(root.locator("[data-node='0'] .adviz-hatch")).to_have_text("?")
    give(root, "1.716")
    expect(root.locator("tr[data-index='-1'] td.adviz-rule[data-asked]")).to_have_count(1)
    expect(root.locator(".adviz-graph > .adviz-hatch")).to_have_count(1)
    press(root, "Show me")
    expect(root.locator("[data-asked], .adviz-hatch")).to_have_count(0)


def test_a_reload_in_the_middle_finds_everything_again(opened: Callable[[Explorer], Locator]) -> None:
    explorer = asking()
    root = opened(explorer)
    give(root, "1")
    expect(outcome(root)).to_contain_text("Right.")
    press(root, "Last step")
    give(root, "0.2837")
    press(root, "Hint 1 of 3")
    expect(root.locator(".adviz-predict-hints li")).to_have_count(1)
    root = opened(explorer)
    press(root, "Last step")
    expect(root).to_have_attribute("data-step", "9")
    expect(root.locator(".adviz-predict-place")).to_have_text("Question 2 of 6")
    expect(said(root)).to_contain_text(sentence("minus"))
    expect(field(root)).to_have_value("0.2837")
    expect(root.locator(".adviz-predict-hints li")).to_have_count(1)
    press(root, "First step")
    press(root, "Next step")
    expect(outcome(root)).to_have_text("Right. What you saw: Seeded: the adjoint of v₅ (y) is 1.")


def test_a_kernel_that_is_gone_is_told_and_the_rest_goes_on(opened: Callable[[Explorer], Locator], shared: Any) -> None:
    page = shared[0]
    root = opened(asking(ask=["v0.share.v3"]))
    press(root, "Last step")
    page.evaluate("window.gone = 'loudly'")
    give(root, "-0.28366")
    expect(said(root)).to_contain_text("The kernel does not answer.")
    expect(field(root)).to_have_value("-0.28366")
    press(root, "Previous step")
    expect(root).to_have_attribute("data-step", "8")
    press(root, "Next step")
    expect(field(root)).to_have_value("-0.28366")
    page.evaluate("window.gone = false")
    give(root, "-0.28366")
    expect(outcome(root)).to_contain_text("Right.")


def test_a_kernel_that_says_nothing_is_told_after_a_while(browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.clock.install()
    page.set_content(EMPTY)
    root = Bridge(page).open(asking())
    page.evaluate("window.gone = true")
    give(root, "1")
    page.clock.run_for(700)
    expect(said(root)).to_have_text("Checking …")
    page.clock.run_for(6000)
    expect(said(root)).to_contain_text("The kernel does not answer.")
    context.close()


def test_the_checkbox_asks_and_stops_asking(opened: Callable[[Explorer], Locator]) -> None:
    explorer = adviz.explore(f, 2.0, 5.0, mode="reverse", step=12)
    root = opened(explorer)
    box = root.get_by_role("checkbox", name="Predict")
    expect(box).not_to_be_checked()
    box.check()
    expect(root.locator(".adviz-predict-question")).to_be_visible()
    expect(root).to_have_attribute("data-step", "0")
    expect(root.get_by_role("button", name="Export", exact=True)).to_have_count(0)
    assert [tab.text_content() for tab in root.get_by_role("tab").all() if tab.is_visible()] == ["Values", "Forward", "Reverse"]
    expect(root.locator("input[data-seed]").first).to_be_hidden()
    box.uncheck()
    expect(root.locator(".adviz-predict")).to_be_hidden()
    press(root, "Last step")
    expect(root.locator("tr[data-index='-1'] td[data-kind=adjoint]")).to_have_text("5.5")
    expect(root.locator("input[data-seed]").first).to_be_visible()
    assert explorer.predict is False


# nothing to be found


SECRETS = re.compile(r"(?<![\w.])[−-]?(?:1\.71\d*|5\.5|5\.50*|0\.283\d*|0\.284)(?![\d.]\d)")


def test_no_answer_is_in_the_state_or_the_page_until_it_is_given(opened: Callable[[Explorer], Locator], shared: Any) -> None:
    page, bridge, _ = shared
    explorer = asking()
    root = opened(explorer)

    def found() -> set[str]:
        everything = "".join(bridge.sent) + page.evaluate("JSON.stringify(window.held, (name, x) => (name[0] === '_' ? null : x))")
        everything = re.sub(r'\\?"graph\\?":\{.*?\\?"(?=lesson|texts|asked|folds|live)', "", everything)  # places in the picture are no answers
        return set(SECRETS.findall(everything + page.evaluate(VISIBLE)))

    assert found() == set()
    give(root, "7")
    expect(said(root)).to_contain_text("Not yet")
    give(root, "x")
    expect(said(root)).to_contain_text("put the numbers in")
    give(root, "1")
    expect(outcome(root)).to_contain_text("Right.")
    press(root, "Last step")
    give(root, "2")
    expect(said(root)).to_contain_text("Not yet")
    press(root, "Hint 1 of 3")
    press(root, "Hint 2 of 3")
    expect(root.locator(".adviz-predict-hints li")).to_have_count(2)
    assert found() == set()
    for tab in ("Forward", "Values", "Reverse"):
        root.get_by_role("tab", name=tab, exact=True).click()
    assert found() == set()
    bundle = json.dumps([explorer._repr_mimebundle_(), repr(explorer)], default=str)
    assert SECRETS.findall(bundle) == []
    press(root, "Show me")
    expect(outcome(root)).to_contain_text("0.2837")
    assert {each.strip("−-") for each in found()} <= {"0.2837", "0.28366218546322625"}


VISIBLE = """() => { const words = [];
  for (const e of document.querySelectorAll("#here *")) {
    if (!e.children.length) words.push(e.textContent);
    for (const { name, value } of e.attributes) if (!["d", "points", "x", "y", "viewBox", "style", "cx", "cy", "r", "width", "height"].includes(name)) words.push(value);
    if (e.value !== undefined) words.push(String(e.value));
  }
  return words.join("\\n"); }"""


def numbers_in(part: Any) -> Iterator[float]:
    """Every number of a document but those of its picture and rules."""
    match part:
        case dict():
            for name, inside in part.items():
                if name not in ("graph", "rows", "texts"):
                    yield from numbers_in(inside)
        case list():
            for inside in part:
                yield from numbers_in(inside)
        case int() | float():
            yield float(part)


@pytest.mark.parametrize("mode, hidden", [("reverse", (1.716337814, 5.5, 0.283662185)), ("forward", (5.5, 0.5)), ("values", (0.69314718, -0.95892427, 11.6520714))])
def test_no_trait_of_the_widget_holds_an_answer(mode: str, hidden: tuple[float, ...]) -> None:
    explorer = asking(mode=mode)
    state = explorer.get_state()
    content = json.loads(state["document"])
    assert state["columns"] == b""
    assert state["seeds"] == {}
    assert all(abs(abs(x) - abs(answer)) > 1e-3 for x in numbers_in(content) for answer in hidden)
    assert not set(content) & {"modes"}
    assert (content["live"], content["notes"]) == (False, [])


# the kernel's side

STRANGE: list[Any] = [
    None, 3, "predict", [], {}, {"kind": "predict"}, {"kind": "predict", "do": "answer"}, {"kind": "predict", "do": "answer", "mode": 3, "name": "x", "typed": "1"},
    {"kind": "predict", "do": "answer", "mode": "reverse", "name": "v5.seed", "typed": None}, {"kind": "predict", "do": "answer", "mode": "reverse", "name": "v5.seed", "typed": ["1"]},
    {"kind": "predict", "do": "answer", "mode": "reverse", "name": "v5.seed", "typed": "(" * 10**6}, {"kind": "predict", "do": "reveal", "mode": "reverse", "name": "v5.seed"},
    {"kind": "predict", "do": "show", "mode": "reverse", "name": "v-1.accumulate"}, {"kind": "predict", "do": "show", "mode": "jacobian", "name": "v5.seed"},
    {"kind": "predict", "do": "hint", "mode": "__class__", "name": "v5.seed"}, {"kind": "predict", "do": {"a": 1}, "mode": "reverse", "name": "v5.seed"},
    {"kind": "predict", "do": "answer", "mode": "reverse", "name": "v5.seed", "typed": "9**9**9**9**9"}, {"kind": "export", "request": 1, "format": "csv", "mode": "reverse", "step": 1},
]  # fmt: skip


@pytest.mark.parametrize("message", STRANGE, ids=lambda m: repr(m)[:70])
def test_a_message_that_means_nothing_reveals_nothing(message: Any) -> None:
    explorer = asking()
    before = json.loads(explorer.document)["timelines"]
    explorer._handle_custom_msg(message, [])
    assert json.loads(explorer.document)["timelines"] == before
    assert {record.state for record in explorer._asking.records["reverse"]} == {"open"}  # type: ignore[union-attr]
    for traits in ({"predict": "yes"}, {"predict": None}, {"asked": 1}, {"step": 99}, {"step": -3}):
        explorer.set_state(traits)
    assert (explorer.predict, explorer.step) == (True, 0)
    assert json.loads(explorer.document)["timelines"] == before


def test_what_would_show_the_numbers_is_not_written_and_says_so() -> None:
    explorer = asking()
    for name in ("to_csv", "to_json", "to_svg", "to_png", "to_gif", "to_latex", "to_film"):
        with pytest.raises(UnsupportedError, match="While you predict"):
            getattr(explorer, name)()
    sent: list[Any] = []
    explorer.send = lambda content, buffers=None: sent.append(content)  # type: ignore[method-assign]
    explorer._handle_custom_msg({"kind": "export", "request": 4, "format": "csv", "mode": "reverse", "step": 3}, [])
    assert len(sent) == 1
    assert sent[0]["problem"].startswith("While you predict")
    explorer.predict = False
    assert "5.5" in explorer.to_csv()


def test_another_point_asks_anew_and_a_function_of_arrays_cannot_be_asked() -> None:
    explorer = asking()
    explorer._handle_custom_msg({"kind": "predict", "do": "answer", "mode": "reverse", "name": "v5.seed", "typed": "1"}, [])
    assert json.loads(explorer.document)["asked"]["reverse"][0]["state"] == "right"
    explorer.x2 = 4.0
    assert json.loads(explorer.document)["asked"]["reverse"][0]["state"] == "open"
    with pytest.raises(UnsupportedError, match="not of arrays"):
        adviz.explore(lambda x: np.sum(x * x), np.ones(3), mode="reverse", predict=True)
    arrays = adviz.explore(lambda x: np.sum(x * x), np.ones(3), mode="reverse")
    arrays.set_state({"predict": True})
    assert arrays.predict is False
    assert "not of arrays" in arrays.alert
    with pytest.raises(InputError, match=r"v0\.accumulate"):
        asking(ask=["v0.sum"])


def test_switched_on_in_a_mode_without_questions_it_goes_to_reverse() -> None:
    explorer = adviz.explore(f, 2.0, 5.0, mode="jacobian")
    explorer.predict = True
    assert explorer.mode == "reverse"
    assert json.loads(explorer.document)["asked"]["reverse"][0]["state"] == "open"
    with pytest.raises(InputError, match="Values, Forward and Reverse"):
        asking(mode="jacobian")
    taught = adviz.explore(f, 2.0, 5.0, mode="jacobian", hidden=["reverse"])
    taught.predict = True
    assert taught.mode == "forward"


def test_an_authors_names_are_those_of_the_questions() -> None:
    explorer = asking(names={3: "s"}, ask=["v0.share.v3"])
    asked = json.loads(explorer.document)["asked"]["reverse"][0]
    assert (asked["prompt"], asked["label"]) == ("s = sin v₀. Which share does s send to v₀?", "share from s to v₀ =")


def test_values_are_given_to_whoever_goes_on_to_the_derivatives() -> None:
    explorer = asking(mode="values")
    assert None in json.loads(explorer.document)["variables"]["value"]
    explorer.set_state({"mode": "reverse"})
    content = json.loads(explorer.document)
    assert None not in content["variables"]["value"]
    assert {question["state"] for question in content["asked"]["values"]} == {"shown"}
    assert content["asked"]["reverse"][0]["state"] == "open"


def test_a_teachers_note_comes_with_its_step() -> None:
    explorer = asking(notes={("reverse", 1): "The seed.", ("reverse", 15): "They add to 1.716."}, ask=["v0.accumulate"])
    assert "1.716" not in explorer.document
    assert "The seed." in explorer.document
    explorer._handle_custom_msg({"kind": "predict", "do": "show", "mode": "reverse", "name": "v0.accumulate"}, [])
    assert "They add to 1.716." in explorer.document


# a page without a kernel


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("asking") / "page.html"
    asking().to_html(file)
    return file


@pytest.fixture
def alone(browser: Browser, exported: Path) -> Iterator[Locator]:
    """The page that asks, opened from its file. It must end without an error and ask nobody for anything."""
    context = browser.new_context(viewport={"width": 1000, "height": 900}, locale="en-US")
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(("file:", "data:")) else None)
    page.goto(exported.as_uri())
    yield page.locator(".adviz-explorer")
    context.close()
    assert wrong == []


def test_a_page_marks_hints_and_shows_by_itself(alone: Locator, artifacts: Path) -> None:
    expect(alone.get_by_role("checkbox", name="Predict")).to_have_count(0)
    give(alone, "1")
    expect(outcome(alone)).to_contain_text("Right. What you saw: Seeded")
    expect(alone.locator(".adviz-notice")).to_contain_text("whoever looks for them finds them")
    press(alone, "Last step")
    give(alone, "0.284")
    expect(said(alone)).to_have_text(f"↻ Not yet. {sentence('minus')}")
    give(alone, "5,5")
    expect(said(alone)).to_contain_text("decimal point")
    give(alone, "77")
    expect(said(alone)).to_contain_text("No slip that is known")
    press(alone, "Hint 1 of 3")
    expect(alone.locator(".adviz-predict-hints li")).to_have_count(1)
    give(alone, "－cos(5)")
    expect(outcome(alone)).to_contain_text("Right.")
    press(alone, "Last step")
    press(alone, "Show me")
    press(alone, "Last step")
    alone.page.screenshot(path=artifacts / "predict-page.png", full_page=True)
    give(alone, "2-cos 5")
    expect(outcome(alone)).to_contain_text("their sum is 1.716.")
    expect(alone.locator("tr[data-index='0'] td[data-kind=adjoint]")).to_have_text("1.716")
    for typed in ("0.5", "11/2"):
        give(alone, typed)
        expect(outcome(alone)).to_contain_text("Right.")
    expect(alone).to_have_attribute("data-step", "17")
    expect(alone.locator("tr[data-index='-1'] td[data-kind=adjoint]")).to_have_text("5.5")


def test_a_page_gives_the_values_with_the_derivatives_and_asks_for_them_before(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    file = tmp_path / "page.html"
    asking(mode="values").to_html(file)
    page.goto(file.as_uri())
    root = page.locator(".adviz-explorer")
    expect(root.locator("tr[data-index='1'] td[data-kind=value][data-asked]")).to_have_count(1)
    give(root, "ln 2")
    expect(root.locator("tr[data-index='1'] td[data-kind=value]")).to_have_text("0.6931")
    root.get_by_role("tab", name="Forward", exact=True).click()
    give(root, "1")
    expect(outcome(root)).to_contain_text("Right.")
    press(root, "Last step")
    give(root, "2")
    expect(said(root)).to_contain_text("Not yet")
    root.get_by_role("tab", name="Values", exact=True).click()
    press(root, "Last step")
    expect(root.locator("tr[data-index='5'] td[data-kind=value]")).to_have_text("11.65")
    context.close()


def test_no_answer_stands_in_the_source_of_a_page(exported: Path) -> None:
    source = exported.read_text(encoding="utf-8")
    block = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', source, re.DOTALL)
    assert block is not None
    content = json.loads(block[1])
    assert all(abs(abs(x) - answer) > 1e-3 for x in numbers_in(content) for answer in (1.716337814, 5.5, 0.283662185))
    words = json.dumps({name: part for name, part in content.items() if name not in ("graph", "rows")}, ensure_ascii=False)
    assert SECRETS.findall(words) == []


@pytest.mark.parametrize("theme, width", [("light", 1100), ("dark", 1100), ("light", 400)])
def test_pictures_of_a_question_for_people(opened: Callable[[Explorer], Locator], shared: Any, artifacts: Path, theme: str, width: int) -> None:
    page = shared[0]
    page.set_viewport_size({"width": width, "height": 900})
    root = opened(asking(theme=theme))
    give(root, "1")
    expect(outcome(root)).to_contain_text("Right.")
    press(root, "Last step")
    give(root, "0.2837")
    press(root, "Hint 1 of 3")
    press(root, "Hint 2 of 3")
    expect(root.locator(".adviz-predict-hints li")).to_have_count(2)
    assert root.evaluate("(r) => r.scrollWidth <= r.clientWidth + 1")
    page.screenshot(path=artifacts / f"predict-{theme}-{width}.png", full_page=True)


def test_h_asks_for_a_hint_where_no_field_has_the_focus(opened: Callable[[Explorer], Locator], shared: Any) -> None:
    root = opened(asking())
    root.focus()
    shared[0].keyboard.press("h")
    expect(root.locator(".adviz-predict-hints li")).to_have_text("A seed is the derivative of y with respect to y itself.")
    field(root).focus()
    shared[0].keyboard.press("h")
    expect(field(root)).to_have_value("h")
    expect(root.locator(".adviz-predict-hints li")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_question(browser: Browser, exported: Path, script: str, scheme: Any) -> None:
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(exported.as_uri())
    root = page.locator(".adviz-explorer")
    give(root, "1")
    press(root, "Last step")
    give(root, "77")
    press(root, "Hint 1 of 3")
    expect(root.locator(".adviz-predict-hints li")).to_have_count(1)
    page.evaluate(script)
    assert page.evaluate(RUN) == []
    context.close()


STATES = "import ipywidgets, json; print(json.dumps(ipywidgets.Widget.get_manager_state(), default=str))"


def test_in_jupyterlab_a_question_is_answered_and_the_saved_notebook_tells_nothing(browser: Browser, lab: Lab) -> None:
    code = "import numpy as np, adviz\ndef f(x1, x2):\n    return np.log(x1) + x1 * x2 - np.sin(x2)"
    name = lab.write("predict.ipynb", code, 'adviz.explore(f, x1=2.0, x2=5.0, mode="reverse", predict=True)')
    with watched_page(browser) as (page, watch):
        open_notebook(page, lab, name)
        run_all(page)
        root = explorer(page)
        give(root, "1")
        expect(outcome(root)).to_contain_text("Right.")
        press(root, "Last step")
        give(root, "0.2837")
        expect(said(root)).to_contain_text(sentence("minus"))
        page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        expect(page.locator(".jp-mod-dirty")).to_have_count(0)
        content = page.evaluate("JSON.stringify(window.jupyterapp.shell.currentWidget.content.model.toJSON())")
        states = run_code(page, STATES)
        for kept in (content, re.sub(r'\\*"graph\\*":\{.*?(?=\\*"(?:folds|lesson|texts|asked)\\*":)', "", states)):
            assert SECRETS.findall(re.sub(r'\\*"tries\\*":\[.*?\]', "", kept)) == [], "but what the learner typed"
        give(root, "-cos(5)")
        expect(outcome(root)).to_contain_text("v₀ received −0.2837 from v₃")
        assert "0.2836621" in run_code(page, STATES), "what was searched is where numbers stand"
        assert (watch.requests, watch.errors) == ([], [])
    lab.end_kernels()
