"""Probe, choice and gain in PyTorch; tensors are returned where arrays would do."""

import torch
from torch import nn


class Frozen(nn.Module):
    def __init__(self, trunk):
        super().__init__()
        self.trunk = trunk
        for module in trunk.modules():
            for key, parameter in module._parameters.items():
                if parameter is not None:
                    module._parameters[key].requires_grad_(False).grad = None
        self.eval()

    def forward(self, x):
        return self.trunk(x)

    def train(self, mode=True):
        for child in self.children():
            child.train(False)
        self.training = False
        return self


def put_head(model, n_classes):
    heads = {n: m for n, m in model.named_modules() if isinstance(m, nn.Linear)}
    if not heads:
        raise ValueError("no head")
    name = next(reversed(heads))
    new = nn.Linear(heads[name].in_features, n_classes)
    new.to(heads[name].weight)
    model.set_submodule(name, new)
    return name


def counts(model):
    flat = [p.flatten() for p in model.parameters()]
    open_ = [p.flatten() for p in model.parameters() if p.requires_grad]
    return (len(torch.cat(open_)) if open_ else 0), len(torch.cat(flat))


def features(trunk, images, batch_size=100):
    modes = [m.training for m in trunk.modules()]
    trunk.eval()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.tensor(images)), batch_size)
    with torch.no_grad():
        rows = [nn.Flatten()(trunk(batch)) for (batch,) in loader]
    for module, mode in zip(trunk.modules(), modes, strict=True):
        module.training = mode
    return torch.concat(rows)


def _standardised(features, labels, n_classes):
    phi = torch.tensor(features).double()
    mean, std = phi.mean(0), phi.std(0, correction=0)
    std = torch.where(std > 0, std, torch.ones_like(std))
    Y = nn.functional.one_hot(torch.tensor(labels), n_classes).double()
    return (phi - mean) / std, mean, std, Y


def fit_probe(features, labels, n_classes, strength):
    Z, mean, std, Y = _standardised(features, labels, n_classes)
    gram = Z.T @ Z + strength * len(Z) * torch.eye(Z.shape[1]).double()
    W = torch.linalg.solve(gram, Z.T @ (Y - Y.mean(0))) / std[:, None]
    return W, Y.mean(0) - mean @ W


def left_out_scores(features, labels, n_classes, strength):
    Z, _, _, Y = _standardised(features, labels, n_classes)
    N = len(Z)
    gram = Z.T @ Z + strength * N * torch.eye(Z.shape[1]).double()
    H = torch.full((N, N), 1 / N).double() + Z @ torch.linalg.inv(gram) @ Z.T
    return Y - (Y - H @ Y) / (1 - torch.diag(H)).unsqueeze(1)


def choose(candidates, labels, n_classes, strengths):
    best = (-1, None, None)
    for name, features in candidates.items():
        for strength in strengths:
            hits = (left_out_scores(features, labels, n_classes, strength).argmax(1) == torch.tensor(labels)).sum()
            best = max(best, (int(hits), name, strength), key=lambda each: each[0])
    return best[1:]


def gain(new, old):
    new, old = torch.tensor(new), torch.tensor(old)
    if len(new) != len(old) or len(new) < 2:
        raise ValueError("draws")
    d = new - old
    reach = T_95[len(d) - 2] * d.std() / len(d) ** 0.5
    return d.mean(), d.mean() - reach, d.mean() + reach


def parameter_groups(model, head, lr, body_lr, weight_decay):
    top = {p for n, p in model.named_parameters() if n.startswith(f"{head}.")}
    everybody = [p for p in model.parameters() if p.requires_grad]
    return [
        {
            "params": [p for p in everybody if (p in top) is in_head and (p.ndim > 1) is wide],
            "lr": lr if in_head else body_lr,
            "weight_decay": weight_decay if wide else 0,
        }
        for in_head in (False, True)
        for wide in (True, False)
    ]
