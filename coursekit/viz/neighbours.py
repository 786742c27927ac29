"""Photographs as points: each beside those closest to it, and all of them on a map."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb

from coursekit.viz.embedding import CLASS_COLOURS, one_for_each, spread_out


def neighbour_rows(images, queries, groups, *, size=0.62):
    """Draw each query beside its neighbours, as found in several ways: one row for each query, closest first.

    Parameters
    ----------
    images : array_like, shape (N, 3, H, W) or (N, H, W)
        Between 0 and 1.
    queries : sequence of int, length Q
    groups : dict of str to array_like of int, shape (Q, k)
        What a way to look for neighbours is called, and which images it found.
    size : float
        Width of an image in inches.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a group has not one row for each query.

    Examples
    --------
    >>> figure = neighbour_rows(np.zeros((9, 4, 4)), [0, 1], {"pixels": [[2, 3], [4, 5]], "codes": [[6, 7], [8, 2]]})
    >>> [ax.get_title() for ax in figure.axes if ax.get_title()]
    ['image', 'pixels', 'codes']
    """
    images = _pictures(images)
    groups = {name: np.asarray(found) for name, found in groups.items()}
    for name, found in groups.items():
        if found.ndim != 2 or len(found) != len(queries):
            raise ValueError(
                f"groups: {name!r} has shape {found.shape}; give one row for each of {len(queries)} queries"
            )
    blocks = {"image": np.asarray(queries)[:, None], **groups}
    widths = [found.shape[1] for found in blocks.values()]
    gap = 0.35
    figure, axes = plt.subplots(
        1,
        len(blocks),
        figsize=(size * (sum(widths) + gap * (len(blocks) - 1)), size * len(queries) + 0.3),
        width_ratios=widths,
        squeeze=False,
        layout="constrained",
    )
    for ax, (name, found) in zip(axes[0], blocks.items(), strict=True):
        sheet = np.concatenate([np.concatenate([images[i] for i in row], axis=1) for row in found], axis=0)
        ax.imshow(sheet, vmin=0, vmax=1)
        ax.set_title(name, fontsize=9)
        ax.set_axis_off()
    return figure


def describe_neighbours(labels, queries, groups, classes):
    """Say in words what `neighbour_rows` shows: of which classes the neighbours are.

    Examples
    --------
    >>> describe_neighbours([0, 1, 0], [0], {"pixels": [[1, 2]]}, ["cat", "dog"])
    'Neighbours by pixels: cat: dog, cat.'
    """
    sentences = []
    for name, found in groups.items():
        rows = (
            f"{classes[labels[query]]}: {', '.join(classes[labels[i]] for i in row)}"
            for query, row in zip(queries, found, strict=True)
        )
        sentences.append(f"Neighbours by {name}: {'; '.join(rows)}.")
    return " ".join(sentences)


def photographs_at(points, images, labels=None, *, across=24, ax=None):
    """Draw a map of photographs: each at its point, leaving out what would overlap.

    Photographs that come first have precedence. With labels, each has a frame in the colour of its class.

    Parameters
    ----------
    points : array_like, shape (N, 2)
    images : array_like, shape (N, 3, H, W) or (N, H, W)
        Between 0 and 1.
    labels : array_like of int, shape (N,), optional
        From 0 to 9.
    across : int
        How many would fit side by side.
    ax : matplotlib.axes.Axes, optional
        A new square figure unless given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If numbers of points, images and labels differ.

    Examples
    --------
    >>> ax = photographs_at([[0, 0], [0.01, 0], [1, 1]], np.ones((3, 2, 2)), across=4)
    >>> len(ax.get_images())                                                  # the second would cover the first
    2
    """
    points, images = np.asarray(points, float), _pictures(images)
    one_for_each(points, images, labels)
    if ax is None:
        _, ax = plt.subplots(figsize=(6.4, 6.4))
    cell = np.ptp(points, axis=0).max() / (across - 1) or 1
    for i in spread_out(points, cell):
        left, bottom = points[i] - cell / 2
        picture = np.broadcast_to(images[i] if images[i].ndim == 3 else images[i][..., None], (*images[i].shape[:2], 3))
        if labels is not None:
            width = max(1, round(picture.shape[0] / 16))
            picture = np.pad(picture, ((width, width), (width, width), (0, 0)))
            frame = np.ones(picture.shape[:2], bool)
            frame[width:-width, width:-width] = False
            picture[frame] = to_rgb(CLASS_COLOURS[int(labels[i])])
        ax.imshow(picture, extent=(left, left + cell, bottom, bottom + cell), vmin=0, vmax=1)
    ax.set(xlim=(points[:, 0].min() - cell, points[:, 0].max() + cell))
    ax.set(ylim=(points[:, 1].min() - cell, points[:, 1].max() + cell), aspect="equal")
    ax.set_axis_off()
    return ax


def _pictures(images):
    images = np.asarray(images)
    return images.transpose(0, 2, 3, 1) if images.ndim == 4 else images
