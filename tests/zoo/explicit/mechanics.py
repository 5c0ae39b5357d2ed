"""`mechanics.py` with the elemental library: every operation on a traced number is a call of adviz.functions."""

from __future__ import annotations

from adviz.functions import absolute, add, arccos, arctan2, cos, div, hypot, mul, neg, power, sin, sqrt, sub


def two_link_arm(q1, q2):
    l1, l2 = (1.2, 0.8)
    return (add(mul(l1, cos(q1)), mul(l2, cos(add(q1, q2)))), add(mul(l1, sin(q1)), mul(l2, sin(add(q1, q2)))))


def three_link_arm(q1, q2, q3):
    x, y, angle = (0.0, 0.0, 0.0)
    for length, q in ((1.0, q1), (0.7, q2), (0.4, q3)):
        angle = add(angle, q)
        x = add(x, mul(length, cos(angle)))
        y = add(y, mul(length, sin(angle)))
    return (x, y, angle)


def euler_rotation(roll, pitch, yaw):
    x, y, z = (0.3, -0.5, 0.9)
    y, z = (sub(mul(cos(roll), y), mul(sin(roll), z)), add(mul(sin(roll), y), mul(cos(roll), z)))
    x, z = (add(mul(cos(pitch), x), mul(sin(pitch), z)), add(mul(neg(sin(pitch)), x), mul(cos(pitch), z)))
    x, y = (sub(mul(cos(yaw), x), mul(sin(yaw), y)), add(mul(sin(yaw), x), mul(cos(yaw), y)))
    return [x, y, z]


def quaternion_rotation(w, x, y, z):
    n = sqrt(add(add(add(mul(w, w), mul(x, x)), mul(y, y)), mul(z, z)))
    w, x, y, z = (div(w, n), div(x, n), div(y, n), div(z, n))
    return (sub(1, mul(2, add(mul(y, y), mul(z, z)))), mul(2, add(mul(x, y), mul(w, z))), mul(2, sub(mul(x, z), mul(w, y))))


def inverse_kinematics(px, py):
    l1, l2 = (1.2, 0.8)
    c2 = div(sub(sub(add(power(px, 2), power(py, 2)), l1**2), l2**2), 2 * l1 * l2)
    q2 = arccos(c2)
    q1 = sub(arctan2(py, px), arctan2(mul(l2, sin(q2)), add(l1, mul(l2, c2))))
    return (q1, q2)


def euler_decay(y, rate):
    h = 0.1
    for _ in range(20):
        y = add(y, mul(h, mul(neg(rate), y)))
    return y


def pendulum_rk4(theta, omega):

    def slope(theta, omega):
        return (omega, mul(-9.81, sin(theta)))

    h = 0.05
    for _ in range(4):
        a1, b1 = slope(theta, omega)
        a2, b2 = slope(add(theta, mul(h / 2, a1)), add(omega, mul(h / 2, b1)))
        a3, b3 = slope(add(theta, mul(h / 2, a2)), add(omega, mul(h / 2, b2)))
        a4, b4 = slope(add(theta, mul(h, a3)), add(omega, mul(h, b3)))
        theta = add(theta, mul(h / 6, add(add(add(a1, mul(2, a2)), mul(2, a3)), a4)))
        omega = add(omega, mul(h / 6, add(add(add(b1, mul(2, b2)), mul(2, b3)), b4)))
    return (theta, omega)


def pendulum_leapfrog(theta, omega, length):
    h = 0.02
    for _ in range(10):
        omega = sub(omega, mul(div(h / 2 * 9.81, length), sin(theta)))
        theta = add(theta, mul(h, omega))
        omega = sub(omega, mul(div(h / 2 * 9.81, length), sin(theta)))
    return theta


def lotka_volterra(prey, predators, alpha, beta):
    h = 0.01
    for _ in range(15):
        eaten = mul(mul(beta, prey), predators)
        prey, predators = (add(prey, mul(h, sub(mul(alpha, prey), eaten))), add(predators, mul(h, sub(eaten, mul(0.4, predators)))))
    return (prey, predators)


def kepler_orbit(x, y, vx, vy):
    h = 0.05
    for _ in range(6):
        r3 = power(add(power(x, 2), power(y, 2)), 1.5)
        vx = sub(vx, div(mul(h, x), r3))
        vy = sub(vy, div(mul(h, y), r3))
        x = add(x, mul(h, vx))
        y = add(y, mul(h, vy))
    return sub(mul(0.5, add(mul(vx, vx), mul(vy, vy))), div(1, hypot(x, y)))


def lorenz(x, y, z):
    h = 0.01
    for _ in range(10):
        dx, dy, dz = (mul(10, sub(y, x)), sub(mul(x, sub(28, z)), y), sub(mul(x, y), mul(8 / 3, z)))
        x, y, z = (add(x, mul(h, dx)), add(y, mul(h, dy)), add(z, mul(h, dz)))
    return x


def bouncing_ball(height, speed):
    h = 0.05
    for _ in range(30):
        speed = sub(speed, 9.81 * h)
        height = add(height, mul(h, speed))
        if height < 0:
            height = neg(height)
            speed = mul(-0.8, speed)
    return height


def adaptive_euler(y):
    t, h = (0.0, 0.4)
    while t < 1:
        big = add(y, mul(h, cos(y)))
        half = add(y, mul(h / 2, cos(y)))
        small = add(half, mul(h / 2, cos(half)))
        if absolute(sub(big, small)) > 0.01:
            h = h / 2
            continue
        y, t = (small, t + h)
    return y
