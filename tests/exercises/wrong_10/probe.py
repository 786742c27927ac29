"""Wrong solutions of task 4; see exercise.py."""

import numpy as np


def _probe(features, labels, n_classes, strength, *, ddof=0, scaled=True, penalty=None, targets=None):
    features = np.asarray(features, dtype=float)
    mean, deviation = features.mean(axis=0), features.std(axis=0, ddof=ddof)
    deviation = np.where(deviation > 0, deviation, 1) if scaled else np.ones(len(mean))
    Z = (features - mean) / deviation
    Y = np.eye(n_classes)[labels] if targets is None else targets
    share = Y.mean(axis=0)
    penalty = strength * len(Z) if penalty is None else penalty
    V = np.linalg.solve(Z.T @ Z + penalty * np.eye(Z.shape[1]), Z.T @ (Y - share))
    return V, deviation, mean, share


def fit_probe__no_scaling(features, labels, n_classes, strength):
    """Says: were not divided by their deviation"""
    V, _, mean, share = _probe(features, labels, n_classes, strength, scaled=False)
    return V, share - mean @ V


def fit_probe__not_folded(features, labels, n_classes, strength):
    """Whoever uses it has to scale new images, by whatever statistics.
    Says: weights for standardised features"""
    V, _, _, share = _probe(features, labels, n_classes, strength)
    return V, share


def fit_probe__penalty_of_all(features, labels, n_classes, strength):
    """Says: strength times the number of examples"""
    V, deviation, mean, share = _probe(features, labels, n_classes, strength, penalty=strength)
    W = V / deviation[:, None]
    return W, share - mean @ W


def fit_probe__sample_deviation(features, labels, n_classes, strength):
    """Says: not of N - 1"""
    V, deviation, mean, share = _probe(features, labels, n_classes, strength, ddof=1)
    W = V / deviation[:, None]
    return W, share - mean @ W


def fit_probe__no_mean_in_bias(features, labels, n_classes, strength):
    """Says: the means of the features have to be worked in"""
    V, deviation, _, share = _probe(features, labels, n_classes, strength)
    return V / deviation[:, None], share


def fit_probe__mean_added(features, labels, n_classes, strength):
    """Says: the sign of mean @ weight is wrong"""
    V, deviation, mean, share = _probe(features, labels, n_classes, strength)
    W = V / deviation[:, None]
    return W, share + mean @ W


def fit_probe__no_share(features, labels, n_classes, strength):
    """Says: the share of each class is missing"""
    V, deviation, mean, _ = _probe(features, labels, n_classes, strength)
    W = V / deviation[:, None]
    return W, -mean @ W


def fit_probe__mean_of_standardised(features, labels, n_classes, strength):
    """The mean meets weights for standardised features.
    Says: bias"""
    V, deviation, mean, share = _probe(features, labels, n_classes, strength)
    return V / deviation[:, None], share - mean @ V


def fit_probe__transposed(features, labels, n_classes, strength):
    """Three classes and three features hide it from the shape.
    Says: it is the transpose"""
    V, deviation, mean, share = _probe(features, labels, n_classes, strength)
    W = V / deviation[:, None]
    return W.T, share - mean @ W


def fit_probe__divided_by_zero(features, labels, n_classes, strength):
    """Says: nan"""
    features = np.asarray(features, dtype=float)
    with np.errstate(all="ignore"):
        Z = (features - features.mean(0)) / features.std(0)
    Y = np.eye(n_classes)[labels]
    V = np.linalg.solve(Z.T @ Z + strength * len(Z) * np.eye(Z.shape[1]), Z.T @ (Y - Y.mean(0)))
    W = V / features.std(0)[:, None]
    return W, Y.mean(0) - features.mean(0) @ W


def fit_probe__present_classes(features, labels, n_classes, strength):
    """Hidden only."""
    kinds = np.unique(labels)
    Y = np.eye(len(kinds))[np.searchsorted(kinds, labels)]
    V, deviation, mean, share = _probe(features, labels, n_classes, strength, targets=Y)
    W = V / deviation[:, None]
    return W, share - mean @ W


def fit_probe__up_to_the_largest(features, labels, n_classes, strength):
    """Hidden only."""
    V, deviation, mean, share = _probe(features, labels, labels.max() + 1, strength)
    W = V / deviation[:, None]
    return W, share - mean @ W


def fit_probe__in_place(features, labels, n_classes, strength):
    """Says: Your function changed the array `features`"""
    V, deviation, mean, share = _probe(features, labels, n_classes, strength)
    features -= mean
    W = V / deviation[:, None]
    return W, share - mean @ W


def fit_probe__single_precision(features, labels, n_classes, strength):
    """Z'Z as Σφφ' - Nμμ' in float32: far from zero nothing is left of it.
    Hidden only."""
    features = np.asarray(features, dtype=np.float32)
    mean = features.mean(axis=0)
    square = np.maximum((features**2).mean(axis=0) - mean**2, 0)
    deviation = np.where(square > 0, np.sqrt(square), 1)
    Z = (features - mean) / deviation
    Y = np.eye(n_classes)[labels]
    share = Y.mean(axis=0)
    V = np.linalg.solve(Z.T @ Z + strength * len(Z) * np.eye(Z.shape[1]), Z.T @ (Y - share))
    W = V / deviation[:, None]
    return W, share - mean @ W


def fit_probe__sum_of_squares(features, labels, n_classes, strength):
    """Plus and minus one for targets: another classifier's scores.
    Says: twice as large"""
    Y = 2 * np.eye(n_classes)[labels] - 1
    V, deviation, mean, share = _probe(features, labels, n_classes, strength, targets=Y)
    W = V / deviation[:, None]
    return W, share - mean @ W
