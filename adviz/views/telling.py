"""What is said about one step when it is asked for: the question, its hints, and what there was to see when it is answered.

The words are those of the tables and of the steps' own sentences (`words.py`, `narration.py`), with numbers from the timeline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from adviz.readings import Tree
from adviz.sweeps import Accumulate, Contribute, Evaluate, Propagate, Seed
from adviz.texts import joined, listed, text
from adviz.timeline import Timeline
from adviz.views import narration
from adviz.views.formula import Math, operator, row, slot, symbol, times
from adviz.views.math import Lookup, fill, plain
from adviz.views.quantity import written
from adviz.views.words import UNITS, Words, several
from adviz.wengert import Assignment, Constant, Ref

Naming = Callable[[int], dict[str, Any]]  # what a variable is called: an author may have names of their own


def prompt(timeline: Timeline, n: int, naming: Naming = symbol) -> str:
    """The question about step n, in one sentence."""
    words, lookup = _words(timeline, naming), _lookup(timeline)
    match timeline.steps[n - 1]:
        case Evaluate(i, _):
            return text("predict.ask.value", v=_v(words, i), definition=_definition(words, i, lookup))
        case Seed(i, _):
            return text(f"predict.ask.seed.{timeline.mode}", name=_seeded(timeline, n), derivative=_derivative(words, timeline, i))
        case Propagate(i, _):
            return text("predict.ask.tangent", derivative=_dot(words, i), v=_v(words, i), definition=_definition(words, i, lookup))
        case Contribute(j, i, _, _):
            return text("predict.ask.share", u=_v(words, j), v=_v(words, i), definition=_definition(words, i, lookup))
        case Accumulate(j, _):
            key = "predict.ask.sum" if timeline.last_write[j] == n else "predict.ask.partial_sum"
            return text(key, u=_v(words, j), n=len(_arrivals(timeline, j, n)), derivative=_bar(words, j))


def label(timeline: Timeline, n: int, naming: Naming = symbol) -> str:
    """What stands before the field of the answer."""
    words = _words(timeline, naming)
    match timeline.steps[n - 1]:
        case Evaluate(i, _):
            return f"{_v(words, i)} ="
        case Contribute(j, i, _, _):
            return text("predict.share_label", u=_v(words, j), v=_v(words, i))
        case step:
            return f"{_derivative(words, timeline, step.index)} ="


def hints(timeline: Timeline, n: int, naming: Naming = symbol) -> tuple[str, str, str]:
    """Which rule it is; the rule with symbols; the rule with numbers. The answer can stand in the last alone."""
    words, lookup = _words(timeline, naming), _lookup(timeline)
    match timeline.steps[n - 1]:
        case Evaluate(i, _):
            a = words.assignment(i)
            symbols, numbers = plain(words.definition(a, words.names(a)), lookup), plain(words.definition(a, words.slots(a)), lookup)
            return text("predict.rule.value"), f"{_v(words, i)} = {symbols}", f"{_v(words, i)} = {numbers}"
        case Seed(i, seed):
            name, derivative = _seeded(timeline, n), _derivative(words, timeline, i)
            return text("predict.rule.seed", name=name), f"{derivative} = ∂{name}/∂{name}", f"{derivative} = {written(seed)}"
        case Propagate(i, _):
            a, dot = words.assignment(i), _dot(words, i)
            symbols, numbers = _sum_of_tangents(words, a, _writers(timeline, n))
            return text("predict.rule.tangent"), f"{dot} = {plain(symbols, lookup)}", f"{dot} = {plain(numbers, lookup)}"
        case Contribute(j, i, k, _):
            a, source = words.assignment(i), _writers(timeline, n)[i]
            symbols = _product(words, a, k, words.symbol(i)["bar"], signed=False)[1]
            numbers = times(slot("step", source), words.partial(a, k), _tight(words, a), signed=False)[1]
            share = text("predict.share_label", u=_v(words, j), v=_v(words, i))
            return text("predict.rule.share"), joined([share, " ", plain(symbols, lookup)]), joined([share, " ", plain(numbers, lookup)])
        case Accumulate(j, _):
            arrivals = _arrivals(timeline, j, n)
            terms = several([_v(words, source) for source, _ in arrivals if source is not None])
            rule = text("predict.rule.sum"), text("predict.rule.sum_of", u=_v(words, j), derivative=_bar(words, j), terms=terms)
            return *rule, f"{_bar(words, j)} = {_added([share for _, share in arrivals])}"


def saw(timeline: Timeline, n: int, naming: Naming = symbol) -> str:
    """What there was to see at step n, in one line."""
    words, lookup, writers = _words(timeline, naming), _lookup(timeline), _writers(timeline, n)
    match timeline.steps[n - 1]:
        case Evaluate(i, _):
            said = narration.evaluate(words, i)["say"]
        case Seed(i, _):
            said = narration.seed(words, timeline.mode, i, _seeded(timeline, n), n)["say"]
        case Propagate(i, _):
            said = narration.propagate(words, i, n, writers)["say"]
        case Contribute(j, i, k, _):
            said = narration.contribute(words, j, i, k, n, writers)["say"]
        case Accumulate(j, total):
            arrivals = _arrivals(timeline, j, n)
            terms = listed([_from(words, source, share) for source, share in arrivals], "predict.saw.and")
            return text("predict.saw.sum", u=_v(words, j), n=len(arrivals), terms=terms, sum=written(total))
    return fill(said[0], said[1:], lookup)


def _words(timeline: Timeline, naming: Naming) -> Words:
    words = Words(timeline.trace)
    words.symbol = cache(naming)
    return words


def _from(words: Words, source: int | None, share: Any) -> str:
    if source is None:
        return text("predict.saw.seed", share=written(share))
    return text("predict.saw.share", share=written(share), v=_v(words, source))


def _arrivals(timeline: Timeline, j: int, n: int) -> list[tuple[int | None, Any]]:
    """What arrived at v_j in the first n steps, and from where; its seed from nowhere."""
    found: list[tuple[int | None, Any]] = []
    for step in timeline.steps[:n]:
        match step:
            case Contribute(i, source, _, share) if i == j:
                found.append((source, share))
            case Seed(i, seed) if i == j and seed != 0:
                found = [(None, seed)]
    return found


def _writers(timeline: Timeline, n: int) -> dict[int, int]:
    """Which of the steps before step n wrote a variable's tangent or adjoint last."""
    return {step.index: m for m, step in enumerate(timeline.steps[: n - 1], 1) if not isinstance(step, Evaluate | Contribute)}


