"""`recursion.py` with the elemental library: every operation on a traced number is a call of adviz.functions."""

from __future__ import annotations

from adviz.functions import add, div, mul, sin


def fibonacci_like(a, b, n=6):
    if n == 0:
        return a
    return fibonacci_like(b, add(sin(a), b), n - 1)


def ackermann_small(x, m=2, n=2):
    if m == 0:
        return add(mul(x, 0.5), n)
    if n == 0:
        return ackermann_small(sin(x), m - 1, 1)
    return ackermann_small(add(x, mul(0.1, ackermann_small(x, m, n - 1))), m - 1, n)


def product_tree(x, low=0, high=8):
    if high - low == 1:
        return add(x, low)
    middle = (low + high) // 2
    return mul(product_tree(x, low, middle), product_tree(x, middle, high))


def power_by_squaring(x, n=11):
    if n == 0:
        return 1.0
    half = power_by_squaring(x, n // 2)
    return mul(mul(half, half), x) if n % 2 else mul(half, half)


def ternary_descent(x, depth=0):
    if depth >= 4:
        return x
    if x > 1:
        return ternary_descent(div(x, 2), depth + 1)
    return ternary_descent(add(mul(x, x), 0.3), depth + 1)
