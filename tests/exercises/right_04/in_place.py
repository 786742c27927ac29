"""In place, on copies of its own."""

import numpy as np


def momentum_step(w, v, grad, rate, momentum=0.0, decay=0.0):
    w, v = w.copy(), v.copy()
    v *= momentum
    v += grad
    if decay:
        v += decay * w
    w -= rate * v
    return w, v


def adam_step(w, m, v, grad, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = m + (1 - beta1) * (grad - m), v + (1 - beta2) * (grad * grad - v)
    step = m / (1 - beta1**t)
    root = np.sqrt(v / (1 - beta2**t))
    root += eps
    step /= root
    step *= rate
    return w - step, m, v


class BatchNorm:
    def __init__(self, gamma, beta, share=0.1, eps=1e-5):
        self.gamma, self.beta, self.share, self.eps = gamma, beta, share, eps
        self.running_mean, self.running_var = np.zeros(gamma.shape), np.ones(gamma.shape)

    def forward(self, x, training):
        if not training:
            return self.gamma * (x - self.running_mean) / np.sqrt(self.running_var + self.eps) + self.beta
        self.centred = x - x.mean(axis=0)
        var = np.mean(self.centred**2, axis=0)
        self.root = np.sqrt(var + self.eps)
        n = len(x)
        if n != 1:
            self.running_mean *= 1 - self.share
            self.running_mean += self.share * x.mean(axis=0)
            self.running_var *= 1 - self.share
            self.running_var += self.share * n / (n - 1) * var
        return self.gamma * self.centred / self.root + self.beta

    def backward(self, grad):
        """Stage by stage, as in many notes: variance, then mean, then the input itself."""
        n = len(grad)
        self.grad_beta = grad.sum(axis=0)
        self.grad_gamma = np.sum(grad * self.centred / self.root, axis=0)
        d_hat = grad * self.gamma
        d_var = np.sum(d_hat * self.centred, axis=0) * -0.5 * self.root**-3
        d_mean = -np.sum(d_hat, axis=0) / self.root + d_var * -2 * np.sum(self.centred) / n
        return d_hat / self.root + d_var * 2 * self.centred / n + d_mean / n
