"""Boxes from grouped regions: the objects are among them, and nothing is proposed that should have been dropped."""

import numpy as np
import pytest
import torch
from torchvision import ops

from coursekit.transfer.proposals import grouped, proposals


def scene():
    image = np.full((120, 160, 3), 40, np.uint8)
    image[20:70, 20:60] = (200, 40, 40)
    image[50:110, 90:140] = (40, 60, 220)
    return image


def test_objects_of_one_colour_are_among_the_proposals():
    true = torch.tensor([[20.0, 20, 60, 70], [90, 50, 140, 110]])
    assert ops.box_iou(true, proposals(scene())).amax(1).min() > 0.8


def test_an_object_of_two_halves_is_proposed_whole():
    image = scene()
    image[20:45, 20:60] = (230, 90, 60)  # its upper half, a little lighter
    assert ops.box_iou(torch.tensor([[20.0, 20, 60, 70]]), proposals(image)).max() > 0.8


def test_proposals_are_large_enough_not_too_long_and_not_alike():
    boxes = proposals(scene(), smallest=0.2, longest=2, alike=0.5)
    width, height = (boxes[:, 2:] - boxes[:, :2]).unbind(1)
    assert torch.minimum(width, height).min() > 0.2 * 160
    assert torch.maximum(width / height, height / width).max() < 2
    overlap = ops.box_iou(boxes, boxes).fill_diagonal_(0)
    assert overlap.max() <= 0.5 + 1e-6
    assert (width * height).diff().max() <= 0  # large ones first


def test_grouping_ends_with_the_whole_image():
    patches = np.repeat(np.arange(3), 4)[None].repeat(6, axis=0)
    image = np.zeros((6, 12, 3))
    image[:, 8:] = 1  # the first two patches look alike
    assert grouped(image, patches) == {
        (0, 0, 4, 6),
        (4, 0, 8, 6),
        (8, 0, 12, 6),
        (0, 0, 8, 6),
        (0, 0, 12, 6),
    }


def test_a_grey_image_is_refused():
    with pytest.raises(ValueError, match=r"image: got an array of shape \(8, 8\)"):
        proposals(np.zeros((8, 8), np.uint8))
