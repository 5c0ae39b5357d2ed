"""Examples that surveys and textbooks of differentiation work by hand."""

from __future__ import annotations

import math

import numpy as np


def running_example(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def griewank_first(x1, x2):
    return (np.sin(x1 / x2) + x1 / x2 - np.exp(x2)) * (x1 / x2 - np.exp(x2))


def lighthouse(nu, gamma, omega, t):
    y1 = nu * np.tan(omega * t) / (gamma - np.tan(omega * t))
    y2 = gamma * y1
    return y1, y2


def speelpenning(x1, x2, x3, x4, x5):
    product = 1.0
    for x in (x1, x2, x3, x4, x5):
        product = product * x
    return product


def helmholtz_energy(x1, x2, x3):
    x, b = [x1, x2, x3], [0.1, 0.2, 0.15]
    bx = b[0] * x1 + b[1] * x2 + b[2] * x3
    ideal, mixed = 0.0, 0.0
    for i in range(3):
        ideal += x[i] * np.log(x[i] / (1 - bx))
        for j in range(3):
            mixed += x[i] * (0.5 + 0.1 * abs(i - j)) * x[j]
    root2 = math.sqrt(2)
    return 0.3 * ideal - mixed / (math.sqrt(8) * bx) * np.log((1 + (1 + root2) * bx) / (1 + (1 - root2) * bx))


def normal_log_density(y, mu, sigma):
    return -0.5 * ((y - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * math.log(2 * math.pi)


def logistic_map(x):
    l = x
    for _ in range(5):
        l = 4 * l * (1 - l)
    return l


def common_subexpressions(x):
    a = np.exp(x)
    b = a * a + a
    c = np.log(b)
    return c * b / a + np.sin(c)


def fan_out_chain(x):
    for _ in range(6):
        x = x * x - 0.5 * x
    return x
