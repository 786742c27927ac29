"""Gradients of one image, then a sum over the batch."""

import numpy as np


def line_gradients(grad, x, w, stride=1):
    starts = np.arange(len(grad)) * stride
    dw = np.array([grad @ x[starts + tau] for tau in range(len(w))])
    spread = np.zeros((len(grad) - 1) * stride + 1)
    spread[::stride] = grad
    seen = np.convolve(spread, w)
    return np.pad(seen, (0, len(x) - len(seen))), dw


def of_one(grad, x, size, stride):
    M, R, S = grad.shape
    k, l = size
    columns = np.array(
        [
            x[c, u : u + (R - 1) * stride + 1 : stride, v : v + (S - 1) * stride + 1 : stride].ravel()
            for c in range(len(x))
            for u in range(k)
            for v in range(l)
        ]
    )
    return (grad.reshape(M, R * S) @ columns.T).reshape(M, len(x), k, l)


def filter_gradients(grad, x, size, stride=1, padding=0):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dF = sum(of_one(g, image, size, stride) for g, image in zip(grad, x, strict=True))
    db = sum(g.sum(axis=(1, 2)) for g in grad)
    return dF, db


def input_gradient(grad, weight, input_shape, stride=1, padding=0):
    """Columns times filters, and every column back to its window."""
    N, C, H, W = input_shape
    M, _, k, l = weight.shape
    R, S = grad.shape[2:]
    columns = weight.reshape(M, -1).T @ grad.transpose(1, 0, 2, 3).reshape(M, -1)
    columns = columns.reshape(C, k, l, N, R, S)
    dX = np.zeros((C, N, H + 2 * padding, W + 2 * padding))
    for u in range(k):
        for v in range(l):
            dX[:, :, u : u + R * stride : stride, v : v + S * stride : stride][:, :, :R, :S] += columns[:, u, v]
    return dX[:, :, padding : padding + H, padding : padding + W].swapaxes(0, 1)


def max_pool_gradient(grad, x, size, stride=None):
    step = stride if stride else size
    dX = np.zeros_like(x, dtype=float)
    maps, targets, all_arriving = (a.reshape(-1, *a.shape[2:]) for a in (x, dX, grad))
    number = np.arange(len(maps))
    for i, j in np.ndindex(*grad.shape[2:]):
        window = maps[:, i * step : i * step + size, j * step : j * step + size]
        u, v = np.unravel_index(window.reshape(len(maps), -1).argmax(axis=1), window.shape[1:])
        targets[number, i * step + u, j * step + v] += all_arriving[:, i, j]
    return dX


def avg_pool_gradient(grad, input_shape, size, stride=None):
    step = stride if stride else size
    n_rows, n_columns = input_shape[2:]
    rows, columns = np.zeros((grad.shape[2], n_rows)), np.zeros((grad.shape[3], n_columns))
    for i in range(grad.shape[2]):
        rows[i, i * step : i * step + size] = 1 / size
    for j in range(grad.shape[3]):
        columns[j, j * step : j * step + size] = 1 / size
    return np.einsum("ncij,ip,jq->ncpq", grad, rows, columns, optimize=True)
