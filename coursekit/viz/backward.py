"""Gradients on their way back through a convolution and through pooling, drawn with the numbers in them."""

from itertools import cycle
from string import ascii_lowercase

import numpy as np

from coursekit.viz import cells
from coursekit.viz.cells import number

FRAME = "#D55E00"
# Pale enough for black numbers. The same colour, and the same letter, on two cells: they are multiplied.
PAIRS = ["#F7CE85", "#A6D4F0", "#97D8C0", "#E6B8D1", "#F4EE9E", "#E9B795", "#9CC3DC", "#D0D0D0", "#C3B1E1"]


def convolution_gradient(image, kernel, grad, *, pixel=None, weight=None, stride=1):
    """Draw where one entry of a gradient of a convolution comes from.

    With `pixel`, which outputs see it, and through which weight each of them does; with `weight`, which outputs use it,
    and on which pixel. Cells that are multiplied have the same colour and letter; the sum stands below. The gradient
    that is collected is filled in up to this entry, in reading order.

    Parameters
    ----------
    image : array_like, shape (H, W)
    kernel : array_like, shape (k_h, k_w)
    grad : array_like, shape (output rows, output columns)
        Gradient of the loss with respect to the output.
    pixel, weight : (int, int)
        Row and column of the entry; give one of them.
    stride : int

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If not exactly one of `pixel` and `weight` is given, it lies outside, or `grad` has another shape than the
        output.

    Examples
    --------
    >>> figure = convolution_gradient([[1, 2, 3, 4]], [[1, -1]], [[1, 0, 2]], weight=(0, 1))
    >>> figure.axes[0].texts[-1].get_text()
    '1·2 + 0·3 + 2·4 = 10'
    """
    image, kernel, grad = np.asarray(image), np.asarray(kernel), np.asarray(grad)
    terms, collected = _terms(image, kernel, grad, pixel, weight, stride)
    entry, shape = (pixel, image.shape) if pixel is not None else (weight, kernel.shape)
    done = np.arange(collected.size).reshape(shape) <= entry[0] * shape[1] + entry[1]
    factor, name = (1, "∇X") if pixel is not None else (0, "∇F")
    fills, letters = [{}, {}, {}, {}], []
    for letter, colour, (place, other) in zip(ascii_lowercase, cycle(PAIRS), terms, strict=False):
        for grid, cell in [(2, place), (factor, other)]:
            fills[grid][cell] = colour
            letters.append((letter, grid, cell))
    tables = [("input X", image, None), ("filter F", kernel, None), ("∇O", grad, None), (name, collected, done)]
    figure, ax, corners = _draw(tables, fills)
    for letter, grid, (i, j) in letters:
        left, top = corners[grid]
        ax.text(left + j + 0.1, top + i + 0.08, letter, ha="left", va="top", fontsize=6, zorder=3)
    for grid in [3, 1 - factor]:
        cells.frame(ax, corners[grid], entry, colour=FRAME)
    products = [(grad[place], (kernel if factor else image)[other]) for place, other in terms]
    cells.caption(ax, cells.total(products, collected[entry]) if products else "no output sees this pixel")
    return figure


def describe_convolution_gradient(image, kernel, grad, *, pixel=None, weight=None, stride=1):
    """Say in words what `convolution_gradient` draws: the alternative text of a frame.

    Examples
    --------
    >>> describe_convolution_gradient([[1, 2, 3, 4]], [[1, -1]], [[1, 0, 2]], pixel=(0, 1))
    'Pixel (0, 1) is seen by output (0, 0) through weight (0, 1) and by output (0, 1) through weight (0, 0); its gradient is 1·(−1) + 0·1 = −1.'
    """  # noqa: E501 - one line is one text
    image, kernel, grad = np.asarray(image), np.asarray(kernel), np.asarray(grad)
    terms, collected = _terms(image, kernel, grad, pixel, weight, stride)
    entry, other_array = (pixel, kernel) if pixel is not None else (weight, image)
    if not terms:
        return f"Pixel {_place(entry)} is seen by no output; its gradient is 0."
    if pixel is not None:
        parts = [f"by output {_place(place)} through weight {_place(other)}" for place, other in terms]
        start = f"Pixel {_place(entry)} is seen "
    else:
        parts = [f"by output {_place(place)} on pixel {_place(other)}" for place, other in terms]
        start = f"Weight {_place(entry)} is used "
    total = cells.total([(grad[place], other_array[other]) for place, other in terms], collected[entry])
    listed = ", ".join(parts[:-1]) + " and " * (len(parts) > 1) + parts[-1]
    return f"{start}{listed}; its gradient is {total}."


