"""Losses: what a model gets wrong, as one number."""

import numpy as np

from coursekit.scratch.kernels.activations import log_softmax, sigmoid


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
        If labels are not integers, are negative, or do not fit the shape.
    IndexError
        If there is no such class.

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


def bce_with_logits(x, target, reduction="mean"):
    """Binary cross-entropy of probabilities ``sigmoid(x)`` and targets between 0 and 1, averaged over every entry.

    Minus ``target · log(p) + (1 - target) · log(1 - p)``, rewritten so that nothing overflows and no digit is lost:
    ``max(x, 0) - x · target + log(1 + exp(-|x|))``. Taught in the chapter on logistic and softmax regression.

    Examples
    --------
    >>> bce_with_logits(np.array([0., 1000., -1000.]), np.array([1., 1., 1.]), "none").round(4)
    array([6.931e-01, 0.000e+00, 1.000e+03])
    """
    return _reduce(np.maximum(x, 0) - x * target + np.log1p(np.exp(-np.abs(x))), reduction)


def bce_with_logits_gradient(grad, x, target, reduction="mean"):
    """Gradient of `bce_with_logits` with respect to the logits: predicted probability minus target.

    Examples
    --------
    >>> bce_with_logits_gradient(np.array(1.0), np.array([0., 0.]), np.array([1., 0.]))
    array([-0.25,  0.25])
    """
    return (sigmoid(x) - target) * _reduce_gradient(grad, x.size, reduction)


def bce_with_logits_target_gradient(grad, x, reduction="mean"):
    """Gradient of `bce_with_logits` with respect to the targets, where those are computed too.

    Examples
    --------
    >>> bce_with_logits_target_gradient(np.array(1.0), np.array([2., 4.]))
    array([-1., -2.])
    """
    return -x * _reduce_gradient(grad, x.size, reduction)


def class_axis(logits):
    """Where the classes are in an array of logits: (N, classes, ...) or, for a single example, (classes,)."""
    return min(1, logits.ndim - 1)


def _right_classes(labels, axis):
    """Index that picks, out of an array with one more axis than `labels`, the entry of the right class for each."""
    places = [np.arange(n).reshape(-1, *[1] * inner) for inner, n in enumerate(reversed(labels.shape))][::-1]
    return (*places[:axis], labels, *places[axis:])


def _check_labels(shape, labels, axis):
    if labels.dtype.kind not in "iu":
        raise ValueError(f"labels must be integers (class numbers), but their type is {labels.dtype}")
    if labels.shape != shape[:axis] + shape[axis + 1 :]:
        raise ValueError(
            f"logits of shape {shape} need labels of shape {shape[:axis] + shape[axis + 1 :]}, not {labels.shape}"
        )
    if labels.size and labels.min() < 0:  # NumPy would count from the end; it refuses only what is too large
        raise ValueError(f"labels must lie between 0 and {shape[axis] - 1}, but one is {labels.min()}")


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
