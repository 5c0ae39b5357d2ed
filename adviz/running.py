"""One run of a learner's function: the point checked, traced numbers handed in, outputs collected, mistakes told in words."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import lru_cache
from types import CodeType, FrameType, FunctionType, TracebackType
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

from adviz.arrays import TracedArray
from adviz.errors import InputError, OutputError
from adviz.memory import LARGE, Memory
from adviz.position import is_internal
from adviz.recording import constant, number, number_class, variable
from adviz.shares import DOUBLE
from adviz.tape import Event, Handle, Tape
from adviz.texts import counted, text
from adviz.trees import LEAF, flatten, rebuild

Function = Callable[..., Any]
NEW = tuple.__new__  # three times as fast as a NamedTuple's own


PLAIN = (LEAF,)  # the commonest arguments: one number or array


class Point(NamedTuple):
    """The inputs of a run: name and number (or array) of each, the arguments they make up, and what was converted
    (name, as given, number)."""

    function: str
    names: tuple[str, ...]
    numbers: tuple[Any, ...]
    arguments: tuple[Any, ...]  # the tree of each argument; LEAF for a number or an array
    converted: tuple[tuple[str, Any, Any], ...] = ()

    def rebuild(self, leaves: Sequence[Any]) -> tuple[Any, ...]:
        """Numbers or arrays, one per input, as the arguments they make up."""
        if self.arguments == PLAIN or not any(self.arguments):
            return tuple(leaves)
        rest = iter(leaves)
        return tuple(rebuild(tree, rest) for tree in self.arguments)


class Outputs(NamedTuple):
    """What a function returned: indices of variables, and the tree of tuples, lists and dicts they hang on."""

    indices: tuple[int, ...]
    tree: Any

    def rebuild(self, numbers: Sequence[Any]) -> Any:
        """Numbers or arrays, one per output, in the structure the function returned."""
        return rebuild(self.tree, numbers)


def function_name(f: Function) -> str:
    """What to call f in a sentence."""
    name = getattr(f, "__name__", type(f).__name__)
    return "f" if name == "<lambda>" else readable(str(name))


@lru_cache(maxsize=256)
def readable(name: str) -> str:
    """A name as it may stand in a sentence, a table, a picture: printable, not a template, not endless."""
    if name.isidentifier() and len(name) <= 80:
        return name
    shown = "".join(c if c.isprintable() else "\ufffd" for c in name[:81]).replace("{", "(").replace("}", ")")
    return shown if len(shown) <= 80 else shown[:79] + "…"


class Kept(NamedTuple):
    """What a gradient function keeps from one call to the next: memory, and its own and its parameters' names, by their number."""

    memory: Memory
    names: dict[int, tuple[str, tuple[str, ...]]]


def point(f: Function, arguments: Sequence[Any], kept: Kept | None = None) -> Point:
    """The inputs as floats (or NumPy numbers and arrays in their own precision), each with its parameter's name.

    A tuple, a list or a dict is taken apart: its entries are inputs, named w[0][2]. Arrays are copied, for the learner may go on to change
    them. InputError for a wrong number of arguments or for what is not a real number; InputRangeError for an integer too large.
    """
    name, names = (kept.names.get(len(arguments)) if kept is not None else None) or named(f, arguments, kept)
    numbers = _as_they_are(arguments, kept)
    if numbers is not None:
        return NEW(Point, (name, names, numbers, (LEAF,) * len(numbers), ()))
    trees: tuple[Any, ...] = (LEAF,) * len(arguments)
    if any(isinstance(u, tuple | list | dict) for u in arguments):
        leaves, trees = zip(*(flatten(u, name) for name, u in zip(names, arguments, strict=True)), strict=True)
        names, arguments = tuple(n if n.isidentifier() else readable(n) for part in leaves for n, _ in part), [u for part in leaves for _, u in part]
        if not names:
            raise InputError(text("input.no_inputs", function=name))
    numbers = tuple(real(name, u) for name, u in zip(names, arguments, strict=True))
    changed = tuple((n, u, x) for n, u, x in zip(names, arguments, numbers, strict=True) if x is not u and differs(u, x))
    return Point(name, names, numbers, trees, changed)


def named(f: Function, arguments: Sequence[Any], kept: Kept | None) -> tuple[str, tuple[str, ...]]:
    """The function's name and its parameters'. InputError for what cannot be called with so many arguments."""
    if not callable(f):
        raise InputError(text("input.is_text" if isinstance(f, str) else "input.not_callable", kind=kind(f)))
    found = function_name(f), parameter_names(f, arguments)
    if not arguments:
        raise InputError(text("input.no_inputs", function=found[0]))
    if kept is not None:
        kept.names[len(arguments)] = found
    return found


def _as_they_are(arguments: Sequence[Any], kept: Kept | None) -> tuple[Any, ...] | None:
    """Arguments that are floats and arrays of floats, the common case; None if another is among them."""
    numbers: list[Any] = []
    for u in arguments:
        if u.__class__ is ndarray and u.dtype is DOUBLE and u.ndim:
            numbers.append(kept.memory.copy(u) if kept is not None and u.nbytes >= LARGE else u.copy("K"))
        elif u.__class__ is float:
            numbers.append(u)
        else:
            return None
    return tuple(numbers)


def differs(u: Any, x: Any) -> bool:
    """Whether an input was converted on the way in: not if it is a float or an array of floats."""
    return getattr(u, "dtype", None) != x.dtype if isinstance(x, np.ndarray) else type(u) is not float


