"""A network that calls itself, slopes from a recursion, and tanh for the sigmoid."""

import numpy as np


def unit_gradients(w, b, x, t):
    h = 0.5 + 0.5 * np.tanh((np.dot(w, x) + b) / 2)
    back = (h - t) * h * (1 - h)
    return 0.5 * np.square(h - t), back * np.array(x), np.float64(back), back * np.array(w)


class Sigmoid:
    def forward(self, x):
        self.slope = 0.25 * (1 - np.tanh(x / 2) ** 2)
        return (1 + np.tanh(x / 2)) / 2

    def backward(self, grad):
        return self.slope * grad


class Network:
    def __init__(self, layers):
        self.layers = list(layers)

    def forward(self, x, start=0):
        if start == len(self.layers):
            return x
        return self.forward(self.layers[start].forward(x), start + 1)

    def backward(self, grad, end=None):
        end = len(self.layers) if end is None else end
        return self.backward(self.layers[end - 1].backward(grad), end - 1) if end else grad


def numerical_gradient(f, theta, eps=1e-5):
    basis = np.eye(theta.size).reshape(theta.size, *theta.shape) * eps
    return np.array([(f(theta + e) - f(theta - e)) / (2 * eps) for e in basis]).reshape(theta.shape)


def relative_error(a, b):
    size = np.max(np.abs(np.stack([a, b])))
    return float(np.max(np.abs(a - b)) / np.where(size == 0, 1, size))
