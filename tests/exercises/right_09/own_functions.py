"""A rectifier with a backward pass of its own."""

import torch
from torch import nn


class Rectifier(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, rule):
        ctx.save_for_backward(x)
        ctx.rule = rule
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return relu_back(x, g, ctx.rule), None


def relu_back(x, g, rule):
    kept = torch.ones_like(g, dtype=torch.bool)
    if rule in ("gradient", "guided"):
        kept &= x > 0
    if rule in ("deconvnet", "guided"):
        kept &= g > 0
    return g.masked_fill(~kept, 0)


def project(model, images, unit, row, column, rule):
    start = images.detach().clone()
    start.requires_grad = True
    signal = start
    for layer in model:
        signal = Rectifier.apply(signal, rule) if isinstance(layer, nn.ReLU) else layer(signal)
    chosen = torch.zeros_like(signal)
    chosen[:, unit, row, column] = 1
    return torch.autograd.grad(signal, start, chosen)[0]


def as_pictures(filters):
    flat = filters.flatten(1)
    top = flat.abs().max(dim=1, keepdim=True).values
    return ((flat / top).nan_to_num(0) * 0.5 + 0.5).view_as(filters)


class Maps(dict):
    """What layers give, as a dictionary that listens."""

    def listen(self, name):
        return lambda module, inputs, output: self.__setitem__(name, torch.empty_like(output).copy_(output))


def feature_maps(model, images, layers):
    maps, before, handles = Maps(), {}, []
    for name, module in model.named_modules():
        before[name] = module.training
    try:
        model.train(False)
        handles += [model.get_submodule(name).register_forward_hook(maps.listen(name)) for name in layers]
        with torch.inference_mode():
            model(images)
    finally:
        while handles:
            handles.pop().remove()
        for name, module in model.named_modules():
            module.training = before[name]
    return maps


def cut(image, row, column, size, jump, first, fill=1.0):
    rows = torch.arange(size) + first + jump * row
    columns = torch.arange(size) + first + jump * column
    height, width = image.shape[1:]
    inside = ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))
    pixels = image[:, rows.clamp(0, height - 1)][:, :, columns.clamp(0, width - 1)]
    return torch.where(inside, pixels, torch.tensor(fill, dtype=image.dtype))
