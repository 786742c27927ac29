"""Hidden tests of exercise 05. Students see the first line of each docstring
and whether the test passed, nothing else.

The right answers are worked out here, with loops over the places in a window.
What hides mistakes is avoided: square images and kernels, symmetric kernels,
one channel, as many images as filters, strides that divide evenly; a batch of
one has cases of its own.
"""

import numpy as np
import pytest

from coursekit.grading import StudentError
from coursekit.grading.explain import close


def every(x, u, v, rows, columns, stride):
    """The pixel that lies at place (u, v) of each window."""
    down = slice(u, u + (rows - 1) * stride + 1, stride)
    return x[..., down, v : v + (columns - 1) * stride + 1 : stride]


def places(x, size, stride, dilation=1):
    return [
        (n - dilation * (k - 1) - 1) // stride + 1
        for n, k in zip(x.shape[-2:], size, strict=True)
    ]


def bordered(x, padding, number=0.0):
    border = [(0, 0), (0, 0), (padding, padding), (padding, padding)]
    return np.pad(np.asarray(x, float), border, constant_values=number)


def correlation(image, kernel, stride=1):
    image, kernel = np.asarray(image, float), np.asarray(kernel, float)
    count = places(image, kernel.shape, stride)
    result = np.zeros(count)
    for (u, v), weight in np.ndenumerate(kernel):
        result += weight * every(image, u, v, *count, stride)
    return result


