"""Wrong solutions of task 5; see exercise.py."""

import numpy as np


def _windows(x, size, stride, padding, fill=-np.inf):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), constant_values=fill)
    view = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    return view[:, :, ::stride, ::stride]


def max_pool2d__mean(x, size, stride=None, padding=0):
    """Says: these are means"""
    return _windows(x, size, stride or size, padding).mean(axis=(-2, -1))


def max_pool2d__smallest(x, size, stride=None, padding=0):
    """Says: the smallest numbers"""
    return _windows(x, size, stride or size, padding).min(axis=(-2, -1))


def max_pool2d__stride_1_by_default(x, size, stride=None, padding=0):
    """Says: this is stride 1"""
    return _windows(x, size, stride or 1, padding).max(axis=(-2, -1))


def max_pool2d__stride_required(x, size, stride=None, padding=0):
    """Says: `stride` is None when it is not given"""
    rows = (x.shape[2] + 2 * padding - size) // stride + 1
    return _windows(x, size, stride, padding).max(axis=(-2, -1))[:, :, :rows]


def max_pool2d__stride_is_the_size(x, size, stride=None, padding=0):
    """Windows never overlap.
    Says: the stride is not used"""
    return _windows(x, size, size, padding).max(axis=(-2, -1))


def max_pool2d__zeros(x, size, stride=None, padding=0):
    """Says: the padding won"""
    return _windows(x, size, stride or size, padding, fill=0).max(axis=(-2, -1))


def max_pool2d__begins_at_zero(x, size, stride=None, padding=0):
    """Says: Begin a search for a maximum with -inf"""
    return np.maximum(_windows(x, size, stride or size, padding).max(axis=(-2, -1)), 0)


def max_pool2d__no_padding(x, size, stride=None, padding=0):
    """Says: the padding is not used"""
    return _windows(x, size, stride or size, 0).max(axis=(-2, -1))


def max_pool2d__across_channels(x, size, stride=None, padding=0):
    """Says: every channel has the same map"""
    out = _windows(x, size, stride or size, padding).max(axis=(-2, -1))
    return np.repeat(out.max(axis=1, keepdims=True), x.shape[1], axis=1)


def max_pool2d__channels_pooled(x, size, stride=None, padding=0):
    """Says: channels were pooled together"""
    return _windows(x, size, stride or size, padding).max(axis=(-2, -1)).max(axis=1, keepdims=True)


def max_pool2d__reshape(x, size, stride=None, padding=0):
    """Works where the windows touch and fill the image.
    Says: Slices are easier here than reshape"""
    N, C, H, W = x.shape
    return x.reshape(N, C, H // size, size, W // size, size).max(axis=(3, 5))


def max_pool2d__rounds_up(x, size, stride=None, padding=0):
    """A last, smaller window for what is left over.
    Says: a window reached over the edge"""
    stride = stride or size
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), constant_values=-np.inf)
    rows, columns = (-(-(n - size) // stride) + 1 for n in x.shape[2:])
    out = np.zeros((*x.shape[:2], rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            out[:, :, i, j] = window.max(axis=(2, 3))
    return out


def max_pool2d__in_place(x, size, stride=None, padding=0):
    """Says: changed the array `x`"""
    out = _windows(x, size, stride or size, padding).max(axis=(-2, -1))
    x[:, :, : out.shape[2], : out.shape[3]] = out
    return out


def max_pool2d__a_small_number(x, size, stride=None, padding=0):
    """Pads with a number that is not small enough.
    Hidden only."""
    return _windows(x, size, stride or size, padding, fill=-100).max(axis=(-2, -1))


def max_pool2d__no_gaps(x, size, stride=None, padding=0):
    """Strides larger than the window become the window.
    Hidden only."""
    return _windows(x, size, min(stride or size, size), padding).max(axis=(-2, -1))


def max_pool2d__pads_rows_only(x, size, stride=None, padding=0):
    """Says: should have the shape (1, 2, 2, 3)"""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (0, 0)), constant_values=-np.inf)
    return _windows(x, size, stride or size, 0).max(axis=(-2, -1))
