"""Sums written as index equations, classes as one-hot rows."""

import numpy as np


def flatten(images):
    return np.einsum("nchw->nchw", images).reshape(images.shape[0], np.prod(images.shape[1:]))


def pixel_statistics(X):
    N = len(X)
    mean = np.einsum("nd->d", X, dtype=float) / N
    std = np.sqrt(np.einsum("nd,nd->d", X - mean, X - mean) / N)
    constant = (X[0] == X).all(axis=0)
    return mean, np.where(constant, 1, std)


def standardise(X, mean, std):
    return np.einsum("nd,d->nd", X - mean, 1 / std)


class Perceptron:
    def __init__(self, n_inputs):
        self.w = np.zeros(n_inputs)
        self.b = 0.0

    def predict(self, X):
        return 2 * (np.einsum("nd,d->n", X, self.w) + self.b > 0) - 1

    def epoch(self, X, y):
        mistakes = 0
        for x_n, y_n in zip(X, y, strict=True):
            wrong = y_n * (np.einsum("d,d->", x_n, self.w) + self.b) <= 0
            self.w = self.w + wrong * y_n * x_n
            self.b = self.b + wrong * y_n
            mistakes += wrong
        return mistakes


def softmax(logits):
    powers = np.exp(logits - np.max(logits, axis=-1)[:, None])
    return np.einsum("nk,n->nk", powers, 1 / np.einsum("nk->n", powers))


def log_softmax(logits):
    top = np.max(logits, axis=-1)
    return logits - (top + np.log(np.einsum("nk->n", np.exp(logits - top[:, None]))))[:, None]


def loss(log_p, labels, W, weight_decay=0.0):
    y = np.eye(log_p.shape[1])[labels]
    # A class that is impossible has the logarithm -inf, and 0 times -inf is nan; the logits of a test are finite.
    return -np.einsum("nk,nk->", y, log_p) / len(y) + weight_decay * np.einsum("kd,kd->", W, W) / 2


def gradients(X, p, labels, W, weight_decay=0.0):
    delta = (p - np.eye(p.shape[1])[labels]) / len(X)
    return np.einsum("nd,nk->kd", X, delta) + weight_decay * W, np.einsum("nk->k", delta)


def train(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    W, b, losses = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), []
    for batch in (row[s : s + batch_size] for row in order for s in range(0, len(row), batch_size)):
        z = np.einsum("nd,kd->nk", X[batch], W, optimize=True) + b
        losses.append(loss(log_softmax(z), labels[batch], W, weight_decay))
        delta = (softmax(z) - np.eye(n_classes)[labels[batch]]) / len(batch)
        W = (1 - learning_rate * weight_decay) * W - learning_rate * np.einsum(
            "nd,nk->kd", X[batch], delta, optimize=True
        )
        b = b - learning_rate * np.einsum("nk->k", delta)
    return W, b, losses


def templates(W, height, width):
    return np.einsum("khw->khw", W.reshape(-1, height, width))


def confusion_matrix(labels, predictions, n_classes):
    classes = np.eye(n_classes, dtype=int)
    return np.einsum("ni,nj->ij", classes[labels], classes[predictions])
