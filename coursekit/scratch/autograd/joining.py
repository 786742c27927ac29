"""Functions of several Tensors: joined end to end, stacked, or chosen between entry by entry."""

import numpy as np

from coursekit.scratch.autograd.arithmetic import operands
from coursekit.scratch.autograd.graph import record
from coursekit.scratch.autograd.tensor import Tensor, as_tensor


def cat(tensors, dim=0):
    """Join Tensors end to end along `dim`; each gets its own piece of the gradient back.

    Examples
    --------
    >>> cat([Tensor([1.0, 2.0]), Tensor([3.0])])
    tensor([1., 2., 3.])
    """
    tensors = [as_tensor(tensor) for tensor in tensors]
    out, edges, end = np.concatenate([tensor.data for tensor in tensors], axis=dim), [], 0
    for tensor in tensors:
        start, end = end, end + tensor.shape[dim]
        edges.append((tensor, _piece(dim, start, end)))
    return record("Cat", out, *edges)


def _piece(dim, start, end):
    return lambda grad: grad.swapaxes(0, dim)[start:end].swapaxes(0, dim)


def stack(tensors, dim=0):
    """Put Tensors of one shape side by side along a new dimension.

    Examples
    --------
    >>> stack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])], dim=1)
    tensor([[1., 3.],
            [2., 4.]])
    """
    return cat([as_tensor(tensor).unsqueeze(dim) for tensor in tensors], dim)


def where(condition, input, other):
    """Take `input` where the condition holds and `other` elsewhere; the gradient goes to the one that was taken.

    Examples
    --------
    >>> x = Tensor([-1.0, 2.0])
    >>> where(x > 0, x, 0.1 * x)
    tensor([-0.1000,  2.0000])
    """
    condition = as_tensor(condition).data.astype(bool)
    if not isinstance(input, Tensor) and isinstance(other, Tensor):
        return where(~condition, other, input)
    input = as_tensor(input)
    other, a, b = operands(input, other)
    return record(
        "Where",
        np.where(condition, a, b),
        (input, lambda grad: np.where(condition, grad, 0)),
        (other, lambda grad: np.where(condition, 0, grad)),
    )


def maximum(input, other):
    """Take the larger of two entries; equal ones share the gradient.

    Examples
    --------
    >>> maximum(Tensor([1.0, 5.0]), Tensor([3.0, 4.0]))
    tensor([3., 5.])
    """
    input = as_tensor(input)
    other, a, b = operands(input, other)
    return record(
        "Maximum",
        np.maximum(a, b),
        (input, lambda grad: grad * ((a > b) + (a == b) / 2)),
        (other, lambda grad: grad * ((b > a) + (a == b) / 2)),
    )


def minimum(input, other):
    """Take the smaller of two entries; equal ones share the gradient.

    Examples
    --------
    >>> minimum(Tensor([1.0, 5.0]), Tensor([3.0, 4.0]))
    tensor([1., 4.])
    """
    return -maximum(-as_tensor(input), -as_tensor(other))
