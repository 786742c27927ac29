"""Outlines as targets, regions that do not overlap, and scores that count what they say."""

import itertools

import numpy as np
import pytest
from scipy import ndimage

from coursekit import data
from coursekit.data import masks

rng = np.random.default_rng(0)


def test_regions_do_not_touch():
    rows = sorted(masks.ROWS.values(), key=lambda region: region.start)
    for above, below in itertools.pairwise(rows):
        assert below.start - above.stop == 16
    assert rows[-1].stop == 512


def test_regions_are_views_of_image_and_mask():
    nuclei = data.nuclei()
    for name, part in masks.regions(nuclei).items():
        np.testing.assert_array_equal(part.image, nuclei.image[masks.ROWS[name]])
        np.testing.assert_array_equal(part.mask, nuclei.mask[masks.ROWS[name]])
        assert all(side % 8 == 0 for side in part.mask.shape)  # U-Nets with three halvings need no padding


def test_hardly_a_nucleus_lies_in_two_regions():
    parts = [set(np.unique(part.mask)) - {0} for part in masks.regions(data.nuclei()).values()]
    assert len(parts[0] & parts[1]) + len(parts[1] & parts[2]) <= 3
    assert not parts[0] & parts[2]


@pytest.mark.parametrize("width", [1, 2, 3])
def test_insides_of_different_objects_never_touch(width):
    mask = data.nuclei().mask
    classes = masks.inside_and_edge(mask, width)
    assert set(np.unique(classes)) == {masks.BACKGROUND, masks.INSIDE, masks.EDGE}
    np.testing.assert_array_equal(classes == masks.BACKGROUND, mask == 0)
    numbered, count = ndimage.label(classes == masks.INSIDE, structure=np.ones((3, 3)))
    for number in range(1, count + 1):
        assert len(np.unique(mask[numbered == number])) == 1


def test_the_border_of_the_image_is_no_edge():
    assert (masks.inside_and_edge(np.ones((5, 5), int)) == masks.INSIDE).all()


def test_iou():
    a, b = rng.integers(2, size=(2, 20, 20)).astype(bool)
    assert masks.iou(a, a) == 1
    assert masks.iou(a, ~a) == 0
    assert masks.iou(a, b) == masks.iou(b, a) == (a & b).sum() / (a | b).sum()
    assert masks.iou(np.zeros(3, bool), np.zeros(3, bool)) == 1


def test_objects_come_back_from_their_classes():
    mask = data.nuclei().mask
    pairs, found, true = masks.matched(masks.objects(masks.inside_and_edge(mask)), mask)
    assert true == 125
    assert pairs >= 115  # the smallest have hardly an inside
    assert found >= pairs


def test_small_insides_are_dropped():
    classes = np.zeros((9, 20), int)
    classes[2:4, 2:4] = classes[2:7, 10:15] = masks.INSIDE
    for smallest, kept in [(4, 2), (5, 1), (100, 0)]:
        assert len(np.unique(masks.objects(classes, smallest))) - 1 == kept


def brute_force(found, true, least):
    pairs = 0
    for a in set(np.unique(found)) - {0}:
        pairs += any(masks.iou(found == a, true == b) > least for b in set(np.unique(true)) - {0})
    return pairs, len(set(np.unique(found)) - {0}), len(set(np.unique(true)) - {0})


@pytest.mark.parametrize("least", [0.5, 0.7])
def test_matched_counts_as_brute_force_does(least):
    for _ in range(20):
        true = np.kron(rng.integers(4, size=(5, 5)), np.ones((4, 4), int))
        found = np.where(rng.random(true.shape) < 0.85, true, rng.integers(5, size=true.shape)) * 3
        assert masks.matched(found, true, least) == brute_force(found, true, least)


def test_below_one_half_partners_are_not_unique():
    with pytest.raises(ValueError, match=r"least: got 0\.3"):
        masks.matched(np.zeros((2, 2), int), np.zeros((2, 2), int), least=0.3)


def test_uneven_light():
    image = np.full((64, 64), 0.5, np.float32)
    lit = masks.uneven_light(image, np.random.default_rng(1))
    assert lit.dtype == np.float32
    np.testing.assert_array_equal(lit, masks.uneven_light(image, np.random.default_rng(1)))
    corners = [lit[:8, :8], lit[:8, -8:], lit[-8:, :8], lit[-8:, -8:]]
    assert max(c.mean() for c in corners) > min(c.mean() for c in corners) + 0.2
    assert abs(np.diff(lit, axis=1).std() / np.sqrt(2) - 0.1) < 0.01
