"""Wrong solutions of task 4; see exercise.py."""

import torch
import torch.nn.functional as F
from torch import nn


def relu_back__exchanged(x, g, rule):
    """Also: rules
    Says: this is what the rule 'deconvnet' hands on"""
    passes = {"gradient": g > 0, "deconvnet": x > 0, "guided": (x > 0) & (g > 0)}
    return torch.where(passes[rule], g, 0.0)


def relu_back__deconvnet_is_guided(x, g, rule):
    """Says: this is what the rule 'guided' hands on"""
    passes = {"gradient": x > 0, "deconvnet": (x > 0) & (g > 0), "guided": (x > 0) & (g > 0)}
    return torch.where(passes[rule], g, 0.0)


def relu_back__either(x, g, rule):
    """Says: relu_back(x, g, 'guided')"""
    passes = {"gradient": x > 0, "deconvnet": g > 0, "guided": (x > 0) | (g > 0)}
    return torch.where(passes[rule], g, 0.0)


def relu_back__at_zero(x, g, rule):
    """Says: where x is 0 nothing passes"""
    passes = {"gradient": x >= 0, "deconvnet": g > 0, "guided": (x >= 0) & (g > 0)}
    return torch.where(passes[rule], g, 0.0)


def relu_back__forward(x, g, rule):
    """Says: this is the way up"""
    return F.relu(x)


def relu_back__mask(x, g, rule):
    """Says: these are ones and zeros"""
    passes = {"gradient": x > 0, "deconvnet": g > 0, "guided": (x > 0) & (g > 0)}
    return passes[rule].float()


def relu_back__in_place(x, g, rule):
    """Says: changed the array `g`"""
    passes = {"gradient": x > 0, "deconvnet": g > 0, "guided": (x > 0) & (g > 0)}
    g[~passes[rule]] = 0
    return g


def relu_back__times_x(x, g, rule):
    """Says: g was multiplied by x"""
    passes = {"gradient": x > 0, "deconvnet": g > 0, "guided": (x > 0) & (g > 0)}
    return torch.where(passes[rule], g, 0.0) * x


def _rule(x, g, rule):
    passes = {"gradient": x > 0, "deconvnet": g > 0, "guided": (x > 0) & (g > 0)}
    return torch.where(passes[rule], g, 0.0)


def _project(model, images, start, rule, relu=_rule):
    """Right but for what it begins with and what it does at a ReLU."""
    given = []
    for layer in model:
        given.append(images.detach())
        images = layer(images).detach()
    signal = start(images)
    for number in reversed(range(len(model))):
        if isinstance(model[number], nn.ReLU):
            signal = relu(given[number], signal, rule)
        else:
            below = given[number].clone().requires_grad_()
            (signal,) = torch.autograd.grad(model[number](below), below, signal)
    return signal


def _one(unit, row, column, value=1.0):
    def start(top):
        signal = torch.zeros_like(top)
        signal[:, unit, row, column] = value
        return signal

    return start


def project__always_gradient(model, images, unit, row, column, rule):
    """Says: this is what comes back by the rule 'gradient'"""
    return _project(model, images, _one(unit, row, column), "gradient")


def project__always_guided(model, images, unit, row, column, rule):
    """Says: this is what comes back by the rule 'guided'"""
    return _project(model, images, _one(unit, row, column), "guided")


def project__last_relu_only(model, images, unit, row, column, rule):
    """Says: project(model, images, 1, 0, 0, 'deconvnet')"""
    met = []

    def relu(x, g, rule):
        met.append(x)
        return _rule(x, g, rule if len(met) == 1 else "gradient")

    return _project(model, images, _one(unit, row, column), rule, relu)


def project__from_its_value(model, images, unit, row, column, rule):
    """Says: it began with the value of the unit"""

    def start(top):
        signal = torch.zeros_like(top)
        signal[:, unit, row, column] = top[:, unit, row, column]
        return signal

    return _project(model, images, start, rule)


def project__all_places(model, images, unit, row, column, rule):
    """Begins everywhere in the map of the unit: the map of the visible check has one place.
    Hidden only."""
    return _project(model, images, _one(unit, slice(None), slice(None)), rule)


def project__rows_and_columns(model, images, unit, row, column, rule):
    """Hidden only."""
    return _project(model, images, _one(unit, column, row), rule)


