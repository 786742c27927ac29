"""The maps of the channels add up to the map of the layer, and the picture shows them."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from coursekit.viz import channels

rng = np.random.default_rng(0)
IMAGE, WEIGHT = rng.uniform(size=(3, 7, 6)), rng.normal(size=(3, 3, 2))


def drawn(figure, title):
    return [np.asarray(ax.get_images()[0].get_array()) for ax in figure.axes if ax.get_title() == title]


def test_the_maps_add_up_to_the_convolution():
    maps = channels.channel_maps(IMAGE, WEIGHT)
    expected = F.conv2d(torch.tensor(IMAGE)[None], torch.tensor(WEIGHT)[None])[0, 0]
    np.testing.assert_allclose(maps.sum(axis=0), expected, atol=1e-12)


def test_sum_bias_and_rectifier_are_drawn():
    figure = channels.channel_sum(IMAGE, WEIGHT, -0.5)
    total = channels.channel_maps(IMAGE, WEIGHT).sum(axis=0) - 0.5
    np.testing.assert_allclose(drawn(figure, "sum + bias")[0], total)
    np.testing.assert_allclose(drawn(figure, "after ReLU")[0], np.maximum(total, 0))
    np.testing.assert_allclose(drawn(figure, "channel")[0], IMAGE[0])
    np.testing.assert_allclose(drawn(figure, "its map")[0], channels.channel_maps(IMAGE, WEIGHT)[0])


def test_all_maps_have_one_scale():
    figure = channels.channel_sum(IMAGE, WEIGHT, limit=2.0)
    maps = [ax for ax in figure.axes if ax.get_images()[0].get_array().shape == (5, 5)]
    assert len(maps) == 5
    assert {ax.get_images()[0].get_clim() for ax in maps} == {(-2.0, 2.0)}


def test_words_say_what_each_channel_contributes():
    text = channels.describe_channel_sum(np.ones((2, 3, 3)), [[[1]], [[-3]]], 0.5, names=["a", "b"])
    assert "a 1, b −3" in text
    assert "sum is −1.5 on average, 0 % of it positive" in text


def test_an_image_with_other_channels_is_refused():
    with pytest.raises(ValueError, match="one slice for each channel"):
        channels.channel_maps(IMAGE, WEIGHT[:2])
    with pytest.raises(ValueError, match="one slice for each channel"):
        channels.channel_maps(IMAGE, WEIGHT[0])
