"""Loops over entries, lists as results, math instead of NumPy."""

import math

import numpy as np


def initial_weights(inputs, outputs, kind, seed):
    rng = np.random.default_rng(seed)
    variance = {"he": 2 / inputs, "xavier": 2 / (inputs + outputs)}[kind]
    return np.array([[rng.normal() * math.sqrt(variance) for _ in range(inputs)] for _ in range(outputs)])


def rate_at(s, total, warmup, peak):
    if s >= warmup:
        return peak * math.cos(math.pi * (s - warmup) / (total - warmup) / 2) ** 2
    return peak / warmup * (s + 1)


class BatchNorm:
    def __init__(self, gamma, beta, share=0.1, eps=1e-5):
        self.gamma, self.beta, self.share, self.eps = gamma, beta, share, eps
        self.running_mean, self.running_var = [0.0] * len(gamma), [1.0] * len(gamma)

    def forward(self, x, training):
        n, out = len(x), np.zeros(x.shape)
        self.x_hat, self.scale = np.zeros(x.shape), []
        for j in range(x.shape[1]):
            column = [float(value) for value in x[:, j]]
            mean, var = self.running_mean[j], self.running_var[j]
            if training:
                mean = sum(column) / n
                squares = sum((value - mean) ** 2 for value in column)
                var = squares / n
                if n > 1:
                    self.running_mean[j] += self.share * (mean - self.running_mean[j])
                    self.running_var[j] += self.share * (squares / (n - 1) - self.running_var[j])
            self.scale.append(math.sqrt(var + self.eps))
            for i in range(n):
                self.x_hat[i, j] = (column[i] - mean) / self.scale[j]
                out[i, j] = self.gamma[j] * self.x_hat[i, j] + self.beta[j]
        return out

    def backward(self, grad):
        n, m = grad.shape
        self.grad_gamma, self.grad_beta, below = [0.0] * m, [0.0] * m, np.zeros((n, m))
        for j in range(m):
            for i in range(n):
                self.grad_gamma[j] += grad[i, j] * self.x_hat[i, j]
                self.grad_beta[j] += grad[i, j]
            for i in range(n):
                through = self.grad_beta[j] / n + self.x_hat[i, j] * self.grad_gamma[j] / n
                below[i, j] = self.gamma[j] / self.scale[j] * (grad[i, j] - through)
        return below


def dropout(h, p, u):
    result = np.zeros(h.shape)
    for place in np.ndindex(h.shape):
        if u[place] >= p:
            result[place] = h[place] / (1 - p)
    return result


def early_stopping(losses, patience):
    for last in range(1, len(losses) + 1):
        seen = list(losses[:last])
        best = seen.index(min(seen)) + 1
        if last - best >= patience:
            break
    return [best, last]
