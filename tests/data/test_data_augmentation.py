"""Augmentation against SciPy and torchvision, and what must hold for every image."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from torchvision.transforms import functional as vision

from coursekit.data import augmentation

EVERY = {
    "translate": augmentation.translate(2),
    "crop": augmentation.crop((9, 7), padding=2),
    "flip": augmentation.flip(),
    "rotate": augmentation.rotate(20),
    "noise": augmentation.noise(0.2),
    "brightness": augmentation.brightness(0.3),
    "contrast": augmentation.contrast(0.5),
    "cutout": augmentation.cutout(3),
    "compose": augmentation.compose(augmentation.rotate(5), augmentation.flip(), augmentation.noise(0.1)),
}
NOTHING = {
    "translate": augmentation.translate(0),
    "crop": augmentation.crop((9, 7)),
    "flip": augmentation.flip(0),
    "rotate": augmentation.rotate(0),
    "noise": augmentation.noise(0),
    "brightness": augmentation.brightness(0),
    "compose": augmentation.compose(),
}


def some(seed=0, shape=(6, 2, 9, 7), dtype=np.float64):
    return np.random.default_rng(seed).random(shape).astype(dtype)


def rng(seed=0):
    return np.random.default_rng(seed)


# ------------------------------------------------------------------------------------------------------------- oracles


@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 12), st.integers(1, 3))
def test_rotation_is_that_of_scipy(seed, height, width, channels):
    images = some(seed, (3, channels, height, width))
    degrees = rng(seed).uniform(-400, 400, 3)
    turned = augmentation.rotated(images, degrees)
    for image, angle, result in zip(images, degrees, turned, strict=True):
        for channel, out in zip(image, result, strict=True):
            expected = ndimage.rotate(channel, angle, reshape=False, order=1, mode="grid-constant", cval=0.0)
            np.testing.assert_allclose(out, expected, atol=1e-10)


def test_rotation_is_that_of_torchvision():
    images = some(shape=(4, 3, 28, 28), dtype=np.float32)
    degrees = np.array([-30.0, 7.0, 90.0, 181.0])
    for image, angle, out in zip(images, degrees, augmentation.rotated(images, degrees), strict=True):
        expected = vision.rotate(torch.from_numpy(image), angle, interpolation=vision.InterpolationMode.BILINEAR)
        np.testing.assert_allclose(out, expected.numpy(), atol=1e-4)


def test_every_image_is_turned_by_an_angle_of_its_own_within_the_limits():
    images = np.repeat(some(shape=(1, 1, 9, 9)), 200, axis=0)
    angles = np.linspace(-20, 20, 401)
    table = augmentation.rotated(np.repeat(images[:1], 401, axis=0), angles)
    turned = augmentation.rotate(20)(images, rng())
    nearest = [angles[np.abs(table - image).sum(axis=(1, 2, 3)).argmin()] for image in turned]
    assert len(np.unique(nearest)) > 100
    assert min(nearest) < -18
    assert max(nearest) > 18
    assert max(np.abs(table[np.searchsorted(angles, a)] - t).max() for a, t in zip(nearest, turned, strict=True)) < 0.01


@given(st.integers(0, 2**32), st.integers(0, 4))
def test_translation_is_that_of_scipy_by_one_of_the_shifts_allowed(seed, pixels):
    images = some(seed, (5, 2, 6, 5)) + 0.1
    shifts = range(-pixels, pixels + 1)
    for image, moved in zip(images, augmentation.translate(pixels)(images, rng(seed)), strict=True):
        possible = [ndimage.shift(image, (0, y, x), order=0) for y in shifts for x in shifts]
        assert any(np.array_equal(moved, p) for p in possible)


def test_translation_uses_every_shift():
    images = np.zeros((2000, 1, 7, 7))
    images[:, :, 3, 3] = 1
    _, _, rows, columns = np.nonzero(augmentation.translate(2)(images, rng()))
    assert len(rows) == 2000
    assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == {(y, x) for y in range(1, 6) for x in range(1, 6)}


def test_crop_with_padding_is_translation_and_without_it_a_part_of_the_image():
    images = some()
    both = augmentation.crop((9, 7), padding=3), augmentation.translate(3)
    np.testing.assert_array_equal(both[0](images, rng(1)), both[1](images, rng(1)))
    for image, part in zip(images, augmentation.crop(4)(images, rng()), strict=True):
        places = [image[:, y : y + 4, x : x + 4] for y in range(6) for x in range(4)]
        assert any(np.array_equal(part, place) for place in places)


def test_flip_mirrors_half_of_the_images():
    images = some(shape=(400, 1, 3, 4))
    flipped = augmentation.flip()(images, rng())
    mirrored = (flipped == images[..., ::-1]).all(axis=(1, 2, 3))
    assert 160 < mirrored.sum() < 240
    np.testing.assert_array_equal(flipped[~mirrored], images[~mirrored])
    np.testing.assert_array_equal(augmentation.flip(1)(images, rng()), vision.hflip(torch.from_numpy(images)).numpy())


def test_noise_has_the_standard_deviation_asked_for():
    images = np.full((50, 1, 20, 20), 0.5)
    images[0, 0, 0, :2] = -5, 5  # a range wide enough to cut nothing
    change = augmentation.noise(0.1)(images, rng()) - images
    assert np.delete(change.ravel(), [0, 1]).std() == pytest.approx(0.1, rel=0.02)
    assert np.abs(np.corrcoef(change[1].ravel(), change[2].ravel())[0, 1]) < 0.2


def test_brightness_and_contrast_do_what_torchvision_does():
    images = np.full((100, 2, 4, 4), 0.5) + some(shape=(100, 2, 4, 4)) * 0.1
    images[0, 0, 0, :2] = 0, 1
    shift = (augmentation.brightness(0.2)(images, rng()) - images)[1:]
    assert np.ptp(shift, axis=(1, 2, 3)).max() < 1e-12, "the same for every pixel of an image"
    assert -0.2 <= shift.min() < -0.15
    assert 0.15 < shift.max() <= 0.2
    changed = augmentation.contrast(0.5)(images, rng())[1:]
    factors = changed.std(axis=(1, 2, 3)) / images[1:].std(axis=(1, 2, 3))
    assert 0.5 <= factors.min() < 0.6
    assert 1.4 < factors.max() <= 1.5
    one = images[1:2, :1]  # torchvision takes the mean of the grey image
    expected = vision.adjust_contrast(torch.from_numpy(one), factors[0]).numpy()
    np.testing.assert_allclose(one.mean() + (one - one.mean()) * factors[0], expected, atol=1e-6)
    np.testing.assert_allclose(changed.mean(axis=(1, 2, 3)), images[1:].mean(axis=(1, 2, 3)))


def test_cutout_blacks_out_one_square():
    images = np.ones((300, 2, 9, 7))
    holes = augmentation.cutout(3)(images, rng()) == 0
    assert (holes[:, 0] == holes[:, 1]).all()
    rows, columns = holes[:, 0].any(axis=2).sum(axis=1), holes[:, 0].any(axis=1).sum(axis=1)
    assert (holes[:, 0].sum(axis=(1, 2)) == rows * columns).all()
    assert set(rows.tolist()) == set(columns.tolist()) == {2, 3}, "at the border a part lies outside"


# -------------------------------------------------------------------------------------------------------- properties


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_type_shape_range_and_the_images_given_are_kept(name, dtype):
    images = some(dtype=dtype)
    before = images.copy()
    images.flags.writeable = False
    out = EVERY[name](images, rng())
    assert out.dtype == dtype
    assert out.shape == images.shape
    assert out.min() >= 0
    assert out.max() <= images.max()
    np.testing.assert_array_equal(images, before)
    assert not np.array_equal(out, images)
    out[...] = 0  # what it returns belongs to the caller


@pytest.mark.parametrize("name", EVERY)
def test_the_same_generator_gives_the_same_images_and_another_does_not(name):
    images = some()
    np.testing.assert_array_equal(EVERY[name](images, rng(1)), EVERY[name](images, rng(1)))
    assert not np.array_equal(EVERY[name](images, rng(1)), EVERY[name](images, rng(2)))


@pytest.mark.parametrize("name", EVERY)
def test_any_memory_and_a_single_image_will_do(name):
    images = some()
    backwards = np.asfortranarray(images)[:, ::-1]
    expected = EVERY[name](np.ascontiguousarray(images[:, ::-1]), rng())
    np.testing.assert_allclose(EVERY[name](backwards, rng()), expected, rtol=0, atol=1e-15)
    assert EVERY[name](images[:1], rng()).shape == (1, 2, 9, 7)


@pytest.mark.parametrize("name", NOTHING)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nothing_asked_nothing_changed(name, dtype):
    images = some(dtype=dtype)
    np.testing.assert_array_equal(NOTHING[name](images, rng()), images)


def test_contrast_of_nothing_changes_no_more_than_rounding():
    np.testing.assert_allclose(augmentation.contrast(0)(some(), rng()), some(), atol=1e-15)


def test_compose_applies_in_order():
    calls = []

    def noted(name):
        def augment(images, rng):
            calls.append(name)
            return images + 1

        return augment

    out = augmentation.compose(noted("first"), noted("second"))(np.zeros((1, 1, 2, 2)), rng())
    assert calls == ["first", "second"]
    assert (out == 2).all()


def test_names():
    assert repr(augmentation.compose(augmentation.crop(32, padding=4), augmentation.cutout(8))) == (
        "compose(crop(size=32, padding=4), cutout(size=8))"
    )


# ------------------------------------------------------------------------------------------------------ wrong input


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 9, 7)), r"floats of shape \(N, C, H, W\), not float64 of shape \(2, 9, 7\)"),
        (np.zeros((2, 1, 9, 7), np.uint8), "not uint8"),
    ],
)
def test_images_of_another_kind(name, images, message):
    with pytest.raises(ValueError, match=message):
        EVERY[name](images, rng())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: augmentation.translate(-1), "pixels must be at least 0, not -1"),
        (lambda: augmentation.translate(1.5), "pixels must be a whole number, not 1.5"),
        (lambda: augmentation.crop(0), "size must be at least 1, not 0"),
        (lambda: augmentation.crop((3, -1)), "size must be at least 1, not -1"),
        (lambda: augmentation.crop(3, padding=-1), "padding must be at least 0, not -1"),
        (lambda: augmentation.flip(1.5), "probability must be between 0 and 1, not 1.5"),
        (lambda: augmentation.rotate(-10), "degrees must be at least 0, not -10"),
        (lambda: augmentation.rotate(float("nan")), "degrees must be at least 0, not nan"),
        (lambda: augmentation.noise(-0.1), "std must be at least 0"),
        (lambda: augmentation.brightness(-0.1), "amount must be at least 0"),
        (lambda: augmentation.contrast(-0.1), "amount must be at least 0"),
        (lambda: augmentation.cutout(0), "size must be at least 1"),
        (lambda: augmentation.crop(12, padding=1)(some(), rng()), r"padded \(11, 9\), and \(12, 12\) does not"),
        (lambda: augmentation.rotated(some(), np.zeros(3)), r"degrees must have shape \(6,\), not \(3,\)"),
    ],
)
def test_settings_that_make_no_sense(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_compose_takes_functions_only():
    with pytest.raises(TypeError, match="not 3"):
        augmentation.compose(3)
