"""Pooling."""

from coursekit.scratch import kernels
from coursekit.scratch.autograd import as_tensor, record
from coursekit.scratch.functional.convolution import pair


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1):
    """Keep the largest value of every window; see `kernels.max_pool2d`. The stride is the kernel size unless given.

    Examples
    --------
    >>> max_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    tensor([[[[ 5.,  7.],
              [13., 15.]]]], dtype=float64)
    """
    x = _images(input, "max_pool2d")
    window = (pair(kernel_size), pair(stride or kernel_size), _pool_padding(padding, kernel_size), pair(dilation))
    out = kernels.max_pool2d(x.data, *window)
    return record("MaxPool2D", out, (x, lambda grad: kernels.max_pool2d_gradient(grad, x.data, out, *window)))


def avg_pool2d(input, kernel_size, stride=None, padding=0):
    """Average every window; see `kernels.avg_pool2d`. The stride is the kernel size unless given.

    Examples
    --------
    >>> avg_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    tensor([[[[ 2.5000,  4.5000],
              [10.5000, 12.5000]]]], dtype=float64)
    """
    x = _images(input, "avg_pool2d")
    window = (pair(kernel_size), pair(stride or kernel_size), _pool_padding(padding, kernel_size))
    out = kernels.avg_pool2d(x.data, *window)
    return record("AvgPool2D", out, (x, lambda grad: kernels.avg_pool2d_gradient(grad, x.shape, *window)))


def _pool_padding(padding, kernel_size):
    if any(2 * p > k for p, k in zip(pair(padding), pair(kernel_size), strict=True)):
        raise ValueError(
            f"padding {padding} is more than half of kernel_size {kernel_size}: a window could hold nothing"
        )
    return pair(padding)


def _images(input, name):
    x = as_tensor(input)
    if x.ndim != 4:
        raise RuntimeError(f"{name}: input must have shape (N, C, H, W), not {x.shape}")
    return x
