"""A linear classifier on features, and how sure one can be of its accuracy.

Taught in the chapter on transfer learning.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from coursekit.training import fit

STRENGTHS = (0.001, 0.01, 0.1, 1.0, 10.0)


class Accuracy(NamedTuple):
    """A share of right answers, and between what limits the true share lies.

    Attributes
    ----------
    value : float
    low, high : float
        Wilson's interval: for 95 of 100 test sets it contains the accuracy on endlessly many such images. It knows
        nothing of what another start or other training images would have changed: for that, train several times.
    right, total : int
    """

    value: float
    low: float
    high: float
    right: int
    total: int

    def __repr__(self):
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%})".replace("%", " %")

    __str__ = __repr__


def accuracy(predicted, labels):
    """Compare predictions with labels.

    The interval is that of Wilson ("Probable inference, the law of succession, and statistical inference", 1927).

    Parameters
    ----------
    predicted : array_like of int, shape (N,), or of scores, shape (N, K)
        Of scores, the largest counts.
    labels : array_like of int, shape (N,)

    Returns
    -------
    Accuracy

    Examples
    --------
    >>> accuracy([0, 1, 1, 1], [0, 1, 1, 0])
    75.0 % (30.1 % to 95.4 %)
    """
    predicted, labels = np.asarray(predicted), np.asarray(labels)
    predicted = predicted.argmax(axis=1) if predicted.ndim == 2 else predicted
    if predicted.shape != labels.shape or not len(labels):
        raise ValueError(f"labels: expected one for each prediction, got {len(labels)} for {len(predicted)}")
    n, right = len(labels), int((predicted == labels).sum())
    p, z = right / n, 1.96
    centre, spread = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low, high = ((centre + sign * spread) / (1 + z**2 / n) for sign in (-1, 1))
    return Accuracy(p, float(low), float(high), right, n)


@dataclass
class Probe:
    """A linear classifier on features.

    Attributes
    ----------
    weight, bias : ndarray, shapes (K, D) and (K,)
        For the features as they are; the scaling used in training is worked in.
    strength : float
        Of the ridge or of the weight decay.
    expected : float or None
        Share of the training images that are classified rightly by the ridge fitted to all the *others*.
    """

    weight: np.ndarray
    bias: np.ndarray
    strength: float
    expected: float | None = None

    def scores(self, features):
        """Return the scores of every class, ndarray of shape (N, K)."""
        features = np.asarray(features)
        if features.ndim != 2 or features.shape[1] != self.weight.shape[1]:
            raise ValueError(f"features: expected shape (N, {self.weight.shape[1]}), got {features.shape}")
        return features @ self.weight.T + self.bias

    def accuracy(self, features, labels):
        """Return the `Accuracy` on other features."""
        return accuracy(self.scores(features), labels)

    def head(self):
        """Return the classifier as a `torch.nn.Linear`, to put on the network that the features are of."""
        layer = torch.nn.Linear(self.weight.shape[1], self.weight.shape[0])
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(self.weight)))
            layer.bias.copy_(torch.from_numpy(np.ascontiguousarray(self.bias)))
        return layer


def linear_probe(features, labels, n_classes=None, strengths=STRENGTHS):
    """Fit a linear classifier in closed form: ridge regression on one target for each class, 1 or 0.

    Features are brought to mean 0 and standard deviation 1. The strength of the ridge is the one with which most
    images are classified rightly by the ridge fitted to all the others: leaving one out has a closed form, too. The
    scores are then multiplied by what makes them good logits for these left-out images, so that `Probe.head` is a head
    to go on training with.

    Parameters
    ----------
    features : array_like, shape (N, D)
    labels : array_like of int, shape (N,)
    n_classes : int, optional
        K; the largest label plus one unless given.
    strengths : sequence of float
        Of the ridge, for each image: with λ, λN is added to the diagonal of the matrix of products.

    Returns
    -------
    Probe

    Raises
    ------
    ValueError
        If features and labels do not go together, are not finite, or a strength is not positive.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> features = rng.normal(size=(200, 5))
    >>> labels = (features[:, 0] + features[:, 1] > 0).astype(int)
    >>> linear_probe(features[:100], labels[:100]).accuracy(features[100:], labels[100:]).value > 0.9
    True
    """
    features, labels, n_classes = _checked(features, labels, n_classes)
    if not len(strengths) or min(strengths) <= 0:
        raise ValueError(f"strengths: must be numbers greater than 0, not {strengths!r}")
    n, (mean, deviation) = len(features), _scaling(features)
    x = (features - mean) / deviation
    targets = np.eye(n_classes)[labels]
    centre = targets.mean(axis=0)
    u, squares = _left_singular(x)
    along, leverage = u.T @ (targets - centre), u**2

    best = None
    for strength in sorted(strengths):
        kept = squares / (squares + strength * n)
        fitted = centre + u @ (kept[:, None] * along)
        pull = leverage @ kept + 1 / n  # of each image on its own prediction
        left_out = targets - (targets - fitted) / np.maximum(1 - pull, 1e-9)[:, None]
        share = np.mean(left_out.argmax(axis=1) == labels)
        if best is None or share > best[0]:
            best = share, strength, left_out
    share, strength, left_out = best

    # Of the images' products with u, back to the features: w = x' u / (s² + λN) u' y.
    weight = ((along / (squares + strength * n)[:, None]).T @ u.T) @ x
    scale = min(2.0 ** np.arange(-2, 8), key=lambda scale: _cross_entropy(scale * left_out, labels))
    weight = scale * weight / deviation
    return Probe(weight, scale * centre - weight @ mean, float(strength), float(share))


def logistic_probe(features, labels, n_classes=None, *, weight_decay=1e-3, epochs=30, seed=0, progress=True):
    """Fit a linear classifier by gradient descent on the cross-entropy, with `coursekit.training.fit`.

    Parameters
    ----------
    features, labels, n_classes
        As for `linear_probe`.
    weight_decay : float
    epochs, seed : int
    progress : bool

    Returns
    -------
    Probe

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> features = rng.normal(size=(200, 5))
    >>> labels = (features[:, 0] + features[:, 1] > 0).astype(int)
    >>> logistic_probe(features[:100], labels[:100]).accuracy(features[100:], labels[100:]).value > 0.9
    True
    """
    features, labels, n_classes = _checked(features, labels, n_classes)
    mean, deviation = _scaling(features)
    x = ((features - mean) / deviation).astype(np.float32)
    layer = torch.nn.Linear(x.shape[1], n_classes)
    torch.nn.init.zeros_(layer.weight)  # the loss is convex: every start leads to the same place
    torch.nn.init.zeros_(layer.bias)
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.02 / np.sqrt(x.shape[1]), weight_decay=weight_decay)
    fit(layer, (x, labels), epochs=epochs, optimizer=optimizer, seed=seed, progress=progress)
    weight = layer.weight.detach().numpy().astype(float) / deviation
    return Probe(weight, layer.bias.detach().numpy() - weight @ mean, weight_decay)


def _checked(features, labels, n_classes):
    features, labels = np.asarray(features, float), np.asarray(labels)
    if features.ndim != 2 or labels.shape != features.shape[:1]:
        raise ValueError(
            f"features, labels: expected shapes (N, D) and (N,), got {features.shape} and {labels.shape}. "
            "Flatten maps, or let `features` pool them"
        )
    if labels.dtype.kind not in "iu" or (len(labels) and labels.min() < 0):
        raise ValueError(f"labels: must be class numbers, 0 and up, got {labels[:5]!r} …")
    if not np.isfinite(features).all():
        raise ValueError("features: hold values that are not finite; did the network diverge?")
    n_classes = labels.max(initial=-1) + 1 if n_classes is None else n_classes
    if len(np.unique(labels)) < 2 or labels.max() >= n_classes:
        raise ValueError(f"labels: need two classes at least and numbers below {n_classes}, got {np.unique(labels)}")
    return features, labels.astype(np.int64), int(n_classes)


def _scaling(features):
    deviation = features.std(axis=0)
    return features.mean(axis=0), np.where(deviation > 1e-8, deviation, 1.0)  # units that are always the same: leave


def _left_singular(x):
    """Left singular vectors of x and squares of its singular values, by way of the smaller matrix of products."""
    wide = x.shape[1] > len(x)
    squares, vectors = np.linalg.eigh(x @ x.T if wide else x.T @ x)
    there = squares > squares[-1] * 1e-10
    squares, vectors = squares[there], vectors[:, there]
    return (vectors if wide else x @ vectors / np.sqrt(squares)), squares


def _cross_entropy(logits, labels):
    logits = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels])
