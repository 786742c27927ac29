"""Works in place, but on copies of its own."""

import numpy as np


def flatten(images):
    result = images.copy()
    result.shape = (images.shape[0], images[0].size)
    return result


def pixel_statistics(X):
    mean = np.average(X, axis=0)
    std = X - mean
    std *= std
    std = std.mean(axis=0)
    np.sqrt(std, out=std)
    std[X.max(axis=0) - X.min(axis=0) == 0] = 1
    return mean, std


def standardise(X, mean, std):
    result = np.array(X, dtype=float)
    result -= mean
    result /= std
    return result


class Perceptron:
    def __init__(self, n_inputs):
        self.w = np.zeros(n_inputs)
        self.b = np.zeros(1)

    def predict(self, X):
        result = np.full(len(X), -1)
        result[X.dot(self.w) + self.b > 0] = 1
        return result

    def epoch(self, X, y):
        mistakes = 0
        for n, target in enumerate(y):
            if target * (self.w.dot(X[n]) + self.b)[0] <= 0:
                self.w += target * X[n]
                self.b += target
                mistakes += 1
        return mistakes


def softmax(logits):
    result = np.array(logits, dtype=float)
    result -= result.max(axis=1, keepdims=True)
    np.exp(result, out=result)
    result /= result.sum(axis=1, keepdims=True)
    return result


def log_softmax(logits):
    result = logits.astype(float)
    result -= result.max(axis=1, keepdims=True)
    result -= np.log(np.exp(result).sum(axis=1, keepdims=True))
    return result


def loss(log_p, labels, W, weight_decay=0.0):
    value = np.zeros(())
    value -= np.take_along_axis(log_p, labels[:, None], axis=1).mean()
    value += weight_decay / 2 * np.linalg.norm(W) ** 2
    return value


def gradients(X, p, labels, W, weight_decay=0.0):
    delta = np.array(p)
    np.subtract.at(delta, (np.arange(len(p)), labels), 1)
    delta /= len(p)
    dW = weight_decay * W
    dW += delta.T @ X
    return [dW, delta.sum(axis=0)]


def train(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    W, b = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes)
    per_epoch = -(-order.shape[1] // batch_size)
    losses = np.empty(len(order) * per_epoch)
    for step in range(len(losses)):
        e, k = divmod(step, per_epoch)
        batch = order[e, k * batch_size : (k + 1) * batch_size]
        z = X[batch] @ W.T
        z += b
        losses[step] = loss(log_softmax(z), labels[batch], W, weight_decay)
        dW, db = gradients(X[batch], softmax(z), labels[batch], W, weight_decay)
        dW *= learning_rate
        W -= dW
        b -= learning_rate * db
    return [W, b, losses]


def templates(W, height, width):
    result = np.empty((len(W), height, width), W.dtype)
    for k, template in enumerate(result):
        template[...] = W[k].reshape(height, width)
    return result


def confusion_matrix(labels, predictions, n_classes):
    return np.bincount(labels * n_classes + predictions, minlength=n_classes**2).reshape(n_classes, n_classes)
