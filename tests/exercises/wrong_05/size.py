"""Wrong solutions of task 3; see exercise.py."""

import math


def _check(n, kernel, padding, dilation):
    if n + 2 * padding < dilation * (kernel - 1) + 1:
        raise ValueError("the window does not fit")


def output_size__no_plus_one(n, kernel, stride=1, padding=0, dilation=1):
    """Says: the first place is free"""
    _check(n, kernel, padding, dilation)
    return (n + 2 * padding - dilation * (kernel - 1) - 1) // stride


def output_size__plus_one_inside(n, kernel, stride=1, padding=0, dilation=1):
    """Says: after the division"""
    _check(n, kernel, padding, dilation)
    return (n + 2 * padding - dilation * (kernel - 1)) // stride


def output_size__rounds_up(n, kernel, stride=1, padding=0, dilation=1):
    """Says: round down"""
    _check(n, kernel, padding, dilation)
    return math.ceil((n + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1


def output_size__rounds_to_nearest(n, kernel, stride=1, padding=0, dilation=1):
    """Says: round down"""
    _check(n, kernel, padding, dilation)
    return int((n + 2 * padding - dilation * (kernel - 1) - 1) / stride + 0.5) + 1


def output_size__fraction(n, kernel, stride=1, padding=0, dilation=1):
    """Says: Divide with //"""
    _check(n, kernel, padding, dilation)
    return (n + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1


def output_size__padding_once(n, kernel, stride=1, padding=0, dilation=1):
    """Says: padding is on both sides"""
    _check(n, kernel, padding, dilation)
    return (n + padding - dilation * (kernel - 1) - 1) // stride + 1


def output_size__padding_outside(n, kernel, stride=1, padding=0, dilation=1):
    """Says: output_size(5, 3"""
    _check(n, kernel, padding, dilation)
    return (n - dilation * (kernel - 1) - 1) // stride + 1 + 2 * padding


def output_size__no_dilation(n, kernel, stride=1, padding=0, dilation=1):
    """Says: the dilation is not used"""
    _check(n, kernel, padding, dilation)
    return (n + 2 * padding - kernel) // stride + 1


def output_size__dilation_times_kernel(n, kernel, stride=1, padding=0, dilation=1):
    """Says: not over d k"""
    _check(n, kernel, padding, dilation)
    return (n + 2 * padding - dilation * kernel) // stride + 1


def output_size__no_stride(n, kernel, stride=1, padding=0, dilation=1):
    """Says: the stride is not used"""
    _check(n, kernel, padding, dilation)
    return n + 2 * padding - dilation * (kernel - 1)


def output_size__never_refuses(n, kernel, stride=1, padding=0, dilation=1):
    """Says: raise a ValueError"""
    return (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def output_size__returns_zero(n, kernel, stride=1, padding=0, dilation=1):
    """Says: You returned 0"""
    return max(0, (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1)


def output_size__rounds_towards_zero(n, kernel, stride=1, padding=0, dilation=1):
    """int(-0.5) is 0, so that a window that is too large by less than a stride makes a map of one pixel.
    Hidden only."""
    size = int((n + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1
    if size < 1:
        raise ValueError("the window does not fit")
    return size


def output_size__refuses_too_much(n, kernel, stride=1, padding=0, dilation=1):
    """Says: raised ValueError"""
    if n + 2 * padding <= dilation * (kernel - 1) + 1:
        raise ValueError("the window does not fit")
    return (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def output_size__refuses_without_padding(n, kernel, stride=1, padding=0, dilation=1):
    """Compares the window with the image that has no border yet.
    Hidden only."""
    if n < dilation * (kernel - 1) + 1:
        raise ValueError("the window does not fit")
    return (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def output_size__asserts(n, kernel, stride=1, padding=0, dilation=1):
    """Refuses with the wrong exception.
    Says: AssertionError"""
    assert n + 2 * padding >= dilation * (kernel - 1) + 1
    return (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
