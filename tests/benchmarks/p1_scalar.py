"""Goal P1: the scalar trace and its reverse sweep, beside the plain loop and the peers.

    python tests/benchmarks/p1_scalar.py                beside micrograd and autograd
    python tests/benchmarks/p1_scalar.py torch jax      the same in a process that has imported these (those of them that are there)
"""

from __future__ import annotations

import statistics
import sys
import tracemalloc
from collections.abc import Sequence

import engines
from tables import figure, goal, print_goals, print_table
from timing import Rounds, in_turns, on_a_deep_stack, ratio, without_collector

SIZES = {1_000: 11, 100_000: 11}  # operations: rounds
ADVIZ: dict[str, engines.Engine] = {
    "plain loop, math": engines.plain,
    "plain loop, NumPy scalars": engines.plain_numpy,
    "adviz.gradient, adviz.functions": engines.adviz_gradient,
    "adviz.gradient, np.sin": engines.adviz_gradient_numpy,
    "adviz.trace": engines.adviz_trace,
    "adviz.trace, .assignments read": engines.adviz_assignments,
    "adviz.reverse, every step kept": engines.adviz_steps,
}
PLAIN, NUMPY, GRADIENT, GRADIENT_NUMPY, TRACE, *_ = ADVIZ
QUIET = "adviz.gradient, collector off"


def measure(company: Sequence[str]) -> None:
    """The tables and the verdicts, in this process; `company` was imported beforehand."""
    peers = [name for name in engines.PEERS if engines.installed(name) and (name != "torch" or "torch" in company)]
    own = [PLAIN, GRADIENT] if company else list(ADVIZ)
    taking_part = {name: ADVIZ[name] for name in own} | {name: engines.PEERS[name] for name in peers}
    measured = {n: in_turns(works(taking_part, n), rounds) for n, rounds in SIZES.items()}
    title = f"P1  x = sin(x) * x + 1e-9 in a loop: {engines.PER_PASS} operations a pass, N // {engines.PER_PASS} passes, {named(company)}"
    head = ["engine", *(f"{h} N={n:,}" for n in SIZES for h in ("ns/op,", "x plain,"))]
    print_table(title, head, [[name, *(cell for n in SIZES for cell in cells(measured[n], name, n))] for name in (*taking_part, QUIET)])
    print_goals(goals_in_company(measured, company) if company else goals(measured))


def named(company: Sequence[str]) -> str:
    return f"in a process that has imported {' and '.join(company)}" if company else "in a process without torch"


def works(taking_part: dict[str, engines.Engine], n: int) -> dict[str, engines.Work]:
    made = {name: engines.checked(engine, n) for name, engine in taking_part.items()}
    return made | {QUIET: without_collector(made[GRADIENT])}


def cells(seconds: Rounds, name: str, n: int) -> tuple[str, str]:
    operations = n // engines.PER_PASS * engines.PER_PASS
    return figure(1e9 * statistics.median(seconds[name]) / operations), figure(ratio(seconds, name, PLAIN))


def goals(measured: dict[int, Rounds]) -> list[str]:
    short, long = measured.values()
    lines = []
    for n, seconds, gradient, trace in ((1_000, short, 25, 32), (100_000, long, 32, 45)):
        at = f"at N={n:,}"
        lines += [
            goal(f"P1 gradient {at}, to the plain loop", ratio(seconds, GRADIENT, PLAIN), at_most=gradient, unit="x"),
            goal(f"P1 gradient with np.sin {at}, to the loop of NumPy scalars", ratio(seconds, GRADIENT_NUMPY, NUMPY), at_most=8, unit="x"),
            goal(f"P1 trace {at}, to the plain loop", ratio(seconds, TRACE, PLAIN), at_most=trace, unit="x"),
            goal(f"P1 gradient {at}, collector on to collector off", ratio(seconds, GRADIENT, QUIET), at_most=1.15, unit="x"),
            *against_micrograd(seconds, n, 8),
        ]
    return [*lines, goal("P1 memory at N=100,000, at its peak, per operation", bytes_per_operation(100_000), at_most=220, unit=" bytes")]


def goals_in_company(measured: dict[int, Rounds], company: Sequence[str]) -> list[str]:
    if "jax" not in company:
        slower = ", ".join(f"{figure(ratio(s, 'micrograd', GRADIENT))}x at N={n:,}" for n, s in measured.items() if "micrograd" in s)
        return [f"P1 gradient, faster than micrograd: {slower} (its goal of 50x is for a process with torch and jax; jax is not installed)"]
    return [line for n, seconds in measured.items() for line in against_micrograd(seconds, n, 50)]


def against_micrograd(seconds: Rounds, n: int, times: float) -> list[str]:
    if "micrograd" not in seconds:
        return []
    return [goal(f"P1 gradient at N={n:,}, faster than micrograd", ratio(seconds, "micrograd", GRADIENT), at_least=times, unit="x")]


def bytes_per_operation(n: int) -> float:
    """What a gradient holds at its peak: events, values, partials, adjoints."""
    work = engines.checked(engines.adviz_gradient, n)
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / n


if __name__ == "__main__":
    company = [name for name in sys.argv[1:] if engines.installed(name)]
    for name in company:
        __import__(name)
    on_a_deep_stack(lambda: measure(company))
