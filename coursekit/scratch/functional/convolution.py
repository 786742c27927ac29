"""Convolutions."""

from coursekit.scratch import kernels
from coursekit.scratch.autograd import as_tensor, record


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide filters over images; see `kernels.conv2d`. Numbers apply to rows and columns alike, pairs to each.

    Examples
    --------
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
