"""A linear unit with two inputs, drawn in the plane of its inputs: its line, its two sides, and the examples."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap

POSITIVE, NEGATIVE = "#E69F00", "#0072B2"  # the class +1, a filled disc; the class -1, an open square
_SIDES = ListedColormap(["#E3EEF5", "#FBF0D8"])


def decision_line(weights, X=None, y=None, *, ring=None, arrow=True, xlim=(-0.7, 1.7), ylim=(-0.7, 1.7), ax=None):
    """Draw the line where w·x + b = 0, the side where the score is positive, and the examples.

    Discs are examples of the class +1, squares of the class -1. The arrow stands on the line and has the direction
    of w: it points to the positive side. With w = 0 there is no line, and the sign of b decides about the whole plane.

    Parameters
    ----------
    weights : array_like, shape (3,)
        w1, w2 and the bias b, as in `coursekit.scratch.linear`.
    X, y : array_like, shapes (N, 2) and (N,), optional
        Examples, and their classes -1 and +1.
    ring : int, optional
        The number of an example to draw a ring around.
    arrow : bool
        Whether to draw the direction of w.
    xlim, ylim : tuple of float
        The part of the plane to draw.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a shape does not fit.

    Examples
    --------
    >>> ax = decision_line([2, 2, -3], [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, -1, -1, 1])
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('$x_1$', '$x_2$')
    """
    weights, X, y = _checked(weights, X, y)
    w, b = weights[:2], weights[2]
    if ax is None:
        _, ax = plt.subplots(figsize=(3.2, 3.2))
    corners = np.array([[w @ (a, c) + b for a in xlim] for c in ylim])
    if corners.any():  # else every score is 0 and there are no sides
        huge = np.abs(corners).max() + 1
        ax.contourf(xlim, ylim, corners, levels=[-huge, 0, huge], cmap=_SIDES, vmin=-1, vmax=1)
    if w.any():
        middle = np.array([np.mean(xlim), np.mean(ylim)])
        foot, normal = middle - w * (w @ middle + b) / (w @ w), w / np.linalg.norm(w)
        ax.axline(foot, foot + np.array([-normal[1], normal[0]]), color="black", linewidth=1.5)
        if arrow:
            head = {"arrowstyle": "-|>", "color": "black", "shrinkA": 0, "shrinkB": 0}
            ax.annotate("", foot + 0.12 * (xlim[1] - xlim[0]) * normal, foot, arrowprops=head, annotation_clip=True)
    positive = y > 0
    few = len(X) <= 20
    style = {"s": 45 if few else 14, "zorder": 3, "clip_on": False}
    ax.scatter(*X[positive].T, color=POSITIVE, edgecolor="black", linewidth=0.8 if few else 0.4, **style)
    ax.scatter(*X[~positive].T, facecolor="white", edgecolor=NEGATIVE, linewidth=2 if few else 1, marker="s", **style)
    if ring is not None:
        ax.scatter(*X[ring], s=230, facecolor="none", edgecolor="#D55E00", linewidth=2, zorder=4)
    ax.set(xlim=xlim, ylim=ylim, xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    ax.grid(False)
    return ax


def describe_line(weights, X, y):
    """Say in words what `decision_line` shows: which examples lie on which side, and which of them are wrong.

    A score of exactly 0 counts as wrong whatever the class, as it does while a perceptron learns.

    Parameters
    ----------
    weights, X, y
        As for `decision_line`; up to eight examples are named one by one.

    Returns
    -------
    str

    Examples
    --------
    >>> describe_line([1, 1, -1], [[0, 0], [0, 1], [1, 1]], [-1, -1, 1])
    'Positive side: (1, 1). Negative side: (0, 0). On the line: (0, 1). Wrong: (0, 1).'
    """
    weights, X, y = _checked(weights, X, y)
    z = X @ weights[:2] + weights[2]
    between = "On the line" if weights[:2].any() else "No line, since both weights are zero; score 0"
    groups = {"Positive side": z > 0, "Negative side": z < 0, between: z == 0, "Wrong": y * z <= 0}
    return " ".join(
        f"{name}: {_named(X[chosen])}." for name, chosen in groups.items() if name != between or z[chosen].size
    )


def _named(points):
    if not len(points):
        return "none"
    if len(points) > 8:
        return f"{len(points)} examples"
    return ", ".join(f"({a:g}, {b:g})" for a, b in points)


def _checked(weights, X, y):
    weights = np.asarray(weights, float)
    if weights.shape != (3,):
        raise ValueError(f"weights must hold w1, w2 and b, shape (3,), not {weights.shape}")
    X = np.zeros((0, 2)) if X is None else np.asarray(X, float)
    y = np.zeros(0) if y is None else np.asarray(y, float)
    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(f"X must hold two numbers for each example, shape (N, 2), not {X.shape}")
    if y.shape != X.shape[:1]:
        raise ValueError(f"X holds {len(X)} examples, so y must have shape ({len(X)},), not {y.shape}")
    return weights, X, y
