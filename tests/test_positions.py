"""Where in the learner's code: the text at a position is exactly the sub-expression, wherever the function was written."""

from __future__ import annotations

import functools
import linecache
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adviz
from adviz.position import Position, segment

CASES = {  # what: (source of f, point, the sub-expressions)
    "one line": ("def f(x, y):\n    return x * y + np.sin(y)\n", ["x * y", "np.sin(y)", "x * y + np.sin(y)"]),
    "a lambda": ("f = lambda x, y: np.exp(x * y)\n", ["x * y", "np.exp(x * y)"]),
    "two lambdas on a line": ("g = lambda u: u * u; f = lambda x, y: g(x + y)\n", ["x + y", "u * u"]),
    "parentheses": ("def f(x, y):\n    return (x + y) * (x - y)\n", ["x + y", "x - y", "(x + y) * (x - y)"]),
    "a nested function": ("def f(x, y):\n    def g(u):\n        return u * y\n    return g(x) + 1\n", ["u * y", "g(x) + 1"]),
    "a called function": ("def g(u):\n    return u ** 2\n\ndef f(x, y):\n    return g(y) * x\n", ["u ** 2", "g(y) * x"]),
    "a decorated function": ("import functools\ndef same(g):\n    @functools.wraps(g)\n    def h(*u):\n        return g(*u)\n    return h\n@same\ndef f(x, y):\n    return x * y\n", ["x * y"]),
    "a method": ("class C:\n    def __call__(self, x, y):\n        return x / y\nf = C()\n", ["x / y"]),
    "several lines": ("def f(x, y):\n    return (x\n        * np.sin(\n            y + 1)\n    )\n", ["y + 1", "np.sin(\n            y + 1)", "x\n        * np.sin(\n            y + 1)"]),
    "a backslash": ("def f(x, y):\n    return x * y \\\n        + y\n", ["x * y", "x * y \\\n        + y"]),
    "words before, not ASCII": ("def f(x, y):\n    s = 'äöü漢字🙂'; return 'é' and x * y\n", ["x * y"]),
    "names that are not ASCII": ("def f(größe, 𝑥):\n    return größe * 𝑥 + np.sin(größe)\n", ["größe * 𝑥", "np.sin(größe)", "größe * 𝑥 + np.sin(größe)"]),
    "an f-string before": ("def f(x, y):\n    s = f'{1}é{2!r}'; return x - y\n", ["x - y"]),
    "a walrus": ("def f(x, y):\n    if (a := x * y) > 0:\n        return a + y\n", ["x * y", "a + y"]),
    "tuple unpacking": ("def f(x, y):\n    a, (b, c) = x * y, (x + y, x - y)\n    return a * b * c\n", ["x * y", "x + y", "x - y", "a * b", "a * b * c"]),
    "annotated": ("def f(x, y):\n    a: float = x * y\n    return -a\n", ["x * y", "-a"]),
    "default and starred": ("def f(*u):\n    return max(*u) * u[0]\n", ["max(*u) * u[0]"]),
    "unary and power": ("def f(x, y):\n    return -x ** 2 + abs(y)\n", ["x ** 2", "abs(y)", "-x ** 2", "-x ** 2 + abs(y)"]),
    "a subscript": ("def f(x, y):\n    u = [x, y]\n    return u[0] * u[-1]\n", ["u[0] * u[-1]"]),
    "constants on the left": ("def f(x, y):\n    return 2 / x - 3\n", ["2 / x", "2 / x - 3"]),
    "tabs and a carriage return": ("def f(x, y):\r\n\tif x:\r\n\t\treturn\tx * y\r\n", ["x * y"]),
    "a comment behind": ("def f(x, y):\n    return x * y  # not x / y\n", ["x * y"]),
    "try and with": ("import contextlib\ndef f(x, y):\n    with contextlib.nullcontext():\n        try:\n            return x * y\n        finally:\n            x - y\n", ["x * y", "x - y"]),
    "a conditional expression": ("def f(x, y):\n    return x * y if x < y else x / y\n", ["x * y"]),
    "where": ("def f(x, y):\n    return np.where(x < y, x * y, x / y)\n", ["x * y", "x / y", "np.where(x < y, x * y, x / y)"]),
    "match": ("def f(x, y):\n    match [x, y]:\n        case [a, b]:\n            return a * b\n", ["a * b"]),
}  # fmt: skip


def as_cell(source: str) -> Callable[..., Any]:
    """A function from a notebook's cell: its text is known to linecache under a name that is no file's."""
    name = f"<ipython-input-{abs(hash(source))}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    names: dict[str, Any] = {"np": np}
    exec(compile(source, name, "exec"), names)  # noqa: S102 - the tests' own text
    return names["f"]


def exact(lines: list[str], p: Position) -> str:
    """The text from (line, column) to (end line, end column), columns in code points."""
    if p.line == p.end_line:
        return lines[p.line - 1][p.column : p.end_column]
    return "".join([lines[p.line - 1][p.column :], *lines[p.line : p.end_line - 1], lines[p.end_line - 1][: p.end_column]])


def texts(t: adviz.Trace) -> list[str]:
    return [exact(linecache.getlines(a.position.file), a.position) for a in t.assignments]


