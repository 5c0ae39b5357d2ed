"""The trace document: what the explorer, every export and any third party read.   (format version 1)

A document is a JSON object. Python writes it once from a trace and its timelines; a reader replays it and
needs no rule of differentiation. Numbers that JSON cannot write are the strings "nan", "inf", "-inf".

Top level

    format      "adviz-trace"
    version     1. A reader refuses a larger number.
    title       text, "f(x1, x2)"
    language    "en"
    live        false: this version's readers ask Python for a new document when an input changes
    why_not_live  one sentence
    inputs      one object per input: {"index": -1, "name": "x1", "value": 2.0}
    outputs     indices, [5]. One index may occur twice.
    output_names  ["y"] or ["y1", "y2", ...], as long as outputs
    sources     the learner's code: {"name": "f", "first_line": 1, "text": "def f(x1, x2):\n    return ..."}.
                Lines are numbered as in the file or cell, `first_line` being that of text's first line.
    variables   every variable, in the order of their indices 1-n .. l: see below
    branches    comparisons that f made: {"after": index of the last variable computed before it (or null), "text": "x1 > 0",
                "outcome": true, "position": position or null}
    notes       {"index": 3 or null, "kind": "kink" | "undefined" | "infinite-slope" | "unused" | "converted" |
                "piecewise-constant" | "zero-times-infinity" | "error", "text": sentence}
    rows        the rules used, by name: {"log": {"value": tree, "partials": [tree, ...]}}; a tree is
                ["a"] ["b"] ["v"] ["number", 2.0] ["+", l, r] ["-", l, r] ["*", l, r] ["/", l, r] ["//", l, r] ["**", l, r]
                ["neg", u] ["call", "sin", u, ...]
    timelines   {"values": timeline, "forward": timeline, "reverse": timeline}; a mode may be missing
    graph       the scene below, or null with `graph_missing`, one sentence that says why
    texts       {key: template}: the words of the page, from the catalogue (adviz/texts.py)

A variable

    index       Griewank's: -1, 0, 1, ...
    role        "input" | "assignment" | "constant" (an output that no input reaches)
    row         name of its rule, "log"; null for an input or a constant
    operands    [{"ref": -1}, {"number": 3.0}], in order, with repetition
    value       number
    partials    one number per operand; null where the operand is constant
    symbol      {"text": "v₋₁", "math": math, "dot": math, "bar": math, "dot_text": "v̇₋₁", "bar_text": "v̄₋₁"}
    label       the learner's own name, "a" or "x1"; null without one
    operation   short text for the graph's box: "ln", "×", "sin", "−"; for an input its name
    position    [source, line, column, end_line, end_column]: source is an index into `sources`, lines as numbered there,
                columns in code points from 0; null where unknown. An input has null.
    definition  math: "ln v₋₁" ; an input: its name
    substituted math with slots: "ln 2"; null for an input or constant
    spoken      plain text of definition, for a screen reader: "log of v minus 1"

Math is what MathML needs, as data: a string (text), a slot, or [tag, child, ...] with tag one of
mrow mi mn mo msub msup mfrac msqrt mtext. A slot is an object {"slot": reference, "tight": true or absent}; "tight" asks for
parentheses around a negative number. A reader draws it as <mn> (in <mrow> with <mo>(</mo> where it needs parentheses).

References to numbers (all that a reader ever looks up)

    ["value", i]       value of variable i
    ["partial", i, k]  partial of variable i with respect to its k-th operand
    ["step", n]        the number of step n (1-based) of the timeline the text belongs to
    ["number", x]      x itself

A timeline

    mode        "values" | "forward" | "reverse"
    seed        numbers: one per input (forward), one per output (reverse); null for values
    seed_names  ["x1", "x2"] or ["y"]: what the seeds belong to
    known       indices whose value is known at step 0 (values, forward: the inputs; reverse: all)
    phases      [{"text": "Seeds", "start": 1}, ...]: the step each phase begins with
    steps       step n is steps[n - 1]; after 0 steps nothing is done
    cells       the derivative column of the table, by variable in the order of `variables`: a list of terms
                {"step": n, "formula": math, "numbers": math with slots}; a term is shown once step n is done. Terms are
                joined by "+". Empty in values.
    result      numbers: outputs' values (values), y_dot (forward), x_bar (reverse)

A step

    kind        "evaluate" | "seed" | "propagate" | "contribute" | "accumulate"
    index       the variable it writes: v_i, v̇_i or v̄_j
    source      contribute: i of the share v̄_i · ∂v_i/∂v_j; accumulate: the same i (null after nothing came); else null
    operand     contribute, accumulate: which operand of i; else null
    number      the value, tangent, share or running sum
    final       accumulate, seed: true if nothing will be added to the adjoint afterwards; else true
    say         [template, reference, ...]: one sentence; {0}, {1} ... are filled with the formatted references
    formula     math with slots: the step as an equation, symbols then numbers: "v̄₀ += v̄₃ · cos v₀ = −1 · 0.2837 = −0.2837"

The scene (the graph's picture, drawn by Python to SVG text and by the browser to DOM; y grows downwards, units are CSS px)

    width, height
    nodes       {"index": i, "x", "y", "w", "h"}: a box (x, y: top left corner)
    leaves      {"x", "y", "w", "h", "to": i, "operand": k, "number": c} or, for an input drawn beside its consumer, "ref": j
    edges       {"from": j, "to": i, "operand": k, "path": "M … C …", "label": [x, y], "head": "x1,y1 x2,y2 x3,y3", "tail": same}:
                `head` is the arrow at i, used with the flow; `tail` the arrow at j, used in reverse. Edges from leaves have
                "leaf": index into leaves in place of "from".
    Inside a box, from the top left corner: name at (8, 18), operation at (w - 8, 18) right-aligned, value at (w / 2, 38) centred,
    derivative at (w / 2, 56) centred. The partial of an edge is centred at its label.

How numbers are written (`adviz/views/number.py`, `static/number.js`, held to each other by a test): integers below 10^6 in full;
otherwise 4 significant figures, at least to the unit, ties away from zero, trailing zeros dropped; |x| < 10^-3 or >= 10^6 as
m×10ⁿ; "−" U+2212; "∞"; "nan".
"""
