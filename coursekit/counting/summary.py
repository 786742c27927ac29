"""Counting a network layer by layer while an image runs through it.

The convention is that of LeCun et al., "Gradient-based learning applied to document recognition" (Proc. IEEE 1998):
a *unit* is one number of a layer's output, a *connection* is one input that one unit reads, and a bias is a connection
to an input that is always 1. So a convolution with 25 weights and a bias at 28 × 28 places for 6 filters has
6 · 28 · 28 · 26 = 122 304 connections, and a 2 × 2 pooling unit has four. Pixels of zero padding count like others.
Layers that treat every unit by itself (activation, dropout, normalisation) or only rename it (flatten) add neither
units nor connections. What other tools call MACs stands in `multiply_adds`: the connections that have a weight, so no
biases and no pooling. A multiply-add is two floating-point operations, though some papers write FLOPs for it.
"""

import itertools
import math

import numpy as np

from coursekit.counting.probe import as_input, evaluation
from coursekit.counting.table import NUMBERS, Row, Summary


def summary(model, input_shape, depth=None):
    """Count a network, layer by layer in the order in which they run.

    One image of zeros goes through the model as it would in use (`eval` mode). Only what a module does is seen: an
    addition or a function called inside `forward` has no row.

    Parameters
    ----------
    model : coursekit.scratch.nn.Module or torch.nn.Module
        It is not changed: modes, buffers and gradients are afterwards what they were.
    input_shape : tuple of int
        Of one example, such as (1, 28, 28).
    depth : int or "blocks", optional
        Merge everything inside a module that lies so deep into one row: 1 gives one row for each child of the model,
        "blocks" one row for each layer or block that a `Sequential` (or the model itself) holds.

    Returns
    -------
    Summary

    Raises
    ------
    TypeError
        If a layer has weights but is of no kind known here. Give it an attribute `fan_in`, the number of inputs that
        one of its units reads, and it is counted as one layer, whatever is inside.

    Examples
    --------
    >>> lenet = nn.Sequential(nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(1176, 10))
    >>> summary(lenet, (1, 32, 32))
    layer  kind       output       units  weights  biases  connections
    0      Conv2d     6 × 28 × 28  4,704      150       6      122,304
    1      Tanh       6 × 28 × 28
    2      AvgPool2d  6 × 14 × 14  1,176                         4,704
    3      Flatten    1176
    4      Linear     10              10   11,760      10       11,770
    total                          5,890   11,910      16      138,778
    11,926 parameters: 47.7 kB in float32
    input and units of one example: 27.7 kB
    """
    names, shapes, rows, counted = {}, {}, [], set()
    for name, module in model.named_modules():
        names.setdefault(module, name)  # a module that stands at two places keeps its first name
    closed = tuple(f"{name}." if name else "" for module, name in names.items() if hasattr(module, "fan_in"))

    def count(module, inputs, output):
        name = names[module]
        shapes[name] = _shape(output)
        is_layer = hasattr(module, "fan_in") or not any(True for _ in module.children())
        own = dict(module.named_parameters(recurse=is_layer))
        if (own or is_layer) and not name.startswith(closed):
            row = Row(name, type(module).__name__, _shape(output))
            _count_parameters(row, module, own, counted)
            if is_layer:
                _count_connections(row, module, _shape(inputs[0]), own)
            rows.append(row)

    with evaluation(model):
        hooks = [module.register_forward_hook(count) for module in names]
        try:
            model(as_input(model, np.zeros((1, *input_shape))))
        finally:
            for hook in hooks:
                hook.remove()

    idle = parameters(model) - sum(row.weights + row.biases for row in rows)
    if depth is not None:
        kinds = {name: type(module).__name__ for module, name in names.items()}
        prefix = _block(kinds) if depth == "blocks" else _prefix(depth)
        rows = [_merge(name, list(group), kinds, shapes) for name, group in itertools.groupby(rows, prefix)]
    return Summary(rows, input_shape, idle)


