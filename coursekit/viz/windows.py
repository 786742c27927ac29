"""Windows on their way over an image: which pixels an output sees, what pooling keeps, and which weights are one."""

import itertools

import matplotlib.pyplot as plt
import numpy as np

from coursekit.counting import output_size
from coursekit.viz import cells

WINDOW, UNSEEN, PADDING = "#E69F00", "#D55E00", "#D9D9D9"
SEEN = "#FBE3B0"  # WINDOW, pale: numbers stay readable on it
GAP, CELL = 1.4, 0.36  # cells between two tables; side of a cell in inches
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
    figure, ax = cells.canvas(2 * room + GAP, room, cell=CELL)
    inside = np.zeros(counts.shape, bool)
    inside[padding : padding + size, padding : padding + size] = True
    window = np.outer(seen[place], seen[place])
    fills = dict.fromkeys(zip(*np.nonzero(~inside), strict=True), PADDING)
    fills |= dict.fromkeys(zip(*np.nonzero(window), strict=True), WINDOW)
    missed = dict.fromkeys(zip(*np.nonzero(inside & (counts == 0)), strict=True), UNSEEN)
    corner = ((room - len(counts)) / 2,) * 2
    cells.table(ax, corner, cells.written(counts, inside), fills=fills, colours=missed, size=9)

    n = len(seen)
    corner = (room + GAP + (room - n) / 2, (room - n) / 2)
    cells.table(ax, corner, np.full((n, n), ""), fills={(place, place): WINDOW})
    for x, title in [(room / 2, f"input {size} × {size}"), (room + GAP + room / 2, f"map {n} × {n}")]:
        cells.line(ax, x, -0.45, title)
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
    (height, width), pixels = image.shape, image[window]
    figure, ax = cells.canvas(2 * width + GAP, height, cell=CELL)
    inside = {(i, j) for i in range(height)[window[0]] for j in range(width)[window[1]]}
    first = np.unravel_index(pixels.argmax(), pixels.shape)
    winner = (int(window[0].start + first[0]), int(window[1].start + first[1]))
    marked = {winner} if kind == "maximum" else inside
    fills = {cell: WINDOW if cell in marked else SEEN for cell in inside}
    cells.table(ax, (0, 0), cells.written(image), fills=fills, size=9)
    done = np.arange(pooled.size).reshape(pooled.shape) <= row * pooled.shape[1] + column
    corner = (width + GAP + (width - pooled.shape[1]) / 2, (height - pooled.shape[0]) / 2)
    cells.table(ax, corner, cells.written(pooled, done, digits=3), fills={(row, column): WINDOW}, size=9)
    cells.line(ax, width + GAP + width / 2, -0.45, kind)
    return figure


def describe_pooling_step(image, kernel_size, stride, step, *, kind="maximum"):
    """Say in words what `pooling_step` shows.

    Examples
    --------
    >>> describe_pooling_step([[1, 5], [2, 0]], 2, 2, 0)
    'Window on rows 0 to 1 and columns 0 to 1 with the numbers 1, 5, 2, 0; their maximum is 5.'
    """
    image, pooled, place, (rows, columns) = _pooling(image, kernel_size, stride, step, kind)
    numbers = ", ".join(map(cells.number, image[rows, columns].flat))
    return (
        f"Window on rows {rows.start} to {rows.stop - 1} and columns {columns.start} to {columns.stop - 1} "
        f"with the numbers {numbers}; their {kind} is {cells.number(pooled[place], 3)}."
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
