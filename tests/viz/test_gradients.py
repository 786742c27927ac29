"""Gradients as colours and strokes: the picture holds the numbers it was given."""

import numpy as np
import pytest

from coursekit import viz


def test_brightness_is_the_length_of_the_gradient():
    picture = viz.direction_colours([[2.0, 1.0, 0.0]], [[0.0, 0.0, 0.0]])
    np.testing.assert_allclose(picture.max(axis=0), [[1, 0.5, 0]], atol=1e-6)


def test_a_limit_makes_two_pictures_comparable():
    gx, gy = np.array([[2.0, 1.0]]), np.zeros((1, 2))
    np.testing.assert_allclose(viz.direction_colours(gx, gy, limit=4).max(axis=0), [[0.5, 0.25]])


def test_opposite_directions_have_opposite_hues():
    right, left = viz.direction_colours([[1.0, -1.0]], [[0.0, 0.0]])[:, 0].T
    np.testing.assert_allclose(right, [1, 0, 0], atol=0.05)
    np.testing.assert_allclose(left, [0, 1, 1], atol=0.05)


def test_a_flat_image_is_black():
    assert not viz.direction_colours(np.zeros((2, 3)), np.zeros((2, 3))).any()


@pytest.mark.parametrize("shapes", [((2, 3), (3, 2)), ((6,), (6,))])
def test_colours_want_two_maps(shapes):
    with pytest.raises(ValueError, match="expected two maps"):
        viz.direction_colours(np.zeros(shapes[0]), np.zeros(shapes[1]))


def strokes(ax):
    (collection,) = ax.collections
    return np.array(collection.get_segments()), collection.get_colors()


def test_a_stroke_runs_across_the_gradient_through_the_middle_of_its_cell():
    histograms = np.zeros((2, 3, 9))
    histograms[1, 2, 4] = 1  # gradient at 90 degrees, downwards: a level edge
    segments, colours = strokes(viz.orientation_strokes(histograms, cell=8))
    darkest = segments[colours[:, :3].sum(axis=1).argmin()]
    np.testing.assert_allclose(darkest.mean(axis=0), [19.5, 11.5])
    np.testing.assert_allclose(darkest[0, 1], darkest[1, 1])
    assert abs(darkest[0, 0] - darkest[1, 0]) == pytest.approx(7.2)


def test_the_first_bin_of_two_is_a_gradient_down_to_the_right():
    segments, _ = strokes(viz.orientation_strokes([[[1.0, 0.5]]], cell=2))
    (x0, y0), (x1, y1) = segments[-1]  # the darkest is drawn last
    assert (y1 - y0) / (x1 - x0) == pytest.approx(-1)  # the edge rises to the right on the screen


def test_more_votes_are_darker_up_to_the_limit():
    _, colours = strokes(viz.orientation_strokes([[[0.5, 1.0, 2.0, 4.0]]], limit=2))
    ink = 3 - colours[:, :3].sum(axis=1)
    assert ink[0] < ink[1] < ink[2] == ink[3]


def test_strokes_that_nobody_could_see_are_left_out():
    segments, _ = strokes(viz.orientation_strokes([[[0.0, 0.01, 0.5, 1.0]]]))
    assert len(segments) == 2


def test_image_coordinates_have_their_origin_above():
    ax = viz.orientation_strokes(np.ones((2, 3, 9)), cell=4)
    assert (ax.get_xlim(), ax.get_ylim()) == ((-0.5, 11.5), (7.5, -0.5))


def test_no_votes_and_a_wrong_shape():
    assert viz.orientation_strokes(np.zeros((2, 2, 9))).collections
    with pytest.raises(ValueError, match=r"\(rows, columns, bins\)"):
        viz.orientation_strokes(np.zeros((2, 9)))
