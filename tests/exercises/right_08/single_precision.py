"""Keeps and returns float32."""

import numpy as np

F = np.float32


def nearest(x, factor):
    return np.kron(x.astype(F), np.ones((1, 1, factor, factor), F))


def _line(x, m):
    n = x.shape[-1]
    t = np.clip((np.arange(m, dtype=F) + F(0.5)) * F(n) / F(m) - F(0.5), 0, n - 1).astype(F)
    a = np.floor(t).astype(int)
    b = np.minimum(a + 1, n - 1)
    r = (t - a).astype(F)
    return x[..., a] * (1 - r) + x[..., b] * r


def bilinear(x, rows, columns):
    x = _line(x.astype(F), columns)
    return np.moveaxis(_line(np.moveaxis(x, 2, 3), rows), 3, 2)


def max_pool_indices(x):
    N, C, H, W = x.shape
    R, S = H // 2, W // 2
    view = np.lib.stride_tricks.sliding_window_view(x.astype(F), (2, 2), axis=(2, 3))[:, :, ::2, ::2]
    flat = view.reshape(N, C, R, S, 4)
    k = np.argmax(flat, axis=-1)
    i, j = np.meshgrid(np.arange(R), np.arange(S), indexing="ij")
    return np.amax(flat, axis=-1), ((2 * i + k // 2) * W + 2 * j + k % 2).astype(np.int32)


def max_unpool(values, indices, height, width):
    N, C = values.shape[:2]
    out = np.zeros(N * C * height * width, F)
    offset = np.arange(N * C).reshape(N, C, 1, 1) * height * width
    out[(indices + offset).ravel()] = values.ravel()
    return out.reshape(N, C, height, width)


def conv_transpose2d(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Zeros between, a border, and a convolution with the turned kernel."""
    x, weight = x.astype(F), weight.astype(F)
    N, C, H, W = x.shape
    k, l = weight.shape[2:]
    spread = np.zeros(
        (N, C, (H - 1) * stride + 2 * k - 1 + output_padding, (W - 1) * stride + 2 * l - 1 + output_padding), F
    )
    spread[:, :, k - 1 : k + (H - 1) * stride : stride, l - 1 : l + (W - 1) * stride : stride] = x
    windows = np.lib.stride_tricks.sliding_window_view(spread, (k, l), axis=(2, 3))
    out = np.einsum("ncpquv,cmuv->nmpq", windows, weight[:, :, ::-1, ::-1], optimize=True)
    out = out[:, :, padding : out.shape[2] - padding, padding : out.shape[3] - padding]
    return out if bias is None else out + bias.astype(F).reshape(1, -1, 1, 1)


def convolution_matrix(kernel, height, width, stride=1):
    k, l = kernel.shape
    numbers = np.arange(height * width).reshape(height, width)
    starts = numbers[: height - k + 1 : stride, : width - l + 1 : stride].ravel()
    C = np.zeros((len(starts), height * width), F)
    for (u, v), weight in np.ndenumerate(kernel):
        C[np.arange(len(starts)), starts + u * width + v] = weight
    return C


def transposed_size(n, kernel, stride=1, padding=0, output_padding=0):
    if output_padding in range(stride):
        return (n - 1) * stride + kernel + output_padding - 2 * padding
    raise ValueError("output_padding")


def output_padding_for(n, kernel, stride=1, padding=0):
    return np.int64(np.mod(n + 2 * padding - kernel, stride))


def iou(found, true):
    found, true = found.astype(bool), true.astype(bool)
    if not (found.any() or true.any()):
        return F(1)
    return F(np.logical_and(found, true).sum()) / F(np.logical_or(found, true).sum())


def crop_and_join(across, up):
    h, w = up.shape[2:]
    rows, columns = across.shape[2] - h, across.shape[3] - w
    middle = across[
        :, :, rows // 2 : across.shape[2] - (rows - rows // 2), columns // 2 : across.shape[3] - (columns + 1) // 2
    ]
    return np.concatenate((middle, up), axis=1).astype(F)
