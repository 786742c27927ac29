"""Loops over images, classes, examples and parameters; nothing clever."""

import math

import numpy as np
import torch
from torch import nn


class Frozen(nn.Module):
    def __init__(self, trunk):
        super().__init__()
        self.trunk = trunk
        for _, parameter in trunk.named_parameters():
            parameter.requires_grad = False
            parameter.grad = None
        self.trunk.eval()

    def forward(self, x):
        return self.trunk(x)

    def train(self, mode=True):
        self.training = False
        for module in self.trunk.modules():
            module.training = False
        return self


def put_head(model, n_classes):
    head = None
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear):
            head = name
    if head is None:
        raise ValueError("no nn.Linear")
    parts = head.split(".")
    parent = model
    for part in parts[:-1]:
        parent = getattr(parent, part)
    old = getattr(parent, parts[-1])
    setattr(parent, parts[-1], nn.Linear(old.weight.shape[1], n_classes).to(old.weight.dtype))
    return head


def counts(model):
    learning = everything = 0
    seen = []
    for module in model.modules():
        for parameter in module.parameters(recurse=False):
            if any(parameter is other for other in seen):
                continue
            seen.append(parameter)
            size = 1
            for n in parameter.shape:
                size *= n
            everything += size
            if parameter.requires_grad:
                learning += size
    return learning, everything


def features(trunk, images, batch_size=100):
    modes = {}
    for name, module in trunk.named_modules():
        modes[name] = module.training
    trunk.eval()
    result = []
    for i in range(len(images)):  # a batch of one is at most batch_size
        with torch.no_grad():
            result.append(trunk(torch.tensor(images[i])[None])[0].reshape(-1).tolist())
    for name, module in trunk.named_modules():
        module.training = modes[name]
    return np.array(result, dtype=np.float32)


def fit_probe(features, labels, n_classes, strength):
    N, D = features.shape
    phi = [[float(value) for value in row] for row in features]
    mean = [math.fsum(row[d] for row in phi) / N for d in range(D)]
    sigma = [math.sqrt(math.fsum((row[d] - mean[d]) ** 2 for row in phi) / N) for d in range(D)]
    sigma = [s if s > 1e-12 else 1.0 for s in sigma]
    Z = np.array([[(row[d] - mean[d]) / sigma[d] for d in range(D)] for row in phi])
    Y = np.zeros((N, n_classes))
    for n in range(N):
        Y[n, labels[n]] = 1
    share = Y.sum(axis=0) / N
    gram = Z.T.dot(Z)
    for d in range(D):
        gram[d, d] += strength * N
    V = np.linalg.inv(gram).dot(Z.T).dot(Y - share)
    W, b = np.zeros((D, n_classes)), share.copy()
    for d in range(D):
        W[d] = V[d] / sigma[d]
        b -= mean[d] * W[d]
    return W, b


def left_out_scores(features, labels, n_classes, strength):
    """Really leaves each one out."""
    phi = features.astype(float)
    N, D = phi.shape
    sigma = phi.std(axis=0)
    sigma[sigma == 0] = 1
    Z = (phi - phi.mean(axis=0)) / sigma
    Y = np.zeros((N, n_classes))
    Y[np.arange(N), labels] = 1
    scores = []
    for i in range(N):
        z, y = np.delete(Z, i, axis=0), np.delete(Y, i, axis=0)
        centre, share = z.mean(axis=0), y.mean(axis=0)
        gram = (z - centre).T @ (z - centre) + strength * N * np.eye(D)
        V = np.linalg.solve(gram, (z - centre).T @ (y - share))
        scores.append(share + (Z[i] - centre) @ V)
    return np.array(scores)


def choose(candidates, labels, n_classes, strengths):
    best = None
    for name in candidates:
        for strength in strengths:
            right = 0
            scores = left_out_scores(candidates[name], labels, n_classes, strength)
            for row, label in zip(scores, labels, strict=True):
                right += int(np.argmax(row) == label)
            if best is None or right > best[0]:
                best = [right, name, strength]
    return best[1], best[2]


def gain(new, old):
    if len(new) != len(old):
        raise ValueError("not as many")
    if len(new) == 1:
        raise ValueError("one draw")
    d = [a - b for a, b in zip(new, old, strict=True)]
    mean = sum(d) / len(d)
    s = math.sqrt(sum((x - mean) ** 2 for x in d) / (len(d) - 1))
    reach = T_95[len(d) - 2] * s / math.sqrt(len(d))
    return mean, mean - reach, mean + reach


def parameter_groups(model, head, lr, body_lr, weight_decay):
    groups, seen = [], set()
    for name, module in model.named_modules():
        in_head = name == head or name.startswith(head + ".")
        for parameter in module.parameters(recurse=False):
            if parameter in seen or not parameter.requires_grad:
                continue
            seen.add(parameter)
            group = {"params": [parameter], "lr": body_lr, "weight_decay": 0.0}
            if in_head:
                group["lr"] = lr
            if len(parameter.shape) >= 2:
                group["weight_decay"] = weight_decay
            groups.append(group)
    return groups
