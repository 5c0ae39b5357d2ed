"""Goal P1, without recursion: value and gradient of a million operations where Python allows 120 calls inside each other."""

from __future__ import annotations

import sys
import time

from engines import START, chain, slope_by_hand
from tables import goal, print_goals

import adviz
from adviz.functions import sin

N = 1_000_000
DEEPEST = 120


def measure() -> tuple[float, float]:
    """CPU seconds, and the megabytes that the whole process held at its peak (nan where the system does not tell)."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(DEEPEST)
    start = time.process_time()
    value, slope = adviz.value_and_gradient(chain(N, sin))(START)
    seconds = time.process_time() - start
    sys.setrecursionlimit(before)
    assert abs(slope / slope_by_hand(N) - 1) < 1e-9 < value
    return seconds, peak_megabytes()


def peak_megabytes() -> float:
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    seconds, megabytes = measure()
    lines = [goal(f"P1 value and gradient of {N:,} operations, recursion limit {DEEPEST}", seconds, at_most=10, unit=" s")]
    if megabytes == megabytes:
        lines.append(goal(f"P1 the same, peak memory of the process, over {N:,} operations", megabytes, at_most=400, unit=" MB"))
    print_goals(lines)
