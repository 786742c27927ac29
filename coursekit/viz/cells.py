"""Tables of square cells with numbers in them: the ground on which convolution, pooling and their gradients are drawn.

A cell has side 1, and y grows downwards, as rows do: the cell in row i and column j of a table whose upper left corner
is at (left, top) covers left + j to left + j + 1 and top + i to top + i + 1.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb

from coursekit.viz.fixed import no_layout

LINE, PAPER = "#999999", "#FFFFFF"
GAP = 1  # cells between two tables


def canvas(width, height, *, cell, below=0.0):
    """Make an empty drawing of so many cells, with room for titles above and for `below` cells of text below.

    Parameters
    ----------
    width, height : float
        In cells.
    cell : float
        Side of a cell, in inches.

    Returns
    -------
    matplotlib.figure.Figure, matplotlib.axes.Axes
    """
    figure = plt.figure(figsize=(cell * width + 0.1, cell * (height + 0.9 + below)), layout=no_layout())
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_axis_off()
    ax.set_aspect("equal")
    ax.set_xlim(-0.05, width + 0.05)
    ax.set_ylim(height + 0.05 + below, -0.85)
    return figure, ax


def side_by_side(shapes, *, cell, below=0.0):
    """Make an empty drawing for tables of these shapes, in one row, each in the middle of its height.

    Returns
    -------
    matplotlib.figure.Figure, matplotlib.axes.Axes
    corners : list of (left, top)

    Examples
    --------
    >>> figure, ax, corners = side_by_side([(4, 4), (2, 2)], cell=0.4)
    >>> corners
    [(0, 0.0), (5, 1.0)]
    """
    height = max(rows for rows, _ in shapes)
    figure, ax = canvas(sum(columns + GAP for _, columns in shapes) - GAP, height, cell=cell, below=below)
    corners, left = [], 0
    for rows, columns in shapes:
        corners.append((left, (height - rows) / 2))
        left += columns + GAP
    return figure, ax, corners


def table(ax, corner, words, *, title=None, fills=None, colours=None, size=10):
    """Draw one table.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    corner : (left, top)
    words : array_like of str, shape (rows, columns)
        What to write into the cells; see `written`.
    title : str, optional
        Stands above.
    fills, colours : dict, optional
        {(row, column): colour} of cells that are not white, of words that are not black; the latter are bold.
    size : float
        Of the letters, in points.
    """
    (left, top), words = corner, np.asarray(words)
    rows, columns = words.shape
    picture = np.ones((rows, columns, 3)) * to_rgb(PAPER)
    for cell, colour in (fills or {}).items():
        picture[cell] = to_rgb(colour)
    ax.imshow(picture, extent=(left, left + columns, top + rows, top), zorder=1)
    ax.hlines(top + np.arange(rows + 1), left, left + columns, color=LINE, linewidth=0.8, zorder=2)
    ax.vlines(left + np.arange(columns + 1), top, top + rows, color=LINE, linewidth=0.8, zorder=2)
    if title is not None:
        line(ax, left + columns / 2, top - 0.4, title)
    for (i, j), word in np.ndenumerate(words):
        if word:
            colour = (colours or {}).get((i, j), "black")
            style = {"color": colour, "weight": "bold" if colour != "black" else "normal", "zorder": 3}
            line(ax, left + j + 0.5, top + i + 0.5, word, size, **style)


def frame(ax, corner, cell, shape=(1, 1), *, colour):
    """Put a frame around cells of a table, from `cell` on."""
    place = (corner[0] + cell[1], corner[1] + cell[0])
    ax.add_patch(plt.Rectangle(place, shape[1], shape[0], fill=False, edgecolor=colour, linewidth=2.5, zorder=4))


def line(ax, x, y, text, size=10, **style):
    """Write a line of text with its middle at (x, y)."""
    ax.text(x, y, text, ha="center", va="center", fontsize=size, **style)


def caption(ax, text):
    """Write a line of text below all tables; `canvas` needs ``below=1`` for it."""
    line(ax, sum(ax.get_xlim()) / 2, ax.get_ylim()[0] - 0.4, text, 9)


def written(values, shown=None, digits=6):
    """Write numbers as words for a `table`, and leave out those that are not shown yet.

    Parameters
    ----------
    values : array_like of numbers
    shown : array_like of bool, optional
        Of the same shape.
    digits : int
        Significant ones.

    Examples
    --------
    >>> written([[0.5, -2]], [[False, True]])
    array([['', '−2']], dtype='<U2')
    """
    values = np.asarray(values)
    shown = np.ones(values.shape, bool) if shown is None else np.asarray(shown)
    words = [number(value, digits) if show else "" for value, show in zip(values.flat, shown.flat, strict=True)]
    return np.array(words).reshape(values.shape)


def number(value, digits=6):
    """Write one number, with a minus sign and not a hyphen.

    Examples
    --------
    >>> number(-2.0)
    '−2'
    """
    return f"{value:.{digits}g}".replace("-", "−")


def total(products, result):
    """Write out a sum of products.

    Examples
    --------
    >>> total([(1, 2), (2, -4)], -6)
    '1·2 + 2·(−4) = −6'
    """
    written_out = " + ".join("·".join(f"({number(n)})" if n < 0 else number(n) for n in pair) for pair in products)
    return f"{written_out} = {number(result)}"
