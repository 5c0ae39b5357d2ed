"""The scene: where a trace's boxes, edges and labels stand in the picture of its graph.

Graphviz chooses the places from the shape alone: boxes of one size, numeric ids of our own, no text. So a name never
reaches it, and one shape has one picture whatever its numbers are. Edges between neighbouring columns are drawn as
plain curves from slot to slot, so that both edges of x*x are seen; longer ones follow Graphviz's routes around boxes.
Labels are placed last, each where it hides least. The fields of the result are those of "The scene" in
`adviz/views/document.py`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from adviz.errors import AdvizError
from adviz.texts import text
from adviz.views.layout import positions
from adviz.views.quantity import is_array

LARGEST = 300               # variables: beyond, nobody can read the picture
HUB = 8                     # an input used more often than this is drawn beside each of its uses
BOX = (136.0, 68.0)         # px, as are all lengths here
WIDE = 200.0                # the width of every box where a value is an array
LEAF = (76.0, 26.0)
LABEL = (64.0, 18.0)        # room for "−0.2837" at 14 px
COLUMN_GAP, ROW_GAP = 84.0, 34.0
MARGIN = 12.0
ARROW = (11.0, 5.5)         # length, half width
INCH = 72.0                 # Graphviz computes in inches
# Rows whose operands may stand in any order; for the others the first operand enters above the second.
COMMUTE = {"add", "multiply", "maximum", "minimum", "fmax", "fmin", "hypot", "logaddexp", "logaddexp2", None}

Point = tuple[float, float]
Variables = Sequence[Mapping[str, Any]]


class SceneTooLarge(AdvizError):
    """A trace with more variables than one picture can show."""


class Leaf(NamedTuple):
    """Operand `operand` of v_to, drawn beside it: a constant (`number`, or an array) or an input with too many uses (`ref`)."""
    to: int
    operand: int
    ref: int | None
    number: Any


class Shape(NamedTuple):
    """All that the places depend on. Marks have numbers: the boxes 0, 1, ..., then the leaves."""
    boxes: int
    leaves: int
    edges: tuple[tuple[int, int], ...]          # (tail, head)
    ordered: tuple[int, ...]                    # boxes whose operands enter in order, from above
    width: float                                # of a box

    def height(self, mark: int) -> float:
        return (BOX if mark < self.boxes else LEAF)[1]


class Geometry(NamedTuple):
    """The places: top left corners of the marks (all as wide as a box), edges as Bézier points, centres of labels."""
    corners: list[Point]
    curves: list[list[Point]]
    labels: list[Point]


def scene(variables: Variables, outputs: Sequence[int] = ()) -> dict[str, Any]:
    """The document's `graph`: boxes, leaves and edges with their places in px, y growing downwards.

    `variables` are the document's (`index`, `role` and `operands` are read); which of them are outputs does not change
    the picture's shape. Raises SceneTooLarge, and LayoutError when Graphviz cannot place it.
    """
    if len(variables) > LARGEST:
        raise SceneTooLarge(text("graph.too_large", count=f"{len(variables):,}", limit=LARGEST))
    leaves, shape = _shape(variables)
    corners, curves, labels = _geometry(shape)
    nodes = [{"index": v["index"], "x": x, "y": y, "w": shape.width, "h": BOX[1]} for v, (x, y) in zip(variables, corners)]
    beside = [{"x": x + shape.width - LEAF[0], "y": y, "w": LEAF[0], "h": LEAF[1], "to": leaf.to, "operand": leaf.operand,
               **({"number": leaf.number} if leaf.ref is None else {"ref": leaf.ref})}
              for leaf, (x, y) in zip(leaves, corners[shape.boxes:])]
    operands = ((v["index"], k) for v in variables for k in range(len(v["operands"])))
    edges = []
    for (tail, _), (i, k), curve, label in zip(shape.edges, operands, curves, labels):
        origin = {"from": variables[tail]["index"]} if tail < shape.boxes else {"leaf": tail - shape.boxes}
        edges.append({**origin, "to": i, "operand": k, "path": _path(curve), "label": list(label),
                      "head": _arrow(curve[-1], -1), "tail": _arrow(curve[0], 1)})
    width, height = _extent(shape, corners, curves, labels)[2:]
    return {"width": round(width + MARGIN), "height": round(height + MARGIN), "nodes": nodes, "leaves": beside, "edges": edges}


def dot(variables: Variables, outputs: Sequence[int] = ()) -> str:
    """The graph's shape as DOT text, as Graphviz is given it."""
    return _dot(_shape(variables)[1])


