"""Wrong solutions of task 1; see exercise.py."""

import numpy as np


def _through(w, b, x):
    return 1 / (1 + np.exp(-(w @ x + b)))


def unit_gradients__no_slope(w, b, x, t):
    """Says: slope of the sigmoid is missing"""
    h = _through(w, b, x)
    return (h - t) ** 2 / 2, (h - t) * x, h - t, (h - t) * w


def unit_gradients__slope_of_tanh(w, b, x, t):
    """Says: slope of tanh"""
    h = _through(w, b, x)
    dz = (h - t) * (1 - h**2)
    return (h - t) ** 2 / 2, dz * x, dz, dz * w


def unit_gradients__slope_at_input(w, b, x, t):
    """Says: this is z (1 - z)"""
    h, z = _through(w, b, x), w @ x + b
    dz = (h - t) * z * (1 - z)
    return (h - t) ** 2 / 2, dz * x, dz, dz * w


def unit_gradients__sign(w, b, x, t):
    """Says: the sign is wrong"""
    h = _through(w, b, x)
    dz = (t - h) * h * (1 - h)
    return (h - t) ** 2 / 2, dz * x, dz, dz * w


def unit_gradients__no_half(w, b, x, t):
    """Says: the half of"""
    h = _through(w, b, x)
    dz = (h - t) * h * (1 - h)
    return (h - t) ** 2, dz * x, dz, dz * w


def unit_gradients__dx_and_dw_exchanged(w, b, x, t):
    """Says: this is dw"""
    h = _through(w, b, x)
    dz = (h - t) * h * (1 - h)
    return (h - t) ** 2 / 2, dz * x, dz, dz * x
