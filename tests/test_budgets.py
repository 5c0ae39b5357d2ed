"""Size: a million operations in little memory without recursion, and an endless loop that ends by budget (R2, R3)."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adviz
from adviz.tape import LARGEST

ROOT = Path(__file__).resolve().parents[1]
MEGABYTES = 400


def alone(program: str) -> str:
    """What a program prints that runs in a process of its own."""
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="this system does not count a process's memory in `resource`")
def test_a_million_operations_need_400_megabytes_and_no_recursion() -> None:
    printed = alone("""
        import gc, resource, sys
        from pathlib import Path
        import numpy as np, adviz

        def peak_memory():  # in MB; Linux counts what the process was forked from in `resource`, and not in its own status
            status = Path("/proc/self/status")
            if status.exists():
                return float(next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()[1]) / 1e3
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)

        def f(x, y):
            s = x
            for _ in range(250_000):
                s = np.sin(s) * 0.5 + x * y
            return s

        adviz.value_and_gradient(lambda x, y: np.sin(x) * 0.5 + x * y)(1.0, 2.0)
        sys.setrecursionlimit(120)
        value, (dx, dy) = adviz.value_and_gradient(f)(0.3, 0.7)
        gc.collect()
        print(value, dx, dy, peak_memory())
    """)
    value, dx, dy, peak = map(float, printed.split())
    s, s_x, s_y = 0.3, 1.0, 0.0
    for _ in range(2000):  # it contracts: the rest changes nothing
        s, s_x, s_y = np.sin(s) * 0.5 + 0.21, np.cos(s) * 0.5 * s_x + 0.7, np.cos(s) * 0.5 * s_y + 0.3
    assert (value, dx, dy) == pytest.approx((s, s_x, s_y), rel=1e-12)
    print(f"\n{peak:.0f} MB")
    assert peak < MEGABYTES


def endless(x: Any) -> Any:
    while True:
        x = x * 1.0


def endless_function(x: Any) -> Any:
    while x > 0:
        x = np.sqrt(x + 1)
    return x


def endless_in_another_function(x: Any) -> Any:
    def step(u: Any) -> Any:
        return u + 1.0

    while True:
        x = step(x)


def endless_inside(x: Any) -> Any:
    return adviz.derivative(endless)(x) * x


@pytest.mark.parametrize("f", [endless, endless_function, endless_in_another_function, endless_inside])
def test_an_endless_loop_ends_with_a_sentence_and_the_next_call_works(f: Callable[..., Any]) -> None:
    with pytest.raises(adviz.BudgetError) as caught:
        adviz.gradient(f)(2.0)
    assert isinstance(caught.value, RuntimeError)
    assert f"{LARGEST:,}" in str(caught.value)
    assert adviz.gradient(lambda x, y: x * y)(3.0, 4.0) == (4.0, 3.0)


def test_an_endless_trace_ends_and_its_first_lines_can_be_seen() -> None:
    with pytest.raises(adviz.BudgetError) as caught:
        adviz.trace(endless, 2.0)
    assert "line" in str(caught.value)
    assert adviz.trace(lambda x: x * x, 3.0).value == 9.0


def test_an_endless_loop_that_only_compares_ends_as_well() -> None:
    """A trace keeps its comparisons: without a limit they would fill the memory."""
    printed = alone("""
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
        import adviz

        def waiting(x):
            while x > 0:
                pass

        try:
            adviz.trace(waiting, 2.0)
        except adviz.BudgetError as error:
            print("ended")
    """)
    assert printed == "ended\n"


def test_the_largest_run_that_is_allowed_is_right() -> None:
    """A little below the budget: recorded and swept."""
    n = LARGEST // 2 - 10
    f = without_comparisons(n)
    assert adviz.gradient(f)(1.0) == pytest.approx(1 + n * 1e-9, rel=1e-9)


def without_comparisons(n: int) -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        s = x
        for _ in range(n):
            s = s + x * 1e-9
        return s

    return f
