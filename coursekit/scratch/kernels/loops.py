"""The specifications: what the fast kernels compute, as slowly and plainly as possible."""

import numpy as np


def conv2d_loops(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolution as defined (strictly: cross-correlation, the kernel is not flipped). The specification of `conv2d`.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    weight : ndarray, shape (F, C / groups, kernel rows, kernel columns)
    bias : ndarray, shape (F,), optional
    stride, padding, dilation, groups : int

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
    n_filters, channels, k_rows, k_columns = weight.shape
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    extent_rows, extent_columns = dilation * (k_rows - 1) + 1, dilation * (k_columns - 1) + 1
    rows = (height + 2 * padding - extent_rows) // stride + 1
    columns = (width + 2 * padding - extent_columns) // stride + 1
    out = np.zeros((n_images, n_filters, rows, columns), x.dtype)
    for image, f, i, j in np.ndindex(out.shape):
        first = f // (n_filters // groups) * channels  # those of the group that f belongs to
        top, left = i * stride, j * stride
        window = x[image, first : first + channels, top : top + extent_rows, left : left + extent_columns]
        out[image, f, i, j] = np.sum(window[:, ::dilation, ::dilation] * weight[f]) + (0 if bias is None else bias[f])
    return out


def conv_transpose2d_loops(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Transposed convolution as defined: each pixel stamps the kernel into the output. Specifies `conv_transpose2d`.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    weight : ndarray, shape (C, F / groups, kernel rows, kernel columns)
    bias : ndarray, shape (F,), optional
    stride, padding, output_padding, groups, dilation : int

    Returns
    -------
    ndarray, shape (N, F, output rows, output columns)

    Examples
    --------
    >>> conv_transpose2d_loops(np.array([[[[1., 10.]]]]), np.array([[[[1., 2., 3.]]]]))
    array([[[[ 1., 12., 23., 30.]]]])
    """
    n_images, channels, height, width = x.shape
    _, filters, k_rows, k_columns = weight.shape
    extent_rows, extent_columns = dilation * (k_rows - 1) + 1, dilation * (k_columns - 1) + 1
    rows, columns = (height - 1) * stride + extent_rows, (width - 1) * stride + extent_columns
    out = np.zeros((n_images, filters * groups, rows + output_padding, columns + output_padding), x.dtype)
    for image, c, i, j in np.ndindex(x.shape):
        first = c // (channels // groups) * filters  # those of the group that c belongs to
        top, left = i * stride, j * stride
        stamped = out[image, first : first + filters, top : top + extent_rows, left : left + extent_columns]
        stamped[:, ::dilation, ::dilation] += x[image, c, i, j] * weight[c]
    out = out[:, :, padding : out.shape[2] - padding, padding : out.shape[3] - padding]
    return out if bias is None else out + bias[:, None, None]


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
    for image, channel, i, j in np.ndindex(out.shape):
        top, left = i * stride, j * stride
        out[image, channel, i, j] = combine(x[image, channel, top : top + kernel_size, left : left + kernel_size])
    return out


def nearest_loops(x, size):
    """Nearest-neighbour interpolation as defined: every new pixel copies one. Specifies `nearest_weights`.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    size : (int, int)

    Examples
    --------
    >>> nearest_loops(np.array([[[[1.0, 2.0]]]]), (1, 3))
    array([[[[1., 1., 2.]]]])
    """
    height, width = x.shape[2:]
    out = np.zeros((*x.shape[:2], *size), x.dtype)
    for i, j in np.ndindex(size):
        out[:, :, i, j] = x[:, :, i * height // size[0], j * width // size[1]]
    return out


def bilinear_loops(x, size, align_corners=False):
    """Bilinear interpolation as defined: every new pixel mixes the four around its place. Specifies `bilinear_weights`.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    size : (int, int)
    align_corners : bool
        Whether the centres of the outermost pixels keep their places; otherwise their outer edges do.

    Examples
    --------
    >>> bilinear_loops(np.array([[[[1.0, 2.0]]]]), (1, 4))
    array([[[[1.  , 1.25, 1.75, 2.  ]]]])
    """
    out = np.zeros((*x.shape[:2], *size), x.dtype)
    for place in np.ndindex(size):
        (top, bottom, down), (left, right, across) = (
            _neighbours(*numbers, align_corners) for numbers in zip(place, x.shape[2:], size, strict=True)
        )
        above = x[:, :, top, left] * (1 - across) + x[:, :, top, right] * across
        below = x[:, :, bottom, left] * (1 - across) + x[:, :, bottom, right] * across
        out[:, :, *place] = above * (1 - down) + below * down
    return out


def _neighbours(i, size, new_size, align_corners):
    """Old pixels before and after new pixel `i`, and how far it is from the first of them."""
    if align_corners:
        place = i * (size - 1) / (new_size - 1) if new_size > 1 else 0.0
    else:
        place = min(max((i + 0.5) * size / new_size - 0.5, 0.0), size - 1.0)
    before = int(place)
    return before, min(before + 1, size - 1), place - before
