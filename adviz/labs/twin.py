"""A lab where nothing runs: its sentence, its pictures and its tables, as a notebook keeps them for GitHub, nbviewer and paper."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from html import escape
from typing import Any

from adviz.labs.design import Design
from adviz.labs.drawing import svg_text


def twin(design: Design) -> str:
    """HTML of a heading, a paragraph, an <img> per plot and a <table> per table: what survives sanitisers."""
    contents = design.contents({**design.start, **design.still})
    parts = [f"<p><b>{escape(design.title)}</b></p>"]
    for part in design.document()["parts"]:
        content = [contents[key] for key in part.get("keys", [part.get("key")])]
        match part["kind"]:
            case "plot":
                shapes = [shape for layer in content if layer and not isinstance(layer, dict) for shape in layer]
                source = b64encode(svg_text(shapes, part["label"]).encode()).decode()
                parts.append(f'<img alt="{escape(part["label"])}" src="data:image/svg+xml;base64,{source}">')
            case "table" if content[0] and "problem" not in content[0]:
                parts.append(_table(content[0]))
            case "sentence" if isinstance(content[0], str):
                parts.append(f"<p>{escape(content[0])}</p>")
    return "\n".join(parts)


def _table(table: Mapping[str, Any]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table["columns"])
    rows = ["".join([f'<th scope="row">{_words(row[0])}</th>', *(f"<td>{_words(cell)}</td>" for cell in row[1:])]) for row in table["rows"]]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><caption>{escape(table['caption'])}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _words(cell: Any) -> str:
    if isinstance(cell, str):
        return escape(cell)
    words, role = cell
    return f"<b>{escape(words)}</b>" if role in ("strong", "tangent", "adjoint") else escape(words)
