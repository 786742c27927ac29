"""Wrong solutions of task 1; see exercise.py."""

import numpy as np


def correlate__flipped(x, w):
    """Says: the filter runs backwards"""
    return np.array([np.sum(x[t : t + len(w)] * w[::-1]) for t in range(len(x) - len(w) + 1)])


def correlate__last_place_missing(x, w):
    """Says: range(n - k) stops one too early"""
    return np.array([np.sum(x[t : t + len(w)] * w) for t in range(len(x) - len(w))])


def correlate__loop_too_long(x, w):
    """Says: the loop runs too far"""
    return np.array([np.sum(x[t : t + len(w)] * w) for t in range(len(x))])


def correlate__full(x, w):
    """Says: hangs over the end"""
    return np.correlate(x, w, "full")


def correlate__same(x, w):
    """Says: as long as the signal"""
    return np.correlate(x, w, "same")


def correlate__in_place(x, w):
    """Says: changed the array `x`"""
    places = len(x) - len(w) + 1
    for t in range(places):
        x[t] = np.sum(x[t : t + len(w)] * w)
    return x[:places]


def correlate__three_weights(x, w):
    """Knows the length of the example's filter.
    Hidden only."""
    return np.array([np.sum(x[t : t + 3] * w) for t in range(len(x) - 2)])


def convolve__correlation(a, b):
    """Says: one of the two has to run backwards"""
    return np.correlate(a, b, "full")


def convolve__result_flipped(a, b):
    """Says: not the result"""
    return np.correlate(a, b, "full")[::-1]


def convolve__same(a, b):
    """Says: the middle of the result"""
    return np.convolve(a, b, "same")


def convolve__valid(a, b):
    """Says: only the place where both lie on each other"""
    return np.convolve(a, b, "valid")


def convolve__overwrites(a, b):
    """Says: += instead of ="""
    result = np.zeros(len(a) + len(b) - 1)
    for i in range(len(a)):
        result[i : i + len(b)] = a[i] * b
    return result


def convolve__too_short(a, b):
    """Says: the last copy begins at n - 1"""
    result = np.zeros(len(a) + len(b) - 2)
    for i in range(len(a)):
        for j in range(len(b)):
            result[i + j] += a[i] * b[j]
    return result


def convolve__second_is_shorter(a, b):
    """Slides b over a with as many zeros as b needs, but loops over the length of a.
    Says: the second is longer than the first"""
    padded = np.pad(a, len(b) - 1)
    result = [np.sum(padded[t : t + len(b)] * b[::-1]) for t in range(len(a) + 2)]
    return np.array(result)


def convolve__whole_numbers(a, b):
    """Collects in the type of whole numbers.
    Hidden only."""
    result = np.zeros(len(a) + len(b) - 1, dtype=int)
    for i in range(len(a)):
        result[i : i + len(b)] += (a[i] * b).astype(int)
    return result
