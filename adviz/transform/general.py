"""The same program on any kind of number: NumPy's, traced ones, floats where math raises, arrays.

Every number goes with a cell, which holds its adjoint (its tangent), None until something arrives. A constant has no cell. Operations
are the elemental functions; what flows is what the sweeps over a trace compute.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.recording import constant, general, is_array, number
from adviz.errors import UnsupportedError
from adviz.tape import told
from adviz.transform import rules
from adviz.transform.adjoints import Backward
from adviz.transform.forwards import Forward
from adviz.transform.statements import Op
from adviz.transform.values import Container, Text, Var


class Cell:
    """An adjoint or a tangent; None while nothing has arrived."""

    __slots__ = ("flow",)

    def __init__(self, flow: Any = None) -> None:
        self.flow = flow

    def add(self, share: Any) -> None:
        """One more share."""
        self.flow = share if self.flow is None else self.flow + share


Operand = tuple[Any, Cell | None]


def computed(row: str, plain: Callable[..., Any], operands: tuple[Operand, ...]) -> Any:
    """φ(a, b) as a trace computes it: a number with a cell meets the elemental function, constants alone what the learner wrote."""
    values = tuple(u if cell is not None else fixed(row, u) for u, cell in operands)
    with np.errstate(all="ignore"):
        return general(row)["value"](*values)


def fixed(row: str, u: Any) -> Any:
    """A constant operand as it is computed with."""
    found = constant(u)
    if found is NotImplemented:
        raise UnsupportedError(told("leak.list", function=row))
    return found


def partials(row: str, v: Any, operands: tuple[Operand, ...]) -> list[Any]:
    """∂φ/∂u_k for each operand with a cell; None where nothing flows; nan where the value is undefined."""
    values = [u if cell is not None else fixed(row, u) for u, cell in operands]
    reading = general(row)
    undefined = number(v) != number(v) and not any(number(u) != number(u) for u in values)
    found = []
    for k, (_, cell) in enumerate(operands):
        formula = reading.get(f"partial_{k}") if cell is not None else None
        partial = None if formula is None else formula(*values, v)
        found.append(partial * np.nan if undefined and partial is not None else partial)
    return found


def ahead(row: str, plain: Callable[..., Any], *operands: Operand) -> tuple[Any, Cell | None]:
    """v = φ(a, b) and the cell of its adjoint."""
    if all(cell is None for _, cell in operands):
        return plain(*(u for u, _ in operands)), None
    return computed(row, plain, operands), Cell()


def back(row: str, v: Any, cell: Cell | None, *operands: Operand) -> None:
    """ū_k += v̄ · ∂φ/∂u_k"""
    if cell is None or cell.flow is None:
        return
    with np.errstate(all="ignore"):
        for (_, target), partial in zip(operands, partials(row, v, operands), strict=True):
            if target is not None and partial is not None:
                target.add(cell.flow * partial)


def along(row: str, plain: Callable[..., Any], *operands: Operand) -> tuple[Any, Cell | None]:
    """v = φ(a, b) and v̇ = Σ_k u̇_k · ∂φ/∂u_k"""
    if all(cell is None for _, cell in operands):
        return plain(*(u for u, _ in operands)), None
    v, tangent = computed(row, plain, operands), Cell()
    if any(cell is not None and cell.flow is not None for _, cell in operands):
        with np.errstate(all="ignore"):
            for (_, source), partial in zip(operands, partials(row, v, operands), strict=True):
                if source is not None and source.flow is not None and partial is not None:
                    tangent.add(source.flow * partial)
    return v, tangent


class GeneralBackward(Backward):
    """The backward part of a general program."""

    def op(self, s: Op) -> None:
        """back("multiply", v, v_bar, (a, a_bar), (b, b_bar))"""
        line = f"back({s.row!r}, {s.var.token}, {s.var.shadow}, {', '.join(map(pair, s.operands))})"
        self.use(("text", line))
        self.lines.append(rules_line(self.depth, line, s))


def rules_line(depth: int, text: str, s: Op) -> Any:
    from adviz.transform.lines import Raw

    return Raw(depth, text, s.at)


def pair(u: Var | Text) -> str:
    """An operand with its cell."""
    return f"({u.token}, {u.shadow})" if isinstance(u, Var) else f"({u.code}, None)"


class GeneralForward(Forward):
    """The forward part of a general program. `step` is "ahead", or "along" for tangents."""

    nothing = "None"

    def __init__(self, variables: list[Var], cells: set[int], kept: Any, step: str) -> None:
        super().__init__(variables, cells, kept)
        self.step = step
        self.plain: list[Callable[..., Any]] = []

    def has_shadow(self, u: Var) -> bool:
        return u.kind == "number" or isinstance(u.kind, Container)

    def op(self, s: Op) -> None:
        """v, v_bar = ahead("multiply", operator.mul, (a, a_bar), (b, b_bar))"""
        self.plain.append(s.plain)
        call = f"{self.step}({s.row!r}, plain[{len(self.plain) - 1}], {', '.join(map(pair, s.operands))})"
        self.raw(f"{s.var.token}, {s.var.shadow} = {call}", s.at)

    def pairs(self, u: Var, value: Any, *, merged: bool = False) -> list[tuple[str, str]]:
        if isinstance(value, Text):
            return [(u.token, value.code), *([(u.shadow, self.nothing)] if self.has_shadow(u) else [])]
        return super().pairs(u, value, merged=merged)


__all__ = ["Cell", "GeneralBackward", "GeneralForward", "ahead", "along", "back", "is_array", "rules"]
