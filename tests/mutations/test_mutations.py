"""Each seeded mistake, alone in a copy of the package, must make the tests fail; the copy without one must pass them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.mutations.catalogue import MUTATIONS, Mutation

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = min(2, os.cpu_count() or 1)
MINUTES = 4  # a mistake that makes a test hang is caught, too


def copied(folder: Path) -> Path:
    """The package and its tests in a folder of their own, without what was compiled."""
    left_out = shutil.ignore_patterns("__pycache__", "node_modules", "artifacts", "widget", "*.pyc")
    for part in ("adviz", "tests"):
        shutil.copytree(ROOT / part, folder / part, ignore=left_out if part == "tests" else shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def changed(folder: Path, mutation: Mutation) -> None:
    """Make the mistake. AssertionError if the text it replaces does not occur exactly once: then the catalogue is out of date."""
    file = folder / "adviz" / mutation.file
    source = file.read_text(encoding="utf-8")
    assert source.count(mutation.old) == 1, f"adviz/{mutation.file} holds this text {source.count(mutation.old)} times, not once: {mutation.old!r}"
    assert mutation.old != mutation.new
    file.write_text(source.replace(mutation.old, mutation.new), encoding="utf-8")


def run(folder: Path, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """These tests in that folder, up to the first failure."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=line", "-W", "ignore", *tests]
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, timeout=60 * MINUTES)
    except subprocess.TimeoutExpired as late:
        return subprocess.CompletedProcess(late.cmd, 1, "timed out", "")


def verdict(folder: Path, mutation: Mutation) -> str:
    """Why this mistake was not caught; nothing if it was."""
    changed(copied(folder), mutation)
    imported = subprocess.run([sys.executable, "-c", "import adviz; print(adviz.__file__)"], cwd=folder, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(folder)})
    if imported.returncode == 0 and not imported.stdout.startswith(str(folder)):
        return f"the tests would have run on {imported.stdout}"
    done = run(folder, mutation.tests)
    shutil.rmtree(folder)
    return "" if done.returncode == 1 else f"pytest ended with {done.returncode}: {done.stdout.strip()[-200:]}"


def test_there_are_forty_mistakes_and_each_can_be_made() -> None:
    assert len(MUTATIONS) >= 40
    assert len({(m.file, m.old, m.new) for m in MUTATIONS}) == len(MUTATIONS)
    outdated = []
    for mutation in MUTATIONS:
        count = (ROOT / "adviz" / mutation.file).read_text(encoding="utf-8").count(mutation.old)
        if count != 1:
            outdated.append(f"adviz/{mutation.file} holds this text {count} times, not once: {mutation.old!r}")
        assert all((ROOT / test.split("::")[0]).exists() for test in mutation.tests)
    assert not outdated, "\n".join(outdated)


@pytest.mark.long
def test_every_seeded_mistake_is_caught_and_the_package_without_one_passes(tmp_path: Path) -> None:
    whole = sorted({test for mutation in MUTATIONS for test in mutation.tests})
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sound = pool.submit(run, copied(tmp_path / "sound"), whole)
        verdicts = list(pool.map(lambda k: verdict(tmp_path / f"mistake{k}", MUTATIONS[k]), range(len(MUTATIONS))))
        unchanged = sound.result()
    assert unchanged.returncode == 0, f"the tests fail without any mistake:\n{unchanged.stdout[-2000:]}"
    survivors = [f"{m.file}: {m.why}: {found}" for m, found in zip(MUTATIONS, verdicts) if found]
    print(f"\n{len(MUTATIONS) - len(survivors)} of {len(MUTATIONS)} seeded mistakes caught")
    assert not survivors, "\n".join(survivors)
