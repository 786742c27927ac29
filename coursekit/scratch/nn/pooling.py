"""Pooling layers. The stride is the kernel size unless given."""

from coursekit.scratch import functional
from coursekit.scratch.nn.module import Module


class _Pool2d(Module):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(_Pool2d):
    """Mean of every window.

    Examples
    --------
    >>> AvgPool2d(2)(np.zeros((3, 6, 28, 28))).shape
    (3, 6, 14, 14)
    """

    def forward(self, input):
        return functional.avg_pool2d(input, self.kernel_size, self.stride, self.padding)


class MaxPool2d(_Pool2d):
    """Largest value of every window and, with `return_indices`, where it was found.

    Examples
    --------
    >>> MaxPool2d(2)(np.zeros((3, 6, 28, 28))).shape
    (3, 6, 14, 14)
    """

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False):
        super().__init__(kernel_size, stride, padding)
        self.dilation, self.return_indices = dilation, return_indices

    def forward(self, input):
        window = (self.kernel_size, self.stride, self.padding, self.dilation)
        return functional.max_pool2d(input, *window, return_indices=self.return_indices)

    def extra_repr(self):
        return f"{super().extra_repr()}, dilation={self.dilation}, ceil_mode=False"


class MaxUnpool2d(_Pool2d):
    """Put what MaxPool2d kept back to where it was found.

    Examples
    --------
    >>> pooled, indices = MaxPool2d(2, return_indices=True)(np.zeros((3, 6, 28, 28)))
    >>> MaxUnpool2d(2)(pooled, indices).shape
    (3, 6, 28, 28)
    """

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__(*map(functional.pair, (kernel_size, kernel_size if stride is None else stride, padding)))

    def forward(self, input, indices, output_size=None):
        return functional.max_unpool2d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class AdaptiveAvgPool2d(Module):
    """Mean of as many windows as asked for; ``AdaptiveAvgPool2d(1)`` is global average pooling.

    Examples
    --------
    >>> AdaptiveAvgPool2d((1, 2))(np.zeros((3, 6, 28, 27))).shape
    (3, 6, 1, 2)
    """

    def __init__(self, output_size):
        super().__init__()
        self.output_size = output_size

    def forward(self, input):
        return functional.adaptive_avg_pool2d(input, self.output_size)

    def extra_repr(self):
        return f"output_size={self.output_size}"
