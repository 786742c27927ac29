"""Gradients on their way back through a convolution and through pooling, drawn with the numbers in them."""

from itertools import cycle, islice
from string import ascii_lowercase

import matplotlib.pyplot as plt
import numpy as np

GAP = 1  # cells between two grids
FRAME, GRID = "#D55E00", "#999999"
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
    grids = [
        ("input X", image, None),
        ("filter F", kernel, None),
        ("∇O", grad, None),
        ("∇X" if pixel is not None else "∇F", collected, done),
    ]
    figure, ax, corners = _canvas(grids)
    factor = 1 if pixel is not None else 0
    for letter, colour, (place, other) in zip(ascii_lowercase, _colours(len(terms)), terms, strict=False):
        for grid, cell in [(2, place), (factor, other)]:
            _paint(ax, corners[grid], cell, colour, letter)
    for grid in [3, 1 - factor]:
        _frame(ax, corners[grid], entry)
    products = [(grad[place], (kernel if factor else image)[other]) for place, other in terms]
    _caption(ax, _sum(products, collected[entry]) if products else "no output sees this pixel")
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
    total = _sum([(grad[place], other_array[other]) for place, other in terms], collected[entry])
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
    figure, ax, corners = _canvas(
        [("input", image, None), ("output", output, None), ("∇output", grad, done), ("∇input", collected, None)]
    )
    for grid in [0, 3]:
        for cell in winners:
            _paint(ax, corners[grid], cell, PAIRS[0])
        _frame(ax, corners[grid], corner, (kernel_size, kernel_size))
    for grid in [1, 2]:
        _paint(ax, corners[grid], divmod(window - 1, grad.shape[1]), PAIRS[0])
    _caption(ax, _sentence(grad, window, winners, n_equal, how))
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
    rows = "; ".join(" ".join(map(_number, row)) for row in collected)
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
    for number, (i, j) in enumerate(np.ndindex(size), 1):
        corner = (i * stride, j * stride)
        cells = [(corner[0] + u, corner[1] + v) for u, v in np.ndindex(kernel_size, kernel_size)]
        values = np.array([image[cell] for cell in cells])
        output[i, j] = values.max() if how == "max" else values.mean()
        if number <= window:
            winners = [cells[values.argmax()]] if how == "max" else cells
            for cell in winners:
                collected[cell] += grad[i, j] / len(winners)
            last = corner, winners, int((values == values.max()).sum())
    return output, collected, *last


def _sentence(grad, window, winners, n_equal, how):
    arriving = grad.flat[window - 1]
    if how == "average":
        return f"{_number(arriving / len(winners))} goes to each of {len(winners)} pixels"
    tie = f", the first of {n_equal} equal ones" if n_equal > 1 else ""
    return f"{_number(arriving)} goes to pixel {_place(winners[0])}{tie}"


def _canvas(grids):
    """Tables of numbers side by side: the figure, its axes, and the upper left corner of every table."""
    height = max(values.shape[0] for _, values, _ in grids)
    width = sum(values.shape[1] for _, values, _ in grids) + GAP * (len(grids) - 1)
    total = height + 1.5
    figure, ax = plt.subplots(figsize=(0.44 * width + 0.1, 0.44 * total))
    ax.set_axis_off()
    ax.set_aspect("equal")
    ax.set_xlim(-0.1, width + 0.1)
    ax.set_ylim(height + 0.75, -0.75)
    left, corners = 0, []
    for title, values, shown in grids:
        top = (height - values.shape[0]) / 2
        corners.append((left, top))
        rows, columns = values.shape
        ax.text(left + columns / 2, top - 0.35, title, ha="center", va="center", fontsize=10)
        ax.hlines(top + np.arange(rows + 1), left, left + columns, color=GRID, linewidth=0.8)
        ax.vlines(left + np.arange(columns + 1), top, top + rows, color=GRID, linewidth=0.8)
        for (i, j), value in np.ndenumerate(values):
            if shown is None or shown[i, j]:
                x, y = left + j + 0.5, top + i + 0.5
                ax.text(x, y, _number(value), ha="center", va="center", fontsize=10)
        left += columns + GAP
    return figure, ax, corners


def _paint(ax, corner, cell, colour, letter=None):
    x, y = corner[0] + cell[1], corner[1] + cell[0]
    ax.add_patch(plt.Rectangle((x, y), 1, 1, facecolor=colour, edgecolor=GRID, linewidth=0.8, zorder=0))
    if letter is not None:
        ax.text(x + 0.1, y + 0.08, letter, ha="left", va="top", fontsize=6)


def _frame(ax, corner, cell, size=(1, 1)):
    place = (corner[0] + cell[1], corner[1] + cell[0])
    ax.add_patch(plt.Rectangle(place, size[1], size[0], fill=False, edgecolor=FRAME, linewidth=2.5, zorder=3))


def _caption(ax, text):
    left, right = ax.get_xlim()
    bottom = ax.get_ylim()[0]
    ax.text((left + right) / 2, bottom - 0.3, text, ha="center", va="center", fontsize=9)


def _colours(count):
    return islice(cycle(PAIRS), count)


def _sum(products, total):
    """Write out a sum of products, as in '1·2 + 2·(−4) = −6'."""
    written = " + ".join("·".join(f"({_number(n)})" if n < 0 else _number(n) for n in pair) for pair in products)
    return f"{written} = {_number(total)}"


def _number(value):
    return f"{value:g}".replace("-", "−")


def _place(cell):
    return f"({cell[0]}, {cell[1]})"
