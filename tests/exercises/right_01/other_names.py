"""Other names for everything inside, helper functions, transposed work arrays, lists as results."""

from functools import reduce

import numpy as np


def flatten(pictures):
    return pictures.reshape(pictures.shape[0], pictures.shape[1] * pictures.shape[2] * pictures.shape[3])


def pixel_statistics(rows):
    centre = rows.T.mean(axis=1)
    spread = np.sqrt(((rows.T - centre[:, None]) ** 2).mean(axis=1))
    return {0: (centre, np.where([len(set(line)) == 1 for line in rows.T.tolist()], 1, spread))}[0]


def standardise(rows, centre, spread):
    return ((rows.T - centre[:, None]) / spread[:, None]).T


class Perceptron:
    def __init__(self, size):
        self.w, self.b = [0.0] * size, 0.0

    def _height(self, point):
        return sum(a * c for a, c in zip(self.w, point, strict=True)) + self.b

    def predict(self, points):
        return [1 if self._height(point) > 0 else -1 for point in points]

    def epoch(self, points, signs):
        errors = 0
        for point, sign in zip(points, signs, strict=True):
            if sign * self._height(point) <= 0:
                self.w = [a + float(sign) * float(c) for a, c in zip(self.w, point, strict=True)]
                self.b += float(sign)
                errors += 1
        return errors


def _shift(scores):
    columns = scores.T
    return columns - reduce(np.maximum, columns)


def softmax(scores):
    columns = np.exp(_shift(scores))
    return (columns / columns.sum(axis=0)).T


def log_softmax(scores):
    columns = _shift(scores)
    return (columns - np.log(np.exp(columns).sum(axis=0))).T


def loss(logs, truth, weights, decay=0.0):
    chosen = np.choose(truth, logs.T) if logs.shape[1] < 32 else logs[range(len(truth)), truth]
    return sum(-chosen) / len(truth) + 0.5 * decay * sum(np.ravel(weights) ** 2)


def gradients(rows, odds, truth, weights, decay=0.0):
    error = odds.T.copy()
    error[truth, np.arange(len(truth))] -= 1
    return error @ rows / len(truth) + decay * weights, [sum(line) / len(truth) for line in error]


def train(rows, truth, kinds, plan, size, rate, decay=0.0):
    weights, offset, record = np.zeros((kinds, rows.shape[1])), np.zeros(kinds), []
    for line in plan:
        rest = list(line)
        while rest:
            now, rest = rest[:size], rest[size:]
            scores = (weights @ rows[now].T).T + offset
            record.append(loss(log_softmax(scores), truth[now], weights, decay))
            slope, tilt = gradients(rows[now], softmax(scores), truth[now], weights, decay)
            weights, offset = weights - rate * slope, offset - rate * np.array(tilt)
    return weights, offset, record


def templates(weights, tall, wide):
    return [line.reshape(tall, wide) for line in weights]


def confusion_matrix(truth, answers, kinds):
    table, _, _ = np.histogram2d(truth, answers, bins=[np.arange(kinds + 1) - 0.5] * 2)
    return table.astype(int)
