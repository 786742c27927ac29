"""Fully connected layers and embeddings."""

from coursekit.scratch import kernels
from coursekit.scratch.autograd import as_tensor, record
from coursekit.scratch.functional.arguments import given, optional, same_type


def linear(input, weight, bias=None):
    """Apply ``input @ weight.T + bias``; see `kernels.linear`.

    Examples
    --------
    >>> linear([[1.0, 2.0]], [[3.0, 4.0]], [0.5])
    tensor([[11.5000]])
    """
    x, weight = as_tensor(input), as_tensor(weight)
    if x.ndim == 0 or x.shape[-1] != weight.shape[-1]:
        raise RuntimeError(
            f"linear: input of shape {x.shape} does not fit weight of shape {weight.shape}; "
            f"the last dimension of the input must be {weight.shape[-1]}"
        )
    same_type("linear", x, weight)
    bias, b = optional(bias)
    edges = given(
        (x, lambda grad: kernels.linear_input_gradient(grad, weight.data)),
        (weight, lambda grad: kernels.linear_weight_gradient(grad, x.data)),
        (bias, kernels.linear_bias_gradient),
    )
    return record("Addmm", kernels.linear(x.data, weight.data, b), *edges)


def embedding(input, weight):
    """Look up the rows of `weight` with the numbers in `input`; see `kernels.embedding`.

    Examples
    --------
    >>> embedding(np.array([1, 1]), [[1.0, 2.0], [3.0, 4.0]])
    tensor([[3., 4.],
            [3., 4.]])
    """
    indices, weight = as_tensor(input).data, as_tensor(weight)
    return record(
        "Embedding",
        kernels.embedding(indices, weight.data),
        (weight, lambda grad: kernels.embedding_gradient(grad, indices, len(weight))),
    )
