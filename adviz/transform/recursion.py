"""Functions that call themselves: each becomes a function of the program."""

from __future__ import annotations

import ast
from typing import Any

from adviz.transform.learner import Learner


def call(r: Any, key: Any, of: Learner, around: Any, values: dict[str, Any], node: ast.AST) -> Any:
    return r.refuse(node, "recursion")
