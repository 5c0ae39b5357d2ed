"""The sweeps without their steps, as text: each is rewritten from its own text, so that the algorithm stays written once.

They can be printed: `print(sweep_source(reverse_sweep))`, `print(sweep_source(reverse_sweep, arrays=True, send="send"))`.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple

SHARE, SUMMED = "share = a.share(k, v_bar)", "share if before is None else before + share"  # as the reverse sweep has them
FINISHED = "islice(reversed(adjoint), len(trace.inputs) - 1, len(adjoint) - 1)"  # v̄_l .. v̄_1, each read when its turn comes


def sweep_source(sweep: Callable[..., Any], *, arrays: bool = False, send: str = "") -> str:
    """The numeric reading of a sweep: its own text without its steps, over a tape's events instead of a trace's assignments.

    Six rewritings: `yield` statements go; the loop over assignments unpacks events; `v_bar = adjoint[a.index]` is read off the list of adjoints
    from its end, where the iterator sees what was added meanwhile; `for k, j in a.active` becomes one copy per operand; `a.share(k, x)` and
    `a.term(k, x)` become x times the recorded partial; what is not `settled` stays None.

    With `arrays` shares, terms and sums become calls instead: shares(trace, a, v_bar), term_of(trace, a, k, u_dot), added(adjoint[j], share). With
    `send`, "send" or "send_large", every kind of array line has the loop over its operands as a function of its own, of that name
    (`line_source`), and an adjoint that was sent on is let go of.
    """
    rewriting = {"": _OnArrays, "send": _Sending, "send_large": _SendingLarge}[send] if arrays else _WithoutSteps
    return ast.unparse(ast.fix_missing_locations(rewriting().visit(_tree(sweep))))


class Shares(NamedTuple):
    """How a kind of array line computes what its operands receive, as text in a, b, v, v_bar, parameters and the event itself."""

    statements: Sequence[Sequence[str] | None] = ()  # that set `share`, per operand; None where nothing flows; none at all: by its map
    first: Sequence[str] = ()  # statements before these
    summed: str = "share if before is None else added(before, share)"


def line_source(sweep: Callable[..., Any], shares: Shares, *, large: bool = False) -> str:
    """send(adjoint, event, v_bar): the reverse sweep's loop over the operands of one line of arrays, one copy per
    operand. Where arrays are `large` there is a last argument, memory, and the arithmetic is memory.write(...)."""
    (loop,) = (node for node in ast.walk(_tree(sweep)) if isinstance(node, ast.For) and ast.unparse(node.iter) == "a.active")
    lines = [f"def send(adjoint, event, v_bar{', memory' * large}):"]
    if shares.statements:
        a, j = (", ".join(f"{prefix}{u}" for u in "ab"[: len(shares.statements)]) for prefix in ("", "j_"))
        lines += [f"    _, ({j},), parameters, v, ({a},), _ = event"]
        lines += _by_operand(shares, lambda u, statements: _body(loop, statements, shares.summed, f"j_{u}"))
    else:
        body = _body(loop, ["share = mapped(k, event, v_bar)"], shares.summed, "j")
        lines += ["    for k, j in enumerate(event[1]):", "        if j.__class__ is int:", *(" " * 12 + line for line in body)]
    text = "\n".join([*lines, ""])
    return ast.unparse(ast.fix_missing_locations(_InMemory().visit(ast.parse(text)))) if large else text


def _by_operand(shares: Shares, body: Callable[[str, Sequence[str]], list[str]]) -> list[str]:
    """A body for each operand that is a variable."""
    letters = "ab"[: len(shares.statements)]
    lines = ["    " + s for s in shares.first]
    for u, statements in zip(letters, shares.statements, strict=True):
        if statements is not None:
            indented = [" " * 8 + line for line in body(u, statements)]
            lines += [f"    if j_{u}.__class__ is int:", *indented] if len(letters) > 1 else [line[4:] for line in indented]
    return lines


def _tree(sweep: Callable[..., Any]) -> ast.Module:
    return ast.parse(textwrap.dedent(inspect.getsource(sweep)))


def _body(loop: ast.For, share: Sequence[str], summed: str, j: str) -> list[str]:
    """The loop's body for one operand, without its steps."""
    statements = [ast.unparse(s).replace("[j]", f"[{j}]") for s in loop.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Yield))]
    return [line for s in statements for line in (share if s == SHARE else [s.replace(SUMMED, summed)])]


class _WithoutSteps(ast.NodeTransformer):
    """The six rewritings of `sweep_source`."""

    event = "(a_row, j0, j1, a_value, p0, p1)"

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        return None if ast.unparse(node) == "v_bar = adjoint[a.index]" else self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Yield) else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns, node.args.args = None, [ast.arg("trace"), ast.arg("seed")]
        return self.generic_visit(node)

    def visit_For(self, node: ast.For) -> Any:
        match ast.unparse(node.iter):
            case "reversed(trace.assignments)":
                header = f"for v_bar, {self.event} in zip({FINISHED}, reversed(trace)): pass"
            case "trace.assignments":
                header = f"for a_index, {self.event} in zip(range(1, len(trace)), trace.operations()): pass"
            case "a.active":
                return [copy for k in (0, 1) for copy in self._one_operand(node, k)]
            case _:
                return self.generic_visit(node)
        loop = _loop(header)
        loop.body = node.body
        return self.generic_visit(loop)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        match ast.unparse(node):
            case "a.index":
                return ast.Name("a_index", node.ctx)
            case "trace.size":
                return _expression("len(trace.inputs) + len(trace) - 1")
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return node.args[0] if ast.unparse(node.func) == "settled" else node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        self.generic_visit(node)
        return ast.ListComp(node.elt, node.generators)

    def _one_operand(self, node: ast.For, k: int) -> list[ast.stmt]:
        body = ast.parse("\n".join(ast.unparse(_Operand(k).visit(ast.parse(ast.unparse(s)))) for s in node.body)).body
        body = [s for s in (self.visit(s) for s in body) if s is not None]
        return [ast.If(_expression(f"p{k} is not None"), body, [])]


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _loop(header: str) -> ast.For:
    loop = ast.parse(header).body[0]
    assert isinstance(loop, ast.For)
    return loop


