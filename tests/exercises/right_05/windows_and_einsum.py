"""Views of all windows, and einsum."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def correlate(x, w):
    return np.einsum("tk,k->t", sliding_window_view(x, len(w)), w)


def convolve(a, b):
    padded = np.pad(a, len(b) - 1)
    return sliding_window_view(padded, len(b)) @ b[::-1]


def correlate_2d(image, kernel, stride=1):
    windows = sliding_window_view(image.astype(float), kernel.shape)[::stride, ::stride]
    return np.einsum("ijuv,uv->ij", windows, kernel)


def convolve_2d(a, b):
    k, l = b.shape
    padded = np.pad(a.astype(float), ((k - 1, k - 1), (l - 1, l - 1)))
    return np.einsum("ijuv,uv->ij", sliding_window_view(padded, (k, l)), b[::-1, ::-1])


def output_size(n, kernel, stride=1, padding=0, dilation=1):
    places = len(range(0, n + 2 * padding - dilation * (kernel - 1), stride))
    if not places:
        raise ValueError(f"no place for a window of {kernel} on {n}")
    return places


def all_windows(x, size, stride, padding, dilation=1, fill=0):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), constant_values=fill)
    reach = [dilation * (k - 1) + 1 for k in size]
    return sliding_window_view(x, reach, axis=(2, 3))[:, :, ::stride, ::stride, ::dilation, ::dilation]


def conv2d(x, weight, bias=None, stride=1, padding=0):
    windows = all_windows(x, weight.shape[2:], stride, padding)
    out = np.einsum("ncijuv,mcuv->nmij", windows, weight, optimize=True)
    return out if bias is None else out + bias.reshape(1, -1, 1, 1)


def max_pool2d(x, size, stride=None, padding=0):
    return all_windows(x, (size, size), stride or size, padding, fill=-np.inf).max(axis=(-2, -1))


def im2col(x, size, stride=1, padding=0, dilation=1):
    windows = all_windows(x, size, stride, padding, dilation)
    return windows.transpose(1, 4, 5, 0, 2, 3).reshape(x.shape[1] * size[0] * size[1], -1)


def conv2d_matrix(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    M, _, k, l = weight.shape
    R = (x.shape[2] + 2 * padding - dilation * (k - 1) - 1) // stride + 1
    parts = []
    rows = im2col(x, (k, l), stride, padding, dilation)
    for some, filters in zip(np.split(rows, groups), np.split(weight, groups), strict=True):
        parts.append(filters.reshape(len(filters), -1) @ some)
    out = np.vstack(parts).reshape(M, len(x), R, -1).swapaxes(0, 1)
    return out if bias is None else out + bias[:, None, None]


def sobel(image):
    windows = sliding_window_view(np.pad(image.astype(float), 1, mode="edge"), (3, 3))
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    x = np.einsum("ijuv,uv->ij", windows, kernel)
    y = np.einsum("ijuv,vu->ij", windows, kernel)
    return np.sqrt(x**2 + y**2), np.arctan2(y, x)
