"""Wrong solutions of task 7; see exercise.py."""

import torch


def _groups(model, head, lr, body_lr, decay, *, inside=None, decayed=None, learning=True, named=None):
    inside = inside or (lambda name: name.startswith(head + "."))
    decayed = decayed or (lambda name, p: p.ndim > 1)
    return [
        {"params": [p], "lr": lr if inside(name) else body_lr, "weight_decay": decay if decayed(name, p) else 0}
        for name, p in (named or model.named_parameters())
        if p.requires_grad or not learning
    ]


def parameter_groups__prefix(model, head, lr, body_lr, weight_decay):
    """A layer "topmost" is taken for part of "top".
    Hidden only."""
    return _groups(model, head, lr, body_lr, weight_decay, inside=lambda name: name.startswith(head))


def parameter_groups__somewhere(model, head, lr, body_lr, weight_decay):
    """Hidden only."""
    return _groups(model, head, lr, body_lr, weight_decay, inside=lambda name: f"{head}." in name)


def parameter_groups__own_parameters(model, head, lr, body_lr, weight_decay):
    """What is inside of the head is forgotten.
    Hidden only."""
    own = {id(p) for p in model.get_submodule(head).parameters(recurse=False)}
    return [
        {"params": [p], "lr": lr if id(p) in own else body_lr, "weight_decay": weight_decay if p.ndim > 1 else 0}
        for p in model.parameters()
        if p.requires_grad
    ]


def parameter_groups__exchanged(model, head, lr, body_lr, weight_decay):
    """Says: lr is that of the head"""
    return _groups(model, head, body_lr, lr, weight_decay)


def parameter_groups__one_rate(model, head, lr, body_lr, weight_decay):
    """Says: lr is that of the head"""
    return _groups(model, head, lr, lr, weight_decay)


def parameter_groups__decay_for_all(model, head, lr, body_lr, weight_decay):
    """Says: it has one axis"""
    return _groups(model, head, lr, body_lr, weight_decay, decayed=lambda name, p: True)


def parameter_groups__decay_by_name(model, head, lr, body_lr, weight_decay):
    """The scale of a normalisation is a "weight", too.
    Says: it has one axis"""
    return _groups(model, head, lr, body_lr, weight_decay, decayed=lambda name, p: name.endswith("weight"))


def parameter_groups__no_decay_named_norm(model, head, lr, body_lr, weight_decay):
    """Says: it has one axis"""

    def decayed(name, p):
        return name.endswith("weight") and "norm" not in name

    return _groups(model, head, lr, body_lr, weight_decay, decayed=decayed)


def parameter_groups__matrices_only(model, head, lr, body_lr, weight_decay):
    """Filters have four axes.
    Hidden only."""
    return _groups(model, head, lr, body_lr, weight_decay, decayed=lambda name, p: p.ndim == 2)


def parameter_groups__no_decay_in_head(model, head, lr, body_lr, weight_decay):
    """Says: it has two axes"""

    def decayed(name, p):
        return p.ndim > 1 and not name.startswith(head + ".")

    return _groups(model, head, lr, body_lr, weight_decay, decayed=decayed)


def parameter_groups__closed_too(model, head, lr, body_lr, weight_decay):
    """Says: belongs into no group"""
    return _groups(model, head, lr, body_lr, weight_decay, learning=False)


def parameter_groups__body_lost(model, head, lr, body_lr, weight_decay):
    """Says: no optimiser would ever move them"""
    return [group for group in _groups(model, head, lr, -1, weight_decay) if group["lr"] == lr]


def parameter_groups__head_in_both(model, head, lr, body_lr, weight_decay):
    """Says: 2 times"""
    of_head = list(model.get_submodule(head).parameters())
    return [
        {"params": of_head, "lr": lr, "weight_decay": weight_decay},
        {"params": [p for p in model.parameters() if p.requires_grad], "lr": body_lr, "weight_decay": weight_decay},
    ]


def parameter_groups__by_modules(model, head, lr, body_lr, weight_decay):
    """A layer that is used twice is met twice.
    Hidden only."""
    named = model.named_parameters(remove_duplicate=False)
    return _groups(model, head, lr, body_lr, weight_decay, named=named)


def parameter_groups__no_decay_said(model, head, lr, body_lr, weight_decay):
    """Says: has no"""
    return [{"params": group["params"], "lr": group["lr"]} for group in _groups(model, head, lr, body_lr, weight_decay)]


def parameter_groups__copies(model, head, lr, body_lr, weight_decay):
    """Says: no parameter of model"""
    groups = _groups(model, head, lr, body_lr, weight_decay)
    return [group | {"params": [torch.nn.Parameter(p.detach().clone()) for p in group["params"]]} for group in groups]


def parameter_groups__plain_list(model, head, lr, body_lr, weight_decay):
    """Says: Return a list of dictionaries"""
    return list(model.parameters())
