"""Makes the built site lighter: what a reader's browser has to fetch before a page is there.

* What the theme brings and no page loads is left out (`remove_unused_files`).
* Pictures become WebP (`lighten_pictures`): without loss, or, where that is still large, at quality 75.
* The theme brings a font with 1400 signs and a rule of style for each; the site keeps those that it shows
  (`lighten_icons`).

The index of the search is loaded by the search page alone: see `book/_templates/layout.html`.
"""

import io
import re
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from PIL import Image
from sphinx.application import Sphinx

LARGE = 60_000  # bytes of a picture without loss; what is larger may lose what nobody sees
QUALITY = 75
SIGN = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"\\([0-9a-f]+)"\}')
ELSEWHERE = re.compile(r'"\\(f[0-9a-f]{3})"')  # signs that rules of the theme itself show
FONT = "vendor/fontawesome/webfonts"


def setup(app: Sphinx) -> dict:
    """Sphinx calls this."""
    app.connect("build-finished", lighten, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def lighten(app: Sphinx, exception: Exception | None) -> None:
    """Work on the site when all of it is written."""
    if exception or app.builder.format != "html":
        return
    site = Path(app.outdir)
    remove_unused_files(site)
    lighten_pictures(site, site.parent / f".webp-{QUALITY}")
    lighten_icons(site)


def remove_unused_files(site: Path) -> None:
    """Delete source maps, the icon script, and fonts in a second format."""
    for pattern in ("**/*.map", "scripts/fontawesome.js*", f"{FONT}/*.ttf"):
        for path in (site / "_static").glob(pattern):
            path.unlink()


def lighten_pictures(site: Path, kept: Path) -> None:
    """Put a WebP into the place of each PNG in ``_images`` that becomes smaller by it, and change the pages.

    Parameters
    ----------
    site : Path
        The built site.
    kept : Path
        Where pictures that have been converted are kept: the name of one says what is in it.
    """
    kept.mkdir(exist_ok=True)
    renamed = {}
    for picture in sorted((site / "_images").glob("*.png")):
        converted = kept / f"{picture.stem}.webp"
        if not converted.is_file() or converted.stat().st_mtime < picture.stat().st_mtime:
            converted.write_bytes(webp(picture))
        if converted.stat().st_size < picture.stat().st_size:
            picture.with_suffix(".webp").write_bytes(converted.read_bytes())
            renamed[picture.name] = converted.name
            picture.unlink()
    # Pages of an earlier build name pictures that have been converted then.
    known = renamed | {f"{path.stem}.png": path.name for path in (site / "_images").glob("*.webp")}
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        changed = re.sub(r"(?<=_images/)[\w.-]+\.png", lambda name: known.get(name[0], name[0]), text)
        if changed != text:
            page.write_text(changed, encoding="utf-8")


def webp(picture: Path) -> bytes:
    """A picture as WebP."""
    with Image.open(picture) as image:
        image = image.convert("RGBA" if "A" in image.getbands() else "RGB")
        if image.mode == "RGBA" and image.getextrema()[3] == (255, 255):
            image = image.convert("RGB")
        exact = _saved(image, lossless=True, quality=75)
        return exact if len(exact) < LARGE else min(exact, _saved(image, quality=QUALITY), key=len)


def _saved(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "webp", method=4, **options)
    return buffer.getvalue()


def lighten_icons(site: Path) -> None:
    """Leave the signs in the fonts and in the style that some page or script of the site names."""
    static = site / "_static"
    sheet = static / "styles" / "pydata-sphinx-theme.css"
    style = sheet.read_text(encoding="utf-8")
    if "webfonts/fa-solid-900.woff)" in style:
        return  # done already; Sphinx copies the theme's files only when they have changed
    pages = [path for path in site.rglob("*.html") if "_static" not in path.relative_to(site).parts]
    named = set()
    for path in [*pages, *static.glob("*.js"), *(static / "scripts").glob("*.js")]:
        named |= set(re.findall(r"fa-[a-z0-9-]+", path.read_text(encoding="utf-8")))
    shown = set()

    def keep(rule):
        names = [name for name in rule[1].split(",") if name[1:].removesuffix(":before") in named]
        if not names:
            return ""
        shown.add(int(rule[2], 16))
        return f'{",".join(names)}{{content:"\\{rule[2]}"}}'

    style = SIGN.sub(keep, style)
    for path in [*static.rglob("*.css")]:
        text = style if path == sheet else path.read_text(encoding="utf-8")
        shown |= {int(code, 16) for code in ELSEWHERE.findall(text)}
    for name in ("fa-solid-900", "fa-regular-400", "fa-brands-400"):
        font = _theme_font(name)
        letters = subset.Subsetter()
        letters.populate(unicodes=shown & set(font.getBestCmap()))
        letters.subset(font)
        font.flavor = "woff"  # needs no library that we do not have; a font of twenty signs is small in any form
        font.save(static / FONT / f"{name}.woff")
        (static / FONT / f"{name}.woff2").unlink(missing_ok=True)
        sources = (
            rf'url\(\.\./{FONT}/{name}\.woff2\) format\("woff2"\),url\(\.\./{FONT}/{name}\.ttf\) format\("truetype"\)'
        )
        style = re.sub(sources, f'url(../{FONT}/{name}.woff) format("woff")', style)
    sheet.write_text(style, encoding="utf-8")


def _theme_font(name):
    import pydata_sphinx_theme

    theme = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme"
    return TTFont(theme / "static" / FONT / f"{name}.ttf")
