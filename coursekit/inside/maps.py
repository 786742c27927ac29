"""Many numbers for each image, drawn as points in a plane: the best plane there is, or neighbourhoods unrolled.

Taught in the chapter on images that excite.
"""

import numpy as np

from coursekit.inside.neighbours import squared_distances
from coursekit.training.progress import progress_bar


def principal_plane(rows):
    """Drop points onto the plane in which they vary most.

    Parameters
    ----------
    rows : array_like, shape (N, D)

    Returns
    -------
    points : ndarray, shape (N, 2)
        With mean 0, the first coordinate varying most.
    share : float
        How much of the variance of all D numbers the plane keeps, from 0 to 1.

    Examples
    --------
    >>> points, share = principal_plane([[0, 0, 0], [2, 0, 0], [0, 1, 0], [2, 1, 0]])
    >>> points.shape, round(share, 3)
    ((4, 2), 1.0)
    """
    rows = np.asarray(rows, float)
    if rows.ndim != 2 or min(rows.shape) < 2:
        raise ValueError(f"rows: expected shape (N, D), both at least 2, got {rows.shape}")
    centred = rows - rows.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    return u[:, :2] * s[:2], float(np.sum(s[:2] ** 2) / np.sum(s**2))


def affinities(rows, perplexity=30.0):
    """For every point, how likely it would pick each other point as its neighbour.

    Point i picks j with a probability that falls off as a Gaussian of their distance. The width of the Gaussian is
    found by bisection for every point by itself, so that the choice is among `perplexity` points, as it were: the
    entropy of its distribution is the logarithm of that.

    Parameters
    ----------
    rows : array_like, shape (N, D)
    perplexity : float
        Less than N.

    Returns
    -------
    ndarray, shape (N, N)
        Each row sums to 1; the diagonal is 0.

    Examples
    --------
    >>> p = affinities([[0.0], [1.0], [5.0], [6.0]], perplexity=1.5)
    >>> bool(p[0, 1] > 0.8), p.sum(axis=1).round(6).tolist()
    (True, [1.0, 1.0, 1.0, 1.0])
    """
    rows = np.asarray(rows, float)
    if not 1 < perplexity < len(rows) - 1:
        raise ValueError(f"perplexity: between 1 and {len(rows) - 1}, the other points, got {perplexity:g}")
    distances = squared_distances(rows, rows)
    np.fill_diagonal(distances, np.inf)
    distances -= distances.min(axis=1, keepdims=True)  # changes nothing, and keeps exp in range
    precision, low, high = np.ones(len(rows)), np.zeros(len(rows)), np.full(len(rows), np.inf)
    precision /= np.median(distances, axis=1) + 1e-12
    for _ in range(50):
        p = np.exp(-distances * precision[:, None])
        p /= p.sum(axis=1, keepdims=True)
        entropy = -np.sum(p * np.log(np.maximum(p, 1e-300)), axis=1)
        too_wide = entropy > np.log(perplexity)
        low, high = np.where(too_wide, precision, low), np.where(too_wide, high, precision)
        precision = np.where(np.isinf(high), 2 * precision, (low + high) / 2)
    return p


def tsne(rows, *, perplexity=30.0, steps=500, seed=0, progress=True):
    """Lay points out in a plane so that neighbours stay neighbours; t-SNE, exactly as published.

    The layout minimises the Kullback-Leibler divergence between two distributions over pairs: P, from `affinities` in
    the space of the rows, and Q, which falls off in the plane as 1 / (1 + distance²). It costs N² numbers in memory and
    in each step, fine for a few thousand points (van der Maaten and Hinton, "Visualizing Data using t-SNE", 2008).

    Parameters
    ----------
    rows : array_like, shape (N, D)
    perplexity : float
        How many neighbours each point has, about.
    steps : int
        Of gradient descent. In the first quarter, 250 at most, attraction is twelve times as strong.
    seed : int
        Of the start, which is the principal plane made small, and a little noise.
    progress : bool
        Show a bar if somebody is watching.

    Returns
    -------
    points : ndarray, shape (N, 2)
    divergence : float
        What was minimised, at the end.

    Raises
    ------
    ValueError
        If the perplexity is not between 1 and the number of other points.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> two_heaps = np.concatenate([rng.normal(size=(20, 10)), rng.normal(size=(20, 10)) + 9])
    >>> points, _ = tsne(two_heaps, perplexity=5, steps=250)
    >>> from_each_other = np.linalg.norm(points[:20].mean(0) - points[20:].mean(0))
    >>> bool(from_each_other > 2 * points[:20].std())
    True
    """
    p = affinities(rows, perplexity)
    p = ((p + p.T) / (2 * len(p))).astype(np.float32)
    plane, _ = principal_plane(rows)
    rng = np.random.default_rng(seed)
    points = (plane / plane.std() * 1e-4 + rng.normal(scale=1e-6, size=plane.shape)).astype(np.float32)
    move, gains, early = np.zeros_like(points), np.ones_like(points), min(250, steps // 4)
    rate = max(len(p) / 48, 50)
    with progress_bar(steps, 0, progress) as bar:
        for step in range(steps):
            gradient = divergence_and_gradient(points, p * 12 if step < early else p)[1]
            # A rate for every coordinate: larger while it keeps its direction, smaller when it turns (Jacobs 1988).
            gains = np.maximum(np.where(np.sign(gradient) != np.sign(move), gains + 0.2, gains * 0.8), 0.01)
            move = (0.5 if step < early else 0.8) * move - rate * gains * gradient
            points = points + move
            points -= points.mean(axis=0)
            bar.update()
    return points, float(divergence_and_gradient(points, p)[0])


def divergence_and_gradient(points, p):
    """What t-SNE minimises, and its gradient.

    Parameters
    ----------
    points : ndarray, shape (N, 2)
    p : ndarray, shape (N, N)
        Symmetric, with zeros on the diagonal. Sums to 1, unless attraction is exaggerated.

    Returns
    -------
    divergence : float
        The sum of p log(p / q) over pairs.
    gradient : ndarray, shape (N, 2)
    """
    closeness = 1 / (1 + squared_distances(points, points))
    np.fill_diagonal(closeness, 0)
    q = closeness / closeness.sum()
    pull = (p - q) * closeness
    gradient = 4 * (pull.sum(axis=1)[:, None] * points - pull @ points)
    divergence = np.sum(p * np.log(np.maximum(p, 1e-12) / np.maximum(q, 1e-12)))
    return divergence, gradient
