"""Engines that keep an operation's parents as a set lose an edge of x * x."""

POINT = (3.0,)


def f(x):
    a = x * x
    return a + a / x
