"""Instances: a program of numbers, a point and a mode, as data from which the same timeline is made again anywhere.

A result line names its exercise; what was asked is made again from the instance and never read from the line. A program is its list of
assignments, each a row of the table with its operands: no learner's code is kept, and none is run when results are marked.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from adviz.errors import AdvizError, InputError, UnsupportedError
from adviz.formulas import callable_rows, formula
from adviz.mutants import numbers
from adviz.recording import elemental
from adviz.table import Elementwise
from adviz.texts import text
from adviz.timeline import Timeline, forward, reverse, values
from adviz.tokens import why_no_name
from adviz.wengert import Constant, Trace, trace

MODES = ("values", "forward", "reverse")
LONGEST = 200  # lines of a program that is asked about
Operand = int | float  # the index of a variable, or a constant


class Program(NamedTuple):
    """v_i = φ_i(v_j, ...): the lines of a trace without its numbers.

    inputs    names of the inputs, v_{1-n} .. v_0
    lines     for i = 1, 2, ... the row's name and its operands: an int is an index, a float a constant
    outputs   indices
    """

    inputs: tuple[str, ...]
    lines: tuple[tuple[str, tuple[Operand, ...]], ...]
    outputs: tuple[int, ...]
    name: str = "f"

    def function(self) -> Callable[..., Any]:
        """The program as a function of its inputs; recorded where they are traced.

        >>> Program(("x",), (("multiply", (0, 0)), ("add", (1, 3.0))), (2,)).function()(2.0)
        7.0
        """

        def f(*point: Any) -> Any:
            found = dict(zip(range(1 - len(self.inputs), 1), point, strict=True))
            for i, (row, operands) in enumerate(self.lines, 1):
                found[i] = elemental(row)(*(found[u] if isinstance(u, int) else u for u in operands))
            outputs = tuple(found[i] for i in self.outputs)
            return outputs[0] if len(outputs) == 1 else outputs

        f.__name__ = f.__qualname__ = self.name
        f.__signature__ = inspect.Signature([inspect.Parameter(u, inspect.Parameter.POSITIONAL_OR_KEYWORD) for u in self.inputs])  # type: ignore[attr-defined]
        return f


class Instance(NamedTuple):
    """A program at a point, and the mode with its seed (None for values)."""

    program: Program
    point: tuple[float, ...]
    mode: str
    seed: tuple[float, ...] | None = None

    def trace(self) -> Trace:
        """The program's trace, its lines in their own order."""
        return trace(self.program.function(), *self.point, order="evaluation")

    def timeline(self) -> Timeline:
        """The timeline of the mode."""
        return swept(self.trace(), self.mode, self.seed)

    def as_data(self) -> dict[str, Any]:
        """The instance as JSON can write it; `read_instance` reads it."""
        lines = [[row, *(f"v{u}" if isinstance(u, int) else u for u in operands)] for row, operands in self.program.lines]
        outputs = [f"v{i}" for i in self.program.outputs]
        program = {"name": self.program.name, "inputs": list(self.program.inputs), "lines": lines, "outputs": outputs}
        return {"program": program, "at": list(self.point), "mode": self.mode, "seed": None if self.seed is None else list(self.seed)}

    @property
    def fingerprint(self) -> str:
        """Eight letters that the same computation at the same point always has, whatever its function is called."""
        data = self.as_data()
        del data["program"]["name"]
        return fingerprint(data)


def swept(t: Trace, mode: str, seed: Any) -> Timeline:
    """The timeline of that mode."""
    return values(t) if mode == "values" else (forward if mode == "forward" else reverse)(t, seed=seed)


