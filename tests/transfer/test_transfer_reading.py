"""Features: the right numbers, computed once, and again when anything about them changes."""

import numpy as np
import pytest
import torch
from torch import nn

from coursekit import nets, transfer
from coursekit.transfer import reading

IMAGES = np.random.default_rng(0).random((7, 3, 8, 8)).astype(np.float32)


@pytest.fixture(autouse=True)
def nothing_kept():
    transfer.forget_features()


def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Flatten(), nn.Linear(144, 2)
    )


def calls(model):
    counter = []
    model[0].register_forward_hook(lambda *_: counter.append(1))
    return counter


def test_they_are_what_the_layer_says_in_evaluation_mode():
    model = network().train()
    found = transfer.features(model, IMAGES, ["1", "4"], batch_size=3)
    with torch.no_grad():
        x = torch.from_numpy(IMAGES)
        model.eval()
        np.testing.assert_allclose(found["1"], model[:2](x).flatten(1), atol=1e-6)  # negative values, too
        np.testing.assert_allclose(found["4"], model[:5](x), atol=1e-6)


def test_the_model_is_left_as_it_was():
    model = network().train()
    model[0].weight.requires_grad_(False)
    before = transfer.snapshot(model)
    transfer.features(model, IMAGES, "5")
    assert transfer.what_moved(model, before) == {}
    assert all(module.training for module in model.modules())
    assert [p.requires_grad for p in model.parameters()] == [False] + 5 * [True]
    assert not model[5]._forward_hooks


def test_computed_once():
    model = network()
    counter = calls(model)
    first = transfer.features(model, IMAGES, "4")
    assert transfer.features(model, IMAGES.copy(), "4") is first
    assert transfer.features(model, IMAGES, ["4", "2"])["4"] is first
    assert len(counter) == 2
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 0


@pytest.mark.parametrize(
    "change",
    [
        lambda model, call: nn.init.zeros_(model[0].weight),
        lambda model, call: model[1].running_mean.add_(1),
        lambda model, call: call.update(images=IMAGES + 0.001),
        lambda model, call: call.update(images=IMAGES[:5]),
        lambda model, call: call.update(pool=2),
        lambda model, call: call.update(size=12),
    ],
)
def test_and_again_when_anything_changes(change):
    model = network()
    call = {"images": IMAGES}
    first = transfer.features(model, layers="2", **call)
    change(model, call)
    again = transfer.features(model, layers="2", **call)
    assert again.shape != first.shape or np.abs(again - first).max() > 1e-4


def test_only_as_far_as_needed():
    model = network()
    model[5].register_forward_hook(lambda *_: pytest.fail("the last layer is not asked for"))
    transfer.features(model, IMAGES, ["0", "2"])


def test_pooling_averages_and_leaves_small_maps_alone():
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.AdaptiveAvgPool2d(1))
    found = transfer.features(model, IMAGES, ["0", "1"], pool=2)
    assert {name: value.shape for name, value in found.items()} == {"0": (7, 16), "1": (7, 4)}
    np.testing.assert_allclose(found["0"].reshape(7, 4, 4).mean(2), found["1"], atol=1e-6)


def test_enlarging_is_that_of_prepared():
    model = nn.Sequential(nn.Identity())
    enlarged = transfer.features(model, IMAGES, "0", size=12)
    np.testing.assert_allclose(enlarged.reshape(7, 3, 12, 12), transfer.prepared(IMAGES, size=12), atol=1e-6)


def test_a_layer_used_twice_counts_with_its_first_use():
    relu = nn.ReLU()
    model = nn.Sequential(relu, nn.Conv2d(3, 2, 1), relu)
    np.testing.assert_array_equal(transfer.features(model, IMAGES, "0"), IMAGES.reshape(7, -1))


def test_the_oldest_go_first(monkeypatch):
    monkeypatch.setattr(reading, "_MOST_BYTES", 7 * 144 * 4 + 1)
    model = network()
    counter = calls(model)
    for layer in ("0", "2", "2", "0"):
        transfer.features(model, IMAGES, layer)
    assert len(counter) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layers": "9"}, r"layers: '9' is none of this network's; its layers are '0', '1'"),
        ({"pool": 0}, "pool: must be a whole number and at least 1, not 0"),
        ({"batch_size": None}, "batch_size: must be"),
        ({"images": IMAGES[0]}, r"images: expected at least one, in shape \(N, C, H, W\), got shape \(3, 8, 8\)"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        transfer.features(network(), **{"images": IMAGES, "layers": "4", **arguments})


def test_a_layer_that_is_not_used():
    class Forgetful(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.unused = nn.Identity(), nn.Identity()

        def forward(self, x):
            return self.used(x)

    with pytest.raises(ValueError, match="has a layer 'unused', but does not call it"):
        transfer.features(Forgetful(), IMAGES, "unused")


# Preparing images


def test_prepared_as_the_card_says():
    card = nets.card("cifar10-plain-8")
    mean, std = (np.array(card["normalisation"][key], np.float32)[:, None, None] for key in ("mean", "std"))
    np.testing.assert_allclose(transfer.prepared(IMAGES, card), (IMAGES - mean) / std, atol=1e-5)


def test_prepared_leaves_the_original_alone():
    images = IMAGES.copy()
    transfer.prepared(images, nets.card("cifar10-plain-8"))
    np.testing.assert_array_equal(images, IMAGES)


def test_grey_images_are_repeated():
    grey = transfer.prepared(IMAGES[:, :1], size=16, channels=3)
    assert grey.shape == (7, 3, 16, 16)
    np.testing.assert_array_equal(grey[:, 0], grey[:, 2])


@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        (IMAGES * 255, {}, r"expected values in \[0, 1\], got .* to 25\d. Divide bytes by 255"),
        (IMAGES - 0.5, {}, "do not normalise twice"),
        (IMAGES * np.nan, {}, "got nan to nan"),
        (IMAGES[:, :2], {"channels": 3}, "channels: only grey images can be repeated to 3, these have 2"),
        (IMAGES[:, :1], {"card": nets.card("cifar10-plain-8")}, "card: normalises 3 channels, the images have 1"),
        (IMAGES, {"card": {}}, r"card: has no 'normalisation'; expected the card of a network, nets.card\(name\)"),
    ],
)
def test_images_that_are_not_prepared(images, options, message):
    with pytest.raises(ValueError, match=message):
        transfer.prepared(images, **options)
