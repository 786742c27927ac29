"""Keeps and returns float32 throughout, as a framework would."""

import numpy as np

F = np.float32


def flatten(images):
    return np.reshape(images, (images.shape[0], -1))


def pixel_statistics(X):
    X = X.astype(F)
    mean = X.mean(axis=0)
    std = X.std(axis=0)
    return mean, np.where(X.max(axis=0) > X.min(axis=0), std, F(1))


def standardise(X, mean, std):
    return (X.astype(F) - mean.astype(F)) / std.astype(F)


class Perceptron:
    def __init__(self, n_inputs):
        self.w = np.zeros(n_inputs, F)
        self.b = F(0)

    def predict(self, X):
        return np.where(X.astype(F) @ self.w + self.b > 0, F(1), F(-1))

    def epoch(self, X, y):
        mistakes = 0
        for x_n, y_n in zip(X.astype(F), y.astype(F), strict=True):
            if y_n * (x_n @ self.w + self.b) <= 0:
                self.w, self.b, mistakes = self.w + y_n * x_n, self.b + y_n, mistakes + 1
        return mistakes


def softmax(logits):
    powers = np.exp(logits.astype(F) - logits.max(axis=1, keepdims=True).astype(F))
    return powers / powers.sum(axis=1, keepdims=True)


def log_softmax(logits):
    shifted = logits.astype(F) - logits.max(axis=1, keepdims=True).astype(F)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def loss(log_p, labels, W, weight_decay=0.0):
    return -log_p.astype(F)[range(len(labels)), labels].mean() + F(weight_decay) / 2 * (W.astype(F) ** 2).sum()


def gradients(X, p, labels, W, weight_decay=0.0):
    delta = (p.astype(F) - np.eye(p.shape[1], dtype=F)[labels]) / len(X)
    return delta.T @ X.astype(F) + F(weight_decay) * W.astype(F), delta.sum(axis=0)


def train(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    X = X.astype(F)
    W, b, losses = np.zeros((n_classes, X.shape[1]), F), np.zeros(n_classes, F), []
    for row in order:
        for batch in np.split(row, range(batch_size, len(row), batch_size)):
            z = X[batch] @ W.T + b
            losses.append(float(loss(log_softmax(z), labels[batch], W, weight_decay)))
            dW, db = gradients(X[batch], softmax(z), labels[batch], W, weight_decay)
            W, b = W - F(learning_rate) * dW, b - F(learning_rate) * db
    return W, b, losses


def templates(W, height, width):
    return np.stack([w.reshape(height, width) for w in W]).astype(F)


def confusion_matrix(labels, predictions, n_classes):
    pairs = np.zeros((n_classes, n_classes), F)
    for pair in zip(labels, predictions, strict=True):
        pairs[pair] += 1
    return pairs
