"""Maps of classifiers: the colours are those of the classes, and the words say the same as the picture."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from coursekit import viz
from coursekit.viz import regions

X = np.array([[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]])
y = np.array([0, 1, 0, 1])


def right_half(points):
    return (points[:, 0] > 0).astype(int)


def upper_half(points):
    return (points[:, 1] > 0).astype(int)


def test_each_place_has_the_colour_of_its_class():
    ax = viz.decision_regions(upper_half, X, y, extent=(-2, 2, -1, 3), resolution=40)
    picture = np.asarray(ax.get_images()[0].get_array())
    assert picture.shape == (40, 40, 3)
    for rows, colour in [(picture[:10], regions.COLOURS[0]), (picture[10:], regions.COLOURS[1])]:
        np.testing.assert_allclose(rows, np.broadcast_to(1 - 0.3 * (1 - np.array(to_rgb(colour))), rows.shape))
    assert ax.get_images()[0].origin == "lower"
    assert ax.get_xlim() == (-2, 2)
    assert ax.get_ylim() == (-1, 3)


def test_examples_keep_their_true_colour_and_mistakes_have_a_black_edge():
    ax = viz.decision_regions(upper_half, X, y)
    found = {}
    for points in ax.collections:
        for place in points.get_offsets():
            found[tuple(map(float, place))] = points.get_facecolor()[0][:3], points.get_edgecolor()[0][:3]
    for place, k in zip(X, y, strict=True):
        face, edge = found[tuple(map(float, place))]
        np.testing.assert_allclose(face, to_rgb(regions.COLOURS[k]))
        right = upper_half(place[None])[0] == k
        np.testing.assert_allclose(edge, (1, 1, 1) if right else (0, 0, 0))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["class 0", "class 1"]


def test_a_class_that_is_always_wrong_is_in_the_legend_too():
    ax = viz.decision_regions(lambda points: np.zeros(len(points), int), X, y)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["class 0", "class 1"]


def test_the_words_count_mistakes_and_area():
    assert viz.describe_regions(right_half, X, y).endswith("All 4 examples lie in their own colour.")
    text = viz.describe_regions(upper_half, X, y, extent=(-2, 2, -1, 3))
    assert "class 0 has 25 % of the area, class 1 has 75 %." in text
    assert text.endswith("2 of 4 examples lie in another colour than their own.")


@pytest.mark.parametrize(
    ("predict", "X", "y", "message"),
    [
        (right_half, X[:, :1], y, r"\(4, 1\) and \(4,\)"),
        (right_half, X, y[:3], r"\(4, 2\) and \(3,\)"),
        (right_half, X, y + 8, "y: classes must lie from 0 to 7"),
        (lambda points: points, X, y, "one class for each"),
        (lambda points: points[:, 0], X, y, "integers from 0 to 7, got float64"),
        (lambda points: np.full(len(points), -1), X, y, "predict: classes must lie"),
    ],
)
def test_what_does_not_fit_is_refused(predict, X, y, message):
    with pytest.raises(ValueError, match=message):
        viz.decision_regions(predict, X, y)


@pytest.mark.parametrize("lines", [1, 2, 3, 6])
def test_lines_in_general_position_cut_the_plane_into_the_known_number_of_pieces(lines):
    angle = np.pi * (np.arange(lines) + 0.3) / lines
    shift = 1 + 0.1 * np.random.default_rng(0).random(lines)

    def pattern(points):
        return points @ np.array([np.cos(angle), np.sin(angle)]) > shift

    _, ax = plt.subplots()
    count = regions.linear_regions(pattern, (-9, 9, -9, 9), ax=ax)
    assert count == 1 + lines + lines * (lines - 1) // 2
    colours = np.unique(np.asarray(ax.get_images()[0].get_array()).reshape(-1, 3), axis=0)
    assert len(colours) == count


def test_more_than_eight_units_are_told_apart():
    assert regions.linear_regions(lambda points: points[:, :1] > np.arange(-8, 9), (-10, 10, -1, 1)) == 18
