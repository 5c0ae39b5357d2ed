"""The steps of a timeline told: one sentence and one equation each, as templates with slots for the numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from adviz.operators import output_names
from adviz.readings import Tree, parse
from adviz.sweeps import Accumulate, Contribute, Evaluate, Propagate, Seed
from adviz.texts import text
from adviz.timeline import Timeline
from adviz.views.formula import APPLY, Math, notation, operator, parenthesised, row, slot, spoken, symbol, times
from adviz.wengert import Assignment, Ref, Trace

EQUALS = operator("=")
UNITS = (("number", 1.0), ("neg", ("number", 1.0)))  # partials that a sum writes as a sign


class Words:
    """How the variables of one trace are written: symbols, definitions, rules, symbolic and with slots for numbers."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.symbol = cache(symbol)

    def assignment(self, i: int) -> Assignment:
        """The assignment of v_i, i > 0."""
        return self.trace.assignments[i - 1]

    def names(self, a: Assignment) -> dict[str, Math]:
        """The leaves a, b, v of a's row as symbols."""
        leaves = {
            "ab"[k]: self.symbol(u.index)["math"] if isinstance(u, Ref) else slot("number", u.value) for k, u in enumerate(a.operands)
        }
        return leaves | {"v": self.symbol(a.index)["math"]}

    def slots(self, a: Assignment) -> dict[str, Math]:
        """The leaves a, b, v of a's row as places for their numbers."""
        leaves = {"ab"[k]: slot("value", u.index) if isinstance(u, Ref) else slot("number", u.value) for k, u in enumerate(a.operands)}
        return leaves | {"v": slot("value", a.index)}

    def numbers(self, a: Assignment) -> dict[str, Math]:
        """The leaves a, b, v of a's row as the numbers they are, for where other variables cannot be looked up."""
        values = {"ab"[k]: self.trace.value_of(u.index) if isinstance(u, Ref) else u.value for k, u in enumerate(a.operands)}
        return {letter: slot("number", x) for letter, x in (values | {"v": a.value}).items()}

    def in_words(self, a: Assignment) -> dict[str, str]:
        """The leaves a, b, v of a's row for a sentence."""
        leaves = {"ab"[k]: self.symbol(u.index)["text"] if isinstance(u, Ref) else f"{u.value:g}" for k, u in enumerate(a.operands)}
        return leaves | {"v": self.symbol(a.index)["text"]}

    def definition(self, a: Assignment, leaves: dict[str, Math]) -> Math:
        """φ(a, b) with those leaves; where(...) with the way it went."""
        assert a.row is not None
        if a.row.function is np.where:
            taken = ["mi", "true" if a.row.name == "where_true" else "false"]
            return row(["mi", "where"], APPLY, parenthesised(row(taken, operator(","), leaves["a"], operator(","), leaves["b"])))
        return notation(parse(a.row.value), leaves)

    def spoken(self, a: Assignment) -> str:
        """φ(a, b) in words."""
        assert a.row is not None
        return spoken(parse(a.row.value), self.in_words(a))

    def partial(self, a: Assignment, k: int) -> Tree:
        """∂φ/∂ its k-th operand as a tree."""
        assert a.row is not None
        formula = a.row.partials[k]
        return parse(formula) if formula is not None else ("number", 0.0)

    def partial_spoken(self, a: Assignment, k: int) -> str:
        """∂φ/∂ its k-th operand in words; "the partial" where it is only a number."""
        tree = self.partial(a, k)
        return text("spoken.partial") if tree[0] == "number" or tree in UNITS else spoken(tree, self.in_words(a))

    def tangent_rule(self, a: Assignment, written: dict[int, int]) -> tuple[Math, Math]:
        """v̇_i = Σ v̇_j · ∂φ/∂v_j, in symbols and with slots; `written` says which step wrote v̇_j."""
        symbols: list[Math] = []
        numbers: list[Math] = []
        for k, j in a.active:
            partial = self.partial(a, k)
            sign, formula = times(self.symbol(j)["dot"], partial, self.names(a), signed=True)
            symbols += [operator(sign), formula] if symbols or sign == "−" else [formula]
            number: Math = slot("step", written[j], tight=bool(numbers))
            if partial not in UNITS:
                sign, number = "+", row(number, operator("·"), slot("partial", a.index, k, tight=True))
            numbers += [operator(sign), number] if numbers or sign == "−" else [number]
        nothing = ["mn", "0"]
        return row(*(symbols or [nothing])), row(*(numbers or [nothing]))

    def share(self, i: int, k: int, source_step: int) -> tuple[Math, Math]:
        """v̄_i · ∂φ_i/∂v_j, in symbols and with slots; `source_step` is the step that finished v̄_i."""
        a = self.assignment(i)
        formula = times(self.symbol(i)["bar"], self.partial(a, k), self.names(a), signed=False)[1]
        return formula, row(slot("step", source_step), operator("·"), slot("partial", i, k, tight=True))


