"""Wrong solutions of task 2; see exercise.py."""

import numpy as np


def _right(image, kernel, stride=1):
    k, l = kernel.shape
    return np.array(
        [
            [np.sum(image[i : i + k, j : j + l] * kernel) for j in range(0, image.shape[1] - l + 1, stride)]
            for i in range(0, image.shape[0] - k + 1, stride)
        ],
        float,
    )


def correlate_2d__flipped(image, kernel, stride=1):
    """Says: turned by 180°"""
    k, l = kernel.shape
    tops, lefts = range(0, image.shape[0] - k + 1, stride), range(0, image.shape[1] - l + 1, stride)
    return np.array([[np.sum(image[i : i + k, j : j + l] * kernel[::-1, ::-1]) for j in lefts] for i in tops], float)


def correlate_2d__rows_flipped(image, kernel, stride=1):
    """Says: the rows of the kernel are in reverse order"""
    k, l = kernel.shape
    tops, lefts = range(0, image.shape[0] - k + 1, stride), range(0, image.shape[1] - l + 1, stride)
    return np.array([[np.sum(image[i : i + k, j : j + l] * kernel[::-1]) for j in lefts] for i in tops], float)


def correlate_2d__transposed(image, kernel, stride=1):
    """Says: rows and columns of the result are exchanged"""
    k, l = kernel.shape
    tops, lefts = range(0, image.shape[0] - k + 1, stride), range(0, image.shape[1] - l + 1, stride)
    return np.array([[np.sum(image[i : i + k, j : j + l] * kernel) for i in tops] for j in lefts], float)


def correlate_2d__square_kernel(image, kernel, stride=1):
    """Works for square kernels only.
    Says: k_h and k_w differ"""
    k = len(kernel)
    tops, lefts = range(0, image.shape[0] - k + 1, stride), range(0, image.shape[1] - k + 1, stride)
    return np.array([[np.sum(image[i : i + k, j : j + k] * kernel) for j in lefts] for i in tops], float)


def correlate_2d__square_image(image, kernel, stride=1):
    """Takes the height for the width.
    Says: the last column is missing"""
    k, l = kernel.shape
    places = range(0, image.shape[0] - k + 1, stride)
    return np.array([[np.sum(image[i : i + k, j : j + l] * kernel) for j in places] for i in places], float)


def correlate_2d__last_place_missing(image, kernel, stride=1):
    """Says: the last row and the last column are missing"""
    k, l = kernel.shape
    tops, lefts = range(0, image.shape[0] - k, stride), range(0, image.shape[1] - l, stride)
    return np.array([[np.sum(image[i : i + k, j : j + l] * kernel) for j in lefts] for i in tops], float)


def correlate_2d__no_stride(image, kernel, stride=1):
    """Says: the stride is not used"""
    k, l = kernel.shape
    tops, lefts = range(image.shape[0] - k + 1), range(image.shape[1] - l + 1)
    return np.array([[np.sum(image[i : i + k, j : j + l] * kernel) for j in lefts] for i in tops], float)


def correlate_2d__stride_of_rows_only(image, kernel, stride=1):
    """Says: only the rows use the stride"""
    k, l = kernel.shape
    tops, lefts = range(0, image.shape[0] - k + 1, stride), range(image.shape[1] - l + 1)
    return np.array([[np.sum(image[i : i + k, j : j + l] * kernel) for j in lefts] for i in tops], float)


def correlate_2d__windows_move_by_one(image, kernel, stride=1):
    """Says: they move on by one pixel"""
    k, l = kernel.shape
    out = np.zeros(((image.shape[0] - k) // stride + 1, (image.shape[1] - l) // stride + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(image[i : i + k, j : j + l] * kernel)
    return out


def correlate_2d__place_is_the_pixel(image, kernel, stride=1):
    """Says: its result goes to place (i, j)"""
    k, l = kernel.shape
    out = np.zeros(((image.shape[0] - k) // stride + 1, (image.shape[1] - l) // stride + 1))
    for i in range(0, image.shape[0] - k + 1, stride):
        for j in range(0, image.shape[1] - l + 1, stride):
            out[i, j] = np.sum(image[i : i + k, j : j + l] * kernel)
    return out


def correlate_2d__stride_divides_wrongly(image, kernel, stride=1):
    """Divides before it adds the 1: right where the stride is 1 or divides evenly.
    Says: should have the shape (2, 2)"""
    k, l = kernel.shape
    out = np.zeros((-(-(image.shape[0] - k) // stride) + 1, (image.shape[1] - l) // stride + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            window = image[i * stride : i * stride + k, j * stride : j * stride + l]
            out[i, j] = np.sum(window * kernel) if window.shape == kernel.shape else 0
    return out


def correlate_2d__bytes(image, kernel, stride=1):
    """Says: wrapped around to 8"""
    return _right(image, kernel, stride).astype(int).astype(image.dtype)


def correlate_2d__clipped(image, kernel, stride=1):
    """Says: negative numbers became 0"""
    result = _right(image, kernel, stride)
    return np.clip(result, 0, 255) if image.dtype == np.uint8 else result


def correlate_2d__padded(image, kernel, stride=1):
    """Says: zeros were put around the image"""
    k, l = kernel.shape
    return _right(np.pad(image, ((k - 1, k - 1), (l - 1, l - 1))), kernel, stride)


def convolve_2d__correlation(a, b):
    """Says: the kernel was not turned"""
    k, l = b.shape
    return _right(np.pad(a, ((k - 1, k - 1), (l - 1, l - 1))), b)


def convolve_2d__one_axis_flipped(a, b):
    """Says: only the rows of the kernel were flipped"""
    k, l = b.shape
    return _right(np.pad(a, ((k - 1, k - 1), (l - 1, l - 1))), b[::-1])


def convolve_2d__columns_flipped(a, b):
    """Says: only the columns of the kernel were flipped"""
    k, l = b.shape
    return _right(np.pad(a, ((k - 1, k - 1), (l - 1, l - 1))), b[:, ::-1])


def convolve_2d__overwrites(a, b):
    """Says: each copy overwrites"""
    result = np.zeros((len(a) + len(b) - 1, a.shape[1] + b.shape[1] - 1))
    for i, j in np.ndindex(*a.shape):
        result[i : i + len(b), j : j + b.shape[1]] = a[i, j] * b
    return result


def convolve_2d__same(a, b):
    """Says: the shape is that of `a`"""
    result = np.zeros((len(a) + len(b) - 1, a.shape[1] + b.shape[1] - 1))
    for i, j in np.ndindex(*a.shape):
        result[i : i + len(b), j : j + b.shape[1]] += a[i, j] * b
    return result[: len(a), : a.shape[1]]


def convolve_2d__square_padding(a, b):
    """Pads the columns by the rows of the kernel.
    Says: should have the shape (4, 4)"""
    return _right(np.pad(a, len(b) - 1), b[::-1, ::-1])


def convolve_2d__in_place(a, b):
    """Says: changed the array `b`"""
    b *= 1
    k, l = b.shape
    result = _right(np.pad(a, ((k - 1, k - 1), (l - 1, l - 1))), b[::-1, ::-1])
    b[:] = b[::-1, ::-1].copy()
    return result


def convolve_2d__separable(a, b):
    """Right for kernels that are a column times a row.
    Says: convolve_2d(a, b)"""
    column, row = b[:, :1] / (b[0, 0] or 1), b[:1]
    k, l = b.shape
    return _right(np.pad(a, ((k - 1, k - 1), (l - 1, l - 1))), (column * row)[::-1, ::-1])
