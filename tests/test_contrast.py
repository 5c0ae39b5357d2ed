"""Colours, measured: text 4.5 : 1 and lines 3 : 1 against what they stand on, in the light and the dark theme (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

CSS = (files("adviz") / "widget" / "static" / "tokens.css").read_text(encoding="utf-8")
PAIRS = dict(re.findall(r"--adviz-([\w-]+): light-dark\((#[0-9a-f]{6}, #[0-9a-f]{6})\)", CSS))
# JupyterLab 4.6's own surfaces and text, over which the explorer lays its colours there
JUPYTER = {"jupyter-surface": "#ffffff, #111111", "jupyter-text": "#212121, #ffffff", "jupyter-focus": "#1976d2, #38a0f5"}


def colour(token: str, theme: int) -> tuple[float, float, float]:
    """Linear red, green and blue."""
    digits = {**PAIRS, **JUPYTER}[token].split(", ")[theme]
    channels = [int(digits[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return r, g, b


def contrast(first: str, second: str, theme: int) -> float:
    """(L1 + 0.05) / (L2 + 0.05) of the relative luminances"""
    weights = (0.2126, 0.7152, 0.0722)
    low, high = sorted(sum(w * c for w, c in zip(weights, colour(token, theme), strict=True)) for token in (first, second))
    return (high + 0.05) / (low + 0.05)


SURFACES = ["own-surface", "own-box", "sunken", "jupyter-surface"]
TEXT = [
    *((text, on) for text in ("own-text", "jupyter-text", "muted", "tangent", "adjoint", "neutral", "error") for on in SURFACES),
    *((text, soft) for soft in ("neutral-soft", "tangent-soft", "adjoint-soft") for text in ("own-text", "jupyter-text", "muted")),
    *((role, f"{role}-soft") for role in ("neutral", "tangent", "adjoint", "error")),
    *(("on-accent", role) for role in ("neutral", "tangent", "adjoint")),
]
LINES = [(line, on) for line in ("line", "own-focus", "jupyter-focus", "tangent", "adjoint", "neutral", "error") for on in SURFACES]
LINES += [("line", soft) for soft in ("neutral-soft", "tangent-soft", "adjoint-soft")]


def test_black_on_white_is_21() -> None:
    PAIRS["black"], PAIRS["white"] = "#000000, #000000", "#ffffff, #ffffff"
    assert contrast("black", "white", 0) == pytest.approx(21)
    assert contrast("tangent", "white", 0) == pytest.approx(5.24, abs=0.01)
    assert contrast("adjoint", "white", 0) == pytest.approx(5.19, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_is_readable_on_all_it_stands_on(theme: int) -> None:
    weak = {pair: ratio for pair in TEXT if (ratio := round(contrast(*pair, theme), 2)) < 4.5}
    assert weak == {}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_lines_and_outlines_are_seen_on_all_they_stand_on(theme: int) -> None:
    weak = {pair: ratio for pair in LINES if (ratio := round(contrast(*pair, theme), 2)) < 3}
    assert weak == {}


def test_every_colour_of_the_page_is_a_token() -> None:
    """A colour written anywhere else would escape the measurement."""
    folder = files("adviz") / "widget" / "static"
    stray = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
    found = {f.name: stray.findall(f.read_text(encoding="utf-8")) for f in folder.iterdir() if f.name.endswith((".css", ".js"))}
    assert {name: hits for name, hits in found.items() if hits and name != "tokens.css"} == {}
    assert len(stray.findall(CSS)) == 2 * len([name for name in PAIRS if name not in ("black", "white")])
