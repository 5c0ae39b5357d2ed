"""The generated fast code: every operator and function of a traced number.

As `dataclasses` writes `__init__`, this module writes code from the table: one text per operator with value and partials
inlined. It is one of the two places where text becomes code; what it makes can be printed: `print(variable_source("Variable", located=False))`,
`print(function_source("sin"))`. The sweeps without their steps are in `generate_sweeps.py`, what is for arrays in `generate_arrays.py`.
No text of a learner ever reaches it: only the formulas of rows, which `readings.parse` has checked, and the syntax trees that
`formulas` makes from operations of the table.
"""

from __future__ import annotations

import ast
import linecache
from itertools import count
from typing import Any

from adviz.generate_sweeps import sweep_source as sweep_source  # for who reads a tape
from adviz.readings import calls, is_safe, on_anything, on_floats, parse
from adviz.table import Elementwise, table

FILE = "<adviz generated>"
numbered = count(1)  # only ever grows: no two generated texts share a name
# fmt: off
BINARY = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide",
    "floordiv": "floor_divide", "mod": "remainder", "pow": "power",
}
UNARY = {"neg": "negative", "pos": "positive", "abs": "abs"}
COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
# fmt: on


def variable_source(name: str, *, located: bool) -> str:
    """The class of a traced number: a handle (tape, index, value) whose operators record themselves.

    A located one also records where in the learner's code it was computed.
    """
    lines = [f"class {name}(Base):", "    __slots__ = ('tape', 'index', 'value')"]
    for method, row in UNARY.items():
        lines += _method(f"__{method}__(self)", _unary_body(table[row], name, located, "self", f"operate({row!r}, self)"))
    for method, row in BINARY.items():
        lines += _method(f"__{method}__(self, other)", _binary_body(table[row], name, located, method))
        lines += _method(f"__r{method}__(self, other)", _reflected_body(table[row], name, located, method))
    for method, symbol in COMPARISONS.items():
        lines += _method(f"__{method}__(self, other)", _comparison_body(symbol, name, located))
    return "\n".join([*lines, "    __hash__ = object.__hash__", ""])


def function_source(name: str) -> str:
    """A row as a plain function: `math` on a float, recorded on a traced number, NumPy on anything else."""
    row = table[name]
    value, partials = on_floats(parse(row.value)), ", ".join(map(str, row.partials))
    documentation = f'    """v = {row.value}; partials: {partials}"""'
    if len(row.partials) == 2:
        guarded = _guarded(f"return {value}", row.value, 2)
        lines = [f"def {name}(a, b):", documentation, "    if a.__class__ is float and b.__class__ is float:", *guarded]
        return "\n".join([*lines, f"    return record({name!r}, a, b)", ""])
    lines = [f"def {name}(x):", documentation, "    kind = x.__class__", "    if kind is float:", "        a = x"]
    lines += _guarded(f"return {value}", row.value, 2)
    otherwise = f"record({name!r}, x)"
    for variable, located in (("Variable", False), ("Located", True)):
        lines += [f"    if kind is {variable}:"]
        lines += ["    " + line for line in _recording(row, variable, located, ("x.value",), "x", ("x.index",), (0,), otherwise)]
    return "\n".join([*lines, f"    return {otherwise}", ""])


def general_source(row: Elementwise) -> str:
    """value(a, b) and the partials of a row on anything that has arithmetic, one function each."""
    arguments = ", ".join("ab"[: len(row.partials)])
    lines = [f"def value({arguments}):", f"    return {on_anything(parse(row.value))}"]
    for k, partial in enumerate(row.partials):
        if partial is not None:
            lines += [f"def partial_{k}({arguments}, v):", f"    return {on_anything(parse(partial))}"]
    return "\n".join([*lines, ""])


def _method(signature: str, body: list[str]) -> list[str]:
    return [f"    def {signature}:", *("    " + line for line in body)]


def _guarded(statement: str, formula: str, depth: int) -> list[str]:
    """The statement, in a try block where its formula can raise."""
    indent = "    " * depth
    if is_safe(parse(formula)):
        return [indent + statement]
    return [f"{indent}try:", f"{indent}    {statement}", f"{indent}except FLOAT_ERRORS:", f"{indent}    pass"]


def _unary_body(row: Elementwise, variable: str, located: bool, operand: str, otherwise: str) -> list[str]:
    return [*_recording(row, variable, located, (f"{operand}.value",), operand, (f"{operand}.index",), (0,), otherwise), f"    return {otherwise}"]


def _binary_body(row: Elementwise, variable: str, located: bool, method: str) -> list[str]:
    otherwise = f"operate({row.name!r}, self, other)"
    both = _recording(row, variable, located, ("self.value", "other.value"), None, ("self.index", "other.index"), (0, 1), otherwise)
    constant = _recording(row, variable, located, ("self.value", "other"), "self", ("self.index", "b"), (0,), otherwise)
    return [
        "    kind = other.__class__",
        f"    if kind is {variable}:",
        "        tape = self.tape",
        "        if other.tape is tape:",
        *("        " + line for line in both),
        "    elif kind is float:",
        *("    " + line for line in constant),
        *_integer(f"__{method}__"),
        f"    return {otherwise}",
    ]


