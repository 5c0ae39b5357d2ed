"""The array code as text: the operators of a traced array, and what an elementwise row sends back in the quick reverse sweep.

As `generate.py` does it for numbers, from the table. Both texts can be printed: `print(operators_source())`,
`print(shares_text(table["tanh"]))`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count

from adviz.generate import BINARY, UNARY
from adviz.generate_sweeps import Shares
from adviz.readings import Tree, on_anything, parse
from adviz.table import Elementwise

# fmt: off
SYMBOL = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "floor_divide": "//", "remainder": "%", "power": "**", "matmul": "@",
    "negative": "-", "positive": "+", "abs": "abs",
}
# fmt: on
HIDING = frozenset({"fmax", "fmin", "hypot", "power", "float_power"})  # what can make a number of nan

# An operator computes as NumPy does, appends one event and hands back the array; what is not so simple is left to `arrays.py`.
# A constant number meets an array as a `cell`: NumPy takes as long to convert a Python float as to multiply a small array.
ALONE = """
def {method}:
    {first}
    tape = self.tape
    a = self.value
    if tape.aside:
        return aside(tape, row_{row}, (self.index,), {parameters}, (a,), line_{row})
    v = {value}
    if v.__class__ is not ndarray:
        return note(tape, row_{row}, (self.index,), {parameters}, v, (a,))
    {kept}
    tape.append((row_{row}, (self.index,), {parameters}, v, (a,), line_{row}))
    return w
"""
BESIDE = """
def __{method}__(self, other):
    tape = self.tape
    a = self.value
    kind = other.__class__
    line = line_{row}
    if kind is TracedArray and other.tape is tape:
        b = right = other.value
        j = other.index
        {hides}
    elif kind is float or kind is int:
        try:
            j = b = other * 1.0
        except OverflowError:
            j = b = constant(other)
        line = line_{row}_a
        {at_special}
        right = {constant}
    elif kind is ndarray and other.ndim:
        j = b = right = own_array(tape, other)
        {hides}
    else:
        return operate({row!r}, self, other)
    if tape.aside:
        return aside(tape, row_{row}, (self.index, j), NONE, (a, b), line)
    v = a {symbol} right
    if v.__class__ is not ndarray:
        return note(tape, row_{row}, (self.index, j), NONE, v, (a, b))
    {kept}
    tape.append((row_{row}, (self.index, j), NONE, v, (a, b), line))
    return w
"""
REFLECTED = """
def __r{method}__(self, other):
    tape = self.tape
    b = self.value
    kind = other.__class__
    line = line_{row}
    if kind is float or kind is int:
        try:
            a = other * 1.0
        except OverflowError:
            a = constant(other)
        line = line_{row}_b
        left = {constant_a}
    elif kind is ndarray and other.ndim:
        a = left = own_array(tape, other)
    else:
        return operate({row!r}, other, self)
    {hides}
    if tape.aside:
        return aside(tape, row_{row}, (a, self.index), NONE, (a, b), line)
    v = left {symbol} b
    if v.__class__ is not ndarray:
        return note(tape, row_{row}, (a, self.index), NONE, v, (a, b))
    {kept}
    tape.append((row_{row}, (a, self.index), NONE, v, (a, b), line))
    return w
