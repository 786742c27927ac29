"""The drawing functions: what they put on the canvas is what they were given."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from coursekit import viz


def drawn(ax):
    """The array an axes shows."""
    (image,) = ax.get_images()
    return np.asarray(image.get_array())


def texts(figure):
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def test_images_are_drawn_in_order_on_one_scale():
    images = np.arange(2 * 1 * 3 * 4, dtype=float).reshape(2, 1, 3, 4)
    figure = viz.show_images(images, ["first", "second"])
    assert [ax.get_title() for ax in figure.axes] == ["first", "second"]
    for ax, image in zip(figure.axes, images, strict=True):
        np.testing.assert_array_equal(drawn(ax), image[0])
        assert ax.get_images()[0].get_clim() == (0, 23)


def test_colour_images_keep_their_colours():
    red = np.zeros((1, 3, 2, 2))
    red[:, 0] = 1
    (ax,) = viz.show_images(red).axes
    np.testing.assert_array_equal(drawn(ax), np.broadcast_to([1, 0, 0], (2, 2, 3)))


def test_signed_images_have_zero_in_the_middle():
    (ax,) = viz.show_images([[[-1.0, 4.0]]], signed=True).axes
    assert ax.get_images()[0].get_clim() == (-4, 4)
    white = ax.get_images()[0].to_rgba(np.zeros((1, 1)))[0, 0, :3]
    assert white.min() > 0.95


def test_an_all_zero_image_is_no_error():
    assert viz.show_images(np.zeros((1, 2, 2)), signed=True).axes


@pytest.mark.parametrize(
    ("images", "titles", "message"),
    [
        (np.zeros((2, 3)), None, r"shape \(3,\)"),
        (np.zeros((1, 2, 4, 4)), None, r"shape \(2, 4, 4\)"),
        (np.zeros((2, 4, 4)), ["one"], "got 1 for 2 images"),
    ],
)
def test_show_images_says_what_is_wrong(images, titles, message):
    with pytest.raises(ValueError, match=message):
        viz.show_images(images, titles)


def test_templates_are_the_rows_of_the_weights():
    weights = np.random.default_rng(0).normal(size=(3, 20))
    figure = viz.templates(weights, "abc", shape=(4, 5))
    for ax, row in zip(figure.axes, weights, strict=True):
        np.testing.assert_array_equal(drawn(ax), row.reshape(4, 5))
    with pytest.raises(ValueError, match=r"\(3, 20\).*28x28.*\(classes, 784\)"):
        viz.templates(weights)


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 0), (1, 1), (2, 1)])
def test_a_step_of_a_convolution_shows_the_right_sum(stride, padding):
    rng = np.random.default_rng(stride + 3 * padding)
    image, kernel = rng.integers(-3, 4, (5, 6)), rng.integers(-3, 4, (3, 2))
    padded = np.pad(image, padding)
    window = padded[stride : stride + 3, 2 * stride : 2 * stride + 2]  # output entry (1, 2)
    figure = viz.convolution_step(image, kernel, 1, 2, stride=stride, padding=padding)
    expected = f"{np.sum(window * kernel):g}".replace("-", "−")
    assert texts(figure)[-1].endswith(f"= {expected}")
    assert texts(figure)[-2] == expected  # the entry itself is the last one filled in
    frame = figure.axes[0].patches[0]
    assert (frame.get_x(), frame.get_y(), frame.get_width(), frame.get_height()) == (2 * stride, stride, 2, 3)


def test_a_step_of_a_convolution_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match=r"\(3, 3\) is larger than the padded image, \(2, 2\)"):
        viz.convolution_step(np.ones((2, 2)), np.ones((3, 3)), 0, 0)
    with pytest.raises(ValueError, match=r"\(0, 2\) is outside the output of shape \(2, 2\)"):
        viz.convolution_step(np.ones((3, 3)), np.ones((2, 2)), 0, 2)


def test_the_grids_of_a_convolution_step_have_the_names_they_are_given():
    figure = viz.convolution_step(np.ones((2, 2)), np.ones((1, 1)), 0, 0, titles=("X", "F", "X ⋆ F"))
    assert {"X", "F", "X ⋆ F"} < set(texts(figure))


def test_network_state_shows_known_values_and_empty_units():
    figure = viz.network_state([np.array([0.5, -1]), 3], ["x", "h"])
    assert sorted(texts(figure)) == ["", "", "", "-1", "0.5", "h", "x"]
    with pytest.raises(ValueError, match="got 1 for 2 layers"):
        viz.network_state([1, 2], ["x"])
    with pytest.raises(ValueError, match="at least one"):
        viz.network_state([])


def test_source_leaves_out_the_docstring_and_nothing_else(capsys):
    def documented(x):
        """Says something."""
        # and this stays
        return x + 1

    def plain(x):
        return x

    viz.source(documented)
    assert capsys.readouterr().out == "def documented(x):\n    # and this stays\n    return x + 1\n"
    viz.source(plain)
    assert capsys.readouterr().out == "def plain(x):\n    return x\n"


def test_the_style_is_found_and_its_first_colours_differ_in_lightness():
    with plt.style.context("coursekit.viz.course"):
        colours = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
    weights = np.array([0.2126, 0.7152, 0.0722])  # relative luminance
    light = [float(weights @ np.power(mpl.colors.to_rgb(colour), 2.2)) for colour in colours[:2]]
    assert abs(light[0] - light[1]) > 0.2
