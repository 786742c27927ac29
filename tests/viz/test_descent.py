"""A path lies where the descent went, over contours of the loss, and the words tell its fate."""

import numpy as np
import pytest

from coursekit.viz.descent import descent_paths, describe_path


def bowl(x, y):
    return x**2 / 2 + 5 * y**2


def descend(lr, steps=30):
    path = [np.array([-4.0, 1.0])]
    for _ in range(steps):
        path.append(path[-1] * (1 - lr * np.array([1.0, 10.0])))
    return np.array(path)


def test_the_paths_are_drawn_where_they_went_and_start_at_a_disc():
    a, b = descend(0.05), descend(0.15)
    ax = descent_paths(bowl, {"slow": a, "fast": b}, xlim=(-5, 5), ylim=(-2, 2))
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), a)
    np.testing.assert_array_equal(ax.lines[1].get_xydata(), a[:1])
    np.testing.assert_array_equal(ax.lines[2].get_xydata(), b)
    assert ax.lines[0].get_color() == ax.lines[1].get_color() != ax.lines[2].get_color()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["slow", "fast"]


def test_contours_join_places_of_one_height():
    ax = descent_paths(bowl, {"": descend(0.1)}, xlim=(-5, 5), ylim=(-2, 2), levels=5)
    contours = ax.collections[0]
    assert len(contours.levels) == 5
    for level, path in zip(contours.levels[:-1], contours.get_paths(), strict=False):
        np.testing.assert_allclose(bowl(*path.vertices.T), level, rtol=0.02)
    assert ax.get_legend() is None


def test_a_path_that_runs_away_does_not_widen_the_picture():
    ax = descent_paths(bowl, {"": descend(0.25)}, xlim=(-5, 5), ylim=(-2, 2))
    assert ax.get_xlim() == (-5, 5)
    assert ax.get_ylim() == (-2, 2)


def test_words_for_a_path_that_arrives_zigzags_or_runs_away():
    assert "w1 changes its side 0 times, w2 0 times" in describe_path(descend(0.05))
    zigzag = describe_path(descend(0.15, steps=40))
    assert "arrives at step" in zigzag
    assert "w2 40 times" in zigzag
    assert "not arrived" in describe_path(descend(0.01))
    assert describe_path(descend(0.25)).startswith("It runs away")
    with np.errstate(all="ignore"):
        assert describe_path([[1, 1], [np.inf, 2]]).startswith("It runs away")


def test_the_step_of_arrival_is_the_first_after_which_it_stays_near():
    path = [[10, 0], [0.1, 0], [3, 0], [0.2, 0], [0.1, 0]]
    assert "arrives at step 3;" in describe_path(path)


def test_another_minimum():
    assert describe_path([[1, 1], [3, 4]], minimum=(3, 4)).startswith("After 1 steps 0 from")


@pytest.mark.parametrize("path", [[1, 2], np.zeros((3, 3)), np.zeros((0, 2))])
def test_a_path_of_another_shape_is_refused(path):
    with pytest.raises(ValueError, match="shape"):
        describe_path(path)
