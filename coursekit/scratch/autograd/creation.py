"""Tensors to begin with: copies of numbers, constants, sequences, random numbers; float32 unless asked otherwise."""

import numpy as np

from coursekit.scratch.autograd.shaping import as_shape
from coursekit.scratch.autograd.tensor import Tensor, to_array
from coursekit.scratch.random import generator


def tensor(data, dtype=None, requires_grad=False):
    """Make a new Tensor from a copy of `data`.

    Examples
    --------
    >>> tensor([[1.0, 2.5]])
    tensor([[1.0000, 2.5000]])
    """
    array = to_array(data)
    return Tensor(array.astype(dtype or array.dtype), requires_grad)


def zeros(*size, dtype=np.float32, requires_grad=False):
    """Make a Tensor full of zeros.

    Examples
    --------
    >>> zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    return Tensor(np.zeros(as_shape(size), dtype), requires_grad)


def ones(*size, dtype=np.float32, requires_grad=False):
    """Make a Tensor full of ones."""
    return Tensor(np.ones(as_shape(size), dtype), requires_grad)


def arange(start, end=None, step=1, dtype=None):
    """Count from `start` in steps of `step` and stop before `end`; with one argument, from 0 up to it.

    Examples
    --------
    >>> arange(3), arange(0, 1, 0.25)
    (tensor([0, 1, 2]), tensor([0.0000, 0.2500, 0.5000, 0.7500]))
    """
    numbers = np.arange(0, start, step) if end is None else np.arange(start, end, step)
    return Tensor(numbers.astype(dtype or (np.float32 if numbers.dtype.kind == "f" else np.int64)))


def randn(*size, dtype=np.float32, requires_grad=False):
    """Draw normal random numbers, mean 0 and variance 1; `manual_seed` repeats them."""
    return Tensor(generator().standard_normal(as_shape(size), dtype), requires_grad)


def rand(*size, dtype=np.float32, requires_grad=False):
    """Draw uniform random numbers from [0, 1); `manual_seed` repeats them."""
    return Tensor(generator().random(as_shape(size), dtype), requires_grad)
