"""Wrong solutions of task 4; see exercise.py."""

import numpy as np


def _windows(grad, x, size, stride):
    for i, j in np.ndindex(*grad.shape[2:]):
        down, across = slice(i * stride, i * stride + size), slice(j * stride, j * stride + size)
        yield grad[:, :, i, j][:, :, None, None], (..., down, across), x[..., down, across]


def _pick(window, how):
    """Who gets which share."""
    flat = window.reshape(*window.shape[:2], -1)
    top = (flat == flat.max(axis=-1, keepdims=True)).astype(float)
    if how == "first":
        top = np.eye(flat.shape[-1])[flat.argmax(axis=-1)]
    elif how == "last":
        top = np.eye(flat.shape[-1])[:, ::-1][flat[..., ::-1].argmax(axis=-1)]
    elif how == "shared":
        top /= top.sum(axis=-1, keepdims=True)
    return top.reshape(window.shape)


def _max(grad, x, size, stride, how="first"):
    dX = np.zeros(x.shape)
    for g, at, window in _windows(grad, x, size, stride or size):
        dX[at] += g * _pick(window, how)
    return dX


def max_pool_gradient__all_winners(grad, x, size, stride=None):
    """Data without equal maxima hide it.
    Says: more comes out than came in"""
    return _max(grad, x, size, stride, "all")


def max_pool_gradient__shared(grad, x, size, stride=None):
    """Says: each got a share"""
    return _max(grad, x, size, stride, "shared")


def max_pool_gradient__last_winner(grad, x, size, stride=None):
    """Says: the last one got the gradient"""
    return _max(grad, x, size, stride, "last")


def max_pool_gradient__column_by_column(grad, x, size, stride=None):
    """Says: column by column"""
    return _max(grad.swapaxes(2, 3), x.swapaxes(2, 3), size, stride).swapaxes(2, 3)


def max_pool_gradient__overwrites(grad, x, size, stride=None):
    """Windows that touch hide it.
    Says: += instead of ="""
    stride = stride or size
    dX = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(*grad.shape):
        window = x[n, c, i * stride : i * stride + size, j * stride : j * stride + size]
        u, v = np.unravel_index(window.argmax(), window.shape)
        dX[n, c, i * stride + u, j * stride + v] = grad[n, c, i, j]
    return dX


def max_pool_gradient__window_overwrites(grad, x, size, stride=None):
    """Says: += instead of ="""
    dX = np.zeros(x.shape)
    for g, at, window in _windows(grad, x, size, stride or size):
        dX[at] = g * _pick(window, "first")
    return dX


def max_pool_gradient__fancy_index(grad, x, size, stride=None):
    """dX[places] += grad adds once to a place that is named many times.
    Says: max_pool_gradient(grad, x, 3, stride=1)"""
    stride = stride or size
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::stride, ::stride]
    winner = windows.reshape(*grad.shape, -1).argmax(axis=-1)
    n, c, i, j = np.indices(grad.shape)
    dX = np.zeros(x.shape)
    dX[n, c, i * stride + winner // size, j * stride + winner % size] += grad
    return dX


def max_pool_gradient__ones(grad, x, size, stride=None):
    """Says: but as 1
    Also: network"""
    return (_max(grad, x, size, stride) != 0).astype(float)


def max_pool_gradient__everybody(grad, x, size, stride=None):
    """Says: every pixel of a window got the gradient
    Also: network"""
    dX = np.zeros(x.shape)
    for g, at, _ in _windows(grad, x, size, stride or size):
        dX[at] += g
    return dX


def max_pool_gradient__stride_required(grad, x, size, stride=None):
    """Says: `stride` is None
    Also: network"""
    dX = np.zeros(x.shape)
    for g, at, window in _windows(grad, x, size, stride):
        dX[at] += g * _pick(window, "first")
    return dX


def max_pool_gradient__stride_is_the_size(grad, x, size, stride=None):
    """Says: max_pool_gradient"""
    R, S = x.shape[2] // size, x.shape[3] // size
    return _max(grad[:, :, :R, :S], x, size, size)


def max_pool_gradient__reshape(grad, x, size, stride=None):
    """Needs sizes that are multiples of the window.
    Says: Slices are easier here than reshape
    Also: network"""
    N, C, H, W = x.shape
    blocks = x.reshape(N, C, H // size, size, W // size, size)
    return _max(grad, blocks.reshape(x.shape), size, stride)


def max_pool_gradient__largest_value_anywhere(grad, x, size, stride=None):
    """Every pixel of the image that equals a maximum gets its gradient.
    Says: max_pool_gradient(grad, x, 2)"""
    dX = np.zeros(x.shape)
    for g, _, window in _windows(grad, x, size, stride or size):
        dX += g * (x == window.max(axis=(2, 3), keepdims=True))
    return dX


def max_pool_gradient__where_positive(grad, x, size, stride=None):
    """Mixes it up with a ReLU.
    Hidden only."""
    return _max(grad, x, size, stride) * (x > 0)


def avg_pool_gradient__whole(grad, input_shape, size, stride=None):
    """Says: each pixel got the whole gradient
    Also: network"""
    dX = np.zeros(input_shape)
    for g, at, _ in _windows(grad, dX, size, stride or size):
        dX[at] += g
    return dX


def avg_pool_gradient__divided_by_size(grad, input_shape, size, stride=None):
    """Says: divided by 3
    Also: network"""
    dX = np.zeros(input_shape)
    for g, at, _ in _windows(grad, dX, size, stride or size):
        dX[at] += g / size
    return dX


def avg_pool_gradient__divided_by_stride(grad, input_shape, size, stride=None):
    """Right where windows touch.
    Says: divided by stride²"""
    stride = stride or size
    dX = np.zeros(input_shape)
    for g, at, _ in _windows(grad, dX, size, stride):
        dX[at] += g / stride**2
    return dX


def avg_pool_gradient__overwrites(grad, input_shape, size, stride=None):
    """Says: += instead of ="""
    dX = np.zeros(input_shape)
    for g, at, _ in _windows(grad, dX, size, stride or size):
        dX[at] = g / size**2
    return dX


def avg_pool_gradient__no_left_over(grad, input_shape, size, stride=None):
    """Says: the last column lies in no window
    Also: network"""
    stride = stride or size
    N, C, R, S = grad.shape
    dX = np.zeros((N, C, (R - 1) * stride + size, (S - 1) * stride + size))
    for g, at, _ in _windows(grad, dX, size, stride):
        dX[at] += g / size**2
    return dX


def avg_pool_gradient__stride_1_by_default(grad, input_shape, size, stride=None):
    """Says: the same as the size of the window
    Also: network"""
    dX = np.zeros(input_shape)
    for g, at, _ in _windows(grad, dX, size, stride or 1):
        dX[at] += g / size**2
    return dX


def avg_pool_gradient__repeat(grad, input_shape, size, stride=None):
    """Works where the windows touch and fill the image.
    Says: avg_pool_gradient
    Also: network"""
    return np.repeat(np.repeat(grad, size, axis=2), size, axis=3) / size**2


def avg_pool_gradient__in_place(grad, input_shape, size, stride=None):
    """Says: changed the array `grad`"""
    grad /= size**2
    dX = np.zeros(input_shape)
    for g, at, _ in _windows(grad, dX, size, stride or size):
        dX[at] += g
    return dX
