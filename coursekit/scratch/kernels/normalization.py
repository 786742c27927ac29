"""Normalisation: every channel brought to mean 0 and variance 1 over the batch.

The paper is Ioffe & Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate
shift", ICML 2015. Taught in the chapter on training.
"""

import numpy as np

from coursekit.scratch.kernels.windows import batch_first, rows_first


def batch_statistics(x):
    """Mean and variance of every channel, over all images and pixels.

    Parameters
    ----------
    x : ndarray, shape (N, C), (N, C, L) or (N, C, H, W)

    Returns
    -------
    mean, variance : ndarray, shape (C,)
        The variance divides by the number of values, not by one less.

    Examples
    --------
    >>> batch_statistics(np.array([[1.0, 0.0], [3.0, 10.0]]))
    (array([2., 5.]), array([ 1., 25.]))
    """
    x = _channels_apart(x)
    count = max(x[:, 0].size, 1)  # an empty batch has a mean, too: 0
    mean = _sums(x) / count
    x = x - mean[:, None]
    return mean, _dots(x, x) / count


def batch_norm(x, mean, variance, weight=None, bias=None, eps=1e-5):
    """Normalise every channel, then scale and shift it.

    Parameters
    ----------
    x : ndarray, shape (N, C), (N, C, L) or (N, C, H, W)
    mean, variance : ndarray, shape (C,)
        Those of this batch (`batch_statistics`) in training, running averages of them in evaluation.
    weight, bias : ndarray, shape (C,), optional
    eps : float
        Added to the variance, which may be zero.

    Returns
    -------
    out, normalized : ndarray, shape of `x`
        With and without scale and shift; the gradients need the latter.

    Examples
    --------
    >>> x = np.array([[1.0, 0.0], [3.0, 10.0]])
    >>> batch_norm(x, *batch_statistics(x), weight=np.array([1.0, 2.0]), eps=0)[0]
    array([[-1., -2.],
           [ 1.,  2.]])
    """
    normalized = _channels_apart(x) - mean[:, None]
    normalized *= 1 / np.sqrt(variance + eps)[:, None]
    out = normalized if weight is None else normalized * weight[:, None]
    out = out if bias is None else out + bias[:, None]
    return _channels_second(out, x.shape), _channels_second(normalized, x.shape)


def batch_norm_input_gradient(grad, normalized, variance, weight=None, eps=1e-5, training=True):
    """Gradient of `batch_norm` with respect to its input.

    In training, a pixel also moves the mean and the variance of its channel. That takes two things away from the
    gradient, its mean and its projection on the normalised channel: neither of the two can be changed.

    Examples
    --------
    >>> x = np.array([[1.0], [3.0], [8.0]])
    >>> mean, variance = batch_statistics(x)
    >>> out, normalized = batch_norm(x, mean, variance)
    >>> gradient = batch_norm_input_gradient(np.array([[1.0], [0.0], [0.0]]), normalized, variance)
    >>> bool(abs(gradient.sum()) < 1e-5), bool(abs((gradient * normalized).sum()) < 1e-5)
    (True, True)
    """
    shape, grad, normalized = grad.shape, _channels_apart(grad), _channels_apart(normalized)
    scale = ((1 if weight is None else weight) / np.sqrt(variance + eps))[:, None]
    if not training:
        return _channels_second(grad * scale, shape)
    count = max(grad[:, 0].size, 1)
    out = normalized * (-_dots(grad, normalized) / count)[:, None]
    out += grad
    out -= (_sums(grad) / count)[:, None]
    out *= scale
    return _channels_second(out, shape)


def batch_norm_weight_gradient(grad, normalized):
    """Gradient of `batch_norm` with respect to the scale.

    Examples
    --------
    >>> batch_norm_weight_gradient(np.array([[1.0], [2.0]]), np.array([[-1.0], [1.0]]))
    array([1.])
    """
    return _dots(_channels_apart(grad), _channels_apart(normalized))


def batch_norm_bias_gradient(grad):
    """Gradient of `batch_norm` with respect to the shift: the sum over all images and pixels.

    Examples
    --------
    >>> batch_norm_bias_gradient(np.array([[1.0], [2.0]]))
    array([3.])
    """
    return _sums(_channels_apart(grad))


def _channels_apart(x):
    """View (or copy) as three dimensions, channels in the middle, as they lie in memory: (N, C, 1) or (H, C, W · N)."""
    if x.ndim == 2:
        return x[:, :, None]
    x = rows_first(x if x.ndim == 4 else x[:, :, None])
    return x.reshape(*x.shape[:2], x.shape[2] * x.shape[3])


def _channels_second(x, shape):
    if len(shape) == 2:
        return x[:, :, 0]
    return batch_first(x.reshape(*x.shape[:2], shape[-1], shape[0])).reshape(shape)


def _sums(x):
    return np.einsum("hck->c", x)  # three times as fast as sum()


def _dots(a, b):
    return np.einsum("hck,hck->c", a, b)
