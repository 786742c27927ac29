"""The files of the built site: links, words for pictures, captions, and nothing from another host."""

import itertools
import re

import site_checks
from site_checks import ARTICLE


def complaints(check, pages, site):
    return [f"{path.relative_to(site)}: {complaint}" for path, page in pages.items() for complaint in check(page)]


def test_there_is_a_site_to_check(pages, site):
    assert (site / "index.html") in pages
    assert sum(bool(page.soup.select(ARTICLE)) for page in pages.values()) >= 3


def test_every_link_and_anchor_inside_the_site_exists(pages, site):
    assert list(site_checks.broken_links(pages, site)) == []


def test_every_image_has_words(pages, site):
    assert complaints(site_checks.poor_alternative_texts, pages, site) == []


def test_every_figure_has_a_caption(pages, site):
    assert complaints(site_checks.uncaptioned_figures, pages, site) == []


def test_no_page_loads_anything_from_another_host(pages, site):
    assert complaints(site_checks.loads_from_elsewhere, pages, site) == []


def test_no_style_sheet_loads_anything_from_another_host(site):
    sheets = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.css")}
    assert sheets
    assert {path: found for path, css in sheets.items() if (found := site_checks.style_loads_from_elsewhere(css))} == {}


def test_moving_figures_work_before_and_without_script(pages, site):
    assert complaints(site_checks.poor_moving_figures, pages, site) == []
    assert any(page.soup.select(".explore") for page in pages.values()), "no figure of the book moves"


def test_live_figures_have_words_before_and_without_script(pages, site):
    assert complaints(site_checks.poor_live_figures, pages, site) == []


def test_site_carries_its_own_mathjax(site):
    assert (site / "_static/mathjax/tex-chtml.js").stat().st_size > 1_000_000
    assert len(list((site / "_static/mathjax/output/chtml/fonts/woff-v2").glob("*.woff"))) >= 20


def test_every_page_says_what_it_is_about(pages, site):
    """A description, and the card that is shown beside a link to the page."""
    for path, page in pages.items():
        if page.articles and path.name not in ("genindex.html", "py-modindex.html", "search.html"):
            said = page.soup.select_one("meta[name=description]")
            assert said is not None, path.relative_to(site)
            assert len(said["content"].split()) >= 5, path.relative_to(site)
            card = page.soup.select_one("meta[property='og:image']")["content"]
            assert (path.parent / card).is_file(), path.relative_to(site)


def headings(page):
    """The levels of the headings in the article, in order."""
    return [int(heading.name[1]) for article in page.articles for heading in article.find_all(re.compile("^h[1-6]$"))]


def test_headings_are_in_order(pages, site):
    wrong = {}
    for path, page in pages.items():
        levels = headings(page)
        if levels and (levels[0] != 1 or levels.count(1) != 1 or any(b > a + 1 for a, b in itertools.pairwise(levels))):
            wrong[path.relative_to(site).as_posix()] = levels
    assert wrong == {}
