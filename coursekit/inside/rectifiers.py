"""Three ways back through a rectifier, which is all that saliency, the deconvnet and guided back-propagation differ in.

    forward          y = max(x, 0)
    gradient         what comes back passes where x > 0
    deconvnet        what comes back passes where it is itself positive          Zeiler and Fergus, ECCV 2014
    guided           where both are                                              Springenberg et al., 2015

Nothing is changed in the network: while a `Backward` is open, every rectifier that any network calls is computed by one
with another way back. So it does not matter whether a rectifier is a module or a function, writes into its input, or is
used at several places.
Taught in the chapter on what filters see.
"""

import math

import torch
from torch.overrides import TorchFunctionMode

RULES = ("gradient", "deconvnet", "guided")


class _Rectifier(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, rule, top, inplace):
        ctx.rule = rule
        if inplace:
            ctx.mark_dirty(x)
            y = x.clamp_(0, top)
        else:
            y = x.clamp(0, top)
        if rule == "guided":
            ctx.save_for_backward((y > 0) & (y < top))
        return y

    @staticmethod
    def backward(ctx, gradient):
        passed = gradient.clamp(min=0)
        if ctx.rule == "guided":
            passed = passed * ctx.saved_tensors[0]
        return passed, None, None, None


class Backward(TorchFunctionMode):
    """While this is open, rectifiers pass back what a rule lets through.

    ReLU and ReLU6 are meant, as module, function or method; other activations keep their derivative.

    Parameters
    ----------
    rule : str
        "gradient", "deconvnet" or "guided".

    Raises
    ------
    ValueError
        If there is no such rule.

    Examples
    --------
    >>> for rule in RULES:
    ...     x = torch.tensor([2.0, -1.0], requires_grad=True)
    ...     with Backward(rule):
    ...         torch.relu(x).backward(torch.tensor([-3.0, 4.0]))
    ...     print(rule, (x.grad + 0).tolist())
    gradient [-3.0, 0.0]
    deconvnet [0.0, 4.0]
    guided [0.0, 0.0]
    """

    def __init__(self, rule):
        super().__init__()
        if rule not in RULES:
            raise ValueError(f"rule: expected one of {', '.join(RULES)}, got {rule!r}")
        self.rule = rule

    def __torch_function__(self, function, types, arguments=(), named=None):
        named = named or {}
        top = math.inf if self.rule == "gradient" else _top(function, arguments, named)
        if self.rule == "gradient" or top is None:
            return function(*arguments, **named)
        x = arguments[0] if arguments else named["input"]
        name = function.__name__
        inplace = (name.endswith("_") and not name.endswith("__")) or _argument(
            function, arguments, named, "inplace", False
        )
        return _Rectifier.apply(x, self.rule, top, inplace)


PLACES = {  # where functions that may be rectifiers take what, after the input
    "relu": {"inplace": 1},
    "relu_": {},
    "relu6": {"inplace": 1},
    "hardtanh": {"min_val": 1, "max_val": 2, "inplace": 3},
    "hardtanh_": {"min_val": 1, "max_val": 2},
    **{name: {"min": 1, "max": 2} for name in ("clamp", "clamp_", "clip", "clip_")},
    **{name: {"min": 1} for name in ("clamp_min", "clamp_min_")},
}


def _argument(function, arguments, named, name, default):
    place = PLACES[function.__name__].get(name)
    if place is not None and place < len(arguments):
        return arguments[place]
    return named.get(name, default)


def _top(function, arguments, named):
    """The value at which a rectifier cuts off, infinity for most of them; None if this function is no rectifier."""
    name = getattr(function, "__name__", "")
    if name not in PLACES:
        return None
    if name in ("relu", "relu_"):
        return math.inf
    if name == "relu6":
        return 6.0
    lowest = "min_val" if "hardtanh" in name else "min"
    highest = "max_val" if "hardtanh" in name else "max"
    low = _argument(function, arguments, named, lowest, -1.0 if "hardtanh" in name else None)
    high = _argument(function, arguments, named, highest, 1.0 if "hardtanh" in name else None)
    if torch.is_tensor(low) or torch.is_tensor(high) or low != 0:
        return None
    return math.inf if high is None else float(high)
