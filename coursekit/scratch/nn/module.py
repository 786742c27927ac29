"""Module: the base of every layer and model."""

from collections import OrderedDict

import numpy as np

from coursekit.scratch.autograd import Tensor


class Parameter(Tensor):
    """A Tensor that a Module registers as something to train.

    Examples
    --------
    >>> Parameter([1.0])
    Parameter containing:
    tensor([1.], requires_grad=True)
    """

    def __init__(self, data, requires_grad=True):
        super().__init__(data, requires_grad)

    def __repr__(self):
        return "Parameter containing:\n" + super().__repr__()


class Module:
    """The base of every layer and model: write `forward`, and keep Parameters and other Modules as attributes.

    Examples
    --------
    >>> class Scale(Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = Parameter([3.0])
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> scale = Scale()
    >>> scale(Tensor([2.0])).item(), dict(scale.state_dict())
    (6.0, {'factor': array([3.], dtype=float32)})
    """

    training = True

    def forward(self, *inputs):
        raise NotImplementedError(f"{type(self).__name__} has no forward method")

    def __call__(self, *inputs, **options):
        return self.forward(*inputs, **options)

    # -- what is inside

    def named_children(self):
        """Yield (attribute name, Module) for the Modules directly inside."""
        return ((name, value) for name, value in vars(self).items() if isinstance(value, Module))

    def children(self):
        return (child for _, child in self.named_children())

    def named_modules(self, prefix=""):
        """Yield (dotted name, Module) for this Module and everything inside it, outside in."""
        yield prefix, self
        for name, child in self.named_children():
            yield from child.named_modules(f"{prefix}.{name}" if prefix else name)

    def modules(self):
        return (module for _, module in self.named_modules())

    def named_parameters(self):
        """Yield (dotted name, Parameter), each Parameter once, even if two layers share it."""
        seen = set()
        for name, value in self._named_tensors():
            if isinstance(value, Parameter) and value not in seen:
                seen.add(value)
                yield name, value

    def parameters(self):
        return (parameter for _, parameter in self.named_parameters())

    def _named_tensors(self):
        for prefix, module in self.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, Parameter):
                    yield f"{prefix}.{name}" if prefix else name, value

    # -- saving and loading

    def state_dict(self):
        """Return {dotted name: array}, under PyTorch's names and, like PyTorch's, not copied: training changes them.

        ``torch_model.load_state_dict({k: torch.from_numpy(v) for k, v in model.state_dict().items()})`` carries the
        weights over to PyTorch.
        """
        return OrderedDict((name, value.data) for name, value in self._named_tensors())

    def load_state_dict(self, state_dict, strict=True):
        """Copy arrays (or Tensors of either kind) into the parameters of the same names.

        Parameters
        ----------
        state_dict : mapping from names to anything `numpy.asarray` takes; PyTorch tensors included
        strict : bool
            Whether every name must be on both sides.

        Raises
        ------
        RuntimeError
            Naming what is missing, unexpected, or of another shape. Nothing has been changed then.
        """
        own = dict(self._named_tensors())
        problems = []
        if strict:
            problems += [f"missing key: {name}" for name in own if name not in state_dict]
            problems += [f"unexpected key: {name}" for name in state_dict if name not in own]
        arrays = {name: _from_any(value) for name, value in state_dict.items() if name in own}
        for name, array in arrays.items():
            if array.shape != own[name].shape:
                problems.append(f"{name} has shape {own[name].shape} here, but {array.shape} in what is being loaded")
        if problems:
            raise RuntimeError(f"cannot load into {type(self).__name__}:\n  " + "\n  ".join(problems))
        for name, array in arrays.items():
            own[name].data[...] = array

    # -- modes

    def train(self, mode=True):
        """Tell every layer that it is being trained (it matters to dropout and batch normalisation)."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self):
        """Tell every layer that it is being used, not trained."""
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        """Ask for the gradients of all parameters; with False, freeze them."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self):
        """Forget all gradients."""
        for parameter in self.parameters():
            parameter.grad = None

    def apply(self, function):
        """Call ``function(module)`` on everything inside and then on this Module, for example to initialise weights."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def float(self):
        """Keep all parameters in float32."""
        return self._convert(np.float32)

    def double(self):
        """Keep all parameters in float64."""
        return self._convert(np.float64)

    def _convert(self, dtype):
        for _, value in self._named_tensors():
            value.data = value.data.astype(dtype)
            value.grad = None
        return self

    def extra_repr(self):
        """Return what stands between the brackets when the layer is printed."""
        return ""

    def __repr__(self):
        inside = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in self.named_children()]
        body = "\n  " + "\n  ".join(inside) + "\n" if inside else ""
        return f"{type(self).__name__}({self.extra_repr()}{body})"


def _from_any(value):
    if hasattr(value, "detach"):  # a Tensor of either kind
        value = value.detach()
    if hasattr(value, "cpu"):  # PyTorch's
        value = value.cpu()
    return np.asarray(value)