def told_steps(timeline: Timeline, words: Words) -> Iterator[dict[str, Any]]:
    """The steps of a timeline as the document holds them, each with its sentence and its equation."""
    names = names_of_seeds(timeline)
    written: dict[int, int] = {}  # which step wrote a variable's tangent or adjoint last
    share = 0
    for n, step in enumerate(timeline.steps, 1):
        told: dict[str, Any] = {"kind": type(step).__name__.lower(), "index": step.index, "source": None, "operand": None}
        told["number"] = step.share if isinstance(step, Contribute) else step.value
        told["final"] = isinstance(step, Contribute) or timeline.last_write.get(step.index, n) <= n
        match step:
            case Evaluate(i, _):
                told |= _evaluate(words, i)
            case Seed(i, _):
                told |= _seed(words, timeline.mode, i, names[n - 1], n)
            case Propagate(i, _):
                told |= _propagate(words, i, n, written)
            case Contribute(j, i, k, _):
                share = n
                told |= {"source": i, "operand": k} | _contribute(words, j, i, k, n, written)
            case Accumulate(j, _):
                previous = timeline.steps[share - 1]
                assert isinstance(previous, Contribute)
                told |= {"source": previous.source, "operand": previous.operand}
                told |= _accumulate(words, j, share, n, written.get(j), told["final"])
        if not isinstance(step, Evaluate | Contribute):
            written[step.index] = n
        yield told


def names_of_seeds(timeline: Timeline) -> tuple[str, ...]:
    """What the seeds of a timeline belong to: inputs or outputs."""
    t = timeline.trace
    return {"values": (), "forward": t.parameters, "reverse": output_names(len(t.outputs))}[timeline.mode]


def _evaluate(words: Words, i: int) -> dict[str, Any]:
    a, v = words.assignment(i), words.symbol(i)
    if a.row is None:
        return {
            "say": [text("step.evaluate", v=v["text"], definition=f"{a.value:g}", value="{0}"), ["value", i]],
            "formula": row(v["math"], EQUALS, slot("value", i)),
        }
    say = [text("step.evaluate", v=v["text"], definition=words.spoken(a), value="{0}"), ["value", i]]
    formula = row(v["math"], EQUALS, words.definition(a, words.names(a)), EQUALS, words.definition(a, words.slots(a)), EQUALS, slot("value", i))
    return {"say": say, "formula": formula}


def _seed(words: Words, mode: str, i: int, name: str, n: int) -> dict[str, Any]:
    v = words.symbol(i)
    say = [text(f"step.seed.{mode}", v=v["text"], name=name, seed="{0}"), ["step", n]]
    return {"say": say, "formula": row(v["dot" if mode == "forward" else "bar"], EQUALS, slot("step", n))}


def _propagate(words: Words, i: int, n: int, written: dict[int, int]) -> dict[str, Any]:
    a, v = words.assignment(i), words.symbol(i)
    pairs = list(a.active)
    if not pairs:
        say: list[Any] = [text("step.propagate.none", v=v["text"], tangent="{0}"), ["step", n]]
        return {"say": say, "formula": row(v["dot"], EQUALS, slot("step", n))}
    terms = " + ".join(f"{{{2 * t}}} · {{{2 * t + 1}}}" for t in range(len(pairs)))
    references = [r for k, j in pairs for r in (["step", written[j]], ["partial", i, k])]
    say = [text("step.propagate", v=v["text"], terms=terms, tangent=f"{{{len(references)}}}"), *references, ["step", n]]
    symbols, numbers = words.tangent_rule(a, written)
    return {"say": say, "formula": row(v["dot"], EQUALS, symbols, EQUALS, numbers, EQUALS, slot("step", n))}


def _contribute(words: Words, j: int, i: int, k: int, n: int, written: dict[int, int]) -> dict[str, Any]:
    v, source = words.symbol(j), words.symbol(i)
    partial = words.partial_spoken(words.assignment(i), k)
    sentence = text("step.contribute", v=v["text"], source=source["text"], share="{0}", adjoint="{1}", partial=partial, number="{2}")
    symbols, numbers = words.share(i, k, written[i])
    return {
        "say": [sentence, ["step", n], ["step", written[i]], ["partial", i, k]],
        "formula": row(v["bar"], operator("+="), symbols, EQUALS, numbers, EQUALS, slot("step", n)),
    }


def _accumulate(words: Words, j: int, share: int, n: int, before: int | None, final: bool) -> dict[str, Any]:
    v = words.symbol(j)
    if before is None:
        key = "step.accumulate.only" if final else "step.accumulate.first"
        return {"say": [text(key, v=v["text"], sum="{0}"), ["step", n]], "formula": row(v["bar"], EQUALS, slot("step", n))}
    key = "step.accumulate.last" if final else "step.accumulate.more"
    sentence = text(key, v=v["text"], before="{0}", share="{1}", sum="{2}")
    added = row(slot("step", before), operator("+"), slot("step", share, tight=True))
    return {
        "say": [sentence, ["step", before], ["step", share], ["step", n]],
        "formula": row(v["bar"], EQUALS, added, EQUALS, slot("step", n)),
    }

