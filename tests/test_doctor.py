"""The doctor finds what is there, says what is missing, and never raises."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import types
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from adviz.checkup import PACKAGES, Report, doctor
from adviz.texts import text


def found(report: Report) -> dict[str, str]:
    return {finding.subject: finding.found for finding in report.findings}


def fails(*_: object, **__: object) -> None:
    raise RuntimeError("out of order")


@pytest.fixture
def in_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = types.SimpleNamespace(kernel=object(), user_ns={})
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))


def with_versions(monkeypatch: pytest.MonkeyPatch, **versions: str | None) -> None:
    """metadata.version, with those packages at those versions; None: not installed."""
    true: Callable[[str], str] = metadata.version

    def version(name: str) -> str:
        if name not in versions:
            return true(name)
        if (answer := versions[name]) is None:
            raise metadata.PackageNotFoundError(name)
        return answer

    monkeypatch.setattr(metadata, "version", version)


def test_the_report_names_the_versions_that_are_installed() -> None:
    report = found(doctor())
    assert report["Python"].startswith(platform.python_version())
    assert {name: report[name] for name in PACKAGES} == {name: metadata.version(name) for name in PACKAGES}


def test_a_graph_is_laid_out_and_timed() -> None:
    report = doctor()
    assert report.ok
    assert "ms for two nodes" in found(report)[text("doctor.layout")]


def test_the_report_prints_as_a_table_with_one_sentence_beneath() -> None:
    report = doctor()
    assert repr(report) == str(report)
    *rows, blank, advice = str(report).splitlines()
    assert (blank, advice) == ("", report.advice)
    starts = {row.index(finding.found) for row, finding in zip(rows, report.findings, strict=True)}
    assert len(starts) == 1


def test_plain_python_is_told_that_the_explorer_needs_a_notebook() -> None:
    """In a process of its own: this one has IPython's modules loaded."""
    run = subprocess.run([sys.executable, "-c", "import adviz; print(adviz.doctor())"], capture_output=True, text=True)
    assert text("doctor.host.python") in run.stdout
    assert text("doctor.widgets.no") in run.stdout
    assert text("doctor.advice.no_kernel") in run.stdout


@pytest.mark.usefixtures("in_a_kernel")
def test_in_a_kernel_all_is_well() -> None:
    report = doctor()
    assert found(report)[text("doctor.host")] == text("doctor.host.jupyter")
    assert found(report)[text("doctor.widgets")] == text("doctor.widgets.yes")
    assert report.advice == text("doctor.advice.well")


@pytest.mark.usefixtures("in_a_kernel")
def test_jupyterlab_may_live_in_another_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with_versions(monkeypatch, jupyterlab=None)
    report = doctor()
    assert report.ok
    assert report.advice == text("doctor.advice.other_server")


@pytest.mark.parametrize("version", ["0.10.0", "0.12.1", None])
def test_a_missing_or_foreign_anywidget_comes_first(monkeypatch: pytest.MonkeyPatch, version: str | None) -> None:
    with_versions(monkeypatch, anywidget=version)
    report = doctor()
    assert not report.ok
    assert found(report)["anywidget"] in (text("doctor.missing"), text("doctor.wrong", version=version, wanted="0.11"))
    assert report.advice == text("doctor.advice.packages")


def test_a_layout_that_fails_is_reported_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adviz.views.layout.positions", fails)
    report = doctor()
    assert found(report)[text("doctor.layout")] == text("doctor.layout.failed", reason="RuntimeError: out of order")
    assert report.advice == text("doctor.advice.layout")


def test_the_server_that_started_the_kernel_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("JPY_PARENT_PID", "4711")
    assert found(doctor())[text("doctor.server")] == text("doctor.unknown")
    (tmp_path / "jpserver-4711.json").write_text(json.dumps({"version": "2.21.1", "pid": 4711}))
    assert found(doctor())[text("doctor.server")] == "jupyter_server 2.21.1"


@pytest.mark.parametrize("probe", ["shell_here", "host_of", "version_of", "server_version", "layout_route"])
def test_no_failing_probe_ends_the_report(monkeypatch: pytest.MonkeyPatch, probe: str) -> None:
    well = doctor()
    monkeypatch.setitem(doctor.__globals__, probe, fails)
    report = doctor()
    assert [finding.subject for finding in report.findings] == [finding.subject for finding in well.findings]
    assert report.advice
