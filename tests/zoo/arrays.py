"""Programs of arrays: linear algebra, networks, grids, statistics."""

from __future__ import annotations

import numpy as np

A = np.array([[2.0, -0.5, 0.25], [-0.5, 1.5, 0.1], [0.25, 0.1, 1.0]])
X = np.array([[1.0, 0.5, -0.25], [1.0, -1.0, 0.75], [1.0, 2.0, 0.5], [1.0, 0.25, -1.5]])
Y = np.array([0.5, -1.0, 2.0, 0.25])


def quadratic_form(x):
    return 0.5 * x @ A @ x - np.sum(x)


def least_squares(w, bias):
    residual = X @ w + bias - Y
    return np.sum(residual**2) / 4 + 0.1 * np.dot(w, w)


def linear_solve(M, b):
    return np.linalg.solve(M, b)


def log_determinant(M):
    return np.log(np.linalg.det(M @ M.T + np.eye(3)))


def inverse_trace(M):
    return np.trace(np.linalg.inv(M))


def cholesky_likelihood(M, x):
    covariance = M @ M.T + np.eye(2)
    L = np.linalg.cholesky(covariance)
    z = np.linalg.solve(L, x)
    return -0.5 * np.sum(z * z) - np.sum(np.log(np.diag(L)))


def power_iteration(M):
    v = np.ones(3)
    for _ in range(5):
        v = M @ v
        v = v / np.linalg.norm(v)
    return v @ M @ v


def gauss_seidel(M, b):
    x = [0.0, 0.0, 0.0]
    for _ in range(3):
        for i in range(3):
            rest = sum(M[i, j] * x[j] for j in range(3) if j != i)
            x[i] = (b[i] - rest) / M[i, i]
    return np.stack(x)


def softmax_regression(W, x):
    def softmax(z):
        e = np.exp(z - np.max(z))
        return e / np.sum(e)

    return -np.log(softmax(W @ x)[1])


def multilayer_perceptron(W1, b1, W2, b2):
    inputs = np.array([[0.0, 1.0], [1.0, 0.5], [-1.0, 0.25]])
    targets = np.array([[1.0], [0.0], [0.5]])
    hidden = np.tanh(inputs @ W1.T + b1)
    return np.mean((hidden @ W2.T + b2 - targets) ** 2)


def perceptron_of_a_tree(parameters):
    W, b = parameters["hidden"]
    w, bias = parameters["out"]
    hidden = np.tanh(W @ np.array([0.5, -1.0]) + b)
    return np.dot(w, hidden) + bias


def attention_head(tokens, Q, K, V):
    scores = (tokens @ Q) @ (tokens @ K).T / np.sqrt(2.0)
    e = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    return np.sum((e / np.sum(e, axis=1, keepdims=True)) @ (tokens @ V))


def layer_normalisation(x, scale, shift):
    mean = np.mean(x, axis=1, keepdims=True)
    spread = np.sqrt(np.var(x, axis=1, keepdims=True) + 1e-5)
    return (x - mean) / spread * scale + shift


def heat_equation(u, r):
    for _ in range(4):
        inner = u[1:-1] + r * (u[2:] - 2 * u[1:-1] + u[:-2])
        u = np.concatenate([u[:1], inner, u[-1:]])
    return np.sum(u**2)


def wave_by_differences(u, c):
    before = u
    for _ in range(3):
        bend = np.concatenate([np.zeros(1), np.diff(np.diff(u)), np.zeros(1)])
        before, u = u, 2 * u - before + c**2 * bend
    return u


def moving_average(x):
    return (x[:-2] + x[1:-1] + x[2:]) / 3


def broadcast_distances(points, centres):
    gaps = points[:, None, :] - centres[None, :, :]
    return np.sum(np.exp(-np.sum(gaps**2, axis=2)))


def gram_schmidt(M):
    basis = []
    for k in range(2):
        v = M[:, k]
        for q in basis:
            v = v - np.dot(q, v) * q
        basis.append(v / np.sqrt(np.sum(v * v)))
    return np.stack(basis, axis=1)


def einsum_bilinear(x, M, y):
    return np.einsum("i,ij,j->", x, M, y) + np.einsum("ij->", M)


def tensor_contraction(M, N):
    return np.tensordot(M, N, axes=1) + np.outer(M[:, 0], N[0])


def discrete_fourier(x):
    angles = 2 * np.pi * np.outer(np.arange(4), np.arange(4)) / 4
    return np.cos(angles) @ x, -np.sin(angles) @ x


def kernel_ridge(x, width):
    def kernel(u, w):
        return np.exp(-((u[:, None] - w[None, :]) ** 2) / (2 * width**2))

    targets = np.array([1.0, -0.5, 0.25])
    return np.sum(kernel(x, x) @ np.linalg.solve(kernel(x, x) + 0.5 * np.eye(3), targets))


def markov_chain(rates, start):
    P = rates / np.sum(rates, axis=1, keepdims=True)
    p = start / np.sum(start)
    for _ in range(2):
        p = p @ P
    return p


def statistics_of_an_array(x):
    centred = x - x.mean()
    return np.std(x) + np.var(x) * np.mean(centred**3) + np.max(x) * np.min(x) + np.prod(x)


def rearrangements(x):
    stacked = np.vstack([x, 2 * x[::-1], np.hstack([x[:, :1], x[:, 1:] ** 2])])
    return np.ravel(stacked.T)[1:15:2] * np.reshape(x, (6,))[3] + np.trace(x[:, :2])


def clipped_and_chosen(x):
    return np.sum(np.where(x > 0, x**2, np.sin(x)) * np.clip(x, -0.75, 0.75)) + np.sum(np.maximum(x, 0.0))


def running_products(x):
    return np.cumsum(x * np.exp(x)) / np.prod(x)


def matrix_signatures(M, x, y):
    return M @ x, y @ M, y @ (M @ x), M @ M.T, np.matmul(M.T, y)


def convolution_by_slices(x, kernel):
    total = np.zeros(4)
    for k in range(3):
        total = total + kernel[k] * x[k : k + 4]
    return np.sum(np.tanh(total))


def principal_angle(x, y):
    return np.arccos(np.dot(x, y) / (np.linalg.norm(x) * np.linalg.norm(y)))