def instance(f: Any, at: Sequence[float] | float | None, mode: str, seed: Any = None) -> Instance:
    """The instance of a function, a formula or a trace at a point.

    f      a Python function, the text of a formula, or a Trace (it has its point)
    seed   as `forward` and `reverse` take it; in forward mode 1 for the first input and 0 for the others, unless another is given

    InputError for a mode that is none, UnsupportedError for a program of arrays.
    """
    if mode not in MODES:
        raise InputError(text("exercise.mode", mode=repr(mode)[:40]))
    made = f if isinstance(f, Trace) else trace(formula(f) if isinstance(f, str) else f, *_point(at))
    numbers(values(made))  # refuses arrays
    program = program_of(made)
    if mode == "forward" and seed is None:
        seed = tuple(1.0 if k == 0 else 0.0 for k in range(len(made.inputs)))
    chosen = swept(made, mode, seed).seed
    return Instance(program, tuple(map(float, made.point)), mode, None if chosen is None else tuple(map(float, chosen)))


def _point(at: Any) -> tuple[Any, ...]:
    if at is None:
        raise InputError(text("exercise.at"))
    return tuple(at) if isinstance(at, tuple | list) else (at,)


def program_of(t: Trace) -> Program:
    """The lines of a trace. UnsupportedError where one is no row of the table, or there are too many."""
    if len(t.assignments) > LONGEST:
        raise UnsupportedError(text("exercise.large", count=len(t.assignments), limit=LONGEST))
    lines = []
    for a in t.assignments:
        if not isinstance(a.row, Elementwise) or a.parameters:
            raise UnsupportedError(text("exercise.line", name=a.name))
        lines.append((a.row.name, tuple(float(u.value) if isinstance(u, Constant) else u.index for u in a.operands)))
    name = t.function if why_no_name(t.function) is None else "f"
    plain = not any(map(why_no_name, t.parameters))  # an entry of an argument is no name: x[0]
    inputs = tuple(t.parameters) if plain else tuple(f"x{k}" for k in range(1, len(t.inputs) + 1))
    return Program(inputs, tuple(lines), tuple(t.outputs), name)


def read_instance(data: Mapping[str, Any]) -> Instance:
    """The instance that a file holds, or the formula and point that stand for one. InputError for anything else: nothing in a file is run."""
    try:
        if "function" in data:
            return instance(str(data["function"]), data["at"], data.get("mode", "reverse"), _seed(data.get("seed")))
        found = data["program"]
        inputs = tuple(str(name) for name in found["inputs"])
        lines = tuple(_line(line, 1 - len(inputs), n) for n, line in enumerate(found["lines"], 1))
        outputs = tuple(_index(name, 1 - len(inputs), len(lines) + 1) for name in found["outputs"])
        name = str(found.get("name", "f"))
        if not inputs or not outputs or len(lines) > LONGEST or any(map(why_no_name, (*inputs, name))) or data["mode"] not in MODES:
            raise ValueError("program")
        made = Instance(Program(inputs, lines, outputs, name), tuple(map(float, data["at"])), data["mode"], _seed(data.get("seed")))
        made.timeline()
        return made
    except AdvizError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
        raise InputError(text("exercise.unreadable", reason=str(error)[:80])) from None


def _seed(given: Any) -> tuple[float, ...] | None:
    return None if given is None else tuple(map(float, given if isinstance(given, list | tuple) else (given,)))


def _line(line: Any, first: int, n: int) -> tuple[str, tuple[Operand, ...]]:
    row, *operands = line
    known = {function.row: function.arguments for function in callable_rows().values()}
    if known.get(row) != len(operands):
        raise ValueError(f"v{n}")
    return str(row), tuple(_index(u, first, n) if isinstance(u, str) else float(u) for u in operands)


def _index(name: str, first: int, end: int) -> int:
    index = int(name.removeprefix("v"))
    if not first <= index < end:
        raise ValueError(name[:20])
    return index


def fingerprint(data: Any) -> str:
    """Eight letters that the same data always have.

    >>> fingerprint({"b": 1, "a": 2}) == fingerprint({"a": 2, "b": 1})
    True
    """
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:8]
