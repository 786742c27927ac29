"""Module: the base of every layer and model."""

from collections import OrderedDict

import numpy as np

from coursekit.scratch.autograd import Tensor, as_tensor
from coursekit.scratch.nn.parameter import Parameter


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

    def __init__(self):
        self._buffers = []  # names of attributes
        self._forward_hooks = {}

    def forward(self, *inputs):
        raise NotImplementedError(f"{type(self).__name__} has no forward method")

    def __call__(self, *inputs, **options):
        out = self.forward(*inputs, **options)
        for hook in list(self._forward_hooks.values()):
            replacement = hook(self, inputs, out)
            out = out if replacement is None else replacement
        return out

    def register_forward_hook(self, hook):
        """Call ``hook(module, inputs, output)`` after every `forward`; what it returns, unless None, is the output.

        Returns
        -------
        RemovableHandle
            Its ``remove()`` takes the hook out again.

        Examples
        --------
        >>> layer, seen = nn.ReLU(), []
        >>> handle = layer.register_forward_hook(lambda module, inputs, output: seen.append(output.shape))
        >>> _ = layer(np.zeros((2, 3)))
        >>> handle.remove()
        >>> _ = layer(np.zeros((4, 5)))
        >>> seen
        [(2, 3)]
        """
        handle = RemovableHandle(self._forward_hooks)
        self._forward_hooks[handle] = hook
        return handle

    # -- putting something in. Parameters and Modules need only be assigned.

    def __setattr__(self, name, value):
        if isinstance(value, Parameter | Module) and "_buffers" not in vars(self):
            raise AttributeError(f"{type(self).__name__}: call super().__init__() before assigning self.{name}")
        old = vars(self).get(name)
        kind = Parameter if isinstance(old, Parameter) else Tensor if name in vars(self).get("_buffers", ()) else object
        if value is not None and not isinstance(value, kind):
            raise TypeError(
                f"{name} is a {kind.__name__} and may become another one or None, not a {type(value).__name__}; "
                f"to change its numbers, write {name}.data[...] = numbers"
            )
        super().__setattr__(name, value)

    def register_buffer(self, name, tensor):
        """Keep an array (or Tensor, or None) that is saved and loaded, but not trained: running statistics, masks."""
        self._check_name(name, Tensor)
        setattr(self, name, None if tensor is None else as_tensor(tensor).detach())
        self._buffers = list(dict.fromkeys([*self._buffers, name]))

    def add_module(self, name, module):
        """Keep a Module under a name that need not be an identifier."""
        self._check_name(name, Module)
        if not isinstance(module, Module):
            raise TypeError(f"{name} must be a Module, not a {type(module).__name__}: nn.ReLU() rather than F.relu")
        setattr(self, name, module)

    def _check_name(self, name, kind):
        if not name or "." in name or not isinstance(getattr(self, name, None), kind | None):
            raise KeyError(f"{name!r} cannot be registered: it is taken, or empty, or contains a dot")

    # -- what is inside: each thing once, even if it can be reached by several names

    def named_children(self):
        """Yield (attribute name, Module) for the Modules directly inside."""
        return _once(self._children())

    def children(self):
        return (child for _, child in self.named_children())

    def named_modules(self, prefix=""):
        """Yield (dotted name, Module) for this Module and everything inside it, outside in."""
        return _once(self._walk(prefix))

    def modules(self):
        return (module for _, module in self.named_modules())

    def named_parameters(self, prefix="", recurse=True):
        """Yield (dotted name, Parameter); without `recurse` only those of this Module itself."""
        return _once((k, v) for k, v in self._tensors(prefix, recurse) if isinstance(v, Parameter))

    def parameters(self, recurse=True):
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix="", recurse=True):
        """Yield (dotted name, Tensor) for what `register_buffer` was given."""
        return _once((k, v) for k, v in self._tensors(prefix, recurse) if not isinstance(v, Parameter))

    def buffers(self, recurse=True):
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _children(self):
        return [(name, value) for name, value in vars(self).items() if isinstance(value, Module)]

    def _walk(self, prefix=""):
        yield prefix, self
        for name, child in self._children():
            yield from child._walk(_join(prefix, name))

    def _tensors(self, prefix="", recurse=True):
        for path, module in self._walk(prefix) if recurse else [(prefix, self)]:
            parameters = [name for name, value in vars(module).items() if isinstance(value, Parameter)]
            for name in parameters + module._buffers:
                if (value := getattr(module, name, None)) is not None:
                    yield _join(path, name), value

    # -- saving and loading

    def state_dict(self):
        """Return {dotted name: array}, under PyTorch's names and, like PyTorch's, not copied: training changes them.

        ``torch_model.load_state_dict({k: torch.from_numpy(v) for k, v in model.state_dict().items()})`` carries the
        weights over to PyTorch.
        """
        return OrderedDict((name, value.data) for name, value in self._tensors())

    def load_state_dict(self, state_dict, strict=True):
        """Copy arrays (or Tensors of either kind) into the parameters and buffers of the same names.

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
        own, problems = dict(self._tensors()), []
        if strict:
            problems += [f"missing key: {name}" for name in own if name not in state_dict]
            problems += [f"unexpected key: {name}" for name in state_dict if name not in own]
        arrays = {name: _from_any(value, own[name].dtype) for name, value in state_dict.items() if name in own}
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
        """Keep all parameters, and the buffers that are not integers, in float32."""
        return self._convert(np.float32)

    def double(self):
        """Keep all parameters, and the buffers that are not integers, in float64."""
        return self._convert(np.float64)

    def _convert(self, dtype):
        for _, value in self._tensors():
            if value.dtype.kind == "f":
                value.data = value.data.astype(dtype)
                value.grad = None
        return self

    def extra_repr(self):
        """Return what stands between the brackets when the layer is printed."""
        return ""

    def __repr__(self):
        text = self.extra_repr()
        inside = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in self._children()]
        if inside:
            text = "\n  " + "\n  ".join([text] * bool(text) + inside) + "\n"
        return f"{type(self).__name__}({text})"


class RemovableHandle:
    """What `Module.register_forward_hook` returns."""

    def __init__(self, hooks):
        self._hooks = hooks

    def remove(self):
        """Take the hook out again; a second time does nothing."""
        self._hooks.pop(self, None)


def _once(pairs):
    seen = set()
    for name, value in pairs:
        if value not in seen:
            seen.add(value)
            yield name, value


def _join(prefix, name):
    return f"{prefix}.{name}" if prefix else name


def _from_any(value, dtype):
    if hasattr(value, "detach"):  # a Tensor of either kind
        value = value.detach().cpu()
    return np.asarray(value, dtype)
