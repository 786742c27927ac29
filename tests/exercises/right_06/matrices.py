"""The layer as a matrix, and its transpose on the way back; im2col for the filters."""

import functools

import numpy as np


def selection(n, k, stride, padding, count):
    """[u, i, p]: pixel p lies at place u of window i."""
    chosen = np.zeros((k, count, n))
    for u in range(k):
        for i in range(count):
            pixel = i * stride + u - padding
            if 0 <= pixel < n:
                chosen[u, i, pixel] = 1
    return chosen


selection = functools.lru_cache(selection)


def line_gradients(grad, x, w, stride=1):
    at = selection(len(x), len(w), stride, 0, len(grad))
    return np.einsum("utp,u,t->p", at, w, grad), np.einsum("utp,p,t->u", at, x, grad)


def filter_gradients(grad, x, size, stride=1, padding=0):
    (N, C), (R, S), (k, l) = x.shape[:2], grad.shape[2:], size
    rows = selection(x.shape[2], k, stride, padding, R).reshape(k * R, -1)
    columns = selection(x.shape[3], l, stride, padding, S).reshape(l * S, -1)
    windows = (rows @ x @ columns.T).reshape(N, C, k, R, l, S)
    dF = np.tensordot(grad, windows, axes=((0, 2, 3), (0, 3, 5)))
    return dF, np.array([grad[:, m].sum() for m in range(grad.shape[1])])


def input_gradient(grad, weight, input_shape, stride=1, padding=0):
    (N, C), (R, S), (k, l) = input_shape[:2], grad.shape[2:], weight.shape[2:]
    rows = selection(input_shape[2], k, stride, padding, R).reshape(k * R, -1)
    columns = selection(input_shape[3], l, stride, padding, S).reshape(l * S, -1)
    stamps = np.tensordot(grad, weight, axes=(1, 0)).transpose(0, 3, 4, 1, 5, 2)
    return rows.T @ stamps.reshape(N, C, k * R, l * S) @ columns


def max_pool_gradient(grad, x, size, stride=None):
    stride = stride or size
    N, C, R, S = grad.shape
    rows = selection(x.shape[2], size, stride, 0, R).reshape(size * R, -1)
    columns = selection(x.shape[3], size, stride, 0, S).reshape(size * S, -1)
    windows = (rows @ x @ columns.T).reshape(N, C, size, R, size, S)
    windows = windows.transpose(0, 1, 3, 5, 2, 4).reshape(N, C, R, S, -1)
    won = np.eye(size**2)[windows.argmax(axis=-1)] * grad[..., None]
    won = won.reshape(N, C, R, S, size, size).transpose(0, 1, 4, 2, 5, 3)
    return rows.T @ won.reshape(N, C, size * R, size * S) @ columns


def avg_pool_gradient(grad, input_shape, size, stride=None):
    stride = stride or size
    rows = selection(input_shape[2], size, stride, 0, grad.shape[2]).mean(axis=0)
    columns = selection(input_shape[3], size, stride, 0, grad.shape[3]).mean(axis=0)
    return rows.T @ grad @ columns
