"""The memory of a gradient through 100,000 steps, under several budgets, beside theory.

The loop is x <- sin(w x) on an array. Counted in the loop's body: the steps that are run, and the bytes of the arrays it made that are alive at
the same time. Each budget has a process of its own, and beside the arrays stands by how much that process grew. Theory: s states, and t(l, s) + l
steps (Griewank & Walther 2000).
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from typing import Any

from tables import goal, print_goals, print_table

STEPS, ENTRIES = 100_000, 200
BYTES = 8 * ENTRIES
EVERY = 316  # the distance of uniform snapshots with which snapshots and records together are fewest
BUDGETS = ("10", "100", "1000", "uniform", "all")


def measure() -> None:
    """A line for each budget, the verdicts."""
    found = {budget: in_a_process(budget) for budget in BUDGETS}
    rows = [row(budget, found[budget]) for budget in BUDGETS]
    head = ["budget", "MB of arrays", "by theory", "process grew, MB", "steps run", "by theory", "x steps", "CPU s"]
    print_table(f"Checkpointing  gradient through {STEPS:,} steps on {ENTRIES} numbers ({BYTES:,} bytes a state)", head, rows)
    print("\n  Arrays by theory: a state for each snapshot; two arrays, w x and its sine, for each recorded step. A process first uses what its start left free.")
    peaks = {budget: found[budget]["peak"] for budget in BUDGETS}
    print_goals([
        f"the gradients are the same to the last bit: {verdict(len({f['gradient'] for f in found.values()}) == 1)}",
        f"the steps run are those of theory: {verdict(all(found[b]['calls'] == theory(b)[0] for b in BUDGETS))}",
        *(goal(f"arrays at peak, {label(b)}, to theory", found[b]["arrays"] / theory(b)[1], at_most=1.5, unit="x") for b in BUDGETS),
        goal("process with 10 snapshots, to storing everything", peaks["10"] / peaks["all"], at_most=0.02, unit="x"),
    ])  # fmt: skip


def verdict(met: bool) -> str:
    return "met" if met else "NOT met"


def row(budget: str, found: dict[str, Any]) -> list[str]:
    steps, arrays = theory(budget)
    memory = (f"{found['arrays'] / 1e6:.3f}", f"{arrays / 1e6:.3f}", f"{found['peak'] / 1e6:.0f}")
    return [label(budget), *memory, f"{found['calls']:,}", f"{steps:,}", f"{found['calls'] / STEPS:.2f}", f"{found['seconds']:.1f}"]


def label(budget: str) -> str:
    return {"uniform": f"uniform, every {EVERY}", "all": "all stored"}.get(budget) or f"{int(budget):,} snapshots"


def theory(budget: str) -> tuple[int, int]:
    """How many steps are run, and how many bytes of arrays are alive: of a snapshot one array, of a recorded step two."""
    from adviz import scale

    if budget == "all":
        return STEPS, 2 * STEPS * BYTES
    if budget == "uniform":
        snapshots = -(-STEPS // EVERY) - 1
        return STEPS + snapshots * EVERY, (snapshots + 2 * EVERY) * BYTES
    return scale.minimal_steps(STEPS, int(budget)) + STEPS, (int(budget) + 2) * BYTES


def in_a_process(budget: str) -> dict[str, Any]:
    printed = subprocess.run([sys.executable, __file__, budget], check=True, capture_output=True, text=True).stdout
    return dict(json.loads(printed))


def gradient_under(budget: str) -> None:
    """Prints what one gradient took, as JSON."""
    import resource
    import weakref

    import numpy as np

    from adviz import scale

    alive: dict[int, Any] = {}  # by address: of an array that is gone, the next one's takes the place
    calls = now = most = 0

    def gone(_: Any) -> None:
        nonlocal now
        now -= BYTES

    def watched(u: Any) -> Any:
        nonlocal now, most
        now += BYTES
        most = max(most, now)
        alive[id(u.value)] = weakref.ref(u.value, gone)
        return u

    def step(x: Any, i: int, w: Any) -> Any:
        nonlocal calls
        calls += 1
        return watched(np.sin(watched(w * x)))

    def run(steps: int, **way: Any) -> Any:
        return scale.checkpointed_gradient(step, lambda x, w: np.sum(x * x), np.linspace(0.1, 1.0, ENTRIES), 1.5, steps=steps, **way)[1]

    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

    ways: dict[str, dict[str, Any]] = {"uniform": {"schedule": scale.uniform(STEPS, every=EVERY)}, "all": {"schedule": "store-all"}}
    run(50, snapshots=3)  # what is made at the first call has then been made
    calls, most, before, start = 0, 0, peak(), time.process_time()
    x_bar, w_bar = run(STEPS, **(ways.get(budget) or {"snapshots": int(budget)}))
    gradient = hashlib.sha256(x_bar.tobytes() + np.float64(w_bar).tobytes()).hexdigest()
    print(json.dumps({"peak": peak() - before, "arrays": most, "calls": calls, "seconds": time.process_time() - start, "gradient": gradient}))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        gradient_under(sys.argv[1])
    else:
        measure()
