"""Wrong solutions of task 5; see test_01."""

import numpy as np


def softmax(logits):
    """This and the next three stand for the model solution's functions, which the notebook has at this place."""


def log_softmax(logits): ...
def loss(log_p, labels, W, weight_decay): ...
def gradients(X, p, labels, W, weight_decay): ...


def train__logits_without_transpose(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    """Says: the logits are X @ W.T + b"""
    W, b, losses = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), []
    for row in order:
        for start in range(0, len(row), batch_size):
            batch = row[start : start + batch_size]
            z = X[batch] @ W + b
            losses.append(loss(log_softmax(z), labels[batch], W, weight_decay))
            dW, db = gradients(X[batch], softmax(z), labels[batch], W, weight_decay)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b, losses


def train__last_batch_left_out(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    """Says: smaller batch of each epoch is left out"""
    W, b, losses = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), []
    for row in order:
        for k in range(len(row) // batch_size):
            batch = row[k * batch_size : (k + 1) * batch_size]
            z = X[batch] @ W.T + b
            losses.append(loss(log_softmax(z), labels[batch], W, weight_decay))
            dW, db = gradients(X[batch], softmax(z), labels[batch], W, weight_decay)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b, losses


def train__own_order(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    """Says: in the order 0, 1, 2"""
    W, b, losses = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), []
    for _ in order:
        for start in range(0, len(X), batch_size):
            batch = slice(start, start + batch_size)
            z = X[batch] @ W.T + b
            losses.append(loss(log_softmax(z), labels[batch], W, weight_decay))
            dW, db = gradients(X[batch], softmax(z), labels[batch], W, weight_decay)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b, losses


def train__labels_not_permuted(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    """Says: the labels do not"""
    W, b, losses = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), []
    for row in order:
        for start in range(0, len(row), batch_size):
            batch, targets = row[start : start + batch_size], labels[start : start + batch_size]
            z = X[batch] @ W.T + b
            losses.append(loss(log_softmax(z), targets, W, weight_decay))
            dW, db = gradients(X[batch], softmax(z), targets, W, weight_decay)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b, losses


def train__first_row(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    """Says: Epoch e uses row e"""
    W, b, losses = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), []
    for _ in order:
        for start in range(0, len(X), batch_size):
            batch = order[0][start : start + batch_size]
            z = X[batch] @ W.T + b
            losses.append(loss(log_softmax(z), labels[batch], W, weight_decay))
            dW, db = gradients(X[batch], softmax(z), labels[batch], W, weight_decay)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b, losses


def train__returns_in_the_loop(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    """Says: `return` inside the loop"""
    W, b, losses = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), []
    for row in order:
        for start in range(0, len(row), batch_size):
            batch = row[start : start + batch_size]
            z = X[batch] @ W.T + b
            losses.append(loss(log_softmax(z), labels[batch], W, weight_decay))
            dW, db = gradients(X[batch], softmax(z), labels[batch], W, weight_decay)
            W, b = W - learning_rate * dW, b - learning_rate * db
        return W, b, losses


def train__starts_again(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    """Says: start from 0 again"""
    losses = []
    for row in order:
        W, b = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes)
        for start in range(0, len(row), batch_size):
            batch = row[start : start + batch_size]
            z = X[batch] @ W.T + b
            losses.append(loss(log_softmax(z), labels[batch], W, weight_decay))
            dW, db = gradients(X[batch], softmax(z), labels[batch], W, weight_decay)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b, losses


def train__bias_fixed(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    """Says: b never changes"""
    W, b, losses = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), []
    for row in order:
        for start in range(0, len(row), batch_size):
            batch = row[start : start + batch_size]
            z = X[batch] @ W.T + b
            losses.append(loss(log_softmax(z), labels[batch], W, weight_decay))
            dW, _ = gradients(X[batch], softmax(z), labels[batch], W, weight_decay)
            W = W - learning_rate * dW
    return W, b, losses


def train__uphill(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    """Says: goes uphill"""
    W, b, losses = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), []
    for row in order:
        for start in range(0, len(row), batch_size):
            batch = row[start : start + batch_size]
            z = X[batch] @ W.T + b
            losses.append(loss(log_softmax(z), labels[batch], W, weight_decay))
            dW, db = gradients(X[batch], softmax(z), labels[batch], W, weight_decay)
            W, b = W + learning_rate * dW, b + learning_rate * db
    return W, b, losses


def train__everything_at_once(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    """Says: every step used all the examples"""
    W, b, losses = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), []
    for row in order:
        for _ in range(0, len(row), batch_size):
            z = X @ W.T + b
            losses.append(loss(log_softmax(z), labels, W, weight_decay))
            dW, db = gradients(X, softmax(z), labels, W, weight_decay)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b, losses


def train__no_decay(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    """Says: weight_decay is not used"""
    W, b, losses = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), []
    for row in order:
        for start in range(0, len(row), batch_size):
            batch = row[start : start + batch_size]
            z = X[batch] @ W.T + b
            losses.append(loss(log_softmax(z), labels[batch], W, 0.0))
            dW, db = gradients(X[batch], softmax(z), labels[batch], W, 0.0)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b, losses


def train__fixed_divisor(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    """Says: its own number of examples"""
    W, b, losses = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), []
    for row in order:
        for start in range(0, len(row), batch_size):
            batch = row[start : start + batch_size]
            z = X[batch] @ W.T + b
            losses.append(loss(log_softmax(z), labels[batch], W, weight_decay))
            delta = (softmax(z) - np.eye(n_classes)[labels[batch]]) / batch_size
            W = W - learning_rate * (delta.T @ X[batch] + weight_decay * W)
            b = b - learning_rate * delta.sum(axis=0)
    return W, b, losses


def train__loss_after_the_step(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    """Says: losses
    Its W and b are right, so only losses are lost."""
    W, b, losses = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), []
    for row in order:
        for start in range(0, len(row), batch_size):
            batch = row[start : start + batch_size]
            z = X[batch] @ W.T + b
            dW, db = gradients(X[batch], softmax(z), labels[batch], W, weight_decay)
            W, b = W - learning_rate * dW, b - learning_rate * db
            losses.append(loss(log_softmax(X[batch] @ W.T + b), labels[batch], W, weight_decay))
    return W, b, losses


def train__one_loss_an_epoch(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    """Says: one for every epoch"""
    W, b, losses = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), []
    for row in order:
        for start in range(0, len(row), batch_size):
            batch = row[start : start + batch_size]
            z = X[batch] @ W.T + b
            value = loss(log_softmax(z), labels[batch], W, weight_decay)
            dW, db = gradients(X[batch], softmax(z), labels[batch], W, weight_decay)
            W, b = W - learning_rate * dW, b - learning_rate * db
        losses.append(value)
    return W, b, losses


def train__same_loss_object(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    """Writes all losses into one array and appends that: in the end all are the last one.
    Says: appended the same array"""
    W, b, losses, value = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), [], np.zeros(())
    for row in order:
        for start in range(0, len(row), batch_size):
            batch = row[start : start + batch_size]
            z = X[batch] @ W.T + b
            value[...] = loss(log_softmax(z), labels[batch], W, weight_decay)
            losses.append(value)
            dW, db = gradients(X[batch], softmax(z), labels[batch], W, weight_decay)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b, losses


def train__shuffles_the_order(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    """Says: W"""
    W, b, losses = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes), []
    rng = np.random.default_rng(0)
    for row in order:
        rng.shuffle(row)
        for start in range(0, len(row), batch_size):
            batch = row[start : start + batch_size]
            z = X[batch] @ W.T + b
            losses.append(loss(log_softmax(z), labels[batch], W, weight_decay))
            dW, db = gradients(X[batch], softmax(z), labels[batch], W, weight_decay)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b, losses
