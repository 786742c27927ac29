"""Wrong solutions of task 7; see exercise.py."""

import numpy as np


def step__uphill(network, loss, x, labels, rate, step=step):
    """Says: goes uphill"""
    return step(network, loss, x, labels, -rate)


def _backward(network, loss, x, labels):
    value = loss.forward(network.forward(x), labels)
    network.backward(loss.backward())
    return value


def step__no_bias(network, loss, x, labels, rate):
    """Says: b did not move"""
    value = _backward(network, loss, x, labels)
    for layer in network.layers:
        if hasattr(layer, "W"):
            layer.W = layer.W - rate * layer.grad_W
    return value


def step__last_layer_only(network, loss, x, labels, rate):
    """Says: only the last layer moved"""
    value = _backward(network, loss, x, labels)
    layer = network.layers[-1]
    layer.W, layer.b = layer.W - rate * layer.grad_W, layer.b - rate * layer.grad_b
    return value


def step__every_layer_has_weights(network, loss, x, labels, rate):
    """Says: has no attribute"""
    value = _backward(network, loss, x, labels)
    for layer in network.layers:
        layer.W, layer.b = layer.W - rate * layer.grad_W, layer.b - rate * layer.grad_b
    return value


def step__loss_after(network, loss, x, labels, rate):
    """Says: the loss after the step"""
    value = _backward(network, loss, x, labels)
    for layer in network.layers:
        if hasattr(layer, "W"):
            layer.W, layer.b = layer.W - rate * layer.grad_W, layer.b - rate * layer.grad_b
            value = loss.forward(network.forward(x), labels)
    return value


def step__fixed_rate(network, loss, x, labels, rate, step=step):
    """Hidden only."""
    return step(network, loss, x, labels, 0.1)


def step__averaged_again(network, loss, x, labels, rate, step=step):
    """Hidden only."""
    return step(network, loss, x, labels, rate / len(x))


def fit_digits__too_slow(images, labels):
    """Hidden only."""
    rng = np.random.default_rng(0)
    X = images.reshape(len(images), -1)
    layers = [Linear(rng.normal(size=(16, 784)) * 0.05, np.zeros(16)), ReLU()]
    layers.append(Linear(rng.normal(size=(10, 16)) * 0.3, np.zeros(10)))
    network, loss = Network(layers), CrossEntropy()
    return network, [step(network, loss, X[i::50], labels[i::50], 0.003) for i in range(50)]


def fit_digits__all_alike(images, labels):
    """Says: All hidden units are the same"""
    X = images.reshape(len(images), -1).astype(float)
    layers = [Linear(np.full((16, 784), 0.01), np.zeros(16)), ReLU()]
    layers.append(Linear(np.full((10, 16), 0.1), np.zeros(10)))
    network, loss = Network(layers), CrossEntropy()
    return network, [step(network, loss, X[i::50], labels[i::50], 0.1) for i in range(50)]
