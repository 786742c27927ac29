"""Convolution, its transpose, and their gradients.

All of it is three matrix products: `conv2d` (windows times filters), `conv2d_input_gradient` (the transposed filters
spread what arrives back over the windows) and `conv2d_weight_gradient` (windows times what arrives). A transposed
convolution is the second product, used forwards; its gradients are the first and the third.
"""

import functools

import numpy as np

from coursekit.scratch.kernels.windows import (
    batch_first,
    output_size,
    pad,
    row_windows,
    rows_first,
    span,
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
    columns = output_size(x.shape[2], kernel_size[1], stride[1], 0, dilation[1])
    filters = weight.transpose(0, 2, 1, 3).reshape(groups, len(weight) // groups, weight[0].size)
    out = filters @ row_windows(x, kernel_size, stride, dilation, groups)
    out = out.reshape(len(out), len(weight), columns, x.shape[3])
    if bias is not None:
        out += bias[:, None, None]
    return batch_first(out)


def conv2d_input_gradient(grad, weight, input_shape, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    """Gradient of `conv2d` with respect to `x`: each output sends its gradient back, through the filter, to its window.

    Windows overlap, so what arrives at a pixel adds up. With stride 1 this is the full convolution of `grad` with the
    (now flipped) filter. Computed one row of the input at a time: first, in one product, all that arrives from the
    rows of `grad` above each other, then a sum over the places side by side.

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
    filters = np.ascontiguousarray(filters.transpose(0, 2, 4, 3, 1)[:, :, :, ::-1])  # from the last row, see `_senders`
    out = np.zeros((height, channels, width + 2 * padding[1], n), grad.dtype)
    for row, pixels in enumerate(out):
        senders, through = _senders(row + padding[0], rows, kernel_rows, stride[0], dilation[0])
        arriving, flipped = grad[senders].swapaxes(0, 1), filters[:, :, :, through]
        size = arriving.shape[1] * arriving.shape[2]
        spread = workspace((groups, channels // groups * kernel_columns, columns * n), grad.dtype)
        np.matmul(flipped.reshape(*spread.shape[:2], size), arriving.reshape(groups, size, columns * n), out=spread)
        spread = spread.reshape(channels, kernel_columns, columns, n)
        for j in range(kernel_columns):
            pixels[:, span(j * dilation[1], stride[1], columns)] += spread[:, j]
    return batch_first(unpad(out, (0, padding[1])))


@functools.lru_cache(maxsize=4096)  # a network asks for the same few rows at every step
def _senders(row, rows, kernel_rows, stride, dilation):
    """Say which of the output's `rows` saw a (padded) input row, and through which rows of the kernel.

    Output row r sees through kernel row i the input row r · stride + i · dilation. The higher r, the lower i, so
    kernel rows count from the last: then both go up together in even steps, and slices pick them without copying.

    Examples
    --------
    >>> _senders(2, rows=5, kernel_rows=3, stride=1, dilation=1)      # output rows 0, 1, 2; kernel rows 2, 1, 0
    (slice(0, 3, 1), slice(0, 3, 1))
    """
    starts = range(0, rows * stride, stride)
    through = [i for i in range(kernel_rows) if row - (kernel_rows - 1 - i) * dilation in starts]
    senders = [starts.index(row - (kernel_rows - 1 - i) * dilation) for i in through]
    return _slice(senders), _slice(through)


def _slice(numbers):
    """Slice that picks evenly spaced numbers.

    Examples
    --------
    >>> _slice([1, 4, 7]), _slice([5]), _slice([])
    (slice(1, 8, 3), slice(5, 6, 1), slice(None, 0, None))
    """
    step = numbers[1] - numbers[0] if len(numbers) > 1 else 1
    return slice(numbers[0], numbers[-1] + 1, step) if numbers else slice(0)


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
    out = (row_windows(x, kernel_size, stride, dilation, groups) @ grad).sum(axis=0)
    out = out.reshape(groups, kernel_size[0], channels, kernel_size[1], n_filters // groups)
    return out.transpose(0, 4, 2, 1, 3).reshape(weight_shape)


def conv2d_bias_gradient(grad):
    """Gradient of `conv2d` (and `conv_transpose2d`) with respect to `bias`: used at every place, so all add up.

    Examples
    --------
    >>> conv2d_bias_gradient(np.ones((2, 1, 3, 3)))
    array([18.])
    """
    return np.einsum("hcwn->c", rows_first(grad))  # three times as fast as sum()


def conv_transpose2d(
    x, weight, bias=None, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1, output_padding=(0, 0)
):
    """Transposed convolution: every pixel stamps the kernel, times its own value, into the output; stamps add up.

    Written as a matrix, it is the transpose of the convolution with the same weight: `conv2d_input_gradient`, used
    forwards. So ``conv2d(grad, weight)`` is its gradient with respect to `x`, and for the weight it is that of `conv2d`
    with the two roles exchanged, ``conv2d_weight_gradient(x, grad, weight.shape)``.

    Taught in the chapter on upsampling: Zeiler, Krishnan, Taylor & Fergus, "Deconvolutional networks" (CVPR 2010).
    Pictures of all cases: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016).

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    weight : ndarray, shape (C, F / groups, kernel rows, kernel columns)
    bias : ndarray, shape (F,), optional
    stride, padding, dilation : (int, int)
        Those of the convolution that is transposed: stamps lie `stride` apart, and `padding` pixels are cut off at
        every edge.
    groups : int
    output_padding : (int, int)
        Rows and columns more at the bottom and on the right. With a stride above 1, convolutions of images of several
        sizes give the same size; this says which of them comes back.

    Returns
    -------
    ndarray, shape (N, F, output rows, output columns)
        (H - 1) · stride - 2 · padding + dilation · (kernel rows - 1) + 1 + output_padding rows.

    Raises
    ------
    ValueError
        If `output_padding` is not smaller than `stride`, or the padding leaves nothing of the output.

    Examples
    --------
    >>> conv_transpose2d(np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3)))[0, 0]
    array([[1., 2., 3., 3., 2., 1.],
           [2., 4., 6., 6., 4., 2.],
           [3., 6., 9., 9., 6., 3.],
           [3., 6., 9., 9., 6., 3.],
           [2., 4., 6., 6., 4., 2.],
           [1., 2., 3., 3., 2., 1.]])
    """
    if any(extra >= step for extra, step in zip(output_padding, stride, strict=True)):
        raise ValueError(f"output_padding must be smaller than the stride, {stride}, not {output_padding}")
    sizes = zip(x.shape[2:], weight.shape[2:], stride, padding, dilation, output_padding, strict=True)
    size = [(n - 1) * s - 2 * p + d * (k - 1) + 1 + extra for n, k, s, p, d, extra in sizes]
    if min(size) < 1:
        raise ValueError(f"padding {padding} leaves nothing of the output: its size would be {tuple(size)}")
    shape = (len(x), weight.shape[1] * groups, *size)
    out = conv2d_input_gradient(x, weight, shape, stride, padding, dilation, groups)
    if bias is not None:
        out += bias[:, None, None]
    return out