def convolution(a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    result = np.zeros(np.add(a.shape, b.shape) - 1)
    for (u, v), weight in np.ndenumerate(b):
        result[u : u + a.shape[0], v : v + a.shape[1]] += weight * a
    return result


def windows(x, size, stride=1, padding=0, dilation=1):
    x = bordered(x, padding)
    count = places(x, size, stride, dilation)
    rows = [
        every(x[:, c], u * dilation, v * dilation, *count, stride).ravel()
        for c, u, v in np.ndindex(x.shape[1], *size)
    ]
    return np.array(rows)


def layer(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    x, weight = bordered(x, padding), np.asarray(weight, float)
    M, channels, *size = weight.shape
    count = places(x, size, stride, dilation)
    result = np.zeros((len(x), M, *count))
    for u, v in np.ndindex(*size):
        pixels = every(x, u * dilation, v * dilation, *count, stride)
        for m in range(M):
            first = m // (M // groups) * channels
            for c in range(channels):
                result[:, m] += weight[m, c, u, v] * pixels[:, first + c]
    return result if bias is None else result + np.reshape(bias, (-1, 1, 1))


def pooled(x, size, stride, padding):
    x = bordered(x, padding, -np.inf)
    count = places(x, (size, size), stride)
    pixels = [
        every(x, u, v, *count, stride) for u, v in np.ndindex(size, size)
    ]
    return np.max(pixels, axis=0)


def stay(submission, name, *given, **more):
    """The result; fails if an argument was changed."""
    result, after, _ = submission.call(name, *given, echo=True, **more)
    for old, new in zip(given, after, strict=True):
        if isinstance(old, np.ndarray):
            assert np.array_equal(old, new)
    return result


# ----------------------------------------------------------------------- line


@pytest.mark.task("line")
@pytest.mark.points(0.5)
def test_correlate(submission):
    """correlate is right for other lengths, down to a single place"""
    rng = np.random.default_rng(511)
    for n, k in ((9, 4), (5, 5), (6, 1), (12, 7), (1, 1)):
        x, w = rng.normal(size=n), rng.normal(size=k)
        right = correlation([x], [w])[0]
        close(stay(submission, "correlate", x, w), right)
        close(
            submission.correlate(x.astype(np.float32), w.astype(np.float32)),
            right,
            rtol=1e-4,
            atol=1e-5,
        )


@pytest.mark.task("line")
@pytest.mark.points(0.5)
def test_convolve(submission):
    """convolve is right for other lengths, and whichever comes first"""
    rng = np.random.default_rng(512)
    for n, k in ((9, 4), (3, 8), (5, 5), (1, 6), (6, 1), (2, 2)):
        a, b = rng.normal(size=n), rng.normal(size=k)
        right = convolution([a], [b])[0]
        close(stay(submission, "convolve", a, b), right)
        close(submission.convolve(b, a), right)


# ---------------------------------------------------------------------- plane


@pytest.mark.task("plane")
@pytest.mark.points(0.5)
def test_correlate_2d(submission):
    """correlate_2d is right for images and kernels of other shapes"""
    rng = np.random.default_rng(521)
    for shape, size in (
        ((6, 9), (3, 2)),
        ((8, 5), (2, 4)),
        ((4, 7), (4, 7)),
        ((5, 6), (1, 3)),
        ((7, 3), (5, 1)),
        ((1, 8), (1, 1)),
    ):
        image, kernel = rng.normal(size=shape), rng.normal(size=size)
        close(
            stay(submission, "correlate_2d", image, kernel),
            correlation(image, kernel),
        )
    image = rng.integers(0, 256, (6, 7)).astype(np.uint8)
    kernel = rng.integers(-4, 5, (2, 3))
    close(submission.correlate_2d(image, kernel), correlation(image, kernel))


@pytest.mark.task("plane")
@pytest.mark.points(0.25)
def test_stride(submission):
    """correlate_2d with strides, also larger than the kernel"""
    rng = np.random.default_rng(522)
    for shape, size, stride in (
        ((9, 12), (3, 2), 2),
        ((10, 7), (2, 4), 3),
        ((11, 8), (2, 1), 4),
        ((6, 6), (3, 3), 3),
        ((5, 7), (5, 3), 6),
    ):
        image, kernel = rng.normal(size=shape), rng.normal(size=size)
        close(
            submission.correlate_2d(image, kernel, stride),
            correlation(image, kernel, stride),
        )
        close(
            submission.correlate_2d(image.astype(np.float32), kernel, stride),
            correlation(image, kernel, stride),
            rtol=1e-4,
            atol=1e-5,
        )


@pytest.mark.task("plane")
@pytest.mark.points(0.5)
def test_convolve_2d(submission):
    """convolve_2d is right for other shapes, and does not mind the order"""
    rng = np.random.default_rng(523)
    for shape, size in (
        ((6, 9), (3, 2)),
        ((2, 3), (5, 4)),
        ((4, 1), (1, 6)),
        ((3, 5), (4, 2)),
        ((1, 1), (2, 3)),
    ):
        a, b = rng.normal(size=shape), rng.normal(size=size)
        right = convolution(a, b)
        close(stay(submission, "convolve_2d", a, b), right)
        close(submission.convolve_2d(b, a), right)


# ----------------------------------------------------------------------- size


@pytest.mark.task("size")
@pytest.mark.points(0.5)
def test_output_size(submission):
    """output_size is right wherever the window fits"""
    rng = np.random.default_rng(531)
    for _ in range(40):
        kernel, stride, padding, dilation = rng.integers(
            [1, 1, 0, 1], [7, 6, 5, 5]
        )
        reach = dilation * (kernel - 1) + 1
        n = int(max(1, reach - 2 * padding) + rng.integers(0, 25))
        how = [int(kernel), int(stride), int(padding), int(dilation)]
        starts = range(0, n + 2 * how[2] - int(reach) + 1, how[1])
        close(submission.output_size(n, *how), len(starts))
    close(submission.output_size(9, 4), 6)
    close(submission.output_size(9, 4, dilation=2), 3)
    close(submission.output_size(kernel=9, n=9, stride=5), 1)


@pytest.mark.task("size")
@pytest.mark.points(0.25)
def test_too_large(submission):
    """output_size refuses a window that does not fit, and no other"""
    for given in (
        (2, 3),
        (4, 5, 2),
        (4, 5, 7),
        (5, 4, 1, 0, 2),
        (3, 9, 3, 2),
        (1, 2, 1, 0, 5),
    ):
        with pytest.raises(StudentError) as caught:
            submission.output_size(*given)
        assert "ValueError" in caught.value.bases
    close(submission.output_size(3, 3, 4), 1)
    close(submission.output_size(3, 7, 2, 2), 1)


# ---------------------------------------------------------------------- layer


def case(seed, N, C, M, image, size):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=(N, C, *image)),
        rng.normal(size=(M, C, *size)),
        rng.normal(size=M),
    )


@pytest.mark.task("layer")
@pytest.mark.points(0.5)
def test_layer(submission):
    """conv2d is right for other numbers of images, channels and filters"""
    for arrays in (
        case(541, 2, 3, 4, (6, 5), (3, 2)),
        case(542, 3, 1, 2, (4, 7), (2, 3)),
        case(543, 5, 4, 1, (5, 5), (1, 4)),
    ):
        close(stay(submission, "conv2d", *arrays), layer(*arrays))


