"""Robot arms, rotations, and steps of differential equations."""

from __future__ import annotations

import numpy as np


def two_link_arm(q1, q2):
    l1, l2 = 1.2, 0.8
    return l1 * np.cos(q1) + l2 * np.cos(q1 + q2), l1 * np.sin(q1) + l2 * np.sin(q1 + q2)


def three_link_arm(q1, q2, q3):
    x, y, angle = 0.0, 0.0, 0.0
    for length, q in ((1.0, q1), (0.7, q2), (0.4, q3)):
        angle = angle + q
        x = x + length * np.cos(angle)
        y = y + length * np.sin(angle)
    return x, y, angle


def euler_rotation(roll, pitch, yaw):
    x, y, z = 0.3, -0.5, 0.9
    y, z = np.cos(roll) * y - np.sin(roll) * z, np.sin(roll) * y + np.cos(roll) * z
    x, z = np.cos(pitch) * x + np.sin(pitch) * z, -np.sin(pitch) * x + np.cos(pitch) * z
    x, y = np.cos(yaw) * x - np.sin(yaw) * y, np.sin(yaw) * x + np.cos(yaw) * y
    return [x, y, z]


def quaternion_rotation(w, x, y, z):
    n = np.sqrt(w * w + x * x + y * y + z * z)
    w, x, y, z = w / n, x / n, y / n, z / n
    return 1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)


def inverse_kinematics(px, py):
    l1, l2 = 1.2, 0.8
    c2 = (px**2 + py**2 - l1**2 - l2**2) / (2 * l1 * l2)
    q2 = np.arccos(c2)
    q1 = np.arctan2(py, px) - np.arctan2(l2 * np.sin(q2), l1 + l2 * c2)
    return q1, q2


def euler_decay(y, rate):
    h = 0.1
    for _ in range(20):
        y = y + h * (-rate * y)
    return y


def pendulum_rk4(theta, omega):
    def slope(theta, omega):
        return omega, -9.81 * np.sin(theta)

    h = 0.05
    for _ in range(4):
        a1, b1 = slope(theta, omega)
        a2, b2 = slope(theta + h / 2 * a1, omega + h / 2 * b1)
        a3, b3 = slope(theta + h / 2 * a2, omega + h / 2 * b2)
        a4, b4 = slope(theta + h * a3, omega + h * b3)
        theta = theta + h / 6 * (a1 + 2 * a2 + 2 * a3 + a4)
        omega = omega + h / 6 * (b1 + 2 * b2 + 2 * b3 + b4)
    return theta, omega


def pendulum_leapfrog(theta, omega, length):
    h = 0.02
    for _ in range(10):
        omega = omega - h / 2 * 9.81 / length * np.sin(theta)
        theta = theta + h * omega
        omega = omega - h / 2 * 9.81 / length * np.sin(theta)
    return theta


def lotka_volterra(prey, predators, alpha, beta):
    h = 0.01
    for _ in range(15):
        eaten = beta * prey * predators
        prey, predators = prey + h * (alpha * prey - eaten), predators + h * (eaten - 0.4 * predators)
    return prey, predators


def kepler_orbit(x, y, vx, vy):
    h = 0.05
    for _ in range(6):
        r3 = (x**2 + y**2) ** 1.5
        vx -= h * x / r3
        vy -= h * y / r3
        x += h * vx
        y += h * vy
    return 0.5 * (vx * vx + vy * vy) - 1 / np.hypot(x, y)


def lorenz(x, y, z):
    h = 0.01
    for _ in range(10):
        dx, dy, dz = 10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z
        x, y, z = x + h * dx, y + h * dy, z + h * dz
    return x


def bouncing_ball(height, speed):
    h = 0.05
    for _ in range(30):
        speed = speed - 9.81 * h
        height = height + h * speed
        if height < 0:
            height = -height
            speed = -0.8 * speed
    return height


def adaptive_euler(y):
    t, h = 0.0, 0.4
    while t < 1:
        big = y + h * np.cos(y)
        half = y + h / 2 * np.cos(y)
        small = half + h / 2 * np.cos(half)
        if abs(big - small) > 0.01:
            h = h / 2
            continue
        y, t = small, t + h
    return y
