"""Questions: which steps of a timeline are worth asking for, and what there is to say about each.

A question is a timeline (a function, a point, a mode) and one of its steps: what is asked for is the cell that the step writes. Its answer is
computed from the timeline whenever it is needed and kept nowhere. `mark` says whether a typed answer is right, else which slip it was.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from adviz.answers import DIGITS, attempt, right
from adviz.errors import BudgetError, InputError
from adviz.mutants import Cell, diagnose, numbers, sentence
from adviz.sweeps import Accumulate, Contribute, Evaluate, Propagate, Seed, Step
from adviz.table import Elementwise
from adviz.texts import text
from adviz.timeline import Timeline
from adviz.views.formula import symbol
from adviz.views.telling import Naming, hints, label, prompt, saw
from adviz.wengert import Ref

LARGEST = 300  # variables of a trace that is asked about
FEWEST, MOST = 4, 6  # questions that "auto" asks of a timeline, where it has as many
SMALL = 0.02  # a smaller answer is as good as 0 to three figures
ASKED = ("auto", "all", "none")


class Verdict(NamedTuple):
    """What an answer is: right or not, which slip it was, one sentence; and the three hints, the number only in the last."""

    ok: bool
    slip: str | None  # a name of mutants.MUTANTS
    sentence: str
    hints: tuple[str, str, str]
    number: float | None  # what was read; None where the text was no number, which is no try


class Question(NamedTuple):
    """What does step n of this timeline write?"""

    timeline: Timeline
    step: int  # 1-based: it is asked when step - 1 steps are done
    importance: int = 2  # 3 a sum over uses, 2 a seed, a product, a function; 1 a sum of one thing; 0 a copy
    naming: Naming = symbol  # what variables are called in its sentences

    @property
    def what(self) -> Step:
        """The step itself."""
        return self.timeline.steps[self.step - 1]

    @property
    def cell(self) -> Cell:
        """What is filled in."""
        return cell_of(self.timeline, self.step)

    @property
    def name(self) -> str:
        """ "v0.accumulate", "v0.share.v3", "v5.seed", "v4.tangent", "v1.value": the question's name in its mode."""
        return name_of(self.timeline, self.step)

    @property
    def answer(self) -> float:
        """The right number."""
        return float(self.what[-1])

    @property
    def prompt(self) -> str:
        """The question in one sentence."""
        return prompt(self.timeline, self.step, self.naming)

    @property
    def label(self) -> str:
        """What stands before the field: "v̄₀ ="."""
        return label(self.timeline, self.step, self.naming)

    @property
    def hints(self) -> tuple[str, str, str]:
        """Which rule; the rule with symbols; the numbers put in."""
        return hints(self.timeline, self.step, self.naming)

    @property
    def saw(self) -> str:
        """What there was to see, in one line; it has the answer."""
        return saw(self.timeline, self.step, self.naming)


def cell_of(timeline: Timeline, n: int) -> Cell:
    """The cell that step n writes."""
    flow = "tangent" if timeline.mode == "forward" else "adjoint"
    match timeline.steps[n - 1]:
        case Evaluate(i, _):
            return Cell("value", i)
        case Contribute(j, i, k, _):
            return Cell("share", j, i, k)
        case Accumulate(j, _) if timeline.last_write[j] != n:
            share = timeline.steps[n - 2]
            assert isinstance(share, Contribute)
            return Cell(flow, j, share.source, share.operand)
        case step:
            return Cell(flow, step.index)


def name_of(timeline: Timeline, n: int) -> str:
    """The name of the question about step n."""
    cell, step = cell_of(timeline, n), timeline.steps[n - 1]
    source = None if cell.source is None else timeline.trace.assignments[cell.source - 1]
    twice = source is not None and sum(isinstance(u, Ref) and u.index == cell.index for u in source.operands) > 1
    of = "" if cell.source is None else f".v{cell.source}" + (f".{cell.operand}" if twice else "")
    again = sum(isinstance(other, Seed) and other.index == step.index for other in timeline.steps[: n - 1]) if isinstance(step, Seed) else 0
    of += f".{again}" if again else ""  # an output that is named twice
    word = {Evaluate: "value", Seed: "seed", Propagate: "tangent", Contribute: "share", Accumulate: "accumulate"}[type(step)]
    return f"v{cell.index}.{word}{of}"


def mark(question: Question, typed: str | float, *, digits: int = DIGITS) -> Verdict:
    """Whether an answer is right: |a − b| ≤ 5·10⁻ᵈ · max(|b|, 1); if not, which slip gives it.

    >>> from adviz import reverse
    >>> asked = question(reverse(lambda x1, x2: x1 * x2 + x1, 2.0, 5.0), "v-1.accumulate")
    >>> mark(asked, "5 + 1").ok, mark(asked, "5").slip
    (True, 'overwrite')
    """
    number, problem = attempt(typed) if isinstance(typed, str) else (float(typed), "")
    if number is None:
        return Verdict(False, None, problem, question.hints, None)
    if right(number, question.answer, digits):
        return Verdict(True, None, text("predict.right"), question.hints, number)
    slips = diagnose(question.timeline, question.cell, number, digits=digits)
    if slips:
        return Verdict(False, slips[0], text("predict.again", sentence=sentence(slips[0])), question.hints, number)
    return Verdict(False, None, text("predict.again", sentence=text(_other(number, question.answer, digits))), question.hints, number)


