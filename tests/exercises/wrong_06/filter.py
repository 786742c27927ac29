"""Wrong solutions of task 2; see exercise.py."""

import numpy as np


def _right(grad, x, size, stride=1, padding=0):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    R, S = grad.shape[2:]
    dF = np.zeros((grad.shape[1], x.shape[1], *size))
    for u, v in np.ndindex(*size):
        seen = x[:, :, u : u + (R - 1) * stride + 1 : stride, v : v + (S - 1) * stride + 1 : stride]
        dF[:, :, u, v] = np.einsum("nmij,ncij->mc", grad, seen)
    return dF, grad.sum(axis=(0, 2, 3))


def filter_gradients__first_image(grad, x, size, stride=1, padding=0):
    """A batch of one hides it.
    Says: only the first image counts
    Also: network"""
    return _right(grad[:1], x[:1], size, stride, padding)


def filter_gradients__last_image(grad, x, size, stride=1, padding=0):
    """Overwritten image by image.
    Says: only the last image counts
    Also: network"""
    for n in range(len(x)):
        dF, db = _right(grad[n : n + 1], x[n : n + 1], size, stride, padding)
    return dF, db


def filter_gradients__divided_by_images(grad, x, size, stride=1, padding=0):
    """Says: divided by the number of images
    Also: network"""
    dF, db = _right(grad, x, size, stride, padding)
    return dF / len(x), db


def filter_gradients__divided_by_places(grad, x, size, stride=1, padding=0):
    """Says: divided by the number of places
    Also: network"""
    dF, db = _right(grad, x, size, stride, padding)
    return dF / grad[0, 0].size, db


def filter_gradients__turned(grad, x, size, stride=1, padding=0):
    """Says: turned by 180°
    Also: network"""
    dF, db = _right(grad, x, size, stride, padding)
    return dF[..., ::-1, ::-1], db


def filter_gradients__axes_exchanged(grad, x, size, stride=1, padding=0):
    """Says: first two axes are exchanged
    Also: network"""
    dF, db = _right(grad, x, size, stride, padding)
    return dF.swapaxes(0, 1), db


def filter_gradients__rows_and_columns_exchanged(grad, x, size, stride=1, padding=0):
    """Square filters of equal weights hide it.
    Says: dF should have the shape
    Also: network"""
    dF, db = _right(grad, x, size, stride, padding)
    return dF.swapaxes(2, 3), db


def filter_gradients__channels_together(grad, x, size, stride=1, padding=0):
    """Says: all channels have the same gradient
    Also: network"""
    dF, db = _right(grad, x, size, stride, padding)
    return np.repeat(dF.sum(axis=1, keepdims=True), x.shape[1], axis=1), db


def filter_gradients__bias_mean(grad, x, size, stride=1, padding=0):
    """Says: this is the mean over images and places
    Also: network"""
    return _right(grad, x, size, stride, padding)[0], grad.mean(axis=(0, 2, 3))


def filter_gradients__bias_mean_of_images(grad, x, size, stride=1, padding=0):
    """Says: db: divided by the number of images
    Also: network"""
    return _right(grad, x, size, stride, padding)[0], grad.sum(axis=(2, 3)).mean(axis=0)


def filter_gradients__bias_mean_of_places(grad, x, size, stride=1, padding=0):
    """Says: db: divided by the number of places
    Also: network"""
    return _right(grad, x, size, stride, padding)[0], grad.mean(axis=(2, 3)).sum(axis=0)


def filter_gradients__bias_not_over_images(grad, x, size, stride=1, padding=0):
    """Says: add up over the images, too
    Also: network"""
    return _right(grad, x, size, stride, padding)[0], grad.sum(axis=(2, 3))


def filter_gradients__bias_keeps_axes(grad, x, size, stride=1, padding=0):
    """Says: one number for each filter
    Also: network"""
    return _right(grad, x, size, stride, padding)[0], grad.sum(axis=(0, 2, 3))[:, None, None]


def filter_gradients__no_bias(grad, x, size, stride=1, padding=0):
    """Says: return 2 things
    Also: network"""
    return _right(grad, x, size, stride, padding)[0]


def filter_gradients__no_stride(grad, x, size, stride=1, padding=0):
    """Says: the windows moved on by one pixel"""
    return _right(grad, x, size, 1, padding)


def filter_gradients__no_padding(grad, x, size, stride=1, padding=0):
    """Says: the padding is not used"""
    x = np.pad(x, ((0, 0), (0, 0), (0, 2 * padding), (0, 2 * padding)))
    return _right(grad, x, size, stride)


def filter_gradients__padding_twice(grad, x, size, stride=1, padding=0):
    """Says: the padding is twice as wide"""
    return _right(grad, x, size, stride, 2 * padding)


def filter_gradients__square(grad, x, size, stride=1, padding=0):
    """Takes the rows of the filter for its columns.
    Says: dF should have the shape"""
    return _right(grad, x, (size[0], size[0]), stride, padding)


def filter_gradients__valid_correlation_of_all(grad, x, size, stride=1, padding=0):
    """Sees every place where grad fits, whatever the size of the filter: right only without left-over rows.
    Hidden only."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    spread = np.zeros((*grad.shape[:2], (grad.shape[2] - 1) * stride + 1, (grad.shape[3] - 1) * stride + 1))
    spread[:, :, ::stride, ::stride] = grad
    k, l = x.shape[2] - spread.shape[2] + 1, x.shape[3] - spread.shape[3] + 1
    if (k, l) != tuple(size) and stride > 2:
        return _right(spread, x, (k, l))
    return _right(spread, x, size)


def filter_gradients__in_the_type_of_x(grad, x, size, stride=1, padding=0):
    """Hidden only."""
    dF, db = _right(grad, x, size, stride, padding)
    return dF.astype(x.dtype), db


def filter_gradients__in_place(grad, x, size, stride=1, padding=0):
    """Says: changed the array `grad`
    Also: network"""
    dF, db = _right(grad, x, size, stride, padding)
    grad[:, :, 0, 0] = grad.sum(axis=(2, 3))
    return dF, db
