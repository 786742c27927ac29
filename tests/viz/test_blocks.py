"""The drawing of a block has a box for every layer, an arrow for every use, and the numbers of the module."""

import pytest
import timm
import torch
from torch import nn
from torch.nn import functional as F

from coursekit import nets
from coursekit.viz.blocks import _boxes, block_diagrams, describe_blocks


@pytest.fixture(scope="module")
def googlenet():
    with torch.device("meta"):
        return nets.googlenet()


def lines(module, shape, weights=True):
    return [box.lines for box in _boxes(nets.traced(module, shape), weights)[0]]


def arrows(module, shape):
    boxes, edges = _boxes(nets.traced(module, shape), False)
    number = {id(box): i for i, box in enumerate(boxes)}
    return [(number[id(a)], number[id(b)]) for a, b in edges]


def test_an_inception_module_has_its_four_branches(googlenet):
    found = lines(googlenet.inception3a, (192, 28, 28))
    assert found == [
        ["input", "192 × 28 × 28"],
        ["1 × 1, 192 → 64", "ReLU", "12,288 weights"],
        ["1 × 1, 192 → 96", "ReLU", "18,432 weights"],
        ["3 × 3, 96 → 128", "ReLU", "110,592 weights"],
        ["1 × 1, 192 → 16", "ReLU", "3,072 weights"],
        ["5 × 5, 16 → 32", "ReLU", "12,800 weights"],
        ["3 × 3 max-pooling"],
        ["1 × 1, 192 → 32", "ReLU", "6,144 weights"],
        ["side by side"],
        ["output", "256 × 28 × 28"],
    ]
    expected = [(0, 1), (0, 2), (2, 3), (0, 4), (4, 5), (0, 6), (6, 7), (1, 8), (3, 8), (5, 8), (7, 8), (8, 9)]
    assert sorted(arrows(googlenet.inception3a, (192, 28, 28))) == sorted(expected)


def test_the_last_relu_of_a_residual_block_stands_after_the_addition():
    block = nets.resnet50(10).layer1[1]
    found = lines(block, (256, 56, 56), weights=False)
    assert found[1:-1] == [
        ["1 × 1, 256 → 64", "BN, ReLU"],
        ["3 × 3, 64 → 64", "BN, ReLU"],
        ["1 × 1, 64 → 256", "BN"],
        ["+"],
        ["ReLU"],
    ]
    assert (0, 4) in arrows(block, (256, 56, 56))  # the shortcut


def test_stride_groups_and_depthwise_are_written():
    layers = nn.Sequential(nn.Conv2d(4, 8, 3, stride=2, groups=2), nn.Conv2d(8, 8, (1, 7), groups=8), nn.MaxPool2d(2))
    assert lines(layers, (4, 32, 32))[1:-1] == [
        ["3 × 3, 4 → 8, stride 2", "2 groups", "144 weights"],
        ["1 × 7, 8 → 8", "depthwise", "56 weights"],
        ["2 × 2 max-pooling", "stride 2"],
    ]


def test_functions_and_operators_called_in_forward_are_seen():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 1)

        def forward(self, x):
            return F.relu(x + 0.5 * F.relu(self.conv(F.avg_pool2d(x, 3, stride=1, padding=1))))

    assert [line[0] for line in lines(Block(), (3, 8, 8))] == [
        "input",
        "3 × 3 average pooling",
        "1 × 1, 3 → 3",
        "× 0.5",
        "+",
        "ReLU",
        "output",
    ]


def test_normalisation_of_timm_has_its_activation_inside():
    with torch.device("meta"):
        block = timm.create_model("inception_resnet_v2").repeat[0]
    found = lines(block, (320, 35, 35), weights=False)
    assert ["1 × 1, 320 → 32", "BN, ReLU"] in found
    assert ["× 0.17"] in found
    assert found[-2:] == [["ReLU"], ["output", "320 × 35 × 35"]]


def test_blocks_stand_side_by_side_and_arrows_pass_no_box():
    model = nets.traced(nets.resnet50(10).layer2[0], (256, 56, 56))
    one = block_diagrams({"a": model})
    two = block_diagrams({"a": model, "b": model})
    assert two.get_figwidth() > 2 * one.get_figwidth()
    assert len(two.axes[0].texts) == 2 * len(one.axes[0].texts)
    ax = two.axes[0]
    boxes = [patch.get_extents() for patch in ax.patches]
    for line in ax.lines:
        middle = line.get_path().interpolated(20).vertices[8:-8] if len(line.get_xdata()) > 2 else []
        for x, y in ax.transData.transform(middle) if len(middle) else []:
            assert not any(b.x0 + 4 < x < b.x1 - 4 and b.y0 + 4 < y < b.y1 - 4 for b in boxes)


def test_words_name_every_layer_and_what_it_takes():
    block = nets.resnet50(10).layer1[1]
    words = describe_blocks({"a block": nets.traced(block, (256, 56, 56))}, weights=False)
    assert words.startswith("a block: input 256 × 56 × 56; 1 × 1, 256 → 64, BN, ReLU takes the input; ")
    assert "the sum takes 1 × 1, 64 → 256 and the input; ReLU takes the sum; " in words


def test_too_large_a_block_says_so(googlenet):
    with pytest.raises(ValueError, match="more than 40 layers"):
        block_diagrams({"all": nets.traced(googlenet, (3, 224, 224))})
