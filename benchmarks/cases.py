"""What is measured. Every case builds functions that do the same work: here, in PyTorch, and in other ways."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from benchmarks import by_hand, peers
from coursekit import nets
from coursekit.nets.perceptron import dense_layers
from coursekit.scratch import Tensor, kernels
from coursekit.scratch import functional as F
from coursekit.scratch import nn as scratch_nn
from coursekit.scratch import optim as scratch_optim

BATCH = 128


@dataclass(frozen=True)
class Case:
    """A name, the ratio aimed at, and a function that returns {implementation: function or None}."""

    name: str
    aim: float
    build: Callable


def training_step(model, input_shape):
    """Forward, backward and SGD step of a classifier with ten classes."""

    def build():
        rng = np.random.default_rng(0)
        images, labels = rng.normal(size=(BATCH, *input_shape)).astype(np.float32), rng.integers(0, 10, BATCH)
        mine, theirs = model(scratch_nn), model(torch.nn)
        weights = {name: torch.from_numpy(array.copy()) for name, array in mine.state_dict().items()}
        theirs.load_state_dict(weights)

        def step(model, images, labels, optimizer, cross_entropy):
            loss = cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        here = mine, images, labels, scratch_optim.SGD(mine.parameters(), lr=0.01), F.cross_entropy
        tensors = torch.from_numpy(images), torch.from_numpy(labels)
        there = theirs, *tensors, torch.optim.SGD(theirs.parameters(), lr=0.01), torch.nn.functional.cross_entropy
        return {
            "here": lambda: step(*here),
            "PyTorch": lambda: step(*there),
            "by hand": by_hand.training_step(model(scratch_nn), images, labels, lr=0.01),
            "autograd": peers.autograd_step(mine, images, labels, lr=0.01) if len(input_shape) == 1 else None,
        }

    return build


def forward_and_backward(function, input_shape, *parameter_shapes, **options):
    """An operation and all its gradients, from inputs in the layout the layer before would leave them in."""

    def build():
        rng = np.random.default_rng(0)
        arrays = [rng.normal(size=shape).astype(np.float32) for shape in (input_shape, *parameter_shapes)]
        theirs = [torch.from_numpy(array.copy()).requires_grad_() for array in arrays]
        arrays[0] = kernels.batch_first(kernels.rows_first(arrays[0]))
        mine = [Tensor(array, requires_grad=True) for array in arrays]
        torch_function, scratch_function = getattr(torch.nn.functional, function), getattr(F, function)
        with torch.no_grad():
            shape = torch_function(*theirs, **options).shape
        above = rng.normal(size=shape).astype(np.float32)
        torch_above = torch.from_numpy(above)
        above = kernels.batch_first(kernels.rows_first(above))

        def work(function, inputs, above):
            for tensor in inputs:
                tensor.grad = None
            function(*inputs, **options).backward(above)

        return {
            "here": lambda: work(scratch_function, mine, above),
            "PyTorch": lambda: work(torch_function, theirs, torch_above),
            "by hand": by_hand.operation(function, arrays, above, **options),
        }

    return build


def dense(*sizes):
    """Fully connected layers with ReLUs between them, over either backend."""
    return lambda nn: nn.Sequential(*dense_layers(nn, sizes, nn.ReLU))


def convolution(channels, filters, kernel_size, size, padding=0):
    shapes = (BATCH, channels, size, size), (filters, channels, kernel_size, kernel_size), (filters,)
    return forward_and_backward("conv2d", *shapes, padding=padding)


CASES = {
    case.name: case
    for case in [
        Case("softmax step, 784-10", 0.55, training_step(dense(784, 10), (784,))),
        Case("MLP step, 784-256-128-10", 0.65, training_step(dense(784, 256, 128, 10), (784,))),
        Case("LeNet-5 step", 0.8, training_step(nets.lenet5, (1, 28, 28))),
        Case("conv 1→6, 5×5, 28×28", 0.55, convolution(1, 6, 5, 28, padding=2)),
        Case("conv 6→16, 5×5, 14×14", 1.0, convolution(6, 16, 5, 14)),
        Case("conv 3→32, 3×3, 32×32", 1.1, convolution(3, 32, 3, 32, padding=1)),
        Case("conv 32→64, 3×3, 16×16", 2.2, convolution(32, 64, 3, 16, padding=1)),
        Case("max-pool 2×2, 6×28×28", 0.4, forward_and_backward("max_pool2d", (BATCH, 6, 28, 28), kernel_size=2)),
    ]
}
