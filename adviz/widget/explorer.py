"""`explore`: a function and a point become a live widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from adviz.arguments import arguments
from adviz.errors import InputError, UnsupportedError
from adviz.formulas import formula
from adviz.texts import text
from adviz.timeline import forward, reverse
from adviz.trees import flatten, rebuild
from adviz.views.document import default_timelines, packed
from adviz.views.modes import Modes
from adviz.wengert import Trace, trace
from adviz.widget.live import MODES, THEMES, Built, Explorer, Inputs, Seeds

SECOND = "second-order"
SWEEPS = {"forward": forward, "reverse": reverse}


def explore(
    f: Callable[..., Any] | str, *args: Any, at: Mapping[str, Any] | None = None, mode: str = "values", step: int = 0, seed: Any = None,
    lang: str = "en", theme: str | None = None, controls: Any = None, predict: bool = False, compare: Any = None, **inputs: Any,
) -> Explorer:  # fmt: skip
    """The explorer of f at a point: `explore(f, x1=2.0, x2=5.0)`, `explore(f, 2.0, 5.0)`, or `at={"x1": 2.0}` where a
    parameter has the name of an option. f is a Python function or the text of a formula: `explore("ln(x1) + x1*x2", 2.0, 5.0)`.

    mode    "values", "forward", "reverse" or "program"; `step` is the step it begins with
    seed    of that mode; by default the first input's direction (forward), the first output (reverse)
    theme   "light" or "dark"; by default that of the page
    compare what mode="compare" shows beside the trace: another point ({"x1": 2.1}), another function or formula, a precision (np.float32),
            or "forward-reverse"

    An exception of f passes through unchanged. InputError for a point f cannot be called with or a seed that does not
    fit; FormulaError for text that is not a formula; UnsupportedError for what this version does not have.
    """
    _refuse_what_is_not_built(mode, lang, theme, controls, predict)
    if mode == "compare" and compare is None:
        raise InputError(text("compare.without"))
    f = formula(f) if isinstance(f, str) else f
    point = arguments(f, args, {**(at or {}), **inputs})
    first = trace(f, *point)
    tree = flatten(tuple(point))[1]
    modes = Modes(f, compare)

    def build(inputs: Inputs, seeds: Seeds) -> Built:
        leaves = (x if isinstance(x, np.ndarray) else type(u)(x) for x, u in zip(inputs.values(), first.point, strict=True))
        t = trace(f, *rebuild(tree, leaves))
        made = default_timelines(t) | {mode: sweep(t, seed=tuple(seeds[mode])) for mode, sweep in SWEEPS.items() if _fits(seeds.get(mode), t, mode)}
        direction = seeds[SECOND] if _fits(seeds.get(SECOND), t, "forward") else made["forward"].seed
        used = {mode: list(made[mode].seed or ()) for mode in SWEEPS} | {SECOND: list(direction or ())}
        return Built(packed(t, made) | {"modes": modes.document(t, made, direction)}, used)

    start = [x if isinstance(x, np.ndarray) else float(x) for x in first.point]
    return Explorer(
        build, inputs=dict(zip(first.parameters, start, strict=True)), seeds=_seeds(first, mode, seed),
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


def _seeds(t: Trace, mode: str, seed: Any) -> Seeds:
    """The seed of that mode as the widget keeps it."""
    if seed is None:
        return {}
    if mode not in (*SWEEPS, SECOND):
        raise InputError(text("explorer.values_seed" if mode == "values" else "explorer.no_seed", mode=mode))
    found = (reverse if mode == "reverse" else forward)(t, seed=seed).seed
    return {mode: [x if isinstance(x, np.ndarray) else float(x) for x in found or ()]}


def _fits(seed: Any, t: Trace, mode: str) -> bool:
    """Whether a seed is one of this trace: another branch may have other outputs."""
    variables = t.inputs if mode == "forward" else t.outputs
    return seed is not None and [np.shape(x) for x in seed] == [np.shape(t.value_of(i)) for i in variables]
