"""Mosaics of photographed textures, for telling apart what no single pixel can tell.

Taught in the chapter on other tasks.
"""

import numpy as np

NAMES = ("brick", "grass", "gravel")


def mosaic(seed, half="left", side=128):
    """Cut three textures, photographs that come with scikit-image, into nine cells, each of the same mean and contrast.

    Parameters
    ----------
    seed : int
    half : "left" or "right"
        Which half of the photographs the pieces are from: one to learn from, the other to test.
    side : int

    Returns
    -------
    image : ndarray of float32, shape (side, side)
    mask : ndarray of int64, shape (side, side)
        0 brick, 1 grass, 2 gravel.

    Raises
    ------
    ValueError
        If there is no such half.

    Examples
    --------
    >>> image, mask = mosaic(0)
    >>> image.shape, np.unique(mask).tolist()
    ((128, 128), [0, 1, 2])
    """
    from skimage import data as photographs

    if half not in ("left", "right"):
        raise ValueError(f"half: got {half!r}; 'left' or 'right'")
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side]
    centres = side * rng.random((9, 2))
    away = (y[..., None] - centres[:, 0]) ** 2 + (x[..., None] - centres[:, 1]) ** 2
    mask = away.argmin(axis=2) % len(NAMES)
    image = np.zeros((side, side), np.float32)
    for k, name in enumerate(NAMES):
        texture = getattr(photographs, name)()
        middle = texture.shape[1] // 2
        top, left = rng.integers(texture.shape[0] - side + 1), rng.integers(middle - side + 1)
        piece = texture[:, middle:] if half == "right" else texture[:, :middle]
        piece = piece[top : top + side, left : left + side]
        image[mask == k] = ((piece - piece.mean()) / piece.std())[mask == k]
    return (0.5 + 0.2 * image).clip(0, 1), mask
