"""Formulas as the document holds them, nested lists with slots for numbers, written as MathML and as plain text.

A math is a string, a slot or [tag, child, ...] (see `adviz/views/document.py`). `lookup` turns a slot's reference into a
number, so that one formula serves every step and every input; `lookup_in` is the one for a document.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from adviz.errors import DocumentError
from adviz.languages import Text
from adviz.texts import joined, text
from adviz.views.number import MINUS, number
from adviz.views.quantity import Quantity, is_array, told, written

Lookup = Callable[[Sequence[Any]], Quantity]

ARITY = {"mrow": None, "mi": None, "mn": None, "mo": None, "mtext": None, "msqrt": None, "msub": 2, "msup": 2, "mfrac": 2}
TOKENS = {"mi", "mn", "mo", "mtext"}
DEEPEST = 64                # a formula of the table is about 6 deep; a damaged document may hold anything
APPLY = "\u2061"            # function application: invisible in MathML, a space in text
SPACE = "<mtext>\u00a0</mtext>"

SUBSCRIPT = dict(zip("0123456789+−-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"))
SUPERSCRIPT = dict(zip("0123456789+−-=()niT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵀ"))
UPRIGHT = {0x1D44E + k: chr(ord("a") + k) for k in range(26)}      # MathML's 𝑣̇ is text's v̇
SPACED = set("=+·×<>≤≥≠≈→∈@⊗") | {MINUS, "+=", ":=", "-"}


def lookup_in(document: Mapping[str, Any], mode: str) -> Lookup:
    """What the references of a document mean, those to steps in the timeline of `mode`."""
    variables = {v["index"]: v for v in document["variables"]}
    steps = document["timelines"][mode]["steps"]

    def lookup(reference: Sequence[Any]) -> Quantity:
        match reference:
            case ["value", i]:
                return variables[i]["value"]
            case ["partial", i, k]:
                return variables[i]["partials"][k]
            case ["operand", i, k]:
                return variables[i]["operands"][k]["number"]
            case ["step", n]:
                return steps[n - 1]["number"]
            case ["number", x]:
                return x
        raise _damaged("reference", reference)

    return lookup


def fill(template: str, references: Sequence[Sequence[Any]], lookup: Lookup) -> str:
    """A sentence: {0}, {1}, ... in the template become the numbers of the references.

    Only such slots are read (`str.format` would also follow attributes, and templates hold the learner's names).
    """
    def filled(slot: re.Match[str]) -> str:
        n = int(slot[1])
        return told(lookup(references[n])) if n < len(references) else slot[0]

    def put(said: str) -> str:
        whole = re.sub(r"\{([0-9]{1,4})\}", filled, said)
        return Text(whole, said.key, {name: put(u) for name, u in said.slots.items()}, said.language) if isinstance(said, Text) else whole

    return put(template)


def mathml(math: Any, lookup: Lookup, spoken: str | None = None) -> str:
    """A <math> element. `spoken` is what a screen reader says in its place."""
    label = "" if spoken is None else f' aria-label="{escape(spoken)}"'
    return f"<math{label}>{_element(math, lookup, 0)}</math>"


def _element(math: Any, lookup: Lookup, depth: int) -> str:
    if isinstance(math, str):
        return f"<mtext>{escape(math)}</mtext>"
    if isinstance(math, Mapping):
        quantity = lookup(math["slot"])
        if is_array(quantity):
            return f"<mn>{written(quantity)}</mn>"
        digits = written(quantity)
        if math.get("tight") and digits.startswith(MINUS):
            return f"<mrow><mo>(</mo><mn>{digits}</mn><mo>)</mo></mrow>"
        return f"<mn>{digits}</mn>"
    tag, children = _checked(math, depth)
    if tag in TOKENS:
        content = "".join(escape(_token(child, lookup)) for child in children)
    else:
        content = "".join(apart(children, n) + _element(child, lookup, depth + 1) for n, child in enumerate(children))
    return f"<{tag}>{content}</{tag}>"


def apart(children: Sequence[Any], n: int) -> str:
    """A space in front of words that follow a symbol: v̄₃ to every entry."""
    words, before = children[n], children[n - 1]
    follows = isinstance(words, list) and words[:1] == ["mtext"] and not (isinstance(before, list) and before[:1] == ["mo"])
    return SPACE if n and follows else ""


def plain(math: Any, lookup: Lookup) -> str:
    """The formula in one line of text: v̇₁ = v̇₋₁/v₋₁ = 1/2 = 0.5, for a terminal or where a picture is described."""
    return with_words(_line(math, lookup, 0).translate(UPRIGHT), words_in(math))


def words_in(math: Any) -> list[Text]:
    """What a formula says in words ("axis 0"), in order."""
    if isinstance(math, str):
        return [math] if isinstance(math, Text) else []
    return [said for child in math[1:] for said in words_in(child)] if isinstance(math, list) else []


def with_words(line: str, words: Sequence[str]) -> str:
    """A line in which these words stand, so that it can be said in another language."""
    parts: list[str] = []
    for said in words:
        before, found, after = line.partition(said)
        if found:
            parts, line = [*parts, before, said], after
    return joined([*parts, line])


def _line(math: Any, lookup: Lookup, depth: int) -> str:
    if isinstance(math, (str, Mapping)):
        return _token(math, lookup)
    tag, children = _checked(math, depth)
    if tag in TOKENS:
        return "".join(_token(child, lookup) for child in children)
    if tag == "mrow":
        return _row(children, lookup, depth + 1)
    if tag == "msqrt":                              # holds a row, as in MathML
        return "√" + _grouped(_row(children, lookup, depth + 1))
    lines = [_line(child, lookup, depth + 1) for child in children]
    if tag == "msub":
        return lines[0] + _raised(lines[1], SUBSCRIPT, "_")
    if tag == "msup":
        return _grouped(lines[0]) + _raised(lines[1], SUPERSCRIPT, "^")
    return f"{_grouped(lines[0], signs=False)}/{_grouped(lines[1])}"


def _row(children: Sequence[Any], lookup: Lookup, depth: int) -> str:
    """Children side by side: spaces around an operator between two operands, none after a sign."""
    line, operand, applied = "", False, False
    for n, child in enumerate(children):
        piece = " " * bool(apart(children, n)) + _line(child, lookup, depth)
        is_operator = isinstance(child, Sequence) and not isinstance(child, str) and child[0] == "mo"
        if is_operator and piece == APPLY:
            applied = True
        elif is_operator and piece in SPACED:
            line += f" {piece} " if operand else piece
            operand = False
        elif is_operator and piece in (",", ";"):
            line, operand = f"{line}{piece} ", False
        else:
            if applied:
                piece = piece if piece.startswith("(") else _applied(piece)
            line, operand, applied = line + piece, piece not in ("(", "[", "{"), False
    return line


def _applied(argument: str) -> str:
    """An argument after its function's name: "ln v₁", but "ln(1/2)"."""
    return f"({argument})" if _compound(argument) else f" {argument}"


def _grouped(line: str, signs: bool = True) -> str:
    """In parentheses where what stands beside it would be read as a part of it."""
    return f"({line})" if _compound(line) or (signs and line.startswith((MINUS, "-"))) else line


def _compound(line: str) -> bool:
    """Whether a space or a slash stands outside all parentheses and brackets."""
    depth = 0
    for character in line:
        depth += (character in "([") - (character in ")]")
        if depth == 0 and character in " /":
            return True
    return False


def _raised(line: str, small: Mapping[str, str], mark: str) -> str:
    """In small characters where Unicode has them all, else v_y or v_(new)."""
    if all(character in small for character in line):
        return "".join(small[character] for character in line)
    return mark + (line if len(line) == 1 else f"({line})")


def _token(child: Any, lookup: Lookup) -> str:
    if isinstance(child, str):
        return child
    if isinstance(child, Mapping) and "slot" in child:
        quantity = lookup(child["slot"])
        return written(quantity) if isinstance(quantity, Mapping) else number(quantity, tight=bool(child.get("tight")))
    raise _damaged("formula", child)


def _checked(math: Any, depth: int) -> tuple[str, Sequence[Any]]:
    """Tag and children, if it is one of the elements that formulas are made of."""
    if isinstance(math, Sequence) and math and isinstance(math[0], str) and math[0] in ARITY and depth < DEEPEST:
        tag, *children = math
        if ARITY[tag] in (None, len(children)):
            return tag, children
    raise _damaged("formula", math)


def _damaged(field: str, found: object) -> DocumentError:
    return DocumentError(text("document.field", field=field, problem=f"cannot be {reprlib.repr(found)}"))
