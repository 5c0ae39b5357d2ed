"""A real JupyterLab for the browser tests: its own home, its own port, no news, no autosave.

Nothing of the user's Jupyter is read or written: HOME and every Jupyter folder are inside the folder given.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "adviz-tests"
STARTS_WITHIN = 120.0

Settings = Mapping[str, Mapping[str, object]]
QUIET: Settings = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}
EVERY_CELL_DRAWN: Settings = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}


@dataclass(frozen=True)
class Lab:
    """A running server: where it answers, and the folder whose notebooks it shows."""

    url: str
    notebooks: Path
    page: str = "doc/tree"

    def address(self, notebook: str) -> str:
        """The page that shows that notebook alone, as if opened for the first time."""
        return f"{self.url}/{self.page}/{notebook}?token={TOKEN}&reset"

    def add(self, notebook: Path) -> str:
        """Copies a notebook in; the copy's name."""
        shutil.copy(notebook, self.notebooks / notebook.name)
        return notebook.name

    def write(self, name: str, *cells: str) -> str:
        """Writes a notebook of those code cells; its name."""
        (self.notebooks / name).write_text(json.dumps(notebook_of(cells)))
        return name

    def end_kernels(self) -> None:
        """Every kernel ended, so that a later test starts from nothing."""
        for session in json.loads(self.ask("/api/sessions")):
            self.ask(f"/api/sessions/{session['id']}", method="DELETE")

    def ask(self, path: str, method: str = "GET") -> bytes:
        request = urllib.request.Request(self.url + path, method=method, headers={"Authorization": f"token {TOKEN}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()


def notebook_of(cells: tuple[str, ...]) -> dict[str, object]:
    code: list[dict[str, object]] = [
        {"cell_type": "code", "id": f"cell-{i}", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
        for i, source in enumerate(cells)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": code, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


@contextmanager
def running_lab(folder: Path, settings: Settings, program: str = "jupyterlab") -> Iterator[Lab]:
    """A JupyterLab (or Notebook 7: program="notebook") that lives in `folder`, with those settings beside the quiet ones, until the block ends."""
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    overrides = folder / "settings" / "overrides.json"
    overrides.parent.mkdir()
    overrides.write_text(json.dumps({**QUIET, **settings}))
    port = free_port()
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(command(port, notebooks, overrides.parent, program), cwd=folder, env=environment(folder), stdout=output, stderr=output)
    try:
        lab = Lab(f"http://127.0.0.1:{port}", notebooks, *(["notebooks"] if program == "notebook" else []))
        await_answer(lab, server, log)
        yield lab
    finally:
        stop(server)


def command(port: int, notebooks: Path, settings: Path, program: str = "jupyterlab") -> list[str]:
    app = "JupyterNotebookApp" if program == "notebook" else "LabApp"
    return [
        *(sys.executable, "-m", program, "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"),
        *(f"--ServerApp.root_dir={notebooks}", f"--IdentityProvider.token={TOKEN}", "--ServerApp.port_retries=0"),
        *(f"--{app}.expose_app_in_browser=True", "--LabApp.extension_manager=readonly", *([f"--{app}.app_settings_dir={settings}"] if program == "jupyterlab" else [])),
    ]


def environment(folder: Path) -> dict[str, str]:
    """This process's environment with every place that Jupyter and IPython keep things moved into `folder`."""
    own = {
        "HOME": "home",
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "user-settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "XDG_CACHE_HOME": "cache",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_"))}
    moved = {name: str(folder / place) for name, place in own.items()}
    (folder / "home").mkdir()
    return {**kept, **moved, "PYTHONPATH": str(ROOT)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_answer(lab: Lab, server: subprocess.Popen[bytes], log: Path) -> None:
    """Returns when the server answers; a server that ended or stays silent fails with its log."""
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        try:
            lab.ask("/api/status")
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")


def stop(server: subprocess.Popen[bytes]) -> None:
    """Asks it to end (its kernels end with it); insists after 20 s."""
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
