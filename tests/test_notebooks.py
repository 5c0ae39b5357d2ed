"""What a committed lesson may hold: text, code, and nothing that a run has left behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
LESSONS = sorted(FOLDER.rglob("*.ipynb"))
KEPT = "nbval-check-output"
LONGEST_CELL = 8


def lesson(file: Path) -> dict:
    return json.loads(file.read_text(encoding="utf-8"))


def code(file: Path) -> list[dict]:
    return [cell for cell in lesson(file)["cells"] if cell["cell_type"] == "code"]


def tagged(cell: dict) -> bool:
    return KEPT in cell["metadata"].get("tags", [])


def test_there_are_lessons() -> None:
    assert LESSONS


@pytest.fixture(params=LESSONS, ids=lambda file: file.stem)
def file(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_a_lesson_is_a_notebook_that_any_host_opens(file: Path) -> None:
    """Kernelspec python3 is what JupyterLab, Binder, a hub and JupyterLite all have."""
    notebook = lesson(file)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) >= (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert notebook["metadata"]["kernelspec"]["language"] == "python"


def test_a_lesson_carries_no_widget_state(file: Path) -> None:
    assert "widgets" not in lesson(file)["metadata"]


def test_every_cell_has_an_id_of_its_own(file: Path) -> None:
    ids = [cell.get("id") for cell in lesson(file)["cells"]]
    assert all(ids)
    assert len(set(ids)) == len(ids)


def test_no_cell_has_been_run(file: Path) -> None:
    """But those whose text is kept, which carry the number of that run."""
    assert [cell["id"] for cell in code(file) if cell["execution_count"] is not None and not tagged(cell)] == []
    assert [cell["id"] for cell in code(file) if "execution" in cell["metadata"]] == []


def test_no_cell_keeps_an_output_but_text_to_compare_with(file: Path) -> None:
    assert [cell["id"] for cell in code(file) if cell["outputs"] and not tagged(cell)] == []
    kinds = {kind for cell in code(file) for output in cell["outputs"] for kind in output.get("data", {"text/plain": ""})}
    assert kinds <= {"text/plain"}


def test_a_cell_to_compare_has_something_to_compare_with(file: Path) -> None:
    """nbval passes an empty reference in silence."""
    assert [cell["id"] for cell in code(file) if tagged(cell) and not cell["outputs"]] == []


def test_code_cells_are_short(file: Path) -> None:
    lengths = {cell["id"]: len("".join(cell["source"]).splitlines()) for cell in code(file)}
    assert {name: length for name, length in lengths.items() if length > LONGEST_CELL} == {}


def test_a_lesson_does_not_install_anything(file: Path) -> None:
    """`import adviz` is the same first cell everywhere."""
    text = "\n".join("".join(cell["source"]) for cell in code(file))
    assert "pip install" not in text
    assert "piplite" not in text
