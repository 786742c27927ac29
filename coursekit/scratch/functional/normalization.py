"""Normalisation."""

from coursekit.scratch import kernels
from coursekit.scratch.autograd import as_tensor, record
from coursekit.scratch.functional.arguments import given, optional


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    """Normalise every channel over the batch; see `kernels.batch_norm`.

    Parameters
    ----------
    input : Tensor, shape (N, C), (N, C, L) or (N, C, H, W)
    running_mean, running_var : Tensor, shape (C,), or None
        What normalises in evaluation. In training they are not used but updated in place, each by the share `momentum`
        (the variance that of the population, estimated with one value less); None keeps none.
    weight, bias : Tensor, shape (C,), optional
        Scale and shift.

    Raises
    ------
    ValueError
        In training, if a channel has a single value only: its variance would be zero. In evaluation, if there are no
        running statistics.

    Examples
    --------
    >>> batch_norm(np.array([[1.0], [3.0]]), None, None, training=True, eps=0)
    tensor([[-1.],
            [ 1.]], dtype=float64)
    """
    x = as_tensor(input)
    arguments = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    for name, value in arguments.items():
        if value is not None and value.shape != x.shape[1:2]:
            raise RuntimeError(f"batch_norm: {name} has shape {value.shape}, but the input has {x.shape[1]} channels")
    weight, w = optional(weight)
    bias, b = optional(bias)
    if training:
        mean, variance = _batch_statistics(x, running_mean, running_var, momentum)
    elif running_mean is None or running_var is None:
        raise RuntimeError("batch_norm: running_mean and running_var must be given where training=False")
    else:
        mean, variance = as_tensor(running_mean).data, as_tensor(running_var).data
    out, normalized = kernels.batch_norm(x.data, mean, variance, w, b, eps)
    edges = given(
        (x, lambda grad: kernels.batch_norm_input_gradient(grad, normalized, variance, w, eps, training)),
        (weight, lambda grad: kernels.batch_norm_weight_gradient(grad, normalized)),
        (bias, kernels.batch_norm_bias_gradient),
    )
    return record("NativeBatchNorm", out, *edges)


def _batch_statistics(x, running_mean, running_var, momentum):
    """Return the statistics of this batch, and let the running ones follow them."""
    count = x.data[:, :1].size
    if count == 1:
        raise ValueError(f"batch_norm: training needs more than one value per channel, not input of shape {x.shape}")
    mean, variance = kernels.batch_statistics(x.data)
    for average, value in ((running_mean, mean), (running_var, variance * count / (count - 1))):
        if average is not None and count:
            average += momentum * (value - as_tensor(average).data)
    return mean, variance
