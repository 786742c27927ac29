"""The confusion matrix shows what was taken for what."""

import numpy as np
import pytest

from coursekit import viz


def numbers(ax, k):
    return np.array([int(text.get_text() or 0) for text in ax.texts]).reshape(k, k)


def test_rows_are_true_classes_and_columns_are_answers():
    (ax,) = viz.confusion_matrix([0, 0, 0, 1, 2], [1, 1, 0, 1, 0], ["a", "b", "c"]).axes
    assert numbers(ax, 3).tolist() == [[1, 2, 0], [0, 1, 0], [1, 0, 0]]
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("true class", "answer")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]


def test_the_numbers_are_those_of_the_definition_on_random_labels():
    rng = np.random.default_rng(0)
    labels, predictions = rng.integers(0, 4, (2, 200))
    (ax,) = viz.confusion_matrix(labels, predictions, "abcd").axes
    expected = [[np.sum((labels == i) & (predictions == j)) for j in range(4)] for i in range(4)]
    np.testing.assert_array_equal(numbers(ax, 4), expected)


def test_only_mistakes_are_coloured():
    (ax,) = viz.confusion_matrix([0] * 9 + [1, 1], [0] * 9 + [1, 0], ["a", "b"]).axes
    (image,) = ax.get_images()
    np.testing.assert_array_equal(image.get_array(), [[0, 0], [1, 0]])
    assert [ax.texts[i].get_color() for i in (0, 3)] == ["gray", "gray"]


def test_no_mistake_and_no_example_can_be_drawn():
    for labels in ([0, 1], []):
        (ax,) = viz.confusion_matrix(np.array(labels, int), np.array(labels, int), ["a", "b"]).axes
        assert ax.get_images()[0].get_clim() == (0, 1)


@pytest.mark.parametrize(("labels", "predictions"), [([0, 1], [0]), ([0, 2], [0, 1]), ([0, 1], [-1, 1])])
def test_what_cannot_be_counted_is_refused(labels, predictions):
    with pytest.raises(ValueError, match=r"predictions|labels"):
        viz.confusion_matrix(labels, predictions, ["a", "b"])
