"""Wrong solutions of task 5; see exercise.py."""


def _check(stride, output_padding):
    if output_padding >= stride:
        raise ValueError("output_padding must be less than stride")


def transposed_size__n_distances(n, kernel, stride=1, padding=0, output_padding=0):
    """Says: n - 1 distances"""
    _check(stride, output_padding)
    return n * stride - 2 * padding + kernel + output_padding


def transposed_size__padding_adds(n, kernel, stride=1, padding=0, output_padding=0):
    """Says: minus 2p"""
    _check(stride, output_padding)
    return (n - 1) * stride + 2 * padding + kernel + output_padding


def transposed_size__no_padding(n, kernel, stride=1, padding=0, output_padding=0):
    """Says: the padding is not used"""
    _check(stride, output_padding)
    return (n - 1) * stride + kernel + output_padding


def transposed_size__padding_once(n, kernel, stride=1, padding=0, output_padding=0):
    """Says: on both sides"""
    _check(stride, output_padding)
    return (n - 1) * stride - padding + kernel + output_padding


def transposed_size__no_output_padding(n, kernel, stride=1, padding=0, output_padding=0):
    """Says: output_padding is not used"""
    _check(stride, output_padding)
    return (n - 1) * stride - 2 * padding + kernel


def transposed_size__output_padding_twice(n, kernel, stride=1, padding=0, output_padding=0):
    """Says: on one side only"""
    _check(stride, output_padding)
    return (n - 1) * stride - 2 * padding + kernel + 2 * output_padding


def transposed_size__convolution(n, kernel, stride=1, padding=0, output_padding=0):
    """Says: the size of a convolution"""
    _check(stride, output_padding)
    return (n + 2 * padding - kernel) // stride + 1


def transposed_size__never_refuses(n, kernel, stride=1, padding=0, output_padding=0):
    """Says: Raise a ValueError"""
    return (n - 1) * stride - 2 * padding + kernel + output_padding


def transposed_size__refuses_too_late(n, kernel, stride=1, padding=0, output_padding=0):
    """Says: Raise a ValueError"""
    if output_padding > stride:
        raise ValueError("output_padding must be less than stride")
    return (n - 1) * stride - 2 * padding + kernel + output_padding


def output_padding_for__zero(n, kernel, stride=1, padding=0):
    """Says: what the convolution left over"""
    return 0


def output_padding_for__padding_ignored(n, kernel, stride=1, padding=0):
    """A stride of 2 hides it.
    Says: output_padding_for(30, 5"""
    return (n - kernel) % stride


def output_padding_for__padding_once(n, kernel, stride=1, padding=0):
    """Says: output_padding_for(7, 3"""
    return (n + padding - kernel) % stride


def output_padding_for__n_modulo_stride(n, kernel, stride=1, padding=0):
    """Says: output_padding_for(7, 3"""
    return n % stride


def output_padding_for__stride_minus_one(n, kernel, stride=1, padding=0):
    """Says: output_padding_for(7, 3"""
    return stride - 1


def output_padding_for__quotient(n, kernel, stride=1, padding=0):
    """Says: output_padding_for(7, 3"""
    return (n + 2 * padding - kernel) // stride
