"""adviz: Python Tutor for derivatives.

Write any Python function, see it differentiated step by step: as a graph, as the textbook's tables, in formulas, in your own code.

>>> import numpy as np, adviz
>>> def f(x1, x2):
...     return np.log(x1) + x1 * x2 - np.sin(x2)
>>> adviz.gradient(f)(2.0, 5.0)
(5.5, 1.7163378145367738)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from adviz import functions, matrices, reductions, shapes  # noqa: F401  their rows join the table
from adviz.errors import (
    AdvizError,
    BudgetError,
    DocumentError,
    FormulaError,
    InputError,
    InputRangeError,
    OutputError,
    RowError,
    TracedValueError,
    UnsupportedError,
)
from adviz.operators import derivative, gradient, hessian, hvp, jacobian, jvp, value_and_gradient, vjp
from adviz.recording import stop_gradient, value
from adviz.showing import attach
from adviz.sweeps import Accumulate, Contribute, Evaluate, Propagate, Seed, forward_sweep, reverse_sweep
from adviz.table import elementwise, table
from adviz.texts import lang
from adviz.timeline import Frame, Timeline, forward, reverse, values
from adviz.wengert import Assignment, Branch, Constant, Ref, Trace, trace

if TYPE_CHECKING:
    from adviz import exercises, labs, methods, scale
    from adviz.agreement import Agreement, check
    from adviz.checkup import doctor
    from adviz.formulas import formula
    from adviz.series import taylor
    from adviz.transform import Program, source
    from adviz.views.display import load
    from adviz.widget.explorer import explore

__version__ = "0.1.0"

# what is imported only when used: it brings widgets, graphviz or a browser page with it
LATER = {
    "explore": "adviz.widget.explorer", "load": "adviz.views.display", "doctor": "adviz.checkup", "formula": "adviz.formulas",
    "check": "adviz.agreement", "Agreement": "adviz.agreement", "taylor": "adviz.series", "methods": "adviz.methods",
    "source": "adviz.transform", "Program": "adviz.transform", "scale": "adviz.scale", "exercises": "adviz.exercises", "labs": "adviz.labs",
}  # fmt: skip

__all__ = [  # in the order a course meets them
    "explore", "trace", "Trace", "Assignment", "Ref", "Constant", "Branch",
    "derivative", "gradient", "value_and_gradient",
    "values", "forward", "reverse", "Timeline", "Frame", "Evaluate", "Seed", "Propagate", "Contribute", "Accumulate",
    "forward_sweep", "reverse_sweep", "jacobian", "hessian", "jvp", "vjp", "hvp", "taylor", "value", "stop_gradient",
    "source", "Program", "check", "Agreement", "table", "elementwise", "functions", "formula", "methods", "scale", "labs",
    "exercises", "load", "lang", "doctor",
    "AdvizError", "InputError", "InputRangeError", "OutputError", "TracedValueError", "UnsupportedError", "FormulaError", "RowError",
    "DocumentError", "BudgetError",
]  # fmt: skip

attach()


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module 'adviz' has no attribute {name!r}")
    module = import_module(LATER[name])
    found = globals()[name] = module if module.__name__ == f"adviz.{name}" else getattr(module, name)
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *LATER])
