"""Several steps in one picture: a film strip for a slide, and the same frames one after the other as an animated GIF.

A frame is the graph after a step, with the step's number above and its sentence below. The graph is the one of
`svg.py`; this module only puts frames beside each other.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adviz.errors import BudgetError, DocumentError, InputError
from adviz.listing import wrapped
from adviz.texts import text
from adviz.views.lesson import note_at
from adviz.views.math import fill, lookup_in
from adviz.views.picture import needed, png, size
from adviz.views.svg import FONT, THEMES, clean, svg, tag

FRAMES = 6             # of a film strip that was given no steps
MOST_FRAMES = 300      # of a GIF
NARROWEST = 360        # so that a sentence has room under a graph of two boxes
GAP, MARGIN, HEADING = 28, 20, 40
LINE, LETTER = 21, 8.7  # height of a line of 15 px type, width of its average letter


def film(document: Mapping[str, Any], mode: str, steps: Iterable[int] | None = None, *, columns: int | None = None, theme: str = "light") -> str:
    """SVG text of the frames after those steps, row by row; without `steps` of up to six, the first and the last among them.

    `columns` is how many stand side by side; by default so many that the strip fits a slide. InputError for steps that
    the timeline does not have; DocumentError where there is no graph to draw.
    """
    chosen = _chosen(document, mode, steps)
    return _strip(document, mode, chosen, max(len(_lines(document, mode, step)) for step in chosen), columns, theme)


def gif(document: Mapping[str, Any], mode: str, *, theme: str = "light", seconds: float = 1.4, scale: float = 1.5, repeat: bool = True) -> bytes:
    """Every step as a frame of an animated GIF, `seconds` each; the last one stays three times as long.

    It plays again and again, or once with repeat=False. BudgetError for more than MOST_FRAMES frames.
    """
    count = len(document["timelines"][mode]["steps"])
    if count >= MOST_FRAMES:
        raise BudgetError(text("export.frames", count=count + 1, limit=MOST_FRAMES))
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0.02 <= seconds <= 600:
        raise InputError(text("export.seconds", seconds=repr(seconds)[:60]))
    pillow = needed("PIL.Image", "Pillow")
    steps = _chosen(document, mode, range(count + 1))
    lines = max(len(_lines(document, mode, step)) for step in steps)
    frames = []
    for step in steps:
        drawn = pillow.open(io.BytesIO(png(_strip(document, mode, [step], lines, 1, theme), scale=scale))).convert("RGB")
        frames.append(drawn.quantize(colors=64, method=pillow.Quantize.MEDIANCUT, dither=pillow.Dither.NONE))
    written = io.BytesIO()
    durations = [round(1000 * seconds)] * count + [round(3000 * seconds)]
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:], duration=durations, disposal=1, **({"loop": 0} if repeat else {}))
    return written.getvalue()


def _chosen(document: Mapping[str, Any], mode: str, steps: Iterable[int] | None) -> list[int]:
    if document["graph"] is None:
        raise DocumentError(document.get("graph_missing", ""))
    last = len(document["timelines"][mode]["steps"])
    if steps is None:
        frames = min(FRAMES, last + 1)
        return [round(k * last / max(frames - 1, 1)) for k in range(frames)]
    chosen = list(steps)
    if len(chosen) > MOST_FRAMES:
        raise BudgetError(text("export.frames", count=len(chosen), limit=MOST_FRAMES))
    if not chosen or not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= last for n in chosen):
        raise InputError(text("export.steps", last=last, steps=repr(chosen)[:60]))
    return chosen


def _strip(document: Mapping[str, Any], mode: str, chosen: Sequence[int], lines: int, columns: int | None, theme: str) -> str:
    """The frames after the chosen steps, with room for so many lines under each."""
    pictures = [svg(document, mode, step, theme=theme) for step in chosen]
    width = max(NARROWEST, *(size(picture)[0] for picture in pictures))
    height = 34 + LINE * lines + max(size(picture)[1] for picture in pictures)
    across = _across(len(chosen), width, height) if columns is None else columns
    if isinstance(across, bool) or not isinstance(across, int) or across < 1:
        raise InputError(text("export.columns", columns=repr(columns)[:60]))
    across, down = min(across, len(chosen)), math.ceil(len(chosen) / across)
    ink, top = THEMES[theme], MARGIN + HEADING
    cells = [
        _cell(document, mode, step, picture, width, ink, MARGIN + n % across * (width + GAP), top + n // across * (height + GAP))
        for n, (step, picture) in enumerate(zip(chosen, pictures, strict=True))
    ]
    title = text(f"caption.{mode}", title=document["title"])
    full = 2 * MARGIN + across * (width + GAP) - GAP, top + MARGIN + down * (height + GAP) - GAP
    return tag("svg", "\n".join([
        "", tag("title", clean(title)), tag("rect", width=full[0], height=full[1], fill=ink["card"]),
        _text(_cut(title, (full[0] - 2 * MARGIN) / 11), MARGIN, MARGIN + 18, 19, ink["text"], bold=True), *cells, "",
    ]), xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {full[0]:g} {full[1]:g}", width=full[0], height=full[1],
        role="img", class_="adviz-film", font_family=FONT) + "\n"  # fmt: skip


def _across(count: int, width: float, height: float) -> int:
    """How many frames stand side by side for a strip that is nearest to 16 : 9."""

    def off(across: int) -> float:
        return abs(math.log(across * width / (math.ceil(count / across) * height) / (16 / 9)))

    return min(range(1, count + 1), key=off)


def _lines(document: Mapping[str, Any], mode: str, step: int) -> list[str]:
    """The sentence of a step and the author's note, in lines as wide as the graph."""
    steps = document["timelines"][mode]["steps"]
    template, *references = steps[step - 1]["say"] if step else [""]
    sentences = [fill(template, references, lookup_in(document, mode)), note_at(document, mode, step)]
    return [line for sentence in sentences for line in wrapped(sentence, int(max(NARROWEST, document["graph"]["width"]) / LETTER))]


def _cell(
    document: Mapping[str, Any], mode: str, step: int, picture: str, width: float, ink: Mapping[str, str], x: float, y: float
) -> str:  # fmt: skip
    wide, high = size(picture)
    heading = text("page.step_of", n=step, count=len(document["timelines"][mode]["steps"]))
    placed = picture.strip().replace("<svg ", f'<svg x="{x + (width - wide) / 2:g}" y="{y + 26:g}" ', 1)
    words = [_text(line, x, y + 26 + high + LINE * n + 20, 15, ink["text"]) for n, line in enumerate(_lines(document, mode, step))]
    return tag("g", "".join([_text(heading, x, y + 16, 15, ink["text"], bold=True), placed, *words]), class_="adviz-frame")


def _text(content: str, x: float, y: float, high: float, colour: str, *, bold: bool = False) -> str:
    return tag("text", clean(content), x=x, y=y, font_size=high, fill=colour, font_weight=700 if bold else None) if content else ""


def _cut(words: str, room: float) -> str:
    return words if len(words) <= room else words[: max(int(room) - 1, 1)] + "…"