"""
KEPT = """\
w = TracedArray()
    w.tape = tape
    w.value = v
    w.index = n = len(tape)
    if not n & 15:
        tape.charge()"""


POWER = (  # NumPy squares at once where it sees a whole 2
    "if b == 2.0:\n            line = line_power_2\n        elif b == 0:\n            tape.hides = True",
    "other if kind is int else b",
    "a",
)


def operators_source() -> str:
    """The operators of a traced array as functions, for its class to take over."""
    texts = []
    for method, row in (BINARY | {"matmul": "matmul"}).items():
        names = {"method": method, "row": row, "symbol": SYMBOL[row], "kept": KEPT, "hides": "tape.hides = True" * (row in HIDING)}
        special = {"power": POWER, "matmul": ("", "b", "a")}.get(row, ("", "cell(b) if tape.double else b", "cell(a) if tape.double else a"))
        names |= zip(("at_special", "constant", "constant_a"), special, strict=True)
        texts += [text.format(**names) for text in (BESIDE, REFLECTED)]
    for method, row in UNARY.items():
        texts += [ALONE.format(method=f"__{method}__(self)", row=row, value=f"{SYMBOL[row]}(a)", parameters="NONE", first="", kept=KEPT)]
    first = "if key.__class__ is not slice and key.__class__ is not int: return chosen(self, key)"
    texts += [ALONE.format(method="__getitem__(self, key)", row="index", value="a[key]", parameters="{'key': key}", first=first, kept=KEPT)]
    return "\n".join(line for text in texts for line in text.splitlines() if line.strip())


def shares_text(row: Elementwise, constant: str = "") -> Shares:
    """v̄ · ∂φ/∂u_k for every operand of an elementwise row that is a variable, in its shape.

    A function that a partial calls twice on the same operands is called once, and nothing is multiplied by a v̄ of 1. `constant` is the
    operand that is known to be a number: then the other one is an array, in the shape of v.
    """
    letters = "ab"[: len(row.partials)]
    partials = [None if u == constant else p for u, p in zip(letters, row.partials, strict=True)]
    sure = len(letters) == 1 or constant != ""
    fits = "" if sure else " and ".join(f"({u}.__class__ is float or {u}.size == v.size)" for u in letters)
    plain = "" if constant else "v.__class__ is ndarray and "
    oblong = "v.ndim > 1" if sure else f"not (v.ndim == 1 and {fits})"
    first = f"if v_bar.__class__ is float and {plain}{oblong}: v_bar = standing(v_bar, ({', '.join(letters)},), v)"
    needed = not sure or any(p not in (None, "1", "-1") for p in partials)
    return Shares([None if p is None else list(_share(u, p, sure)) for u, p in zip(letters, partials, strict=True)], [first] if needed else [])


def _share(u: str, partial: str, sure: bool) -> Iterator[str]:
    """The statements that set `share` for operand u; `sure` says that u is an array in the shape of v."""
    tree = parse(partial)
    if partial in ("1", "-1"):  # no array is multiplied for these
        yield f"share = {'-' * (partial == '-1')}v_bar"
    elif tree in LETTERS:  # a share is never an operand itself
        yield f"share = v_bar * {partial}"
    else:
        for i in count():
            call = next((call for call, times in Counter(_calls(tree)).items() if times > 1), None)
            if call is None:
                break
            yield f"c{i} = {on_anything(call)}"
            tree = _with_name(tree, call, f"c{i}")
        text, otherwise = on_anything(tree), ""
        if partial == DOUBLED:  # adding is faster, and rounds the same; so does doubling v̄, as long as v̄ · 2a overflows with 2a
            text, otherwise = "(a + a)", "else: "
            yield "if v_bar.__class__ is float and v_bar > 1.0: share = a * (v_bar + v_bar)"
        product = f"{text} if v_bar.__class__ is float and v_bar == 1.0 else v_bar * {text}"
        yield f"{otherwise}share = {product}"  # in one: NumPy writes over what is in between
        sure = sure and not {(u,), ("v",)}.isdisjoint(_letters(parse(partial)))
    if not sure:
        yield f"if share.__class__ is {u}.__class__ is ndarray:"
        yield f"    if share.shape != {u}.shape: share = fitted(share, {u}, v)"
        yield f"elif share.__class__ is not float or {u}.__class__ is not ndarray: share = fitted(share, {u}, v)"  # else one number for every entry


DOUBLED = "2 * a"
LETTERS = (("a",), ("b",), ("v",))


def _letters(tree: Tree) -> set[Tree]:
    """The operands and the value, where an expression tree names them."""
    return {tree} if tree in LETTERS else {letter for part in tree[1:] if isinstance(part, tuple) for letter in _letters(part)}


def _calls(tree: Tree) -> Iterator[Tree]:
    """The function calls in an expression tree, with repetition."""
    if tree[0] == "call":
        yield tree
    for part in tree[1:]:
        if isinstance(part, tuple):
            yield from _calls(part)


def _with_name(tree: Tree, call: Tree, name: str) -> Tree:
    """The tree with a name in the place of a call."""
    return ("name", name) if tree == call else tuple(_with_name(part, call, name) if isinstance(part, tuple) else part for part in tree)
