"""What a lab is: controls, and parts that are made from the values of some of them.

    Sentence(controls, make)            make(**values) -> text
    Rows(name, controls, make)          make(**values) -> Table, or None where there is nothing to show
    Plot(name, label, frame, layers)    a frame that prepares axes, and layers that draw on them

Each part, and each layer of a plot, names the controls it depends on. So a page without a kernel holds every piece once for each value of its
own controls and not for each combination of all, and with a kernel only what changes is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from adviz.labs.controls import Control, Slider
from adviz.labs.drawing import Sheet
from adviz.widget.live import describe

Values = Mapping[str, Any]  # of the controls, by name


class Cell(NamedTuple):
    """A cell with a role: "tangent", "adjoint", "strong", "muted" or "code"."""

    words: str
    role: str


class Table(NamedTuple):
    """Rows of words; the first cell of a row is its head."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | Cell, ...], ...]
    current: int | None = None  # the row that the sentence speaks of

    def document(self) -> dict[str, Any]:
        rows = [[list(cell) if isinstance(cell, Cell) else cell for cell in row] for row in self.rows]
        return {"caption": self.caption, "columns": list(self.columns), "rows": rows, "current": self.current}


class Sentence(NamedTuple):
    """What is to be seen, in words: make(**values) is text, or "". The first sentence of a lab is announced when it changes."""

    controls: tuple[str, ...]
    make: Callable[..., str]
    name: str = "sentence"


class Rows(NamedTuple):
    """A table that is made from the values of some controls, or None."""

    name: str
    controls: tuple[str, ...]
    make: Callable[..., Table | None]


class Layer(NamedTuple):
    """Something drawn on the axes of a plot: draw(ax, **values)."""

    controls: tuple[str, ...]
    draw: Callable[..., Any]


class Plot(NamedTuple):
    """Axes, and what is drawn on them. `label` says what the picture is of; numbers that matter stand in a table or in the sentence as well."""

    name: str
    label: str
    frame: Layer
    layers: tuple[Layer, ...]


Part = Sentence | Rows | Plot


class Piece(NamedTuple):
    """A part or a layer, by its key: what it depends on, and how its content for JSON is made."""

    controls: tuple[str, ...]
    make: Callable[[Values], Any]


@dataclass(frozen=True)
class Design:
    """A lab, whole. `name` is that of the call, `title` the heading; `still` has the values that differ where nothing moves, on paper."""

    name: str
    title: str
    controls: tuple[Control, ...]
    parts: tuple[Part, ...]
    still: Values = field(default_factory=dict)
    pieces: Mapping[str, Piece] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pieces", dict(item for part in self.parts for item in _pieces(part)))

    @property
    def start(self) -> dict[str, Any]:
        return {control.name: control.start for control in self.controls}

    def taken(self, values: Values) -> dict[str, Any]:
        """The values with those that are given; InputError for one that its control does not have."""
        return {control.name: control.taken(values.get(control.name, control.start)) for control in self.controls}

    def offered(self, values: Values) -> dict[str, Any]:
        """What pieces may depend on: the values, and of a flag whether it is placed."""
        return self.effective({name: x for control in self.controls for name, x in control.offers(values[control.name]).items()})

    def effective(self, values: Values) -> dict[str, Any]:
        """The values, with that of a slider which does not matter as it was at first."""
        idle = {
            control.name: control.start for control in self.controls
            if isinstance(control, Slider) and control.only and values.get(control.only[0], control.only[1]) != control.only[1]
        }  # fmt: skip
        return {name: idle.get(name, x) for name, x in values.items()}

    def content(self, key: str, values: Values) -> Any:
        """What that piece shows; where it cannot be made, {"problem": why}."""
        piece = self.pieces[key]
        try:
            return piece.make({name: values[name] for name in piece.controls})
        except Exception as error:  # whatever the learner's function raises is for the learner to read
            return {"problem": describe(error)}

    def contents(self, values: Values) -> dict[str, Any]:
        return {key: self.content(key, self.offered(values)) for key in self.pieces}

    def document(self) -> dict[str, Any]:
        """The lab without its contents, for JSON."""
        keys = iter(self.pieces)
        return {
            "name": self.name, "title": self.title, "controls": [control.document() for control in self.controls],
            "parts": [_part(part, keys) for part in self.parts],
        }  # fmt: skip

    def grid(self) -> dict[str, tuple[Any, ...]]:
        """Every value of what pieces may depend on, in the order of a page without a kernel."""
        offers = [(name, x) for control in self.controls for chosen in control.grid for name, x in control.offers(chosen).items()]
        return {name: tuple(dict.fromkeys(x for other, x in offers if other == name)) for name, _ in offers}


def _pieces(part: Part) -> Iterator[tuple[str, Piece]]:
    match part:
        case Sentence(controls, make, name):
            yield name, Piece(controls, lambda values: make(**values))
        case Rows(name, controls, tabulate):
            yield name, Piece(controls, lambda values: None if (found := tabulate(**values)) is None else found.document())
        case Plot():
            yield from _plot_pieces(part)


def _plot_pieces(plot: Plot) -> Iterator[tuple[str, Piece]]:
    """The frame and the layers; the axes that were prepared last are kept, for a layer is drawn ten times as fast as they are."""
    kept: dict[str, Sheet] = {}

    def sheet(values: Values) -> Sheet:
        own = {name: values[name] for name in plot.frame.controls}
        if repr(own) not in kept:
            found = Sheet(lambda ax: plot.frame.draw(ax, **own))
            kept.clear()
            kept[repr(own)] = found
        return kept[repr(own)]

    yield plot.name, Piece(plot.frame.controls, lambda values: sheet(values).shapes)
    for k, layer in enumerate(plot.layers):
        controls = tuple(dict.fromkeys(plot.frame.controls + layer.controls))
        yield f"{plot.name}.{k}", Piece(controls, lambda values, layer=layer: _drawn(sheet(values), layer, values))  # type: ignore[misc]


def _drawn(sheet: Sheet, layer: Layer, values: Values) -> Any:
    return sheet.layer(lambda ax: layer.draw(ax, **{name: values[name] for name in layer.controls}))


def _part(part: Part, keys: Iterator[str]) -> dict[str, Any]:
    match part:
        case Sentence():
            return {"kind": "sentence", "key": next(keys)}
        case Rows():
            return {"kind": "table", "key": next(keys)}
        case Plot(_, label, _, layers):
            return {"kind": "plot", "label": label, "keys": [next(keys) for _ in range(1 + len(layers))]}
