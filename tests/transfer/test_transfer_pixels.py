"""A label for every pixel from the layers of a trained network."""

import pytest
import torch
from torch import nn

from coursekit.transfer.pixels import pixel_features, pixel_head


class Trunk(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.normalise = nn.Identity()
        self.features = nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, padding=1)
        )


def test_features_are_those_of_the_layers_at_full_size():
    trunk, images = Trunk(), torch.rand(2, 3, 8, 12)
    x = pixel_features(trunk, images, ends=[1, 3])
    assert x.shape == (2, 10, 8, 12)
    torch.testing.assert_close(x[:, :4], trunk.features[:2](images).detach())
    assert not x.requires_grad


def test_grey_images_are_used_for_all_colours():
    trunk, grey = Trunk(), torch.rand(1, 1, 8, 8)
    colour = grey.expand(-1, 3, -1, -1)
    torch.testing.assert_close(pixel_features(trunk, grey, [1]), pixel_features(trunk, colour, [1]))


def test_a_head_learns_what_a_linear_layer_can():
    torch.manual_seed(0)
    x = 5 + 3 * torch.randn(2, 4, 16, 16)  # neither centred nor scaled
    classes = (x[:, 0] > x[:, 1]).long()
    head = pixel_head(x, classes, steps=200)
    assert head(x).shape == (2, 2, 16, 16)
    assert (head(x).argmax(1) == classes).float().mean() > 0.95


def test_weights_of_classes_move_the_border():
    torch.manual_seed(0)
    x = torch.randn(1, 1, 32, 32)
    classes = (x[:, 0] + torch.randn(1, 32, 32) > 1).long()
    plain, weighted = (
        (pixel_head(x, classes, weight=weight)(x).argmax(1) == 1).float().mean()
        for weight in (None, torch.tensor([1.0, 5.0]))
    )
    assert weighted > plain + 0.1


@pytest.mark.parametrize("seed", [0, 1])
def test_a_seed_gives_the_same_head(seed):
    x, classes = torch.randn(1, 3, 8, 8), torch.randint(2, (1, 8, 8))
    first, second = (pixel_head(x, classes, steps=5, seed=seed)[1].weight for _ in range(2))
    torch.testing.assert_close(first, second)
