"""Convolutions."""

from coursekit.scratch import kernels
from coursekit.scratch.autograd import as_tensor, record
from coursekit.scratch.functional.arguments import given, optional, pair, same_type, single


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide filters over images; see `kernels.conv2d`. Numbers apply to rows and columns alike, pairs to each.

    Examples
    --------
    >>> conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)))
    tensor([[[[4., 4.],
              [4., 4.]]]], dtype=float64)
    """
    x, weight, bias, b = _operands("conv2d", input, weight, bias, groups)
    stride, dilation = pair(stride), pair(dilation)
    window = (stride, _padding(padding, weight.shape[2:], stride, dilation), dilation, groups)
    shape = x.shape  # all that the gradient for x needs of x
    edges = given(
        (x, lambda grad: kernels.conv2d_input_gradient(grad, weight.data, shape, *window)),
        (weight, lambda grad: kernels.conv2d_weight_gradient(grad, x.data, weight.shape, *window)),
        (bias, kernels.conv2d_bias_gradient),
    )
    return record("Convolution", kernels.conv2d(x.data, weight.data, b, *window), *edges)


def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide filters over sequences, shape (N, C, L): images of a single row, for filters of a single row.

    Examples
    --------
    >>> conv1d([[[1.0, 2.0, 4.0, 8.0]]], [[[-1.0, 1.0]]])
    tensor([[[1., 2., 4.]]])
    """
    x, weight, bias, _ = _operands("conv1d", input, weight, bias, groups)
    padding = padding if isinstance(padding, str) else (0, *single(padding))
    window = (1, *single(stride)), padding, (1, *single(dilation)), groups
    return conv2d(x.unsqueeze(2), weight.unsqueeze(2), bias, *window).squeeze(2)


def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Stamp filters into an image, the transpose of `conv2d`; see `kernels.conv_transpose2d`.

    Examples
    --------
    >>> conv_transpose2d(np.array([[[[1.0, 10.0]]]]), np.array([[[[1.0, 2.0, 3.0]]]]))
    tensor([[[[ 1., 12., 23., 30.]]]], dtype=float64)
    """
    x, weight, bias, b = _operands("conv_transpose2d", input, weight, bias, groups)
    window = (pair(stride), pair(padding), pair(dilation), groups)
    edges = given(
        (x, lambda grad: kernels.conv2d(grad, weight.data, None, *window)),
        (weight, lambda grad: kernels.conv2d_weight_gradient(x.data, grad, weight.shape, *window)),
        (bias, kernels.conv2d_bias_gradient),
    )
    out = kernels.conv_transpose2d(x.data, weight.data, b, *window, output_padding=pair(output_padding))
    return record("Convolution", out, *edges)


def _padding(padding, kernel_size, stride, dilation):
    """Turn the words "same" and "valid" into numbers of pixels."""
    if padding != "same":
        return pair(0 if padding == "valid" else padding)
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
    """Turn input, weight and bias into Tensors that fit together (and the bias into an array, too)."""
    x, weight, wanted = as_tensor(input), as_tensor(weight), _SHAPES[name]
    fits = x.ndim == weight.ndim == len(wanted[0].split(",")) and len(weight) % groups == 0
    if fits:
        ends = weight.shape[0], weight.shape[1] * groups
        filters, channels = reversed(ends) if name == "conv_transpose2d" else ends
    if not fits or x.shape[1] != channels:
        raise RuntimeError(
            f"{name}: input of shape {x.shape} and weight of shape {weight.shape} do not fit with groups={groups}; "
            f"they must be {wanted[0]} and {wanted[1]}"
        )
    same_type(name, x, weight)
    bias, b = optional(bias)
    if bias is not None and bias.shape != (filters,):
        raise RuntimeError(f"{name}: bias must have shape ({filters},), a number for each filter, not {bias.shape}")
    return x, weight, bias, b
