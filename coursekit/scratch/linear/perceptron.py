"""The threshold unit, which learns from its mistakes, and a bound on how many it makes."""

from typing import NamedTuple

import numpy as np

from coursekit.scratch.linear.unit import Unit, checked, with_one


def step(a, threshold=0.0):
    """The all-or-nothing activation: 1 where `a` is above the threshold, 0 below *and exactly at it*.

    Examples
    --------
    >>> step(np.array([0.2, 0.5, 0.7]), threshold=0.5)
    array([0, 0, 1])
    """
    return (np.asarray(a) > threshold).astype(int)


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
        X, y = checked(X, y, len(self.w), classes=True)
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
    X, y = checked(X, y, len(weights) - 1, classes=True)
    X = with_one(X)
    margins = y * (X @ weights)
    if not (margins > 0).all():
        i = int(margins.argmin())
        raise ValueError(
            f"weights must separate the classes, but y · z = {margins[i] + 0:g} for example {i}; it must be > 0"
        )
    return float((X**2).sum(axis=1).max() * (weights @ weights) / margins.min() ** 2)