def parameter_names(f: Function, arguments: Sequence[Any]) -> tuple[str, ...]:
    """The parameters' names, as the function's signature binds the arguments: x1, or xs[0] for *xs."""
    common = positional(f.__code__, len(arguments)) if isinstance(f, FunctionType) else None
    if common is not None:
        return common  # much faster than a signature
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):  # a builtin has no signature; it will judge for itself
        return tuple(f"x{k + 1}" for k in range(len(arguments)))
    try:
        bound = signature.bind(*arguments)
    except TypeError as error:
        count = counted("count.arguments", len(arguments))
        raise InputError(
            text("input.signature", function=function_name(f), signature=signature, count=count, reason=error)
        ) from None
    names: list[str] = []
    for name, value in bound.arguments.items():
        starred = signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
        shown = readable(name)
        names += [f"{shown}[{k}]" for k in range(len(value))] if starred else [shown]
    return tuple(names)


@lru_cache(maxsize=256)
def positional(code: CodeType, n: int) -> tuple[str, ...] | None:
    """The names of n parameters of a function that has exactly these."""
    exactly = code.co_argcount == n and not (code.co_flags & inspect.CO_VARARGS or code.co_kwonlyargcount)
    return code.co_varnames[:n] if exactly else None


def real(name: str, u: Any) -> Any:
    """That input as a float; NumPy's float32 and float16 stay what they are, an outer traced number too."""
    if isinstance(u, np.ndarray) and u.ndim:
        if u.dtype.kind not in "biuf":
            raise InputError(text("input.array", name=name, kind=u.dtype))
        return u.astype(float) if u.dtype.kind in "biu" else np.array(u)
    match u:
        case float():
            return u
        case None:
            raise InputError(text("input.none", name=name))
        case str():
            raise InputError(text("input.string", name=name, value=repr(u)[:40], number=u if u.isdigit() else "2.0"))
        case complex() | np.complexfloating():
            raise InputError(text("input.complex", name=name, value=u))
        case _ if type(u).__name__ == "Decimal":  # not imported for this: it would be a tenth of adviz's import
            raise InputError(text("input.decimal", name=name))
    x = constant(u, name)
    if x is NotImplemented:
        raise InputError(text("input.kind", name=name, kind=kind(u)))
    return x


def kind(u: Any) -> str:
    """A word for what u is: "a list", "an array"."""
    name = type(u).__name__
    return text("word.kind.an" if name[:1].lower() in "aeiou" else "word.kind.a", name=name)


def start(at: Point, root: FrameType | None = None, memory: Memory | None = None) -> tuple[Tape, list[Any]]:
    """A fresh tape and the traced inputs; `root` is the frame that will call it, to locate its lines. Large values go to `memory`."""
    cls = number_class(located=root is not None)
    tape = Tape(at.numbers, root)
    variables: list[Any] = []
    index = -len(at.numbers)
    for x in at.numbers:
        array = x.__class__ is ndarray
        if array:
            tape.arrays = True
            if x.dtype is not DOUBLE:
                tape.double = False
            if memory is not None and x.nbytes >= LARGE:
                tape.memory, tape.aside = memory, True
        elif x.__class__ is not float:  # a number of another precision, or of an outer run
            tape.double, array = False, np.ndim(number(x)) > 0
            tape.arrays = tape.arrays or array
        index += 1
        variables.append(variable(TracedArray if array else cls, tape, index, x))
    return tape, variables


def own(u: Any) -> Any:
    """A value of a trace as something to give away: an array is copied."""
    return u.copy() if isinstance(u, np.ndarray) else u


def collect(tape: Tape, result: Any, name: str) -> Outputs:
    """The outputs' indices; a plain number among them becomes a line of its own, for it is an output that no input reaches.

    OutputError for None, text, or anything but numbers, arrays and tuples, lists and dicts of them.
    """
    if isinstance(result, Handle):
        outputs = NEW(Outputs, ((result.index if result.tape is tape else _output(tape, result, name),), LEAF))
    else:
        leaves, tree = flatten(result)
        if not leaves:
            raise OutputError(text("output.kind", function=name, kind=kind(result)))
        outputs = Outputs(tuple(_output(tape, u, name) for _, u in leaves), tree)
    tape.outputs = outputs.indices
    return outputs


def _output(tape: Tape, u: Any, name: str) -> int:
    if isinstance(u, Handle) and u.tape is tape:
        return u.index
    if u is None:
        raise OutputError(text("output.none", function=name))
    if isinstance(u, np.ndarray) and u.ndim and u.dtype.kind in "biuf":
        x, tape.arrays = np.array(u, float if u.dtype.kind in "biu" else u.dtype), True
    else:
        x = constant(u, name)
    if x is NotImplemented:
        raise OutputError(text("output.kind", function=name, kind=kind(u)))
    event: Event = ("constant", x, None, x, None, None)
    if tape.root is not None:
        tape.double = tape.double and isinstance(x, float)
        event += (tape.enter(tape.root).f_lasti,)
    tape.append(event)
    return len(tape) - 1


def learners_traceback(error: BaseException) -> TracebackType | None:
    """The traceback of an exception without adviz's own frames."""
    frames = []
    tb = error.__traceback__
    while tb is not None:
        if not is_internal(tb.tb_frame.f_code):
            frames.append(tb)
        tb = tb.tb_next
    kept = None
    for tb in reversed(frames):
        kept = TracebackType(kept, tb.tb_frame, tb.tb_lasti, tb.tb_lineno)
    return kept