def _shape(variables: Variables) -> tuple[list[Leaf], Shape]:
    """A box for each variable; a leaf for each use of a constant, and of an input that has too many uses."""
    uses = Counter(o["ref"] for v in variables for o in v["operands"] if "ref" in o)
    apart = {v["index"] for v in variables if v["role"] == "input" and uses[v["index"]] > HUB}
    box = {v["index"]: i for i, v in enumerate(variables)}
    leaves: list[Leaf] = []
    edges: list[tuple[int, int]] = []
    for v in variables:
        for k, operand in enumerate(v["operands"]):
            j = operand.get("ref")
            if j is None or j in apart:
                edges.append((len(variables) + len(leaves), box[v["index"]]))
                leaves.append(Leaf(v["index"], k, j, operand.get("number")))
            else:
                edges.append((box[j], box[v["index"]]))
    ordered = tuple(box[v["index"]] for v in variables if len(v["operands"]) > 1 and v.get("row") not in COMMUTE)
    width = WIDE if any(is_array(v.get("value")) for v in variables) else BOX[0]
    return leaves, Shape(len(variables), len(leaves), tuple(edges), ordered, width)


def _dot(shape: Shape) -> str:
    import graphviz

    inches = "{:.4f}".format
    graph = graphviz.Digraph(
        graph_attr={"rankdir": "LR", "nodesep": inches(ROW_GAP / INCH), "ranksep": inches(COLUMN_GAP / INCH)},
        node_attr={"shape": "box", "label": "", "fixedsize": "true", "width": inches(shape.width / INCH), "height": inches(BOX[1] / INCH)},
        edge_attr={"headport": "w", "tailport": "e", "weight": "4"})
    for box in range(shape.boxes):
        graph.node(str(box), **({"ordering": "in"} if box in shape.ordered else {}))
    for leaf in range(shape.boxes, shape.boxes + shape.leaves):
        # As wide as a box here, so that all columns are equal; it is drawn at the right end of its place.
        graph.node(str(leaf), height=inches(LEAF[1] / INCH))
    for tail, head in shape.edges:                  # what comes from a leaf gives way, so that chains run straight
        graph.edge(str(tail), str(head), **({} if tail < shape.boxes else {"weight": "1"}))
    return graph.source


@lru_cache(maxsize=64)
def _geometry(shape: Shape) -> Geometry:
    """One shape has one picture: it stands still while the numbers change."""
    corners, routes = _places(shape, positions(_dot(shape)))
    curves = _curves(shape, corners, routes)
    labels = _labels(shape, corners, curves)
    left, top, _, _ = _extent(shape, corners, curves, labels)

    def moved(points: Iterable[Point]) -> list[Point]:
        return [(round(x - left + MARGIN, 1), round(y - top + MARGIN, 1)) for x, y in points]

    return Geometry(moved(corners), [moved(curve) for curve in curves], moved(labels))


def _extent(shape: Shape, corners: list[Point], curves: list[list[Point]], labels: list[Point]) -> tuple[float, float, float, float]:
    """The smallest and the largest x and y of anything drawn: left, top, right, bottom."""
    w, h = LABEL[0] / 2, LABEL[1] / 2
    xs = [x + dx for x, _ in corners for dx in (0, shape.width)] + [x + dx for x, _ in labels for dx in (-w, w)]
    ys = [y + dy for i, (_, y) in enumerate(corners) for dy in (0, shape.height(i))] + [y + dy for _, y in labels for dy in (-h, h)]
    ys += [y for curve in curves for _, y in _along(curve)]
    return min(xs, default=0.0), min(ys, default=0.0), max(xs, default=0.0), max(ys, default=0.0)


