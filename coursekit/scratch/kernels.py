"""Arrays in, arrays out: every operation of the course, each beside its gradient.

Nothing here knows about Tensors, graphs or layers. An operation is a pair of functions::

    relu(x)                      what it computes
    relu_gradient(grad, out)     given `grad`, the gradient of the loss with respect to the output,
                                 the gradient of the loss with respect to the input

An operation with several inputs has one gradient function for each. Every gradient has the shape of the array
it belongs to. Numbers keep their type: float32 in, float32 out.

The two-dimensional convolutions and poolings take arrays of logical shape (N, C, H, W) like PyTorch, but work on memory
in which the batch comes last, (C, H, W, N). Moving a window over the image then moves whole runs of W·N neighbouring
numbers, so the k·k positions inside the window are k·k shifted views (`shifts`), and the rest is one matrix product.
What they return is a view of such memory: the next layer finds it ready, and flattening it copies nothing.
The functions whose names end in `_loops` say the same thing as slowly and plainly as possible.
"""

import math
import threading

import numpy as np

# ---------------------------------------------------------------------------------------------- fully connected layer


def linear(x, weight, bias=None):
    """Apply a fully connected layer, ``x @ weight.T + bias``.

    Parameters
    ----------
    x : ndarray, shape (..., in)
    weight : ndarray, shape (out, in)
        One row for each output, as in PyTorch.
    bias : ndarray, shape (out,), optional

    Returns
    -------
    ndarray, shape (..., out)

    Examples
    --------
    >>> linear(np.array([1., 2.]), np.array([[3., 4.], [5., 6.], [7., 8.]]), np.array([0., 0., 1.]))
    array([11., 17., 24.])
    """
    out = x @ weight.T
    if bias is not None:
        out += bias
    return out


def linear_input_gradient(grad, weight):
    """Gradient of `linear` with respect to `x`: every output sends its share back along its own row of weights.

    Examples
    --------
    >>> linear_input_gradient(np.array([1., 0., 2.]), np.array([[3., 4.], [5., 6.], [7., 8.]]))
    array([17., 20.])
    """
    return grad @ weight


def linear_weight_gradient(grad, x):
    """Gradient of `linear` with respect to `weight`: an outer product for every example, summed over the batch.

    Examples
    --------
    >>> linear_weight_gradient(np.array([[1., 0.], [2., 1.]]), np.array([[1., 2., 3.], [4., 5., 6.]]))
    array([[ 9., 12., 15.],
           [ 4.,  5.,  6.]])
    """
    grad, x = grad.reshape(-1, grad.shape[-1]), x.reshape(-1, x.shape[-1])
    return (x.T @ grad).T  # grad.T @ x, written so that it comes out in the memory order of nn.Linear's weights


def linear_bias_gradient(grad):
    """Gradient of `linear` with respect to `bias`: the bias is used once for every example, so the gradients add up.

    Examples
    --------
    >>> linear_bias_gradient(np.array([[1., 0.], [2., 1.]]))
    array([3., 1.])
    """
    return grad.reshape(-1, grad.shape[-1]).sum(axis=0)


def matmul_left_gradient(grad, a, b):
    """Gradient of ``a @ b`` with respect to `a`: ``grad @ b.T`` for matrices, and its like for vectors and batches.

    Examples
    --------
    >>> matmul_left_gradient(np.array([[1.]]), np.array([[1., 2.]]), np.array([[3.], [4.]]))
    array([[3., 4.]])
    """
    if b.ndim == 1:
        return grad[..., None] * b
    if a.ndim == 1:
        return (grad[..., None, :] @ b.swapaxes(-1, -2))[..., 0, :]
    return grad @ b.swapaxes(-1, -2)


def matmul_right_gradient(grad, a, b):
    """Gradient of ``a @ b`` with respect to `b`: ``a.T @ grad`` for matrices, and its like for vectors and batches.

    Examples
    --------
    >>> matmul_right_gradient(np.array([[1.]]), np.array([[1., 2.]]), np.array([[3.], [4.]]))
    array([[1.],
           [2.]])
    """
    if a.ndim == 1:
        return a * grad[..., None] if b.ndim == 1 else a[:, None] * grad[..., None, :]
    if b.ndim == 1:
        return (a.swapaxes(-1, -2) @ grad[..., None])[..., 0]
    return a.swapaxes(-1, -2) @ grad


# -------------------------------------------------------------------------------------------------------- activations


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


# ------------------------------------------------------------------------------------------------- softmax and losses


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