def _sum_of_tangents(words: Words, a: Assignment, writers: dict[int, int]) -> tuple[Math, Math]:
    """Σ v̇_j · ∂φ/∂v_j with symbols, and with the numbers of the operands."""
    symbols: list[Math] = []
    numbers: list[Math] = []
    for k, j in a.active:
        partial = words.partial(a, k)
        number = slot("step", writers[j], tight=bool(numbers))
        named = _product(words, a, k, words.symbol(j)["dot"], signed=True)
        for terms, (sign, term) in ((symbols, named), (numbers, times(number, partial, _tight(words, a), signed=partial in UNITS))):
            terms += [operator(sign), term] if terms or sign == "−" else [term]
    return row(*(symbols or [["mn", "0"]])), row(*(numbers or [["mn", "0"]]))


def _product(words: Words, a: Assignment, k: int, derivative: Math, *, signed: bool) -> tuple[str, Math]:
    """derivative · ∂φ/∂v_j with symbols; a partial that is one number everywhere is not told."""
    partial, operand = words.partial(a, k), a.operands[k]
    if (signed and partial in UNITS) or leaves_of(partial):
        return times(derivative, partial, words.names(a), signed=signed and partial in UNITS)
    assert isinstance(operand, Ref)
    return "+", row(derivative, operator("·"), ["mi", f"∂{_v(words, a.index)}/∂{_v(words, operand.index)}"])


def leaves_of(tree: Tree) -> set[str]:
    """Which of a, b and v a tree depends on."""
    return {tree[0]} & {"a", "b", "v"} | {leaf for part in tree[1:] if isinstance(part, tuple) for leaf in leaves_of(part)}


def _tight(words: Words, a: Assignment) -> dict[Any, Math]:
    """The operands of a row as numbers, negative ones in parentheses."""
    return {key: {**leaf, "tight": True} if isinstance(leaf, dict) else leaf for key, leaf in words.slots(a).items()}


def _added(shares: Sequence[Any]) -> str:
    """ "−0.2837 + 2" """
    first, *others = [written(share) for share in shares]
    return " + ".join([first, *(f"({u})" if u.startswith("−") else u for u in others)])


def _lookup(timeline: Timeline) -> Lookup:
    """What the references of a sentence or a formula mean in a timeline."""
    t = timeline.trace

    def lookup(reference: Sequence[Any]) -> Any:
        match reference:
            case ["value", i]:
                return t.value_of(i)
            case ["partial", i, k]:
                return t.assignments[i - 1].partials[k]
            case ["step", n]:
                return timeline.steps[n - 1][-1]
            case ["operand", i, k]:
                constant = t.assignments[i - 1].operands[k]
                assert isinstance(constant, Constant)
                return constant.value
        return reference[1]

    return lookup


def _definition(words: Words, i: int, lookup: Lookup) -> str:
    a = words.assignment(i)
    return words.plain(a.value) if a.row is None else plain(words.definition(a, words.names(a)), lookup)


def _seeded(timeline: Timeline, n: int) -> str:
    """What the seed of step n belongs to."""
    return narration.names_of_seeds(timeline)[n - 1]


def _v(words: Words, i: int) -> str:
    return str(words.symbol(i)["text"])


def _dot(words: Words, i: int) -> str:
    return str(words.symbol(i)["dot_text"])


def _bar(words: Words, i: int) -> str:
    return str(words.symbol(i)["bar_text"])


def _derivative(words: Words, timeline: Timeline, i: int) -> str:
    return _dot(words, i) if timeline.mode == "forward" else _bar(words, i)
