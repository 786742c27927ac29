"""Wrong solutions of task 5; see exercise.py."""

import numpy as np


def dropout__not_scaled(h, p, u):
    """Says: the division by 1 - p is missing"""
    return h * (u >= p)


def dropout__divided_by_p(h, p, u):
    """Says: not by p
    Also: digits"""
    return np.where(u >= p, h / p, 0.0)


def dropout__keeps_p(h, p, u):
    """Says: probability of being dropped
    Also: digits"""
    return np.where(u < p, h / (1 - p), 0.0)


def dropout__other_end(h, p, u):
    """Says: with u below 1 - p stayed

    it stays where u is small."""
    return np.where(u < 1 - p, h / (1 - p), 0.0)


def dropout__strict(h, p, u):
    """Says: u = 0.2 and p = 0.2"""
    return np.where(u > p, h / (1 - p), 0.0)


def dropout__in_place(h, p, u):
    """Says: changed the array `h`
    Also: digits"""
    h[u < p] = 0
    h /= 1 - p
    return h


def dropout__does_nothing(h, p, u):
    """Says: came back as it was"""
    return h * 1.0


def dropout_backward__not_scaled(grad, p, u):
    """Says: the division by 1 - p is missing"""
    return grad * (u >= p)


def dropout_backward__everything_passes(grad, p, u):
    """Says: nothing was dropped"""
    return grad / (1 - p)


def dropout_backward__matrices_only(grad, p, u):
    """Hidden only."""
    n, m = grad.shape
    return np.where(u >= p, grad / (1 - p), 0.0).reshape(n, m)
