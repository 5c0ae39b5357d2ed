"""Where a product of Jacobians begins: the same matrix, at very different cost.

    J = J_k · ... · J_2 · J_1,   J_i of shape (n_i, n_{i-1})

Forward mode multiplies from the right, J_2 · J_1 first, for it goes with the flow; reverse mode from the left. Each product of an (m, q) and
a (q, n) matrix takes m q n multiplications. Neither order need be the best one; the best is found by trying every last product
(Godbole 1973, "On efficient computation of matrix chain products").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from adviz.errors import InputError
from adviz.listing import html_table, ruled
from adviz.texts import text

LARGEST = 300  # matrices: the search takes their number to the third power


class Bracketing(NamedTuple):
    """An order of multiplication: as a tree of pairs, as text, and what it takes.

    >>> best = matrix_chain((1, 9), (9, 9), (9, 9)).best
    >>> best.order, best.text, best.multiplications
    (((0, 1), 2), '(J₃ J₂) J₁', 162)
    """

    order: Any  # a matrix by number, or a pair of two orders
    text: str
    multiplications: int


@dataclass(frozen=True)
class MatrixChain:
    """A product of matrices with the cheapest order of multiplication, the order of forward mode and that of reverse mode.

    shapes     of the matrices, the leftmost first, as they are written

    >>> found = matrix_chain((9, 9), (9, 9), (9, 1))
    >>> found.best.multiplications, found.reverse.multiplications
    (162, 810)
    """

    shapes: tuple[tuple[int, int], ...]
    names: tuple[str, ...]
    best: Bracketing
    forward: Bracketing
    reverse: Bracketing

    def rows(self) -> list[tuple[str, ...]]:
        """The table: a heading, and a line for each order."""
        orders = (("best", self.best), ("forward", self.forward), ("reverse", self.reverse))
        head = tuple(text(f"bracket.{name}") for name in ("order", "product", "multiplications"))
        return [head, *((text(f"bracket.{name}"), order.text, f"{order.multiplications:,}") for name, order in orders)]

    def __str__(self) -> str:
        return "\n".join([self.title, *ruled(self.rows(), left=2)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(self.title, self.rows())

    @property
    def title(self) -> str:
        """The product with its shapes."""
        return " · ".join(f"{name} ({m}×{n})" for name, (m, n) in zip(self.names, self.shapes, strict=True))


def matrix_chain(*shapes: Any, names: Sequence[str] | None = None) -> MatrixChain:
    """c(i, j) = min over i <= k < j of c(i, k) + c(k+1, j) + m_i n_k n_j: the cheapest order of a product of Jacobians

    `shapes` are those of the matrices as they are written, the leftmost first: J_k, ..., J_1. They are called J_k .. J_1 unless `names` says
    otherwise. InputError for shapes that do not fit.

    >>> print(matrix_chain((1, 3), (3, 3), (3, 4)))
    J₃ (1×3) · J₂ (3×3) · J₁ (3×4)
    order                 product     multiplications
    -------------------------------------------------
    cheapest              (J₃ J₂) J₁               21
    forward, right first  J₃ (J₂ J₁)               48
    reverse, left first   (J₃ J₂) J₁               21
    """
    sizes = _sizes(shapes)
    count = len(sizes) - 1
    given = tuple(names) if names is not None else tuple(f"J{count - k}".translate(SUBSCRIPTS) for k in range(count))
    if len(given) != count:
        raise InputError(text("bracket.names", count=count, given=len(given)))
    forward: Any = count - 1
    for k in range(count - 2, -1, -1):
        forward = (k, forward)
    reverse: Any = 0
    for k in range(1, count):
        reverse = (reverse, k)
    orders = (_bracketing(order, sizes, given) for order in (_cheapest(sizes), forward, reverse))
    return MatrixChain(tuple(pairwise(sizes)), given, *orders)


SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _sizes(shapes: Sequence[Any]) -> list[int]:
    """n_k, ..., n_0; InputError unless every matrix has as many columns as the next has rows."""
    if not shapes or len(shapes) > LARGEST:
        raise InputError(text("bracket.count", count=len(shapes), largest=LARGEST))
    for shape in shapes:
        whole = isinstance(shape, tuple | list) and len(shape) == 2 and all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in shape)
        if not whole:
            raise InputError(text("bracket.shape", shape=repr(shape)[:40]))
    for (_, columns), (rows, _) in pairwise(shapes):
        if columns != rows:
            raise InputError(text("bracket.fit", columns=columns, rows=rows))
    return [shapes[0][0], *(n for _, n in shapes)]


def _cheapest(sizes: Sequence[int]) -> Any:
    """The tree with the fewest multiplications, from products of few matrices to products of many."""
    count = len(sizes) - 1
    least = {(i, i): 0 for i in range(count)}
    last: dict[tuple[int, int], int] = {}
    for length in range(1, count):
        for i in range(count - length):
            j = i + length
            costs = [(least[i, k] + least[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)]
            least[i, j], last[i, j] = min(costs)
    return _tree(last, 0, count - 1)


def _tree(last: dict[tuple[int, int], int], i: int, j: int) -> Any:
    """The product of matrices i to j; without recursion, for its depth is that of the brackets."""
    done: dict[tuple[int, int], Any] = {}
    waiting = [(i, j)]
    while waiting:
        part = waiting[-1]
        if part[0] == part[1]:
            done[part] = part[0]
            waiting.pop()
            continue
        k = last[part]
        halves = (part[0], k), (k + 1, part[1])
        missing = [half for half in halves if half not in done]
        if missing:
            waiting += missing
        else:
            done[part] = (done[halves[0]], done[halves[1]])
            waiting.pop()
    return done[i, j]


def _bracketing(tree: Any, sizes: Sequence[int], names: Sequence[str]) -> Bracketing:
    """The text of an order and its multiplications, from the innermost products outwards."""
    found: list[tuple[str, int, int, int]] = []  # text, first matrix, last matrix, multiplications
    waiting: list[Any] = [tree]
    while waiting:
        part = waiting.pop()
        if part == "multiply":
            right, left = found.pop(), found.pop()
            product = sizes[left[1]] * sizes[right[1]] * sizes[right[2] + 1]
            found.append((f"{_within(left)} {_within(right)}", left[1], right[2], left[3] + right[3] + product))
        elif isinstance(part, int):
            found.append((names[part], part, part, 0))
        else:
            waiting += ["multiply", part[1], part[0]]
    return Bracketing(tree, found[0][0], found[0][3])


def _within(part: tuple[str, int, int, int]) -> str:
    """A factor: in brackets if it is a product."""
    return part[0] if part[1] == part[2] else f"({part[0]})"
