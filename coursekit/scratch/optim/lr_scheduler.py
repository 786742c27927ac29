"""How the learning rate changes over time, with the names and arguments of `torch.optim.lr_scheduler`.

A schedule sets ``group["lr"]`` of every parameter group when it is made, and again after each ``step()``. Rates are
computed from the rate at the start and the number of steps, where PyTorch multiplies the last rate: they agree, except
where something else changes the rate in between. Taught in the chapter on training.
"""

import math


class LRScheduler:
    """What every schedule has; a subclass says in `update` what a group's settings are after `last_epoch` steps.

    Parameters
    ----------
    optimizer : Optimizer
        The rates it has now are those at the start, kept as ``group["initial_lr"]``.
    """

    def __init__(self, optimizer):
        self.optimizer = optimizer
        self.last_epoch = 0  # PyTorch's name, but what counts is calls of step(): after every epoch, or every batch
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
            self.update(group)

    def update(self, group):
        """Change the settings of a parameter group to those after `last_epoch` steps."""
        raise NotImplementedError

    def step(self):
        """Go on to the next rate; to be called after the optimiser's step()."""
        self.last_epoch += 1
        for group in self.optimizer.param_groups:
            self.update(group)

    def get_last_lr(self):
        """Return the rate of every parameter group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self):
        """Return what `load_state_dict` needs to go on from here; functions are not part of it."""
        return {name: value for name, value in vars(self).items() if name != "optimizer" and not callable(value)}

    def load_state_dict(self, state_dict):
        """Go to the step at which `state_dict` (ours or PyTorch's) was taken, and set the rates it had."""
        vars(self).update({name: state_dict[name] for name in self.state_dict() if name in state_dict})
        for group in self.optimizer.param_groups:
            self.update(group)


class LambdaLR(LRScheduler):
    """The initial rate times ``lr_lambda(steps so far)``, for example a warm-up.

    Examples
    --------
    >>> from coursekit.scratch import optim
    >>> optimizer = optim.SGD([Tensor([1.0])], lr=0.8)
    >>> warm_up = LambdaLR(optimizer, lambda step: min(1, (step + 1) / 4))
    >>> for _ in range(5):
    ...     print(warm_up.get_last_lr())
    ...     warm_up.step()
    [0.2]
    [0.4]
    [0.6000000000000001]
    [0.8]
    [0.8]
    """

    def __init__(self, optimizer, lr_lambda):
        self.lr_lambda = lr_lambda
        super().__init__(optimizer)

    def update(self, group):
        group["lr"] = group["initial_lr"] * self.lr_lambda(self.last_epoch)


class StepLR(LRScheduler):
    """Multiply the rate by `gamma` after every `step_size` steps.

    Examples
    --------
    >>> from coursekit.scratch import optim
    >>> schedule = StepLR(optim.SGD([Tensor([1.0])], lr=1.0), step_size=2, gamma=0.5)
    >>> for _ in range(5):
    ...     print(schedule.get_last_lr())
    ...     schedule.step()
    [1.0]
    [1.0]
    [0.5]
    [0.5]
    [0.25]
    """

    def __init__(self, optimizer, step_size, gamma=0.1):
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer)

    def update(self, group):
        group["lr"] = group["initial_lr"] * self.gamma ** (self.last_epoch // self.step_size)


class CosineAnnealingLR(LRScheduler):
    """From the initial rate down to `eta_min` in `T_max` steps, along half a period of the cosine.

    Stepped further, the rate rises again: SGDR (Loshchilov & Hutter, "SGDR: stochastic gradient descent with warm
    restarts", ICLR 2017) without the restarts.

    Examples
    --------
    >>> from coursekit.scratch import optim
    >>> schedule = CosineAnnealingLR(optim.SGD([Tensor([1.0])], lr=1.0), T_max=2)
    >>> for _ in range(4):
    ...     print(round(schedule.get_last_lr()[0], 10))
    ...     schedule.step()
    1.0
    0.5
    0.0
    0.5
    """

    def __init__(self, optimizer, T_max, eta_min=0.0):
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer)

    def update(self, group):
        group["lr"] = cosine(group["initial_lr"], self.eta_min, self.last_epoch / self.T_max)


