"""A word on long work: what takes longer than a second says on stderr that it is still at it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from adviz.texts import text

SECOND = 1.0
SELDOM = 10.0  # seconds between two lines where they cannot be overwritten


@contextmanager
def told(work: str) -> Iterator[None]:
    """Says what is being done from the first second on, with the time it takes; a terminal's line is wiped in the end."""
    over, start = threading.Event(), time.monotonic()
    terminal = sys.stderr.isatty()

    def tell() -> None:
        pause = SECOND
        while not over.wait(pause):
            line = text("cli.working", work=work, seconds=f"{time.monotonic() - start:.0f}")
            print(f"\r{line}" if terminal else line, end="" if terminal else "\n", file=sys.stderr, flush=True)
            pause = SECOND if terminal else SELDOM

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()
        if terminal and time.monotonic() - start > SECOND:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
