"""Pictures in the manner of others: what a Gram matrix keeps, and that pixels alone move."""

import pytest
import torch
from torch import nn

from coursekit.transfer.style import gram, layers_of, restyle, style_distance


class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.normalise = nn.Identity()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(inplace=True), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(inplace=True)
        )


def test_a_gram_matrix_forgets_places():
    maps = torch.randn(1, 5, 4, 6, dtype=torch.float64)
    shuffled = maps.flatten(2)[:, :, torch.randperm(24)].reshape(maps.shape)
    torch.testing.assert_close(gram(shuffled), gram(maps))
    assert gram(2 * maps)[0, 0] == pytest.approx(4 * gram(maps)[0, 0].item())


def test_a_rectifier_in_place_does_not_overwrite_what_is_below():
    found = layers_of(Judge(), torch.randn(1, 3, 8, 8), 3)
    assert len(found) == 4
    assert (found[0] < 0).any()
    assert (found[1] >= 0).all()


def test_distances_are_relative():
    maps = layers_of(Judge(), torch.rand(1, 3, 8, 8), 1)
    assert style_distance(maps, {1: gram(maps[1])}).item() == 0
    assert style_distance([None, 0 * maps[1]], {1: gram(maps[1])}).item() == pytest.approx(1)


def test_the_style_comes_and_the_network_stays():
    torch.manual_seed(1)
    net, content, style = Judge(), torch.rand(1, 3, 16, 16), torch.rand(1, 3, 12, 12) ** 4
    before = [parameter.clone() for parameter in net.parameters()]
    frames = restyle(net, content, style, style_layers=[1], content_layer=3, weight=100, steps=10)
    wanted = {1: gram(layers_of(net, style, 1)[1])}
    away = [style_distance(layers_of(net, frame, 1), wanted).item() for frame in (frames[0], frames[-1])]
    assert len(frames) == 11
    assert away[1] < 0.3 * away[0]
    assert torch.equal(frames[0], content)
    for old, parameter in zip(before, net.parameters(), strict=True):
        assert torch.equal(old, parameter)
        assert parameter.grad is None


def test_without_weight_nothing_changes():
    net, content = Judge(), torch.rand(1, 3, 8, 8)
    settings = {"style_layers": [1], "content_layer": 3, "weight": 0, "steps": 2}
    torch.testing.assert_close(restyle(net, content, torch.rand(1, 3, 8, 8), **settings)[-1], content)


def test_no_style_layer():
    with pytest.raises(ValueError, match="style_layers: got none"):
        restyle(Judge(), torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8), style_layers=[], content_layer=1, weight=1)