def _terms(image, kernel, grad, pixel, weight, stride):
    """Say which (output, weight) or (output, pixel) meet in the entry, and give the whole gradient."""
    if (pixel is None) == (weight is None):
        raise ValueError(f"pixel, weight: give one of them, got {pixel} and {weight}")
    size = tuple((n - k) // stride + 1 for n, k in zip(image.shape, kernel.shape, strict=True))
    if grad.shape != size:
        raise ValueError(f"grad: shape {grad.shape}, but the output has shape {size}")
    entry, name, shape = (pixel, "pixel", image.shape) if pixel is not None else (weight, "weight", kernel.shape)
    if not all(0 <= i < n for i, n in zip(entry, shape, strict=True)):
        raise ValueError(f"{name}: {tuple(entry)} is outside an array of shape {shape}")
    collected, terms = np.zeros(shape, np.result_type(image, kernel, grad)), []
    for i, j in np.ndindex(grad.shape):
        for u, v in np.ndindex(kernel.shape):
            seen = (i * stride + u, j * stride + v)
            own, other, factor = (seen, (u, v), kernel[u, v]) if pixel is not None else ((u, v), seen, image[seen])
            collected[own] += grad[i, j] * factor
            if own == tuple(entry):
                terms.append(((i, j), other))
    return terms, collected


def pooling_gradient(image, grad, window, *, kernel_size=2, stride=2, how="max"):
    """Draw how pooling sends a gradient back, after the windows up to `window` have sent theirs.

    Parameters
    ----------
    image : array_like, shape (H, W)
        Input of the pooling.
    grad : array_like, shape (output rows, output columns)
        Gradient of the loss with respect to the output.
    window : int
        How many windows have sent their gradient back, in reading order; the last of them is marked.
    kernel_size, stride : int
    how : "max" or "average"
        The maximum sends all of it to the largest pixel (of equal ones, to the first), the average equal shares.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If `grad` has another shape than the output, there is no such window, or no such way of pooling.

    Examples
    --------
    >>> figure = pooling_gradient([[3, 3], [1, 3]], [[5]], 1)
    >>> figure.axes[0].texts[-1].get_text()
    '5 goes to pixel (0, 0), the first of 3 equal ones'
    """
    image, grad = np.asarray(image), np.asarray(grad)
    output, collected, corner, winners, n_equal = _routes(image, grad, window, kernel_size, stride, how)
    done = np.arange(grad.size).reshape(grad.shape) < window
    won, place = dict.fromkeys(winners, PAIRS[0]), {divmod(window - 1, grad.shape[1]): PAIRS[0]}
    tables = [("input", image, None), ("output", output, None), ("∇output", grad, done), ("∇input", collected, None)]
    figure, ax, corners = _draw(tables, [won, place, place, won])
    for grid in [0, 3]:
        cells.frame(ax, corners[grid], corner, (kernel_size, kernel_size), colour=FRAME)
    cells.caption(ax, _sentence(grad, window, winners, n_equal, how))
    return figure


def describe_pooling_gradient(image, grad, window, *, kernel_size=2, stride=2, how="max"):
    """Say in words what `pooling_gradient` draws: the alternative text of a frame.

    Examples
    --------
    >>> describe_pooling_gradient([[3, 3], [1, 3]], [[5]], 1)
    'Window 1 of 1: 5 goes to pixel (0, 0), the first of 3 equal ones. The gradient so far, row by row: 5 0; 0 0.'
    """
    image, grad = np.asarray(image), np.asarray(grad)
    _, collected, _, winners, n_equal = _routes(image, grad, window, kernel_size, stride, how)
    rows = "; ".join(" ".join(map(number, row)) for row in collected)
    sentence = _sentence(grad, window, winners, n_equal, how)
    return f"Window {window} of {grad.size}: {sentence}. The gradient so far, row by row: {rows}."


def _routes(image, grad, window, kernel_size, stride, how):
    """Pool, and send the gradient of the first windows back; say where that of the last one went."""
    if how not in ("max", "average"):
        raise ValueError(f'how: must be "max" or "average", got {how!r}')
    size = tuple((n - kernel_size) // stride + 1 for n in image.shape)
    if grad.shape != size:
        raise ValueError(f"grad: shape {grad.shape}, but the output has shape {size}")
    if not 1 <= window <= grad.size:
        raise ValueError(f"window: {window} is not between 1 and {grad.size}")
    output, collected = np.zeros(size), np.zeros(image.shape)
    for nth, (i, j) in enumerate(np.ndindex(size), 1):
        corner = (i * stride, j * stride)
        pixels = [(corner[0] + u, corner[1] + v) for u, v in np.ndindex(kernel_size, kernel_size)]
        values = np.array([image[pixel] for pixel in pixels])
        output[i, j] = values.max() if how == "max" else values.mean()
        if nth <= window:
            winners = [pixels[values.argmax()]] if how == "max" else pixels
            for cell in winners:
                collected[cell] += grad[i, j] / len(winners)
            last = corner, winners, int((values == values.max()).sum())
    return output, collected, *last


def _sentence(grad, window, winners, n_equal, how):
    arriving = grad.flat[window - 1]
    if how == "average":
        return f"{number(arriving / len(winners))} goes to each of {len(winners)} pixels"
    tie = f", the first of {n_equal} equal ones" if n_equal > 1 else ""
    return f"{number(arriving)} goes to pixel {_place(winners[0])}{tie}"


def _draw(tables, fills):
    figure, ax, corners = cells.side_by_side([values.shape for _, values, _ in tables], cell=0.44, below=1)
    for (title, values, shown), fill, corner in zip(tables, fills, corners, strict=True):
        cells.table(ax, corner, cells.written(values, shown), title=title, fills=fill)
    return figure, ax, corners


def _place(cell):
    return f"({cell[0]}, {cell[1]})"
