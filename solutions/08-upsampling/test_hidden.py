"""Hidden tests of exercise 08. Students see the first line of each docstring
and whether the test passed, nothing else.

The right answers are worked out here, number by number. What hides mistakes
is avoided: square maps and kernels, as many input as output channels, a batch
of one (it has cases of its own), stamps that touch without overlapping.
"""

import numpy as np
import pytest

from coursekit.grading import StudentError
from coursekit.grading.explain import close


def stay(submission, name, *given, **more):
    """The result; fails if an argument was changed."""
    result, after, _ = submission.call(name, *given, echo=True, **more)
    for old, new in zip(given, after, strict=True):
        if isinstance(old, np.ndarray):
            assert np.array_equal(old, new)
    return result


# -------------------------------------------------------------------- enlarge


def mixed(x, m):
    """The last axis to m numbers."""
    x = np.asarray(x, float)
    n = x.shape[-1]
    place = np.clip((np.arange(m) + 0.5) * n / m - 0.5, 0, n - 1)
    left = np.minimum(place.astype(int), max(n - 2, 0))
    right = np.minimum(left + 1, n - 1)
    share = place - left
    return (1 - share) * x[..., left] + share * x[..., right]


def right_bilinear(x, rows, columns):
    return mixed(mixed(x, columns).swapaxes(2, 3), rows).swapaxes(2, 3)


@pytest.mark.task("enlarge")
@pytest.mark.points(0.5)
def test_nearest(submission):
    """nearest for other maps and factors, down to one pixel and factor one"""
    rng = np.random.default_rng(811)
    for shape, factor in (
        ((2, 3, 4, 5), 2),
        ((1, 2, 3, 1), 4),
        ((3, 1, 1, 2), 3),
        ((2, 2, 3, 4), 1),
    ):
        for x in (rng.normal(size=shape), rng.integers(0, 9, shape)):
            rows = np.arange(shape[2] * factor) // factor
            columns = np.arange(shape[3] * factor) // factor
            got = stay(submission, "nearest", x, factor)
            close(got, x[:, :, rows][..., columns])


@pytest.mark.task("enlarge")
@pytest.mark.points(0.5)
def test_bilinear(submission):
    """bilinear by whole factors, of oblong maps"""
    rng = np.random.default_rng(812)
    for shape, rows, columns in (
        ((2, 3, 4, 5), 8, 15),
        ((1, 2, 3, 6), 12, 6),
        ((3, 1, 5, 2), 5, 8),
    ):
        x = rng.normal(size=shape)
        right = right_bilinear(x, rows, columns)
        close(stay(submission, "bilinear", x, rows, columns), right)
        single = x.astype(np.float32)
        got = submission.bilinear(single, rows, columns)
        close(got, right, rtol=1e-4, atol=1e-5)


@pytest.mark.task("enlarge")
@pytest.mark.points(0.5)
def test_bilinear_any_size(submission):
    """bilinear to any size, also smaller, also of a single row or column"""
    rng = np.random.default_rng(813)
    for shape, rows, columns in (
        ((2, 2, 4, 5), 7, 11),
        ((1, 3, 6, 7), 4, 3),
        ((2, 1, 1, 4), 3, 9),
        ((1, 2, 3, 1), 5, 2),
        ((1, 1, 9, 8), 1, 1),
    ):
        x = rng.normal(size=shape)
        got = submission.bilinear(x, rows, columns)
        close(got, right_bilinear(x, rows, columns))
    whole = rng.integers(0, 255, (1, 1, 3, 4)).astype(np.uint8)
    close(submission.bilinear(whole, 5, 9), right_bilinear(whole, 5, 9))


# --------------------------------------------------------------------- unpool


