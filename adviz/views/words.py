"""How the variables of one trace are written: symbols, definitions, rules, symbolic and with slots for numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Any

import numpy as np

from adviz.readings import Tree, parse, signed
from adviz.structural import Structural
from adviz.table import Elementwise
from adviz.texts import listed, text
from adviz.views.formula import APPLY, Math, notation, operator, parenthesised, row, slot, spoken, symbol, times
from adviz.views.operations import SHOWN, Operation
from adviz.views.quantity import FEW, LARGEST, encoded, told
from adviz.wengert import Assignment, Constant, Ref, Trace

UNITS = (("number", 1.0), ("neg", ("number", 1.0)))  # partials that a sum writes as a sign
ENTRIES = 200_000  # of all arrays of a document together: about 4 MB
FOLDED = (LARGEST, 100, 16, FEW)  # the sizes up to which arrays are whole: the first with which they are no more

Leaves = dict[Any, Math]  # the operands of a row: "a" and "b" of an elementwise one, else 0, 1, ...; and its value, "v"


class Words:
    """How the variables of one trace are written: symbols, definitions, rules, symbolic and with slots for numbers."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.symbol = cache(symbol)

    def assignment(self, i: int) -> Assignment:
        """The assignment of v_i, i > 0."""
        return self.trace.assignment(i)

    @cached_property
    def largest(self) -> int:
        """How many entries an array may have that stands in the document as a whole."""
        copies = list(_copies(self.trace))
        return next((n for n in FOLDED if sum(times * (size if size <= n else FEW) for size, times in copies) <= ENTRIES), FEW)

    def encoded(self, x: Any) -> Any:
        """A number or an array for the document."""
        return encoded(x, self.largest if isinstance(x, np.ndarray) else LARGEST)

    def is_long(self, *indices: int) -> bool:
        """Whether one of these variables has more entries than stand in a line."""
        return any(np.size(self.trace.value_of(i)) > FEW for i in indices)

    def plain(self, x: Any) -> str:
        """A constant in a sentence."""
        return told(x) if isinstance(x, np.ndarray) else f"{x:g}"

    def _leaves(self, a: Assignment, written: Sequence[Math], v: Math) -> Leaves:
        keys = range(len(written)) if isinstance(a.row, Structural) else "ab"
        return dict(zip(keys, written, strict=False)) | {"v": v}

    def constant(self, a: Assignment, k: int) -> Math:
        """The place of a constant operand: its number, or where an array is to be found."""
        u = a.operands[k]
        assert isinstance(u, Constant)
        return slot("operand", a.index, k) if isinstance(u.value, np.ndarray) else slot("number", u.value)

    def names(self, a: Assignment) -> Leaves:
        """The operands and the value of a's row as symbols."""
        operands = [self.symbol(u.index)["math"] if isinstance(u, Ref) else self.constant(a, k) for k, u in enumerate(a.operands)]
        return self._leaves(a, operands, self.symbol(a.index)["math"])

    def slots(self, a: Assignment) -> Leaves:
        """The operands and the value of a's row as places for their numbers."""
        operands = [slot("value", u.index) if isinstance(u, Ref) else self.constant(a, k) for k, u in enumerate(a.operands)]
        return self._leaves(a, operands, slot("value", a.index))

    def numbers(self, a: Assignment) -> Leaves:
        """The operands and the value of a's row as the numbers they are, for where other variables cannot be looked up."""
        operands = [slot("number", self.trace.value_of(u.index) if isinstance(u, Ref) else u.value) for u in a.operands]
        return self._leaves(a, operands, slot("number", a.value))

    def in_words(self, a: Assignment) -> list[str]:
        """The operands of a's row for a sentence."""
        return [self.symbol(u.index)["text"] if isinstance(u, Ref) else self.plain(u.value) for u in a.operands]

    def _spoken(self, a: Assignment, tree: Tree) -> str:
        return spoken(tree, dict(zip("ab", self.in_words(a), strict=False)) | {"v": self.symbol(a.index)["text"]})

    def operation(self, a: Assignment) -> Operation:
        """The use that an assignment makes of an array operation."""
        assert isinstance(a.row, Structural)
        shapes = tuple(np.shape(self.trace.value_of(u.index) if isinstance(u, Ref) else u.value) for u in a.operands)
        return Operation(a.row, a.parameters, shapes, np.shape(a.value))

    def definition(self, a: Assignment, leaves: Leaves) -> Math:
        """φ(a, b) with those leaves; where(...) with the way it went."""
        if isinstance(a.row, Structural):
            return self.operation(a).notation([leaves[k] for k in range(len(a.operands))])
        assert a.row is not None
        if a.row.function is np.where:
            taken = ["mi", "true" if a.row.name == "where_true" else "false"]
            return row(["mi", "where"], APPLY, parenthesised(row(taken, operator(","), leaves["a"], operator(","), leaves["b"])))
        return notation(parse(a.row.value), leaves)

    def substituted(self, a: Assignment, leaves: Leaves | None = None) -> Math | None:
        """φ(a, b) with its numbers; None where an operand has more entries than stand in a line."""
        operands = [self.trace.value_of(u.index) if isinstance(u, Ref) else u.value for u in a.operands]
        return None if any(np.size(u) > FEW for u in operands) else self.definition(a, leaves or self.slots(a))

    def sentence(self, a: Assignment) -> str:
        """What an array operation does: "sum over axis 0"; "" for any other."""
        return a.row.sentence(a.value, dict(a.parameters)) if isinstance(a.row, Structural) else ""

    def spoken(self, a: Assignment) -> str:
        """φ(a, b) in words."""
        if isinstance(a.row, Structural):
            return text("spoken.operation", sentence=self.sentence(a), operands=several(self.in_words(a)))
        assert a.row is not None
        return self._spoken(a, parse(a.row.value))

    def partial(self, a: Assignment, k: int) -> Tree:
        """∂φ/∂ its k-th operand as a tree."""
        assert isinstance(a.row, Elementwise)
        formula = a.row.partials[k]
        return signed(parse(formula)) if formula is not None else ("number", 0.0)

    def partial_spoken(self, a: Assignment, k: int) -> str:
        """∂φ/∂ its k-th operand in words; "the partial" where it is only a number."""
        tree = self.partial(a, k)
        return text("spoken.partial") if tree[0] == "number" or tree in UNITS else self._spoken(a, tree)

    def how(self, a: Assignment, k: int, flow: str) -> str:
        """What the map of operand k does with a tangent or an adjoint, in words."""
        if isinstance(a.row, Structural):
            return self.operation(a).phrase(flow, k, self.in_words(a), self.symbol(a.index)["text"])
        tree = self.partial(a, k)
        how = text("step.propagate.entries", partial={UNITS[0]: "1", UNITS[1]: "−1"}.get(tree) or self.partial_spoken(a, k))
        operand = a.operands[k]
        assert isinstance(operand, Ref)
        return text("step.contribute.summed", how=how, v=self.symbol(operand.index)["text"]) if flow == "adjoint" and self.is_summed(a, k) else how

    def is_summed(self, a: Assignment, k: int) -> bool:
        """Whether the k-th operand was repeated to the shape of the value, so that its share is a sum."""
        u = a.operands[k]
        return isinstance(a.row, Elementwise) and isinstance(u, Ref) and np.shape(self.trace.value_of(u.index)) != np.shape(a.value)

    def tangent_rule(self, a: Assignment, written: Mapping[int, int]) -> tuple[Math, Math | None]:
        """v̇_i = Σ v̇_j · ∂φ_i/∂v_j, in symbols and with slots; `written` says which step wrote v̇_j."""
        if isinstance(a.row, Structural):
            return self._tangent_terms(a), None
        symbols: list[Math] = []
        numbers: list[Math] = []
        for k, j in a.active:
            partial = self.partial(a, k)
            sign, formula = times(self.symbol(j)["dot"], partial, self.names(a), signed=True)
            symbols += [operator(sign), formula] if symbols or sign == "−" else [formula]
            number: Math = slot("step", written[j], tight=bool(numbers) or sign == "−")
            if partial not in UNITS:
                sign, number = "+", row(number, operator("·"), slot("partial", a.index, k, tight=True))
            numbers += [operator(sign), number] if numbers or sign == "−" else [number]
        nothing = ["mn", "0"]
        long = self.is_long(a.index)
        return row(*(symbols or [nothing])), None if long else row(*(numbers or [nothing]))

    def _tangent_terms(self, a: Assignment) -> Math:
        leaves = self.names(a)
        dots = {k: self.symbol(j)["dot"] for k, j in a.active}
        terms = self.operation(a).tangents([leaves[k] for k in range(len(a.operands))], dots, lambda k: self.how(a, k, "tangent"))
        return row(*[part for term in terms for part in (operator("+"), term)][1:])

    def share(self, i: int, k: int, source_step: int) -> tuple[Math, Math | None]:
        """v̄_i · ∂φ_i/∂v_j, in symbols and with slots; `source_step` is the step that finished v̄_i."""
        a = self.assignment(i)
        leaves = self.names(a)
        if isinstance(a.row, Structural):
            operands = [leaves[m] for m in range(len(a.operands))]
            return self.operation(a).share(k, self.symbol(i)["bar"], operands, leaves["v"], self.how(a, k, "adjoint")), None
        formula = times(self.symbol(i)["bar"], self.partial(a, k), leaves, signed=False)[1]
        numbers = row(slot("step", source_step), operator("·"), slot("partial", i, k, tight=True))
        if self.is_summed(a, k):
            formula, numbers = (row(operator("Σ"), parenthesised(math)) for math in (formula, numbers))
        return formula, None if self.is_long(i) else numbers


def several(names: Sequence[str]) -> str:
    """ "v₁", "v₁ and v₂", "v₁, v₂ and v₃"; of many the first and the last"""
    *first, last = names
    first = first if len(first) < SHOWN else [*first[: SHOWN - 1], "…"]
    return text("word.with", first=listed(first), second=last) if first else last


def _copies(trace: Trace) -> list[tuple[int, int]]:
    """(size, how often it stands in a document) of the arrays of a trace, about: values, constants, partials, and a number for each step."""
    found = [(np.size(trace.value_of(i)), 6) for i in (*trace.inputs, *(a.index for a in trace.assignments))]
    for a in trace.assignments:
        found.append((np.size(a.value), len(a.operands) if isinstance(a.row, Elementwise) else 0))
        found += [(np.size(u.value if isinstance(u, Constant) else trace.value_of(u.index)), 2) for u in a.operands]
    return [(size, times) for size, times in found if size > FEW]
