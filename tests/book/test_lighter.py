"""Pictures as WebP, and fonts and style without the signs that nobody sees."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import lighter
import numpy as np
import pydata_sphinx_theme
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static"
FLAT = np.zeros((300, 400, 3), np.uint8)
NOISE = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)


@pytest.fixture
def site(tmp_path):
    (tmp_path / "html/_images").mkdir(parents=True)
    (tmp_path / "html/page.html").write_text('<img src="_images/a.png"><img src="_images/other.png"> a.png')
    return tmp_path / "html"


@pytest.mark.parametrize(("format_", "error"), [("latex", None), ("html", RuntimeError())])
def test_a_failed_build_or_another_format_is_left_alone(tmp_path, format_, error):
    lighter.lighten(SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format=format_)), error)
    assert list(tmp_path.iterdir()) == []


def test_what_no_page_loads_is_deleted(site):
    gone = ["scripts/a.js.map", "scripts/fontawesome.js", f"{lighter.FONT}/fa-solid-900.ttf"]
    for name in [*gone, "scripts/theme.js", f"{lighter.FONT}/fa-solid-900.woff2"]:
        (site / "_static" / name).parent.mkdir(parents=True, exist_ok=True)
        (site / "_static" / name).touch()
    lighter.remove_unused_files(site)
    assert sorted(path.name for path in (site / "_static").rglob("*.*") if path.is_file()) == [
        "fa-solid-900.woff2",
        "theme.js",
    ]


def test_a_picture_becomes_smaller_and_the_page_knows_it(site):
    Image.fromarray(FLAT + np.uint8(7)).save(site / "_images/a.png")
    for _ in range(2):  # a second build changes nothing
        lighter.lighten_pictures(site, site.parent / "kept")
        assert [path.name for path in (site / "_images").iterdir()] == ["a.webp"]
        assert (site / "page.html").read_text() == '<img src="_images/a.webp"><img src="_images/other.png"> a.png'
    with Image.open(site / "_images/a.webp") as image:
        np.testing.assert_array_equal(np.asarray(image), FLAT + 7)


def test_a_page_written_anew_finds_the_picture_of_an_earlier_build(site):
    page = (site / "page.html").read_text()
    Image.fromarray(FLAT).save(site / "_images/a.png")
    lighter.lighten_pictures(site, site.parent / "kept")
    (site / "page.html").write_text(page)
    lighter.lighten_pictures(site, site.parent / "kept")
    assert "_images/a.webp" in (site / "page.html").read_text()


def test_only_large_pictures_lose_anything(tmp_path):
    for pixels, exact in ((NOISE[:50, :50], True), (NOISE, False)):
        Image.fromarray(pixels).save(tmp_path / "a.png")
        (tmp_path / "a.webp").write_bytes(lighter.webp(tmp_path / "a.png"))
        with Image.open(tmp_path / "a.webp") as image:
            assert np.array_equal(np.asarray(image), pixels) == exact


def test_signs_that_are_shown_stay(tmp_path):
    for part in ("styles", "vendor/fontawesome/webfonts", "scripts"):
        shutil.copytree(THEME / part, tmp_path / "_static" / part)
    (tmp_path / "page.html").write_text('<i class="fa-solid fa-magnifying-glass"></i>')
    sheet = tmp_path / "_static/styles/pydata-sphinx-theme.css"
    before = sheet.stat().st_size
    for _ in range(2):
        lighter.lighten_icons(tmp_path)
    style = sheet.read_text()
    assert '.fa-magnifying-glass:before{content:"\\f002"}' in style
    assert ".fa-hippo:before" not in style
    assert len(style) < before - 50_000
    fonts = tmp_path / "_static/vendor/fontawesome/webfonts"
    assert not list(fonts.glob("*.woff2"))
    solid = TTFont(fonts / "fa-solid-900.woff").getBestCmap()
    assert 0xF002 in solid
    assert len(solid) < 100
    assert style.count(".woff)") == 3
    assert "woff2" not in style
