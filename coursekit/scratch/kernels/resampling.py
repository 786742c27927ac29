"""Images of another size: each new pixel is a mixture of old ones, in fixed proportions.

Interpolation is linear in the pixels, and rows and columns are treated one after the other. So two small matrices say
everything: ``rows @ image @ columns.T``. Which interpolation it is, up or down and by which ratio, stands in the
matrices alone; the gradient is the product with their transposes.
"""

import numpy as np

from coursekit.scratch.kernels.windows import batch_first, rows_first


def resample(x, rows, columns):
    """Change the size of images.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    rows : ndarray, shape (new H, H)
    columns : ndarray, shape (new W, W)
        How much of every old row (column) goes into every new one, see `nearest_weights` and `bilinear_weights`.

    Returns
    -------
    ndarray, shape (N, C, new H, new W)

    Examples
    --------
    >>> resample(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), nearest_weights(2, 3), nearest_weights(2, 4))
    array([[[[1., 1., 2., 2.],
             [1., 1., 2., 2.],
             [3., 3., 4., 4.]]]])
    """
    rows, columns = rows.astype(x.dtype), columns.astype(x.dtype)
    x = np.tensordot(rows, rows_first(x), 1)
    return batch_first(columns @ x)


def resample_gradient(grad, rows, columns):
    """Gradient of `resample` with respect to `x`: every old pixel collects from the new ones, in the same proportions.

    Examples
    --------
    >>> resample_gradient(np.ones((1, 1, 3, 4)), nearest_weights(2, 3), nearest_weights(2, 4))
    array([[[[4., 4.],
             [2., 2.]]]])
    """
    return resample(grad, rows.T, columns.T)


def pick(x, rows, columns):
    """What `resample` does with `nearest_weights`, by copying: with them, 0 times an infinite pixel would be nan.

    Examples
    --------
    >>> pick(np.array([[[[1.0, np.inf]]]]), nearest_weights(1, 1), nearest_weights(2, 4))
    array([[[[ 1.,  1., inf, inf]]]])
    """
    return batch_first(rows_first(x).take(rows.argmax(axis=1), axis=0).take(columns.argmax(axis=1), axis=2))


def nearest_weights(size, new_size, scale_factor=None):
    """Weights with which each new pixel copies one old one: number ⌊i · size / new_size⌋, as in PyTorch.

    Parameters
    ----------
    size, new_size : int
        Numbers of old and new pixels along one side.
    scale_factor : float, optional
        Takes the place of ``new_size / size``, from which it differs where ``new_size`` had to be rounded.

    Returns
    -------
    ndarray, shape (new_size, size)

    Examples
    --------
    >>> nearest_weights(2, 3)
    array([[1., 0.],
           [1., 0.],
           [0., 1.]])
    """
    step = _step(size, new_size, None if new_size == 2 * size else scale_factor)
    # In single precision, as in PyTorch: it decides which places fall just short of a whole number.
    nearest = np.floor(np.arange(new_size, dtype=np.float32) * step).astype(int)
    return np.eye(size)[np.minimum(nearest, size - 1)]


def bilinear_weights(size, new_size, scale_factor=None, align_corners=False):
    """Weights with which each new pixel mixes the two old ones beside it: one minus the distance to each.

    Parameters
    ----------
    size, new_size, scale_factor
        As for `nearest_weights`.
    align_corners : bool
        Whether the centres of the outermost pixels keep their places; otherwise their outer edges do.

    Returns
    -------
    ndarray, shape (new_size, size)

    Examples
    --------
    >>> bilinear_weights(2, 4)
    array([[1.  , 0.  ],
           [0.75, 0.25],
           [0.25, 0.75],
           [0.  , 1.  ]])
    >>> bilinear_weights(2, 3, align_corners=True)
    array([[1. , 0. ],
           [0.5, 0.5],
           [0. , 1. ]])
    """
    if align_corners:
        place = np.arange(new_size) * (size - 1) / max(new_size - 1, 1)
    else:
        place = (np.arange(new_size) + 0.5) * _step(size, new_size, scale_factor) - 0.5
    distance = np.abs(place.clip(0, size - 1)[:, None] - np.arange(size))
    return np.maximum(1 - distance, 0)


def _step(size, new_size, scale_factor):
    """How many old pixels one new pixel stands for."""
    return size / new_size if scale_factor is None or size == new_size else 1 / scale_factor
