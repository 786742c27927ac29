"""The printed book: every page once, in order, with links and names that lead where they led on the web."""

import re
import runpy
from pathlib import Path

import pytest
from browsing import needs_a_browser
from bs4 import BeautifulSoup

tool = runpy.run_path(str(Path(__file__).resolve().parents[2] / "tools" / "pdf"))

NAV = """<nav class="bd-links"><p class="caption">Linear</p><ul>
<li><a class="reference internal" href="{up}book/lines.html">Lines</a></li>
<li><a class="reference internal" href="{up}book/planes.html">Planes</a></li></ul>
<p class="caption">Reference</p><ul>
<li><a class="reference internal" href="{up}book/reference/api/nn.html">nn</a></li></ul></nav>"""
PAGE = """<!doctype html><html><head><title>{title} — The book</title>
<link rel="stylesheet" href="{up}_static/a.css?v=1">
<link rel="stylesheet" href="https://elsewhere.org/b.css"><script>window.MathJax = {{}}</script>
<script src="{up}_static/other.js"></script></head><body>{nav}
<article class="bd-article"><section id="top">
<h1>{title}<a class="headerlink" href="#top">#</a></h1>{body}</section></article>
<p class="copyright">© A. Author</p></body></html>"""


@pytest.fixture(scope="module")
def small_site(tmp_path_factory):
    """A site of three pages that is laid out as the book's is."""
    site = tmp_path_factory.mktemp("site")
    pages = {
        "book/index": "<p>Welcome.</p>",
        "book/lines": '<p><a href="planes.html#why">why</a> <a href="#top">up</a> <a href="https://a.org">out</a> '
        '<a href="reference/api/nn.html#x">nn.Linear</a></p><img src="../_images/p.png" alt="A line">'
        '<details class="hide"><pre>plot()</pre></details><details><summary>Answer</summary>42</details>',
        "book/planes": '<h2 id="why">Why</h2><div class="explore"><div class="explore-controls"><input></div>'
        '<img src="data:image/png;base64,a" alt="first"><img hidden src="data:image/png;base64,b" alt="middle">'
        '<img hidden src="data:image/png;base64,c" alt="last"><p role="status"></p></div><script>run()</script>',
        "book/reference/api/nn": '<h2 id="x">Linear</h2>',
    }
    for name, body in pages.items():
        path = site / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * name.count("/")
        title = name.rpartition("/")[2].capitalize()
        path.write_text(PAGE.format(title=title, up=up, nav=NAV.format(up=up), body=body), encoding="utf-8")
    moved = '<meta http-equiv="Refresh" content="0; url=book/index.html">'.lower()
    (site / "index.html").write_text(moved, encoding="utf-8")
    return site


@pytest.fixture(scope="module")
def printed(small_site):
    return BeautifulSoup(tool["document"](small_site), "html.parser")


def test_pages_come_in_the_order_of_the_sidebar_under_its_captions(small_site):
    expected = [("", ["book/index.html"]), ("Linear", ["book/lines.html", "book/planes.html"]), ("Reference", [])]
    assert tool["parts"](small_site, tool["front"](small_site)) == expected


def test_every_page_is_printed_once_and_listed(printed):
    titles = [h.get_text() for h in printed.find_all("h1")]
    assert titles == ["The book", "Contents", "Index", "Lines", "Planes"]
    assert [a.get_text() for a in printed.select(".contents a")] == ["Index", "Lines", "Planes"]
    assert "© A. Author" in printed.select_one(".cover").get_text()


def test_links_lead_within_the_document_or_out_of_it(printed):
    ids = [element["id"] for element in printed.select("[id]")]
    assert len(ids) == len(set(ids)), "two places of one name"
    links = {a.get_text(): a["href"] for a in printed.select("article a")}
    assert links == {"why": "#book-planes--why", "up": "#book-lines--top", "out": "https://a.org"}
    assert {a["href"][1:] for a in printed.select("a[href^='#']")} <= set(ids)
    assert "nn.Linear" in printed.select_one("#book-lines--").get_text()


def test_only_what_means_something_on_paper_is_printed(printed):
    assert [img["alt"] for img in printed.select(".explore img")] == ["first", "last"]
    assert not printed.select("article [hidden]")
    assert not printed.select("article script, .explore-controls, .headerlink")
    assert "plot()" not in printed.get_text()
    assert "open" in printed.find("details").attrs


def test_files_are_found_from_anywhere_and_none_on_another_host(printed, small_site):
    assert printed.select_one("#book-lines-- img")["src"] == (small_site / "_images/p.png").resolve().as_uri()
    assert [link["href"] for link in printed.select("link")] == [(small_site / "_static/a.css").resolve().as_uri()]
    assert len(printed.select("head script")) == 1


@needs_a_browser
def test_a_browser_prints_it(small_site, tmp_path):
    target = tmp_path / "book.pdf"
    tool["main"](small_site, target)
    pdf = target.read_bytes()
    assert pdf.startswith(b"%PDF")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 5
    assert b"/Outlines" in pdf
    assert list(tmp_path.iterdir()) == [target]


def test_without_a_site_it_says_what_to_do(tmp_path):
    with pytest.raises(SystemExit, match="make book"):
        tool["main"](tmp_path, tmp_path / "book.pdf")
