"""Each task from the others: unpooling for nails, the matrix for stamps, sizes for both."""

import numpy as np


def convolution_matrix(kernel, height, width, stride=1):
    k, l = kernel.shape
    return np.array(
        [
            np.pad(kernel, ((i, height - k - i), (j, width - l - j))).ravel()
            for i in range(0, height - k + 1, stride)
            for j in range(0, width - l + 1, stride)
        ],
        dtype=float,
    )


def conv_transpose2d(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Literally the transpose, channel by channel."""
    (N, C, H, W), (M, k, l) = x.shape, weight.shape[1:]
    e = output_padding
    height, width = (H - 1) * stride + k + e, (W - 1) * stride + l + e
    out = np.zeros((N, M, height, width))
    for c in range(C):
        for m in range(M):
            matrix = convolution_matrix(weight[c, m], height - e, width - e, stride)
            stamped = (x[:, c].reshape(N, H * W) @ matrix).reshape(N, height - e, width - e)
            out[:, m, : height - e, : width - e] += stamped
    out = out[:, :, padding : height - padding, padding : width - padding]
    return out + (bias.reshape(-1, 1, 1) if bias is not None else 0)


def nearest(x, factor):
    """Stamps of ones that touch."""
    N, C, H, W = x.shape
    alone = conv_transpose2d(x.reshape(N * C, 1, H, W), np.ones((1, 1, factor, factor)), stride=factor)
    return alone.reshape(N, C, H * factor, W * factor)


def bilinear(x, rows, columns):
    """np.interp, line by line; it cuts off at the ends by itself."""

    def line(values, m):
        n = len(values)
        return np.interp((np.arange(m) + 0.5) * n / m - 0.5, np.arange(n), values)

    x = np.apply_along_axis(line, 3, x, columns)
    return np.apply_along_axis(line, 2, x, rows)


def max_pool_indices(x):
    N, C, H, W = x.shape
    pooled, indices = [], []
    for one in x.reshape(N * C, H, W):
        for i in range(0, H - 1, 2):
            for j in range(0, W - 1, 2):
                window = one[i : i + 2, j : j + 2]
                u, v = np.unravel_index(np.argmax(window), (2, 2))
                pooled.append(window[u, v])
                indices.append(np.ravel_multi_index((i + u, j + v), (H, W)))
    shape = N, C, H // 2, W // 2
    return np.reshape(pooled, shape), np.reshape(indices, shape)


def max_unpool(values, indices, height, width):
    N, C = values.shape[:2]
    out = np.zeros((N, C, height * width))
    for n in range(N):
        for c in range(C):
            out[n, c][indices[n, c].ravel()] = values[n, c].ravel()
    return out.reshape(N, C, height, width)


def transposed_size(n, kernel, stride=1, padding=0, output_padding=0):
    class OutputPaddingError(ValueError):
        pass

    if output_padding >= stride:
        raise OutputPaddingError(output_padding)
    last = (n - 1) * stride
    return last + kernel + output_padding - 2 * padding


def output_padding_for(n, kernel, stride=1, padding=0):
    return (n - kernel + 2 * padding) - (n - kernel + 2 * padding) // stride * stride


def iou(found, true):
    found, true = found.astype(bool), true.astype(bool)
    either = np.count_nonzero(found + true)
    return 1.0 if either == 0 else np.count_nonzero(found * true) / either


def crop_and_join(across, up):
    def middle(n, m):
        start = (n - m) // 2
        return slice(start, start + m)

    rows, columns = (middle(n, m) for n, m in zip(across.shape[2:], up.shape[2:], strict=True))
    return np.concatenate([across[..., rows, columns], up], 1)
