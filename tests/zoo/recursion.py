"""Functions that call themselves."""

from __future__ import annotations

import numpy as np


def fibonacci_like(a, b, n=6):
    if n == 0:
        return a
    return fibonacci_like(b, np.sin(a) + b, n - 1)


def ackermann_small(x, m=2, n=2):
    if m == 0:
        return x * 0.5 + n
    if n == 0:
        return ackermann_small(np.sin(x), m - 1, 1)
    return ackermann_small(x + 0.1 * ackermann_small(x, m, n - 1), m - 1, n)


def product_tree(x, low=0, high=8):
    if high - low == 1:
        return x + low
    middle = (low + high) // 2
    return product_tree(x, low, middle) * product_tree(x, middle, high)


def power_by_squaring(x, n=11):
    if n == 0:
        return 1.0
    half = power_by_squaring(x, n // 2)
    return half * half * x if n % 2 else half * half


def ternary_descent(x, depth=0):
    if depth >= 4:
        return x
    if x > 1:
        return ternary_descent(x / 2, depth + 1)
    return ternary_descent(x * x + 0.3, depth + 1)
