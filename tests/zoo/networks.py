"""Neural networks, one number at a time."""

from __future__ import annotations

import math

import numpy as np


def neuron(x1, x2, w1, w2, bias):
    return 1 / (1 + np.exp(-(w1 * x1 + w2 * x2 + bias)))


def small_network(w11, w12, w21, w22, v1, v2):
    loss = 0.0
    for x1, x2, target in ((0.0, 1.0, 1.0), (1.0, 1.0, 0.0), (1.0, 0.0, 1.0)):
        h1 = np.tanh(w11 * x1 + w12 * x2 + 0.1)
        h2 = np.tanh(w21 * x1 + w22 * x2 - 0.2)
        loss += (v1 * h1 + v2 * h2 - target) ** 2
    return loss / 3


def recurrent_network(w, u, x):
    h = 0.0
    for t in range(6):
        h = np.tanh(w * h + u * x + 0.1 * t)
    return h


def cross_entropy(z1, z2, z3):
    z = [z1, z2, z3]
    highest = max(z)
    total = 0.0
    for u in z:
        total += np.exp(u - highest)
    return highest + np.log(total) - z2


def long_short_term_memory(x, w, h, c):
    def gate(u):
        return 1 / (1 + np.exp(-u))

    for _ in range(3):
        forget, enter, leave = gate(w * x + h), gate(x - h), gate(0.5 * x + w * h)
        c = forget * c + enter * np.tanh(w * (x + h))
        h = leave * np.tanh(c)
    return h


def scalar_attention(q, k1, k2, v1, v2):
    e1, e2 = np.exp(q * k1), np.exp(q * k2)
    return (e1 * v1 + e2 * v2) / (e1 + e2)


def gelu(x):
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def leaky_units(x, slope):
    for shift in (0.5, -1.0, 0.25):
        u = x + shift
        x = u if u > 0 else slope * u
    return x
