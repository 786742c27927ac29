"""Layers, losses and models, with the names, arguments, defaults and parameter keys of `torch.nn`."""

from collections import OrderedDict

import numpy as np

from coursekit.scratch import functional, init
from coursekit.scratch.autograd import Tensor, as_tensor

# ------------------------------------------------------------------------------------------------------------- Module


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


class Sequential(Module):
    """One layer after the other.

    Examples
    --------
    >>> Sequential(Linear(784, 128), ReLU(), Linear(128, 10))
    Sequential(
      (0): Linear(in_features=784, out_features=128, bias=True)
      (1): ReLU()
      (2): Linear(in_features=128, out_features=10, bias=True)
    )
    """

    def __init__(self, *layers):
        super().__init__()
        if len(layers) == 1 and isinstance(layers[0], dict):
            named = layers[0].items()
        else:
            named = ((str(i), layer) for i, layer in enumerate(layers))
        for name, layer in named:
            setattr(self, name, layer)

    def forward(self, input):
        for layer in self:
            input = layer(input)
        return input

    def __len__(self):
        return sum(1 for _ in self.children())

    def __iter__(self):
        return iter(list(self.children()))

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self.named_children())[index]))
        return list(self.children())[index]

    def append(self, layer):
        """Add a layer at the end."""
        setattr(self, str(len(self)), layer)
        return self


# -------------------------------------------------------------------------------------------------------------- layers


class Linear(Module):
    """Fully connected layer, ``x @ weight.T + bias``.

    Parameters
    ----------
    in_features, out_features : int
    bias : bool
    dtype : numpy dtype, optional
        float32 unless given.

    Attributes
    ----------
    weight : Parameter, shape (out_features, in_features)
    bias : Parameter, shape (out_features,), or None
        Both start uniform on ±1/√in_features, as in PyTorch.

    Examples
    --------
    >>> layer = Linear(3, 2)
    >>> layer(np.ones((5, 3), np.float32)).shape
    (5, 2)
    """

    def __init__(self, in_features, out_features, bias=True, *, dtype=None):
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        # Transposed in memory: the product that yields its gradient is faster that way round.
        self.weight = Parameter(np.empty((in_features, out_features), dtype or np.float32).T)
        self.bias = Parameter(np.empty(out_features, dtype or np.float32)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        _default_init(self.weight, self.bias)

    def forward(self, input):
        return functional.linear(input, self.weight, self.bias)

    def extra_repr(self):
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


def _default_init(weight, bias):
    init.kaiming_uniform_(weight, a=5**0.5)  # a = √5 makes this uniform on ±1/√fan_in
    if bias is not None:
        bound = 1 / max(np.prod(weight.shape[1:]), 1) ** 0.5
        init.uniform_(bias, -bound, bound)


class Conv2d(Module):
    """Convolution layer: `out_channels` filters slide over images of `in_channels` channels.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size, stride, dilation : int or (rows, columns)
    padding : int, (rows, columns), "same" or "valid"
    groups : int
    bias : bool
    dtype : numpy dtype, optional
        float32 unless given.

    Attributes
    ----------
    weight : Parameter, shape (out_channels, in_channels / groups, kernel rows, kernel columns)
    bias : Parameter, shape (out_channels,), or None
        Both start uniform on ±1/√(in_channels / groups · kernel rows · kernel columns), as in PyTorch.

    Examples
    --------
    >>> layer = Conv2d(1, 6, kernel_size=5, padding=2)
    >>> layer
    Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
    >>> layer(np.zeros((3, 1, 28, 28), np.float32)).shape
    (3, 6, 28, 28)
    """

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
        *,
        dtype=None,
    ):
        super().__init__()
        if in_channels % groups or out_channels % groups:
            raise ValueError(f"groups={groups} must divide in_channels={in_channels} and out_channels={out_channels}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = map(functional.pair, (kernel_size, stride, dilation))
        self.padding = padding if isinstance(padding, str) else functional.pair(padding)
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.weight = Parameter(np.empty(shape, dtype or np.float32))
        self.bias = Parameter(np.empty(out_channels, dtype or np.float32)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        _default_init(self.weight, self.bias)

    def forward(self, input):
        window = (self.stride, self.padding, self.dilation, self.groups)
        return functional.conv2d(input, self.weight, self.bias, *window)

    def extra_repr(self):
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        if self.padding != (0, 0):
            text += f", padding={self.padding}"
        if self.dilation != (1, 1):
            text += f", dilation={self.dilation}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        return text + (", bias=False" if self.bias is None else "")


class MaxPool2d(Module):
    """Largest value of every window; the stride is the kernel size unless given.

    Examples
    --------
    >>> MaxPool2d(2)(np.zeros((3, 6, 28, 28))).shape
    (3, 6, 14, 14)
    """

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1):
        super().__init__()
        self.kernel_size, self.padding, self.dilation = kernel_size, padding, dilation
        self.stride = kernel_size if stride is None else stride

    def forward(self, input):
        return functional.max_pool2d(input, self.kernel_size, self.stride, self.padding, self.dilation)

    def extra_repr(self):
        window = f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
        return f"{window}, dilation={self.dilation}, ceil_mode=False"


class AvgPool2d(Module):
    """Mean of every window; the stride is the kernel size unless given.

    Examples
    --------
    >>> AvgPool2d(2)(np.zeros((3, 6, 28, 28))).shape
    (3, 6, 14, 14)
    """

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride

    def forward(self, input):
        return functional.avg_pool2d(input, self.kernel_size, self.stride, self.padding)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class Flatten(Module):
    """Turn (N, C, H, W) into (N, C·H·W).

    Examples
    --------
    >>> Flatten()(Tensor(np.zeros((2, 3, 4, 5)))).shape
    (2, 60)
    """

    def __init__(self, start_dim=1, end_dim=-1):
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input):
        return as_tensor(input).flatten(self.start_dim, self.end_dim)

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Identity(Module):
    """Return the input."""

    def forward(self, input):
        return as_tensor(input)


class ReLU(Module):
    """``max(x, 0)``."""

    def forward(self, input):
        return functional.relu(input)


class Sigmoid(Module):
    """``1 / (1 + exp(-x))``."""

    def forward(self, input):
        return functional.sigmoid(input)


class Tanh(Module):
    """Hyperbolic tangent."""

    def forward(self, input):
        return functional.tanh(input)


class Softmax(Module):
    """Turn logits into probabilities along `dim`. Not needed before CrossEntropyLoss, which contains it."""

    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        return functional.softmax(input, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """Logarithm of the softmax along `dim`; what NLLLoss expects."""

    def forward(self, input):
        return functional.log_softmax(input, self.dim)


# -------------------------------------------------------------------------------------------------------------- losses


class _Loss(Module):
    def __init__(self, *, reduction="mean"):
        super().__init__()
        self.reduction = reduction


class CrossEntropyLoss(_Loss):
    """Loss of a classifier from its logits: softmax and negative log-likelihood in one.

    Examples
    --------
    >>> CrossEntropyLoss()([[0.0, 0.0]], np.array([1]))
    tensor(0.6931)
    """

    def forward(self, input, target):
        return functional.cross_entropy(input, target, reduction=self.reduction)


class NLLLoss(_Loss):
    """Loss of a classifier from its log-probabilities."""

    def forward(self, input, target):
        return functional.nll_loss(input, target, reduction=self.reduction)


class MSELoss(_Loss):
    """Squared error, averaged over every entry."""

    def forward(self, input, target):
        return functional.mse_loss(input, target, reduction=self.reduction)
