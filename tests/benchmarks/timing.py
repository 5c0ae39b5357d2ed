"""Timing several engines side by side: CPU time, in turns, so that a slow moment of the machine hits them all alike."""

from __future__ import annotations

import gc
import statistics
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

Work = Callable[[], Any]
Rounds = Mapping[str, list[float]]  # seconds per call: one number per round

LONG_ENOUGH = 0.3  # seconds of one measurement: many calls, so that clearing away what they leave behind is part of them
SLOW, ROUNDS_FOR_SLOW = 0.5, 5  # who needs more seconds than this for one call is measured in the first rounds only


def in_turns(works: Mapping[str, Work], rounds: int) -> Rounds:
    """Every piece of work once per round, each measured over enough calls to be long enough for the clock."""
    once = {name: warm_time(work) for name, work in works.items()}
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for done in range(rounds):
        for name, work in works.items():
            if done < ROUNDS_FOR_SLOW or once[name] < SLOW:
                gc.collect()  # what the engine before left behind is not cleared away at the cost of this one
                calls = max(1, round(LONG_ENOUGH / once[name]))
                seconds[name].append(cpu_time(work, calls) / calls)
    return seconds


def warm_time(work: Work) -> float:
    """Seconds of one call, roughly. What is made at the first call has then been made."""
    first = cpu_time(work, 1)
    return max(first if first > SLOW else cpu_time(work, 1), 1e-7)


def cpu_time(work: Work, calls: int) -> float:
    """CPU seconds of that many calls, in all threads of the process."""
    start = time.process_time()
    for _ in range(calls):
        work()
    return time.process_time() - start


def ratio(seconds: Rounds, name: str, to: str) -> float:
    """The median of the per-round ratios, over the rounds that both took part in."""
    return statistics.median(a / b for a, b in zip(seconds[name], seconds[to], strict=False))


def without_collector(work: Work) -> Work:
    """The same work with the garbage collector switched off meanwhile."""

    def quiet() -> Any:
        gc.disable()
        try:
            return work()
        finally:
            gc.enable()

    return quiet


def on_a_deep_stack(work: Callable[[], None]) -> None:
    """Run it where recursion may be as deep as a chain of 100,000 operations: micrograd needs that, adviz does not."""
    sys.setrecursionlimit(10**6)
    threading.stack_size(512 * 2**20)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