def nll(log_probabilities, labels, reduction="mean"):
    """Negative log-likelihood of the right classes.

    Parameters
    ----------
    log_probabilities : ndarray, shape (N, classes), (N, classes, ...) or (classes,)
    labels : ndarray of int, shape (N,), (N, ...) or ()
        The right class of each example, 0 to classes - 1.
    reduction : {"mean", "sum", "none"}

    Returns
    -------
    ndarray
        A single number (0-dimensional), or with ``"none"`` one loss for each label.

    Raises
    ------
    ValueError
        If labels are not integers, are out of range, or do not fit the shape.

    Examples
    --------
    >>> log_p = np.log(np.array([[0.3, 0.2, 0.5]]))
    >>> nll(log_p, np.array([2])).round(4)        # -log 0.5
    np.float64(0.6931)
    """
    axis = class_axis(log_probabilities)
    _check_labels(log_probabilities.shape, labels, axis)
    right = log_probabilities[_right_classes(labels, axis)]
    return _reduce(0 - right, reduction)  # where -right would print a certain answer's loss as -0.0


def nll_gradient(grad, log_probabilities, labels, reduction="mean"):
    """Gradient of `nll` with respect to the log-probabilities: -1 at the right classes, 0 elsewhere.

    Examples
    --------
    >>> nll_gradient(np.array(1.0), np.zeros((2, 3)), np.array([2, 0]))
    array([[ 0. ,  0. , -0.5],
           [-0.5,  0. ,  0. ]])
    """
    out = np.zeros_like(log_probabilities)
    out[_right_classes(labels, class_axis(out))] = -_reduce_gradient(grad, labels.size, reduction)
    return out


def cross_entropy(logits, labels, reduction="mean"):
    """Softmax and negative log-likelihood in one: the loss of a classifier, straight from its logits.

    Shapes, `reduction` and errors are those of `nll`. Taught in the chapter on logistic and softmax regression.

    Examples
    --------
    >>> cross_entropy(np.zeros((1, 10)), np.array([3])).round(4)        # log 10: it knows nothing yet
    np.float64(2.3026)
    >>> cross_entropy(np.array([[1000., 0.], [0., 1000.]]), np.array([1, 1]), reduction="none")
    array([1000.,    0.])
    """
    return nll(log_softmax(logits, axis=class_axis(logits)), labels, reduction)


def cross_entropy_gradient(grad, log_probabilities, labels, reduction="mean"):
    """Gradient of `cross_entropy` with respect to the logits: predicted probabilities minus the truth.

    Takes ``log_softmax(logits)``, which the forward pass has computed already.

    Examples
    --------
    >>> cross_entropy_gradient(np.array(1.0), np.log(np.array([[0.3, 0.2, 0.5]])), np.array([2])).round(4)
    array([[ 0.3,  0.2, -0.5]])
    """
    out = np.exp(log_probabilities)
    out[_right_classes(labels, class_axis(out))] -= 1
    weight = _reduce_gradient(grad, labels.size, reduction)
    out *= np.expand_dims(weight, class_axis(out)) if reduction == "none" else weight
    return out


def mse(x, target, reduction="mean"):
    """Squared error ``(x - target)²``, averaged over every entry.

    Examples
    --------
    >>> mse(np.array([1., 2.]), np.array([1., 4.]))
    np.float64(2.0)
    """
    return _reduce((x - target) ** 2, reduction)


def mse_gradient(grad, x, target, reduction="mean"):
    """Gradient of `mse` with respect to `x`; with respect to `target` it is the same with the other sign.

    Examples
    --------
    >>> mse_gradient(np.array(1.0), np.array([1., 2.]), np.array([1., 4.]))
    array([ 0., -2.])
    """
    difference = x - target
    return difference * (2 * _reduce_gradient(grad, difference.size, reduction))


def class_axis(logits):
    """Where the classes are in an array of logits: (N, classes, ...) or, for a single example, (classes,)."""
    return min(1, logits.ndim - 1)


def _classes_first(x, axis):
    """Move an axis to the front, in memory too: sums over it then add whole rows, which is fast however short it is."""
    return np.ascontiguousarray(x.swapaxes(0, axis))


def _right_classes(labels, axis):
    """Index that picks, out of an array with one more axis than `labels`, the entry of the right class for each."""
    places = np.indices(labels.shape, sparse=True)
    return (*places[:axis], labels, *places[axis:])


def _check_labels(shape, labels, axis):
    if labels.dtype.kind not in "iu":
        raise ValueError(f"labels must be integers (class numbers), but their type is {labels.dtype}")
    if labels.shape != shape[:axis] + shape[axis + 1 :]:
        raise ValueError(
            f"logits of shape {shape} need labels of shape {shape[:axis] + shape[axis + 1 :]}, not {labels.shape}"
        )
    if labels.size and not 0 <= labels.min() <= labels.max() < shape[axis]:
        bad = labels.min() if labels.min() < 0 else labels.max()
        raise ValueError(
            f"labels must lie between 0 and {shape[axis] - 1} (the number of logits - 1), but one is {bad}"
        )


