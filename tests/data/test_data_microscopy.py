"""The image of nuclei."""

import hashlib

import numpy as np
import pytest

from coursekit import data
from coursekit.data import microscopy


def test_what_it_is():
    image, mask = data.nuclei()
    assert image.dtype == np.float32
    assert mask.dtype == np.int64
    assert image.shape == mask.shape == (512, 512)
    assert 0 <= image.min() < image.max() <= 1
    digest = hashlib.sha256((image * 255).round().astype(np.uint8).tobytes() + mask.astype(np.uint8).tobytes())
    assert digest.hexdigest() == "41b8ecdc2e15ce54c119cedc8b3de893a097abc95681109c456d13a46d56afc0"


def test_the_outlines_fit_the_image():
    image, mask = data.nuclei()
    assert image[mask > 0].mean() > 2 * image[mask == 0].mean()


def test_every_call_gives_new_arrays():
    data.nuclei().image[:] = 0
    assert data.nuclei().image.max() > 0


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 damaged", None])
def test_a_damaged_or_missing_file_is_named(content, tmp_path, monkeypatch):
    file = tmp_path / "nuclei.npz"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setattr(microscopy, "FILE", file)
    with pytest.raises(data.DataError, match=r"nuclei\.npz cannot be read.*git checkout"):
        data.nuclei()
