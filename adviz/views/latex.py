"""LaTeX: the document's formulas, and its tables in booktabs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adviz.views.math import Lookup, apart
from adviz.views.number import number_latex
from adviz.views.quantity import latex as quantity_latex

# fmt: off
SIGNS = {
    "−": "-", "·": r" \cdot ", "×": r" \times ", "\u2061": "", "⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ", "⌉": r"\rceil ",
    "∛": r"\sqrt[3]", "mod": r" \bmod ", "//": r" \mathbin{/\!/} ", "+=": r" \mathrel{+}= ", "%": r"\%",
    "@": r" \, ", "⊗": r" \otimes ", "‖": r"\|", "Σ": r"\sum ",
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
        quantity = lookup(math["slot"])
        return quantity_latex(quantity) if isinstance(quantity, Mapping) else number_latex(quantity, tight=bool(math.get("tight")))
    tag, *children = math
    if tag == "mtext":
        return rf"\text{{{''.join(map(literal, children))}}}"
    parts = [latex(child, lookup) for child in children] if tag not in ("mi", "mo", "mn") else []
    match tag, parts:
        case "mrow", _:
            return "".join(_between(children, parts, n) + part for n, part in enumerate(parts))
        case "msub", [base, below]:
            return f"{base}_{{{below}}}"
        case "msup", [base, above]:
            return f"{{{base}}}^{{{above}}}"
        case "mfrac", [over, under]:
            return rf"\frac{{{over}}}{{{under}}}"
        case "msqrt", _:
            return rf"\sqrt{{{''.join(parts)}}}"
    return _token(tag, "".join(c if isinstance(c, str) else latex(c, lookup) for c in children))


def _between(children: list[Any], parts: list[str], n: int) -> str:
    """A space in front of words, and between a function that LaTeX does not know and its bare argument."""
    if apart(children, n):
        return r"\ "
    bare = n > 1 and children[n - 1] == ["mo", "\u2061"] and parts[n - 2].startswith(r"\mathrm") and not parts[n].startswith("(")
    return r"\," if bare else ""


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
