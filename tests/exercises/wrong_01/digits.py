"""Wrong solutions of task 6; see test_01."""

import numpy as np


def flatten(images):
    """This and the next three stand for the model solution's functions, which the notebook has at this place."""


def pixel_statistics(X): ...
def standardise(X, mean, std): ...
def train(X, labels, n_classes, order, batch_size, learning_rate, weight_decay): ...


def templates__transposed(W, height, width):
    """Says: each picture mixes the classes
    Right for one class."""
    return W.T.reshape(-1, height, width)


def templates__classes_last(W, height, width):
    """Says: classes should be on the first axis"""
    return W.T.reshape(height, width, -1)


def templates__cut_up(W, height, width):
    """Says: the rows of W were cut up"""
    return W.reshape(height, width, -1)


def templates__height_and_width_swapped(W, height, width):
    """Says: height and width are the wrong way round"""
    return W.reshape(-1, width, height)


def templates__digits_only(W, height, width):
    """Written for 28 × 28 pixels and ten classes.
    Says: use the arguments"""
    return W.reshape(10, 28, 28)


def confusion_matrix__transposed(labels, predictions, n_classes):
    """Says: rows and columns are the wrong way round"""
    counts = np.zeros((n_classes, n_classes), dtype=int)
    np.add.at(counts, (predictions, labels), 1)
    return counts


def confusion_matrix__pairs_once(labels, predictions, n_classes):
    """Says: was counted once"""
    counts = np.zeros((n_classes, n_classes), dtype=int)
    counts[labels, predictions] += 1
    return counts


def confusion_matrix__classes_seen(labels, predictions, n_classes):
    """Says: also when one of them does not occur"""
    n = max(labels.max(), predictions.max()) + 1
    counts = np.zeros((n, n), dtype=int)
    np.add.at(counts, (labels, predictions), 1)
    return counts


def confusion_matrix__if_of_an_array(labels, predictions, n_classes):
    """Says: one pair, labels[n] and predictions[n], at a time"""
    counts = np.zeros((n_classes, n_classes), dtype=int)
    for i in range(n_classes):
        for j in range(n_classes):
            if labels == i and predictions == j:
                counts[i, j] += 1
    return counts


def confusion_matrix__right_ones_only(labels, predictions, n_classes):
    """Says: only the right answers"""
    return np.diag(np.bincount(labels[labels == predictions], minlength=n_classes))


def confusion_matrix__fractions(labels, predictions, n_classes):
    """Says: fractions of each row"""
    counts = np.zeros((n_classes, n_classes))
    np.add.at(counts, (labels, predictions), 1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def confusion_matrix__small_counts(labels, predictions, n_classes):
    """Counts in one byte.
    Hidden only."""
    counts = np.zeros((n_classes, n_classes), dtype=np.int8)
    np.add.at(counts, (labels, predictions), 1)
    return counts


def fit_digits__step_too_small(images, labels):
    """Hidden only."""
    X = flatten(images)
    mean, std = pixel_statistics(X)
    W, b, losses = train(standardise(X, mean, std), labels, 10, np.arange(len(X))[None], 1000, 0.0005, 0.0)
    return W, b, mean, std, losses


def fit_digits__step_too_large(images, labels):
    """Hidden only."""
    X = flatten(images)
    mean, std = pixel_statistics(X)
    W, b, losses = train(standardise(X, mean, std), labels, 10, np.arange(len(X))[None], 100, 30.0, 0.0)
    return W, b, mean, std, losses


def fit_digits__other_units(images, labels):
    """Trains on raw pixels but hands out the statistics, so the classifier meets other numbers later.
    Hidden only."""
    X = flatten(images)
    mean, std = pixel_statistics(X)
    W, b, losses = train(X, labels, 10, np.arange(len(X))[None], 100, 0.5, 0.0)
    return W, b, mean, std, losses


def fit_digits__nothing_learned(images, labels):
    """Says: nothing was learned"""
    X = flatten(images)
    return np.zeros((10, 784)), np.zeros(10), *pixel_statistics(X), []


def fit_digits__transposed(images, labels):
    """Says: digit_W should have the shape (10, 784)"""
    X = flatten(images)
    mean, std = pixel_statistics(X)
    W, b, losses = train(standardise(X, mean, std), labels, 10, np.arange(len(X))[None], 100, 0.05, 0.0)
    return W.T, b, mean, std, losses
