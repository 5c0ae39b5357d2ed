"""Loss scaling: a gradient in float16 that would be 0, kept in range by a factor that is divided out afterwards.

A reverse sweep is linear in its seed, x̄ = Jᵀ ȳ. Started from S instead of 1 it carries S times every adjoint through the same operations, and
S times a number that float16 cannot hold (below 6e-8 there is only 0) may be one that it can. Divided by S in float32 the result is ∇f
(Micikevicius et al. 2018, "Mixed precision training"). Too large an S makes adjoints infinite; that is seen, and never returned in silence.

What this does not do: the sums inside f stay in f's precision. NumPy adds up float16 in float32 within one np.sum or matrix product and rounds
once; a loop, a running sum or the update w - 0.001 * g rounds at every step, and float16 has no number between 2048 and 2050. Whoever trains in
float16 keeps the weights, and long sums, in float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

import numpy as np

from adviz.errors import InputError
from adviz.operators import Run
from adviz.running import Function
from adviz.texts import text

START = 2.0**15  # the largest power of two that float16 holds
LEAST = 2.0**-24


class Scaled(NamedTuple):
    """A gradient computed with a scale.

    value        f(x)
    gradient     ∇f(x) in float32 (or wider), divided by the scale again
    scale        the S that was used
    unscaled     ∇f(x) as it comes without scaling, in the inputs' own precision
    rescued      how many entries are 0 without the scale and not 0 with it
    overflow     whether the scale made an entry infinite or undefined: then the gradient is not to be used

    >>> found = loss_scaled(lambda w: w * w, 16.0)(np.float16(1.5))
    >>> found.value, found.gradient, found.unscaled, found.rescued
    (np.float16(2.25), np.float32(3.0), np.float16(3.0), 0)
    """

    value: Any
    gradient: Any
    scale: float
    unscaled: Any
    rescued: int
    overflow: bool


def loss_scaled(f: Function, scale: float | str = "dynamic") -> Callable[..., Scaled]:
    """∇f(x) = (1/S) · x̄ with ȳ = S: a gradient in few digits that does not vanish   (Micikevicius et al. 2018, section 3.2)

    f returns one number. `scale` is S, best a power of two, for then it costs no rounding; "dynamic" begins with 2¹⁵ and halves S as long as an entry
    overflows. The result is a `Scaled`; its gradient has one entry per argument, as that of `adviz.gradient`. OutputError if f returns more
    than a number, InputError for a scale that is not positive.

    >>> from adviz import gradient
    >>> def f(w):
    ...     return (1e-4 * w) ** 2  # f'(w) = 2e-8 w, and float16 has nothing between 0 and 6e-8
    >>> gradient(f)(np.float16(1.0))
    np.float16(0.0)
    >>> found = loss_scaled(f)(np.float16(1.0))
    >>> found.gradient, found.scale, found.rescued, found.overflow
    (np.float32(2.000...e-08), 32768.0, 1, False)
    """
    dynamic = scale == "dynamic"
    if not dynamic and (isinstance(scale, str | bool) or not isinstance(scale, int | float | np.floating) or not 0 < scale < math.inf):
        raise InputError(text("scaling.scale", scale=repr(scale)))

    @wraps(f)
    def scaled_gradient(*x: Any) -> Scaled:
        __tracebackhide__ = True
        run = Run(f, x)
        run.scalar_output("adviz.scale.loss_scaled")
        unscaled = run.reverse((1.0,))
        tried = START if dynamic else float(scale)
        scaled = run.reverse((tried,))
        while dynamic and spoiled(scaled, unscaled) and tried > LEAST:
            tried /= 2
            scaled = run.reverse((tried,))
        divided = [widened(u) / tried for u in scaled]
        rescued = sum(int(np.count_nonzero((np.asarray(u) == 0) & (np.asarray(g) != 0))) for u, g in zip(unscaled, divided, strict=True))
        return Scaled(run.value, run.per_argument(divided), tried, run.per_argument(unscaled), rescued, spoiled(scaled, unscaled))

    return scaled_gradient


def widened(u: Any) -> Any:
    """In float32, if it had fewer digits."""
    kind = np.result_type(np.asarray(u).dtype, np.float32)
    return u.astype(kind) if isinstance(u, np.ndarray) else kind.type(u)


def spoiled(scaled: Any, unscaled: Any) -> bool:
    """Whether the scale made an entry infinite or undefined that is finite without it."""
    return any(bool(np.any(~np.isfinite(s) & np.isfinite(u))) for s, u in zip(scaled, unscaled, strict=True))
