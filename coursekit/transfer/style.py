"""Drawing one picture in the manner of another: gradient descent on pixels, with a trained network as the judge.

Taught in the chapter on other tasks.
"""

import torch
import torch.nn.functional as F
from torch import nn


def gram(maps):
    """How strongly the channels of a layer are active together, summed over all places.

    Parameters
    ----------
    maps : torch.Tensor, shape (1, C, H, W)

    Returns
    -------
    torch.Tensor, shape (C, C)
        Divided by C·H·W. (Papers and programs divide by other numbers, or by none.)

    Examples
    --------
    >>> gram(torch.ones(1, 2, 3, 3))
    tensor([[0.5000, 0.5000],
            [0.5000, 0.5000]])
    """
    rows = maps[0].flatten(1)
    return rows @ rows.T / rows.numel()


def layers_of(net, image, last):
    """What every layer of a chain says about an image, up to the layer with number `last`.

    Parameters
    ----------
    net : torch.nn.Module
        With `normalise` and `features`, as from `coursekit.nets.pretrained`.
    image : torch.Tensor, shape (1, 3, H, W)
    last : int

    Returns
    -------
    list of torch.Tensor
        ReLUs do not overwrite what the layer below has said.
    """
    x, found = net.normalise(image), []
    for layer in net.features[: last + 1]:
        x = F.relu(x) if isinstance(layer, nn.ReLU) else layer(x)
        found.append(x)
    return found


def style_distance(maps, grams):
    """How far the Gram matrices of some layers are from given ones: 0 is equal, 1 is as far as no activity at all.

    Parameters
    ----------
    maps : list of torch.Tensor
        As from `layers_of`.
    grams : dict of int to torch.Tensor
        Number of a layer: the Gram matrix that it should have.

    Returns
    -------
    torch.Tensor, shape ()
        The mean over the layers.
    """
    apart = [((gram(maps[k]) - wanted) ** 2).sum() / (wanted**2).sum() for k, wanted in grams.items()]
    return sum(apart) / len(apart)


def restyle(net, content, style, *, style_layers, content_layer, weight, steps=60):
    """Change the pixels of one picture until a network finds the style of another in it.

    Parameters
    ----------
    net : torch.nn.Module
        As for `layers_of`. It is not changed.
    content, style : torch.Tensor, shape (1, 3, H, W)
        In [0, 1]; their sizes may differ.
    style_layers : sequence of int
        Layers whose Gram matrices are to be those of `style`.
    content_layer : int
        The layer whose maps are to stay those of `content`.
    weight : float
        What style counts against content. The distance of each is measured relative to its own size.
    steps : int
        Of the quasi-Newton method L-BFGS, each with one or two evaluations.

    Returns
    -------
    list of torch.Tensor, shape (1, 3, H, W)
        The picture at the beginning and after each step.

    Raises
    ------
    ValueError
        If there is no style layer.

    Notes
    -----
    Gatys, Ecker and Bethge, "Image style transfer using convolutional neural networks", CVPR 2016.
    """
    style_layers = list(style_layers)
    if not style_layers:
        raise ValueError("style_layers: got none; name at least one layer, as a number")
    last = max(*style_layers, content_layer)
    with torch.no_grad():
        maps = layers_of(net, style, last)
        grams = {k: gram(maps[k]) for k in style_layers}
        kept = layers_of(net, content, last)[content_layer]
    image = content.clone().requires_grad_()
    settings = {"max_iter": 2, "history_size": 20}
    settings["line_search_fn"] = "strong_wolfe"
    optimizer = torch.optim.LBFGS([image], **settings)

    def loss():
        maps = layers_of(net, image, last)
        changed = F.mse_loss(maps[content_layer], kept)
        changed = changed / kept.square().mean()
        total = changed + weight * style_distance(maps, grams)
        (image.grad,) = torch.autograd.grad(total, image)
        return total

    frames = [content.clone()]
    for _ in range(steps):
        optimizer.step(loss)
        frames.append(image.detach().clamp(0, 1))
    return frames
