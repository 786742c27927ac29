"""From a unit back to the pixels: saliency, deconvnet, guided back-propagation, Grad-CAM.

The first three are one backward pass, with three rules for the rectifiers. `deconvnet` is the method of Zeiler and
Fergus, "Visualizing and understanding convolutional networks" (ECCV 2014): its unpooling by switches is what the
gradient of max-pooling does, and its filtering with transposed filters is what the gradient of a convolution does.
Taught in the chapter on what filters see.
"""

import torch

from coursekit.inside.borrowing import borrowed, layers_named, output_at
from coursekit.inside.features import as_images
from coursekit.inside.rectifiers import Backward


def trace_back(model, images, units, layer=None, places=None, rule="gradient"):
    """Go back from one unit for each image to the pixels.

    Parameters
    ----------
    model : torch.nn.Module
        Is left as it was.
    images : array_like or torch.Tensor, shape (N, C, H, W)
        Prepared as the model wants them.
    units : int or sequence of int, length N
        A channel of the layer, the same for all images or one for each.
    layer : str, optional
        As in ``model.named_modules()``; the output of the model unless given.
    places : sequence of (row, column), length N, optional
        Where in the map of the unit; where it is largest unless given. For layers without maps there are none.
    rule : str
        How rectifiers are passed, see `coursekit.inside.rectifiers`.

    Returns
    -------
    torch.Tensor, shape (N, C, H, W)
        For the rule "gradient" the derivative of each unit's value with respect to its image.

    Raises
    ------
    ValueError
        If there is no such layer, unit, place or rule, or nothing leads from the unit back to the image.

    Examples
    --------
    >>> model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
    >>> gradient = trace_back(model, torch.ones(3, 1, 2, 2), units=1)
    >>> torch.equal(gradient[0].flatten(), model[1].weight[1])
    True
    """
    return values_and_ways_back(model, images, units, layer, places, rule)[1]


def values_and_ways_back(model, images, units, layer=None, places=None, rule="gradient"):
    """Do as `trace_back`, and return the values of the units, shape (N,), too."""
    with borrowed(model) as device, torch.inference_mode(False), torch.enable_grad():
        images = as_images(images, device).requires_grad_()
        with Backward(rule):
            # A rectifier may write into its input, but nothing may write into a leaf of the graph: hence the copy.
            values = chosen(output_at(model, layer, images.clone()), units, places)
            if not values.requires_grad:
                raise ValueError(f"layer: nothing leads from {layer!r} back to the image")
            return values.detach(), torch.autograd.grad(values.sum(), images)[0]


def chosen(output, units, places=None):
    """Pick one number for each image out of what a layer gave: shape (N,)."""
    number = torch.arange(len(output), device=output.device)
    units = torch.as_tensor(units, device=output.device).expand(len(output))
    if len(units) and not 0 <= int(units.min()) <= int(units.max()) < output.shape[1]:
        raise ValueError(f"units: this layer has the units 0 to {output.shape[1] - 1}, got {units.tolist()}")
    values = output[number, units]
    if values.ndim == 1:
        return values
    if places is None:
        flat = values.flatten(1)
        return flat[number, flat.detach().argmax(1)]
    places = torch.as_tensor(places, device=output.device).expand(len(output), values.ndim - 1)
    sides = torch.tensor(values.shape[1:], device=output.device)
    if not bool(((places >= 0) & (places < sides)).all()):
        raise ValueError(
            f"places: the maps of this layer are {' × '.join(map(str, values.shape[1:]))}, got {places.tolist()}"
        )
    return values[(number, *places.unbind(1))]


def saliency(model, images, classes=None):
    """Tell how much each pixel would move the score of a class: the gradient of a logit.

    Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks" (2014). To draw it, take the absolute value,
    and of the channels the largest.

    Parameters
    ----------
    model : torch.nn.Module
        Gives logits, shape (N, K); is left as it was.
    images : array_like or torch.Tensor, shape (N, C, H, W)
    classes : int or sequence of int, optional
        The class with the largest logit unless given.

    Returns
    -------
    torch.Tensor, shape (N, C, H, W)
    """
    return trace_back(model, images, _classes(model, images, classes))


def deconvnet(model, images, units, layer=None, places=None):
    """Show what made a unit fire, by the deconvnet of Zeiler and Fergus.

    They start from the unit's value; here it starts from 1, which gives the same picture divided by that value.

    Parameters and return value are those of `trace_back`.
    """
    return trace_back(model, images, units, layer, places, rule="deconvnet")


def guided_backprop(model, images, units, layer=None, places=None):
    """Show what made a unit fire, by guided back-propagation.

    Springenberg, Dosovitskiy, Brox and Riedmiller, "Striving for simplicity: the all convolutional net" (2015).

    Parameters and return value are those of `trace_back`.
    """
    return trace_back(model, images, units, layer, places, rule="guided")


def grad_cam(model, images, layer, classes=None):
    """Tell where in the image a layer has found what speaks for a class.

    Selvaraju et al., "Grad-CAM" (ICCV 2017): the maps of the layer are added up, each weighted by the mean of the
    gradient of the class's logit over it, and what speaks against the class is cut off.

    Parameters
    ----------
    model : torch.nn.Module
        Gives logits, shape (N, K); is left as it was.
    images : array_like or torch.Tensor, shape (N, C, H, W)
    layer : str
        With feature maps; usually the last such layer.
    classes : int or sequence of int, optional
        The class with the largest logit unless given.

    Returns
    -------
    torch.Tensor, shape (N, H, W)
        Not negative; as large as the images, by bilinear interpolation.

    Raises
    ------
    ValueError
        If there is no such layer, or it gives no maps.
    """
    kept = []

    def keep(module, inputs, output):
        kept.append(output)
        return output.clone()  # what comes after may write into the copy

    looked_at = layers_named(model, [layer])[layer]
    with borrowed(model) as device, torch.inference_mode(False), torch.enable_grad():
        images = as_images(images, device).requires_grad_()
        handle = looked_at.register_forward_hook(keep)
        try:
            logits = model(images)
        finally:
            handle.remove()
        if not kept or kept[-1].ndim != 4:
            raise ValueError(f"layer: {layer!r} gives no feature maps of shape (N, C, H, W)")
        maps = kept[-1]
        classes = logits.argmax(1) if classes is None else classes
        gradient = torch.autograd.grad(chosen(logits, classes).sum(), maps)[0]
        weights = gradient.mean(dim=(2, 3), keepdim=True)
        heat = (weights * maps).sum(1, keepdim=True).clamp(min=0)
        return torch.nn.functional.interpolate(heat, images.shape[2:], mode="bilinear")[:, 0].detach()


def _classes(model, images, classes):
    if classes is not None:
        return classes
    with borrowed(model) as device, torch.no_grad():
        return model(as_images(images, device)).argmax(1)
