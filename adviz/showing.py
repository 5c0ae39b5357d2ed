"""Gives traces and timelines their display methods. The core does not know the views; they are imported when something is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adviz.timeline import Timeline
from adviz.wengert import Trace

METHODS = {
    "to_json": "The trace document as JSON text; written to `path` as well, if given.",
    "to_html": "One HTML page that steps without a kernel and loads nothing.",
    "to_svg": "The graph after `step` steps (all of them by default) as SVG text.",
    "to_png": "The same picture as PNG, `scale` pixels for each unit of the SVG.",
    "to_gif": "Every step with its sentence as an animated GIF, `seconds` each.",
    "to_film": "A film strip: the frames after `steps` in one SVG, or in one PNG where the path ends in .png.",
    "to_latex": "The graph in TikZ and the table in booktabs, for any LaTeX.",
    "to_csv": "The table as comma-separated values, numbers in full.",
}


def attach() -> None:
    """Add the display methods to Trace and Timeline."""
    for cls in (Trace, Timeline):
        for name, documentation in METHODS.items():
            setattr(cls, name, _late(name, documentation))
        setattr(cls, "__repr__", _text)  # noqa: B010 - a method of a class that does not know it
        setattr(cls, "_repr_mimebundle_", _bundle)  # noqa: B010


def _late(name: str, documentation: str) -> Callable[..., Any]:
    def to(self: Trace | Timeline, path: Any = None, **options: Any) -> Any:
        from adviz.views import display

        return getattr(display.of(self), name)(path, **options)

    to.__name__ = to.__qualname__ = name
    to.__doc__ = documentation
    return to


def _text(self: Trace | Timeline) -> str:
    from adviz.views import display

    return display.as_text(self)


def _bundle(self: Trace | Timeline, include: Any = None, exclude: Any = None) -> dict[str, str]:
    from adviz.views import display

    return display.bundle(self)
