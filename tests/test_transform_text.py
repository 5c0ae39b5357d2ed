"""A program as a text: what it looks like, what it keeps on stacks, what is refused and where, what is saved and shown."""

from __future__ import annotations

import linecache
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adviz
from adviz.errors import TransformError
from adviz.transform import source


def defined(text: str, **names: Any) -> Callable[..., Any]:
    """The function f that a text defines, with lines that can be looked up."""
    file = f"<text {hash(text)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    names = {"np": np, "adviz": adviz, **names}
    exec(compile(text, file, "exec"), names)  # noqa: S102 - the text of a test
    return names["f"]


RUNNING = defined("""\
def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)
""")
CHAIN = defined("""\
def f(x, n=1000):
    for _ in range(n):
        x = np.sin(x) * x + 1e-9
    return x
""")
BRANCHES = defined("""\
def f(x, y):
    total = 0.0
    for k in range(4):
        if x > k:
            y = y * x
        else:
            total += np.exp(y) * k
    return total + y
""")
NEWTON = defined("""\
def f(a):
    x = 1.0
    while abs(x * x - a) > 1e-9:
        x = (x + a / x) / 2
    return x
""")
RECURSION = defined("""\
def f(x, n=5):
    if n == 0:
        return x
    return np.sin(f(x * x, n - 1)) + x
""")
ARRAYS = defined("""\
def f(W, x):
    h = np.tanh(W @ x)
    return np.sum(h * x, axis=0)
""")
TEXTS = {"running": RUNNING, "chain": CHAIN, "branches": BRANCHES, "newton": NEWTON, "recursion": RECURSION, "arrays": ARRAYS}


@pytest.mark.parametrize("name", TEXTS)
def test_the_adjoint_program_reads_as_agreed(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"program_{name}_reverse.txt", without_files(str(source(TEXTS[name]))))


@pytest.mark.parametrize("name", ["running", "chain", "branches", "recursion"])
def test_the_tangent_program_reads_as_agreed(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"program_{name}_forward.txt", without_files(str(source(TEXTS[name], mode="forward"))))


def without_files(text: str) -> str:
    """The text with one name for the file of a test."""
    return re.sub(r"<text -?\d+>", "<cell>", text)


def test_the_program_that_runs_has_the_same_arithmetic_in_fewer_names() -> None:
    assert source(RUNNING).optimised == (
        "v5 = log(x1) + x1 * x2 - sin(x2)\nx2_bar = cos(x2) * -y_bar + x1 * y_bar\nx1_bar = x2 * y_bar + 1.0 / x1 * y_bar\n"
    )


# what goes on stacks

STACKS: list[tuple[str, set[str]]] = [
    ("x = 3 * x + i - 1", set()),
    ("x = x + a", set()),
    ("x = -x / 2 - a", set()),
    ("x = i * x", set()),
    ("j = i + 1; x = j * x", set()),
    ("x = x * a", {"x"}),
    ("x = x * x", {"x"}),
    ("x = np.sin(x)", {"x"}),
    ("x = np.exp(x)", {"x"}),
    ("x = np.sin(x) * x", {"x", "v1"}),
    ("u = x + a; x = u * u", {"u"}),
    ("x = x + np.sin(a)", set()),
    ("x = x + a * a", set()),
    ("x = x - a if i % 2 else x + a", set()),
    ("x = x - a if x > 1 else x + a", {"branch"}),
    ("x = np.sin(x) if x > 1 else x", {"x"}),
    ("x = x * float(np.cos(i))", {"c"}),
]  # fmt: skip


@pytest.mark.parametrize("body, kept", STACKS, ids=[body for body, _ in STACKS])
def test_a_loop_keeps_what_is_overwritten_and_needed_and_nothing_else(body: str, kept: set[str]) -> None:
    f = defined(f"def f(x, a):\n    for i in range(6):\n        {body}\n    return x\n")
    p = source(f)
    assert {name.removesuffix("_stack") for name in re.findall(r"(\w+)\.append\(", p.text)} == kept
    assert set(re.findall(r"(\w+_stack) = \[\]", p.text)) == {f"{name}_stack" for name in kept}
    for point in ((0.75, 0.5), (1.25, -0.5)):
        assert p(*point) == adviz.value_and_gradient(f)(*point)


