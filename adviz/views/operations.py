"""Array operations in the textbook's notation: v₃ = sum(v₂, axis 0), v₂[1:], v₁ @ v₂, ‖v₂‖; and what flows through them.

A row that is linear in its operand needs no rule of its own for tangents: its notation with v̇ in the operand's place is one. Products
have one such term for each factor. Where neither says it, and for most adjoints, a phrase of the catalogue follows v̇ or v̄: "v̄₃ to every
entry summed".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from adviz.structural import Structural, count_over
from adviz.texts import text
from adviz.views.formula import Math, applied, operator, parenthesised, row
from adviz.views.quantity import shape_text

Parameters = Mapping[str, Any]
SHOWN = 4  # operands of one operation; the others are "…"

PRODUCTS = {"matmul", "dot", "outer", "tensordot", "einsum"}  # linear in each operand: a term for each
NOT_LINEAR = {"checkpoint", "prod", "max", "min", "var", "std", "norm", "solve", "inv", "det", "cholesky"}


class Operation(NamedTuple):
    """One use of an array operation: the row, its parameters, the shapes of its operands and of its value."""

    row: Structural
    parameters: Parameters
    shapes: tuple[tuple[int, ...], ...]
    shape: tuple[int, ...]

    def notation(self, operands: Sequence[Math]) -> Math:
        """φ(u_0, u_1, ...), the operands written as given."""
        return WRITTEN.get(self.row.name, _named)(self, list(operands))

    def tangents(self, operands: Sequence[Math], dots: Mapping[int, Math], phrase: Callable[[int], str]) -> list[Math]:
        """The terms of v̇; `dots` has the tangents of the operands that have one, `phrase` what is said of the k-th."""
        name = self.row.name
        if name in NOT_LINEAR:
            return [row(dot, ["mtext", phrase(k)]) for k, dot in dots.items()]
        if name in PRODUCTS:
            return [self.notation([*operands[:k], dot, *operands[k + 1 :]]) for k, dot in dots.items()]
        return [self.notation([dots.get(k, ["mn", "0"]) for k in range(len(operands))])]

    def share(self, k: int, bar: Math, operands: Sequence[Math], value: Math, phrase: str) -> Math:
        """What operand k receives of v̄."""
        flat = all(len(shape) <= 2 for shape in (*self.shapes, self.shape))
        match self.row.name:
            case "matmul" | "dot" if len(self.shapes[0]) == len(self.shapes[1]) == 1:
                return row(bar, operator("·"), operands[1 - k])
            case "matmul" | "dot" if flat:
                other = _transposed(operands[1 - k])
                return row(bar, operator("@"), other) if k == 0 else row(other, operator("@"), bar)
            case "transpose" if flat and self.parameters["axes"] is None:
                return _transposed(bar)
            case "inv" if flat:
                return row(operator("−"), _transposed(value), operator("@"), bar, operator("@"), _transposed(value))
        return row(bar, ["mtext", phrase])

    def phrase(self, flow: str, k: int, operands: Sequence[str], value: str) -> str:
        """The catalogue's words for the map of operand k, flow "tangent" or "adjoint"; `operands` and `value` are names."""
        p = self.parameters
        axis = p.get("axis")
        count = count_over(np.broadcast_to(0.0, self.shapes[k]), axis) if self.row.name == "mean" else 0
        others = [u for j, u in enumerate(operands) if j != k]
        slots = {
            "along": text("row.along.all") if axis is None else text("row.along.axis", axis=axis), "count": count, "operand": operands[k],
            "other": others[0] if others else "", "value": value, "shape": shape_text(self.shape), "before": shape_text(self.shapes[k]),
            "index": self.place, "shift": p.get("shift", ""),
        }  # fmt: skip
        return text(f"row.{self.row.name}.{flow}", **slots)

    @property
    def place(self) -> str:
        """What stands between the brackets of an indexing."""
        return self.row.short(dict(self.parameters)).partition("[")[2].removesuffix("]")


