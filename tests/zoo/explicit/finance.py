"""`finance.py` with the elemental library: every operation on a traced number is a call of adviz.functions."""

from __future__ import annotations

import math

from adviz.functions import add, div, exp, ln, mul, neg, power, sqrt, sub


def normal_cdf(z):
    """Φ(z) = 1/2 + φ(z) (z + z³/3 + z⁵/15 + ...): Marsaglia's series."""
    term = z
    total = z
    for k in range(1, 40):
        term = div(mul(mul(term, z), z), 2 * k + 1)
        total = add(total, term)
    return add(0.5, div(mul(total, exp(div(mul(neg(z), z), 2))), math.sqrt(2 * math.pi)))


def black_scholes(spot, strike, rate, volatility, years):
    spread = mul(volatility, sqrt(years))
    d1 = div(add(ln(div(spot, strike)), mul(add(rate, div(power(volatility, 2), 2)), years)), spread)
    d2 = sub(d1, spread)
    return sub(mul(spot, normal_cdf(d1)), mul(mul(strike, exp(mul(neg(rate), years))), normal_cdf(d2)))


def compound_interest(capital, rate):
    for _ in range(12):
        capital = mul(capital, add(1, div(rate, 12)))
    return capital


def mortgage_years(payment, rate):
    debt, paid = (10.0, 0.0)
    for _ in range(100):
        debt = sub(mul(debt, add(1, rate)), payment)
        if debt < 0:
            paid = add(add(paid, payment), debt)
            break
        paid = add(paid, payment)
    return paid


def progressive_tax(income):
    tax = 0.0
    for low, high, rate in ((10.0, 20.0, 0.1), (20.0, 50.0, 0.25), (50.0, 1000000000.0, 0.4)):
        if income <= low:
            break
        tax = add(tax, mul(rate, sub(min(income, high), low)))
    return tax


def bond_yield(price, coupon):
    y = 0.05
    for _ in range(6):
        value, slope = (neg(price), 0.0)
        for k in range(1, 6):
            cash = add(coupon, 100) if k == 5 else coupon
            value = add(value, mul(cash, power(add(1, y), -k)))
            slope = sub(slope, mul(mul(k, cash), power(add(1, y), -k - 1)))
        y = sub(y, div(value, slope))
    return y
