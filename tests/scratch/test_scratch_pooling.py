"""Pooling and its undoing, as functions and as layers, against PyTorch and against the plain loops."""

import numpy as np
import pytest
import torch
from hypothesis import assume, example, given
from hypothesis import strategies as st
from oracle import LAYOUTS, arrays, assert_agrees, assert_close, dtypes, layouts, seeds

from coursekit.scratch import Tensor, kernels, nn
from coursekit.scratch import functional as F

T = torch.nn.functional
sizes = st.integers(1, 6)
batches = st.integers(0, 4)


@st.composite
def windows(draw):
    """Image size and window options, unequal for rows and columns, such that every window sees a pixel.

    Where one does not (dilation together with padding), PyTorch 2.14 writes outside its memory and may abort.
    """
    both = lambda low, high: st.tuples(st.integers(low, high), st.integers(low, high))  # noqa: E731
    kernel, stride, dilation = draw(both(1, 4)), draw(both(1, 3)), draw(both(1, 2))
    padding = tuple(draw(st.integers(0, k // 2)) if d == 1 else 0 for k, d in zip(kernel, dilation, strict=True))
    extent = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    size = tuple(max(1, e - 2 * p) + draw(st.integers(0, 6)) for e, p in zip(extent, padding, strict=True))
    return size, kernel, {"stride": stride, "padding": padding, "dilation": dilation}


@given(seeds, dtypes, layouts, batches, windows(), sizes, st.booleans())
def test_max_pool2d(seed, dtype, layout, n, window, channels, ties):
    size, kernel, options = window
    (x,) = arrays(seed, dtype, (n, channels, *size))
    x = np.round(x) if ties else x
    assert_agrees(
        lambda x: F.max_pool2d(x, kernel, **options), lambda x: T.max_pool2d(x, kernel, **options), [x], layout
    )


@given(seeds, dtypes, layouts, batches, windows(), sizes)
def test_avg_pool2d(seed, dtype, layout, n, window, channels):
    size, kernel, options = window
    del options["dilation"]  # a smaller window: it still fits
    (x,) = arrays(seed, dtype, (n, channels, *size))
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
    for call in (F.max_pool2d, F.avg_pool2d, F.adaptive_avg_pool2d):
        with pytest.raises(RuntimeError, match=rf"{call.__name__}.*\(N, C, H, W\).*\(8, 8\)"):
            call(np.zeros((8, 8)), 2)


# ------------------------------------------------------------------------------------------------------------- indices


@given(seeds, dtypes, layouts, batches, windows(), sizes, st.booleans())
def test_max_pool2d_says_where(seed, dtype, layout, n, window, channels, ties):
    size, kernel, options = window
    (x,) = arrays(seed, dtype, (n, channels, *size))
    x = np.round(x) if ties else x
    pooled, indices = F.max_pool2d(Tensor(LAYOUTS[layout](x)), kernel, **options, return_indices=True)
    expected, places = T.max_pool2d(torch.from_numpy(x), kernel, **options, return_indices=True)
    np.testing.assert_array_equal(pooled.data, expected.numpy())
    assert indices.dtype == np.int64
    np.testing.assert_array_equal(indices.data, places.numpy())


@pytest.mark.parametrize("window", [[[1, 2], [np.nan, 3]], [[np.nan, 1], [np.nan, 1]], [[0, np.nan], [1, 1]]])
def test_the_place_of_what_is_not_a_number_is_the_last_one(window):
    x = np.array([[window]])
    (out, places), (expected, theirs) = (
        function(image, 2, return_indices=True)
        for function, image in ((F.max_pool2d, x), (T.max_pool2d, torch.from_numpy(x)))
    )
    np.testing.assert_array_equal(out.data, expected.numpy())
    np.testing.assert_array_equal(places.data, theirs.numpy())


def test_a_gradient_flows_where_indices_are_returned_too():
    assert_agrees(
        lambda x: F.max_pool2d(x, 3, 2, 1, return_indices=True)[0],
        lambda x: T.max_pool2d(x, 3, 2, 1, return_indices=True)[0],
        arrays(0, "float64", (2, 3, 7, 8)),
    )


def test_padding_is_never_where_the_maximum_was_found():
    x = np.full((1, 1, 4, 4), -np.inf)
    _, indices = F.max_pool2d(x, 3, 2, 1, return_indices=True)
    _, expected = T.max_pool2d(torch.from_numpy(x), 3, 2, 1, return_indices=True)
    np.testing.assert_array_equal(indices.data, expected.numpy())


# ----------------------------------------------------------------------------------------------------------- unpooling


@given(seeds, dtypes, layouts, batches, windows(), sizes)
def test_max_unpool2d_of_what_was_pooled(seed, dtype, layout, n, window, channels):
    size, kernel, options = window
    assume(options.pop("dilation") == (1, 1))
    (image,) = arrays(seed, dtype, (n, channels, *size))
    pooled, indices = T.max_pool2d(torch.from_numpy(image), kernel, **options, return_indices=True)
    usual = T._unpool_output_size(pooled, kernel, options["stride"], options["padding"], None)
    assume(all(abs(a - b) < s for a, b, s in zip(size, usual, options["stride"], strict=True)))
    assert_agrees(
        lambda x: F.max_unpool2d(x, Tensor(indices.numpy()), kernel, **options, output_size=size),
        lambda x: T.max_unpool2d(x, indices, kernel, **options, output_size=size),
        arrays(seed, dtype, tuple(pooled.shape)),
        layout,
    )


@given(seeds, dtypes, layouts, batches, sizes, sizes, sizes)
def test_max_unpool2d_with_any_indices(seed, dtype, layout, n, channels, rows, columns):
    """Different places within each plane; where a place is shared, even PyTorch does not promise which one wins."""
    rng = np.random.default_rng(seed)
    places = np.argsort(rng.random((n, channels, 4 * rows * columns)))[..., : rows * columns]
    indices = places.reshape(n, channels, rows, columns)
    assert_agrees(
        lambda x: F.max_unpool2d(x, LAYOUTS[layout](indices), 2),
        lambda x: T.max_unpool2d(x, torch.from_numpy(indices), 2),
        arrays(seed, dtype, (n, channels, rows, columns)),
        layout,
    )


def test_unpooling_undoes_pooling_where_the_maximum_stands_alone():
    x = np.zeros((2, 3, 7, 9))
    x[:, :, 1::2, ::2] = np.random.default_rng(0).uniform(1, 2, (2, 3, 3, 5))
    x[..., 8] = 0  # outside the last window
    unpooled = F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2, output_size=x.shape)
    np.testing.assert_array_equal(unpooled.data, x)


@pytest.mark.parametrize("output_size", [(4, 5), (5, 4), (2, 3, 5, 5), (3, 3)])
def test_output_sizes_that_pooling_leads_from(output_size):
    x, indices = np.ones((2, 3, 2, 2)), np.zeros((2, 3, 2, 2), np.int64) + np.arange(4).reshape(2, 2)
    mine = F.max_unpool2d(x, indices, 2, output_size=output_size)
    theirs = T.max_unpool2d(torch.from_numpy(x), torch.from_numpy(indices), 2, output_size=output_size)
    np.testing.assert_array_equal(mine.data, theirs.numpy())


@pytest.mark.parametrize("output_size", [(6, 4), (2, 4), (4, 6), (2, 3, 4, 9)])
def test_output_sizes_that_pooling_does_not_lead_from(output_size):
    x, indices = np.ones((2, 3, 2, 2)), np.zeros((2, 3, 2, 2), np.int64)
    with pytest.raises(ValueError, match="output_size"):
        T.max_unpool2d(torch.from_numpy(x), torch.from_numpy(indices), 2, output_size=output_size)
    with pytest.raises(ValueError, match=r"output_size \(.*less than a stride away from \(4, 4\)"):
        F.max_unpool2d(x, indices, 2, output_size=output_size)


@pytest.mark.parametrize("wrong", [-1, 16])
def test_indices_outside_the_image(wrong):
    x, indices = np.ones((1, 1, 2, 2)), np.array([[[[0, 1], [2, wrong]]]])
    with pytest.raises(RuntimeError):
        T.max_unpool2d(torch.from_numpy(x), torch.from_numpy(indices), 2)
    with pytest.raises(RuntimeError, match=r"between 0 and 15 for output_size \(4, 4\)"):
        F.max_unpool2d(x, indices, 2)


def test_indices_of_another_shape():
    with pytest.raises(RuntimeError, match=r"\(1, 1, 2, 2\), but indices has \(1, 1, 2, 3\)"):
        F.max_unpool2d(np.ones((1, 1, 2, 2)), np.zeros((1, 1, 2, 3), np.int64), 2)


# ---------------------------------------------------------------------------------------------------- adaptive average


@given(seeds, dtypes, layouts, st.integers(1, 4), sizes, st.integers(1, 9), st.integers(1, 9), sizes, sizes)
@example(0, "float32", "rows first", 3, 2, 7, 5, 1, 1)
@example(0, "float32", "rows first", 0, 2, 7, 5, 2, 3)
def test_adaptive_avg_pool2d(seed, dtype, layout, n, channels, height, width, rows, columns):
    assert_agrees(
        lambda x: F.adaptive_avg_pool2d(x, (rows, columns)),
        lambda x: T.adaptive_avg_pool2d(x, (rows, columns)),
        arrays(seed, dtype, (n, channels, height, width)),
        layout,
    )


def test_one_number_stands_for_both_sides():
    (x,) = arrays(0, "float64", (2, 3, 8, 6))
    assert_agrees(lambda x: F.adaptive_avg_pool2d(x, 2), lambda x: T.adaptive_avg_pool2d(x, 2), [x])
    np.testing.assert_allclose(F.adaptive_avg_pool2d(x, (4, 3)).data, kernels.pool2d_loops(x, 2, 2, np.mean))
    np.testing.assert_allclose(F.adaptive_avg_pool2d(x, 1).data[..., 0, 0], x.mean(axis=(2, 3)))


# -------------------------------------------------------------------------------------------------------------- layers


@pytest.mark.parametrize(
    "layer",
    [
        "MaxPool2d(2)",
        "MaxPool2d((3, 2), stride=1, padding=1)",
        "MaxPool2d(3, 2, 1, 1, True)",
        "MaxPool2d(2, stride=(2, 1), dilation=2)",
        "AvgPool2d(3, 2, 1)",
        "AvgPool2d((2, 3))",
        "AdaptiveAvgPool2d(1)",
        "AdaptiveAvgPool2d((3, 2))",
        "MaxUnpool2d(2)",
        "MaxUnpool2d((3, 2), stride=2, padding=(1, 0))",
    ],
)
def test_layers_print_and_compute_as_in_pytorch(layer):
    mine, theirs = eval(layer, vars(nn).copy()), eval(layer, vars(torch.nn).copy())
    assert repr(mine) == repr(theirs)
    (x,) = arrays(0, "float64", (2, 3, 8, 9))
    inputs = [x, np.broadcast_to(np.arange(72).reshape(8, 9), x.shape).copy()] if "Unpool" in layer else [x]
    outputs, expected = mine(*inputs), theirs(*map(torch.from_numpy, inputs))
    outputs, expected = (o if isinstance(o, tuple) else (o,) for o in (outputs, expected))
    for out, theirs_ in zip(outputs, expected, strict=True):
        assert_close(out.data, theirs_.numpy(), 1e-12, layer)


def test_unpooling_layer_takes_an_output_size():
    (x,) = arrays(0, "float64", (2, 3, 9, 7))
    pooled, indices = nn.MaxPool2d(2, return_indices=True)(x)
    assert nn.MaxUnpool2d(2)(pooled, indices, output_size=x.shape).shape == x.shape


def test_images_stay_as_they_lie_in_memory():
    x = kernels.batch_first(np.ones((8, 3, 6, 5)))
    pooled, indices = F.max_pool2d(x, 2, return_indices=True)
    for out in (pooled, indices, F.max_unpool2d(pooled, indices, 2), F.avg_pool2d(x, 2), F.adaptive_avg_pool2d(x, 2)):
        assert out.data.transpose(2, 1, 3, 0).flags.c_contiguous
