"""The elemental library: every row of the table as a plain function, by NumPy's name and by the textbook's.

On a float `sin(x)` is `math.sin` (NumPy's nan and inf where `math` raises); on a traced number it is recorded.

>>> from adviz.functions import ln, sin, mul
>>> mul(ln(1.0), sin(2.0))
0.0
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adviz.recording import elemental
from adviz.table import table

# fmt: off
ALIASES = {
    "ln": "log", "mul": "multiply", "sub": "subtract", "div": "divide", "true_divide": "divide", "neg": "negative", "pos": "positive",
    "pow": "power", "mod": "remainder", "absolute": "abs", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2",
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "max": "maximum", "min": "minimum", "sigmoid": "logistic",
}
# fmt: on


def __getattr__(name: str) -> Callable[..., Any]:
    row = ALIASES.get(name, name)
    if name.startswith("_") or row not in table:
        raise AttributeError(f"module 'adviz.functions' has no attribute {name!r}: the table has no row of that name")
    function = globals()[name] = elemental(row)
    return function


def __dir__() -> list[str]:
    return sorted([*ALIASES, *(row.name for row in table)])
