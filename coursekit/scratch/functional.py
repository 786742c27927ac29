"""Operations on Tensors, with the names and arguments of `torch.nn.functional`.

Each one calls a kernel and, right beside it, records that kernel's gradient for every input. Arguments may be Tensors
or arrays. What the operations mean, and what they raise, stands with the kernels.
"""

from coursekit.scratch import kernels
from coursekit.scratch.autograd import as_tensor, record

# ---------------------------------------------------------------------------------------------- fully connected layer


def linear(input, weight, bias=None):
    """Apply ``input @ weight.T + bias``; see `kernels.linear`.

    Examples
    --------
    >>> linear([[1.0, 2.0]], [[3.0, 4.0]], [0.5])
    tensor([[11.5000]])
    """
    x, weight = as_tensor(input), as_tensor(weight)
    if x.ndim == 0 or x.shape[-1] != weight.shape[-1]:
        raise RuntimeError(
            f"linear: input of shape {x.shape} does not fit weight of shape {weight.shape}; "
            f"the last dimension of the input must be {weight.shape[-1]}"
        )
    edges = [
        (x, lambda grad: kernels.linear_input_gradient(grad, weight.data)),
        (weight, lambda grad: kernels.linear_weight_gradient(grad, x.data)),
    ]
    if bias is not None:
        bias = as_tensor(bias)
        edges.append((bias, kernels.linear_bias_gradient))
    return record("Addmm", kernels.linear(x.data, weight.data, bias.data if bias is not None else None), *edges)


