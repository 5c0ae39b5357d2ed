"""The picture of a step: the scene of a document with the numbers known at that step, as SVG that needs nothing.

Two functions decide what is seen, `node_states` and `edge_states`; the browser's renderer (`static/graph.js`) follows
the same two rules, so that both pictures agree. Everything else is drawing. The SVG uses presentation attributes only
(no style, no definitions, no references): it survives sanitisers, content policies and hidden cells, and it never lays
out: places come from the document's `graph`.

Every state has a colour and a second sign: a value that is not known is an empty dashed box; a partial sum ends in
"+…" and has a dashed frame; a final derivative has a solid one; the current box has a thick outline and bold text.
Where tangents have passed an edge is dashed, its arrow with the flow; where adjoints have, it is double, its arrow
against the flow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple
from unicodedata import category

from adviz.texts import text
from adviz.views.graph import BOX
from adviz.views.lesson import note_at
from adviz.views.math import Lookup, fill, lookup_in, plain
from adviz.views.quantity import in_box, label, the_same

NOTED = {"kink", "undefined", "infinite-slope", "zero-times-infinity"}
NAME_AND_OPERATION, LEAF_NAME = 13, 9     # characters that fit in the first line of a box, in a leaf
VALUE_ROOM, DERIVATIVE_ROOM = 18, 16      # and of an array in the lines below it, for boxes of arrays are wider

# Measured contrasts with the card: text and arrows at least 4.5 : 1, frames at least 3 : 1.
THEMES = {
    "light": {"card": "#ffffff", "box": "#ffffff", "text": "#1a1a1a", "muted": "#595959", "line": "#6b6b6b", "current": "#1a1a1a",
              "forward": "#b34e00", "reverse": "#0072b2"},
    "dark": {"card": "#111111", "box": "#1c1c1c", "text": "#f2f2f2", "muted": "#b3b3b3", "line": "#9a9a9a", "current": "#ffffff",
             "forward": "#e69f00", "reverse": "#56b4e9"},
}
FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif"


class NodeState(NamedTuple):
    """What a box shows: its class names in alphabetical order, and its four texts ("" where there is nothing yet)."""
    classes: tuple[str, ...]
    name: str
    operation: str
    value: str
    derivative: str


class EdgeState(NamedTuple):
    """What an edge shows: its class names in alphabetical order, and its partial ("" where there is nothing yet)."""
    classes: tuple[str, ...]
    label: str


def node_states(document: Mapping[str, Any], mode: str, step: int) -> dict[int, NodeState]:
    """The state of every variable's box after the first `step` steps of the timeline `mode` (0: nothing done).

    Done are the steps 1 .. step; the current step is number `step`. For a variable i:

    value known     i is in the timeline's `known`, or an "evaluate" step of i is done.
    derivative      the number of the last done step of i of kind "seed", "propagate" or "accumulate"; none before.
                    ("contribute" changes no box: the share is still on its edge.)

    Classes: always "adviz-node". "adviz-input" or "adviz-constant" by role; "adviz-output" if i is in `outputs`.
    Exactly one of "adviz-known" and "adviz-blank". Once there is a derivative, one of "adviz-partial" and "adviz-final",
    by that last step's `final`; also "adviz-zero" if it is final and its number is 0. "adviz-current" if the current
    step's index is i. "adviz-noted" if the value is known and a note of kind kink, undefined, infinite-slope or
    zero-times-infinity has the index i.

    Texts: name is symbol.text; for an output the first of its output names, else the label (not for inputs), follows
    after " = " where it is another name. operation is `operation`. If both together are longer than 13 characters, the part from " = " is
    dropped, then the operation is cut to 12 minus the name's length and "…" is added. value is number(value) once known.
    derivative is "v̇₁ = 0.5": symbol.dot_text (forward) or symbol.bar_text (reverse), " = ", the number, and " +…" while
    it is partial.
    """
    timeline = document["timelines"][mode]
    done = timeline["steps"][:step]
    known = {*timeline["known"], *(s["index"] for s in done if s["kind"] == "evaluate")}
    last = {s["index"]: s for s in done if s["kind"] in ("seed", "propagate", "accumulate")}
    noted = {n["index"] for n in document["notes"] if n["kind"] in NOTED}
    current = done[-1]["index"] if done else None
    states = {}
    for v in document["variables"]:
        i = v["index"]
        classes = {"adviz-node", "adviz-known" if i in known else "adviz-blank"}
        classes |= {"adviz-" + v["role"]} - {"adviz-assignment"}
        classes |= {"adviz-output"} if i in document["outputs"] else set()
        classes |= {"adviz-current"} if i == current else set()
        classes |= {"adviz-noted"} if i in known and i in noted else set()
        derivative = ""
        if i in last:
            accent = v["symbol"]["bar_text" if mode == "reverse" else "dot_text"]
            final = last[i]["final"]
            derivative = f"{accent} = {in_box(last[i]['number'], DERIVATIVE_ROOM)}{'' if final else ' +…'}"
            classes.add("adviz-final" if final else "adviz-partial")
            classes |= {"adviz-zero"} if final and the_same(last[i]["number"]) == 0 else set()
        value = in_box(v["value"], VALUE_ROOM) if i in known else ""
        states[i] = NodeState(tuple(sorted(classes)), *_heading(document, v), value, derivative)
    return states


def _heading(document: Mapping[str, Any], v: Mapping[str, Any]) -> tuple[str, str]:
    """Name and operation of a box, short enough to stand side by side."""
    name, operation, alias = v["symbol"]["text"], v["operation"], ""
    if v["index"] in document["outputs"]:
        alias = document["output_names"][document["outputs"].index(v["index"])]
    elif v["role"] != "input":
        alias = v["label"] or ""
    if alias == name:  # the author calls it so already
        alias = ""
    if alias and len(name) + 3 + len(alias) + len(operation) <= NAME_AND_OPERATION:
        name = f"{name} = {alias}"
    elif len(name) + len(operation) > NAME_AND_OPERATION:
        operation = operation[:max(NAME_AND_OPERATION - 1 - len(name), 1)] + "…"
    return name, operation


def edge_states(document: Mapping[str, Any], mode: str, step: int) -> dict[str, EdgeState]:
    """The state of every edge after `step` steps, by its key "j:i:k": operand k of v_i is v_j (or "c:i:k", a constant).

    Classes: always "adviz-edge". "adviz-constant" for a constant's edge, which has no other class and no label. Else:
    "adviz-flowed" once the derivative has passed: forward, a "propagate" step of i is done; reverse, the "contribute"
    step with source i and operand k is done. "adviz-active" if the current step is of kind "contribute" or "accumulate"
    with that source and operand, or of kind "evaluate" or "propagate" with index i.

    Label: number(partials[k]) of v_i, in the modes forward and reverse, once the value of v_i is known; else "".
    """
    timeline = document["timelines"][mode]
    done = timeline["steps"][:step]
    known = {*timeline["known"], *(s["index"] for s in done if s["kind"] == "evaluate")}
    propagated = {s["index"] for s in done if s["kind"] == "propagate"}
    contributed = {(s["source"], s["operand"]) for s in done if s["kind"] == "contribute"}
    now = done[-1] if done else {"kind": None, "index": None, "source": None, "operand": None}
    states = {}
    for v in document["variables"]:
        i = v["index"]
        for k, operand in enumerate(v["operands"]):
            if "ref" not in operand:
                states[f"c:{i}:{k}"] = EdgeState(("adviz-constant", "adviz-edge"), "")
                continue
            classes = {"adviz-edge"}
            if i in propagated or (i, k) in contributed:
                classes.add("adviz-flowed")
            arriving = now["kind"] in ("evaluate", "propagate") and now["index"] == i
            leaving = now["kind"] in ("contribute", "accumulate") and (now["source"], now["operand"]) == (i, k)
            if arriving or leaving:
                classes.add("adviz-active")
            partial = v["partials"][k] if mode != "values" and i in known else None
            states[f"{operand['ref']}:{i}:{k}"] = EdgeState(tuple(sorted(classes)), "" if partial is None else label(partial))
    return states


def svg(document: Mapping[str, Any], mode: str, step: int, *, theme: str = "light") -> str:
    """The graph after `step` steps of the timeline `mode`, as an SVG document.

    Boxes are `<g data-node="-1" class="adviz-node ...">`, edges `<g data-edge="-1:1:0" class="adviz-edge ...">`. The
    document must have a `graph` (else its `graph_missing` says why there is no picture). `theme` is "light" or "dark".
    """
    graph, steps = document["graph"], document["timelines"][mode]["steps"]
    step = max(0, min(step, len(steps)))
    ink = {**THEMES[theme], "derivative": THEMES[theme].get(mode, THEMES[theme]["text"])}
    variables = {v["index"]: v for v in document["variables"]}
    nodes, edges = node_states(document, mode, step), edge_states(document, mode, step)
    lookup = lookup_in(document, mode)
    template, *references = steps[step - 1]["say"] if step else [""]
    title = text("picture.title", caption=text("caption." + mode, title=document["title"]), step=step, steps=len(steps))
    keyed = [(edge, _key(edge, graph["leaves"])) for edge in graph["edges"]]
    return tag("svg", "\n".join([
        "", tag("title", clean(title)), tag("desc", clean(f"{fill(template, references, lookup)} {note_at(document, mode, step)}".strip())),
        tag("rect", width=graph["width"], height=graph["height"], rx=8, fill=ink["card"]),
        *(_edge(edge, key, edges[key], ink, mode) for edge, key in keyed),
        *(_leaf(leaf, variables, ink) for leaf in graph["leaves"]),
        *(_label(edge, edges[key], ink) for edge, key in keyed if edges[key].label),
        *(_node(node, nodes[node["index"]], _described(variables[node["index"]], nodes[node["index"]], lookup), ink) for node in graph["nodes"]),
        ""]),
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {graph['width']:g} {graph['height']:g}", width=graph["width"], height=graph["height"],
        role="img", class_="adviz-graph", data_mode=mode, data_step=step, font_family=FONT) + "\n"


def _key(edge: Mapping[str, Any], leaves: Sequence[Mapping[str, Any]]) -> str:
    origin = edge["from"] if "from" in edge else leaves[edge["leaf"]].get("ref", "c")
    return f"{origin}:{edge['to']}:{edge['operand']}"


def _edge(edge: Mapping[str, Any], key: str, state: EdgeState, ink: Mapping[str, str], mode: str) -> str:
    """A line and its arrow. The double line is a broad one with a narrow one of the card's colour on it."""
    flowed, active = "adviz-flowed" in state.classes, "adviz-active" in state.classes
    colour = ink["derivative"] if flowed else ink["text"] if active else ink["line"]
    end, dash = edge["head"], None
    strokes = [(3.5 if active else 2.5 if flowed else 1.75, colour)]
    if flowed and mode == "reverse":
        strokes, end = [(7.5 if active else 5, colour), (3 if active else 2, ink["card"])], edge["tail"]
    elif flowed:
        dash = "8 5"
    lines = "".join(tag("path", d=edge["path"], fill="none", stroke=stroke, stroke_width=width, stroke_dasharray=dash) for width, stroke in strokes)
    arrow = tag("polygon", points=end, fill=colour, stroke=colour, stroke_width=3 if active else 1.5, stroke_linejoin="round")
    return tag("g", lines + arrow, data_edge=key, class_=" ".join(state.classes))


