"""Pages of patches: what stands where, and that zero stays grey."""

import numpy as np
import pytest

from coursekit import viz
from coursekit.viz.excitations import mosaic


def drawn(ax):
    (image,) = ax.get_images()
    return np.asarray(image.get_array())


def test_zero_is_grey_and_nothing_looks_like_something():
    dead = viz.centred(np.zeros((2, 3, 4, 4)))
    assert (dead == 0.5).all()
    one_sided = viz.centred(np.linspace(0, 2, 48).reshape(1, 3, 4, 4), share=1)
    assert one_sided.min() == 0.5  # a scale from smallest to largest would paint the zero black
    assert one_sided.max() == 1
    tiny = viz.centred(1e-12 * np.ones((1, 3, 2, 2)))
    assert (tiny == 1).all()  # but each picture has its own scale


def test_a_few_extreme_numbers_do_not_make_the_rest_pale():
    values = np.ones((1, 1, 40, 40))
    values[0, 0, 0, 0] = 1000
    assert viz.centred(values)[0, 0, 5, 5] == 1


def test_a_mosaic_has_its_pictures_in_reading_order():
    pictures = np.arange(5.0)[:, None, None, None] / 10 * np.ones((5, 3, 2, 2))
    result = mosaic(pictures, columns=3, gap=1)
    assert result.shape == (5, 8, 3)
    assert [result[0, 0, 0], result[0, 3, 0], result[0, 6, 0], result[3, 0, 0], result[3, 3, 0]] == [
        0,
        0.1,
        0.2,
        0.3,
        0.4,
    ]
    assert (result[3:, 6:] == 1).all()
    assert (result[2] == 1).all()


def test_a_page_has_patches_beside_projections():
    patches = np.random.default_rng(0).uniform(size=(3, 4, 3, 5, 6))
    back = np.zeros((3, 4, 3, 5, 6))
    figure = viz.excitations(patches, back, ["a", "b", "c"], columns=2, across=2)
    assert len(figure.axes) == 6
    np.testing.assert_array_equal(drawn(figure.axes[2]), mosaic(patches[1], 2))
    assert set(np.unique(drawn(figure.axes[3]))) == {0.5, 1.0}
    assert len(viz.excitations(patches).axes) == 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: viz.excitations(np.zeros((2, 9, 3, 4, 4)), titles=["one"]), "titles: got 1 for 2 units"),
        (
            lambda: viz.excitations(np.zeros((2, 9, 3, 4, 4)), np.zeros((1, 9, 3, 4, 4))),
            "projections: got 1 for 2 units",
        ),
        (lambda: mosaic(np.zeros((4, 2, 3, 3))), r"expected shape \(N, 1 or 3, H, W\), got \(4, 2, 3, 3\)"),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
