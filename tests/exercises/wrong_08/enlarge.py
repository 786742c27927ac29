"""Wrong solutions of task 1; see exercise.py."""

import numpy as np


def nearest__tile(x, factor):
    """Says: the whole map was written several times"""
    return np.tile(x, (1, 1, factor, factor))


def nearest__rows_only(x, factor):
    """Says: only the rows were repeated"""
    return x.repeat(factor, axis=2)


def nearest__columns_only(x, factor):
    """Says: only the columns were repeated"""
    return x.repeat(factor, axis=3)


def nearest__nails(x, factor):
    """Says: that is a bed of nails"""
    out = np.zeros((*x.shape[:2], x.shape[2] * factor, x.shape[3] * factor))
    out[:, :, ::factor, ::factor] = x
    return out


def nearest__always_two(x, factor):
    """Says: the factor is not used"""
    return x.repeat(2, axis=2).repeat(2, axis=3)


def nearest__wrong_axes(x, factor):
    """Images and channels are repeated.
    Says: axes 2 and 3"""
    return x.repeat(factor, axis=0).repeat(factor, axis=1)


def nearest__square(x, factor):
    """Takes the height for the width.
    Says: nearest(x, 3)"""
    rows = np.arange(x.shape[2] * factor) // factor
    return x[:, :, rows[:, None], rows[None]]


def _weights(n, m, place):
    distance = np.abs(place[:, None] - np.arange(n))
    return np.maximum(1 - distance, 0)


def _resized(x, rows, columns, places):
    sides = ((x.shape[2], rows), (x.shape[3], columns))
    down, across = (_weights(n, m, places(n, m)) for n, m in sides)
    return down @ x @ across.T


def bilinear__align_corners(x, rows, columns):
    """Says: the other convention"""
    return _resized(x, rows, columns, lambda n, m: np.arange(m) * (n - 1) / max(m - 1, 1))


def bilinear__no_halves(x, rows, columns):
    """Says: the halves are missing"""
    return _resized(x, rows, columns, lambda n, m: (np.arange(m) * n / m).clip(0, n - 1))


def bilinear__not_cut_off(x, rows, columns):
    """Says: darker at its edges"""
    return _resized(x, rows, columns, lambda n, m: (np.arange(m) + 0.5) * n / m - 0.5)


def bilinear__nearest(x, rows, columns):
    """Says: copied, not mixed"""
    down, across = (np.arange(m) * n // m for n, m in ((x.shape[2], rows), (x.shape[3], columns)))
    return x[:, :, down[:, None], across]


def bilinear__runs_over(x, rows, columns):
    """No next pixel at the last one.
    Says: there is no next one"""
    place = ((np.arange(columns) + 0.5) * x.shape[3] / columns - 0.5).clip(0, x.shape[3] - 1)
    a = place.astype(int)
    return x[..., a] * (1 - place + a) + x[..., a + 1] * (place - a)


def bilinear__sizes_exchanged(x, rows, columns):
    """Says: should have the shape (1, 1, 4, 6)"""
    return _resized(x, columns, rows, lambda n, m: ((np.arange(m) + 0.5) * n / m - 0.5).clip(0, n - 1))


def bilinear__whole_factor(x, rows, columns):
    """Rounds the factor.
    Hidden only."""
    return _resized(x, rows, columns, lambda n, m: ((np.arange(m) + 0.5) / max(m // n, 1) - 0.5).clip(0, n - 1))


def bilinear__in_the_type_of_x(x, rows, columns):
    """Whole numbers stay whole.
    Hidden only."""
    out = _resized(x, rows, columns, lambda n, m: ((np.arange(m) + 0.5) * n / m - 0.5).clip(0, n - 1))
    return out.astype(x.dtype)


def bilinear__in_place(x, rows, columns):
    """Says: changed the array `x`"""
    out = _resized(x, rows, columns, lambda n, m: ((np.arange(m) + 0.5) * n / m - 0.5).clip(0, n - 1))
    x *= 0
    return out
