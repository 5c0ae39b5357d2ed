"""What a name of the learner's stands for while the function is read: a variable of the program, a constant, a bundle, a function."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from adviz.transform.reading.learner import MISSING, Learner

NUMBER, CONSTANT = "number", "constant"


class Container(NamedTuple):
    """The kind of a list, tuple or dict with numbers to differentiate in it: the kind of its entries."""

    entry: Any


Kind = str | Container


class Var:
    """A value of the program, computed once whenever its region runs.

    kind      NUMBER, which has a derivative; CONSTANT; or a Container
    hint      the learner's name for it
    region    where it is computed
    place     the text of the entry it is (`x[0]`), if it has no name of its own
    root      the parameter whose entry it is, and `path` how to get there; `readonly` if of that nothing but entries is ever taken
    twin      the variable it continues, under the same name: what a loop leaves behind
    by        the statement that computes it; `origin` the learner's expression for it
    optional  whether it may be None when the program runs
    """

    __slots__ = ("by", "hint", "id", "kind", "optional", "origin", "path", "place", "readonly", "region", "root", "serial", "twin", "type")

    def __init__(self, number: int, kind: Kind, hint: str | None, region: Any) -> None:
        self.id, self.kind, self.hint, self.region = number, kind, hint, region
        self.place: str | None = None
        self.root: Var | None = None
        self.path: tuple[Any, ...] = ()
        self.readonly = False
        self.twin: Var | None = None
        self.origin: Any = None
        self.optional = False
        self.serial = 0
        self.type: type | None = None
        self.by: Any = None

    def __repr__(self) -> str:
        return f"Var({self.id}, {self.kind}, {self.hint})"

    @property
    def token(self) -> str:
        """What stands for its name until names are given."""
        return self.place or f"\x01{self.id}."

    @property
    def shadow(self) -> str:
        """What stands for the name of its adjoint or tangent: of x[0] that is x_bar[0]."""
        if self.place is None:
            return f"\x01{self.id}~"
        assert self.root is not None
        return self.root.shadow + self.place[len(self.root.token) :]


TOKEN = re.compile("\x01([0-9]+)([.~])")


class Text(NamedTuple):
    """A constant as an expression of the program; `known` is its value if that is known now, `simple` whether it needs no parentheses."""

    code: str
    type: type | None = None
    known: Any = MISSING
    simple: bool = True

    @property
    def inner(self) -> str:
        """The text as an operand."""
        return self.code if self.simple else f"({self.code})"


class Bundle(NamedTuple):
    """A tuple, list or dict whose entries are known one by one; it needs no object in the program."""

    kind: type
    items: tuple[Any, ...]
    keys: tuple[Any, ...] = ()
    node: Any = None  # where it was written, to make a list of it after all
    token: str | None = None  # its name in the program, if its entries are constants

    def replaced(self, items: tuple[Any, ...]) -> Bundle:
        """The same with other entries."""
        return self._replace(items=items)


class Closure(NamedTuple):
    """A function defined inside the one that is read, with the names around it."""

    definition: Learner
    scope: Any
    defaults: tuple[tuple[str, Any], ...]


class Known(NamedTuple):
    """An object that is no number: a module, a function, a class."""

    object: Any


def is_active(u: Any) -> bool:
    """Whether something can be differentiated in it."""
    match u:
        case Var(kind=kind):
            return kind != CONSTANT
        case Bundle(items=items):
            return any(map(is_active, items))
    return False


def may_be_none(u: Any) -> bool:
    """Whether a value may be None when the program runs."""
    return u.optional if isinstance(u, Var) else isinstance(u, Text) and u.type is type(None)


def text_of(u: Any) -> Text | None:
    """A constant as text; None for what is none."""
    match u:
        case Text():
            return u
        case Var(kind="constant"):
            return Text(u.token, u.type)
        case Bundle(kind=kind, token=str() as token):
            return Text(token, kind)
        case Bundle(kind=kind, items=items, keys=keys):
            parts = [text_of(item) for item in items]
            if any(part is None for part in parts):
                return None
            codes = [part.code for part in parts if part is not None]
            if kind is dict:
                return Text("{" + ", ".join(f"{key!r}: {code}" for key, code in zip(keys, codes, strict=True)) + "}", dict)
            if kind is list:
                return Text(f"[{', '.join(codes)}]", list)
            return Text(f"({', '.join(codes)}{',' if len(codes) == 1 else ''})", tuple)
    return None


def constant_in(r: Any, u: Any, node: Any, key: str = "not_number") -> Text:
    """A constant as text; the reader refuses anything else."""
    text = text_of(u)
    return text if text is not None else r.refuse(node, key)


def kind_of(u: Any) -> Any:
    """The kind of a value; of a bundle the kinds of its entries; None for a function or nothing yet."""
    match u:
        case Var(kind=kind):
            return kind
        case Text():
            return CONSTANT
        case Bundle(kind=kind, items=items, keys=keys):
            return Bundle(kind, tuple(map(kind_of, items)), keys)
    return None
