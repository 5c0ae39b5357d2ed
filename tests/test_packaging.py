"""What reaches a user's machine: the wheel, the Binder image, and the promise that they are the same package."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tarfile
import time
import tomllib
import venv
import zipfile
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.jupyter.server import TOKEN, Lab, await_answer, free_port
from tests.jupyter.server import environment as jupyter_environment

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


class Built(NamedTuple):
    """What a release uploads, and the checkout it was made of."""

    checkout: Path
    wheel: Path
    sdist: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sdist of a clone, and the wheel made of the sdist, where Node cannot be used."""
    folder = tmp_path_factory.mktemp("built")
    checkout = copied(folder)
    venv.create(folder / "tools", with_pip=True)
    python = folder / "tools" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "build", cwd=folder)
    run(python, "-m", "build", "-o", folder / "dist", checkout, cwd=folder, env=without_node(folder))
    (wheel,), (sdist,) = ((folder / "dist").glob(pattern) for pattern in ("*.whl", "*.tar.gz"))
    return Built(checkout, wheel, sdist)


def without_node(folder: Path) -> dict[str, str]:
    """This process's environment, with a node and an npm that fail."""
    for name in ("node", "npm"):
        stub = folder / "no-node" / name
        stub.parent.mkdir(exist_ok=True)
        stub.write_text("#!/bin/sh\necho Node was called >&2\nexit 1\n")
        stub.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**kept, "PATH": f"{folder / 'no-node'}{os.pathsep}{kept['PATH']}"}


def files_beneath(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.long
def test_the_wheel_holds_the_package_the_lessons_and_nothing_else(built: Built) -> None:
    held = {name for name in zipfile.ZipFile(built.wheel).namelist() if ".dist-info/" not in name}
    package = {f"adviz/{name}" for name in files_beneath(built.checkout / "adviz")}
    lessons = {f"adviz/notebooks/{name}" for name in files_beneath(built.checkout / "notebooks")}
    assert held == package | lessons | {"adviz/settings/overrides.json"}
    assert any(name.startswith("adviz/widget/static/") for name in package)
    assert any(name.endswith(".ipynb") for name in lessons)
    assert "adviz/py.typed" in held


@pytest.mark.long
def test_the_sdist_holds_what_a_reader_of_the_source_needs(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    kept = {name for folder in ("adviz", "notebooks", "binder", "tests") for name in (f"{folder}/{n}" for n in files_beneath(built.checkout / folder))}
    assert {"pyproject.toml", "README.md", "LICENSE", "Makefile", *kept} <= held
    assert not any("node_modules" in name or name.startswith((".git/", ".venv/")) for name in held)


@pytest.mark.long
def test_the_wheel_works_outside_the_checkout(built: Built, tmp_path: Path) -> None:
    """pip install adviz, then what a learner does first, in an empty folder, where Node cannot be used."""
    home = tmp_path / "installed"
    venv.create(home, with_pip=True)
    run(home / "bin" / "python", "-m", "pip", "install", "-q", built.wheel, cwd=tmp_path, env=without_node(tmp_path))
    empty = tmp_path / "empty"
    empty.mkdir()
    do = partial(run, cwd=empty, env=without_node(tmp_path))
    adviz = home / "bin" / "adviz"
    assert do(adviz, "--version") == f"adviz {PROJECT['version']}\n"
    running = ("show", "ln(x1)+x1*x2-sin(x2)", "x1=2", "x2=5", "--mode", "reverse")
    table = do(adviz, *running, "--html", "f.html", "--svg", "f.svg")
    assert [line.split()[-1] for line in table.splitlines()[1:3]] == ["5.5", "1.716"]
    assert do(home / "bin" / "python", "-m", "adviz", *running) == table
    assert files_beneath(empty) == {"f.html", "f.svg"}
    assert f"adviz           {PROJECT['version']}" in do(adviz, "doctor")
    ask = "import adviz; print(adviz.__file__); [getattr(adviz, name) for name in adviz.__all__]; adviz.explore('x^2', 3.0)"
    assert Path(do(home / "bin" / "python", "-W", "error::::adviz", "-c", ask).strip()).is_relative_to(home)
    answers_on_its_port(adviz, empty, tmp_path)


def answers_on_its_port(adviz: Path, empty: Path, tmp_path: Path) -> None:
    """adviz lab in that folder: JupyterLab is installed, the lessons are copied and listed, Ctrl-C ends it without a word."""
    place, port = tmp_path / "jupyter", free_port()
    place.mkdir()
    environment = {**jupyter_environment(place), **without_node(tmp_path), "JUPYTER_TOKEN": TOKEN}
    environment.pop("PYTHONPATH", None)
    words = [str(adviz), "lab", "--no-browser", "--yes", f"--port={port}"]
    log = tmp_path / "lab.log"
    with log.open("wb") as output:
        server = subprocess.Popen(words, cwd=empty, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    try:
        while "opening JupyterLab" not in log.read_text() and server.poll() is None:  # pip has no deadline of ours
            time.sleep(0.2)
        lab = Lab(f"http://127.0.0.1:{port}", empty / "adviz-lessons")
        await_answer(lab, server, log)
        listed = {entry["name"] for entry in json.loads(lab.ask("/api/contents/"))["content"]}
        assert {file.name for file in (ROOT / "notebooks").glob("*.ipynb")} <= listed
        os.killpg(server.pid, signal.SIGINT)  # as a terminal does: to all that run in it
        assert server.wait(120) == 0
        assert "Traceback" not in log.read_text()
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)


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
