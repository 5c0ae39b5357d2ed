"""Arrays: operations of the table's second part."""

from __future__ import annotations

import ast
from typing import Any


def array_operation(r: Any, symbol: str, a: Any, b: Any, node: ast.AST) -> Any:
    return r.refuse(node, "array")


def array_attribute(r: Any, u: Any, node: ast.Attribute) -> Any:
    return r.refuse(node, "array")


def array_entry(r: Any, u: Any, index: Any, node: ast.AST) -> Any:
    return r.refuse(node, "array")


def array_subscript(r: Any, u: Any, node: ast.Subscript) -> Any:
    return r.refuse(node, "array")


def array_method(r: Any, u: Any, name: str, node: ast.Call) -> Any:
    return r.refuse(node, "array")


def array_call(r: Any, function: Any, positional: list[Any], named: dict[str, Any], node: ast.AST) -> Any:
    return r.refuse(node, "call")


def array_length(r: Any, u: Any, node: ast.AST) -> Any:
    return r.refuse(node, "array")


def array_unpacked(r: Any, u: Any, n: int, node: ast.AST) -> Any:
    return r.refuse(node, "array")
