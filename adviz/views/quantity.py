"""How numbers and arrays are written down, everywhere: a quantity is either.

In a document an array is {"shape": [2, 3], "values": [...]}, its entries row by row. One of more than `LARGEST` entries is folded:
"values" has only the entries that are shown, "folded" is true, and "summary" tells min, max and mean of the entries that are numbers, and
how many are nan. `static/quantity.js` follows the same rules, and both are held to `tests/fixtures/arrays.json`. The rule for a line:

1. Each entry is written as a number (`number.py`); an array without axes is its number; one without entries is "[] (0, 3)".
2. Up to 4 entries stand in full: "[1 2 3]", "[[1 2] [3 4]]".
3. A longer vector shows its first two entries, its last and its shape: "[1 2 … 9] (9,)".
4. Any other array shows of each axis the first part, of the last axis the first two, and its shape: "[[1 2 …] …] (2, 3)".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from adviz.texts import text
from adviz.views import number as numbers
from adviz.views.number import number, number_latex

LARGEST = 1000  # entries: a larger array is folded in a document
FEW = 4  # entries that stand in a line in full
LABEL = 9  # characters of an array on an edge
MOST_AXES = 64  # as many as NumPy has

Quantity = Any  # in a document: a number, "nan", "inf", "-inf", or an array


def encoded(x: Any, largest: int = LARGEST) -> Quantity:
    """A number, an array or None as JSON can write it; an array of more than `largest` entries is folded.

    >>> encoded(np.array([1.0, np.inf]))
    {'shape': [2], 'values': [1.0, 'inf']}
    """
    if not isinstance(x, np.ndarray) or not x.ndim:
        return numbers.encoded(x)
    shape, flat = list(x.shape), x.ravel()
    if x.size <= max(largest, FEW):
        return {"shape": shape, "values": [numbers.encoded(u) for u in flat.tolist()]}
    shown = [numbers.encoded(flat[k]) for k in places(shape)]
    return {"shape": shape, "values": shown, "folded": True, "summary": summary(flat)}


def summary(x: np.ndarray) -> dict[str, Any]:
    """Smallest, largest and mean entry, nan left out, and how many entries are nan."""
    x = x.astype(float)
    kept = x[~np.isnan(x)]
    with np.errstate(all="ignore"):
        found = [float(f(kept)) if kept.size else math.nan for f in (np.min, np.max, np.mean)]
    return {**dict(zip(("min", "max", "mean"), map(numbers.encoded, found))), "nan": int(x.size - kept.size)}


def decoded(x: Quantity) -> Any:
    """The number, or the array, that JSON holds. ValueError for an array that is folded: its entries are not there."""
    if not isinstance(x, Mapping):
        return numbers.decoded(x)
    problem = problem_of(x)
    if problem or x.get("folded"):
        raise ValueError(problem or "folded")
    return np.array([numbers.decoded(u) for u in x["values"]], float).reshape(x["shape"])


def problem_of(x: Any) -> str:
    """What is wrong with an array of a document, in words; "" if nothing is."""
    if not isinstance(x, Mapping):
        return f"is {type(x).__name__}"
    shape, values = x.get("shape"), x.get("values")
    if not isinstance(shape, list) or len(shape) > MOST_AXES or not all(type(n) is int and 0 <= n < 2**53 for n in shape):
        return "has no shape"
    if not isinstance(values, list) or not all(map(is_number, values)):
        return "has no values"
    folded = x.get("folded", False)
    size = math.prod(shape)
    if not isinstance(folded, bool) or (folded and size <= FEW):
        return "is folded and has few entries"
    count = len(places(shape)) if folded else size
    if len(values) != count:
        return f"has {len(values)} values for the shape {shape_text(shape)}"
    told = x.get("summary") if folded else {}
    if folded and not (isinstance(told, dict) and {"min", "max", "mean", "nan"} <= told.keys() and all(map(is_number, told.values()))):
        return "has no summary"
    return ""


def is_number(x: Any) -> bool:
    """Whether this is a number of a document."""
    return isinstance(x, int | float) and not isinstance(x, bool) or x in ("nan", "inf", "-inf")


def is_array(x: Quantity) -> bool:
    """Whether a quantity of a document is an array with entries of its own: not a number, nor an array without axes."""
    return isinstance(x, Mapping) and bool(x["shape"])


def size_of(x: Quantity) -> int:
    """How many entries there are; a number is one."""
    return math.prod(x["shape"]) if isinstance(x, Mapping) else 1


def places(shape: Sequence[int]) -> list[int]:
    """Which entries of an array of more than 4 are shown, counted row by row."""
    last = shape[-1]
    if len(shape) == 1:
        return [0, 1, last - 1]
    return [0, 1] if last > 1 else [0]


def shape_text(shape: Sequence[int]) -> str:
    """ "(3,)", "(2, 3)" """
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"


def written(x: Any) -> str:
    """A quantity in one line, folded.

    >>> written(np.array([1.0, -2.5])), written(np.arange(6.0)), written(np.arange(6.0).reshape(2, 3))
    ('[1 −2.5]', '[0 1 … 5] (6,)', '[[0 1 …] …] (2, 3)')
    """
    x = _of_document(x)
    if not isinstance(x, Mapping):
        return number(x)
    return _line(x, number, " ", "…", lambda entries: f"[{entries}]", lambda shape: f" {shape}")


def _of_document(x: Any) -> Quantity:
    return encoded(x) if isinstance(x, np.ndarray) else x


def _line(
    x: Mapping[str, Any], entry: Callable[[Any], str], space: str, more: str, bracket: Callable[[str], str], shape_: Callable[[str], str]
) -> str:
    """The rule for a line, with a way to write an entry, what stands between entries and for those left out, brackets and the shape."""
    shape = x["shape"]
    if not shape:
        return entry(x["values"][0])
    size = math.prod(shape)
    if size == 0:
        return bracket("") + shape_(shape_text(shape))
    if size <= FEW:
        return _nested([entry(u) for u in x["values"]], shape, space, bracket)
    shown = [entry(u) for u in _shown(x)]
    if len(shape) == 1:
        return bracket(space.join([*shown[:2], more, shown[2]])) + shape_(shape_text(shape))
    line = bracket(space.join([*shown, *[more][: shape[-1] > len(shown)]]))
    for n in reversed(shape[:-1]):
        line = bracket(line + (space + more if n > 1 else ""))
    return line + shape_(shape_text(shape))


def _shown(x: Mapping[str, Any]) -> list[Any]:
    """The entries at `places`."""
    return x["values"] if x.get("folded") else [x["values"][k] for k in places(x["shape"])]


def _nested(entries: list[str], shape: Sequence[int], space: str, bracket: Callable[[str], str]) -> str:
    """All entries, in brackets within brackets."""
    for n in reversed(shape):
        entries = [bracket(space.join(entries[k : k + n])) for k in range(0, len(entries), n)]
    return entries[0]


def in_box(x: Any, room: int) -> str:
    """A quantity where only `room` characters fit: the line, or the first entry and the shape, or the shape. A number stays whole.

    >>> in_box(np.arange(6.0), 14), in_box(np.arange(6.0), 12), in_box(np.arange(6.0), 5)
    ('[0 1 … 5] (6,)', '[0 …] (6,)', '(6,)')
    """
    x = _of_document(x)
    line = written(x)
    if not is_array(x) or len(line) <= room:
        return line
    shape = shape_text(x["shape"])
    first = f"{'[' * len(x['shape'])}{number(x['values'][0])} …{']' * len(x['shape'])} {shape}" if x["values"] else shape
    return first if len(first) <= room else shape


def told(x: Any) -> str:
    """A quantity in a sentence: a long array is named by its shape."""
    x = _of_document(x)
    return text("page.array", shape=shape_text(x["shape"])) if is_array(x) and size_of(x) > FEW else written(x)


def label(x: Any) -> str:
    """A partial on an edge: a number, the number that all entries of an array are, or the array where there is little room."""
    x = _of_document(x)
    same = the_same(x)
    return in_box(x if same is None else same, LABEL)


def the_same(x: Quantity) -> Any:
    """The number that every entry is; None if they differ or there are none."""
    if not isinstance(x, Mapping):
        return x
    if x.get("folded"):
        found = [x["summary"]["min"], x["summary"]["max"]] if x["summary"]["nan"] == 0 else []
    else:
        found = x["values"]
    return found[0] if found and all(u == found[0] for u in found) else None


def latex(x: Any) -> str:
    r"""A quantity as LaTeX: a short vector or matrix as a pmatrix, a long one as the line that text has, with its shape."""
    x = _of_document(x)
    if not isinstance(x, Mapping):
        return number_latex(x)
    shape = x["shape"]
    if 0 < len(shape) <= 2 and 0 < size_of(x) <= FEW:
        columns = shape[-1]
        entries = [number_latex(u) for u in x["values"]]
        lines = [" & ".join(entries[k : k + columns]) for k in range(0, len(entries), columns)]
        return r"\begin{pmatrix} " + r" \\ ".join(lines) + r" \end{pmatrix}"
    return _line(x, number_latex, r" \; ", r"\dots", lambda entries: f"[{entries}]", lambda shape: rf" \; {shape}")


def in_full(x: Quantity) -> str:
    """Every entry with every digit, as nested lists; a folded array as its shape and what its summary says."""
    if not isinstance(x, Mapping):
        return str(x)
    if x.get("folded"):
        return " ".join([shape_text(x["shape"]), *(f"{name}={u}" for name, u in x["summary"].items())])
    return _nested([str(u) for u in x["values"]], x["shape"], ", ", lambda entries: f"[{entries}]") if x["values"] else f"[] {shape_text(x['shape'])}"
