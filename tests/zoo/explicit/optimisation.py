"""`optimisation.py` with the elemental library: every operation on a traced number is a call of adviz.functions."""

from __future__ import annotations

import math

import numpy as np

from adviz.functions import absolute, add, arctan, cos, div, exp, mul, neg, power, sin, sqrt, sub


def rosenbrock(x1, x2):
    return add(power(mul(10, sub(x2, power(x1, 2))), 2), power(sub(1, x1), 2))


def freudenstein_roth(x1, x2):
    f1 = add(add(-13, x1), mul(sub(mul(sub(5, x2), x2), 2), x2))
    f2 = add(add(-29, x1), mul(sub(mul(add(x2, 1), x2), 14), x2))
    return add(mul(f1, f1), mul(f2, f2))


def powell_badly_scaled(x1, x2):
    f1 = sub(mul(mul(10000.0, x1), x2), 1)
    f2 = sub(add(exp(neg(x1)), exp(neg(x2))), 1.0001)
    return add(power(f1, 2), power(f2, 2))


def brown_badly_scaled(x1, x2):
    return add(add(power(sub(x1, 1000000.0), 2), power(sub(x2, 2e-06), 2)), power(sub(mul(x1, x2), 2), 2))


def beale(x1, x2):
    total = 0.0
    for i, y in enumerate((1.5, 2.25, 2.625), 1):
        total = add(total, power(sub(y, mul(x1, sub(1, power(x2, i)))), 2))
    return total


def jennrich_sampson(x1, x2):
    total = 0.0
    for i in range(1, 11):
        f = sub(2 + 2 * i, add(exp(mul(i, x1)), exp(mul(i, x2))))
        total = add(total, mul(f, f))
    return total


def helical_valley(x1, x2, x3):
    theta = div(arctan(div(x2, x1)), 2 * np.pi)
    if x1 < 0:
        theta = add(theta, 0.5)
    f1 = mul(10, sub(x3, mul(10, theta)))
    f2 = mul(10, sub(sqrt(add(power(x1, 2), power(x2, 2))), 1))
    return add(add(power(f1, 2), power(f2, 2)), power(x3, 2))


def bard(x1, x2, x3):
    data = (0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39)
    total = 0.0
    for i in range(len(data)):
        u, v = (i + 1, 15 - i)
        w = min(u, v)
        f = sub(data[i], add(x1, div(u, add(mul(v, x2), mul(w, x3)))))
        total = add(total, mul(f, f))
    return total


def gaussian(x1, x2, x3):
    y = [0.0009, 0.0044, 0.0175, 0.054, 0.1295, 0.242, 0.3521, 0.3989]
    total = 0.0
    for i in range(15):
        t = (7 - i) / 2
        target = y[i] if i < 8 else y[14 - i]
        total = add(total, power(sub(mul(x1, exp(div(mul(neg(x2), power(sub(t, x3), 2)), 2))), target), 2))
    return total


def meyer(x1, x2, x3):
    total = 0.0
    for i, y in ((1, 34780.0), (8, 13720.0), (16, 5147.0)):
        t = add(45, mul(5, i))
        total = add(total, power(sub(mul(x1, exp(div(x2, add(t, x3)))), y), 2))
    return total


def gulf(x1, x2, x3):
    total = 0.0
    for i in range(1, 6):
        t = i / 100
        y = 25 + (-50 * math.log(t)) ** (2 / 3)
        f = sub(exp(div(neg(power(absolute(sub(y, x2)), x3)), x1)), t)
        total = add(total, power(f, 2))
    return total


def box_three_dimensional(x1, x2, x3):
    total = 0.0
    for i in range(1, 6):
        t = 0.1 * i
        f = sub(sub(exp(mul(-t, x1)), exp(mul(-t, x2))), mul(x3, math.exp(-t) - math.exp(-10 * t)))
        total = add(total, mul(f, f))
    return total


def powell_singular(x1, x2, x3, x4):
    return add(add(add(power(add(x1, mul(10, x2)), 2), mul(5, power(sub(x3, x4), 2))), power(sub(x2, mul(2, x3)), 4)), mul(10, power(sub(x1, x4), 4)))


def wood(x1, x2, x3, x4):
    valley = add(
        add(add(mul(100, power(sub(x2, power(x1, 2)), 2)), power(sub(1, x1), 2)), mul(90, power(sub(x4, power(x3, 2)), 2))), power(sub(1, x3), 2)
    )
    return add(add(valley, mul(10, power(sub(add(x2, x4), 2), 2))), div(power(sub(x2, x4), 2), 10))


def kowalik_osborne(x1, x2, x3, x4):
    y = (0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246)
    u = (4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625)
    total = 0.0
    for target, t in zip(y, u):
        total = add(total, power(sub(target, div(mul(x1, add(t**2, mul(t, x2))), add(add(t**2, mul(t, x3)), x4))), 2))
    return total


def brown_dennis(x1, x2, x3, x4):
    total = 0.0
    for i in range(1, 5):
        t = i / 5
        a = sub(add(x1, mul(t, x2)), math.exp(t))
        b = sub(add(x3, mul(x4, math.sin(t))), math.cos(t))
        total = add(total, power(add(power(a, 2), power(b, 2)), 2))
    return total


