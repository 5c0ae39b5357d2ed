"""The textbook's tables: Baydin et al.'s table 2 (forward) and table 3 (reverse), one line per variable.

One list of rows serves the plain text, the HTML that needs nothing, the booktabs table and the CSV.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from textwrap import wrap
from typing import Any, NamedTuple

from adviz.listing import padded, width
from adviz.texts import text
from adviz.views.latex import latex, literal
from adviz.views.math import Lookup, lookup_in, plain
from adviz.views.quantity import in_box, in_full, is_array, written
from adviz.views.quantity import latex as quantity_latex

Document = Mapping[str, Any]
WIDE = 120  # columns of a terminal
ACCENT = {"forward": "dot", "reverse": "bar"}
# How a table is made narrower, step by step: columns for a formula, for an array. The substituted numbers go with the first step.
NARROWER: tuple[tuple[int | None, int | None], ...] = ((None, None), (None, None), (40, None), (30, 24), (24, 16))


class Row(NamedTuple):
    """One variable: its name (and the learner's or an output's), formulas as math, numbers as text. None is blank."""

    index: int  # type: ignore[assignment]  # a field, where tuples have a method
    symbol: Any
    accented: Any
    label: str
    definition: Any
    substituted: Any
    value: str
    rule: Any
    derivative: str


def rows(document: Document, mode: str, room: int | None = None) -> list[Row]:
    """The rows of a finished timeline; with `room`, arrays are folded to so many characters."""
    shown = written if room is None else partial(in_box, room=room)
    timeline = document["timelines"][mode]
    derivative = derivatives(timeline)
    found = []
    for v, terms in zip(document["variables"], timeline["cells"], strict=True):
        i = v["index"]
        last = shown(derivative[i]) if i in derivative else ""
        accented = v["symbol"][ACCENT.get(mode, "math")]
        found.append(Row(i, v["symbol"]["math"], accented, _label(document, v), _shown(v), v["substituted"], shown(v["value"]), _sum(terms), last))
    return found


def derivatives(timeline: Document) -> dict[int, Any]:
    """The finished tangents or adjoints, by index."""
    return {s["index"]: s["number"] for s in timeline["steps"] if s["kind"] in ("seed", "propagate", "accumulate")}


def _label(document: Document, v: Document) -> str:
    """The output's name, or the learner's; an input's stands in its definition."""
    if v["index"] in document["outputs"]:
        label = str(document["output_names"][document["outputs"].index(v["index"])])
    else:
        label = v["label"] or "" if v["role"] != "input" else ""
    return "" if label == v["symbol"]["text"] else label


def _shown(v: Document) -> Any:
    return v["definition"] if v["role"] != "constant" else None


def _sum(terms: Sequence[Document]) -> Any:
    """The terms of a derivative, joined by plus signs; None where there are none."""
    if not terms:
        return None
    parts = [part for term in terms for part in (["mo", "+"], term["formula"])][1:]
    return parts[0] if len(parts) == 1 else ["mrow", *parts]


def headings(mode: str) -> list[str]:
    """The column headings of a mode's table."""
    keys = ["table.variable", "table.definition", "table.value"]
    keys += {"values": [], "forward": ["table.tangent_rule", "table.tangent"], "reverse": ["table.adjoint_rule", "table.adjoint"]}[mode]
    return [text(key) for key in keys]


def caption(document: Document, mode: str) -> str:
    """What the table is of."""
    return text(f"caption.{mode}", title=document["title"])


def as_text(document: Document, mode: str, *, head: int = 40, tail: int = 20) -> str:
    """An aligned table in plain text; the middle of a long one is left out, and says so.

    The lines of the running example begin  v₋₁ = x1 = 2. A table with arrays that is wider than a terminal leaves out the substituted
    numbers; if that is not enough, formulas take several lines, a line for each term of a derivative, and the arrays are folded further.
    """
    if any(is_array(v["value"]) for v in document["variables"]):
        tables = [_narrowed(document, mode, head, tail, step) for step in range(len(NARROWER))]
        return next((table for table in tables if max(map(width, table.splitlines())) <= WIDE), tables[-1])
    return _narrowed(document, mode, head, tail, 0)


def _narrowed(document: Document, mode: str, head: int, tail: int, step: int) -> str:
    """The table after so many steps of making it narrower."""
    columns, room = NARROWER[step]
    lookup, listed = lookup_in(document, mode), rows(document, mode, room)
    gap = document.get("left_out", 0)
    if not gap and len(listed) > head + tail + 1:
        gap, listed = len(listed) - head - tail, listed[:head] + listed[-tail:]
    if step:
        listed = [r._replace(substituted=None) for r in listed]
    blocks = [_text_lines(r, lookup, mode, columns) for r in listed]
    widths = [max(width(line[c]) for block in blocks for line in block) for c in range(len(blocks[0][0]))]
    printed = ["\n".join("  " + "".join(map(padded, line, widths)).rstrip() for line in block) for block in blocks]
    if gap:
        printed.insert(head, "  " + text("table.more", count=gap))
    return "\n".join([caption(document, mode), *printed])


def _text_lines(r: Row, lookup: Lookup, mode: str, columns: int | None) -> list[list[str]]:
    """The lines of a row, each as its cells; a number stands in the last line of its formula."""
    name = f"{r.label} = " if r.label else ""
    definition = _lines([r.definition], lookup, columns) if r.definition is not None else [""]
    substituted = " = " + plain(r.substituted, lookup) if r.substituted is not None else ""
    left = [[name, plain(r.symbol, lookup)], definition, [substituted, f" = {r.value}"]]
    right: list[list[str]] = []
    if mode in ACCENT:
        symbol = plain(r.accented, lookup)
        rule = _lines(_terms(r.rule) if columns else [r.rule], lookup, columns) if _adds(r) else [""]
        right = [["    ", symbol if r.derivative else ""], rule, [f" = {r.derivative}" if r.derivative else ""]]
    count = max(len(definition), len(right[1]) if right else 0)
    return [[cell for half in (left, right) if half for cell in _line_of(half, n)] for n in range(count)]


