"""The small labs: what one trace alone does not show, to be found out by moving a slider.

Nothing here is imported before it is used: Matplotlib, which draws the plots, only when a lab is made.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adviz.labs.descents import descent
    from adviz.labs.differences import finite_differences
    from adviz.labs.duals import dual_numbers
    from adviz.labs.expressions import swell
    from adviz.labs.laboratory import Lab
    from adviz.labs.painting import jacobian
    from adviz.labs.pathways import paths
    from adviz.labs.products import brackets
    from adviz.labs.scheduling import checkpoints
    from adviz.labs.threeways import implementations
    from adviz.labs.tracer import branches

HOME = {
    "finite_differences": "differences", "swell": "expressions", "dual_numbers": "duals", "jacobian": "painting", "descent": "descents",
    "paths": "pathways", "brackets": "products", "checkpoints": "scheduling", "branches": "tracer", "implementations": "threeways",
    "Lab": "laboratory",
}  # fmt: skip

__all__ = [  # noqa: RUF022 - in the order a course meets them
    "finite_differences", "swell", "dual_numbers", "jacobian", "descent",
    "paths", "brackets", "checkpoints", "branches", "implementations", "Lab",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in HOME:
        raise AttributeError(f"module 'adviz.labs' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"adviz.labs.{HOME[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *HOME])