def test_a_while_loop_counts_its_passes_only_if_its_stacks_do_not_tell() -> None:
    linear = defined("def f(x):\n    while x > 1:\n        x = x / 2\n    return x\n")
    assert "passes += 1" in source(linear).text
    assert "append" not in source(linear).text
    assert "passes" not in source(NEWTON).text


def test_straight_lines_and_branches_outside_of_loops_keep_nothing() -> None:
    f = defined("def f(x, y):\n    z = np.sin(x) * y\n    if z > 0:\n        z = np.exp(z) * z\n    z = z * z\n    return z\n")
    assert "_stack" not in source(f).text
    assert source(f)(0.5, 2.0) == adviz.value_and_gradient(f)(0.5, 2.0)


def test_inner_loops_use_the_stacks_of_the_whole() -> None:
    f = defined("def f(x):\n    for i in range(3):\n        for j in range(i):\n            x = x * np.sin(x * j)\n    return x\n")
    text = source(f).text
    assert text.count("_stack = []") == 3
    assert text.count(".pop()") == 3
    assert "reversed(range(i))" in text
    assert "reversed(range(3))" in text


# correspondence

def test_every_line_of_the_program_knows_the_line_it_comes_from() -> None:
    p = source(BRANCHES)
    generated = p.text.splitlines()
    by_line = {c.line: [generated[k - 1].strip() for k in c.generated] for c in p.lines}
    assert [c.line for c in p.lines] == [2, 3, 4, 5, 7, 8]
    assert [c.text for c in p.lines] == [
        "total = 0.0", "for k in range(4):", "if x > k:", "y = y * x", "total += np.exp(y) * k", "return total + y",
    ]  # fmt: skip
    assert "y_bar_2 = x * y_2_bar" in by_line[5] or any("y_bar" in line for line in by_line[5])
    assert any(line.startswith("v2 = exp(y)") for line in by_line[7])
    assert {line for line in by_line[7] if line.startswith("# ")} == set()
    assert sum(len(lines) for lines in by_line.values()) == len({k for c in p.lines for k in c.generated})


def test_the_lines_of_a_called_function_are_its_own() -> None:
    def square(u):
        return u * u

    def f(x):
        return square(x) + square(x + 1)

    p = source(f)
    first = square.__code__.co_firstlineno
    assert [(c.line, c.text) for c in p.lines] == [(first + 1, "return u * u"), (first + 4, "return square(x) + square(x + 1)")]


# refusals

REFUSED: list[tuple[str, int, int, str]] = [
    # the function's body, line and column of what is refused, words of the sentence
    ("    try:\n        return x\n    except ValueError:\n        return 0\n", 2, 5, "try"),
    ("    with open('f') as g:\n        return x\n", 2, 5, "with"),
    ("    y = x\n    global z\n    z = y\n    return z\n", 3, 5, "global"),
    ("    def g():\n        nonlocal x\n        x = 2\n    g()\n    return x\n", 3, 9, "nonlocal"),
    ("    yield x\n", 2, 5, "yield"),
    ("    return [(yield x)]\n", 2, 14, "yield"),
    ("    match x:\n        case 1: return x\n", 2, 5, "match"),
    ("    class A: pass\n    return x\n", 2, 5, "class"),
    ("    y = x\n    del y\n    return x\n", 3, 5, "del"),
    ("    np.pi = x\n    return x\n", 2, 5, "attributes"),
    ("    a = np.ones(3)\n    a[0] = x\n    return x\n", 3, 5, "stack"),
    ("    u = [x, x]\n    u[:] = [x]\n    return x\n", 3, 5, "slices"),
    ("    return int(x) * 2\n", 2, 12, r"adviz\.value"),
    ("    print(x)\n    return x\n", 2, 5, "print"),
    ("    return 2 * undefined(x)\n", 2, 16, "undefined"),
    ("    return hash(x)\n", 2, 12, "elementwise"),
    ("    return np.sin([x, x])\n", 2, 12, "list"),
    ("    return x + 'a'\n", 2, 12, "number"),
    ("    return x * 1j\n", 2, 16, "real"),
    ("    a, b = x, x, x\n    return a\n", 2, 5, "3 values"),
    ("    g = np.sin if x > 0 else np.cos\n    return g(x)\n", 2, 9, "known only when"),
    ("    for u in (np.sin, np.cos):\n        y = u\n    for _ in range(3):\n        y = x\n    return y + x\n", 1, 1, "y is a number on one pass"),
    ("    async def g(): pass\n    return x\n", 2, 5, "async"),
    ("    @np.vectorize\n    def g(u): return u\n    return g(x)\n", 3, 5, "decorated"),
    ("    ä = x; return ä + 'ö'\n", 2, 19, "number"),
    ("    def g(n):\n        return g(n - 1) * x\n    return g(3)\n", 4, 12, "calls itself"),
    ("    def even(n, v):\n        return v if n == 0 else odd(n - 1, v * x)\n    def odd(n, v):\n        return v if n == 0 else even(n - 1, v + x)\n"
     "    return even(4, 1.0)\n", 3, 33, "calls itself"),
    ("    return np.mean([x, 2.0])\n", 2, 12, "np.stack"),
    ("    return np.array([x, x]).sum()\n", 2, 12, "np.stack"),
    ("    return np.float64(x) * 2\n", 2, 12, "elementwise"),
    ("    def g(**options):\n        options['a'] = x\n        return options['b']\n    return g(b=x)\n", 3, 9, "cannot be changed"),
]  # fmt: skip


