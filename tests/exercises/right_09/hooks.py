"""Hooks for everything; the way back by hooks at the ReLUs."""

from contextlib import ExitStack, contextmanager
from functools import partial

import torch
from torch import nn


@contextmanager
def hooked(handle):
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def evaluating(model):
    on = [module for module in model.modules() if module.training]
    model.eval()
    try:
        yield
    finally:
        for module in on:
            module.training = True


def feature_maps(model, images, layers):
    found = {}

    def keep(name, module, inputs, output):
        found[name] = output.data.clone()

    names = dict(model.named_modules())
    with ExitStack() as stack:
        stack.enter_context(evaluating(model))
        for name in layers:
            stack.enter_context(hooked(names[name].register_forward_hook(partial(keep, name))))
        model(images)
    return {name: found[name] for name in layers}


def project(model, images, unit, row, column, rule):
    def back(module, grad_input, grad_output):
        if rule == "deconvnet":
            return (grad_output[0].clamp(min=0),)
        return (grad_input[0].clamp(min=0),)

    images = images.detach().clone().requires_grad_()
    with ExitStack() as stack:
        if rule != "gradient":
            for module in model.modules():  # each once, wherever it stands
                if isinstance(module, nn.ReLU):
                    stack.enter_context(hooked(module.register_full_backward_hook(back)))
        value = model(images)[:, unit, row, column].sum()
        return torch.autograd.grad(value, images)[0]


def saliency(model, images, classes):
    wanted = [each.requires_grad for each in model.parameters()]
    model.requires_grad_(False)
    try:
        images = images.detach().clone().requires_grad_()
        model(images).gather(1, classes[:, None]).sum().backward()
        return images.grad
    finally:
        for each, before in zip(model.parameters(), wanted, strict=True):
            each.requires_grad_(before)
