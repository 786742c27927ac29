"""Works in place wherever that hurts nobody, and puts back what it moved."""

import numpy as np


class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b
        self.grad_W, self.grad_b = np.empty(W.shape), np.empty(b.shape)

    def forward(self, x):
        self.x = x
        out = x @ self.W.T
        out += self.b
        return out

    def backward(self, grad):
        np.matmul(grad.T, self.x, out=self.grad_W)
        np.sum(grad, axis=0, out=self.grad_b)
        return grad @ self.W


class ReLU:
    def forward(self, x):
        out = x.copy()
        self.off = out <= 0
        out[self.off] = 0
        return out

    def backward(self, grad):
        below = grad.copy()
        below[self.off] = 0
        return below


class CrossEntropy:
    def forward(self, z, labels):
        p = z.astype(float)
        p -= p.max(axis=1, keepdims=True)
        rows = np.arange(len(z))
        right = p[rows, labels]
        np.exp(p, out=p)
        total = p.sum(axis=1)
        p /= total[:, None]
        p[rows, labels] -= 1
        p /= len(z)
        self.grad = p
        return (np.log(total) - right).mean()

    def backward(self):
        return self.grad


def numerical_gradient(f, theta, eps=1e-5):
    theta = theta.copy()
    grad = np.zeros_like(theta)
    for place in np.ndindex(*theta.shape):
        kept = theta[place]
        theta[place] = kept + eps
        grad[place] = f(theta)
        theta[place] = kept - eps
        grad[place] -= f(theta)
        theta[place] = kept
    grad /= 2 * eps
    return grad


def step(network, loss, x, labels, rate):
    value = loss.forward(network.forward(x), labels)
    network.backward(loss.backward())
    for layer in network.layers:
        if getattr(layer, "W", None) is not None:
            layer.W -= rate * layer.grad_W
            layer.b -= rate * layer.grad_b
    return value
