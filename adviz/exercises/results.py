"""Results: what a learner did, one JSON object a line. Answers as they were typed, never points; no names, no machine.

    {"v": 1, "ex": "table-reverse-3f2a91bc", "exv": 1, "seed": null, "cell": "v0.accumulate", "try": 2, "resp": "2-cos(5)", "ok": true,
     "tag": null, "hint": 1, "shown": false, "ms": 8421, "lang": "en", "adviz": "0.1.0"}

`ok` and `tag` are what was said at the time; `adviz grade` marks `resp` again and believes neither.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

from adviz.listing import aligned
from adviz.texts import counted, text

VERSION = 1
Line = dict[str, Any]


class Results(Sequence[Line]):
    """The attempts of this session, oldest first."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = tuple(lines)

    @overload
    def __getitem__(self, n: int) -> Line: ...
    @overload
    def __getitem__(self, n: slice) -> tuple[Line, ...]: ...
    def __getitem__(self, n: int | slice) -> Line | tuple[Line, ...]:
        return self.lines[n]

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def save(self, path: str | Path) -> Path:
        """Write them into a file. What an earlier session wrote there stays."""
        file = Path(path)
        before = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else []
        new = [as_json(line) for line in self.lines]
        kept = [line for line in before if line.strip() and line not in set(new)]
        file.write_text("".join(f"{line}\n" for line in [*kept, *new]), encoding="utf-8")
        return file

    def __repr__(self) -> str:
        head = tuple(text(f"exercise.head.{name}") for name in ("exercise", "cell", "try", "answer", "verdict"))
        body = [(line["ex"], line["cell"], str(line["try"]), line["resp"] or "", said(line)) for line in self.lines]
        return "\n".join([counted("exercise.attempts", len(self.lines)), *aligned([head, *body], left=5)]) if body else text("exercise.no_attempts")


def said(line: Line) -> str:
    """What became of an attempt, in a word."""
    if line["ok"] or line["shown"]:
        return text("exercise.state.right" if line["ok"] else "exercise.state.shown")
    return text("exercise.state.hint" if line["resp"] is None else "exercise.state.open")


def as_json(line: Line) -> str:
    """One line of a file: plain ASCII, so that anything that was typed survives."""
    return json.dumps(line, ensure_ascii=True)


def release() -> str:
    """The version of adviz. The package knows its parts, they do not know the package: it is asked for by name."""
    return str(vars(sys.modules[__name__.partition(".")[0]])["__version__"])


class Log:
    """Where exercises write down what was done with them."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def results(self) -> Results:
        """All of it so far."""
        return Results(self.lines)


session = Log()