def _places(shape: Shape, plain: str) -> tuple[list[Point], list[list[Point]]]:
    """The corner of each mark's place and each edge's route, as Graphviz chose them."""
    corners: dict[int, Point] = {}
    routes: defaultdict[tuple[int, int], list[list[Point]]] = defaultdict(list)
    for line in plain.splitlines():
        match line.split():
            case ["node", name, x, y, *_]:
                mark = int(name)
                corners[mark] = (round(float(x) * INCH - shape.width / 2), round(-float(y) * INCH - shape.height(mark) / 2))
            case ["edge", tail, head, count, *rest]:
                numbers = [float(r) * INCH for r in rest[:2 * int(count)]]
                routes[int(tail), int(head)].append([(x, -y) for x, y in zip(numbers[::2], numbers[1::2])])
    for parallel in routes.values():                # x*x: the upper edge is operand 0
        parallel.sort(key=lambda points: sum(y for _, y in points) / len(points))
    following = {pair: iter(parallel) for pair, parallel in routes.items()}
    return [corners[mark] for mark in range(len(corners))], [next(following[edge]) for edge in shape.edges]


def _curves(shape: Shape, corners: list[Point], routes: list[list[Point]]) -> list[list[Point]]:
    """Each edge from its slot at the right of one mark to its slot at the left of another, as Bézier points."""
    leaving: defaultdict[int, list[int]] = defaultdict(list)
    arriving: defaultdict[int, list[int]] = defaultdict(list)
    for n, (tail, head) in enumerate(shape.edges):
        leaving[tail].append(n)
        arriving[head].append(n)
    start: dict[int, Point] = {}
    end: dict[int, Point] = {}
    for mark, (x, y) in enumerate(corners):
        middle = y + shape.height(mark) / 2
        out = sorted(leaving[mark], key=lambda n: (routes[n][3][1], n))
        start.update(zip(out, ((x + shape.width, middle + s) for s in _slots(len(out)))))
        into = arriving[mark] if mark in shape.ordered else sorted(arriving[mark], key=lambda n: (routes[n][-4][1], n))
        end.update(zip(into, ((x, middle + s) for s in _slots(len(into)))))
    return [_curve(start[n], end[n], route, shape.width) for n, route in enumerate(routes)]


def _slots(n: int) -> list[float]:
    """Where n edges meet a box: distances from the middle of its side."""
    step = min(20.0, 56.0 / max(n - 1, 1))
    return [(k - (n - 1) / 2) * step for k in range(n)]


def _curve(start: Point, end: Point, route: list[Point], width: float) -> list[Point]:
    (x0, y0), (x1, y1) = start, end
    if x1 - x0 < COLUMN_GAP + width:               # neighbouring columns: nothing stands between
        bend = 0.45 * (x1 - x0)
        return [start, (x0 + bend, y0), (x1 - bend, y1), end]
    dy0, dy1 = y0 - route[0][1], y1 - route[-1][1]
    inner = [*((x, y + dy0) for x, y in route[1:2]), *route[2:-2], *((x, y + dy1) for x, y in route[-2:-1])]
    return [start, *inner, end]


def _labels(shape: Shape, corners: list[Point], curves: list[list[Point]]) -> list[Point]:
    """A place for each edge's number: over no box and no other number, near its own edge and off the others."""
    crowd = _Crowd()
    for i, (x, y) in enumerate(corners):
        dx = 0.0 if i < shape.boxes else shape.width - LEAF[0]
        crowd.block(x + dx, y, x + shape.width, y + shape.height(i))
    lines = [list(_along(points)) for points in curves]
    for n, line in enumerate(lines):
        crowd.draw(n, line)
    labels: dict[int, Point] = {}
    tries = 12 if len(lines) < 200 else 4           # places along a line; a crowd of labels must not take a second
    for n in sorted(range(len(lines)), key=lambda n: (len(lines[n]), n)):     # the short ones have less choice
        x, y = labels[n] = _free_place(crowd, n, lines[n], tries)
        crowd.block(x - LABEL[0] / 2, y - LABEL[1] / 2, x + LABEL[0] / 2, y + LABEL[1] / 2)
    return [labels[n] for n in range(len(lines))]


