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
        b = other.value
        j = other.index
        {hides}
    elif kind is float or kind is int:
        try:
            j = b = other * 1.0
        except OverflowError:
            j = b = constant(other)
        line = line_{row}_a
        {hides_at_zero}
    elif kind is ndarray and other.ndim:
        j = b = own_array(tape, other)
        {hides}
    else:
        return operate({row!r}, self, other)
    if tape.aside:
        return aside(tape, row_{row}, (self.index, j), NONE, (a, b), line)
    v = a {symbol} {right}
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
    elif kind is ndarray and other.ndim:
        a = own_array(tape, other)
    else:
        return operate({row!r}, other, self)
    {hides}
    if tape.aside:
        return aside(tape, row_{row}, (a, self.index), NONE, (a, b), line)
    v = a {symbol} b
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


AT_ZERO = """\
if b == 2.0:
            line = line_power_2
        elif b == 0:
            tape.hides = True"""


def operators_source() -> str:
    """The operators of a traced array as functions, for its class to take over."""
    texts = []
    for method, row in (BINARY | {"matmul": "matmul"}).items():
        hides = ("tape.hides = True", AT_ZERO) if row in HIDING else ("", "")
        right = "(other if kind is int else b)" if row == "power" else "b"  # NumPy squares at once where it sees a whole 2
        names = {"method": method, "row": row, "symbol": SYMBOL[row], "right": right, "kept": KEPT}
        texts += [text.format(**names, hides=hides[0], hides_at_zero=hides[1]) for text in (BESIDE, REFLECTED)]
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
        text = "(a + a)" if partial == DOUBLED else on_anything(tree)  # adding is faster, and rounds the same
        yield f"share = {text} if v_bar.__class__ is float and v_bar == 1.0 else v_bar * {text}"  # in one: NumPy writes over what is in between
        sure = sure and not {(u,), ("v",)}.isdisjoint(_letters(parse(partial)))
    if not sure:
        yield f"if share.__class__ is float and {u}.__class__ is ndarray: pass"  # one number for every entry
        yield f"elif share.__class__ is not ndarray or {u}.__class__ is not ndarray or share.shape != {u}.shape: share = fitted(share, {u}, v)"


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
