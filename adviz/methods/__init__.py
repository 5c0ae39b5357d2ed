"""The other ways to differentiate, for comparison: differences, complex steps, symbols, dual numbers.

Nothing here is imported before it is used: SymPy only with `symbolic_derivative` and `swell`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adviz.methods.accuracy import ErrorCurve, error_curve
    from adviz.methods.dual import Dual, derivative_by_dual, gradient_by_dual
    from adviz.methods.numeric import backward_difference, central_difference, complex_step, forward_difference, richardson
    from adviz.methods.swelling import Swell, swell
    from adviz.methods.symbolic import SymbolicDerivative, symbolic_derivative

HOME = {
    "forward_difference": "numeric", "backward_difference": "numeric", "central_difference": "numeric", "complex_step": "numeric",
    "richardson": "numeric", "error_curve": "accuracy", "ErrorCurve": "accuracy",
    "symbolic_derivative": "symbolic", "SymbolicDerivative": "symbolic", "swell": "swelling", "Swell": "swelling",
    "Dual": "dual", "derivative_by_dual": "dual", "gradient_by_dual": "dual",
}  # fmt: skip

__all__ = [  # noqa: RUF022 - in the order a course meets them
    "forward_difference", "backward_difference", "central_difference", "richardson", "complex_step", "error_curve", "ErrorCurve",
    "symbolic_derivative", "SymbolicDerivative", "swell", "Swell", "Dual", "derivative_by_dual", "gradient_by_dual",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in HOME:
        raise AttributeError(f"module 'adviz.methods' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"adviz.methods.{HOME[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *HOME])
