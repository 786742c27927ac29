"""Wrong solutions of task 1; see exercise.py."""

import torch


def as_pictures__smallest_to_largest(filters):
    """Says: stretched from its smallest to its largest"""
    low, high = filters.amin((1, 2, 3), keepdim=True), filters.amax((1, 2, 3), keepdim=True)
    return (filters - low) / torch.where(high > low, high - low, 1.0)


def as_pictures__one_scale(filters):
    """Says: one scale for all filters"""
    return 0.5 + filters / (2 * filters.abs().max())


def as_pictures__scale_per_channel(filters):
    """Says: each channel has a scale of its own"""
    top = filters.abs().amax((2, 3), keepdim=True)
    return 0.5 + filters / (2 * torch.where(top > 0, top, 1.0))


def as_pictures__zero_by_zero(filters):
    """Says: 0 / 0 is no number"""
    return 0.5 + filters / (2 * filters.abs().amax((1, 2, 3), keepdim=True))


def as_pictures__largest_not_absolute(filters):
    """Says: not the largest absolute value"""
    top = filters.amax((1, 2, 3), keepdim=True)
    return 0.5 + filters / (2 * torch.where(top > 0, top, 1.0))


def as_pictures__no_half(filters):
    """Says: a half was not added"""
    top = filters.abs().amax((1, 2, 3), keepdim=True)
    return filters / (2 * torch.where(top > 0, top, 1.0))


def as_pictures__no_two(filters):
    """Says: the 2 is missing"""
    top = filters.abs().amax((1, 2, 3), keepdim=True)
    return 0.5 + filters / torch.where(top > 0, top, 1.0)


def as_pictures__absolute(filters):
    """Says: the signs are lost"""
    top = filters.abs().amax((1, 2, 3), keepdim=True)
    return 0.5 + filters.abs() / (2 * torch.where(top > 0, top, 1.0))


def as_pictures__in_place(filters):
    """Says: changed the array `filters`"""
    top = filters.abs().amax((1, 2, 3), keepdim=True)
    filters /= 2 * torch.where(top > 0, top, 1.0)
    filters += 0.5
    return filters


def as_pictures__of_numbers_below_one(filters):
    """Divides only if the filter is larger than a threshold.
    Hidden only."""
    top = filters.abs().amax((1, 2, 3), keepdim=True)
    return 0.5 + filters / (2 * torch.where(top > 0.01, top, 1.0))
