"""What adviz finds where it runs: the host, the versions, whether the explorer can be shown, whether graphs can be laid out.

Every probe may fail on its own and says so in its line; `doctor` itself never raises.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from adviz.listing import aligned
from adviz.texts import text

PACKAGES = ("adviz", "numpy", "anywidget", "ipywidgets", "jupyterlab")
TWO_NODES = "digraph { rankdir=LR; 1 -> 2 }"


class Finding(NamedTuple):
    """One line of the report: what was looked at, what was found, and whether that is as it should be."""

    subject: str
    found: str
    well: bool = True


class Report(NamedTuple):
    """What `doctor` found, and one sentence on what to do. It prints as a table."""

    findings: tuple[Finding, ...]
    advice: str

    @property
    def ok(self) -> bool:
        """Whether everything that adviz needs was found."""
        return all(finding.well for finding in self.findings)

    def __repr__(self) -> str:
        lines = aligned([(finding.subject, finding.found) for finding in self.findings], left=2)
        return "\n".join([*lines, "", self.advice])


def doctor() -> Report:
    """The report on this installation: print it, and send it along with a question.

    >>> report = doctor()
    >>> [finding.subject for finding in report.findings][2:7]
    ['adviz', 'numpy', 'anywidget', 'ipywidgets', 'jupyterlab']
    """
    shell = guarded(shell_here, None)
    host = guarded(lambda: host_of(shell), "python")
    kernel = host == "marimo" or getattr(shell, "kernel", None) is not None
    versions = [Finding(name, *guarded(partial(version_of, name), (text("doctor.missing"), False))) for name in PACKAGES]
    layout = guarded(layout_route, None) or Finding(text("doctor.layout"), text("doctor.unknown"), False)
    findings = (
        Finding(text("doctor.host"), text(f"doctor.host.{host}")),
        Finding(text("doctor.python"), f"{platform.python_version()} ({platform.python_implementation()}, {platform.system()})"),
        *versions,
        Finding(text("doctor.server"), guarded(server_version, None) or text("doctor.unknown")),
        Finding(text("doctor.widgets"), text("doctor.widgets.yes" if kernel else "doctor.widgets.no")),
        layout,
    )
    return Report(findings, text(f"doctor.advice.{advice(findings, host, kernel)}"))


def guarded(probe: Callable[[], Any], otherwise: Any) -> Any:
    """What the probe finds. A report is most needed where things are broken, so no failure of a probe may end it."""
    try:
        return probe()
    except Exception:
        return otherwise


def shell_here() -> Any:
    """IPython's shell if this code runs in one; IPython is not loaded to find out."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def host_of(shell: Any) -> str:
    """Which of the places that adviz knows this is; its name in the catalogue is doctor.host.NAME."""
    signs = {
        "lite": sys.platform == "emscripten",
        "marimo": "marimo" in sys.modules and shell is None,
        "colab": "google.colab" in sys.modules,
        "vscode": shell is not None and "__vsc_ipynb_file__" in shell.user_ns,
        "voila": os.environ.get("SERVER_SOFTWARE", "").startswith("voila"),
        "binder": "BINDER_LAUNCH_HOST" in os.environ,
        "jupyter": getattr(shell, "kernel", None) is not None,
        "ipython": shell is not None,
    }
    return next((host for host, seen in signs.items() if seen), "python")


def version_of(package: str) -> tuple[str, bool]:
    """The installed version, and whether adviz can do with it. JupyterLab may live in another environment."""
    try:
        version = metadata.version(package)
    except metadata.PackageNotFoundError:
        return text("doctor.missing"), package == "jupyterlab"
    if package == "anywidget" and not version.startswith("0.11."):
        return text("doctor.wrong", version=version, wanted="0.11"), False
    return version, True


def server_version() -> str | None:
    """The Jupyter server that started this kernel, by the file it left in the runtime folder; None if there is none to see."""
    from jupyter_core.paths import jupyter_runtime_dir

    parent = os.environ.get("JPY_PARENT_PID")
    note = Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json"
    return f"jupyter_server {json.loads(note.read_text())['version']}" if parent and note.exists() else None


def layout_route() -> Finding:
    """Lays out two nodes and one edge, as `explore` would a larger graph."""
    subject = text("doctor.layout")
    try:
        from adviz.views.layout import positions

        positions(TWO_NODES)                        # the first one on a machine compiles Graphviz
        start = time.perf_counter()
        positions(f"{TWO_NODES}\n")                 # not the same text: that would be remembered
        return Finding(subject, text("doctor.layout.ok", milliseconds=f"{1000 * (time.perf_counter() - start):.1f}"))
    except Exception as error:
        return Finding(subject, text("doctor.layout.failed", reason=f"{type(error).__name__}: {error}"), False)


def advice(findings: tuple[Finding, ...], host: str, kernel: bool) -> str:
    """The most pressing of the sentences doctor.advice.*, by its name."""
    unwell = {finding.subject for finding in findings if not finding.well}
    by_name = {finding.subject: finding.found for finding in findings}
    if unwell & set(PACKAGES):
        return "packages"
    if unwell:
        return "layout"
    if not kernel:
        return "no_kernel"
    if host == "jupyter" and by_name["jupyterlab"] == text("doctor.missing"):
        return "other_server"
    return "well"
