"""From tokens to operations, without recursion: Dijkstra's shunting yard over the functions of the table.

The text never becomes code: what comes out is a list of operations that name rows of the table. The grammar is Python's arithmetic,

    sum      product (("+" | "-") product)*          product  signed (("*" | "/" | "//" | "%") signed)*
    signed   ("+" | "-")* power                      power    atom (("**" | "^") signed)?
    atom     number | variable | pi | e | "(" sum ")" | function "(" sum ("," sum)* ")"

so -x^2 is -(x^2), 2^3^2 is 2^(3^2), and 2x must be written 2*x.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from typing import NamedTuple

from adviz.errors import FormulaError
from adviz.readings import CONSTANTS
from adviz.texts import counted
from adviz.tokens import Token, brief, normal, refusal, tokens, why_no_name

NESTING = 100  # parentheses
SIGNS = {"+": "positive", "-": "negative"}
# fmt: off
BINARY = {  # operator: its row, how strongly it binds
    "+": ("add", 1), "-": ("subtract", 1),
    "*": ("multiply", 2), "/": ("divide", 2), "//": ("floor_divide", 2), "%": ("remainder", 2),
    "**": ("power", 4),
}
# fmt: on
OPENING, LOOSEST, SIGN, POWER = 0, 1, 3, 4

Value = str | float | int  # a variable by its name, a number, or (an int) the result of that operation


class Function(NamedTuple):
    """A function that a formula may call: the name of its row and how many arguments it takes."""

    row: str
    arguments: int


class Operation(NamedTuple):
    """w_k = φ(u, ...): a row of the table, its operands, and text[start:end], where the learner wrote it."""

    row: str
    operands: tuple[Value, ...]
    start: int
    end: int


class Formula(NamedTuple):
    """A formula that was read: operations w_0, w_1, ... in the order of evaluation, each operand computed before it is used."""

    text: str
    variables: tuple[str, ...]
    operations: tuple[Operation, ...]
    result: Value


def read(typed: str, functions: Mapping[str, Function], variables: tuple[str, ...] | None = None) -> Formula:
    """The operations of a formula. Its variables are `variables`, by default in the order of their appearance.

    FormulaError for everything that is not a formula, with the column and a caret.

    >>> read("2*x - y", {}).operations
    (Operation(row='multiply', operands=(2.0, 'x'), start=0, end=3), Operation(row='subtract', operands=(0, 'y'), start=0, end=7))
    """
    formula = normal(typed)
    reader = Reader(formula, functions, variables)
    for token in tokens(formula):
        reader.take(token)
    return Formula(formula, tuple(reader.variables), tuple(reader.operations), reader.operands[-1].value)


class Operand(NamedTuple):
    """A value that was read, and the stretch of the text it takes, its parentheses included."""

    value: Value
    start: int
    end: int


class Pending(NamedTuple):
    """An operator, or an opening parenthesis, that waits for the rest of its operands."""

    row: str | None  # None for a parenthesis that calls nothing
    binds: int
    token: Token
    before: int  # how many operands stood before its own


class Reader:
    """The shunting yard: operands that were read, operators that wait, operations that are complete."""

    def __init__(self, formula: str, functions: Mapping[str, Function], variables: tuple[str, ...] | None) -> None:
        self.formula, self.functions, self.declared = formula, functions, variables is not None
        self.variables: dict[str, None] = dict.fromkeys(variables or ())
        self.operations: list[Operation] = []
        self.operands: list[Operand] = []
        self.pending: list[Pending] = []
        self.depth = 0
        self.last = Token("start", "", 0, 0)
        self.complete = False  # whether an operand could end here

    def take(self, token: Token) -> None:
        """Read one token more."""
        if token.kind in ("name", "call"):
            self._check_name(token)
        if self.complete:
            self._after_an_operand(token)
        else:
            self._at_an_operand(token)
        self.last = token

    def _at_an_operand(self, token: Token) -> None:
        match token.kind, token.text:
            case "number", digits:
                self._operand(float(digits), token)
            case "name", name:
                self._operand(self._named(name, token), token)
            case ("call", _) | ("operator", "("):
                self._open(token)
            case "operator", sign if sign in SIGNS:
                self.pending.append(Pending(SIGNS[sign], SIGN, token, len(self.operands)))
            case _:
                raise self._nothing_before(token)

    def _after_an_operand(self, token: Token) -> None:
        match token.kind, token.text:
            case "end", _:
                self._apply_down_to(LOOSEST)
                if self.pending:
                    raise self._refusal(self.pending[-1].token.end - 1, "formula.unclosed")
            case "operator", ")":
                self._close(token)
            case "operator", ",":
                self._comma(token)
            case "operator", symbol if symbol in BINARY:
                row, binds = BINARY[symbol]
                self._apply_down_to(binds + (binds == POWER))  # in 2^3^2 the first power waits for the second
                self.pending.append(Pending(row, binds, token, len(self.operands) - 1))
                self.complete = False
            case _:
                raise self._juxtaposed(token)

    def _operand(self, value: Value, token: Token) -> None:
        self.operands.append(Operand(value, token.start, token.end))
        self.complete = True

    def _open(self, token: Token) -> None:
        self.depth += 1
        if self.depth > NESTING:
            raise self._refusal(token.end - 1, "formula.nested", limit=NESTING)
        row = self.functions[token.name].row if token.kind == "call" else None
        self.pending.append(Pending(row, OPENING, token, len(self.operands)))

    def _close(self, token: Token) -> None:
        self._apply_down_to(LOOSEST)
        if not self.pending:
            raise self._refusal(token.start, "formula.unopened")
        opening = self.pending.pop()
        self.depth -= 1
        if opening.row is None:
            self.operands[-1] = self.operands[-1]._replace(start=opening.token.start, end=token.end)
            return
        wanted, given = self.functions[opening.token.name].arguments, len(self.operands) - opening.before
        if given != wanted:
            raise self._wrong_count(opening.token, wanted, given)
        self._apply(opening, opening.token.start, token.end)

    def _comma(self, token: Token) -> None:
        self._apply_down_to(LOOSEST)
        if not self.pending or self.pending[-1].row is None:
            raise self._refusal(token.start, "formula.comma")
        self.complete = False

    def _apply_down_to(self, binds: int) -> None:
        """Operators that wait and bind at least that strongly have all their operands now."""
        while self.pending and self.pending[-1].binds >= binds:
            operator = self.pending.pop()
            start = operator.token.start if operator.binds == SIGN else self.operands[operator.before].start
            self._apply(operator, start, self.operands[-1].end)

    def _apply(self, function: Pending, start: int, end: int) -> None:
        values = tuple(u.value for u in self.operands[function.before :])
        self.operands[function.before :] = [Operand(len(self.operations), start, end)]
        self.operations.append(Operation(str(function.row), values, start, end))

    def _named(self, name: str, token: Token) -> Value:
        """A constant's number, or the variable."""
        if name in CONSTANTS:
            return float(getattr(math, name))
        if name in self.functions:
            raise self._refusal(token.start, "formula.bare", name=brief(name), call=_example(name, self.functions[name].arguments))
        if self.declared and name not in self.variables:
            raise self._refusal(token.start, "formula.undeclared", name=brief(name), names=brief(", ".join(self.variables), 60))
        self.variables[name] = None
        return name

    def _check_name(self, token: Token) -> None:
        """FormulaError for what can name nothing, and for a call of what is not a function."""
        name = token.name
        if (key := why_no_name(name)) is not None:
            raise self._refusal(token.start, key, name=brief(name))
        if token.kind == "call" and name not in self.functions and not self.complete:
            raise self._no_function(token)

    def _no_function(self, call: Token) -> FormulaError:
        """A name that is no function is called: a slip of the pen, or a product."""
        name = call.name
        if name.lower() in self.functions:
            similar = name.lower()
        else:
            near = [] if name in (*self.variables, *CONSTANTS) else difflib.get_close_matches(name, self.functions, 1, 0.75)
            similar = "".join(near)
        return self._refusal(call.start, "formula.similar" if similar else "formula.product", name=brief(name), similar=similar)

    def _nothing_before(self, token: Token) -> FormulaError:
        """An operand is missing."""
        previous, symbol = (brief(self.formula[t.start : t.end]) for t in (self.last, token))
        if token.kind == "end":
            return self._refusal(token.start, "formula.ends" if self.last.text else "formula.empty", previous=previous)
        if token.text == ")" and self.last.kind == "call":
            return self._wrong_count(self.last, self.functions[self.last.name].arguments, 0)
        return self._refusal(token.start, "formula.inside" if (self.last.text, token.text) == ("(", ")") else "formula.missing", symbol=symbol)

    def _juxtaposed(self, token: Token) -> FormulaError:
        """Two operands with no operator between them: the sentence shows the product."""
        left = "(...)" if self.last.text == ")" else brief(self.last.text)
        known = self.functions.get(token.name)
        right = _example(token.name, known.arguments) if known else brief(token.text) + "...)" * token.text.endswith("(")
        return self._refusal(token.start, "formula.juxtaposed", product=f"{left}*{right}")

    def _wrong_count(self, call: Token, wanted: int, given: int) -> FormulaError:
        count, example = counted("count.arguments", wanted), _example(call.name, wanted)
        return self._refusal(call.start, "formula.arguments", name=brief(call.name), count=count, given=given, call=example)

    def _refusal(self, at: int, key: str, **slots: object) -> FormulaError:
        return refusal(self.formula, at, key, **slots)


def _example(name: str, arguments: int) -> str:
    """How that function is called: "sin(x)", "hypot(x, y)"."""
    return f"{brief(name)}({', '.join('xy'[:arguments])})"
