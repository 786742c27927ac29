"""The zip of the book: everything a reader needs, in one folder, and the same bytes from the same site."""

import subprocess
import sys
import zipfile
from pathlib import Path

OFFLINE = Path(__file__).resolve().parents[2] / "tools" / "offline"


def pack(*arguments):
    command = [sys.executable, OFFLINE, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_site_is_packed_into_one_folder(tmp_path):
    (tmp_path / "html/_static").mkdir(parents=True)
    for name in ("index.html", "_static/style.css", "objects.inv"):
        (tmp_path / "html" / name).write_text(name)
    done = pack(tmp_path / "html", tmp_path / "book.zip")
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "book.zip") as archive:
        assert archive.namelist() == ["book/_static/style.css", "book/index.html"]
        assert archive.read("book/index.html") == b"index.html"
    assert not list(tmp_path.glob("*.part"))


def test_the_same_site_gives_the_same_bytes(tmp_path):
    (tmp_path / "html").mkdir()
    (tmp_path / "html/index.html").write_text("x")
    packed = []
    for _ in range(2):
        (tmp_path / "html/index.html").touch()
        pack(tmp_path / "html", tmp_path / "book.zip")
        packed.append((tmp_path / "book.zip").read_bytes())
    assert packed[0] == packed[1]


def test_without_a_site_it_says_what_to_do(tmp_path):
    done = pack(tmp_path, tmp_path / "book.zip")
    assert done.returncode == 1
    assert "make book" in done.stderr
    assert not list(tmp_path.iterdir())