def _label(edge: Mapping[str, Any], state: EdgeState, ink: Mapping[str, str]) -> str:
    """An edge's partial on a patch of the card, so that no line runs through its digits."""
    x, y = edge["label"]
    size = _size(state.label, 14, 8)
    width = (len(state.label) + 0.5) * size * 0.62
    active = "adviz-active" in state.classes
    colour = ink["derivative"] if "adviz-flowed" in state.classes else ink["text"] if active else ink["muted"]
    patch = tag("rect", x=x - width / 2, y=y - 9, width=width, height=18, rx=4, fill=ink["card"])
    classes = ["adviz-partial-label", *(name for name in state.classes if name != "adviz-edge")]
    return tag("g", patch + _words(x, y + 5, state.label, size, colour, bold=active), class_=" ".join(classes))


def _leaf(leaf: Mapping[str, Any], variables: Mapping[int, Mapping[str, Any]], ink: Mapping[str, str]) -> str:
    """A constant, or an input that is drawn beside each of its uses."""
    name = variables[leaf["ref"]]["operation"] if "ref" in leaf else in_box(leaf["number"], LEAF_NAME)
    if "ref" in leaf and len(name) > LEAF_NAME:
        name = name[:LEAF_NAME - 1] + "…"
    x, y, w, h = leaf["x"], leaf["y"], leaf["w"], leaf["h"]
    frame = tag("rect", x=x, y=y, width=w, height=h, rx=h / 2, fill=ink["box"], stroke=ink["line"], stroke_width=1.5)
    return tag("g", frame + _words(x + w / 2, y + h / 2 + 5, name, _size(name, 14, 7), ink["text"]), class_="adviz-leaf")


