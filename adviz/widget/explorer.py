"""`explore`: a function and a point become a live widget."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from adviz.errors import InputError, UnsupportedError
from adviz.formulas import formula
from adviz.running import function_name
from adviz.texts import text
from adviz.timeline import forward, reverse
from adviz.views.document import document_json
from adviz.wengert import Trace, trace
from adviz.widget.live import MODES, THEMES, Explorer, Inputs, Seeds


def explore(
    f: Callable[..., Any] | str, *args: Any, at: Mapping[str, Any] | None = None, mode: str = "values", step: int = 0, seed: Any = None,
    lang: str = "en", theme: str | None = None, controls: Any = None, predict: bool = False, **inputs: Any,
) -> Explorer:  # fmt: skip
    """The explorer of f at a point: `explore(f, x1=2.0, x2=5.0)`, `explore(f, 2.0, 5.0)`, or `at={"x1": 2.0}` where a
    parameter has the name of an option. f is a Python function or the text of a formula: `explore("ln(x1) + x1*x2", 2.0, 5.0)`.

    mode    "values", "forward" or "reverse"; `step` is the step it begins with
    seed    of that mode; by default the first input's direction (forward), the first output (reverse)
    theme   "light" or "dark"; by default that of the page

    An exception of f passes through unchanged. InputError for a point f cannot be called with or a seed that does not
    fit; FormulaError for text that is not a formula; UnsupportedError for what this version does not have.
    """
    _refuse_what_is_not_built(mode, lang, theme, controls, predict)
    f = formula(f) if isinstance(f, str) else f
    point = _arguments(f, args, {**(at or {}), **inputs})
    first = trace(f, *point)
    kinds = {name: type(x) if isinstance(x, np.floating) else float for name, x in zip(first.parameters, point, strict=True)}

    def build(inputs: Inputs, seeds: Seeds) -> str:
        t = trace(f, *(kinds[name](x) for name, x in inputs.items()))
        lengths = {"forward": len(t.inputs), "reverse": len(t.outputs)}      # another branch may have other outputs
        return document_json(t, {mode: given for mode, given in seeds.items() if len(given) == lengths[mode]})

    return Explorer(
        build, inputs=dict(zip(first.parameters, map(float, first.point), strict=True)), seeds=_seeds(first, mode, seed),
        mode=mode, step=step, theme=theme or "", language=lang,
    )  # fmt: skip


def _refuse_what_is_not_built(mode: str, lang: str, theme: str | None, controls: Any, predict: bool) -> None:
    options = {"controls=": controls is not None, "predict=True": bool(predict), f"lang={lang!r}": lang != "en"}
    for option, given in options.items():
        if given:
            raise UnsupportedError(text("unsupported.explorer", option=option))
    if mode not in MODES:
        raise UnsupportedError(text("unsupported.mode", mode=repr(mode), choices=", ".join(map(repr, MODES))))
    if theme not in (None, *THEMES[1:]):
        raise InputError(text("explorer.theme", theme=repr(theme)))


def _arguments(f: Callable[..., Any], args: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
    """The point as positional arguments: what was named stands where the signature has it, defaults fill the gaps."""
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


def _seeds(t: Trace, mode: str, seed: Any) -> Seeds:
    """The seed of that mode as the widget keeps it."""
    if seed is None:
        return {}
    if mode == "values":
        raise InputError(text("explorer.values_seed"))
    found = (forward if mode == "forward" else reverse)(t, seed=seed).seed
    return {mode: [float(x) for x in found or ()]}
