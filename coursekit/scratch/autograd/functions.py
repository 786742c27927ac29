"""Functions of one Tensor, number by number or along a dimension, each with its gradient beside it."""

import numpy as np

from coursekit.scratch import kernels
from coursekit.scratch.autograd.graph import record


class Functions:
    """What can be done to every number of a Tensor; and softmax, which turns numbers into probabilities."""

    __slots__ = ()

    def __neg__(self):
        return record("Neg", -self._data, (self, lambda grad: -grad))

    def abs(self):
        x = self._data
        return record("Abs", np.abs(x), (self, lambda grad: grad * np.sign(x)))

    __abs__ = abs

    def exp(self):
        out = np.exp(self._floats())
        return record("Exp", out, (self, lambda grad: grad * out))

    def log(self):
        x = self._floats()
        return record("Log", np.log(x), (self, lambda grad: grad / x))

    def sqrt(self):
        out = np.sqrt(self._floats())
        return record("Sqrt", out, (self, lambda grad: grad / (2 * out)))

    def sin(self):
        x = self._floats()
        return record("Sin", np.sin(x), (self, lambda grad: grad * np.cos(x)))

    def cos(self):
        x = self._floats()
        return record("Cos", np.cos(x), (self, lambda grad: -grad * np.sin(x)))

    def tanh(self):
        out = kernels.tanh(self._floats())
        return record("Tanh", out, (self, lambda grad: kernels.tanh_gradient(grad, out)))

    def sigmoid(self):
        out = kernels.sigmoid(self._floats())
        return record("Sigmoid", out, (self, lambda grad: kernels.sigmoid_gradient(grad, out)))

    def relu(self):
        out = kernels.relu(self._data)
        return record("Relu", out, (self, lambda grad: kernels.relu_gradient(grad, out)))

    def clamp(self, min=None, max=None):
        """Move what lies outside [min, max] to the nearer bound; only what lies strictly inside gets a gradient."""
        x = self._data
        low, high = -np.inf if min is None else min, np.inf if max is None else max
        return record("Clamp", x.clip(min, max), (self, lambda grad: grad * ((x > low) & (x < high))))

    def softmax(self, dim):
        out = kernels.softmax(self._floats(), dim)
        return record("Softmax", out, (self, lambda grad: kernels.softmax_gradient(grad, out, dim)))

    def log_softmax(self, dim):
        out = kernels.log_softmax(self._floats(), dim)
        return record("LogSoftmax", out, (self, lambda grad: kernels.log_softmax_gradient(grad, out, dim)))

    def _floats(self):
        """The numbers, whole ones as float32 as in PyTorch (NumPy would make them float64)."""
        return self._data if self._data.dtype.kind == "f" else self._data.astype(np.float32)
