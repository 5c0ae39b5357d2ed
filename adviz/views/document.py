"""The trace document: what the explorer, every export and any third party read.   (format version 2)

A document is a JSON object. Python writes it once from a trace and its timelines; a reader replays it and
needs no rule of differentiation. Numbers that JSON cannot write are the strings "nan", "inf", "-inf".

Version 2 holds kinds and columns: what the variables of one kind have in common is written once, what tells them apart stands in columns,
so that a trace of 100,000 operations has one form with one of eight. A reader makes the variables and steps that it needs
(`expansion.py`, `static/expansion.js`); what it makes is what version 1 wrote down one by one: "A variable", "A step" and "cells" below.
A document of version 1 has `variables` as a list of those, and in each timeline `steps` and `cells` and `known` as lists; it still opens.
Python's own views (tables, pictures) read that form, `document()`.

A *quantity* is a number or an array. An array is an object (`adviz/views/quantity.py`)

    shape       lengths of its axes, at most 64: [2, 3]
    values      numbers, row by row, as many as the shape says
    folded      true where only the entries that a line shows are in values: of a vector the first two and the last, of any other array the
                first two (or the one) along its last axis; missing otherwise. Arrays of more than 1000 entries are folded, and smaller ones
                (down to 100, 16, 4) in a document whose arrays have more than 200,000 entries together.
    summary     with folded: {"min": number, "max": number, "mean": number, "nan": count}, of the entries that are not nan

Top level

    format      "adviz-trace"
    version     2. A reader refuses a larger number.
    title       text, "f(x1, x2)"
    language    of its sentences, "en" or "zh"
    translations  the same in other languages, see `translation.py`; missing where there is none
    live        whether a reader that evaluates `rows` can compute every number at another point, or with other seeds, without Python, as
                long as every comparison of `branches` comes out as it did
    why_not_live  one sentence; "" where live is true
    inputs      one object per input: {"index": -1, "name": "x1", "value": quantity}; the entries of a tuple, list or dict are inputs of
                their own, named "w[0]" or "params['W1']"; `title` names the argument
    outputs     indices, [5]. One index may occur twice.
    output_names  ["y"] or ["y1", "y2", ...], as long as outputs
    sources     the learner's code: {"name": "f", "first_line": 1, "text": "def f(x1, x2):\n    return ..."}.
                Lines are numbered as in the file or cell, `first_line` being that of text's first line.
    kinds       kinds of variables, see "Kinds"; the first is that of the inputs
    variables   {"first": 1-n, "count": n + l} and columns (`columns.py`): per variable `kind`, `value`, `label` (its number in labels, or -1),
                `place` (its number in places, or -1); and one entry for each operand of each variable, in order: `operands` (an index, or the
                number of a constant) and `partials` (0 where the kind says that there is none)
    constants   a column: the numbers and arrays of the program's text
    labels      the learner's names
    places      positions: [source, line, column, end_line, end_column]
    folds       of more than 300 variables: see `folds.py`; missing otherwise
    branches    comparisons that f made: {"after": index of the last variable computed before it (or null), "text": "x1 > 0",
                "outcome": true, "position": position or null, "symbol": ">", "left": operand, "right": operand}, the operands being
                {"ref": -1} or {"number": number}
    notes       {"index": 3 or null, "kind": "kink" | "undefined" | "infinite-slope" | "unused" | "converted" |
                "piecewise-constant" | "zero-times-infinity" | "error", "text": sentence}
    rows        the rules used, by name, and those that their trees call: {"log": {"value": tree, "partials": [tree or null, ...],
                "latex": template or null}}; a template has {a} and {b} for the operands, a tree is
                ["a"] ["b"] ["v"] ["number", 2.0] ["+", l, r] ["-", l, r] ["*", l, r] ["/", l, r] ["//", l, r] ["%", l, r]
                ["**", l, r] ["name", "pi"] ["neg", u] ["call", "sin", u, ...]; an array operation has the value null and no partials
    timelines   {"values": timeline, "forward": timeline, "reverse": timeline}; a mode may be missing
    graph       the scene below, or null with `graph_missing`, one sentence that says why
    texts       {key: template}: the words of the page, from the catalogue (adviz/texts.py)
    asked       predict mode: the questions, and null for the numbers they hide (adviz/views/masked.py); missing otherwise
    sealed      of a page that asks: its answers, scrambled (adviz/sealed.py); missing otherwise
    lesson      a teacher's settings (adviz/views/lesson.py); missing where there are none
    modes       what else the explorer shows: Jacobian, Second order, Program, Compare (adviz/views/modes.py); missing where only a trace was given

Kinds

    A kind of variable has role, row, operands (["variable", "constant"]), partials ([true, false]: which are quantities), operation, definition,
    substituted, spoken and sentence as a variable has them, with places for what takes part (`kinds.py`). A kind of step has kind, final, say
    and formula as a step has them, and `term`: what it adds to the variable's cell, {"formula", "numbers"} or null.

    In a timeline of version 2, `known` is "inputs" or "all", `kinds` lists its kinds of steps, and `steps` is {"count": n} with the columns kind,
    index, source, operand (both 0 where a step has none) and number.

A variable

    index       Griewank's: -1, 0, 1, ...
    role        "input" | "assignment" | "constant" (an output that no input reaches)
    row         name of its rule, "log"; null for an input or a constant
    operands    [{"ref": -1}, {"number": quantity}], in order, with repetition
    value       quantity
    partials    one quantity per operand, of the shape of value; null where the operand is constant, and for an array operation, whose
                Jacobian is not written down
    symbol      {"text": "v₋₁", "math": math, "dot": math, "bar": math, "dot_text": "v̇₋₁", "bar_text": "v̄₋₁"}
    label       the learner's own name, "a" or "x1"; null without one
    operation   short text for the graph's box: "ln", "×", "sin", "−", "Σ", "[1:]"; for an input its name
    position    [source, line, column, end_line, end_column]: source is an index into `sources`, lines as numbered there,
                columns in code points from 0; null where unknown. An input has null.
    definition  math: "ln v₋₁" ; an input: its name
    substituted math with slots: "ln 2"; null for an input or constant, and where an operand is an array of more than 4 entries
    spoken      plain text of definition, for a screen reader: "log of v minus 1"
    sentence    of an array operation, what it does: "sum over axis 0"; missing otherwise

Math is what MathML needs, as data: a string (text), a slot, or [tag, child, ...] with tag one of
mrow mi mn mo msub msup mfrac msqrt mtext. A slot is an object {"slot": reference, "tight": true or absent}; "tight" asks for
parentheses around a negative number. A reader draws it as <mn> (in <mrow> with <mo>(</mo> where it needs parentheses). An mtext in a
row that does not follow an mo stands apart from what is before it: "v̄₃ to every entry summed".

References to quantities (all that a reader ever looks up)

    ["value", i]       value of variable i
    ["partial", i, k]  partial of variable i with respect to its k-th operand
    ["operand", i, k]  the constant that is the k-th operand of variable i, where it is an array
    ["step", n]        the number of step n (1-based) of the timeline the text belongs to
    ["number", x]      x itself

A timeline

    mode        "values" | "forward" | "reverse"
    seed        quantities: one per input (forward), one per output (reverse), of their shapes; null for values
    seed_names  ["x1", "x2"] or ["y"]: what the seeds belong to
    known       indices whose value is known at step 0 (values, forward: the inputs; reverse: all)
    phases      [{"text": "Seeds", "start": 1}, ...]: the step each phase begins with
    steps       step n is steps[n - 1]; after 0 steps nothing is done
    cells       the derivative column of the table, by variable in the order of `variables`: a list of terms
                {"step": n, "formula": math, "numbers": math with slots}; a term is shown once step n is done. Terms are
                joined by "+". Empty in values. "numbers" is null for an array operation and where arrays have more than 4 entries.
    result      quantities: outputs' values (values), y_dot (forward), x_bar (reverse)

A step

    kind        "evaluate" | "seed" | "propagate" | "contribute" | "accumulate"
    index       the variable it writes: v_i, v̇_i or v̄_j
    source      contribute: i of the share v̄_i · ∂v_i/∂v_j; accumulate: the same i (null after nothing came); else null
    operand     contribute, accumulate: which operand of i; else null
    number      the value, tangent, share or running sum, a quantity of the shape of the variable
    final       accumulate, seed: true if nothing will be added to the adjoint afterwards; else true
    say         [template, reference, ...]: one sentence; {0}, {1} ... are filled with the formatted references
    formula     math with slots: the step as an equation, symbols then numbers: "v̄₀ += v̄₃ · cos v₀ = −1 · 0.2837 = −0.2837"

The scene (the graph's picture, drawn by Python to SVG text and by the browser to DOM; y grows downwards, units are CSS px)

    width, height
    nodes       {"index": i, "x", "y", "w", "h"}: a box (x, y: top left corner); all are wider where a value is an array
    leaves      {"x", "y", "w", "h", "to": i, "operand": k, "number": quantity} or, for an input drawn beside its consumer, "ref": j
    edges       {"from": j, "to": i, "operand": k, "path": "M … C …", "label": [x, y], "head": "x1,y1 x2,y2 x3,y3", "tail": same}:
                `head` is the arrow at i, used with the flow; `tail` the arrow at j, used in reverse. Edges from leaves have
                "leaf": index into leaves in place of "from".
    Inside a box, from the top left corner: name at (8, 18), operation at (w - 8, 18) right-aligned, value at (w / 2, 38) centred,
    derivative at (w / 2, 56) centred. The partial of an edge is centred at its label.

How numbers are written (`adviz/views/number.py`, `static/number.js`, held to each other by a test): integers below 10^6 in full;
otherwise 4 significant figures, at least to the unit, ties away from zero, trailing zeros dropped; |x| < 10^-3 or >= 10^6 as
m×10ⁿ; "−" U+2212; "∞"; "nan". Arrays (`quantity.py`, `static/quantity.js`): "[1 2 3]" up to 4 entries, "[1 2 … 9] (9,)", "[[1 2 …] …] (2, 3)".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from adviz.errors import AdvizError, BudgetError
from adviz.languages import said_by, spoken
from adviz.operators import output_names
from adviz.texts import TEXTS, open_text, text
from adviz.timeline import Timeline, forward, reverse, values
from adviz.trees import flatten, rebuild
from adviz.views import columns
from adviz.views.expansion import Variables, expanded
from adviz.views.folds import folds, rounds_document
from adviz.views.graph import LARGEST as SCENE
from adviz.views.graph import scene
from adviz.views.kinds import Places
from adviz.views.lesson import Lesson, lesson_of
from adviz.views.live import guard, row_document, rows_of, why_not_live
from adviz.views.math import plain
from adviz.views.notes import notes, where_zero_met_infinity
from adviz.views.quantity import written
from adviz.views.timelines import timeline_document
from adviz.views.translation import translations
from adviz.views.variables import assignment_entry, input_entry, position_in, variable_columns
from adviz.views.words import Words
from adviz.wengert import Branch, Ref, Trace

FORMAT, VERSION = "adviz-trace", 2
LARGEST = 100_100  # variables: 100,000 operations and their inputs
LISTED = 2000  # variables that are written down one by one: about 7 MB and 2 s
PAGE = ("page.", "caption.", "table.", "live.", "document.")  # the part of the catalogue that a page needs
Document = dict[str, Any]


def document(trace: Trace, timelines: Mapping[str, Timeline] | None = None) -> Document:
    """The document of a trace with every variable and step written down (version 1), as Python's own views read it. BudgetError for a
    trace of more than LISTED variables."""
    _check_listed(trace.size)
    return expanded(packed(trace, timelines))


def whole(content: Document) -> Document:
    """A document with every variable and step written down; one that is already, as it is."""
    if "kinds" not in content:
        return content
    _check_listed(content["variables"]["count"])
    return expanded(content)


def _check_listed(count: int) -> None:
    if count > LISTED:
        raise BudgetError(text("document.too_large", count=f"{count:,}", limit=f"{LISTED:,}"))


def packed(trace: Trace, timelines: Mapping[str, Timeline] | None = None, lesson: Lesson | None = None) -> Document:
    """The trace document of a trace, its columns as arrays. `timelines` gives those with a seed of their own; by default forward is seeded
    with the first input and reverse with the first output. BudgetError for a trace of more than LARGEST variables."""
    if trace.size > LARGEST:
        raise BudgetError(text("document.budget", count=f"{trace.size:,}", limit=f"{LARGEST:,}"))
    places = Places(trace)
    described, kind = variable_columns(trace, places)
    swept = {"values": values(trace)} if trace.error is not None else default_timelines(trace) | dict(timelines or {})
    settings = (lesson or Lesson()).document()
    found = Definitions(Variables(described | settings))
    why_not = why_not_live(trace)
    written_down = {mode: timeline_document(timeline, places, kind) for mode, timeline in swept.items()}
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": _title(trace),
        "language": spoken(),
        "live": not why_not,
        "why_not_live": why_not,
        "inputs": described["inputs"],
        "outputs": list(trace.outputs),
        "output_names": list(output_names(len(trace.outputs))) if trace.outputs else [],
        "sources": [{"name": s.name, "first_line": s.first_line, "text": s.text} for s in trace.sources],
        **{name: described[name] for name in ("kinds", "variables", "constants", "labels", "places")},
        "branches": [_branch(trace, b, settings) for b in trace.branches],
        "notes": [*notes(trace, found), *_met(swept, written_down, found)],
        "rows": {name: row_document(row) for name, row in rows_of(trace).items()},
        "timelines": written_down,
        **_graph(found.variables, list(trace.outputs)),
        **({"folds": folds(described, len(trace.inputs)) | rounds_document(trace)} if trace.size > SCENE else {}),
        "texts": page_texts(spoken()),
        **settings,
    }


@cache
def page_texts(language: str) -> Document:
    """The templates that a page fills."""
    return {key: open_text(key, language) for key in TEXTS if key.startswith(PAGE)}


class Definitions(Mapping[int, tuple[str, str]]):
    """The symbol and the definition of each variable as text, written when they are asked for."""

    def __init__(self, variables: Variables) -> None:
        self.variables = variables

    def __getitem__(self, i: int) -> tuple[str, str]:
        variables = self.variables
        return variables.symbol(i)["text"], plain(variables.formula(variables.kind(i)["definition"], i), self._number)

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.variables.first, self.variables.first + self.variables.count))

    def __len__(self) -> int:
        return self.variables.count

    def _number(self, reference: Sequence[Any]) -> Any:
        """The only numbers in a definition are constants of the program."""
        match reference:
            case ["operand", i, k]:
                return self.variables.constant(i, k)
            case ["value", i]:
                return self.variables.value(i)
        return reference[1]


def _met(swept: Mapping[str, Timeline], written_down: Mapping[str, Document], definitions: Mapping[int, tuple[str, str]]) -> list[Document]:
    """Where 0 met an infinity in any of the sweeps, each place once."""
    suspicious = [swept[mode] for mode, timeline in written_down.items() if _may_be_nan(timeline["steps"]["number"])]
    found = [note for timeline in suspicious for note in where_zero_met_infinity(timeline, definitions)]
    return list({note["index"]: note for note in found}.values())


def _may_be_nan(column: columns.Column) -> bool:
    """Whether nan may be among the numbers: arrays are not looked into."""
    return isinstance(column, list) or bool(np.isnan(column).any())


def default_timelines(trace: Trace) -> dict[str, Timeline]:
    """Values, forward along the first input, reverse from the first output; of an array its first entry."""
    return {
        "values": values(trace),
        "forward": forward(trace, seed=first_unit(trace, trace.inputs)),
        "reverse": reverse(trace, seed=first_unit(trace, trace.outputs)),
    }


def first_unit(trace: Trace, indices: Sequence[int]) -> tuple[Any, ...]:
    """A seed for these variables: 1 in the first entry of the first of them that has entries, 0 elsewhere."""
    shapes = [np.shape(trace.value_of(i)) for i in indices]
    seed: list[Any] = [np.zeros(shape) if shape else 0.0 for shape in shapes]
    first = next((k for k, shape in enumerate(shapes) if 0 not in shape), None)
    if first is not None and shapes[first]:
        seed[first].flat[0] = 1.0
    elif first is not None:
        seed[first] = 1.0
    return tuple(seed)


def excerpt(trace: Trace, *, head: int, tail: int) -> Document:
    """What a table in plain text needs of a long trace: its first and last lines; `left_out` counts the others."""
    words = Words(trace)
    shown = [*trace.assignments[: max(0, head - len(trace.inputs))], *trace.assignments[-tail:]]
    variables = [input_entry(words, i) for i in trace.inputs]
    variables += [assignment_entry(words, a) | {"substituted": a.row and words.substituted(a, words.numbers(a))} for a in shown]
    return {
        "title": _title(trace),
        "outputs": list(trace.outputs),
        "output_names": list(output_names(len(trace.outputs))) if trace.outputs else [],
        "variables": variables,
        "branches": [],
        "notes": [],
        "timelines": {"values": {"steps": [], "cells": [[] for _ in variables]}},
        "left_out": trace.size - len(variables),
    }


def _title(trace: Trace) -> str:
    """ "f(x1, x2)"; an argument that is a tuple, a list or a dict stands under its own name: "loss(parameters, x)"."""
    names = iter(trace.parameters)
    leaves = [flatten(rebuild(tree, names))[0] for tree in trace._point.arguments]
    return f"{trace.function}({', '.join(name.removesuffix(path) for (path, name), *_ in filter(None, leaves))})"


def document_json(trace: Trace, seeds: Mapping[str, Any] | None = None) -> str:
    """The document as JSON text, the same bytes for the same trace. `seeds` may have "forward" and "reverse"."""
    sweeps = {"forward": forward, "reverse": reverse}
    timelines = {mode: sweeps[mode](trace, seed=tuple(seed)) for mode, seed in (seeds or {}).items()}
    return json_text(packed(trace, timelines))


def text_and_bytes(document: Document) -> tuple[str, bytes]:
    """A document as JSON text and the bytes of its long columns."""
    together = columns.Together()
    return _dumped(columns.written(_translated(document), together)), together.content()


def json_text(document: Document) -> str:
    """A document as JSON text; long columns are bytes in base64."""
    return _dumped(columns.written(_translated(document)))


def _translated(document: Document) -> Document:
    """With its translations beside it, unless it is of version 1, which has none."""
    found = translations(document) if "kinds" in document else None
    return document | {"translations": found} if found else document


def _dumped(content: Document) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _branch(trace: Trace, b: Branch, settings: Document) -> Document:
    named = lesson_of(settings).names
    sides = [named.get(u.index) or trace.label_of(u.index) or f"v{u.index}" if isinstance(u, Ref) else written(u.value) for u in (b.left, b.right)]
    shown = f"{sides[0]} {b.symbol} {sides[1]}"
    return {"after": b.after, "text": shown, "outcome": b.outcome, "position": position_in(trace, b.position), **guard(b)}


def _graph(variables: Variables, outputs: list[int]) -> Document:
    """The scene, or null and the reason."""
    if variables.count > SCENE:
        return {"graph": None, "graph_missing": text("graph.too_large", count=f"{variables.count:,}", limit=SCENE)}
    indices = range(variables.first, variables.first + variables.count)
    try:
        return {"graph": scene([variables.variable(i) for i in indices], outputs)}
    except AdvizError as error:
        return {"graph": None, "graph_missing": said_by(error)}
