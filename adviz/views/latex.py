"""LaTeX: the document's formulas, and its tables in booktabs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from unicodedata import normalize

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
GREEK = dict(zip("αβγδεζηθικλμνξπρςστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "varsigma",
    "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
    "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
)))
MATHEMATICS = (
    {letter: f"\\{name} " for letter, name in GREEK.items()}
    | {"−": "-", "×": r"\times ", "·": r"\cdot ", "∞": r"\infty ", "→": r"\to ", "√": r"\surd ", "∛": r"\sqrt[3]{}", "∂": r"\partial ",
       "⊗": r"\otimes ", "‖": r"\|", "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ",
       "⌉": r"\rceil ", "′": "'", "≈": r"\approx ", "∈": r"\in ", "\u2061": ""}
)
BELOW, ABOVE = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", "0123456789+-=()")), dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀ", "0123456789+-=()niT"))
ACCENTS = {"\u0307": r"\dot", "\u0304": r"\bar"}
SPECIAL = str.maketrans(
    {c: "\\" + c for c in "&%$#_{}"}
    | {"…": r"\dots{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
)
# fmt: on
MARKS, SCRIPTS = "".join(ACCENTS), "".join(BELOW) + "".join(ABOVE)
RUN = re.compile(f"(?:[A-Za-z](?=[{MARKS}{SCRIPTS}])|[{''.join(MATHEMATICS)}{MARKS}{SCRIPTS}])+")
ITALIC = re.compile(f"([𝑎-𝑧])([{MARKS}])")
PIECE = re.compile(f"([A-Za-z{''.join(GREEK)}])([{MARKS}])|([{''.join(BELOW)}]+)|([{''.join(ABOVE)}]+)|(.)")


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
    if accented := ITALIC.fullmatch(content):
        return f"{ACCENTS[accented[2]]}{{{normalize('NFKC', accented[1])}}}"
    return literal(content) if len(content) == 1 else rf"\mathrm{{{literal(content)}}}"


def literal(words: str) -> str:
    r"""Text that LaTeX takes as it stands; signs that it has in mathematics only are written there.

    >>> print(literal("v\u0304₋₁ = α_1"))
    \ensuremath{\bar{v}_{-1}} = \ensuremath{\alpha}\_1
    """
    written, end = "", 0
    words = "".join(normalize("NFD", c) if c > "\u017f" else c for c in words)  # below, every LaTeX reads accented letters
    for run in RUN.finditer(words):
        mathematics = "".join(map(_piece, PIECE.finditer(run[0]))).strip()
        written += words[end : run.start()].translate(SPECIAL) + rf"\ensuremath{{{mathematics}}}"
        end = run.end()
    return written + words[end:].translate(SPECIAL)


def _piece(found: re.Match[str]) -> str:
    """A letter with its accent, an index, an exponent, or one sign."""
    letter, mark, below, above, sign = found.groups()
    if letter:
        return f"{ACCENTS[mark]}{{{MATHEMATICS.get(letter, letter).strip()}}}"
    if below:
        return f"_{{{''.join(BELOW[c] for c in below)}}}"
    if above:
        return f"^{{{''.join(ABOVE[c] for c in above)}}}"
    return MATHEMATICS.get(sign, sign)