class OneCycleLR(LRScheduler):
    """Up to a large rate and down to a very small one, in one cycle over the whole training; step after every batch.

    Meanwhile the momentum (of Adam: β₁) goes down and up again (Smith & Topin, "Super-convergence: very fast training
    of neural networks using large learning rates", 2019; two phases, as fastai and PyTorch have it).

    Parameters
    ----------
    optimizer : Optimizer
    max_lr : float or list of float
        The largest rate; a list holds one for each parameter group. The first rate is ``max_lr / div_factor``, the last
        one ``max_lr / div_factor / final_div_factor``.
    total_steps : int, optional
        Unless given, ``epochs * steps_per_epoch``.
    epochs, steps_per_epoch : int, optional
    pct_start : float
        The share of the steps on the way up, 0 to 1.
    cycle_momentum : bool
    base_momentum, max_momentum : float
    div_factor, final_div_factor : float

    Raises
    ------
    ValueError
        If an argument is wrong, or from `step` after more than `total_steps` steps.

    Examples
    --------
    >>> from coursekit.scratch import optim
    >>> optimizer = optim.SGD([Tensor([1.0])], momentum=0.9)
    >>> schedule = OneCycleLR(optimizer, max_lr=1.0, total_steps=6, pct_start=0.5)
    >>> for _ in range(6):
    ...     print(f"{schedule.get_last_lr()[0]:.3f} {optimizer.param_groups[0]['momentum']:.3f}")
    ...     schedule.step()
    0.040 0.950
    0.520 0.900
    1.000 0.850
    0.750 0.875
    0.250 0.925
    0.000 0.950
    """

    def __init__(
        self, optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None, *, pct_start=0.3,
        cycle_momentum=True, base_momentum=0.85, max_momentum=0.95, div_factor=25.0, final_div_factor=1e4,
    ):  # fmt: skip
        self.total_steps = total_steps or (epochs or 0) * (steps_per_epoch or 0)
        if self.total_steps <= 0:
            raise ValueError("OneCycleLR needs a positive total_steps, or epochs and steps_per_epoch")
        if not 0 <= pct_start <= 1:
            raise ValueError(f"pct_start must lie between 0 and 1, but it is {pct_start}")
        groups = optimizer.param_groups
        peaks = max_lr if isinstance(max_lr, list | tuple) else [max_lr] * len(groups)
        if len(peaks) != len(groups):
            raise ValueError(f"max_lr holds {len(peaks)} rates for {len(groups)} parameter groups")
        for group, peak in zip(groups, peaks, strict=True):
            first = peak / div_factor
            group.update(initial_lr=first, max_lr=peak, min_lr=first / final_div_factor)
        self.pct_start, self.cycle_momentum = pct_start, cycle_momentum
        self.base_momentum, self.max_momentum = base_momentum, max_momentum
        super().__init__(optimizer)

    def update(self, group):
        step, peak, last = self.last_epoch, self.pct_start * self.total_steps - 1, self.total_steps - 1
        if step > self.total_steps:
            raise ValueError(f"step {step} of a cycle of total_steps={self.total_steps}")
        if step <= peak:
            share, start, end = step / (peak or 1), group["initial_lr"], group["max_lr"]
            momenta = self.max_momentum, self.base_momentum
        else:
            share, start, end = (step - peak) / (last - peak or 1), group["max_lr"], group["min_lr"]
            momenta = self.base_momentum, self.max_momentum
        group["lr"] = cosine(start, end, share)
        if self.cycle_momentum:
            momentum = cosine(*momenta, share)
            group.update({"betas": (momentum, group["betas"][1])} if "betas" in group else {"momentum": momentum})


def cosine(start, end, share):
    """Go that share of the way from start to end, along half a period of the cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
