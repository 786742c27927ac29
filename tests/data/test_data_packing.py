"""The packing loses nothing, whatever the arrays, and notices damage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coursekit.data import packing

IMAGES = hnp.arrays(
    np.uint8,
    st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(1, 9), st.integers(1, 9)),
    elements=st.integers(0, 255),
)


@given(images=IMAGES, photographs=st.booleans(), seed=st.integers(0, 2**32 - 1))
def test_round_trip(images, photographs, seed):
    labels = np.random.default_rng(seed).integers(0, 256, len(images), dtype=np.uint8)
    packed = packing.pack(images, labels, photographs)
    images_again, labels_again = packing.unpack(packed, len(images), images.shape[1:], photographs)
    assert images_again.dtype == labels_again.dtype == np.uint8
    assert images_again.flags["C_CONTIGUOUS"]
    np.testing.assert_array_equal(images_again, images)
    np.testing.assert_array_equal(labels_again, labels)
    assert packing.pack(images, labels, photographs) == packed


@given(images=IMAGES)
def test_residuals_are_undone_in_place_of_the_pixels(images):
    residuals = packing.to_residuals(images)
    assert residuals.dtype == np.uint8
    np.testing.assert_array_equal(packing.from_residuals(residuals), images)


@given(images=IMAGES.filter(lambda images: images.shape[1] != 3))
def test_residual_is_the_distance_from_left_plus_above_minus_above_left(images):
    padded = np.pad(images.astype(int), [(0, 0), (0, 0), (1, 0), (1, 0)])
    predicted = padded[..., 1:, :-1] + padded[..., :-1, 1:] - padded[..., :-1, :-1]
    expected = (images - predicted) % 256
    np.testing.assert_array_equal(packing.to_residuals(images).swapaxes(0, 1), expected)


def test_non_contiguous_arrays_are_packed_by_value():
    images = np.arange(2 * 3 * 4 * 5, dtype=np.uint8).reshape(2, 3, 4, 5)[:, ::-1, :, ::2]
    labels = np.arange(4, dtype=np.uint8)[::2]
    for photographs in (True, False):
        again = packing.unpack(packing.pack(images, labels, photographs), 2, images.shape[1:], photographs)
        np.testing.assert_array_equal(again[0], images)
        np.testing.assert_array_equal(again[1], labels)


@pytest.fixture(scope="module")
def packed():
    images = np.random.default_rng(0).integers(0, 256, (4, 1, 5, 6), dtype=np.uint8)
    return packing.pack(images, np.zeros(4, dtype=np.uint8), photographs=False)


@given(keep=st.floats(0, 1, exclude_max=True))
def test_cut_short(packed, keep):
    with pytest.raises(ValueError, match=r"not a complete \.xz stream"):
        packing.unpack(packed[: int(keep * len(packed))], 4, (1, 5, 6), photographs=False)


@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_noticed(packed, where, bit):
    damaged = bytearray(packed)
    damaged[int(where * len(packed))] ^= 1 << bit
    with pytest.raises(ValueError, match=r"not a complete \.xz stream"):
        packing.unpack(bytes(damaged), 4, (1, 5, 6), photographs=False)


@pytest.mark.parametrize(("count", "shape"), [(5, (1, 5, 6)), (4, (3, 5, 6)), (4, (1, 5, 5))])
def test_wrong_sizes_are_named(packed, count, shape):
    with pytest.raises(ValueError, match="124 bytes after unpacking, but") as caught:
        packing.unpack(packed, count, shape, photographs=False)
    assert f"{count} images of shape {shape} need" in str(caught.value)
