"""Goal P3: value and gradient of array programs, beside the plain function, autograd and torch."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
from engines import installed
from tables import figure, goal, print_goals, print_table
from timing import Rounds, in_turns, ratio

import adviz

ROUNDS = 9
SIZES = {10: 4.5, 1_000: 4.2, 1_000_000: 3.5}  # entries: how often the time of the plain function the gradient may take
NETWORK = 4.0


def rosenbrock(xp: Any) -> Callable[..., Any]:
    """Σ 100 (x_{i+1} - x_i²)² + (1 - x_i)², by slices, in that module's functions."""
    return lambda x: xp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def network(xp: Any, X: Any, y: Any) -> Callable[..., Any]:
    """The mean squared error of a network 2-16-16-1 on a batch of 32."""

    def loss(W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any) -> Any:
        h = xp.tanh(xp.tanh(X @ W1 + b1) @ W2 + b2)
        return xp.mean((h @ W3 + b3 - y) ** 2)

    return loss


def of_torch(make: Callable[..., Any], point: tuple[Any, ...], *data: Any) -> Callable[[], Any]:
    """Value and gradient by torch, from NumPy arrays that it shares."""
    import torch

    f = make(torch, *(torch.from_numpy(u) for u in data))
    leaves = [torch.from_numpy(u.copy()).requires_grad_() for u in point]

    def work() -> Any:
        y = f(*leaves)
        return y, torch.autograd.grad(y, leaves)

    return work


def works(make: Callable[..., Any], point: tuple[Any, ...], *data: Any) -> dict[str, Callable[[], Any]]:
    """The plain function and everything that differentiates it, checked against each other."""
    f = make(np, *data)
    both = adviz.value_and_gradient(f)
    taking_part: dict[str, Callable[[], Any]] = {"plain NumPy": lambda: f(*point), "adviz.value_and_gradient": lambda: both(*point)}
    if installed("autograd"):
        import autograd
        import autograd.numpy as anp

        peer = autograd.value_and_grad(make(anp, *data), argnum=tuple(range(len(point))))
        taking_part["autograd"] = lambda: peer(*point)
        own = both(*point)[1]
        assert all(np.allclose(a, b) for a, b in zip((own,) if len(point) == 1 else own, peer(*point)[1], strict=True))
    if installed("torch"):
        taking_part["torch"] = of_torch(make, point, *data)
    return taking_part


def measure() -> None:
    """The table and the verdicts."""
    random = np.random.default_rng(0)
    X, y = random.normal(size=(32, 2)), random.normal(size=(32, 1))
    weights = tuple(0.5 * random.normal(size=shape) for shape in ((2, 16), (16,), (16, 16), (16,), (16, 1), (1,)))
    measured: dict[str, Rounds] = {f"n={n:,}": in_turns(works(rosenbrock, (np.linspace(0.5, 1.5, n),)), ROUNDS) for n in SIZES}
    measured["MLP"] = in_turns(works(network, weights, X, y), ROUNDS)
    names = list(next(iter(measured.values())))
    head = ["engine", *(f"{h} {column}" for column in measured for h in ("us,", "x plain,"))]
    rows = [
        [name, *(cell for s in measured.values() for cell in (figure(1e6 * statistics.median(s[name])), figure(ratio(s, name, names[0]))))]
        for name in names
    ]
    print_table("P3  value and gradient: Rosenbrock by slices, n entries; a network 2-16-16-1, batch of 32", head, rows)
    limits = [*SIZES.values(), NETWORK]
    lines = [
        goal(f"P3 {column}, to the plain function", ratio(s, names[1], names[0]), at_most=limit, unit="x")
        for (column, s), limit in zip(measured.items(), limits, strict=True)
    ]
    small = ["n=10", "n=1,000", "MLP"]  # at a million entries the passes over memory count, and every engine has about as many
    for peer, times, columns in (("autograd", 7, small), ("torch", 3.5, small), ("torch", 1, ["n=1,000,000"])):
        if peer in names:
            lines += [goal(f"P3 {c}, faster than {peer}", ratio(measured[c], peer, names[1]), at_least=times, unit="x") for c in columns]
    print_goals(lines)


if __name__ == "__main__":
    measure()
