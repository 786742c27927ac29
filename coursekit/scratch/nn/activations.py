"""Activations as layers."""

from coursekit.scratch import functional
from coursekit.scratch.nn.module import Module


class ReLU(Module):
    """``max(x, 0)``."""

    def forward(self, input):
        return functional.relu(input)


class LeakyReLU(Module):
    """``x`` where it is positive, ``negative_slope * x`` elsewhere."""

    def __init__(self, negative_slope=0.01):
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, input):
        return functional.leaky_relu(input, self.negative_slope)

    def extra_repr(self):
        return f"negative_slope={self.negative_slope}"


class GELU(Module):
    """``x`` times the probability that a normal number is smaller; see `kernels.gelu`."""

    def forward(self, input):
        return functional.gelu(input)

    def extra_repr(self):
        return "approximate='none'"


class Sigmoid(Module):
    """``1 / (1 + exp(-x))``."""

    def forward(self, input):
        return functional.sigmoid(input)


class Tanh(Module):
    """Hyperbolic tangent."""

    def forward(self, input):
        return functional.tanh(input)


class Softmax(Module):
    """Turn logits into probabilities along `dim`. Not needed before CrossEntropyLoss, which contains it."""

    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        return functional.softmax(input, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """Logarithm of the softmax along `dim`; what NLLLoss expects."""

    def forward(self, input):
        return functional.log_softmax(input, self.dim)
