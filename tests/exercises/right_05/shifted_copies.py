"""Loops over the places in the filter; everything else is whole arrays that are shifted."""

import numpy as np


def correlate(x, w):
    n = len(x) - len(w) + 1
    return sum(w[tau] * x[tau : tau + n] for tau in range(len(w)))


def convolve(a, b):
    out = np.zeros(len(a) + len(b) - 1)
    for j, factor in enumerate(b):
        out[j : j + len(a)] += factor * a
    return out


def steps(start, count, stride):
    return slice(start, start + (count - 1) * stride + 1, stride)


def correlate_2d(image, kernel, stride=1):
    k, l = kernel.shape
    R, S = (image.shape[0] - k) // stride + 1, (image.shape[1] - l) // stride + 1
    out = np.zeros((R, S))
    for (u, v), weight in np.ndenumerate(kernel):
        out += float(weight) * image[steps(u, R, stride), steps(v, S, stride)]
    return out


def convolve_2d(a, b):
    out = np.zeros((len(a) + len(b) - 1, a.shape[1] + b.shape[1] - 1))
    for (u, v), weight in np.ndenumerate(b):
        out[u : u + len(a), v : v + a.shape[1]] += weight * a
    return out


def output_size(n, kernel, stride=1, padding=0, dilation=1):
    left = n + 2 * padding - (dilation * kernel - dilation + 1)
    if left >= 0:
        return 1 + (left - left % stride) // stride
    raise ValueError("does not fit")


def conv2d(x, weight, bias=None, stride=1, padding=0):
    return conv2d_matrix(x, weight, bias, stride, padding)


def max_pool2d(x, size, stride=None, padding=0):
    if stride is None:
        stride = size
    padded = np.full((*x.shape[:2], x.shape[2] + 2 * padding, x.shape[3] + 2 * padding), -np.inf)
    padded[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]] = x
    R, S = (padded.shape[2] - size) // stride + 1, (padded.shape[3] - size) // stride + 1
    out = np.full((*x.shape[:2], R, S), -np.inf)
    for u in range(size):
        for v in range(size):
            out = np.maximum(out, padded[:, :, steps(u, R, stride), steps(v, S, stride)])
    return out


def im2col(x, size, stride=1, padding=0, dilation=1):
    C, H, W = x.shape[1:]
    x = np.pad(x, [(0, 0)] * 2 + [(padding, padding)] * 2)
    R = (H + 2 * padding - dilation * (size[0] - 1) - 1) // stride + 1
    S = (W + 2 * padding - dilation * (size[1] - 1) - 1) // stride + 1
    rows = []
    for c in range(C):
        for u in range(size[0]):
            for v in range(size[1]):
                rows.append(x[:, c, steps(u * dilation, R, stride), steps(v * dilation, S, stride)].reshape(-1))
    return np.stack(rows)


def conv2d_matrix(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """One product with a matrix of blocks: other groups get zeros."""
    M, c, k, l = weight.shape
    C = x.shape[1]
    whole = np.zeros((M, C, k, l))
    for m in range(M):
        first = m * groups // M * c
        whole[m, first : first + c] = weight[m]
    product = whole.reshape(M, -1) @ im2col(x, (k, l), stride, padding, dilation)
    R = (x.shape[2] + 2 * padding - dilation * (k - 1) - 1) // stride + 1
    out = np.moveaxis(product.reshape(M, len(x), R, -1), 0, 1)
    if bias is not None:
        out = out + np.asarray(bias)[None, :, None, None]
    return out


def sobel(image):
    """Smooth in one direction, then the difference in the other."""
    p = np.pad(image.astype(np.float64), 1, mode="edge")
    smooth_rows = p[:-2] + 2 * p[1:-1] + p[2:]
    smooth_columns = p[:, :-2] + 2 * p[:, 1:-1] + p[:, 2:]
    x = smooth_rows[:, 2:] - smooth_rows[:, :-2]
    y = smooth_columns[2:] - smooth_columns[:-2]
    arrows = x + 1j * y
    return np.abs(arrows), np.angle(arrows)
