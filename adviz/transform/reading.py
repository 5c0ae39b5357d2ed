"""From the learner's function to statements: what it computes, in the order Python computes it, each number under a name of its own.

The reader walks the tree once, as Python would run it, but through both branches of an if and once through a loop. Functions the learner's
function calls are read in place. Where a guess turns out wrong (a variable that seemed constant is not), the reading starts again.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from types import ModuleType
from typing import Any

import numpy as np

from adviz.errors import OutputError
from adviz.texts import text as sentence
from adviz.transform import arrays, builtin, calls, conditions, containers, expressions, flow, loops, recursion
from adviz.transform.facts import Again, Facts
from adviz.transform.learner import MISSING, Learner, refusal
from adviz.transform.liveness import Liveness
from adviz.transform.statements import Effect, If, Let, Mirror, Op, Place, Region
from adviz.transform.structured import RESULT, Structured
from adviz.transform.values import CONSTANT, NUMBER, TOKEN, Bundle, Known, Text, Var, is_active, text_of

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
        self.verbatim: list[int] = []  # the loops over known constants around the statement that is read
        self.region = Region(None, None)
        self.serial = 0
        self.scope: Scope
        self.reread: set[int] = set()

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
        return Place(self.scope.of.file, getattr(node, "lineno", 0))

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
        if text is None or text.type in (str, type(None), list, tuple, dict):
            self.refuse(node, "list" if isinstance(u, Bundle | Var) else "not_number")
        return self.settled(text, node)

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

    def fact_of(self, u: Var, text: str, hint: str) -> Text:
        """What is true of a list now: if the list may change, under a name."""
        if u.readonly:
            return Text(text, int)
        var = self.let(Text(text, int), hint, self.scope.of.node)
        var.by = var.by._replace(pure=False)
        return Text(var.token, int)

    def let(self, text: Text, hint: str | None, node: ast.AST) -> Var:
        """A constant under a name."""
        var = self.new(CONSTANT, hint)
        var.type = text.type
        var.by = Let((var,), var.token, text.code, self.place(node), not self.is_costly(text.code))
        self.emit(var.by)
        return var

    def constant(self, value: Any, hint: str) -> Text:
        """An object of the learner's as a name of the program: as it is now, for the program keeps a copy."""
        if getattr(builtins, hint, None) is value:
            return Text(hint)
        key = (type(value), value) if type(value) in (int, float) else id(value)
        found = self.constants.get(key)
        if found is None:
            var = Var(len(self.variables), CONSTANT, hint if hint.isidentifier() else "constant", None)
            self.variables.append(var)
            copied = deepcopy(value) if type(value) in (list, tuple, dict, np.ndarray) else value
            found = self.constants[key] = (var, copied, value)
        known = value if type(value) in (int, float, bool) else MISSING
        return Text(found[0].token, type(value), known)

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

    # names

    def lookup(self, name: str, node: ast.AST) -> Any:
        """What a name stands for."""
        scope: Scope | None = self.scope
        while scope is not None:
            if name in scope.env:
                return scope.env[name]
            if name in scope.local:
                self.refuse(node, "unbound", name=name)
            found = scope.of.named(name)
            if found is not MISSING:
                return self.wrapped(found, name)
            scope = scope.around
        return self.refuse(node, "unbound", name=name)

    def wrapped(self, value: Any, name: str) -> Any:
        """An object of the learner's module as a value."""
        if value is None or isinstance(value, str | bool):
            return Text(repr(value), type(value), value)
        if callable(value) or isinstance(value, ModuleType):
            return Known(value)
        return self.constant(value, name)

    def bind(self, target: ast.expr, value: Any, origin: ast.AST | None) -> None:
        """target = value"""
        match target:
            case ast.Name(id=name):
                self.scope.env[name] = self.named(value, name, target, origin)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                containers.unpack(self, targets, value, target)
            case ast.Subscript():
                containers.store(self, target, value)
            case ast.Attribute():
                self.refuse(target, "attribute")
            case _:
                self.refuse(target, "statement", what=type(target).__name__)

    def named(self, value: Any, name: str, node: ast.AST, origin: ast.AST | None) -> Any:
        """A value that the learner gives a name: the variable takes it, a constant is computed under it."""
        match value:
            case Var():
                if value.hint is None and value.place is None and name.isidentifier():
                    value.hint = name
                return value
            case Bundle(kind=kind, token=None) if not is_active(value) and name.isidentifier() and (text := text_of(value)) is not None:
                var = self.let(text._replace(type=kind), name, node)
                var.origin = value.node
                return var if id(value.node) in self.facts.objects else value._replace(token=var.token)
            case Text(type=kind, known=known) if known is None or kind in (str, type(None)):
                return value
            case Text() if name.isidentifier() and TOKEN.fullmatch(value.code) is None:
                var = self.let(value, name, node)
                var.origin = origin
                return var if value.known is MISSING else Text(var.token, value.type, value.known)
        return value

    def argument(self, value: Any, name: str, node: ast.AST) -> Any:
        """An argument as the function called knows it: computed once."""
        return self.named(value, name, node, None) if isinstance(value, Text) and not value.simple else value

    def constants_unpacked(self, target: ast.Tuple, text: Text, node: ast.AST) -> None:
        """a, (b, c) = a constant"""
        variables: list[Var] = []
        pattern = loops.pattern(self, target, variables, None)
        self.emit(Let(tuple(variables), pattern[1:-1].rstrip(",") + ("," if len(target.elts) == 1 else ""), text.code, self.place(node)))

    # lists and loops

    def object(self, u: Bundle, node: ast.AST) -> Any:
        """A display as an object of the program, made where it was written."""
        if u.node is not None and id(u.node) not in self.facts.made:
            self.facts.made.add(id(u.node))
            raise Again
        return containers.materialised(self, u, node)

    def changed(self, u: Any, node: ast.AST) -> Any:
        """A constant list that is changed: it is an object of the program, and what is read of it is read once."""
        if isinstance(u, Bundle) and u.node is not None and id(u.node) not in self.facts.objects:
            self.facts.objects.add(id(u.node))
            raise Again
        if not self.facts.mutable:
            self.facts.mutable = True
            raise Again
        return u

    def write_out(self, node: ast.AST) -> Any:
        """What is chosen here depends on a loop over known constants: its passes are written out, one by one."""
        if not self.verbatim:
            self.refuse(node, "chosen")
        self.facts.unrolled.add(self.verbatim[-1])
        raise Again

    def entry_type(self, u: Any) -> type | None:
        """The type that all entries of a constant list have, where that is known."""
        if isinstance(u, Bundle):
            types = {item.type if isinstance(item, Text) else None for item in u.items}
        else:
            kept = [value for var, value, _ in self.constants.values() if isinstance(u, Text) and u.code == var.token]
            types = set(map(type, kept[0])) if kept and isinstance(kept[0], list | tuple) else {None}
        only = types.pop() if len(types) == 1 else None
        return only if only in (int, float) else None

    def listed(self, text: Text, kept: list[Text], node: ast.AST) -> Text:
        """Constants as a list, made once."""
        if not kept:
            kept.append(Text(self.let(Text(f"list({text.code})", list), "entries", node).token, list))
        return kept[0]

    def copied(self, u: Var, kind: type, node: ast.AST) -> Var:
        """list(u), tuple(u)"""
        containers.owned(self, u)
        return self.mirror(u.kind, f"{kind.__name__}({u.token})", f"{kind.__name__}({u.shadow})", node)

    def chosen(self, test: Text, rows: tuple[str, str], operands: tuple[Any, Any], node: ast.AST) -> Any:
        """np.where of numbers: one row or the other."""
        ways = []
        for row in rows:
            region = Region(self.region, self.region.loop)
            with self.within(region):
                ways.append((region, self.op(row, operands, np.where, node)))
        return flow.two_ways(self, test, ways[0], ways[1], node)

    def better(self, op: ast.cmpop, u: Any, best: Any, node: ast.AST) -> Any:
        """u if it is larger (smaller), else best."""
        test = conditions.compared(self, op, u, best, node)
        return flow.two_ways(self, test, *((Region(self.region, self.region.loop), w) for w in (u, best)), node)

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

    def augmented(self, s: ast.AugAssign) -> None:
        """target op= value"""
        target = s.target
        read = {ast.Name: ast.Name, ast.Subscript: ast.Subscript}.get(type(target))
        if read is None:
            self.refuse(target, "attribute")
        current = self.facts.nodes.setdefault(id(s), _loaded(target))
        u = self.value(current)
        w = self.value(s.value)
        if isinstance(s.op, ast.Add) and (containers.is_list(u) or (isinstance(u, Bundle) and u.kind is list)):
            containers.extended(self, u, w, s)
            return
        self.bind(target, expressions.operation(self, s.op, u, w, s), None)

    def imported(self, s: ast.Import | ast.ImportFrom) -> None:
        """An import inside the function: done now."""
        for alias in s.names:
            if isinstance(s, ast.ImportFrom):
                if alias.name == "*" or s.level:
                    self.refuse(s, "statement", what="from ... import *")
                found = getattr(importlib.import_module(s.module or ""), alias.name)
                self.scope.env[alias.asname or alias.name] = self.wrapped(found, alias.asname or alias.name)
            else:
                module = importlib.import_module(alias.name)
                first = alias.name.partition(".")[0]
                self.scope.env[alias.asname or first] = Known(module if alias.asname else importlib.import_module(first))

    # expressions: each kind has its module

    def value(self, node: ast.expr) -> Any:
        return expressions.value(self, node)

    def condition(self, node: ast.expr) -> Text:
        return conditions.condition(self, node)

    def boolean(self, node: ast.BoolOp) -> Any:
        return conditions.boolean(self, node)

    def conditional(self, node: ast.IfExp) -> Any:
        return conditions.conditional(self, node)

    def text(self, node: ast.expr) -> Text:
        return expressions.constant_text(self, node)

    def is_constant(self, node: ast.expr) -> bool:
        return expressions.is_constant(self, node)

    def display(self, node: ast.Tuple | ast.List) -> Any:
        return containers.display(self, node)

    def made(self, bundle: Bundle, node: ast.expr) -> Any:
        return containers.made(self, bundle, node)

    def materialised(self, bundle: Any, node: ast.AST) -> Any:
        return containers.materialised(self, bundle, node)

    def subscript(self, node: ast.Subscript) -> Any:
        return containers.subscript(self, node)

    def entry(self, u: Any, index: Text, node: ast.AST) -> Any:
        return containers.entry(self, u, index, node)

    def joined(self, op: ast.operator, a: Any, b: Any, node: ast.AST) -> Any:
        return containers.joined(self, op, a, b, node)

    def method(self, u: Any, name: str, node: ast.Call) -> Any:
        return containers.method(self, u, name, node)

    def constant_method(self, u: Any, base: Text, name: str, node: ast.Call) -> Any:
        return containers.constant_method(self, u, base, name, node)

    def promote(self, u: Any, kind: Any) -> None:
        containers.promote(self, u, kind)

    def comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> Any:
        return builtin.comprehension(self, node)

    def builtin(self, function: Any) -> Any:
        return builtin.builtin(function)

    def call(self, node: ast.Call) -> Any:
        return calls.call(self, node)

    def owned(self, u: Any) -> Any:
        return containers.owned(self, u)

    def given(self, node: ast.Call) -> Any:
        return calls.given(self, node)

    def recursive(self, key: Any, of: Learner, around: Any, values: dict[str, Any], node: ast.AST) -> Any:
        return recursion.call(self, key, of, around, values, node)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("array_"):
            return getattr(arrays, name).__get__(self)
        raise AttributeError(name)


REFUSED = {
    "Try": "try", "TryStar": "try", "With": "with", "Global": "global", "Nonlocal": "global", "ClassDef": "class", "Delete": "delete",
    "Match": "match", "AsyncFunctionDef": "async", "AsyncFor": "async", "AsyncWith": "async", "FunctionDef": "decorator",
}  # fmt: skip


def _loaded(target: ast.expr) -> ast.expr:
    """A target as it is read."""
    copy = deepcopy(target)
    copy.ctx = ast.Load()  # type: ignore[attr-defined]
    return copy


def nothing_returned(name: str) -> OutputError:
    """What a program raises where the learner's function returns nothing."""
    return OutputError(sentence("output.none", function=name))


__all__ = ["If", "Reader", "Scope"]
