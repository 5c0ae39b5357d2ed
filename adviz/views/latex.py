"""LaTeX: the document's formulas, and its tables in booktabs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adviz.views.math import Lookup
from adviz.views.number import number_latex

# fmt: off
SIGNS = {
    "−": "-", "·": r" \cdot ", "×": r" \times ", "\u2061": "", "⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ", "⌉": r"\rceil ",
    "∛": r"\sqrt[3]", "mod": r" \bmod ", "//": r" \mathbin{/\!/} ", "+=": r" \mathrel{+}= ", "%": r"\%",
}
LETTERS = {"π": r"\pi", "σ": r"\sigma", "𝑣\u0307": r"\dot{v}", "𝑣\u0304": r"\bar{v}", "sinc′": r"\operatorname{sinc}'"}
FUNCTIONS = {"ln", "log", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "exp", "max", "min"}
SPECIAL = str.maketrans({c: "\\" + c for c in "&%$#_{}"} | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"})
# fmt: on


def latex(math: Any, lookup: Lookup) -> str:
    r"""A math as LaTeX, to stand between dollar signs.

    >>> latex(["mrow", ["mi", "sin"], ["mo", "\u2061"], ["msub", ["mi", "v"], ["mn", "0"]]], lambda r: 0.0)
    '\\sin v_{0}'
    """
    if isinstance(math, str):
        return literal(math)
    if isinstance(math, Mapping):
        return number_latex(lookup(math["slot"]), tight=bool(math.get("tight")))
    tag, *children = math
    parts = [latex(child, lookup) for child in children] if tag not in ("mi", "mo", "mn") else []
    match tag, parts:
        case "mrow", _:
            return "".join(parts)
        case "msub", [base, below]:
            return f"{base}_{{{below}}}"
        case "msup", [base, above]:
            return f"{{{base}}}^{{{above}}}"
        case "mfrac", [over, under]:
            return rf"\frac{{{over}}}{{{under}}}"
        case "msqrt", _:
            return rf"\sqrt{{{''.join(parts)}}}"
    return _token(tag, "".join(c if isinstance(c, str) else latex(c, lookup) for c in children))


def _token(tag: str, content: str) -> str:
    if tag == "mo":
        return SIGNS.get(content, content)
    if tag == "mn" or content in LETTERS:
        return LETTERS.get(content, content)
    if content in FUNCTIONS:
        return rf"\{content} "
    return literal(content) if len(content) == 1 else rf"\mathrm{{{literal(content)}}}"


def literal(words: str) -> str:
    """Text that LaTeX takes as it stands."""
    return words.translate(SPECIAL)
