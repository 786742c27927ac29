"""The line of a linear unit lies where its score is zero, its sides are the right ones, and words say the same."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from coursekit.viz.linear import NEGATIVE, POSITIVE, decision_line, describe_line

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
AND = [-1, -1, -1, 1]


def line(ax):
    (found,) = ax.lines
    return np.array([found.get_xy1(), found.get_xy2()])


@pytest.mark.parametrize("weights", [[2, 2, -3], [-1, 3, 0.5], [0, 5, -1], [0.01, 0, 0]])
def test_the_line_is_where_the_score_is_zero(weights):
    points = line(decision_line(weights))
    np.testing.assert_allclose(points @ weights[:2] + weights[2], 0, atol=1e-12)
    assert np.linalg.norm(points[1] - points[0]) == pytest.approx(1)


@pytest.mark.parametrize("weights", [[2, 2, -3], [-1, 3, 0.5], [0, 0, 4], [0, 0, -4]])
def test_the_colours_of_the_sides(weights):
    ax = decision_line(weights, xlim=(-3, 2), ylim=(0, 4))
    ax.figure.canvas.draw()
    sides = ax.collections[0]
    negative, positive = sides.get_paths()
    points = np.random.default_rng(0).uniform([-3, 0], [2, 4], size=(200, 2))
    z = points @ weights[:2] + weights[2]
    np.testing.assert_array_equal(positive.contains_points(points), z > 0)
    np.testing.assert_array_equal(negative.contains_points(points), z < 0)
    assert to_hex(sides.get_facecolor()[0]) == "#e3eef5"
    assert to_hex(sides.get_facecolor()[1]) == "#fbf0d8"


def test_the_arrow_points_to_the_positive_side():
    ax = decision_line([3, -1, 2])
    (arrow,) = ax.texts
    tip, foot = np.array(arrow.xy), np.array(arrow.xyann)
    assert foot @ [3, -1] + 2 == pytest.approx(0)
    assert tip @ [3, -1] + 2 > 0
    np.testing.assert_allclose(np.cross(np.append(tip - foot, 0), [3, -1, 0]), 0, atol=1e-12)
    assert not decision_line([3, -1, 2], arrow=False).texts


def test_examples_are_told_apart_by_form_and_colour():
    ax = decision_line([2, 2, -3], CORNERS, AND, ring=2)
    _, discs, squares, ring = ax.collections
    np.testing.assert_array_equal(discs.get_offsets(), [[1, 1]])
    np.testing.assert_array_equal(squares.get_offsets(), CORNERS[:3])
    np.testing.assert_array_equal(ring.get_offsets(), [[1, 0]])
    assert to_hex(discs.get_facecolor()[0]).upper() == POSITIVE
    assert to_hex(squares.get_edgecolor()[0]).upper() == NEGATIVE
    assert len(discs.get_paths()[0].vertices) != len(squares.get_paths()[0].vertices)


def test_without_weights_there_is_neither_line_nor_side():
    ax = decision_line([0, 0, 0], CORNERS, AND)
    assert not ax.lines
    assert not ax.texts
    assert len(ax.collections) == 2  # the examples


def test_an_axes_is_used_where_one_is_given():
    _, axes = plt.subplots(1, 2)
    assert decision_line([1, 1, -1], ax=axes[1]) is axes[1]
    assert not axes[0].lines


def test_words():
    assert describe_line([2, 2, -3], CORNERS, AND) == (
        "Positive side: (1, 1). Negative side: (0, 0), (0, 1), (1, 0). Wrong: none."
    )
    assert describe_line([0, 0, 0], CORNERS, AND) == (
        "Positive side: none. Negative side: none. No line, since both weights are zero; score 0: "
        "(0, 0), (0, 1), (1, 0), (1, 1). Wrong: (0, 0), (0, 1), (1, 0), (1, 1)."
    )
    assert describe_line([0, 0, 1], np.zeros((9, 2)), -np.ones(9)).endswith("Wrong: 9 examples.")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2],), r"shape \(3,\), not \(2,\)"),
        (([1, 2, 3], [[1, 2, 3]], [1]), r"\(N, 2\), not \(1, 3\)"),
        (([1, 2, 3], [[1, 2]], [1, 1]), r"X holds 1 examples, so y must have shape \(1,\)"),
    ],
)
def test_what_does_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        decision_line(*arguments)