def project__unit_0(model, images, unit, row, column, rule):
    """Says: it began at unit 0"""
    return _project(model, images, _one(0, row, column), rule)


def project__mean(model, images, unit, row, column, rule):
    """Says: divided by the number of images"""
    return _project(model, images, _one(unit, row, column, 1 / len(images)), rule)


def project__first_image(model, images, unit, row, column, rule):
    """Says: the shape"""
    return _project(model, images[:1], _one(unit, row, column), rule)


def project__input_of_the_next(model, images, unit, row, column, rule):
    """Asks what came out of the ReLU and is no mistake there; but takes x for the whole chain from above.
    Says: project(model, images, 1, 0, 0"""
    last = []

    def relu(x, g, rule):
        last.append(x)
        return _rule(last[0].mean() + 0 * x, g, rule)

    return _project(model, images, _one(unit, row, column), rule, relu)


def project__spread_by_pooling(model, images, unit, row, column, rule):
    """Without switches: each value goes to all pixels of its window.
    Says: project(model, images, 1, 0, 0"""
    given = []
    for layer in model:
        given.append(images.detach())
        images = layer(images).detach()
    signal = _one(unit, row, column)(images)
    for number in reversed(range(len(model))):
        below = given[number].clone().requires_grad_()
        if isinstance(model[number], nn.ReLU):
            signal = _rule(below.detach(), signal, rule)
        elif isinstance(model[number], nn.MaxPool2d):
            size = model[number].kernel_size
            mean = F.avg_pool2d(below, size)
            (signal,) = torch.autograd.grad(mean, below, signal)
        else:
            (signal,) = torch.autograd.grad(model[number](below), below, signal)
    return signal


def project__no_output_padding(model, images, unit, row, column, rule):
    """Hidden only."""
    given = []
    for layer in model:
        given.append(images.detach())
        images = layer(images).detach()
    signal = _one(unit, row, column)(images)
    for number in reversed(range(len(model))):
        layer, below = model[number], given[number].clone().requires_grad_()
        if isinstance(layer, nn.ReLU):
            signal = _rule(below.detach(), signal, rule)
        elif isinstance(layer, nn.Conv2d):
            signal = F.conv_transpose2d(signal, layer.weight.detach(), stride=layer.stride, padding=layer.padding)
        else:
            (signal,) = torch.autograd.grad(layer(below), below, signal)
    return signal


def project__with_the_bias(model, images, unit, row, column, rule):
    """Says: project(model, images, 1, 0, 0"""
    given = []
    for layer in model:
        given.append(images.detach())
        images = layer(images).detach()
    signal = _one(unit, row, column)(images)
    for number in reversed(range(len(model))):
        layer, below = model[number], given[number].clone().requires_grad_()
        if isinstance(layer, nn.ReLU):
            signal = _rule(below.detach(), signal, rule)
        else:
            if isinstance(layer, nn.Conv2d):
                signal = signal - layer.bias.detach()[:, None, None]
            (signal,) = torch.autograd.grad(layer(below), below, signal)
    return signal


def project__kept_in_the_module(model, images, unit, row, column, rule):
    """One ReLU may stand at several places, and keeps only what it met last.
    Hidden only."""
    signal = images
    for layer in model:
        layer.met = signal.detach()
        signal = layer(signal).detach()
    signal = _one(unit, row, column)(signal)
    for layer in list(model)[::-1]:
        below = layer.met.clone().requires_grad_()
        if isinstance(layer, nn.ReLU):
            signal = _rule(layer.met, signal, rule)
        else:
            (signal,) = torch.autograd.grad(layer(below), below, signal)
    for layer in model:
        if hasattr(layer, "met"):
            del layer.met
    return signal


def project__hooks_stay(model, images, unit, row, column, rule):
    """Says: A hook is still on the network"""
    images = images.detach().clone().requires_grad_()
    for layer in model:
        if isinstance(layer, nn.ReLU) and rule != "gradient":
            layer.register_full_backward_hook(
                lambda module, into, out: (F.relu(out[0] if rule == "deconvnet" else into[0]),)
            )
    return torch.autograd.grad(model(images)[:, unit, row, column].sum(), images)[0]


def project__backward(model, images, unit, row, column, rule):
    """Says: backward()"""
    asked = images.detach().clone().requires_grad_()
    model(asked)[:, unit, row, column].sum().backward()
    return _project(model, images, _one(unit, row, column), rule)
