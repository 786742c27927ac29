"""Everything about arrays in loops, by the definition."""

import numpy as np


def unbroadcast(grad, shape):
    result = np.zeros(shape)
    for place in np.ndindex(grad.shape):
        tail = place[len(place) - len(shape) :]
        result[tuple(0 if size == 1 else i for i, size in zip(tail, shape, strict=True))] += grad[place]
    return result


def matmul_gradients(A, B, grad):
    dA, dB = np.zeros(A.shape), np.zeros(B.shape)
    for n in range(A.shape[0]):
        for m in range(B.shape[1]):
            for d in range(A.shape[1]):
                dA[n, d] += grad[n, m] * B[d, m]
                dB[d, m] += grad[n, m] * A[n, d]
    return [dA, dB]


def mean_gradient(x, grad, axis=None):
    result = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        if axis is None:
            result[place] = grad / x.size
        else:
            result[place] = grad[place[:axis] + place[axis + 1 :]] / x.shape[axis]
    return result


def topological_order(result):
    order, stack, state = [], [result], {}
    while stack:
        node = stack[-1]
        if node not in state:
            state[node] = "open"
            stack.extend(source for source, _ in node.inputs if source not in state)
        else:
            stack.pop()
            if state[node] == "open":
                state[node] = "done"
                order.insert(0, node)
    return order
