"""Wrong solutions of task 6; see exercise.py."""

import numpy as np


def _all_windows(x, size, stride=1, padding=0, dilation=1):
    """(N, C, R, S, k_h, k_w)"""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    reach = [dilation * (k - 1) + 1 for k in size]
    view = np.lib.stride_tricks.sliding_window_view(x, reach, axis=(2, 3))
    return view[:, :, ::stride, ::stride, ::dilation, ::dilation]


def _columns(windows):
    N, C, R, S, k, l = windows.shape
    return windows.transpose(1, 4, 5, 0, 2, 3).reshape(C * k * l, N * R * S)


def im2col__transposed(x, size, stride=1, padding=0, dilation=1):
    """Says: this is the transpose"""
    return _columns(_all_windows(x, size, stride, padding, dilation)).T


def im2col__channels_last(x, size, stride=1, padding=0, dilation=1):
    """Says: Here the channel runs fastest"""
    windows = _all_windows(x, size, stride, padding, dilation)
    N, C, R, S, k, l = windows.shape
    return windows.transpose(4, 5, 1, 0, 2, 3).reshape(C * k * l, N * R * S)


def im2col__images_last(x, size, stride=1, padding=0, dilation=1):
    """A batch of one hides it.
    Says: Here the images alternate"""
    windows = _all_windows(x, size, stride, padding, dilation)
    N, C, R, S, k, l = windows.shape
    return windows.transpose(1, 4, 5, 2, 3, 0).reshape(C * k * l, N * R * S)


def im2col__reshape_only(x, size, stride=1, padding=0, dilation=1):
    """Right numbers, right shape, wrong places.
    Says: im2col(x, (1, 2)): entry"""
    windows = _all_windows(x, size, stride, padding, dilation)
    N, C, R, S, k, l = windows.shape
    return windows.reshape(C * k * l, N * R * S)


def im2col__images_for_channels(x, size, stride=1, padding=0, dilation=1):
    """Says: belong to C, not to N"""
    windows = _all_windows(x, size, stride, padding, dilation)
    N, C, R, S, k, l = windows.shape
    return windows.transpose(0, 4, 5, 1, 2, 3).reshape(C * k * l, N * R * S)


def im2col__columns_before_rows(x, size, stride=1, padding=0, dilation=1):
    """The places in the window column by column; a window of 1 x 2 does not show it.
    Says: im2col(1 to 20"""
    windows = _all_windows(x, size, stride, padding, dilation)
    N, C, R, S, k, l = windows.shape
    return windows.transpose(1, 5, 4, 0, 2, 3).reshape(C * k * l, N * R * S)


def im2col__windows_column_by_column(x, size, stride=1, padding=0, dilation=1):
    """Says: im2col(x, (1, 2)): entry"""
    windows = _all_windows(x, size, stride, padding, dilation)
    N, C, R, S, k, l = windows.shape
    return windows.transpose(1, 4, 5, 0, 3, 2).reshape(C * k * l, N * R * S)


def im2col__no_dilation(x, size, stride=1, padding=0, dilation=1):
    """Says: the dilation is not used"""
    return _columns(_all_windows(x, size, stride, padding))


def im2col__no_padding(x, size, stride=1, padding=0, dilation=1):
    """Says: the padding is not used"""
    return _columns(_all_windows(x, size, stride, 0, dilation))


def im2col__no_stride(x, size, stride=1, padding=0, dilation=1):
    """Says: the stride is not used"""
    return _columns(_all_windows(x, size, 1, padding, dilation))


def im2col__exchanged(x, size, stride=1, padding=0, dilation=1):
    """Says: stride and dilation are exchanged"""
    return _columns(_all_windows(x, size, dilation, padding, stride))


def im2col__square(x, size, stride=1, padding=0, dilation=1):
    """Says: should have the shape"""
    return _columns(_all_windows(x, (size[0], size[0]), stride, padding, dilation))


