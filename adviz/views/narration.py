"""The steps of a timeline told: one sentence and one equation each, as templates with slots for the numbers."""

from __future__ import annotations

from typing import Any

from adviz.operators import output_names
from adviz.texts import listed, text
from adviz.timeline import Timeline
from adviz.views.formula import Math, operator, row, slot
from adviz.views.words import Words, several
from adviz.wengert import Assignment

EQUALS = operator("=")


def names_of_seeds(timeline: Timeline) -> tuple[str, ...]:
    """What the seeds of a timeline belong to: inputs or outputs."""
    t = timeline.trace
    return {"values": (), "forward": t.parameters, "reverse": output_names(len(t.outputs))}[timeline.mode]


def evaluate(words: Words, i: int) -> dict[str, Any]:
    a, v = words.assignment(i), words.symbol(i)
    names = {"v": v["text"], "value": "{0}"}
    if a.row is None:
        definition = words.plain(a.value)
        return {"say": [text("step.evaluate", definition=definition, **names), ["value", i]], "formula": row(v["math"], EQUALS, slot("value", i))}
    sentence = words.sentence(a)
    if sentence:
        told = text("step.evaluate.array", operands=several(words.in_words(a)), sentence=sentence, **names)
    else:
        told = text("step.evaluate", definition=words.spoken(a), **names)
    return {
        "say": [told, ["value", i]],
        "formula": _equation(v["math"], EQUALS, words.definition(a, words.names(a)), words.substituted(a), slot("value", i)),
    }


def _equation(left: Math, sign: Math, symbols: Math, numbers: Math | None, result: Math) -> Math:
    """left = symbols = numbers = result; the numbers are left out where there are none."""
    return row(left, sign, symbols, *([] if numbers is None else [EQUALS, numbers]), EQUALS, result)


def seed(words: Words, mode: str, i: int, name: str, n: int) -> dict[str, Any]:
    v = words.symbol(i)
    say = [text(f"step.seed.{mode}", v=v["text"], name=name, seed="{0}"), ["step", n]]
    return {"say": say, "formula": row(v["dot" if mode == "forward" else "bar"], EQUALS, slot("step", n))}


def propagate(words: Words, i: int, n: int, written: dict[int, int]) -> dict[str, Any]:
    a, v = words.assignment(i), words.symbol(i)
    pairs = list(a.active)
    if not pairs:
        say: list[Any] = [text("step.propagate.none", v=v["text"], tangent="{0}"), ["step", n]]
        return {"say": say, "formula": row(v["dot"], EQUALS, slot("step", n))}
    if words.is_long(i, *(j for _, j in pairs)) or words.sentence(a):
        terms = [_term(words, a, k, j, t) for t, (k, j) in enumerate(pairs, 1)]
        say = [text("step.propagate.array", v=v["text"], tangent="{0}", terms=listed(terms, "word.then")), ["step", n]]
        say += [["step", written[j]] for _, j in pairs]
    else:
        products = " + ".join(f"{{{2 * t}}} · {{{2 * t + 1}}}" for t in range(len(pairs)))
        references = [r for k, j in pairs for r in (["step", written[j]], ["partial", i, k])]
        say = [text("step.propagate", v=v["text"], terms=products, tangent=f"{{{len(references)}}}"), *references, ["step", n]]
    symbols, numbers = words.tangent_rule(a, written)
    return {"say": say, "formula": _equation(v["dot"], EQUALS, symbols, numbers, slot("step", n))}


def _term(words: Words, a: Assignment, k: int, j: int, n: int) -> str:
    """The tangent of operand k, which is in slot n, and what happens to it."""
    key = "step.propagate.long" if words.is_long(j) else "step.propagate.term"
    return text(key, u=words.symbol(j)["text"], tangent=f"{{{n}}}", how=words.how(a, k, "tangent"))


def contribute(words: Words, j: int, i: int, k: int, n: int, written: dict[int, int]) -> dict[str, Any]:
    v, source, a = words.symbol(j), words.symbol(i), words.assignment(i)
    names = {"v": v["text"], "source": source["text"], "share": "{0}", "adjoint": "{1}"}
    say: list[Any]
    if words.is_long(i, j) or words.sentence(a) or words.is_summed(a, k):
        key = "step.contribute.long" if words.is_long(i) else "step.contribute.array"
        say = [text(key, how=words.how(a, k, "adjoint"), **names), ["step", n], ["step", written[i]]]
    else:
        sentence = text("step.contribute", partial=words.partial_spoken(a, k), number="{2}", **names)
        say = [sentence, ["step", n], ["step", written[i]], ["partial", i, k]]
    symbols, numbers = words.share(i, k, written[i])
    return {"say": say, "formula": _equation(v["bar"], operator("+="), symbols, numbers, slot("step", n))}


def accumulate(words: Words, j: int, share: int, n: int, before: int | None, final: bool) -> dict[str, Any]:
    v = words.symbol(j)
    if before is None:
        key = "step.accumulate.only" if final else "step.accumulate.first"
        return {"say": [text(key, v=v["text"], sum="{0}"), ["step", n]], "formula": row(v["bar"], EQUALS, slot("step", n))}
    added = [slot("step", before), operator("+"), slot("step", share, tight=True)]
    key = "step.accumulate.last" if final else "step.accumulate.more"
    if words.is_long(j):
        formula = row(v["bar"], EQUALS, *added, EQUALS, slot("step", n))
        return {"say": [text(f"{key}.array", v=v["text"], sum="{0}"), ["step", n]], "formula": formula}
    formula = row(v["bar"], EQUALS, row(*added), EQUALS, slot("step", n))
    sentence = text(key, v=v["text"], before="{0}", share="{1}", sum="{2}")
    return {"say": [sentence, ["step", before], ["step", share], ["step", n]], "formula": formula}
