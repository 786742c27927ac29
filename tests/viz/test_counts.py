"""Tables and bars of counts show the numbers of the summary they are made from."""

import re

import pytest
import torch

from coursekit import nets, viz
from coursekit.counting import summary
from coursekit.scratch import nn


@pytest.fixture(scope="module")
def lenet():
    return summary(nets.lenet5_1998(nn), (1, 32, 32))


@pytest.fixture(scope="module")
def alexnet():
    with torch.device("meta"):
        return summary(nets.alexnet_2012(), (3, 227, 227))


def test_layers_are_named_as_in_papers_where_the_model_only_has_numbers(alexnet, lenet):
    names = list(viz.layer_names(alexnet).values())
    assert names == ["conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5", "fc6", "fc7", "fc8"]
    assert list(viz.layer_names(lenet).values()) == ["C1", "S2", "C3", "S4", "C5", "F6", "output"]


def test_the_table_has_the_numbers_the_shares_and_the_sums(lenet):
    lines = [line.split() for line in repr(viz.CountTable(lenet)).splitlines()]
    assert lines[0] == ["layer", "output", "units", "%", "parameters", "%", "connections", "%"]
    assert lines[3] == ["C3", "16", "×", "10", "×", "10", "1,600", "20", "1,516", "3", "151,600", "44"]
    assert lines[-1] == ["total", "8,094", "100", "60,000", "100", "340,908", "100"]
    assert ["fully", "connected", "214", "3", "58,284", "97", "59,124", "17"] in lines


def test_what_a_layer_lacks_is_left_empty(alexnet):
    table = viz.CountTable(alexnet, columns=["parameters", "multiply_adds"])
    lines = repr(table).splitlines()
    assert lines[0].split()[-2:] == ["multiply-adds", "%"]
    assert next(line for line in lines if line.startswith("pool1")).split() == ["pool1", "96", "×", "27", "×", "27"]


def test_families_add_up(alexnet):
    table = viz.CountTable(alexnet)
    for column in ("units", "parameters", "connections"):
        families = ("convolution", "pooling", "fully connected")
        assert sum(table.share(family, column) for family in families) == pytest.approx(1)
    assert table.share("fully connected", "parameters") == pytest.approx(58_631_144 / 60_965_224)


def test_the_html_is_a_table_with_headings_and_a_caption(lenet):
    page = viz.CountTable(lenet, title="LeNet-5 & its layers")._repr_html_()
    assert "<caption>LeNet-5 &amp; its layers</caption>" in page
    assert page.count('scope="col"') == 8
    assert page.count('scope="row"') == page.count("<tr>") - 1 == 7 + 3 + 1
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", page)
    assert {"340,908", "48,120", "16 × 10 × 10"} <= set(cells)


def test_bars_are_the_shares(lenet):
    figure = viz.count_bars(lenet, columns=["parameters", "connections"])
    widths = [[bar.get_width() for bar in ax.patches] for ax in figure.axes]
    assert widths[0] == pytest.approx([100 * row.parameters / 60_000 for row in lenet if row.units])
    assert widths[1] == pytest.approx([100 * row.connections / 340_908 for row in lenet if row.units])
    assert figure.axes[0].get_yticklabels()[0].get_text() == "C1"
    colours = {bar.get_facecolor() for bar in figure.axes[0].patches}
    assert len(colours) == 3


def test_words_name_the_largest_layer_and_the_families(lenet):
    words = viz.describe_count_bars(lenet, ["connections"])
    assert words == ("connections: most in C3 (44 %); convolution 80 %, pooling 2 %, fully connected 17 %.")
