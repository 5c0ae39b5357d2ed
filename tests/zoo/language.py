"""The ways Python says things: loops, branches, closures, unpacking; and each elementary function once."""

from __future__ import annotations

import numpy as np


def early_return(x, limit):
    total = 0.0
    for i in range(10):
        total += x**i
        if total > limit:
            return total * limit
    return total


def break_and_continue(x):
    y = 1.0
    for i in range(12):
        if i % 3 == 1:
            continue
        y = y * x + i
        if y > 40:
            break
    return y


def nested_functions(x, y):
    def outer(u):
        def inner(w):
            return u * w + x

        return inner(u + y) * inner(y)

    return outer(x * y)


def closure_maker(x):
    def scaled_by(factor):
        return lambda u: factor * u + x

    double, triple = scaled_by(2.0), scaled_by(x)
    return triple(double(x)) * double(triple(1.0))


def comprehension(x, y):
    terms = [np.sin(k * x) * y**k for k in range(1, 5)]
    total = 0.0
    for term in terms:
        total += term
    return total


def sum_of_a_generator(x):
    return sum(x**k / (k + 1) for k in range(5))


def default_arguments(x, y):
    def blend(u, w, weight=0.25, *, offset=1.0):
        return weight * u + (1 - weight) * w + offset

    return blend(x, y) * blend(y, x, 0.5) - blend(w=x, u=y, offset=y)


def unpacking(x, y, z):
    a, (b, c) = x * y, (y + z, z - x)
    a, b = b, a
    first, *rest = [a, b, c, a * c]
    return first * rest[0] - rest[1] + rest[2]


def halving_loop(x):
    steps = 0
    while x > 1:
        x = x / 2 if steps % 2 else x / 3 + 0.1
        steps += 1
    return x * x + steps


def nested_loops(x, y):
    total = 0.0
    for i in range(3):
        row = 1.0
        for j in range(i + 1):
            row = row * (x + j * y)
        total += row
    return total


def comparison_chain(x, y):
    if 0 < x < y and not x > 5:
        return np.log(y / x)
    if x >= y or y < 0:
        return np.exp(x - y)
    return x * y


def augmented_assignments(x, y):
    a = x
    a += y
    a *= x
    a -= 3 * y
    a /= 1 + y * y
    a **= 2
    return a


def dispatch_by_name(x):
    table = {"wave": lambda u: np.sin(2 * u), "bell": lambda u: np.exp(-u * u), "root": lambda u: np.sqrt(1 + u * u)}
    y = x
    for name in ("wave", "root", "bell"):
        y = y + table[name](y)
    return y


def while_true(x):
    n = 0
    while True:
        x = np.sqrt(x + 2)
        n += 1
        if n == 7:
            return x


def polar_and_back(x, y):
    r, angle = np.hypot(x, y), np.arctan2(y, x)
    return r * np.cos(angle) * r * np.sin(angle) - r


def hyperbolic_functions(x):
    return np.sinh(x) * np.cosh(x) + np.arcsinh(x) - np.arctanh(x / 4) + np.arccosh(2 + x * x)


def logarithms_and_powers(x, y):
    return np.log2(x) * np.log10(y) + np.log1p(x * y) - np.expm1(-x) + np.exp2(x / y) + np.cbrt(x) * y**x


def inverse_trigonometry(x, y):
    return np.arcsin(x) * np.arccos(y) + np.arctan(x / y) * np.tan(x)


def smooth_maxima(x, y):
    return np.logaddexp(x, y) + np.maximum(x, y) * np.minimum(x, 2 * y) + np.logaddexp2(x, y) + np.sinc(x) * abs(y)


def remainders(x, y):
    return x % y + (x // y) * y + np.fmod(x, y) * np.floor(y) + round(x) * np.sign(x) * y + np.fabs(x)


def degrees_of_arc(latitude, longitude):
    a, b = np.deg2rad(latitude), np.radians(longitude)
    return np.rad2deg(np.arccos(np.sin(a) * np.sin(0.7) + np.cos(a) * np.cos(0.7) * np.cos(b)))


def reciprocals_and_squares(x, y):
    return np.reciprocal(x) * np.square(y) + np.negative(x) + np.positive(y) + np.float_power(x, 2.5) + np.power(y, x)


def guarded_by_where(x, y):
    return np.where(x > y, np.log(x) * y, np.sqrt(y)) + np.where(y > 100.0, 1.0, x)


def several_outputs(x, y):
    a = np.exp(x * y)
    return a, a, x, 3.0, np.sin(a) + y
