"""Objects that do the work, and functions that ask them."""

import numpy as np
import torch
from torch import nn


class Frozen(nn.Module):
    def __init__(self, trunk):
        nn.Module.__init__(self)
        self.trunk = trunk
        self.trunk.requires_grad_(False)
        for parameter in self.parameters():
            parameter.grad = None
        nn.Module.train(self, False)

    def forward(self, x):
        return self.trunk(x)

    def train(self, mode=True):
        nn.Module.train(self, mode)
        self.trunk.eval()
        self.training = False
        return self


class _Census:
    def __init__(self, model):
        self.parameters = list(model.parameters())

    @property
    def all(self):
        return sum(np.prod(p.shape, dtype=int) for p in self.parameters)

    @property
    def learning(self):
        return sum(np.prod(p.shape, dtype=int) for p in self.parameters if p.requires_grad)


def counts(model):
    census = _Census(model)
    return census.learning, census.all


class _Head(nn.Linear):
    """A layer of one's own is an nn.Linear, too."""


def put_head(model, n_classes):
    names = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    if not names:
        raise ValueError("this network has no head")
    old = model.get_submodule(names[-1])
    with torch.no_grad():
        head = _Head(old.in_features, n_classes)
        nn.init.zeros_(head.weight)
        nn.init.zeros_(head.bias)
    head = head.type(old.weight.dtype)
    place, dot, own = names[-1].rpartition(".")
    (model.get_submodule(place) if dot else model).add_module(own, head)
    return names[-1]


class _Reader:
    def __init__(self, trunk):
        self.trunk = trunk

    def __enter__(self):
        self.before = {module: module.training for module in self.trunk.modules()}
        self.trunk.train(False)
        return self

    def __exit__(self, *error):
        for module, mode in self.before.items():
            module.training = mode

    @torch.no_grad()
    def read(self, batch):
        return self.trunk(torch.as_tensor(batch)).reshape(len(batch), -1)


def features(trunk, images, batch_size=100):
    with _Reader(trunk) as reader:
        first = reader.read(images[:batch_size])
        result = np.empty((len(images), first.shape[1]), np.float32)
        result[:batch_size] = first
        for start in range(batch_size, len(images), batch_size):
            result[start : start + batch_size] = reader.read(images[start : start + batch_size])
    return result


class _Ridge:
    def __init__(self, features, labels, n_classes, strength):
        self.phi = np.asarray(features, np.float64)
        self.mean = self.phi.mean(0, keepdims=True)
        self.scale = np.sqrt(((self.phi - self.mean) ** 2).mean(0, keepdims=True))
        self.scale[self.scale < 1e-9] = 1.0
        self.Z = (self.phi - self.mean) / self.scale
        self.Y = np.identity(n_classes)[labels]
        self.penalty = strength * self.phi.shape[0]

    def solve(self):
        """In the space of examples where there are fewer of them than features."""
        N, D = self.Z.shape
        centred = self.Y - self.Y.mean(0)
        if N < D:
            return self.Z.T @ np.linalg.solve(self.Z @ self.Z.T + self.penalty * np.identity(N), centred)
        return np.linalg.solve(self.Z.T @ self.Z + self.penalty * np.identity(D), self.Z.T @ centred)

    def left_out(self):
        """With a column of ones for the mean, and no penalty on it."""
        N, D = self.Z.shape
        A = np.hstack([np.ones((N, 1)), self.Z])
        G = A.T @ A + self.penalty * np.diag([0.0] + [1.0] * D)
        H = A @ np.linalg.inv(G) @ A.T
        h = np.diagonal(H)
        return self.Y - (self.Y - H @ self.Y) / (1 - h)[:, np.newaxis]


def fit_probe(features, labels, n_classes, strength):
    ridge = _Ridge(features, labels, n_classes, strength)
    weight = ridge.solve() / ridge.scale.T
    return weight, ridge.Y.mean(0) - (ridge.mean @ weight)[0]


def left_out_scores(features, labels, n_classes, strength):
    return _Ridge(features, labels, n_classes, strength).left_out()


def choose(candidates, labels, n_classes, strengths):
    table = np.array(
        [
            [np.count_nonzero(_Ridge(f, labels, n_classes, s).left_out().argmax(1) == labels) for s in strengths]
            for f in candidates.values()
        ]
    )
    row, column = np.unravel_index(table.argmax(), table.shape)
    return list(candidates)[row], strengths[column]


class _Paired:
    def __init__(self, new, old):
        if np.shape(new) != np.shape(old) or np.size(new) < 2:
            raise ValueError(f"{np.shape(new)} and {np.shape(old)}")
        self.d = np.subtract(new, old)

    def interval(self):
        error = np.sqrt(self.d.var(ddof=1) / self.d.size)
        t = T_95[self.d.size - 2]
        return self.d.mean() - t * error, self.d.mean() + t * error


def gain(new, old):
    paired = _Paired(new, old)
    low, high = paired.interval()
    return paired.d.mean(), low, high


def parameter_groups(model, head, lr, body_lr, weight_decay):
    """Four groups, some of them empty."""
    groups = [
        {"params": [], "lr": rate, "weight_decay": decay} for rate in (lr, body_lr) for decay in (weight_decay, 0.0)
    ]
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            body = not (name + ".").startswith(head + ".")
            groups[2 * body + (parameter.ndim < 2)]["params"].append(parameter)
    return groups
