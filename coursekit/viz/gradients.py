"""Gradients of an image as colours, and histograms of their orientations as strokes."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import LineCollection

FAINTEST = 0.03  # of black; a fainter stroke cannot be seen on white and takes as long to draw


def direction_colours(gx, gy, *, limit=None):
    """Paint each pixel's gradient: its direction as the hue, its length as the brightness.

    Parameters
    ----------
    gx, gy : array_like, shape (H, W)
        How fast the image brightens to the right, and downwards.
    limit : float, optional
        The length that is painted in full brightness; the largest one where it is not given.

    Returns
    -------
    ndarray of shape (3, H, W)
        A colour image for `show_images`. Red brightens to the right, opposite directions have opposite colours.

    Raises
    ------
    ValueError
        If `gx` and `gy` are not two maps of one shape.

    Examples
    --------
    >>> direction_colours([[1.0, 0.0]], [[0.0, 0.0]])[:, 0].tolist()  # one red pixel, one black
    [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
    """
    gx, gy = np.asarray(gx, float), np.asarray(gy, float)
    if gx.ndim != 2 or gx.shape != gy.shape:
        raise ValueError(f"gx, gy: shapes {gx.shape} and {gy.shape}; expected two maps of one shape (H, W)")
    length = np.hypot(gx, gy)
    hue = plt.get_cmap("hsv")(np.arctan2(gy, gx) / (2 * np.pi) % 1)[..., :3]
    brightness = np.clip(length / (limit or length.max() or 1), 0, 1)
    return (hue * brightness[..., None]).transpose(2, 0, 1)


def orientation_strokes(histograms, *, cell=8, limit=None, ax=None):
    """Draw a histogram of oriented gradients as strokes: in every cell one stroke for each bin.

    A stroke runs along the edge, across the gradient, and is the darker the more votes its bin has. Strokes too pale to
    be seen are left out.

    Parameters
    ----------
    histograms : array_like, shape (rows, columns, bins)
        The votes in each cell, for orientations from 0° to 180°. Bin k has its centre at (k + 1/2) · 180° / bins,
        measured from the direction to the right towards the direction downwards.
    cell : float
        Width of a cell in pixels, so that the strokes can lie beside or on the image.
    limit : float, optional
        The number of votes that is drawn in black; the largest one where it is not given.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes where it is not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If `histograms` has another number of axes.

    Examples
    --------
    >>> ax = orientation_strokes(np.ones((3, 4, 9)))
    >>> len(ax.collections[0].get_segments())
    108
    """
    histograms = np.asarray(histograms, float)
    if histograms.ndim != 3:
        raise ValueError(f"histograms: shape {histograms.shape}; expected (rows, columns, bins)")
    rows, columns, bins = histograms.shape
    ax = plt.gca() if ax is None else ax
    edge = np.pi * (np.arange(bins) + 0.5) / bins + np.pi / 2
    half = 0.45 * cell * np.stack([np.cos(edge), np.sin(edge)], axis=1)
    row, column, bin_ = (index.ravel() for index in np.indices(histograms.shape))
    centre = cell * np.stack([column + 0.5, row + 0.5], axis=1) - 0.5  # pixels have their centres at whole numbers
    strength = np.clip(histograms.ravel() / (limit or histograms.max() or 1), 0, 1)
    order = np.argsort(strength)  # dark strokes lie on pale ones
    order = order[strength[order] >= FAINTEST]
    segments = np.stack([centre - half[bin_], centre + half[bin_]], axis=1)[order]
    ax.add_collection(LineCollection(segments, colors=plt.get_cmap("Greys")(strength[order]), linewidths=1.1))
    ax.set(xlim=(-0.5, columns * cell - 0.5), ylim=(rows * cell - 0.5, -0.5), aspect="equal")
    ax.set_axis_off()
    return ax
