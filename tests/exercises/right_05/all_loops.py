"""Every sum one product at a time; no slices at all."""

import math

import numpy as np


def correlate(x, w):
    y = []
    for t in range(len(x) - len(w) + 1):
        total = 0.0
        for tau in range(len(w)):
            total += float(x[t + tau]) * float(w[tau])
        y.append(total)
    return np.array(y)


def convolve(a, b):
    y = [0.0] * (len(a) + len(b) - 1)
    for i, left in enumerate(a):
        for j, right in enumerate(b):
            y[i + j] += float(left) * float(right)
    return np.array(y)


def correlate_2d(image, kernel, stride=1):
    rows = (image.shape[0] - kernel.shape[0]) // stride + 1
    columns = (image.shape[1] - kernel.shape[1]) // stride + 1
    out = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            for u in range(kernel.shape[0]):
                for v in range(kernel.shape[1]):
                    out[i, j] += float(image[i * stride + u, j * stride + v]) * float(kernel[u, v])
    return out


def convolve_2d(a, b):
    out = np.zeros((a.shape[0] + b.shape[0] - 1, a.shape[1] + b.shape[1] - 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            for s in range(a.shape[0]):
                for t in range(a.shape[1]):
                    if 0 <= i - s < b.shape[0] and 0 <= j - t < b.shape[1]:
                        out[i, j] += a[s, t] * b[i - s, j - t]
    return out


def output_size(n, kernel, stride=1, padding=0, dilation=1):
    size, last = 0, dilation * (kernel - 1)
    while last < n + 2 * padding:
        size, last = size + 1, last + stride
    if size == 0:
        raise ValueError("the window is larger than the image")
    return size


def conv2d(x, weight, bias=None, stride=1, padding=0):
    N, C, H, W = x.shape
    M, _, k, l = weight.shape
    rows, columns = (H + 2 * padding - k) // stride + 1, (W + 2 * padding - l) // stride + 1
    out = np.zeros((N, M, rows, columns))
    for n in range(N):
        for m in range(M):
            for i in range(rows):
                for j in range(columns):
                    total = 0.0 if bias is None else float(bias[m])
                    for c in range(C):
                        for u in range(k):
                            for v in range(l):
                                row, column = i * stride + u - padding, j * stride + v - padding
                                if 0 <= row < H and 0 <= column < W:
                                    total += float(x[n, c, row, column]) * float(weight[m, c, u, v])
                    out[n, m, i, j] = total
    return out


def max_pool2d(x, size, stride=None, padding=0):
    stride = stride or size
    N, C, H, W = x.shape
    rows, columns = (H + 2 * padding - size) // stride + 1, (W + 2 * padding - size) // stride + 1
    out = np.zeros((N, C, rows, columns))
    for n, c, i, j in np.ndindex(out.shape):
        best = -math.inf
        for u in range(size):
            for v in range(size):
                row, column = i * stride + u - padding, j * stride + v - padding
                if 0 <= row < H and 0 <= column < W and x[n, c, row, column] > best:
                    best = x[n, c, row, column]
        out[n, c, i, j] = best
    return out


def im2col(x, size, stride=1, padding=0, dilation=1):
    N, C, H, W = x.shape
    k, l = size
    R = (H + 2 * padding - dilation * (k - 1) - 1) // stride + 1
    S = (W + 2 * padding - dilation * (l - 1) - 1) // stride + 1
    columns = [[0.0] * (N * R * S) for _ in range(C * k * l)]
    for n, c, u, v, i, j in np.ndindex(N, C, k, l, R, S):
        row, column = i * stride + u * dilation - padding, j * stride + v * dilation - padding
        if 0 <= row < H and 0 <= column < W:
            columns[c * k * l + u * l + v][n * R * S + i * S + j] = x[n, c, row, column]
    return np.array(columns)


def conv2d_matrix(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    N = len(x)
    M, c, k, l = weight.shape
    out = []
    for n in range(N):
        maps = []
        for m in range(M):
            g = m // (M // groups)
            columns = im2col(x[n : n + 1, g * c : (g + 1) * c], (k, l), stride, padding, dilation)
            one = weight[m].ravel() @ columns
            maps.append(one + (bias[m] if bias is not None else 0))
        out.append(maps)
    S = (x.shape[3] + 2 * padding - dilation * (l - 1) - 1) // stride + 1
    return np.array(out).reshape(N, M, -1, S)


def sobel(image):
    H, W = image.shape
    kernel = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    strength, angle = np.zeros((H, W)), np.zeros((H, W))
    for i in range(H):
        for j in range(W):
            x = y = 0.0
            for u in (-1, 0, 1):
                for v in (-1, 0, 1):
                    pixel = float(image[min(max(i + u, 0), H - 1), min(max(j + v, 0), W - 1)])
                    x += kernel[u + 1][v + 1] * pixel
                    y += kernel[v + 1][u + 1] * pixel
            strength[i, j], angle[i, j] = math.sqrt(x * x + y * y), math.atan2(y, x)
    return strength, angle
