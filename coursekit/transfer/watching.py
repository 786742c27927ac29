"""What training really did to a network: look, instead of believing. Taught in the chapter on transfer learning."""

from torch import nn


def snapshot(model):
    """Copy all numbers of a model, for `what_moved`.

    Parameters
    ----------
    model : torch.nn.Module

    Returns
    -------
    dict
        Name to tensor, for parameters and buffers.
    """
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def what_moved(model, before):
    """List what has changed since a snapshot, and by how much at most.

    Parameters
    ----------
    model : torch.nn.Module
    before : dict
        From `snapshot`.

    Returns
    -------
    dict
        Name to the largest absolute change, for everything that changed at all. A counter of batches is left out.

    Raises
    ------
    ValueError
        If the snapshot is of another network.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.BatchNorm1d(2).requires_grad_(False)
    >>> before = snapshot(model)
    >>> _ = model(torch.tensor([[1.0, 2.0], [3.0, 2.0]]))     # a forward pass in training mode is enough
    >>> {name: round(change, 2) for name, change in what_moved(model, before).items()}
    {'running_mean': 0.2, 'running_var': 0.1}
    """
    now = model.state_dict()
    if now.keys() != before.keys() or any(now[name].shape != value.shape for name, value in before.items()):
        raise ValueError("before: is a snapshot of another network, or its layers were replaced since; take a new one")
    changes = {
        name: (now[name].to(value.device) - value).abs().max().item()
        for name, value in before.items()
        if value.numel() and not name.endswith("num_batches_tracked")
    }
    return {name: change for name, change in changes.items() if change}


def complaints(model, optimizer):
    """Say what an optimiser does not do that was probably meant.

    Parameters
    ----------
    model : torch.nn.Module
    optimizer : torch.optim.Optimizer

    Returns
    -------
    list of str
        Empty where all is well.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 2))
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> model[1] = torch.nn.Linear(3, 5)                      # after the optimiser was made
    >>> print(*complaints(model, optimizer), sep=chr(10))
    1.weight asks for a gradient, but is in no group of the optimizer: it will never change
    1.bias asks for a gradient, but is in no group of the optimizer: it will never change
    the optimizer holds 2 parameters that are none of the model's: make it after the layers have been replaced
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model: expected a network of PyTorch (torch.nn.Module), got {type(model).__name__}")
    group_of = {id(p): group for group in optimizer.param_groups for p in group["params"]}
    found = []
    for name, p in model.named_parameters():
        group = group_of.pop(id(p), None)
        if group is None and p.requires_grad:
            found.append(f"{name} asks for a gradient, but is in no group of the optimizer: it will never change")
        elif group is not None and not p.requires_grad and p.grad is not None:
            how = [key.replace("_", " ") for key in ("momentum", "weight_decay", "betas") if group.get(key)]
            if how:
                by = " and ".join(how)
                found.append(f"{name} is frozen, but keeps a gradient: {by} will move it; set its .grad to None")
    if group_of:
        found.append(
            f"the optimizer holds {len(group_of)} parameters that are none of the model's: "
            "make it after the layers have been replaced"
        )
    return found
