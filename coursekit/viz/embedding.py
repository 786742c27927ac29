"""Codes drawn as points: on the corners of a cube, or in the plane with the pictures they stand for in their places."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb

INK = "black"
CLASS_COLOURS = [*plt.get_cmap("tab10").colors]  # ten, for ten classes; the picture itself says which it is, too
SOLE, SHARED = "#0072B2", "#D55E00"


def rounded_codes(codes):
    """Round codes between 0 and 1 to corners of the cube, and say which examples have a corner for themselves.

    Parameters
    ----------
    codes : array_like, shape (N, M)
        Numbers from 0 to 1.

    Returns
    -------
    bits : ndarray of int, shape (N, M)
    alone : ndarray of bool, shape (N,)

    Examples
    --------
    >>> rounded_codes([[0.9, 0.1], [0.8, 0.3], [0.2, 0.6]])[1]
    array([False, False,  True])
    """
    bits = (np.asarray(codes) > 0.5).astype(int)
    same = (bits[:, None] == bits[None]).all(axis=-1)
    return bits, same.sum(axis=1) == 1


def code_cube(codes, names=None, *, ax=None):
    """Draw codes of three numbers between 0 and 1 as points in a cube, each tied to the corner that it rounds to.

    Points that round to a corner of their own are blue discs; those that share one are orange squares.

    Parameters
    ----------
    codes : array_like, shape (N, 3)
    names : sequence of str, optional
        One for each point; 1, 2, … unless given.
    ax : mpl_toolkits.mplot3d.Axes3D, optional
        A new figure unless given.

    Returns
    -------
    mpl_toolkits.mplot3d.Axes3D

    Raises
    ------
    ValueError
        If codes have another shape, or numbers outside 0 to 1.

    Examples
    --------
    >>> ax = code_cube([[0.9, 0.1, 0.2], [0.2, 0.6, 0.9]])
    >>> [text.get_text() for text in ax.texts]
    ['1', '2']
    """
    codes = _checked_cube(codes)
    names = [str(i + 1) for i in range(len(codes))] if names is None else names
    if ax is None:
        ax = plt.figure(figsize=(3.6, 3.4)).add_subplot(projection="3d")
    for a, b in itertools.combinations(itertools.product([0, 1], repeat=3), 2):
        if np.abs(np.subtract(a, b)).sum() == 1:
            ax.plot(*zip(a, b, strict=True), color="#999999", linewidth=0.8)
    bits, alone = rounded_codes(codes)
    for code, corner, name, own in zip(codes, bits, names, alone, strict=True):
        colour = SOLE if own else SHARED
        ax.plot(*zip(code, corner, strict=True), color=colour, linewidth=1)
        ax.plot(*code[:, None], "o" if own else "s", color=colour, markersize=6)
        ax.text(*(code + (code - 0.5) * 0.2), str(name), fontsize=11, ha="center", va="center")
    ax.set(xlabel="unit 1", ylabel="unit 2", zlabel="unit 3", xlim=(0, 1), ylim=(0, 1), zlim=(0, 1))
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_ticks([])  # the edges are at 0 and 1; numbers would collide with the names
        axis.labelpad = -6
    ax.view_init(elev=18, azim=-63)
    ax.grid(False)
    ax.set_box_aspect((1, 1, 1), zoom=0.9)
    return ax


def describe_cube(codes, names=None):
    """Say in words what `code_cube` draws with the same arguments: its alternative text.

    Examples
    --------
    >>> describe_cube([[0.9, 0.1, 0.2], [0.7, 0.4, 0.3], [0.2, 0.6, 0.9]])
    'A cube with 3 points. Nearest corners: 1 at 100, 2 at 100, 3 at 011. Alone at their corner: 1 of 3.'
    """
    codes = _checked_cube(codes)
    names = [str(i + 1) for i in range(len(codes))] if names is None else names
    bits, alone = rounded_codes(codes)
    where = ", ".join(f"{name} at {''.join(map(str, corner))}" for name, corner in zip(names, bits, strict=True))
    own = f"Alone at their corner: {alone.sum()} of {len(codes)}."
    return f"A cube with {len(codes)} points. Nearest corners: {where}. {own}"


def spread_out(points, distance):
    """Choose points, in order, that keep at least so far from all chosen before, along one axis or the other.

    Parameters
    ----------
    points : array_like, shape (N, 2)
    distance : float

    Returns
    -------
    ndarray of int
        Positions of the chosen ones.

    Examples
    --------
    >>> spread_out([[0, 0], [0.1, 0.1], [1, 0], [0.2, 2]], 0.5)
    array([0, 2, 3])
    """
    points, chosen = np.asarray(points, float), []
    for i, point in enumerate(points):
        if not chosen or np.abs(points[chosen] - point).max(axis=1).min() >= distance:
            chosen.append(i)
    return np.array(chosen, int)


def one_for_each(points, images, labels=None):
    """Check that a map has one point, and one label if there are any, for each image."""
    if points.shape != (len(images), 2) or (labels is not None and len(labels) != len(images)):
        raise ValueError(f"points {points.shape} and {len(images)} images: give one point (and label) for each image")


def images_at(points, images, labels=None, *, across=28, ax=None):
    """Draw a map of images: each at the place that its code gives it in the plane, leaving out what would overlap.

    Images that come first have precedence. Bright is ink: 0 is paper, 1 is full colour.

    Parameters
    ----------
    points : array_like, shape (N, 2)
    images : array_like, shape (N, H, W) or (N, 1, H, W)
        Between 0 and 1.
    labels : array_like of int, shape (N,), optional
        From 0 to 9: one colour for each; black unless given.
    across : int
        How many images would fit side by side.
    ax : matplotlib.axes.Axes, optional
        A new square figure unless given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If numbers of points, images and labels differ, or a label is none of 0 to 9.

    Examples
    --------
    >>> ax = images_at([[0, 0], [0.01, 0], [1, 1]], np.ones((3, 2, 2)), across=4)
    >>> ax.get_images()[0].get_array().shape                      # 4 of 2 pixels, and half an image at each border
    (8, 8, 3)
    """
    points, images = np.asarray(points, float), np.asarray(images)
    images = images.reshape(len(images), *images.shape[-2:])
    labels = None if labels is None else np.asarray(labels)
    one_for_each(points, images, labels)
    if labels is not None and not set(labels.tolist()) <= set(range(10)):
        raise ValueError(f"labels must be from 0 to 9, not {labels.min()} to {labels.max()}")

    low, span = points.min(axis=0), np.ptp(points, axis=0).max() or 1
    cell = span / (across - 1)  # in units of the points
    height, width = images.shape[1:]
    canvas = np.ones((across * height, across * width, 3))
    for i in spread_out(points, cell):
        right, up = (points[i] - low) / cell
        row, column = round((across - 1 - up) * height), round(right * width)
        colour = np.array(to_rgb(INK if labels is None else CLASS_COLOURS[labels[i]]))
        ink = images[i][:, :, None]
        patch = canvas[row : row + height, column : column + width]
        patch[...] = np.minimum(patch, 1 - ink * (1 - colour))
    if ax is None:
        _, ax = plt.subplots(figsize=(6, 6))
    left, bottom = low - cell / 2
    ax.imshow(canvas, extent=(left, left + across * cell, bottom, bottom + across * cell))
    ax.grid(False)
    ax.set(xlabel="first number of the code", ylabel="second number of the code")
    return ax


def _checked_cube(codes):
    codes = np.asarray(codes, float)
    if codes.ndim != 2 or codes.shape[1] != 3 or not (codes.min() >= 0 and codes.max() <= 1):
        raise ValueError(f"codes must have shape (N, 3) and lie between 0 and 1, not {codes.shape}")
    return codes
