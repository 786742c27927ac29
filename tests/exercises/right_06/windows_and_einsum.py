"""Views of all windows; everything in float32."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

F = np.float32


def line_gradients(grad, x, w, stride=1):
    grad, x, w = grad.astype(F), x.astype(F), w.astype(F)
    windows = sliding_window_view(x, len(w))[::stride]
    dx = np.zeros(len(x), F)
    view = sliding_window_view(dx, len(w), writeable=True)[::stride]
    for t in range(len(grad)):
        view[t] += grad[t] * w
    return dx, grad @ windows


def filter_gradients(grad, x, size, stride=1, padding=0):
    grad = grad.astype(F)
    x = np.pad(x.astype(F), ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(x, size, axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nmij,ncijuv->mcuv", grad, windows, optimize=True), grad.sum((0, 2, 3))


def input_gradient(grad, weight, input_shape, stride=1, padding=0):
    """The convolution that chapter 13 names: zeros between, a border, the filter turned."""
    N, M, R, S = grad.shape
    k, l = weight.shape[2:]
    H, W = input_shape[2] + 2 * padding, input_shape[3] + 2 * padding
    spread = np.zeros((N, M, H + k - 1, W + l - 1), F)
    spread[:, :, k - 1 : k + (R - 1) * stride : stride, l - 1 : l + (S - 1) * stride : stride] = grad
    windows = sliding_window_view(spread, (k, l), axis=(2, 3))
    dX = np.einsum("nmpquv,mcuv->ncpq", windows, weight[:, :, ::-1, ::-1].astype(F), optimize=True)
    return dX[:, :, padding : H - padding, padding : W - padding]


def max_pool_gradient(grad, x, size, stride=None):
    stride = size if stride is None else stride
    windows = sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::stride, ::stride]
    winner = windows.reshape(*grad.shape, -1).argmax(-1)
    n, c, i, j = np.indices(grad.shape)
    dX = np.zeros(x.shape, F)
    np.add.at(dX, (n, c, i * stride + winner // size, j * stride + winner % size), grad)
    return dX


def avg_pool_gradient(grad, input_shape, size, stride=None):
    stride = size if stride is None else stride
    dX = np.zeros(input_shape, F)
    view = sliding_window_view(dx := dX, (size, size), axis=(2, 3), writeable=True)[:, :, ::stride, ::stride]
    for u in range(size):
        for v in range(size):
            view[..., u, v] += grad.astype(F) / F(size**2)
    return dx
