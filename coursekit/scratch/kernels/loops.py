"""The specifications: what the fast kernels compute, as slowly and plainly as possible."""

import numpy as np


def conv2d_loops(x, weight, bias=None, stride=1, padding=0):
    """Convolution as defined (strictly: cross-correlation, the kernel is not flipped). The specification of `conv2d`.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    weight : ndarray, shape (F, C, kernel rows, kernel columns)
    bias : ndarray, shape (F,), optional
    stride, padding : int

    Returns
    -------
    ndarray, shape (N, F, output rows, output columns)

    Examples
    --------
    >>> x, kernel = np.arange(9.0).reshape(1, 1, 3, 3), np.array([[[[0., 1.], [-1., 0.]]]])
    >>> conv2d_loops(x, kernel)[0, 0]
    array([[-2., -2.],
           [-2., -2.]])
    """
    n_images, _, height, width = x.shape
    n_filters, _, k_rows, k_columns = weight.shape
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (height + 2 * padding - k_rows) // stride + 1
    columns = (width + 2 * padding - k_columns) // stride + 1
    out = np.zeros((n_images, n_filters, rows, columns), x.dtype)
    for image, f, i, j in np.ndindex(out.shape):
        top, left = i * stride, j * stride
        window = x[image, :, top : top + k_rows, left : left + k_columns]
        out[image, f, i, j] = np.sum(window * weight[f]) + (0 if bias is None else bias[f])
    return out


def pool2d_loops(x, kernel_size, stride, combine):
    """Pooling as defined: `combine` (such as `numpy.max` or `numpy.mean`) of every window. Specifies what follows.

    Examples
    --------
    >>> pool2d_loops(np.arange(16.0).reshape(1, 1, 4, 4), 2, 2, np.mean)[0, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    n_images, channels, height, width = x.shape
    rows, columns = (height - kernel_size) // stride + 1, (width - kernel_size) // stride + 1
    out = np.zeros((n_images, channels, rows, columns), x.dtype)
    for image in range(n_images):
        for channel in range(channels):
            for i in range(rows):
                for j in range(columns):
                    top, left = i * stride, j * stride
                    out[image, channel, i, j] = combine(
                        x[image, channel, top : top + kernel_size, left : left + kernel_size]
                    )
    return out
