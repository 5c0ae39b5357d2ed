"""Formulas: a row's expression tree written in the textbook's notation, as math (nested lists, see `document.py`) and in words.

The leaves a, b and v of a tree may be anything: the names of variables (symbolic), slots for their numbers (substituted).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adviz.readings import Tree
from adviz.texts import listed, text
from adviz.views.quantity import encoded

Math = Any
APPLY = ["mo", "\u2061"]
SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4
# fmt: off
OPERATION = {"+": "+", "-": "−", "*": "·", "//": "//", "%": "mod"}
STRENGTH = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "//": PRODUCT, "%": PRODUCT, "**": POWER}
NAMES = {"log": "ln", "maximum": "max", "minimum": "min", "fmax": "max", "fmin": "min", "rint": "round", "logistic": "σ"}
SPOKEN = {"+": "plus", "-": "minus", "*": "times", "/": "over", "//": "floor", "%": "modulo", "**": "power"}
LETTERS = {"pi": "π", "e": "e"}
# fmt: on


def row(*parts: Math) -> Math:
    """Parts side by side; one part stays itself."""
    return parts[0] if len(parts) == 1 else ["mrow", *parts]


def operator(symbol: str) -> Math:
    """An operator sign."""
    return ["mo", symbol]


def parenthesised(math: Math) -> Math:
    """( math )"""
    return row(operator("("), math, operator(")"))


def slot(*reference: Any, tight: bool = False) -> Math:
    """The place of a number; a tight one stands in parentheses if it is negative."""
    if reference[0] == "number":
        reference = ("number", encoded(reference[1]))
    return {"slot": list(reference), "tight": True} if tight else {"slot": list(reference)}


def notation(tree: Tree, leaves: Mapping[str, Math]) -> Math:
    """A tree as math, its leaves "a", "b", "v" replaced.

    >>> notation(("*", ("a",), ("a",)), {"a": ["mi", "x"]})
    ['msup', ['mi', 'x'], ['mn', '2']]
    """
    return _write(tree, leaves)[0]


def _write(tree: Tree, leaves: Mapping[str, Math]) -> tuple[Math, int]:
    """The math of a tree and how strongly it holds together."""
    match tree:
        case ("a" | "b" | "v" as letter,):
            return leaves[letter], ATOM
        case ("number", x):
            return ["mn", f"{x:g}"], ATOM
        case ("name", name):
            return ["mi", LETTERS[name]], ATOM
        case ("neg", u):
            return row(operator("−"), _bound(u, leaves, PRODUCT)), SUM
        case ("call", name, *operands):
            return _call(name, operands, leaves)
        case ("*", u, w) if u == w:
            return ["msup", _bound(u, leaves, ATOM), ["mn", "2"]], POWER
        case ("/", u, w):
            return _fraction(u, w, leaves)
        case ("**", u, w):
            return ["msup", _bound(u, leaves, ATOM), _loose(notation(w, leaves))], POWER
    symbol, u, w = tree
    strength = STRENGTH[symbol]
    return row(_bound(u, leaves, strength, first=True), operator(OPERATION[symbol]), _bound(w, leaves, strength + 1)), strength


def _bound(tree: Tree, leaves: Mapping[str, Math], strength: int, first: bool = False) -> Math:
    """A part of something that holds its parts with that strength: in parentheses where it holds together less."""
    math, own = _write(tree, leaves)
    if isinstance(math, dict):
        return math if first and strength == SUM else {**math, "tight": True}
    return parenthesised(math) if own < strength else math


def _loose(math: Math) -> Math:
    """A part that stands by itself, such as an exponent: a negative number needs no parentheses there."""
    return {"slot": math["slot"]} if isinstance(math, dict) else math


def _fraction(u: Tree, w: Tree, leaves: Mapping[str, Math]) -> tuple[Math, int]:
    """a/b on one line for atoms, a fraction with a bar for anything longer."""
    over, under = _write(u, leaves), _write(w, leaves)
    if over[1] == under[1] == ATOM and not _wide(over[0]) and not _wide(under[0]):
        return row(_bound(u, leaves, PRODUCT, first=True), operator("/"), _bound(w, leaves, POWER)), PRODUCT
    return ["mfrac", _loose(over[0]), _loose(under[0])], POWER


def _wide(math: Math) -> bool:
    return isinstance(math, list) and math[0] in ("mrow", "msqrt", "mfrac")


def _call(name: str, operands: list[Tree], leaves: Mapping[str, Math]) -> tuple[Math, int]:
    inside = [notation(u, leaves) for u in operands]
    match name, inside:
        case "sqrt", [u]:
            return ["msqrt", _loose(u)], ATOM
        case "cbrt", [u]:
            return row(operator("∛"), parenthesised(_loose(u))), ATOM
        case "exp", [u]:
            return ["msup", ["mi", "e"], _loose(u)], POWER
        case "exp2", [u]:
            return ["msup", ["mn", "2"], _loose(u)], POWER
        case "abs", [u]:
            return row(operator("|"), _loose(u), operator("|")), ATOM
        case "floor", [u]:
            return row(operator("⌊"), _loose(u), operator("⌋")), ATOM
        case "ceil", [u]:
            return row(operator("⌈"), _loose(u), operator("⌉")), ATOM
        case "step", [u, w]:
            return row(operator("["), _loose(u), operator(">"), _loose(w), operator("]")), ATOM
        case "hypot", _:
            return ["msqrt", row(_square(operands[0], leaves), operator("+"), _square(operands[1], leaves))], ATOM
        case "unit", [u, _]:
            return ["mfrac", _loose(u), _call("hypot", operands, leaves)[0]], POWER
        case "power_slope", [u, w]:
            exponent = row({**w, "tight": True} if isinstance(w, dict) else w, operator("−"), ["mn", "1"])
            return row(_bound(operands[1], leaves, PRODUCT), operator("·"), ["msup", _bound(operands[0], leaves, ATOM), exponent]), PRODUCT
        case "power_log", [u, w]:
            power = ["msup", _bound(operands[0], leaves, ATOM), _loose(w)]
            return row(power, operator("·"), _applied(["mi", "ln"], [u], [operands[0]])), PRODUCT
        case ("log2" | "log10"), _:
            return _applied(["msub", ["mi", "log"], ["mn", name[3:]]], inside, operands), POWER
        case "sinc_slope", _:
            return _applied(["mi", "sinc′"], inside, operands), POWER
    return _applied(["mi", NAMES.get(name, name)], inside, operands), POWER


def _square(tree: Tree, leaves: Mapping[str, Math]) -> Math:
    """u², and the number itself squared where u is one."""
    if tree[0] == "number" and tree[1] == 1.0:
        return ["mn", "1"]
    return ["msup", _bound(tree, leaves, ATOM), ["mn", "2"]]


def _applied(function: Math, inside: list[Math], operands: list[Tree]) -> Math:
    """ln v₁, but ln(1 + v₁) and max(v₁, v₂)."""
    if len(inside) == 1 and operands[0][0] in ("a", "b", "v", "number", "name"):
        argument = {**inside[0], "tight": True} if isinstance(inside[0], dict) else inside[0]
        return row(function, APPLY, argument)
    listed = [part for u in inside for part in (operator(","), _loose(u))][1:]
    return row(function, APPLY, parenthesised(row(*listed)))


def applied(function: Math, operands: list[Math]) -> Math:
    """f(u, w) of operands that are written already; "sum v₂" of a single name or number."""
    if len(operands) == 1 and (isinstance(operands[0], dict) or operands[0][0] in ("msub", "mi", "mn")):
        return row(function, APPLY, operands[0])
    listed = [part for u in operands for part in (operator(","), u)][1:]
    return row(function, APPLY, parenthesised(row(*listed)))


def spoken(tree: Tree, leaves: Mapping[str, str]) -> str:
    """A tree in words, for a sentence or a screen reader.

    >>> spoken(("/", ("number", 1.0), ("a",)), {"a": "v₁"})
    '1 over v₁'
    """
    match tree:
        case ("a" | "b" | "v" as letter,):
            return leaves[letter]
        case ("number", x):
            return f"{x:g}"
        case ("name", name):
            return str(name)
        case ("neg", u):
            return text("spoken.negative", a=spoken(u, leaves))
        case ("call", "power_slope", u, w):
            return text("spoken.power_slope", a=spoken(u, leaves), b=spoken(w, leaves))
        case ("call", name, *operands):
            inside = listed([spoken(u, leaves) for u in operands], "word.with")
            return text("spoken.call", function=NAMES.get(name, name.replace("_", " ")), operands=inside)
        case ("*", u, w) if u == w:
            return text("spoken.squared", a=spoken(u, leaves))
    symbol, u, w = tree
    return text(f"spoken.{SPOKEN[symbol]}", a=spoken(u, leaves), b=spoken(w, leaves))


def symbol(index: int) -> dict[str, Any]:
    """A variable's names: v₋₁, its tangent v̇₋₁, its adjoint v̄₋₁, as text and as math."""
    digits = str(index).replace("-", "₋").translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
    below = ["mn", str(index)] if index >= 0 else row(operator("−"), ["mn", str(-index)])
    return {
        "text": f"v{digits}",
        "math": ["msub", ["mi", "v"], below],
        "dot": ["msub", ["mi", "𝑣\u0307"], below],
        "bar": ["msub", ["mi", "𝑣\u0304"], below],
        "dot_text": f"v\u0307{digits}",
        "bar_text": f"v\u0304{digits}",
    }


def times(derivative: Math, partial: Tree, leaves: Mapping[str, Math], *, signed: bool) -> tuple[str, Math]:
    """Sign and math of derivative · partial; v̄ · 1/v is written v̄/v. With `signed` the factors 1 and −1 become the sign, as in v̇₄ − v̇₃."""
    sign = "+"
    if signed and partial[0] == "neg":
        sign, partial = "−", partial[1]
    if signed and partial == ("number", 1.0):
        return sign, derivative
    if partial[:2] == ("/", ("number", 1.0)):
        below, strength = _write(partial[2], leaves)
        if strength == ATOM and not _wide(below):
            return sign, row(derivative, operator("/"), {**below, "tight": True} if isinstance(below, dict) else below)
        return sign, ["mfrac", derivative, _loose(below)]
    return sign, row(derivative, operator("·"), _bound(partial, leaves, POWER if partial[0] == "neg" else PRODUCT))
