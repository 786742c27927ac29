"""Hidden tests of exercise 06. Students see the first line of each docstring
and whether the test passed, nothing else.

The right answers are worked out here, window by window. What hides mistakes
is avoided: windows that never overlap, square images and filters, one channel
or one filter, a batch of one (it has cases of its own), strides that divide
evenly. Test data whose numbers are small and whole have many equal maxima.
"""

import functools

import numpy as np
import pytest

from coursekit import data
from coursekit.grading.explain import close


def every(u, v, rows, columns, stride):
    """Place (u, v) of each window."""
    down = slice(u, u + (rows - 1) * stride + 1, stride)
    across = slice(v, v + (columns - 1) * stride + 1, stride)
    return ..., down, across


def places(image, size, stride, padding=0):
    return [
        (n + 2 * padding - k) // stride + 1
        for n, k in zip(image, size, strict=True)
    ]


def bordered(x, padding):
    border = [(0, 0), (0, 0), (padding, padding), (padding, padding)]
    return np.pad(np.asarray(x, float), border)


def layer(x, weight, bias):
    count = places(x.shape[2:], weight.shape[2:], 1)
    out = np.zeros((len(x), len(weight), *count)) + bias[:, None, None]
    for u, v in np.ndindex(*weight.shape[2:]):
        pixels = x[every(u, v, *count, 1)]
        out += np.einsum("mc,ncij->nmij", weight[..., u, v], pixels)
    return out


def to_filters(grad, x, size, stride=1, padding=0):
    x = bordered(x, padding)
    dF = np.zeros((grad.shape[1], x.shape[1], *size))
    for u, v in np.ndindex(*size):
        pixels = x[every(u, v, *grad.shape[2:], stride)]
        dF[..., u, v] = np.einsum("nmij,ncij->mc", grad, pixels)
    return dF


def to_input(grad, weight, shape, stride=1, padding=0):
    dX = bordered(np.zeros(shape), padding)
    for u, v in np.ndindex(*weight.shape[2:]):
        share = np.einsum("mc,nmij->ncij", weight[..., u, v], grad)
        dX[every(u, v, *grad.shape[2:], stride)] += share
    rows, columns = shape[2:]
    return dX[..., padding : padding + rows, padding : padding + columns]


def through_max(grad, x, size, stride):
    dX, left = np.zeros(x.shape), np.array(grad, float)
    count = grad.shape[2:]
    views = [every(u, v, *count, stride) for u, v in np.ndindex(size, size)]
    top = np.max([x[view] for view in views], axis=0)
    for view in views:  # row by row: who comes first takes all that is left
        won = left * (x[view] == top)
        dX[view] += won
        left -= won
    return dX


def through_mean(grad, shape, size, stride):
    dX = np.zeros(shape)
    for u, v in np.ndindex(size, size):
        dX[every(u, v, *grad.shape[2:], stride)] += grad / size**2
    return dX


def stay(submission, name, *given, **more):
    """The result; fails if an argument was changed."""
    result, after, _ = submission.call(name, *given, echo=True, **more)
    for old, new in zip(given, after, strict=True):
        if isinstance(old, np.ndarray):
            assert np.array_equal(old, new)
    return result


def single(*arrays):
    return [each.astype(np.float32) for each in arrays]


# ----------------------------------------------------------------------- line


def on_a_line(grad, x, w, stride):
    grad, x, w = (np.reshape(each, (1, 1, 1, -1)) for each in (grad, x, w))
    dx = to_input(grad, w, x.shape, stride)
    return dx.ravel(), to_filters(grad, x, w.shape[2:], stride).ravel()