def _node(node: Mapping[str, Any], state: NodeState, described: str, ink: Mapping[str, str]) -> str:
    x, y, w, h = node["x"], node["y"], node["w"], node["h"]
    current, wider = "adviz-current" in state.classes, w / BOX[0]
    return tag("g", "".join([
        tag("title", clean(described)),
        *_frames(x, y, w, h, state.classes, ink),
        _words(x + 8, y + 18, state.name, 14, ink["text"], "start", bold=True),
        _words(x + w - 8, y + 18, state.operation, 14, ink["text"], "end", bold=current),
        _words(x + w / 2, y + 38, state.value, _size(state.value, 16, round(11 * wider)), ink["text"], bold=current),
        _words(x + w / 2, y + 56, state.derivative, _size(state.derivative, 14, round(15 * wider)), ink["derivative"])]),  # bold, a sum is too long
        data_node=node["index"], class_=" ".join(state.classes))


def _frames(x: float, y: float, w: float, h: float, classes: tuple[str, ...], ink: Mapping[str, str]) -> Iterator[str]:
    """The outline of the current box, the frame itself, the mark of a noted point."""
    def frame(outset: float, stroke: str, width: float, fill: str = "none", dash: str | None = None) -> str:
        return tag("rect", x=x - outset, y=y - outset, width=w + 2 * outset, height=h + 2 * outset, rx=8 + outset,
                    fill=fill, stroke=stroke, stroke_width=width, stroke_dasharray=dash)
    if "adviz-current" in classes:
        yield frame(4.5, ink["current"], 3)
    if "adviz-final" in classes:
        yield frame(0, ink["derivative"], 2.5, ink["box"])
    elif "adviz-partial" in classes:
        yield frame(0, ink["derivative"], 2.5, ink["box"], "7 4")
    else:
        yield frame(0, ink["line"], 1.5, ink["box"], "4 4" if "adviz-blank" in classes else None)
    if "adviz-noted" in classes:
        yield tag("circle", cx=x + w, cy=y + h, r=9, fill=ink["text"]) + _words(x + w, y + h + 5, "!", 14, ink["card"], bold=True)