@pytest.mark.task("layer")
@pytest.mark.points(0.25)
def test_layer_batch_of_one(submission):
    """conv2d on a single image, and without a bias"""
    x, weight, bias = case(544, 1, 3, 3, (6, 4), (2, 4))
    close(submission.conv2d(x, weight), layer(x, weight))
    close(submission.conv2d(x, weight, bias), layer(x, weight, bias))
    x, weight, bias = case(545, 1, 2, 1, (3, 2), (3, 2))
    close(submission.conv2d(x, weight, bias), layer(x, weight, bias))


@pytest.mark.task("layer")
@pytest.mark.points(0.5)
def test_layer_padding_and_stride(submission):
    """conv2d with padding and with strides, also larger than the window"""
    for number, (stride, padding) in enumerate(
        ((1, 1), (2, 0), (2, 1), (3, 2), (4, 0), (5, 3))
    ):
        arrays = case(546 + number, 2, 3, 2, (7, 10), (3, 2))
        right = layer(*arrays, stride, padding)
        close(submission.conv2d(*arrays, stride, padding), right)
        close(
            submission.conv2d(*arrays, padding=padding, stride=stride), right
        )


@pytest.mark.task("layer")
@pytest.mark.points(0.25)
def test_layer_inputs(submission):
    """conv2d takes other types of numbers and changes no input"""
    x, weight, bias = case(552, 2, 2, 3, (5, 6), (2, 3))
    right = layer(x, weight, bias, 2, 1)
    single = [each.astype(np.float32) for each in (x, weight, bias)]
    close(
        stay(submission, "conv2d", *single, 2, 1), right, rtol=1e-4, atol=1e-5
    )
    whole = [np.rint(3 * each).astype(int) for each in (x, weight, bias)]
    close(stay(submission, "conv2d", *whole, 2, 1), layer(*whole, 2, 1))
    close(
        submission.conv2d(whole[0], weight, bias),
        layer(whole[0], weight, bias),
    )


# ----------------------------------------------------------------------- pool


@pytest.mark.task("pool")
@pytest.mark.points(0.25)
def test_pool_touching(submission):
    """max_pool2d where windows touch, and where something is left over"""
    rng = np.random.default_rng(561)
    for shape, size in (
        ((2, 3, 6, 8), 2),
        ((1, 2, 7, 10), 3),
        ((3, 1, 5, 4), 4),
        ((2, 2, 3, 5), 1),
    ):
        x = rng.normal(size=shape)
        close(
            stay(submission, "max_pool2d", x, size), pooled(x, size, size, 0)
        )


@pytest.mark.task("pool")
@pytest.mark.points(0.25)
def test_pool_strides(submission):
    """max_pool2d where windows overlap or leave gaps"""
    rng = np.random.default_rng(562)
    for size, stride in ((3, 1), (3, 2), (2, 3), (1, 2), (4, 3)):
        x = rng.normal(size=(2, 3, 8, 11))
        right = pooled(x, size, stride, 0)
        close(submission.max_pool2d(x, size, stride), right)
        close(
            submission.max_pool2d(x.astype(np.float32), size, stride), right
        )


@pytest.mark.task("pool")
@pytest.mark.points(0.25)
def test_pool_padding(submission):
    """max_pool2d with padding, whatever the numbers are"""
    rng = np.random.default_rng(563)
    for shift in (-500, 0, 500, -1e9):
        x = rng.normal(shift, 3, size=(2, 2, 7, 6))
        for size, stride, padding in (
            (3, 2, 1),
            (2, 2, 1),
            (5, 1, 2),
            (3, 3, 1),
        ):
            close(
                stay(submission, "max_pool2d", x, size, stride, padding),
                pooled(x, size, stride, padding),
            )
    close(submission.max_pool2d(x, 4, padding=2), pooled(x, 4, 4, 2))


# --------------------------------------------------------------------- matrix


@pytest.mark.task("matrix")
@pytest.mark.points(0.25)
def test_im2col(submission):
    """im2col is right for other images and windows"""
    rng = np.random.default_rng(571)
    for shape, size in (
        ((2, 3, 5, 7), (3, 2)),
        ((3, 2, 4, 6), (2, 3)),
        ((1, 4, 3, 3), (1, 1)),
        ((4, 1, 3, 5), (3, 5)),
    ):
        x = rng.normal(size=shape)
        close(stay(submission, "im2col", x, size), windows(x, size))


