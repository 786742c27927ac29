"""A network on loan: looked into while nothing in it can change, and given back as it was."""

from contextlib import contextmanager

import torch


class _Reached(Exception):
    """Thrown out of a forward pass by the layer that was waited for: what lies behind it is not computed."""


@contextmanager
def borrowed(model):
    """Hold a model still: in evaluation mode, its parameters closed to gradients; on leaving, everything is as before.

    In evaluation mode batch normalisation does not move its averages and dropout drops nothing. Closed parameters get
    no `grad`, and the gradient of the image is cheaper. Both are undone module by module and parameter by parameter,
    after an exception too.

    Parameters
    ----------
    model : torch.nn.Module

    Yields
    ------
    torch.device
        Where the model's numbers are, and where images for it must be.

    Raises
    ------
    TypeError
        If `model` is not a module of PyTorch.

    Examples
    --------
    >>> model = torch.nn.Linear(2, 1).train()
    >>> with borrowed(model):
    ...     print(model.training, model.weight.requires_grad)
    False False
    >>> print(model.training, model.weight.requires_grad)
    True True
    """
    if not isinstance(model, torch.nn.Module):
        raise TypeError(f"model: expected a network of PyTorch (torch.nn.Module), got {type(model).__name__}")
    modes = [(module, module.training) for module in model.modules()]
    open_to_gradients = [(parameter, parameter.requires_grad) for parameter in model.parameters()]
    try:
        model.eval()
        for parameter, _ in open_to_gradients:
            parameter.requires_grad_(False)
        yield next((tensor.device for tensor in (*model.parameters(), *model.buffers())), torch.device("cpu"))
    finally:
        for module, mode in modes:
            module.training = mode
        for parameter, wanted in open_to_gradients:
            parameter.requires_grad_(wanted)


def output_at(model, layer, images):
    """Run a model as far as one of its layers, and return what that layer gives.

    Gradients flow back to the images if these ask for them. To be called while the model is `borrowed`.

    Parameters
    ----------
    model : torch.nn.Module
    layer : str or None
        The name of a layer, as in ``model.named_modules()``; None for the output of the model.
    images : torch.Tensor, shape (N, C, H, W)

    Returns
    -------
    torch.Tensor, shape (N, ...)

    Raises
    ------
    ValueError
        If there is no such layer, or the model does not call it.

    Examples
    --------
    >>> model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
    >>> output_at(model, "0", torch.ones(3, 1, 2, 2)).shape
    torch.Size([3, 4])
    """
    if layer is None:
        return model(images)
    modules = dict(model.named_modules())
    if layer not in modules:
        raise ValueError(f"layer: {layer!r} is none of this network's; its layers are {_some(modules)}")
    found = []

    def keep(module, inputs, output):
        found.append(output)
        raise _Reached

    handle = modules[layer].register_forward_hook(keep)
    try:
        model(images)
    except _Reached:
        return found[0]
    finally:
        handle.remove()
    raise ValueError(f"layer: the network has a layer {layer!r}, but does not call it on its way to the output")


def _some(modules, most=12):
    names = [name for name in modules if name]
    listed = ", ".join(map(repr, names[:most]))
    return listed + (f", … {len(names)} in all" if len(names) > most else "")
