"""Predict mode at the kernel's side: the questions, and what the page asks about them by message.

The page sends {"kind": "predict", "do": "answer" | "hint" | "show", "mode": "reverse", "name": "v0.accumulate", "typed": "2-cos(5)"}; what comes
of it stands in the next document. Until a question is answered or shown its number is in no trait, so in nothing that is saved. Whatever else
arrives is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import anywidget
import traitlets

from adviz.answers import LONGEST
from adviz.asking import Asking
from adviz.errors import AdvizError
from adviz.languages import speaking
from adviz.timeline import Timeline
from adviz.views.document import Document
from adviz.views.lesson import lesson_of, naming

BEGINS = ("reverse", "forward", "values")  # what is asked about where a mode was shown that has no questions: the first that is not hidden


def unless_asked(to_json: Any) -> Any:
    """A trait's values for the browser; none of them while they are asked for."""
    return lambda value, widget: {} if widget is not None and widget.predict else to_json(value, widget)


class Predicting(anywidget.AnyWidget):
    """An explorer that can ask.

    predict     whether the learner is asked for decisive numbers before they are shown
    """

    predict = traitlets.Bool(False).tag(sync=True)
    _ask: str | Iterable[str] = "auto"
    _asking: Asking | None = None

    def begin(self, timelines: Mapping[str, Timeline], whole: Document) -> None:
        """The questions of these timelines, none answered; none at all without `predict`. AdvizError where there can be none."""
        self._asking = Asking(timelines, self._ask, self.mode, naming(whole)) if self.predict else None

    def without_answers(self, whole: Document) -> Document:
        """The document as it may be seen."""
        return whole if self._asking is None else speaking(whole["language"], self._asking.document)(whole)

    def last_step(self, mode: str, count: int) -> int:
        """How far a mode can be stepped: to where its open question stands."""
        waiting = self._asking.open(mode) if self._asking is not None else None
        return count if waiting is None else waiting.question.step - 1

    def hear(self, explorer: Any, message: Any, buffers: Any = None) -> None:
        """An answer, a wish for a hint, or for the number."""
        asking = self._asking
        if asking is None or not isinstance(message, Mapping) or message.get("kind") != "predict":
            return
        mode, name, typed = (message.get(key) for key in ("mode", "name", "typed"))
        if not isinstance(mode, str) or not isinstance(name, str):
            return
        match message.get("do"):
            case "answer":
                speaking(self.language, asking.answer)(mode, name, typed[: LONGEST + 1] if isinstance(typed, str) else "")
            case "hint":
                asking.hint(mode, name)
            case "show":
                asking.show(mode, name)
        self.show_again()

    def show_again(self) -> None:
        """Sends the document as it may be seen now."""
        raise NotImplementedError

    def _enter_mode(self, change: Any) -> None:
        if self._asking is not None and self._asking.enter(self.mode):
            self.show_again()

    def _take_predict(self, change: Any) -> None:
        """Predict was switched on or off, here or in the page."""
        if self.predict and self.mode not in self.timelines:
            hidden = lesson_of(self._document).hidden
            self.mode = next((mode for mode in BEGINS if mode not in hidden), self.mode)
        try:
            self.begin(self.timelines, self._document)
        except AdvizError as error:
            self.predict, self.alert = False, str(error)
            return
        self.show_again()
        self.send_state("seeds")

    timelines: Mapping[str, Timeline] = {}
    mode: Any
    alert: Any
    _document: Document
    language: Any
