"""The book that is bundled as text."""

import hashlib
import lzma

import pytest

from coursekit import data
from coursekit.data import text


def test_what_it_is():
    book = data.alice()
    digest = hashlib.sha256(book.encode("ascii")).hexdigest()
    assert digest == "99e53cbb0aeb274344a254733db996ca2d05d5fcd10fc0ca02d6966f2b2bc961"
    assert book.count("CHAPTER ") == 12
    assert "\r" not in book
    assert book.rstrip().endswith("THE END")


@pytest.mark.parametrize("content", [b"", b"no xz", lzma.compress("Ä".encode()), None])
def test_a_damaged_or_missing_file_is_named(content, tmp_path, monkeypatch):
    file = tmp_path / "alice.xz"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setattr(text, "FILE", file)
    with pytest.raises(data.DataError, match=r"alice\.xz cannot be read.*git checkout"):
        data.alice()
