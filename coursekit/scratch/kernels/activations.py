"""Activations: elementwise functions. Their gradients need only the output (or the input) and cost next to nothing."""

import math

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


def leaky_relu(x, negative_slope=0.01):
    """Rectify, but let negative numbers through a little: ``x`` or ``negative_slope * x`` (Maas et al., ICML 2013).

    Examples
    --------
    >>> leaky_relu(np.array([-2., 0., 3.]))
    array([-0.02,  0.  ,  3.  ])
    """
    return (np.maximum if negative_slope <= 1 else np.minimum)(x, negative_slope * x)


def leaky_relu_gradient(grad, x, negative_slope=0.01):
    """Gradient of `leaky_relu`; at the kink it is `negative_slope`, as in PyTorch.

    Examples
    --------
    >>> leaky_relu_gradient(np.array([5., 6., 7.]), np.array([-2., 0., 3.]))
    array([0.05, 0.06, 7.  ])
    """
    passed = grad * (x > 0)
    return passed + negative_slope * (grad - passed)


def gelu(x):
    """Weight `x` with the probability that a standard normal number is smaller: ``x · Φ(x)``.

    Hendrycks & Gimpel, "Gaussian error linear units (GELUs)", 2016.

    Examples
    --------
    >>> gelu(np.array([-1., 0., 1.])).round(4)
    array([-0.1587,  0.    ,  0.8413])
    """
    return x * normal_cdf(x)


def gelu_gradient(grad, x):
    """Gradient of `gelu`: ``Φ(x) + x · φ(x)``, where φ, the derivative of Φ, is the bell curve.

    Examples
    --------
    >>> gelu_gradient(np.array([1., 1., 1.]), np.array([-1., 0., 1.])).round(4)
    array([-0.0833,  0.5   ,  1.0833])
    """
    return grad * (normal_cdf(x) + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi))


def normal_cdf(x):
    """Probability Φ(x) that a standard normal number is smaller than `x`: half of erfc(-x / √2), which NumPy lacks.

    With `z = abs(x) / √2`, erfc(z) is 2z/π times the integral of exp(-z² - t²) / (z² + t²) over all t > 0. Twelve
    strips of width h = ½ add up to it with all 16 digits, once what the pole at t = iz contributes is added
    (Hunter & Regan, "A note on the evaluation of the complementary error function", Math. Comp. 1972).

    Examples
    --------
    >>> normal_cdf(np.array([-6., 0., 1.96]))
    array([9.86587645e-10, 5.00000000e-01, 9.75002105e-01])
    """
    z, h = np.abs(x) * math.sqrt(0.5), 0.5
    middles = ((np.arange(12) + 0.5) * h) ** 2
    square = z * z
    area = sum(math.exp(-t) / (square + t) for t in middles.tolist())
    with np.errstate(over="ignore"):  # exp may become infinite: what is divided by it vanishes
        smaller = z * area * np.exp(-square) * (h / math.pi) + 1 / (1 + np.exp(z * (2 * math.pi / h)))
    return np.where(x > 0, 1 - smaller, smaller)


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