@pytest.mark.task("line")
@pytest.mark.points(0.5)
def test_line(submission):
    """line_gradients for other lengths, down to one window and one weight"""
    rng = np.random.default_rng(611)
    for n, k in ((9, 4), (6, 1), (5, 5), (7, 2), (1, 1)):
        grad, x, w = (rng.normal(size=size) for size in (n - k + 1, n, k))
        dx, dw = stay(submission, "line_gradients", grad, x, w)
        right_x, right_w = on_a_line(grad, x, w, 1)
        close(dx, right_x)
        close(dw, right_w)
        dx, dw = submission.line_gradients(*single(grad, x, w))
        close(dx, right_x, rtol=1e-4, atol=1e-5)
        close(dw, right_w, rtol=1e-4, atol=1e-5)


@pytest.mark.task("line")
@pytest.mark.points(0.5)
def test_line_strides(submission):
    """line_gradients with strides, also larger than the filter"""
    rng = np.random.default_rng(612)
    for n, k, stride in (
        (9, 3, 2),
        (11, 4, 3),
        (10, 2, 5),
        (8, 5, 3),
        (6, 4, 3),
    ):
        x, w = rng.normal(size=n), rng.normal(size=k)
        grad = rng.normal(size=(n - k) // stride + 1)
        dx, dw = submission.line_gradients(grad, x, w, stride)
        right_x, right_w = on_a_line(grad, x, w, stride)
        close(dx, right_x)
        close(dw, right_w)
    whole = rng.integers(-4, 5, 9)
    dx, dw = submission.line_gradients(grad, whole[:6], whole[5:], 3)
    close(dx, on_a_line(grad, whole[:6], whole[5:], 3)[0])
    close(dw, on_a_line(grad, whole[:6], whole[5:], 3)[1])


# ----------------------------------------------------------- filter and input


def case(seed, N, C, M, image, size, stride=1, padding=0):
    rng = np.random.default_rng(seed)
    count = places(image, size, stride, padding)
    return (
        rng.normal(size=(N, M, *count)),
        rng.normal(size=(N, C, *image)),
        rng.normal(size=(M, C, *size)),
    )


CASES = (
    (2, 3, 4, (6, 5), (3, 2)),
    (3, 1, 2, (4, 7), (2, 3)),
    (4, 2, 1, (5, 5), (1, 4)),
)
OPTIONS = ((1, 1), (2, 0), (2, 1), (3, 2), (4, 0), (5, 3))


@pytest.mark.task("filter")
@pytest.mark.points(0.5)
def test_filters(submission):
    """filter_gradients: dF for other numbers of images, channels, filters"""
    for number, sizes in enumerate(CASES):
        grad, x, weight = case(620 + number, *sizes)
        size = weight.shape[2:]
        dF, _ = stay(submission, "filter_gradients", grad, x, size)
        close(dF, to_filters(grad, x, size))


@pytest.mark.task("filter")
@pytest.mark.points(0.25)
def test_biases(submission):
    """filter_gradients: db"""
    for number, sizes in enumerate(CASES):
        grad, x, weight = case(625 + number, *sizes)
        _, db = submission.filter_gradients(grad, x, weight.shape[2:])
        close(db, np.einsum("nmij->m", grad))
    grad, x, weight = case(629, 1, 2, 3, (7, 9), (3, 2), 2, 1)
    _, db = submission.filter_gradients(grad, x, (3, 2), 2, 1)
    close(db, np.einsum("nmij->m", grad))


@pytest.mark.task("filter")
@pytest.mark.points(0.5)
def test_filters_options(submission):
    """filter_gradients: dF with strides and padding"""
    for number, how in enumerate(OPTIONS):
        grad, x, _ = case(630 + number, 2, 3, 2, (7, 10), (3, 2), *how)
        dF, _ = submission.filter_gradients(grad, x, (3, 2), *how)
        close(dF, to_filters(grad, x, (3, 2), *how))


@pytest.mark.task("filter")
@pytest.mark.points(0.25)
def test_filters_inputs(submission):
    """filter_gradients: one image, other types, inputs left alone"""
    grad, x, _ = case(640, 1, 2, 3, (6, 8), (2, 3), 2, 1)
    right = to_filters(grad, x, (2, 3), 2, 1)
    close(
        stay(submission, "filter_gradients", grad, x, (2, 3), 2, 1)[0], right
    )
    dF, _ = stay(
        submission, "filter_gradients", *single(grad, x), (2, 3), 2, 1
    )
    close(dF, right, rtol=1e-4, atol=1e-5)
    whole = np.rint(3 * x).astype(int)
    dF, _ = submission.filter_gradients(grad, whole, (2, 3), 2, 1)
    close(dF, to_filters(grad, whole, (2, 3), 2, 1))


@pytest.mark.task("input")
@pytest.mark.points(0.5)
def test_input(submission):
    """input_gradient for other numbers of images, channels, filters"""
    for number, sizes in enumerate(CASES):
        grad, x, weight = case(650 + number, *sizes)
        got = stay(submission, "input_gradient", grad, weight, x.shape)
        close(got, to_input(grad, weight, x.shape))


@pytest.mark.task("input")
@pytest.mark.points(0.5)
def test_input_options(submission):
    """input_gradient with strides and padding"""
    for number, how in enumerate(OPTIONS):
        grad, x, weight = case(660 + number, 2, 3, 2, (7, 10), (3, 2), *how)
        got = submission.input_gradient(grad, weight, x.shape, *how)
        close(got, to_input(grad, weight, x.shape, *how))


@pytest.mark.task("input")
@pytest.mark.points(0.25)
def test_input_unseen(submission):
    """input_gradient: pixels that no window reaches, on both sides"""
    for number, (image, size, *how) in enumerate(
        (
            ((9, 6), (2, 3), 4, 0),
            ((8, 11), (3, 2), 3, 0),
            ((6, 9), (2, 2), 3, 1),
            ((5, 12), (4, 5), 4, 2),
        )
    ):
        grad, x, weight = case(670 + number, 2, 2, 3, image, size, *how)
        got = submission.input_gradient(grad, weight, x.shape, *how)
        close(got, to_input(grad, weight, x.shape, *how))


@pytest.mark.task("input")
@pytest.mark.points(0.25)
def test_input_inputs(submission):
    """input_gradient: one image, other types, inputs left alone"""
    grad, x, weight = case(680, 1, 3, 2, (6, 8), (2, 3), 1, 1)
    right = to_input(grad, weight, x.shape, 1, 1)
    given = weight, x.shape, 1, 1
    close(stay(submission, "input_gradient", grad, *given), right)
    got = stay(
        submission, "input_gradient", *single(grad, weight), *given[1:]
    )
    close(got, right, rtol=1e-4, atol=1e-5)
    whole = np.rint(3 * grad).astype(int)
    got = submission.input_gradient(whole, *given)
    close(got, to_input(whole, *given))


# -------------------------------------------------------------------- pooling


def pooling_case(seed, shape, size, stride, whole=False):
    rng = np.random.default_rng(seed)
    count = places(shape[2:], (size, size), stride)
    x = (
        rng.integers(-2, 3, shape).astype(float)
        if whole
        else rng.normal(size=shape)
    )
    return rng.normal(size=(*shape[:2], *count)), x


@pytest.mark.task("pooling")
@pytest.mark.points(0.25)
def test_max_touching(submission):
    """max_pool_gradient where windows touch, and where something is left"""
    for number, (shape, size) in enumerate(
        (
            ((2, 3, 6, 8), 2),
            ((1, 2, 7, 10), 3),
            ((3, 1, 5, 4), 4),
            ((2, 2, 3, 5), 1),
        )
    ):
        grad, x = pooling_case(690 + number, shape, size, size)
        got = stay(submission, "max_pool_gradient", grad, x, size)
        close(got, through_max(grad, x, size, size))
        grad, x = single(grad, x)
        got = submission.max_pool_gradient(grad, x, size, size)
        close(got, through_max(grad, x, size, size))


@pytest.mark.task("pooling")
@pytest.mark.points(0.25)
def test_max_overlapping(submission):
    """max_pool_gradient where windows overlap or leave gaps"""
    for number, (size, stride) in enumerate(
        ((3, 1), (3, 2), (2, 1), (2, 3), (4, 3))
    ):
        grad, x = pooling_case(695 + number, (2, 3, 8, 11), size, stride)
        got = submission.max_pool_gradient(grad, x, size, stride)
        close(got, through_max(grad, x, size, stride))


@pytest.mark.task("pooling")
@pytest.mark.points(0.25)
def test_max_ties(submission):
    """max_pool_gradient where several pixels are equally large"""
    for number, (size, stride) in enumerate(((2, 2), (3, 3), (3, 1), (3, 2))):
        grad, x = pooling_case(700 + number, (2, 2, 7, 9), size, stride, True)
        for values in (x, np.maximum(x, 0), np.zeros_like(x)):
            got = stay(
                submission, "max_pool_gradient", grad, values, size, stride
            )
            close(got, through_max(grad, values, size, stride))


@pytest.mark.task("pooling")
@pytest.mark.points(0.25)
def test_average_touching(submission):
    """avg_pool_gradient where windows touch, and where something is left"""
    for number, (shape, size) in enumerate(
        (
            ((2, 3, 6, 8), 2),
            ((1, 2, 7, 10), 3),
            ((3, 1, 5, 4), 4),
            ((2, 2, 3, 5), 1),
        )
    ):
        grad, _ = pooling_case(705 + number, shape, size, size)
        got = stay(submission, "avg_pool_gradient", grad, shape, size)
        close(got, through_mean(grad, shape, size, size))
    whole = np.arange(-4, 5).reshape(1, 1, 3, 3)
    close(
        submission.avg_pool_gradient(whole, (1, 1, 6, 7), 2),
        through_mean(whole, (1, 1, 6, 7), 2, 2),
    )


@pytest.mark.task("pooling")
@pytest.mark.points(0.5)
def test_average_overlapping(submission):
    """avg_pool_gradient where windows overlap or leave gaps"""
    for number, (size, stride) in enumerate(
        ((3, 1), (3, 2), (2, 1), (2, 3), (4, 3))
    ):
        grad, x = pooling_case(710 + number, (2, 3, 8, 11), size, stride)
        got = submission.avg_pool_gradient(grad, x.shape, size, stride)
        close(got, through_mean(grad, x.shape, size, stride))
        got = submission.avg_pool_gradient(
            *single(grad), x.shape, size, stride
        )
        close(got, through_mean(grad, x.shape, size, stride))


# -------------------------------------------------------------------- network


def pooled(x, how):
    count = places(x.shape[2:], (2, 2), 2)
    views = [x[every(u, v, *count, 2)] for u, v in np.ndindex(2, 2)]
    return how(views, axis=0)


def forward(parameters, x):
    z1 = layer(x, parameters["F1"], parameters["b1"])
    h1 = np.maximum(z1, 0)
    p1 = pooled(h1, np.max)
    z2 = layer(p1, parameters["F2"], parameters["b2"])
    h2 = np.maximum(z2, 0)
    flat = pooled(h2, np.mean).reshape(len(x), -1)
    logits = flat @ parameters["W"].T + parameters["c"]
    return z1, h1, p1, z2, h2, flat, logits


def right_gradients(parameters, x, labels):
    z1, h1, p1, z2, h2, flat, logits = forward(parameters, x)
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(x)), labels]).mean()
    delta = (p - np.eye(p.shape[1])[labels]) / len(x)
    count = places(h2.shape[2:], (2, 2), 2)
    grad = (delta @ parameters["W"]).reshape(*h2.shape[:2], *count)
    grad = through_mean(grad, h2.shape, 2, 2) * (z2 > 0)
    below = to_input(grad, parameters["F2"], p1.shape)
    below = through_max(below, h1, 2, 2) * (z1 > 0)
    return loss, {
        "W": delta.T @ flat,
        "c": delta.sum(axis=0),
        "F2": to_filters(grad, p1, parameters["F2"].shape[2:]),
        "b2": np.einsum("nmij->m", grad),
        "F1": to_filters(below, x, parameters["F1"].shape[2:]),
        "b1": np.einsum("nmij->m", below),
    }


