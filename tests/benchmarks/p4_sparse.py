"""Goal P4: the sparse Hessian and Jacobian of Rosenbrock's function by colouring, beside dense ones and the peers.

    python tests/benchmarks/p4_sparse.py            beside autograd
    python tests/benchmarks/p4_sparse.py torch      in a process that has imported it, beside torch.func
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence

import numpy as np
from engines import Work, installed
from tables import figure, goal, print_goals, print_table
from timing import Rounds, in_turns, ratio

import adviz
from adviz import scale
from adviz.operators import Run

N = 50
ROUNDS = 11
X = np.random.default_rng(0).normal(size=N)


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def residuals(x):
    """What Rosenbrock's function is the sum of squares of."""
    return np.concatenate([10.0 * (x[1:] - x[:-1] ** 2), 1.0 - x[:-1]])


def hessian_by_hand() -> np.ndarray:
    """Three diagonals."""
    H = np.diag(-400 * X[:-1], 1)
    H += H.T
    H[range(N - 1), range(N - 1)] += 1200 * X[:-1] ** 2 - 400 * X[1:] + 2
    H[range(1, N), range(1, N)] += 200
    return H


def jacobian_by_hand() -> np.ndarray:
    return np.vstack([10 * (np.eye(N)[1:] - 2 * X[:-1, None] * np.eye(N)[:-1]), -np.eye(N)[:-1]])


PLAIN, TRACED = "plain f", "f, traced"
PLAIN_R, TRACED_R = "plain residuals", "residuals, traced"
SPARSE, FIRST, DENSE = "adviz sparse Hessian", "the same, pattern and colours found as well", "adviz.hessian"
SPARSE_J, FIRST_J, DENSE_J = "adviz sparse Jacobian of the residuals", "the same, pattern and colours found as well ", "adviz.jacobian of the residuals"
AUTOGRAD, AUTOGRAD_J, TORCH = "autograd.hessian", "autograd.jacobian of the residuals", "torch.func.hessian"


def own() -> dict[str, Work]:
    """adviz's ways; the second call of a sparse one has the pattern and the colours of the first."""
    H, J = scale.sparse_hessian(rosenbrock), scale.sparse_jacobian(residuals)
    dense_H, dense_J = adviz.hessian(rosenbrock), adviz.jacobian(residuals)
    return {
        PLAIN: lambda: rosenbrock(X), TRACED: lambda: Run(rosenbrock, (X,)), SPARSE: lambda: H(X), FIRST: lambda: scale.sparse_hessian(rosenbrock)(X),
        DENSE: lambda: dense_H(X), PLAIN_R: lambda: residuals(X), TRACED_R: lambda: Run(residuals, (X,)), SPARSE_J: lambda: J(X),
        FIRST_J: lambda: scale.sparse_jacobian(residuals)(X), DENSE_J: lambda: dense_J(X),
    }  # fmt: skip


def peers(company: Sequence[str]) -> dict[str, Work]:
    """Those that are installed; torch where the process was asked to have it."""
    found: dict[str, Work] = {}
    if installed("autograd"):
        import autograd
        import autograd.numpy as anp

        H = autograd.hessian(lambda x: anp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2))
        J = autograd.jacobian(lambda x: anp.concatenate([10.0 * (x[1:] - x[:-1] ** 2), 1.0 - x[:-1]]))
        found |= {AUTOGRAD: lambda: H(X), AUTOGRAD_J: lambda: J(X)}
    if "torch" in company:
        import torch

        torch.set_num_threads(1)
        x = torch.tensor(X, dtype=torch.float64)
        H_torch = torch.func.hessian(lambda x: torch.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2))
        found[TORCH] = lambda: H_torch(x).numpy()
    return found


def check(works: dict[str, Work]) -> None:
    """A wrong matrix is not worth timing."""
    for name, work in works.items():
        if "essian" in name or "acobian" in name or "same" in name:
            found = work()
            found = found.toarray() if hasattr(found, "toarray") else np.asarray(found)
            expected = hessian_by_hand() if found.shape == (N, N) else jacobian_by_hand()
            if not np.allclose(found, expected, rtol=1e-10, atol=1e-9):
                raise ArithmeticError(f"{name}: off by {np.max(np.abs(found - expected))}")


def measure(company: Sequence[str]) -> None:
    """The table and the verdicts, in this process."""
    works = own() | peers(company)
    check(works)
    seconds = in_turns(works, ROUNDS)
    sweeps = scale.plan(rosenbrock, X, of="hessian").colouring.sweeps, scale.plan(residuals, X).colouring.sweeps
    title = f"P4  Rosenbrock, n={N}: the Hessian in {sweeps[0]} sweeps by star colouring, the Jacobian of its {2 * N - 2} residuals in {sweeps[1]} by columns"
    rows = [[name, figure(1e6 * statistics.median(seconds[name])), figure(ratio(seconds, name, PLAIN)), figure(ratio(seconds, name, TRACED))] for name in works]
    print_table(title, ["engine", "us", "x plain f", "x f traced"], rows)
    print_goals(goals(seconds))


def goals(seconds: Rounds) -> list[str]:
    lines = [
        goal("P4 sparse Hessian, to f through the trace", ratio(seconds, SPARSE, TRACED), at_most=30, unit="x"),
        goal("P4 sparse Hessian, to plain f", ratio(seconds, SPARSE, PLAIN), at_most=30, unit="x"),
        goal("P4 sparse Jacobian of the residuals, to plain f", ratio(seconds, SPARSE_J, PLAIN), at_most=30, unit="x"),
    ]
    if AUTOGRAD in seconds:
        lines.append(goal("P4 sparse Hessian, faster than autograd.hessian", ratio(seconds, AUTOGRAD, SPARSE), at_least=40, unit="x"))
    return lines


if __name__ == "__main__":
    company = [name for name in sys.argv[1:] if installed(name)]
    for name in company:
        __import__(name)
    measure(company)
