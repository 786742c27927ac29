"""Gradients on their way back: the numbers drawn are the gradients, and the words say the same."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from coursekit import viz
from coursekit.viz.backward import _routes, _terms

rng = np.random.default_rng(0)


def integers(*shape):
    return rng.integers(-5, 6, size=shape)


def of_torch(image, kernel, grad, stride):
    x = torch.tensor(image[None, None], dtype=torch.float64, requires_grad=True)
    w = torch.tensor(kernel[None, None], dtype=torch.float64, requires_grad=True)
    F.conv2d(x, w, stride=stride).backward(torch.tensor(grad[None, None], dtype=torch.float64))
    return x.grad[0, 0].numpy(), w.grad[0, 0].numpy()


@pytest.mark.parametrize(("shape", "kernel", "stride"), [((3, 3), (2, 2), 1), ((5, 7), (3, 2), 2), ((6, 4), (2, 3), 3)])
def test_terms_add_up_to_the_gradients_of_pytorch(shape, kernel, stride):
    image, kernel = integers(*shape), integers(*kernel)
    size = [(n - k) // stride + 1 for n, k in zip(shape, kernel.shape, strict=True)]
    grad = integers(*size)
    dx, dw = of_torch(image, kernel, grad, stride)
    for pixel in np.ndindex(shape):
        terms, collected = _terms(image, kernel, grad, pixel, None, stride)
        np.testing.assert_array_equal(collected, dx)
        assert sum(grad[place] * kernel[other] for place, other in terms) == dx[pixel]
    for weight in np.ndindex(kernel.shape):
        terms, collected = _terms(image, kernel, grad, None, weight, stride)
        np.testing.assert_array_equal(collected, dw)
        assert sum(grad[place] * image[other] for place, other in terms) == dw[weight]


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_sum_is_written_out():
    figure = viz.convolution_gradient([[1, 2, 3, 4]], [[1, -1]], [[1, 0, 2]], pixel=(0, 3))
    assert texts(figure)[-1] == "2·(−1) = −2"


def test_pairs_have_the_same_letter_and_colour():
    figure = viz.convolution_gradient(np.eye(3, dtype=int), np.ones((2, 2), int), np.ones((2, 2), int), pixel=(1, 1))
    letters = [text for text in texts(figure) if text.isalpha() and len(text) == 1]
    assert sorted(letters) == list("aabbccdd")
    painted = [patch.get_facecolor() for patch in figure.axes[0].patches if patch.get_fill()]
    assert all(a == b for a, b in zip(painted[::2], painted[1::2], strict=True))


def test_later_entries_are_still_empty():
    image, kernel, grad = np.ones((1, 4)), np.ones((1, 2)), np.ones((1, 3))
    at = [len(texts(viz.convolution_gradient(image, kernel, grad, pixel=(0, j)))) for j in (1, 2)]
    assert at[1] - at[0] == 1  # both middle pixels have two terms; one more number is filled in


def test_a_pixel_that_nothing_sees():
    arguments = ([[1, 2, 3, 4]], [[1]], [[5, 6]])
    assert texts(viz.convolution_gradient(*arguments, pixel=(0, 1), stride=2))[-1] == "no output sees this pixel"
    assert "seen by no output" in viz.describe_convolution_gradient(*arguments, pixel=(0, 1), stride=2)


def test_words_name_every_contribution():
    words = viz.describe_convolution_gradient([[1, 2, 3, 4]], [[1, -1]], [[1, 0, 2]], weight=(0, 1))
    assert words == (
        "Weight (0, 1) is used by output (0, 0) on pixel (0, 1), by output (0, 1) on pixel (0, 2) "
        "and by output (0, 2) on pixel (0, 3); its gradient is 1·2 + 0·3 + 2·4 = 10."
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "give one of them"),
        ({"pixel": (0, 0), "weight": (0, 0)}, "give one of them"),
        ({"pixel": (1, 0)}, r"pixel: \(1, 0\) is outside an array of shape \(1, 4\)"),
        ({"weight": (0, 2)}, r"weight: \(0, 2\) is outside an array of shape \(1, 2\)"),
        ({"weight": (0, 0), "stride": 2}, r"grad: shape \(1, 3\), but the output has shape \(1, 2\)"),
    ],
)
def test_what_does_not_fit_is_said(arguments, message):
    with pytest.raises(ValueError, match=message):
        viz.convolution_gradient([[1, 2, 3, 4]], [[1, -1]], [[1, 0, 2]], **arguments)


@pytest.mark.parametrize("how", ["max", "average"])
@pytest.mark.parametrize(("kernel_size", "stride"), [(2, 2), (2, 1), (3, 2), (2, 3)])
def test_routes_are_those_of_pytorch(how, kernel_size, stride):
    image = rng.integers(0, 3, size=(7, 8))  # few values, many ties
    size = [(n - kernel_size) // stride + 1 for n in image.shape]
    grad = integers(*size)
    x = torch.tensor(image[None, None], dtype=torch.float64, requires_grad=True)
    pool = F.max_pool2d if how == "max" else F.avg_pool2d
    pooled = pool(x, kernel_size, stride)
    pooled.backward(torch.tensor(grad[None, None], dtype=torch.float64))
    output, collected, *_ = _routes(image, grad, grad.size, kernel_size, stride, how)
    np.testing.assert_allclose(output, pooled.detach()[0, 0])
    np.testing.assert_allclose(collected, x.grad[0, 0])


def test_only_the_windows_so_far_have_sent_theirs():
    image, grad = np.arange(16).reshape(4, 4), np.array([[1, 2], [3, 4]])
    _, collected, corner, winners, n_equal = _routes(image, grad, 2, 2, 2, "max")
    assert (collected.sum(), corner, winners, n_equal) == (3, (0, 2), [(1, 3)], 1)


def test_words_say_where_a_share_goes():
    words = viz.describe_pooling_gradient([[1, 2], [3, 4]], [[8]], 1, how="average")
    assert words == "Window 1 of 1: 2 goes to each of 4 pixels. The gradient so far, row by row: 2 2; 2 2."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"window": 2}, "window: 2 is not between 1 and 1"),
        ({"window": 1, "how": "sum"}, "'sum'"),
        ({"window": 1, "stride": 1, "kernel_size": 1}, r"the output has shape \(2, 2\)"),
    ],
)
def test_pooling_says_what_does_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        viz.pooling_gradient([[1, 2], [3, 4]], [[8]], **arguments)


def test_the_window_and_its_numbers_are_drawn():
    figure = viz.pooling_gradient([[1, 2], [3, 4]], [[8]], 1)
    assert texts(figure)[-1] == "8 goes to pixel (1, 1)"
    assert [text for text in texts(figure) if text == "8"] == ["8", "8"]  # what arrives, and where it went