def _reflected_body(row: Elementwise, variable: str, located: bool, method: str) -> list[str]:
    otherwise = f"operate({row.name!r}, other, self)"
    constant = _recording(row, variable, located, ("other", "self.value"), "self", ("a", "self.index"), (1,), otherwise)
    return [
        "    kind = other.__class__",
        "    if kind is float:",
        *("    " + line for line in constant),
        *_integer(f"__r{method}__"),
        f"    return {otherwise}",
    ]


def _comparison_body(symbol: str, variable: str, located: bool) -> list[str]:
    itself = [f"    if other is self: return itself({symbol!r}, self)"]
    if located:
        return [*itself, f"    return compare({symbol!r}, self, other)"]
    return [
        *itself,
        f"    if other.__class__ is {variable} and other.tape is self.tape:",
        f"        return still_open(self).value {symbol} other.value",
        f"    return compare({symbol!r}, self, other)",
    ]


def _recording(
    row: Elementwise, variable: str, located: bool, values: tuple[str, ...], owner: str | None, operands: tuple[str, ...], active: tuple[int, ...],
    otherwise: str,
) -> list[str]:
    """Compute value and partials, append one event to the owner's tape, return the new variable; fall through where floats raise.
    An undefined value (nan) is the general path's to judge."""
    partials = {f"p{k}": formula for k in active if (formula := row.partials[k]) is not None}
    inline = {p: on_floats(parse(f)) for p, f in partials.items() if f in ("a", "b", "v", "-1") or parse(f)[0] == "number"}
    work = [f"v = {on_floats(parse(row.value))}", *(f"{p} = {on_floats(parse(f))}" for p, f in partials.items() if p not in inline)]
    undefined = f"if v != v: return {otherwise}"
    keep = _keeping(_event(row, operands, {p: inline.get(p, p) for p in partials}, located), variable, located, owner)
    load = [f"{'ab'[k]} = {value}" for k, value in enumerate(values)]
    if all(is_safe(parse(f)) for f in (row.value, *partials.values())):
        return ["    " + line for line in (*load, *work, undefined, *keep)]
    checks = [f"{'ab'[k]}.__class__ is float" for k, value in enumerate(values) if value.endswith(".value")]
    return [
        *("    " + line for line in load),
        f"    if {' and '.join(checks)}:",
        "        try:",
        *("            " + line for line in work),
        "        except FLOAT_ERRORS:",
        "            pass",
        "        else:",
        *("            " + line for line in (undefined, *keep)),
    ]


def _event(row: Elementwise, operands: tuple[str, ...], partials: dict[str, str], located: bool) -> str:
    """(row, operand, operand, value, partial, partial[, instruction]) as text."""
    slots = [repr(row.name), *operands, "None"][:3] + ["v", partials.get("p0", "None"), partials.get("p1", "None")]
    return f"({', '.join([*slots, 'frame.f_lasti'] if located else slots)})"


def _keeping(event: str, variable: str, located: bool, owner: str | None) -> list[str]:
    """Append the event to the owner's tape (or to the one at hand) and return the variable it computes."""
    tape = [f"tape = {owner}.tape"] if owner else []
    place = ["frame = getframe(1)", "if frame is not tape.frame:", "    frame = tape.enter(frame)"] if located else []
    handle = [f"w = {variable}()", "w.tape = tape", "w.index = n = len(tape)", "w.value = v", "if n > LARGEST: over_budget()"]
    return [*tape, *place, *handle, f"tape.append({event})", "return w"]


def _integer(method: str) -> list[str]:
    """An integer constant becomes a float (an integer in an event is an index), or is the general path's to refuse."""
    again = f"            return self.{method}(other * 1.0)"
    return ["    elif kind is int:", "        try:", again, "        except OverflowError:", "            pass"]


def needed(row: Elementwise) -> set[str]:
    """The elemental functions that the general reading of a row calls."""
    return {name for formula in (row.value, *row.partials) if formula is not None for name in calls(parse(formula))}


def build(source: str, namespace: dict[str, Any]) -> dict[str, Any]:
    """Run generated text in a namespace and return it; tracebacks show the text."""
    file = f"{FILE[:-1]} {next(numbered)}>"
    return _run(source, namespace, file, source)


def build_tree(tree: ast.Module, namespace: dict[str, Any], file: str, shown: str) -> dict[str, Any]:
    """Run a syntax tree that adviz made, with no names but the namespace's; its positions lie in `shown`, what a reader sees as source."""
    return _run(tree, {"__builtins__": {}, **namespace}, file, shown)


def _run(source: str | ast.Module, namespace: dict[str, Any], file: str, shown: str) -> dict[str, Any]:
    linecache.cache[file] = (len(shown), None, shown.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), namespace)
    return namespace
