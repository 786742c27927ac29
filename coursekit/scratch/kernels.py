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
    return grad.reshape(-1, grad.shape[-1]).T @ x.reshape(-1, x.shape[-1])


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
    out = np.exp(x - x.max(axis=axis, keepdims=True))
    out /= out.sum(axis=axis, keepdims=True)
    return out


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
    out = x - x.max(axis=axis, keepdims=True)
    out -= np.log(np.exp(out).sum(axis=axis, keepdims=True))
    return out


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
    right = log_probabilities[_right_classes(log_probabilities.shape, labels)]
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
    out[_right_classes(out.shape, labels)] = -_reduce_gradient(grad, labels.size, reduction)
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
    out[_right_classes(out.shape, labels)] -= 1
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
    return 1 if logits.ndim > 1 else 0


def _right_classes(shape, labels):
    """Index that picks, out of an array of `shape`, the entry of the right class for every label."""
    axis = min(1, len(shape) - 1)
    if labels.dtype.kind not in "iu":
        raise ValueError(f"labels must be integers (class numbers), but their type is {labels.dtype}")
    if labels.shape != shape[:axis] + shape[axis + 1 :]:
        raise ValueError(
            f"logits of shape {shape} need labels of shape {shape[:axis] + shape[axis + 1 :]}, not {labels.shape}"
        )
    if labels.size and not 0 <= labels.min() <= labels.max() < shape[axis]:
        bad = labels.min() if labels.min() < 0 else labels.max()
        raise ValueError(f"labels must lie between 0 and {shape[axis] - 1}, one for each logit, but there is a {bad}")
    places = np.indices(labels.shape, sparse=True)
    return (*places[:axis], labels, *places[axis:])


def _reduce(values, reduction):
    if reduction == "mean":
        # An empty batch has no mean; PyTorch returns nan as well, and NumPy would add a warning.
        return values.mean() if values.size else values.dtype.type(np.nan)
    if reduction == "sum":
        return values.sum()
    if reduction == "none":
        return values
    raise ValueError(f'reduction must be "mean", "sum" or "none", not {reduction!r}')


def _reduce_gradient(grad, count, reduction):
    return grad / max(count, 1) if reduction == "mean" else grad
