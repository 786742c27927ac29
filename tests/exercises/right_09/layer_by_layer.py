"""Down layer by layer, as the chapter does it; patches out of a padded image."""

import torch
import torch.nn.functional as F
from torch import nn


def as_pictures(filters):
    pictures = []
    for one in filters:
        top = one.abs().max()
        pictures.append(one / top / 2 + 0.5 if top > 0 else torch.full_like(one, 0.5))
    return torch.stack(pictures)


def strongest(maps, k):
    found = []
    width = maps.shape[2]
    for number, one in enumerate(maps):
        place = int(one.flatten().argmax())
        found.append((-one.flatten()[place].item(), number, place // width, place % width))
    found.sort()
    return tuple(torch.tensor([each[part] for each in found[:k]]) for part in (1, 2, 3))


def cut(image, row, column, size, jump, first, fill=1.0):
    margin = size + abs(first)
    wide = F.pad(image, (margin, margin, margin, margin), value=fill)
    top, left = margin + first + jump * row, margin + first + jump * column
    return wide[:, top : top + size, left : left + size].clone()


def relu_back(x, g, rule):
    if rule == "gradient":
        return g * (x > 0)
    if rule == "deconvnet":
        return F.relu(g)
    return F.relu(g) * (x > 0)


@torch.no_grad()
def project(model, images, unit, row, column, rule):
    notes, signal = [], images
    for layer in model:
        if isinstance(layer, nn.MaxPool2d):
            notes.append((signal.shape, None))
            signal, switches = F.max_pool2d(signal, layer.kernel_size, return_indices=True)
            notes[-1] = (notes[-1][0], switches)
        else:
            notes.append((signal.shape, signal))
            signal = layer(signal)
    back = torch.zeros(signal.shape)
    back[:, unit, row, column] = 1
    for layer, (shape, note) in list(zip(model, notes, strict=True))[::-1]:
        if isinstance(layer, nn.Conv2d):
            least = [
                (n - 1) * s - 2 * p + k
                for n, s, p, k in zip(back.shape[2:], layer.stride, layer.padding, layer.kernel_size, strict=True)
            ]
            rest = [have - need for have, need in zip(shape[2:], least, strict=True)]
            back = F.conv_transpose2d(
                back, layer.weight, stride=layer.stride, padding=layer.padding, output_padding=rest
            )
        elif isinstance(layer, nn.MaxPool2d):
            back = F.max_unpool2d(back, note, layer.kernel_size, output_size=shape)
        else:
            back = relu_back(note, back, rule)
    return back


def occlusion(model, image, class_, size, stride=1, fill=0.0):
    whole = model(image.unsqueeze(0)).detach()[0, class_]
    height, width = image.shape[-2:]
    rows = (height - size) // stride + 1
    columns = (width - size) // stride + 1
    result = torch.zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            mask = torch.zeros(height, width, dtype=torch.bool)
            mask[i * stride : i * stride + size, j * stride : j * stride + size] = True
            result[i, j] = whole - model(image.masked_fill(mask, fill).unsqueeze(0)).detach()[0, class_]
    return result
