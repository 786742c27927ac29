"""Every function of `scratch.functional` against its namesake in PyTorch: results and all gradients."""

import math

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from oracle import SINCE_2_12, arrays, assert_agrees, assert_close, dtypes, layouts, seeds

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


@given(seeds, dtypes, layouts, st.lists(st.integers(0, 4), max_size=3), sizes, sizes)
def test_embedding(seed, dtype, layout, shape, words, dimensions):
    indices = np.random.default_rng(seed).integers(0, words, shape)
    assert_agrees(
        lambda weight: F.embedding(indices, weight),
        lambda weight: T.embedding(torch.from_numpy(np.asarray(indices)), weight),
        arrays(seed, dtype, (words, dimensions)),
        layout,
    )


@pytest.mark.parametrize(
    ("indices", "error", "message"),
    [
        ([[0, 3]], IndexError, "between 0 and 2, but one is 3"),
        ([-1], IndexError, "between 0 and 2, but one is -1"),
        ([0.0], (IndexError, RuntimeError), "must be of integer"),
    ],
)
def test_embedding_names_words_that_are_not_there(indices, error, message):
    with pytest.raises(error, match=message):
        F.embedding(indices, np.zeros((3, 2)))
    with pytest.raises(error):
        T.embedding(torch.tensor(indices), torch.zeros(3, 2))


# -------------------------------------------------------------------------------------------------------- activations


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
@given(seeds, dtypes, layouts, st.lists(st.integers(0, 5), max_size=4), st.sampled_from([1, 30, 1000]))
def test_activation(name, seed, dtype, layout, shape, scale):
    (x,) = arrays(seed, dtype, tuple(shape))
    ours, theirs = getattr(F, name), {"relu": T.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}[name]
    assert_agrees(ours, theirs, [np.asarray(x * x.dtype.type(scale))], layout)


@given(seeds, dtypes, layouts, st.lists(st.integers(0, 5), max_size=4), st.floats(-2, 2), st.sampled_from([1, 1000]))
def test_leaky_relu(seed, dtype, layout, shape, slope, scale):
    (x,) = arrays(seed, dtype, tuple(shape))
    x = np.asarray(np.round(x, 1) * x.dtype.type(scale))  # rounded: some are exactly at the kink
    assert_agrees(lambda x: F.leaky_relu(x, slope), lambda x: T.leaky_relu(x, slope), [x], layout)
    assert_agrees(F.leaky_relu, T.leaky_relu, [x], layout)


@pytest.mark.filterwarnings("error")
@given(seeds, dtypes, layouts, st.lists(st.integers(0, 5), max_size=4), st.sampled_from([0.01, 1, 5, 1e4]))
def test_gelu(seed, dtype, layout, shape, scale):
    (x,) = arrays(seed, dtype, tuple(shape))
    assert_agrees(F.gelu, T.gelu, [np.asarray(x * x.dtype.type(scale))], layout)


def test_normal_cdf_is_right_to_the_last_digits_also_far_out():
    """Not only next to 1: relative to the numbers themselves, which at -12 are near 1e-33."""
    x = np.linspace(-12, 40, 10001)
    expected = np.array([math.erfc(-value / math.sqrt(2)) / 2 for value in x])
    np.testing.assert_allclose(kernels.normal_cdf(x), expected, rtol=1e-13)
    near = abs(x) < 6
    np.testing.assert_allclose(kernels.normal_cdf(x)[near], expected[near], rtol=1e-14)
    assert (kernels.normal_cdf(np.linspace(-1000, -12, 1000)) < 1e-32).all()
    single = kernels.normal_cdf(x.astype("float32"))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, atol=3e-7)


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
        (np.array([0, 3]), r"index 3 is out of bounds .* size 3"),
        (np.array([0, -1]), r"between 0 and 2, but one is -1"),
        (np.array([0.0, 1.0]), "integers.*float64"),
        (np.array([[0], [1]]), r"\(2, 3\).*\(2,\).*\(2, 1\)"),
        (np.array([0]), r"\(2, 3\).*\(2,\).*\(1,\)"),
    ],
)
def test_wrong_labels_are_named(labels, message):
    for loss in (F.cross_entropy, F.nll_loss):
        with pytest.raises((ValueError, IndexError), match=message):
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


@pytest.mark.filterwarnings("error")
@given(seeds, dtypes, layouts, st.lists(st.integers(0, 4), max_size=3), reductions, st.sampled_from([1, 1000]))
def test_binary_cross_entropy_with_logits(seed, dtype, layout, shape, reduction, scale):
    x, target = arrays(seed, dtype, tuple(shape), tuple(shape))
    target = np.asarray(1 / (1 + np.exp(-target)))
    assert_agrees(
        lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction=reduction),
        lambda x, y: T.binary_cross_entropy_with_logits(x, y, reduction=reduction),
        [np.asarray(x * x.dtype.type(scale)), target],
        layout,
    )


@pytest.mark.filterwarnings("error")
def test_binary_cross_entropy_is_exact_where_the_probability_is_too_small_for_a_float():
    loss = F.binary_cross_entropy_with_logits(
        np.array([-800.0, 800.0, -40.0]), np.array([1.0, 0.0, 0.0]), reduction="none"
    )
    np.testing.assert_allclose(loss.data, [800, 800, math.exp(-40)], rtol=1e-12)


@pytest.mark.parametrize("target", [[0, 1, 1], [False, True, True], [0.0, 0.5, 1.0]])
def test_targets_of_another_type(target):
    """Whole numbers leave float32 alone, float64 does not: as in PyTorch, unlike in NumPy."""
    x, target = np.array([0.5, -1.0, 2.0], np.float32), np.array(target)
    for name in ("mse_loss", "binary_cross_entropy_with_logits"):
        ours, theirs = getattr(F, name), getattr(T, name)
        if name == "mse_loss" and target.dtype != x.dtype and not SINCE_2_12:
            continue  # older ones have no gradient then
        if name == "mse_loss" or target.dtype.kind == "f":
            assert_agrees(lambda x, f=ours: f(x, target), lambda x, f=theirs: f(x, torch.from_numpy(target)), [x])
        else:
            with pytest.raises(RuntimeError, match=rf"target must be floats.*not {target.dtype}"):
                ours(x, target)
            with pytest.raises(RuntimeError):
                theirs(torch.from_numpy(x), torch.from_numpy(target))


@pytest.mark.parametrize("name", ["mse_loss", "binary_cross_entropy_with_logits"])
def test_these_losses_refuse_to_broadcast(name):
    with pytest.raises(ValueError, match=name + r".*\(3, 1\).*\(3,\)"):
        getattr(F, name)(np.zeros((3, 1)), np.zeros(3))
