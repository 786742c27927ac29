"""Pooling: one number for every window."""

import numpy as np

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
