"""`in_precision`: a trace beside itself in fewer digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.errors import InputError
from adviz.scale.digits import Compared, Comparison, compared_lines
from adviz.scale.precision_table import as_page, as_table, as_text
from adviz.scale.replay import Replay, rounded
from adviz.sweeps import Accumulate, Propagate, Seed
from adviz.texts import text
from adviz.timeline import Timeline, forward, reverse, traced
from adviz.wengert import Trace

PRECISIONS = ("float16", "float32", "float64", "longdouble")


class Precision(Comparison):
    """A trace in two precisions, line by line, which shows itself as a table. Made by `in_precision`.

    >>> p = in_precision(lambda x: (1 + x) - 1, 0.001, dtype=np.float16)
    >>> [(line.definition, round(line.value.lost, 1)) for line in p.lines]
    [('x', 0.0), ('1 + v0', 0.0), ('v1 - 1', 1.4)]
    """

    def __str__(self) -> str:
        return as_text(self)

    def to_html(self, path: Any = None) -> str:
        """The table as HTML; written to `path` as a page, if given."""
        if path is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(as_page(self))
        return as_table(self)

    def _repr_html_(self) -> str:
        return as_table(self)


def in_precision(f: Callable[..., Any] | Trace, *point: Any, dtype: Any = np.float32, x_dot: Any = None, y_bar: Any = None) -> Precision:
    """v_i, v̇_i and v̄_i in `dtype` beside the trace's own precision, and Δy = Σ v̄_i δ_i line by line   (Griewank & Walther 2008, section 3.4)

    f is a function with a point, or a Trace. Its operations are computed anew with every number rounded to `dtype` (np.float16, np.float32,
    np.float64, np.longdouble), constants too; the path stays that of the trace. `x_dot` and `y_bar` are seeds as `adviz.forward` and `adviz.reverse`
    take them: by default 1, if there is a single number to give it to. InputError for another dtype.

    What a row does inside stays NumPy's: np.sum of float16 adds in float32 and rounds once, a loop that adds rounds at every turn. Linear algebra,
    which NumPy does not have in float16, is computed in float32 and rounded once.

    >>> print(in_precision(lambda x: (1 + x) - 1, 0.001, dtype=np.float16))
    f in float16 beside float64: float16 has 3.3 decimal digits
    variable  definition  float64    float16  relative error   ulps  digits lost  amplifies  own rounding    effect  tangent  ...
    v0        x             0.001      0.001          0.0004   0.42                                 4e-07     4e-07        1  ...
    v1        1 + v0        1.001      1.001         2.3e-05  0.024                   0.001      -2.4e-05  -2.4e-05        1  ...
    v2        v1 - 1        0.001  0.0009766           0.023     25          1.4      1e+03             0         0        1  ...
    The error of v2 is -2.3e-05; the roundings of all lines, each times its adjoint, explain -2.3e-05.
    Most of it comes from: v1 = 1 + v0 (-2.4e-05); v0 = x (4e-07).
    v2 = v1 - 1 can multiply relative errors by 1e+03.
    """
    __tracebackhide__ = True
    kind = checked(dtype)
    t = traced(f, point)
    other = Replay(t, kind)
    own = np.result_type(*(np.asarray(t.value_of(i)).dtype for i in (*t.inputs, *t.outputs)))
    narrow, wide = (other, t) if np.finfo(kind).eps >= np.finfo(own).eps else (t, other)
    tangents = _finished(forward, wide, narrow, x_dot, len(t.inputs) == 1 and np.ndim(t.point[0]) == 0)
    adjoints = _finished(reverse, wide, narrow, y_bar, len(t.outputs) == 1 and np.ndim(wide.value_of(t.outputs[0])) == 0)
    lines = tuple(compared_lines(wide, narrow, tangents, adjoints))
    names = str(kind), str(own)
    return Precision(t.function, names if narrow is other else names[::-1], lines, t.outputs, (wide, narrow))


def checked(dtype: Any) -> np.dtype:
    """The precision as NumPy's dtype. InputError unless it is a floating-point number's."""
    try:
        kind = np.dtype(dtype)
    except TypeError:
        kind = np.dtype(object)
    if kind.kind != "f":
        choices = ", ".join(f"np.{name}" for name in PRECISIONS)
        raise InputError(text("precision.dtype", dtype=getattr(dtype, "__name__", str(dtype)), choices=choices))
    return kind


def _finished(sweep: Callable[..., Timeline], wide: Trace, narrow: Trace, seed: Any, single: bool) -> dict[int, Compared]:
    """The finished tangents or adjoints by index, in both precisions; none without a seed."""
    if seed is None and not single:
        return {}
    with np.errstate(all="ignore"):
        both = []
        for t in (wide, narrow):
            steps = sweep(t, seed=seed).steps
            both.append({s.index: s.value for s in steps if isinstance(s, Seed | Propagate | Accumulate)})
    kind = np.asarray(narrow.value_of(0)).dtype.type
    return {i: Compared(u, rounded(np.asarray(both[1][i]), kind)[()]) for i, u in both[0].items() if i in both[1]}