def right_pooling(x):
    N, C, H, W = x.shape
    pooled = np.full((N, C, H // 2, W // 2), -np.inf)
    indices = np.zeros(pooled.shape, int)
    for n, c, i, j in np.ndindex(*pooled.shape):
        for u, v in np.ndindex(2, 2):
            p, q = 2 * i + u, 2 * j + v
            if x[n, c, p, q] > pooled[n, c, i, j]:
                pooled[n, c, i, j] = x[n, c, p, q]
                indices[n, c, i, j] = p * W + q
    return pooled, indices


SHAPES = ((2, 3, 4, 6), (1, 2, 5, 8), (3, 1, 6, 3), (1, 1, 2, 2))


@pytest.mark.task("unpool")
@pytest.mark.points(0.5)
def test_pooling(submission):
    """max_pool_indices for other maps, also of negative numbers"""
    rng = np.random.default_rng(821)
    for shape in SHAPES:
        for shift in (0, -50):
            x = rng.normal(shift, 1, shape)
            got = stay(submission, "max_pool_indices", x)
            for ours, theirs in zip(right_pooling(x), got, strict=True):
                close(theirs, ours)


@pytest.mark.task("unpool")
@pytest.mark.points(0.25)
def test_pooling_ties(submission):
    """max_pool_indices where several pixels are equally large"""
    rng = np.random.default_rng(822)
    for shape in SHAPES:
        for x in (rng.integers(0, 3, shape) / 1.0, np.zeros(shape)):
            pooled, indices = submission.max_pool_indices(x)
            close(pooled, right_pooling(x)[0])
            close(indices, right_pooling(x)[1])


@pytest.mark.task("unpool")
@pytest.mark.points(0.5)
def test_unpooling(submission):
    """max_unpool for other maps, and places in any order"""
    rng = np.random.default_rng(823)
    for N, C, R, S, height, width in (
        (2, 3, 2, 3, 5, 7),
        (1, 2, 3, 2, 6, 4),
        (3, 1, 1, 4, 3, 8),
        (2, 2, 2, 2, 2, 2),
    ):
        values = rng.normal(size=(N, C, R, S))
        indices = np.array(
            [rng.permutation(height * width)[: R * S] for _ in range(N * C)]
        ).reshape(values.shape)
        right = np.zeros((N, C, height, width))
        for n, c, i, j in np.ndindex(*values.shape):
            p, q = divmod(indices[n, c, i, j], width)
            right[n, c, p, q] = values[n, c, i, j]
        got = stay(submission, "max_unpool", values, indices, height, width)
        close(got, right)


# --------------------------------------------------------------------- stamps


def stamped(x, weight, bias=None, stride=1, padding=0, extra=0):
    x, weight = np.asarray(x, float), np.asarray(weight, float)
    size = [
        (n - 1) * stride - 2 * padding + k + extra
        for n, k in zip(x.shape[2:], weight.shape[2:], strict=True)
    ]
    out = np.zeros((len(x), weight.shape[1], *size))
    for i, j, u, v in np.ndindex(*x.shape[2:], *weight.shape[2:]):
        p, q = i * stride + u - padding, j * stride + v - padding
        if 0 <= p < size[0] and 0 <= q < size[1]:
            out[:, :, p, q] += x[:, :, i, j] @ weight[:, :, u, v]
    return out if bias is None else out + np.reshape(bias, (-1, 1, 1))


def case(seed, N, C, M, image, size):
    rng = np.random.default_rng(seed)
    x, weight = (
        rng.normal(size=(N, C, *image)),
        rng.normal(size=(C, M, *size)),
    )
    return x, weight, rng.normal(size=M)


@pytest.mark.task("stamps")
@pytest.mark.points(0.75)
def test_stamps(submission):
    """conv_transpose2d for other numbers of images and channels"""
    for number, sizes in enumerate(
        (
            (2, 3, 4, (3, 5), (3, 2)),
            (1, 1, 2, (4, 2), (2, 3)),
            (3, 4, 1, (2, 3), (1, 4)),
            (1, 2, 3, (1, 1), (3, 2)),
        )
    ):
        arrays = case(831 + number, *sizes)
        close(stay(submission, "conv_transpose2d", *arrays), stamped(*arrays))
        got = submission.conv_transpose2d(*arrays[:2])
        close(got, stamped(*arrays[:2]))


@pytest.mark.task("stamps")
@pytest.mark.points(0.5)
def test_stamps_strides(submission):
    """conv_transpose2d with strides, also larger than the kernel"""
    for number, stride in enumerate((2, 3, 4, 5)):
        arrays = case(841 + number, 2, 3, 2, (3, 4), (4, 3))
        got = submission.conv_transpose2d(*arrays, stride)
        close(got, stamped(*arrays, stride))


@pytest.mark.task("stamps")
@pytest.mark.points(0.5)
def test_stamps_padding(submission):
    """conv_transpose2d with padding"""
    for number, how in enumerate(((1, 1), (2, 1), (2, 2), (3, 2))):
        arrays = case(851 + number, 2, 2, 3, (4, 5), (3, 4))
        got = submission.conv_transpose2d(*arrays, *how)
        close(got, stamped(*arrays, *how))


@pytest.mark.task("stamps")
@pytest.mark.points(0.5)
def test_stamps_output_padding(submission):
    """conv_transpose2d with output padding, with and without padding"""
    for number, how in enumerate(
        ((2, 1, 1), (3, 1, 2), (3, 2, 1), (2, 0, 1), (4, 0, 3), (4, 2, 3))
    ):
        arrays = case(861 + number, 1, 3, 2, (3, 4), (4, 5))
        got = submission.conv_transpose2d(*arrays, *how)
        close(got, stamped(*arrays, *how))


def matrix(kernel, height, width, stride=1, padding=0):
    """Column by column: what the convolution makes of a single 1."""
    columns = []
    for p, q in np.ndindex(height, width):
        image = np.zeros((height + 2 * padding, width + 2 * padding))
        image[p + padding, q + padding] = 1
        view = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
        maps = np.einsum("ijuv,uv->ij", view[::stride, ::stride], kernel)
        columns.append(maps.ravel())
    return np.transpose(columns), maps.shape


@pytest.mark.task("stamps")
@pytest.mark.points(0.25)
def test_transpose(submission):
    """conv_transpose2d is the transpose of the convolution's matrix"""
    rng = np.random.default_rng(870)
    for height, width, size, stride, padding in (
        (7, 9, (3, 2), 2, 0),
        (6, 8, (3, 3), 2, 1),
        (5, 7, (2, 4), 1, 0),
        (8, 10, (4, 3), 3, 1),
    ):
        kernel = rng.normal(size=size)
        C, (rows, columns) = matrix(kernel, height, width, stride, padding)
        y = rng.normal(size=(1, 1, rows, columns)).astype(np.float32)
        got = submission.conv_transpose2d(
            y, kernel[None, None], None, stride, padding
        )
        right = (C.T @ y.ravel()).reshape(height, width)
        # Without output padding: as far as the last window reaches.
        reach = [
            (n - 1) * stride - 2 * padding + k
            for n, k in zip((rows, columns), size, strict=True)
        ]
        close(
            got,
            right[None, None, : reach[0], : reach[1]],
            rtol=1e-4,
            atol=1e-5,
        )


# --------------------------------------------------------------------- matrix


@pytest.mark.task("matrix")
@pytest.mark.points(0.75)
def test_matrix(submission):
    """convolution_matrix for other kernels and images"""
    rng = np.random.default_rng(881)
    for height, width, size in (
        (4, 6, (3, 2)),
        (5, 3, (2, 3)),
        (3, 4, (3, 4)),
        (1, 6, (1, 3)),
        (3, 2, (1, 1)),
    ):
        kernel = rng.normal(size=size)
        got = stay(submission, "convolution_matrix", kernel, height, width)
        close(got, matrix(kernel, height, width)[0])
    whole = rng.integers(-4, 5, (2, 2))
    got = submission.convolution_matrix(whole, 3, 4)
    close(got, matrix(whole, 3, 4)[0])


@pytest.mark.task("matrix")
@pytest.mark.points(0.5)
def test_matrix_strides(submission):
    """convolution_matrix with strides, also larger than the kernel"""
    rng = np.random.default_rng(882)
    for height, width, size, stride in (
        (7, 6, (3, 2), 2),
        (5, 9, (2, 3), 3),
        (6, 7, (2, 1), 4),
        (4, 5, (4, 2), 5),
    ):
        kernel = rng.normal(size=size)
        got = submission.convolution_matrix(kernel, height, width, stride)
        close(got, matrix(kernel, height, width, stride)[0])


# ----------------------------------------------------------------------- size


@pytest.mark.task("size")
@pytest.mark.points(0.25)
def test_transposed_size(submission):
    """transposed_size for other layers, and which it refuses"""
    rng = np.random.default_rng(891)
    for _ in range(25):
        kernel, stride = (int(each) for each in rng.integers(2, 7, 2))
        padding = int(rng.integers(0, kernel // 2 + 1))
        n, extra = int(rng.integers(2, 9)), int(rng.integers(0, stride))
        reach = (n - 1) * stride + kernel + extra
        close(
            submission.transposed_size(n, kernel, stride, padding, extra),
            len(range(padding, reach - padding)),
        )
    for stride, extra in ((1, 1), (2, 2), (3, 5)):
        with pytest.raises(StudentError) as caught:
            submission.transposed_size(5, 3, stride, 1, extra)
        assert "ValueError" in caught.value.bases


@pytest.mark.task("size")
@pytest.mark.points(0.5)
def test_back_again(submission):
    """output_padding_for brings every size back"""
    for kernel in (1, 3, 4):
        for stride in (1, 2, 3, 5):
            for padding in range(kernel // 2 + 1):
                for n in range(max(1, kernel - 2 * padding), 14):
                    starts = range(0, n + 2 * padding - kernel + 1, stride)
                    last = starts[-1] + kernel  # where the last window ends
                    close(
                        submission.output_padding_for(
                            n, kernel, stride, padding
                        ),
                        n + 2 * padding - last,
                    )


# -------------------------------------------------------------------- segment


@pytest.mark.task("segment")
@pytest.mark.points(0.25)
def test_iou(submission):
    """iou of truth values and of numbered objects, of any shape"""
    rng = np.random.default_rng(901)
    for shape in ((40,), (7, 9), (2, 3, 5)):
        found, true = (rng.integers(0, 4, shape) for _ in range(2))
        both = sum(
            1 for a, b in zip(found.flat, true.flat, strict=True) if a and b
        )
        any_ = sum(
            1 for a, b in zip(found.flat, true.flat, strict=True) if a or b
        )
        close(stay(submission, "iou", found, true), both / any_)
        close(submission.iou(found > 0, true > 0), both / any_)
        close(submission.iou(found / 2, true > 0), both / any_)
    close(submission.iou(np.zeros(5, bool), np.zeros(5, bool)), 1)
    close(submission.iou(np.zeros(5, bool), np.ones(5, bool)), 0)


@pytest.mark.task("segment")
@pytest.mark.points(0.5)
def test_join(submission):
    """crop_and_join for other maps, also where nothing is cut off"""
    rng = np.random.default_rng(902)
    for N, C, D, (H, W), (h, w) in (
        (2, 3, 4, (9, 8), (4, 5)),
        (1, 2, 1, (6, 7), (6, 4)),
        (3, 1, 2, (5, 5), (5, 5)),
        (2, 2, 3, (7, 4), (2, 4)),
        (1, 2, 2, (10, 11), (3, 4)),
    ):
        across = rng.normal(size=(N, C, H, W))
        up = rng.normal(size=(N, D, h, w))
        top, left = (H - h) // 2, (W - w) // 2
        right = np.zeros((N, C + D, h, w))
        for p, q in np.ndindex(h, w):
            right[:, :C, p, q] = across[:, :, p + top, q + left]
            right[:, C:, p, q] = up[:, :, p, q]
        close(stay(submission, "crop_and_join", across, up), right)
