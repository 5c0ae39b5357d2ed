"""Tangent's forward mode forgot the exponent's derivative of a power."""

POINT = (2.0, 3.0)


def f(x, y):
    return x**y * y
