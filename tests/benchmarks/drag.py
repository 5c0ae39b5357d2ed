"""One movement of a slider on an exported page, without a kernel: main-thread CPU from the input event until the new numbers are drawn.

python tests/benchmarks/drag.py [operations ...]     medians and p95 of several runs (goal P7: below 16 ms at 1,000 operations)

Of a large picture a movement draws what is in sight; the rest is drawn once, when the hand rests, and is measured by itself.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

SIZES = (8, 100, 1000, 10_000)
RUNS, DRAGS = 3, 60
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
HOLD = "() => { const set = window.setTimeout; window.setTimeout = (run, ms) => (ms === 120 ? (window.rest = run) : set(run, ms)); }"
SLIDE = "(e, x) => { e.value = x; e.dispatchEvent(new Event('input')); }"


def program(operations: int) -> Any:
    """An iterated map of so many operations."""

    def f(x: float, y: float) -> Any:
        u = x
        for _ in range(operations // 4):
            u = np.sin(u) * y + u * 0.5
        return u

    return f


def drags(browser: Any, operations: int) -> Iterator[float]:
    """ms of main-thread CPU of each of DRAGS movements, reverse mode at its last step; then of the drawing when the hand rests."""
    import adviz
    from adviz.views.document import packed, text_and_bytes
    from adviz.views.page import page

    context = browser.new_context(viewport={"width": 1280, "height": 900})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        content, columns = text_and_bytes(packed(adviz.trace(program(operations), 1.0, 0.9)))
        file.write_text(page(content, "reverse", 10**9, columns), encoding="utf-8")
        sheet = context.new_page()
        sheet.goto(file.as_uri())
        slider = sheet.wait_for_selector("input[data-slider=y]")  # looked up once: in a large page that alone takes milliseconds of its thread
        session = context.new_cdp_session(sheet)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})

        def busy() -> float:
            metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
            return 1000 * float(metrics["TaskDuration"])

        def spent(act: Callable[[], Any]) -> float:
            sheet.evaluate(DRAWN)
            start = busy()
            sheet.evaluate(DRAWN)
            idle = busy() - start
            start = busy()
            act()
            sheet.evaluate(DRAWN)
            return busy() - start - idle

        sheet.evaluate(HOLD)
        for n in range(DRAGS + 10):
            ms = spent(lambda value=0.5 + 0.01 * n: slider.evaluate(SLIDE, value))
            if n >= 10:
                yield ms
        yield spent(lambda: sheet.evaluate("() => window.rest?.()"))
    context.close()


def report(sizes: tuple[int, ...] = SIZES) -> None:
    """A line for each size: median and p95 of every run."""
    from playwright.sync_api import sync_playwright

    from tests.conftest import CHROMIUM_FLAGS
    from tests.setup.chromium import find

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=CHROMIUM_FLAGS)
        for operations in sizes:
            found = [list(drags(browser, operations)) for _ in range(RUNS)]
            runs = ", ".join(f"{median(ms[:-1]):.1f} / {quantiles(ms[:-1], n=20)[-1]:.1f}" for ms in found)
            rest = ", ".join(f"{ms[-1]:.0f}" for ms in found)
            print(f"drag  {operations:>6,} operations: ms, median / p95 of {DRAGS} movements: {runs}; when the hand rests: {rest}", flush=True)
        browser.close()


if __name__ == "__main__":
    report(tuple(map(int, sys.argv[1:])) or SIZES)
