"""The goals of adviz on speed, each measured here and now and printed beside the peers.

    python tests/benchmarks/run.py           everything, in a few minutes
    python tests/benchmarks/run.py P5        one goal

Trust the ratios: all engines of a table take turns in one process, and a ratio is the median over the rounds. Times are CPU
times. A goal that is missed is said to be missed, and nothing else: the exit code is 0 either way.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
PEERS = ("micrograd", "autograd", "torch", "jax")
# Each in a process of its own, so that nothing that was imported or left behind weighs on the next.
PARTS = {
    "P1": (("p1_scalar.py",), ("p1_scalar.py", "torch", "jax"), ("p1_million.py",)),
    "P2": (("p2_source.py",),),
    "P3": (("p3_arrays.py",),),
    "P4": (("p4_sparse.py",), ("p4_sparse.py", "torch")),
    "P5": (("p5_import.py",),),
    "P8": (("swell.py",),),
    "MEMORY": (("checkpointing.py",),),
}


def main(wanted: list[str]) -> None:
    """Prints the tables of the goals named, or of all."""
    versions = {name: version(name) for name in PEERS}
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load()}; adviz {version('adviz')}, numpy {version('numpy')}")
    for name, found in versions.items():
        print(f"  {name} {found}" if found else f"  {name} is not installed and was not measured")
    for part in wanted or PARTS:
        for script, *company in PARTS[part]:
            if company and not any(versions[name] for name in company):
                continue
            sys.stdout.flush()
            subprocess.run([sys.executable, HERE / script, *company], check=False)


def version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


if __name__ == "__main__":
    main([name.upper() for name in sys.argv[1:]])
