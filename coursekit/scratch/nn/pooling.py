"""Pooling layers."""

from coursekit.scratch import functional
from coursekit.scratch.nn.module import Module


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
