"""Wrong solutions of task 4; see exercise.py."""

import numpy as np


def _right(x, weight, bias=None, stride=1, padding=0):
    k, l = weight.shape[2:]
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    tops, lefts = range(0, x.shape[2] - k + 1, stride), range(0, x.shape[3] - l + 1, stride)
    out = np.zeros((len(x), len(weight), len(tops), len(lefts)))
    for i, top in enumerate(tops):
        for j, left in enumerate(lefts):
            window = x[:, :, top : top + k, left : left + l]
            out[:, :, i, j] = np.einsum("ncuv,mcuv->nm", window, weight)
    return out if bias is None else out + bias[:, None, None]


def conv2d__no_sum_over_channels(x, weight, bias=None, stride=1, padding=0):
    """Leaves a map for every filter and channel.
    Says: should have the shape (2, 3, 2, 2)"""
    maps = [_right(x[:, c : c + 1], weight[:, c : c + 1], bias, stride, padding) for c in range(x.shape[1])]
    return np.concatenate(maps, axis=1)


def conv2d__bias_for_each_channel(x, weight, bias=None, stride=1, padding=0):
    """Says: added once for each channel"""
    return sum(_right(x[:, c : c + 1], weight[:, c : c + 1], bias, stride, padding) for c in range(x.shape[1]))


def conv2d__no_bias(x, weight, bias=None, stride=1, padding=0):
    """Says: the bias is missing"""
    return _right(x, weight, None, stride, padding)


def conv2d__bias_required(x, weight, bias=None, stride=1, padding=0):
    """Says: NoneType"""
    return _right(x, weight, None, stride, padding) + bias[:, None, None]


def conv2d__bias_along_columns(x, weight, bias=None, stride=1, padding=0):
    """Works only if there are as many columns as filters.
    Says: bias[:, None, None] meets the maps"""
    out = _right(x, weight, None, stride, padding)
    return out if bias is None else out + bias


def conv2d__first_channel(x, weight, bias=None, stride=1, padding=0):
    """Says: only the first channel is used"""
    return _right(x[:, :1], weight[:, :1], bias, stride, padding)


def conv2d__last_channel(x, weight, bias=None, stride=1, padding=0):
    """Says: overwritten instead of added up"""
    for c in range(x.shape[1]):
        out = _right(x[:, c : c + 1], weight[:, c : c + 1], bias, stride, padding)
    return out


def conv2d__same_slice(x, weight, bias=None, stride=1, padding=0):
    """Says: every channel met the filter's slice 0"""
    return _right(x, np.repeat(weight[:, :1], x.shape[1], axis=1), bias, stride, padding)


def conv2d__mean_over_channels(x, weight, bias=None, stride=1, padding=0):
    """Says: mean over the channels"""
    return _right(x, weight / x.shape[1], bias, stride, padding)


def conv2d__flipped(x, weight, bias=None, stride=1, padding=0):
    """Says: the filters are flipped"""
    return _right(x, weight[:, :, ::-1, ::-1], bias, stride, padding)


def conv2d__images_and_maps_exchanged(x, weight, bias=None, stride=1, padding=0):
    """Says: images and maps are exchanged"""
    return _right(x, weight, bias, stride, padding).swapaxes(0, 1)


def conv2d__first_image_only(x, weight, bias=None, stride=1, padding=0):
    """A batch of one hides it.
    Says: all images got the maps of the first"""
    return np.repeat(_right(x[:1], weight, bias, stride, padding), len(x), axis=0)


def conv2d__no_padding(x, weight, bias=None, stride=1, padding=0):
    """Says: the padding is not used"""
    return _right(x, weight, bias, stride, 0)


def conv2d__padding_after_the_images(x, weight, bias=None, stride=1, padding=0):
    """Says: at the bottom and on the right only"""
    x = np.pad(x, ((0, 0), (0, 0), (0, 2 * padding), (0, 2 * padding)))
    return _right(x, weight, bias, stride)


def conv2d__pads_rows_only(x, weight, bias=None, stride=1, padding=0):
    """Says: no columns at the sides"""
    return _right(np.pad(x, ((0, 0), (0, 0), (padding, padding), (0, 0))), weight, bias, stride)


def conv2d__pads_everything(x, weight, bias=None, stride=1, padding=0):
    """Puts zeros around images and channels, too, and drops what does not fit.
    Says: conv2d(x, weight, stride=2, padding=1)"""
    x = np.pad(x, padding)[:, : weight.shape[1]]
    return _right(x, weight, bias, stride)


def conv2d__no_stride(x, weight, bias=None, stride=1, padding=0):
    """Says: the stride is not used"""
    return _right(x, weight, bias, 1, padding)


def conv2d__windows_move_by_one(x, weight, bias=None, stride=1, padding=0):
    """Says: they move on by one pixel"""
    rows, columns = _right(x, weight, bias, stride, padding).shape[2:]
    return _right(x, weight, bias, 1, padding)[:, :, :rows, :columns]


def conv2d__square_window(x, weight, bias=None, stride=1, padding=0):
    """Takes the rows of the filter for its columns.
    Says: should have the shape (2, 3, 2, 2)"""
    k = weight.shape[2]
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    tops, lefts = range(0, x.shape[2] - k + 1, stride), range(0, x.shape[3] - k + 1, stride)
    out = np.zeros((len(x), len(weight), len(tops), len(lefts)))
    for i, top in enumerate(tops):
        for j, left in enumerate(lefts):
            window = x[:, None, :, top : top + k, left : left + k]
            out[:, :, i, j] = (window * weight).sum(axis=(2, 3, 4))
    return out if bias is None else out + bias[:, None, None]


def conv2d__bias_in_place(x, weight, bias=None, stride=1, padding=0):
    """Says: changed the array `bias`"""
    out = _right(x, weight, bias, stride, padding)
    if bias is not None:
        bias += 1
    return out


def conv2d__stride_at_most_the_window(x, weight, bias=None, stride=1, padding=0):
    """No gaps between windows.
    Hidden only."""
    return _right(x, weight, bias, min(stride, weight.shape[2]), padding)


def conv2d__padding_at_most_one(x, weight, bias=None, stride=1, padding=0):
    """Hidden only."""
    return _right(x, weight, bias, stride, min(padding, 1))


def conv2d__in_the_type_of_the_images(x, weight, bias=None, stride=1, padding=0):
    """Hidden only."""
    return _right(x, weight, bias, stride, padding).astype(x.dtype)
