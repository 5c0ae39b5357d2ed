"""A real marimo for the browser tests: one notebook, served as an app that runs its cells when it is opened, or to be edited."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent

from tests.jupyter.server import STARTS_WITHIN, environment, free_port, stop

NOTEBOOK = """import marimo

app = marimo.App()


@app.cell
def _():
{code}
    return


if __name__ == "__main__":
    app.run()
"""


@contextmanager
def running_marimo(folder: Path, code: str, mode: str = "run") -> Iterator[str]:
    """The address of a marimo whose one cell is that code, with a home of its own, until the block ends. `mode` is "run" or "edit"."""
    notebook, log, port = folder / "notebook.py", folder / "server.log", free_port()
    notebook.write_text(NOTEBOOK.format(code=indent(code, "    ")), encoding="utf-8")
    command = [sys.executable, "-m", "marimo", "-y", mode, "--headless", "--no-token", "--host", "127.0.0.1", "--port", str(port), str(notebook)]
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=folder, env=environment(folder), stdout=output, stderr=output)
    try:
        await_health(f"http://127.0.0.1:{port}", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(server)


def await_health(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Returns when the server answers; a server that ended or stays silent fails with its log."""
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=10):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"marimo did not start:\n{log.read_text(errors='replace')[-3000:]}")
