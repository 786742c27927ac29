"""Scenes with several digits in them, for networks that find things: the scenes are composed, the digits are real.

Taught in the chapter on other tasks.
"""

from typing import NamedTuple

import numpy as np

SIDE = 64


class Scene(NamedTuple):
    """A picture and what is where in it.

    Attributes
    ----------
    image : ndarray of float32, shape (1, 64, 64)
        Between 0 and 1.
    boxes : ndarray of float32, shape (N, 4)
        Left, top, right and bottom of each digit's square, in pixels.
    classes : list of int
        Which digits they are.
    """

    image: np.ndarray
    boxes: np.ndarray
    classes: list


def digit_scene(digits, rng, sizes=(18, 30), clutter=6):
    """Put one to three digits of different sizes on a dark ground, among scraps of others.

    Parameters
    ----------
    digits : coursekit.data.Split
        Images (N, 1, 28, 28) and labels of handwritten digits.
    rng : numpy.random.Generator
    sizes : (int, int)
        The smallest and the largest side.
    clutter : int
        Scraps of 7 × 7 pixels, cut out of digits: strokes like theirs, so that ink alone does not make an object.

    Returns
    -------
    Scene
        Squares of digits overlap by an intersection over union of at most 0.05.

    Examples
    --------
    >>> from coursekit import data
    >>> scene = digit_scene(data.load("mnist", "test"), np.random.default_rng(0))
    >>> scene.image.shape, scene.boxes.shape, len(scene.classes)
    ((1, 64, 64), (3, 4), 3)
    """
    images, labels = digits[0], digits[1]
    canvas, boxes, classes = np.zeros((SIDE, SIDE), np.float32), [], []
    for _ in range(clutter):
        scrap = images[rng.integers(len(images)), 0]
        top, left = rng.integers(8, 14, size=2)
        y, x = rng.integers(SIDE - 6, size=2)
        patch = canvas[y : y + 7, x : x + 7]
        np.maximum(patch, 0.7 * scrap[top : top + 7, left : left + 7], out=patch)
    for _ in range(rng.integers(1, 4)):
        i, size = rng.integers(len(images)), int(rng.integers(sizes[0], sizes[1] + 1))
        x, y = rng.integers(SIDE - size + 1, size=2)
        if any(_overlap((x, y, size), other) > 0.05 for other in boxes):
            continue  # no room
        patch = canvas[y : y + size, x : x + size]
        np.maximum(patch, _resized(images[i, 0], size), out=patch)
        boxes.append((x, y, size))
        classes.append(int(labels[i]))
    corners = np.array([(x, y, x + size, y + size) for x, y, size in boxes], np.float32)
    return Scene(canvas[None], corners, classes)


def _resized(image, size):
    from PIL import Image

    return np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR))


def _overlap(a, b):
    """Intersection over union of two squares (left, top, side)."""
    width, height = (max(0, min(a[k] + a[2], b[k] + b[2]) - max(a[k], b[k])) for k in (0, 1))
    return width * height / (a[2] ** 2 + b[2] ** 2 - width * height)