def _reduce(values, reduction):
    if reduction == "mean":
        # An empty batch has no mean; PyTorch returns nan as well, and NumPy would add a warning.
        return values.sum() / values.size if values.size else values.dtype.type(np.nan)
    if reduction == "sum":
        return values.sum()
    if reduction == "none":
        return values
    raise ValueError(f'reduction must be "mean", "sum" or "none", not {reduction!r}')


def _reduce_gradient(grad, count, reduction):
    return grad / max(count, 1) if reduction == "mean" else grad


# ------------------------------------------------------------------------------- windows over images, batch-last memory


def output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    """How many places a window has along one side: ⌊(size + 2·padding - extent) / stride⌋ + 1.

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


def batch_last(x):
    """View (or, if it lies otherwise in memory, copy) an (N, C, H, W) array as contiguous (C, H, W, N)."""
    return np.ascontiguousarray(x.transpose(1, 2, 3, 0))


def batch_first(x):
    """View a (C, H, W, N) array as (N, C, H, W)."""
    return x.transpose(3, 0, 1, 2)


def pad(x, padding, value=0):
    """Put a frame around the images of a batch-last array.

    Examples
    --------
    >>> pad(np.ones((1, 1, 2, 1)), (1, 0))[0, :, :, 0]
    array([[0., 0.],
           [1., 1.],
           [0., 0.]])
    """
    (channels, height, width, n), (rows, columns) = x.shape, padding
    if rows == columns == 0:
        return x
    out = np.full((channels, height + 2 * rows, width + 2 * columns, n), value, x.dtype)
    out[:, rows : rows + height, columns : columns + width] = x
    return out


def unpad(x, padding):
    """View a padded batch-last array without its frame."""
    rows, columns = padding
    return x[:, rows : x.shape[1] - rows, columns : x.shape[2] - columns]


def shifts(x, kernel_size, stride, dilation=(1, 1)):
    """List the views of a (padded) batch-last array that the positions inside a sliding window see.

    View number ``i * kernel_width + j`` holds, for every place of the window at once, the pixel in row i and column j
    of the window. Writing into the views is how gradients return to the pixels.

    Examples
    --------
    >>> x = np.arange(9).reshape(1, 3, 3, 1)
    >>> [view[0, :, :, 0].tolist() for view in shifts(x, (1, 2), (1, 1))]
    [[[0, 1], [3, 4], [6, 7]], [[1, 2], [4, 5], [7, 8]]]
    """
    rows, columns = map(output_size, x.shape[1:3], kernel_size, stride, (0, 0), dilation)
    return [
        x[:, i : i + stride[0] * (rows - 1) + 1 : stride[0], j : j + stride[1] * (columns - 1) + 1 : stride[1]]
        for i in range(0, kernel_size[0] * dilation[0], dilation[0])
        for j in range(0, kernel_size[1] * dilation[1], dilation[1])
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
    ndarray, shape (C · kernel rows · kernel columns, output rows, output columns, N)

    Examples
    --------
    >>> im2col(np.arange(6.0).reshape(1, 1, 2, 3), (2, 2)).reshape(4, 2)      # two places, four pixels each
    array([[0., 1.],
           [1., 2.],
           [3., 4.],
           [4., 5.]])
    """
    return _columns(pad(batch_last(x), padding), kernel_size, stride, dilation, np.empty)


def _columns(x, kernel_size, stride, dilation, empty):
    """Do the work of `im2col` for a padded batch-last array, in memory that `empty` gives."""
    views = shifts(x, kernel_size, stride, dilation)
    channels, *places = views[0].shape
    out = empty((channels, len(views), *places), x.dtype)
    for position, view in enumerate(views):
        out[:, position] = view
    return out.reshape(channels * len(views), *places)


