"""The graph in LaTeX: our own SVG text, read and written again as TikZ.

The picture is specified once, by `svg.py`; this is a translation of what it drew (rectangles, curves, triangles, circles
and words). It stands in the LaTeX text itself, so that pdflatex needs no second file and no converter, and its letters
are those of the paper it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from adviz.views.latex import literal

PREAMBLE = r"% \usepackage{amsmath,booktabs,tikz}"
UNIT = 0.75  # bp for each unit of the SVG: a CSS pixel
SIZES = (7, 8, 9, 10, 10.95, 12)  # pt: those that every LaTeX font has
ANCHORS = {"start": "base west", "middle": "base", "end": "base east"}
Shape = Mapping[str, str]


def figure_of(picture: str) -> str:
    r"""A tikzpicture of SVG text that `svg` wrote, no wider than the line it stands in, and a gap below it."""
    root = ElementTree.fromstring(picture)
    card, *drawn = [element for element in root if _kind(element) not in ("title", "desc")]
    lines = [line for element in drawn for part in element.iter() for line in _drawn(part)]
    return "\n".join([
        r"\noindent\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        rf"\begin{{tikzpicture}}[x={UNIT}bp, y=-{UNIT}bp, line join=round]",
        rf"\useasboundingbox (0,0) rectangle ({card.get('width')},{card.get('height')});",
        *lines,
        r"\end{tikzpicture}}",
        r"\par\medskip\noindent",
    ])  # fmt: skip


def _kind(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _drawn(element: ElementTree.Element) -> Iterator[str]:
    """The TikZ of one shape; groups, titles and descriptions draw nothing."""
    a = element.attrib
    match _kind(element):
        case "rect":
            x, y, w, h = (float(a.get(name, 0)) for name in ("x", "y", "width", "height"))
            corners = f", rounded corners={float(a.get('rx', 0)) * UNIT:g}bp"
            yield rf"\path[{_ink(a)}{corners}] ({x:g},{y:g}) rectangle ({x + w:g},{y + h:g});"
        case "circle":
            yield rf"\path[{_ink(a)}] ({a['cx']},{a['cy']}) circle[radius={float(a['r']) * UNIT:g}bp];"
        case "path":
            yield rf"\path[{_ink(a)}] {_curve(a['d'])};"
        case "polygon":
            yield rf"\path[{_ink(a)}] {' -- '.join(f'({point})' for point in a['points'].split())} -- cycle;"
        case "text":
            placed = f"anchor={ANCHORS[a['text-anchor']]}, inner sep=0pt, text={_colour(a['fill'])}"
            yield rf"\node[{placed}] at ({a['x']},{a['y']}) {{{_words(element)}}};"


def _words(element: ElementTree.Element) -> str:
    wanted = float(element.get("font-size", 14)) * UNIT
    size = max(each for each in SIZES if each <= max(wanted, SIZES[0]))
    bold = r"\bfseries\boldmath" if element.get("font-weight") else ""  # in a box: TikZ loses its place where a node changes the bold of mathematics
    return rf"\mbox{{\fontsize{{{size:g}}}{{{size:g}}}\selectfont\sffamily{bold} {literal(element.text or '')}}}"


def _ink(a: Shape) -> str:
    """Fill, stroke, width and dashes of a shape."""
    found = [f"fill={_colour(a['fill'])}"] if a.get("fill", "none") != "none" else []
    if "stroke" in a:
        found += [f"draw={_colour(a['stroke'])}", f"line width={float(a.get('stroke-width', 1)) * UNIT:g}bp"]
    if "stroke-dasharray" in a:
        on, off = (float(n) * UNIT for n in a["stroke-dasharray"].split())
        found.append(f"dash pattern=on {on:g}bp off {off:g}bp")
    return ", ".join(found)


def _colour(written: str) -> str:
    red, green, blue = (int(written[n : n + 2], 16) for n in (1, 3, 5))
    return f"{{rgb,255:red,{red};green,{green};blue,{blue}}}"


def _curve(d: str) -> str:
    """ "M x y C ..." as TikZ: a start and cubic pieces."""
    numbers = [f"{float(n):g}" for n in re.findall(r"[-+]?[\d.]+(?:e[-+]?\d+)?", d)]
    points = [f"({x},{y})" for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    pieces = [f".. controls {points[k]} and {points[k + 1]} .. {points[k + 2]}" for k in range(1, len(points) - 2, 3)]
    return " ".join([points[0], *pieces])
