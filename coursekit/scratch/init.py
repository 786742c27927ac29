"""Initial weights, with the names and defaults of `torch.nn.init`.

Each function fills a Tensor in place and returns it. Numbers come from the generator that `manual_seed` sets; they are
drawn in float64 and then rounded to the Tensor's type, so the same seed gives the same weights at either precision.
"""

import math

import numpy as np

from coursekit.scratch import random


def uniform_(tensor, a=0.0, b=1.0):
    """Fill with numbers from the uniform distribution on [a, b).

    Examples
    --------
    >>> w = uniform_(Tensor(np.empty((100, 100))), -1, 1)
    >>> bool(abs(w.data).max() <= 1), bool(abs(w.data.mean()) < 0.05)
    (True, True)
    """
    tensor.data[...] = random.generator().uniform(a, b, tensor.shape)
    return tensor


def normal_(tensor, mean=0.0, std=1.0):
    """Fill with numbers from the normal distribution.

    Examples
    --------
    >>> bool(abs(normal_(Tensor(np.empty((100, 100))), std=3).data.std() - 3) < 0.2)
    True
    """
    tensor.data[...] = random.generator().normal(mean, std, tensor.shape)
    return tensor


def constant_(tensor, val):
    """Fill with one number.

    Examples
    --------
    >>> constant_(Tensor([1.0, 2.0]), 0.5)
    tensor([0.5000, 0.5000])
    """
    tensor.data[...] = val
    return tensor


def zeros_(tensor):
    """Fill with zeros.

    Examples
    --------
    >>> zeros_(Tensor([1.0, 2.0]))
    tensor([0., 0.])
    """
    return constant_(tensor, 0.0)


def ones_(tensor):
    """Fill with ones.

    Examples
    --------
    >>> ones_(Tensor([3.0, 2.0]))
    tensor([1., 1.])
    """
    return constant_(tensor, 1.0)


def calculate_gain(nonlinearity, param=None):
    """Return the factor by which weights must grow to make up for what an activation takes away.

    Parameters
    ----------
    nonlinearity : {"linear", "conv1d", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"}
    param : float, optional
        The negative slope of a leaky ReLU, 0.01 unless given.

    Examples
    --------
    >>> round(calculate_gain("relu") ** 2, 10)        # a ReLU keeps half of the mean square
    2.0
    """
    slope = 0.01 if param is None else param
    gains = {"tanh": 5 / 3, "relu": math.sqrt(2), "leaky_relu": math.sqrt(2 / (1 + slope**2)), "selu": 3 / 4}
    gains |= dict.fromkeys(("linear", "conv1d", "conv2d", "conv_transpose2d", "sigmoid"), 1.0)
    if nonlinearity not in gains:
        raise ValueError(f"nonlinearity must be one of {sorted(gains)}, not {nonlinearity!r}")
    return gains[nonlinearity]


def xavier_uniform_(tensor, gain=1.0):
    """Uniform, variance gain² · 2 / (fan_in + fan_out) (Glorot & Bengio, AISTATS 2010).

    Examples
    --------
    >>> bool(abs(xavier_uniform_(Tensor(np.empty((10, 50)))).data).max() <= (6 / 60) ** 0.5)
    True
    """
    bound = gain * math.sqrt(6 / sum(_fans(tensor)))
    return uniform_(tensor, -bound, bound)


def xavier_normal_(tensor, gain=1.0):
    """Normal, variance gain² · 2 / (fan_in + fan_out) (Glorot & Bengio, AISTATS 2010).

    Examples
    --------
    >>> bool(abs(xavier_normal_(Tensor(np.empty((100, 100)))).data.std() - 0.1) < 0.01)
    True
    """
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(_fans(tensor))))


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    """Uniform, variance gain² / fan (He et al., ICCV 2015).

    Parameters
    ----------
    tensor : Tensor, shape (out, in, ...)
    a : float
        The negative slope of the leaky ReLU that follows (only with ``"leaky_relu"``).
    mode : {"fan_in", "fan_out"}
        Keep the variance of the activations on the way forward, or of the gradients on the way back.
    nonlinearity : str
        See `calculate_gain`.

    Examples
    --------
    >>> bool(abs(kaiming_uniform_(Tensor(np.empty((10, 50)))).data).max() <= (6 / 50) ** 0.5)
    True
    """
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound)


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    """Normal, variance gain² / fan (He et al., ICCV 2015). Arguments as for `kaiming_uniform_`.

    Examples
    --------
    >>> bool(abs(kaiming_normal_(Tensor(np.empty((100, 200)))).data.std() - 0.1) < 0.01)
    True
    """
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity))


def _kaiming_std(tensor, a, mode, nonlinearity):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'mode must be "fan_in" or "fan_out", not {mode!r}')
    fan = _fans(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _fans(tensor):
    """How many inputs reach one output, and how many outputs one input reaches."""
    if tensor.ndim < 2:
        raise ValueError(f"fan_in and fan_out need a weight of at least 2 dimensions, not shape {tensor.shape}")
    positions = int(np.prod(tensor.shape[2:]))
    return tensor.shape[1] * positions, tensor.shape[0] * positions
