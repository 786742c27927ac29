"""Optimisers, with the names, arguments and arithmetic of `torch.optim`."""

from coursekit.scratch.autograd import Tensor


class Optimizer:
    """What every optimiser has: groups of parameters with their settings, and a memory for each parameter.

    A subclass passes its settings as `defaults` and says in `update` how one array changes.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        The parameters; or groups ``{"params": [...], "lr": ...}``, each with settings of its own.
    defaults : dict
        The settings of every group that does not say otherwise.
    """

    def __init__(self, params, defaults):
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

    def zero_grad(self, set_to_none=True):
        """Forget the gradients; backward() would add to them."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    p.grad.data[...] = 0

    def step(self):
        """Change every parameter that has a gradient, once."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self.update(p.data, p.grad.data, self.state.setdefault(p, {}), group)

    def update(self, x, grad, state, group):
        """Change the array `x` in place, given its gradient, its memory and the settings of its group."""
        raise NotImplementedError

    def __repr__(self):
        lines = []
        for i, group in enumerate(self.param_groups):
            settings = [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
            lines += [f"Parameter Group {i}", *settings]
        return f"{type(self).__name__} (\n" + "\n".join(lines) + "\n)"


class SGD(Optimizer):
    """Gradient descent, with momentum and weight decay.

    ``v = momentum · v + (1 - dampening) · grad`` and ``x = x - lr · v``, where the first `v` is the gradient itself and
    grad includes ``weight_decay · x``. With `nesterov` the step is along ``grad + momentum · v`` (Sutskever et al.,
    ICML 2013). The learning rate stands outside `v`, as in PyTorch: when it drops, the effect is immediate. Papers that
    keep it inside `v` do the same only while it is constant.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See `Optimizer`.
    lr, momentum, dampening, weight_decay : float
    nesterov, maximize : bool

    Examples
    --------
    >>> x = Tensor([4.0], requires_grad=True)
    >>> descent = SGD([x], lr=0.25)
    >>> for _ in range(2):
    ...     descent.zero_grad()
    ...     (x * x).sum().backward()
    ...     descent.step()
    >>> x
    tensor([1.], requires_grad=True)
    """

    def __init__(self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False, *, maximize=False):
        for name, value in (("lr", lr), ("momentum", momentum), ("weight_decay", weight_decay)):
            if value < 0:
                raise ValueError(f"{name} must not be negative, but it is {value}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("nesterov needs a positive momentum and no dampening")
        settings = {"momentum": momentum, "dampening": dampening, "weight_decay": weight_decay}
        super().__init__(params, {"lr": lr, **settings, "nesterov": nesterov, "maximize": maximize})

    def update(self, x, grad, state, group):
        momentum = group["momentum"]
        if group["maximize"]:
            grad = -grad
        if group["weight_decay"]:
            grad = grad + group["weight_decay"] * x
        if momentum:
            if "momentum_buffer" not in state:
                state["momentum_buffer"] = grad.copy()
            else:
                velocity = state["momentum_buffer"]
                velocity *= momentum
                velocity += (1 - group["dampening"]) * grad if group["dampening"] else grad
            velocity = state["momentum_buffer"]
            grad = grad + momentum * velocity if group["nesterov"] else velocity
        x -= group["lr"] * grad
