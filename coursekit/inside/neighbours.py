"""Images as points: the numbers that a layer gives for each, and which of them lie close together.

Taught in the chapter on images that excite.
"""

import numpy as np
import torch

from coursekit.inside.borrowing import borrowed, output_at
from coursekit.training.progress import progress_bar


def codes(model, images, layer=None, *, batch_size=100, progress=True):
    """Return what a layer says about every image, as rows of numbers.

    Parameters
    ----------
    model : torch.nn.Module
        Is left as it was.
    images : ndarray or torch.Tensor, shape (N, C, H, W)
        As the model takes them.
    layer : str, optional
        The name of a layer, as in ``model.named_modules()``; the output of the network unless given.
    batch_size : int
        How many go through the network at a time.
    progress : bool
        Show a bar if somebody is watching.

    Returns
    -------
    ndarray of float32, shape (N, D)
        Maps are flattened: D = C · H · W.

    Raises
    ------
    ValueError
        If there are no images, or there is no such layer.

    Examples
    --------
    >>> model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 5))
    >>> codes(model, np.zeros((7, 3, 2, 2), np.float32)).shape
    (7, 5)
    """
    images = torch.as_tensor(images)
    if images.ndim != 4 or not len(images):
        raise ValueError(f"images: expected shape (N, C, H, W) with N at least 1, got {tuple(images.shape)}")
    rows = []
    with borrowed(model) as device, torch.no_grad(), progress_bar(len(images), 0, progress) as bar:
        for batch in images.split(batch_size):
            rows.append(output_at(model, layer, batch.to(device)).flatten(1).float().cpu().numpy())
            bar.update(len(batch))
    return np.concatenate(rows)


def nearest(queries, points, k=5, metric="euclidean"):
    """Find the points that lie closest to each query.

    Parameters
    ----------
    queries : array_like, shape (Q, D)
    points : array_like, shape (N, D)
    k : int
        How many.
    metric : str
        "euclidean", or "cosine": one minus the cosine of the angle, so that lengths do not count.

    Returns
    -------
    indices : ndarray of int, shape (Q, k)
        The closest first.
    distances : ndarray of float, shape (Q, k)

    Raises
    ------
    ValueError
        If sizes do not fit, there are fewer than k points, or there is no such metric.

    Examples
    --------
    >>> indices, distances = nearest([[0.0, 0.0]], [[3.0, 4.0], [0.0, 1.0], [9.0, 9.0]], k=2)
    >>> indices.tolist(), distances.tolist()
    ([[1, 0]], [[1.0, 5.0]])
    """
    queries, points = np.asarray(queries, float), np.asarray(points, float)
    if queries.ndim != 2 or points.ndim != 2 or queries.shape[1] != points.shape[1]:
        raise ValueError(f"queries {queries.shape} and points {points.shape} must be (Q, D) and (N, D) with the same D")
    if not 1 <= k <= len(points):
        raise ValueError(f"k: from 1 to {len(points)}, the number of points, got {k}")
    if metric == "cosine":
        queries, points = _unit(queries), _unit(points)
        distances = np.maximum(1 - queries @ points.T, 0)
    elif metric == "euclidean":
        distances = np.sqrt(squared_distances(queries, points))
    else:
        raise ValueError(f"metric: 'euclidean' or 'cosine', got {metric!r}")
    indices = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return indices, np.take_along_axis(distances, indices, axis=1)


def squared_distances(a, b):
    """Return the squared distance of every row of `a` to every row of `b`, (M, N), by one matrix product."""
    a, b = np.asarray(a), np.asarray(b)
    return np.maximum(np.square(a).sum(1)[:, None] - 2 * a @ b.T + np.square(b).sum(1)[None], 0)


def _unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
