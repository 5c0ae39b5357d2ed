"""What every test may ask for: a browser, a place for pictures, a JupyterLab, golden files."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.jupyter.server import Lab

pytest.register_assert_rewrite("tests.jupyter")
HERE = Path(__file__).parent
# Quiet and repeatable: no GPU, no first-run pages, nothing fetched behind our back.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew from what the code says now")


def pytest_configure() -> None:
    """A shell starts what it runs in the background deaf to Ctrl-C, and its children with it; some tests press it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Only test files are imported here: --doctest-modules would import benchmarks and setup scripts as well."""
    ordinary = collection_path.name.startswith("test_") or collection_path.name in ("conftest.py", "__init__.py")
    return None if ordinary or collection_path.suffix != ".py" else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that opens a browser is marked so, for the runs that do without."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    """A test that chose a language, or failed while it had, leaves none behind."""
    from adviz.languages import session

    before = session.language
    yield
    session.language = before


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the whole run. A machine without one fails, with a sentence: nothing is skipped in silence."""
    from playwright.sync_api import sync_playwright

    from tests.setup.chromium import MISSING, find

    path = find()
    if path is None:
        pytest.fail(MISSING, pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Where tests leave pictures for people: tests/artifacts, ignored by git."""
    folder = HERE / "artifacts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab of its own, with every cell drawn whether or not it is in sight."""
    from tests.jupyter.server import EVERY_CELL_DRAWN, running_lab

    with running_lab(tmp_path_factory.mktemp("lab"), EVERY_CELL_DRAWN) as server:
        yield server


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """golden(name, text): text is what tests/golden/<name> says. `pytest --update-golden` writes what it says now."""
    update = request.config.getoption("--update-golden")

    def compare(name: str, text: str) -> None:
        file = HERE / "golden" / name
        if update:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
        elif not file.exists():
            pytest.fail(f"tests/golden/{name} is missing; `pytest --update-golden` writes it: then read it before you keep it", pytrace=False)
        assert text == file.read_bytes().decode(), f"differs from tests/golden/{name}"

    return compare