def osborne_one(x1, x2, x3, x4, x5):
    total = 0.0
    for i, y in ((1, 0.844), (9, 0.784), (17, 0.558), (25, 0.467), (33, 0.406)):
        t = mul(10, sub(i, 1))
        total = add(total, power(sub(y, add(add(x1, mul(x2, exp(mul(-t, x4)))), mul(x3, exp(mul(-t, x5))))), 2))
    return total


def watson(x1, x2, x3, x4):
    x = [x1, x2, x3, x4]
    total = add(power(x1, 2), power(sub(sub(x2, power(x1, 2)), 1), 2))
    for i in range(1, 6):
        t = i / 29
        slope = 0.0
        level = 0.0
        for j in range(4):
            level = add(level, mul(x[j], t**j))
            if j > 0:
                slope = add(slope, mul(mul(j, x[j]), t ** (j - 1)))
        total = add(total, power(sub(sub(slope, power(level, 2)), 1), 2))
    return total


def penalty_one(x1, x2, x3):
    total = 0.0
    size = -0.25
    for x in (x1, x2, x3):
        total = add(total, mul(1e-05, power(sub(x, 1), 2)))
        size = add(size, mul(x, x))
    return add(total, power(size, 2))


def variably_dimensioned(x1, x2, x3):
    x = [x1, x2, x3]
    weighted = 0.0
    total = 0.0
    for j in range(3):
        weighted = add(weighted, mul(j + 1, sub(x[j], 1)))
        total = add(total, power(sub(x[j], 1), 2))
    return add(add(total, power(weighted, 2)), power(weighted, 4))


def trigonometric(x1, x2, x3):
    x = (x1, x2, x3)
    cosines = add(add(cos(x1), cos(x2)), cos(x3))
    total = 0.0
    for i in range(3):
        f = sub(add(sub(3, cosines), mul(i + 1, sub(1, cos(x[i])))), sin(x[i]))
        total = add(total, mul(f, f))
    return total


def brown_almost_linear(x1, x2, x3):
    x = [x1, x2, x3]
    product = 1.0
    for u in x:
        product = mul(product, u)
    total = power(sub(product, 1), 2)
    for i in range(2):
        total = add(total, power(sub(add(add(add(x[i], x1), x2), x3), 4), 2))
    return total


def discrete_boundary_value(x1, x2, x3):
    h = 0.25
    x = [0.0, x1, x2, x3, 0.0]
    total = 0.0
    for i in range(1, 4):
        f = add(sub(sub(mul(2, x[i]), x[i - 1]), x[i + 1]), div(mul(h**2, power(add(add(x[i], i * h), 1), 3)), 2))
        total = add(total, power(f, 2))
    return total


def broyden_tridiagonal(x1, x2, x3, x4):
    x = [0.0, x1, x2, x3, x4, 0.0]
    return [add(sub(sub(mul(sub(3, mul(2, x[i])), x[i]), x[i - 1]), mul(2, x[i + 1])), 1) for i in range(1, 5)]


def chebyquad(x1, x2):
    total = 0.0
    for i in range(1, 3):
        mean = 0.0
        for x in (x1, x2):
            t0, t1 = (1.0, sub(mul(2, x), 1))
            for _ in range(i - 1):
                t0, t1 = (t1, sub(mul(mul(2, sub(mul(2, x), 1)), t1), t0))
            mean = add(mean, div(t1, 2))
        integral = 0.0 if i % 2 == 1 else -1 / (i * i - 1)
        total = add(total, power(sub(mean, integral), 2))
    return total


def himmelblau(x1, x2):
    return add(power(sub(add(power(x1, 2), x2), 11), 2), power(sub(add(x1, power(x2, 2)), 7), 2))


def goldstein_price(x1, x2):
    a = add(
        1,
        mul(
            power(add(add(x1, x2), 1), 2),
            add(add(sub(add(sub(19, mul(14, x1)), mul(3, power(x1, 2))), mul(14, x2)), mul(mul(6, x1), x2)), mul(3, power(x2, 2))),
        ),
    )
    b = add(
        30,
        mul(
            power(sub(mul(2, x1), mul(3, x2)), 2),
            add(sub(add(add(sub(18, mul(32, x1)), mul(12, power(x1, 2))), mul(48, x2)), mul(mul(36, x1), x2)), mul(27, power(x2, 2))),
        ),
    )
    return mul(a, b)


def branin(x1, x2):
    curve = sub(add(sub(x2, mul(5.1 / (4 * np.pi**2), power(x1, 2))), mul(5 / np.pi, x1)), 6)
    return add(add(power(curve, 2), mul(10 * (1 - 1 / (8 * np.pi)), cos(x1))), 10)


def rastrigin(x1, x2, x3):
    total = 30.0
    for x in [x1, x2, x3]:
        total = add(total, sub(power(x, 2), mul(10, cos(mul(2 * np.pi, x)))))
    return total


def ackley_path(x1, x2):
    size = sqrt(div(add(power(x1, 2), power(x2, 2)), 2))
    waves = div(add(cos(mul(2 * np.pi, x1)), cos(mul(2 * np.pi, x2))), 2)
    return add(add(sub(mul(-20, exp(mul(-0.2, size))), exp(waves)), 20), np.e)
