"""Convolution, its transpose, and their gradients.

All of it is three matrix products: `conv2d` (windows times filters), `conv2d_input_gradient` (the transposed filters
spread what arrives back over the windows) and `conv2d_weight_gradient` (windows times what arrives). A transposed
convolution is the second of them, used forwards.
"""

import numpy as np

from coursekit.scratch.kernels.windows import (
    batch_first,
    output_size,
    pad,
    row_windows,
    rows_first,
    span,
    strips,
    unpad,
    workspace,
)


def conv2d(x, weight, bias=None, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    """Convolution layer: every filter slides over all channels; one matrix product for each row of the output.

    Taught in the chapter on convolution layers. Convolution as a matrix product is due to Chellapilla et al., "High
    performance convolutional neural networks for document processing" (2006); `row_windows` says how the matrix is
    had with little copying.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    weight : ndarray, shape (F, C / groups, kernel rows, kernel columns)
    bias : ndarray, shape (F,), optional
    stride, padding, dilation : (int, int)
        For rows and columns. The padding is zeros.
    groups : int
        Split channels and filters into so many parts that do not see one another.

    Returns
    -------
    ndarray, shape (N, F, output rows, output columns)

    Raises
    ------
    ValueError
        If the window does not fit into the padded image.

    Examples
    --------
    >>> x, kernel = np.arange(9.0).reshape(1, 1, 3, 3), np.array([[[[0., 1.], [-1., 0.]]]])
    >>> conv2d(x, kernel, padding=(1, 1))[0, 0]
    array([[ 0.,  0., -1., -2.],
           [ 0., -2., -2., -5.],
           [ 3., -2., -2., -8.],
           [ 6.,  7.,  8.,  0.]])
    """
    x, kernel_size = pad(rows_first(x), padding), weight.shape[2:]
    rows, columns = map(output_size, (len(x), x.shape[2]), kernel_size, stride, (0, 0), dilation)
    out = np.empty((rows, len(weight), columns, x.shape[3]), x.dtype)
    by_group = out.reshape(rows, groups, len(weight) // groups, columns * x.shape[3])
    filters = weight.transpose(0, 2, 1, 3).reshape(groups, len(weight) // groups, weight[0].size)
    for part, strip in strips(x, kernel_size, stride, dilation):
        np.matmul(filters, row_windows(strip, kernel_size, stride, dilation, groups), out=by_group[part])
    if bias is not None:
        out += bias[:, None, None]
    return batch_first(out)


def conv2d_input_gradient(grad, weight, input_shape, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    """Gradient of `conv2d` with respect to `x`: each output sends its gradient back, through the filter, to its window.

    Windows overlap, so what arrives at a pixel adds up. With stride 1 this is the full convolution of `grad` with the
    (now flipped) filter.

    Examples
    --------
    >>> conv2d_input_gradient(np.array([[[[1., 0., 2.]]]]), np.array([[[[1., -1.]]]]), (1, 1, 1, 4))
    array([[[[ 1., -1.,  2., -2.]]]])
    """
    (n, channels, height, width), (n_filters, _, kernel_rows, kernel_columns) = input_shape, weight.shape
    grad = rows_first(grad)
    rows, _, columns, _ = grad.shape
    grad = grad.reshape(rows, groups, n_filters // groups, columns * n)
    filters = weight.reshape(groups, n_filters // groups, channels // groups, kernel_rows, kernel_columns)
    filters = np.ascontiguousarray(filters.transpose(0, 2, 4, 3, 1)[:, :, :, ::-1])  # upside down, see `senders`
    out = np.zeros((height, channels, width + 2 * padding[1], n), grad.dtype)
    for row, pixels in enumerate(out):
        senders = _senders(row + padding[0], rows, kernel_rows, stride[0], dilation[0])
        if senders is None:
            continue
        through, arriving = filters[:, :, :, senders[1]], grad[senders[0]].swapaxes(0, 1)
        size = len(arriving[0]) * (n_filters // groups)
        spread = workspace((groups, channels // groups * kernel_columns, columns * n), grad.dtype)
        through, arriving = through.reshape(*spread.shape[:2], size), arriving.reshape(groups, size, columns * n)
        spread = np.matmul(through, arriving, out=spread).reshape(channels, kernel_columns, columns, n)
        for j in range(kernel_columns):
            pixels[:, span(j * dilation[1], stride[1], columns)] += spread[:, j]
    return batch_first(unpad(out, (0, padding[1])))


def _senders(row, rows, kernel_rows, stride, dilation):
    """Say which output rows saw a (padded) input row, and through which rows of the kernel, counted from its last.

    Both as slices, both from small to large; None where no window covers the row.

    Examples
    --------
    >>> _senders(2, rows=5, kernel_rows=3, stride=1, dilation=1)      # output rows 0, 1, 2; kernel rows 2, 1, 0
    (slice(0, 3, 1), slice(0, 3, 1))
    """
    through = [i for i in reversed(range(kernel_rows)) if (row - i * dilation) % stride == 0]
    through = [i for i in through if 0 <= row - i * dilation <= (rows - 1) * stride]
    if not through:
        return None
    first, step = through[0], through[0] - through[1] if len(through) > 1 else 1
    return (
        span((row - first * dilation) // stride, max(1, step * dilation // stride), len(through)),
        span(kernel_rows - 1 - first, step, len(through)),
    )


def conv2d_weight_gradient(grad, x, weight_shape, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    """Gradient of `conv2d` with respect to `weight`: the correlation of the input with `grad`, summed over the batch.

    Examples
    --------
    >>> conv2d_weight_gradient(np.array([[[[1., 0., 2.]]]]), np.array([[[[1., 2., 3., 4.]]]]), (1, 1, 1, 2))
    array([[[[ 7., 10.]]]])
    """
    n_filters, channels, *kernel_size = weight_shape
    x, grad = pad(rows_first(x), padding), rows_first(grad)
    grad = grad.reshape(len(grad), groups, n_filters // groups, grad.shape[2] * grad.shape[3]).swapaxes(-1, -2)
    out = np.zeros((groups, channels * kernel_size[0] * kernel_size[1], n_filters // groups), grad.dtype)
    for part, strip in strips(x, kernel_size, stride, dilation):
        for window, arriving in zip(row_windows(strip, kernel_size, stride, dilation, groups), grad[part], strict=True):
            out += window @ arriving
    out = out.reshape(groups, kernel_size[0], channels, kernel_size[1], n_filters // groups)
    return out.transpose(0, 4, 2, 1, 3).reshape(weight_shape)


def conv2d_bias_gradient(grad):
    """Gradient of `conv2d` with respect to `bias`: used at every place of every image, so all of them add up.

    Examples
    --------
    >>> conv2d_bias_gradient(np.ones((2, 1, 3, 3)))
    array([18.])
    """
    grad = rows_first(grad)
    grad = grad.reshape(*grad.shape[:2], grad.shape[2] * grad.shape[3])
    return (grad @ np.ones(grad.shape[2], grad.dtype)).sum(axis=0)  # BLAS adds faster than NumPy does
