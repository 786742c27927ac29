"""A filter on its way over an image, drawn with the numbers in it."""

import numpy as np

from coursekit.viz import cells

WINDOW = "#E69F00"


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

    arrays = image, kernel, output
    done = np.arange(output.size).reshape(output.shape) <= row * output.shape[1] + column
    figure, ax, corners = cells.side_by_side([array.shape for array in arrays], cell=0.46, below=1)
    for array, shown, corner, title in zip(arrays, (None, None, done), corners, titles, strict=True):
        cells.table(ax, corner, cells.written(array, shown), title=title, size=11)
    cells.frame(ax, corners[0], (row * stride, column * stride), kernel.shape, colour=WINDOW)
    cells.frame(ax, corners[2], (row, column), colour=WINDOW)
    products = zip(windows[row, column].flat, kernel.flat, strict=True)
    cells.caption(ax, cells.total(products, output[row, column]))
    return figure
