"""Helper classes behind the functions, uniform weights, masks."""

import numpy as np


class Fan:
    def __init__(self, inputs, outputs):
        self.he = inputs
        self.xavier = (inputs + outputs) / 1

    def limit(self, kind):
        return np.sqrt(6 / getattr(self, kind))


def initial_weights(inputs, outputs, kind, seed):
    a = Fan(inputs, outputs).limit(kind)
    return np.random.default_rng(seed).uniform(-a, a, size=(outputs, inputs))


class Mean:
    def __init__(self, share, value):
        self.share, self.value = share, value

    def with_new(self, new):
        return self.share * self.value + (1 - self.share) * new


def adam_step(w, m, v, grad, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = Mean(beta1, m).with_new(grad), Mean(beta2, v).with_new(np.square(grad))
    correction = np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return w - rate * correction * m / (np.sqrt(v) + eps * np.sqrt(1 - beta2**t)), m, v


class Mask:
    def __init__(self, p, u):
        self.factor = np.greater_equal(u, p).astype(float) / (1.0 - p)

    def __call__(self, values):
        return values * self.factor


def dropout(h, p, u):
    return Mask(p, u)(h)


def dropout_backward(grad, p, u):
    return Mask(p, u)(grad)
