"""Objects instead of functions; the perceptron's bias is the weight of an input that is always 1."""

import numpy as np


class Standardiser:
    def __init__(self, X):
        self.mean = X.mean(0)
        deviation = X.std(0)
        self.std = np.where(np.ptp(X, axis=0) > 0, deviation, np.ones_like(deviation))


class Flatten:
    def __call__(self, images):
        return np.array([image.flatten() for image in images])


flatten = Flatten()


def pixel_statistics(X):
    s = Standardiser(X)
    return s.mean, s.std


def standardise(X, mean, std):
    return np.divide(np.subtract(X, mean), std)


class Perceptron:
    def __init__(self, n_inputs):
        self._v = np.zeros(n_inputs + 1)

    @property
    def w(self):
        return self._v[1:]

    @property
    def b(self):
        return self._v[0]

    def _with_one(self, X):
        return np.column_stack([np.ones(len(X)), X])

    def predict(self, X):
        return np.array([-1, 1])[(self._with_one(X) @ self._v > 0).astype(int)]

    def epoch(self, X, y):
        return sum(self._look_at(x, t) for x, t in zip(self._with_one(X), y, strict=True))

    def _look_at(self, x, t):
        wrong = t * (self._v @ x) <= 0
        if wrong:
            self._v = self._v + t * x
        return int(wrong)


class LogSoftmax:
    def __call__(self, logits):
        return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)


log_softmax = LogSoftmax()


class Softmax:
    def __call__(self, logits):
        return np.exp(log_softmax(logits))


softmax = Softmax()


class Model:
    def __init__(self, D, K):
        self.W, self.b = np.zeros((K, D)), np.zeros(K)

    def step(self, X, labels, rate, decay):
        z = X @ self.W.T + self.b
        before = loss(log_softmax(z), labels, self.W, decay)
        dW, db = gradients(X, softmax(z), labels, self.W, decay)
        self.W, self.b = self.W - rate * dW, self.b - rate * db
        return before


def loss(log_p, labels, W, weight_decay=0.0):
    return float(-np.mean([row[k] for row, k in zip(log_p, labels, strict=True)]) + weight_decay / 2 * np.vdot(W, W))


def gradients(X, p, labels, W, weight_decay=0.0):
    delta = p - (np.arange(p.shape[1]) == labels[:, None])
    return delta.T @ X / len(X) + weight_decay * W, np.mean(delta, axis=0)


def train(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    model = Model(X.shape[1], n_classes)
    losses = [
        model.step(X[row[i : i + batch_size]], labels[row[i : i + batch_size]], learning_rate, weight_decay)
        for row in order
        for i in range(0, len(row), batch_size)
    ]
    return model.W, model.b, losses


def templates(W, height, width):
    return np.array([np.split(row, height) for row in W])


def confusion_matrix(labels, predictions, n_classes):
    return np.array([[np.sum((labels == i) & (predictions == j)) for j in range(n_classes)] for i in range(n_classes)])
