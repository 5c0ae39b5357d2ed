"""The trace document: the same bytes every time, valid JSON whatever the numbers, refused where it is damaged."""

from __future__ import annotations

import csv
import inspect
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

import adviz
from adviz.recording import elemental
from adviz.running import readable
from adviz.table import table
from adviz.texts import TEXTS
from adviz.views.document import document, document_json, json_text
from adviz.views.latex import latex
from adviz.views.math import fill, lookup_in, mathml, plain
from adviz.views.saved import read
from adviz.views.table import as_csv, as_html, as_latex, as_text

RUNNING = '''
import linecache, numpy as np, adviz
source = "def f(x1, x2):\\n    return np.log(x1) + x1 * x2 - np.sin(x2)\\n"
linecache.cache["<cell>"] = (len(source), None, source.splitlines(keepends=True), "<cell>")
names = {"np": np}
exec(compile(source, "<cell>", "exec"), names)
'''
PRINT = RUNNING + '''
import sys
from adviz.views.document import document_json
sys.stdout.buffer.write(document_json(adviz.trace(names["f"], 2.0, 5.0), {"forward": (1, 0)}).encode())
'''


def running():
    names: dict[str, Any] = {}
    exec(RUNNING, names)  # noqa: S102 - the tests' own text
    return names["names"]["f"]


def fan_out(x, y):
    a = x * y
    b = np.where(a > 1, a * a, np.log(a))
    return a, b / y, 3.0, x


TRACES = {
    "running": lambda: adviz.trace(running(), 2.0, 5.0), "fan out": lambda: adviz.trace(fan_out, 2.0, 3.0), "identity": lambda: adviz.trace(lambda x: x, 2.0),
    "inputs returned": lambda: adviz.trace(lambda x, y: (y, x, y), 2.0, 3.0), "constant": lambda: adviz.trace(lambda x: 3.0, 2.0),
    "nan": lambda: adviz.trace(lambda x: x * x, math.nan), "inf": lambda: adviz.trace(lambda x: 1 / x - x, math.inf), "minus inf": lambda: adviz.trace(np.exp, -math.inf),
    "undefined": lambda: adviz.trace(np.log, -1.0), "infinite slope": lambda: adviz.trace(np.sqrt, 0.0), "constant inf": lambda: adviz.trace(lambda x: x * math.inf, 2.0),
    "kink": lambda: adviz.trace(lambda x, y: np.maximum(x, y) + abs(x), 0.0, 0.0), "converted": lambda: adviz.trace(lambda x: x * x, True),
    "single precision": lambda: adviz.trace(lambda x: np.sin(x) / 3, np.float32(0.5)), "loop": lambda: adviz.trace(lambda x: sum(x * k for k in range(9)), 2.0),
    "unused": lambda: adviz.trace(lambda x, y: x * 2, 2.0, 3.0), "the same output": lambda: adviz.trace(lambda x: (lambda y: (y, y))(x * x), 2.0),
    "tiny and large": lambda: adviz.trace(lambda x: x * 1e300 - 1e-300, 1e-5), "too large for a picture": lambda: adviz.trace(lambda x: sum(x * k for k in range(400)), 2.0),
}  # fmt: skip
every_trace = pytest.mark.parametrize("make", list(TRACES.values()), ids=list(TRACES))