@pytest.mark.parametrize("body, line, column, words", REFUSED, ids=[body.strip().splitlines()[0] for body, *_ in REFUSED])
def test_what_is_refused_is_shown_where_it_stands(body: str, line: int, column: int, words: str) -> None:
    text = f"def f(x):\n{body}"
    f = defined(text)
    with pytest.raises(TransformError, match=words) as caught:
        source(f)
    error = caught.value
    assert isinstance(error, SyntaxError)
    assert isinstance(error, adviz.UnsupportedError)
    assert (error.lineno, error.offset) == (line, column)
    assert error.text == text.splitlines(keepends=True)[line - 1]
    assert error.filename == f.__code__.co_filename


@pytest.mark.parametrize("f", [eval("lambda x: x"), type("A", (), {"__call__": eval("lambda self, x: x")})()])  # noqa: S307 - no text to be found
def test_a_function_without_a_text_is_refused_in_words(f: Callable[..., Any]) -> None:
    with pytest.raises(TransformError, match="cannot be found"):
        source(f)


def test_a_refusal_in_a_called_function_points_there() -> None:
    def inner(u):
        with u:
            return u

    with pytest.raises(TransformError) as caught:
        source(lambda x: inner(x) + 1)
    assert caught.value.lineno == inner.__code__.co_firstlineno + 1
    assert "with u:" in (caught.value.text or "")


def test_the_right_lambda_of_a_line_is_read() -> None:
    several = [lambda x: x + 1, lambda x: x * 2, (lambda x: x * x), lambda x: (lambda y: y - x)(3 * x)]
    assert [source(f)(3.0) for f in several] == [(4.0, 1.0), (6.0, 2.0), (9.0, 6.0), (6.0, 2.0)]


def test_a_function_in_an_indented_block_is_read() -> None:
    if True:
        @staticmethod
        def f(x, y):
            return (x
                    * y)  # over two lines
    assert source(f.__func__)(2.0, 3.0) == (6.0, (3.0, 2.0))


# names

