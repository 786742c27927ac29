"""Windows on their way over an image: which pixels an output sees, what pooling keeps, and which weights are one."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb

from coursekit.counting import output_size

WINDOW, UNSEEN, PADDING, PAPER, LINE = "#E69F00", "#D55E00", "#D9D9D9", "#FFFFFF", "#999999"
SEEN = "#FBE3B0"  # WINDOW, pale: numbers stay readable on it
GAP = 1.4  # cells between two grids
KINDS = {"full": "fully connected", "local": "locally connected", "shared": "shared weights"}


def seen_by(size, kernel_size, stride=1, padding=0, dilation=1):
    """List for each output along one side which pixels of the padded input it sees.

    Returns
    -------
    ndarray of bool, shape (outputs, size + 2 * padding)

    Examples
    --------
    >>> seen_by(5, 2, stride=2).astype(int)
    array([[1, 1, 0, 0, 0],
           [0, 0, 1, 1, 0]])
    """
    starts = np.arange(output_size(size, kernel_size, stride, padding, dilation))[:, None] * stride
    seen = np.zeros((len(starts), size + 2 * padding), bool)
    np.put_along_axis(seen, starts + np.arange(kernel_size) * dilation, True, axis=1)
    return seen


def window_map(size, kernel_size, stride=1, padding=0, dilation=1, *, output="first", room=None):
    """Draw a square input and its map: the window of one output, and in each pixel how many outputs see it.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation : int
        Of both sides.
    output : "first", "middle" or "last"
        Which output's window to mark, in reading order.
    room : int, optional
        Cells to leave for the padded input on each side, so that frames with less padding have the same size.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the window does not fit into the padded input, or `output` is no such word.

    Examples
    --------
    >>> figure = window_map(3, 2, output="last")
    >>> [text.get_text() for text in figure.axes[0].texts[:9]]
    ['1', '2', '1', '2', '4', '2', '1', '2', '1']
    """
    seen, place, counts = _window(size, kernel_size, stride, padding, dilation, output)
    room = room or len(counts)
    figure, ax = _canvas(2 * room + GAP, room + 0.9)
    left, top = (room - len(counts)) / 2, (room - len(counts)) / 2
    inside = range(padding, padding + size)
    fills, words = {}, {}
    for i, j in np.ndindex(counts.shape):
        if i not in inside or j not in inside:
            fills[i, j] = PADDING
        else:
            words[i, j] = str(counts[i, j])
        if seen[place][i] and seen[place][j]:
            fills[i, j] = WINDOW
    bold = {cell: UNSEEN for cell, word in words.items() if word == "0"}
    _cells(ax, left, top, counts.shape, fills, words, bold)

    n = len(seen)
    left, top = room + GAP + (room - n) / 2, (room - n) / 2
    _cells(ax, left, top, (n, n), {(place, place): WINDOW})
    for x, title in [(room / 2, f"input {size} × {size}"), (room + GAP + room / 2, f"map {n} × {n}")]:
        ax.text(x, -0.45, title, ha="center", va="center", fontsize=10)
    return figure


def describe_window_map(size, kernel_size, stride=1, padding=0, dilation=1, *, output="first"):
    """Say in words what `window_map` shows.

    Examples
    --------
    >>> describe_window_map(7, 3, stride=3, output="last")
    'Input 7 × 7, map 2 × 2. The last output sees rows and columns 3, 4, 5 of the input. 13 pixels unseen.'
    """
    seen, place, counts = _window(size, kernel_size, stride, padding, dilation, output)
    pixels = np.flatnonzero(seen[place]) - padding
    real = [str(p) for p in pixels if 0 <= p < size]
    unseen = int((counts[padding : padding + size, padding : padding + size] == 0).sum())
    text = f"Input {size} × {size}, map {len(seen)} × {len(seen)}. The {output} output sees rows and columns "
    text += ", ".join(real) + " of the input" + (", and padding." if len(real) < len(pixels) else ".")
    return text + (f" {unseen} pixels unseen." if unseen else " No pixel unseen.")


def _window(size, kernel_size, stride, padding, dilation, output):
    seen = seen_by(size, kernel_size, stride, padding, dilation)
    places = {"first": 0, "middle": len(seen) // 2, "last": len(seen) - 1}
    if output not in places:
        raise ValueError(f'output must be "first", "middle" or "last", not {output!r}')
    along = seen.sum(axis=0)
    return seen, places[output], np.outer(along, along)


def pooling_step(image, kernel_size, stride, step, *, kind="maximum"):
    """Draw one step of pooling: the window, the number it leaves, and the outputs before it.

    Parameters
    ----------
    image : array_like, shape (H, W)
    kernel_size, stride : int
    step : int
        Which output, counted from 0 in reading order. Beyond the last one, the last is drawn.
    kind : "maximum" or "average"

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If `kind` is neither, or the window does not fit.

    Examples
    --------
    >>> figure = pooling_step([[1, 5], [2, 0]], 2, 2, 0)
    >>> figure.axes[0].texts[-2].get_text()
    '5'
    """
    image, pooled, (row, column), window = _pooling(image, kernel_size, stride, step, kind)
    (height, width), cells = image.shape, image[window]
    figure, ax = _canvas(2 * width + GAP, height + 0.9)
    inside = {(i, j) for i in range(height)[window[0]] for j in range(width)[window[1]]}
    first = np.unravel_index(cells.argmax(), cells.shape)
    winner = (int(window[0].start + first[0]), int(window[1].start + first[1]))
    marked = {winner} if kind == "maximum" else inside
    fills = {cell: WINDOW if cell in marked else SEEN for cell in inside}
    _cells(ax, 0, 0, image.shape, fills, {cell: f"{value:g}" for cell, value in np.ndenumerate(image)})
    done = row * pooled.shape[1] + column
    words = {cell: f"{value:.3g}" for rank, (cell, value) in enumerate(np.ndenumerate(pooled)) if rank <= done}
    left, top = width + GAP + (width - pooled.shape[1]) / 2, (height - pooled.shape[0]) / 2
    _cells(ax, left, top, pooled.shape, {(row, column): WINDOW}, words)
    ax.text(width + GAP + width / 2, -0.45, kind, ha="center", va="center", fontsize=10)
    return figure


def describe_pooling_step(image, kernel_size, stride, step, *, kind="maximum"):
    """Say in words what `pooling_step` shows.

    Examples
    --------
    >>> describe_pooling_step([[1, 5], [2, 0]], 2, 2, 0)
    'Window on rows 0 to 1 and columns 0 to 1 with the numbers 1, 5, 2, 0; their maximum is 5.'
    """
    image, pooled, place, (rows, columns) = _pooling(image, kernel_size, stride, step, kind)
    numbers = ", ".join(f"{value:g}" for value in image[rows, columns].flat)
    return (
        f"Window on rows {rows.start} to {rows.stop - 1} and columns {columns.start} to {columns.stop - 1} "
        f"with the numbers {numbers}; their {kind} is {pooled[place]:.3g}."
    )


def _pooling(image, kernel_size, stride, step, kind):
    combine = {"maximum": np.max, "average": np.mean}.get(kind)
    if combine is None:
        raise ValueError(f'kind must be "maximum" or "average", not {kind!r}')
    image = np.asarray(image)
    shape = tuple(output_size(n, kernel_size, stride) for n in image.shape)
    windows = np.lib.stride_tricks.sliding_window_view(image, (kernel_size, kernel_size))[::stride, ::stride]
    place = tuple(int(i) for i in np.unravel_index(min(step, shape[0] * shape[1] - 1), shape))
    window = tuple(slice(i * stride, i * stride + kernel_size) for i in place)
    return image, combine(windows, axis=(2, 3)), place, window


def connections(kind, inputs=9, kernel_size=3):
    """Draw a layer in one dimension, inputs below and units above; lines of one colour and style are one weight.

    Parameters
    ----------
    kind : "full", "local" or "shared"
    inputs, kernel_size : int
        There are ``inputs - kernel_size + 1`` units. In the full layer each sees all inputs.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If `kind` is no such word.

    Examples
    --------
    >>> connections("shared").axes[0].get_title()
    'shared weights: 21 connections, 3 weights'
    """
    lines, weights = _wiring(kind, inputs, kernel_size)
    figure, ax = plt.subplots(figsize=(6.4, 2.2))
    many = plt.get_cmap("turbo")
    few = list(itertools.product(["solid", (0, (4, 1.5)), (0, (1, 1))], ["#0072B2", "#E69F00", "#009E73"]))
    few = few[0::4] if kernel_size <= 3 else few  # three that differ in both
    offset = (kernel_size - 1) / 2
    for unit, pixel, weight in lines:
        style, colour = few[weight % len(few)] if kind == "shared" else ("solid", many(weight / weights))
        ax.plot(
            [pixel, unit + offset],
            [0.08, 0.92],
            color=colour,
            linestyle=style,
            linewidth=1.8 if kind != "full" else 0.9,
        )
    units = inputs - kernel_size + 1
    for xs, y, name in [(np.arange(inputs), 0, "inputs"), (np.arange(units) + offset, 1, "units")]:
        ax.scatter(xs, np.full(len(xs), y), s=150, facecolor="white", edgecolor="black", zorder=3)
        ax.text(-0.7, y, name, ha="right", va="center", fontsize=10)
    ax.set(xlim=(-1.9, inputs - 0.5), ylim=(-0.2, 1.2))
    ax.set_title(f"{KINDS[kind]}: {len(lines)} connections, {weights} weights")
    ax.set_axis_off()
    return figure


def describe_connections(kind, inputs=9, kernel_size=3):
    """Say in words what `connections` shows.

    Examples
    --------
    >>> describe_connections("local")
    'Locally connected: 9 inputs, 7 units; each unit is connected to 3 neighbouring inputs. 21 connections, 21 weights.'
    """
    lines, weights = _wiring(kind, inputs, kernel_size)
    sees = "all inputs" if kind == "full" else f"{kernel_size} neighbouring inputs"
    shared = f", the same {weights} for every unit" if kind == "shared" else ""
    units = inputs - kernel_size + 1
    return (
        f"{KINDS[kind].capitalize()}: {inputs} inputs, {units} units; each unit is connected to {sees}. "
        f"{len(lines)} connections, {weights} weights{shared}."
    )


def _wiring(kind, inputs, kernel_size):
    """(unit, pixel, weight) of every connection, and the number of weights."""
    if kind not in KINDS:
        raise ValueError(f'kind must be "full", "local" or "shared", not {kind!r}')
    units = range(inputs - kernel_size + 1)
    sees = [(u, p) for u in units for p in (range(inputs) if kind == "full" else range(u, u + kernel_size))]
    if kind == "shared":
        return [(u, p, p - u) for u, p in sees], kernel_size
    return [(u, p, i) for i, (u, p) in enumerate(sees)], len(sees)


def _canvas(width, height):
    """A figure of so many cells, with room above for a title."""
    figure, ax = plt.subplots(figsize=(0.36 * width, 0.36 * height))
    ax.set_axis_off()
    ax.set_aspect("equal")
    ax.set_xlim(-0.05, width + 0.05)
    ax.set_ylim(height - 0.85, -0.85)
    return figure, ax


def _cells(ax, left, top, shape, fills=None, words=None, colours=None):
    """A table of square cells with its upper left corner at (left, top): colours, and what is written in them."""
    rows, columns = shape
    picture = np.ones((rows, columns, 3)) * to_rgb(PAPER)
    for cell, colour in (fills or {}).items():
        picture[cell] = to_rgb(colour)
    ax.imshow(picture, extent=(left, left + columns, top + rows, top), zorder=1)
    ax.hlines(top + np.arange(rows + 1), left, left + columns, color=LINE, linewidth=0.8, zorder=2)
    ax.vlines(left + np.arange(columns + 1), top, top + rows, color=LINE, linewidth=0.8, zorder=2)
    for (i, j), word in (words or {}).items():
        colour = (colours or {}).get((i, j), "black")
        style = {"color": colour, "weight": "bold" if colour != "black" else "normal", "zorder": 3}
        ax.text(left + j + 0.5, top + i + 0.5, word, ha="center", va="center", fontsize=9, **style)
