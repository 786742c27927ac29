"""Fully connected layers, embeddings, and layers that only change the shape."""

import numpy as np

from coursekit.scratch import functional, init
from coursekit.scratch.autograd import as_tensor
from coursekit.scratch.nn.module import Module
from coursekit.scratch.nn.parameter import Parameter


class Linear(Module):
    """Fully connected layer, ``x @ weight.T + bias``.

    Parameters
    ----------
    in_features, out_features : int
    bias : bool

    Attributes
    ----------
    weight : Parameter, shape (out_features, in_features)
    bias : Parameter, shape (out_features,), or None
        Both start uniform on ±1/√in_features, as in PyTorch.

    Examples
    --------
    >>> layer = Linear(3, 2)
    >>> layer(np.ones((5, 3), np.float32)).shape
    (5, 2)
    """

    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        # Transposed in memory: the product that yields its gradient is faster that way round.
        self.weight = Parameter(np.empty((in_features, out_features), np.float32).T)
        self.bias = Parameter(np.empty(out_features, np.float32)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        default_init(self.weight, self.bias)

    def forward(self, input):
        return functional.linear(input, self.weight, self.bias)

    def extra_repr(self):
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


def default_init(weight, bias):
    init.kaiming_uniform_(weight, a=5**0.5)  # a = √5 makes this uniform on ±1/√fan_in
    if bias is not None:
        bound = 1 / max(np.prod(weight.shape[1:]), 1) ** 0.5
        init.uniform_(bias, -bound, bound)


class Embedding(Module):
    """A table with a vector for each of a number of words, looked up by number; see `kernels.embedding`.

    Parameters
    ----------
    num_embeddings, embedding_dim : int

    Attributes
    ----------
    weight : Parameter, shape (num_embeddings, embedding_dim)
        Starts normal, with mean 0 and variance 1.

    Examples
    --------
    >>> Embedding(1000, 16)(np.array([[1, 2, 3], [4, 5, 6]])).shape
    (2, 3, 16)
    """

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.weight = Parameter(np.empty((num_embeddings, embedding_dim), np.float32))
        self.reset_parameters()

    def reset_parameters(self):
        init.normal_(self.weight)

    def forward(self, input):
        return functional.embedding(input, self.weight)

    def extra_repr(self):
        return f"{self.num_embeddings}, {self.embedding_dim}"


class Flatten(Module):
    """Turn (N, C, H, W) into (N, C·H·W).

    Examples
    --------
    >>> Flatten()(Tensor(np.zeros((2, 3, 4, 5)))).shape
    (2, 60)
    """

    def __init__(self, start_dim=1, end_dim=-1):
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input):
        return as_tensor(input).flatten(self.start_dim, self.end_dim)

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Identity(Module):
    """Return the input."""

    def forward(self, input):
        return as_tensor(input)
