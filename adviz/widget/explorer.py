"""`explore`: a function and a point become a live widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from adviz.arguments import arguments
from adviz.errors import InputError, UnsupportedError
from adviz.formulas import formula
from adviz.languages import speaking, spoken
from adviz.texts import known, text
from adviz.timeline import forward, reverse
from adviz.trees import flatten, rebuild
from adviz.views.document import default_timelines, packed
from adviz.views.modes import Modes
from adviz.wengert import Trace, trace
from adviz.widget.live import MODES, THEMES, Built, Explorer, Inputs, Seeds
from adviz.widget.teaching import check_steps, lesson

SECOND = "second-order"
SWEEPS = {"forward": forward, "reverse": reverse}


def explore(
    f: Callable[..., Any] | str, *args: Any, at: Mapping[str, Any] | None = None, mode: str = "values", step: int = 0, seed: Any = None,
    lang: str | None = None, theme: str | None = None, controls: Any = None, predict: bool = False, ask: Any = "auto", compare: Any = None,
    locked: Any = (), hidden: Any = (), names: Any = None, notes: Any = None, presentation: bool = False, **inputs: Any,
) -> Explorer:  # fmt: skip
    """The explorer of f at a point: `explore(f, x1=2.0, x2=5.0)`, `explore(f, 2.0, 5.0)`, or `at={"x1": 2.0}` where a
    parameter has the name of an option. f is a Python function or the text of a formula: `explore("ln(x1) + x1*x2", 2.0, 5.0)`.

    mode    "values", "forward", "reverse" or "program"; `step` is the step it begins with
    seed    of that mode; by default the first input's direction (forward), the first output (reverse)
    lang    "en" or "zh"; by default that of `adviz.lang`. The reader can change it in the explorer
    theme   "light" or "dark"; by default that of the page
    predict the learner is asked for decisive numbers before they are shown; ask: "auto", "all", "none", or names of questions,
            ["v0.accumulate"] (`adviz.questions`)
    compare what mode="compare" shows beside the trace: another point ({"x1": 2.1}), another function or formula, a precision (np.float32),
            or "forward-reverse"

    For teachers:

    controls     "all", "step", or a list: "step", "modes", "inputs", "seeds", "nudge", "why", "find", "export", "present", "help",
                 "language", "predict"
    locked       names of inputs that cannot be changed on the page, or "all"
    hidden       modes that are not shown
    names        what variables are called, by number: {1: "a"}
    notes        what stands beside the sentence of a step: {("reverse", 7): "Here the shares add."}
    presentation begin with large type: the graph, the table and the sentence

    An exception of f passes through unchanged. InputError for a point f cannot be called with or a seed that does not
    fit; FormulaError for text that is not a formula; UnsupportedError for what this version does not have.
    """
    _refuse_what_is_not_built(mode, theme)
    language = spoken() if lang is None else known(lang)
    if predict and mode not in ("values", *SWEEPS):
        raise InputError(text("predict.mode", mode=repr(mode)[:40]))
    if mode == "compare" and compare is None:
        raise InputError(text("compare.without"))
    f = formula(f) if isinstance(f, str) else f
    point = arguments(f, args, {**(at or {}), **inputs})
    first = trace(f, *point)
    tree = flatten(tuple(point))[1]
    taught = lesson(first, mode, controls=controls, locked=locked, hidden=hidden, names=names, notes=notes, presentation=presentation)
    modes = speaking(language, Modes)(f, compare, taught)

    def build(inputs: Inputs, seeds: Seeds) -> Built:
        leaves = (x if isinstance(x, np.ndarray) else type(u)(x) for x, u in zip(inputs.values(), first.point, strict=True))
        t = trace(f, *rebuild(tree, leaves))
        made = default_timelines(t) | {mode: sweep(t, seed=tuple(seeds[mode])) for mode, sweep in SWEEPS.items() if _fits(seeds.get(mode), t, mode)}
        direction = seeds[SECOND] if _fits(seeds.get(SECOND), t, "forward") else made["forward"].seed
        used = {mode: list(made[mode].seed or ()) for mode in SWEEPS} | {SECOND: list(direction or ())}
        return Built(packed(t, made, taught) | {"modes": modes.document(t, made, direction)}, used, made)

    start = [x if isinstance(x, np.ndarray) else float(x) for x in first.point]
    explorer = Explorer(
        build, inputs=dict(zip(first.parameters, start, strict=True)), seeds=_seeds(first, mode, seed),
        mode=mode, step=step, theme=theme or "", language=language, predict=bool(predict), ask=ask,
    )  # fmt: skip
    check_steps(taught, explorer.shown_document())
    return explorer


def _refuse_what_is_not_built(mode: str, theme: str | None) -> None:
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
