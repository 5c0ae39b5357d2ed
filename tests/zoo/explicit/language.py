"""`language.py` with the elemental library: every operation on a traced number is a call of adviz.functions."""

from __future__ import annotations

import numpy as np

from adviz.functions import (
    absolute,
    add,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    cbrt,
    cos,
    cosh,
    deg2rad,
    div,
    exp,
    exp2,
    expm1,
    fabs,
    float_power,
    floor,
    floor_divide,
    fmod,
    hypot,
    ln,
    log1p,
    log2,
    log10,
    logaddexp,
    logaddexp2,
    maximum,
    minimum,
    mod,
    mul,
    neg,
    negative,
    positive,
    power,
    rad2deg,
    radians,
    reciprocal,
    rint,
    sign,
    sin,
    sinc,
    sinh,
    sqrt,
    square,
    sub,
    tan,
)


def early_return(x, limit):
    total = 0.0
    for i in range(10):
        total = add(total, power(x, i))
        if total > limit:
            return mul(total, limit)
    return total


def break_and_continue(x):
    y = 1.0
    for i in range(12):
        if i % 3 == 1:
            continue
        y = add(mul(y, x), i)
        if y > 40:
            break
    return y


def nested_functions(x, y):

    def outer(u):

        def inner(w):
            return add(mul(u, w), x)

        return mul(inner(add(u, y)), inner(y))

    return outer(mul(x, y))


def closure_maker(x):

    def scaled_by(factor):
        return lambda u: add(mul(factor, u), x)

    double, triple = (scaled_by(2.0), scaled_by(x))
    return mul(triple(double(x)), double(triple(1.0)))


def comprehension(x, y):
    terms = [mul(sin(mul(k, x)), power(y, k)) for k in range(1, 5)]
    total = 0.0
    for term in terms:
        total = add(total, term)
    return total


def sum_of_a_generator(x):
    return sum(div(power(x, k), k + 1) for k in range(5))


def default_arguments(x, y):

    def blend(u, w, weight=0.25, *, offset=1.0):
        return add(add(mul(weight, u), mul(sub(1, weight), w)), offset)

    return sub(mul(blend(x, y), blend(y, x, 0.5)), blend(w=x, u=y, offset=y))


def unpacking(x, y, z):
    a, (b, c) = (mul(x, y), (add(y, z), sub(z, x)))
    a, b = (b, a)
    first, *rest = [a, b, c, mul(a, c)]
    return add(sub(mul(first, rest[0]), rest[1]), rest[2])


def halving_loop(x):
    steps = 0
    while x > 1:
        x = div(x, 2) if steps % 2 else add(div(x, 3), 0.1)
        steps += 1
    return add(mul(x, x), steps)


def nested_loops(x, y):
    total = 0.0
    for i in range(3):
        row = 1.0
        for j in range(i + 1):
            row = mul(row, add(x, mul(j, y)))
        total = add(total, row)
    return total


def comparison_chain(x, y):
    if 0 < x < y and (not x > 5):
        return ln(div(y, x))
    if x >= y or y < 0:
        return exp(sub(x, y))
    return mul(x, y)


def augmented_assignments(x, y):
    a = x
    a = add(a, y)
    a = mul(a, x)
    a = sub(a, mul(3, y))
    a = div(a, add(1, mul(y, y)))
    a = power(a, 2)
    return a


def dispatch_by_name(x):
    table = {"wave": lambda u: sin(mul(2, u)), "bell": lambda u: exp(mul(neg(u), u)), "root": lambda u: sqrt(add(1, mul(u, u)))}
    y = x
    for name in ("wave", "root", "bell"):
        y = add(y, table[name](y))
    return y


def while_true(x):
    n = 0
    while True:
        x = sqrt(add(x, 2))
        n += 1
        if n == 7:
            return x


def polar_and_back(x, y):
    r, angle = (hypot(x, y), arctan2(y, x))
    return sub(mul(mul(mul(r, cos(angle)), r), sin(angle)), r)


def hyperbolic_functions(x):
    return add(sub(add(mul(sinh(x), cosh(x)), arcsinh(x)), arctanh(div(x, 4))), arccosh(add(2, mul(x, x))))


def logarithms_and_powers(x, y):
    return add(add(sub(add(mul(log2(x), log10(y)), log1p(mul(x, y))), expm1(neg(x))), exp2(div(x, y))), mul(cbrt(x), power(y, x)))


def inverse_trigonometry(x, y):
    return add(mul(arcsin(x), arccos(y)), mul(arctan(div(x, y)), tan(x)))


def smooth_maxima(x, y):
    return add(add(add(logaddexp(x, y), mul(maximum(x, y), minimum(x, mul(2, y)))), logaddexp2(x, y)), mul(sinc(x), absolute(y)))


def remainders(x, y):
    return add(add(add(add(mod(x, y), mul(floor_divide(x, y), y)), mul(fmod(x, y), floor(y))), mul(mul(rint(x), sign(x)), y)), fabs(x))


def degrees_of_arc(latitude, longitude):
    a, b = (deg2rad(latitude), radians(longitude))
    return rad2deg(arccos(add(mul(sin(a), sin(0.7)), mul(mul(cos(a), cos(0.7)), cos(b)))))


def reciprocals_and_squares(x, y):
    return add(add(add(add(mul(reciprocal(x), square(y)), negative(x)), positive(y)), float_power(x, 2.5)), power(y, x))


def guarded_by_where(x, y):
    return add(np.where(x > y, mul(ln(x), y), sqrt(y)), np.where(y > 100.0, 1.0, x))


def several_outputs(x, y):
    a = exp(mul(x, y))
    return (a, a, x, 3.0, add(sin(a), y))
