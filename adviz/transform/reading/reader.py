"""From the learner's function to statements: what it computes, in the order Python computes it, each number under a name of its own.

The reader walks the tree once, as Python would run it, but through both branches of an if and once through a loop. Functions the learner's
function calls are read in place. Where a guess turns out wrong (a variable that seemed constant is not), the reading starts again.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from adviz.errors import OutputError
from adviz.texts import text as sentence
from adviz.transform.reading import (
    arrays,
    builtin,
    calls,
    conditions,
    containers,
    displays,
    expressions,
    flow,
    loops,
    methods,
    naming,
    objects,
    recursion,
)  # fmt: skip
from adviz.transform.reading.facts import Again, Facts
from adviz.transform.reading.learner import MISSING, Learner, refusal
from adviz.transform.reading.liveness import Liveness
from adviz.transform.reading.structured import RESULT, Structured
from adviz.transform.statements import Effect, Let, Mirror, Op, Place, Region
from adviz.transform.values import CONSTANT, NUMBER, Bundle, Text, Var, may_be_none, text_of

COSTLY = re.compile(r"[\w\])]\(|\[")  # a call, an entry of a list
CHEAP = re.compile(r"\b(?:len|range|float)\([^()]*\)")


class Scope:
    """The names of one call of a function: `env` what they stand for now, `around` the function it was defined in."""

    def __init__(self, of: Learner, around: Scope | None, path: tuple[Any, ...], facts: Facts) -> None:
        self.of, self.around, self.path = of, around, path
        self.env: dict[str, Any] = {}
        self.body: Structured = facts.structured(of.node)
        self.live: Liveness = facts.liveness(of.node)
        self.local = facts.locals(of.node)


class Reader:
    """One reading of a function."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.variables: list[Var] = []
        self.constants: dict[Any, tuple[Var, Any, Any]] = {}  # by the object's id, or a number's value: name, copy, object
        self.functions: dict[Any, Any] = {}  # of functions that call themselves: by what they are called with
        self.calls: list[Any] = []  # the functions being read, the innermost last
        self.recursions: list[Any] = []  # those of them that call themselves
        self.heads: dict[int, Any] = {}  # by the variable a pass of a loop begins with: what its kind is guessed by
        self.verbatim: list[int] = []  # the loops over known constants around the statement that is read
        self.region = Region(None, None)
        self.serial = 0
        self.scope: Scope

    # what the parts of the reader are made with

    def new(self, kind: Any, hint: str | None = None, region: Region | None = None) -> Var:
        """A fresh variable."""
        hint = hint.strip("<> 0123456789") if hint and hint.startswith("<") else hint
        var = Var(len(self.variables), kind, hint, region or self.region)
        self.variables.append(var)
        return var

    def emit(self, statement: Any) -> None:
        """The next statement of the region."""
        self.region.statements.append(statement)

    def place(self, node: ast.AST) -> Place:
        """Where a node stands in the learner's text."""
        of = self.scope.of
        return Place(of.file, getattr(node, "lineno", -of.before) + of.before)

    def refuse(self, node: ast.AST, key: str, **slots: object) -> Any:
        """Raise the SyntaxError that points at the node."""
        raise refusal(f"transform.{key}", node, self.scope.of, **slots)

    def op(self, row: str, operands: Iterable[Any], plain: Callable[..., Any], node: ast.AST) -> Var:
        """v = φ(operands), as the next statement."""
        given = tuple(self.operand(u, node) for u in operands)
        var = self.new(NUMBER)
        self.serial += 1
        var.serial = self.serial
        var.by = Op(var, row, given, plain, self.place(node))
        self.emit(var.by)
        return var

    def operand(self, u: Any, node: ast.AST) -> Var | Text:
        """A number or a constant to compute with."""
        if isinstance(u, Var) and u.kind == NUMBER:
            return u
        text = None if isinstance(u, Bundle) else text_of(u)
        if text is None and arrays.is_array_after_all(self, u):
            raise Again
        if text is not None and text.type not in (str, type(None), list, tuple, dict):
            return self.settled(text, node)
        if may_be_none(u) and isinstance(u, Var) and u.id in self.heads:  # None before the loop, computed with in it: a number there
            self.facts.guesses[self.heads[u.id]] = NUMBER
            raise Again
        return self.refuse(node, "list" if isinstance(u, Bundle | Var) else "not_number")

    def settled(self, text: Text, node: ast.AST) -> Text:
        """A constant that may be written twice: computed once, if that costs anything or might give something else the second time."""
        if text.known is not MISSING or not self.is_costly(text.code):
            return text
        if "(" not in CHEAP.sub("", text.code) and not self.facts.mutable:
            return text
        var = self.let(text, None, node)
        return Text(var.token, text.type)

    def is_costly(self, code: str) -> bool:
        """Whether a text costs more than an operation to compute, or may not be the same a second time."""
        return COSTLY.search(code if self.facts.mutable else CHEAP.sub("0", code)) is not None

    def let(self, text: Text, hint: str | None, node: ast.AST) -> Var:
        """A constant under a name."""
        var = self.new(CONSTANT, hint)
        var.type = text.type
        var.by = Let((var,), var.token, text.code, self.place(node), not self.is_costly(text.code))
        self.emit(var.by)
        return var

    def mirror(self, kind: Any, text: str, shadow: str, node: ast.AST) -> Var:
        """A list or a number made of lists, with its shadow made of theirs."""
        var = self.new(kind)
        var.origin = node
        var.by = Mirror(var, text, shadow, self.place(node))
        self.emit(var.by)
        return var

    def emit_mirror(self, var: None, text: str, shadow: str, node: ast.AST) -> None:
        """Something done to a list and to its shadow."""
        self.emit(Mirror(var, text, shadow, self.place(node)))

    @contextmanager
    def within(self, region: Region) -> Iterator[Region]:
        """Statements go into that region."""
        before, self.region = self.region, region
        try:
            yield region
        finally:
            self.region = before

    def opened(self, of: Learner, around: Scope | None, node: ast.AST) -> Scope:
        """The scope of a call."""
        return Scope(of, around, (*self.scope.path, id(node)), self.facts)

    def result(self, scope: Scope) -> Any:
        """Read a function's body; what it returns."""
        before, self.scope = getattr(self, "scope", None), scope
        try:
            self.block(scope.body.body)
            return scope.env.get(RESULT, Text("None", type(None), None))
        finally:
            if before is not None:
                self.scope = before

    # statements

    def block(self, statements: list[ast.stmt]) -> None:
        """Read statements, one after the other."""
        for s in statements:
            self.statement(s)

    def statement(self, s: ast.stmt) -> None:
        """Read one statement."""
        match s:
            case ast.Assign(targets=targets, value=node):
                u = self.value(node)
                for target in targets:
                    self.bind(target, u, node)
            case ast.AugAssign():
                self.augmented(s)
            case ast.AnnAssign(target=target, value=ast.expr() as node):
                self.bind(target, self.value(node), node)
            case ast.AnnAssign() | ast.Pass() | ast.Expr(value=ast.Constant()):
                pass
            case ast.Expr(value=ast.Name(ctx=ast.Del())):  # the end, reached without a return
                self.emit(Effect(f"raise {self.constant(nothing_returned, 'nothing_returned').code}({self.scope.of.name!r})", self.place(s)))
            case ast.Expr(value=node):
                u = self.value(node)
                if isinstance(u, Text) and isinstance(node, ast.Call) and u.known is MISSING:
                    self.emit(Effect(u.code, self.place(s)))
            case ast.If():
                flow.branch(self, s)
            case ast.For():
                loops.for_loop(self, s)
            case ast.While():
                loops.while_loop(self, s)
            case ast.FunctionDef(name=name, decorator_list=[]):
                self.scope.env[name] = expressions.closure(self, s, name)
            case ast.Assert(test=test, msg=message):
                said = f", {expressions.constant_text(self, message, numbers=True).code}" if message is not None else ""
                self.emit(Effect(f"assert {self.condition(test).code}{said}", self.place(s)))
            case ast.Raise(exc=ast.expr() as error):
                self.emit(Effect(f"raise {expressions.constant_text(self, error, numbers=True).code}", self.place(s)))
            case ast.Import() | ast.ImportFrom():
                self.imported(s)
            case _:
                self.refuse(s, REFUSED.get(type(s).__name__, "statement"), what=type(s).__name__.lower())

    # each kind of expression has its module; what is written there is a method here
    lookup, wrapped, constant, called, bind = naming.lookup, naming.wrapped, naming.constant, naming.called, naming.bind
    augmented = naming.augmented
    named, argument, constants_unpacked, imported = naming.named, naming.argument, naming.constants_unpacked, naming.imported
    value, text, is_constant = expressions.value, expressions.constant_text, expressions.is_constant
    condition, boolean, conditional = conditions.condition, conditions.boolean, conditions.conditional
    display, made, materialised, owned = displays.display, displays.made, displays.materialised, displays.owned
    subscript, entry, promote, unpack, store = containers.subscript, containers.entry, containers.promote, containers.unpack, containers.store
    joined, method, constant_method = methods.joined, methods.method, methods.constant_method
    object, changed, changed_display = objects.object, objects.changed, objects.changed_display
    write_out, fact_of = objects.write_out, objects.fact_of
    entry_type, listed, copied, chosen, better = objects.entry_type, objects.listed, objects.copied, objects.chosen, objects.better
    comprehension, call, given, pattern, recursive = builtin.comprehension, calls.call, calls.given, loops.pattern, recursion.call
    array_operation, array_attribute, array_entry = arrays.array_operation, arrays.array_attribute, arrays.array_entry
    array_subscript, array_method, array_call = arrays.array_subscript, arrays.array_method, arrays.array_call
    array_length, array_unpacked, array_key = arrays.array_length, arrays.array_unpacked, arrays.array_key
    array_after_all, list_after_all = arrays.array_after_all, arrays.is_list_after_all
    builtin = staticmethod(builtin.builtin)


REFUSED = {
    "Try": "try", "TryStar": "try", "With": "with", "Global": "global", "Nonlocal": "global", "ClassDef": "class", "Delete": "delete",
    "Match": "match", "AsyncFunctionDef": "async", "AsyncFor": "async", "AsyncWith": "async", "FunctionDef": "decorator",
}  # fmt: skip


def nothing_returned(name: str) -> OutputError:
    """What a program raises where the learner's function returns nothing."""
    return OutputError(sentence("output.none", function=name))