class _Operand(ast.NodeTransformer):
    """The body of `for k, j in a.active` for one operand k."""

    def __init__(self, k: int) -> None:
        self.k = k

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(f"j{self.k}", node.ctx) if node.id == "j" else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if ast.unparse(node.func) in ("a.share", "a.term"):
            return ast.BinOp(node.args[1], ast.Mult(), ast.Name(f"p{self.k}", ast.Load()))
        return node


def noting_source(sweep: Callable[..., Any]) -> str:
    """The numbers of a sweep's steps on a located tape of plain numbers: note(...) for each step in order, but for values, which the tape has.

    The same rewritings, and `yield Propagate(i, x)` becomes note(x); returns what the sweep returns and its list of tangents or adjoints.
    """
    return ast.unparse(ast.fix_missing_locations(_Noting().visit(_tree(sweep))))


class _Noting(_WithoutSteps):
    """The rewritings of `noting_source`."""

    event = "(a_row, j0, j1, a_value, p0, p1, a_instruction)"

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        flows = next(s.targets[0] for s in node.body if isinstance(s, ast.Assign))
        super().visit_FunctionDef(node)
        node.args.args.append(ast.arg("note"))
        last = node.body[-1]
        assert isinstance(last, ast.Return)
        assert last.value is not None
        assert isinstance(flows, ast.Name)
        last.value = ast.Tuple([last.value, ast.Name(flows.id, ast.Load())], ast.Load())
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        if not isinstance(node.value, ast.Yield):
            return node
        step = node.value.value
        assert isinstance(step, ast.Call)
        name, number = ast.unparse(step.func), ast.unparse(self.visit(step.args[-1]))
        if name == "Evaluate":
            return None
        noted = number if name in ("Contribute", "Accumulate") else f"0.0 if {number} is None else {number}"
        return ast.Expr(_expression(f"note({noted})"))


class _OnArrays(_WithoutSteps):
    """The rewritings for a tape with array operations, whose shares and terms are computed by calls."""

    event = "a"

    def visit_For(self, node: ast.For) -> Any:
        if ast.unparse(node.iter) != "a.active":
            return super().visit_For(node)
        shares = any(ast.unparse(s) == SHARE for s in node.body)
        header = "for j, share in shares(trace, a, v_bar): pass" if shares else "for k, j in active_operands(a): pass"
        loop = _loop(header)
        loop.body = [s for s in (self.visit(s) for s in node.body) if s is not None]
        return loop

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        return None if ast.unparse(node) in (SHARE, "before = adjoint[j]") else super().visit_Assign(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if ast.unparse(node.func) == "a.term":
            k, u_dot = map(ast.unparse, node.args)
            return _expression(f"term_of(trace, a, {k}, {u_dot})")
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        summed = ast.unparse(node) == SUMMED
        return _expression("added(adjoint[j], share)") if summed else self.generic_visit(node)


class _Sending(_OnArrays):
    """The rewritings for the quick reverse sweep: lines of numbers as `_WithoutSteps` has them, beside lines of arrays that send by themselves."""

    send = "(a[5].send or ready(a[5]))(adjoint, a, v_bar)"

    def visit_For(self, node: ast.For) -> Any:
        match ast.unparse(node.iter):
            case "reversed(trace.assignments)":
                loop = _loop("for a_index, a in zip(range(len(trace) - 1, 0, -1), reversed(trace)): pass")
                loop.body = node.body
                return self.generic_visit(loop)
            case "a.active":
                choice = ast.parse(f"if a[0].__class__ is str:\n    {_WithoutSteps.event} = a\nelse:\n    {self.send}").body[0]
                assert isinstance(choice, ast.If)
                choice.body += _WithoutSteps().visit_For(node)
                return choice
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> Any:
        if ast.unparse(node) == "v_bar = adjoint[a.index]":
            return ast.parse("v_bar = adjoint[a_index]\nadjoint[a_index] = None").body
        return super().visit_Assign(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return _WithoutSteps.visit_Call(self, node)


class _SendingLarge(_Sending):
    """The rewritings where arrays are large: what is needed no more is released."""

    send = "(a[5].send_large or ready(a[5], True))(adjoint, a, v_bar, trace.memory)\n    trace.memory.release(v_bar)"


class _InMemory(ast.NodeTransformer):
    """Arithmetic as calls of memory.write, for one line where arrays are large."""

    written: ClassVar[dict[type[ast.AST], str]] = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.USub: "negative"}
    helpers = frozenset({"added", "fitted", "float", "getattr", "isinstance", "mapped", "placed", "standing"})

    def visit_Assign(self, node: ast.Assign) -> Any:
        self.generic_visit(node)
        summed = isinstance(node.targets[0], ast.Subscript)
        return [node, ast.parse("memory.release(share)").body[0]] if summed else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return self._write(type(node.op), node.left, node.right) if type(node.op) in self.written else node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return self._write(type(node.op), node.operand) if type(node.op) in self.written else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        own = isinstance(node.func, ast.Name) and node.func.id not in self.helpers
        return ast.Call(_expression("memory.write"), [node.func, *node.args], []) if own else node

    def _write(self, operator: type[ast.AST], *operands: ast.expr) -> ast.Call:
        return ast.Call(_expression("memory.write"), [ast.Name(self.written[operator], ast.Load()), *operands], [])
