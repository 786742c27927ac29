"""A classifier of points in the plane, drawn as a map: which class it gives to which place, and the data on top."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb

COLOURS = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000", "#F0E442"]  # as in the style
MARKERS = "os^Dv<>P"


def decision_regions(predict, X, y, *, extent=None, resolution=120, ax=None):
    """Draw which class a classifier gives to every point of a rectangle, and the examples with their true classes.

    Every class has a colour and a marker of its own; examples on the wrong side have a black edge.

    Parameters
    ----------
    predict : callable
        Takes points, shape (N, 2), and returns their classes, integers of shape (N,).
    X, y : array_like, shapes (M, 2) and (M,)
        Examples and their classes, from 0 to 7.
    extent : (left, right, bottom, top), optional
        The rectangle; the examples with a margin of a tenth unless given.
    resolution : int
        Points of the grid along each side.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If shapes do not fit, or a class is none of 0 to 7.

    Examples
    --------
    >>> ax = decision_regions(lambda points: (points[:, 0] > 0).astype(int), [[-1, 0], [1, 0]], [0, 1])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['class 0', 'class 1']
    """
    X, y, extent = _checked(X, y, extent)
    classes = _classes(predict, grid(extent, resolution))
    if ax is None:
        _, ax = plt.subplots(figsize=(3.4, 3.4))
    tints = np.array([[1 - 0.3 * (1 - channel) for channel in to_rgb(colour)] for colour in COLOURS])
    ax.imshow(tints[classes.reshape(resolution, resolution)], origin="lower", extent=extent, aspect="auto")
    wrong = _classes(predict, X) != y
    for k in np.unique(y):
        for at, edge, width in [((y == k) & ~wrong, "white", 0.5), ((y == k) & wrong, "black", 1.2)]:
            label = f"class {k}" if edge == "white" or not ((y == k) & ~wrong).any() else None
            if at.any():
                style = {"color": COLOURS[k], "edgecolors": edge, "linewidths": width}
                ax.scatter(*X[at].T, s=22, marker=MARKERS[k], label=label, **style)
    ax.set(xlim=extent[:2], ylim=extent[2:], xlabel="x₁", ylabel="x₂")
    ax.grid(False)
    ax.legend(loc="upper right", fontsize=8, frameon=True, framealpha=0.8)
    return ax


def describe_regions(predict, X, y, *, extent=None, resolution=120):
    """Say in words what `decision_regions` draws with the same arguments: its alternative text.

    Examples
    --------
    >>> describe_regions(lambda points: (points[:, 0] > 0).astype(int), [[-1, 0], [1, 0]], [0, 1])
    'Map of the plane: class 0 has 50 % of the area, class 1 has 50 %. All 2 examples lie in their own colour.'
    """
    X, y, extent = _checked(X, y, extent)
    classes = _classes(predict, grid(extent, resolution))
    kinds = np.union1d(classes, y)
    shares = [f"class {k} has {np.mean(classes == k):.0%}".replace("%", " %") for k in kinds]
    shares[0] += " of the area"
    wrong = int(np.sum(_classes(predict, X) != y))
    mistakes = f"{wrong} of {len(y)} examples lie" if wrong else f"All {len(y)} examples lie"
    where = "in another colour than their own" if wrong else "in their own colour"
    return f"Map of the plane: {', '.join(shares)}. {mistakes} {where}."


def linear_regions(pattern, extent, *, resolution=400, ax=None):
    """Draw the pieces of the plane on which a network of ReLUs is linear, and count those that the grid meets.

    Within a piece, the same units are on. Pieces smaller than a cell of the grid may be missed, so the number is a
    lower bound.

    Parameters
    ----------
    pattern : callable
        Takes points, shape (N, 2), and returns which units are on, shape (N, units).
    extent : (left, right, bottom, top)
    resolution : int
        Points of the grid along each side.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it nothing is drawn.

    Returns
    -------
    int

    Examples
    --------
    >>> linear_regions(lambda points: points > 0, (-1, 1, -1, 1))      # two lines that cross
    4
    """
    on = np.asarray(pattern(grid(extent, resolution)), bool)
    packed = np.ascontiguousarray(np.packbits(on, axis=1))
    rows = packed.view(f"V{packed.shape[1]}").ravel()  # one opaque value for each point
    kinds, number = np.unique(rows, return_inverse=True)
    if ax is not None:
        pale = 0.55 + 0.45 * np.random.default_rng(0).random((len(kinds), 3))
        picture = pale[number.reshape(resolution, resolution)]
        ax.imshow(picture, origin="lower", extent=extent, aspect="auto")
        ax.set(xlim=extent[:2], ylim=extent[2:], xlabel="x₁", ylabel="x₂")
        ax.grid(False)
    return len(kinds)


def grid(extent, resolution):
    """Return the points of a square grid over a rectangle, shape (resolution², 2), the lowest row first."""
    left, right, bottom, top = extent
    x, y = np.meshgrid(np.linspace(left, right, resolution), np.linspace(bottom, top, resolution))
    return np.column_stack([x.ravel(), y.ravel()])


def _classes(predict, points):
    classes = np.asarray(predict(points))
    if classes.shape != points.shape[:1]:
        raise ValueError(f"predict must return one class for each of {len(points)} points, got shape {classes.shape}")
    if not (np.issubdtype(classes.dtype, np.integer) or classes.dtype == bool):
        raise ValueError(f"predict must return classes, integers from 0 to {len(COLOURS) - 1}, got {classes.dtype}")
    return _allowed(classes.astype(int), "predict")


def _checked(X, y, extent):
    X, y = np.asarray(X, float), np.asarray(y)
    if X.ndim != 2 or X.shape[1] != 2 or y.shape != X.shape[:1]:
        raise ValueError(f"X and y must have shapes (M, 2) and (M,), got {X.shape} and {y.shape}")
    if extent is None:
        low, high = X.min(axis=0), X.max(axis=0)
        margin = 0.1 * (high - low).max()
        extent = (low[0] - margin, high[0] + margin, low[1] - margin, high[1] + margin)
    return X, _allowed(y.astype(int), "y"), extent


def _allowed(classes, name):
    if classes.size and not 0 <= classes.min() <= classes.max() < len(COLOURS):
        raise ValueError(f"{name}: classes must lie from 0 to {len(COLOURS) - 1}, got {np.unique(classes)}")
    return classes
