"""Plots as data: Matplotlib lays a plot out, and its shapes become a short list that a page and a file draw alike.

A shape is ["path", d, stroke, fill, width, dash] or ["text", x, y, anchor, size, fill, weight, words]. Stroke and fill are roles ("adjoint",
"muted", ...; "" for none), not colours: the page paints them with its tokens, in light and dark; `svg_text` with the tokens' light values.
Lines are cut at the axes here, so that a picture needs no definitions and no references and survives hidden cells and content policies.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from adviz.errors import UnsupportedError
from adviz.texts import text
from adviz.views.number import SUPERSCRIPT, number

WIDTH, HEIGHT = 400, 300  # of a plot, in units: text of 14 units is readable where the plot is 360 px wide
FONT = 14.0
MARGINS = {"left": 56, "right": 12, "top": 30, "bottom": 46}
ROLES = ("text", "muted", "line", "hairline", "neutral", "neutral-soft", "tangent", "tangent-soft", "adjoint", "adjoint-soft", "error", "surface")
TOKEN_OF = {"text": "own-text", "surface": "own-surface"}  # roles whose colour is the host's: their own value stands in where there is no host
SETTINGS = {
    "text.parse_math": False, "font.size": FONT, "axes.linewidth": 1.0, "axes.unicode_minus": True, "lines.linewidth": 2.0, "path.simplify": True,
    "xtick.labelsize": FONT - 1, "ytick.labelsize": FONT - 1, "xtick.minor.visible": False, "ytick.minor.visible": False,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": False, "svg.hashsalt": "adviz",
}  # fmt: skip

Shape = list[Any]
drawing: ContextVar[bool] = ContextVar("adviz_lab_drawing", default=False)  # whether Matplotlib's settings are ours


@cache
def tokens() -> Mapping[str, tuple[str, str]]:
    """The light and the dark value of each role, from tokens.css."""
    css = (files("adviz") / "widget" / "static" / "tokens.css").read_text(encoding="utf-8")
    pairs = {name: (light, dark) for name, light, dark in re.findall(r"--adviz-([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)}
    return {role: pairs[TOKEN_OF.get(role, role)] for role in ROLES}


def ink(role: str) -> str:
    """The colour that stands for a role while Matplotlib draws: `ax.plot(x, y, color=ink("adjoint"))`."""
    return f"#0000{ROLES.index(role):02x}"


def _role(colour: Any) -> str:
    """The role that a colour stands for; KeyError for a colour that is none."""
    red, green, blue = (round(255 * float(c)) for c in colour[:3])
    if red or green or blue >= len(ROLES):
        raise KeyError(f"a plot of a lab is drawn with ink(role), not with {tuple(colour)}")
    return ROLES[blue]


def _filling(colour: Any) -> str:
    """The role that a shape is filled with, "" for none."""
    return "" if colour is None or len(colour) > 3 and colour[3] == 0 else _role(colour)


def matplotlib() -> Any:
    """The library; UnsupportedError, with what to do, where it is not installed."""
    try:
        import matplotlib as library
        import matplotlib.figure
    except ImportError:
        raise UnsupportedError(text("labs.needs", library="Matplotlib", package="matplotlib")) from None
    return library


@contextmanager
def settings() -> Iterator[None]:
    """Matplotlib as the labs want it, whatever style the notebook has chosen. Inside of itself it does nothing."""
    if drawing.get():
        yield
        return
    library = matplotlib()
    kept = {name for name in library.rcParams if name.startswith(("backend", "webagg", "interactive", "toolbar", "timezone", "docstring", "savefig"))}
    plain = {name: value for name, value in library.rcParamsDefault.items() if name not in kept}
    with library.rc_context({**plain, **SETTINGS}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)  # words are drawn by the page, in its fonts
        token = drawing.set(True)
        try:
            yield
        finally:
            drawing.reset(token)


class Sheet:
    """A plot that is drawn in layers: first the axes, then what changes, each as a list of shapes.

    >>> sheet = Sheet(lambda ax: ax.set(xlim=(0, 1), ylim=(0, 1)))
    >>> sheet.layer(lambda ax: ax.plot([0, 1], [0, 1], color=ink("adjoint")))
    [['path', 'M56 254L388 30', 'adjoint', '', 2.0, '']]
    """

    def __init__(self, prepare: Callable[[Any], Any]) -> None:
        with settings():
            self._figure = matplotlib().figure.Figure((WIDTH / 72, HEIGHT / 72), dpi=72)
            self._axes = _axes(self._figure)
            prepare(self._axes)
            _write_numbers(self._axes)
            self._axes.autoscale(False)
            recorder = recorder_of(WIDTH, HEIGHT)
            self._figure.draw(recorder)
        self.shapes: list[Shape] = recorder.shapes

    def layer(self, draw: Callable[[Any], Any]) -> list[Shape]:
        """The shapes of what `draw` adds to the axes; the axes are left as they were."""
        before = set(self._axes.get_children())
        recorder = recorder_of(WIDTH, HEIGHT)
        with settings():
            try:
                draw(self._axes)
            finally:
                added = sorted((a for a in self._axes.get_children() if a not in before), key=lambda artist: artist.zorder)
            for artist in added:
                artist.draw(recorder)
                artist.remove()
        return recorder.shapes


def _axes(figure: Any) -> Any:
    """Axes of which only the lower and the left line are drawn; labels are muted."""
    width, height = WIDTH - MARGINS["left"] - MARGINS["right"], HEIGHT - MARGINS["top"] - MARGINS["bottom"]
    ax = figure.add_axes((MARGINS["left"] / WIDTH, MARGINS["bottom"] / HEIGHT, width / WIDTH, height / HEIGHT))
    figure.patch.set_visible(False)
    ax.patch.set_visible(False)
    ax.tick_params(colors=ink("muted"), which="both", labelcolor=ink("muted"))
    ax.xaxis.label.set_color(ink("text"))
    for spine in ax.spines.values():
        spine.set_color(ink("line"))
    return ax


def _write_numbers(ax: Any) -> None:
    """Ticks as numbers are written everywhere; on a logarithmic axis 10⁻³, and few of them. Names that a plot gave to its ticks are left."""
    from matplotlib.ticker import FuncFormatter, LogFormatter, LogLocator, NullLocator, ScalarFormatter

    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() == "log":
            axis.set_major_locator(LogLocator(numticks=6))
            axis.set_minor_locator(NullLocator())
        if isinstance(axis.get_major_formatter(), ScalarFormatter | LogFormatter):
            axis.set_major_formatter(FuncFormatter(_power if axis.get_scale() == "log" else lambda x, _: number(round(x, 12))))


def _power(x: float, _: Any) -> str:
    """10⁻³ for 0.001"""
    return f"10{str(round(math.log10(x))).translate(SUPERSCRIPT)}"


def label_axes(ax: Any, x: str, y: str) -> None:
    """The names of the axes, both written horizontally: x under the middle, y above the axis."""
    ax.set_xlabel(x)
    ax.text(-0.13, 1.04, y, transform=ax.transAxes, color=ink("text"), ha="left", va="bottom")


@cache
def _recorder() -> Any:
    """The backend: a class, made when Matplotlib is first needed."""
    matplotlib()
    from matplotlib.backend_bases import RendererBase
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D

    class Recorder(RendererBase):
        """Keeps what is drawn as shapes."""

        def __init__(self, width: float, height: float) -> None:
            super().__init__()
            self.width, self.height = width, height
            self.shapes: list[Shape] = []

        def get_canvas_width_height(self) -> tuple[float, float]:
            return self.width, self.height

        def points_to_pixels(self, points: Any) -> Any:
            return points

        def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:
            width = gc.get_linewidth()
            stroke = _role(gc.get_rgb()) if width and gc.get_alpha() != 0 and gc.get_rgb()[3:] != (0,) else ""
            fill = _filling(rgbFace)
            box = gc.get_clip_rectangle()
            if fill and box is not None:
                path, box, transform = transform.transform_path(path).clip_to_bbox(box, inside=True), None, Affine2D()
            clip = None if box is None else (box.x0, box.y0, box.x1, box.y1)
            found = path.cleaned(transform, remove_nans=True, clip=clip, simplify=not fill and path.should_simplify, curves=True)
            d = _d(found, Path, self.height)
            if d and (stroke or fill):
                offset, dashes = gc.get_dashes()
                dash = "" if dashes is None else " ".join(_short(x) for x in dashes)
                self.shapes.append(["path", d, stroke, fill, round(width, 2) if stroke else 0, dash])

        def draw_markers(self, gc: Any, marker_path: Any, marker_trans: Any, path: Any, trans: Any, rgbFace: Any = None) -> None:
            """All of them in one shape."""
            box, places = gc.get_clip_rectangle(), trans.transform(path.vertices)
            seen = [(x, y) for x, y in places if math.isfinite(x + y) and (box is None or box.contains(x, y))]
            d = "".join(_mark(marker_path, marker_trans, x, self.height - y) for x, y in seen)
            stroke = _role(gc.get_rgb()) if gc.get_linewidth() else ""
            if d:
                self.shapes.append(["path", d, stroke, _filling(rgbFace), round(gc.get_linewidth(), 2), ""])

        def draw_text(self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False, mtext: Any = None) -> None:
            anchor = "start"
            if mtext is not None:
                anchor = {"left": "start", "center": "middle", "right": "end"}[mtext.get_ha()]
                x = float(mtext.get_transform().transform(mtext.get_unitless_position())[0])
            size, weight = round(prop.get_size_in_points(), 1), "bold" if prop.get_weight() in ("bold", 700) else ""
            self.shapes.append(["text", round(float(x), 1), round(float(y), 1), anchor, size, _role(gc.get_rgb()), weight, s])

    return Recorder


def _mark(path: Any, transform: Any, x: float, y: float) -> str:
    """A marker at a place: a circle as two arcs, else its corners."""
    corners = transform.transform(path.vertices)
    if path.codes is not None and path.CURVE4 in path.codes:
        r = _short(max(u for u, _ in corners))
        return f"M{_short(x - float(r))} {_short(y)}a{r} {r} 0 1 0 {_short(2 * float(r))} 0a{r} {r} 0 1 0 {_short(-2 * float(r))} 0Z"
    return "M" + "L".join(f"{_short(x + u)} {_short(y - v)}" for u, v in corners[:-1]) + "Z"


def recorder_of(width: float, height: float) -> Any:
    """A renderer of Matplotlib that keeps shapes."""
    return _recorder()(width, height)


def _d(path: Any, codes: Any, height: float) -> str:
    """The path as SVG writes it, y downwards, in tenths of a unit."""
    letters = {codes.MOVETO: "M", codes.LINETO: "L", codes.CURVE3: "Q", codes.CURVE4: "C", codes.CLOSEPOLY: "Z"}
    parts, waiting = [], 0
    for (x, y), code in zip(path.vertices, path.codes, strict=True):
        if code == codes.STOP:
            break
        if waiting:
            parts.append(f" {_short(x)} {_short(height - y)}")
            waiting -= 1
        elif code == codes.CLOSEPOLY:
            parts.append("Z")
        else:
            parts.append(f"{letters[code]}{_short(x)} {_short(height - y)}")
            waiting = {codes.CURVE3: 1, codes.CURVE4: 2}.get(code, 0)
    return "".join(parts)


def _short(x: float) -> str:
    return f"{round(float(x), 1) + 0.0:g}"


def svg_text(shapes: list[Shape], label: str, theme: str = "light") -> str:
    """The plot as a file: SVG of presentation attributes only."""
    colours = {role: pair[theme == "dark"] for role, pair in tokens().items()} | {"": "none"}
    drawn = [_path(shape, colours) if shape[0] == "path" else _text(shape, colours) for shape in shapes]
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{SANS}">'
    card = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{colours["surface"]}"/>'
    return "\n".join([head, f"<title>{escape(label)}</title>", card, *drawn, "</svg>"])


SANS = "system-ui, -apple-system, Segoe UI, Noto Sans, DejaVu Sans, sans-serif"


def _path(shape: Shape, colours: Mapping[str, str]) -> str:
    _, d, stroke, fill, width, dash = shape
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    line = f' stroke="{colours[stroke]}" stroke-width="{width}" stroke-linejoin="round"{dashed}' if stroke else ""
    return f'<path d="{d}" fill="{colours[fill]}"{line}/>'


def _text(shape: Shape, colours: Mapping[str, str]) -> str:
    _, x, y, anchor, size, fill, weight, words = shape
    bold = f' font-weight="{weight}"' if weight else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" fill="{colours[fill]}"{bold}>{escape(words)}</text>'
