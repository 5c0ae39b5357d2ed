"""Many small modules, joined into the one that a notebook or a page loads."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from adviz.views import assemble
from adviz.views.assemble import JoinError, join

MODULES = {
    "main.js": 'import { b } from "./b.js";\nimport { a } from "./a.js";\n\nexport default { render: () => a + b };\n',
    "a.js": "// What a is.\n\nexport const a = 1;\n",
    "b.js": 'import { a } from "./a.js";\n\n/**\n * @type {number}\n */\nexport const b = /** @type {number} */ (\n  a\n) * 2;\n',
}


def test_each_module_stands_once_after_those_it_imports_and_the_entry_keeps_its_export() -> None:
    assert join(MODULES, "main.js") == (
        "const a = 1;\n\nconst b = /** @type {number} */ (\n  a\n) * 2;\n\nexport default { render: () => a + b };\n"
    )


def test_modules_that_import_each_other_end_all_the_same() -> None:
    circle = {"x.js": 'import { y } from "./y.js";\nexport const x = 1;\n', "y.js": 'import { x } from "./x.js";\nexport const y = 2;\n'}
    assert join(circle, "x.js") == "const y = 2;\n\nconst x = 1;\n"


@pytest.mark.parametrize(
    "text, said",
    [
        ("export const a = 3;\n", "both define a"),
        ('import { a as c } from "./a.js";\n', "renames"),
        ('import c from "./a.js";\n', "cannot be joined"),
        ('import { c } from "https://example.org/c.js";\n', "cannot be joined"),
        ("export { a };\n", "cannot be joined"),
        ('import { d } from "./d.js";\n', "no module d.js"),
    ],
)
def test_what_cannot_be_joined_is_refused(text: str, said: str) -> None:
    with pytest.raises(JoinError, match=said):
        join({**MODULES, "b.js": 'import { a } from "./a.js";\n' + text}, "main.js")


def test_the_widgets_module_exports_render_and_imports_nothing() -> None:
    module = assemble.module()
    assert re.findall(r"^(?:import|export)\b.*", module, re.MULTILINE) == ["export default {"]
    assert "</script" not in module
    assert "<!--" not in module


def test_every_module_and_every_style_is_used() -> None:
    scripts = assemble._static(".js")
    joined = {name for entry in ("widget.js", "player.js", "labwidget.js", "labpage.js") for name in assemble._order(scripts, entry)}
    assert joined == set(scripts)
    assert set(assemble._static(".css")) == {*assemble.STYLES, *assemble.LAB_STYLES, "page.css"}


def test_every_style_is_the_explorers_own() -> None:
    """A rule reaches nothing but the explorer: each selector names it, or a class that starts like it."""
    rules = re.sub(r"/\*.*?\*/", "", assemble.stylesheet(), flags=re.DOTALL)
    selectors = [s.strip() for block in re.findall(r"([^{};]+)\{", rules) if not block.strip().startswith("@") for s in block.split(",\n")]
    assert len(selectors) > 100
    assert [s for s in selectors if "adviz" not in s] == []


def test_the_text_is_the_same_in_every_process() -> None:
    code = "from adviz.views import assemble; import hashlib; print(hashlib.sha256((assemble.module() + assemble.stylesheet()).encode()).hexdigest())"
    runs = {subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}, capture_output=True, text=True, check=True).stdout
            for seed in ("1", "2")}  # fmt: skip
    assert len(runs) == 1
