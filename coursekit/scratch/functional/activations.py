"""Activations, softmax included."""

from coursekit.scratch import kernels
from coursekit.scratch.autograd import as_tensor, record


def relu(input):
    """Rectify: ``max(input, 0)``; see `kernels.relu`.

    Examples
    --------
    >>> relu([-1.0, 2.0])
    tensor([0., 2.])
    """
    return as_tensor(input).relu()


def leaky_relu(input, negative_slope=0.01):
    """Rectify, but let negative numbers through a little; see `kernels.leaky_relu`.

    Examples
    --------
    >>> leaky_relu([-1.0, 2.0], 0.25)
    tensor([-0.2500,  2.0000])
    """
    x = as_tensor(input)
    return record(
        "LeakyRelu",
        kernels.leaky_relu(x.data, negative_slope),
        (x, lambda grad: kernels.leaky_relu_gradient(grad, x.data, negative_slope)),
    )


def gelu(input):
    """Weight with the probability that a normal number is smaller; see `kernels.gelu`.

    Examples
    --------
    >>> gelu([-1.0, 1.0])
    tensor([-0.1587,  0.8413])
    """
    x = as_tensor(input)
    return record("Gelu", kernels.gelu(x.data), (x, lambda grad: kernels.gelu_gradient(grad, x.data)))


def sigmoid(input):
    """Squash to (0, 1); see `kernels.sigmoid`.

    Examples
    --------
    >>> sigmoid([0.0])
    tensor([0.5000])
    """
    return as_tensor(input).sigmoid()


def tanh(input):
    """Squash to (-1, 1); see `kernels.tanh`.

    Examples
    --------
    >>> tanh([0.5])
    tensor([0.4621])
    """
    return as_tensor(input).tanh()


def softmax(input, dim):
    """Turn logits into probabilities along `dim`; see `kernels.softmax`.

    Examples
    --------
    >>> softmax([[1000.0, 1000.0]], dim=1)
    tensor([[0.5000, 0.5000]])
    """
    return as_tensor(input).softmax(dim)


def log_softmax(input, dim):
    """Logarithm of the softmax, computed safely; see `kernels.log_softmax`.

    Examples
    --------
    >>> log_softmax([[0.0, -800.0]], dim=1)
    tensor([[   0., -800.]])
    """
    return as_tensor(input).log_softmax(dim)
