"""The player without a kernel: one HTML file that opens from anywhere, and the same in a notebook's saved output.

The page holds the explorer's script, its styles and one document, and loads nothing: its content policy names the one
script and the one style by their hashes. In a notebook it stands in a sandboxed frame, followed by a plain table and a
picture; where scripts and frames are stripped (a notebook that is not trusted, a site that shows notebooks), these two
are what is left. A style hides them beside a running player; whoever strips the player strips that style as well.
"""

from __future__ import annotations

import hashlib
import json
import math
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from typing import Any

from adviz.languages import TAGS, chosen
from adviz.texts import text
from adviz.views.assemble import page_style, player, stylesheet
from adviz.views.lesson import lesson_of
from adviz.views.quantity import is_array, size_of

LARGEST_PLAYER = 200    # variables: above, the saved output is the picture and the table


def page(document_json: str, mode: str, step: int, columns: bytes = b"") -> str:
    """One standalone HTML file that shows the document in that mode at that step, and steps without a kernel. It speaks the language that was
    chosen; where none was, that of the reader's browser.

    The document and the bytes of its long columns, where they are beside it, stand in blocks of data, which no browser compiles or hashes.
    """
    document = json.loads(document_json)
    language = chosen() or document["language"]
    place = [literal(mode), str(int(step)), literal(chosen()), *_fixed(document)]
    start = ", ".join(['document.getElementById("adviz")', *place])
    blocks = [
        f'<script type="application/json" id="adviz-document">{inert(document_json)}</script>',
        f'<script type="text/plain" id="adviz-columns">{b64encode(columns).decode()}</script>',
    ]
    return sheet(document["title"], TAGS.get(language, language), f"{player()}\nplay({start});\n", stylesheet(), blocks)


def sheet(title: str, tag: str, code: str, styles: str, blocks: Sequence[str] = ()) -> str:
    """One HTML file that runs the code in <main id="adviz">, and by its content policy nothing else. `tag` is the language of its words,
    `blocks` its data."""
    style = page_style() + styles
    policy = f"default-src 'none'; img-src data: blob:; script-src '{_hash(code)}'; style-src '{_hash(style)}'"
    return "\n".join([
        "<!doctype html>",
        f'<html lang="{escape(tag)}">',
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(_printable(title))}</title>",
        f"<style>{style}</style>",
        '<main id="adviz"></main>',
        *blocks,
        f'<script type="module">{code}</script>',
        "</html>\n",
    ])  # fmt: skip


def _fixed(document: dict) -> list[str]:
    """What the address of the page cannot choose, where the controls for it are not there."""
    lesson = lesson_of(document)
    fixed = [place for place, control in (("mode", "modes"), ("step", "step"), ("at", "inputs")) if not lesson.allows(control)]
    return [json.dumps(fixed)] if fixed else []


def mimebundle(document_json: str, mode: str, picture: str, table: str, printed: str) -> dict[str, str]:
    """What a notebook keeps of a trace: the player with its plain twin, and text.

    `picture` is SVG text or "", `table` HTML of a plain table, `printed` the table as text.
    """
    document = json.loads(document_json)
    steps = _length(document["timelines"][mode]["steps"])
    caption = text("caption." + mode, title=_printable(document["title"]))
    twin = [f"<div>{table}</div>"]
    if picture:
        source = b64encode(picture.encode()).decode()
        alternative = escape(text("page.picture_of", caption=caption))
        twin.insert(0, f'<div><img alt="{alternative}" src="data:image/svg+xml;base64,{source}"></div>')
    if _length(document["variables"]) > LARGEST_PLAYER:
        return {"text/html": "\n".join(twin), "text/plain": printed}
    title = escape(text("page.frame_title", title=_printable(document["title"])))
    player = (
        f'<iframe class="adviz-player" title="{title}" sandbox="allow-scripts allow-downloads" width="100%" height="{_height(document)}" '
        f'frameborder="0" srcdoc="{escape(page(document_json, mode, steps))}"></iframe>'
    )
    hidden = "<style>.adviz-player ~ .adviz-twin { display: none; }</style>"
    return {"text/html": "\n".join([hidden, player, '<div class="adviz-twin">', *twin, "</div>"]), "text/plain": printed}


def _height(document: dict) -> int:
    """Room for the player in px, as its styles lay it out at the width of a notebook; beyond, the frame scrolls."""
    graph = min(document["graph"]["height"], 544) if document["graph"] else 40
    count = _length(document["variables"])
    table = min(90 + 38 * count, 432)
    notes = 32 * min(len(document["notes"]) + len(document["branches"]), 7)
    if _has_arrays(document["variables"]):
        table = min(90 + 60 * count, 432)
        seeds = max((_strip(t["seed_names"], t["seed"] or []) for t in document["timelines"].values()), default=0)
        graph += _strip([i["name"] for i in document["inputs"]], [i["value"] for i in document["inputs"]]) + seeds - 30
    changing = 40 + (34 * math.ceil(len(document["inputs"]) / 4) if document["live"] else 0)  # the nudge's line, and sliders under the inputs
    return math.ceil(300 + changing + graph + max(table, 260 + notes))


def _length(part: Any) -> int:
    """How many variables or steps there are, in columns or one by one."""
    return int(part["count"]) if isinstance(part, dict) else len(part)


def _has_arrays(variables: Any) -> bool:
    """Whether an array is among the values."""
    return any(map(is_array, variables["value"])) if isinstance(variables, dict) else any(is_array(v["value"]) for v in variables)


def _strip(names: Sequence[str], quantities: Sequence[Any]) -> float:
    """How high a row of fields is: arrays of up to 6 entries have one each, in rows and columns."""
    width, rows = 0, 1
    for name, x in zip(names, quantities, strict=True):
        edited = 0 < size_of(x) <= 6
        shape = x["shape"] if is_array(x) else [1]
        width += 11 * len(name) + (88 * shape[-1] + 60 if edited else 260)
        rows = max(rows, math.prod(shape[:-1]) if edited else 1)
    return min(40 * math.ceil(width / 900) + 36 * (rows - 1), 208)


def literal(value: str) -> str:
    """A JavaScript string that can stand inside <script>."""
    return inert(json.dumps(value, ensure_ascii=False))


def inert(content: str) -> str:
    """JSON that can stand inside <script>: no tag, comment or line separator is seen in it."""
    for character in "<>&\u2028\u2029":
        content = content.replace(character, f"\\u{ord(character):04x}")
    return content


def _hash(content: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _printable(words: str) -> str:
    """Without characters that HTML cannot hold."""
    return "".join(c if c >= " " and not "\ud800" <= c <= "\udfff" else "\ufffd" for c in words)