@pytest.mark.parametrize("order", ["textbook", "evaluation"])
@pytest.mark.parametrize("source, expected", list(CASES.values()), ids=list(CASES))
def test_the_text_at_a_position_is_exactly_the_sub_expression_in_a_cell(source, expected, order) -> None:
    found = texts(adviz.trace(as_cell(source), 2.0, 3.0, order=order))
    assert sorted(found) == sorted(expected)
    if order == "textbook":
        assert found == expected


@pytest.mark.parametrize("source, expected", list(CASES.values()), ids=list(CASES))
def test_the_text_at_a_position_is_exactly_the_sub_expression_in_a_file(source, expected, tmp_path) -> None:
    file = tmp_path / "learner.py"
    file.write_bytes(source.encode())
    names: dict[str, Any] = {"np": np}
    exec(compile(source, str(file), "exec"), names)  # noqa: S102 - the tests' own text
    t = adviz.trace(names["f"], 2.0, 3.0)
    assert texts(t) == expected
    assert {a.position.file for a in t.assignments} == {str(file)}


def test_lines_columns_and_function_are_those_of_the_file() -> None:
    def f(x, é):
        z = "ü" and x * é
        return z - x

    first = f.__code__.co_firstlineno
    a, b = (x.position for x in adviz.trace(f, 2.0, 3.0).assignments)
    assert a == Position(__file__, "f", first + 1, 20, first + 1, 25)
    assert b == Position(__file__, "f", first + 2, 15, first + 2, 20)


def test_an_augmented_assignment_is_labelled_and_lies_in_its_statement() -> None:
    t = adviz.trace(as_cell("def f(x):\n    z = x\n    z += x * x\n    z **= 2\n    return z\n"), 2.0)
    assert [(a.row.name, a.label) for a in t.assignments] == [("multiply", None), ("add", "z"), ("power", "z")]
    assert [a.position.line for a in t.assignments] == [3, 3, 4]
    assert texts(t) == ["x * x", "z += x * x", "z **= 2"]


def test_the_source_text_is_taken_when_trace_returns() -> None:
    source = "def f(x, y):\n    a = x * y\n    return a + x\n"
    f = as_cell(source)
    t = adviz.trace(f, 2.0, 3.0)
    linecache.cache[f.__code__.co_filename] = (3, None, ["edited\n"] * 9, f.__code__.co_filename)
    assert [(s.name, s.first_line, s.text) for s in t.sources] == [("f", 1, source.rstrip("\n"))]
    assert [a.label for a in t.assignments] == ["a", None]
    assert [(a.position.column, a.position.end_column) for a in t.assignments] == [(8, 13), (11, 16)]


def test_a_position_in_an_edited_cell_counts_code_points_of_the_old_text() -> None:
    f = as_cell("def f(x, y):\n    s = 'äöü漢'; return s and x * y\n")
    t = adviz.trace(f, 2.0, 3.0)
    linecache.cache[f.__code__.co_filename] = (3, None, ["edited\n"] * 9, f.__code__.co_filename)
    [a] = t.assignments
    assert "    s = 'äöü漢'; return s and x * y"[a.position.column : a.position.end_column] == "x * y"


def test_sources_are_the_functions_that_computed_in_the_order_of_their_calls() -> None:
    t = adviz.trace(as_cell("import math\n\ndef g(u):\n    return u * u\n\ndef f(x):\n    def h(w):\n        return w + 1\n    return h(g(x)) * g(x)\n"), 2.0)
    assert [(s.name, s.first_line) for s in t.sources] == [("f", 6), ("g", 3)]
    assert t.sources[0].text.startswith("def f(x):\n    def h(w):")


def test_the_source_of_a_decorated_function_begins_with_its_decorator() -> None:
    f = as_cell("import functools\n@functools.lru_cache\n@functools.wraps(abs)\ndef f(x):\n    return x * x\n")
    [source] = adviz.trace(f.__wrapped__, 2.0).sources
    assert (source.first_line, source.text) == (2, "@functools.lru_cache\n@functools.wraps(abs)\ndef f(x):\n    return x * x")


def test_the_source_of_a_lambda_is_its_statement() -> None:
    f = as_cell("x = 1\nf = (lambda u:\n     u * u)\ny = 2\n")
    [source] = adviz.trace(f, 2.0).sources
    assert (source.first_line, source.text) == (2, "f = (lambda u:\n     u * u)")


def test_a_ufunc_has_no_position_and_no_source() -> None:
    t = adviz.trace(np.hypot, 3.0, 4.0)
    assert (t.assignments[0].position, t.sources) == (None, ())
    t = adviz.trace(functools.partial(np.multiply, 2.0), 4.0)
    assert (t.value, t.assignments[0].position) == (8.0, None)


def test_a_function_from_the_standard_library_shows_its_own_lines() -> None:
    import statistics

    t = adviz.trace(lambda x, y: statistics.fsum is None or functools.reduce(lambda a, b: a * b, [x, y]), 2.0, 3.0)
    assert texts(t) == ["a * b"]


def test_a_cell_with_a_magic_line_still_has_positions() -> None:
    """IPython registers the text it compiled; a cell that is no Python falls back, and does not fail."""
    source = "def f(x):\n    return x * x\n"
    f = as_cell(source)
    linecache.cache[f.__code__.co_filename] = (1, None, ["%timeit nothing\n", *source.splitlines(keepends=True)[1:]], f.__code__.co_filename)
    [a] = adviz.trace(f, 2.0).assignments
    assert segment(linecache.getlines(a.position.file), a.position) == "x * x"
