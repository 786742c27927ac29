"""Everything that is linear as a matrix, or as two: one for rows, one for columns."""

import numpy as np


def nearest(x, factor):
    rows, columns = (np.kron(np.eye(n), np.ones((factor, 1))) for n in x.shape[2:])
    return rows @ x @ columns.T


def bilinear(x, rows, columns):
    for m in (rows, columns):
        n = x.shape[2]
        place = np.clip((np.arange(m) + 0.5) * n / m - 0.5, 0, n - 1)
        weights = np.array([np.interp(place, np.arange(n), one) for one in np.eye(n)]).T
        x = np.einsum("mn,abnc->abcm", weights, x)
    return x


def max_pool_indices(x):
    H, W = (n // 2 * 2 for n in x.shape[2:])
    numbers = np.arange(x.shape[2] * x.shape[3]).reshape(x.shape[2:])
    corners = [(slice(u, H, 2), slice(v, W, 2)) for u in (0, 1) for v in (0, 1)]
    pixels = np.stack([x[:, :, a, b] for a, b in corners])
    names = np.stack([np.broadcast_to(numbers[a, b], pixels.shape[1:]) for a, b in corners])
    winner = pixels.argmax(axis=0)[None]
    return np.take_along_axis(pixels, winner, 0)[0], np.take_along_axis(names, winner, 0)[0]


def max_unpool(values, indices, height, width):
    chosen = np.eye(height * width)[indices]  # N, C, R, S, places
    return np.einsum("ncrs,ncrsp->ncp", values, chosen).reshape(*values.shape[:2], height, width)


def _places(n, k, stride, padding, extra):
    """[u, i, p]: entry u of stamp i lands on pixel p."""
    size = (n - 1) * stride - 2 * padding + k + extra
    pixels = np.arange(n)[None, :, None] * stride + np.arange(k)[:, None, None] - padding
    return (pixels == np.arange(size)).astype(float)


def conv_transpose2d(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    rows = _places(x.shape[2], weight.shape[2], stride, padding, output_padding)
    columns = _places(x.shape[3], weight.shape[3], stride, padding, output_padding)
    out = np.einsum("ncij,cmuv,uip,vjq->nmpq", x, weight, rows, columns, optimize=True)
    return out if bias is None else out + np.expand_dims(bias, (1, 2))


def convolution_matrix(kernel, height, width, stride=1):
    """Column by column: what the convolution makes of a single 1."""
    columns = []
    for one in np.eye(height * width):
        windows = np.lib.stride_tricks.sliding_window_view(one.reshape(height, width), kernel.shape)
        columns.append(np.sum(windows[::stride, ::stride] * kernel, axis=(2, 3)).ravel())
    return np.stack(columns, axis=1)


def transposed_size(n, kernel, stride=1, padding=0, output_padding=0):
    if output_padding > stride - 1:
        raise ValueError(f"{output_padding} is not below {stride}")
    return _places(n, kernel, stride, padding, output_padding).shape[2]


def output_padding_for(n, kernel, stride=1, padding=0):
    smallest = transposed_size((n + 2 * padding - kernel) // stride + 1, kernel, stride, padding)
    return n - smallest


def iou(found, true):
    found, true = (np.ravel(a).astype(bool).astype(float) for a in (found, true))
    both = found @ true
    union = found.sum() + true.sum() - both
    return both / union if union else 1


def crop_and_join(across, up):
    top, left = (np.array(across.shape[2:]) - up.shape[2:]) // 2
    return np.hstack([across[:, :, top:, left:][:, :, : up.shape[2], : up.shape[3]], up])
