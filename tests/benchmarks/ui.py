"""P6 and P7: from a trace to the page, and a step on it, at 8 to 100,000 operations. Printed; nothing here is a test.

A step is the main thread's CPU time for one press of an arrow key, everything that follows in the same frame included. The first picture
counts from the page's script, which then has the data, to the first drawn frame: what opening the page costs the main thread more than opening
one with the same bytes whose script does not run, both asked in the same way, in turn. "opened" is all of it, reading the file included. The chain is x ← sin(x)·x + 1e-9, as in P1; the stepping is in reverse mode.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import adviz
from adviz.functions import sin
from adviz.views.document import packed, text_and_bytes
from adviz.views.kinds import Places
from adviz.views.page import page
from adviz.views.variables import variable_columns
from tests.benchmarks.tables import goal, print_goals, print_table
from tests.conftest import CHROMIUM_FLAGS
from tests.setup.chromium import MISSING, find

SIZES = (8, 1_000, 10_000, 100_000)
RUNS = 5
INERT = '<p class="adviz-explorer" data-step="1">x</p><script type="text/plain">'
STEPS = 40  # of each run, from several places of the timeline


def chain(x: Any, n: int) -> Any:
    """n operations, three in a line."""
    for _ in range(n // 3):
        x = sin(x) * x + 1e-9
    for _ in range(n % 3):
        x = sin(x)
    return x


class Opened:
    """A page of one document in a browser, and the main thread's CPU time."""

    def __init__(self, browser: Any, address: str, *, runs: bool = True) -> None:
        self.context = browser.new_context(viewport={"width": 1100, "height": 900})
        self.sheet = self.context.new_page()
        self.session = self.context.new_cdp_session(self.sheet)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.sheet.goto(address)
        self.sheet.wait_for_selector(".adviz-explorer[data-step]", timeout=120_000)
        self._frame()
        self.first = self.cpu()
        if runs:
            self.sheet.locator(".adviz-explorer").focus()

    def cpu(self) -> float:
        """Milliseconds so far."""
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        return 1000 * next(m["value"] for m in metrics if m["name"] == "TaskDuration")

    def _frame(self) -> None:
        self.sheet.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def idle(self) -> float:
        """What asking for two frames costs by itself."""
        before = self.cpu()
        self._frame()
        return self.cpu() - before

    def step(self, key: str) -> float:
        """What one press costs."""
        before = self.cpu()
        self.sheet.evaluate(
            "(key) => document.querySelector('.adviz-explorer').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))", key
        )
        self._frame()
        return self.cpu() - before


def steps_of(opened: Opened) -> list[float]:
    """The cost of steps on and back, at the beginning, in the middle and at the end."""
    found: list[float] = []
    count = int(opened.sheet.get_attribute(".adviz-explorer", "data-steps") or 0)
    idle = statistics.median(opened.idle() for _ in range(9))
    for part in (0, 0.5, 0.99):
        scrubber = opened.sheet.locator(".adviz-scrubber")
        scrubber.evaluate("(range, n) => { range.value = n; range.dispatchEvent(new Event('input', { bubbles: true })); }", int(part * count))
        opened.sheet.locator(".adviz-explorer").focus()
        opened.idle()
        presses = min(STEPS // 3, max(count // 3, 2))
        found += [opened.step("ArrowRight") - idle for _ in range(presses)]
        found += [opened.step("ArrowLeft") - idle for _ in range(presses // 2)]
    return found


def p95(found: list[float]) -> float:
    """The 95th percentile."""
    return sorted(found)[min(round(0.95 * len(found)), len(found) - 1)]


def measure(browser: Any, folder: Path, size: int) -> tuple[list[str], float, float]:
    """A row of the table, the 95th percentile of a step, and the first picture."""
    trace = adviz.trace(lambda x: chain(x, size), 1.6)
    begun = process_time()
    content = packed(trace)
    text, columns = text_and_bytes(content)
    spent = process_time() - begun
    file, inert = folder / f"{size}.html", folder / f"{size}-inert.html"
    file.write_text(page(text, "reverse", 1, columns), encoding="utf-8")
    inert.write_text(file.read_text(encoding="utf-8").replace('<script type="module">', INERT), encoding="utf-8")
    steps: list[float] = []
    first: list[float] = []
    arrived: list[float] = []
    for _ in range(RUNS):
        without = Opened(browser, inert.as_uri(), runs=False)
        arrived.append(without.first)
        without.context.close()
        opened = Opened(browser, file.as_uri())
        first.append(opened.first)
        steps += steps_of(opened)
        opened.context.close()
    figures = [statistics.median(steps), p95(steps), statistics.median(first) - statistics.median(arrived), statistics.median(first)]
    described = f"{(len(text) + len(columns)) / 1e6:.2f} MB", f"{1e9 * spent / size:,.0f} ns"
    return [f"{size:,}", *(f"{x:.1f} ms" for x in figures), *described], figures[1], figures[2]


def main() -> None:
    """The table and the verdicts."""
    from playwright.sync_api import sync_playwright

    path = find()
    if path is None:
        sys.exit(MISSING)
    rows, verdicts = [], []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        for size in SIZES:
            row, step, first = measure(browser, Path(folder), size)
            rows.append(row)
            verdicts.append(goal(f"P7 p95 of a step, {size:,} operations", step, at_most=16, unit=" ms"))
            verdicts.append(goal(f"P7 first picture, {size:,} operations", first, at_most=100, unit=" ms"))
        browser.close()
    print_table(
        "P7, main-thread CPU, reverse mode", ["operations", "step, median", "step, p95", "first picture", "opened", "document", "trace to document, per op"], rows
    )
    costs = {size: costs_per_operation(size) for size in SIZES[1:]}
    print_table(
        "P6, CPU time per operation", ["operations", "trace", "columns of the trace", "with all timelines and folds", "text and bytes"],
        [[f"{size:,}", *(f"{x:,.0f} ns" for x in cost)] for size, cost in costs.items()],
    )  # fmt: skip
    _, columns, document, written = costs[SIZES[-1]]
    verdicts.append(goal("P6 columns of the trace, per operation at 100,000", columns, at_most=100, unit=" ns"))
    verdicts.append(goal("P6 trace to widget with all its timelines, per operation at 100,000", document + written, at_most=100, unit=" ns"))
    print_goals(verdicts)


def costs_per_operation(size: int) -> list[float]:
    """Nanoseconds per operation: the trace; from it to the columns of its variables; to the whole document; from that to a widget. Medians."""
    spent: list[list[float]] = []
    for _ in range(5):
        times = [process_time()]
        t, again = (adviz.trace(lambda x: chain(x, size), 1.6) for _ in range(2))
        times.append(process_time())
        variable_columns(t, Places(t))
        times.append(process_time())
        content = packed(again)
        times.append(process_time())
        text_and_bytes(content)
        times.append(process_time())
        spent.append([b - a for a, b in pairwise(times)])
    traced, *rest = (1e9 * statistics.median(column) / size for column in zip(*spent, strict=True))
    return [traced / 2, *rest]  # two were made


if __name__ == "__main__":
    main()
