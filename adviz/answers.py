"""Answers: what a learner typed as a number, and whether it is right.

An answer is read by the parser of formulas: it has numbers, pi, e, + - * / ^, parentheses and the functions below, whose single number may
stand without parentheses (`ln 2`). `static/answers.js` reads the same answers for a page without Python; one corpus holds the two together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from adviz.errors import FormulaError
from adviz.formulas import callable_rows
from adviz.languages import said_by
from adviz.mutants import agrees
from adviz.parse import Formula, Operation, Reader, Value
from adviz.readings import CONSTANTS
from adviz.recording import elemental
from adviz.running import kind
from adviz.texts import text
from adviz.tokens import Token, brief, normal, shown, tokens

LONGEST = 200  # characters
DIGITS = 3  # that an answer is right to, as the tables are written
FUNCTIONS = (
    "sin", "cos", "tan", "asin", "acos", "atan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "exp", "ln", "log", "log2", "log10", "sqrt",
    "cbrt", "abs", "hypot",
)  # fmt: skip
WORDS = {"nan": math.nan, "inf": math.inf, "infinity": math.inf, "∞": math.inf}
COMMA = re.compile(r"[0-9０-９][ \u3000]*[,，][ \u3000]*[0-9０-９]")


class Read(NamedTuple):
    """An answer that was read: its number, or the sentence that says why there is none."""

    number: float | None
    problem: str = ""


def read(typed: str) -> float:
    """The number that was typed: `5.5`, `11/2`, `2-cos(5)`, `ln 2`, `－１．５`, `inf`, `nan`. FormulaError for anything else.

    >>> read("11/2"), read("ln 2"), read("－１．５")
    (5.5, 0.6931471805599453, -1.5)
    >>> read("5,5")
    Traceback (most recent call last):
    adviz.errors.FormulaError: Write a decimal point, not a comma: 2.5.
    """
    if not isinstance(typed, str):
        raise FormulaError(text("answer.kind", kind=brief(shown(kind(typed)), 60)))
    if len(typed) > LONGEST:
        raise FormulaError(text("answer.long", limit=LONGEST, count=len(typed)))
    if not typed.strip():
        raise FormulaError(text("answer.empty"))
    sign, word = _signed_word(typed)
    if word in WORDS:
        return sign * WORDS[word]
    try:
        return _computed(_parsed(typed))
    except FormulaError:
        if COMMA.search(typed):
            raise FormulaError(text("answer.comma")) from None
        raise


def attempt(typed: str) -> Read:
    """The same with the sentence in place of the error."""
    try:
        return Read(read(typed))
    except FormulaError as error:
        return Read(None, said_by(error))


def right(number: float, answer: float, digits: int = DIGITS) -> bool:
    """|a − b| ≤ 5·10⁻ᵈ · max(|b|, 1): right to d digits; nan is right where the answer is nan.

    >>> right(1.716, 1.716338), right(1.7, 1.716338), right(math.nan, math.nan)
    (True, False, True)
    """
    return math.isnan(number) if math.isnan(answer) else agrees(number, answer, digits)


def _signed_word(typed: str) -> tuple[float, str]:
    word = typed.strip().lower()
    return (-1.0, word[1:].strip()) if word[:1] in ("-", "−", "－") else (1.0, word[word[:1] in ("+", "＋") :].strip())


def _parsed(typed: str) -> Formula:
    rows = callable_rows()
    formula = normal(typed)
    reader = Reader(formula, {name: rows[name] for name in FUNCTIONS}, None)
    for token in _applied(tokens(formula)):
        reader.take(token)
    if reader.variables:
        raise FormulaError(text("answer.names", names=brief(", ".join(reader.variables), 60)))
    return Formula(formula, (), tuple(reader.operations), reader.operands[-1].value)


def _applied(found: Iterator[Token]) -> Iterator[Token]:
    """`ln 2` as ln(2): a function before a number takes it, and nothing else. FormulaError where a power follows, which may be of either."""
    waiting: Token | None = None  # a function before what may be its number
    applied: Token | None = None  # that function, just after its number
    for token in found:
        if applied is not None and token.text == "**":
            raise FormulaError(text("answer.power", function=applied.text))
        applied = None
        if waiting is not None and (token.kind == "number" or token.text in CONSTANTS):
            yield Token("call", f"{waiting.text}(", waiting.start, waiting.end)
            yield token
            yield Token("operator", ")", token.start, token.end)
            waiting, applied = None, waiting
            continue
        if waiting is not None:
            yield waiting
            waiting = None
        if token.kind == "name" and token.text in FUNCTIONS:
            waiting = token
        else:
            yield token


def _computed(formula: Formula) -> float:
    """The operations one after the other, on floats."""
    results: list[float] = []

    def value(u: Value) -> float:
        return results[u] if isinstance(u, int) else float(u)

    def result(o: Operation) -> float:
        return float(elemental(o.row)(*map(value, o.operands)))

    for operation in formula.operations:
        results.append(result(operation))
    return value(formula.result)
