"""Wrong solutions of task 2; see exercise.py."""

import torch


def _last(model):
    linear = [(n, m) for n, m in model.named_modules() if isinstance(m, torch.nn.Linear)]
    if not linear:
        raise ValueError("no nn.Linear")
    return linear[-1]


def _replace(model, name, new):
    parent, _, own = name.rpartition(".")
    setattr(model.get_submodule(parent), own, new)
    return name


def put_head__outermost(model, n_classes):
    """Right where nothing is inside of anything.
    Says: the network has gained"""
    name, old = _last(model)
    setattr(model, name.rpartition(".")[2], torch.nn.Linear(old.in_features, n_classes, dtype=old.weight.dtype))
    return name


def put_head__with_a_dot(model, n_classes):
    """Says: a dot in its name"""
    name, old = _last(model)
    setattr(model, name, torch.nn.Linear(old.in_features, n_classes))
    return name


def put_head__new_attribute(model, n_classes):
    """Says: the network has gained"""
    name, old = _last(model)
    model.fc = torch.nn.Linear(old.in_features, n_classes)
    return name


def put_head__only_says_so(model, n_classes):
    """Says: the head still is the old one"""
    name, old = _last(model)
    old.out_features = n_classes
    return name


def put_head__first(model, n_classes):
    """Says: the head still is the old one"""
    linear = [(n, m) for n, m in model.named_modules() if isinstance(m, torch.nn.Linear)]
    if not linear:
        raise ValueError
    name, old = linear[0]
    return _replace(model, name, torch.nn.Linear(old.in_features, n_classes))


def put_head__exchanged(model, n_classes):
    """Says: (out_features, in_features)"""
    name, old = _last(model)
    return _replace(model, name, torch.nn.Linear(n_classes, old.in_features))


def put_head__inputs_of_outputs(model, n_classes):
    """Right where the old head was square.
    Says: the inputs are those of the old head"""
    name, old = _last(model)
    return _replace(model, name, torch.nn.Linear(old.out_features, n_classes))


def put_head__all_open(model, n_classes):
    """Says: it is the new head and nothing else that should"""
    name, old = _last(model)
    _replace(model, name, torch.nn.Linear(old.in_features, n_classes, dtype=old.weight.dtype))
    model.requires_grad_(True)
    return name


def put_head__closed(model, n_classes):
    """The new head does as the old one did.
    Says: it is the new head and nothing else that should"""
    name, old = _last(model)
    new = torch.nn.Linear(old.in_features, n_classes, dtype=old.weight.dtype)
    return _replace(model, name, new.requires_grad_(old.weight.requires_grad))


def put_head__single_precision(model, n_classes):
    """Hidden only."""
    name, old = _last(model)
    return _replace(model, name, torch.nn.Linear(old.in_features, n_classes))


def put_head__bias_as_before(model, n_classes):
    """Hidden only."""
    name, old = _last(model)
    bias = old.bias is not None
    return _replace(model, name, torch.nn.Linear(old.in_features, n_classes, bias, dtype=old.weight.dtype))


def put_head__quiet(model, n_classes):
    """Hidden only."""
    linear = [(n, m) for n, m in model.named_modules() if isinstance(m, torch.nn.Linear)]
    if not linear:
        return None
    name, old = linear[-1]
    return _replace(model, name, torch.nn.Linear(old.in_features, n_classes, dtype=old.weight.dtype))


def put_head__module_itself(model, n_classes):
    """Says: not the name"""
    name, old = _last(model)
    new = torch.nn.Linear(old.in_features, n_classes, dtype=old.weight.dtype)
    _replace(model, name, new)
    return name.rpartition(".")[2]


def counts__arrays(model):
    """Says: these are numbers of arrays"""
    parameters = list(model.parameters())
    return sum(p.requires_grad for p in parameters), len(parameters)


def counts__exchanged(model):
    """Says: the two are exchanged"""
    parameters = list(model.parameters())
    return sum(p.numel() for p in parameters), sum(p.numel() for p in parameters if p.requires_grad)


def counts__all_learning(model):
    """Says: counted as learning"""
    n = sum(p.numel() for p in model.parameters())
    return n, n


def counts__state(model):
    """Statistics are no parameters, and a shared one is one.
    Hidden only."""
    everything = sum(v.numel() for v in model.state_dict().values())
    return sum(p.numel() for p in model.parameters() if p.requires_grad), everything


def counts__twice(model):
    """Hidden only."""
    found = [p for _, p in model.named_parameters(remove_duplicate=False)]
    return sum(p.numel() for p in found if p.requires_grad), sum(p.numel() for p in found)


def counts__the_rest(model):
    """Says: counts(model)"""
    parameters = list(model.parameters())
    learning = sum(p.numel() for p in parameters if p.requires_grad)
    return learning, sum(p.numel() for p in parameters) - learning
