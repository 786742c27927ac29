"""One number at a time."""

import numpy as np


def nearest(x, factor):
    N, C, H, W = x.shape
    out = np.zeros((N, C, H * factor, W * factor), x.dtype)
    for i in range(H * factor):
        for j in range(W * factor):
            out[:, :, i, j] = x[:, :, i // factor, j // factor]
    return out


def _mix(n, m, i):
    place = min(max((i + 0.5) * n / m - 0.5, 0), n - 1)
    a = int(place)
    return a, min(a + 1, n - 1), place - a


def bilinear(x, rows, columns):
    out = np.zeros((*x.shape[:2], rows, columns))
    for i in range(rows):
        a, b, r = _mix(x.shape[2], rows, i)
        for j in range(columns):
            c, d, s = _mix(x.shape[3], columns, j)
            above = (1 - s) * x[:, :, a, c] + s * x[:, :, a, d]
            below = (1 - s) * x[:, :, b, c] + s * x[:, :, b, d]
            out[:, :, i, j] = (1 - r) * above + r * below
    return out


def max_pool_indices(x):
    N, C, H, W = x.shape
    pooled, indices = np.zeros((N, C, H // 2, W // 2)), np.zeros((N, C, H // 2, W // 2), int)
    for n, c, i, j in np.ndindex(*pooled.shape):
        best = None
        for p in (2 * i, 2 * i + 1):
            for q in (2 * j, 2 * j + 1):
                if best is None or x[n, c, p, q] > best:
                    best, where = x[n, c, p, q], p * W + q
        pooled[n, c, i, j], indices[n, c, i, j] = best, where
    return pooled, indices


def max_unpool(values, indices, height, width):
    out = np.zeros((*values.shape[:2], height, width))
    for n, c, i, j in np.ndindex(*values.shape):
        out[n, c, indices[n, c, i, j] // width, indices[n, c, i, j] % width] = values[n, c, i, j]
    return out


def conv_transpose2d(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    N, C, H, W = x.shape
    M, k, l = weight.shape[1:]
    rows = (H - 1) * stride - 2 * padding + k + output_padding
    columns = (W - 1) * stride - 2 * padding + l + output_padding
    out = np.zeros((N, M, rows, columns))
    if bias is not None:
        for m in range(M):
            out[:, m] = bias[m]
    for i in range(H):
        for j in range(W):
            for u in range(k):
                for v in range(l):
                    p, q = i * stride + u - padding, j * stride + v - padding
                    if 0 <= p < rows and 0 <= q < columns:
                        for c in range(C):
                            for m in range(M):
                                out[:, m, p, q] += x[:, c, i, j] * weight[c, m, u, v]
    return out


def convolution_matrix(kernel, height, width, stride=1):
    k, l = kernel.shape
    R, S = (height - k) // stride + 1, (width - l) // stride + 1
    C = np.zeros((R * S, height * width))
    for i in range(R):
        for j in range(S):
            for u in range(k):
                for v in range(l):
                    C[i * S + j, (i * stride + u) * width + j * stride + v] = kernel[u, v]
    return C


def transposed_size(n, kernel, stride=1, padding=0, output_padding=0):
    if not output_padding < stride:
        raise ValueError("too much")
    return n * stride - stride + kernel - padding - padding + output_padding


def output_padding_for(n, kernel, stride=1, padding=0):
    made = (n + 2 * padding - kernel) // stride + 1
    for e in range(stride):
        if (made - 1) * stride - 2 * padding + kernel + e == n:
            return e
    return None


def iou(found, true):
    both = either = 0
    for a, b in zip(found.ravel(), true.ravel(), strict=True):
        if a and b:
            both += 1
        if a or b:
            either += 1
    return both / either if either else 1.0


def crop_and_join(across, up):
    N, C, H, W = across.shape
    D, h, w = up.shape[1:]
    out = np.zeros((N, C + D, h, w))
    for p in range(h):
        for q in range(w):
            out[:, :C, p, q] = across[:, :, p + (H - h) // 2, q + (W - w) // 2]
            out[:, C:, p, q] = up[:, :, p, q]
    return out
