"""The explorer as a widget: the document goes to the browser, inputs and seeds come back, and a function builds the next document.

Stepping is the browser's; `step` and `mode` are traits so that a reload finds the place again and other widgets can be
linked to them. Whatever comes from the browser is checked before it is used, and whatever goes wrong while a document
is built is shown in the explorer: the last good document stays.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import traitlets

from adviz.asking import Asking
from adviz.errors import AdvizError
from adviz.languages import LANGUAGES, Text, said_by, speaking
from adviz.position import is_internal
from adviz.sealed import AskingPage
from adviz.texts import in_language, text
from adviz.timeline import Timeline
from adviz.views.assemble import module, stylesheet
from adviz.views.document import text_and_bytes
from adviz.views.lesson import MODES, lesson_of, naming
from adviz.views.quantity import decoded, encoded, problem_of
from adviz.widget.asking import Predicting, unless_asked
from adviz.widget.exporting import answer, with_exports

THEMES = ("", "light", "dark")
# What the browser may send, and the control that does it.
FROM_BROWSER = {"mode": "modes", "step": "step", "inputs": "inputs", "seeds": "seeds", "predict": "predict", "language": "language"}

Document = dict[str, Any]
Inputs = dict[str, Any]  # a float or an array by the name of each input
Seeds = dict[str, list[Any]]


class Built(NamedTuple):
    """A document, the seeds it was made with, and its timelines."""

    content: Document
    seeds: Seeds
    timelines: Mapping[str, Timeline]


Build = Callable[[Inputs, Seeds], Built]


class AsItIs(NamedTuple):
    """What the browser sends for an array that it has only in part."""

    shape: tuple[int, ...]


def _to_json(value: Any, widget: Any = None) -> Any:
    """Numbers and arrays as a document writes them: inf and nan are texts, large arrays are folded."""
    return {name: [encoded(x) for x in given] if isinstance(given, list | tuple) else encoded(given) for name, given in value.items()}


def _from_json(value: Any, widget: Any = None) -> Any:
    """The numbers and arrays again; anything else is left for the trait's validator to refuse."""
    if not isinstance(value, Mapping):
        return value
    return {name: [_quantity(x) for x in given] if isinstance(given, list) else _quantity(given) for name, given in value.items()}


def _quantity(x: Any) -> Any:
    if isinstance(x, Mapping):
        if problem_of(x):
            return x
        return AsItIs(tuple(x["shape"])) if x.get("folded") else decoded(x)
    if isinstance(x, bool):  # equal to 0 or 1, so that no change would be seen, and none refused
        return repr(x)
    return float(x) if isinstance(x, int) else decoded(x) if x in ("nan", "inf", "-inf") else x


NUMBERS = {"sync": True, "to_json": _to_json, "from_json": _from_json}


