"""A photograph and a kernel whose nine numbers the reader changes."""

import matplotlib.pyplot as plt
import numpy as np

from coursekit.viz.images import SIGNED
from coursekit.viz.live import Live, packed

__all__ = ["try_kernels"]


def try_kernels(photograph, kernels, *, first=None, window=None, limit=1.5):
    """Let the reader change a 3 × 3 kernel and see what it makes of a photograph, and of one window of it.

    The result is a cross-correlation without padding, as everywhere in the course. It is drawn in grey, or, where the
    kernel's numbers add up to 0, in red and blue. Taught in the chapter on convolution.

    Parameters
    ----------
    photograph : array_like, shape (H, W)
        Grey values from 0 to 1. They are kept as bytes.
    kernels : dict of array_like, shape (3, 3)
        Name to kernel: what the reader starts from.
    first : str, optional
        The kernel that is shown first; otherwise the first.
    window : (int, int), optional
        The pixel in the middle of the window that is shown first; otherwise the one in the middle.
    limit : float
        What is drawn in full colour where there are signs.

    Returns
    -------
    Live
        Shows itself when it is the last expression of a cell.

    Raises
    ------
    ValueError
        If the photograph is not two-dimensional or not between 0 and 1, a kernel is not 3 × 3, or `first` is not
        among them.

    Examples
    --------
    >>> try_kernels(np.eye(5), {"identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]]})
    try_kernels: A photograph of 5 by 5 pixels and a kernel to change
    """
    photograph = np.asarray(photograph, dtype=float)
    if photograph.ndim != 2 or min(photograph.shape) < 3 or photograph.min() < 0 or photograph.max() > 1:
        raise ValueError(
            f"photograph: shape {photograph.shape} with values from {photograph.min():g} to {photograph.max():g}; "
            "expected (H, W), at least 3 by 3, with values from 0 to 1"
        )
    kernels = {name: np.asarray(kernel, dtype=float) for name, kernel in kernels.items()}
    for name, kernel in kernels.items():
        if kernel.shape != (3, 3):
            raise ValueError(f"kernels: {name!r} has shape {kernel.shape}; expected (3, 3)")
    first = next(iter(kernels)) if first is None else first
    if first not in kernels:
        raise ValueError(f"first: {first!r} is not among {', '.join(kernels)}")
    height, width = photograph.shape
    colours = plt.get_cmap(SIGNED)(np.linspace(0, 1, 255))[:, :3]
    return Live(
        "try_kernels",
        f"A photograph of {height} by {width} pixels and a kernel to change",
        "A photograph and a kernel to change belong here. They need JavaScript: open this page in a browser that runs "
        "it, or run this cell in JupyterLab.",
        {
            "photograph": packed(np.round(255 * photograph), "u1"),
            "colours": packed(np.round(255 * colours), "u1"),
            "kernels": {name: kernel.ravel().tolist() for name, kernel in kernels.items()},
            "first": first,
            "window": list(window or (height // 2, width // 2)),
            "limit": limit,
        },
    )
