"""Asking: the questions of one trace, what was answered so far, and the document that goes with it.

Nothing here keeps an answer: it is computed when somebody has typed one. What is kept, and shown, is what the learner did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field

from adviz.answers import LONGEST
from adviz.languages import Text, spoken
from adviz.questions import Question, Verdict, mark, name_of, question, questions
from adviz.texts import in_language
from adviz.timeline import Timeline
from adviz.views.formula import symbol
from adviz.views.masked import Document, masked
from adviz.views.telling import Naming

REMEMBERED = 20  # tries of one question
OPEN, RIGHT, SHOWN = "open", "right", "shown"


@dataclass
class Record:
    """One question and what became of it: open, right or shown; what was typed, and what was said to that."""

    question: Question
    state: str = OPEN
    tries: list[str] = field(default_factory=list)
    said: str = ""
    slip: str | None = None
    hints: int = 0  # levels that were asked for

    def take(self, typed: str) -> Verdict:
        """One answer. What is no number is told and not counted."""
        verdict = mark(self.question, typed)
        self.said, self.slip = verdict.sentence, verdict.slip
        if verdict.number is not None:
            self.tries = [*self.tries, typed.strip()[:LONGEST]][-REMEMBERED:]
        if verdict.ok:
            self.state = RIGHT
        return verdict

    def entry(self) -> Document:
        """The question as a document has it (`views/masked.py`): no number that is asked for while it is open."""
        asked = self.question
        cell = asked.cell
        said = in_language(self.said, spoken()) if isinstance(self.said, Text) else self.said
        return {
            "step": asked.step, "name": asked.name, "kind": cell.kind, "index": cell.index, "source": cell.source,
            "operand": cell.operand, "prompt": asked.prompt, "label": asked.label, "state": self.state,
            "tries": list(self.tries), "said": said, "hints": list(asked.hints[: self.hints]) if self.hints else [],
            "saw": "" if self.state == OPEN else asked.saw,
        }  # fmt: skip


class Asking:
    """The questions of the timelines of one trace.

    mode    the one that is looked at first
    ask     as `adviz.questions.questions` takes it; names of questions of one mode leave the other modes unasked
    """

    def __init__(self, timelines: Mapping[str, Timeline], ask: str | Iterable[str] = "auto", mode: str = "values", naming: Naming = symbol) -> None:
        self.timelines = dict(timelines)
        self.serial = 0  # of what was said last, so that the same sentence twice is seen to be said twice
        chosen = ask if isinstance(ask, str) else list(ask)
        found = {each: _asked(timeline, chosen) for each, timeline in self.timelines.items()}
        self.records = {each: [Record(asked._replace(naming=naming)) for asked in own] for each, own in found.items()}
        for name in () if isinstance(chosen, str) else chosen:
            if not any(record.question.name == name for records in self.records.values() for record in records):
                question(self.timelines["reverse"], name)  # says which there are
        self.enter(mode)

    def again(self, mode: str) -> Asking:
        """The same questions, none answered, looked at in that mode first."""
        made = copy(self)
        made.serial, made.records = 0, {each: [Record(record.question) for record in records] for each, records in self.records.items()}
        made.enter(mode)
        return made

    def open(self, mode: str) -> Record | None:
        """The question of a mode that waits for its answer."""
        return next((record for record in self.records.get(mode, ()) if record.state == OPEN), None)

    def enter(self, mode: str) -> bool:
        """A mode is looked at: the derivatives begin from values, so those that were not asked yet are given. Whether anything was."""
        given = [record for record in self.records.get("values", ()) if record.state == OPEN] if mode in ("forward", "reverse") else []
        for record in given:
            record.state = SHOWN
        return bool(given)

    def answer(self, mode: str, name: str, typed: str) -> None:
        """An answer to the open question; to any other nothing is said."""
        record = self._open(mode, name)
        if record is not None:
            record.take(typed)

    def hint(self, mode: str, name: str) -> None:
        """One level more."""
        record = self._open(mode, name)
        if record is not None:
            record.hints = min(record.hints + 1, len(record.question.hints))

    def show(self, mode: str, name: str) -> None:
        """The number without an answer: that is not a wrong one."""
        record = self._open(mode, name)
        if record is not None:
            record.state, record.said = SHOWN, ""

    def _open(self, mode: str, name: str) -> Record | None:
        self.serial += 1
        record = self.open(mode)
        return record if record is not None and record.question.name == name else None

    def document(self, whole: Document) -> Document:
        """The document of this trace without the numbers that are asked for."""
        found = {mode: self.open(mode) for mode in self.timelines}
        hidden = {mode: record.question.step for mode, record in found.items() if record is not None}
        asked = {mode: [record.entry() for record in records] for mode, records in self.records.items()}
        return masked(whole, self.timelines, hidden) | {"asked": {"serial": self.serial, **asked}}


def _asked(timeline: Timeline, ask: str | list[str]) -> Iterable[Question]:
    """The questions of one mode; of names those that it has."""
    if isinstance(ask, str):
        return questions(timeline, ask)
    known = {name_of(timeline, n) for n in range(1, len(timeline.steps) + 1)}
    return questions(timeline, [name for name in ask if name in known])
