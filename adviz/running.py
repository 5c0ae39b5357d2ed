"""One run of a learner's function: the point checked, traced numbers handed in, outputs collected, mistakes told in words."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from types import FrameType, FunctionType, TracebackType
from typing import Any, NamedTuple

import numpy as np

from adviz.errors import InputError, OutputError
from adviz.position import is_internal
from adviz.recording import constant, number_class, variable
from adviz.tape import Event, Handle, Tape
from adviz.texts import counted, text

Function = Callable[..., Any]


class Point(NamedTuple):
    """The inputs of a run: name and number of each, and what was converted (name, as given, number)."""

    function: str
    names: tuple[str, ...]
    numbers: tuple[Any, ...]
    converted: tuple[tuple[str, Any, float], ...] = ()


class Outputs(NamedTuple):
    """What a function returned: indices of variables, and whether it was one number, a tuple or a list."""

    indices: tuple[int, ...]
    structure: type[Any] | None

    def rebuild(self, numbers: Sequence[Any]) -> Any:
        """Numbers, one per output, in the structure the function returned."""
        if self.structure is None:
            return numbers[0]
        return self.structure._make(numbers) if hasattr(self.structure, "_make") else self.structure(numbers)


def function_name(f: Function) -> str:
    """What to call f in a sentence."""
    name = getattr(f, "__name__", type(f).__name__)
    return "f" if name == "<lambda>" else readable(str(name))


def readable(name: str) -> str:
    """A name as it may stand in a sentence, a table, a picture: printable, not a template, not endless."""
    if name.isidentifier() and len(name) <= 80:
        return name
    shown = "".join(c if c.isprintable() else "\ufffd" for c in name[:81]).replace("{", "(").replace("}", ")")
    return shown if len(shown) <= 80 else shown[:79] + "…"


def point(f: Function, arguments: Sequence[Any]) -> Point:
    """The inputs as floats (or NumPy numbers in their own precision), each with its parameter's name.

    InputError for a wrong number of them or for what is not a real number; InputRangeError for an integer too large.
    """
    if not callable(f):
        raise InputError(text("input.not_callable", kind=kind(f)))
    names = parameter_names(f, arguments)
    if not arguments:
        raise InputError(text("input.no_inputs", function=function_name(f)))
    numbers = tuple(real(name, u) for name, u in zip(names, arguments, strict=True))
    changed = tuple((n, u, x) for n, u, x in zip(names, arguments, numbers, strict=True) if x is not u and type(u) is not float)
    return Point(function_name(f), names, numbers, changed)


def parameter_names(f: Function, arguments: Sequence[Any]) -> tuple[str, ...]:
    """The parameters' names, as the function's signature binds the arguments: x1, or xs[0] for *xs."""
    code = f.__code__ if type(f) is FunctionType else None
    if code and code.co_argcount == len(arguments) and not (code.co_flags & inspect.CO_VARARGS or code.co_kwonlyargcount):
        return code.co_varnames[: len(arguments)]  # the common case, fifty times faster than a signature
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


def real(name: str, u: Any) -> Any:
    """That input as a float; NumPy's float32 and float16 stay what they are, an outer traced number too."""
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
        case list() | tuple() | dict():
            raise InputError(text("input.array", name=name))
    x = constant(u, name)
    if x is NotImplemented:
        raise InputError(text("input.array", name=name) if isinstance(u, np.ndarray) else text("input.kind", name=name, kind=kind(u)))
    return x


def kind(u: Any) -> str:
    """A word for what u is: "a list", "an array"."""
    name = type(u).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def start(at: Point, root: FrameType | None = None) -> tuple[Tape, list[Any]]:
    """A fresh tape and the traced numbers to call the function with; `root` is the frame that will call it, to locate its lines."""
    tape = Tape(len(at.numbers), root)
    cls = number_class(located=root is not None)
    return tape, [variable(cls, tape, i, x) for i, x in zip(tape.inputs, at.numbers, strict=True)]


def collect(tape: Tape, result: Any, name: str) -> Outputs:
    """The outputs' indices; a plain number among them becomes a line of its own, for it is an output that no input reaches.

    OutputError for None, text, or anything but numbers.
    """
    if result is None:
        raise OutputError(text("output.none", function=name))
    several = isinstance(result, tuple | list) and len(result) > 0
    entries = list(result) if several else [result]
    outputs = Outputs(tuple(_output(tape, u, name) for u in entries), type(result) if several else None)
    tape.outputs = outputs.indices
    return outputs


def _output(tape: Tape, u: Any, name: str) -> int:
    if isinstance(u, Handle) and u.tape is tape:
        return u.index
    x = constant(u, name)
    if x is NotImplemented:
        raise OutputError(text("output.kind", function=name, kind=kind(u)))
    event: Event = ("constant", x, None, x, None, None)
    if tape.root is not None:
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
