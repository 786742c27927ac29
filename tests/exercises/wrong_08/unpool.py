"""Wrong solutions of task 2; see exercise.py."""

import numpy as np


def _pool(x, last=False, width=None):
    N, C, H, W = x.shape
    R, S = H // 2, W // 2
    blocks = x[:, :, : 2 * R, : 2 * S].reshape(N, C, R, 2, S, 2).transpose(0, 1, 2, 4, 3, 5).reshape(N, C, R, S, 4)
    winner = 3 - blocks[..., ::-1].argmax(axis=4) if last else blocks.argmax(axis=4)
    row, column = 2 * np.arange(R)[:, None] + winner // 2, 2 * np.arange(S) + winner % 2
    return blocks.max(axis=4), winner, row, column, width or W


def max_pool_indices__inside_the_window(x):
    """Says: places within the windows"""
    pooled, winner, *_ = _pool(x)
    return pooled, winner


def max_pool_indices__last_of_equal(x):
    """Says: the last one was named"""
    pooled, _, row, column, W = _pool(x, last=True)
    return pooled, row * W + column


def max_pool_indices__used_columns_only(x):
    """Even widths hide it.
    Says: also the unused one counts"""
    pooled, _, row, column, _ = _pool(x)
    return pooled, row * (x.shape[3] // 2 * 2) + column


def max_pool_indices__column_by_column(x):
    """Says: row by row means p * W + q"""
    pooled, _, row, column, _ = _pool(x)
    return pooled, column * x.shape[2] + row


def max_pool_indices__only_even_sizes(x):
    """Says: cut off what fills no window"""
    N, C, H, W = x.shape
    x.reshape(N, C, H // 2, 2, W // 2, 2)
    pooled, _, row, column, W = _pool(x)
    return pooled, row * W + column


def max_pool_indices__exchanged(x):
    """Says: pooled"""
    pooled, _, row, column, W = _pool(x)
    return row * W + column, pooled


def max_pool_indices__begins_at_zero(x):
    """Negative numbers never win.
    Says: pooled"""
    pooled, _, row, column, W = _pool(x)
    return np.maximum(pooled, 0), row * W + column


def max_pool_indices__in_the_batch(x):
    """Numbers run on over channels and images.
    Says: indices"""
    pooled, _, row, column, W = _pool(x)
    offset = np.arange(x.shape[0] * x.shape[1]).reshape(*x.shape[:2], 1, 1)
    return pooled, offset * x.shape[2] * W + row * W + column


def max_unpool__channels_together(values, indices, height, width):
    """Says: An index belongs to its own map"""
    out = np.zeros((*values.shape[:2], height * width))
    for n, c, i, j in np.ndindex(*values.shape):
        out[n, :, indices[n, c, i, j]] += values[n, c, i, j]
    return out.reshape(*values.shape[:2], height, width)


def max_unpool__divided_by_height(values, indices, height, width):
    """Square maps hide it.
    Says: row index // width"""
    out = np.zeros((*values.shape[:2], height, width))
    for n, c, i, j in np.ndindex(*values.shape):
        p, q = divmod(indices[n, c, i, j], height)
        out[n, c, p, q] = values[n, c, i, j]
    return out


def max_unpool__corner(values, indices, height, width):
    """Forgets where the maxima were.
    Says: max_unpool(values, indices, 2, 3)"""
    out = np.zeros((*values.shape[:2], height, width))
    R, S = values.shape[2:]
    out[:, :, : 2 * R : 2, : 2 * S : 2] = values[:, :, : (height + 1) // 2, : (width + 1) // 2]
    return out


def max_unpool__whole_numbers(values, indices, height, width):
    """Hidden only."""
    out = np.zeros((*values.shape[:2], height * width), int)
    np.put_along_axis(
        out, indices.reshape(*values.shape[:2], -1), values.reshape(*values.shape[:2], -1).astype(int), axis=2
    )
    return out.reshape(*values.shape[:2], height, width)


def max_unpool__twice_the_size(values, indices, height, width):
    """Says: should have the shape (1, 2, 2, 3)"""
    N, C, R, S = values.shape
    out = np.zeros((N, C, 4 * R * S + height * width))
    np.put_along_axis(out, indices.reshape(N, C, -1), values.reshape(N, C, -1), axis=2)
    return out[..., : 4 * R * S].reshape(N, C, 2 * R, 2 * S)
