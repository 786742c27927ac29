"""A new head for a trained network, and training it with care. Taught in the chapter on transfer learning."""

from itertools import pairwise

from torch import nn, optim

from coursekit.training import fit
from coursekit.transfer.freezing import unfreeze


def replace_head(model, head):
    """Put a new last layer on a classifier.

    Parameters
    ----------
    model : torch.nn.Module
        Changed in place. Its head is the last `torch.nn.Linear` that it lists.
    head : int or torch.nn.Module
        A number of classes, for a new layer with random weights; or the layer itself, as `Probe.head` makes it.

    Returns
    -------
    str
        The name of the head, for `fine_tune`. Make optimisers after this, not before.

    Raises
    ------
    ValueError
        If the model has no fully connected layer, or the given one takes another number of features.

    Examples
    --------
    >>> import torch
    >>> from coursekit import nets
    >>> model = nets.trained("cifar10-plain-8", torch.nn)
    >>> replace_head(model, 5)
    'fc'
    >>> model(torch.zeros(1, 3, 32, 32)).shape
    torch.Size([1, 5])
    """
    name, old = next(
        ((name, m) for name, m in reversed(list(model.named_modules())) if isinstance(m, nn.Linear)), (None, None)
    )
    if not name:
        raise ValueError(
            "model: has no fully connected layer to replace; put one behind it, "
            "torch.nn.Sequential(model, torch.nn.Flatten(), torch.nn.Linear(features, classes))"
        )
    if isinstance(head, int) and not isinstance(head, bool):
        if head < 2:
            raise ValueError(f"head: a number of classes must be at least 2, not {head}")
        head = nn.Linear(old.in_features, head)
    elif not isinstance(head, nn.Module):
        raise TypeError(f"head: expected a number of classes or a layer, got {type(head).__name__}")
    elif getattr(head, "in_features", old.in_features) != old.in_features:
        raise ValueError(f"head: takes {head.in_features} features, the network gives {old.in_features}")
    head.to(old.weight.device, old.weight.dtype)
    parent, _, own = name.rpartition(".")
    setattr(model.get_submodule(parent), own, head)
    return name


def fine_tune(model, data, head, *, lr=0.01, body_lr=None, make_optimizer=None, make_scheduler=None, **options):
    """Train a network that has learned before: its head fast, all below it slowly.

    What is frozen stays frozen. What learns is found anew at every call, so nothing that was unfrozen or replaced is
    forgotten.

    Parameters
    ----------
    model : torch.nn.Module
        Trained in place.
    data : (images, labels)
    head : str
        Name of the new layer (or layers), as `replace_head` returns it.
    lr : float
        Learning rate of the head.
    body_lr : float, optional
        Of everything else that learns. A tenth of `lr` unless given.
    make_optimizer : callable (groups) -> Optimizer, optional
        Stochastic gradient descent with momentum 0.9 unless given.
    make_scheduler : callable (optimizer) -> lr_scheduler, optional
        It multiplies the rates of all groups alike.
    **options
        For `coursekit.training.fit`: ``epochs, batch_size, validation, augment, seed, …``

    Returns
    -------
    History
        Its learning rates are those of the head.

    Raises
    ------
    ValueError
        If the head is not there or is frozen, or a rate is not positive.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))
    >>> images = np.random.default_rng(0).normal(size=(64, 2)).astype(np.float32)
    >>> history = fine_tune(model, (images, (images[:, 0] > 0).astype(int)), "2", epochs=2)
    >>> len(history.epochs)
    2
    """
    body_lr = lr / 10 if body_lr is None else body_lr
    for name, rate in {"lr": lr, "body_lr": body_lr}.items():
        if not rate > 0:
            raise ValueError(f"{name}: must be greater than 0, not {rate!r}; to keep layers as they are, freeze them")
    if taken := {"optimizer", "scheduler", "lr"} & options.keys():
        raise ValueError(
            f"{taken.pop()}: is made here for groups of parameters; use make_optimizer, make_scheduler, lr"
        )
    of_head, of_body = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (of_head if name == head or name.startswith(f"{head}.") else of_body).append(parameter)
    if not of_head:
        tops = ", ".join(repr(name) for name, _ in model.named_children())
        raise ValueError(f"head: there is no layer {head!r} that learns; this network consists of {tops}")
    groups = [{"params": of_head, "lr": lr}, {"params": of_body, "lr": body_lr}]
    optimizer = (make_optimizer or _with_momentum)([group for group in groups if group["params"]])
    scheduler = make_scheduler(optimizer) if make_scheduler else None
    return fit(model, data, optimizer=optimizer, scheduler=scheduler, **options)


def unfreeze_gradually(model, data, head, layers, **options):
    """Fine-tune in stages, from the head down: with each stage, more of the network learns.

    Parameters
    ----------
    model : torch.nn.Module
        Usually frozen but for its head: ``freeze(model)`` first.
    data, head
        As for `fine_tune`.
    layers : sequence of str
        For each stage, the first layer that learns; the head itself to begin with.
    **options
        For each stage, as for `fine_tune`; ``epochs`` counts for each stage.

    Returns
    -------
    list of History

    Raises
    ------
    ValueError
        If a stage lets less of the network learn than the one before.

    Examples
    --------
    >>> import torch
    >>> from coursekit.transfer import freeze
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))
    >>> images = np.random.default_rng(0).normal(size=(64, 2)).astype(np.float32)
    >>> data = images, (images[:, 0] > 0).astype(int)
    >>> len(unfreeze_gradually(freeze(model), data, "2", ["2", "0"], epochs=1))
    2
    """
    order = [name for name, _ in model.named_modules()]
    for earlier, later in pairwise(layers):
        if {earlier, later} <= set(order) and order.index(later) > order.index(earlier):
            raise ValueError(f"layers: {later!r} comes after {earlier!r} in the network; name them from the head down")
    histories = []
    for layer in layers:
        unfreeze(model, layer)
        histories.append(fine_tune(model, data, head, **options))  # a new optimizer: no momentum from before
    return histories


def _with_momentum(groups):
    return optim.SGD(groups, momentum=0.9)
