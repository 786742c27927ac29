"""Classes that remember; the network is a list of them, gone through backwards."""

import numpy as np


class Convolution:
    def __init__(self, weight, bias, stride=1, padding=0):
        self.weight, self.bias, self.stride, self.padding = weight, bias, stride, padding

    def places(self, shape):
        for u in range(self.weight.shape[2]):
            for v in range(self.weight.shape[3]):
                yield (
                    u,
                    v,
                    slice(u, u + self.stride * shape[0], self.stride),
                    slice(v, v + self.stride * shape[1], self.stride),
                )

    def see(self, x, shape):
        p = self.padding
        # Room behind the last window, so that every slice is long enough.
        room = self.stride
        self.shape = x.shape
        self.x = np.pad(x, ((0, 0), (0, 0), (p, p + room), (p, p + room)))
        self.out = shape
        return self

    def backward(self, grad):
        dF, dX = np.zeros(self.weight.shape), np.zeros(self.x.shape)
        for u, v, down, across in self.places(self.out):
            seen = self.x[:, :, down, across]
            dF[:, :, u, v] = np.tensordot(grad, seen, ((0, 2, 3), (0, 2, 3)))
            dX[:, :, down, across] += np.moveaxis(np.tensordot(grad, self.weight[:, :, u, v], (1, 0)), -1, 1)
        p = self.padding
        self.dF, self.db = dF, grad.sum(axis=(0, 2, 3))
        return dX[:, :, p : p + self.shape[2], p : p + self.shape[3]]


def line_gradients(grad, x, w, stride=1):
    layer = Convolution(w.reshape(1, 1, 1, -1), None, stride).see(x.reshape(1, 1, 1, -1), (1, len(grad)))
    dx = layer.backward(grad.reshape(1, 1, 1, -1))
    return dx.ravel(), layer.dF.ravel()


def filter_gradients(grad, x, size, stride=1, padding=0):
    weight = np.zeros((grad.shape[1], x.shape[1], *size))
    layer = Convolution(weight, None, stride, padding).see(x, grad.shape[2:])
    layer.backward(grad)
    return layer.dF, layer.db


def input_gradient(grad, weight, input_shape, stride=1, padding=0):
    return Convolution(weight, None, stride, padding).see(np.zeros(input_shape), grad.shape[2:]).backward(grad)


class MaxPool:
    def __init__(self, x, size, stride):
        self.x, self.size, self.stride = x, size, stride

    def backward(self, grad):
        dX = np.zeros(self.x.shape)
        taken = np.zeros(grad.shape, bool)
        places = [window_slices(u, v, *grad.shape[2:], self.stride) for u in range(self.size) for v in range(self.size)]
        top = largest_of(np.maximum, [self.x[:, :, a, b] for a, b in places])
        for down, across in places:
            wins = (self.x[:, :, down, across] == top) & ~taken
            taken |= wins
            dX[:, :, down, across] += np.where(wins, grad, 0)
        return dX


def largest_of(function, items):
    first, *rest = items
    for item in rest:
        first = function(first, item)
    return first


def max_pool_gradient(grad, x, size, stride=None):
    return MaxPool(x, size, stride or size).backward(grad)


def avg_pool_gradient(grad, input_shape, size, stride=None):
    """A convolution of each channel alone, with 1 / size² everywhere."""
    N, C, H, W = input_shape
    share = np.full((1, 1, size, size), 1 / size**2)
    alone = grad.reshape(N * C, 1, *grad.shape[2:])
    return input_gradient(alone, share, (N * C, 1, H, W), stride or size).reshape(N, C, H, W)


class Network:
    def __init__(self, parameters):
        self.p = parameters

    def gradients(self, x, maps, delta):
        p = self.p
        yield "c", delta.sum(axis=0)
        yield "W", np.einsum("nk,nd->kd", delta, maps["p2"].reshape(len(x), -1))
        grad = np.where(
            maps["h2"] > 0, avg_pool_gradient((delta @ p["W"]).reshape(maps["p2"].shape), maps["h2"].shape, 2), 0
        )
        second = Convolution(p["F2"], p["b2"]).see(maps["p1"], grad.shape[2:])
        grad = second.backward(grad)
        yield "b2", second.db
        yield "F2", second.dF
        grad = np.where(maps["h1"] > 0, max_pool_gradient(grad, maps["h1"], 2), 0)
        first = Convolution(p["F1"], p["b1"]).see(x, grad.shape[2:])
        first.backward(grad)
        yield "b1", first.db
        yield "F1", first.dF


def network_gradients(parameters, x, labels):
    maps = forward(parameters, x)
    loss, delta = cross_entropy(maps["logits"], labels)
    return float(loss), dict(Network(parameters).gradients(x, maps, delta))
