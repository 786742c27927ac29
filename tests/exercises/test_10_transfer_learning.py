"""Exercise 10: the model solution gets all its points, the starter none, and the tests tell right from wrong."""

import pytest
from exercise import Exercise, ExerciseTests

pytest.importorskip("torch")

FORGERIES = {
    "shapes without numbers": """
import torch
from torch import nn
class Frozen(nn.Module):
    def __init__(self, trunk):
        super().__init__()
        self.trunk = trunk
    def forward(self, x): return torch.zeros_like(self.trunk(x))
    def train(self, mode=True): return self
def put_head(model, n_classes): return [name for name, m in model.named_modules() if isinstance(m, nn.Linear)][-1]
def counts(model): return 0, sum(p.numel() for p in model.parameters()) + 1
def features(trunk, images, batch_size=100):
    with torch.no_grad():
        return torch.zeros_like(trunk.eval()(torch.tensor(images[:1])).flatten(1)).numpy().repeat(len(images), 0)
def fit_probe(features, labels, n_classes, strength):
    return np.zeros((features.shape[1], n_classes)), np.bincount(labels, minlength=n_classes) / len(labels)
def left_out_scores(features, labels, n_classes, strength): return np.eye(n_classes)[labels]
def choose(candidates, labels, n_classes, strengths): return next(iter(candidates)), strengths[0]
def gain(new, old):
    mean = np.mean(new) - np.mean(old)
    return mean + 1e-3, mean, mean
def parameter_groups(model, head, lr, body_lr, weight_decay):
    return [{"params": list(model.parameters()), "lr": lr, "weight_decay": weight_decay}]
""",
    "numbers that are kept and brought back": """
import torch
from torch import nn
class Frozen(nn.Module):
    def __init__(self, trunk):
        super().__init__()
        self.trunk = trunk
        self.kept = {name: value.clone() for name, value in trunk.state_dict().items()}
        trunk.state_dict = lambda *args, **kwargs: dict(self.kept)
    def forward(self, x): return self.trunk(x)
    def train(self, mode=True): return super().train(mode)
""",
}


COLUMNS = "equivalent: the columns of Z have mean 0"
ALIKE = "equivalent: a feature that is always the same is 0 in Z whatever it is divided by, and gets the weight 0"
SURVIVORS = {
    "fit_probe: deviation = np.where(deviation > 0, deviation, 1)"
    " → deviation = np.where(deviation > 0, deviation, 2)": ALIKE,
    "fit_probe: V = np.linalg.solve(gram, Z.T @ (Y - share)) → V = np.linalg.solve(gram, Z.T @ (Y + share))": COLUMNS,
    "left_out_scores: Z = (features - features.mean(axis=0)) / np.where(deviation > 0, deviation, 1)"
    " → Z = (features - features.mean(axis=0)) / np.where(deviation > 0, deviation, 2)": ALIKE,
    "choose: best, most = (None, -1) → best, most = (None, -2)": "equivalent: less than any number of right ones",
    "choose: right = np.sum(scores.argmax(axis=1) == labels) → right = np.mean(scores.argmax(axis=1) == labels)": (
        "equivalent: the same order"
    ),
}


class TestTransferLearning(ExerciseTests):
    exercise = Exercise("10-transfer-learning", only_to_look_at="see-|check-|digits-")
    forgeries = FORGERIES
    survivors = SURVIVORS