def _other(number: float, answer: float, digits: int) -> str:
    """What can be said of a number that no known slip gives."""
    if right(-number, answer, digits):
        return "predict.sign"
    return "predict.nearly" if right(number, answer, digits - 1) else "predict.unknown"


def question(timeline: Timeline, name: str) -> Question:
    """The question of that name. InputError where the timeline has none."""
    return questions(timeline, [name])[0]


def questions(timeline: Timeline, ask: str | Iterable[str] = "auto") -> tuple[Question, ...]:
    """The decisive steps of a timeline, in order.

    ask     "auto": 4 to 6 of them, sums over several uses first, then seeds, then products and functions; "all": every step that computes
            something; "none"; or the names of questions, ["v0.accumulate", "v0.share.v3"]

    UnsupportedError for a trace of arrays, BudgetError for one of more than LARGEST variables, InputError for a name that there is not.

    >>> from adviz import reverse
    >>> [asked.name for asked in questions(reverse(lambda x: x * x + x, 3.0))]
    ['v2.seed', 'v0.share.v1.0', 'v0.share.v1.1', 'v0.accumulate']
    """
    if not isinstance(ask, str):
        return _named(timeline, list(ask))
    if ask not in ASKED:
        raise InputError(text("predict.ask", ask=repr(ask)[:60]))
    found = [] if ask == "none" else [Question(timeline, n, importance(timeline, n)) for n in range(1, len(_checked(timeline).steps) + 1)]
    found = [asked for asked in found if asked.importance > 0]
    return tuple(found if ask == "all" else _chosen(found))


def _checked(timeline: Timeline) -> Timeline:
    if timeline.trace.size > LARGEST:
        raise BudgetError(text("predict.large", count=f"{timeline.trace.size:,}", limit=LARGEST))
    numbers(timeline)  # refuses what mutants cannot be made of
    return timeline


def _named(timeline: Timeline, names: Sequence[str]) -> tuple[Question, ...]:
    known = {name_of(timeline, n): n for n in range(1, len(_checked(timeline).steps) + 1)}
    for name in names:
        if name not in known:
            raise InputError(text("predict.no_question", name=repr(name)[:60], names=", ".join(known)[:200]))
    return tuple(Question(timeline, n, importance(timeline, n)) for n in sorted({known[name] for name in names}))


def _chosen(found: Sequence[Question]) -> list[Question]:
    """The most important ones; among equals those whose answer is not on the screen already, then the first."""
    best = sorted(found, key=lambda asked: (-asked.importance, not isinstance(asked.what, Seed), asked.answer in _seen(asked), asked.step))
    kept = [asked for n, asked in enumerate(best) if asked.importance >= 2 and n < MOST or n < FEWEST]
    return sorted(kept, key=lambda asked: asked.step)


def _seen(asked: Question) -> set[float]:
    """The numbers that are known before the step."""
    frame = asked.timeline.frame(asked.step - 1)
    return {float(u) for known in (frame.values, frame.tangents, frame.adjoints) for u in known.values()}


def importance(timeline: Timeline, n: int) -> int:
    """How much there is to learn from step n, 0 to 3."""
    step = timeline.steps[n - 1]
    answer = float(step[-1])
    if not math.isfinite(answer) or 0 < abs(answer) < SMALL:
        return 0
    match step:
        case Seed(_, seed):
            return 2 if seed == 1 and np.count_nonzero(timeline.seed or ()) == 1 else 0
        case Accumulate(j, _):
            shares = sum(isinstance(s, Contribute) and s.index == j for s in timeline.steps)
            return (3 if timeline.last_write[j] == n else 1) if shares > 1 and isinstance(timeline.steps[n - 2], Contribute) else 0
        case Contribute(_, i, k, _):
            return _rank(timeline, i, [k])
        case Propagate(i, _):
            tangents = timeline.frame(n - 1).tangents
            rank = _rank(timeline, i, [k for k, j in (timeline.trace.assignments[i - 1].active if i > 0 else ()) if tangents.get(j)])
            return max(rank, 2) if i in timeline.trace.outputs else rank  # the derivative itself
        case Evaluate(i, _):
            return _rank_of_value(timeline, i)


def _rank(timeline: Timeline, i: int, operands: Sequence[int]) -> int:
    """Of a sum of derivatives 3, of one times a partial that depends on the point 2, of one with its sign turned 1, of a copy 0."""
    if len(operands) > 1:
        return 3
    row = timeline.trace.assignments[i - 1].row if i > 0 else None
    if not operands or not isinstance(row, Elementwise):
        return 0
    return {"1": 0, "-1": 1}.get(str(row.partials[operands[0]]).replace(" ", ""), 2)


def _rank_of_value(timeline: Timeline, i: int) -> int:
    a = timeline.trace.assignments[i - 1]
    if not isinstance(a.row, Elementwise):
        return 0
    return 1 if timeline.mode != "values" or a.row.value in ("a + b", "a - b", "-a") and i not in timeline.trace.outputs else 2
