"""What one reading of a function finds out and the next one starts with."""

from __future__ import annotations

import ast
from types import FunctionType
from typing import Any

from adviz.transform.reading.learner import Definition, Learner, arguments, of_function
from adviz.transform.reading.liveness import Liveness, assigned
from adviz.transform.reading.structured import Structured


class Again(Exception):
    """A guess was wrong; the facts now say so."""


class Facts:
    """What is known about the function, whatever the reading.

    made        displays (a list, a tuple) that must be an object of the program after all, by the node's id
    active      constants that must be lists with shadows: the kind of list, by the id of the node that makes them
    arrays      an operation of it is one of arrays
    guesses     the kind of a variable that a loop carries
    recursive   functions that call themselves
    results     what a function that calls itself returns: the kind, by what it is called with
    cells       parameters whose entries keep their adjoints in cells
    containers  parameters that are lists, with the kind of list
    arrayed     parameters that are computed with as a whole, and so are arrays
    unrolled    loops over constants whose passes are written out
    objects     constant displays that are changed later
    mutable     a constant list is changed: its entries are not read twice
    synthetic   the loops that sum, max, a comprehension stand for; `nodes` other expressions made along with them
    """

    def __init__(self) -> None:
        self.guess = False  # whether the kinds of the parameters are guessed, not those of arguments
        self.arrays = False
        self.made: set[int] = set()
        self.active: dict[int, Any] = {}
        self.guesses: dict[Any, Any] = {}
        self.recursive: set[Any] = set()
        self.results: dict[Any, Any] = {}
        self.cells: set[str] = set()
        self.unrolled: set[int] = set()
        self.containers: dict[str, Any] = {}
        self.arrayed: set[str] = set()
        self.objects: set[int] = set()
        self.mutable = False
        self.synthetic: dict[Any, ast.FunctionDef] = {}
        self.nodes: dict[int, Any] = {}
        self._learners: dict[int, Learner] = {}
        self._bodies: dict[int, tuple[Definition, Structured, Liveness, frozenset[str]]] = {}

    def learner(self, f: FunctionType) -> Learner:
        """The text of a function, found once."""
        if id(f) not in self._learners:
            self._learners[id(f)] = of_function(f)
        return self._learners[id(f)]

    @property
    def learners(self) -> list[Learner]:
        """The functions that were read because the first one calls them."""
        return list(self._learners.values())

    def _body(self, node: Definition) -> tuple[Definition, Structured, Liveness, frozenset[str]]:
        found = self._bodies.get(id(node))
        if found is None:
            body = Structured(node)
            names = {a.arg for a in arguments(node)}
            if isinstance(node, ast.FunctionDef):
                names |= {name for s in node.body for name in assigned(s)}
            found = self._bodies[id(node)] = (node, body, Liveness(body.body, body.stops), frozenset(names))
        return found

    def structured(self, node: Definition) -> Structured:
        """The body without jumps."""
        return self._body(node)[1]

    def liveness(self, node: Definition) -> Liveness:
        """What is read later, around its ifs and loops."""
        return self._body(node)[2]

    def locals(self, node: Definition) -> frozenset[str]:
        """The names the function assigns, its parameters among them."""
        return self._body(node)[3]
