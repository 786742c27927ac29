"""A filter on its way over an image, drawn with the numbers in it."""

import matplotlib.pyplot as plt
import numpy as np

WINDOW = "#E69F00"


def convolution_step(image, kernel, row, column, *, stride=1, padding=0):
    """Draw one step of a cross-correlation: the window, the filter, and the output up to this entry.

    Parameters
    ----------
    image : array_like, shape (H, W)
    kernel : array_like, shape (k_h, k_w)
    row, column : int
        Which entry of the output is being computed. Entries before it, in reading order, are already filled in.
    stride, padding : int
        As in `torch.nn.functional.conv2d`.

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
    >>> [ax.get_title() for ax in figure.axes]
    ['input', 'filter', 'output']
    """
    image, kernel = np.pad(np.asarray(image), padding), np.asarray(kernel)
    if any(k > n for k, n in zip(kernel.shape, image.shape, strict=True)):
        raise ValueError(f"kernel: {kernel.shape} is larger than the padded image, {image.shape}")
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)[::stride, ::stride]
    output = np.einsum("ijst,st->ij", windows, kernel)
    if not (0 <= row < output.shape[0] and 0 <= column < output.shape[1]):
        raise ValueError(f"row, column: ({row}, {column}) is outside the output of shape {output.shape}")

    widths = [image.shape[1], kernel.shape[1], output.shape[1]]
    figure, axes = plt.subplots(
        1, 3, figsize=(0.42 * (sum(widths) + 3), 0.42 * (image.shape[0] + 1.6)), width_ratios=widths, layout="constrained"
    )
    position = np.arange(output.size).reshape(output.shape)
    done = position <= position[row, column]
    _grid(axes[0], image, "input", _box(row * stride, column * stride, kernel.shape))
    _grid(axes[1], kernel, "filter")
    _grid(axes[2], output, "output", _box(row, column, (1, 1)), show=done)
    products = (f"{a:g}·{b:g}" for a, b in zip(windows[row, column].flat, kernel.flat, strict=True))
    figure.supxlabel(" + ".join(products) + f" = {output[row, column]:g}", fontsize=8)
    return figure


def _box(row, column, shape):
    """The rectangle that frames `shape` entries from (row, column)."""
    return plt.Rectangle((column - 0.5, row - 0.5), shape[1], shape[0], fill=False, edgecolor=WINDOW, linewidth=3)


def _grid(ax, values, title, box=None, show=None):
    """A table of numbers as square cells, with an optional frame around some of them."""
    ax.imshow(np.zeros(values.shape), cmap="Greys", vmin=0, vmax=1)
    ax.set_title(title)
    ax.grid(False)
    ax.tick_params(which="both", length=0, labelbottom=False, labelleft=False)
    ax.set_xticks(np.arange(values.shape[1] + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(values.shape[0] + 1) - 0.5, minor=True)
    ax.grid(True, which="minor", color="#999999", linewidth=0.8)
    for spine in ax.spines.values():
        spine.set_visible(False)
    for (i, j), value in np.ndenumerate(values):
        if show is None or show[i, j]:
            ax.text(j, i, f"{value:g}", ha="center", va="center", fontsize=10)
    if box is not None:
        ax.add_patch(box)
        box.set_clip_on(False)
