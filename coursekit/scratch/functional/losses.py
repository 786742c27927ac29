"""Losses."""

from coursekit.scratch import kernels
from coursekit.scratch.autograd import as_tensor, record
from coursekit.scratch.autograd.arithmetic import operands


def nll_loss(input, target, *, reduction="mean"):
    """Negative log-likelihood of the right classes, from log-probabilities; see `kernels.nll`.

    Examples
    --------
    >>> nll_loss(F.log_softmax([[0.0, 0.0]], dim=1), np.array([1]))
    tensor(0.6931)
    """
    x, labels = as_tensor(input), as_tensor(target).data
    return record(
        "NllLoss",
        kernels.nll(x.data, labels, reduction),
        (x, lambda grad: kernels.nll_gradient(grad, x.data, labels, reduction)),
    )


def cross_entropy(input, target, *, reduction="mean"):
    """Softmax and negative log-likelihood in one, from logits; see `kernels.cross_entropy`.

    Examples
    --------
    >>> cross_entropy([[0.0, 0.0, 1000.0]], np.array([2]))
    tensor(0.)
    """
    x, labels = as_tensor(input), as_tensor(target).data
    log_probabilities = kernels.log_softmax(x.data, kernels.class_axis(x.data))
    return record(
        "NllLoss",
        kernels.nll(log_probabilities, labels, reduction),
        (x, lambda grad: kernels.cross_entropy_gradient(grad, log_probabilities, labels, reduction)),
    )


def mse_loss(input, target, *, reduction="mean"):
    """Squared error, averaged over every entry; see `kernels.mse`.

    Examples
    --------
    >>> mse_loss([1.0, 2.0], [1.0, 4.0])
    tensor(2.)
    """
    x, target, a, b = _same_shape("mse_loss", input, target)
    return record(
        "MseLoss",
        kernels.mse(a, b, reduction),
        (x, lambda grad: kernels.mse_gradient(grad, a, b, reduction)),
        (target, lambda grad: -kernels.mse_gradient(grad, a, b, reduction)),
    )


def binary_cross_entropy_with_logits(input, target, *, reduction="mean"):
    """Loss of yes-or-no answers from their logits; targets are probabilities, 0 to 1; see `kernels.bce_with_logits`.

    Examples
    --------
    >>> binary_cross_entropy_with_logits([0.0, 2.0], [1.0, 1.0], reduction="none")
    tensor([0.6931, 0.1269])
    """
    x, target, a, b = _same_shape("binary_cross_entropy_with_logits", input, target)
    if target.dtype.kind != "f":
        raise RuntimeError(f"target must be floats, the probabilities of a yes, not {target.dtype}: target.float()")
    return record(
        "BinaryCrossEntropyWithLogits",
        kernels.bce_with_logits(a, b, reduction),
        (x, lambda grad: kernels.bce_with_logits_gradient(grad, a, b, reduction)),
        (target, lambda grad: kernels.bce_with_logits_target_gradient(grad, a, reduction)),
    )


def _same_shape(name, input, target):
    """Both as Tensors, and as arrays of one type. Broadcasting is refused: here it would be a mistake."""
    x, target = as_tensor(input), as_tensor(target)
    if x.shape != target.shape:
        raise ValueError(f"{name}: input of shape {x.shape} and target of shape {target.shape} must have one shape")
    return x, *operands(x, target)
