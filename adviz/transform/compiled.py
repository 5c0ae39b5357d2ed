"""The one place where a generated program becomes code.

What runs here is the text that `str(program)` shows or one made from it: its lines come from the reader, its names are identifiers, and
constants that are no numbers are handed over as objects. Nothing is run while a function is read.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable
from itertools import count
from typing import Any

from adviz.position import GENERATED

numbered = count(1)  # only ever grows: tracebacks find a program's text by it


def function(source: str, name: str, namespace: dict[str, Any]) -> Callable[..., Any]:
    """The function of that name in a program's text; tracebacks show the text."""
    file = f"{GENERATED} program {next(numbered)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), namespace)
    made: Callable[..., Any] = namespace[name]
    return made
