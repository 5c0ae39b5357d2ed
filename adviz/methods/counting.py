"""What a derivative costs: the operations of an expression as SymPy has it, as the rules make it, and of a program with its sweep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adviz.errors import BudgetError, UnsupportedError
from adviz.readings import Tree, parse, signed
from adviz.sweeps import Accumulate, Contribute, Seed, reverse_sweep
from adviz.table import Elementwise
from adviz.texts import text
from adviz.wengert import Assignment, Ref, Trace

LARGEST = 100_000  # operations in a derivative that SymPy is asked for: some seconds
SIMPLIFIED = 1_000  # and in one that it is asked to simplify
UNITS = ("1", "-1")  # partials that nothing is multiplied by


def operations(*expressions: Any) -> int:
    """The operations that are written in them."""
    return sum(int(e.count_ops()) for e in expressions)


def simplified(*expressions: Any) -> tuple[Any, ...] | None:
    """The expressions after `sympy.simplify`; None where they are too large to try."""
    import sympy

    return tuple(map(sympy.simplify, expressions)) if operations(*expressions) <= SIMPLIFIED else None


def shared(*expressions: Any) -> int:
    """The operations that are left where every common subexpression is computed once."""
    import sympy

    parts, rest = sympy.cse(expressions)
    return operations(*(part for _, part in parts), *rest)


def automatic_operations(t: Trace) -> int:
    """What adviz does for f and all its derivatives: a line's operation, those of its partials, a seed, a share, a sum of shares."""
    total, reached = 0, set()
    for a in t.assignments:
        row = followed(a)
        total += row is not None and 1 + sum(_factor(str(row.partials[k]), {"a": 0, "b": 0, "v": 0}) for k, _ in a.active)
    for step in reverse_sweep(t, (1.0,)):
        match step:
            case Seed(i, _) | Accumulate(i, _):
                total += isinstance(step, Seed) or i in reached
                reached.add(i)
            case Contribute():
                total += 1
    return total


def sizes_by_rules(t: Trace) -> tuple[int, int]:
    """How many operations the expression has, and its derivatives by the rules alone: nothing shared, nothing simplified.

    v′ = Σ ∂φ/∂u_k · u_k′, written out; only a partial of 1 or -1 is not multiplied by.
    """
    size, slopes = dict.fromkeys(t.inputs, 0), {i: {i: 0} for i in t.inputs}
    for a in t.assignments:
        row = followed(a)
        if row is None:
            size[a.index], slopes[a.index] = 0, {}
            continue
        letters = {letter: size[u.index] if isinstance(u, Ref) else 0 for letter, u in zip("ab", a.operands)}
        letters["v"] = size[a.index] = _size(parse(row.value), letters)
        slopes[a.index] = {}
        for k, j in a.active:
            partial = str(row.partials[k])
            for i, d in slopes[j].items():
                before = slopes[a.index].get(i)
                slopes[a.index][i] = d + _factor(partial, letters) + (partial not in UNITS) + (0 if before is None else before + 1)
    return size[t.outputs[0]], sum(slopes[t.outputs[0]].values())


def _factor(partial: str, letters: Mapping[str, int]) -> int:
    """The operations of a partial; 1 and -1 are none."""
    return 0 if partial in UNITS else _size(signed(parse(partial)), letters)


def _size(tree: Tree, letters: Mapping[str, int]) -> int:
    """The operations of a formula, with those of what a, b and v stand for."""
    if tree[0] in letters:
        return letters[tree[0]]
    return (tree[0] not in ("number", "name")) + sum(_size(part, letters) for part in tree[1:] if isinstance(part, tuple))


def check_size(t: Trace) -> None:
    """BudgetError for a derivative too large to write down."""
    size = sizes_by_rules(t)[1]
    if size > LARGEST:
        shown = f"{size:,}" if size < 10**15 else f"10^{len(str(size)) - 1}"
        raise BudgetError(text("symbolic.large", function=t.function, count=shown, limit=f"{LARGEST:,}"))


def followed(a: Assignment) -> Elementwise | None:
    """The row of an assignment to a number, None for a constant; UnsupportedError for what SymPy has no closed form of."""
    if a.row is None or isinstance(a.row, Elementwise) and not a.maps and not a.row.jumps:
        return a.row
    key = "symbolic.jumps" if isinstance(a.row, Elementwise) and a.row.jumps else "symbolic.array"
    raise UnsupportedError(text(key, function=a.row.name, where=text("word.line", line=a.position.line) if a.position else ""))
