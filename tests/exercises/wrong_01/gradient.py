"""Wrong solutions of task 4; see test_01."""

import numpy as np


def loss__sum(log_p, labels, W, weight_decay=0.0):
    """Says: sum over the batch"""
    return -log_p[np.arange(len(labels)), labels].sum() + weight_decay / 2 * (W**2).sum()


def loss__sign(log_p, labels, W, weight_decay=0.0):
    """Says: the sign is missing
    Also: training"""
    return log_p[np.arange(len(labels)), labels].mean() + weight_decay / 2 * (W**2).sum()


def loss__mean_of_all_entries(log_p, labels, W, weight_decay=0.0):
    """Says: N * K entries
    Also: training"""
    y = np.eye(log_p.shape[1])[labels]
    return -(y * log_p).mean() + weight_decay / 2 * (W**2).sum()


def loss__columns(log_p, labels, W, weight_decay=0.0):
    """Says: every label's column
    Also: training"""
    return -log_p[:, labels].mean() + weight_decay / 2 * (W**2).sum()


def loss__all_classes(log_p, labels, W, weight_decay=0.0):
    """Says: only the right class
    Also: training"""
    return -log_p.mean() + weight_decay / 2 * (W**2).sum()


def loss__probability(log_p, labels, W, weight_decay=0.0):
    """Says: do not use the exponential
    Also: training"""
    return -np.exp(log_p[np.arange(len(labels)), labels]).mean() + weight_decay / 2 * (W**2).sum()


def loss__no_decay(log_p, labels, W, weight_decay=0.0):
    """Says: weight decay is missing
    Also: training"""
    return -log_p[np.arange(len(labels)), labels].mean()


def loss__no_half(log_p, labels, W, weight_decay=0.0):
    """Says: half of λ/2"""
    return -log_p[np.arange(len(labels)), labels].mean() + weight_decay * (W**2).sum()


def loss__norm(log_p, labels, W, weight_decay=0.0):
    """Says: not its square root
    Also: training"""
    return -log_p[np.arange(len(labels)), labels].mean() + weight_decay / 2 * np.linalg.norm(W)


def loss__decay_averaged(log_p, labels, W, weight_decay=0.0):
    """Says: only the cross-entropy is averaged
    Also: training"""
    return (-log_p[np.arange(len(labels)), labels].sum() + weight_decay / 2 * (W**2).sum()) / len(labels)


def loss__rows(log_p, labels, W, weight_decay=0.0):
    """Says: takes whole rows
    Also: training"""
    return -log_p[labels].mean() + weight_decay / 2 * (W**2).sum()


def loss__times_labels(log_p, labels, W, weight_decay=0.0):
    """Says: they say which entry of each row to take
    Also: training"""
    return -np.sum(labels * log_p) / len(log_p) + weight_decay / 2 * (W**2).sum()


def loss__batch_of_two(log_p, labels, W, weight_decay=0.0):
    """Divides by the size the example happens to have.
    Hidden only.
    Also: training"""
    return -log_p[np.arange(len(labels)), labels].sum() / 2 + weight_decay / 2 * (W**2).sum()


def gradients__not_averaged(X, p, labels, W, weight_decay=0.0):
    """Says: not averaged"""
    delta = p - np.eye(p.shape[1])[labels]
    return delta.T @ X + weight_decay * W, delta.sum(axis=0)


def gradients__bias_not_averaged(X, p, labels, W, weight_decay=0.0):
    """Says: db: the gradient is not averaged
    Also: training"""
    delta = p - np.eye(p.shape[1])[labels]
    return delta.T @ X / len(X) + weight_decay * W, delta.sum(axis=0)


def gradients__bias_averaged_twice(X, p, labels, W, weight_decay=0.0):
    """Says: db: divided by N twice
    Also: training"""
    delta = (p - np.eye(p.shape[1])[labels]) / len(X)
    return delta.T @ X + weight_decay * W, delta.mean(axis=0)


def gradients__sign(X, p, labels, W, weight_decay=0.0):
    """Says: p - y, not y - p"""
    delta = (np.eye(p.shape[1])[labels] - p) / len(X)
    return delta.T @ X + weight_decay * W, delta.sum(axis=0)


