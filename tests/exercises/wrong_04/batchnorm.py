"""Wrong solutions of task 4; see exercise.py."""

import numpy as np


class BatchNorm__variance(BatchNorm):
    """Says: not by the variance"""

    def forward(self, x, training):
        super().forward(x, training)
        mean, var = (x.mean(0), x.var(0)) if training else (self.running_mean, self.running_var)
        self.x_hat = (x - mean) / (var + self.eps)
        return self.gamma * self.x_hat + self.beta


class BatchNorm__shares_exchanged(BatchNorm):
    """Says: the other way round"""

    def __init__(self, gamma, beta, share=0.1, eps=1e-5):
        super().__init__(gamma, beta, 1 - share, eps)


class BatchNorm__always_training(BatchNorm):
    """Says: a batch of one

    becomes beta."""

    def forward(self, x, training):
        return super().forward(x, True)


class BatchNorm__learns_in_use(BatchNorm):
    """Says: A pass with training=False changes nothing"""

    def forward(self, x, training):
        result = super().forward(x, training)
        if not training:
            self.running_mean = 0.9 * self.running_mean + 0.1 * x.mean(axis=0)
        return result


class BatchNorm__variance_by_n(BatchNorm):
    """Says: divides by N - 1"""

    def forward(self, x, training):
        before = self.running_var
        result = super().forward(x, training)
        if training:
            self.running_var = (1 - self.share) * before + self.share * x.var(axis=0)
        return result


class BatchNorm__constant_statistics(BatchNorm):
    """Says: treated as constants"""

    def backward(self, grad):
        super().backward(grad)
        return grad * self.gamma / self.std


class BatchNorm__no_variance_term(BatchNorm):
    """Says: through the variance is missing"""

    def backward(self, grad):
        super().backward(grad)
        return (grad - grad.mean(axis=0)) * self.gamma / self.std


class BatchNorm__means_of_gradients(BatchNorm):
    """Says: this is a mean"""

    def backward(self, grad):
        below = super().backward(grad)
        self.grad_gamma, self.grad_beta = self.grad_gamma / len(grad), self.grad_beta / len(grad)
        return below


class BatchNorm__rows(BatchNorm):
    """Says: of each row"""

    def forward(self, x, training):
        if not training:
            return super().forward(x, training)
        super().forward(x, training)
        self.std = np.sqrt(x.var(axis=1, keepdims=True) + self.eps)
        self.x_hat = (x - x.mean(axis=1, keepdims=True)) / self.std
        return self.gamma * self.x_hat + self.beta


class BatchNorm__no_scale(BatchNorm):
    """Says: γ is missing"""

    def backward(self, grad):
        return super().backward(grad) / self.gamma


class BatchNorm__epsilon_outside(BatchNorm):
    """Hidden only."""

    def forward(self, x, training):
        result = super().forward(x, training)
        if training and self.eps > 1e-4:
            self.std = x.std(axis=0) + self.eps
            self.x_hat = (x - x.mean(axis=0)) / self.std
            return self.gamma * self.x_hat + self.beta
        return result


class BatchNorm__running_mean_shared(BatchNorm):
    """Hidden only.

    N / (N - 1) for a batch of one."""

    def forward(self, x, training):
        result = super().forward(x, training)
        if training and len(x) == 1:
            self.running_mean = 0.9 * self.running_mean + 0.1 * x[0]
            self.running_var = self.running_var + np.nan
        return result