@with_exports
class Explorer(Predicting):
    """Step through the derivative of a function. Made by `adviz.explore`.

    mode, step      what is shown; step 0 is the start
    inputs          the point, {"x1": 2.0, "x2": 5.0}, arrays as arrays, the entries of a tuple, list or dict by their own
                    names: {"w[0]": ..., "w[1]": ...}. Each input is also a trait of its own, so that a slider can be
                    linked to it: `ipywidgets.link((slider, "value"), (explorer, "x2"))` ("input_x2" where the widget
                    has an attribute of that name)
    seeds           {"forward": [1.0, 0.0], "reverse": [1.0]}: a number or an array for each input, for each output
    alert           what went wrong when the last document was built; "" if nothing did
    theme           "light", "dark", or "" for that of the page
    language        "en" or "zh"; it changes without f being run again
    predict         whether the learner is asked for decisive numbers before they are shown
    """

    _esm = module()
    _css = stylesheet()

    document = traitlets.Unicode().tag(sync=True)
    columns = traitlets.Bytes().tag(sync=True)  # the bytes of its long columns
    mode = traitlets.Enum(MODES, default_value="values").tag(sync=True)
    step = traitlets.Int(0, min=0).tag(sync=True)
    inputs = traitlets.Dict().tag(**NUMBERS)
    seeds = traitlets.Dict().tag(**NUMBERS | {"to_json": unless_asked(_to_json)})
    alert = traitlets.Unicode().tag(sync=True)
    theme = traitlets.Enum(THEMES, default_value="").tag(sync=True)
    language = traitlets.Enum(LANGUAGES, default_value=LANGUAGES[0]).tag(sync=True)

    def __init__(
        self, build: Build, *, inputs: Mapping[str, Any], seeds: Mapping[str, Sequence[Any]] | None = None,
        mode: str = "values", step: int = 0, theme: str = "", language: str = "en", predict: bool = False, ask: str | Sequence[str] = "auto",
    ) -> None:  # fmt: skip
        self._build = build
        self._quiet = self._hearing = False
        self._said = ""
        start = self._point = dict(inputs)
        self._document, self._seeds, self.timelines = speaking(language, build)(start, {name: list(seed) for name, seed in (seeds or {}).items()})
        self._ask, self._asking = ask, Asking(self.timelines, ask, mode, naming(self._document)) if predict else None
        content, columns = text_and_bytes(self.shown_document())
        self._names = {name: f"input_{name}" if hasattr(type(self), name) else name for name in start}
        super().__init__(
            document=content, columns=columns, inputs=start, seeds=self._seeds, mode=mode, step=step, theme=theme, language=language,
            predict=predict,
        )  # fmt: skip
        self.add_traits(**{attribute: _trait(name, start[name]) for name, attribute in self._names.items()})
        self.observe(self._take_inputs, ["inputs", "seeds"])
        self.observe(self._take_language, "language")
        self.observe(self._take_attribute, list(self._names.values()))
        self.observe(self._take_predict, "predict")
        self.observe(self._enter_mode, "mode")
        self.on_msg(answer)
        self.on_msg(self.hear)

    def __repr__(self) -> str:
        return f"Explorer({self._document['title']}, mode={self.mode!r}, step={self.step})"

    def asking_page(self, mode: str) -> AskingPage:
        """A page that asks the same questions, none answered."""
        return AskingPage(self._document, self.timelines, self._ask, mode if mode in self.timelines else "reverse", 0)

    def shown_document(self) -> dict[str, Any]:
        """The trace document that is on the screen."""
        return self.without_answers(self._document)

    @traitlets.validate("mode")
    def _valid_mode(self, proposal: Any) -> str:
        if proposal["value"] in lesson_of(self._document).hidden:
            raise traitlets.TraitError(text("lesson.hidden.message", mode=repr(proposal["value"])))
        return str(proposal["value"])

    @traitlets.validate("inputs")
    def _valid_inputs(self, proposal: Any) -> Inputs:
        given = proposal["value"]
        if given.keys() != self._names.keys():
            raise traitlets.TraitError(text("explorer.inputs", names=", ".join(self._names), given=", ".join(map(str, given))))
        found = {name: _like(name, given[name], self._point[name]) for name in self._names}
        fixed = lesson_of(self._document).locked if self._hearing else ()
        changed = [name for name in fixed if name in found and not _same(found[name], self._point[name])]
        if changed:
            raise traitlets.TraitError(text("lesson.locked.message", names=", ".join(changed)))
        return found

    @traitlets.validate("seeds")
    def _valid_seeds(self, proposal: Any) -> Seeds:
        given, wanted = proposal["value"], self._seeds
        if not given.keys() <= wanted.keys():
            raise traitlets.TraitError(text("explorer.seeds", names=", ".join(wanted), given=", ".join(map(str, given))))
        for mode, seed in given.items():
            if not isinstance(seed, list | tuple) or len(seed) != len(wanted[mode]):
                said = {"mode": text(f"word.mode.{mode}"), "count": len(wanted[mode]), "given": repr(seed)[:60]}
                raise traitlets.TraitError(text("explorer.seed_length", **said))
        return wanted | {mode: [_like("seed", x, u) for x, u in zip(seed, wanted[mode], strict=True)] for mode, seed in given.items()}

    @traitlets.validate("step")
    def _valid_step(self, proposal: Any) -> int:
        timelines = self._document["timelines"]
        longest = max(t["steps"]["count"] for t in timelines.values())
        others = 0 if self.mode in timelines else self._document.get("modes", {}).get("longest", 0)
        return min(proposal["value"], self.last_step(self.mode, max(longest, others)))

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """What the browser sent. Only what a reader can change is taken, and only if it is valid; else it is said why not."""
        taught = lesson_of(self._document)
        taken = {name: sync_data[name] for name, control in FROM_BROWSER.items() if name in sync_data and taught.allows(control)}
        before = {name: getattr(self, name) for name in FROM_BROWSER}
        try:
            self._hearing = True
            super().set_state(taken)
        except (traitlets.TraitError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            self._trait_values.update(before)  # of several changes some may have been taken in before one was refused
            said = said_by(error)
            self.say(speaking(self.language, text)("explorer.message", reason=said if isinstance(said, Text) else said[:300]))
        finally:
            self._hearing = False

    def _take_inputs(self, change: Any) -> None:
        self._point = dict(self.inputs)
        self._write_attributes()
        if not self._quiet:
            self._rebuild()

    def _take_attribute(self, change: Any) -> None:
        """One input was set by its own name, perhaps by a slider that is linked to it."""
        given = {name: getattr(self, attribute) for name, attribute in self._names.items()}
        if not all(_same(given[name], self.inputs[name]) for name in given):
            self.inputs = given

    def _write_attributes(self) -> None:
        with self.hold_trait_notifications():
            for name, attribute in self._names.items():
                if not _same(getattr(self, attribute), self.inputs[name]):
                    setattr(self, attribute, self.inputs[name])

    def say(self, sentence: str) -> None:
        """Shows what went wrong; a sentence of ours follows the language."""
        self._said, self.alert = sentence, str(sentence)

    def _take_language(self, change: Any) -> None:
        if self.alert and self.alert == self._said and isinstance(self._said, Text):
            self.say(in_language(self._said, self.language))

    def _rebuild(self) -> None:
        """The document for the inputs and seeds as they are now; if there is none, why not, and the old one stays."""
        try:
            found, seeds, timelines = speaking(self.language, self._build)(dict(self.inputs), {mode: list(seed) for mode, seed in self.seeds.items()})
            self.begin(timelines, found)
        except Exception as error:  # whatever the learner's function raises is for the learner to read
            self.say(speaking(self.language, describe)(error))
            return
        self._document, self._seeds, self.timelines = found, seeds, timelines
        self.show_again()

    def show_again(self) -> None:
        """Sends the document as it may be seen now."""
        content, columns = text_and_bytes(self.shown_document())
        with self._without_building(), self.hold_sync():
            self.columns, self.document, self.alert = columns, content, ""
            self.seeds = self._seeds
            self.step = self._valid_step({"value": self.step})

    @contextmanager
    def _without_building(self) -> Iterator[None]:
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before


def _trait(name: str, x: Any) -> traitlets.TraitType[Any, Any]:
    """A trait for one input: a float, or an array of that shape."""
    return Entries(x, name) if isinstance(x, np.ndarray) else traitlets.Float(x)


class Entries(traitlets.TraitType[Any, Any]):
    """An array of a fixed shape."""

    def __init__(self, x: np.ndarray, name: str) -> None:
        super().__init__(x)
        self.like, self.called = x, name

    def validate(self, obj: Any, value: Any) -> np.ndarray:
        return _like(self.called, value, self.like)


def _like(name: str, x: Any, like: Any) -> Any:
    """A float, inf and nan included, or an array of the same shape and precision as `like`."""
    if not isinstance(like, np.ndarray):
        if isinstance(x, bool) or not isinstance(x, int | float | np.floating):
            raise traitlets.TraitError(text("explorer.number", name=name, given=repr(x)[:60]))
        return float(x)
    if isinstance(x, AsItIs) and x.shape == like.shape:
        return like
    try:
        entries = np.array(x if isinstance(x, np.ndarray | list | tuple) else None)
    except ValueError:  # rows of different lengths
        entries = np.array(None)
    if entries.shape != like.shape or entries.size and entries.dtype.kind not in "iuf":
        raise traitlets.TraitError(text("explorer.array", name=name, shape=like.shape, given=repr(x)[:60]))
    return entries.astype(like.dtype)


def _same(a: Any, b: Any) -> bool:
    """Whether two inputs are the same, nan being the same as nan."""
    return np.shape(a) == np.shape(b) and bool(np.array_equal(a, b, equal_nan=True))


def describe(error: BaseException) -> str:
    """An exception in words: what it says, and the learner's line it comes from."""
    said = said_by(error) if isinstance(error, AdvizError) else f"{type(error).__name__}: {error}".removesuffix(": ")
    frames = []
    tb = error.__traceback__
    while tb is not None:
        if not is_internal(tb.tb_frame.f_code):
            frames.append((tb.tb_frame.f_code.co_filename, tb.tb_lineno))
        tb = tb.tb_next
    code = linecache.getline(*frames[-1]).strip() if frames else ""
    return text("explorer.error_at", error=said, line=frames[-1][1], code=code) if code else said