# --------------------------------------------------------------------------------------------- convolution and pooling


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide filters over images; see `kernels.conv2d`. Numbers apply to rows and columns alike, pairs to each.

    Examples
    --------
    >>> import numpy as np
    >>> conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)))
    tensor([[[[4., 4.],
              [4., 4.]]]], dtype=float64)
    """
    x, weight = as_tensor(input), as_tensor(weight)
    if x.ndim != 4 or weight.ndim != 4 or x.shape[1] != weight.shape[1] * groups or weight.shape[0] % groups:
        raise RuntimeError(
            f"conv2d: input of shape {x.shape} and weight of shape {weight.shape} do not fit with groups={groups}; "
            "they must be (N, C, H, W) and (F, C / groups, kernel rows, kernel columns)"
        )
    stride, dilation = pair(stride), pair(dilation)
    padding = _padding(padding, weight.shape[2:], stride, dilation)
    window = (stride, padding, dilation, groups)
    edges = [
        (x, lambda grad: kernels.conv2d_input_gradient(grad, weight.data, x.shape, *window)),
        (weight, lambda grad: kernels.conv2d_weight_gradient(grad, x.data, weight.shape, *window)),
    ]
    if bias is not None:
        bias = as_tensor(bias)
        edges.append((bias, kernels.conv2d_bias_gradient))
    out = kernels.conv2d(x.data, weight.data, bias.data if bias is not None else None, *window)
    return record("Convolution", out, *edges)


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1):
    """Keep the largest value of every window; see `kernels.max_pool2d`. The stride is the kernel size unless given.

    Examples
    --------
    >>> import numpy as np
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
    >>> import numpy as np
    >>> avg_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    tensor([[[[ 2.5000,  4.5000],
              [10.5000, 12.5000]]]], dtype=float64)
    """
    x = _images(input, "avg_pool2d")
    window = (pair(kernel_size), pair(stride or kernel_size), _pool_padding(padding, kernel_size))
    out = kernels.avg_pool2d(x.data, *window)
    return record("AvgPool2D", out, (x, lambda grad: kernels.avg_pool2d_gradient(grad, x.shape, *window)))


def pair(value):
    """Give one number for rows and columns to both.

    Examples
    --------
    >>> pair(3), pair((1, 2))
    ((3, 3), (1, 2))
    """
    return (value, value) if isinstance(value, int) else tuple(value)


def _padding(padding, kernel_size, stride, dilation):
    """Turn the words "same" and "valid" into numbers of pixels."""
    if padding == "valid":
        return (0, 0)
    if padding != "same":
        return pair(padding)
    if stride != (1, 1):
        raise ValueError(f'padding="same" keeps the size only with stride 1, but the stride is {stride}')
    extra = [d * (k - 1) for k, d in zip(kernel_size, dilation, strict=True)]
    if any(pixels % 2 for pixels in extra):
        raise ValueError(f'padding="same" needs an odd kernel (or an even dilation), not kernel_size {kernel_size}')
    return tuple(pixels // 2 for pixels in extra)


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


# -------------------------------------------------------------------------------------------------------- activations


def relu(input):
    """Rectify: ``max(input, 0)``; see `kernels.relu`.

    Examples
    --------
    >>> relu([-1.0, 2.0])
    tensor([0., 2.])
    """
    x = as_tensor(input)
    out = kernels.relu(x.data)
    return record("Relu", out, (x, lambda grad: kernels.relu_gradient(grad, out)))


def sigmoid(input):
    """Squash to (0, 1); see `kernels.sigmoid`.

    Examples
    --------
    >>> sigmoid([0.0])
    tensor([0.5000])
    """
    x = as_tensor(input)
    out = kernels.sigmoid(x.data)
    return record("Sigmoid", out, (x, lambda grad: kernels.sigmoid_gradient(grad, out)))


def tanh(input):
    """Squash to (-1, 1); see `kernels.tanh`.

    Examples
    --------
    >>> tanh([0.5])
    tensor([0.4621])
    """
    x = as_tensor(input)
    out = kernels.tanh(x.data)
    return record("Tanh", out, (x, lambda grad: kernels.tanh_gradient(grad, out)))


def softmax(input, dim):
    """Turn logits into probabilities along `dim`; see `kernels.softmax`.

    Examples
    --------
    >>> softmax([[1000.0, 1000.0]], dim=1)
    tensor([[0.5000, 0.5000]])
    """
    x = as_tensor(input)
    out = kernels.softmax(x.data, dim)
    return record("Softmax", out, (x, lambda grad: kernels.softmax_gradient(grad, out, dim)))


def log_softmax(input, dim):
    """Logarithm of the softmax, computed safely; see `kernels.log_softmax`.

    Examples
    --------
    >>> log_softmax([[0.0, -800.0]], dim=1)
    tensor([[   0., -800.]])
    """
    x = as_tensor(input)
    out = kernels.log_softmax(x.data, dim)
    return record("LogSoftmax", out, (x, lambda grad: kernels.log_softmax_gradient(grad, out, dim)))


# ------------------------------------------------------------------------------------------------------------- losses


def nll_loss(input, target, *, reduction="mean"):
    """Negative log-likelihood of the right classes, from log-probabilities; see `kernels.nll`.

    Examples
    --------
    >>> import numpy as np
    >>> nll_loss(log_softmax([[0.0, 0.0]], dim=1), np.array([1]))
    tensor(0.6931)
    """
    x, labels = as_tensor(input), as_tensor(target).data
    return record(
        "NllLoss",
        kernels.nll(x.data, labels, reduction),
        (x, lambda grad: kernels.nll_gradient(grad, x.data, labels, reduction)),
    )


def cross_entropy(input, target, *, reduction="mean"):
    """Softmax and negative log-likelihood in one, from logits; see `kernels.cross_entropy`.

    Examples
    --------
    >>> import numpy as np
    >>> cross_entropy([[0.0, 0.0, 1000.0]], np.array([2]))
    tensor(0.)
    """
    x, labels = as_tensor(input), as_tensor(target).data
    log_probabilities = kernels.log_softmax(x.data, kernels.class_axis(x.data))
    return record(
        "NllLoss",
        kernels.nll(log_probabilities, labels, reduction),
        (x, lambda grad: kernels.cross_entropy_gradient(grad, log_probabilities, labels, reduction)),
    )


def mse_loss(input, target, *, reduction="mean"):
    """Squared error, averaged over every entry; see `kernels.mse`.

    Examples
    --------
    >>> mse_loss([1.0, 2.0], [1.0, 4.0])
    tensor(2.)
    """
    x, target = as_tensor(input), as_tensor(target)
    if x.shape != target.shape:
        raise ValueError(f"mse_loss: input of shape {x.shape} and target of shape {target.shape} must have one shape")
    return record(
        "MseLoss",
        kernels.mse(x.data, target.data, reduction),
        (x, lambda grad: kernels.mse_gradient(grad, x.data, target.data, reduction)),
        (target, lambda grad: -kernels.mse_gradient(grad, x.data, target.data, reduction)),
    )
