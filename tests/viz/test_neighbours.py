"""Photographs beside their neighbours, and on a map."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from coursekit.viz.embedding import CLASS_COLOURS
from coursekit.viz.neighbours import describe_neighbours, neighbour_rows, photographs_at

IMAGES = np.linspace(0, 1, 6)[:, None, None, None] * np.ones((6, 3, 4, 4))


def test_every_query_stands_beside_what_was_found():
    figure = neighbour_rows(IMAGES, [5, 0], {"near": [[4, 3, 2], [1, 2, 3]]})
    query, near = (ax.get_images()[0].get_array() for ax in figure.axes)
    assert query.shape == (8, 4, 3)
    np.testing.assert_allclose(near[0, ::4, 0], [0.8, 0.6, 0.4])
    np.testing.assert_allclose(near[4, ::4, 0], [0.2, 0.4, 0.6])
    plt.close(figure)


def test_a_row_is_missing():
    with pytest.raises(ValueError, match=r"groups: 'near' has shape \(1, 2\); give one row for each of 2"):
        neighbour_rows(IMAGES, [5, 0], {"near": [[4, 3]]})


def test_words():
    text = describe_neighbours([0, 1, 1], [0, 1], {"a": [[1], [2]], "b": [[2], [0]]}, ["cat", "dog"])
    assert text == "Neighbours by a: cat: dog; dog: dog. Neighbours by b: cat: dog; dog: cat."


def test_photographs_lie_at_their_points_in_the_colours_of_their_classes():
    points = np.array([[0, 0], [10, 0], [10.1, 0], [0, 10], [5, 5], [9, 9]], float)
    ax = photographs_at(points, IMAGES, labels=[0, 1, 2, 3, 4, 5], across=11)
    drawn = ax.get_images()
    assert len(drawn) == 5  # the third would cover the second
    left, right, bottom, top = drawn[1].get_extent()
    assert ((left + right) / 2, (bottom + top) / 2) == (10, 0)
    picture = drawn[1].get_array()
    np.testing.assert_allclose(picture[0, 0], to_rgb(CLASS_COLOURS[1]))
    np.testing.assert_allclose(picture[2, 2], 0.2)
    plt.close(ax.figure)


def test_grey_pictures_without_labels():
    ax = photographs_at([[0, 0], [1, 1]], np.full((2, 4, 4), 0.5), across=3)
    assert ax.get_images()[0].get_array().shape == (4, 4, 3)
    plt.close(ax.figure)


def test_one_point_for_each_image():
    with pytest.raises(ValueError, match="give one point"):
        photographs_at([[0, 0]], IMAGES)
