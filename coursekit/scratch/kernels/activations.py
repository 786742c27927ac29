"""Activations: elementwise functions. Their gradients need only the output (or the input) and cost next to nothing."""

import numpy as np


def relu(x):
    """Rectify: ``max(x, 0)``.

    Examples
    --------
    >>> relu(np.array([-2., 0., 3.]))
    array([0., 0., 3.])
    """
    return np.maximum(x, 0)


def relu_gradient(grad, out):
    """Gradient of `relu`: passes where the output is positive; at the kink it is 0, as in PyTorch.

    Examples
    --------
    >>> relu_gradient(np.array([5., 6., 7.]), relu(np.array([-2., 0., 3.])))
    array([0., 0., 7.])
    """
    return grad * (out > 0)


def sigmoid(x):
    """Squash to (0, 1): ``1 / (1 + exp(-x))``.

    Examples
    --------
    >>> sigmoid(np.array([-1000., 0., 1000.]))
    array([0. , 0.5, 1. ])
    """
    with np.errstate(over="ignore"):  # exp(1000) is infinite, and 1 / (1 + infinity) is the right answer
        return 1 / (1 + np.exp(-x))


def sigmoid_gradient(grad, out):
    """Gradient of `sigmoid`, from its output alone: out · (1 - out), at most 1/4.

    Examples
    --------
    >>> sigmoid_gradient(np.array([1., 1.]), np.array([0.5, 0.9])).round(4)
    array([0.25, 0.09])
    """
    return grad * (out * (1 - out))


def tanh(x):
    """Squash to (-1, 1).

    Examples
    --------
    >>> tanh(np.array([0., 0.5])).round(4)
    array([0.    , 0.4621])
    """
    return np.tanh(x)


def tanh_gradient(grad, out):
    """Gradient of `tanh`, from its output alone: 1 - out².

    Examples
    --------
    >>> tanh_gradient(np.array([1., 1.]), np.array([0., 0.5]))
    array([1.  , 0.75])
    """
    return grad * (1 - out * out)
