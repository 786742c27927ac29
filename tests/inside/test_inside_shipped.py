"""Pictures that come with the package: they are there, in order, and small."""

import pytest
from PIL import Image

from coursekit.inside.shipped import CLASSES, FOLDER, SETTINGS, SIDE, STYLED, STYLED_SIDE, SWITCHES, shipped


def test_one_picture_for_each_class_and_for_each_setting():
    assert shipped("classes").shape == (len(CLASSES), 3, SIDE, SIDE)
    assert shipped("switches").shape == (2 ** len(SWITCHES), 3, SIDE, SIDE)
    assert shipped("styles").shape == (len(STYLED), 3, STYLED_SIDE, STYLED_SIDE)
    assert SETTINGS[0] == (False,) * 4
    assert SETTINGS[-1] == (True,) * 4


def test_pictures_are_cut_where_they_meet():
    strip = Image.open(FOLDER / "classes.png")
    pixel = strip.getpixel((2 * SIDE + 5, 7))
    assert [round(255 * value) for value in shipped("classes")[2, :, 7, 5]] == list(pixel[:3])


def test_aids_make_pictures_smoother():
    pictures = dict(zip(SETTINGS, shipped("switches"), strict=True))

    def grain(setting):
        return abs(pictures[setting][:, 1:] - pictures[setting][:, :-1]).mean()

    for colours in (False, True):
        for views in (False, True):
            assert grain((True, colours, views, True)) < 0.5 * grain((False, colours, views, True))


def test_values_lie_between_0_and_1():
    for name in ("classes", "styles"):
        pictures = shipped(name)
        assert pictures.min() >= 0
        assert 0.7 < pictures.max() <= 1


def test_more_layers_bring_more_of_a_style():
    first, four = (shipped("styles")[k::2] for k in (0, 1))
    assert (abs(first - four).mean((1, 2, 3)) > 0.03).all()


def test_they_are_small():
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 1.5e6


def test_a_name_that_is_none():
    with pytest.raises(
        ValueError, match="no pictures called 'layers' come with the package; there are classes, styles, switches"
    ):
        shipped("layers")
