"""Data that is put together: scenes of digits, mosaics of textures, spoken words, tiles of nuclei."""

import numpy as np
import pytest

from coursekit import data
from coursekit.data import masks, scenes, speech, textures


def test_digits_stand_in_their_boxes():
    digits, rng = data.load("mnist", "test"), np.random.default_rng(0)
    for _ in range(20):
        scene = scenes.digit_scene(digits, rng, clutter=0)
        assert 1 <= len(scene.boxes) == len(scene.classes) <= 3
        outside = scene.image[0].copy()
        for left, top, right, bottom in scene.boxes.astype(int):
            assert 18 <= right - left == bottom - top <= 30
            assert scene.image[0, top:bottom, left:right].max() > 0.6
            outside[top:bottom, left:right] = 0
        assert outside.max() == 0


def test_clutter_is_darker_than_digits():
    digits, rng = data.load("mnist", "test"), np.random.default_rng(0)
    scene = scenes.digit_scene(digits, rng, clutter=30)
    for left, top, right, bottom in scene.boxes.astype(int):
        scene.image[0, top:bottom, left:right] = 0
    assert 0.3 < scene.image.max() < 0.71


def test_halves_of_a_texture_do_not_meet():
    images = [textures.mosaic(0, half)[0] for half in ("left", "right")]
    masks_ = [textures.mosaic(0, half)[1] for half in ("left", "right")]
    np.testing.assert_array_equal(*masks_)  # the same cells
    assert np.mean(images[0] == images[1]) < 0.1


def test_one_pixel_of_a_mosaic_says_nothing():
    image, mask = textures.mosaic(3)
    means = [image[mask == k].mean() for k in range(3)]
    assert np.ptp(means) < 0.1


def test_there_is_no_upper_half():
    with pytest.raises(ValueError, match="half: got 'upper'"):
        textures.mosaic(0, "upper")


@pytest.mark.parametrize(("letter", "formants"), speech.FORMANTS.items())
def test_vowels_ring_at_their_formants(letter, formants):
    sound = speech.sound_of(letter, 0.5, 100, 1.0, np.random.default_rng(0))
    size = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    frequency = np.fft.rfftfreq(len(sound), 1 / speech.RATE)

    def loudness(at):  # a voice of 100 Hz has an overtone in every such band
        return size[abs(frequency - at) < 60].max()

    for formant in formants[1:]:
        assert loudness(formant) > 1.5 * loudness(formant - 400 if letter == "i" or formant > 2000 else formant + 500)


def test_the_pitch_is_the_distance_of_overtones():
    sound = speech.sound_of("a", 0.5, 150, 1.0, np.random.default_rng(0))
    lag = np.correlate(sound, sound, "full")[len(sound) - 1 :]
    first = 30 + lag[30:120].argmax()
    assert speech.RATE / first == pytest.approx(150, rel=0.06)


def test_words_come_with_their_reverse():
    for k, word in enumerate(speech.WORDS):
        assert speech.WORDS[k ^ 1] == word[::-1]


def test_speakers_differ_and_say_every_word():
    spectrograms, labels = speech.recordings(3, 2, np.random.default_rng(0))
    assert spectrograms.shape == (48, 1, 64, 74)
    assert np.bincount(labels).tolist() == [6] * 8


@pytest.mark.parametrize("word", ["", "aia", "ab"])
def test_words_that_cannot_be_said(word):
    with pytest.raises(ValueError, match=f"word: got {word!r}"):
        speech.say(word, (100, 1.0), np.random.default_rng(0))


def test_tiles_are_parts_of_the_image():
    part = masks.regions(data.nuclei())["test"]
    tiles = masks.tiles(part, side=48)
    assert len(tiles) == 3 * 10
    np.testing.assert_array_equal(tiles[11].image, part.image[48:96, 48:96])
    np.testing.assert_array_equal(tiles[11].mask, part.mask[48:96, 48:96])


def test_variants_keep_labels_where_they_belong():
    rng, seen = np.random.default_rng(0), set()
    classes = np.arange(9).reshape(3, 3)
    for _ in range(200):
        image, turned = masks.varied(classes / 10 + 0.1, classes, rng)
        gain = image.flat[0] / (turned.flat[0] / 10 + 0.1)
        assert 0.7 <= gain <= 1.4
        np.testing.assert_allclose(image, gain * (turned / 10 + 0.1))
        seen.add(turned.tobytes())
    assert len(seen) == 8


def test_dice_and_iou_are_cousins():
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 30)) < 0.5
    iou = masks.iou(a, b)
    assert masks.dice(a, b) == pytest.approx(2 * iou / (1 + iou))
    assert masks.dice(a & False, b & False) == 1
