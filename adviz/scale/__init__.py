"""Making it cheap, and seeing what it costs: checkpointing, what a sweep still needs, operations counted, products bracketed.

Nothing here is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adviz.scale.bracketing import Bracketing, MatrixChain, matrix_chain
    from adviz.scale.checkpointing import checkpoint, checkpointed, checkpointed_gradient
    from adviz.scale.cost import Cost, Way, cost
    from adviz.scale.saved import Needed, Saved, needed
    from adviz.scale.schedule import (
        Advance,
        Free,
        Moment,
        Record,
        Restore,
        Reverse,
        Schedule,
        Snapshot,
        binomial,
        longest,
        minimal_steps,
        recompute_all,
        store_all,
        uniform,
    )

# name: module
LATER = {
    "binomial": "schedule", "uniform": "schedule", "store_all": "schedule", "recompute_all": "schedule", "Schedule": "schedule", "Moment": "schedule",
    "Snapshot": "schedule", "Advance": "schedule", "Record": "schedule", "Restore": "schedule", "Reverse": "schedule", "Free": "schedule",
    "minimal_steps": "schedule", "longest": "schedule",
    "checkpointed_gradient": "checkpointing", "checkpointed": "checkpointing", "checkpoint": "checkpointing",
    "needed": "saved", "Needed": "saved", "Saved": "saved",
    "cost": "cost", "Cost": "cost", "Way": "cost",
    "matrix_chain": "bracketing", "MatrixChain": "bracketing", "Bracketing": "bracketing",
}  # fmt: skip

__all__ = list(LATER)  # noqa: PLE0605 - in the order a course meets them


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module 'adviz.scale' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"adviz.scale.{LATER[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *LATER])
