"""The units with smooth outputs, which learn by gradient descent."""

from typing import NamedTuple

import numpy as np

from coursekit.scratch.kernels import sigmoid
from coursekit.scratch.linear.unit import Unit, checked, with_one


class Descent(NamedTuple):
    """What gradient descent did."""

    weights: np.ndarray  # (updates + 1, D + 1), before the first update and after each
    errors: np.ndarray  # (epochs + 1,), over all examples, before the first epoch and after each


class LinearUnit(Unit):
    """A unit whose output is its score, taught by the delta rule: gradient descent on ``½ Σ (t - z)²``.

    B. Widrow & M. E. Hoff, "Adaptive Switching Circuits", IRE WESCON Convention Record, 1960.

    Examples
    --------
    >>> unit = LinearUnit(1)
    >>> descent = unit.fit([[0], [1], [2]], [1, 3, 5], lr=0.1, epochs=300)       # t = 2x + 1
    >>> unit.weights.round(6), descent.errors[:2].round(3)
    (array([2., 1.]), array([17.5 ,  1.45]))
    """

    targets = -np.inf, np.inf  # what the output can reach

    def predict(self, X):
        """Return the output for each example."""
        return self.score(X)

    def delta(self, z, t):
        """How far the weights must move along an input with the score `z`: minus the slope of the error in z."""
        return t - z

    def error(self, X, t):
        """Return what the rule makes smaller, summed over the examples."""
        return 0.5 * ((t - self.predict(X)) ** 2).sum()

    def fit(self, X, t, lr, epochs, batch_size=None, momentum=0.0):
        """Gradient descent by ``Δw = lr Σ delta x + momentum (the last Δw)`` (Mitchell, "Machine Learning", 1997).

        Parameters
        ----------
        X, t : array, shapes (N, D) and (N,)
            Examples, and their targets.
        lr : float
            Errors are summed, not averaged: larger batches need a smaller one. A linear unit in batch mode, without
            momentum, diverges above 2 / λ, where λ is the largest eigenvalue of XᵀX (X with the column of ones).
        epochs : int
        batch_size : int, optional
            All examples unless given (batch mode); 1 updates after each (incremental mode). They are taken in order.
        momentum : float

        Returns
        -------
        Descent

        Raises
        ------
        ValueError
            If shapes do not fit, or the output can never reach a target.
        """
        X, t = checked(X, t, len(self.w))
        low, high = self.targets
        if bad := [value for value in t.tolist() if not low <= value <= high]:
            raise ValueError(
                f"t must hold targets from {low} to {high} for a {type(self).__name__}, but one is {bad[0]:g}"
            )
        size = len(X) if batch_size is None else batch_size
        path, errors, change = [self.weights.copy()], [self.error(X, t)], 0.0
        for _ in range(epochs):
            for start in range(0, len(X), size):
                x, target = X[start : start + size], t[start : start + size]
                change = lr * self.delta(self.score(x), target) @ with_one(x) + momentum * change
                self.weights += change
                path.append(self.weights.copy())
            errors.append(self.error(X, t))
        return Descent(np.array(path), np.array(errors))


class SigmoidUnit(LinearUnit):
    """A unit with a smooth threshold, taught by gradient descent on the squared error ``½ Σ (t - o)²``.

    The slope o (1 - o) of the sigmoid enters the rule: where the unit is certain and wrong it hardly learns.
    """

    targets = 0, 1

    def predict(self, X):
        """Return the output for each example, between 0 and 1."""
        return sigmoid(self.score(X))

    def delta(self, z, t):
        o = sigmoid(z)
        return (t - o) * o * (1 - o)


class LogisticUnit(SigmoidUnit):
    """The same unit taught by maximum likelihood: its error is the cross-entropy ``-Σ t log o + (1 - t) log(1 - o)``.

    The slope of the sigmoid cancels, so it learns most where it is most wrong.

    Examples
    --------
    >>> unit = LogisticUnit(1)
    >>> descent = unit.fit([[-2], [-1], [1], [2]], [0, 1, 0, 1], lr=0.1, epochs=200)
    >>> unit.predict(np.array([[-2], [2]])).round(3)
    array([0.302, 0.698])
    """

    def delta(self, z, t):
        return t - sigmoid(z)

    def error(self, X, t):
        z = self.score(X)
        return (np.logaddexp(0, z) - t * z).sum()  # straight from the scores: log o would be -inf once o is 0
