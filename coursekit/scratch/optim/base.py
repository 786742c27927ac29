"""What every optimiser has in common."""

import numpy as np

from coursekit.scratch.autograd import Tensor
from coursekit.scratch.autograd.graph import note_change


class Optimizer:
    """What every optimiser has: groups of parameters with their settings, and a memory for each parameter.

    A subclass passes its settings as `defaults` and says in `update` how one array changes.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        The parameters; or groups ``{"params": [...], "lr": ...}``, each with settings of its own.
    defaults : dict
        The settings of every group that does not say otherwise. None of the numbers among them may be negative.
    """

    def __init__(self, params, defaults):
        for name, value in defaults.items():
            if isinstance(value, int | float) and value < 0:
                raise ValueError(f"{name} must not be negative, but it is {value}")
        self.defaults = defaults
        self.param_groups = []
        self.state = {}  # Tensor -> dict, for example its momentum
        params = list(params)
        if not params:
            raise ValueError("the optimizer got an empty list of parameters")
        for group in params if isinstance(params[0], dict) else [{"params": params}]:
            self.add_param_group(group)

    def add_param_group(self, group):
        """Add parameters with settings of their own, for example ``{"params": layer.parameters(), "lr": 0.01}``."""
        params = [group["params"]] if isinstance(group["params"], Tensor) else list(group["params"])
        known = {p for other in self.param_groups for p in other["params"]}
        for p in params:
            if not isinstance(p, Tensor) or not p.is_leaf:
                raise ValueError(f"an optimizer changes leaf Tensors, such as model.parameters(), not {p!r:.60}")
            if p in known:
                raise ValueError("a parameter appears in more than one parameter group")
        self.param_groups.append({**self.defaults, **group, "params": params})

    def zero_grad(self):
        """Forget the gradients; backward() would add to them."""
        for group in self.param_groups:
            for p in group["params"]:
                p.grad = None

    def step(self):
        """Change every parameter that has a gradient, once."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self.update(p.data, p.grad.data, self.state.setdefault(p, {}), group)
                    note_change(p.data)

    def update(self, x, grad, state, group):
        """Change the array `x` in place, given its gradient, its memory and the settings of its group."""
        raise NotImplementedError

    def state_dict(self):
        """Return settings and memories, the parameters numbered in order; like PyTorch's, the arrays are not copied.

        Together with the model's, this is what it takes to go on later as if nothing had happened.
        """
        number = {p: i for i, p in enumerate(p for group in self.param_groups for p in group["params"])}
        return {
            "state": {number[p]: dict(memory) for p, memory in self.state.items() if memory},
            "param_groups": [{**group, "params": [number[p] for p in group["params"]]} for group in self.param_groups],
        }

    def load_state_dict(self, state_dict):
        """Take over settings and memories, copied, from a `state_dict` (ours or PyTorch's of the same optimiser).

        Raises
        ------
        ValueError
            If the groups differ in size, a setting is missing or a memory has another shape than its parameter.
            Nothing has been changed then.
        """
        saved = state_dict["param_groups"]
        here, there = ([len(group["params"]) for group in groups] for groups in (self.param_groups, saved))
        if here != there:
            raise ValueError(f"the optimizer has parameter groups of {here}, but what is being loaded has {there}")
        for name in self.defaults:
            if any(name not in group for group in saved):
                raise ValueError(f"{name} is missing in what is being loaded: another kind of optimizer saved it")

        numbers, params = ([p for group in groups for p in group["params"]] for groups in (saved, self.param_groups))
        memories = zip(params, (state_dict["state"].get(number, {}) for number in numbers), strict=True)
        self.state = {p: {name: _restore(name, v, p.data) for name, v in memory.items()} for p, memory in memories}
        for group, saved_group in zip(self.param_groups, saved, strict=True):
            group.update({**saved_group, "params": group["params"]})


def _restore(name, value, like):
    """Copy what was remembered, lying in memory as the parameter does: arithmetic across the grain is slow."""
    if name == "step":
        return int(value)
    if np.shape(value) != like.shape:
        raise ValueError(f"{name} of a parameter of shape {like.shape} has shape {np.shape(value)}")
    out = np.empty_like(like)
    out[...] = np.asarray(value)
    return out
