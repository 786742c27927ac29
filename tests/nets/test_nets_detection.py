"""The detector of digits: anchors, shifts there and back, what an anchor should answer, and what the network finds."""

import numpy as np
import pytest
import torch
from torchvision import ops

from coursekit import data, nets, scratch
from coursekit.data.scenes import digit_scene
from coursekit.nets import detection


def test_anchors_stand_where_the_map_looks():
    squares = detection.anchors().view(3, 8, 8, 4)
    centre, side = detection.centre_and_side(squares)
    assert centre[1, 2, 5].tolist() == [44, 20]  # x, then y
    assert side[:, 0, 0, 0].tolist() == [18, 24, 30]


def test_shifts_and_back():
    boxes = detection.anchors() + torch.tensor([1.0, -2, 3, 1])
    shifts = detection.to_shifts(boxes, detection.anchors())
    torch.testing.assert_close(detection.from_shifts(shifts, detection.anchors()), boxes)


def test_the_order_of_scores_is_that_of_anchors():
    model = detection.Detector().eval()
    with torch.no_grad():
        maps = model.trunk(torch.rand(1, 1, 64, 64))
        scores, shifts = model.propose(maps)
        near = model.near(maps).relu()
        one = model.object(near)[0, 1, 2, 5]
        four = model.shift(near)[0, 4:8, 2, 5]
    at = 64 + 8 * 2 + 5
    assert scores[0, at] == one
    assert torch.equal(shifts[0, at], four)


def test_every_object_has_an_anchor_and_unsure_ones_are_not_asked():
    boxes = torch.tensor([[1.0, 1, 13, 13]])  # too small for any anchor to overlap by half
    label, _ = detection.anchor_targets(boxes)
    assert (label == 1).sum() == 1
    label, shifts = detection.anchor_targets(detection.anchors()[70:71])
    assert label[70] == 1
    assert shifts[70].abs().max() == 0
    overlap = ops.box_iou(detection.anchors(), detection.anchors()[70:71])[:, 0]
    assert (label[(overlap >= 0.3) & (overlap <= 0.5)] == -1).all()


def test_nothing_has_the_label_0():
    generator = torch.Generator().manual_seed(0)
    boxes = torch.tensor([[10.0, 10, 34, 34]])
    tried, label = detection.boxes_to_classify(boxes, [0], generator)
    overlap = ops.box_iou(tried, boxes)[:, 0]
    assert ((label == 1) == (overlap > 0.5)).all()  # digit 0 is 1
    assert set(label.tolist()) == {0, 1}


def test_the_trained_one_finds_most_digits():
    model, rng = nets.trained("digit-scenes", torch.nn), np.random.default_rng(5)
    scenes = [digit_scene(data.load("mnist", "test"), rng) for _ in range(40)]
    right = total = 0
    for scene in scenes:
        with torch.no_grad():
            maps = model.trunk(torch.from_numpy(scene.image)[None])
            scores, shifts = model.propose(maps)
            boxes = detection.from_shifts(shifts[0], detection.anchors())[scores[0].topk(20).indices]
            label = model.classify(maps, [boxes]).argmax(1)
        overlap, which = ops.box_iou(torch.from_numpy(scene.boxes), boxes).max(1)
        right += ((overlap > 0.5) & (label[which] == torch.tensor(scene.classes) + 1)).sum().item()
        total += len(scene.classes)
    assert right / total > 0.75


def test_it_needs_pytorch():
    with pytest.raises(ValueError, match=r"needs torch\.nn"):
        nets.digit_detector(scratch.nn)