def gradients__no_target(X, p, labels, W, weight_decay=0.0):
    """Says: the 1s are missing
    Also: training"""
    return p.T @ X / len(X) + weight_decay * W, p.mean(axis=0)


def gradients__transposed(X, p, labels, W, weight_decay=0.0):
    """Says: wrong way round
    Also: training"""
    delta = (p - np.eye(p.shape[1])[labels]) / len(X)
    return X.T @ delta + weight_decay * W.T, delta.sum(axis=0)


def gradients__transposed_product(X, p, labels, W, weight_decay=0.0):
    """Says: the shape of W, (K, D), one row per class
    Also: training"""
    delta = (p - np.eye(p.shape[1])[labels]) / len(X)
    return X.T @ delta + weight_decay * W, delta.sum(axis=0)


def gradients__rows(X, p, labels, W, weight_decay=0.0):
    """Needs at least as many examples as classes, or fails; wrong in any case.
    Says: at row n and column labels[n]
    Also: training"""
    delta = p.copy()
    delta[labels] -= 1
    delta /= len(X)
    return delta.T @ X + weight_decay * W, delta.sum(axis=0)


def gradients__columns(X, p, labels, W, weight_decay=0.0):
    """Says: changes whole columns
    Also: training"""
    delta = p.copy()
    delta[:, labels] -= 1
    delta /= len(X)
    return delta.T @ X + weight_decay * W, delta.sum(axis=0)


def gradients__bias_over_classes(X, p, labels, W, weight_decay=0.0):
    """Says: over the classes
    Also: training"""
    delta = (p - np.eye(p.shape[1])[labels]) / len(X)
    return delta.T @ X + weight_decay * W, delta.sum(axis=1)


def gradients__bias_with_keepdims(X, p, labels, W, weight_decay=0.0):
    """Says: shape should be (3,), not (1, 3)
    Also: training"""
    delta = (p - np.eye(p.shape[1])[labels]) / len(X)
    return delta.T @ X + weight_decay * W, delta.sum(axis=0, keepdims=True)


def gradients__in_place(X, p, labels, W, weight_decay=0.0):
    """Says: changed the array `p`"""
    n = len(X)
    p[np.arange(n), labels] -= 1
    p /= n
    return p.T @ X + weight_decay * W, p.sum(axis=0)


def gradients__no_decay(X, p, labels, W, weight_decay=0.0):
    """Says: add λ W
    Also: training"""
    delta = (p - np.eye(p.shape[1])[labels]) / len(X)
    return delta.T @ X, delta.sum(axis=0)


def gradients__decay_doubled(X, p, labels, W, weight_decay=0.0):
    """Says: the 2 cancels the half"""
    delta = (p - np.eye(p.shape[1])[labels]) / len(X)
    return delta.T @ X + 2 * weight_decay * W, delta.sum(axis=0)


def gradients__decay_averaged(X, p, labels, W, weight_decay=0.0):
    """Says: not divided by the batch size
    Also: training"""
    delta = p - np.eye(p.shape[1])[labels]
    return (delta.T @ X + weight_decay * W) / len(X), delta.mean(axis=0)


def gradients__decay_subtracted(X, p, labels, W, weight_decay=0.0):
    """Says: added, not subtracted
    Also: training"""
    delta = (p - np.eye(p.shape[1])[labels]) / len(X)
    return delta.T @ X - weight_decay * W, delta.sum(axis=0)


def gradients__decay_on_bias(X, p, labels, W, weight_decay=0.0):
    """Says: db with weight decay
    Also: training"""
    delta = (p - np.eye(p.shape[1])[labels]) / len(X)
    return delta.T @ X + weight_decay * W, delta.sum(axis=0) + weight_decay * W.sum(axis=1)


def gradients__one_class_per_label_seen(X, p, labels, W, weight_decay=0.0):
    """Counts the classes in the labels, so a class that does not occur is missed.
    Says: IndexError
    Also: training"""
    delta = (p - np.eye(len(np.unique(labels)))[labels]) / len(X)
    return delta.T @ X + weight_decay * W, delta.sum(axis=0)
