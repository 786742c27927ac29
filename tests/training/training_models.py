"""Small models and data that the tests of training share."""

import numpy as np
import torch

from coursekit import scratch
from coursekit.scratch import nn


def softmax_regression(nn):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def mlp(nn):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))


def small_convnet(nn):
    return nn.Sequential(
        nn.Conv2d(1, 4, 5, stride=2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4 * 6 * 6, 10)
    )


def twins(build, dtype=np.float32):
    scratch.manual_seed(0)
    mine, theirs = build(nn), build(torch.nn)
    if dtype == np.float64:
        mine, theirs = mine.double(), theirs.double()
    theirs.load_state_dict({name: torch.from_numpy(array) for name, array in mine.state_dict().items()})
    return mine, theirs


def two_moons(n=200, seed=0):
    """Two interleaved half circles: not linearly separable, learned in a moment."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    angle = rng.uniform(0, np.pi, n)
    x = np.stack([np.cos(angle) * (1 - 2 * labels) + labels, np.sin(angle) * (1 - 2 * labels) + labels / 2], axis=1)
    return (x + rng.normal(scale=0.1, size=x.shape)).astype(np.float32), labels


def weights(model):
    """Copies of all parameters and buffers, as arrays."""
    return {name: np.asarray(value).copy() for name, value in model.state_dict().items()}
