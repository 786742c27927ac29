"""One product at a time where that is quick enough; in training, images go together."""

import numpy as np


def line_gradients(grad, x, w, stride=1):
    dx, dw = [0.0] * len(x), [0.0] * len(w)
    for t in range(len(grad)):
        for tau in range(len(w)):
            dw[tau] += float(grad[t]) * float(x[t * stride + tau])
            dx[t * stride + tau] += float(grad[t]) * float(w[tau])
    return np.array(dx), np.array(dw)


def filter_gradients(grad, x, size, stride=1, padding=0):
    N, M, R, S = grad.shape
    _, C, H, W = x.shape
    k, l = size
    padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    padded[:, :, padding : padding + H, padding : padding + W] = x
    dF, db = np.zeros((M, C, k, l)), np.zeros(M)
    for i in range(R):
        for j in range(S):
            window = padded[:, :, i * stride : i * stride + k, j * stride : j * stride + l]
            here = grad[:, :, i, j].astype(float)
            dF += np.tensordot(here, window, axes=(0, 0))
            db += here.sum(axis=0)
    return dF, db


def input_gradient(grad, weight, input_shape, stride=1, padding=0):
    N, C, H, W = input_shape
    k, l = weight.shape[2:]
    dX = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    for i in range(grad.shape[2]):
        for j in range(grad.shape[3]):
            copies = np.tensordot(grad[:, :, i, j], weight, axes=(1, 0))
            dX[:, :, i * stride : i * stride + k, j * stride : j * stride + l] += copies
    return dX[:, :, padding : H + padding, padding : W + padding]


def max_pool_gradient(grad, x, size, stride=None):
    stride = stride or size
    dX = np.zeros(x.shape)
    for i in range(grad.shape[2]):
        for j in range(grad.shape[3]):
            waiting = grad[:, :, i, j].astype(float)
            window = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            best = window.max(axis=3).max(axis=2)
            for u in range(size):
                for v in range(size):
                    won = window[:, :, u, v] == best
                    dX[:, :, i * stride + u, j * stride + v] += np.where(won, waiting, 0)
                    waiting[won] = 0
    return dX


def avg_pool_gradient(grad, input_shape, size, stride=None):
    stride = stride or size
    dX = np.zeros(input_shape)
    for i in range(grad.shape[2]):
        for j in range(grad.shape[3]):
            top, left = i * stride, j * stride
            dX[:, :, top : top + size, left : left + size] += (grad[:, :, i, j] / (size * size))[:, :, None, None]
    return dX
