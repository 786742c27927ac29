"""Pooling: one number for every window."""

import numpy as np

from coursekit.scratch.kernels.resampling import resample, resample_gradient
from coursekit.scratch.kernels.windows import batch_first, pad, rows_first, shifts, unpad


def max_pool2d(x, kernel_size, stride, padding=(0, 0), dilation=(1, 1)):
    """Largest value of every window.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    kernel_size, stride, padding, dilation : (int, int)
        For rows and columns. Padding never wins: it counts as minus infinity.

    Returns
    -------
    ndarray, shape (N, C, output rows, output columns)

    Examples
    --------
    >>> max_pool2d(np.array([[[[1., 2., 2., 5.], [-1., -2., 2., 0.]]]]), (2, 2), (2, 2))
    array([[[[2., 5.]]]])
    """
    first, *others = shifts(pad(rows_first(x), padding, -np.inf), kernel_size, stride, dilation)
    out = first.copy()
    for view in others:
        np.maximum(out, view, out=out)
    return batch_first(out)


def max_pool2d_gradient(grad, x, out, kernel_size, stride, padding=(0, 0), dilation=(1, 1)):
    """Gradient of `max_pool2d`: all of it goes to the pixel that won; of equal ones, to the first, as in PyTorch.

    Examples
    --------
    >>> x = np.array([[[[3., 3.], [1., 3.]]]])
    >>> max_pool2d_gradient(np.array([[[[5.]]]]), x, max_pool2d(x, (2, 2), (1, 1)), (2, 2), (1, 1))
    array([[[[5., 0.],
             [0., 0.]]]])
    """
    padded, out = pad(rows_first(x), padding, -np.inf), rows_first(out)
    gradient = np.zeros_like(padded)
    left = rows_first(grad).copy()  # what has not yet found its pixel
    views = shifts(padded, kernel_size, stride, dilation), shifts(gradient, kernel_size, stride, dilation)
    for view, view_gradient in zip(*views, strict=True):
        won = left * (view == out)
        view_gradient += won
        left -= won
    return batch_first(unpad(gradient, padding))


def max_pool2d_indices(x, out, kernel_size, stride, padding=(0, 0), dilation=(1, 1)):
    """Where the pixels that won in `max_pool2d` stand; of equal ones the first. Pixel (i, j) has number i · W + j.

    Examples
    --------
    >>> x = np.array([[[[1., 2., 2., 5.], [-1., -2., 2., 0.]]]])
    >>> max_pool2d_indices(x, max_pool2d(x, (2, 2), (2, 2)), (2, 2), (2, 2))
    array([[[[1, 3]]]])
    """
    height, width = x.shape[2:]
    padded, out = pad(rows_first(x), padding, -np.inf), rows_first(out)
    numbers = pad(np.arange(height * width).reshape(height, 1, width, 1), padding, -1)
    indices = np.full(out.shape, -1)
    views = (shifts(array, kernel_size, stride, dilation) for array in (padded, numbers))
    for view, number in zip(*views, strict=True):
        won = (view == out) & (indices < 0) | np.isnan(view)  # of several nan the last, as in PyTorch
        np.copyto(indices, number, where=won & (number >= 0))
    return batch_first(indices)


def max_unpool2d(x, indices, output_size):
    """Undo `max_pool2d` as far as possible: every number returns to the place it came from, all others are 0.

    Zeiler, Taylor & Fergus, "Adaptive deconvolutional networks for mid and high level feature learning", ICCV 2011.
    Taught in the chapter on what filters see.

    Parameters
    ----------
    x, indices : ndarray, shape (N, C, H, W)
        Numbers, and what `max_pool2d_indices` says of each. If two share a place, the later one stays.
    output_size : (int, int)

    Returns
    -------
    ndarray, shape (N, C, output rows, output columns)

    Examples
    --------
    >>> max_unpool2d(np.array([[[[2., 5.]]]]), np.array([[[[1, 3]]]]), (2, 4))
    array([[[[0., 2., 0., 5.],
             [0., 0., 0., 0.]]]])
    """
    n, channels = x.shape[:2]
    out = np.zeros((output_size[0], channels, output_size[1], n), x.dtype)
    out[_places(indices, output_size)] = rows_first(x)
    return batch_first(out)


