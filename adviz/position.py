"""Where in the learner's code: exact sub-expressions from a code object and an instruction offset.

Recording keeps only the two (40 ns); this module decodes them when somebody looks.
"""

from __future__ import annotations

import dis
import linecache
import os
import sys
from collections.abc import Sequence
from types import CodeType, FrameType
from typing import NamedTuple

PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
GENERATED = "<adviz generated"
FORMULA = "<adviz formula"  # the file name of a formula typed as text: its one line is the learner's


class Position(NamedTuple):
    """A stretch of source text: lines from 1, columns in code points from 0; `column` None where only the line is known."""

    file: str
    function: str
    line: int
    column: int | None
    end_line: int
    end_column: int | None


def is_internal(code: CodeType) -> bool:
    """Whether that code is adviz's own, whose frames a learner should not see."""
    return code.co_filename.startswith((PACKAGE, GENERATED)) and "<doctest" not in code.co_filename


def learners_frame(frame: FrameType | None) -> FrameType | None:
    """That frame or the nearest caller that is not adviz's own."""
    while frame is not None and is_internal(frame.f_code):
        frame = frame.f_back
    return frame


Spans = list[tuple[int | None, int | None, int | None, int | None]]
_decoded: dict[int, tuple[CodeType, Spans]] = {}  # by id, with the code so that no id is used twice: hashing a code reads all of it
DECODED = 256


def _spans(code: CodeType) -> Spans:
    """The positions of all instructions of a code object, decoded once."""
    found = _decoded.get(id(code))
    if found is None:
        while len(_decoded) >= DECODED:
            _decoded.pop(next(iter(_decoded)), None)
        found = _decoded[id(code)] = (code, _indented(code, list(code.co_positions())))
    return found[1]


def _indented(code: CodeType, spans: Spans) -> Spans:
    """The positions in the file's own columns. marimo takes the indentation from a cell before it is compiled, and the lines of its file still
    have it: there an instruction begins left of its line's first character, which in a file compiled as it stands none does."""
    lines = lines_of(code)
    begins: dict[int, int] = {}
    for line, _, column, _ in spans:
        if line is not None and column is not None and code.co_firstlineno < line <= len(lines):
            begins[line] = min(column, begins.get(line, column))
    missing = max((_indentation(lines[line - 1]) - column for line, column in begins.items()), default=0)
    if missing <= 0:
        return spans
    return [(line, end, None if column is None else column + missing, None if stop is None else stop + missing) for line, end, column, stop in spans]


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" ")) if line.strip() else 0


def instruction_span(code: CodeType, lasti: int) -> tuple[int | None, int | None, int | None, int | None]:
    """(line, end line, column, end column) of an instruction, columns in UTF-8 bytes."""
    spans = _spans(code)
    return spans[lasti // 2] if 0 <= lasti // 2 < len(spans) else (code.co_firstlineno, None, None, None)


def decode(code: CodeType, lasti: int, lines: Sequence[str]) -> Position:
    """The sub-expression that instruction computes, in a file of these lines; only the line where Python kept no columns."""
    line, end_line, column, end_column = instruction_span(code, lasti)
    line = line or code.co_firstlineno
    end_line = end_line or line
    if column is None or end_column is None:
        return Position(code.co_filename, code.co_name, line, None, line, None)
    return Position(
        code.co_filename, code.co_name, line, _code_points(lines, line, column), end_line, _code_points(lines, end_line, end_column)
    )


def lines_of(code: CodeType) -> list[str]:
    """All lines of the file or cell the code was compiled from; empty if they are not to be had."""
    linecache.checkcache(code.co_filename)
    return linecache.getlines(code.co_filename)


def _code_points(lines: Sequence[str], line: int, column: int) -> int:
    """A byte offset as a number of code points."""
    if not 0 < line <= len(lines):
        return column
    return len(lines[line - 1].encode()[:column].decode(errors="ignore"))


def segment(lines: Sequence[str], position: Position) -> str:
    """The source text at that position, on one line; empty if unknown."""
    if position.column is None or position.end_column is None or not 0 < position.line <= position.end_line <= len(lines):
        return ""
    rows = [line.rstrip("\n") for line in lines[position.line - 1 : position.end_line]]
    rows[-1] = rows[-1][: position.end_column]
    rows[0] = rows[0][position.column :]
    return " ".join(row.strip() for row in rows)


class Here(NamedTuple):
    """What a learner's frame is computing right now: the text of the expression, its line (0 if unknown), the instruction."""

    expression: str
    line: int
    instruction: str


def here() -> Here:
    """The expression the learner's code is computing at this moment, NumPy's own functions passed over."""
    frame = learners_frame(sys._getframe(1))
    while frame is not None and frame.f_globals.get("__name__", "").startswith("numpy."):
        frame = learners_frame(frame.f_back)
    if frame is None:
        return Here("", 0, "")
    lines = lines_of(frame.f_code)
    position = decode(frame.f_code, frame.f_lasti, lines)
    instruction = dis.opname[frame.f_code.co_code[frame.f_lasti]]
    return Here(segment(lines, position), position.line, instruction)
