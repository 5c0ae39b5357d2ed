"""The page's JavaScript and CSS, each as one text: many small modules under `adviz/widget/static` joined into one.

A widget's front end must be exactly one module, and an exported page holds one script. Joining takes away the lines
with which our own modules import and export each other, puts each module after those it uses, and refuses two modules
that use one name. Nothing else is changed, so what runs is what stands in the files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

STYLES = (
    "tokens.css", "explorer.css", "graph.css", "table.css", "export.css", "why.css", "modes.css",
    "live.css", "overview.css", "teacher.css", "predict.css",
)  # fmt: skip
LAB_STYLES = ("tokens.css", "explorer.css", "modes.css", "lab.css")
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w.]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?function |const |let |class )", re.MULTILINE)
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:function\*?|const|let|class) (\w+)", re.MULTILINE)
COMMENT = re.compile(r"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
DEFAULT = "export default {"


class JoinError(ValueError):
    """Modules that cannot stand in one file; the text says which and why."""


def join(modules: Mapping[str, str], entry: str) -> str:
    """One module text from several, by file name. `entry` comes last and keeps its default export."""
    order = _order(modules, entry)
    owners: dict[str, str] = {}
    for name in order:
        for defined in TOP_LEVEL.findall(modules[name]):
            if defined in owners:
                raise JoinError(f"{owners[defined]} and {name} both define {defined}")
            owners[defined] = name
    return "\n".join(_stripped(name, modules[name], last=name == entry) for name in order)


def _order(modules: Mapping[str, str], entry: str) -> list[str]:
    """Each module once, after those it imports; which way round others stand depends on their imports alone."""
    order: list[str] = []
    waiting = [(entry, False)]
    opened: set[str] = set()
    while waiting:
        name, imported = waiting.pop()
        if imported:
            order.append(name)
        elif name not in opened:
            if name not in modules:
                raise JoinError(f"there is no module {name}")
            opened.add(name)
            waiting.append((name, True))
            waiting.extend((used, False) for _, used in reversed(IMPORT.findall(modules[name])))
    return order


def _stripped(name: str, text: str, last: bool) -> str:
    """A module without its imports, exports and comments; a stray `import` or a renamed one cannot be joined."""
    if any(" as " in names for names, _ in IMPORT.findall(text)):
        raise JoinError(f"{name} renames what it imports")
    text = EXPORT.sub("", COMMENT.sub("", IMPORT.sub("", text)))
    leftover = re.search(r"^(?:import|export)\b.*", text.replace(DEFAULT, "", 1) if last else text, re.MULTILINE)
    if leftover:
        raise JoinError(f"{name} has a line that cannot be joined: {leftover[0]}")
    return text.strip() + "\n"


@cache
def module() -> str:
    """The explorer as one ES module: its default export is `{ render }`."""
    return joined("widget.js")


@cache
def player() -> str:
    """The explorer as a script that defines `play(el, mode, step)`, for a page without a kernel."""
    return joined("player.js")


@cache
def stylesheet() -> str:
    """Every style of the explorer; no class but its own is styled."""
    return styles(STYLES)


@cache
def joined(entry: str) -> str:
    """That module and all it uses, as one."""
    return join(_static(".js"), entry)


@cache
def styles(names: tuple[str, ...]) -> str:
    """Those stylesheets, one after the other."""
    found = _static(".css")
    return "\n".join(found[name] for name in names)


@cache
def page_style() -> str:
    """The style of an exported page around the explorer."""
    return _static(".css")["page.css"]


def _static(suffix: str) -> dict[str, str]:
    folder = files("adviz") / "widget" / "static"
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(suffix)}
