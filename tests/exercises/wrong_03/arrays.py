"""Wrong solutions of task 5; see exercise.py."""

import numpy as np


def unbroadcast__no_keepdims(grad, shape):
    """Says: stays, with size 1"""
    grad = grad.sum(axis=tuple(range(grad.ndim - len(shape))))
    return grad.sum(axis=tuple(i for i, size in enumerate(shape) if size == 1))


def unbroadcast__mean(grad, shape):
    """Says: this is a mean"""
    grad = grad.mean(axis=tuple(range(grad.ndim - len(shape))))
    return grad.mean(axis=tuple(i for i, size in enumerate(shape) if size == 1), keepdims=True)


def unbroadcast__first_axis_only(grad, shape):
    """Says: unbroadcast

    A new axis, or none."""
    return grad if grad.shape == shape else grad.sum(axis=0)


def unbroadcast__keeps_new_axes(grad, shape):
    """Says: must disappear"""
    padded = (1,) * (grad.ndim - len(shape)) + tuple(shape)
    return grad.sum(axis=tuple(i for i, size in enumerate(padded) if size == 1), keepdims=True)


def unbroadcast__two_axes(grad, shape):
    """Hidden only.

    New axes are taken one at a time, but only one."""
    if grad.ndim > len(shape) and len(shape):
        grad = grad.sum(axis=0)
    if len(shape) == 0:
        return grad.sum()
    return grad.sum(axis=tuple(i for i, size in enumerate(shape) if size == 1), keepdims=True)


def matmul_gradients__no_transpose(A, B, grad):
    """Says: A must be transposed

    Runs where matrices are square."""
    return grad @ B.T, A @ grad


def matmul_gradients__exchanged(A, B, grad):
    """Says: dA"""
    return A.T @ grad, grad @ B.T


def mean_gradient__sum(x, grad, axis=None):
    """Says: gradient of a sum"""
    return np.broadcast_to(grad if axis is None else np.expand_dims(grad, axis), x.shape) * 1.0


def mean_gradient__all_entries(x, grad, axis=None):
    """Says: not by the number of all entries"""
    return np.broadcast_to(grad if axis is None else np.expand_dims(grad, axis), x.shape) / x.size


def mean_gradient__axis_not_put_back(x, grad, axis=None):
    """Says: Put it back first"""
    return np.broadcast_to(grad, x.shape) / (x.size if axis is None else x.shape[axis])


def mean_gradient__matrices_only(x, grad, axis=None):
    """Hidden only."""
    if axis is None:
        return np.full(x.shape, grad / x.size)
    return (
        np.outer(np.ones(x.shape[0]), grad) / x.shape[0] if axis == 0 else grad[:, None] * np.ones(x.shape) / x.shape[1]
    )
