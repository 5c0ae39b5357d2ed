"""A drawing as pixels: SVG text of ours to PNG.

The letters come from a font that lies beside this file (`fonts/`), so that a picture has its text on a machine without
fonts and is the same picture everywhere. Only where a learner's name has characters that this font lacks (Chinese, for
one) the machine's own fonts are looked at as well.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import as_file, files
from types import ModuleType
from typing import Any

from adviz.errors import BudgetError, InputError, UnsupportedError
from adviz.languages import LANGUAGES, Made, speaking, spoken
from adviz.texts import text

LARGEST = 64_000_000  # pixels: 8000 by 8000, a quarter of a gigabyte
FAMILY = "adviz Sans"
FONTS = ("adviz-sans.ttf", "adviz-sans-bold.ttf")
# The characters of the font; tests/test_export.py holds this against the files.
COVERED = re.compile(
    "[\t\n -~\u00a0-\u024f\u0259\u02b0-\u02e9\u0300-\u034f\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u045f\u0490\u0491"
    "\u1e00-\u1efb\u2010-\u205f\u2061-\u2064\u2070\u2071\u2074-\u208e\u2090-\u209c\u20ac\u2100-\u2109\u210b-\u2149\u2150-\u215f\u2190-\u22ff"
    "\u2308-\u230b\u25a0-\u25ff\u27e8\u27e9\ufffd]*"
)
LETTERS = {"zh": "中文"}
PROBE = '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><text x="2" y="20" font-size="18">{}</text></svg>'
SIZE = re.compile(r'<svg [^>]*?\bwidth="([\d.]+)" height="([\d.]+)"')


def png(picture: str, *, scale: float = 2.0, background: str | None = None) -> bytes:
    """The picture as PNG, `scale` pixels for each unit of the drawing; transparent where nothing is drawn, or `background`.

    InputError for a scale that is no positive number, BudgetError for more than LARGEST pixels, UnsupportedError where
    the rasteriser is not installed.
    """
    width, height = size(picture)
    if isinstance(scale, bool) or not isinstance(scale, int | float) or not math.isfinite(scale) or scale <= 0:
        raise InputError(text("export.scale", scale=repr(scale)[:60]))
    if width * scale * height * scale > LARGEST:
        raise BudgetError(text("export.pixels", count=f"{width * scale * height * scale:,.0f}", limit=f"{LARGEST:,}"))
    own = COVERED.fullmatch(picture) is not None
    return needed("resvg_py", "resvg-py").svg_to_bytes(
        svg_string=picture, zoom=float(scale), background=background, skip_system_fonts=own, font_files=list(_fonts()),
        font_family=FAMILY, sans_serif_family=FAMILY, style_sheet=f'* {{ font-family: "{FAMILY}" }}',
    )  # fmt: skip


@cache
def can_draw(letters: str) -> bool:
    """Whether this machine's fonts have these characters: what they lack is drawn as one and the same box, or not at all."""
    if not letters:
        return True
    drawn = {png(PROBE.format(letter)) for letter in letters}
    return len(drawn) == len(set(letters)) and png(PROBE.format(" ")) not in drawn


def legible(make: Callable[..., Made]) -> Callable[..., Made]:
    """The same function; where this machine has no font for the language that is spoken, what it makes is in English."""
    return make if can_draw(LETTERS.get(spoken(), "")) else speaking(LANGUAGES[0], make)


def size(picture: str) -> tuple[float, float]:
    """Width and height of SVG text, in its own units."""
    found = SIZE.match(picture)
    if found is None:
        raise InputError(text("export.size"))
    return float(found[1]), float(found[2])


@cache
def _fonts() -> tuple[str, ...]:
    """The paths of the font's files."""
    paths = []
    for name in FONTS:
        with as_file(files("adviz") / "views" / "fonts" / name) as path:
            paths.append(str(path))
    return tuple(paths)


def needed(module: str, package: str) -> ModuleType | Any:
    """A module that only pictures need; if it is missing, what to install."""
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        raise UnsupportedError(text("export.missing", package=package, reason=error)) from None