def conv2d_matrix__no_bias(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Says: the bias is missing"""
    parts = []
    for images, filters in zip(np.split(x, groups, 1), np.split(weight, groups), strict=True):
        windows = _all_windows(images, weight.shape[2:], stride, padding, dilation)
        product = filters.reshape(len(filters), -1) @ _columns(windows)
        parts.append(product.reshape(len(filters), len(x), *windows.shape[2:4]).swapaxes(0, 1))
    return np.concatenate(parts, axis=1)


def conv2d_matrix__reshape_only(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """A batch of one hides it.
    Says: images and maps are mixed"""
    parts = []
    for images, filters in zip(np.split(x, groups, 1), np.split(weight, groups), strict=True):
        windows = _all_windows(images, weight.shape[2:], stride, padding, dilation)
        parts.append(filters.reshape(len(filters), -1) @ _columns(windows))
    out = np.concatenate(parts) + (0 if bias is None else bias[:, None])
    return out.reshape(len(x), len(weight), *windows.shape[2:4])


def conv2d_matrix__not_exchanged(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Says: exchange the first two axes"""
    windows = _all_windows(x, weight.shape[2:], stride, padding, dilation)
    out = weight.reshape(len(weight), -1) @ _columns(windows) + (0 if bias is None else bias[:, None])
    return out.reshape(len(weight), len(x), *windows.shape[2:4])


def conv2d_matrix__flipped(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Says: the filters are flipped"""
    parts = []
    for images, filters in zip(np.split(x, groups, 1), np.split(weight[..., ::-1, ::-1], groups), strict=True):
        windows = _all_windows(images, weight.shape[2:], stride, padding, dilation)
        product = filters.reshape(len(filters), -1) @ _columns(windows)
        parts.append(product.reshape(len(filters), len(x), *windows.shape[2:4]).swapaxes(0, 1))
    return np.concatenate(parts, axis=1) + (0 if bias is None else bias[:, None, None])


def conv2d_matrix__groups_ignored(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Says: With groups, each group has its own part of both"""
    windows = _all_windows(x, weight.shape[2:], stride, padding, dilation)
    out = weight.reshape(len(weight), -1) @ _columns(windows) + (0 if bias is None else bias[:, None])
    return out.reshape(len(weight), len(x), *windows.shape[2:4]).swapaxes(0, 1)


def conv2d_matrix__first_channels(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Says: all filters saw the first two channels"""
    windows = _all_windows(x[:, : weight.shape[1]], weight.shape[2:], stride, padding, dilation)
    out = weight.reshape(len(weight), -1) @ _columns(windows) + (0 if bias is None else bias[:, None])
    return out.reshape(len(weight), len(x), *windows.shape[2:4]).swapaxes(0, 1)


def conv2d_matrix__groups_interleaved(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Says: the groups are interleaved"""
    parts = []
    for g, filters in enumerate(np.split(weight, groups)):
        windows = _all_windows(x[:, g::groups], weight.shape[2:], stride, padding, dilation)
        product = filters.reshape(len(filters), -1) @ _columns(windows)
        parts.append(product.reshape(len(filters), len(x), *windows.shape[2:4]).swapaxes(0, 1))
    return np.concatenate(parts, axis=1) + (0 if bias is None else bias[:, None, None])


def conv2d_matrix__groups_added(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Says: the parts were added up"""
    total = 0
    for images, filters in zip(np.split(x, groups, 1), np.split(weight, groups), strict=True):
        windows = _all_windows(images, weight.shape[2:], stride, padding, dilation)
        product = filters.reshape(len(filters), -1) @ _columns(windows)
        total = total + product.reshape(len(filters), len(x), *windows.shape[2:4]).swapaxes(0, 1)
    return total if bias is None else total + bias[:, None, None]


def conv2d_matrix__two_filters_per_group(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """As many filters in each group as it has channels.
    Hidden only."""
    windows = _all_windows(x, weight.shape[2:], stride, padding, dilation)
    N, C, R, S = windows.shape[:4]
    c = C // groups
    out = np.zeros((N, len(weight), R, S))
    for m in range(len(weight)):
        first = min(m // c, groups - 1) * c if groups > 1 else 0
        out[:, m] = np.einsum("ncijuv,cuv->nij", windows[:, first : first + c], weight[m])
    return out if bias is None else out + bias[:, None, None]


def conv2d_matrix__dilation_lost(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Does not pass it on.
    Hidden only."""
    parts = []
    for images, filters in zip(np.split(x, groups, 1), np.split(weight, groups), strict=True):
        windows = _all_windows(images, weight.shape[2:], stride, padding)
        product = filters.reshape(len(filters), -1) @ _columns(windows)
        parts.append(product.reshape(len(filters), len(x), *windows.shape[2:4]).swapaxes(0, 1))
    return np.concatenate(parts, axis=1) + (0 if bias is None else bias[:, None, None])
