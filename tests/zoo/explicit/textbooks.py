"""`textbooks.py` with the elemental library: every operation on a traced number is a call of adviz.functions."""

from __future__ import annotations

import math

from adviz.functions import add, div, exp, ln, mul, power, sin, sub, tan


def running_example(x1, x2):
    return sub(add(ln(x1), mul(x1, x2)), sin(x2))


def griewank_first(x1, x2):
    return mul(sub(add(sin(div(x1, x2)), div(x1, x2)), exp(x2)), sub(div(x1, x2), exp(x2)))


def lighthouse(nu, gamma, omega, t):
    y1 = div(mul(nu, tan(mul(omega, t))), sub(gamma, tan(mul(omega, t))))
    y2 = mul(gamma, y1)
    return (y1, y2)


def speelpenning(x1, x2, x3, x4, x5):
    product = 1.0
    for x in (x1, x2, x3, x4, x5):
        product = mul(product, x)
    return product


def helmholtz_energy(x1, x2, x3):
    x, b = ([x1, x2, x3], [0.1, 0.2, 0.15])
    bx = add(add(mul(b[0], x1), mul(b[1], x2)), mul(b[2], x3))
    ideal, mixed = (0.0, 0.0)
    for i in range(3):
        ideal = add(ideal, mul(x[i], ln(div(x[i], sub(1, bx)))))
        for j in range(3):
            mixed = add(mixed, mul(mul(x[i], 0.5 + 0.1 * abs(i - j)), x[j]))
    root2 = math.sqrt(2)
    return sub(mul(0.3, ideal), mul(div(mixed, mul(math.sqrt(8), bx)), ln(div(add(1, mul(1 + root2, bx)), add(1, mul(1 - root2, bx))))))


def normal_log_density(y, mu, sigma):
    return sub(sub(mul(-0.5, power(div(sub(y, mu), sigma), 2)), ln(sigma)), 0.5 * math.log(2 * math.pi))


def logistic_map(x):
    l = x
    for _ in range(5):
        l = mul(mul(4, l), sub(1, l))
    return l


def common_subexpressions(x):
    a = exp(x)
    b = add(mul(a, a), a)
    c = ln(b)
    return add(div(mul(c, b), a), sin(c))


def fan_out_chain(x):
    for _ in range(6):
        x = sub(mul(x, x), mul(0.5, x))
    return x
