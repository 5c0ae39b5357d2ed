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

import anywidget
import numpy as np
import traitlets

from adviz.errors import AdvizError
from adviz.position import is_internal
from adviz.texts import text
from adviz.views.assemble import module, stylesheet
from adviz.views.document import text_and_bytes
from adviz.views.quantity import decoded, encoded, problem_of
from adviz.widget.exporting import answer, with_exports

MODES = ("values", "forward", "reverse", "jacobian", "second-order", "program", "compare")
THEMES = ("", "light", "dark")
FROM_BROWSER = ("mode", "step", "inputs", "seeds")

Document = dict[str, Any]
Inputs = dict[str, Any]  # a float or an array by the name of each input
Seeds = dict[str, list[Any]]


class Built(NamedTuple):
    """A document, and the seeds it was made with."""

    content: Document
    seeds: Seeds


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
class Explorer(anywidget.AnyWidget):
    """Step through the derivative of a function. Made by `adviz.explore`.

    mode, step      what is shown; step 0 is the start
    inputs          the point, {"x1": 2.0, "x2": 5.0}, arrays as arrays, the entries of a tuple, list or dict by their own
                    names: {"w[0]": ..., "w[1]": ...}. Each input is also a trait of its own, so that a slider can be
                    linked to it: `ipywidgets.link((slider, "value"), (explorer, "x2"))` ("input_x2" where the widget
                    has an attribute of that name)
    seeds           {"forward": [1.0, 0.0], "reverse": [1.0]}: a number or an array for each input, for each output
    alert           what went wrong when the last document was built; "" if nothing did
    theme           "light", "dark", or "" for that of the page
    """

    _esm = module()
    _css = stylesheet()

    document = traitlets.Unicode().tag(sync=True)
    columns = traitlets.Bytes().tag(sync=True)  # the bytes of its long columns
    mode = traitlets.Enum(MODES, default_value="values").tag(sync=True)
    step = traitlets.Int(0, min=0).tag(sync=True)
    inputs = traitlets.Dict().tag(**NUMBERS)
    seeds = traitlets.Dict().tag(**NUMBERS)
    alert = traitlets.Unicode().tag(sync=True)
    theme = traitlets.Enum(THEMES, default_value="").tag(sync=True)
    language = traitlets.Unicode("en").tag(sync=True)

    def __init__(
        self, build: Build, *, inputs: Mapping[str, Any], seeds: Mapping[str, Sequence[Any]] | None = None,
        mode: str = "values", step: int = 0, theme: str = "", language: str = "en",
    ) -> None:  # fmt: skip
        self._build = build
        self._quiet = False
        start = self._point = dict(inputs)
        self._document, self._seeds = build(start, {name: list(seed) for name, seed in (seeds or {}).items()})
        content, columns = text_and_bytes(self._document)
        self._names = {name: f"input_{name}" if hasattr(type(self), name) else name for name in start}
        super().__init__(
            document=content, columns=columns, inputs=start, seeds=self._seeds, mode=mode, step=step, theme=theme, language=language
        )
        self.add_traits(**{attribute: _trait(name, start[name]) for name, attribute in self._names.items()})
        self.observe(self._take_inputs, ["inputs", "seeds"])
        self.observe(self._take_attribute, list(self._names.values()))
        self.on_msg(answer)

    def __repr__(self) -> str:
        return f"Explorer({self._document['title']}, mode={self.mode!r}, step={self.step})"

    def shown_document(self) -> dict[str, Any]:
        """The trace document that is on the screen."""
        return self._document

    @traitlets.validate("inputs")
    def _valid_inputs(self, proposal: Any) -> Inputs:
        given = proposal["value"]
        if given.keys() != self._names.keys():
            raise traitlets.TraitError(text("explorer.inputs", names=", ".join(self._names), given=", ".join(map(str, given))))
        return {name: _like(name, given[name], self._point[name]) for name in self._names}

    @traitlets.validate("seeds")
    def _valid_seeds(self, proposal: Any) -> Seeds:
        given, wanted = proposal["value"], self._seeds
        if not given.keys() <= wanted.keys():
            raise traitlets.TraitError(text("explorer.seeds", names=", ".join(wanted), given=", ".join(map(str, given))))
        for mode, seed in given.items():
            if not isinstance(seed, list | tuple) or len(seed) != len(wanted[mode]):
                raise traitlets.TraitError(text("explorer.seed_length", mode=mode, count=len(wanted[mode]), given=repr(seed)[:60]))
        return wanted | {mode: [_like("seed", x, u) for x, u in zip(seed, wanted[mode], strict=True)] for mode, seed in given.items()}

    @traitlets.validate("step")
    def _valid_step(self, proposal: Any) -> int:
        timelines = self._document["timelines"]
        longest = max(t["steps"]["count"] for t in timelines.values())
        return min(proposal["value"], longest if self.mode in timelines else max(longest, self._document.get("modes", {}).get("longest", 0)))

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """What the browser sent. Only what a reader can change is taken, and only if it is valid; else it is said why not."""
        before = {name: getattr(self, name) for name in FROM_BROWSER}
        try:
            super().set_state({name: sync_data[name] for name in FROM_BROWSER if name in sync_data})
        except (traitlets.TraitError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            self._trait_values.update(before)  # of several changes some may have been taken in before one was refused
            self.alert = text("explorer.message", reason=str(error)[:300])

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

    def _rebuild(self) -> None:
        """The document for the inputs and seeds as they are now; if there is none, why not, and the old one stays."""
        try:
            found, seeds = self._build(dict(self.inputs), {mode: list(seed) for mode, seed in self.seeds.items()})
            content, columns = text_and_bytes(found)
        except Exception as error:  # whatever the learner's function raises is for the learner to read
            self.alert = describe(error)
            return
        self._document, self._seeds = found, seeds
        with self._without_building(), self.hold_sync():
            self.columns, self.document, self.alert = columns, content, ""
            self.seeds = seeds
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
    said = str(error) if isinstance(error, AdvizError) else f"{type(error).__name__}: {error}".removesuffix(": ")
    frames = []
    tb = error.__traceback__
    while tb is not None:
        if not is_internal(tb.tb_frame.f_code):
            frames.append((tb.tb_frame.f_code.co_filename, tb.tb_lineno))
        tb = tb.tb_next
    code = linecache.getline(*frames[-1]).strip() if frames else ""
    return text("explorer.error_at", error=said, line=frames[-1][1], code=code) if code else said
