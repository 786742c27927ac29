"""Wrong solutions of task 3; see exercise.py."""

import numpy as np


def _right(grad, weight, shape, stride=1, padding=0, overwrite=False):
    N, C, H, W = shape
    k, l = weight.shape[2:]
    dX = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    for i, j in np.ndindex(*grad.shape[2:]):
        copy = np.tensordot(grad[:, :, i, j], weight, (1, 0))
        down, across = slice(i * stride, i * stride + k), slice(j * stride, j * stride + l)
        dX[:, :, down, across] = copy if overwrite else dX[:, :, down, across] + copy
    return dX[:, :, padding : padding + H, padding : padding + W]


def input_gradient__overwrites(grad, weight, input_shape, stride=1, padding=0):
    """Windows that do not overlap hide it.
    Says: dX
    Also: network"""
    return _right(grad, weight, input_shape, stride, padding, overwrite=True)


def input_gradient__turned(grad, weight, input_shape, stride=1, padding=0):
    """Symmetric filters hide it.
    Says: the filters are turned
    Also: network"""
    return _right(grad, weight[..., ::-1, ::-1], input_shape, stride, padding)


def input_gradient__first_filter(grad, weight, input_shape, stride=1, padding=0):
    """Says: only the first filter sends something back
    Also: network"""
    return _right(grad[:, :1], weight[:1], input_shape, stride, padding)


def input_gradient__last_filter(grad, weight, input_shape, stride=1, padding=0):
    """Says: only the last filter sends something back
    Also: network"""
    return _right(grad[:, -1:], weight[-1:], input_shape, stride, padding)


def input_gradient__mean_over_filters(grad, weight, input_shape, stride=1, padding=0):
    """Says: mean over the filters
    Also: network"""
    return _right(grad, weight, input_shape, stride, padding) / len(weight)


def input_gradient__channels_together(grad, weight, input_shape, stride=1, padding=0):
    """Says: all channels got the same
    Also: network"""
    dX = _right(grad, weight, input_shape, stride, padding)
    return np.repeat(dX.sum(axis=1, keepdims=True), dX.shape[1], axis=1)


def input_gradient__no_stride(grad, weight, input_shape, stride=1, padding=0):
    """Says: the windows moved on by one pixel"""
    return _right(grad, weight, input_shape, 1, padding)


def input_gradient__border_left(grad, weight, input_shape, stride=1, padding=0):
    """Says: the border is still there"""
    N, C, H, W = input_shape
    return _right(grad, weight, (N, C, H + 2 * padding, W + 2 * padding), stride)


def input_gradient__no_padding(grad, weight, input_shape, stride=1, padding=0):
    """Says: the padding is not used"""
    N, C, H, W = input_shape
    return _right(grad, weight, (N, C, H + 2 * padding, W + 2 * padding), stride)[:, :, :H, :W]


def input_gradient__cut_on_one_side(grad, weight, input_shape, stride=1, padding=0):
    """Says: too much was cut off on one side"""
    N, C, H, W = input_shape
    dX = _right(grad, weight, (N, C, H + 2 * padding, W + 2 * padding), stride)
    return dX[:, :, 2 * padding :, 2 * padding :]


def input_gradient__empty_without_padding(grad, weight, input_shape, stride=1, padding=0):
    """dX[:, :, 0:-0] is empty.
    Says: dX should have the shape
    Also: network"""
    N, C, H, W = input_shape
    dX = _right(grad, weight, (N, C, H + 2 * padding, W + 2 * padding), stride)
    return dX[:, :, padding:-padding, padding:-padding]


def input_gradient__nothing_left_over(grad, weight, input_shape, stride=1, padding=0):
    """Works out the size of the input from that of the output.
    Says: worked out from that of grad"""
    N, C = input_shape[:2]
    (R, S), (k, l) = grad.shape[2:], weight.shape[2:]
    size = (R - 1) * stride + k - 2 * padding, (S - 1) * stride + l - 2 * padding
    return _right(grad, weight, (N, C, *size), stride, padding)


def input_gradient__square(grad, weight, input_shape, stride=1, padding=0):
    """Takes the height for the width.
    Says: dX should have the shape
    Also: network"""
    N, C, H, _ = input_shape
    S = min(grad.shape[3], (H + 2 * padding - weight.shape[3]) // stride + 1)
    return _right(grad[..., :S], weight, (N, C, H, H), stride, padding)


def input_gradient__rows_flipped(grad, weight, input_shape, stride=1, padding=0):
    """A filter of one row hides it.
    Says: dX with stride 2
    Also: network"""
    return _right(grad, weight[:, :, ::-1], input_shape, stride, padding)


def input_gradient__no_gaps(grad, weight, input_shape, stride=1, padding=0):
    """A stride larger than the filter becomes the filter.
    Hidden only."""
    return _right(grad, weight, input_shape, min(stride, max(weight.shape[2:])), padding)


def input_gradient__in_the_type_of_grad(grad, weight, input_shape, stride=1, padding=0):
    """Hidden only."""
    return _right(grad, weight, input_shape, stride, padding).astype(grad.dtype)


def input_gradient__in_place(grad, weight, input_shape, stride=1, padding=0):
    """Says: changed the array `weight`
    Also: network"""
    dX = _right(grad, weight, input_shape, stride, padding)
    weight[:] = weight[..., ::-1, ::-1].copy()
    return dX


def input_gradient__images_added(grad, weight, input_shape, stride=1, padding=0):
    """All images get the sum. A batch of one hides it.
    Says: dX[0
    Also: network"""
    dX = _right(grad, weight, input_shape, stride, padding)
    return np.repeat(dX.sum(axis=0, keepdims=True), len(dX), axis=0)
