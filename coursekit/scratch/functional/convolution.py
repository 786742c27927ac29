"""Convolutions."""

from coursekit.scratch import kernels
from coursekit.scratch.autograd import as_tensor, record


def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide filters over sequences; see `kernels.conv1d`.

    Examples
    --------
    >>> conv1d([[[1.0, 2.0, 4.0, 8.0]]], [[[-1.0, 1.0]]])
    tensor([[[1., 2., 4.]]])
    """
    x, weight, bias = _operands("conv1d", input, weight, bias, groups)
    stride, dilation = single(stride), single(dilation)
    window = (stride, _padding(padding, single, weight.shape[2:], stride, dilation), dilation, groups)
    shape = x.shape  # all that the gradient for x needs of x
    return _record(
        kernels.conv1d(x.data, weight.data, _data(bias), *window),
        (x, lambda grad: kernels.conv1d_input_gradient(grad, weight.data, shape, *window)),
        (weight, lambda grad: kernels.conv1d_weight_gradient(grad, x.data, weight.shape, *window)),
        (bias, kernels.conv1d_bias_gradient),
    )


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide filters over images; see `kernels.conv2d`. Numbers apply to rows and columns alike, pairs to each.

    Examples
    --------
    >>> conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)))
    tensor([[[[4., 4.],
              [4., 4.]]]], dtype=float64)
    """
    x, weight, bias = _operands("conv2d", input, weight, bias, groups)
    stride, dilation = pair(stride), pair(dilation)
    window = (stride, _padding(padding, pair, weight.shape[2:], stride, dilation), dilation, groups)
    shape = x.shape  # all that the gradient for x needs of x
    return _record(
        kernels.conv2d(x.data, weight.data, _data(bias), *window),
        (x, lambda grad: kernels.conv2d_input_gradient(grad, weight.data, shape, *window)),
        (weight, lambda grad: kernels.conv2d_weight_gradient(grad, x.data, weight.shape, *window)),
        (bias, kernels.conv2d_bias_gradient),
    )


def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Stamp filters into an image, the transpose of `conv2d`; see `kernels.conv_transpose2d`.

    Examples
    --------
    >>> conv_transpose2d(np.array([[[[1.0, 10.0]]]]), np.array([[[[1.0, 2.0, 3.0]]]]))
    tensor([[[[ 1., 12., 23., 30.]]]], dtype=float64)
    """
    x, weight, bias = _operands("conv_transpose2d", input, weight, bias, groups)
    stride, padding, dilation, extra = map(pair, (stride, padding, dilation, output_padding))
    window = (stride, padding, groups, dilation)
    return _record(
        kernels.conv_transpose2d(x.data, weight.data, _data(bias), stride, padding, extra, groups, dilation),
        (x, lambda grad: kernels.conv_transpose2d_input_gradient(grad, weight.data, *window)),
        (weight, lambda grad: kernels.conv_transpose2d_weight_gradient(grad, x.data, weight.shape, *window)),
        (bias, kernels.conv2d_bias_gradient),
    )


def single(value):
    """Give one number, for the one dimension of a sequence, as a tuple.

    Examples
    --------
    >>> single(3), single((3,))
    ((3,), (3,))
    """
    return tuple(value) if isinstance(value, tuple | list) else (value,)


def pair(value):
    """Give one number for rows and columns to both.

    Examples
    --------
    >>> pair(3), pair((1, 2))
    ((3, 3), (1, 2))
    """
    return tuple(value) if isinstance(value, tuple | list) else (value, value)


def _padding(padding, as_tuple, kernel_size, stride, dilation):
    """Turn the words "same" and "valid" into numbers of pixels."""
    if padding == "valid":
        return as_tuple(0)
    if padding != "same":
        return as_tuple(padding)
    if any(step != 1 for step in stride):
        raise ValueError(f'padding="same" keeps the size only with stride 1, but the stride is {stride}')
    extra = [d * (k - 1) for k, d in zip(kernel_size, dilation, strict=True)]
    if any(pixels % 2 for pixels in extra):
        raise ValueError(f'padding="same" needs an odd kernel (or an even dilation), not kernel_size {kernel_size}')
    return tuple(pixels // 2 for pixels in extra)


# The dimensions of the input and of the weight. Names that stand in both must be equal, up to `groups`.
_SHAPES = {
    "conv1d": ("(N, C, L)", "(F, C / groups, kernel size)"),
    "conv2d": ("(N, C, H, W)", "(F, C / groups, kernel rows, kernel columns)"),
    "conv_transpose2d": ("(N, C, H, W)", "(C, F / groups, kernel rows, kernel columns)"),
}


def _operands(name, input, weight, bias, groups):
    """Turn input, weight and bias into Tensors that fit together."""
    x, weight = as_tensor(input), as_tensor(weight)
    wanted = _SHAPES[name]
    fits = x.ndim == weight.ndim == len(wanted[0].split(",")) and weight.shape[0] % groups == 0
    if fits:
        ends = weight.shape[0], weight.shape[1] * groups
        filters, channels = reversed(ends) if name == "conv_transpose2d" else ends
    if not fits or x.shape[1] != channels:
        raise RuntimeError(
            f"{name}: input of shape {x.shape} and weight of shape {weight.shape} do not fit with groups={groups}; "
            f"they must be {wanted[0]} and {wanted[1]}"
        )
    if x.dtype != weight.dtype:
        raise RuntimeError(f"{name}: input and weight must have one type, but they are {x.dtype} and {weight.dtype}")
    if bias is not None and (bias := as_tensor(bias)).shape != (filters,):
        raise RuntimeError(f"{name}: bias must have shape ({filters},), a number for each filter, not {bias.shape}")
    return x, weight, bias


def _data(bias):
    return None if bias is None else bias.data


def _record(out, *inputs):
    return record("Convolution", out, *((tensor, gradient) for tensor, gradient in inputs if tensor is not None))