def _line_of(half: list[list[str]], n: int) -> list[str]:
    """The n-th line of: a name, the lines of a formula, a result."""
    name, formula, result = half
    blank = [""] * len(result)
    return [*(name if n == 0 else [""] * len(name)), formula[n] if n < len(formula) else "", *(result if n == len(formula) - 1 else blank)]


def _lines(terms: Sequence[Any], lookup: Lookup, columns: int | None) -> list[str]:
    """ " = a" and " + b" and so on, each in as many lines of so many columns as it takes."""
    signed = [f"{sign} {plain(term, lookup)}" for sign, term in zip("=" + "+" * len(terms), terms, strict=False)]
    if columns is None:
        return [" " + line for line in signed]
    return [" " + line for term in signed for line in wrap(term, columns, subsequent_indent="    ", break_long_words=False)]


def _terms(rule: Any) -> list[Any]:
    """The terms of a sum."""
    terms: list[list[Any]] = [["mrow"]]
    for part in rule[1:] if rule[0] == "mrow" else [rule]:
        if part == ["mo", "+"]:
            terms.append(["mrow"])
        else:
            terms[-1].append(part)
    return terms


def _adds(r: Row) -> bool:
    """Whether the rule says more than a variable's name (a seed says no more)."""
    return r.rule is not None and not (isinstance(r.rule, list) and r.rule[0] in ("msub", "mi"))


def as_html(document: Document, mode: str) -> str:
    """A plain <table> that survives sanitisers: no style, no script, formulas as text."""
    lookup = lookup_in(document, mode)
    head = "".join(f'<th scope="col">{escape(h)}</th>' for h in headings(mode))
    body = "".join(_html_row(r, lookup, mode) for r in rows(document, mode))
    return f"<table><caption>{escape(caption(document, mode))}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _html_row(r: Row, lookup: Lookup, mode: str) -> str:
    name = plain(r.symbol, lookup) + (f" = {r.label}" if r.label else "")
    formula = plain(r.definition, lookup) if r.definition is not None else ""
    formula += f" = {plain(r.substituted, lookup)}" if r.substituted is not None else ""
    cells = [formula, r.value]
    if mode != "values":
        cells += [plain(r.rule, lookup) if r.rule is not None else "", r.derivative]
    return f'<tr><th scope="row">{escape(name)}</th>' + "".join(f"<td>{escape(c)}</td>" for c in cells) + "</tr>"


def as_csv(document: Document, mode: str) -> str:
    """Comma-separated values, numbers in full; an array is one cell."""
    timeline = document["timelines"][mode]
    derivative = derivatives(timeline)
    lookup = lookup_in(document, mode)
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\n")
    out.writerow(["index", "name", *headings(mode)[1:]])
    for r, v in zip(rows(document, mode), document["variables"], strict=True):
        formulas = [plain(u, lookup) if u is not None else "" for u in (r.definition, r.rule)]
        line = [r.index, inert(r.label or v["label"] or ""), inert(formulas[0]), cell(v["value"])]
        out.writerow(line if mode == "values" else [*line, inert(formulas[1]), cell(derivative.get(r.index, ""))])
    return written.getvalue()


def cell(x: Any) -> Any:
    """A number as it is, an array as text: "[0.5, -1.5]"."""
    return in_full(x) if isinstance(x, Mapping) else x


def inert(cell: str) -> str:
    """A name that a spreadsheet would take for a formula, as text."""
    return "'" + cell if cell.strip()[:1] in ("=", "+", "-", "@") else cell


def as_latex(document: Document, mode: str) -> str:
    r"""A booktabs table; needs \usepackage{booktabs}, and with arrays in it \usepackage{amsmath}."""
    lookup = lookup_in(document, mode)
    lines = [r"\begin{tabular}{l" + "lr" * (1 if mode == "values" else 2) + "}", r"\toprule"]
    lines += [" & ".join(map(literal, headings(mode))) + r" \\", r"\midrule"]
    derivative = derivatives(document["timelines"][mode])
    for r, v in zip(rows(document, mode), document["variables"], strict=True):
        cells = [f"${latex(r.symbol, lookup)}$" + (f" ({literal(r.label)})" if r.label else "")]
        cells += [f"${_definition(document, v, lookup)}$" if r.definition is not None else "", f"${quantity_latex(v['value'])}$"]
        if mode != "values":
            cells += [f"${latex(r.rule, lookup)}$" if r.rule is not None else "", f"${quantity_latex(derivative[r.index])}$" if r.derivative else ""]
        lines.append(" & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def _definition(document: Document, v: Document, lookup: Lookup) -> str:
    """The definition in LaTeX; a row with a template of its own is written by it."""
    template = document["rows"].get(v["row"], {}).get("latex")
    if template is None:
        return latex(v["definition"], lookup)
    symbols = {u["index"]: u["symbol"]["math"] for u in document["variables"]}
    for letter, operand in zip("ab", v["operands"], strict=False):
        written = latex(symbols[operand["ref"]], lookup) if "ref" in operand else quantity_latex(operand["number"])
        template = template.replace("{" + letter + "}", written)
    return str(template)
