"""Prices, interest, taxes."""

from __future__ import annotations

import math

import numpy as np


def normal_cdf(z):
    """Φ(z) = 1/2 + φ(z) (z + z³/3 + z⁵/15 + ...): Marsaglia's series."""
    term = z
    total = z
    for k in range(1, 40):
        term = term * z * z / (2 * k + 1)
        total = total + term
    return 0.5 + total * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def black_scholes(spot, strike, rate, volatility, years):
    spread = volatility * np.sqrt(years)
    d1 = (np.log(spot / strike) + (rate + volatility**2 / 2) * years) / spread
    d2 = d1 - spread
    return spot * normal_cdf(d1) - strike * np.exp(-rate * years) * normal_cdf(d2)


def compound_interest(capital, rate):
    for _ in range(12):
        capital *= 1 + rate / 12
    return capital


def mortgage_years(payment, rate):
    debt, paid = 10.0, 0.0
    for _ in range(100):
        debt = debt * (1 + rate) - payment
        if debt < 0:
            paid = paid + payment + debt
            break
        paid = paid + payment
    return paid


def progressive_tax(income):
    tax = 0.0
    for low, high, rate in ((10.0, 20.0, 0.1), (20.0, 50.0, 0.25), (50.0, 1e9, 0.4)):
        if income <= low:
            break
        tax += rate * (min(income, high) - low)
    return tax


def bond_yield(price, coupon):
    y = 0.05
    for _ in range(6):
        value, slope = -price, 0.0
        for k in range(1, 6):
            cash = coupon + 100 if k == 5 else coupon
            value += cash * (1 + y) ** -k
            slope -= k * cash * (1 + y) ** (-k - 1)
        y = y - value / slope
    return y