def _words(x: float, y: float, words: str, size: float, colour: str, anchor: str = "middle", bold: bool = False) -> str:
    if not words:
        return ""
    return tag("text", clean(words), x=x, y=y, font_size=size, fill=colour, text_anchor=anchor, font_weight=700 if bold else None)


def _size(words: str, size: float, room: int) -> float:
    """The size of type at which `words` fit where `room` characters of the given size do (combining marks take none)."""
    length = sum(not category(character).startswith("M") for character in words)
    return size if length <= room else max(round(size * room / length), 10)


def _described(v: Mapping[str, Any], state: NodeState, lookup: Lookup) -> str:
    """A box in a line of text: "v₁ = ln v₋₁ = 0.6931; v̄₁ = 1"."""
    parts = [v["symbol"]["text"], plain(v["definition"], lookup), state.value]
    return "; ".join(filter(None, [" = ".join(filter(None, parts)), state.derivative]))


def tag(name: str, content: str = "", **attributes: str | float | None) -> str:
    """An element: a_b stands for the attribute a-b, None for one that is left out."""
    written = ""
    for key, value in attributes.items():
        if value is not None:
            shown = value if isinstance(value, str) else f"{round(value, 2):.10g}"
            written += f' {key.rstrip("_").replace("_", "-")}="{clean(shown)}"'
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def clean(words: str) -> str:
    """Escaped, and without the characters that XML cannot hold."""
    return escape("".join(c if " " <= c < "\ud800" or "\ue000" <= c < "\ufffe" or c > "\uffff" else "\ufffd" for c in words))
