"""Activations as layers."""

from coursekit.scratch import functional
from coursekit.scratch.nn.module import Module


class ReLU(Module):
    """``max(x, 0)``."""

    def forward(self, input):
        return functional.relu(input)


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
