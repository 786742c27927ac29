"""Recursion with a higher limit, in a thread of its own with a larger stack; properties and helpers."""

import math
import sys
import threading


class Value:
    def __init__(self, data, inputs=()):
        self.data, self.inputs, self.grad = data, inputs, 0.0

    def __repr__(self):
        return f"Value({self.data})"

    @staticmethod
    def number(thing):
        return thing.data if isinstance(thing, Value) else thing

    def operation(self, other, data, mine, its):
        pairs = [(self, mine)]
        if isinstance(other, Value):
            pairs.append((other, its))
        return Value(data, pairs)

    def __add__(self, other):
        return self.operation(other, self.data + Value.number(other), 1.0, 1.0)

    def __mul__(self, other):
        return self.operation(other, self.data * Value.number(other), Value.number(other), self.data)

    def __pow__(self, k):
        return self.operation(None, self.data**k, k * self.data ** (k - 1), None)

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __truediv__(self, other):
        return self * other**-1

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return self**-1 * other

    __radd__, __rmul__ = __add__, __mul__


def topological_order(result):
    order, seen = [], set()

    def visit(node):
        seen.add(id(node))
        for source, _ in node.inputs:
            if id(source) not in seen:
                visit(source)
        order.append(node)

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    threading.stack_size(256 * 2**20)
    thread = threading.Thread(target=visit, args=(result,))
    thread.start()
    thread.join()
    threading.stack_size(0)
    sys.setrecursionlimit(limit)
    order.reverse()
    return order


def exp(u):
    return Value(math.exp(u.data), [(u, math.exp(u.data))])


def log(u):
    return Value(math.log(u.data), [(u, u.data**-1)])
