"""What a document holds besides the sweeps of its trace, under `modes`: each part is specified where it is written.

    jacobian    the matrix of all partials, sweep by sweep      (jacobian.py)
    longest     how many steps a mode has at most
    second-order  the trace of the gradient                     (second.py)
    program     the generated derivative beside the code        (program.py)
    compare     another trace beside this one, if one is asked for  (compare.py)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from adviz.timeline import Timeline
from adviz.views.compare import compare_document
from adviz.views.jacobian import jacobian_document, longest
from adviz.views.lesson import Lesson, naming
from adviz.views.program import program_document, written
from adviz.views.second import second_document
from adviz.wengert import Trace

Document = dict[str, Any]


class Modes:
    """The other modes of a function: what does not depend on the point is made once."""

    def __init__(self, f: Callable[..., Any], compare: Any = None, lesson: Lesson | None = None) -> None:
        self.f, self.compare, self.named = f, compare, naming((lesson or Lesson()).document())
        self.programs = written(f)

    def document(self, trace: Trace, timelines: Mapping[str, Timeline], direction: Any = None) -> Document:
        """The other modes of a trace of f; `direction` is that of second order."""
        jacobian = jacobian_document(trace, timelines)
        second = second_document(self.f, trace, timelines, direction, self.named)
        steps = second["document"]["timelines"]["forward"]["steps"]["count"] if "document" in second else 0
        compared = {} if self.compare is None else {"compare": compare_document(self.f, trace, timelines, self.compare, self.named)}
        return {
            "longest": max(longest(jacobian), steps, len(compared["compare"]["rows"]) if compared else 0),
            "jacobian": jacobian,
            "second-order": second,
            "program": program_document(trace, timelines, self.programs),
            **compared,
        }
