"""A network on loan: looked into while nothing in it can change, and given back as it was."""

from contextlib import contextmanager, suppress

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
    modules_of(model)
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


def modules_of(model):
    """Return the modules of a network by name, as in ``model.named_modules()``; TypeError if it is none of PyTorch."""
    if not isinstance(model, torch.nn.Module):
        raise TypeError(f"model: expected a network of PyTorch (torch.nn.Module), got {type(model).__name__}")
    return dict(model.named_modules())


def layers_named(model, layers, argument="layer"):
    """Return the layers of these names, by name; ValueError, in which `argument` stands, if one is none of the model's.

    Examples
    --------
    >>> layers_named(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.ReLU()), ["1"])
    {'1': ReLU()}
    """
    modules = modules_of(model)
    for layer in layers:
        if not layer or layer not in modules:
            names = [name for name in modules if name]
            listed = ", ".join(map(repr, names[:12])) + (f", … {len(names)} in all" if len(names) > 12 else "")
            raise ValueError(f"{argument}: {layer!r} is none of this network's; its layers are {listed}")
    return {layer: modules[layer] for layer in layers}


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
    return model(images) if layer is None else outputs_at(model, [layer], images, argument="layer")[layer]


def outputs_at(model, layers, images, keep=None, argument="layers"):
    """Run a model as far as the last of some layers, and return what they give, by name.

    Of a layer that is called more than once, the first call counts. To be called while the model is `borrowed`.

    Parameters
    ----------
    model : torch.nn.Module
    layers : sequence of str
    images : torch.Tensor, shape (N, C, H, W)
    keep : callable, optional
        Makes of each output what is kept of it, at once: the next layer may write into what it is given.
    argument : str
        What an error calls the layers.

    Returns
    -------
    dict of str

    Raises
    ------
    ValueError
        If there is no such layer, or the model does not call it.
    """
    found = {}

    def keeper(name):
        def hook(module, inputs, output):
            if name not in found:
                found[name] = output if keep is None else keep(output)
            if len(found) == len(wanted):
                raise _Reached

        return hook

    wanted = layers_named(model, layers, argument)
    handles = [layer.register_forward_hook(keeper(name)) for name, layer in wanted.items()]
    try:
        with suppress(_Reached):
            model(images)
    finally:
        for handle in handles:
            handle.remove()
    for name in wanted:
        if name not in found:
            raise ValueError(f"{argument}: the network has a layer {name!r}, but does not call it")
    return found
