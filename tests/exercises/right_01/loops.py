"""Everything one number or one row at a time."""

import math

import numpy as np


def flatten(images):
    N, C, H, W = images.shape
    rows = []
    for n in range(N):
        row = []
        for c in range(C):
            for h in range(H):
                row.extend(images[n, c, h, w] for w in range(W)) if N * C * H * W < 10_000 else row.extend(
                    images[n, c, h]
                )
        rows.append(row)
    return np.array(rows)


def pixel_statistics(X):
    N, D = X.shape
    mean, std = np.zeros(D), np.ones(D)
    for d in range(D):
        column = X[:, d].astype(float)
        mean[d] = sum(column) / N
        if max(column) != min(column):
            std[d] = math.sqrt(sum((column - mean[d]) ** 2) / N)
    return mean, std


def standardise(X, mean, std):
    result = np.empty(X.shape)
    for n in range(X.shape[0]):
        result[n] = (X[n] - mean) / std
    return result


class Perceptron:
    def __init__(self, n_inputs):
        self.w = np.zeros(n_inputs)
        self.b = 0.0

    def score(self, x):
        total = self.b
        for w_d, x_d in zip(self.w, x, strict=True):
            total += w_d * x_d
        return total

    def predict(self, X):
        classes = []
        for x in X:
            if self.score(x) > 0:
                classes.append(1)
            else:
                classes.append(-1)
        return np.array(classes)

    def epoch(self, X, y):
        mistakes = 0
        for n in range(len(X)):
            if not y[n] * self.score(X[n]) > 0:
                for d in range(len(self.w)):
                    self.w[d] += y[n] * X[n, d]
                self.b += y[n]
                mistakes += 1
        return mistakes


def softmax(logits):
    result = []
    for row in logits.tolist():
        top = max(row)
        powers = [math.exp(z - top) for z in row]
        result.append([power / sum(powers) for power in powers])
    return np.array(result)


def log_softmax(logits):
    result = []
    for row in logits.tolist():
        top = max(row)
        log_sum = top + math.log(sum(math.exp(z - top) for z in row))
        result.append([z - log_sum for z in row])
    return np.array(result)


def loss(log_p, labels, W, weight_decay=0.0):
    total = 0.0
    for n in range(len(labels)):
        total -= log_p[n, labels[n]]
    penalty = 0.0
    for row in W.tolist():
        for w in row:
            penalty += w * w
    return total / len(labels) + weight_decay / 2 * penalty


def gradients(X, p, labels, W, weight_decay=0.0):
    N = len(labels)
    dW, db = weight_decay * W, np.zeros(len(W))
    for n in range(N):
        for k in range(len(W)):
            delta = (p[n, k] - (1 if k == labels[n] else 0)) / N
            dW[k] += X[n] * delta
            db[k] += delta
    return dW, db


def train(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    W, b, losses = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), []
    for e in range(len(order)):
        start = 0
        while start < len(order[e]):
            batch = order[e][start : start + batch_size]
            z = np.array([W @ X[n] + b for n in batch])
            losses.append(loss(log_softmax(z), [labels[n] for n in batch], W, weight_decay))
            dW, db = gradients(X[batch], softmax(z), labels[batch], W, weight_decay)
            for k in range(n_classes):
                W[k] -= learning_rate * dW[k]
                b[k] -= learning_rate * db[k]
            start += batch_size
    return W, b, losses


def fit_digits(images, labels):
    """Fewer images, since loops take their time."""
    X = flatten(images[:12_000])
    mean, std = pixel_statistics(X)
    rng = np.random.default_rng(3)
    W, b, losses = train(
        standardise(X, mean, std), labels, 10, np.array([rng.permutation(len(X)) for _ in range(2)]), 100, 0.1, 0.001
    )
    return W, b, mean, std, losses


def templates(W, height, width):
    pictures = np.zeros((len(W), height, width))
    for k in range(len(W)):
        for h in range(height):
            for w in range(width):
                pictures[k, h, w] = W[k, h * width + w]
    return pictures


def confusion_matrix(labels, predictions, n_classes):
    counts = [[0] * n_classes for _ in range(n_classes)]
    for i, j in zip(labels, predictions, strict=True):
        counts[i][j] += 1
    return counts
