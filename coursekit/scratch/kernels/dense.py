"""Fully connected layers and embeddings."""

import numpy as np


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


def embedding(indices, weight):
    """Look up rows of a table: the vector of each word, given its number.

    Parameters
    ----------
    indices : ndarray of int, any shape
    weight : ndarray, shape (words, dimensions)

    Returns
    -------
    ndarray, shape (*indices.shape, dimensions)

    Raises
    ------
    IndexError
        If there is no such row. Negative numbers do not count from the end.

    Examples
    --------
    >>> embedding(np.array([2, 0]), np.array([[1., 2.], [3., 4.], [5., 6.]]))
    array([[5., 6.],
           [1., 2.]])
    """
    wrong = indices[(indices < 0) | (indices >= len(weight))]
    if wrong.size:
        raise IndexError(f"embedding: indices must lie between 0 and {len(weight) - 1}, but one is {wrong[0]}")
    return weight[indices]


def embedding_gradient(grad, indices, words):
    """Gradient of `embedding` with respect to `weight`: a row that was looked up twice collects twice.

    Examples
    --------
    >>> embedding_gradient(np.array([[1., 2.], [3., 4.]]), np.array([1, 1]), 3)
    array([[0., 0.],
           [4., 6.],
           [0., 0.]])
    """
    dimensions = grad.shape[-1]
    out = np.zeros(words * dimensions, grad.dtype)
    places = indices[..., None] * dimensions + np.arange(dimensions)
    np.add.at(out, places.ravel(), grad.ravel())  # number by number, which is several times faster than row by row
    return out.reshape(words, dimensions)
