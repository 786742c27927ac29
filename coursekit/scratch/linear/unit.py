"""What the four units share: weights, a score, and what examples must look like."""

import numpy as np


class Unit:
    """What all four share: weights, a bias (a threshold at θ is a bias of -θ), a score.

    Parameters
    ----------
    inputs : int
        D, the length of an example.

    Attributes
    ----------
    weights : ndarray, shape (D + 1,)
        All start at 0. The last is the bias: the weight of one more input, always 1, so it learns as the others do.
    w : ndarray, shape (D,)
        A view of all but the last.
    b : float
        The last.
    """

    def __init__(self, inputs):
        self.weights = np.zeros(inputs + 1)

    @property
    def w(self):
        return self.weights[:-1]

    @property
    def b(self):
        return float(self.weights[-1])

    def score(self, X):
        """Return z = w·x + b for one example (D,) or for each of many (N, D)."""
        return X @ self.w + self.b

    def __repr__(self):
        return f"{type(self).__name__}(w={self.w.tolist()}, b={self.b})"


def with_one(X):
    """Give every example one more input, always 1: its weight is the bias."""
    return np.column_stack([X, np.ones(len(X))])


def checked(X, y, inputs, classes=False):
    """Return examples and targets as arrays of floats that fit together."""
    X, y = np.asarray(X, float), np.asarray(y, float)
    if X.ndim != 2 or X.shape[1] != inputs or not len(X):
        raise ValueError(f"X must have shape (N, {inputs}), one example a row, at least one, not {X.shape}")
    if y.shape != X.shape[:1]:
        raise ValueError(f"X holds {len(X)} examples, so targets must have shape ({len(X)},), not {y.shape}")
    if classes and (bad := sorted(set(y.tolist()) - {-1, 1})):
        raise ValueError(f"y must hold the classes -1 and +1, but one is {bad[0]:g}; 2 * y - 1 turns 0 and 1 into them")
    return X, y
