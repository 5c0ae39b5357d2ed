"""Pictures and files: PNG, GIF, film strips and LaTeX, from Python. Text is drawn on a machine without fonts; LaTeX compiles."""

from __future__ import annotations

import io
import re
import shutil
import struct
import subprocess
import sys
from importlib.resources import files
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import adviz
from adviz.views import picture
from adviz.views.latex import literal
from adviz.views.picture import COVERED, FONTS, png
from adviz.views.tikz import figure_of

SVG = "{http://www.w3.org/2000/svg}"


def f(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2 - np.sin(x2)


@pytest.fixture(scope="module")
def reverse() -> Any:
    return adviz.reverse(f, 2.0, 5.0)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def dark_pixels(content: bytes, box: tuple[float, float, float, float]) -> int:
    """How many pixels of that part of a light picture are nearly black."""
    part = opened(content).convert("L").crop(tuple(map(round, box)))  # type: ignore[arg-type]
    return sum(part.histogram()[:100])


# PNG


def test_a_png_is_the_svg_at_the_scale_asked_for(reverse: Any, tmp_path: Path) -> None:
    drawn = reverse.to_svg(step=9)
    width, height = map(float, re.search(r'width="([\d.]+)" height="([\d.]+)"', drawn).groups())  # type: ignore[union-attr]
    for scale in (1.0, 2.5):
        assert opened(reverse.to_png(step=9, scale=scale)).size == (pytest.approx(width * scale, abs=1), pytest.approx(height * scale, abs=1))
    file = tmp_path / "f.png"
    assert reverse.to_png(file, step=9) == file.read_bytes() == reverse.to_png(step=9)
    assert reverse.to_png(step=9) != reverse.to_png(step=10)
    assert reverse.to_png(step=9) != reverse.to_png(step=9, theme="dark")


def test_every_thing_that_shows_itself_has_every_picture() -> None:
    t = adviz.trace(f, 2.0, 5.0)
    loaded = adviz.views.display.TraceDocument(adviz.views.document.document(t))
    for shown in (t, adviz.forward(t, seed=(1, 0)), loaded, adviz.explore(f, 2.0, 5.0)):
        assert opened(shown.to_png()).format == "PNG"
        assert shown.to_film().startswith("<svg ")
        assert "tikzpicture" in shown.to_latex()
        for name in ("to_html", "to_svg", "to_csv", "to_json"):
            assert isinstance(getattr(shown, name)(), str)


def test_an_explorer_writes_what_it_shows() -> None:
    explorer = adviz.explore(f, 2.0, 5.0, mode="reverse", step=9)
    assert explorer.to_svg() == adviz.reverse(f, 2.0, 5.0).to_svg(step=9)
    assert '"reverse", 9, ' in explorer.to_html()
    explorer.x1 = 3.0
    assert explorer.to_png() == adviz.reverse(f, 3.0, 5.0).to_png(step=9)


def test_text_is_drawn_without_any_font_of_the_machine(reverse: Any) -> None:
    """The box of v₃ = sin v₀, at its lines of text: black letters are there, and there are none without adviz's font."""
    content = reverse.to_svg()
    node = next(g for g in ElementTree.fromstring(content).iter(f"{SVG}g") if g.get("data-node") == "3")
    name, operation, value, _ = node.findall(f"{SVG}text")
    missing = png(re.sub(r"<text[^>]*>[^<]*</text>", "", content))
    for words in (name, operation, value):
        x, y = (2 * float(words.get(k, 0)) for k in "xy")
        box = (x - 24, y - 22, x + 24, y + 2)
        assert COVERED.fullmatch(words.text or "")
        assert dark_pixels(reverse.to_png(), box) > dark_pixels(missing, box) + 20


def test_the_machines_fonts_are_asked_only_for_what_adviz_lacks(reverse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    class Recorder:
        def svg_to_bytes(self, **options: Any) -> bytes:
            asked.append(not options["skip_system_fonts"])
            return b""

    monkeypatch.setattr(picture, "needed", lambda module, package: Recorder())
    reverse.to_png()
    png(reverse.to_svg().replace(">x1<", ">角度<"))
    assert asked == [False, True]


def characters(font: bytes) -> set[int]:
    """The characters of a TrueType font, from its cmap of format 4 or 12."""
    tables = {font[n : n + 4]: struct.unpack(">II", font[n + 8 : n + 16]) for n in range(12, 12 + 16 * struct.unpack(">H", font[4:6])[0], 16)}
    cmap = font[tables[b"cmap"][0] :][: tables[b"cmap"][1]]
    found: set[int] = set()
    for n in range(struct.unpack(">H", cmap[2:4])[0]):
        table = cmap[struct.unpack(">I", cmap[8 + 8 * n : 12 + 8 * n])[0] :]
        form, pairs = struct.unpack(">H", table[:2])[0], struct.unpack(">H", table[6:8])[0]
        if form == 4:
            ends, starts = (struct.unpack(f">{pairs // 2}H", table[at : at + pairs]) for at in (14, 16 + pairs))
            found |= {c for start, end in zip(starts, ends, strict=True) for c in range(start, end + 1)}
    return found


@pytest.mark.parametrize("name", FONTS)
def test_the_font_has_every_character_it_is_said_to_have(name: str) -> None:
    has = characters((files("adviz") / "views" / "fonts" / name).read_bytes())
    said = {c for c in range(32, 0x10000) if COVERED.fullmatch(chr(c))}
    assert len(said) > 1500
    assert said <= has


def test_a_picture_says_what_it_needs(monkeypatch: pytest.MonkeyPatch, reverse: Any) -> None:
    for module, package, make in (("resvg_py", "resvg-py", reverse.to_png), ("PIL.Image", "Pillow", reverse.to_gif)):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            with pytest.raises(adviz.UnsupportedError, match=f"pip install {package}"):
                make()


@pytest.mark.parametrize("call, error, said", [
    (lambda t: t.to_png(scale=0), adviz.InputError, "scale is 0"), (lambda t: t.to_png(scale=float("nan")), adviz.InputError, "scale is nan"),
    (lambda t: t.to_png(scale="2"), adviz.InputError, "scale is '2'"), (lambda t: t.to_png(scale=1e3), adviz.BudgetError, "pixels"),
    (lambda t: t.to_png(theme="pink"), adviz.InputError, "pink"), (lambda t: t.to_film(steps=[99]), adviz.InputError, "0 to 17"),
    (lambda t: t.to_film(steps=[]), adviz.InputError, "0 to 17"), (lambda t: t.to_film(steps=[1.5]), adviz.InputError, "0 to 17"),
    (lambda t: t.to_film(columns=0), adviz.InputError, "columns is 0"), (lambda t: t.to_film(steps=[1] * 301), adviz.BudgetError, "301"),
    (lambda t: t.to_gif(seconds=0), adviz.InputError, "seconds is 0"), (lambda t: t.to_film(theme="pink"), adviz.InputError, "pink"),
    (lambda t: t.to_gif(theme="pink"), adviz.InputError, "pink"),
])  # fmt: skip
def test_what_cannot_be_drawn_is_refused_in_words(reverse: Any, call: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=re.escape(said)):
        call(reverse)


def test_a_trace_without_a_picture_says_why() -> None:
    t = adviz.views.display.of(adviz.trace(f, 2.0, 5.0))
    t.content = {**t.content, "graph": None, "graph_missing": "too large to draw"}
    for make in (t.to_svg, t.to_png, t.to_gif, t.to_film):
        with pytest.raises(adviz.DocumentError, match="too large to draw"):
            make()
    assert "tikzpicture" not in t.to_latex()
    assert r"\toprule" in t.to_latex()


# GIF


def test_a_gif_has_a_frame_for_each_step_and_rests_on_the_last(tmp_path: Path, artifacts: Path) -> None:
    timeline = adviz.reverse(lambda x: x * x, 3.0)
    file = tmp_path / "square.gif"
    content = timeline.to_gif(file, seconds=0.5, scale=1.0)
    assert file.read_bytes() == content
    moving = opened(content)
    assert (moving.format, moving.n_frames, moving.info["loop"]) == ("GIF", len(timeline.steps) + 1, 0)
    shown, durations = [], []
    for n in range(moving.n_frames):
        moving.seek(n)
        durations.append(moving.info["duration"])
        shown.append(moving.convert("RGB").tobytes())
    assert durations == [500] * len(timeline.steps) + [1500]
    assert len(set(shown)) == moving.n_frames, "every step changes the picture"
    assert "loop" not in opened(timeline.to_gif(seconds=0.5, scale=1.0, repeat=False)).info
    moving.seek(4)
    moving.convert("RGB").save(artifacts / "gif-frame-4.png")


def test_a_frame_of_a_gif_is_a_film_of_that_step() -> None:
    timeline = adviz.reverse(lambda x: x * x, 3.0)
    moving = opened(timeline.to_gif(scale=1.0))
    moving.seek(2)
    frame = np.asarray(moving.convert("RGB"), float)
    alone = np.asarray(opened(png(timeline.to_film(steps=[2]), scale=1.0)).convert("RGB"), float)
    height = min(len(frame), len(alone)) - 30
    assert np.mean(np.abs(frame[:height] - alone[:height])) < 3, "64 colours are enough"


# Film strips


def test_a_film_strip_has_its_frames_in_order_each_with_its_sentence(reverse: Any) -> None:
    root = ElementTree.fromstring(reverse.to_film(steps=[0, 9, 12]))
    frames = [g for g in root if g.get("class") == "adviz-frame"]
    assert [g.find(f"{SVG}svg").get("data-step") for g in frames] == ["0", "9", "12"]  # type: ignore[union-attr]
    said = ["".join(t.text or "" for t in g.findall(f"{SVG}text")) for g in frames]
    assert said[0] == "Step 0 of 17"
    assert said[1] == "Step 9 of 17The adjoint of v₂ is 1: it has one share."


def test_a_film_strip_shows_the_first_and_the_last_step_and_fits_a_slide(reverse: Any) -> None:
    root = ElementTree.fromstring(reverse.to_film())
    steps = [int(s.get("data-step", -1)) for s in root.iter(f"{SVG}svg") if s is not root]
    assert steps == [0, 3, 7, 10, 14, 17]
    assert 1.2 < float(root.get("width", 0)) / float(root.get("height", 1)) < 2.4
    for columns in (1, 2, 9):
        strip = ElementTree.fromstring(reverse.to_film(columns=columns))
        places = [(float(s.get("x", 0)), float(s.get("y", 0))) for s in strip.iter(f"{SVG}svg") if s is not strip]
        assert len({x for x, _ in places}) == min(columns, 6)
        assert len(set(places)) == 6


def test_no_word_of_a_film_strip_leaves_its_frame(reverse: Any, artifacts: Path, tmp_path: Path) -> None:
    """Nothing is drawn in the margin around the frames, however long the sentences are."""
    def long(a_very_long_name_of_an_input: Any) -> Any:
        another_very_long_name = a_very_long_name_of_an_input * a_very_long_name_of_an_input
        return np.arctan(another_very_long_name) + a_very_long_name_of_an_input

    for name, shown in (("running", reverse), ("long", adviz.reverse(long, 1.2345678))):
        content = png(shown.to_film(), scale=1.0)
        (artifacts / f"film-{name}.png").write_bytes(content)
        width, height = opened(content).size
        for box in ((0, 0, 18, height), (width - 18, 0, width, height), (0, height - 16, width, height)):
            assert dark_pixels(content, box) == 0
    file = tmp_path / "film.PNG"
    assert opened(reverse.to_film(file)).size == opened(file.read_bytes()).size


def test_hostile_names_are_text_in_a_film_strip_and_in_a_gif() -> None:
    t = adviz.trace(lambda x: x * x, 2.0, names={"v1": '</text><script href="x">&\u0000'})
    root = ElementTree.fromstring(t.to_film())
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {"svg", "g", "title", "desc", "rect", "path", "polygon", "text", "circle"}
    assert opened(t.to_gif(scale=1.0)).n_frames == 2


def test_pictures_are_the_same_in_every_process(tmp_path: Path) -> None:
    code = "import adviz, hashlib; t = adviz.reverse(lambda x, y: x * y + x, 2.0, 3.0); print(*(hashlib.sha256(c).hexdigest() for c in (t.to_png(), t.to_gif(), t.to_latex().encode())))"
    runs = {subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONHASHSEED": seed, "PATH": "/nowhere"}, cwd=Path(__file__).parents[1], check=True).stdout for seed in ("1", "2")}
    assert len(runs) == 1


# LaTeX


def points(d: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", d)]


def test_the_figure_in_latex_has_every_shape_of_the_svg_at_its_place(reverse: Any) -> None:
    drawn = reverse.to_svg(step=12)
    figure = figure_of(drawn)
    root = ElementTree.fromstring(drawn)
    count = {tag: len(list(root.iter(SVG + tag))) for tag in ("rect", "path", "polygon", "circle", "text")}
    assert figure.count(" rectangle ") == count["rect"]          # the card is the bounding box
    assert figure.count(".. controls") >= count["path"]
    assert figure.count("-- cycle") == count["polygon"]
    assert figure.count(r"\node[") == count["text"]
    for path in root.iter(f"{SVG}path"):
        assert re.search(r" \.\. ".join(re.escape(f"({x:g},{y:g})") for x, y in [points(path.get("d", ""))[:2]]), figure)
    for words in root.iter(f"{SVG}text"):
        assert f"at ({words.get('x')},{words.get('y')})" in figure
    assert r"\ensuremath{\bar{v}_{0}} = \ensuremath{-}0.2837 +\dots{}" in figure


@pytest.mark.parametrize("words, written", [
    ("x_1 & 100%", r"x\_1 \& 100\%"), ("v₋₁₂", r"\ensuremath{v_{-12}}"), ("x²", r"\ensuremath{x^{2}}"), ("v̇₁ = α", r"\ensuremath{\dot{v}_{1}} = \ensuremath{\alpha}"),
    ("−0.5", r"\ensuremath{-}0.5"), ("∞×θ", r"\ensuremath{\infty \times \theta}"), (r"\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"), ("é", "é"), ("…", r"\dots{}"),
])  # fmt: skip
def test_words_in_latex_are_literal(words: str, written: str) -> None:
    assert literal(words) == written


PROGRAMS: dict[str, Any] = {
    "running": lambda: adviz.reverse(f, 2.0, 5.0),
    "forward": lambda: adviz.forward(f, 2.0, 5.0, seed=(1, 0)),
    "kink": lambda: adviz.reverse(lambda α, x: abs(α) * np.maximum(x, α) / 3.0 + 1e300 * x, 0.0, 2.0),
    "undefined": lambda: adviz.reverse(lambda x: np.log(x) + x**0.5, -1.0),
    "arrays": lambda: adviz.reverse(lambda A, x: np.sum(np.tanh(A @ x) ** 2), np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, -1.0])),
    "names": lambda: adviz.trace(lambda x: x * x, 2.0, names={"v1": r"\evil{%$#&_^~} α₁² ẋ ž"}),
    "constant": lambda: adviz.reverse(lambda x: (x * 2.0, 3.0), 1.0, seed=(1.0, 0.0)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_latex_has_balanced_braces_and_only_characters_that_every_latex_reads(name: str) -> None:
    tex = PROGRAMS[name]().to_latex()
    assert tex.startswith("% \\usepackage{amsmath,booktabs,tikz}\n")
    bare = re.sub(r"\\[\\{}]", "", tex)
    assert bare.count("{") == bare.count("}")
    for environment in ("tikzpicture", "tabular"):
        assert tex.count(rf"\begin{{{environment}}}") == tex.count(rf"\end{{{environment}}}") == 1
    assert [c for c in tex if ord(c) > 0x17F] == []


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine: the structure is tested above")
def test_latex_compiles_with_pdflatex(tmp_path: Path) -> None:
    for name, make in PROGRAMS.items():
        make().to_latex(tmp_path / f"{name}.tex")
    body = "\n\\clearpage\n".join(rf"\input{{{name}}}" for name in PROGRAMS)
    preamble = r"\documentclass{article}\usepackage{amsmath,booktabs,tikz}"
    (tmp_path / "all.tex").write_text(rf"{preamble}\begin{{document}}{body}\end{{document}}", encoding="utf-8")
    run = subprocess.run(["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "all.tex"], cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert run.returncode == 0, run.stdout[-1500:]
    assert (tmp_path / "all.pdf").stat().st_size > 10_000
    assert "LaTeX Error" not in run.stdout


# CSV, JSON and paths


def test_no_file_says_where_the_function_was_defined(tmp_path: Path) -> None:
    module = tmp_path / "secret_place.py"
    module.write_text("def g(x):\n    return x * x\n")
    specification = spec_from_file_location("secret_place", module)
    assert specification is not None
    secret = module_from_spec(specification)
    specification.loader.exec_module(secret)  # type: ignore[union-attr]
    t = adviz.reverse(secret.g, 3.0)
    for name in ("to_json", "to_html", "to_svg", "to_latex", "to_csv", "to_film"):
        assert str(tmp_path) not in getattr(t, name)()
        assert "secret_place.py" not in getattr(t, name)()
    for content in (t.to_png(), t.to_gif()):
        assert b"secret_place" not in content


# What the page's menu asks the kernel for


def asked(**message: Any) -> list[Any]:
    explorer = adviz.explore(f, 2.0, 5.0, mode="reverse", step=9)
    sent: list[Any] = []
    explorer.send = lambda content, buffers=None: sent.append(content)  # type: ignore[method-assign]
    explorer._handle_custom_msg({"kind": "export", "request": 1, "mode": "reverse", "step": 9} | message, [])
    return sent


def test_the_kernel_writes_for_the_page_what_python_would(reverse: Any) -> None:
    assert asked(format="latex") == [{"kind": "export", "request": 1, "format": "latex", "content": adviz.explore(f, 2.0, 5.0, mode="reverse", step=9).to_latex()}]
    (answer,) = asked(format="csv", mode="values", step=2)
    assert answer["content"] == adviz.trace(f, 2.0, 5.0).to_csv()
    assert '"reverse", 9, ' in asked(format="html")[0]["content"]


@pytest.mark.parametrize("message", [
    {}, {"format": "exe"}, {"format": "to_json"}, {"format": None}, {"format": ["csv"]}, {"format": "csv", "request": "1"}, {"format": "csv", "request": -1},
    {"format": "csv", "step": "9"}, {"format": "csv", "step": True}, {"format": "csv", "mode": 3}, {"format": "csv", "kind": "import"}, {"format": "csv", "kind": None},
], ids=str)  # fmt: skip
def test_a_request_that_is_none_is_left_unanswered(message: dict[str, Any]) -> None:
    assert asked(**message) == []


def test_a_mode_or_a_step_that_there_is_not_is_the_nearest() -> None:
    assert asked(format="csv", mode="sideways")[0]["content"].startswith("index,name,definition,value")
    assert '"reverse", 17, ' in asked(format="html", step=10**9)[0]["content"]
