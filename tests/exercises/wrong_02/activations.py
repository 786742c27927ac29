"""Wrong solutions of task 3; see exercise.py."""

import numpy as np


class Sigmoid__slope_at_input(Sigmoid):
    """Says: with the output h"""

    def forward(self, x):
        self.x = x
        return super().forward(x)

    def backward(self, grad):
        return grad * self.x * (1 - self.x)


class Sigmoid__slope_of_tanh(Sigmoid):
    """Says: slope of tanh"""

    def backward(self, grad):
        return grad * (1 - self.h**2)


class Sigmoid__unstable(Sigmoid):
    """Hidden only."""

    def forward(self, x):
        self.h = np.exp(x) / (1 + np.exp(x))
        return self.h


class ReLU__cuts_gradients(ReLU):
    """Says: not that of grad"""

    def backward(self, grad):
        return np.where(grad > 0, grad, 0)


class ReLU__guided(ReLU):
    """Says: as well as those at negative"""

    def backward(self, grad):
        return np.where(self.positive & (grad > 0), grad, 0)


class ReLU__slope_at_zero(ReLU):
    """Says: exactly 0 is to be 0"""

    def forward(self, x):
        result = super().forward(x)
        self.positive = x >= 0
        return result


class ReLU__in_place(ReLU):
    """Says: changed the array `x`"""

    def forward(self, x):
        self.positive = x > 0
        x[x < 0] = 0
        return x


class ReLU__changes_grad(ReLU):
    """Says: changed the array `grad`"""

    def backward(self, grad):
        grad[~self.positive] = 0
        return grad


class ReLU__slope_is_value(ReLU):
    """Says: not x"""

    def backward(self, grad):
        return grad * self.h

    def forward(self, x):
        self.h = super().forward(x)
        return self.h


class Softplus__overflow(Softplus):
    """Says: exp(1000) overflows"""

    def forward(self, x):
        self.x = x
        return np.log(1 + np.exp(x))


class Softplus__slope_of_relu(Softplus):
    """Says: slope of ReLU"""

    def backward(self, grad):
        return grad * (self.x > 0)


class Softplus__slope_overflow(Softplus):
    """Says: is nan"""

    def backward(self, grad):
        return grad * np.exp(self.x) / (1 + np.exp(self.x))


class Softplus__slope_of_sigmoid(Softplus):
    """Says: slope of the sigmoid"""

    def backward(self, grad):
        s = 1 / (1 + np.exp(-self.x))
        return grad * s * (1 - s)


class Softplus__no_log1p(Softplus):
    """Says: the max(x, 0) is missing"""

    def forward(self, x):
        self.x = x
        return np.log1p(np.exp(-np.abs(x)))
