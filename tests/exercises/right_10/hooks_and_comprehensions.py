"""The trunk's own `train` is replaced; modes are kept in a context; groups by a dictionary."""

from contextlib import contextmanager
from functools import partial

import numpy as np
import torch
from torch import nn


def _always_evaluate(module, mode=True):
    return type(module).train(module, False)


class Frozen(nn.Module):
    def __init__(self, trunk):
        super().__init__()
        self.trunk = trunk
        trunk.requires_grad_(False)
        trunk.zero_grad(set_to_none=True)
        for module in trunk.modules():
            module.train = partial(_always_evaluate, module)
        trunk.eval()

    def forward(self, x):
        return self.trunk(x)

    def train(self, mode=True):
        return super().train(mode)


@contextmanager
def _evaluating(model):
    training = [module for module in model.modules() if module.training]
    model.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True


def put_head(model, n_classes):
    try:
        name, old = [pair for pair in model.named_modules() if type(pair[1]) is nn.Linear].pop()
    except IndexError:
        raise ValueError(f"{type(model).__name__} has no nn.Linear") from None
    *path, own = name.split(".")
    parent = model.get_submodule(".".join(path))
    parent._modules[own] = nn.Linear(old.in_features, n_classes, device=old.weight.device, dtype=old.weight.dtype)
    return name


def counts(model):
    unique = {id(p): p for p in model.parameters()}.values()
    return tuple(sum(p.numel() for p in unique if test(p)) for test in (lambda p: p.requires_grad, lambda p: True))


@torch.inference_mode()
def features(trunk, images, batch_size=100):
    with _evaluating(trunk):
        return torch.cat([trunk(b).flatten(1) for b in torch.from_numpy(images).split(batch_size)]).numpy()


def fit_probe(features, labels, n_classes, strength):
    """By the singular values of Z."""
    x = features.astype(np.float64)
    mu, sd = x.mean(0), x.std(0)
    sd[sd == 0] = 1
    u, s, vt = np.linalg.svd((x - mu) / sd, full_matrices=False)
    y = (labels[:, None] == np.arange(n_classes)).astype(float)
    v = vt.T @ ((s / (s**2 + strength * len(x)))[:, None] * (u.T @ (y - y.mean(0))))
    w = v / sd[:, None]
    return w, y.mean(0) - mu @ w


def left_out_scores(features, labels, n_classes, strength):
    x = features.astype(np.float64)
    sd = x.std(0)
    sd[sd == 0] = 1
    u, s, _ = np.linalg.svd((x - x.mean(0)) / sd, full_matrices=False)
    y = (labels[:, None] == np.arange(n_classes)).astype(float)
    keep = s**2 / (s**2 + strength * len(x))
    fitted = y.mean(0) + u @ (keep[:, None] * (u.T @ y))
    h = (u**2) @ keep + 1 / len(x)
    return (fitted - h[:, None] * y) / (1 - h)[:, None]


def choose(candidates, labels, n_classes, strengths):
    pairs = [(name, strength) for name in candidates for strength in strengths]

    def right(pair):
        return (left_out_scores(candidates[pair[0]], labels, n_classes, pair[1]).argmax(1) == labels).mean()

    return max(pairs, key=right)  # max gives the first of equals


def gain(new, old):
    if not len(new) == len(old) > 1:
        raise ValueError("2 draws or more, as many of both")
    d = new - old
    half = T_95[len(d) - 2] * np.std(d, ddof=1) / len(d) ** 0.5
    return [d.mean(), d.mean() - half, d.mean() + half]


def parameter_groups(model, head, lr, body_lr, weight_decay):
    found = {}
    mine = set(model.get_submodule(head).parameters())
    for p in filter(lambda p: p.requires_grad, model.parameters()):
        found.setdefault((lr if p in mine else body_lr, weight_decay * (p.dim() >= 2)), []).append(p)
    return [{"params": ps, "lr": rate, "weight_decay": decay} for (rate, decay), ps in found.items()]
