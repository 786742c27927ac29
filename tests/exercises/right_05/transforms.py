"""By way of the Fourier transform, where a convolution is a product, and by recursion."""

import numpy as np


def convolve(a, b):
    n = len(a) + len(b) - 1
    return np.fft.irfft(np.fft.rfft(a, n) * np.fft.rfft(b, n), n)


def correlate(x, w):
    return convolve(x, w[::-1])[len(w) - 1 : len(x)]


def convolve_2d(a, b):
    size = tuple(n + k - 1 for n, k in zip(a.shape, b.shape, strict=True))
    return np.real(np.fft.ifft2(np.fft.fft2(a, size) * np.fft.fft2(b, size)))


def correlate_2d(image, kernel, stride=1):
    k, l = kernel.shape
    full = convolve_2d(image, kernel[::-1, ::-1])
    return full[k - 1 : image.shape[0] : stride, l - 1 : image.shape[1] : stride]


def output_size(n, kernel, stride=1, padding=0, dilation=1):
    if dilation > 1:
        return output_size(n, dilation * (kernel - 1) + 1, stride, padding)
    if padding:
        return output_size(n + 2 * padding, kernel, stride)
    if n < kernel:
        raise ValueError("does not fit")
    return 1 if n - stride < kernel else 1 + output_size(n - stride, kernel, stride)


def conv2d(x, weight, bias=None, stride=1, padding=0):
    if padding:
        return conv2d(np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding))), weight, bias, stride)
    out = np.stack(
        [
            sum(correlate_2d(channel, w, stride) for channel, w in zip(image, one, strict=True))
            for image in x
            for one in weight
        ]
    )
    out = out.reshape(len(x), len(weight), *out.shape[1:])
    return out + (0 if bias is None else bias.reshape(-1, 1, 1))


def max_pool2d(x, size, stride=None, padding=0):
    """The rows first, then the columns."""
    stride = size if stride is None else stride
    for axis in (2, 3):
        x = np.moveaxis(x, axis, -1)
        n = x.shape[-1]
        starts = range(-padding, n + padding - size + 1, stride)
        x = np.stack([x[..., max(s, 0) : s + size].max(axis=-1) for s in starts], axis=-1)
        x = np.moveaxis(x, -1, axis)
    return x


def im2col(x, size, stride=1, padding=0, dilation=1):
    """An image of pixel numbers is cut into windows; number 0 is the padding."""
    N, C, H, W = x.shape
    numbers = np.pad(np.arange(1, H * W + 1).reshape(H, W), padding)
    k, l = size
    down, across = dilation * (k - 1) + 1, dilation * (l - 1) + 1
    windows = [
        numbers[i : i + down : dilation, j : j + across : dilation].ravel()
        for i in range(0, numbers.shape[0] - down + 1, stride)
        for j in range(0, numbers.shape[1] - across + 1, stride)
    ]
    pixels = np.concatenate([np.zeros((N, C, 1), x.dtype), x.reshape(N, C, -1)], axis=2)
    picked = pixels[:, :, np.transpose(windows)]  # N, C, places, windows
    return picked.transpose(1, 2, 0, 3).reshape(C * k * l, -1)


def conv2d_matrix(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    M, c, k, l = weight.shape
    R = output_size(x.shape[2], k, stride, padding, dilation)
    out = np.zeros((len(x), M, R, output_size(x.shape[3], l, stride, padding, dilation)))
    for g in range(groups):
        filters = slice(g * M // groups, (g + 1) * M // groups)
        for n in range(len(x)):
            columns = im2col(x[n : n + 1, g * c : (g + 1) * c], (k, l), stride, padding, dilation)
            out[n, filters] = (weight[filters].reshape(M // groups, -1) @ columns).reshape(-1, *out.shape[2:])
    if bias is not None:
        for m in range(M):
            out[:, m] += bias[m]
    return out


def sobel(image):
    image = image * 1.0
    top, bottom = np.vstack([image[:1], image[:-1]]), np.vstack([image[1:], image[-1:]])

    def left(a):
        return np.hstack([a[:, :1], a[:, :-1]])

    def right(a):
        return np.hstack([a[:, 1:], a[:, -1:]])

    rows = top + 2 * image + bottom
    x = right(rows) - left(rows)
    change = bottom - top
    y = left(change) + 2 * change + right(change)
    return (x**2 + y**2) ** 0.5, np.arctan2(y, x)
