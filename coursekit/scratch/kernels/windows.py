"""Windows that slide over images, and the memory in which sliding is cheap.

Images have the logical shape (N, C, H, W) of PyTorch, but lie in memory with the batch innermost and the rows
outermost, (H, C, W, N). Moving a window sideways then moves whole runs of W·N neighbouring numbers, moving it down
moves a block that lies in one piece, and what a window sees is a handful of shifted views. Every function for images
returns a view of such memory, so the next layer finds it ready. The functions of this file take and return arrays as
they lie in memory: axis 0 counts rows, axis 2 columns.
"""

import math
import threading

import numpy as np


def output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    """How many places a window has along one side: ⌊(size + 2·padding - extent) / stride⌋ + 1.

    If the division leaves a remainder, so many pixels at the far end are not seen.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation : int
        In pixels. With dilation the window reaches over ``dilation * (kernel_size - 1) + 1`` pixels.

    Raises
    ------
    ValueError
        If the window is larger than the padded image.

    Examples
    --------
    >>> output_size(28, 5), output_size(28, 5, padding=2), output_size(7, 3, stride=2)
    (24, 28, 3)
    """
    extent = dilation * (kernel_size - 1) + 1
    if size + 2 * padding < extent:
        raise ValueError(f"a window of {extent} does not fit into {size} pixels with padding {padding} on each side")
    return (size + 2 * padding - extent) // stride + 1


def rows_first(x):
    """View (or, if it lies otherwise in memory, copy) an (N, C, H, W) array as contiguous (H, C, W, N)."""
    return np.ascontiguousarray(x.transpose(2, 1, 3, 0))


def batch_first(x):
    """View an (H, C, W, N) array as (N, C, H, W).

    Examples
    --------
    >>> x = np.zeros((8, 3, 5, 7))
    >>> batch_first(rows_first(x)).shape == x.shape
    True
    """
    return x.transpose(3, 1, 0, 2)


def pad(x, padding, value=0):
    """Put a frame around images, (H, C, W, N).

    Examples
    --------
    >>> pad(np.ones((2, 1, 1, 1)), (0, 1))[:, 0, :, 0]
    array([[0., 1., 0.],
           [0., 1., 0.]])
    """
    (height, channels, width, n), (rows, columns) = x.shape, padding
    if rows == columns == 0:
        return x
    out = np.full((height + 2 * rows, channels, width + 2 * columns, n), value, x.dtype)
    out[rows : rows + height, :, columns : columns + width] = x
    return out


def unpad(x, padding):
    """View framed images without their frame."""
    rows, columns = padding
    return x[rows : len(x) - rows, :, columns : x.shape[2] - columns]


def span(start, step, count):
    """Slice that picks `count` numbers, `step` apart, from `start` on.

    Examples
    --------
    >>> list(range(10))[span(1, 3, 2)]
    [1, 4]
    """
    return slice(start, start + step * (count - 1) + 1, step)


def shifts(x, kernel_size, stride, dilation=(1, 1)):
    """List the views of (padded) images, (H, C, W, N), that the positions inside a sliding window see.

    View number ``i * kernel_width + j`` holds, for every place of the window at once, the pixel in row i and column j
    of the window. Writing into the views is how gradients return to the pixels.

    Examples
    --------
    >>> x = np.arange(9).reshape(3, 1, 3, 1)
    >>> [view[:, 0, :, 0].tolist() for view in shifts(x, (1, 2), (1, 1))]
    [[[0, 1], [3, 4], [6, 7]], [[1, 2], [4, 5], [7, 8]]]
    """
    rows, columns = map(output_size, (len(x), x.shape[2]), kernel_size, stride, (0, 0), dilation)
    return [
        x[span(i * dilation[0], stride[0], rows), :, span(j * dilation[1], stride[1], columns)]
        for i in range(kernel_size[0])
        for j in range(kernel_size[1])
    ]


def im2col(x, kernel_size, stride=(1, 1), padding=(0, 0), dilation=(1, 1)):
    """Write out what a sliding window sees, one column for each place of the window: convolution becomes a product.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    kernel_size, stride, padding, dilation : (int, int)
        For rows and columns.

    Returns
    -------
    ndarray, shape (C · kernel rows · kernel columns, output rows · output columns · N)

    Examples
    --------
    >>> im2col(np.arange(6.0).reshape(1, 1, 2, 3), (2, 2))      # two places, four pixels each
    array([[0., 1.],
           [1., 2.],
           [3., 4.],
           [4., 5.]])
    """
    views = shifts(pad(rows_first(x), padding), kernel_size, stride, dilation)
    return np.stack(views).transpose(2, 0, 1, 3, 4).reshape(x.shape[1] * len(views), -1)


def row_windows(x, kernel_size, stride, dilation, groups):
    """What a window sees as it slides along each row, one matrix for each row of the output and each group.

    Im2col would copy every pixel for every position in the window. Here only the shifts sideways are written out; the
    shifts down come for free, because the rows that one output row needs then lie in memory as one block, and the
    blocks of neighbouring output rows may overlap (Cho & Brand, "MEC: memory-efficient convolution", ICML 2017).

    Parameters
    ----------
    x : ndarray, shape (H, C, W, N)
        Padded images as they lie in memory.
    kernel_size, stride, dilation : (int, int)
    groups : int

    Returns
    -------
    ndarray, shape (output rows, groups, kernel rows · C / groups · kernel columns, output columns · N)
        In lent memory (see `workspace`), about as much as `kernel columns` times the images take.

    Examples
    --------
    >>> row_windows(np.arange(6.0).reshape(2, 1, 3, 1), (2, 2), (1, 1), (1, 1), groups=1)[0, 0]
    array([[0., 1.],
           [1., 2.],
           [3., 4.],
           [4., 5.]])
    """
    (height, channels, width, n), (kernel_rows, kernel_columns) = x.shape, kernel_size
    rows, columns = map(output_size, (height, width), kernel_size, stride, (0, 0), dilation)
    unrolled = workspace((height, channels, kernel_columns, columns, n), x.dtype)
    for j in range(kernel_columns):
        unrolled[:, :, j] = x[:, :, span(j * dilation[1], stride[1], columns)]
    lines = channels // groups * kernel_columns
    unrolled = unrolled.reshape(height, groups, lines, columns * n)
    step = unrolled.strides[0]
    windows = np.lib.stride_tricks.as_strided(
        unrolled,
        (rows, kernel_rows, groups, lines, columns * n),
        (step * stride[0], step * dilation[0], *unrolled.strides[1:]),
    )
    # Several groups, or rows that dilation skips, tear the block apart: then, and only then, this copies.
    return windows.swapaxes(1, 2).reshape(rows, groups, kernel_rows * lines, columns * n)


# ------------------------------------------------------------------------------------------------- memory that is kept


def workspace(shape, dtype):
    """Lend memory for an intermediate result. Every call lends the same memory, so use it up before the next.

    Asking the system for megabytes again at every step takes longer than the arithmetic done in them.
    """
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    if len(_memory.bytes) < n_bytes:
        _memory.bytes = np.empty(n_bytes, np.uint8)
    return _memory.bytes[:n_bytes].view(dtype).reshape(shape)


class _Memory(threading.local):
    bytes = np.empty(0, np.uint8)


_memory = _Memory()

# The same for every other array: glibc returns freed memory above a threshold to the system, only to ask for it again
# at the next step. Freeing one large block (never touched, so it costs nothing) raises the threshold to its size, see
# M_MMAP_THRESHOLD in mallopt(3). A training step of LeNet-5 takes a third less time. Other C libraries do not care.
np.empty(31 * 2**20, np.uint8)
