"""What the README says is so: its code runs and prints what it shows, its commands and links exist."""

from __future__ import annotations

import doctest
import operator
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)]+)\)")
LARGEST_PICTURE = 200_000


def blocks(language: str) -> list[str]:
    return [text for name, text in BLOCK.findall(README) if name == language]


def as_session(code: str) -> str:
    """Code without prompts as it would be typed; what it displays is not compared."""
    lines = code.strip().splitlines()
    prompted = [("... " if line.startswith((" ", ")")) else ">>> ") + line if line else "" for line in lines]
    return "\n".join(prompted) + "\n"


def test_the_code_of_the_readme_prints_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks share their names, from the first to the last."""
    monkeypatch.chdir(tmp_path)
    first, *tour = blocks("python")
    session = as_session(first).replace(">>> adviz.explore", ">>> shown = adviz.explore") + "\n" + "\n".join(tour)
    test = doctest.DocTestParser().get_doctest(session, {}, "README.md", "README.md", 0)
    assert len(test.examples) > 12
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    outcome = runner.run(test, out=told.append)
    assert outcome.failed == 0, "".join(told)
    assert (tmp_path / "f.html").exists()


def test_the_tour_is_as_long_as_it_says() -> None:
    statements = [line for line in blocks("python")[1].splitlines() if line.startswith(">>> ")]
    assert "## Ten lines" in README
    assert len(statements) == 10


def test_the_commands_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    commands = "\n".join([*blocks("sh"), *re.findall(r"`([^`\n]+)`", README)])
    targets, wanted = re.findall(r"\bmake (\w[\w-]*)", commands), re.findall(r'pip install -e "\.\[(\w+)\]"', commands)
    assert {"lab", "test"} <= set(targets)
    assert {target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()
    assert wanted == ["lab"]
    assert set(wanted) <= set(extras)
    assert "jupyter lab notebooks" in commands
    assert list((ROOT / "notebooks").glob("*.ipynb"))


def test_the_python_of_the_readme_is_the_one_that_the_package_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"Python {project['requires-python'].removeprefix('>=')} or newer" in README


def test_the_links_of_the_readme_lead_somewhere() -> None:
    links = [link for link in LINK.findall(README) if "://" not in link]
    assert "notebooks/explorer.png" in links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_picture_is_a_small_png() -> None:
    picture = (ROOT / "notebooks" / "explorer.png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(picture) < LARGEST_PICTURE


def test_what_the_readme_says_is_not_built_is_not() -> None:
    """When one of these comes, its line in the README goes."""
    import adviz

    with pytest.raises(adviz.UnsupportedError):
        adviz.trace(lambda x: np.linalg.eigvals(np.outer(x, x)), np.ones(2))
    with pytest.raises(adviz.TracedValueError):
        adviz.gradient(lambda x: np.sum(operator.iadd(np.zeros(2), x)))(np.ones(2))
    with pytest.raises(adviz.UnsupportedError):
        adviz.explore(lambda x: np.sum(x), x=np.ones(2), predict=True)
