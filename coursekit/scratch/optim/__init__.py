"""Optimisers, with the names, arguments and arithmetic of `torch.optim`."""

from coursekit.scratch.optim.optimizers import SGD, Optimizer
