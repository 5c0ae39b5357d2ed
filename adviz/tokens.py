"""From typed text to tokens; and how a formula is refused: one sentence, the column, the place with a caret under it.

A name is ASCII: a letter, then letters, digits and _. A number is a float. × · ⋅ stand for *, − for -, ÷ for /, ^ for **; the
full-width digits, operators, commas and parentheses that Chinese keyboards type stand for the narrow ones; tabs, line breaks
and wide spaces for a space. Two encodings of one character are the same (NFC); characters that only look alike are not.
"""

from __future__ import annotations

import keyword
import math
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from adviz.errors import FormulaError
from adviz.texts import joined, text

LENGTH, TOKENS, NAME_LENGTH = 20_000, 10_000, 40
WINDOW, SENTENCE = 40, 160  # with the caret's line, where a wide character takes two columns, at most 300 characters

SPACES = str.maketrans(dict.fromkeys("\t\r\n\u00a0\u3000", " "))
NARROW = str.maketrans("０１２３４５６７８９．，＋－＊／＾％（）", "0123456789.,+-*/^%()")
SPELLING = {"×": "*", "·": "*", "⋅": "*", "−": "-", "÷": "/", "^": "**"}
TOKEN = re.compile(
    r"""(?P<space>[ ]+)
    | (?P<number>[0-9.]+(?:[eE][+-]?[0-9]+[0-9.]*)?)
    | (?P<call>[A-Za-z][A-Za-z0-9_]*[ ]*\()
    | (?P<name>[A-Za-z][A-Za-z0-9_]*)
    | (?P<operator>\*\*|//|[-+*/%^(),×·⋅−÷])""",
    re.ASCII | re.VERBOSE,
)
NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)

# fmt: off
REFUSED = {  # a character that means something elsewhere: the sentence about it
    **dict.fromkeys("<>≤≥≠", "formula.comparison"), **dict.fromkeys("[]", "formula.subscript"), **dict.fromkeys("'\"`‘’“”«»", "formula.quotes"),
    "_": "formula.underscore",
}
INSTEAD = {  # a character that has a spelling here
    "–": "-", "—": "-", "‐": "-", "‑": "-", "∗": "*", "•": "*", "∙": "*", "∕": "/", "²": "^2", "³": "^3", "√": "sqrt(x)", "|": "abs(x)",
    "{": "(", "}": ")", "【": "(", "】": ")",
}
# fmt: on


class Token(NamedTuple):
    """A piece of the text, from start to end, as it is spelled in Python's arithmetic.

    kind is "number", "name", "call" (a name with the parenthesis behind it), "operator" or "end".
    """

    kind: str
    text: str
    start: int
    end: int

    @property
    def name(self) -> str:
        """The name of a name or a call."""
        return self.text.removesuffix("(").rstrip()


def normal(typed: str) -> str:
    """The text as it will be shown: composed characters, plain spaces. FormulaError where it is too long."""
    if len(typed) > LENGTH:
        raise refusal(typed, LENGTH, "formula.long", limit=LENGTH, count=len(typed))
    return unicodedata.normalize("NFC", typed).translate(SPACES)


def tokens(formula: str) -> Iterator[Token]:
    """The tokens from left to right, the last of kind "end". FormulaError at the first place where none begins.

    >>> [token.text for token in tokens("2 × sin(x)^2")]
    ['2', '*', 'sin(', 'x', ')', '**', '2', '']
    """
    narrow = formula.translate(NARROW)
    at = count = 0
    while at < len(narrow):
        found = TOKEN.match(narrow, at)
        if found is None:
            raise _strange(formula, at)
        start, at = at, found.end()
        if found.lastgroup == "space":
            continue
        count += 1
        if count > TOKENS:
            raise refusal(formula, start, "formula.tokens", limit=TOKENS)
        token = Token(str(found.lastgroup), SPELLING.get(found[0], found[0]), start, at)
        if token.kind == "number":
            _check_number(formula, token)
        yield token
    yield Token("end", "", at, at)


def _check_number(formula: str, token: Token) -> None:
    """FormulaError for 1.2.3, for a point alone, for what no floating-point number can hold."""
    if token.text == ".":
        raise refusal(formula, token.start, "formula.point")
    if NUMBER.fullmatch(token.text) is None:
        raise refusal(formula, token.start, "formula.number", number=brief(token.text))
    if math.isinf(float(token.text)):
        raise refusal(formula, token.start, "formula.huge", number=brief(token.text))


def why_no_name(name: str) -> str | None:
    """The key of the sentence that says why this cannot name anything; None if it can."""
    if keyword.iskeyword(name):
        return "formula.keyword"
    legal = NAME.fullmatch(name) and "__" not in name and len(name) <= NAME_LENGTH
    return None if legal else "formula.name"


def _strange(formula: str, at: int) -> FormulaError:
    """A character that no formula has, with what to write in its place where that is known."""
    character = formula[at]
    if formula.startswith("!=", at):
        return refusal(formula, at, "formula.comparison")
    if character == "=":
        return refusal(formula, at, "formula.comparison" if formula.startswith("==", at) else "formula.equals")
    if character in REFUSED:
        return refusal(formula, at, REFUSED[character])
    code = f"U+{ord(character):04X}"
    if shown(character) != character:
        return refusal(formula, at, "formula.invisible", code=code)
    instead = INSTEAD.get(character) or _letter(character)
    return refusal(formula, at, "formula.instead" if instead else "formula.character", character=character, code=code, instead=instead)


def _letter(character: str) -> str:
    """How to spell a Greek letter, or a full-width one; "" for any other character."""
    described = unicodedata.name(character, "").split(" ")
    if described[:3] in (["GREEK", "SMALL", "LETTER"], ["GREEK", "CAPITAL", "LETTER"]) and len(described) == 4:
        return described[3].lower() if described[1] == "SMALL" else described[3].capitalize()
    narrow = chr(max(0, ord(character) - 0xFEE0))
    return narrow if "ａ" <= character <= "ｚ" or "Ａ" <= character <= "Ｚ" else ""


def refusal(formula: str, at: int, key: str, **slots: object) -> FormulaError:
    """What is wrong, its column, the stretch of the formula around it, and a caret under the place: at most 300 characters.

    >>> print(refusal("x1 + * x2", 5, "formula.missing", symbol="*"))
    Column 6: something is missing before *.
    x1 + * x2
         ^
    """
    sentence = text("formula.at", column=at + 1, reason=text(key, **slots))
    first = max(0, min(at - WINDOW // 2, len(formula) - WINDOW))
    before, after = shown(formula[first:at]), shown(formula[at : first + WINDOW])
    left, right = "…" if first else "", "…" if first + WINDOW < len(formula) else ""
    indent = sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in left + before)
    said = sentence if len(sentence) <= SENTENCE else brief(sentence, SENTENCE)
    return FormulaError(joined([said, f"\n{left}{before}{after}{right}\n{' ' * indent}^"]))


def shown(stretch: str) -> str:
    """The text with a mark in place of what does not print, stands on another character, or runs from right to left."""
    return "".join(c if _stands_alone(c) else "\ufffd" for c in stretch)


def _stands_alone(c: str) -> bool:
    return c.isprintable() and unicodedata.category(c)[0] != "M" and unicodedata.bidirectional(c) not in ("R", "AL", "AN")


def brief(words: str, length: int = 20) -> str:
    """The words, or as many as there is room for."""
    return words if len(words) <= length else words[: length - 1] + "…"
