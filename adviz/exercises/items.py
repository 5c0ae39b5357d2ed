"""Items: the single things that an exercise asks, each with its verdict, its slips, its hints and its answer.

An item computes its answer when it is needed. Most are questions about a step of a timeline (`adviz.questions`); the others are here: a number
that no table has, a choice between words, a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

from adviz.answers import DIGITS, LONGEST, attempt, right
from adviz.languages import said_by
from adviz.questions import Question, Verdict, mark
from adviz.running import kind
from adviz.texts import listed, text
from adviz.tokens import normal
from adviz.views.quantity import written


class Item(NamedTuple):
    """One thing that is asked.

    name      stable: what an answer is given to, and what a result line calls it
    label     what stands before the answer
    marked    the verdict on what was typed; text or a number
    answer    the answer as it is written in a table
    saw       one line for afterwards; it contains the answer
    """

    name: str
    label: str
    prompt: str
    hints: Sequence[str]
    marked: Callable[[Any], Verdict]
    answer: Callable[[], str]
    saw: Callable[[], str]


def of_question(question: Question, digits: int = DIGITS) -> Item:
    """A step of a timeline."""

    def marked(given: Any) -> Verdict:
        typed, problem = taken(given)
        if problem is not None:
            return Verdict(False, None, problem, question.hints, None)
        return mark(question, typed, digits=digits)

    return Item(
        question.name, question.label, question.prompt, question.hints, marked, lambda: written(question.answer), lambda: question.saw
    )


def taken(given: Any) -> tuple[str | float, str | None]:
    """An answer as text or float; the sentence that says why it is neither.

    >>> taken("5.5"), taken(2)
    (('5.5', None), (2.0, None))
    """
    if isinstance(given, str):
        return given, None
    if isinstance(given, Real):
        try:
            return float(given), None
        except (OverflowError, ValueError):
            pass
    return "", text("answer.kind", kind=kind(given))


def number_item(
    name: str, label: str, prompt: str, hints: Sequence[str], answer: Callable[[], float], slips: Callable[[], Mapping[str, float]] = dict,
    digits: int = DIGITS,
) -> Item:  # fmt: skip
    """A number that no table has; `slips` gives wrong numbers by the key of the sentence that says what was mistaken."""

    def marked(given: Any) -> Verdict:
        typed, problem = taken(given)
        number, problem = (None, problem) if problem is not None else attempt(typed) if isinstance(typed, str) else (typed, "")
        three = _three(hints)
        if number is None:
            return Verdict(False, None, problem or "", three, None)
        if right(number, answer(), digits):
            return Verdict(True, None, text("predict.right"), three, number)
        slip = next((key for key, wrong in slips().items() if right(number, wrong, digits)), None)
        return Verdict(False, None, text("predict.again", sentence=text(slip or _otherwise(number, answer(), digits))), three, number)

    return Item(name, label, prompt, hints, marked, lambda: written(answer()), lambda: text("exercise.is", label=label, answer=written(answer())))


def _otherwise(number: float, answer: float, digits: int) -> str:
    if right(-number, answer, digits):
        return "predict.sign"
    return "predict.nearly" if right(number, answer, digits - 1) else "predict.unknown"


def choice_item(name: str, label: str, prompt: str, hints: Sequence[str], options: Sequence[str], answer: Callable[[], Sequence[str]]) -> Item:
    """A word out of `options`; `answer` gives those that are right, if several are as good."""

    def marked(given: Any) -> Verdict:
        typed = normal(given).strip().lower() if isinstance(given, str) and len(given) <= LONGEST else ""
        three, known = _three(hints), {option.lower(): option for option in options}
        if typed not in known:
            return Verdict(False, None, text("exercise.options", options=listed(options)), three, None)
        if known[typed] in answer():
            return Verdict(True, None, text("predict.right"), three, 1.0)
        return Verdict(False, None, text("predict.again", sentence=text("exercise.other_option")), three, 0.0)

    either = lambda: " / ".join(answer())  # noqa: E731 - one line, used twice
    return Item(name, label, prompt, hints, marked, either, lambda: text("exercise.is", label=label, answer=either()))


def computed_item(name: str, label: str, prompt: str, hints: Sequence[str], answer: str, verdict: Callable[[str], tuple[bool, str]]) -> Item:
    """An answer that is tried out: a formula, or code. `verdict` says whether it is right and the sentence for it; AdvizError where it is none."""

    def marked(given: Any) -> Verdict:
        from adviz.errors import AdvizError

        three = _three(hints)
        try:
            ok, sentence = verdict(given)
        except AdvizError as error:
            return Verdict(False, None, said_by(error), three, None)
        return Verdict(ok, None, text("predict.right") if ok else text("predict.again", sentence=sentence), three, float(ok))

    return Item(name, label, prompt, hints, marked, lambda: answer, lambda: text("exercise.is", label=label, answer=answer))


def _three(hints: Sequence[str]) -> tuple[str, str, str]:
    return tuple([*hints, *[""] * 3][:3])  # type: ignore[return-value]
