"""Wrong solutions of task 6; see exercise.py."""

import numpy as np


def _sets(found, true):
    return np.asarray(found) != 0, np.asarray(true) != 0


def iou__equal_numbers(found, true):
    """Says: All numbers but 0 mean"""
    a, b = _sets(found, true)
    either = (a | b).sum()
    return ((found == true) & a).sum() / either if either else 1.0


def iou__bit_by_bit(found, true):
    """Says: iou(found, true)"""
    either = np.count_nonzero(found.astype(int) | true.astype(int))
    return np.count_nonzero(found.astype(int) & true.astype(int)) / either if either else 1.0


def iou__accuracy(found, true):
    """Says: (accuracy)"""
    a, b = _sets(found, true)
    return np.mean(a == b)


def iou__recall(found, true):
    """Says: share of the true pixels that were found"""
    a, b = _sets(found, true)
    return (a & b).sum() / b.sum() if b.any() else 1.0


def iou__precision(found, true):
    """Says: share of the found pixels that are true"""
    a, b = _sets(found, true)
    return (a & b).sum() / a.sum() if a.any() else 1.0


def iou__dice(found, true):
    """Says: this is Dice"""
    a, b = _sets(found, true)
    total = a.sum() + b.sum()
    return 2 * (a & b).sum() / total if total else 1.0


def iou__counted_twice(found, true):
    """Says: count twice"""
    a, b = _sets(found, true)
    total = a.sum() + b.sum()
    return (a & b).sum() / total if total else 1.0


def iou__empty(found, true):
    """Says: Where both are empty, return 1"""
    a, b = _sets(found, true)
    with np.errstate(all="ignore"):
        return (a & b).sum() / (a | b).sum()


def iou__empty_is_zero(found, true):
    """Says: iou of two empty sets"""
    a, b = _sets(found, true)
    return (a & b).sum() / max((a | b).sum(), 1)


def iou__above_a_half(found, true):
    """Hidden only."""
    a, b = np.asarray(found) > 0.5, np.asarray(true) > 0.5
    either = (a | b).sum()
    return (a & b).sum() / either if either else 1.0


def _join(across, up, top, left):
    h, w = up.shape[2:]
    return np.concatenate([across[:, :, top : top + h, left : left + w], up], axis=1)


def crop_and_join__corner(across, up):
    """Says: the corner was cut out"""
    return _join(across, up, 0, 0)


def crop_and_join__rounds_up(across, up):
    """Even differences hide it.
    Says: round the beginning down"""
    h, w = up.shape[2:]
    return _join(across, up, -(-(across.shape[2] - h) // 2), -(-(across.shape[3] - w) // 2))


def crop_and_join__order(across, up):
    """Says: the order is the cut one first"""
    h, w = up.shape[2:]
    top, left = (across.shape[2] - h) // 2, (across.shape[3] - w) // 2
    return np.concatenate([up, across[:, :, top : top + h, left : left + w]], axis=1)


def crop_and_join__not_cut(across, up):
    """Says: `across` is cut to the rows and columns of `up`"""
    return np.concatenate([across, up], axis=1)


def crop_and_join__along_the_batch(across, up):
    """Says: stacked along axis 1"""
    h, w = up.shape[2:]
    top, left = (across.shape[2] - h) // 2, (across.shape[3] - w) // 2
    return np.concatenate([across[:, :, top : top + h, left : left + w], up], axis=0)


def crop_and_join__negative_end(across, up):
    """Empty where nothing is cut off.
    Hidden only."""
    h, w = up.shape[2:]
    top, left = (across.shape[2] - h) // 2, (across.shape[3] - w) // 2
    bottom, right = across.shape[2] - h - top, across.shape[3] - w - left
    return np.concatenate([across[:, :, top:-bottom, left:-right], up], axis=1)


def crop_and_join__square(across, up):
    """Uses the rows' beginning for the columns.
    Hidden only."""
    h, w = up.shape[2:]
    top = (across.shape[2] - h) // 2
    left = min(top, across.shape[3] - w)
    return _join(across, up, top, left)
