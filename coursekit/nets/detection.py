"""Finding digits in scenes: a network that proposes boxes, and one that says what is in them, on the same maps.

Ren, He, Girshick and Sun, "Faster R-CNN: towards real-time object detection with region proposal networks" (NIPS 2015),
small. Boxes are (left, top, right, bottom) in pixels. Taught in the chapter on other tasks.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torchvision import ops

SIDE, STRIDE = 64, 8  # of a scene; pixels between two places of the map
SIZES = (18, 24, 30)  # sides of the anchors at each place


class Detector(nn.Module):
    """Proposals and classes from one trunk."""

    def __init__(self):
        super().__init__()
        layers = []
        for channels, out in [(1, 16), (16, 32), (32, 48)]:
            layers.append(nn.Conv2d(channels, out, 3, padding=1))
            layers += [nn.BatchNorm2d(out), nn.ReLU(), nn.MaxPool2d(2)]
        self.trunk = nn.Sequential(*layers)
        self.near = nn.Conv2d(48, 48, 3, padding=1)
        self.object = nn.Conv2d(48, 3, 1)  # a score for each anchor
        self.shift = nn.Conv2d(48, 12, 1)  # four numbers for each
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Linear(48 * 4 * 4, 64),
            nn.ReLU(),
            nn.Linear(64, 11),  # 0 is "nothing", digit d is d + 1
        )

    def propose(self, maps):
        """Judge every anchor: maps (N, 48, 8, 8) to scores (N, 192) and shifts (N, 192, 4)."""
        near = self.near(maps).relu()
        scores = self.object(near).flatten(1)
        shifts = self.shift(near).unflatten(1, (3, 4))
        shifts = shifts.permute(0, 1, 3, 4, 2).flatten(1, 3)
        return scores, shifts  # (N, 192), (N, 192, 4)

    def classify(self, maps, boxes):
        """Classify what is in boxes, a list of one (n, 4) for each image: logits (n + …, 11)."""
        scale = 1 / STRIDE  # from pixels to places of the map
        regions = ops.roi_align(maps, boxes, 4, spatial_scale=scale)
        return self.head(regions)


def digit_detector(nn):
    """Build a `Detector`: scenes (N, 1, 64, 64), boxes and digits out.

    Parameters
    ----------
    nn : torch.nn
        It needs torchvision's `roi_align`, which the scratch backend does not have.

    Raises
    ------
    ValueError
        If `nn` is not PyTorch's.
    """
    if not nn.__name__.startswith("torch"):
        raise ValueError(f"nn: got {nn.__name__}; a detector needs torch.nn")
    return Detector()


def anchors():
    """Squares of three sizes around each of the 8 × 8 places of the map.

    Returns
    -------
    torch.Tensor, shape (192, 4)
        Size after size, row after row: the order of what `Detector.propose` returns.

    Examples
    --------
    >>> anchors().shape
    torch.Size([192, 4])
    """
    centre = torch.arange(SIDE // STRIDE) * STRIDE + STRIDE / 2
    cy, cx = torch.meshgrid(centre, centre, indexing="ij")
    half = torch.tensor(SIZES)[:, None, None] / 2
    return torch.stack([cx - half, cy - half, cx + half, cy + half], dim=3).reshape(-1, 4)


def centre_and_side(boxes):
    """Boxes (…, 4) as centres and sides, (…, 2) each."""
    low, high = boxes[..., :2], boxes[..., 2:]
    return (low + high) / 2, high - low


def to_shifts(boxes, anchors):
    """Say how to move and stretch anchors to get boxes: (…, 4)."""
    (c, s), (ca, sa) = centre_and_side(boxes), centre_and_side(anchors)
    return torch.cat([(c - ca) / sa, (s / sa).log()], dim=-1)


def from_shifts(shifts, anchors):
    """Move and stretch anchors, by at most a factor of e² either way: (…, 4)."""
    ca, sa = centre_and_side(anchors)
    c = ca + shifts[..., :2] * sa
    s = sa * shifts[..., 2:].clamp(-2, 2).exp()
    return torch.cat([c - s / 2, c + s / 2], dim=-1)


def anchor_targets(boxes):
    """Say of every anchor: is it an object (1), nothing (0), or not asked (−1)? And its shifts to the nearest box."""
    overlap = ops.box_iou(anchors(), boxes)
    best, which = overlap.max(dim=1)
    best[overlap.argmax(dim=0)] = 1  # every object has an anchor
    label = torch.where(best < 0.3, 0.0, -1.0)
    label[best > 0.5] = 1
    return label, to_shifts(boxes[which], anchors())


def boxes_to_classify(boxes, classes, generator):
    """Draw boxes near objects and boxes from anywhere, with their classes; 0 where there is no object."""
    side = boxes[:, 2:] - boxes[:, :2]
    noise = torch.randn(2 * len(boxes), 4, generator=generator)
    moved = boxes.repeat(2, 1) + 0.06 * noise * side.repeat(2, 2)
    pick = torch.randint(len(anchors()), (8,), generator=generator)
    tried = torch.cat([moved, anchors()[pick]])
    best, which = ops.box_iou(tried, boxes).max(dim=1)
    label = torch.tensor(classes)[which] + 1
    return tried, torch.where(best > 0.5, label, 0)


def detection_losses(model, scenes, generator):
    """The three losses of a batch: object or not, how to shift, which class.

    Parameters
    ----------
    model : Detector
    scenes : list of coursekit.data.scenes.Scene
    generator : torch.Generator

    Returns
    -------
    list of torch.Tensor, shape ()
    """
    boxes = [torch.from_numpy(scene.boxes) for scene in scenes]
    images = [torch.from_numpy(scene.image) for scene in scenes]
    maps = model.trunk(torch.stack(images))
    scores, shifts = model.propose(maps)
    wanted = [anchor_targets(some) for some in boxes]
    label = torch.stack([label for label, _ in wanted])
    target = torch.stack([shifts for _, shifts in wanted])
    asked, is_object = label >= 0, label == 1
    found = F.binary_cross_entropy_with_logits(scores[asked], label[asked])
    moved = F.smooth_l1_loss(shifts[is_object], target[is_object])
    tried = [boxes_to_classify(some, scene.classes, generator) for some, scene in zip(boxes, scenes, strict=True)]
    logits = model.classify(maps, [some for some, _ in tried])
    named = F.cross_entropy(logits, torch.cat([c for _, c in tried]))
    return [found, moved, named]
