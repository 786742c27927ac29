"""Loops over the kernel, not the map; fancy indices and where."""

import numpy as np


def nearest(x, factor):
    rows, columns = (np.arange(n * factor) // factor for n in x.shape[2:])
    return x[:, :, rows[:, None], columns]


def bilinear(x, rows, columns):
    H, W = x.shape[2:]
    p = np.clip((np.arange(rows) + 0.5) / rows * H - 0.5, 0, H - 1)[:, None]
    q = np.clip((np.arange(columns) + 0.5) / columns * W - 0.5, 0, W - 1)[None]
    out = 0
    for a in range(H):
        for b in range(W):
            share = np.clip(1 - abs(p - a), 0, 1) * np.clip(1 - abs(q - b), 0, 1)
            out = out + x[:, :, a, b][:, :, None, None] * share
    return out


def max_pool_indices(x):
    R, S = x.shape[2] // 2, x.shape[3] // 2
    best = where = None
    for u in (0, 1):
        for v in (0, 1):
            pixels = x[:, :, u : 2 * R : 2, v : 2 * S : 2]
            number = (np.arange(u, 2 * R, 2)[:, None] * x.shape[3] + np.arange(v, 2 * S, 2)) + 0 * pixels.astype(int)
            if best is None:
                best, where = pixels.copy(), number
            else:
                better = pixels > best
                best, where = np.where(better, pixels, best), np.where(better, number, where)
    return [best, where]


def max_unpool(values, indices, height, width):
    out = np.zeros((*values.shape[:2], height, width))
    n, c, _, _ = np.indices(values.shape)
    rows, columns = np.divmod(indices, width)
    out[n, c, rows, columns] = values
    return out


def conv_transpose2d(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    (H, W), (k, l) = x.shape[2:], weight.shape[2:]
    out = np.zeros((len(x), weight.shape[1], (H - 1) * stride + k + stride, (W - 1) * stride + l + stride))
    for u in range(k):
        for v in range(l):
            part = np.einsum("ncij,cm->nmij", x, weight[:, :, u, v])
            out[:, :, u : u + H * stride : stride, v : v + W * stride : stride][:, :, :H, :W] += part
    rows = (H - 1) * stride + k - 2 * padding + output_padding
    columns = (W - 1) * stride + l - 2 * padding + output_padding
    out = out[:, :, padding:, padding:][:, :, :rows, :columns]
    if bias is not None:
        out = out + bias[:, np.newaxis, np.newaxis]
    return out


def convolution_matrix(kernel, height, width, stride=1):
    """Bands for the rows of the kernel, put together by the Kronecker product."""
    k, l = kernel.shape
    R, S = (height - k) // stride + 1, (width - l) // stride + 1
    C = np.zeros((R * S, height * width))
    for u in range(k):
        rows = np.zeros((R, height))
        rows[np.arange(R), np.arange(R) * stride + u] = 1
        band = np.zeros((S, width))
        for v in range(l):
            band[np.arange(S), np.arange(S) * stride + v] = kernel[u, v]
        C += np.kron(rows, band)
    return C


def transposed_size(n, kernel, stride=1, padding=0, output_padding=0):
    if stride <= output_padding:
        raise ValueError
    return kernel + sum(stride for _ in range(n - 1)) - 2 * padding + output_padding


def output_padding_for(n, kernel, stride=1, padding=0):
    left = n + 2 * padding - kernel
    while left >= stride:
        left -= stride
    return left


def iou(found, true):
    a, b = set(np.flatnonzero(found)), set(np.flatnonzero(true))
    return len(a & b) / len(a | b) if a | b else 1.0


def crop_and_join(across, up):
    while across.shape[2] > up.shape[2]:
        odd = (across.shape[2] - up.shape[2]) % 2
        across = across[:, :, : across.shape[2] - 1] if odd else across[:, :, 1:-1]
    while across.shape[3] > up.shape[3]:
        odd = (across.shape[3] - up.shape[3]) % 2
        across = across[:, :, :, :-1] if odd else across[:, :, :, 1:-1]
    return np.append(across, up, axis=1)
