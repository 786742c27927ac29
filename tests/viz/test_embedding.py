"""Codes as points: what is alone, what is left out, and that pictures lie where their codes are."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from coursekit import viz
from coursekit.viz import embedding

CODES = np.array([[0.9, 0.1, 0.2], [0.7, 0.4, 0.3], [0.2, 0.6, 0.9]])


def test_a_corner_with_two_codes_belongs_to_neither():
    bits, alone = embedding.rounded_codes(CODES)
    np.testing.assert_array_equal(bits, [[1, 0, 0], [1, 0, 0], [0, 1, 1]])
    np.testing.assert_array_equal(alone, [False, False, True])


def test_the_cube_has_twelve_edges_and_each_code_in_its_place():
    ax = viz.code_cube(CODES, ["a", "b", "c"])
    lines = [np.array(line.get_data_3d()).T for line in ax.get_lines()]
    edges = [line for line in lines if len(line) == 2 and np.abs(line[0] - line[1]).sum() == 1 and line.max() == 1]
    edges = [line for line in edges if set(line.ravel()) <= {0, 1}]
    assert len(edges) == 12
    markers = [line for line in ax.get_lines() if line.get_marker() in "os"]
    np.testing.assert_allclose([np.array(line.get_data_3d()).ravel() for line in markers], CODES)
    assert [line.get_marker() for line in markers] == ["s", "s", "o"]
    colours = [to_rgba(line.get_color()) for line in markers]
    assert colours == [to_rgba(c) for c in (embedding.SHARED, embedding.SHARED, embedding.SOLE)]
    assert [text.get_text() for text in ax.texts] == ["a", "b", "c"]


def test_the_words_say_what_the_cube_shows():
    words = viz.describe_cube(CODES, ["a", "b", "c"])
    assert "a at 100, b at 100, c at 011" in words
    assert words.endswith("1 of 3.")


@pytest.mark.parametrize("codes", [np.zeros((4, 2)), np.full((2, 3), 1.1), np.zeros(3)])
def test_what_is_no_code_of_a_cube_is_refused(codes):
    with pytest.raises(ValueError, match="codes must have shape"):
        viz.code_cube(codes)


def test_chosen_points_keep_their_distance_and_the_first_comes_first():
    points = np.random.default_rng(0).random((300, 2))
    chosen = embedding.spread_out(points, 0.2)
    apart = np.abs(points[chosen][:, None] - points[chosen][None]).max(axis=-1) + np.eye(len(chosen))
    assert apart.min() >= 0.2
    assert chosen[0] == 0
    left_out = np.setdiff1d(np.arange(300), chosen)
    assert np.abs(points[left_out][:, None] - points[chosen][None]).max(axis=-1).min(axis=1).max() < 0.2


def test_an_image_lies_where_its_code_is():
    images = np.zeros((3, 1, 4, 6))
    images[:, 0, 0, 0] = 1  # ink in the upper left pixel
    points = np.array([[0, 0], [3, 0], [0, 3]])
    ax = viz.images_at(points, images, [0, 1, 2], across=4)
    picture = ax.get_images()[0]
    canvas = np.asarray(picture.get_array())
    assert canvas.shape == (16, 24, 3)
    for (row, column), label in {(12, 0): 0, (12, 18): 1, (0, 0): 2}.items():
        np.testing.assert_allclose(canvas[row, column], embedding.CLASS_COLOURS[label])
    assert (canvas.min(axis=-1) < 1).sum() == 3
    np.testing.assert_allclose(picture.get_extent(), (-0.5, 3.5, -0.5, 3.5))  # so the middle of an image is its point


def test_without_labels_ink_is_black_and_overlapping_images_are_left_out():
    ax = viz.images_at([[0, 0], [0.1, 0], [3, 3]], np.full((3, 2, 2), 0.5), across=4)
    canvas = np.asarray(ax.get_images()[0].get_array())
    assert (canvas == 0.5).all(axis=-1).sum() == 8


@pytest.mark.parametrize(("points", "labels"), [(np.zeros((2, 2)), None), (np.zeros((3, 2)), [0, 1])])
def test_numbers_that_differ_are_refused(points, labels):
    with pytest.raises(ValueError, match="one point"):
        viz.images_at(points, np.zeros((3, 2, 2)), labels)


def test_an_eleventh_class_is_refused():
    with pytest.raises(ValueError, match="from 0 to 9"):
        viz.images_at(np.eye(2), np.zeros((2, 2, 2)), [0, 10])
