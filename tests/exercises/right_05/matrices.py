"""Every operation as a matrix that is written down and multiplied with."""

import numpy as np


def band(n, w, stride=1):
    rows = (n - len(w)) // stride + 1
    matrix = np.zeros((rows, n))
    for t in range(rows):
        matrix[t, t * stride : t * stride + len(w)] = w
    return matrix


def correlate(x, w):
    return band(len(x), w) @ x


def convolve(a, b):
    return band(len(a) + len(b) - 1, a).T @ b


def correlate_2d(image, kernel, stride=1):
    k = len(kernel)
    rows = (len(image) - k) // stride + 1
    out = []
    for i in range(rows):
        lines = image[i * stride : i * stride + k].astype(float)
        out.append(sum(band(image.shape[1], w, stride) @ line for w, line in zip(kernel, lines, strict=True)))
    return np.array(out)


def convolve_2d(a, b):
    out = np.zeros((len(a) + len(b) - 1, a.shape[1] + b.shape[1] - 1))
    for i, row in enumerate(a):
        for u, weights in enumerate(b):
            out[i + u] += convolve(row, weights)
    return out


class Window:
    def __init__(self, kernel, stride, padding, dilation):
        self.kernel, self.stride, self.padding, self.dilation = kernel, stride, padding, dilation

    @property
    def reach(self):
        return self.dilation * (self.kernel - 1) + 1

    def places(self, n):
        return range(0, n + 2 * self.padding - self.reach + 1, self.stride)


def output_size(n, kernel, stride=1, padding=0, dilation=1):
    places = Window(kernel, stride, padding, dilation).places(n)
    if len(places) == 0:

        class DoesNotFitError(ValueError):
            pass

        raise DoesNotFitError(n, kernel)
    return np.int64(len(places))


def selection(n, k, stride, padding, dilation):
    """Entry [u, i] says which (unpadded) pixel lies at place u of window i: a 1 there, or nowhere."""
    places = Window(k, stride, padding, dilation).places(n)
    chosen = np.zeros((k, len(places), n))
    for u in range(k):
        for i, start in enumerate(places):
            pixel = start + u * dilation - padding
            if 0 <= pixel < n:
                chosen[u, i, pixel] = 1
    return chosen


def im2col(x, size, stride=1, padding=0, dilation=1):
    rows = selection(x.shape[2], size[0], stride, padding, dilation)
    columns = selection(x.shape[3], size[1], stride, padding, dilation)
    out = np.einsum("uip,ncpq,vjq->cuvnij", rows, x, columns, optimize=True)
    return out.reshape(np.prod(out.shape[:3]), np.prod(out.shape[3:]))


def conv2d_matrix(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    rows = selection(x.shape[2], weight.shape[2], stride, padding, dilation)
    columns = selection(x.shape[3], weight.shape[3], stride, padding, dilation)
    x = x.reshape(len(x), groups, -1, *x.shape[2:])
    weight = weight.reshape(groups, -1, *weight.shape[1:])
    out = np.einsum("uip,ngcpq,vjq,gmcuv->ngmij", rows, x, columns, weight, optimize=True)
    out = out.reshape(len(x), -1, *out.shape[3:])
    if bias is not None:
        out += np.expand_dims(bias, (1, 2))
    return out


def conv2d(x, weight, bias=None, stride=1, padding=0):
    return conv2d_matrix(x, weight, bias, stride, padding)


def max_pool2d(x, size, stride=None, padding=0):
    places = [Window(size, stride or size, padding, 1).places(n) for n in x.shape[2:]]
    out = np.empty((*x.shape[:2], len(places[0]), len(places[1])), x.dtype)
    for i, top in enumerate(places[0]):
        for j, left in enumerate(places[1]):
            # The window, cut off where the image ends; nothing is padded.
            down = slice(max(top - padding, 0), top - padding + size)
            across = slice(max(left - padding, 0), left - padding + size)
            out[:, :, i, j] = x[:, :, down, across].max((2, 3))
    return out


def sobel(image):
    H, W = image.shape
    difference, smooth = [], []
    for n in (H, W):
        steps = np.zeros((n, n))
        blur = np.zeros((n, n))
        for i in range(n):
            steps[i, min(i + 1, n - 1)] += 1
            steps[i, max(i - 1, 0)] -= 1
            for d, weight in ((-1, 1), (0, 2), (1, 1)):
                blur[i, min(max(i + d, 0), n - 1)] += weight
        difference.append(steps)
        smooth.append(blur)
    x = smooth[0] @ image @ difference[1].T
    y = difference[0] @ image @ smooth[1].T
    return [np.linalg.norm([x, y], axis=0), np.arctan2(y, x)]
