"""Objects with a way forward; other names, other order."""

import math

import numpy as np


class Resize:
    def __init__(self, old, new):
        self.old, self.new = old, new

    def __call__(self, values):
        """Along the first axis."""
        out = []
        for i in range(self.new):
            t = (2 * i + 1) * self.old / (2 * self.new) - 0.5
            t = max(0.0, min(float(self.old - 1), t))
            low, high = math.floor(t), math.ceil(t)
            out.append(values[low] + (t - low) * (values[high] - values[low]))
        return np.array(out)


def bilinear(x, rows, columns):
    x = np.transpose(x.astype(float), (2, 3, 0, 1))
    x = Resize(x.shape[0], rows)(x)
    x = Resize(x.shape[1], columns)(np.swapaxes(x, 0, 1))
    return np.transpose(x, (2, 3, 1, 0))


def nearest(x, factor):
    x = np.broadcast_to(x[:, :, :, None, :, None], (*x.shape[:3], factor, x.shape[3], factor))
    return x.reshape(*x.shape[:2], x.shape[2] * factor, -1)


class Pool:
    def forward(self, x):
        self.shape = x.shape
        H, W = x.shape[2:]
        even = x[:, :, : H - H % 2, : W - W % 2]
        a, b, c, d = even[..., ::2, ::2], even[..., ::2, 1::2], even[..., 1::2, ::2], even[..., 1::2, 1::2]
        top = np.maximum(np.maximum(a, b), np.maximum(c, d))
        first = np.select([a == top, b == top, c == top], [0, 1, W], W + 1)
        corner = 2 * W * np.arange(H // 2)[:, None] + 2 * np.arange(W // 2)
        return top, first + corner


def max_pool_indices(x):
    return Pool().forward(x)


def max_unpool(values, indices, height, width):
    numbers = np.arange(height * width)
    hits = indices.reshape(*indices.shape[:2], -1, 1) == numbers
    return (values.reshape(*values.shape[:2], -1, 1) * hits).sum(axis=2).reshape(*values.shape[:2], height, width)


class TransposedConvolution:
    def __init__(self, weight, bias, stride, padding, extra):
        self.weight, self.bias = weight, bias
        self.stride, self.padding, self.extra = stride, padding, extra

    def size(self, n, k):
        return (n - 1) * self.stride + k + self.extra

    def forward(self, x):
        canvas = np.zeros((len(x), self.weight.shape[1], *map(self.size, x.shape[2:], self.weight.shape[2:])))
        for n, c, i, j in np.ndindex(*x.shape):
            self.stamp(canvas[n], x[n, c, i, j] * self.weight[c], i * self.stride, j * self.stride)
        p = self.padding
        inner = canvas[:, :, p : canvas.shape[2] - p, p : canvas.shape[3] - p]
        return inner if self.bias is None else inner + self.bias[:, None, None]

    def stamp(self, canvas, patch, top, left):
        canvas[:, top : top + patch.shape[1], left : left + patch.shape[2]] += patch


def conv_transpose2d(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    return TransposedConvolution(weight, bias, stride, padding, output_padding).forward(x)


def convolution_matrix(kernel, height, width, stride=1):
    rows = [
        (i, j)
        for i in range(0, height - len(kernel) + 1, stride)
        for j in range(0, width - kernel.shape[1] + 1, stride)
    ]
    C = np.zeros((len(rows), height, width))
    for row, (i, j) in zip(C, rows, strict=True):
        row[i : i + kernel.shape[0], j : j + kernel.shape[1]] += kernel
    return C.reshape(len(rows), -1)


def transposed_size(n, kernel, stride=1, padding=0, output_padding=0):
    extra, s = output_padding, stride
    if s - extra < 1:
        raise ValueError("output_padding")
    return s * (n - 1) + kernel + extra - 2 * padding


def output_padding_for(n, kernel, stride=1, padding=0):
    _, rest = divmod(n + 2 * padding - kernel, stride)
    return rest


def iou(found, true):
    votes = (np.asarray(found) != 0).astype(int) + (np.asarray(true) != 0)
    union = np.sum(votes >= 1)
    return np.sum(votes == 2) / union if union else 1.0


def crop_and_join(across, up):
    missing = [a - b for a, b in zip(across.shape[2:], up.shape[2:], strict=True)]
    (top, left), (bottom, right) = [m // 2 for m in missing], [m - m // 2 for m in missing]
    cut = across[:, :, top : across.shape[2] - bottom, left : across.shape[3] - right]
    return np.concatenate([cut, up], axis=1)
