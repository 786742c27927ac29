"""Every function of `scratch.functional` against its namesake in PyTorch: results and all gradients."""

import numpy as np
import pytest
import torch
from hypothesis import assume, example, given
from hypothesis import strategies as st
from oracle import arrays, assert_agrees, assert_close, dtypes, layouts, seeds

from coursekit.scratch import Tensor, kernels
from coursekit.scratch import functional as F

T = torch.nn.functional
sizes = st.integers(1, 6)
batches = st.integers(0, 4)


# ---------------------------------------------------------------------------------------------- fully connected layer


@given(seeds, dtypes, layouts, batches, sizes, sizes, st.booleans())
def test_linear(seed, dtype, layout, n, inputs, outputs, bias):
    shapes = [(n, inputs), (outputs, inputs), (outputs,)][: 3 if bias else 2]
    assert_agrees(F.linear, T.linear, arrays(seed, dtype, *shapes), layout)


@given(seeds, dtypes, layouts, st.lists(sizes, max_size=3), sizes, sizes)
def test_linear_with_any_number_of_leading_dimensions(seed, dtype, layout, leading, inputs, outputs):
    shapes = (*leading, inputs), (outputs, inputs), (outputs,)
    assert_agrees(F.linear, T.linear, arrays(seed, dtype, *shapes), layout)


def test_linear_names_both_shapes():
    with pytest.raises(RuntimeError, match=r"\(5, 3\).*\(2, 4\).*must be 4"):
        F.linear(np.zeros((5, 3)), np.zeros((2, 4)))


# -------------------------------------------------------------------------------------------------------- activations


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
@given(seeds, dtypes, layouts, st.lists(st.integers(0, 5), max_size=4), st.sampled_from([1, 30, 1000]))
def test_activation(name, seed, dtype, layout, shape, scale):
    (x,) = arrays(seed, dtype, tuple(shape))
    ours, theirs = getattr(F, name), {"relu": T.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}[name]
    assert_agrees(ours, theirs, [np.asarray(x * x.dtype.type(scale))], layout)


def test_relu_at_the_kink_has_gradient_zero():
    assert_agrees(F.relu, T.relu, [np.array([-1.0, 0.0, -0.0, 2.0])])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_inputs_overflow_nowhere(dtype):
    x = np.array([-1e4, -800.0, -90.0, 0.0, 90.0, 800.0, 1e4], dtype)
    for name in ("sigmoid", "tanh", "relu"):
        assert_agrees(getattr(F, name), getattr(torch, name), [x])


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@given(seeds, dtypes, layouts, st.lists(sizes, min_size=1, max_size=4), st.data())
def test_softmax_along_any_dimension(name, seed, dtype, layout, shape, data):
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    ours, theirs = getattr(F, name), getattr(T, name)
    assert_agrees(lambda x: ours(x, dim), lambda x: theirs(x, dim), arrays(seed, dtype, tuple(shape)), layout)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_of_logits_of_a_thousand(name, dtype):
    x = np.array([[1000.0, 999.0, -1000.0], [0.0, 1.0, 2.0], [-1000.0, -1000.0, -999.0]], dtype)
    ours, theirs = getattr(F, name), getattr(T, name)
    assert_agrees(lambda x: ours(x, 1), lambda x: theirs(x, 1), [x])
    assert_close(getattr(kernels, name)(x), theirs(torch.from_numpy(x), -1).numpy(), 1e-6, "default axis")


# ------------------------------------------------------------------------------------------------------------- losses

reductions = st.sampled_from(["mean", "sum", "none"])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
@given(seeds, dtypes, layouts, batches, sizes, st.lists(sizes, max_size=2), reductions, st.sampled_from([1, 1000]))
@example(0, "float32", "rows first", 0, 3, [], "mean", 1)
def test_classification_loss(name, seed, dtype, layout, n, classes, places, reduction, scale):
    (x,) = arrays(seed, dtype, (n, classes, *places))
    labels = np.random.default_rng(seed).integers(0, classes, (n, *places))
    ours, theirs = getattr(F, name), getattr(T, name)
    assert_agrees(
        lambda x: ours(x, labels, reduction=reduction),
        lambda x: theirs(x, torch.from_numpy(labels), reduction=reduction),
        [x * x.dtype.type(scale)],
        layout,
    )


def test_cross_entropy_of_a_single_example():
    x, label = np.array([1.0, 2.0, 3.0]), np.array(0)
    assert_agrees(lambda x: F.cross_entropy(x, label), lambda x: T.cross_entropy(x, torch.tensor(0)), [x])


@pytest.mark.filterwarnings("error")
def test_cross_entropy_is_exact_where_the_probability_is_too_small_for_a_float():
    x = Tensor(np.array([[0.0, -800.0]]), requires_grad=True)
    loss = F.cross_entropy(x, np.array([1]))
    loss.backward()
    assert loss.item() == 800
    np.testing.assert_allclose(x.grad.data, [[1, -1]])


