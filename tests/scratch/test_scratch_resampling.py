"""Interpolation: PyTorch, the plain loops, and the layer."""

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from oracle import arrays, assert_agrees, assert_close, dtypes, layouts, seeds

from coursekit.scratch import Tensor, kernels, nn
from coursekit.scratch import functional as F
from coursekit.scratch.autograd import gradcheck

T = torch.nn.functional
sides = st.integers(1, 12)
batches = st.integers(0, 3)
kinds = st.sampled_from([("nearest", None), ("bilinear", None), ("bilinear", False), ("bilinear", True)])


def agree(seed, dtype, layout, shape, kind, **options):
    options |= {"mode": kind[0], "align_corners": kind[1]}
    (x,) = arrays(seed, dtype, shape)
    assert_agrees(lambda x: F.interpolate(x, **options), lambda x: T.interpolate(x, **options), [x], layout)


@given(seeds, dtypes, layouts, batches, st.integers(1, 4), kinds, st.tuples(sides, sides), st.tuples(sides, sides))
@example(0, "float32", "rows first", 1, 1, ("bilinear", True), (1, 1), (3, 4))
@example(0, "float32", "rows first", 1, 1, ("bilinear", True), (5, 4), (1, 1))
def test_interpolate_to_a_size(seed, dtype, layout, n, channels, kind, old, new):
    agree(seed, dtype, layout, (n, channels, *old), kind, size=new)


factors = st.one_of(st.sampled_from([0.25, 0.5, 1, 1.5, 2, 3]), st.floats(0.2, 4))


@given(seeds, dtypes, layouts, batches, kinds, st.tuples(sides, sides), st.tuples(factors, factors))
@example(0, "float64", "rows first", 2, ("nearest", None), (5, 5), (1.1, 2.1))
@example(0, "float64", "rows first", 2, ("bilinear", None), (5, 5), (1.1, 2.1))
def test_interpolate_by_a_factor(seed, dtype, layout, n, kind, old, factor):
    """With a factor, places follow the factor itself, not the ratio of the sizes, unless the size stays the same."""
    factor = tuple(max(f, 1 / side) for f, side in zip(factor, old, strict=True))
    agree(seed, dtype, layout, (n, 2, *old), kind, scale_factor=factor)


def test_infinite_pixels_are_copied_like_others():
    x = np.array([[[[1.0, np.inf], [np.nan, -np.inf]]]])
    expected = T.interpolate(torch.from_numpy(x), size=(3, 5)).numpy()
    np.testing.assert_array_equal(F.interpolate(x, size=(3, 5)).data, expected)


@pytest.mark.parametrize("kind", [("nearest", None), ("bilinear", None), ("bilinear", True)])
def test_one_number_counts_for_both_sides(kind):
    agree(0, "float64", "rows first", (2, 3, 5, 4), kind, size=7)
    agree(0, "float64", "rows first", (2, 3, 5, 4), kind, scale_factor=2)


def test_nearest_falls_short_where_single_precision_does():
    """New pixel 41 of 82 lies at 41 · 4 / 82 = 2; in single precision it falls short, and PyTorch copies pixel 1."""
    assert kernels.nearest_weights(4, 82)[41].tolist() == [0, 1, 0, 0]
    differs = 0
    for old, new in [(2, 94), (4, 82), (6, 74), (12, 74), (14, 46), (26, 22)]:
        exact = np.arange(new) * old // new
        ours = kernels.nearest_weights(old, new).argmax(axis=1)
        theirs = T.interpolate(torch.arange(old, dtype=torch.float32).reshape(1, 1, old, 1), (new, 1)).flatten()
        np.testing.assert_array_equal(ours, theirs.numpy())
        differs += (ours != exact).any()
    assert differs, "these sizes no longer show the difference"