def _transposed(math: Math) -> Math:
    return ["msup", parenthesised(math) if isinstance(math, list) and math[0] in ("mrow", "mfrac", "msup") else math, ["mi", "T"]]


def _named(o: Operation, operands: list[Math], *more: Math, name: str = "") -> Math:
    """name(u_0, u_1, ..., more): "sum v₂", "reshape(v₂, (3, 2))"."""
    if len(operands) > SHOWN:
        operands = [*operands[: SHOWN - 1], ["mi", "…"], operands[-1]]
    return applied(["mi", name or o.row.name], [*operands, *more])


def _along(o: Operation, operands: list[Math]) -> Math:
    axis = o.parameters.get("axis")
    return _named(o, operands) if axis is None else _named(o, operands, ["mtext", text("row.axis", axis=axis)])


def _running(o: Operation, operands: list[Math]) -> Math:
    return _named(o, operands) if len(o.shapes[0]) <= 1 else _along(o, operands)


def _norm(o: Operation, operands: list[Math]) -> Math:
    if o.parameters["axis"] is not None:
        return _along(o, operands)
    return row(operator("‖"), operands[0], operator("‖"))


def _transpose(o: Operation, operands: list[Math]) -> Math:
    axes = o.parameters["axes"]
    if axes is None and len(o.shape) <= 2:
        return _transposed(operands[0])
    return _named(o, operands, *([] if axes is None else [["mtext", str(tuple(map(int, axes)))]]))


def _differences(o: Operation, operands: list[Math]) -> Math:
    n = o.parameters["n"]
    return _running(o, operands) if n == 1 else _named(o, operands, ["mtext", text("row.times", n=n)])


def _joined(o: Operation, operands: list[Math]) -> Math:
    return _along(o, operands) if o.parameters["axis"] else _named(o, operands)


def _where(o: Operation, operands: list[Math]) -> Math:
    condition = o.parameters["condition"]
    held = text("row.held", held=int(np.sum(condition)), size=int(np.size(condition)))
    return _named(o, [["mtext", held], *operands])


def _indexed(o: Operation, operands: list[Math]) -> Math:
    whole = parenthesised(operands[0]) if isinstance(operands[0], list) and operands[0][0] == "mrow" else operands[0]
    return row(whole, ["mi", f"[{o.place}]"])


def _diagonal(o: Operation, operands: list[Math]) -> Math:
    offset = o.parameters["offset"]
    return _named(o, operands, *([["mtext", str(offset)]] if offset else []), name="tr" if o.row.name == "trace" else "")


def _between(symbol: str) -> Callable[[Operation, list[Math]], Math]:
    return lambda o, operands: row(operands[0], operator(symbol), operands[1])


def _shaped(o: Operation, operands: list[Math]) -> Math:
    return _named(o, operands, ["mtext", shape_text(o.shape)])


def _cholesky(o: Operation, operands: list[Math]) -> Math:
    return _named(o, operands, name="chol")


# fmt: off
WRITTEN: dict[str, Callable[[Operation, list[Math]], Math]] = {
    **dict.fromkeys(("sum", "mean", "prod", "max", "min", "var", "std", "expand_dims", "squeeze", "flip"), _along), "cumsum": _running,
    "diff": _differences, "norm": _norm, "transpose": _transpose, "concatenate": _joined, "stack": _joined, "where": _where, "index": _indexed,
    "reshape": _shaped, "broadcast_to": _shaped, "diag": _diagonal, "trace": _diagonal, "cholesky": _cholesky,
    "matmul": _between("@"), "dot": _between("·"), "outer": _between("⊗"),
    "einsum": lambda o, operands: _named(o, [["mtext", o.parameters["subscripts"]], *operands]),
    "roll": lambda o, operands: _named(o, operands, ["mtext", str(o.parameters["shift"])]),
    "scatter": lambda o, operands: _named(o, operands, ["mtext", f"[{o.place}]"], name="place"),
    "inv": lambda o, operands: ["msup", operands[0], ["mn", "−1"]],
}
# fmt: on
