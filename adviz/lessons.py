"""The lessons that come with adviz: where they are, how they get into a learner's folder, and JupyterLab on them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from adviz.errors import AdvizError
from adviz.texts import counted, text
from adviz.waiting import told

PACKAGE = Path(__file__).resolve().parent
FOLDER = "adviz-lessons"
ENDS_WITHIN = 10.0  # seconds that JupyterLab has for ending its kernels


class LabError(AdvizError, RuntimeError):
    """The lessons cannot be opened here; the text says what to do."""


class Lab(NamedTuple):
    """How JupyterLab is to be opened: in which folder, with a browser or without, on which port; `agree` answers a question."""

    folder: Path
    browser: bool
    port: int | None
    agree: Callable[[str], bool]


def shipped() -> Path:
    """The folder of the lessons that came with this adviz: inside the installed package, or the checkout's. LabError if there is none."""
    found = next((folder for folder in (PACKAGE / "notebooks", PACKAGE.parent / "notebooks") if any(folder.glob("*.ipynb"))), None)
    if found is None:
        raise LabError(text("lab.none"))
    return found


def lessons_in(folder: Path) -> list[Path]:
    """The notebooks of a folder and those beneath it, in the order of their names; what Jupyter keeps for itself is none."""
    found = (file.relative_to(folder) for file in folder.rglob("*.ipynb"))
    return sorted(file for file in found if not any(part.startswith(".") for part in file.parts))


def at_hand(folder: Path) -> Path | None:
    """The folder beneath this one, or this one, that has lessons already; None if there is none."""
    names = set(lessons_in(shipped()))
    places = (folder / FOLDER, folder, folder / "notebooks")
    return next((place for place in places if any((place / name).is_file() for name in names)), None)


def copied(folder: Path) -> Path:
    """The lessons and their pictures, copied into a folder of their own beneath this one; what is there already stays as it is."""
    source, target = shipped(), folder / FOLDER
    for file in sorted(source.rglob("*")):
        name = file.relative_to(source)
        if file.is_file() and not any(part.startswith((".", "__")) for part in name.parts) and not (target / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target / name)
    return target


def open_lab(lab: Lab) -> int:
    """JupyterLab on the lessons, until it ends; they are copied first where there are none. The number it ended with."""
    place = at_hand(lab.folder)
    if place is None:
        count = counted("lab.lessons", len(lessons_in(shipped())))
        if not lab.agree(text("lab.copy", lessons=count, folder=lab.folder / FOLDER)):
            raise LabError(text("lab.not_copied"))
        place = copied(lab.folder)
        print(text("lab.copied", lessons=count, folder=place), file=sys.stderr)
    _need_jupyterlab(lab.agree)
    print(text("lab.opening", folder=place), file=sys.stderr)
    return watched(command(lab, place))


def _need_jupyterlab(agree: Callable[[str], bool]) -> None:
    """Installs JupyterLab where it is missing and the learner agrees. LabError otherwise."""
    if importlib.util.find_spec("jupyterlab") is not None:
        return
    package = next(line.partition(";")[0].strip() for line in metadata.requires("adviz") or () if line.startswith("jupyterlab"))
    if importlib.util.find_spec("pip") is None or not agree(text("lab.install", package=package)):
        raise LabError(text("lab.missing", package=package))
    with told(text("lab.installing")):
        ended = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", package], check=False)
    if ended.returncode:
        raise LabError(text("lab.install.failed", package=package))


def command(lab: Lab, place: Path) -> list[str]:
    """How JupyterLab is called: on the first lesson, without news, and ending at the first Ctrl-C."""
    first = place / lessons_in(place)[0]
    options = [f"--ServerApp.root_dir={place}", "--ServerApp.answer_yes=True", "--log-level=WARN"]
    settings = next((folder for folder in (PACKAGE / "settings", PACKAGE.parent / "binder") if (folder / "overrides.json").exists()), None)
    options += [f"--LabApp.app_settings_dir={settings}"] if settings else []
    options += [] if lab.browser else ["--no-browser"]
    options += [f"--port={lab.port}"] if lab.port else []
    options += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [sys.executable, "-m", "jupyterlab", *options, str(first)]


def watched(words: list[str]) -> int:
    """Runs a command to its end. Ctrl-C is its own to hear; a request to end is handed on."""
    running = subprocess.Popen(words)
    before = signal.signal(signal.SIGTERM, lambda *_: running.terminate())
    try:
        return abs(running.wait())
    except KeyboardInterrupt:
        for insist in (running.terminate, running.kill):  # a JupyterLab that is only just starting may not hear the first
            try:
                running.wait(ENDS_WITHIN)
                break
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                insist()
        running.wait()
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)