def network_case(seed, N, C, M1, M2, K, image, k=3, j=2):
    rng = np.random.default_rng(seed)
    one = places(places(image, (k, k), 1), (2, 2), 2)
    two = places(places(one, (j, j), 1), (2, 2), 2)
    parameters = {
        "F1": rng.normal(0, 0.4, (M1, C, k, k)),
        "b1": rng.normal(0, 0.3, M1),
        "F2": rng.normal(0, 0.4, (M2, M1, j, j)),
        "b2": rng.normal(0, 0.3, M2),
        "W": rng.normal(0, 0.5, (K, M2 * two[0] * two[1])),
        "c": rng.normal(0, 0.3, K),
    }
    return parameters, rng.normal(size=(N, C, *image)), rng.integers(0, K, N)


NETWORKS = (
    (6, 2, 3, 4, 5, (10, 13)),
    (3, 1, 2, 3, 4, (14, 9)),
    (1, 3, 4, 2, 3, (9, 11), 2, 3),
)


def graded(submission, seed, names):
    for number, sizes in enumerate(NETWORKS):
        given = network_case(seed + number, *sizes)
        loss, got = submission.network_gradients(*given)
        right_loss, right = right_gradients(*given)
        close(loss, right_loss)
        for name in names:
            close(got[name], right[name])


