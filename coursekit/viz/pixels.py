"""An image with its numbers written into the pixels."""

import matplotlib.pyplot as plt
import numpy as np

MARK = "#E69F00"


def pixel_values(image, rows=None, columns=None, *, size=0.32, box=None):
    """Draw part of a grey image large, each pixel with its number in it and each row and column with its index.

    Parameters
    ----------
    image : array_like, shape (H, W)
        Bytes are drawn between 0 and 255, other numbers between 0 and 1.
    rows, columns : range, optional
        The part to draw; all of the image where they are not given.
    size : float
        Side of a pixel in inches.
    box : (int, int), optional
        Row and column of one pixel to frame.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the image has more than two axes, or the part lies outside of it.

    Examples
    --------
    >>> figure = pixel_values(np.array([[0, 200], [50, 100]], np.uint8))
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['0', '200', '50', '100']
    """
    image = np.asarray(image)
    if image.ndim != 2:
        raise ValueError(f"image must have two axes, (H, W), got shape {image.shape}")
    rows = range(image.shape[0]) if rows is None else rows
    columns = range(image.shape[1]) if columns is None else columns
    if min(*rows, *columns) < 0 or max(rows) >= image.shape[0] or max(columns) >= image.shape[1]:
        raise ValueError(f"rows {rows} and columns {columns} must lie inside an image of shape {image.shape}")
    white = 255 if image.dtype == np.uint8 else 1
    figure, ax = plt.subplots(figsize=(size * len(columns) + 0.4, size * len(rows) + 0.4))
    ax.imshow(image, cmap="gray", vmin=0, vmax=white)
    ax.set_xlim(columns[0] - 0.5, columns[-1] + 0.5)
    ax.set_ylim(rows[-1] + 0.5, rows[0] - 0.5)
    ax.set_xticks(columns)
    ax.set_yticks(rows)
    ax.tick_params(length=0, labelsize=8, top=True, labeltop=True, bottom=False, labelbottom=False)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    for i in rows:
        for j in columns:
            value = image[i, j]
            ax.text(
                j,
                i,
                f"{value:.3g}",
                ha="center",
                va="center",
                fontsize=7,
                color="black" if value > white / 2 else "white",
            )
    if box is not None:
        place = (box[1] - 0.5, box[0] - 0.5)
        ax.add_patch(plt.Rectangle(place, 1, 1, fill=False, edgecolor=MARK, linewidth=3))
    return figure
