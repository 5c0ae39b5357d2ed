"""What reaches a user's machine: the wheel, the Binder image, and the promise that they are the same package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
BINDER = ROOT / "binder"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# The Binder base image brings these, at versions of its own.
OF_THE_BASE = {"ipywidgets"}


def pins() -> dict[str, Requirement]:
    lines = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(requirement.name): requirement for requirement in wanted}


def ranges() -> dict[str, Requirement]:
    return {canonicalize_name(r.name): r for r in map(Requirement, PROJECT["dependencies"])}


def test_binder_pins_exact_versions_of_other_peoples_packages() -> None:
    assert {name: str(pin.specifier) for name, pin in pins().items() if not str(pin.specifier).startswith("==")} == {}
    assert "adviz" not in pins()


def test_binder_pins_satisfy_the_package() -> None:
    assert set(ranges()) - set(pins()) == OF_THE_BASE
    assert OF_THE_BASE & set(pins()) == set()
    for name, allowed in ranges().items():
        if name in pins():
            version = str(pins()[name].specifier).removeprefix("==")
            assert allowed.specifier.contains(version), f"binder has {name} {version}, the package wants {allowed.specifier}"


def test_binder_has_the_backend_that_the_package_asks_for() -> None:
    """postBuild installs adviz without its dependencies, so an extra's package must be pinned by name."""
    assert {extra for requirement in ranges().values() for extra in requirement.extras} <= set(pins())


def test_binder_asks_for_a_python_that_the_package_allows() -> None:
    name, _, version = (BINDER / "runtime.txt").read_text(encoding="utf-8").strip().partition("-")
    assert name == "python"
    assert Requirement(f"x{PROJECT['requires-python']}").specifier.contains(version)


def test_binder_stays_lean() -> None:
    """apt.txt and a Dockerfile each cost minutes of every build; repo2docker reads nothing else we need."""
    files = {file.name for file in BINDER.iterdir() if not file.name.startswith(".")}
    assert files == {"runtime.txt", "requirements.txt", "postBuild", "overrides.json"}


def test_postbuild_runs_and_stops_at_its_first_error() -> None:
    script = BINDER / "postBuild"
    lines = script.read_text(encoding="utf-8").splitlines()
    assert os.access(script, os.X_OK)
    assert lines[:2] == ["#!/usr/bin/env bash", "set -euo pipefail"]
    assert subprocess.run(["bash", "-n", script]).returncode == 0


def test_the_settings_show_no_news() -> None:
    news = json.loads((BINDER / "overrides.json").read_text(encoding="utf-8"))["@jupyterlab/apputils-extension:notification"]
    assert news == {"fetchNews": "false", "checkForUpdates": False}


def test_the_version_is_said_once() -> None:
    import adviz

    assert adviz.__version__ == PROJECT["version"]


@pytest.mark.parametrize("script", sorted((ROOT / "tests" / "setup").glob("*.sh")) + [ROOT / ".ci" / "run"], ids=lambda file: file.name)
def test_scripts_stop_at_their_first_error(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in text or "status=$?" in text
    assert subprocess.run(["bash", "-n", script]).returncode == 0


def copied(folder: Path) -> Path:
    """The checkout as a clone would be, without what was built in it."""
    built = shutil.ignore_patterns(".venv", ".git", "node_modules", "artifacts", "__pycache__", ".*_cache", ".hypothesis", "build", "dist")
    return Path(shutil.copytree(ROOT, folder / "checkout", ignore=built))


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    result = subprocess.run([str(word) for word in command], cwd=cwd, env=env, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.mark.long
def test_the_wheel_holds_the_package_and_nothing_else(tmp_path: Path) -> None:
    checkout = copied(tmp_path)
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, checkout)
    (wheel,) = tmp_path.glob("adviz-*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == {str(file.relative_to(checkout)) for file in (checkout / "adviz").rglob("*") if file.is_file()}
    assert any(name.startswith("adviz/widget/static/") for name in held)
    assert "adviz/py.typed" in held


@pytest.mark.long
def test_the_binder_image_can_be_built(tmp_path: Path) -> None:
    """What repo2docker does, in a fresh environment: the pins, then postBuild, in a copy of the checkout."""
    checkout = copied(tmp_path)
    venv.create(tmp_path / "image", with_pip=True)
    path = f"{tmp_path / 'image' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**{name: value for name, value in os.environ.items() if name != "PYTHONPATH"}, "PATH": path}
    run("pip", "install", "-q", "-r", "binder/requirements.txt", "ipywidgets", cwd=checkout, env=environment)
    run("binder/postBuild", cwd=checkout, env=environment)
    ask = "import adviz, os; print(os.path.dirname(adviz.__file__), adviz.gradient(lambda x: x * x)(3.0))"
    where, slope = run("python", "-c", ask, cwd=tmp_path, env=environment).split()
    assert Path(where).is_relative_to(tmp_path / "image")
    assert float(slope) == 6.0
    assert (tmp_path / "image/share/jupyter/lab/settings/overrides.json").exists()
