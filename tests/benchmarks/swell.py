"""Goal P8: operations in value and derivative of the logistic map, as a program with its sweep and as an expression of SymPy's."""

from __future__ import annotations

from engines import installed
from tables import goal, print_goals, print_table

STEP, N = "4*l*(1-l)", 8
COLUMNS = {  # the fields of a Swell, and what is counted
    "program": "value, program", "expression": "value, written out", "by_rules": "derivative by rules", "symbolic": "by SymPy", "simplified": "simplified",
    "shared": "shared", "automatic": "adviz, both",
}  # fmt: skip


def measure() -> None:
    """The table, what each column counts, the verdict."""
    if not installed("sympy"):
        print("\n  P8 was not measured: sympy is not installed")
        return
    from adviz.methods import swell

    found = swell(STEP, N)
    rows = [[str(n), *(figure(getattr(found, field)[k]) for field in COLUMNS)] for k, n in enumerate(found.n)]
    print_table(f"P8  operations in l_n and dl_n/dl_1, l_(k+1) = {STEP}, l_1 = x", ["n", *COLUMNS.values()], rows)
    print("\n  by rules: the product rule, nothing shared, nothing simplified; by SymPy: count_ops of sympy.diff; simplified: sympy.simplify, up to")
    print("  1,000 operations; shared: after sympy.cse; adviz: lines, partials, seed, shares and sums, counted in a trace and its reverse sweep")
    last = found.automatic[-1]
    print_goals([
        goal(f"P8 operations for value and derivative, n = {N} (SymPy {figure(found.symbolic[-1])}, shared {figure(found.shared[-1])})", last, at_most=8 * N),
    ])  # fmt: skip


def figure(count: int | None) -> str:
    return "-" if count is None else f"{count:,}"


if __name__ == "__main__":
    measure()
