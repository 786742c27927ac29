"""Wrong solutions of task 4; see exercise.py."""

import numpy as np


def _matrix(kernel, height, width, stride=1, missing=0):
    k, l = kernel.shape
    rows = []
    for i in range(0, height - k + 1 - missing, stride):
        for j in range(0, width - l + 1 - missing, stride):
            picture = np.zeros((height, width))
            picture[i : i + k, j : j + l] = kernel
            rows.append(picture)
    return np.array(rows)


def _flat(rows):
    return rows.reshape(len(rows), -1)


def convolution_matrix__transposed(kernel, height, width, stride=1):
    """Says: this is the transpose"""
    return _flat(_matrix(kernel, height, width, stride)).T


def convolution_matrix__turned(kernel, height, width, stride=1):
    """Says: turned by 180°"""
    return _flat(_matrix(kernel[::-1, ::-1], height, width, stride))


def convolution_matrix__kernel_transposed(kernel, height, width, stride=1):
    """Says: the kernel is transposed"""
    return _flat(_matrix(kernel.T, height, width, stride))


def convolution_matrix__last_window_missing(kernel, height, width, stride=1):
    """Says: the last window is missing"""
    rows = _matrix(kernel, height, width, stride)
    return _flat(rows[:-1])


def convolution_matrix__column_by_column(kernel, height, width, stride=1):
    """Says: the image was written column by column"""
    return _flat(_matrix(kernel, height, width, stride).swapaxes(1, 2))


def convolution_matrix__no_stride(kernel, height, width, stride=1):
    """Says: the stride is not used"""
    return _flat(_matrix(kernel, height, width))


def convolution_matrix__windows_move_by_one(kernel, height, width, stride=1):
    """Says: the windows moved on by one pixel"""
    count = len(_matrix(kernel, height, width, stride))
    return _flat(_matrix(kernel, height, width)[:count])


def convolution_matrix__whole_numbers(kernel, height, width, stride=1):
    """Hidden only."""
    return _flat(_matrix(kernel, height, width, stride)).astype(int)


def convolution_matrix__width_of_the_kernel(kernel, height, width, stride=1):
    """Rows of the windows are counted with the columns of the kernel.
    Hidden only."""
    if kernel.shape[0] == kernel.shape[1]:
        return _flat(_matrix(kernel, height, width, stride))
    k = kernel.shape[1]
    rows = _matrix(kernel, height, width, stride)
    return _flat(rows[: max(1, (height - k) // stride + 1)])
