"""NumPy's own functions where there are some, and earlier tasks wherever they help."""

import numpy as np


def correlate(x, w):
    return np.correlate(x, w, mode="valid")


def convolve(a, b):
    return np.convolve(a, b)


def correlate_2d(image, kernel, stride=1):
    rows = output_size(image.shape[0], kernel.shape[0])
    out = 0
    for u in range(len(kernel)):
        out = out + np.array([correlate(line.astype(float), kernel[u].astype(float)) for line in image[u : u + rows]])
    return out[::stride, ::stride]


def convolve_2d(a, b):
    (k, l), turned = b.shape, np.rot90(b, 2)
    return correlate_2d(np.pad(a, [(k - 1, k - 1), (l - 1, l - 1)]), turned)


def output_size(n, kernel, stride=1, padding=0, dilation=1):
    size = int(np.floor((n + 2 * padding - dilation * (kernel - 1) - 1) / stride)) + 1
    if size < 1:
        raise ValueError("no")
    return size


def conv2d(x, weight, bias=None, stride=1, padding=0):
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    if bias is None:
        bias = np.zeros(len(weight))
    return np.array(
        [
            [
                sum(correlate_2d(channel, part, stride) for channel, part in zip(image, one, strict=True)) + offset
                for one, offset in zip(weight, bias, strict=True)
            ]
            for image in x
        ]
    )


def max_pool2d(x, size, stride=None, padding=0):
    stride = size if stride is None else stride
    # Shifted above 0, so that zeros at the border never win.
    lowest = x.min() - 1
    columns = im2col((x - lowest).reshape(-1, 1, *x.shape[2:]), (size, size), stride, padding)
    R = output_size(x.shape[2], size, stride, padding)
    return columns.max(axis=0).reshape(*x.shape[:2], R, -1) + lowest


def im2col(x, size, stride=1, padding=0, dilation=1):
    """Columns one after the other, each a window."""
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    down, across = dilation * (size[0] - 1) + 1, dilation * (size[1] - 1) + 1
    return np.array(
        [
            image[:, i : i + down : dilation, j : j + across : dilation].ravel()
            for image in x
            for i in range(0, x.shape[2] - down + 1, stride)
            for j in range(0, x.shape[3] - across + 1, stride)
        ]
    ).T


def conv2d_matrix(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    if groups > 1:
        parts = zip(
            np.split(x, groups, axis=1),
            np.split(weight, groups),
            np.split(bias, groups) if bias is not None else [None] * groups,
            strict=True,
        )
        return np.concatenate([conv2d_matrix(*part, stride, padding, dilation) for part in parts], axis=1)
    M, _, k, l = weight.shape
    out = (weight.reshape(M, -1) @ im2col(x, (k, l), stride, padding, dilation)).T
    if bias is not None:
        out = out + bias
    R = output_size(x.shape[2], k, stride, padding, dilation)
    return out.reshape(len(x), R, -1, M).transpose(0, 3, 1, 2)


def sobel(image):
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    padded = np.pad(image, 1, mode="edge")
    x, y = correlate_2d(padded, kernel), correlate_2d(padded, kernel.T)
    return np.hypot(x, y), np.mod(np.arctan2(y, x), 2 * np.pi)
