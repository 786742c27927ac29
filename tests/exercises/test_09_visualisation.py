"""Exercise 09: the model solution gets all its points, the starter none, and the tests tell right from wrong."""

import pytest
from exercise import Exercise, ExerciseTests

pytest.importorskip("torch")

FORGERIES = {
    "shapes without numbers": """
import torch

def as_pictures(filters): return torch.full_like(filters, 0.5)
def feature_maps(model, images, layers): return {name: torch.zeros_like(images) for name in layers}
def strongest(maps, k): return torch.arange(k), torch.zeros(k), torch.zeros(k)
def cut(image, row, column, size, jump, first, fill=1.0): return torch.full((len(image), size, size), fill)
def relu_back(x, g, rule): return torch.zeros_like(g)
def project(model, images, *how): return torch.zeros_like(images)
def saliency(model, images, classes): return torch.zeros_like(images)
def occlusion(model, image, class_, size, stride=1, fill=0.0):
    return torch.zeros(*[(n - size) // stride + 1 for n in image.shape[1:]])
def roughness(images): return torch.zeros(len(images))
def excite(model, images, *how): return images.clone()
""",
}
ZERO = "equivalent: where the largest number, or the mean, is 0, all numbers are, and 0 is divided by anything"
NOTHING = "equivalent: where g is 0, it makes no difference whether it passes"
SURVIVORS = {
    "as_pictures: largest = torch.where(largest > 0, largest, 1.0)"
    " → largest = torch.where(largest > 0, largest, 2.0)": ZERO,
    "excite: size = torch.where(size > 0, size, 1.0) → size = torch.where(size > 0, size, 2.0)": ZERO,
    "relu_back: passes = {'gradient': x > 0, 'deconvnet': g > 0, 'guided': (x > 0) & (g > 0)}"
    " → passes = {'gradient': x > 0, 'deconvnet': g >= 0, 'guided': (x > 0) & (g > 0)}": NOTHING,
    "relu_back: passes = {'gradient': x > 0, 'deconvnet': g > 0, 'guided': (x > 0) & (g > 0)}"
    " → passes = {'gradient': x > 0, 'deconvnet': g > 0, 'guided': (x > 0) & (g >= 0)}": NOTHING,
    "excite: gradient, = torch.autograd.grad(goal.sum(), images)"
    " → gradient, = torch.autograd.grad(goal.mean(), images)": (
        "equivalent: the gradient is divided by its own mean, and no image has a share in that of another"
    ),
}


class TestVisualisation(ExerciseTests):
    exercise = Exercise("09-visualisation")
    forgeries = FORGERIES
    survivors = SURVIVORS
