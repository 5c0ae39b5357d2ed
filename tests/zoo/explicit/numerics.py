"""`numerics.py` with the elemental library: every operation on a traced number is a call of adviz.functions."""

from __future__ import annotations

import math

from adviz.functions import absolute, add, cos, div, exp, mul, neg, power, sqrt, sub


def newton_square_root(x):
    y = x
    while absolute(sub(mul(y, y), x)) > 1e-09:
        y = div(add(y, div(x, y)), 2)
    return y


def bisection(x):
    low, high = (0.0, x)
    for _ in range(20):
        middle = div(add(low, high), 2)
        if mul(middle, middle) > x:
            high = middle
        else:
            low = middle
    return div(add(low, high), 2)


def continued_fraction(x):
    y = 0.0
    for k in range(15, 0, -2):
        y = div(mul(x, x), sub(k, y))
    return div(y, x)


def horner(x, c0, c1, c2, c3):
    y = 0.0
    for c in (c3, c2, c1, c0):
        y = add(mul(y, x), c)
    return y


def fourier_power(x0, x1, x2, x3):
    x = [x0, x1, x2, x3]
    powers = []
    for k in range(4):
        re, im = (0.0, 0.0)
        for n in range(4):
            angle = -2 * math.pi * k * n / 4
            re = add(re, mul(x[n], math.cos(angle)))
            im = add(im, mul(x[n], math.sin(angle)))
        powers.append(add(mul(re, re), mul(im, im)))
    return powers


def arithmetic_geometric_mean(a, b):
    for _ in range(5):
        a, b = (div(add(a, b), 2), sqrt(mul(a, b)))
    return a


def simpson(a, b):

    def integrand(t):
        return mul(exp(mul(neg(t), t)), cos(mul(3, t)))

    n = 8
    h = div(sub(b, a), n)
    total = add(integrand(a), integrand(b))
    for i in range(1, n):
        total = add(total, mul(4 if i % 2 else 2, integrand(add(a, mul(i, h)))))
    return div(mul(total, h), 3)


def lagrange_interpolation(x, y0, y1, y2):
    nodes, values = ((0.0, 0.5, 1.5), (y0, y1, y2))
    total = 0.0
    for i in range(3):
        basis = 1.0
        for j in range(3):
            if j != i:
                basis = mul(basis, div(sub(x, nodes[j]), sub(nodes[i], nodes[j])))
        total = add(total, mul(values[i], basis))
    return total


def spline_piece(x):
    if x < 1:
        return add(sub(2 / 3, mul(x, x)), div(power(x, 3), 2))
    elif x < 2:
        return div(power(sub(2, x), 3), 6)
    else:
        return mul(0, x)


def cramers_rule(a, b, c, d, r, s):
    determinant = sub(mul(a, d), mul(b, c))
    return (div(sub(mul(r, d), mul(b, s)), determinant), div(sub(mul(a, s), mul(r, c)), determinant))


def exponential_series(x):
    term, total, n = (1.0, 1.0, 0)
    while absolute(term) > 1e-12:
        n += 1
        term = div(mul(term, x), n)
        total = add(total, term)
    return total


def welford_variance(x1, x2, x3, x4):
    mean, spread, n = (0.0, 0.0, 0)
    for x in (x1, x2, x3, x4):
        n += 1
        delta = sub(x, mean)
        mean = add(mean, div(delta, n))
        spread = add(spread, mul(delta, sub(x, mean)))
    return (mean, div(spread, n - 1))


def secant_root(a):
    x0, x1 = (1.0, 2.0)
    for _ in range(7):
        f0, f1 = (sub(sub(power(x0, 3), mul(a, x0)), 2), sub(sub(power(x1, 3), mul(a, x1)), 2))
        if absolute(sub(f1, f0)) < 1e-06:
            break
        x0, x1 = (x1, sub(x1, div(mul(f1, sub(x1, x0)), sub(f1, f0))))
    return x1


def fixed_point(x):
    y = 0.5
    for _ in range(40):
        new = cos(mul(x, y))
        if absolute(sub(new, y)) < 0.0001:
            break
        y = new
    else:
        y = mul(0.0, x)
    return y


def gradient_descent(x, rate):
    for _ in range(10):
        slope = add(sub(mul(4, power(x, 3)), mul(2, x)), 0.3)
        x = sub(x, mul(rate, slope))
    return x
