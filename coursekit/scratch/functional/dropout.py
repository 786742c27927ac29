"""Dropout."""

import numpy as np

from coursekit.scratch import random
from coursekit.scratch.autograd import as_tensor, record


def dropout(input, p=0.5, training=True):
    """Set each entry to zero with probability `p`, and divide the others by 1 - p, so that the mean stays.

    Outside training this returns the input. What is dropped depends on `manual_seed` and on the shape alone.
    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 2014. Taught in the
    chapter on generalisation.

    Examples
    --------
    >>> kept = dropout(np.ones(1000), p=0.8).data
    >>> np.unique(kept).round(3), bool(100 < np.count_nonzero(kept) < 300)
    (array([0., 5.]), True)
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p must be a probability, between 0 and 1, not {p}")
    x = as_tensor(input)
    if not training or p == 0:
        return x
    mask = np.empty_like(x.data)  # lies in memory like x
    mask[...] = random.generator().random(x.shape, np.float32) >= p
    mask /= 1 - p or 1
    return record("Mul", x.data * mask, (x, lambda grad: grad * mask))
