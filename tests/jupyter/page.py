"""Driving a notebook in the browser: open it, run it, and watch what the page says and asks for.

JupyterLab's own application object (`jupyterapp`) is asked where it can be: keystrokes are lost before the kernel is up, and
`page.evaluate` has no timeout, so nothing that may wait for a person is ever awaited in the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, ConsoleMessage, Page, Route, WebSocket

from tests.jupyter.server import Lab

PATIENCE = 120_000
OUTSIDE = re.compile(r"^(?!(https?|wss?)://(127\.0\.0\.1|localhost)(:\d+)?(/|$)|data:|blob:|about:)")

# The kernel is connected and idle. Running a cell earlier opens a dialog that waits for ever.
READY = """() => {
    const context = window.jupyterapp?.shell?.currentWidget?.context?.sessionContext;
    const kernel = context?.session?.kernel;
    return Boolean(context?.isReady && kernel?.connectionStatus === 'connected' && kernel?.status === 'idle');
}"""
RUN_ALL = """() => {
    window.advizRun = null;
    window.jupyterapp.commands.execute('notebook:run-all-cells')
        .then(() => { window.advizRun = 'done'; }, error => { window.advizRun = String(error); });
}"""
CELLS = "() => window.jupyterapp.shell.currentWidget.content.model.toJSON().cells"


@dataclass
class Watch:
    """What a page did that nobody may do unseen."""

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def refuse(self, route: Route) -> None:
        self.requests.append(route.request.url)
        route.abort()

    def note(self, socket: WebSocket) -> None:
        if OUTSIDE.match(socket.url):
            self.requests.append(socket.url)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")


@contextmanager
def watched_page(browser: Browser, width: int = 1280, height: int = 900) -> Iterator[tuple[Page, Watch]]:
    """A page with its own cookies and storage, that reaches this machine only, with a record of what it tried and said."""
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(PATIENCE)
    watch = Watch()
    context.route(OUTSIDE, watch.refuse)
    context.on("weberror", lambda error: watch.errors.append(str(error.error)))
    context.on("console", watch.hear)
    page = context.new_page()
    page.on("websocket", watch.note)
    try:
        yield page, watch
    finally:
        context.close()


def open_notebook(page: Page, lab: Lab, name: str) -> None:
    """The notebook, with its kernel connected and idle."""
    page.goto(lab.address(name))
    page.wait_for_function(READY, timeout=PATIENCE)


def run_all(page: Page) -> None:
    """Every cell run to its end, with no dialog opened and no cell in error."""
    page.evaluate(RUN_ALL)
    page.wait_for_function("() => window.advizRun !== null || document.querySelector('.jp-Dialog')", timeout=PATIENCE)
    assert_no_dialog(page)
    assert page.evaluate("window.advizRun") == "done"
    page.wait_for_function(READY, timeout=PATIENCE)
    errors = ["\n".join(output["traceback"]) for output in outputs(page) if output["output_type"] == "error"]
    assert not errors, "\n".join(errors)


def assert_no_dialog(page: Page) -> None:
    assert page.locator(".jp-Dialog").all_inner_texts() == []


def run_code(page: Page, code: str) -> str:
    """What that code, given to the notebook's kernel, prints; the notebook is not changed."""
    page.evaluate(
        """code => {
            window.advizPrinted = '';
            window.advizReply = null;
            const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
            const future = kernel.requestExecute({ code, store_history: false });
            future.onIOPub = message => {
                if (message.header.msg_type === 'stream') window.advizPrinted += message.content.text;
                if (message.header.msg_type === 'error') window.advizPrinted += message.content.traceback.join('\\n');
            };
            future.done.then(reply => { window.advizReply = reply.content.status; }, error => { window.advizReply = String(error); });
        }""",
        code,
    )
    page.wait_for_function("() => window.advizReply !== null", timeout=PATIENCE)
    printed = page.evaluate("window.advizPrinted")
    assert page.evaluate("window.advizReply") == "ok", printed
    return printed


def cells(page: Page) -> list[dict]:
    """The notebook's cells as they would be saved."""
    return page.evaluate(CELLS)


def outputs(page: Page) -> list[dict]:
    return [output for cell in cells(page) for output in cell.get("outputs", [])]
