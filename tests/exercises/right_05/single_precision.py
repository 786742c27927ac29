"""Keeps and returns float32 throughout, as a framework would."""

import numpy as np

F = np.float32


def correlate(x, w):
    x, w = x.astype(F), w.astype(F)
    return np.array([np.dot(x[t : t + w.size], w) for t in range(x.size - w.size + 1)], F)


def convolve(a, b):
    a, b = a.astype(F), b.astype(F)
    out = np.zeros(a.size + b.size - 1, F)
    for i in range(a.size):
        out[i : i + b.size] += a[i] * b
    return out


def correlate_2d(image, kernel, stride=1):
    image, kernel = image.astype(F), kernel.astype(F)
    k, l = kernel.shape
    return np.array(
        [
            [np.vdot(image[i : i + k, j : j + l], kernel) for j in range(0, image.shape[1] - l + 1, stride)]
            for i in range(0, image.shape[0] - k + 1, stride)
        ],
        F,
    )


def convolve_2d(a, b):
    out = np.zeros(np.array(a.shape) + b.shape - 1, F)
    for (i, j), value in np.ndenumerate(a.astype(F)):
        out[i : i + b.shape[0], j : j + b.shape[1]] += value * b.astype(F)
    return out


def output_size(n, kernel, stride=1, padding=0, dilation=1):
    left = n - kernel + 2 * padding - (dilation - 1) * (kernel - 1)
    if left < 0:
        raise ValueError("the window does not fit")
    return divmod(left, stride)[0] + 1


def conv2d(x, weight, bias=None, stride=1, padding=0):
    x, weight = np.pad(x.astype(F), ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2)), weight.astype(F)
    k, l = weight.shape[2:]
    rows, columns = (x.shape[2] - k) // stride + 1, (x.shape[3] - l) // stride + 1
    out = np.empty((len(x), len(weight), rows, columns), F)
    for i in range(rows):
        for j in range(columns):
            window = x[:, :, i * stride : i * stride + k, j * stride : j * stride + l]
            out[:, :, i, j] = np.tensordot(window, weight, ((1, 2, 3), (1, 2, 3)))
    return out if bias is None else out + bias.astype(F)[:, None, None]


def max_pool2d(x, size, stride=None, padding=0):
    stride = stride or size
    x = np.pad(x.astype(F), ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2), constant_values=np.finfo(F).min)
    rows, columns = (x.shape[2] - size) // stride + 1, (x.shape[3] - size) // stride + 1
    out = np.empty((*x.shape[:2], rows, columns), F)
    for n, c, i, j in np.ndindex(out.shape):
        out[n, c, i, j] = np.amax(x[n, c, i * stride :, j * stride :][:size, :size])
    return out


def im2col(x, size, stride=1, padding=0, dilation=1):
    k, l = size
    x = np.pad(x.astype(F), ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    N, C, H, W = x.shape
    i = np.arange(0, H - dilation * (k - 1), stride)
    j = np.arange(0, W - dilation * (l - 1), stride)
    rows = i[None, None, :, None] + dilation * np.arange(k)[:, None, None, None]
    columns = j[None, None, None, :] + dilation * np.arange(l)[None, :, None, None]
    picked = x[:, :, rows, columns]  # N, C, k, l, R, S
    return picked.transpose(1, 2, 3, 0, 4, 5).reshape(C * k * l, N * len(i) * len(j))


def conv2d_matrix(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    M, c, k, l = weight.shape
    N, S = len(x), (x.shape[3] + 2 * padding - dilation * (l - 1) - 1) // stride + 1
    columns = im2col(x, (k, l), stride, padding, dilation).reshape(groups, c * k * l, -1)
    out = weight.astype(F).reshape(groups, M // groups, -1) @ columns
    out = out.reshape(M, -1)
    if bias is not None:
        out += bias.astype(F)[:, None]
    return out.reshape(M, N, -1, S).transpose(1, 0, 2, 3)


def sobel(image):
    image = np.pad(image.astype(F), 1, mode="symmetric")
    H, W = np.subtract(image.shape, 2)
    x, y = np.zeros((H, W), F), np.zeros((H, W), F)
    for u, a in enumerate((1, 2, 1)):
        for v, b in enumerate((-1, 0, 1)):
            x += F(a * b) * image[u : u + H, v : v + W]
            y += F(a * b) * image[v : v + H, u : u + W]
    return np.hypot(x, y), np.arctan2(y, x)
