"""Keeping layers as they are. Taught in the chapter on transfer learning.

Two different things change a layer. The optimiser changes parameters, by their gradients. The *forward* pass in
training mode changes the running statistics of batch normalisation, whatever their gradients; and it draws new masks
for dropout. A layer is frozen when none of this happens to it any more.
"""

from functools import partial

from torch import nn

from coursekit.inside.borrowing import layers_named, modules_of


def freeze(model, *layers):
    """Keep layers as they are, whatever is done to the rest of the network.

    Their parameters get no gradients any more, and lose those they have: an optimiser with momentum or weight decay
    moves a parameter whose gradient is zero, but not one without. And their modules stay in evaluation mode, also
    through ``model.train()``: batch normalisation normalises by the statistics it has, and no longer updates them.

    Parameters
    ----------
    model : torch.nn.Module
        Changed in place.
    *layers : str
        Names as in ``model.named_modules()``, each with all that is inside it. The whole model unless given.

    Returns
    -------
    model

    Raises
    ------
    ValueError
        If there is no such layer.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 2))
    >>> _ = freeze(model, "0", "1").train()
    >>> model[1].training, model[2].training
    (False, True)
    >>> [name for name, p in model.named_parameters() if p.requires_grad]
    ['2.weight', '2.bias']
    """
    for module in layers_named(model, layers).values() or [model]:
        for inner in module.modules():
            # An instance's own `train` hides its class's; a partial of a module's function can be copied and pickled.
            inner.train = partial(_stay_in_evaluation_mode, inner)
        module.eval()
        for parameter in module.parameters():
            parameter.requires_grad_(False)
            parameter.grad = None
    return model


def unfreeze(model, layer=None, *, statistics=True):
    """Let a layer and all that come after it learn again.

    What comes after is read off the order in which the model lists its modules. That is the order of computation in
    every `torch.nn.Sequential` and in most other networks; `what_learns` shows what came out.

    Parameters
    ----------
    model : torch.nn.Module
        Changed in place.
    layer : str, optional
        The first to learn, as in ``model.named_modules()``. All of the model unless given.
    statistics : bool
        False keeps batch normalisation by its old statistics while its scale and shift learn: wise where batches are
        small.

    Returns
    -------
    model

    Raises
    ------
    ValueError
        If there is no such layer.

    Examples
    --------
    >>> import torch
    >>> model = freeze(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2)))
    >>> [name for name, p in unfreeze(model, "1").named_parameters() if p.requires_grad]
    ['2.weight', '2.bias']
    """
    modules = modules_of(model)
    names = list(modules)
    if layer:
        layers_named(model, [layer])
    chosen = names[names.index(layer) :] if layer else names
    above = [name for name in names if any(_inside(other, name) for other in chosen)]
    for name in dict.fromkeys([*above, *chosen]):
        module = modules[name]
        moves = statistics or not isinstance(module, nn.modules.batchnorm._BatchNorm)
        if moves and is_frozen(module):
            del module.train
        module.training = module.training or (moves and model.training)
        if name in chosen:
            for parameter in module.parameters(recurse=False):
                parameter.requires_grad_(True)
    return model


def is_frozen(module):
    """Whether a module stays in evaluation mode because of `freeze`."""
    return "train" in vars(module)


def what_learns(model):
    """List the layers that have parameters or statistics, and what training will do to them.

    Parameters
    ----------
    model : torch.nn.Module

    Returns
    -------
    list of dict
        ``layer, parameters, learning`` (how many of the parameters ask for gradients) and ``statistics``: "kept",
        "moving" (in training mode), or "" where there are none. It prints as a table.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Linear(4, 2))
    >>> what_learns(freeze(model, "0", "1"))
    layer  parameters  learning  statistics
    0             112         0
    1               8         0  kept
    2              10        10
    """
    rows = LayerTable()
    for name, module in model.named_modules():
        parameters = list(module.parameters(recurse=False))
        measured = getattr(module, "running_mean", None) is not None
        if parameters or measured:
            rows.append(
                {
                    "layer": name or "(model)",
                    "parameters": sum(p.numel() for p in parameters),
                    "learning": sum(p.numel() for p in parameters if p.requires_grad),
                    "statistics": ("kept" if is_frozen(module) else "moving") if measured else "",
                }
            )
    return rows


class LayerTable(list):
    """Rows of `what_learns`, which print as a table."""

    def __repr__(self):
        width = max([len("layer"), *(len(row["layer"]) for row in self)])
        lines = [f"{'layer':{width}}  parameters  learning  statistics"]
        lines += [
            f"{row['layer']:{width}}  {row['parameters']:10d}  {row['learning']:8d}  {row['statistics']}"
            for row in self
        ]
        return "\n".join(line.rstrip() for line in lines)


def _stay_in_evaluation_mode(module, mode=True):
    return type(module).train(module, False)


def _inside(name, outer):
    return name != outer and (not outer or name.startswith(f"{outer}."))
