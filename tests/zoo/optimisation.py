"""Test functions of optimisation, mostly Moré, Garbow & Hillstrom's, Testing unconstrained optimization software (1981), by their names.

Their n functions f_i become Σ f_i².
"""

from __future__ import annotations

import math

import numpy as np


def rosenbrock(x1, x2):
    return (10 * (x2 - x1**2)) ** 2 + (1 - x1) ** 2


def freudenstein_roth(x1, x2):
    f1 = -13 + x1 + ((5 - x2) * x2 - 2) * x2
    f2 = -29 + x1 + ((x2 + 1) * x2 - 14) * x2
    return f1 * f1 + f2 * f2


def powell_badly_scaled(x1, x2):
    f1 = 1e4 * x1 * x2 - 1
    f2 = np.exp(-x1) + np.exp(-x2) - 1.0001
    return f1**2 + f2**2


def brown_badly_scaled(x1, x2):
    return (x1 - 1e6) ** 2 + (x2 - 2e-6) ** 2 + (x1 * x2 - 2) ** 2


def beale(x1, x2):
    total = 0.0
    for i, y in enumerate((1.5, 2.25, 2.625), 1):
        total += (y - x1 * (1 - x2**i)) ** 2
    return total


def jennrich_sampson(x1, x2):
    total = 0.0
    for i in range(1, 11):
        f = 2 + 2 * i - (np.exp(i * x1) + np.exp(i * x2))
        total = total + f * f
    return total


def helical_valley(x1, x2, x3):
    theta = np.arctan(x2 / x1) / (2 * np.pi)
    if x1 < 0:
        theta = theta + 0.5
    f1 = 10 * (x3 - 10 * theta)
    f2 = 10 * (np.sqrt(x1**2 + x2**2) - 1)
    return f1**2 + f2**2 + x3**2


def bard(x1, x2, x3):
    data = (0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39)
    total = 0.0
    for i in range(len(data)):
        u, v = i + 1, 15 - i
        w = min(u, v)
        f = data[i] - (x1 + u / (v * x2 + w * x3))
        total += f * f
    return total


def gaussian(x1, x2, x3):
    y = [0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989]
    total = 0.0
    for i in range(15):
        t = (7 - i) / 2
        target = y[i] if i < 8 else y[14 - i]
        total += (x1 * np.exp(-x2 * (t - x3) ** 2 / 2) - target) ** 2
    return total


def meyer(x1, x2, x3):
    total = 0.0
    for i, y in ((1, 34780.0), (8, 13720.0), (16, 5147.0)):
        t = 45 + 5 * i
        total += (x1 * np.exp(x2 / (t + x3)) - y) ** 2
    return total


def gulf(x1, x2, x3):
    total = 0.0
    for i in range(1, 6):
        t = i / 100
        y = 25 + (-50 * math.log(t)) ** (2 / 3)
        f = np.exp(-(abs(y - x2) ** x3) / x1) - t
        total += f**2
    return total


def box_three_dimensional(x1, x2, x3):
    total = 0.0
    for i in range(1, 6):
        t = 0.1 * i
        f = np.exp(-t * x1) - np.exp(-t * x2) - x3 * (math.exp(-t) - math.exp(-10 * t))
        total += f * f
    return total


def powell_singular(x1, x2, x3, x4):
    return (x1 + 10 * x2) ** 2 + 5 * (x3 - x4) ** 2 + (x2 - 2 * x3) ** 4 + 10 * (x1 - x4) ** 4


def wood(x1, x2, x3, x4):
    valley = 100 * (x2 - x1**2) ** 2 + (1 - x1) ** 2 + 90 * (x4 - x3**2) ** 2 + (1 - x3) ** 2
    return valley + 10 * (x2 + x4 - 2) ** 2 + (x2 - x4) ** 2 / 10


def kowalik_osborne(x1, x2, x3, x4):
    y = (0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246)
    u = (4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625)
    total = 0.0
    for target, t in zip(y, u):
        total += (target - x1 * (t**2 + t * x2) / (t**2 + t * x3 + x4)) ** 2
    return total


def brown_dennis(x1, x2, x3, x4):
    total = 0.0
    for i in range(1, 5):
        t = i / 5
        a = x1 + t * x2 - math.exp(t)
        b = x3 + x4 * math.sin(t) - math.cos(t)
        total += (a**2 + b**2) ** 2
    return total


