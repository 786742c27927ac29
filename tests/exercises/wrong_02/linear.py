"""Wrong solutions of task 2; see exercise.py."""

import numpy as np


class Linear__bias_mean(Linear):
    """Says: this is a mean over the batch"""

    def backward(self, grad):
        below = super().backward(grad)
        self.grad_b = grad.mean(axis=0)
        return below


class Linear__averaged(Linear):
    """Says: divided by N"""

    def backward(self, grad):
        below = super().backward(grad)
        self.grad_W = self.grad_W / len(grad)
        return below


class Linear__divides_again(Linear):
    """Says: divided by N"""

    def backward(self, grad):
        return super().backward(grad / len(grad))


class Linear__accumulates(Linear):
    """Says: use =, not +="""

    def backward(self, grad):
        kept_W, kept_b = self.grad_W, self.grad_b
        below = super().backward(grad)
        self.grad_W, self.grad_b = self.grad_W + kept_W, self.grad_b + kept_b
        return below


class Linear__no_bias(Linear):
    """Says: the bias is missing"""

    def forward(self, x):
        return super().forward(x) - self.b


class Linear__only_square(Linear):
    """Says: In a product the inner sizes must agree"""

    def backward(self, grad):
        super().backward(grad)
        return grad @ self.W.T


class Linear__transposed_gradient(Linear):
    """Says: the wrong way round"""

    def backward(self, grad):
        below = super().backward(grad)
        self.grad_W = self.grad_W.T
        return below


class Linear__updates_first(Linear):
    """Says: backward changed W"""

    def backward(self, grad):
        below = super().backward(grad)
        self.W = self.W - 0.001 * self.grad_W
        return below


class Linear__passes_down_new_weights(Linear):
    """Says: should be 3

    The gradient that goes down belongs to weights of another moment."""

    def backward(self, grad):
        super().backward(grad)
        return grad @ (self.W - 0.01 * self.grad_W)


class Linear__product_of_sums(Linear):
    """Says: sums were multiplied"""

    def backward(self, grad):
        below = super().backward(grad)
        self.grad_W = np.outer(grad.sum(axis=0), self.x.sum(axis=0))
        return below


class Linear__bias_over_outputs(Linear):
    """Says: should have the shape"""

    def backward(self, grad):
        below = super().backward(grad)
        self.grad_b = grad.sum(axis=0, keepdims=True).T
        return below


class Linear__shared_memory(Linear):
    """Hidden only.

    What forward keeps is kept for all layers in common."""

    memory = []  # noqa: RUF012

    def forward(self, x):
        self.memory[:] = [x]
        return super().forward(x)

    def backward(self, grad):
        self.x = self.memory[0]
        return super().backward(grad)


class Linear__changes_grad(Linear):
    """Says: changed the array `grad`"""

    def backward(self, grad):
        below = super().backward(grad)
        grad *= 0
        return below
