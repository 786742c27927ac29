"""ReLU and max pooling can change places; so they do here. Recursion over the windows of a line."""

import numpy as np


def line_gradients(grad, x, w, stride=1):
    if len(grad) == 0:
        return np.zeros(len(x)), np.zeros(len(w))
    dx, dw = line_gradients(grad[1:], x[stride:], w, stride)
    dx = np.concatenate([np.zeros(len(x) - len(dx)), dx])
    dx[: len(w)] += grad[0] * w
    return dx, dw + grad[0] * x[: len(w)]


def filter_gradients(grad, x, size, stride=1, padding=0):
    """Image by image, filter by filter."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    R, S = grad.shape[2:]
    dF = np.zeros((grad.shape[1], x.shape[1], *size))
    for u in range(size[0]):
        for v in range(size[1]):
            seen = x[:, :, u:, v:][:, :, ::stride, ::stride][:, :, :R, :S]
            for m in range(grad.shape[1]):
                dF[m, :, u, v] = (seen * grad[:, m : m + 1]).sum(axis=(0, 2, 3))
    return [dF, np.sum(np.sum(np.sum(grad, axis=3), axis=2), axis=0)]


def input_gradient(grad, weight, input_shape, stride=1, padding=0):
    """Pixel by pixel along rows and columns: which windows is it in?"""
    H, W = input_shape[2:]
    R, S = grad.shape[2:]
    k, l = weight.shape[2:]
    dX = np.zeros(input_shape)
    for p in range(H):
        for q in range(W):
            for u in range(k):
                i, rest = divmod(p + padding - u, stride)
                if rest or not 0 <= i < R:
                    continue
                for v in range(l):
                    j, rest = divmod(q + padding - v, stride)
                    if not rest and 0 <= j < S:
                        dX[:, :, p, q] += grad[:, :, i, j] @ weight[:, :, u, v]
    return dX


def max_pool_gradient(grad, x, size, stride=None):
    stride = stride or size
    order = [(u, v) for u in range(size) for v in range(size)]
    R, S = grad.shape[2:]
    dX = np.zeros(x.shape)
    best, winner = np.full(grad.shape, -np.inf), np.zeros(grad.shape, int)
    for number, (u, v) in enumerate(order):
        pixels = x[:, :, u:, v:][:, :, ::stride, ::stride][:, :, :R, :S]
        better = pixels > best
        best, winner = np.where(better, pixels, best), np.where(better, number, winner)
    for number, (u, v) in enumerate(order):
        part = dX[:, :, u:, v:][:, :, ::stride, ::stride][:, :, :R, :S]
        part += grad * (winner == number)
    return dX


def avg_pool_gradient(grad, input_shape, size, stride=None):
    if stride is None or stride == size:
        spread = np.repeat(np.repeat(grad / size**2, size, axis=2), size, axis=3)
        rows, columns = spread.shape[2:]
        return np.pad(spread, ((0, 0), (0, 0), (0, input_shape[2] - rows), (0, input_shape[3] - columns)))
    dX = np.zeros(input_shape)
    for i, j in np.ndindex(*grad.shape[2:]):
        dX[:, :, i * stride : i * stride + size, j * stride : j * stride + size] += (
            grad[:, :, i : i + 1, j : j + 1] / size / size
        )
    return dX


def network_gradients(parameters, x, labels):
    maps = forward(parameters, x)
    loss, delta = cross_entropy(maps["logits"], labels)
    N = len(x)
    grad = (delta @ parameters["W"]).reshape(maps["p2"].shape)
    dz2 = avg_pool_gradient(grad, maps["z2"].shape, 2)
    dz2[maps["z2"] <= 0] = 0
    dp1 = input_gradient(dz2, parameters["F2"], maps["p1"].shape)
    dz1 = max_pool_gradient(dp1 * (maps["p1"] > 0), maps["z1"], 2)
    dF2, db2 = filter_gradients(dz2, maps["p1"], parameters["F2"].shape[2:])
    dF1, db1 = filter_gradients(dz1, x, parameters["F1"].shape[2:])
    return loss, {
        "F1": dF1,
        "b1": db1,
        "F2": dF2,
        "b2": db2,
        "W": sum(np.outer(delta[n], maps["p2"][n]) for n in range(N)),
        "c": np.ones(N) @ delta,
    }
