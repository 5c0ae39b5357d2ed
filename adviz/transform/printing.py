"""A program as a text to read and to keep: what it imports, the learner's objects it uses, and above each step the line it comes from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from adviz.errors import UnsupportedError
from adviz.kernels import FLOAT
from adviz.texts import text
from adviz.transform import support
from adviz.transform.statements import Place
from adviz.transform.writing.filling import Assembled
from adviz.transform.writing.lines import Line, Raw, shown
from adviz.transform.writing.names import WORD
from adviz.transform.writing.rules import written


class Correspondence(NamedTuple):
    """A line of the learner's, and the lines of the program that come from it; both counted from 1."""

    file: str
    line: int
    text: str
    generated: tuple[int, ...]


class Printed(NamedTuple):
    """The program's text, and where each of its lines comes from (None for what the program adds of its own)."""

    text: str
    places: tuple[Place | None, ...]

    def correspondences(self, sources: dict[str, list[str]]) -> tuple[Correspondence, ...]:
        """For each line of the learner's the lines made from it."""
        found: dict[Place, list[int]] = {}
        for number, place in enumerate(self.places, 1):
            if place is not None:
                found.setdefault(place, []).append(number)
        return tuple(
            Correspondence(place.file, place.line, line_of(sources, place), tuple(numbers))
            for place, numbers in sorted(found.items(), key=lambda entry: (entry[0].file, entry[0].line))
        )


def line_of(sources: dict[str, list[str]], place: Place) -> str:
    """The learner's line, without its indentation."""
    lines = sources.get(place.file, [])
    return lines[place.line - 1].strip() if 0 < place.line <= len(lines) else ""


class Printer:
    """Writes a program down, line by line."""

    def __init__(self, sources: dict[str, list[str]], *, arrays: bool) -> None:
        self.sources, self.arrays = sources, arrays
        self.lines: list[str] = []
        self.places: list[Place | None] = []

    def add(self, line: str, place: Place | None = None) -> None:
        """One line."""
        self.lines.append(line)
        self.places.append(place)

    def body(self, lines: list[Line], depth: int = 0) -> None:
        """Lines of a function; the learner's line stands above those made from it."""
        said: Place | None = None
        header = ""  # the one printed last: below it, the learner's own line would say the same again
        for line in lines:
            opens = isinstance(line, Raw) and line.text.endswith((":", "break", "pass"))
            header = line.text if opens and isinstance(line, Raw) else header
            if line.at is not None and line.at != said and not opens:
                comment = line_of(self.sources, line.at)
                if comment and comment not in (shown(line, arrays=self.arrays), header):
                    self.add(f"{'    ' * (line.depth + depth)}# {comment}")
            said = line.at if line.at is not None and not opens else said
            self.add("    " * (line.depth + depth) + shown(line, arrays=self.arrays), line.at)


def printed(
    assembled: Assembled, name: str, title: str, constants: dict[str, Any], sources: dict[str, list[str]], parameters: list[str], returns: str,
    *, arrays: bool,
) -> Printed:  # fmt: skip
    """The whole text."""
    printer = Printer(sources, arrays=arrays)
    printer.add(f'"""{title}"""')
    for k, line in enumerate(heading(assembled, constants, arrays=arrays)):
        for part in (line,) if k or not line else ("", line):
            printer.add(part)
    for head, lines in assembled.inner:
        for blank in ("", "", head):
            printer.add(blank)
        printer.body(lines)
    for line in ("", "", f"def {name}({', '.join(parameters)}):"):
        printer.add(line)
    printer.body(assembled.body)
    printer.add(f"    return {returns}")
    return Printed("\n".join(printer.lines) + "\n", tuple(printer.places))


def heading(assembled: Assembled, constants: dict[str, Any], *, arrays: bool) -> Iterator[str]:
    """Imports, and the learner's objects by the names they have in the program."""
    used = {word for line in all_lines(assembled) for word in WORD.findall(shown(line))}
    used |= set(WORD.findall(assembled.value))
    used |= {word for tree in assembled.derivatives for word in WORD.findall(written(tree))}
    modules: dict[str, set[str]] = {}

    def imports(module: str, names: Iterable[str]) -> None:
        modules.setdefault(module, set()).update(names)

    for name in assembled.functions - {"float", "abs", "unbroadcast", "shape"} - set(support.__all__):
        own = None if arrays else name_in_math(name)
        imports(*(("adviz.functions", [name]) if own is None else ("math", [name if own == name else f"{own} as {name}"])))
    imports("adviz", {"jvp", "vjp"} & used)
    imports("adviz.structural", {"unbroadcast"} & used)
    imports("adviz.transform.support", set(support.__all__) & used)
    imports("numpy", {"shape"} & assembled.functions)
    values: list[str] = []
    for name, value in constants.items():
        if name in used:
            found = origin(name, value)
            if found is None:
                values.append(constant(name, value))
            elif found[0]:
                imports(found[0], [found[1]])
            else:
                yield found[1]
    if any("numpy.array(" in line for line in values):
        yield "import numpy"
    yield from (f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(modules.items()) if names)
    yield from ["", *values] if values else []


def all_lines(assembled: Assembled) -> Iterator[Line]:
    """The lines of a program and of the functions it calls."""
    yield from assembled.body
    for _, lines in assembled.inner:
        yield from lines


def name_in_math(row: str) -> str | None:
    """What math calls the function of a row; None if it has none, or if nan must not hide in it."""
    if row == "pow":
        return "pow"
    function = FLOAT.get(row)
    return str(function.__name__) if getattr(function, "__module__", "") == "math" and row != "power" else None  # type: ignore[union-attr]


UNWRITTEN = "  # an object of yours: not part of this text"


def origin(name: str, value: Any) -> tuple[str, str] | None:
    """Where an object can be imported from, and how: (module, name); ("", line) for a module. None for a value."""
    renamed = f" as {name}"
    if isinstance(value, ModuleType):
        return "", f"import {value.__name__}{renamed if value.__name__ != name else ''}"
    module, own = getattr(value, "__module__", None), getattr(value, "__qualname__", getattr(value, "__name__", None))
    if isinstance(value, np.ufunc):
        module, own = "numpy", value.__name__
    if callable(value) and module and module != "__main__" and own and own.isidentifier():
        return module, f"{own}{renamed if own != name else ''}"
    return None


def constant(name: str, value: Any) -> str:
    """name = value"""
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        return f"{name} = numpy.array({value.tolist()!r}, {value.dtype.name!r})"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{name} = float({str(value)!r})"
    return f"{name} = {value!r}" if plainly(value) else f"{name} = ...{UNWRITTEN}"


def plainly(value: Any) -> bool:
    """Whether a value's repr makes it again."""
    if isinstance(value, list | tuple):
        return all(map(plainly, value))
    if isinstance(value, dict):
        return all(plainly(key) and plainly(part) for key, part in value.items())
    return value is None or type(value) in (int, float, bool, str)


def saved(program: str) -> str:
    """The text, if it is whole. UnsupportedError if it uses an object that a text cannot make."""
    for line in program.splitlines():
        if line.endswith(UNWRITTEN):
            raise UnsupportedError(text("transform.save", name=line.partition(" = ")[0]))
    return program
