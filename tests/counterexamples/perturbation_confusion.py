"""Siskind & Pearlmutter 2005: forward mode with one global ε says that d/dx (x · d/dy (x + y)) is 2."""

import adviz

POINT = (1.0,)
EXACT = [1.0]


def f(x):
    return x * adviz.derivative(lambda y: x + y)(1.0)