def maths(content: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Every math of a document, with the lookup that fills its slots."""
    for mode, timeline in content["timelines"].items():
        lookup = lookup_in(content, mode)
        for step in timeline["steps"]:
            yield step["formula"], lookup
        for cell in timeline["cells"]:
            for term in cell:
                yield from ((term[key], lookup) for key in ("formula", "numbers") if term[key] is not None)
    for v in content["variables"]:
        yield from ((v["symbol"][key], lookup) for key in ("math", "dot", "bar"))
        yield from ((v[key], lookup) for key in ("definition", "substituted") if v[key] is not None)


def check(content: dict[str, Any]) -> None:
    """Everything a reader may rely on."""
    indices = [v["index"] for v in content["variables"]]
    assert indices == list(range(indices[0], indices[0] + len(indices)))
    assert set(content["outputs"]) <= set(indices)
    assert len(content["output_names"]) == len(content["outputs"])
    for v in content["variables"]:
        assert len(v["partials"]) == len(v["operands"])
        assert v["row"] is None or v["row"] in content["rows"]
        assert all(u.get("ref", indices[0]) in indices for u in v["operands"])
        if v["position"] is not None:
            source, line, _, end_line, _ = v["position"]
            first = content["sources"][source]["first_line"]
            assert first <= line <= end_line <= first + content["sources"][source]["text"].count("\n")
    for math_, lookup in maths(content):
        assert mathml(math_, lookup).startswith("<math>")
        assert isinstance(plain(math_, lookup), str)
        braces = re.sub(r"\\[{}\\]", "", latex(math_, lookup))
        assert braces.count("{") == braces.count("}")
    for mode, timeline in content["timelines"].items():
        lookup = lookup_in(content, mode)
        assert len(timeline["cells"]) == len(indices)
        assert all(isinstance(phase["text"], str) and 1 <= phase["start"] <= len(timeline["steps"]) for phase in timeline["phases"])
        for step in timeline["steps"]:
            sentence = fill(step["say"][0], step["say"][1:], lookup)
            assert re.sub(r"\{[0-9]+\}", "", sentence) == sentence or "{" in content["title"]
            assert sentence.endswith(".")
            assert step["index"] in indices


@every_trace
def test_every_math_of_a_document_renders_and_every_field_holds(make) -> None:
    check(document(make()))


@every_trace
def test_a_document_is_valid_json_and_comes_back_as_it_was(make, tmp_path) -> None:
    t = make()
    text = t.to_json()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    file = tmp_path / "trace.json"
    assert t.to_json(file) == text == file.read_text(encoding="utf-8")
    loaded = adviz.load(file)
    assert loaded.document == json.loads(json_text(document(t)))
    assert loaded.to_json() == text
    assert adviz.load(str(file)).to_csv() == t.to_csv()
    assert repr(loaded).splitlines()[0] == repr(t).splitlines()[0]


@pytest.mark.parametrize("row", table.elementwise(), ids=lambda row: row.name)
@pytest.mark.parametrize("point", [(0.5, 0.25), (0.0, 0.0), (-1.5, 3.0), (math.inf, math.nan), (1.0, 1.0)], ids=str)
def test_every_row_can_be_written_down_at_any_point(row, point) -> None:
    content = document(adviz.trace(elemental(row.name), *point[: len(row.partials)]))
    check(content)
    for mode in content["timelines"]:
        assert as_text(content, mode)


def test_the_running_examples_document_is_what_it_was(golden) -> None:
    t = adviz.trace(running(), 2.0, 5.0)
    content = document(t, {"forward": adviz.forward(t, seed=(1, 0))})
    assert content.pop("texts").items() <= TEXTS.items()  # a new sentence changes no trace
    golden("running.json", json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def test_the_same_document_in_kinds_and_columns_is_what_it_was(golden) -> None:
    """The browser's expansion of this file is held to the one above by tests/frontend/expansion.test.js."""
    t = adviz.trace(running(), 2.0, 5.0)
    content = json.loads(document_json(t, {"forward": (1, 0)}))
    assert content.pop("texts").items() <= TEXTS.items()
    assert set(content.pop("translations")) == {"zh"}  # tests/test_languages.py
    golden("running_columns.json", json.dumps(content, ensure_ascii=False, indent=1) + "\n")


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_the_document_is_the_same_bytes_in_every_process(hash_seed) -> None:
    found = subprocess.run(
        [sys.executable, "-c", PRINT], capture_output=True, check=True, cwd=Path(__file__).parents[1], env={**os.environ, "PYTHONHASHSEED": hash_seed}
    ).stdout
    assert found == document_json(adviz.trace(running(), 2.0, 5.0), {"forward": (1, 0)}).encode()


def test_a_timelines_own_seed_is_the_documents() -> None:
    content = json.loads(adviz.forward(running(), 2.0, 5.0, seed=(3, -1)).to_json())
    assert content["timelines"]["forward"]["seed"] == [3.0, -1.0]
    assert content["timelines"]["reverse"]["seed"] == [1.0]
    content = json.loads(adviz.reverse(fan_out, 2.0, 3.0, seed=(0, 1, 0, 2)).to_json())
    assert content["timelines"]["reverse"]["seed"] == [0.0, 1.0, 0.0, 2.0]


def test_a_run_that_failed_has_a_document_of_values_and_a_note() -> None:
    def f(x):
        x * x
        raise ValueError("{0} <b> & $")

    with pytest.raises(ValueError, match="<b>") as caught:
        adviz.trace(f, 3.0)
    content = document(caught.value.adviz_trace)
    check(content)
    assert set(content["timelines"]) == {"values"}
    assert content["outputs"] == content["output_names"] == []
    [note] = [n for n in content["notes"] if n["kind"] == "error"]
    assert "ValueError: {0} <b> & $" in note["text"]


def kinds(t: adviz.Trace) -> list[tuple[int | None, str]]:
    return [(n["index"], n["kind"]) for n in document(t)["notes"]]


@pytest.mark.parametrize("f, point, expected", [
    (abs, (0.0,), [(1, "kink")]), (np.hypot, (0.0, 0.0), [(1, "kink")]), (np.maximum, (1.0, 1.0), [(1, "kink")]), (np.log, (-1.0,), [(1, "undefined")]),
    (np.sqrt, (0.0,), [(1, "infinite-slope")]), (np.floor, (2.5,), [(1, "piecewise-constant")]), (lambda x, y: x * 2, (1.0, 2.0), [(0, "unused")]),
    (lambda x: x * x, (2,), [(None, "converted")]), (abs, (1.0,), []), (lambda x: np.sqrt(x) ** 2, (0.0,), [(1, "infinite-slope"), (1, "zero-times-infinity"), (2, "zero-times-infinity")]),
    (lambda x: x / x, (0.0,), [(1, "undefined")]), (lambda x: x // 2, (5.0,), [(1, "piecewise-constant")]), (lambda x: x**0.5, (-1.0,), [(1, "undefined")]),
])  # fmt: skip
def test_an_awkward_point_has_a_note(f, point, expected) -> None:
    assert sorted(kinds(adviz.trace(f, *point)), key=str) == sorted(expected, key=str)


SQUARE = adviz.trace(lambda x: x * x, 2.0)
GOOD = json.loads(document_json(SQUARE))
LISTED = json.loads(json_text(document(SQUARE)))  # version 1, as files of earlier versions of adviz have it


@pytest.mark.parametrize("content, words", [
    ("", ["JSON"]), ("{", ["JSON"]), ("not json", ["JSON"]), ("[" * 100_000, ["JSON"]), ("[]", ["format", "list"]), ("3", ["format"]), ("null", ["format"]), ("{}", ["format"]),
    (json.dumps({**GOOD, "format": "other"}), ["format", "other"]), (json.dumps({**GOOD, "version": 3}), ["version 3", "reads version 2"]),
    (json.dumps({**GOOD, "version": "1"}), ["version"]), (json.dumps({**GOOD, "version": True}), ["version"]), (json.dumps({**GOOD, "version": None}), ["version"]),
], ids=lambda part: str(part)[:12])  # fmt: skip
def test_what_is_no_trace_document_is_refused_in_words(content, words, tmp_path) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(content)
    for open_ in (lambda: read(content), lambda: adviz.load(file)):
        with pytest.raises(adviz.DocumentError) as caught:
            open_()
        assert isinstance(caught.value, ValueError)
        assert all(word in str(caught.value) for word in words), caught.value
        assert len(str(caught.value)) < 300


@pytest.mark.parametrize("field", ["title", "inputs", "outputs", "output_names", "sources", "variables", "branches", "notes", "rows", "timelines", "texts", "graph"])
def test_a_missing_or_damaged_field_is_named(field) -> None:
    for good in (GOOD, LISTED):
        without = {key: value for key, value in good.items() if key != field}
        for damaged in (without, {**good, field: 3.5}):
            with pytest.raises(adviz.DocumentError, match=field):
                read(json.dumps(damaged))
        assert read(json.dumps({**good, "extra": 1}))["title"] == GOOD["title"]


def test_a_file_of_version_1_still_opens_and_shows_the_same(tmp_path) -> None:
    (tmp_path / "old.json").write_text(json.dumps(LISTED))
    (tmp_path / "new.json").write_text(json.dumps(GOOD))
    old, new = adviz.load(tmp_path / "old.json"), adviz.load(tmp_path / "new.json")
    assert old.document == LISTED == new.document
    assert (old.to_csv(), old.to_svg(), repr(old)) == (new.to_csv(), new.to_svg(), repr(new))


def damaged_copies() -> Iterator[tuple[str, dict[str, Any]]]:
    """The good document with one entry deep inside it replaced."""
    for name, path, value in [
        ("variables", ("variables", 1, "partials"), []), ("variables", ("variables", 0), "x"), ("variables", ("variables", 1, "definition"), ["script", "x"]),
        ("timelines", ("timelines", "reverse", "steps"), 3), ("timelines", ("timelines", "values"), None), ("timelines", ("timelines",), {}),
        ("timelines", ("timelines", "reverse", "cells"), []), ("outputs", ("outputs",), [99]), ("variables", ("variables", 1, "symbol"), {}),
    ]:  # fmt: skip
        copy = json.loads(json.dumps(LISTED))
        place = copy
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        yield name, copy


@pytest.mark.parametrize("name, content", list(damaged_copies()))
def test_damage_deep_inside_is_a_document_error_or_does_no_harm(name, content, tmp_path) -> None:
    file = tmp_path / "damaged.json"
    file.write_text(json.dumps(content))
    for show in (repr, lambda d: d.to_csv(), lambda d: d.to_latex(), lambda d: d.to_svg(), lambda d: d._repr_mimebundle_()):
        try:
            assert show(adviz.load(file))
        except adviz.DocumentError as error:
            assert re.search(r"\w", str(error))


def test_a_file_that_is_not_there_is_not_there(tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        adviz.load(tmp_path / "nothing.json")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(adviz.DocumentError, match="JSON"):
        adviz.load(tmp_path / "binary.json")


HOSTILE = [
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "{0} {1.__class__}", "{", "}", r"\end{document}$x_1^2 & # % ~", "=cmd()", "+1", "-1", "@x",
    "a\nb", "a\r\tb", "\"'`<&>", "\u202egnp", "%s %(x)d", "\x00\x07", "-->", "]]>", "é漢字🙂", "", " ", "\t=1+1", "x" * 10_000, "\ud800",
]  # fmt: skip


def hostile_trace(name: str) -> adviz.Trace:
    def f(a, b):
        return a * b + a

    odd = inspect.Parameter("a", inspect.Parameter.POSITIONAL_ONLY)
    odd._name = name  # type: ignore[attr-defined]
    plain_one = inspect.Parameter("b", inspect.Parameter.POSITIONAL_ONLY)
    signature = inspect.Signature([inspect.Parameter("c", inspect.Parameter.POSITIONAL_ONLY), plain_one])
    signature._parameters = MappingProxyType({name: odd, "b": plain_one})  # type: ignore[attr-defined]

    class Callable_:
        __signature__ = signature
        __name__ = name

        def __call__(self, *u):
            return f(*u)

    return adviz.trace(Callable_(), 2.0, 3.0, names={"v1": name, "v2": "ok"})


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: repr(name)[:24])
def test_a_hostile_name_breaks_no_view(name) -> None:
    t, tame = hostile_trace(name), hostile_trace("tame")
    shown = readable(name)
    assert t.parameters[0] == shown
    content = document(t)
    check(content)
    t.to_json().encode()
    lookup = lookup_in(content, "forward")
    seeded = content["timelines"]["forward"]["steps"][0]["say"]
    assert shown in fill(seeded[0], seeded[1:], lookup), "a name is never read as a template"
    for mode in content["timelines"]:
        html = as_html(content, mode)
        assert html.count("<") == as_html(document(tame), mode).count("<"), "no tag of its own"
        assert html.count(">") == as_html(document(tame), mode).count(">")
        lines = as_text(content, mode)
        assert len(lines.splitlines()) == len(as_text(document(tame), mode).splitlines())
        assert not any(ord(c) < 32 and c != "\n" for c in lines)
        tex = as_latex(content, mode)
        assert tex.count("\n") == as_latex(document(tame), mode).count("\n")
        assert r"\end{document}" not in tex
        cells = list(csv.reader(as_csv(content, mode).splitlines() if "\n" not in name and "\r" not in name else []))
        assert not any(cell[:1] in ("=", "@", "\t") or (cell[:1] in ("+", "-") and not is_number(cell)) for row in cells for cell in row)
    assert len(t.assignments) == 2


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
