"""The ways down: each optimiser says in `update` how an array changes, given its gradient.

Weights and memories are changed in place: a step is bound by the speed of memory, so every pass over an array counts.
Taught in the chapter on training.
"""

import math

import numpy as np

from coursekit.scratch.optim.base import Optimizer


class SGD(Optimizer):
    """Gradient descent, with momentum and weight decay.

    ``v = momentum · v + grad`` and ``x = x - lr · v``, where grad includes ``weight_decay · x``. With `nesterov` the
    step is along ``grad + momentum · v`` (Sutskever et al., ICML 2013). The learning rate stands outside `v`, as in
    PyTorch: when it drops, the effect is immediate. Papers that keep it inside `v` do the same only while it is
    constant.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See `Optimizer`.
    lr, momentum, weight_decay : float
    nesterov : bool

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

    def __init__(self, params, lr=1e-3, momentum=0, *, weight_decay=0, nesterov=False):
        if nesterov and momentum <= 0:
            raise ValueError("nesterov needs a positive momentum")
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "nesterov": nesterov})

    def update(self, x, grad, state, group):
        momentum, grad = group["momentum"], decayed(x, grad, group)
        if momentum:
            velocity = memory(state, "momentum_buffer", x)
            velocity *= momentum
            velocity += grad
            grad = grad + momentum * velocity if group["nesterov"] else velocity
        x -= group["lr"] * grad


class RMSprop(Optimizer):
    """Gradient descent in which every weight's step is divided by the recent size of its gradient.

    ``v = alpha · v + (1 - alpha) · grad²`` and ``x = x - lr · grad / (√v + eps)`` (Tieleman & Hinton, "Lecture 6.5 -
    RMSProp", Coursera: Neural Networks for Machine Learning, 2012).

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See `Optimizer`.
    lr, alpha, eps, weight_decay, momentum : float

    Examples
    --------
    >>> x = Tensor([3.0, 0.03], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> RMSprop([x], lr=0.01).step()        # the first step is lr / √(1 - alpha), however steep the slope
    >>> x
    tensor([ 2.9000, -0.0700], requires_grad=True)
    """

    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0):
        settings = {"lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, settings)

    def update(self, x, grad, state, group):
        grad = decayed(x, grad, group)
        state["step"] = state.get("step", 0) + 1
        size = average(state, "square_avg", grad * grad, group["alpha"])
        step = grad / (np.sqrt(size) + group["eps"])
        if group["momentum"]:
            velocity = memory(state, "momentum_buffer", x)
            velocity *= group["momentum"]
            velocity += step
            step = velocity
        x -= group["lr"] * step


class Adam(Optimizer):
    """Adaptive moments: the mean of recent gradients over the root of the mean of their squares.

    ``m = β₁ · m + (1 - β₁) · grad``, ``v = β₂ · v + (1 - β₂) · grad²``, and ``x = x - lr · m̂ / (√v̂ + eps)`` with
    ``m̂ = m / (1 - β₁ᵗ)``, ``v̂ = v / (1 - β₂ᵗ)``: the means start at 0 and would be too small in the first steps
    (Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015).

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See `Optimizer`.
    lr : float
    betas : (float, float)
        How much of each mean is kept from one step to the next, 0 or more and less than 1.
    eps : float
    weight_decay : float
        Added to the gradient, times the weight. `AdamW` is the better kind.

    Examples
    --------
    >>> x = Tensor([3.0, 0.03], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> Adam([x], lr=0.1).step()        # the first step is lr, however steep the slope
    >>> x
    tensor([ 2.9000, -0.0700], requires_grad=True)
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas must be 0 or more and less than 1, but they are {betas}")
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def update(self, x, grad, state, group):
        self.adapt(x, decayed(x, grad, group), state, group)

    def adapt(self, x, grad, state, group):
        """Go a step along the gradient given, decayed or not."""
        beta1, beta2 = group["betas"]
        step = state["step"] = state.get("step", 0) + 1
        m = average(state, "exp_avg", grad, beta1)
        v = average(state, "exp_avg_sq", grad * grad, beta2)
        # lr · m̂ / (√v̂ + eps), both fractions multiplied by √(1 - β₂ᵗ): numbers are corrected rather than arrays.
        correction = math.sqrt(1 - beta2**step)
        x -= group["lr"] * correction / (1 - beta1**step) * m / (np.sqrt(v) + group["eps"] * correction)


class AdamW(Adam):
    """Adam with decoupled weight decay: the weights shrink by ``lr · weight_decay``, whatever their gradients are.

    In `Adam` the decay is divided by √v̂ with the rest, so weights with large gradients hardly decay
    (Loshchilov & Hutter, "Decoupled weight decay regularization", ICLR 2019). Arguments as for `Adam`.

    Examples
    --------
    >>> x = Tensor([3.0], requires_grad=True)
    >>> (x * 0).sum().backward()
    >>> AdamW([x], lr=0.1, weight_decay=0.5).step()        # no slope: 3 · (1 - 0.1 · 0.5)
    >>> x
    tensor([2.8500], requires_grad=True)
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        super().__init__(params, lr, betas, eps, weight_decay)

    def update(self, x, grad, state, group):
        x *= 1 - group["lr"] * group["weight_decay"]
        self.adapt(x, grad, state, group)


def decayed(x, grad, group):
    """Return the gradient of the loss plus ``½ · weight_decay · x²``."""
    return grad + group["weight_decay"] * x if group["weight_decay"] else grad


def memory(state, name, x):
    """Return the array remembered under a name; it starts at 0."""
    if name not in state:
        state[name] = np.zeros_like(x)
    return state[name]


def average(state, name, value, keep):
    """Move a running mean in place, ``keep · mean + (1 - keep) · value``, and return it."""
    mean = memory(state, name, value)
    mean *= keep
    mean += (1 - keep) * value
    return mean