@given(seeds, st.tuples(sides, sides), st.tuples(st.integers(1, 20), st.integers(1, 20)))
def test_loops_specify_interpolation(seed, old, new):
    (x,) = arrays(seed, "float64", (2, 3, *old))
    pairs = list(zip(old, new, strict=True))
    for kernel, loops, weights, options in (
        ("nearest", kernels.nearest_loops, kernels.nearest_weights, {}),
        ("bilinear", kernels.bilinear_loops, kernels.bilinear_weights, {"align_corners": False}),
        ("bilinear", kernels.bilinear_loops, kernels.bilinear_weights, {"align_corners": True}),
    ):
        expected = loops(x, new, **options)
        theirs = T.interpolate(torch.from_numpy(x), new, mode=kernel, **options).numpy()
        assert_close(expected, theirs, 1e-12, f"{kernel} loops")
        matrices = (weights(*sides, **options) for sides in pairs)
        assert_close(kernels.resample(x, *matrices), expected, 1e-12, kernel)


@given(st.sampled_from([kernels.nearest_weights, kernels.bilinear_weights]), sides, sides)
def test_every_new_pixel_is_a_weighted_mean(weights, old, new):
    matrix = weights(old, new)
    assert matrix.shape == (new, old)
    assert (matrix >= 0).all()
    np.testing.assert_allclose(matrix.sum(axis=1), 1)


def test_gradient_against_central_differences():
    x = Tensor(arrays(0, "float64", (2, 2, 3, 4))[0], requires_grad=True)
    assert gradcheck(lambda x: F.interpolate(x, (5, 3), mode="bilinear"), x)
    assert gradcheck(lambda x: F.interpolate(x, scale_factor=2), x)


def test_memory_stays_rows_first():
    (x,) = arrays(0, "float32", (8, 3, 5, 6))
    out = F.interpolate(x, scale_factor=2).numpy()
    assert np.shares_memory(kernels.rows_first(out), out), "the next layer must find its memory ready"


def test_graph_nodes_are_named_as_in_pytorch():
    x = np.zeros((1, 1, 2, 2))
    for mode in ("nearest", "bilinear"):
        mine = F.interpolate(Tensor(x, requires_grad=True), 3, mode=mode).grad_fn
        theirs = T.interpolate(torch.from_numpy(x).requires_grad_(), 3, mode=mode).grad_fn
        assert repr(mine)[1:-1] == theirs.name()


@pytest.mark.parametrize(
    ("error", "options", "message"),
    [
        (ValueError, {}, "either size or scale_factor, not size=None and scale_factor=None"),
        (ValueError, {"size": 3, "scale_factor": 2}, "either size or scale_factor, not size=3 and scale_factor=2"),
        (ValueError, {"size": 3, "align_corners": False}, 'align_corners=False.*mode="nearest"'),
        (NotImplementedError, {"size": 3, "mode": "cubic"}, '"nearest" or "bilinear", not \'cubic\''),
        (RuntimeError, {"scale_factor": 0.1}, r"size \(4, 5\) cannot become images of size \(0, 0\)"),
        (RuntimeError, {"size": (3, 0)}, r"cannot become images of size \(3, 0\)"),
    ],
)
def test_errors_are_those_of_pytorch_and_say_what_is_wrong(error, options, message):
    x = np.zeros((1, 1, 4, 5))
    with pytest.raises(error, match=message):
        F.interpolate(x, **options)
    with pytest.raises(error):
        T.interpolate(torch.from_numpy(x), **options)


def test_images_need_four_dimensions():
    with pytest.raises(RuntimeError, match=r"\(N, C, H, W\), not \(4, 5\)"):
        F.interpolate(np.zeros((4, 5)), 3)


@pytest.mark.parametrize(
    "layer",
    [
        "Upsample(7)",
        "Upsample((7, 3), mode='bilinear')",
        "Upsample(scale_factor=2)",
        "Upsample(scale_factor=(2, 1.5), mode='bilinear', align_corners=True)",
        "Upsample(None, 0.5, 'bilinear')",
    ],
)
def test_upsample(layer):
    mine, theirs = eval(layer, vars(nn).copy()), eval(layer, vars(torch.nn).copy())
    assert repr(mine) == repr(theirs)
    assert list(mine.state_dict()) == list(theirs.state_dict()) == []
    assert_agrees(mine, theirs, arrays(0, "float64", (2, 3, 5, 4)))
