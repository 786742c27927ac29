"""Receptive fields drawn: the cone holds what the gradient finds, boxes have the size of the field."""

import numpy as np
import pytest
import torch

from coursekit import viz
from coursekit.counting import ReceptiveField, measured_receptive_field, receptive_field
from coursekit.viz.receptive import _cone

STACKS = [
    [(3,), (3,), (3,)],
    [(5, 1, 2), (2, 2), (3, 2, 1)],
    [(3, 1, 0, 2), (2, 2), (3, 1, 2, 2)],
]


@pytest.mark.parametrize("layers", STACKS)
def test_the_cone_ends_in_the_receptive_field(layers):
    rows = _cone(layers, 24, None)
    field = receptive_field(layers)
    (unit,) = rows[-1]["seen"]
    assert (rows[-1]["jump"], rows[-1]["field"]) == (field.jump, field.size)
    inside = field.pixels(unit, image_size=24)
    assert (rows[0]["seen"][0], rows[0]["seen"][-1]) == (inside[0], inside[-1])
    assert rows[-1]["places"][unit] == field.centre(unit)


@pytest.mark.parametrize("layers", STACKS)
def test_the_cone_holds_what_the_gradient_finds(layers):
    class Along(torch.nn.Module):  # the stack in one direction, on an image one pixel high
        def __init__(self):
            super().__init__()
            sides = [(*layer, *(1, 1, 0, 1)[len(layer) :]) for layer in layers]
            self.convs = torch.nn.Sequential(
                *(torch.nn.Conv2d(1, 1, (1, k), (1, s), (0, p), (1, d)) for k, s, p, d in sides)
            )

        def forward(self, x):
            return self.convs(x)

    rows = _cone(layers, 24, 2)
    found = measured_receptive_field(Along(), (1, 1, 24), unit=(0, 2))
    assert np.flatnonzero(found.map[0]).tolist() == rows[0]["seen"]


def test_the_cone_is_drawn_with_a_point_for_each_unit():
    (ax,) = viz.receptive_cone([(3,), (2, 2)], size=8).axes
    assert [len(points.get_offsets()) for points in ax.collections[1::2]] == [8, 6, 3]
    assert [text.get_text() for text in ax.texts] == ["input", "layer 1: jump 1, sees 3", "layer 2: jump 2, sees 4"]


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="layer 2 with window 9 does not fit on 6 units"):
        viz.receptive_cone([(3,), (9,)], size=8)
    with pytest.raises(ValueError, match="unit: got 6"):
        viz.receptive_cone([(3,)], size=8, unit=6)


def test_boxes_have_the_size_of_the_fields_and_the_last_one_stands_out():
    fields = [ReceptiveField(3), ReceptiveField(7, 2), ReceptiveField(15, 4)]
    figure = viz.field_overlay(np.zeros((30, 40)), fields, ["a", "b", "c"], through=2)
    (ax,) = figure.axes
    assert [(box.get_width(), box.get_x(), box.get_y()) for box in ax.patches] == [(3, 18, 13), (7, 16, 11)]
    assert ax.patches[1].get_linewidth() > ax.patches[0].get_linewidth()
    assert ax.get_title() == "b: 7 × 7 pixels, one unit every 2"


def test_words_count_only_what_lies_inside_the_image():
    fields = [ReceptiveField(20, 1)]
    assert "50 % of the 10 × 20 image" in viz.describe_overlay(np.zeros((10, 20)), [ReceptiveField(10)], ["a"])
    assert "100 % of the 10 × 10 image" in viz.describe_overlay(np.zeros((3, 10, 10)), fields, ["a"])


@pytest.mark.parametrize(("names", "through"), [(["a"], None), (["a", "b"], 0), (["a", "b"], 3)])
def test_wrong_names_or_depths_are_refused(names, through):
    with pytest.raises(ValueError, match=r"names: got 1|through: got [03]"):
        viz.field_overlay(np.zeros((9, 9)), [ReceptiveField(3)] * 2, names, through=through)


def test_influence_is_drawn_with_its_box():
    values = np.arange(25.0).reshape(5, 5)
    figure = viz.influence_maps([values, 2 * values], ["one", "two"], [(range(1, 4), range(2, 5))] * 2)
    for ax, factor in zip(figure.axes, (1, 2), strict=True):
        np.testing.assert_array_equal(ax.get_images()[0].get_array(), factor * values)
        (box,) = ax.patches
        assert (box.get_x(), box.get_y(), box.get_width(), box.get_height()) == (1.5, 0.5, 3, 3)