def _matrices(array, groups):
    """View an array as one matrix for each group: its first axis is divided, all the others are merged."""
    return array.reshape(groups, len(array) // groups, array.size // len(array))


def _strips(x, kernel_size, stride, dilation):
    """Cut a padded batch-last image into horizontal strips, so that what `_columns` makes of one stays in the cache.

    Yields, for each strip, the output rows it is responsible for and the input rows (a view) that they need.
    """
    rows, columns = map(output_size, x.shape[1:3], kernel_size, stride, (0, 0), dilation)
    bytes_per_row = len(x) * kernel_size[0] * kernel_size[1] * columns * x.shape[3] * x.itemsize
    strips = min(rows, -(-rows * bytes_per_row // STRIP_BYTES)) or 1
    step = -(-rows // strips)
    for first in range(0, rows, step):
        last = min(first + step, rows) - 1
        yield (
            slice(first, last + 1),
            x[:, first * stride[0] : last * stride[0] + dilation[0] * (kernel_size[0] - 1) + 1],
        )


def _workspace(shape, dtype):
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
STRIP_BYTES = 2 * 2**20

# The same for every other array: glibc returns freed memory above a threshold to the system, only to ask for it again
# at the next step. Freeing one large block (never touched, so it costs nothing) raises the threshold to its size, see
# M_MMAP_THRESHOLD in mallopt(3). A training step of LeNet-5 takes a third less time. Other C libraries do not care.
np.empty(31 * 2**20, np.uint8)


# --------------------------------------------------------------------------------------------------------- convolution


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


def conv2d(x, weight, bias=None, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    """Convolution layer: every filter slides over all channels, all filters in one matrix product.

    Taught in the chapter on convolution layers; the method is that of Chellapilla et al., "High performance
    convolutional neural networks for document processing" (2006), here with the batch innermost in memory.

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
    x, kernel_size = pad(batch_last(x), padding), weight.shape[2:]
    places = map(output_size, x.shape[1:3], kernel_size, stride, (0, 0), dilation)
    out = np.empty((len(weight), *places, x.shape[3]), x.dtype)
    for rows, strip in _strips(x, kernel_size, stride, dilation):
        columns = _columns(strip, kernel_size, stride, dilation, _workspace)
        np.matmul(_matrices(weight, groups), _matrices(columns, groups), out=_matrices(out[:, rows], groups))
    if bias is not None:
        out += bias[:, None, None, None]
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
    n, channels, height, width = input_shape
    grad, kernel_size = batch_last(grad), weight.shape[2:]
    out = np.zeros((channels, height + 2 * padding[0], width + 2 * padding[1], n), grad.dtype)
    for rows, strip in _strips(out, kernel_size, stride, dilation):
        part = grad[:, rows]
        spread = _workspace((channels, kernel_size[0] * kernel_size[1], *part.shape[1:]), grad.dtype)
        matrices = _matrices(weight, groups).swapaxes(1, 2), _matrices(part, groups)
        np.matmul(*matrices, out=spread.reshape(groups, weight[0].size, part[0].size))
        for position, view in enumerate(shifts(strip, kernel_size, stride, dilation)):
            view += spread[:, position]
    return batch_first(unpad(out, padding))


def conv2d_weight_gradient(grad, x, weight_shape, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    """Gradient of `conv2d` with respect to `weight`: the correlation of the input with `grad`, summed over the batch.

    Examples
    --------
    >>> conv2d_weight_gradient(np.array([[[[1., 0., 2.]]]]), np.array([[[[1., 2., 3., 4.]]]]), (1, 1, 1, 2))
    array([[[[ 7., 10.]]]])
    """
    x, grad, kernel_size = pad(batch_last(x), padding), batch_last(grad), weight_shape[2:]
    out = np.zeros((groups, math.prod(weight_shape[1:]), weight_shape[0] // groups), grad.dtype)
    for rows, strip in _strips(x, kernel_size, stride, dilation):
        columns = _columns(strip, kernel_size, stride, dilation, _workspace)
        out += _matrices(columns, groups) @ _matrices(grad[:, rows], groups).swapaxes(1, 2)
    return out.swapaxes(1, 2).reshape(weight_shape)


def conv2d_bias_gradient(grad):
    """Gradient of `conv2d` with respect to `bias`: used at every place of every image, so all of them add up.

    Examples
    --------
    >>> conv2d_bias_gradient(np.ones((2, 1, 3, 3)))
    array([18.])
    """
    (grad,) = _matrices(batch_last(grad), groups=1)
    return grad @ np.ones(grad.shape[1], grad.dtype)  # row sums; BLAS adds faster than NumPy does


# ------------------------------------------------------------------------------------------------------------- pooling


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
    first, *others = shifts(pad(batch_last(x), padding, -np.inf), kernel_size, stride, dilation)
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
    padded, out = pad(batch_last(x), padding, -np.inf), batch_last(out)
    gradient = np.zeros_like(padded)
    left = batch_last(grad).copy()  # what has not yet found its pixel
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
    first, *others = shifts(pad(batch_last(x), padding), kernel_size, stride)
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
    share = batch_last(grad) / (kernel_size[0] * kernel_size[1])
    gradient = np.zeros((channels, height + 2 * padding[0], width + 2 * padding[1], n), share.dtype)
    for view in shifts(gradient, kernel_size, stride):
        view += share
    return batch_first(unpad(gradient, padding))
