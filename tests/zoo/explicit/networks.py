"""`networks.py` with the elemental library: every operation on a traced number is a call of adviz.functions."""

from __future__ import annotations

import math

from adviz.functions import add, div, exp, ln, mul, neg, power, sub, tanh


def neuron(x1, x2, w1, w2, bias):
    return div(1, add(1, exp(neg(add(add(mul(w1, x1), mul(w2, x2)), bias)))))


def small_network(w11, w12, w21, w22, v1, v2):
    loss = 0.0
    for x1, x2, target in ((0.0, 1.0, 1.0), (1.0, 1.0, 0.0), (1.0, 0.0, 1.0)):
        h1 = tanh(add(add(mul(w11, x1), mul(w12, x2)), 0.1))
        h2 = tanh(sub(add(mul(w21, x1), mul(w22, x2)), 0.2))
        loss = add(loss, power(sub(add(mul(v1, h1), mul(v2, h2)), target), 2))
    return div(loss, 3)


def recurrent_network(w, u, x):
    h = 0.0
    for t in range(6):
        h = tanh(add(add(mul(w, h), mul(u, x)), 0.1 * t))
    return h


def cross_entropy(z1, z2, z3):
    z = [z1, z2, z3]
    highest = max(z)
    total = 0.0
    for u in z:
        total = add(total, exp(sub(u, highest)))
    return sub(add(highest, ln(total)), z2)


def long_short_term_memory(x, w, h, c):

    def gate(u):
        return div(1, add(1, exp(neg(u))))

    for _ in range(3):
        forget, enter, leave = (gate(add(mul(w, x), h)), gate(sub(x, h)), gate(add(mul(0.5, x), mul(w, h))))
        c = add(mul(forget, c), mul(enter, tanh(mul(w, add(x, h)))))
        h = mul(leave, tanh(c))
    return h


def scalar_attention(q, k1, k2, v1, v2):
    e1, e2 = (exp(mul(q, k1)), exp(mul(q, k2)))
    return div(add(mul(e1, v1), mul(e2, v2)), add(e1, e2))


def gelu(x):
    return mul(mul(0.5, x), add(1, tanh(mul(math.sqrt(2 / math.pi), add(x, mul(0.044715, power(x, 3)))))))


def leaky_units(x, slope):
    for shift in (0.5, -1.0, 0.25):
        u = add(x, shift)
        x = u if u > 0 else mul(slope, u)
    return x
