"""Feature maps as they were, receptive fields as the formula has them, and the patches that excite a unit most."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from coursekit import nets
from coursekit.counting import receptive_field
from coursekit.inside import feature_maps, field_of, strongest, trace_back
from coursekit.inside.patches import cut


def chain(*kernels, inplace=True):
    layers, channels = [], 1
    for kernel in kernels:
        layers += [nn.Conv2d(channels, 4, kernel, padding=kernel // 2), nn.ReLU(inplace)]
        channels = 4
    return nn.Sequential(*layers)


def test_maps_are_what_the_layer_gave_before_the_rectifier_wrote_into_them():
    model, x = chain(3, 3), torch.randn(2, 1, 8, 8)
    maps = feature_maps(model, x)
    assert list(maps) == ["0", "1", "2", "3"]
    with torch.no_grad():
        first = model[0](x)
    assert (first < 0).any()
    assert torch.equal(maps["0"], first)
    assert torch.equal(maps["1"], F.relu(first))
    assert not any(value.requires_grad for value in maps.values())


def test_a_layer_that_runs_twice_has_two_outputs():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.relu, self.spare = nn.Conv2d(1, 1, 3, padding=1), nn.ReLU(), nn.ReLU()

        def forward(self, x):
            return self.relu(self.conv(self.relu(self.conv(x))))

    model = Twice()
    assert list(feature_maps(model, torch.randn(1, 1, 4, 4))) == ["conv", "relu", "conv (2)", "relu (2)"]
    with pytest.raises(ValueError, match="has a layer 'spare', but does not call it"):
        feature_maps(model, torch.randn(1, 1, 4, 4), ["spare"])
    with pytest.raises(ValueError, match="'conv2' is none of this network's"):
        feature_maps(model, torch.randn(1, 1, 4, 4), ["conv2"])


WINDOWS = st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(0, 2), st.integers(1, 2), st.booleans())


@given(st.lists(WINDOWS, min_size=1, max_size=5), st.integers(24, 40))
def test_fields_are_those_of_the_formula(windows, size):
    layers, sides = [], size
    for kernel, stride, padding, dilation, pool in windows:
        padding = min(padding, kernel // 2)
        dilation = 1 if pool else dilation
        sides = (sides + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
        if sides < 2:
            break
        if pool:
            layers.append(nn.MaxPool2d(kernel, stride, padding))
        else:
            layers.append(nn.Conv2d(1, 1, kernel, stride, padding, dilation))
        layers += [nn.BatchNorm2d(1), nn.ReLU(inplace=True)]
    if layers:
        rows, columns = field_of(nn.Sequential(*layers), str(len(layers) - 1), (1, size, size))
        assert rows == columns == receptive_field(layers)


def test_fields_of_networks_that_no_formula_covers():
    def rows(model, layer, size):
        return field_of(model, layer, (3, size, size))[0]

    vgg = nets.pretrained("vgg16")
    assert rows(vgg, "features.29", 224) == receptive_field(vgg.features[:30])
    alexnet = nets.pretrained("alexnet")
    assert rows(alexnet, "features.11", 224) == receptive_field(alexnet.features[:12])
    # A shortcut sees less, so the field is that of the two convolutions; stride 2 in the first of them.
    residual = nets.trained("cifar10-residual-8", nn)
    names = [name for name, module in residual.named_modules() if isinstance(module, nn.Conv2d)]
    assert rows(residual, names[2], 32).size == 7
    lite = nets.pretrained("efficientnet-lite0")
    assert rows(lite, "stem", 224).size == 3
    assert rows(lite, "stem", 224).jump == 2
    assert rows(lite, "stem", 224).first == 0  # TensorFlow pads at the end


def test_fields_that_do_not_exist():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(8, 2))
    with pytest.raises(ValueError, match="has no feature maps"):
        field_of(model, "3", (1, 8, 8))
    with pytest.raises(ValueError, match=r"see all of the image|has no feature maps"):
        field_of(model, "1", (1, 8, 8))


def test_oblong_windows():
    model = nn.Sequential(nn.Conv2d(1, 1, (5, 3), stride=(2, 1), padding=(1, 0)))
    rows, columns = field_of(model, "0", (1, 20, 16))
    assert (rows.size, rows.jump, rows.first) == (5, 2, -1)
    assert (columns.size, columns.jump, columns.first) == (3, 1, 0)


# --------------------------------------------------------------------------------------------------------- strongest


def template_net():
    """Finds a bright cross of 3 × 3; padded, with stride 2 behind it."""
    model = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1, bias=False), nn.ReLU(inplace=True), nn.MaxPool2d(2))
    cross = torch.tensor([[-1.0, 1, -1], [1, 1, 1], [-1, 1, -1]])
    with torch.no_grad():
        model[0].weight[:] = torch.stack([cross, -cross])[:, None]
    return model


def crosses():
    images = torch.zeros(5, 1, 12, 12)
    for number, (row, column) in enumerate([(0, 0), (3, 4), (8, 5), (11, 11), (6, 1)]):
        if number != 2:  # the third image stays empty
            for i, j in [(0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)]:
                if 0 <= row + i < 12 and 0 <= column + j < 12:
                    images[number, 0, row + i, column + j] = 1
    return images


def test_the_patch_is_what_the_unit_saw():
    images = crosses()
    found = strongest(template_net(), images, "0", [0], k=3)
    assert found.values[0].tolist() == [5, 5, 3]
    assert found.images[0, :2].tolist() == [1, 4]
    assert found.places[0, :2].tolist() == [[3, 4], [6, 1]]
    patches = found.patches(images)
    assert patches.shape == (1, 3, 1, 3, 3)
    assert patches[0, 0, 0].tolist() == [[0, 1, 0], [1, 1, 1], [0, 1, 0]]  # off by one where padding is forgotten
    corner = patches[0, 2, 0]
    assert corner.isfinite().all()
    assert (corner == 1).sum() >= 5  # a corner of the image: outside there is white


@pytest.mark.parametrize("batch_size", [1, 2, 250])
def test_batches_do_not_matter(batch_size):
    rng = torch.Generator().manual_seed(0)
    model, images = chain(3, 3), torch.randn(7, 1, 12, 12, generator=rng)
    found = strongest(model, images, "2", k=4, batch_size=batch_size)
    maps = feature_maps(model, images, ["2"])["2"]
    expected, which = maps.flatten(2).amax(2).T.sort(dim=1, descending=True)
    torch.testing.assert_close(found.values, expected[:, :4])
    assert found.images.tolist() == which[:, :4].tolist()
    for u, n in np.ndindex(4, 4):
        row, column = found.places[u, n]
        assert maps[found.images[u, n], u, row, column] == pytest.approx(float(found.values[u, n]), abs=1e-6)


def test_several_layers_at_one_go():
    model, images = chain(3, 3), torch.randn(7, 1, 12, 12)
    together = strongest(model, images, ["1", "2"], k=3)
    assert list(together) == ["1", "2"]
    for name, found in together.items():
        alone = strongest(model, images, name, k=3)
        assert torch.equal(found.values, alone.values)
        assert torch.equal(found.places, alone.places)
        assert found.rows == alone.rows


def test_some_of_the_units():
    model, images = chain(3, 3), torch.randn(7, 1, 12, 12)
    some, alone = strongest(model, images, "2", k=3).only([3, 1]), strongest(model, images, "2", [3, 1], k=3)
    assert some.units == (3, 1)
    assert torch.equal(some.values, alone.values)
    assert torch.equal(some.project(model, images), alone.project(model, images))
    with pytest.raises(ValueError, match="units: 2 is not among the 2 that"):
        some.only([2])


def test_several_places_in_one_image_keep_apart():
    image = torch.zeros(1, 1, 12, 12)
    image[0, 0, [2, 2, 9], [2, 3, 9]] = torch.tensor([1.0, 0.9, 0.5])
    model = nn.Sequential(nn.AvgPool2d(4, stride=1), nn.ReLU())
    found = strongest(model, image, "1", k=4, per_image=4)
    boxes = [found.box(0, n) for n in range(4) if found.values[0, n] > 0]
    assert len(boxes) >= 2
    starts = [(rows.start, columns.start) for rows, columns in boxes]
    assert all(max(abs(a - c), abs(b - d)) > 2 for n, (a, b) in enumerate(starts) for c, d in starts[:n])


def test_photographs_of_different_sizes():
    model = template_net()
    photographs = [torch.zeros(1, 20, 12), crosses()[1], torch.zeros(1, 20, 12), crosses()[4]]
    found = strongest(model, photographs, "2", [0], k=2)
    assert sorted(found.images[0].tolist()) == [1, 3]
    assert found.patches(photographs).shape == (1, 2, 1, 4, 4)
    assert found.project(model, photographs).shape == (1, 2, 1, 4, 4)


def test_projections_are_cut_where_the_patches_are():
    model, images = template_net(), crosses()
    found = strongest(model, images, "0", [0], k=2)
    back = found.project(model, images)
    assert torch.equal(back[0, 0, 0], model[0].weight[0, 0].detach())  # from the first layer, the filter comes back
    assert repr(found) == "Strongest(2 places for each of 1 units of '0', patches of 3 × 3)"


@pytest.mark.parametrize("rule", ["gradient", "deconvnet"])
@pytest.mark.parametrize("layer", ["2", "5", "8", "11"])
def test_a_window_is_enough_for_a_projection(layer, rule):
    """Only what a unit sees goes through the network, and the picture is that of the whole image."""
    torch.manual_seed(0)
    model = nn.Sequential(
        *(nn.Conv2d(3, 4, 5, stride=2, padding=2), nn.BatchNorm2d(4), nn.ReLU(inplace=True)),
        *(nn.MaxPool2d(3, 2, 1), nn.Conv2d(4, 6, 3, padding=1), nn.ReLU(inplace=True)),
        *(nn.Conv2d(6, 6, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 5, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2)),
    )
    images = torch.randn(6, 3, 70, 59)
    found = strongest(model, images, layer, k=5, per_image=2)
    pictures = found.project(model, images, rule)
    for u, n in np.ndindex(*found.values.shape):
        whole = trace_back(model, images[found.images[u, n]][None], u, layer, found.places[u, n][None], rule)[0]
        torch.testing.assert_close(pictures[u, n], cut(whole, *found.box(u, n)), rtol=1e-4, atol=1e-6)


def test_a_network_that_looks_beyond_its_windows_gets_the_whole_image():
    class Squeezed(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.relu = nn.Conv2d(1, 3, 3, padding=1), nn.ReLU()

        def forward(self, x):
            maps = self.conv(x)
            return self.relu(maps * torch.sigmoid(10 * maps.detach().mean(dim=(2, 3), keepdim=True)))

    torch.manual_seed(0)
    model, images = Squeezed(), torch.randn(4, 1, 16, 16)
    found = strongest(model, images, "relu", k=2)
    pictures = found.project(model, images, "gradient")
    for u, n in np.ndindex(3, 2):
        whole = trace_back(model, images[found.images[u, n]][None], u, "relu", found.places[u, n][None])[0]
        torch.testing.assert_close(pictures[u, n], cut(whole, *found.box(u, n)))


def test_units_that_are_not_there():
    with pytest.raises(ValueError, match=r"'0' has the units 0 to 1, got \[2\]"):
        strongest(template_net(), crosses(), "0", [2])


def test_cut_beyond_every_border():
    picture = torch.arange(4.0).reshape(1, 2, 2)
    assert cut(picture, range(-1, 3), range(-1, 3), fill=9).tolist() == [
        [[9, 9, 9, 9], [9, 0, 1, 9], [9, 2, 3, 9], [9, 9, 9, 9]]
    ]
