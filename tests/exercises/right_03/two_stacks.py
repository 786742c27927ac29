"""Depth first with a stack of iterators; gradients in a dictionary before they are written down."""

import numpy as np


def topological_order(result):
    order, entered, stack = [], {result}, [(result, iter(result.inputs))]
    while stack:
        node, left = stack[-1]
        for source, _ in left:
            if source not in entered:
                entered.add(source)
                stack.append((source, iter(source.inputs)))
                break
        else:
            order.append(node)
            stack.pop()
    return order[::-1]


def backward(order):
    arrived = dict.fromkeys(order, 0.0)
    arrived[order[0]] = 1.0
    for node in order:
        for source, slope in node.inputs:
            arrived[source] += slope * arrived[node]
    for node, grad in arrived.items():
        node.grad = grad if node.inputs else node.grad + grad


def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1 and grad.shape[axis] != 1:
            grad = np.sum(grad, axis, keepdims=True)
    return grad


def matmul_gradients(A, B, grad):
    return np.einsum("nm,dm->nd", grad, B), np.einsum("nd,nm->dm", A, grad)


def mean_gradient(x, grad, axis=None):
    n = x.size if axis is None else x.shape[axis]
    if axis is not None:
        grad = np.stack([grad] * n, axis=axis)
    return np.ones(x.shape) * grad / n