def _free_place(crowd: _Crowd, edge: int, line: list[Point], tries: int) -> Point:
    """The best place along a line: near its middle, on it or a little off, and hiding the least."""
    offers = []
    for n in range(0, len(line), max(1, len(line) // tries)):
        x, y = line[n]
        for away in (0.0, -14.0, 14.0, -20.0, 20.0, -28.0, 28.0):
            offers.append((30 * abs(n / len(line) - 0.5) + abs(away) / 3 + (away > 0), (x, y + away)))
    best, least = line[0], float("inf")
    for cost, place in sorted(offers):
        if cost >= least:                           # nothing that follows can be better
            break
        cost += crowd.cost(edge, place)
        if cost < least:
            best, least = place, cost
    return best


class _Crowd:
    """What already stands in the picture, in cells, so that looking around a point does not cost the whole picture."""
    CELL = 64.0

    def __init__(self) -> None:
        self.blocks: defaultdict[Point, list[tuple[float, float, float, float]]] = defaultdict(list)
        self.points: defaultdict[Point, list[tuple[float, float, int]]] = defaultdict(list)

    def block(self, left: float, top: float, right: float, bottom: float) -> None:
        for cell in self._cells(left, top, right, bottom):
            self.blocks[cell].append((left, top, right, bottom))

    def draw(self, edge: int, line: Iterable[Point]) -> None:
        for x, y in line:
            self.points[x // self.CELL, y // self.CELL].append((x, y, edge))

    def cost(self, edge: int, place: Point) -> float:
        """What a label of `edge` centred there would hide: a box or a label much, an edge a little."""
        left, top = place[0] - LABEL[0] / 2 - 2, place[1] - LABEL[1] / 2 - 2
        right, bottom = left + LABEL[0] + 4, top + LABEL[1] + 4
        cost = 0.0
        for cell in self._cells(left, top, right, bottom):
            for a, b, c, d in self.blocks[cell]:
                if a < right and left < c and b < bottom and top < d:
                    cost += 100 + (min(c, right) - max(a, left)) * (min(d, bottom) - max(b, top))
            cost += sum((5 if e == edge else 8) for x, y, e in self.points[cell] if left < x < right and top < y < bottom)
        return cost

    def _cells(self, left: float, top: float, right: float, bottom: float) -> Iterator[Point]:
        x = left // self.CELL
        while x <= right // self.CELL:
            y = top // self.CELL
            while y <= bottom // self.CELL:
                yield x, y
                y += 1
            x += 1


def _along(points: list[Point], every: float = 10.0) -> Iterator[Point]:
    """Points about `every` px apart along a chain of cubic Bézier curves."""
    for n in range(0, len(points) - 3, 3):
        (a, p), (b, q), (c, r), (d, s) = points[n:n + 4]
        pieces = max(2, int((abs(d - a) + abs(s - p)) / every))
        for k in range(pieces + 1):
            t = k / pieces
            u = 1 - t
            e, f, g, h = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
            yield e * a + f * b + g * c + h * d, e * p + f * q + g * r + h * s


def _path(points: list[Point]) -> str:
    first, *rest = (f"{x:g} {y:g}" for x, y in points)
    return f"M {first} C {' '.join(rest)}"


def _arrow(tip: Point, side: int) -> str:
    """A triangle whose tip touches a box: lying left of it (side -1) or right of it (1)."""
    x, y = tip
    return " ".join(f"{px:g},{py:g}" for px, py in ((x, y), (x + side * ARROW[0], y - ARROW[1]), (x + side * ARROW[0], y + ARROW[1])))
