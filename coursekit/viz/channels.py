"""One filter on an image of several channels: what each channel contributes before the contributions are added."""

import matplotlib.pyplot as plt
import numpy as np

from coursekit.viz.cells import number
from coursekit.viz.images import SIGNED


def channel_maps(image, weight):
    """Correlate every channel with its own slice of one filter, without adding up.

    Parameters
    ----------
    image : array_like, shape (C, H, W)
    weight : array_like, shape (C, k_h, k_w)

    Returns
    -------
    ndarray, shape (C, H - k_h + 1, W - k_w + 1)

    Raises
    ------
    ValueError
        If image and filter have different numbers of channels.

    Examples
    --------
    >>> channel_maps([[[1, 2]], [[3, 4]]], [[[1]], [[10]]]).tolist()
    [[[1, 2]], [[30, 40]]]
    """
    image, weight = np.asarray(image), np.asarray(weight)
    if image.ndim != 3 or weight.ndim != 3 or len(image) != len(weight):
        raise ValueError(
            f"image {image.shape} and weight {weight.shape} must be (C, H, W) and (C, k, k) with the same C: "
            "a filter has one slice for each channel"
        )
    windows = np.lib.stride_tricks.sliding_window_view(image, weight.shape[1:], axis=(1, 2))
    return np.einsum("cijst,cst->cij", windows, weight)


def channel_sum(image, weight, bias=0.0, *, names=("red", "green", "blue"), limit=None):
    """Draw one filter at work: the channels, its slices, one map for each, and their sum before and after a ReLU.

    Parameters
    ----------
    image : array_like, shape (C, H, W)
        Between 0 and 1.
    weight : array_like, shape (C, k_h, k_w)
        One filter.
    bias : float
        Added once, to the sum.
    names : sequence of str
        Of the channels.
    limit : float, optional
        The absolute value drawn in full colour in all maps; the largest in the sum unless given.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = channel_sum(np.zeros((3, 8, 8)), np.ones((3, 3, 3)))
    >>> [ax.get_title() for ax in figure.axes if ax.get_title()]
    ['channel', 'slice of the filter', 'its map', 'sum + bias', 'after ReLU']
    """
    maps = channel_maps(image, weight)
    total = maps.sum(axis=0) + bias
    image, weight = np.asarray(image), np.asarray(weight)
    limit = limit or np.abs(total).max() or 1
    channels, scale = len(image), {"cmap": SIGNED, "vmin": -limit, "vmax": limit}
    figure = plt.figure(figsize=(7.2, 1.35 * channels), layout="constrained")
    grid = figure.add_gridspec(channels, 5, width_ratios=[3, 2.3, 3, 3.6, 3.6])
    tops = np.abs(weight).max() or 1
    for c in range(channels):
        row = [figure.add_subplot(grid[c, column]) for column in range(3)]
        row[0].imshow(image[c], cmap="gray", vmin=0, vmax=1)
        row[1].imshow(weight[c], cmap=SIGNED, vmin=-2 * tops, vmax=2 * tops)
        for (i, j), value in np.ndenumerate(weight[c]):
            row[1].text(j, i, number(value, 2), ha="center", va="center", fontsize=6.5)
        row[2].imshow(maps[c], **scale)
        row[0].text(-0.06, 0.5, names[c], transform=row[0].transAxes, rotation=90, ha="right", va="center", fontsize=9)
        if c == 0:
            for ax, title in zip(row, ["channel", "slice of the filter", "its map"], strict=True):
                ax.set_title(title, fontsize=9)
        for ax in row:
            ax.set_axis_off()
    for column, (picture, title) in enumerate([(total, "sum + bias"), (np.maximum(total, 0), "after ReLU")], 3):
        ax = figure.add_subplot(grid[:, column])
        ax.imshow(picture, **scale)
        ax.set_title(title, fontsize=9)
        ax.set_axis_off()
    return figure


def describe_channel_sum(image, weight, bias=0.0, *, names=("red", "green", "blue")):
    """Say in words what `channel_sum` shows: how much each channel contributes.

    Examples
    --------
    >>> describe_channel_sum(np.ones((2, 3, 3)), [[[1]], [[-2]]], 0.5, names=["left", "right"])
    'Average of each map: left 1, right −2; with the bias 0.5 their sum is −0.5 on average, 0 % of it positive.'
    """
    maps = channel_maps(image, weight)
    total = maps.sum(axis=0) + bias
    parts = ", ".join(f"{name} {part.mean():.2g}" for name, part in zip(names, maps, strict=True))
    text = (
        f"Average of each map: {parts}; with the bias {bias:g} their sum is {total.mean():.2g} on average, "
        f"{np.mean(total > 0):.0%} of it positive."
    )
    return text.replace("-", "−").replace("%", " %")
