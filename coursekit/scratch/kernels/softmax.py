"""Softmax and its logarithm."""

import numpy as np


def softmax(x, axis=-1):
    """Turn logits into probabilities, ``exp(x) / sum(exp(x))`` along `axis`.

    The largest logit of each row is subtracted first. That changes nothing (it cancels) and keeps exp from overflowing.

    Examples
    --------
    >>> softmax(np.array([[0., 0.], [1000., 0.]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    out = _classes_first(x, axis)
    out = np.exp(out - out.max(axis=0))
    out /= out.sum(axis=0)
    return out.swapaxes(0, axis)


def softmax_gradient(grad, out, axis=-1):
    """Gradient of `softmax`: raising one logit lowers all the other probabilities, hence the sum.

    Examples
    --------
    >>> softmax_gradient(np.array([1., 0.]), np.array([0.5, 0.5]))
    array([ 0.25, -0.25])
    """
    return out * (grad - (grad * out).sum(axis=axis, keepdims=True))


def log_softmax(x, axis=-1):
    """Logarithm of `softmax`, by log-sum-exp: ``x - log(sum(exp(x)))``, with the largest logit taken out first.

    ``log(softmax(x))`` would give -inf as soon as a probability is too small for a float; this does not.

    Examples
    --------
    >>> log_softmax(np.array([0., -800.]))
    array([   0., -800.])
    """
    out = _classes_first(x, axis)
    out = out - out.max(axis=0)
    out -= np.log(np.exp(out).sum(axis=0))
    return out.swapaxes(0, axis)


def log_softmax_gradient(grad, out, axis=-1):
    """Gradient of `log_softmax`.

    Examples
    --------
    >>> log_softmax_gradient(np.array([-1., 0.]), np.log(np.array([0.25, 0.75])))
    array([-0.75,  0.75])
    """
    return grad - np.exp(out) * grad.sum(axis=axis, keepdims=True)


def _classes_first(x, axis):
    """Move an axis to the front, in memory too: sums over it then add whole rows, which is fast however short it is."""
    return np.ascontiguousarray(x.swapaxes(0, axis))
