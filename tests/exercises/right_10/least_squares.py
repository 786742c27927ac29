"""Scores in float32, least squares and QR instead of normal equations."""

import numpy as np
import torch
from torch import nn


class Frozen(nn.Module):
    def __init__(self, trunk):
        super().__init__()
        self.trunk = trunk.eval().requires_grad_(False)
        for parameter in trunk.parameters():
            del parameter.grad
        self.training = False

    def forward(self, x):
        return self.trunk(x)

    def train(self, mode=True):
        return self  # nobody inside is told, so nobody changes


def put_head(model, n_classes):
    for name, module in reversed(list(model.named_modules())):
        if isinstance(module, nn.Linear):
            head = nn.Linear(module.in_features, n_classes).to(module.weight.device, module.weight.dtype)
            at = name.rfind(".")
            setattr(model.get_submodule(name[: max(at, 0)]), name[at + 1 :], head)
            return name
    raise ValueError("there is no nn.Linear")


def counts(model):
    sizes = np.array([[p.requires_grad * p.nelement(), p.nelement()] for p in model.parameters()])
    return tuple(int(n) for n in sizes.sum(axis=0))


def features(trunk, images, batch_size=100):
    was = {name: module.training for name, module in trunk.named_modules()}
    trunk.eval()
    pieces = np.array_split(images, -(-len(images) // batch_size))  # of nearly equal size
    with torch.no_grad():
        rows = [trunk(torch.from_numpy(piece)).numpy().reshape(len(piece), -1) for piece in pieces]
    for name, module in trunk.named_modules():
        module.training = was[name]
    return np.vstack(rows)


def fit_probe(features, labels, n_classes, strength):
    phi = features.astype(np.float64)
    (N, D), mean = phi.shape, phi.mean(0)
    std = phi.std(0)
    std[np.isclose(std, 0)] = 1
    Z = np.vstack([(phi - mean) / std, np.sqrt(strength * N) * np.eye(D)])
    Y = np.zeros((N, n_classes))
    np.put_along_axis(Y, labels[:, None], 1, axis=1)
    aims = np.vstack([Y - Y.mean(0), np.zeros((D, n_classes))])
    V, *_ = np.linalg.lstsq(Z, aims, rcond=None)
    W = np.divide(V, std[:, None])
    return W, Y.mean(0) - mean @ W


def left_out_scores(features, labels, n_classes, strength):
    phi = features.astype(np.float64)
    N, D = phi.shape
    std = phi.std(0)
    std[np.isclose(std, 0)] = 1
    Z = (phi - phi.mean(0)) / std
    Y = np.zeros((N, n_classes))
    np.put_along_axis(Y, labels[:, None], 1, axis=1)
    Q, _ = np.linalg.qr(np.vstack([Z, np.sqrt(strength * N) * np.eye(D)]))
    H = Q[:N] @ Q[:N].T + np.ones((N, N)) / N
    h = np.einsum("ii->i", H).reshape(-1, 1)
    return ((H @ Y - h * Y) / (1 - h)).astype(np.float32)


def choose(candidates, labels, n_classes, strengths):
    shares = {}
    for name, given in candidates.items():
        for strength in strengths:
            found = np.argmax(left_out_scores(given, labels, n_classes, strength), axis=1)
            shares[name, strength] = np.mean(found == labels)
    top = max(shares.values())
    return next(pair for pair, share in shares.items() if share == top)


def gain(new, old):
    if len(new) != len(old) or len(old) == 1:
        raise ValueError
    R = len(new)
    mean = np.mean(new) - np.mean(old)
    covariance = np.cov(new, old)
    s2 = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    reach = T_95[R - 2] * np.sqrt(max(s2, 0) / R)
    return mean, mean - reach, mean + reach


def parameter_groups(model, head, lr, body_lr, weight_decay):
    groups = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        parts, place = name.split("."), head.split(".")
        where = "head" if parts[: len(place)] == place else "body"
        groups.setdefault((where, parameter.ndim > 1), []).append(parameter)
    return [
        {"params": ps, "lr": lr if where == "head" else body_lr, "weight_decay": weight_decay if wide else 0}
        for (where, wide), ps in groups.items()
    ]
