"""What a course on numerical methods computes: roots, series, quadrature, elimination."""

from __future__ import annotations

import math

import numpy as np


def newton_square_root(x):
    y = x
    while abs(y * y - x) > 1e-9:
        y = (y + x / y) / 2
    return y


def bisection(x):
    low, high = 0.0, x
    for _ in range(20):
        middle = (low + high) / 2
        if middle * middle > x:
            high = middle
        else:
            low = middle
    return (low + high) / 2


def continued_fraction(x):
    y = 0.0
    for k in range(15, 0, -2):
        y = x * x / (k - y)
    return y / x


def horner(x, c0, c1, c2, c3):
    y = 0.0
    for c in (c3, c2, c1, c0):
        y = y * x + c
    return y


def fourier_power(x0, x1, x2, x3):
    x = [x0, x1, x2, x3]
    powers = []
    for k in range(4):
        re, im = 0.0, 0.0
        for n in range(4):
            angle = -2 * math.pi * k * n / 4
            re += x[n] * math.cos(angle)
            im += x[n] * math.sin(angle)
        powers.append(re * re + im * im)
    return powers


def arithmetic_geometric_mean(a, b):
    for _ in range(5):
        a, b = (a + b) / 2, np.sqrt(a * b)
    return a


def simpson(a, b):
    def integrand(t):
        return np.exp(-t * t) * np.cos(3 * t)

    n = 8
    h = (b - a) / n
    total = integrand(a) + integrand(b)
    for i in range(1, n):
        total += (4 if i % 2 else 2) * integrand(a + i * h)
    return total * h / 3


def lagrange_interpolation(x, y0, y1, y2):
    nodes, values = (0.0, 0.5, 1.5), (y0, y1, y2)
    total = 0.0
    for i in range(3):
        basis = 1.0
        for j in range(3):
            if j != i:
                basis *= (x - nodes[j]) / (nodes[i] - nodes[j])
        total += values[i] * basis
    return total


def spline_piece(x):
    if x < 1:
        return 2 / 3 - x * x + x**3 / 2
    elif x < 2:
        return (2 - x) ** 3 / 6
    else:
        return 0 * x


def cramers_rule(a, b, c, d, r, s):
    determinant = a * d - b * c
    return (r * d - b * s) / determinant, (a * s - r * c) / determinant


def exponential_series(x):
    term, total, n = 1.0, 1.0, 0
    while abs(term) > 1e-12:
        n += 1
        term = term * x / n
        total = total + term
    return total


def welford_variance(x1, x2, x3, x4):
    mean, spread, n = 0.0, 0.0, 0
    for x in (x1, x2, x3, x4):
        n += 1
        delta = x - mean
        mean += delta / n
        spread += delta * (x - mean)
    return mean, spread / (n - 1)


def secant_root(a):
    x0, x1 = 1.0, 2.0
    for _ in range(7):
        f0, f1 = x0**3 - a * x0 - 2, x1**3 - a * x1 - 2
        if abs(f1 - f0) < 1e-6:
            break
        x0, x1 = x1, x1 - f1 * (x1 - x0) / (f1 - f0)
    return x1


def fixed_point(x):
    y = 0.5
    for _ in range(40):
        new = np.cos(x * y)
        if abs(new - y) < 1e-4:
            break
        y = new
    else:
        y = 0.0 * x
    return y


def gradient_descent(x, rate):
    for _ in range(10):
        slope = 4 * x**3 - 2 * x + 0.3
        x = x - rate * slope
    return x
