"""Notes on a trace: kinks, undefined values, infinite slopes, zero derivatives and their reason, the error that ended a run."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np

from adviz.languages import said_by
from adviz.linear import Linear, on_arrays
from adviz.lines import CONSTANT_LINE, Lines
from adviz.readings import Tree, parse
from adviz.recording import evaluate
from adviz.structural import Structural, spread
from adviz.sweeps import Contribute, Evaluate, Propagate
from adviz.table import Elementwise, table
from adviz.texts import joined, listed, text
from adviz.timeline import Timeline
from adviz.views.quantity import written
from adviz.wengert import Assignment, Ref, Trace

Note = dict[str, Any]
INF = math.inf
TIED, KINKED_AT_ZERO = {"max", "min"}, {"norm", "std"}  # array operations that are not differentiable everywhere
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": np.true_divide, "//": np.floor_divide, "%": np.remainder, "**": np.power,
}  # fmt: skip


def notes(trace: Trace, definitions: Mapping[int, tuple[str, str]]) -> list[Note]:
    """All notes, in the order of the indices they belong to. `definitions` has symbol and definition of each variable as text."""
    noted = filter(_may_be_noted, trace.assignments) if trace.lines is None else map(trace.assignment, _that_may_be_noted(trace.lines))
    found = [note for a in noted for note in _of(a, trace, *definitions[a.index])]
    found += [_converted(*conversion) for conversion in trace.converted]
    if trace.error is not None:
        found.append(_note(None, "error", "note.error", error=joined([type(trace.error).__name__, ": ", said_by(trace.error)])))
    elif len(trace.outputs) == 1:
        used = _reached(trace) if trace.lines is None else _reached_lines(trace, trace.lines)
        found += [
            _note(i, "unused", "output.unused", output="y", input=name)
            for i, name in zip(trace.inputs, trace.parameters, strict=True)
            if i not in used
        ]
    return found


def _may_be_noted(a: Assignment) -> bool:
    """False for what a long trace is made of: a number, computed by a row that is smooth everywhere, with finite slopes."""
    if not isinstance(a.row, Elementwise) or a.value.__class__ is not float:
        return a.row is not None
    return a.row.kink is not None or a.row.jumps or a.value != a.value or any(p is not None and not -INF < p < INF for p in a.partials)


def _that_may_be_noted(lines: Lines) -> list[int]:
    """The indices of those among all lines."""
    found = np.isnan(lines.value)
    for u in lines.operands:
        found |= ~np.isfinite(u.partial)
    for n, name in enumerate(lines.rows):
        row = None if name == CONSTANT_LINE else table[name]
        if row is not None and (row.kink is not None or row.jumps):
            found |= lines.row == n
    return (np.flatnonzero(found) + 1).tolist()


def _converted(name: str, given: Any, x: Any) -> Note:
    """An input that was given as something else."""
    if np.ndim(x):
        return _note(None, "converted", "input.converted.array", name=name, kind=given.dtype)
    return _note(None, "converted", "input.converted", name=name, value=given, kind=type(given).__name__, number=written(x))


def _note(index: int | None, note: str, key: str, **slots: Any) -> Note:
    return {"index": index, "kind": note, "text": text(key, **slots)}


def _of(a: Assignment, trace: Trace, symbol: str, definition: str) -> Iterator[Note]:
    """The notes of one assignment."""
    operands = [trace.value_of(u.index) if isinstance(u, Ref) else u.value for u in a.operands]
    names = {"symbol": symbol, "definition": definition}
    given = [np.isnan(u) for u in operands]
    undefined = np.isnan(a.value) & ~any_of(map(np.any, given) if isinstance(a.row, Structural) else given)
    if np.any(undefined):
        yield _marked(a, "undefined", "note.undefined", undefined, names)
    if isinstance(a.row, Structural):
        yield from _of_structural(a, operands[0], names)
    elif np.ndim(a.value) or not undefined:
        yield from _of_elementwise(a, operands, names)


def _of_structural(a: Assignment, operand: Any, names: dict[str, str]) -> Iterator[Note]:
    assert isinstance(a.row, Structural)
    if a.row.name in TIED and tied(a, operand):
        yield _note(a.index, "kink", "note.kink.tie", **names)
    elif a.row.name in KINKED_AT_ZERO and np.any(a.value == 0) and np.size(operand) > np.size(a.value):
        yield _note(a.index, "kink", "note.kink.zero", **names)


def _of_elementwise(a: Assignment, operands: list[Any], names: dict[str, str]) -> Iterator[Note]:
    """A number has one note; of the entries of an array some may have one and some another."""
    row, partials = a.row, [p for p in a.partials if p is not None]
    assert isinstance(row, Elementwise)
    steep = any_of(np.isinf(p) for p in partials)
    kink = row.kink is not None and _kinked(parse(row.kink), operands, a.value)
    if np.any(steep):
        yield _marked(a, "infinite-slope", "note.slope", steep, names)
    if np.any(kink) and (np.ndim(a.value) or not steep):
        used = listed([written(p) for p in partials if not np.ndim(p)])
        yield _marked(a, "kink", "note.kink", kink, names | {"used": used})
    if row.jumps and not np.any(steep) and not np.any(kink):
        yield _note(a.index, "piecewise-constant", "note.piecewise", **names)


def _kinked(tree: Tree, operands: Sequence[Any], v: Any) -> Any:
    """Where the formula of a kink is 0."""
    if not np.ndim(v):
        return evaluate(tree, *operands, v=v) == 0
    with np.errstate(all="ignore"):
        return entrywise(tree, dict(zip("ab", operands, strict=False)) | {"v": v}) == 0


def _marked(a: Assignment, kind: str, key: str, where: Any, names: dict[str, str]) -> Note:
    """A note on a number, or on some of the entries of an array."""
    if not np.ndim(a.value):
        return _note(a.index, kind, key, **names)
    return _note(a.index, kind, f"{key}.array", count=int(np.sum(where)), size=np.size(a.value), **names)


def any_of(conditions: Iterable[Any]) -> Any:
    """Where one of the conditions holds, which broadcast together."""
    return reduce(np.logical_or, conditions, np.False_)


def tied(a: Assignment, operand: Any) -> bool:
    """Whether an extreme is reached by more than one entry."""
    p = a.parameters
    hit = operand == spread(a.value, operand, p["axis"], p["keepdims"])
    return bool(np.any(np.sum(hit, axis=p["axis"]) > 1))


def entrywise(tree: Tree, leaves: Mapping[str, Any]) -> Any:
    """The array that an expression tree stands for, its leaves "a", "b", "v" being arrays or numbers."""
    match tree:
        case ("a" | "b" | "v" as letter,):
            return leaves[letter]
        case ("number", x):
            return x
        case ("name", name):
            return getattr(math, name)
        case ("neg", u):
            return -entrywise(u, leaves)
        case ("call", name, *operands):
            return on_arrays(name)(*(entrywise(u, leaves) for u in operands))
    symbol, left, right = tree
    return ARITHMETIC[symbol](entrywise(left, leaves), entrywise(right, leaves))


def where_zero_met_infinity(timeline: Timeline, definitions: Mapping[int, tuple[str, str]]) -> list[Note]:
    """Notes on the variables at which 0 met an infinite slope in this sweep: their product is nan, and so is all after it."""
    trace = timeline.trace
    derivative: dict[int, Any] = {}
    met: dict[int, None] = {}
    for step in timeline.steps:
        match step:
            case Contribute(_, i, k, share):
                if _product_undefined(share, derivative[i], trace.assignments[i - 1].partials[k]):
                    met[i] = None
            case Propagate(i, v_dot):
                a = trace.assignments[i - 1]
                if any(_product_undefined(v_dot, derivative[j], a.partials[k]) for k, j in a.active):
                    met[i] = None
        if not isinstance(step, Evaluate | Contribute):
            derivative[step.index] = step.value
    return [_note(i, "zero-times-infinity", "note.zero_inf", symbol=definitions[i][0]) for i in met]


def _product_undefined(product: Any, one: Any, other: Any) -> bool:
    """Whether a nan came from 0 times infinity, and not from a nan before it. The map of an array operation has no partial to look at."""
    if isinstance(other, Linear) or not np.any(np.isnan(product)):
        return False
    return bool(np.any((one == 0) & np.isinf(other) | np.isinf(one) & (other == 0)))


def _reached_lines(trace: Trace, lines: Lines) -> set[int]:
    """The inputs that the output depends on. Where there is only one, one way from the output to it is all there is to find."""
    inputs, size = set(trace.inputs), len(lines.value)
    a, b = (np.where(u.given, u.index, size + 1) for u in lines.operands)
    if len(inputs) == 1:
        before, i = np.minimum(a, b).tolist(), trace.outputs[0]
        while 0 < i <= size:
            i = before[i - 1]
        return {i}
    a, b = a.tolist(), b.tolist()
    reached = bytearray(size + len(inputs) + 1)  # the inputs' indices wrap around to its end, behind what is nothing
    reached[trace.outputs[0]] = 1
    for i in range(size, 0, -1):
        if reached[i]:
            reached[a[i - 1]] = reached[b[i - 1]] = 1
    return {i for i in inputs if reached[i]}


def _reached(trace: Trace) -> set[int]:
    """The variables that an output depends on."""
    reached = set(trace.outputs)
    for a in reversed(trace.assignments):
        if a.index in reached:
            reached.update(j for _, j in a.active)
    return reached