@pytest.mark.task("network")
@pytest.mark.points(0.5)
def test_linear_layer(submission):
    """network_gradients: those of the fully connected layer"""
    graded(submission, 720, ["W", "c"])


@pytest.mark.task("network")
@pytest.mark.points(0.5)
def test_second_filters(submission):
    """network_gradients: those of the second filters"""
    graded(submission, 730, ["F2", "b2"])


@pytest.mark.task("network")
@pytest.mark.points(0.5)
def test_first_filters(submission):
    """network_gradients: those of the first filters; nothing is changed"""
    graded(submission, 740, ["F1", "b1"])
    parameters, x, labels = network_case(745, *NETWORKS[0])
    (_, got), after, _ = submission.call(
        "network_gradients", parameters, x, labels, echo=True
    )
    assert set(got) == set(parameters)
    for name, value in parameters.items():
        assert np.array_equal(after[0][name], value)
    assert np.array_equal(after[1], x)
    close(got["F1"], right_gradients(parameters, x, labels)[1]["F1"])


@functools.cache
def digits_to_test():
    """Half the size, in the units of the training images."""
    train = data.load("mnist").images[:4000]
    test = data.load("mnist", split="test")
    train, images = (
        each.reshape(-1, 1, 14, 2, 14, 2).mean(axis=(3, 5), dtype=np.float64)
        for each in (train, test.images[:500])
    )
    return (images - train.mean()) / train.std(), test.labels[:500]


def digit_accuracy(submission):
    """Of the network that these arrays describe: the scores are computed
    here.
    """
    net = submission["net"]
    shapes = {
        "F1": (8, 1, 3, 3),
        "b1": (8,),
        "F2": (16, 8, 3, 3),
        "b2": (16,),
        "W": (10, 64),
        "c": (10,),
    }
    arrays = {}
    for name, shape in shapes.items():
        arrays[name] = np.asarray(net[name], dtype=float)
        assert arrays[name].shape == shape
        assert np.isfinite(arrays[name]).all()
    images, labels = digits_to_test()
    return np.mean(forward(arrays, images)[-1].argmax(axis=1) == labels)


@pytest.mark.task("network")
@pytest.mark.points(0.25)
def test_reads_seven_in_ten(submission):
    """Your network reads at least 70 % of the test digits"""
    assert digit_accuracy(submission) >= 0.70


@pytest.mark.task("network")
@pytest.mark.points(0.25)
def test_reads_most(submission):
    """Your network reads at least 85 % of the test digits"""
    assert digit_accuracy(submission) >= 0.85
