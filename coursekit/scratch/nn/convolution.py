"""Convolution layers."""

import numpy as np

from coursekit.scratch import functional
from coursekit.scratch.nn.dense import default_init
from coursekit.scratch.nn.module import Module
from coursekit.scratch.nn.parameter import Parameter


class _Convolution(Module):
    """What all convolution layers share: their sizes, their parameters, and how they are printed."""

    transposed = False
    _tuple = staticmethod(functional.pair)

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True):
        super().__init__()
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = map(self._tuple, (kernel_size, stride, dilation))
        self.padding = padding if isinstance(padding, str) else self._tuple(padding)
        self.output_padding = self._tuple(0)
        first, second = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        self.weight = Parameter(np.empty((first, second // groups, *self.kernel_size), np.float32))
        self.bias = Parameter(np.empty(out_channels, np.float32)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        default_init(self.weight, self.bias)

    def forward(self, input):
        return self.convolve(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)

    def extra_repr(self):
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        for name, default in {"padding": 0, "dilation": 1, "output_padding": 0}.items():
            if getattr(self, name) != self._tuple(default):
                text += f", {name}={getattr(self, name)}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        return text + (", bias=False" if self.bias is None else "")


class Conv2d(_Convolution):
    """Convolution layer: `out_channels` filters slide over images of `in_channels` channels.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size, stride, dilation : int or (rows, columns)
    padding : int, (rows, columns), "same" or "valid"
    groups : int
    bias : bool

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

    convolve = staticmethod(functional.conv2d)


class Conv1d(_Convolution):
    """Convolution layer for sequences, shape (N, in_channels, L). Everything else as for `Conv2d`.

    Examples
    --------
    >>> layer = Conv1d(2, 4, kernel_size=3)
    >>> layer
    Conv1d(2, 4, kernel_size=(3,), stride=(1,))
    >>> layer(np.zeros((5, 2, 10), np.float32)).shape
    (5, 4, 8)
    """

    _tuple = staticmethod(functional.single)
    convolve = staticmethod(functional.conv1d)


class ConvTranspose2d(_Convolution):
    """Transposed convolution layer: it turns shapes round that `Conv2d` with the same arguments has changed.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size, stride, padding, output_padding, dilation : int or (rows, columns)
        See `kernels.conv_transpose2d`.
    groups : int
    bias : bool

    Attributes
    ----------
    weight : Parameter, shape (in_channels, out_channels / groups, kernel rows, kernel columns)
    bias : Parameter, shape (out_channels,), or None
        Both start uniform on ±1/√(out_channels / groups · kernel rows · kernel columns), as in PyTorch, although
        in_channels is what counts here.

    Examples
    --------
    >>> layer = ConvTranspose2d(6, 1, kernel_size=4, stride=2, padding=1)
    >>> layer
    ConvTranspose2d(6, 1, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))
    >>> layer(np.zeros((3, 6, 14, 14), np.float32)).shape
    (3, 1, 28, 28)
    """

    transposed = True

    def __init__(
        self, in_channels, out_channels, kernel_size,
        stride=1, padding=0, output_padding=0, groups=1, bias=True, dilation=1,
    ):  # fmt: skip
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias)
        self.output_padding = functional.pair(output_padding)

    def forward(self, input):
        window = (self.stride, self.padding, self.output_padding, self.groups, self.dilation)
        return functional.conv_transpose2d(input, self.weight, self.bias, *window)