def test_rows_of_the_cross_entropy_gradient_sum_to_zero():
    x = Tensor(np.random.default_rng(0).normal(size=(7, 4)), requires_grad=True)
    F.cross_entropy(x, np.array([0, 1, 2, 3, 0, 0, 1])).backward()
    np.testing.assert_allclose(x.grad.data.sum(axis=1), 0, atol=1e-15)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array([0, 3]), r"between 0 and 2 .*one is 3"),
        (np.array([0, -1]), r"between 0 and 2 .*one is -1"),
        (np.array([0.0, 1.0]), "integers.*float64"),
        (np.array([[0], [1]]), r"\(2, 3\).*\(2,\).*\(2, 1\)"),
        (np.array([0]), r"\(2, 3\).*\(2,\).*\(1,\)"),
    ],
)
def test_wrong_labels_are_named(labels, message):
    for loss in (F.cross_entropy, F.nll_loss):
        with pytest.raises(ValueError, match=message):
            loss(np.zeros((2, 3)), labels)


def test_unknown_reduction():
    with pytest.raises(ValueError, match='"mean", "sum" or "none", not \'average\''):
        F.cross_entropy(np.zeros((2, 3)), np.array([0, 1]), reduction="average")


@given(seeds, dtypes, layouts, st.lists(sizes, max_size=3), reductions)
def test_mse(seed, dtype, layout, shape, reduction):
    inputs = arrays(seed, dtype, tuple(shape), tuple(shape))
    assert_agrees(
        lambda x, y: F.mse_loss(x, y, reduction=reduction),
        lambda x, y: T.mse_loss(x, y, reduction=reduction),
        [np.asarray(array) for array in inputs],
        layout,
    )


def test_mse_refuses_to_broadcast():
    with pytest.raises(ValueError, match=r"\(3, 1\).*\(3,\)"):
        F.mse_loss(np.zeros((3, 1)), np.zeros(3))


# -------------------------------------------------------------------------------------------------------------- pooling


@st.composite
def windows(draw, most=4):
    """Image size, kernel size, stride, padding, dilation, unequal for rows and columns, such that the window fits."""
    both = lambda low, high: st.tuples(st.integers(low, high), st.integers(low, high))  # noqa: E731
    kernel, stride, dilation = draw(both(1, most)), draw(both(1, 3)), draw(both(1, 2))
    padding = draw(both(0, 2))
    extent = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    size = tuple(max(1, e - 2 * p) + draw(st.integers(0, 6)) for e, p in zip(extent, padding, strict=True))
    return size, kernel, stride, padding, dilation


@given(seeds, dtypes, layouts, batches, windows(), sizes, st.booleans())
def test_max_pool2d(seed, dtype, layout, n, window, channels, ties):
    size, kernel, stride, padding, dilation = window
    assume(all(2 * p <= k for p, k in zip(padding, kernel, strict=True)))
    # With both, a window may see nothing but padding; PyTorch 2.14 then writes outside its memory and may abort.
    assume(all(p == 0 or d == 1 for p, d in zip(padding, dilation, strict=True)))
    (x,) = arrays(seed, dtype, (n, channels, *size))
    x = np.round(x) if ties else x
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    assert_agrees(
        lambda x: F.max_pool2d(x, kernel, **options), lambda x: T.max_pool2d(x, kernel, **options), [x], layout
    )


@given(seeds, dtypes, layouts, batches, windows(), sizes)
def test_avg_pool2d(seed, dtype, layout, n, window, channels):
    size, kernel, stride, padding, _ = window
    assume(all(2 * p <= k for p, k in zip(padding, kernel, strict=True)))
    assume(all(s + 2 * p >= k for s, p, k in zip(size, padding, kernel, strict=True)))
    (x,) = arrays(seed, dtype, (n, channels, *size))
    options = {"stride": stride, "padding": padding}
    assert_agrees(
        lambda x: F.avg_pool2d(x, kernel, **options), lambda x: T.avg_pool2d(x, kernel, **options), [x], layout
    )


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
def test_pooling_stride_is_the_kernel_size_unless_given(name):
    x = np.random.default_rng(0).normal(size=(2, 3, 7, 8))
    assert_agrees(lambda x: getattr(F, name)(x, 2), lambda x: getattr(T, name)(x, 2), [x])


def test_all_equal_pixels_send_the_whole_gradient_to_the_first():
    x = np.ones((1, 1, 5, 5))
    assert_agrees(lambda x: F.max_pool2d(x, 3, 1), lambda x: T.max_pool2d(x, 3, 1), [x])


def test_pooling_errors():
    with pytest.raises(ValueError, match="padding 2 is more than half of kernel_size 3"):
        F.max_pool2d(np.zeros((1, 1, 8, 8)), 3, padding=2)
    with pytest.raises(RuntimeError, match=r"max_pool2d.*\(N, C, H, W\).*\(8, 8\)"):
        F.max_pool2d(np.zeros((8, 8)), 2)
