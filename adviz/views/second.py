"""The mode Second order of a document: forward over reverse, as a trace of its own.

    document    the document of the trace of ∇(ȳ f): f, its partials and its reverse sweep, recorded as operations like any other. Its outputs are
                the adjoints of the inputs, and its forward timeline, seeded with a direction r, computes their tangents: H r. It has no texts.
                It is live where the path of f is the same, each value of f a number and each slope finite: the comparisons that f made stand in
                the document around it.
    names       what each of its variables is to f, by index: {"5": "v₃ of f", "6": "∂v₃/∂v₀", "9": "v̄₀ from v₃", "12": "v̄₀"}
    missing     why there is no such trace, one sentence; then the others are missing
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import numpy as np

from adviz.errors import AdvizError
from adviz.kernels import unsigned
from adviz.sweeps import Accumulate, Contribute, reverse_sweep
from adviz.tape import Handle
from adviz.texts import text
from adviz.timeline import Timeline, forward
from adviz.trees import rebuild
from adviz.views.columns import integers
from adviz.views.document import packed
from adviz.views.formula import symbol
from adviz.views.live import why_not_computed, why_not_live
from adviz.wengert import Trace, trace

Document = dict[str, Any]
BAR = "\u0304"
LARGEST = 300  # variables of a trace whose gradient is traced


class Gradient:
    """∇(ȳ f) of a function, as one that can be traced; what its numbers are to f is noted as they are made."""

    def __init__(self, f: Callable[..., Any], y_bar: Sequence[Any], named: Callable[[int], Document] = symbol) -> None:
        self.f, self.y_bar, self.named = f, y_bar, named
        self.roles: dict[int, str] = {}  # by the order in which the trace recorded them

    def traced(self, point: Sequence[Any]) -> Trace:
        """The trace of the gradient at a point."""

        @wraps(self.f)
        def gradient(*arguments: Any) -> tuple[Any, ...]:
            return self._swept(trace(self.f, *arguments))

        return trace(gradient, *point)

    def _swept(self, inner: Trace) -> tuple[Any, ...]:
        names = {i: self.named(i) for i in (*inner.inputs, *(a.index for a in inner.assignments))}
        for a in inner.assignments:
            self._note(a.value, text("second.value", v=names[a.index]["text"]))
            for k, j in a.active:
                if not a.maps:
                    self._note(a.partials[k], f"∂{names[a.index]['text']}/∂{names[j]['text']}")
        sweep, steps = reverse_sweep(inner, self.y_bar), []
        while True:
            try:
                steps.append(next(sweep))
            except StopIteration as end:
                result: tuple[Any, ...] = end.value
                break
        for step in steps:
            if isinstance(step, Contribute):
                self._note(step.share, text("second.share", v=names[step.index]["bar_text"], source=names[step.source]["text"]))
        last = {step.index: step.value for step in steps if isinstance(step, Accumulate)}
        for step in steps:
            if isinstance(step, Accumulate):
                final = step.value is last[step.index]
                self._note(step.value, names[step.index]["bar_text"] + ("" if final else " +…"), final=final)
        return result

    def _note(self, u: Any, role: str, *, final: bool = False) -> None:
        """Of several roles of one number the first is kept; that it is a whole adjoint counts more."""
        if isinstance(u, Handle) and (final or u.index not in self.roles) and u.index > 0:
            self.roles[u.index] = role


def second_document(
    f: Callable[..., Any], trace: Trace, timelines: Mapping[str, Timeline], direction: Any = None, named: Callable[[int], Document] = symbol
) -> Document:
    """The nested trace of a function at the point of its trace, field by field. `direction` is r; by default the seed of forward."""
    if trace.size > LARGEST:
        return {"missing": text("second.large", count=trace.size, limit=LARGEST)}
    numbers = [float(u) if u.__class__ is int else u for u in trace.point]
    gradient = Gradient(f, timelines["reverse"].seed or (), named)
    leaves = iter(numbers)
    try:
        nested = gradient.traced([rebuild(tree, leaves) for tree in trace._point.arguments])
        r = timelines["forward"].seed if direction is None else direction
        tangents = forward(nested, seed=tuple(r or ()))
    except AdvizError as error:
        return {"missing": text("second.refused", reason=error)}
    found = packed(nested, {"forward": tangents}) | {"texts": {}, "output_names": [bar(name) for name in trace.parameters]}
    found["why_not_live"] = why_not_followed(nested, trace)
    found["live"] = not found["why_not_live"]
    found["title"] = f"∇{found['title']}"
    found["timelines"]["forward"]["phases"] += _reverse_phase(tangents, gradient)
    names = {nested._rank[e]: role for e, role in gradient.roles.items()}
    names = _copies(found) | names
    _name(found, names)
    _keep_sources(found, nested, trace)
    return {"document": found, "names": {str(i): role for i, role in names.items()}}


def why_not_followed(nested: Trace, trace: Trace) -> str:
    """One sentence on why a page cannot compute the gradient's trace at another point of the same path; "" if it can.

    Of the numbers of f a sweep asks only which are undefined and which slopes are infinite. Where none is, the gradient has the same lines.
    """
    numbers = (trace.value_of(i) for i in (*trace.inputs, *(a.index for a in trace.assignments)))
    regular = not trace.is_steep and not any(np.isnan(v).any() for v in numbers)
    return why_not_live(trace) or why_not_computed(nested) or ("" if regular else text("live.kernel"))


def _copies(found: Document) -> dict[int, str]:
    """Shows v = unsigned(u) as v = u, and names it a copy: 1/a has the partials of a 0 without a sign, so that a rule asks for that of a."""
    variables = found["variables"]
    names: dict[int, str] = {}
    copying = [n for n, kind in enumerate(found["kinds"]) if kind["row"] == unsigned.__name__]
    for n in copying:
        copied = {"definition": {"symbol": "math", "of": 0}, "substituted": {"slot": ["value", 0]}, "spoken": [["text", 0]]}
        found["kinds"][n] |= {"operation": "=", **copied}
    offset = 0
    for i, kind in enumerate(variables["kind"].tolist(), variables["first"]):
        if kind in copying:
            names[i] = text("second.copy", v=symbol(int(variables["operands"][offset]))["text"])
        offset += len(found["kinds"][kind]["operands"])
    return names


def _name(found: Document, names: Mapping[int, str]) -> None:
    """Labels its variables with what they are to f."""
    variables = found["variables"]
    first, labels = variables["first"], found["labels"]
    chosen = variables["label"].tolist()
    for i, name in names.items():
        chosen[i - first] = len(labels)
        labels.append(name)
    variables["label"] = integers(chosen)


def _keep_sources(found: Document, nested: Trace, trace: Trace) -> None:
    """Of the code only the learner's: what a reverse sweep computes has no line of its own."""
    kept = {k: trace.sources.index(source) for k, source in enumerate(nested.sources) if source in trace.sources}
    found["sources"] = [{"name": s.name, "first_line": s.first_line, "text": s.text} for s in trace.sources]
    moved = {-1: -1}
    places: list[list[Any]] = []
    for n, (source, *rest) in enumerate(found["places"]):
        moved[n] = len(places) if source in kept else -1
        if source in kept:
            places.append([kept[source], *rest])
    found["places"] = places
    found["variables"]["place"] = integers([moved[n] for n in found["variables"]["place"].tolist()])


def bar(name: str) -> str:
    """The adjoint of an input by its name: "x̄1"."""
    return f"{name[:1]}{BAR}{name[1:]}"


def _reverse_phase(tangents: Timeline, gradient: Gradient) -> list[Document]:
    """The phase that begins where the reverse sweep of f does."""
    rank = tangents.trace._rank
    last = max((rank[e] for e, role in gradient.roles.items() if BAR not in role), default=0)
    begins = next((n for n, step in enumerate(tangents.steps, 1) if step.index > last), None)
    return [{"text": text("second.phase"), "start": begins}] if begins else []
