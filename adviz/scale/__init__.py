"""Making it cheap, and seeing what it costs: checkpointing, sparsity, precision, operations counted.

Nothing here is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# name: module, in the order a course meets them
LATER = {
    "checkpointed_gradient": "checkpointing", "checkpointed": "recomputing", "checkpoint": "recomputing",
    "binomial": "schedule", "uniform": "schedule", "store_all": "schedule", "recompute_all": "schedule", "Schedule": "schedule", "Moment": "schedule",
    "Snapshot": "schedule", "Advance": "schedule", "Record": "schedule", "Restore": "schedule", "Reverse": "schedule", "Free": "schedule",
    "minimal_steps": "schedule", "longest": "schedule",
    "needed": "saved", "Needed": "saved", "Saved": "saved",
    "cost": "costs", "Cost": "costs", "Way": "costs",
    "matrix_chain": "bracketing", "MatrixChain": "bracketing", "Bracketing": "bracketing",
    "sparse_jacobian": "plans", "sparse_hessian": "plans", "plan": "plans", "Plan": "plans", "Coloured": "coloured", "Coordinates": "coloured",
    "PatternError": "coloured", "jacobian_pattern": "sparsity", "hessian_pattern": "sparsity", "Pattern": "pattern", "colour": "kinds",
    "Colouring": "colouring",
    "taylor_cost": "orders", "HigherCost": "orders",
    "in_precision": "precision", "Precision": "precision", "loss_scaled": "scaling", "Scaled": "scaling",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module 'adviz.scale' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"adviz.scale.{LATER[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *LATER])