def osborne_one(x1, x2, x3, x4, x5):
    total = 0.0
    for i, y in ((1, 0.844), (9, 0.784), (17, 0.558), (25, 0.467), (33, 0.406)):
        t = 10 * (i - 1)
        total += (y - (x1 + x2 * np.exp(-t * x4) + x3 * np.exp(-t * x5))) ** 2
    return total


def watson(x1, x2, x3, x4):
    x = [x1, x2, x3, x4]
    total = x1**2 + (x2 - x1**2 - 1) ** 2
    for i in range(1, 6):
        t = i / 29
        slope = 0.0
        level = 0.0
        for j in range(4):
            level += x[j] * t**j
            if j > 0:
                slope += j * x[j] * t ** (j - 1)
        total += (slope - level**2 - 1) ** 2
    return total


def penalty_one(x1, x2, x3):
    total = 0.0
    size = -0.25
    for x in (x1, x2, x3):
        total += 1e-5 * (x - 1) ** 2
        size += x * x
    return total + size**2


def variably_dimensioned(x1, x2, x3):
    x = [x1, x2, x3]
    weighted = 0.0
    total = 0.0
    for j in range(3):
        weighted += (j + 1) * (x[j] - 1)
        total += (x[j] - 1) ** 2
    return total + weighted**2 + weighted**4


def trigonometric(x1, x2, x3):
    x = (x1, x2, x3)
    cosines = np.cos(x1) + np.cos(x2) + np.cos(x3)
    total = 0.0
    for i in range(3):
        f = 3 - cosines + (i + 1) * (1 - np.cos(x[i])) - np.sin(x[i])
        total += f * f
    return total


def brown_almost_linear(x1, x2, x3):
    x = [x1, x2, x3]
    product = 1.0
    for u in x:
        product *= u
    total = (product - 1) ** 2
    for i in range(2):
        total += (x[i] + x1 + x2 + x3 - 4) ** 2
    return total


def discrete_boundary_value(x1, x2, x3):
    h = 0.25
    x = [0.0, x1, x2, x3, 0.0]
    total = 0.0
    for i in range(1, 4):
        f = 2 * x[i] - x[i - 1] - x[i + 1] + h**2 * (x[i] + i * h + 1) ** 3 / 2
        total += f**2
    return total


def broyden_tridiagonal(x1, x2, x3, x4):
    x = [0.0, x1, x2, x3, x4, 0.0]
    return [(3 - 2 * x[i]) * x[i] - x[i - 1] - 2 * x[i + 1] + 1 for i in range(1, 5)]


def chebyquad(x1, x2):
    total = 0.0
    for i in range(1, 3):
        mean = 0.0
        for x in (x1, x2):
            t0, t1 = 1.0, 2 * x - 1
            for _ in range(i - 1):
                t0, t1 = t1, 2 * (2 * x - 1) * t1 - t0
            mean += t1 / 2
        integral = 0.0 if i % 2 == 1 else -1 / (i * i - 1)
        total += (mean - integral) ** 2
    return total


def himmelblau(x1, x2):
    return (x1**2 + x2 - 11) ** 2 + (x1 + x2**2 - 7) ** 2


def goldstein_price(x1, x2):
    a = 1 + (x1 + x2 + 1) ** 2 * (19 - 14 * x1 + 3 * x1**2 - 14 * x2 + 6 * x1 * x2 + 3 * x2**2)
    b = 30 + (2 * x1 - 3 * x2) ** 2 * (18 - 32 * x1 + 12 * x1**2 + 48 * x2 - 36 * x1 * x2 + 27 * x2**2)
    return a * b


def branin(x1, x2):
    curve = x2 - 5.1 / (4 * np.pi**2) * x1**2 + 5 / np.pi * x1 - 6
    return curve**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x1) + 10


def rastrigin(x1, x2, x3):
    total = 30.0
    for x in [x1, x2, x3]:
        total += x**2 - 10 * np.cos(2 * np.pi * x)
    return total


def ackley_path(x1, x2):
    size = np.sqrt((x1**2 + x2**2) / 2)
    waves = (np.cos(2 * np.pi * x1) + np.cos(2 * np.pi * x2)) / 2
    return -20 * np.exp(-0.2 * size) - np.exp(waves) + 20 + np.e