def max_unpool2d_gradient(grad, indices):
    """Gradient of `max_unpool2d`: what has reached each place.

    Examples
    --------
    >>> max_unpool2d_gradient(np.array([[[[1., 2., 3., 4.]]]]), np.array([[[[1, 3]]]]))
    array([[[[2., 4.]]]])
    """
    return batch_first(rows_first(grad)[_places(indices, grad.shape[2:])])


def _places(indices, size):
    rows, columns = divmod(rows_first(indices), size[1])
    n, channels = indices.shape[:2]
    return rows, np.arange(channels)[:, None, None], columns, np.arange(n)


def avg_pool2d(x, kernel_size, stride, padding=(0, 0)):
    """Mean of every window. Padding counts as zeros, as in PyTorch. Shapes as for `max_pool2d`.

    Examples
    --------
    >>> avg_pool2d(np.array([[[[1., 2., 2., 5.], [-1., -2., 2., 0.]]]]), (2, 2), (2, 2))
    array([[[[0.  , 2.25]]]])
    """
    first, *others = shifts(pad(rows_first(x), padding), kernel_size, stride)
    out = first.copy()
    for view in others:
        out += view
    out /= kernel_size[0] * kernel_size[1]
    return batch_first(out)


def avg_pool2d_gradient(grad, input_shape, kernel_size, stride, padding=(0, 0)):
    """Gradient of `avg_pool2d`: every pixel of a window gets the same share.

    Examples
    --------
    >>> avg_pool2d_gradient(np.array([[[[4., 8.]]]]), (1, 1, 2, 4), (2, 2), (2, 2))
    array([[[[1., 1., 2., 2.],
             [1., 1., 2., 2.]]]])
    """
    n, channels, height, width = input_shape
    share = rows_first(grad) / (kernel_size[0] * kernel_size[1])
    gradient = np.zeros((height + 2 * padding[0], channels, width + 2 * padding[1], n), share.dtype)
    for view in shifts(gradient, kernel_size, stride):
        view += share
    return batch_first(unpad(gradient, padding))


def adaptive_avg_pool2d(x, output_size):
    """Mean of as many windows as the output has pixels, as equal as possible: pixel i sees ⌊i·H/h⌋ to ⌈(i + 1)·H/h⌉.

    With ``output_size`` (1, 1) this is global average pooling (Lin, Chen & Yan, "Network in network", ICLR 2014).

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    output_size : (int, int)

    Returns
    -------
    ndarray, shape (N, C, output rows, output columns)

    Examples
    --------
    >>> adaptive_avg_pool2d(np.array([[[[1., 2., 6.], [1., 2., 6.]]]]), (1, 2))
    array([[[[1.5, 4. ]]]])
    """
    return resample(x, *map(_averaging, x.shape[2:], output_size))


def adaptive_avg_pool2d_gradient(grad, input_shape):
    """Gradient of `adaptive_avg_pool2d`: every pixel of a window gets the same share.

    Examples
    --------
    >>> adaptive_avg_pool2d_gradient(np.array([[[[4., 8.]]]]), (1, 1, 1, 3))
    array([[[[2., 6., 4.]]]])
    """
    return resample_gradient(grad, *map(_averaging, input_shape[2:], grad.shape[2:]))


def _averaging(size, output_size):
    """Weights (see `resample`) with which each new pixel along one side is the mean of several old ones."""
    places = np.arange(output_size)[:, None]
    first, last = places * size // output_size, -(-(places + 1) * size // output_size)
    inside = (np.arange(size) >= first) & (np.arange(size) < last)
    return inside / (last - first)
