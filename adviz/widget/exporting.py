"""What an explorer shows, as files: from Python by its `to_...` methods, and for the page's export menu by message.

The page writes by itself what it can (SVG, PNG, JSON). For the rest it sends {"kind": "export", "request": n, "format":
"latex", "mode": ..., "step": ...} and receives {"kind": "export", "request": n, "format": ..., "content": text} (base64
for a GIF), or "problem": a sentence in place of the content. Whatever else arrives is left unanswered.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from adviz.errors import AdvizError
from adviz.languages import speaking
from adviz.sealed import AskingPage
from adviz.views.display import TraceDocument
from adviz.views.lesson import lesson_of
from adviz.views.tabulated import in_mode

FORMATS = {"html": "to_html", "latex": "to_latex", "csv": "to_csv", "gif": "to_gif", "svg": "to_svg", "json": "to_json"}
METHODS = ("to_json", "to_html", "to_svg", "to_png", "to_gif", "to_film", "to_latex", "to_csv")


def exported(explorer: Any, mode: str | None = None, step: int | None = None) -> TraceDocument | AskingPage:
    """What the explorer shows (or would show in that mode at that step) as a document that can be written; of one that asks, a page that asks."""
    if explorer.predict:
        return explorer.asking_page(explorer.mode if mode is None else mode)
    return in_mode(explorer.shown_document(), explorer.mode if mode is None else mode, explorer.step if step is None else step)


def with_exports(cls: type) -> type:
    """The class with a method for each kind of file."""
    for name in METHODS:
        setattr(cls, name, _method(name))
    return cls


def _method(name: str) -> Callable[..., Any]:
    def to(self: Any, path: Any = None, **options: Any) -> Any:
        return speaking(self.language, getattr(exported(self), name))(path, **options)

    to.__name__ = to.__qualname__ = name
    to.__doc__ = getattr(TraceDocument, name).__doc__
    return to


def answer(explorer: Any, message: Any, buffers: Any = None) -> None:
    """The file that the page asks for, sent to it."""
    if not isinstance(message, Mapping) or message.get("kind") != "export":
        return
    request, wanted, mode, step = (message.get(name) for name in ("request", "format", "mode", "step"))
    if not (_whole(request) and _whole(step) and isinstance(mode, str) and isinstance(wanted, str) and wanted in FORMATS):
        return
    if mode in lesson_of(explorer.shown_document()).hidden:
        return
    reply = {"kind": "export", "request": request, "format": wanted}
    try:
        content = speaking(explorer.language, getattr(exported(explorer, mode, step), FORMATS[wanted]))()
    except AdvizError as error:
        explorer.send({**reply, "problem": str(error)})
        return
    explorer.send({**reply, "content": b64encode(content).decode() if isinstance(content, bytes) else content})


def _whole(n: Any) -> bool:
    return isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**53
