"""Wrong solutions of task 7; see exercise.py."""

import numpy as np


def _maps(image, mode="edge", flip=False):
    padded = np.pad(np.asarray(image, float), 1, mode=mode)
    H, W = image.shape
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    if flip:
        kernel = kernel[::-1, ::-1]
    x = sum(kernel[u, v] * padded[u : u + H, v : v + W] for u in range(3) for v in range(3))
    y = sum(kernel[v, u] * padded[u : u + H, v : v + W] for u in range(3) for v in range(3))
    return x, y


def sobel__zeros_around(image):
    """Says: zeros were put around the image"""
    x, y = _maps(image, "constant")
    return np.hypot(x, y), np.arctan2(y, x)


def sobel__border_missing(image):
    """Says: the border is missing"""
    x, y = _maps(image)
    return np.hypot(x, y)[1:-1, 1:-1], np.arctan2(y, x)[1:-1, 1:-1]


def sobel__wraps_around(image):
    """Says: strength"""
    x, y = _maps(image, "wrap")
    return np.hypot(x, y), np.arctan2(y, x)


def sobel__sum_of_absolute_values(image):
    """Says: |G_x| + |G_y|"""
    x, y = _maps(image)
    return np.abs(x) + np.abs(y), np.arctan2(y, x)


def sobel__no_root(image):
    """Says: the square root is missing"""
    x, y = _maps(image)
    return x**2 + y**2, np.arctan2(y, x)


def sobel__sum(image):
    """Says: this is G_x + G_y"""
    x, y = _maps(image)
    return x + y, np.arctan2(y, x)


def sobel__exchanged(image):
    """Says: The order is strength, angle"""
    x, y = _maps(image)
    return np.arctan2(y, x), np.hypot(x, y)


def sobel__clipped(image):
    """Says: cut off"""
    x, y = _maps(image)
    return np.clip(np.hypot(x, y), 0, 1), np.arctan2(y, x)


def sobel__arctan2_the_wrong_way_round(image):
    """Says: arctan2 takes G_y first"""
    x, y = _maps(image)
    return np.hypot(x, y), np.arctan2(x, y)


def sobel__flipped(image):
    """Says: from bright to dark"""
    x, y = _maps(image, flip=True)
    return np.hypot(x, y), np.arctan2(y, x)


def sobel__upside_down(image):
    """Says: up and down are exchanged"""
    x, y = _maps(image)
    return np.hypot(x, y), np.arctan2(-y, x)


def sobel__mirrored(image):
    """Says: left and right are exchanged"""
    x, y = _maps(image)
    return np.hypot(x, y), np.arctan2(y, -x)


def sobel__arctan(image):
    """Knows two of four quadrants.
    Says: knows the quadrant"""
    x, y = _maps(image)
    return np.hypot(x, y), np.arctan(y / np.where(x == 0, 1e-12, x))


def sobel__degrees(image):
    """Says: return radians"""
    x, y = _maps(image)
    return np.hypot(x, y), np.degrees(np.arctan2(y, x))


def sobel__one_result(image):
    """Says: return 2 things"""
    x, y = _maps(image)
    return np.hypot(x, y)


def sobel__bytes(image):
    """Differences in the type of the image.
    Says: Bytes cannot be negative"""
    padded = np.pad(image, 1, mode="edge")
    left, right = padded[:, :-2], padded[:, 2:]
    x = (right - left)[:-2] + 2 * (right - left)[1:-1] + (right - left)[2:]
    top, bottom = padded[:-2], padded[2:]
    y = (bottom - top)[:, :-2] + 2 * (bottom - top)[:, 1:-1] + (bottom - top)[:, 2:]
    x, y = x.astype(float), y.astype(float)
    return np.hypot(x, y), np.arctan2(y, x)


def sobel__no_smoothing(image):
    """Differences of neighbours only.
    Says: strength
    """
    padded = np.pad(np.asarray(image, float), 1, mode="edge")
    x = 4 * (padded[1:-1, 2:] - padded[1:-1, :-2])
    y = 4 * (padded[2:, 1:-1] - padded[:-2, 1:-1])
    return np.hypot(x, y), np.arctan2(y, x)


def sobel__square(image):
    """Takes the height for the width.
    Says: broadcast"""
    n = len(image)
    padded = np.pad(np.asarray(image, float), 1, mode="edge")
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    x, y = np.zeros(image.shape), np.zeros(image.shape)
    for u in range(3):
        for v in range(3):
            x += kernel[u, v] * padded[u : u + n, v : v + n]
            y += kernel[v, u] * padded[u : u + n, v : v + n]
    return np.hypot(x, y), np.arctan2(y, x)


def sobel__absolute_values_first(image):
    """The angle is always in the first quadrant.
    Says: entry [1, 1]"""
    x, y = _maps(image)
    return np.hypot(x, y), np.arctan2(np.abs(y), np.abs(x))
