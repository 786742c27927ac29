"""Pooling."""

from coursekit.scratch import kernels
from coursekit.scratch.autograd import Tensor, as_tensor, record
from coursekit.scratch.functional.arguments import images, pair


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, *, return_indices=False):
    """Keep the largest value of every window; see `kernels.max_pool2d`. The stride is the kernel size unless given.

    With `return_indices`, returns the values and where in its image each was found (`kernels.max_pool2d_indices`).

    Examples
    --------
    >>> max_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    tensor([[[[ 5.,  7.],
              [13., 15.]]]], dtype=float64)
    """
    x = images("max_pool2d", input)
    window = (pair(kernel_size), pair(stride or kernel_size), _pool_padding(padding, kernel_size), pair(dilation))
    out = kernels.max_pool2d(x.data, *window)
    pooled = record("MaxPool2D", out, (x, lambda grad: kernels.max_pool2d_gradient(grad, x.data, out, *window)))
    return (pooled, Tensor(kernels.max_pool2d_indices(x.data, out, *window))) if return_indices else pooled


def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Put every value back to where `max_pool2d` found it; see `kernels.max_unpool2d`.

    Parameters
    ----------
    input, indices : Tensor, shape (N, C, H, W)
    kernel_size, stride, padding
        Those of the pooling.
    output_size : (rows, columns) or longer shape that ends so, optional
        Needed where several sizes lead to (H, W); otherwise the smallest that leaves out no window.

    Raises
    ------
    ValueError
        If pooling could not have led from `output_size` to the size of the input.
    RuntimeError
        If the shapes of input and indices differ, or an index points outside the output.

    Examples
    --------
    >>> max_unpool2d(*max_pool2d(np.arange(4.0).reshape(1, 1, 2, 2), 2, return_indices=True), 2)
    tensor([[[[0., 0.],
              [0., 3.]]]], dtype=float64)
    """
    x, indices = images("max_unpool2d", input), as_tensor(indices).data
    if indices.shape != x.shape:
        raise RuntimeError(f"max_unpool2d: input has shape {x.shape}, but indices has {indices.shape}")
    window = zip(x.shape[2:], pair(kernel_size), pair(stride or kernel_size), pair(padding), strict=True)
    usual = [(size - 1) * s - 2 * p + k for size, k, s, p in window]
    size = tuple(output_size or usual)[-2:]
    if any(abs(a - b) >= s for a, b, s in zip(size, usual, pair(stride or kernel_size), strict=True)):
        raise ValueError(f"max_unpool2d: output_size {size} must be less than a stride away from {tuple(usual)}")
    if indices.size and not 0 <= indices.min() <= indices.max() < size[0] * size[1]:
        raise RuntimeError(
            f"max_unpool2d: indices must lie between 0 and {size[0] * size[1] - 1} for output_size {size}"
        )
    out = kernels.max_unpool2d(x.data, indices, size)
    return record("MaxUnpool2D", out, (x, lambda grad: kernels.max_unpool2d_gradient(grad, indices)))


def avg_pool2d(input, kernel_size, stride=None, padding=0):
    """Average every window; see `kernels.avg_pool2d`. The stride is the kernel size unless given.

    Examples
    --------
    >>> avg_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    tensor([[[[ 2.5000,  4.5000],
              [10.5000, 12.5000]]]], dtype=float64)
    """
    x = images("avg_pool2d", input)
    window = (pair(kernel_size), pair(stride or kernel_size), _pool_padding(padding, kernel_size))
    out, shape = kernels.avg_pool2d(x.data, *window), x.shape
    return record("AvgPool2D", out, (x, lambda grad: kernels.avg_pool2d_gradient(grad, shape, *window)))


def adaptive_avg_pool2d(input, output_size):
    """Average over as many windows as asked for; see `kernels.adaptive_avg_pool2d`.

    Examples
    --------
    >>> adaptive_avg_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 1)
    tensor([[[[7.5000]]]], dtype=float64)
    """
    x = images("adaptive_avg_pool2d", input)
    out, shape = kernels.adaptive_avg_pool2d(x.data, pair(output_size)), x.shape
    return record("AdaptiveAvgPool2D", out, (x, lambda grad: kernels.adaptive_avg_pool2d_gradient(grad, shape)))


def _pool_padding(padding, kernel_size):
    if any(2 * p > k for p, k in zip(pair(padding), pair(kernel_size), strict=True)):
        raise ValueError(
            f"padding {padding} is more than half of kernel_size {kernel_size}: a window could hold nothing"
        )
    return pair(padding)
