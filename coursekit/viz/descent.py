"""Ways down a surface over two weights, seen from above, and in words."""

import matplotlib.pyplot as plt
import numpy as np


def descent_paths(loss, paths, *, xlim, ylim, levels=12, minimum=(0.0, 0.0), ax=None):
    """Draw the contours of a loss over two weights, and the ways that some descents took.

    A path starts at a disc. What leaves the picture is not drawn; the picture does not grow to follow it.

    Parameters
    ----------
    loss : callable
        ``loss(x, y)`` for two arrays of one shape returns an array of that shape.
    paths : dict of str to array_like, shape (T, 2)
        The name of each descent and the places it visited, the start first. One without a name ("") has no legend.
    xlim, ylim : tuple of float
        The part of the plane to draw.
    levels : int
        How many contours; their values grow as squares, so that those of a bowl are evenly spaced.
    minimum : tuple of float, optional
        Where to draw a cross.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a path has another shape.

    Examples
    --------
    >>> ax = descent_paths(lambda x, y: x**2 + y**2, {"": [[3, 1], [1, 0]]}, xlim=(-4, 4), ylim=(-2, 2))
    >>> ax.lines[0].get_xydata().tolist()
    [[3.0, 1.0], [1.0, 0.0]]
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(6.0, 2.6))
    x, y = np.meshgrid(np.linspace(*xlim, 41), np.linspace(*ylim, 33))
    z = loss(x, y)
    heights = z.min() + (z.max() - z.min()) * np.linspace(0, 1, levels + 1)[1:] ** 2
    ax.contour(x, y, z, levels=heights, colors="#B0B0B0", linewidths=0.7, zorder=1)
    for name, path in paths.items():
        path = _checked(path)
        (line,) = ax.plot(*path.T, "o-", markersize=2.5, linewidth=1.2, label=name or None, zorder=3)
        ax.plot(*path[0], "o", markersize=6, color=line.get_color(), zorder=4)
    if minimum is not None:
        ax.plot(*minimum, "+", color="black", markersize=9, zorder=4)
    ax.set(xlim=xlim, ylim=ylim, xlabel="$w_1$", ylabel="$w_2$")
    ax.grid(False)
    if any(paths):
        ax.legend(loc="upper right")
    return ax


def describe_path(path, *, minimum=(0.0, 0.0), near=0.05):
    """Say in words where a descent went: whether it arrives, how often it overshoots, or that it runs away.

    Parameters
    ----------
    path : array_like, shape (T, 2)
    minimum : tuple of float
        Where it should arrive.
    near : float
        The distance that counts as having arrived, as a share of the distance at the start.

    Returns
    -------
    str

    Examples
    --------
    >>> describe_path([[4, 1], [2, -0.5], [1, 0.25], [0.1, -0.1]])
    'After 3 steps 0.14 from the minimum. It arrives at step 3; w1 changes its side 0 times, w2 3 times.'
    """
    away = _checked(path) - np.asarray(minimum, float)
    distance = np.linalg.norm(away, axis=1)
    crossings = [int(np.sum(np.diff(np.sign(column[column != 0])) != 0)) for column in away.T]
    sides = f"w1 changes its side {crossings[0]} times, w2 {crossings[1]} times"
    if not np.isfinite(distance[-1]) or distance[-1] > distance[0]:
        return f"It runs away: after {len(away) - 1} steps {distance[-1]:.2g} from the minimum; {sides}."
    outside = np.flatnonzero(distance > near * distance[0])
    arrived = outside[-1] + 1 if len(outside) else 0
    where = f"It arrives at step {arrived}" if arrived < len(away) else "It has not arrived yet"
    return f"After {len(away) - 1} steps {distance[-1]:.2g} from the minimum. {where}; {sides}."


def _checked(path):
    path = np.asarray(path, float)
    if path.ndim != 2 or path.shape[1] != 2 or not len(path):
        raise ValueError(f"a path holds two weights for every place, shape (T, 2), not {path.shape}")
    return path
