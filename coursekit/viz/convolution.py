"""A filter on its way over an image, drawn with the numbers in it."""

import matplotlib.pyplot as plt
import numpy as np

WINDOW = "#E69F00"
GAP = 1  # cells between two grids


def convolution_step(image, kernel, row, column, *, stride=1, padding=0, titles=("input", "filter", "output")):
    """Draw one step of a cross-correlation: the window, the filter, and the output up to this entry.

    Parameters
    ----------
    image : array_like, shape (H, W)
    kernel : array_like, shape (k_h, k_w)
    row, column : int
        Which entry of the output is being computed. Entries before it, in reading order, are already filled in.
    stride, padding : int
        As in `torch.nn.functional.conv2d`.
    titles : (str, str, str)
        What stands above the three grids.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the filter does not fit into the padded image, or the output has no such entry.

    Examples
    --------
    >>> figure = convolution_step(np.eye(3), np.ones((2, 2)), 0, 1)
    >>> [text.get_text() for text in figure.axes[0].texts[-2:]]
    ['1', '0·1 + 0·1 + 1·1 + 0·1 = 1']
    """
    image, kernel = np.pad(np.asarray(image), padding), np.asarray(kernel)
    if any(k > n for k, n in zip(kernel.shape, image.shape, strict=True)):
        raise ValueError(f"kernel: {kernel.shape} is larger than the padded image, {image.shape}")
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)[::stride, ::stride]
    output = np.einsum("ijst,st->ij", windows, kernel)
    if not (0 <= row < output.shape[0] and 0 <= column < output.shape[1]):
        raise ValueError(f"row, column: ({row}, {column}) is outside the output of shape {output.shape}")

    height, width = image.shape[0] + 1.6, image.shape[1] + kernel.shape[1] + output.shape[1] + 2 * GAP
    figure, ax = plt.subplots(figsize=(0.46 * width, 0.46 * height))
    ax.set_axis_off()
    ax.set_aspect("equal")
    ax.set_xlim(-0.05, width + 0.05)
    ax.set_ylim(image.shape[0] + 0.9, -0.7)

    left = 0
    done = np.arange(output.size).reshape(output.shape) <= row * output.shape[1] + column
    for title, values, shown, corner, size in [
        (titles[0], image, None, (row * stride, column * stride), kernel.shape),
        (titles[1], kernel, None, None, None),
        (titles[2], output, done, (row, column), (1, 1)),
    ]:
        top = (image.shape[0] - values.shape[0]) / 2
        _grid(ax, values, left, top, title, shown)
        if corner is not None:
            place = (left + corner[1], top + corner[0])
            ax.add_patch(plt.Rectangle(place, size[1], size[0], fill=False, edgecolor=WINDOW, linewidth=3, zorder=3))
        left += values.shape[1] + GAP

    products = (f"{a:g}·{b:g}" for a, b in zip(windows[row, column].flat, kernel.flat, strict=True))
    total = " + ".join(products) + f" = {output[row, column]:g}"
    ax.text(width / 2, image.shape[0] + 0.6, total, ha="center", va="center", fontsize=9)
    return figure


def _grid(ax, values, left, top, title, shown=None):
    """A table of numbers in square cells with its upper left corner at (left, top)."""
    rows, columns = values.shape
    ax.text(left + columns / 2, top - 0.3, title, ha="center", va="center", fontsize=10)
    ax.hlines(top + np.arange(rows + 1), left, left + columns, color="#999999", linewidth=0.8)
    ax.vlines(left + np.arange(columns + 1), top, top + rows, color="#999999", linewidth=0.8)
    for (i, j), value in np.ndenumerate(values):
        if shown is None or shown[i, j]:
            ax.text(left + j + 0.5, top + i + 0.5, f"{value:g}", ha="center", va="center", fontsize=11)
