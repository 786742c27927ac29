"""Other names inside, comprehensions, slopes as whole numbers and booleans."""

import math

import numpy as np


def exp(x):
    value = math.e**x.data
    return Value(value, [(x, value)])


def relu(x):
    return Value(x.data * (x.data > 0), [(x, 1 if x.data > 0 else 0)])


def softplus(x):
    if x.data > 30:
        return Value(x.data + math.exp(-x.data), [(x, 1 - math.exp(-x.data))])
    big = math.exp(x.data)
    return Value(math.log1p(big), [(x, big / (1 + big))])


def topological_order(last):
    waiting, everything = {}, [last]
    known = {id(last)}
    for each in everything:
        for source, _ in each.inputs:
            waiting[id(source)] = waiting.get(id(source), 0) + 1
            if id(source) not in known:
                known.add(id(source))
                everything.append(source)
    out = [last]
    for each in out:
        for source, _ in each.inputs:
            waiting[id(source)] -= 1
            if waiting[id(source)] == 0:
                out.append(source)
    return tuple(out)


def backward(nodes):
    result, *rest = nodes
    for node in nodes:
        node.grad = node.grad * (not node.inputs)
    result.grad = result.grad + 1
    for node in [result, *rest]:
        for source, slope in node.inputs:
            source.grad = source.grad + node.grad * slope


def unbroadcast(grad, shape):
    target = (1,) * (grad.ndim - len(shape)) + tuple(shape)
    axes = tuple(i for i in range(grad.ndim) if target[i] < grad.shape[i])
    return np.reshape(np.sum(grad, axis=axes, keepdims=True), shape)


def step(numbers, run, rate):
    for number in numbers:
        number.grad = 0
    before = run()
    for number, new in [(number, number.data - rate * number.grad) for number in numbers]:
        number.data = new
    return before