def parameters(model):
    """Count the parameters of a model, each once.

    Examples
    --------
    >>> parameters(nn.Linear(784, 10))
    7850
    """
    return sum(math.prod(parameter.shape) for parameter in model.parameters())


def _shape(output):
    """Shape for one example; of several outputs the first is meant."""
    return tuple((output[0] if isinstance(output, tuple) else output).shape[1:])


def _count_parameters(row, module, own, counted):
    for name, parameter in own.items():
        if id(parameter) not in counted:
            counted.add(id(parameter))
            kind = "biases" if "bias" in name else "weights"
            setattr(row, kind, getattr(row, kind) + math.prod(parameter.shape))
    for buffer in module.buffers(recurse=False):
        if buffer.shape and id(buffer) not in counted:  # PyTorch's number of batches seen is no statistic
            counted.add(id(buffer))
            row.buffers += math.prod(buffer.shape)


def _count_connections(row, module, input_shape, own):
    """How many inputs does each unit of a layer read? Only for layers without layers inside."""
    kinds, size = {kind.__name__ for kind in type(module).__mro__}, math.prod(row.output_shape)
    window = np.broadcast_to(getattr(module, "kernel_size", 1), max(len(row.output_shape) - 1, 1))
    window = math.prod(window.tolist())
    if hasattr(module, "fan_in"):
        weighted, pooled = round(size * module.fan_in), 0
    elif "Linear" in kinds:
        weighted, pooled = size * module.in_features, 0
    elif "ConvTranspose2d" in kinds:  # from the other side: each input reaches a window of units
        weighted, pooled = math.prod(input_shape) * window * module.out_channels // module.groups, 0
    elif kinds & {"Conv1d", "Conv2d"}:
        weighted, pooled = size * window * module.in_channels // module.groups, 0
    elif kinds & {"MaxPool1d", "MaxPool2d", "AvgPool2d"}:
        weighted, pooled = 0, size * window
    elif "AdaptiveAvgPool2d" in kinds and row.output_shape != input_shape:
        sides = zip(input_shape[1:], row.output_shape[1:], strict=True)
        weighted, pooled = 0, input_shape[0] * math.prod(_adaptive_windows(*side) for side in sides)
    elif "Upsample" in kinds:
        weighted, pooled = 0, size * (4 if module.mode == "bilinear" else 1)
    elif own and row.output_shape != input_shape:
        raise TypeError(
            f"{row.name or 'the model'}: a {row.kind} has weights but is of no kind known here; "
            "give it an attribute fan_in, the number of inputs that one of its units reads"
        )
    else:  # every unit goes through by itself
        return
    bias = size if any("bias" in name for name in own) else 0
    row.units, row.multiply_adds, row.connections = size, weighted, weighted + pooled + bias


def _adaptive_windows(size, outputs):
    """Add up the lengths of the windows into which adaptive pooling cuts a side: they overlap where it does not divide.

    Examples
    --------
    >>> _adaptive_windows(6, 3), _adaptive_windows(7, 3)
    (6, 9)
    """
    return sum(-(-(i + 1) * size // outputs) - i * size // outputs for i in range(outputs))


def _prefix(depth):
    return lambda row: ".".join(row.name.split(".")[:depth])


def _block(kinds):
    """The first module on the way to a layer that is not there to hold others in a row."""

    def prefix(row):
        parts = row.name.split(".")
        ways = (".".join(parts[: i + 1]) for i in range(len(parts)))
        return next((name for name in ways if kinds.get(name) != "Sequential"), row.name)

    return prefix


def _merge(name, rows, kinds, shapes):
    """Make one row of everything that ran inside one module."""
    if len(rows) == 1 and rows[0].name == name:
        return rows[0]
    sums = {number: sum(getattr(row, number) for row in rows) for number in NUMBERS}
    return Row(name, kinds[name], shapes.get(name, rows[-1].output_shape), **sums)
