"""Wrong solutions of task 3; see exercise.py."""

import numpy as np


def _stamp(x, weight, stride=1, extra=0, overwrite=False):
    (N, _, H, W), (M, k, l) = x.shape, weight.shape[1:]
    out = np.zeros((N, M, (H - 1) * stride + k + extra, (W - 1) * stride + l + extra))
    for i, j in np.ndindex(H, W):
        stamp = np.tensordot(x[:, :, i, j], weight, axes=1)
        at = slice(i * stride, i * stride + k), slice(j * stride, j * stride + l)
        out[:, :, at[0], at[1]] = stamp if overwrite else out[:, :, at[0], at[1]] + stamp
    return out


def _cut(out, padding):
    return out[:, :, padding : out.shape[2] - padding, padding : out.shape[3] - padding]


def _with(out, bias):
    return out if bias is None else out + bias[:, None, None]


def conv_transpose2d__overwrites(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Stamps that touch hide it.
    Says: the later one overwrote the earlier"""
    out = _stamp(x, weight, stride, output_padding, overwrite=True)
    return _with(_cut(out, padding), bias)


def conv_transpose2d__turned(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Says: turned by 180°"""
    return _with(_cut(_stamp(x, weight[..., ::-1, ::-1], stride, output_padding), padding), bias)


def conv_transpose2d__first_channel(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Says: only the first input channel stamps"""
    return _with(_cut(_stamp(x[:, :1], weight[:1], stride, output_padding), padding), bias)


def conv_transpose2d__last_channel(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Says: only the last input channel is there"""
    return _with(_cut(_stamp(x[:, -1:], weight[-1:], stride, output_padding), padding), bias)


def conv_transpose2d__no_bias(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Says: the bias is missing"""
    return _cut(_stamp(x, weight, stride, output_padding), padding)


def conv_transpose2d__bias_for_each_channel(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Says: once for each input channel"""
    return _with(_cut(_stamp(x, weight, stride, output_padding), padding), None if bias is None else x.shape[1] * bias)


def conv_transpose2d__weights_of_a_convolution(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Takes the first axis of the weights for the output channels.
    Says: (C_in, C_out, k_h, k_w)"""
    return _with(_cut(_stamp(x, weight.swapaxes(0, 1), stride, output_padding), padding), bias)


def conv_transpose2d__no_stride(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Says: the stride is not used"""
    return _with(_cut(_stamp(x, weight, 1, output_padding), padding), bias)


def conv_transpose2d__s_zeros_between(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """s zeros between two numbers instead of s - 1.
    Says: stamps lie too far apart"""
    step = stride + 1 if stride > 1 else 1
    return _with(_cut(_stamp(x, weight, step, output_padding), padding), bias)


def conv_transpose2d__padding_adds(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Says: padding made the result larger"""
    border = [(0, 0), (0, 0), (padding, padding), (padding, padding)]
    return _with(np.pad(_stamp(x, weight, stride, output_padding), border), bias)


def conv_transpose2d__no_padding(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Says: the padding is not used"""
    return _with(_stamp(x, weight, stride, output_padding), bias)


def conv_transpose2d__corner(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Cuts the right size out of the corner.
    Says: at the bottom and on the right only"""
    out = _stamp(x, weight, stride, output_padding)
    return _with(out[:, :, : out.shape[2] - 2 * padding, : out.shape[3] - 2 * padding], bias)


def conv_transpose2d__two_sides(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Says: on two sides only"""
    return _with(_stamp(x, weight, stride, output_padding)[:, :, padding:, padding:], bias)


def conv_transpose2d__empty_without_padding(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """out[:, :, 0:-0] is empty.
    Says: should have the shape (1, 1, 3, 4)"""
    return _with(_stamp(x, weight, stride, output_padding)[:, :, padding:-padding, padding:-padding], bias)


def conv_transpose2d__no_output_padding(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Says: output_padding is not used"""
    return _with(_cut(_stamp(x, weight, stride), padding), bias)


def conv_transpose2d__zeros_for_output_padding(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Without padding it is right.
    Says: zeros were added to the cut result"""
    out = _cut(_stamp(x, weight, stride), padding)
    return _with(np.pad(out, [(0, 0), (0, 0), (0, output_padding), (0, output_padding)]), bias)


def conv_transpose2d__output_padding_in_front(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Says: at the top and on the left"""
    out = np.pad(_stamp(x, weight, stride), [(0, 0), (0, 0), (output_padding, 0), (output_padding, 0)])
    if output_padding and padding:
        full = _stamp(x, weight, stride)
        first = padding - output_padding
        out = full[:, :, first : full.shape[2] - padding, first : full.shape[3] - padding]
        return _with(out, bias)
    return _with(_cut(out, padding), bias)


def conv_transpose2d__square_kernel(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Takes the rows of the kernel for its columns.
    Says: conv_transpose2d(x, weight, bias)"""
    out = _with(_cut(_stamp(x, weight, stride, output_padding), padding), bias)
    return out[..., : out.shape[3] + weight.shape[2] - weight.shape[3]]


def conv_transpose2d__bias_before_the_cut(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Where no stamp reaches, the bias is missing.
    Says: is 0, but it should be 10"""
    out = _stamp(x, weight, stride, output_padding)
    if bias is not None:
        out = np.where(out == 0, out, out + bias[:, None, None])
    return _cut(out, padding)


def conv_transpose2d__in_place(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """Says: changed the array `x`"""
    out = _with(_cut(_stamp(x, weight, stride, output_padding), padding), bias)
    x += 1
    return out
