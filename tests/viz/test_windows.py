"""Windows see the pixels that PyTorch's layers see, pooling keeps what pooling keeps, and the words say the same."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib.colors import to_rgb

from coursekit.viz import windows
from coursekit.viz.windows import PADDING, SEEN, UNSEEN, WINDOW


def colour_at(picture, cell):
    return tuple(np.asarray(picture.get_array())[cell])


@pytest.mark.parametrize("how", [{}, {"stride": 2}, {"padding": 1, "stride": 3}, {"dilation": 2, "padding": 1}])
def test_an_output_sees_the_pixels_that_move_it(how):
    x = torch.zeros(1, 1, 9, requires_grad=True)
    out = F.conv1d(x, torch.ones(1, 1, 3), **how)[0, 0]
    seen = windows.seen_by(9, 3, **how)
    p = how.get("padding", 0)
    assert len(seen) == len(out)
    for row, unit in zip(seen, out, strict=True):
        (moved,) = torch.autograd.grad(unit, x, retain_graph=True)
        np.testing.assert_array_equal(row[p : p + 9], moved[0, 0].numpy() != 0)


def test_counts_are_written_into_the_pixels_and_unseen_ones_stand_out():
    x = torch.zeros(1, 1, 7, 7, requires_grad=True)
    F.conv2d(x, torch.ones(1, 1, 3, 3), stride=3).sum().backward()
    (ax,) = windows.window_map(7, 3, stride=3).axes
    words = [text for text in ax.texts if text.get_text().isdigit()]
    assert [int(text.get_text()) for text in words] == x.grad.flatten().int().tolist()
    assert {text.get_color() for text in words if text.get_text() == "0"} == {UNSEEN}


@pytest.mark.parametrize(("output", "corner"), [("first", 0), ("middle", 2), ("last", 4)])
def test_the_window_is_where_the_output_looks(output, corner):
    (ax,) = windows.window_map(7, 3, output=output).axes
    shown, made = ax.get_images()
    window = np.zeros((7, 7), bool)
    window[corner : corner + 3, corner : corner + 3] = True
    for cell, inside in np.ndenumerate(window):
        assert (colour_at(shown, cell) == to_rgb(WINDOW)) == inside
    assert colour_at(made, (corner, corner)) == to_rgb(WINDOW)


def test_padding_has_its_own_colour_and_frames_have_one_size():
    small, large = windows.window_map(5, 3, room=7), windows.window_map(5, 3, padding=1, room=7, output="last")
    assert tuple(small.get_size_inches()) == tuple(large.get_size_inches())
    shown = large.axes[0].get_images()[0]
    assert colour_at(shown, (0, 0)) == to_rgb(PADDING)
    assert colour_at(shown, (6, 6)) == to_rgb(WINDOW)  # the last window reaches into the padding


def test_words_for_windows():
    assert "sees rows and columns 0, 1 of the input, and padding" in windows.describe_window_map(7, 3, padding=1)
    assert windows.describe_window_map(7, 3).endswith("No pixel unseen.")
    assert windows.describe_window_map(7, 3, stride=3).endswith("13 pixels unseen.")


@pytest.mark.parametrize("kind", ["maximum", "average"])
@pytest.mark.parametrize(("kernel_size", "stride"), [(2, 2), (3, 1), (2, 1)])
def test_pooling_gives_what_pytorch_gives(kind, kernel_size, stride):
    image = np.random.default_rng(0).integers(-9, 9, (4, 6)).astype(float)
    pool = {"maximum": F.max_pool2d, "average": F.avg_pool2d}[kind]
    expected = pool(torch.tensor(image)[None, None], kernel_size, stride).flatten().tolist()
    (ax,) = windows.pooling_step(image, kernel_size, stride, len(expected) - 1, kind=kind).axes
    shown = [text.get_text() for text in ax.texts[image.size : -1]]
    assert shown == [f"{value:.3g}".replace("-", "−") for value in expected]


def test_the_maximum_marks_the_first_winner_and_the_average_all():
    image = np.array([[1, 7, 7, 0], [7, 0, 0, 0]])
    (ax,) = windows.pooling_step(image, 2, 2, 0).axes
    marks = np.array([[colour_at(ax.get_images()[0], (i, j)) == to_rgb(WINDOW) for j in range(4)] for i in range(2)])
    assert np.argwhere(marks).tolist() == [[0, 1]]
    assert colour_at(ax.get_images()[0], (0, 0)) == to_rgb(SEEN)
    (ax,) = windows.pooling_step(image, 2, 2, 1, kind="average").axes
    assert colour_at(ax.get_images()[0], (1, 3)) == to_rgb(WINDOW)


def test_outputs_that_have_not_been_reached_are_empty():
    image = np.arange(16).reshape(4, 4)
    (ax,) = windows.pooling_step(image, 2, 2, 1).axes
    assert [text.get_text() for text in ax.texts[16:-1]] == ["5", "7"]
    assert windows.describe_pooling_step(image, 2, 2, 99) == windows.describe_pooling_step(image, 2, 2, 3)


@pytest.mark.parametrize(("kind", "lines", "looks"), [("full", 63, 63), ("local", 21, 21), ("shared", 21, 3)])
def test_lines_that_look_alike_are_one_weight(kind, lines, looks):
    (ax,) = windows.connections(kind).axes
    assert len(ax.lines) == lines
    assert len({(str(line.get_color()), str(line._dash_pattern)) for line in ax.lines}) == looks
    assert ax.get_title().endswith(f"{lines} connections, {looks} weights")
    assert f"{lines} connections, {looks} weights" in windows.describe_connections(kind)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match='"first", "middle" or "last"'):
        windows.window_map(7, 3, output="second")
    with pytest.raises(ValueError, match="does not fit"):
        windows.window_map(2, 3)
    with pytest.raises(ValueError, match='"maximum" or "average"'):
        windows.pooling_step(np.zeros((2, 2)), 2, 2, 0, kind="median")
    with pytest.raises(ValueError, match='"full", "local" or "shared"'):
        windows.connections("dense")
