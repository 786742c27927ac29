"""einsum for every product, and masks."""

import numpy as np


class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.cache = x.copy()
        return np.einsum("nd,md->nm", x, self.W) + self.b[None]

    def backward(self, grad):
        self.grad_b = np.einsum("nm->m", grad)
        self.grad_W = np.einsum("nm,nd->md", grad, self.cache)
        return np.einsum("nm,md->nd", grad, self.W)


class ReLU:
    def forward(self, x):
        self.h = np.where(x > 0, x, 0.0)
        return self.h

    def backward(self, grad):
        return grad * (self.h > 0)


class Softplus:
    def forward(self, x):
        self.x = x
        return np.logaddexp(0, x)

    def backward(self, grad):
        return grad * np.exp(self.x - np.logaddexp(0, self.x))


class CrossEntropy:
    def forward(self, z, labels):
        z = z - np.max(z, axis=1)[:, None]
        self.y = np.eye(z.shape[1])[labels]
        log_p = z - np.log(np.einsum("nk->n", np.exp(z)))[:, None]
        self.p = np.exp(log_p)
        return -np.einsum("nk,nk->", self.y, log_p) / len(z)

    def backward(self):
        return (self.p - self.y) / self.p.shape[0]
