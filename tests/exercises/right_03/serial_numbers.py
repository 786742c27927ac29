"""Numbers carry a serial number, and the order is newest first; NumPy floats inside."""

import itertools

import numpy as np

serial = itertools.count()


class Value:
    def __init__(self, data, inputs=()):
        self.data = np.float64(data)
        self.inputs = list(inputs)
        self.grad = np.float64(0)
        self.serial = next(serial)

    def __repr__(self):
        return f"Value({self.data:g}, grad={self.grad:g})"

    def __add__(self, other):
        if not isinstance(other, Value):
            return Value(self.data + other, [[self, np.float64(1)]])
        return Value(self.data + other.data, [[self, 1], [other, 1]])

    def __mul__(self, other):
        if not isinstance(other, Value):
            return Value(self.data * other, [[self, other]])
        return Value(self.data * other.data, [[self, other.data], [other, self.data]])

    def __pow__(self, k):
        return Value(self.data**k, [[self, k * self.data**k / self.data]])

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + other * -1

    def __truediv__(self, other):
        return self * other**-1

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def __rsub__(self, number):
        return -self + number

    def __rtruediv__(self, number):
        return self**-1 * number


def topological_order(result):
    found, todo = {result.serial: result}, [result]
    for node in todo:
        for source, _ in node.inputs:
            if source.serial not in found:
                found[source.serial] = source
                todo.append(source)
    return [found[key] for key in sorted(found, reverse=True)]


def tanh(u):
    y = np.tanh(u.data)
    return Value(y, [[u, 1 - y * y]])


def softplus(u):
    return Value(np.logaddexp(0, u.data), [[u, np.exp(-np.logaddexp(0, -u.data))]])
