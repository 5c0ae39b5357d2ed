"""A function and a point as a learner names them: `x1=2.0`, or typed on a command line, "module:function x1=2 x2=[1,2]"."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from adviz.errors import FormulaError, InputError, UnsupportedError
from adviz.formulas import formula
from adviz.running import function_name, kind
from adviz.texts import text
from adviz.tokens import brief, shown

NAMED = re.compile(r"\s*([^\W\d]\w*)\s*=(.*)", re.DOTALL)


def arguments(f: Callable[..., Any], args: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
    """The point as positional arguments: what was named stands where the signature has it, defaults fill the gaps.

    >>> arguments(lambda a, b=3.0, c=1.0: a, (2.0,), {"c": 5.0})
    [2.0, 3.0, 5.0]
    """
    if not named or not callable(f):
        return list(args)
    signature = inspect.signature(f)
    try:
        bound = signature.bind(*args, **named)
    except TypeError as error:
        given = ", ".join([*map(repr, args), *(f"{name}={x!r}" for name, x in named.items())])
        raise InputError(text("explorer.call", function=function_name(f), signature=signature, given=given[:80], reason=error)) from None
    last = list(bound.arguments)[-1]
    for name, parameter in signature.parameters.items():
        if name in bound.arguments and parameter.kind is parameter.KEYWORD_ONLY:
            raise UnsupportedError(text("unsupported.explorer", option=text("word.keyword_only", name=name)))
        if name == last:
            break
        bound.arguments.setdefault(name, parameter.default)
    return list(bound.args)


def typed_function(typed: str) -> Callable[..., Any]:
    """The function that a text names: "module:function" or "file.py:function" is imported, anything else is a formula.

    InputError if there is no such function; what the module raises passes through.
    """
    module, colon, name = typed.strip().rpartition(":")
    if not colon:
        return formula(typed.strip())
    found: Any = _module(module)
    for part in name.split("."):
        if not hasattr(found, part):
            raise InputError(text("cli.function.missing", module=_printed(module), name=_printed(name), names=_functions(found)))
        found = getattr(found, part)
    if not callable(found):
        raise InputError(text("cli.function.kind", name=_printed(typed), kind=kind(found)))
    return found


def _module(named: str) -> ModuleType:
    """The module of that name, as Python finds it from this folder, or the file."""
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    if named.endswith(".py"):
        spec = importlib.util.spec_from_file_location(os.path.basename(named).removesuffix(".py"), named)
        if spec is None or spec.loader is None or not os.path.isfile(named):
            raise InputError(text("cli.file.missing", file=_printed(named)))
        module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    if not all(part.isidentifier() for part in named.split(".")):
        raise InputError(text("cli.module.name", module=_printed(named)))
    try:
        return importlib.import_module(named)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{named}.".startswith(f"{error.name}."):
            raise  # the module is there, and imports another that is not
        raise InputError(text("cli.module.missing", module=_printed(named), folder=os.getcwd())) from None


def _functions(module: Any) -> str:
    """The functions that a module has to offer."""
    names = [name for name, u in vars(module).items() if inspect.isfunction(u) and not name.startswith("_")] if hasattr(module, "__dict__") else []
    return ", ".join(map(_printed, names[:8])) or text("cli.function.none")


def _printed(typed: str) -> str:
    """What was typed, as it may stand in a message."""
    return brief(shown(typed), 80)


def typed_point(f: Callable[..., Any], words: Sequence[str]) -> list[Any]:
    """The point that words such as "x1=2", "x2=pi/3" and "w=[1, 2]" name; numbers without a name come in order.

    >>> typed_point(lambda x1, x2: x1, ["x2=1/4", "2"])
    [2.0, 0.25]
    """
    if not words:
        names = [name for name, p in inspect.signature(f).parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
        raise InputError(text("cli.point", example=" ".join(f"{name}={k + 2}" for k, name in enumerate(names[:4])) or "2 5"))
    named: dict[str, Any] = {}
    args: list[Any] = []
    for word in words:
        match = NAMED.fullmatch(word)
        if match is None:
            args.append(typed_number(word, word))
        elif match[1] in named:
            raise InputError(text("cli.value.twice", name=match[1]))
        else:
            named[match[1]] = typed_number(match[2], match[1])
    return arguments(f, args, named)


def typed_number(typed: str, name: str) -> Any:
    """A number, a formula without variables, or an array in brackets. InputError, with the name of the input, for anything else.

    >>> typed_number("2 - cos(0)", "x"), typed_number("[[1, 2], [3, 4]]", "A").shape
    (1.0, (2, 2))
    """
    typed = typed.strip()
    if typed.startswith("["):
        try:
            return np.array(json.loads(typed), dtype=float)
        except (ValueError, TypeError, RecursionError):
            raise InputError(text("cli.value.array", name=_printed(name))) from None
    try:
        return float(typed)
    except ValueError:
        pass
    try:
        return float(formula(typed, variables=())())
    except FormulaError:
        raise InputError(text("cli.value", name=_printed(name), value=_printed(typed))) from None


def typed_seed(typed: str) -> tuple[Any, ...]:
    """A seed: numbers with commas, or, for arrays, a list in brackets.

    >>> typed_seed("1, 0"), typed_seed("[[0.5, 1], 0]")
    ((1.0, 0.0), (array([0.5, 1. ]), 0.0))
    """
    if not typed.strip().startswith("["):
        return tuple(typed_number(part, "--seed") for part in typed.split(","))
    try:
        return tuple(np.array(u, dtype=float) if isinstance(u, list) else float(u) for u in json.loads(typed))
    except (ValueError, TypeError, RecursionError):
        raise InputError(text("cli.value.array", name="--seed")) from None
