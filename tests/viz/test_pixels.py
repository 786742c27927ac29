"""The numbers written into an image are the image's."""

import numpy as np
import pytest

from coursekit import viz


def test_every_pixel_of_the_part_carries_its_number_at_its_place():
    image = np.arange(30, dtype=np.uint8).reshape(5, 6)
    (ax,) = viz.pixel_values(image, range(1, 4), range(2, 6)).axes
    written = {text.get_position(): text.get_text() for text in ax.texts}
    assert written == {(j, i): str(image[i, j]) for i in range(1, 4) for j in range(2, 6)}
    assert ax.get_xlim() == (1.5, 5.5)
    assert ax.get_ylim() == (3.5, 0.5)  # row 1 is above row 3


def test_row_and_column_numbers_stand_at_the_side():
    (ax,) = viz.pixel_values(np.zeros((3, 4))).axes
    assert list(ax.get_xticks()) == [0, 1, 2, 3]
    assert list(ax.get_yticks()) == [0, 1, 2]


@pytest.mark.parametrize(("dtype", "white"), [(np.uint8, 255), (np.float32, 1)])
def test_grey_values_are_not_stretched_and_the_text_can_be_read(dtype, white):
    image = np.array([[0, white]], dtype)
    (ax,) = viz.pixel_values(image // 2 if dtype == np.uint8 else image / 2).axes
    assert ax.get_images()[0].get_clim() == (0, white)
    (ax,) = viz.pixel_values(image).axes
    assert [text.get_color() for text in ax.texts] == ["white", "black"]


def test_the_box_is_around_row_and_column():
    (ax,) = viz.pixel_values(np.zeros((3, 4)), box=(1, 2)).axes
    (patch,) = ax.patches
    assert patch.get_xy() == (1.5, 0.5)


def test_what_is_no_grey_image_or_lies_outside_is_refused():
    with pytest.raises(ValueError, match="two axes"):
        viz.pixel_values(np.zeros((3, 4, 3)))
    with pytest.raises(ValueError, match="inside"):
        viz.pixel_values(np.zeros((3, 4)), range(4))
