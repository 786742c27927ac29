"""Stamps: the last frame is PyTorch's transposed convolution, and the words say what is drawn."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib.colors import to_rgb

from coursekit import viz
from coursekit.viz import accumulation

rng = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("shape", "kernel", "stride", "padding"),
    [((4, 4), (3, 3), 1, 0), ((2, 3), (3, 2), 2, 1), ((3, 2), (2, 4), 3, 0), ((3, 3), (4, 4), 2, 1)],
)
def test_all_stamps_together_are_the_transposed_convolution(shape, kernel, stride, padding):
    image, kernel = rng.integers(-4, 5, shape), rng.integers(-4, 5, kernel)
    output, *_ = accumulation._stamped(image, kernel, image.size, stride, padding)
    theirs = F.conv_transpose2d(
        torch.tensor(image[None, None]).double(), torch.tensor(kernel[None, None]).double(), stride=stride
    )
    np.testing.assert_array_equal(output, theirs[0, 0])
    cut = accumulation._cut(output.shape, padding)
    kept = F.conv_transpose2d(
        torch.tensor(image[None, None]).double(),
        torch.tensor(kernel[None, None]).double(),
        stride=stride,
        padding=padding,
    )
    np.testing.assert_array_equal(output[~cut], kept.numpy().ravel())


def test_only_what_was_reached_is_written():
    figure = viz.stamping_step([[2, 5], [1, 1]], [[1, 3], [0, 1]], 1)
    words = [text.get_text() for text in figure.axes[0].texts]
    output = words[words.index("output so far") + 1 : -1]
    assert output == ["2", "6", "0", "2"]  # a zero that was stamped is shown, other places are empty


def test_the_stamp_is_the_value_times_the_kernel():
    figure = viz.stamping_step([[2, -5]], [[1, 3]], 2)
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words[words.index("stamp") + 1 :][:2] == ["−5", "−15"]


def test_what_will_be_cut_off_is_grey_unless_the_stamp_lies_on_it():
    figure = viz.stamping_step(np.ones((2, 2)), np.ones((2, 2)), 1, stride=2, padding=1)
    picture = figure.axes[0].images[-1].get_array()
    assert picture.shape[:2] == (4, 4)
    np.testing.assert_allclose(picture[0, 3], to_rgb(accumulation.CUT))
    np.testing.assert_allclose(picture[1, 2], 1)
    np.testing.assert_allclose(picture[0, 0], to_rgb(accumulation.STAMP))


def test_the_words_say_what_will_be_cut_off():
    assert "cut off" not in viz.describe_stamping_step([[1, 1]], [[1]], 1)
    text = viz.describe_stamping_step(np.ones((2, 2), int), np.ones((2, 2), int), 4, padding=1)
    assert text.endswith("row by row: 1 2 1; 2 4 2; 1 2 1. The outermost 1 rows and columns will be cut off.")


@pytest.mark.parametrize("step", [0, 3, -1])
def test_steps_that_do_not_exist(step):
    with pytest.raises(ValueError, match=f"step: {step} is not between 1 and 2"):
        viz.stamping_step([[1, 1]], [[1]], step)


def test_padding_that_leaves_nothing():
    with pytest.raises(ValueError, match="padding: 1 leaves nothing of an output of 2 × 3"):
        viz.stamping_step([[1, 1]], [[1, 1], [1, 1]], 1, padding=1)


def test_frames_with_the_same_room_have_the_same_size():
    sizes = {
        tuple(viz.stamping_step(np.ones((2, 2)), np.ones((3, 3)), 1, stride=s, room=(5, 5)).get_size_inches())
        for s in (1, 2)
    }
    assert len(sizes) == 1


def test_a_frame_can_be_saved_twice(recwarn):
    # As `explore` does, vector and raster: matplotlib gives a figure without a layout engine the style's by then.
    with plt.style.context("coursekit.viz.course"):
        figure = viz.stamping_step([[1, 2, 3]], [[1, 10]], 2, stride=2)
        for kind in ("svg", "png"):
            figure.savefig(io.BytesIO(), format=kind)
    assert not recwarn.list
