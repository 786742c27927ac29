"""The historical learners: one unit that weighs its inputs, and four rules by which it may learn from an example.

All of them move the weights along the input, ``w += lr · delta · x``; only delta, how far and which way, differs:

============== ============== ================ ================= ============================================
unit           output         target           delta             year
============== ============== ================ ================= ============================================
`Perceptron`   -1 or +1       y, -1 or +1      y if wrong or 0   1958 (Rosenblatt)
`LinearUnit`   z              t, any number    t - z             1960 (Widrow & Hoff: the delta rule)
`SigmoidUnit`  o = σ(z)       t, from 0 to 1   (t - o) o (1 - o) 1986 (Rumelhart, Hinton & Williams)
`LogisticUnit` o = σ(z)       t, from 0 to 1   t - o             1958 (Cox: logistic regression)
============== ============== ================ ================= ============================================

where z = w·x + b is the score. These came before automatic differentiation: every rule stands here as derived by hand.
Taught in the chapters on the perceptron and on logistic and softmax regression.
"""

from typing import NamedTuple

import numpy as np

from coursekit.scratch.kernels import sigmoid


def step(a, threshold=0.0):
    """The all-or-nothing activation: 1 where `a` is above the threshold, 0 below *and exactly at it*.

    Examples
    --------
    >>> step(np.array([0.2, 0.5, 0.7]), threshold=0.5)
    array([0, 0, 1])
    """
    return (np.asarray(a) > threshold).astype(int)


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


class Search(NamedTuple):
    """How a perceptron fared."""

    outcome: str  # "converged": an epoch without a mistake. "cycling": all will repeat for ever. Or "out of epochs"
    epochs: int  # how many were run
    cycle: int  # the weights repeat after so many epochs; 0 where they do not
    mistakes: list  # (epoch, example) of each; epochs count from 1
    weights: np.ndarray  # (mistakes + 1, D + 1), before the first update and after each: the line, moving
    average: np.ndarray  # (D + 1,), mean over all looks at an example

    def __repr__(self):
        return f"{self.outcome}: epochs={self.epochs}, mistakes={len(self.mistakes)}"


class Perceptron(Unit):
    """A threshold unit that learns from its mistakes: classes -1 and +1, +1 where the score is above 0.

    F. Rosenblatt, "The Perceptron: A Probabilistic Model for Information Storage and Organization in the Brain",
    Psychological Review, 1958; the rule in this form in his "Principles of Neurodynamics", 1962.

    Examples
    --------
    >>> corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> unit = Perceptron(2)
    >>> unit.fit(corners, [-1, -1, -1, 1])             # AND
    converged: epochs=9, mistakes=18
    >>> unit
    Perceptron(w=[3.0, 2.0], b=-4.0)
    >>> Perceptron(2).fit(corners, [-1, 1, 1, -1])     # XOR
    cycling: epochs=1, mistakes=4
    """

    def predict(self, X):
        """Return the class of each example, -1 or +1."""
        return 2 * step(self.score(X)) - 1

    def update(self, x, y, lr=1.0):
        """Rosenblatt's rule for one example: return whether it was a mistake, and the weights have changed.

        A score of exactly 0 decides nothing and is a mistake whatever the class, or else zero weights would solve all.
        """
        mistake = y * self.score(x) <= 0
        if mistake:
            self.weights += lr * y * np.append(x, 1)
        return bool(mistake)

    def fit(self, X, y, epochs=100, lr=1.0):
        """Go through the examples in order until none is a mistake, the weights repeat, or the epochs are over.

        A separating line, where there is one, is found after at most `mistake_bound` mistakes. Where there is none the
        weights stay bounded (the cycling theorem; Minsky & Papert, "Perceptrons", 1969), so with whole-number inputs
        they must repeat. The `average` of all weights (Freund & Schapire, "Large Margin Classification Using the
        Perceptron Algorithm", Machine Learning 1999) is steadier than the last ones where classes overlap.

        Parameters
        ----------
        X, y : array, shapes (N, D) and (N,)
            Examples, and their classes -1 and +1.
        epochs : int
        lr : float
            From zero weights it only scales them. Leave it 1: ties are exact between whole numbers only.

        Returns
        -------
        Search
            With a copy of the weights for every mistake.

        Raises
        ------
        ValueError
            If shapes do not fit, or a class is neither -1 nor +1.
        """
        X, y = _checked(X, y, len(self.w), classes=True)
        mistakes, path, total, seen = [], [self.weights.copy()], np.zeros_like(self.weights), {tuple(self.weights): 0}
        outcome, cycle, epoch = "out of epochs", 0, 0
        while epoch < epochs and outcome == "out of epochs":
            epoch, before = epoch + 1, len(mistakes)
            for i in range(len(X)):
                if self.update(X[i], y[i], lr):
                    mistakes.append((epoch, i))
                    path.append(self.weights.copy())
                total += self.weights
            if len(mistakes) == before:
                outcome = "converged"
            elif (start := seen.setdefault(tuple(self.weights), epoch)) < epoch:
                outcome, cycle = "cycling", epoch - start
        return Search(outcome, epoch, cycle, mistakes, np.array(path), total / max(epoch * len(X), 1))


def mistake_bound(X, y, weights):
    """Return (R / γ)², above which no perceptron that starts at 0 makes mistakes; needs weights that separate.

    R is the length of the longest example and γ the smallest distance of one from the separating plane, both with the
    bias counted as one more input, always 1. The weights with the widest margin give the best bound. A. B. J. Novikoff,
    "On Convergence Proofs on Perceptrons", Symposium on the Mathematical Theory of Automata, 1962.

    Parameters
    ----------
    X, y : array, shapes (N, D) and (N,)
        Examples, and their classes -1 and +1.
    weights : array, shape (D + 1,)
        The bias last, as in `Unit`. A ValueError says so if they do not separate the classes.

    Examples
    --------
    >>> corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> round(mistake_bound(corners, [-1, -1, -1, 1], [2, 2, -3]))
    51
    """
    weights = np.asarray(weights, float)
    X, y = _checked(X, y, len(weights) - 1, classes=True)
    X = _with_one(X)
    margins = y * (X @ weights)
    if not (margins > 0).all():
        i = int(margins.argmin())
        raise ValueError(
            f"weights must separate the classes, but y · z = {margins[i] + 0:g} for example {i}; it must be > 0"
        )
    return float((X**2).sum(axis=1).max() * (weights @ weights) / margins.min() ** 2)


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
        X, t = _checked(X, t, len(self.w))
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
                change = lr * self.delta(self.score(x), target) @ _with_one(x) + momentum * change
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


def _with_one(X):
    return np.column_stack([X, np.ones(len(X))])


def _checked(X, y, inputs, classes=False):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if X.ndim != 2 or X.shape[1] != inputs or not len(X):
        raise ValueError(f"X must have shape (N, {inputs}), one example a row, at least one, not {X.shape}")
    if y.shape != X.shape[:1]:
        raise ValueError(f"X holds {len(X)} examples, so targets must have shape ({len(X)},), not {y.shape}")
    if classes and (bad := sorted(set(y.tolist()) - {-1, 1})):
        raise ValueError(f"y must hold the classes -1 and +1, but one is {bad[0]:g}; 2 * y - 1 turns 0 and 1 into them")
    return X, y
