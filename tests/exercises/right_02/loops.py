"""Loops over numbers, lists as results."""

import math

import numpy as np


def unit_gradients(w, b, x, t):
    z = b
    for i in range(len(w)):
        z += w[i] * x[i]
    h = 1 / (1 + math.exp(-z))
    dz = (h - t) * (h - h * h)
    return 0.5 * (h - t) ** 2, [dz * each for each in x], dz, [dz * each for each in w]


class Linear:
    def __init__(self, W, b):
        self.W, self.b, self.grad_W, self.grad_b = W, b, None, None

    def forward(self, x):
        self.inputs = [list(row) for row in x]
        out = np.zeros((len(x), len(self.W)))
        for n, row in enumerate(x):
            for i in range(len(self.W)):
                out[n, i] = self.b[i] + sum(self.W[i][j] * row[j] for j in range(len(row)))
        return out

    def backward(self, grad):
        d = len(self.inputs[0])
        self.grad_W = np.zeros((len(self.W), d))
        self.grad_b = np.zeros(len(self.W))
        below = np.zeros((len(grad), d))
        for n in range(len(grad)):
            for i in range(len(self.W)):
                self.grad_b[i] += grad[n, i]
                for j in range(d):
                    self.grad_W[i, j] += grad[n, i] * self.inputs[n][j]
                    below[n, j] += grad[n, i] * self.W[i][j]
        return below


def numerical_gradient(f, theta, eps=1e-5):
    flat, result = theta.ravel(), []
    for i in range(flat.size):
        values = []
        for sign in (1, -1):
            moved = flat.copy()
            moved[i] = moved[i] + sign * eps
            values.append(f(moved.reshape(theta.shape)))
        result.append((values[0] - values[1]) / 2 / eps)
    return np.array(result).reshape(theta.shape)


def relative_error(a, b):
    largest = difference = 0.0
    for one, other in zip(a.flat, b.flat, strict=True):
        largest = max(largest, abs(one), abs(other))
        difference = max(difference, abs(one - other))
    return difference / largest if largest else 0


def fit_digits(images, labels):
    """As the model, from layers that multiply arrays: loops would take an hour."""

    class Fast:
        def __init__(self, W, b):
            self.W, self.b = W, b

        def forward(self, x):
            self.x = x
            return x.dot(self.W.T) + self.b

        def backward(self, grad):
            self.grad_W, self.grad_b = grad.T.dot(self.x), grad.sum(0)
            return grad.dot(self.W)

    rng = np.random.default_rng(1)
    X = images.reshape(-1, 784)
    net = Network(
        [
            Fast(rng.normal(size=(64, 784)) * 0.05, np.zeros(64)),
            ReLU(),
            Fast(rng.normal(size=(10, 64)) * 0.15, np.zeros(10)),
        ]
    )
    losses = []
    for _ in range(9):
        order = rng.permutation(len(X))
        for start in range(0, len(X), 100):
            i = order[start : start + 100]
            losses.append(step(net, CrossEntropy(), X[i], labels[i], 0.4))
    return net, losses
