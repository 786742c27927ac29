"""A network as a row of blocks: heights are sides of maps, the two lines end at 100 %."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from coursekit import nets
from coursekit.counting import summary
from coursekit.viz.towers import FILLS, describe_tower, tower


@pytest.fixture(scope="module")
def resnet():
    with torch.device("meta"):
        return summary(nets.resnet50(), (3, 224, 224), depth="blocks")


def test_bars_are_as_high_as_the_maps(resnet):
    top, _ = tower(resnet).axes
    heights = [bar.get_height() for bar in top.patches]
    assert heights == [224, 112, 56, *[56] * 3, *[28] * 4, *[14] * 6, *[7] * 3, 1, 1]


def test_blocks_and_layers_have_their_colours(resnet):
    top, _ = tower(resnet).axes
    colours = [plt.matplotlib.colors.to_hex(bar.get_facecolor()).upper() for bar in top.patches]
    assert colours[1] == FILLS["convolution"]
    assert colours[2] == colours[-2] == FILLS["pooling"]
    assert set(colours[3:-2]) == {FILLS["block"]}
    assert colours[-1] == FILLS["fully connected"]


def test_lines_add_up_to_all(resnet):
    _, bottom = tower(resnet).axes
    work, weights = (line.get_ydata() for line in bottom.lines)
    assert work[-1] == pytest.approx(100, abs=0.01)
    assert weights[-1] == pytest.approx(100, abs=0.01)
    assert (np.diff(work) >= 0).all()
    assert weights[-2] == pytest.approx(100 * (1 - resnet["fc"].parameters / resnet.parameters), abs=0.01)


def test_all_networks_have_the_same_axes(resnet):
    lenet = summary(nets.lenet5(torch.nn), (1, 28, 28), depth="blocks")
    limits = [[(ax.get_xlim(), ax.get_ylim()) for ax in tower(s).axes] for s in (resnet, lenet)]
    assert limits[0] == limits[1]


def test_words_say_where_half_is(resnet):
    words = describe_tower(resnet, title="ResNet-50")
    assert words.startswith("ResNet-50: 25,557,032 parameters, 4.09 billion multiply-adds. ")
    assert "224 in the image, 112, 56 4 times, 28 4 times, 14 6 times, 7 three times, 1 twice" in words
    rows = [row for row in resnet if row.units]
    done = np.cumsum([row.multiply_adds for row in rows]) / resnet.multiply_adds
    assert f"after {np.searchsorted(done, 0.5) + 1} of {len(rows)} blocks" in words
