"""The checks themselves: each finds what it is for on a page that is wrong in one way, and nothing on a good one."""

from pathlib import Path

import pytest
import site_checks
from site_checks import Page

GOOD = """
<article class="bd-article"><h1 id="top">Title</h1>
<a href="#top">up</a> <a href="https://example.org/paper">paper</a> <a href="other.html#there">other</a>
<figure id="fig"><div class="cell_output"><img src="a.png" alt="A curve that rises from 0 to 1."></div>
<figcaption>A curve.</figcaption></figure>
<figure><div class="explore"><label>size <input type="range"></label><img src="data:," alt="one">
<img hidden src="data:," alt="two"></div><figcaption>Two frames.</figcaption></figure>
<figure><div class="live" aria-label="Paper"><p class="live-instead">It needs JavaScript.</p>
<div class="live-body" hidden></div></div><figcaption>Paper.</figcaption></figure>
<script>const here = document.body;</script><style>a { background: url(x.png) }</style></article>
"""
SITE = Path("/site").resolve()


def page(html, name="page.html"):
    return Page(SITE / name, html)


def article(html):
    return page(f'<article class="bd-article">{html}</article>')


@pytest.mark.parametrize(
    "check",
    [
        site_checks.poor_alternative_texts,
        site_checks.uncaptioned_figures,
        site_checks.loads_from_elsewhere,
        site_checks.poor_moving_figures,
        site_checks.poor_live_figures,
    ],
)
def test_good_page_passes(check):
    assert list(check(page(GOOD))) == []


def test_good_links_pass(tmp_path):
    (tmp_path / "page.html").write_text(GOOD)
    (tmp_path / "other.html").write_text('<p id="there">')
    (tmp_path / "a.png").write_bytes(b"")
    assert list(site_checks.broken_links(site_checks.read_site(tmp_path), tmp_path)) == []


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ('<a href="gone.html">', "no such file"),
        ('<img src="gone.png">', "no such file"),
        ('<link rel="stylesheet" href="gone.css">', "no such file"),
        ('<script src="gone.js?v=1"></script>', "no such file"),
        ('<a href="#gone">', "no such anchor"),
        ('<a href="other.html#gone">', "no such anchor"),
        ('<a href="/other.html">', "root of the host"),
        ('<meta http-equiv="Refresh" content="0; url=gone.html">', "no such file"),
    ],
)
def test_broken_links_are_found(tmp_path, html, complaint):
    (tmp_path / "page.html").write_text(html)
    (tmp_path / "other.html").write_text('<p id="there">')
    (found,) = site_checks.broken_links(site_checks.read_site(tmp_path), tmp_path)
    assert complaint in found


@pytest.mark.parametrize(
    "image",
    [
        '<img src="a.png">',
        '<img src="a.png" alt="">',
        '<img src="a.png" alt=" ">',
        '<img src="a.png" alt="../_images/0f3a.png">',
        '<img src="a.png" alt="sigmoid.svg">',
        '<img src="a.png" alt="Figure">',
    ],
)
def test_poor_alternative_texts_are_found(image):
    assert len(list(site_checks.poor_alternative_texts(article(image)))) == 1


@pytest.mark.parametrize(
    "html",
    [
        '<figure><img src="a.png" alt="A curve."></figure>',
        '<figure><img src="a.png" alt="A curve."><figcaption> </figcaption></figure>',
        '<div class="cell_output"><img src="a.png" alt="A curve."></div>',
    ],
)
def test_missing_captions_are_found(html):
    assert len(list(site_checks.uncaptioned_figures(article(html)))) == 1


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://cdn.jsdelivr.net/npm/mathjax@3/es5/tex-chtml.js"></script>',
        '<script src="//unpkg.com/thebe"></script>',
        '<script>const THEBE_JS_URL = "https://unpkg.com/thebe@0.8.2/lib/index.js"</script>',
        '<link rel="stylesheet" href="https://fonts.googleapis.com/css?family=Lato">',
        '<link rel="preconnect" href="//fonts.gstatic.com">',
        '<img src="http://example.org/a.png" alt="A curve.">',
        '<img src="a.png" srcset="a.png 1x, https://example.org/b.png 2x" alt="A curve.">',
        '<iframe src="https://example.org"></iframe>',
        '<form action="https://example.org/search"></form>',
        '<object data="https://example.org/a.svg"></object>',
        "<style>@import 'https://example.org/a.css';</style>",
        "<style>@font-face { src: url( https://example.org/a.woff2 ) }</style>",
        '<p style="background: url(//example.org/a.png)">',
    ],
)
def test_other_hosts_are_found(html):
    assert len(list(site_checks.loads_from_elsewhere(page(html)))) == 1


def test_a_comment_in_a_style_loads_nothing():
    assert site_checks.style_loads_from_elsewhere("/* url(https://example.org) */ a { color: red }") == []


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ('<figure><div class="explore"><img hidden src="data:,"></div></figure>', "exactly the first"),
        ('<figure><div class="explore"><img src="data:,"><img src="data:,"></div></figure>', "exactly the first"),
        ('<div class="explore"><img src="data:,"></div>', "not in a figure"),
        ('<figure><div class="explore"><input type="range"><img src="data:,"></div></figure>', "no visible label"),
        (
            '<figure><div class="explore"><label><select><option>a</select></label><img src="data:,"></div></figure>',
            "no visible label",
        ),
        ('<script type="application/vnd.jupyter.widget-view+json">{}</script>', "widget"),
    ],
)
def test_poor_moving_figures_are_found(html, complaint):
    (found,) = site_checks.poor_moving_figures(page(html))
    assert complaint in found


@pytest.mark.parametrize(
    ("replaced", "by", "complaint"),
    [
        ("<figure>", "<div>", "not in a figure"),
        ("It needs JavaScript.", "", "a sentence must say"),
        (" hidden", "", "must be hidden"),
        ('aria-label="Paper"', "", "no name"),
    ],
)
def test_poor_live_figures_are_found(replaced, by, complaint):
    live = (
        '<div class="live" aria-label="Paper"><p class="live-instead">It needs JavaScript.</p><div class="live-body" '
    )
    html = f"<figure>{live}hidden></div></div></figure>"
    assert list(site_checks.poor_live_figures(page(html))) == []
    (found,) = site_checks.poor_live_figures(page(html.replace(replaced, by)))
    assert complaint in found
