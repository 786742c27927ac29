"""Recursion over children, hooks that read, formulas turned around."""

import numpy as np
import torch
from torch import nn


def _everything(module):
    yield module
    for child in module.children():
        yield from _everything(child)


class Frozen(nn.Module):
    def __init__(self, trunk):
        super().__init__()
        self.trunk = trunk
        for module in _everything(trunk):
            for parameter in module.parameters(recurse=False):
                parameter.requires_grad_(False)
                parameter.grad = None
        self.train(True)

    def forward(self, x):
        return self.trunk(x)

    def train(self, mode=True):
        for module in _everything(self):
            module.training = False
        return self


def _last_linear(module, path=()):
    found = None
    for name, child in module.named_children():
        if isinstance(child, nn.Linear):
            found = module, name, (*path, name)
        found = _last_linear(child, (*path, name)) or found
    return found


def put_head(model, n_classes):
    found = _last_linear(model)
    if found is None:
        raise ValueError("nothing to replace")
    parent, name, path = found
    old = getattr(parent, name)
    parent.register_module(name, nn.Linear(old.in_features, n_classes, True, old.weight.device, old.weight.dtype))
    return ".".join(path)


def counts(model):
    learning = sum(map(torch.numel, filter(lambda p: p.requires_grad, model.parameters())))
    return learning, sum(map(torch.numel, model.parameters()))


def features(trunk, images, batch_size=100):
    before = [(m, m.training) for m in _everything(trunk)]
    rows = []
    hook = trunk.register_forward_hook(lambda module, given, out: rows.append(out.detach().flatten(1).clone().numpy()))
    for module, _ in before:
        module.training = False
    start = 0
    with torch.set_grad_enabled(False):
        while start < len(images):
            trunk(torch.tensor(images[start : start + batch_size]))
            start += batch_size
    hook.remove()
    for module, mode in before:
        module.training = mode
    return np.concatenate(rows, axis=0)


def fit_probe(features, labels, n_classes, strength):
    """Normal equations with the intercept as one more unknown."""
    phi = np.array(features, float)
    N, D = phi.shape
    sigma = phi.std(0) + (phi.std(0) == 0)
    A = np.c_[np.ones(N), (phi - phi.mean(0)) / sigma]
    Y = (np.arange(n_classes) == labels.reshape(-1, 1)) * 1.0
    penalty = np.diag(np.r_[0, np.full(D, strength * N)])
    theta = np.linalg.solve(A.T @ A + penalty, A.T @ Y)
    W = (theta[1:].T / sigma).T
    return W, theta[0] - np.sum((phi.mean(0) / sigma)[:, None] * theta[1:], axis=0)


def left_out_scores(features, labels, n_classes, strength):
    phi = np.array(features, float)
    N, D = phi.shape
    sigma = phi.std(0) + (phi.std(0) == 0)
    A = np.c_[np.ones(N), (phi - phi.mean(0)) / sigma]
    Y = (np.arange(n_classes) == labels.reshape(-1, 1)) * 1.0
    penalty = np.diag(np.r_[0, np.full(D, strength * N)])
    scores = np.empty_like(Y)
    for i in range(N):
        rest = np.r_[0:i, i + 1 : N]
        theta = np.linalg.solve(A[rest].T @ A[rest] + penalty, A[rest].T @ Y[rest])
        scores[i] = A[i] @ theta
    return scores


def choose(candidates, labels, n_classes, strengths):
    ranked = sorted(
        ((name, strength) for name in candidates for strength in strengths),
        key=lambda pair: (
            -sum(left_out_scores(candidates[pair[0]], labels, n_classes, pair[1]).argmax(axis=1) == labels)
        ),
    )
    return ranked[0]  # sorting keeps the order of equals


def gain(new, old):
    if len(new) < 2 or len(new) != len(old):
        raise ValueError("new, old")
    d = np.asarray(new) - np.asarray(old)
    t = dict(enumerate(T_95, start=2))[len(d)]
    half = t * np.sqrt(np.sum((d - d.mean()) ** 2) / (len(d) * (len(d) - 1)))
    return d.mean(), d.mean() - half, d.mean() + half


def parameter_groups(model, head, lr, body_lr, weight_decay):
    head_parameters = [id(p) for p in model.get_submodule(head).parameters()]

    def group(parameter):
        rate = lr if id(parameter) in head_parameters else body_lr
        return {"params": [parameter], "lr": rate, "weight_decay": [0, weight_decay][parameter.dim() >= 2]}

    return [group(parameter) for parameter in model.parameters() if parameter.requires_grad]
