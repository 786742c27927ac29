"""einsum, a Jacobian for batch normalisation, recursion for early stopping."""

import numpy as np


class BatchNorm:
    def __init__(self, gamma, beta, share=0.1, eps=1e-5):
        self.gamma, self.beta, self.share, self.eps = gamma, beta, share, eps
        self.running_mean, self.running_var = 0 * gamma, 0 * gamma + 1

    def forward(self, x, training):
        n = x.shape[0]
        if training:
            mean = np.einsum("nm->m", x) / n
            var = np.einsum("nm,nm->m", x - mean, x - mean) / n
            if n > 1:
                self.running_mean = self.running_mean + self.share * (mean - self.running_mean)
                self.running_var = self.running_var + self.share * (var * n / (n - 1) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        self.deviation = (var + self.eps) ** 0.5
        self.x_hat = (x - mean) / self.deviation
        return np.einsum("m,nm->nm", self.gamma, self.x_hat) + self.beta

    def backward(self, grad):
        n = len(grad)
        self.grad_gamma = np.einsum("nm,nm->m", grad, self.x_hat)
        self.grad_beta = np.einsum("nm->m", grad)
        jacobian = np.eye(n)[:, :, None] - 1 / n - np.einsum("im,jm->ijm", self.x_hat, self.x_hat) / n
        return np.einsum("ijm,jm,m->im", jacobian, grad, self.gamma / self.deviation)


def early_stopping(losses, patience, best=1, last=1):
    if last > 1 and losses[last - 1] < losses[best - 1]:
        best = last
    if last == len(losses) or last - best >= patience:
        return best, last
    return early_stopping(losses, patience, best, last + 1)


def dropout_backward(grad, p, u):
    return np.einsum("...,...->...", grad, (u >= p) / (1 - p))
