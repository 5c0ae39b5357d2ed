"""Typed answers, the questions of a timeline and how they are marked: in the core, without a page."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adviz
from adviz import answers, sealed
from adviz.answers import attempt, right
from adviz.asking import Asking
from adviz.errors import BudgetError, FormulaError, InputError, UnsupportedError
from adviz.mutants import MUTANTS, run
from adviz.questions import Question, importance, mark, question, questions
from adviz.timeline import Timeline
from adviz.views.document import default_timelines, json_text, packed
from adviz.views.number import number
from tests.zoo import PROGRAMS

FIXTURES = Path(__file__).parent / "fixtures"
CORPUS = json.loads((FIXTURES / "answers.json").read_text(encoding="utf-8"))
GOLDEN = json.loads((FIXTURES / "golden.json").read_text(encoding="utf-8"))
SMALL = [p for p in PROGRAMS if "array" not in p.tags and len(adviz.trace(p.function, *p.points[0]).assignments) < 12]


def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def reverse() -> Timeline:
    return adviz.reverse(f, 2.0, 5.0)


def forward(*seed: float) -> Timeline:
    return adviz.forward(f, 2.0, 5.0, seed=seed)


def sine(mode: Callable[..., Timeline] = adviz.reverse) -> Timeline:
    return mode(lambda x: np.sin(x**2 + x), 2.0)


# reading


@pytest.mark.parametrize("case", CORPUS["read"], ids=lambda case: case["typed"][:20])
def test_an_answer_is_read_as_the_corpus_says(case: dict[str, Any]) -> None:
    number, problem = attempt(case["typed"])
    if case.get("refused"):
        assert number is None
        assert 0 < len(problem) <= 300
    else:
        assert number == pytest.approx(float(case["number"]), rel=1e-15, nan_ok=True)


def test_the_page_and_python_know_the_same_functions_and_round_and_hash_alike() -> None:
    assert CORPUS["functions"] == list(answers.FUNCTIONS)
    assert [sealed.rounded(x) for x, _ in CORPUS["rounded"]] == [key for _, key in CORPUS["rounded"]]
    assert [sealed._hash(*given) for given, _ in CORPUS["hashed"]] == [found for _, found in CORPUS["hashed"]]


def test_a_decimal_comma_is_refused_with_the_point_in_its_place() -> None:
    for typed in ("5,5", "１，７", "1,716", "2 - 0,28", "sin(5,5)"):
        with pytest.raises(FormulaError, match="decimal point"):
            answers.read(typed)
    assert answers.read("hypot(3, 4)") == 5.0


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=260) | st.text("0123456789.+-*/^()elnsico ,−－５", max_size=60))
def test_any_text_is_a_number_or_one_sentence(typed: str) -> None:
    number, problem = attempt(typed)
    assert isinstance(number, float) is (problem == "")


def test_what_is_no_text_is_refused_in_words() -> None:
    with pytest.raises(FormulaError, match="An answer is text"):
        answers.read(None)  # type: ignore[arg-type]


def test_three_figures_are_right_and_undefined_is_an_answer() -> None:
    assert right(1.716, 1.716338)
    assert right(1.7249, 1.716338)
    assert not right(1.7251, 1.716338)
    assert right(0.004, 0.0)
    assert not right(0.0051, 0.0)
    assert right(math.nan, math.nan)
    assert not right(1.0, math.nan)
    assert right(math.inf, math.inf)
    assert not right(-math.inf, math.inf)
    assert not right(1.0, math.inf)


# which steps are asked for


def names(timeline: Timeline) -> list[str]:
    return [asked.name for asked in questions(timeline)]


def test_the_running_example_asks_for_its_sums_its_seed_and_its_products() -> None:
    assert names(reverse()) == ["v5.seed", "v0.share.v3", "v-1.share.v2", "v0.accumulate", "v-1.share.v1", "v-1.accumulate"]
    assert names(forward(1, 0)) == ["v-1.seed", "v1.tangent", "v2.tangent", "v4.tangent", "v5.tangent"]
    assert names(adviz.values(f, 2.0, 5.0)) == ["v1.value", "v2.value", "v3.value", "v5.value"]
    assert [importance(reverse(), n) for n in (1, 2, 3, 4, 10, 15)] == [2, 0, 0, 1, 2, 3]


def test_the_answers_are_the_golden_numbers() -> None:
    adjoint = GOLDEN["running"]["adjoint"]
    assert question(reverse(), "v0.accumulate").answer == adjoint["v0"]
    assert question(reverse(), "v-1.accumulate").answer == adjoint["v-1"]
    assert question(sine(), "v0.accumulate").answer == GOLDEN["sin(x^2+x)@2"]["xbar"]


@pytest.mark.parametrize("program", SMALL, ids=lambda p: p.name)
def test_a_timeline_asks_at_most_six_and_every_one_can_be_answered(program: Any) -> None:
    t = adviz.trace(program.function, *program.points[0])
    for timeline in default_timelines(t).values():
        found = questions(timeline)
        assert len(found) <= 6
        assert [asked.step for asked in found] == sorted({asked.step for asked in found})
        assert all(mark(asked, repr(asked.answer)).ok for asked in found)
        assert len({asked.name for asked in questions(timeline, "all")}) == len(questions(timeline, "all"))


def holds(words: str, answer: float) -> bool:
    """Whether that number stands in these words, written as a page writes it."""
    written = re.escape(number(answer).lstrip("−"))
    return re.search(rf"(?<![\w.]){written}(?!\d|\.\d)", words) is not None


@pytest.mark.parametrize("timeline", [reverse(), forward(1, 0), forward(0, 1), adviz.values(f, 2.0, 5.0), sine(), sine(adviz.forward)], ids=lambda t: t.mode)
def test_no_hint_but_the_last_has_the_number_and_what_was_seen_has_it(timeline: Timeline) -> None:
    for asked in questions(timeline, "all"):
        first, second, _ = asked.hints
        assert len(set(asked.hints)) == 3
        assert not holds(f"{asked.prompt} {asked.label} {first} {second}", asked.answer)
        assert holds(asked.saw, asked.answer)


def test_the_numbers_of_the_last_hint_come_to_the_answer() -> None:
    for timeline in (reverse(), forward(1, 0), adviz.values(f, 2.0, 5.0), sine(), sine(adviz.forward)):
        for asked in questions(timeline):
            computed = answers.read(asked.hints[2].rpartition("=")[2].replace("²", "^2"))
            assert right(computed, asked.answer), asked.hints


def test_names_choose_questions_and_an_unknown_name_is_told_what_there_is() -> None:
    assert [asked.step for asked in questions(reverse(), ["v-1.accumulate", "v0.accumulate"])] == [15, 17]
    assert questions(reverse(), "none") == ()
    with pytest.raises(InputError, match=r"v0\.accumulate"):
        question(reverse(), "v9.accumulate")
    with pytest.raises(InputError, match="auto"):
        questions(reverse(), "some")


def test_arrays_and_long_traces_are_refused_in_words() -> None:
    with pytest.raises(UnsupportedError, match="not of arrays"):
        questions(adviz.reverse(lambda x: np.sum(x * x), np.ones(3)))

    def long(x):
        for _ in range(400):
            x = np.sin(x)
        return x

    with pytest.raises(BudgetError, match="up to 300"):
        questions(adviz.reverse(long, 0.5))


# marking

RIGHT_SLIPS = [
    (reverse(), "v0.accumulate", "-0.2837", "overwrite"), (reverse(), "v0.accumulate", "2.0", "overwrite"), (reverse(), "v-1.accumulate", "5", "overwrite"),
    (reverse(), "v0.accumulate", "2.2837", "minus"), (reverse(), "v-1.accumulate", "2.5", "swap"), (reverse(), "v0.accumulate", "4.7163", "swap"),
    (sine(), "v0.accumulate", "12.4822", "outer-not-inner"), (sine(), "v0.share.v1", "11.5220", "outer-not-inner"),
    (sine(adviz.forward), "v3.tangent", "cos 6", "no-chain"), (adviz.values(f, 2.0, 5.0), "v1.value", "0.3010", "log10"),
    (adviz.values(f, 2.0, 5.0), "v3.value", "0.0872", "degrees"), (reverse(), "v0.share.v3", "-0.9962", "degrees"),
    (forward(1, 0), "v5.tangent", "1.7163", "wrong-seed"), (forward(1, 0), "v5.tangent", "7.2163", "both-seeds"),
    (reverse(), "v2.accumulate", "5", "forward-for-reverse"),
]  # fmt: skip


@pytest.mark.parametrize("timeline, name, typed, slip", RIGHT_SLIPS, ids=lambda x: x if isinstance(x, str) else "")
def test_each_misconception_is_named_from_its_number(timeline: Timeline, name: str, typed: str, slip: str) -> None:
    verdict = mark(question(timeline, name), typed)
    assert (verdict.ok, verdict.slip) == (False, slip)
    assert verdict.sentence.startswith("Not yet. ")


def test_every_misconception_has_its_number_here() -> None:
    assert {slip for *_, slip in RIGHT_SLIPS} == set(MUTANTS)


def test_a_wrong_number_of_no_known_slip_is_told_what_can_be_told() -> None:
    asked = question(reverse(), "v0.accumulate")
    assert "sign" in mark(asked, "-1.716").sentence
    assert "Three significant figures" in mark(asked, "1.7").sentence
    assert "hint" in mark(asked, "77").sentence
    assert mark(asked, math.nan).ok is False
    assert mark(asked, 1.7163).ok


def test_what_is_no_number_is_no_try() -> None:
    record = Asking({"reverse": reverse()}).records["reverse"][0]
    for typed in ("", "5,5", "x", "1" * 500):
        record.take(typed)
        assert (record.tries, record.state) == ([], "open")
        assert record.said


# what a document shows


def shown(asking: Asking, timelines: dict[str, Timeline]) -> str:
    return json_text(asking.document(packed(timelines["values"].trace, timelines)))


@pytest.mark.parametrize("program", SMALL, ids=lambda p: p.name)
def test_a_document_has_nothing_of_what_is_asked_until_it_is_answered(program: Any) -> None:
    timelines = default_timelines(adviz.trace(program.function, *program.points[0]))
    asking = Asking(timelines, "auto", "reverse")
    for record in asking.records["reverse"]:
        content = json.loads(shown(asking, timelines))
        numbers = content["timelines"]["reverse"]["steps"]["number"]
        assert numbers[record.question.step - 1 :] == [None] * (len(numbers) - record.question.step + 1)
        assert None not in numbers[: record.question.step - 1]
        assert set(content["timelines"]["reverse"]["result"]) == {None}
        asking.show("reverse", record.question.name)
    assert None not in json.loads(shown(asking, timelines))["timelines"]["reverse"]["steps"]["number"]


def test_the_right_answer_of_every_question_is_no_rounding_of_a_slip() -> None:
    for timeline in (reverse(), forward(1, 0), sine()):
        made = {mutant: run(timeline, mutant).cells for mutant in MUTANTS}
        for asked in questions(timeline):
            accepted = sealed._roundings(asked.answer)
            slips = sealed._slips(asked, accepted, made)
            assert accepted.isdisjoint(slips)
            assert sealed.rounded(float(f"{asked.answer:.4g}")) in accepted
            assert all(right(float(key), asked.answer) for key in accepted)
            for mutant in MUTANTS:
                for u in made[mutant].get(asked.cell, ()):
                    assert sealed.rounded(u) in accepted | slips.keys()


def test_an_open_question_is_a_question_of_its_timeline_alone() -> None:
    asking = Asking(default_timelines(adviz.trace(f, 2.0, 5.0)), "auto", "reverse")
    asking.answer("reverse", "v0.accumulate", "1.716")  # not the open one
    asking.answer("sideways", "v5.seed", "1")
    asking.hint("reverse", "v9.seed")
    waiting = asking.open("reverse")
    assert waiting is not None
    assert (waiting.question.name, waiting.state, waiting.hints) == ("v5.seed", "open", 0)
    assert isinstance(waiting.question, Question)
    assert asking.serial == 3