@pytest.mark.task("matrix")
@pytest.mark.points(0.25)
def test_im2col_options(submission):
    """im2col with strides, padding and dilation, together and alone"""
    rng = np.random.default_rng(572)
    x = rng.normal(size=(2, 3, 8, 11))
    for size in ((3, 2),):
        for how in (
            (2, 0, 1),
            (1, 2, 1),
            (1, 0, 2),
            (3, 1, 2),
            (4, 3, 3),
            (2, 0, 2),
        ):
            close(submission.im2col(x, size, *how), windows(x, size, *how))


@pytest.mark.task("matrix")
@pytest.mark.points(0.25)
def test_conv2d_matrix(submission):
    """conv2d_matrix is right with all options but groups"""
    for number, how in enumerate(
        ((1, 0, 1), (1, 2, 1), (2, 1, 1), (1, 0, 2), (3, 2, 2), (5, 0, 1))
    ):
        for N in (1, 3):
            arrays = case(580 + number, N, 2, 4, (8, 11), (2, 3))
            right = layer(*arrays, *how)
            close(stay(submission, "conv2d_matrix", *arrays, *how), right)
            close(
                submission.conv2d_matrix(*arrays[:2], None, *how),
                layer(*arrays[:2], None, *how),
            )
    single = [each.astype(np.float32) for each in arrays]
    close(
        submission.conv2d_matrix(*single, *how), right, rtol=1e-4, atol=1e-5
    )


@pytest.mark.task("matrix")
@pytest.mark.points(0.25)
def test_groups(submission):
    """conv2d_matrix with groups, from two to one for each channel"""
    rng = np.random.default_rng(590)
    for N, C, M, groups in (
        (2, 6, 4, 2),
        (3, 6, 9, 3),
        (1, 4, 8, 4),
        (2, 3, 3, 3),
    ):
        x = rng.normal(size=(N, C, 7, 9))
        weight = rng.normal(size=(M, C // groups, 3, 2))
        bias = rng.normal(size=M)
        for how in ((1, 0, 1), (2, 1, 2)):
            close(
                submission.conv2d_matrix(x, weight, bias, *how, groups),
                layer(x, weight, bias, *how, groups),
            )


# ---------------------------------------------------------------------- edges


def arrow(image):
    padded = np.pad(np.asarray(image, float), 1, mode="edge")
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    across, down = correlation(padded, kernel), correlation(padded, kernel.T)
    return np.hypot(across, down), across, down


@pytest.mark.task("edges")
@pytest.mark.points(0.5)
def test_strength(submission):
    """sobel: the strength, up to the border, of oblong images and of bytes"""
    rng = np.random.default_rng(601)
    for image in (
        rng.normal(size=(5, 8)),
        rng.normal(size=(9, 4)).astype(np.float32),
        rng.integers(0, 256, (6, 7)).astype(np.uint8),
        rng.integers(-50, 50, (3, 5)),
        rng.normal(size=(1, 6)),
    ):
        strength, _ = stay(submission, "sobel", image)
        close(strength, arrow(image)[0], rtol=1e-4, atol=1e-4)
    strength, _ = submission.sobel(np.full((4, 6), 3.0))
    close(strength, np.zeros((4, 6)))


@pytest.mark.task("edges")
@pytest.mark.points(0.25)
def test_angle(submission):
    """sobel: the angle, in all four quadrants"""
    rng = np.random.default_rng(602)
    for image in (
        rng.normal(size=(6, 9)),
        rng.integers(0, 256, (7, 5)).astype(np.uint8),
        np.add.outer(np.arange(5.0), np.zeros(4)),
        np.add.outer(np.zeros(3), -np.arange(6.0)),
    ):
        length, across, down = arrow(image)
        _, angle = submission.sobel(image)
        angle = np.asarray(angle, dtype=float)
        assert angle.shape == image.shape
        there = length > 0.01 * length.max()
        assert there.any()
        # 2π more is the same direction.
        close(
            np.cos(angle)[there],
            (across / np.maximum(length, 1e-9))[there],
            atol=1e-4,
        )
        close(
            np.sin(angle)[there],
            (down / np.maximum(length, 1e-9))[there],
            atol=1e-4,
        )