HOSTILE = [
    "sin", "log", "y_bar", "x_bar", "values", "given", "rest", "finite", "otherwise", "real", "len", "range", "reversed", "zip", "float",
    "math", "FLOAT_ERRORS", "v1", "v2_bar", "run", "ahead", "plain", "seed", "θ", "ñandú", "_", "__x__", "None_",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_learners_name_never_meets_one_of_the_program(name: str) -> None:
    text = f"def f({name}, other):\n    total = np.sin({name}) * other\n    for k in (0, 1, 2):\n        total = total * {name} + np.log(total * total)\n    return total\n"
    f = defined(text)
    for point in ((0.5, 2.0), (0.0, 1.0), (2.0, -1.0)):
        value, derivatives = source(f)(*point)
        y, x_bar = adviz.value_and_gradient(f)(*point)
        assert repr((value, derivatives)) == repr((y, x_bar))
        assert repr(source(f, mode="forward")(*point, seed=(1.0, 0.0))) == repr(adviz.jvp(f, point, (1.0, 0.0)))


def test_a_hostile_line_stays_a_comment_and_a_cell() -> None:
    f = defined('def f(x):\n    y = x * 2  # """ </pre><script>alert(1)</script> \\n import os\n    return y\n')
    p = source(f)
    assert p(3.0) == (6.0, 2.0)
    names: dict[str, Any] = {}
    exec(p.text, names)  # noqa: S102 - the text of a program
    assert "os" not in names
    assert names["f_derivative"](3.0) == (6.0, 2.0)
    html = p._repr_mimebundle_()["text/html"]
    assert "<script" not in html


class Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.opened: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_a_program_shows_itself_beside_the_learners_code() -> None:
    bundle = source(BRANCHES)._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/plain"] == source(BRANCHES).text == repr(source(BRANCHES))
    page = Tags(bundle["text/html"])
    assert {tag for tag, _ in page.opened} == {"table", "tr", "td", "pre", "span", "a"}
    anchors = {attributes["id"] for tag, attributes in page.opened if tag == "span"}
    links = {(attributes["href"] or "")[1:] for tag, attributes in page.opened if tag == "a"}
    assert anchors == links
    assert len(anchors) == 6
    again = Tags(source(BRANCHES)._repr_mimebundle_()["text/html"])
    assert not anchors & {attributes["id"] for tag, attributes in again.opened if tag == "span"}
    assert "total += np.exp(y) * k" in "".join(page.text)


# saved

def test_a_saved_program_runs_alone(tmp_path: Path) -> None:
    """In a process that knows nothing of adviz: functions of math need nothing else."""
    source(RUNNING).save(tmp_path / "gradient.py")
    script = "import sys; sys.modules['adviz'] = sys.modules['numpy'] = None; from gradient import f_derivative; print(f_derivative(2.0, 5.0))"
    ran = subprocess.run([sys.executable, "-S", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == str(adviz.value_and_gradient(RUNNING)(2.0, 5.0))


@pytest.mark.parametrize("name, call", [("branches", "2.5, 0.5"), ("newton", "3.0"), ("recursion", "0.75"), ("arrays", "[[1.0, 0.5], [0.0, 2.0]], [1.0, -1.0]")])
def test_a_saved_program_is_a_module(name: str, call: str, tmp_path: Path) -> None:
    p = source(TEXTS[name])
    assert p.save(tmp_path / "saved.py") == p.text
    arguments = [np.array(u) if isinstance(u, list) else u for u in eval(f"[{call}]")]  # noqa: S307 - this table's
    script = f"import numpy as np; from saved import f_derivative; print(f_derivative(*[np.array(u) if isinstance(u, list) else u for u in [{call}]]))"
    ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, env={"PYTHONPATH": str(Path(adviz.__file__).parents[1])})
    assert ran.returncode == 0, ran.stderr
    value, derivatives = p(*arguments)
    assert re.sub(r"np\.float64\(([^)]*)\)", r"\1", ran.stdout.strip()) == re.sub(r"np\.float64\(([^)]*)\)", r"\1", str((value, derivatives)))


def test_values_of_the_learners_are_written_into_the_text(tmp_path: Path) -> None:
    limits, table, scale = [1.0, 2], {"a": (0.5, float("inf"))}, np.array([0.5, 1.5])

    def f(x):
        return x * limits[1] + min(table["a"]) * x + scale[1] * np.sin(x)

    p = source(f)
    assert "limits = [1.0, 2]" in p.text
    assert "scale = numpy.array([0.5, 1.5], 'float64')" in p.text
    assert p(2.0) == adviz.value_and_gradient(f)(2.0)


def test_an_object_that_a_text_cannot_make_is_not_saved(tmp_path: Path) -> None:
    settings = type("Settings", (), {"scale": 2.0})()
    settings.__class__.__module__ = "__main__"

    def f(x):
        return x * settings.scale

    p = source(f)
    assert p(3.0) == (6.0, 2.0)
    with pytest.raises(adviz.UnsupportedError, match="settings"):
        p.save(tmp_path / "saved.py")
    assert not (tmp_path / "saved.py").exists()
