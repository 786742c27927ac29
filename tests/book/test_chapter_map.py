"""The map of chapters: read from a directive, laid out without overlap, and every circle a link with words."""

from types import SimpleNamespace

import chapter_map
import pytest
from bs4 import BeautifulSoup
from docutils import nodes

CHAPTERS = [
    ("One", "a/one.html", "a"),
    ("Two", "a/two.html", "a"),
    ("Two more", "a/more.html", "a"),
    ("B", "b/b.html", "b"),
]
NEEDED = {2: [1], 3: [1], 4: [2, 3]}


@pytest.fixture
def drawn():
    return BeautifulSoup(chapter_map.picture(CHAPTERS, NEEDED), "html.parser")


def directive(*lines):
    made = chapter_map.ChapterMap.__new__(chapter_map.ChapterMap)
    made.content = lines
    made.error = ValueError
    return made.run()[0]


def test_a_chapter_comes_after_the_longest_way_to_it():
    assert chapter_map.depths({2: [1], 3: [1, 2], 5: [3]}, 5) == [0, 1, 2, 0, 3]


def test_every_circle_is_a_link_that_says_what_it_builds_on(drawn):
    assert [a["href"] for a in drawn.select("a")] == [address for _, address, _ in CHAPTERS]
    assert [a["aria-label"] for a in drawn.select("a")][::3] == [
        "Chapter 1, One; builds on no other",
        "Chapter 4, B; builds on 2 and 3",
    ]


def test_no_circle_lies_on_another_and_no_arrow_leads_back(drawn):
    places = [(float(c["cx"]), float(c["cy"])) for c in drawn.select("circle")]
    assert len(set(places)) == len(CHAPTERS)
    for chapter, others in NEEDED.items():
        for other in others:
            assert places[other - 1][0] < places[chapter - 1][0]
    assert len(drawn.select(".chapter-map-lines path")) == 4


def test_in_a_build_of_some_pages_the_map_is_left_out_with_a_warning(caplog):
    document = nodes.document("", "")
    document += chapter_map.chapter_map(needed=NEEDED)
    environment = SimpleNamespace(toctree_includes={"book/index": ["book/a/one", "book/reference/notation"]}, titles={})
    app = SimpleNamespace(env=environment, config=SimpleNamespace(root_doc="book/index"))
    chapter_map.draw(app, document, "book/index")
    assert document.children == []
    assert "the map names chapters [2, 3, 4]; there are 1" in caplog.text


def test_the_lines_are_read():
    assert directive("2: 1", "", "12: 11, 8")["needed"] == {2: [1], 12: [8, 11]}


@pytest.mark.parametrize("line", ["2", "two: one", "2: 2", "2: 3", "2: 0"])
def test_a_wrong_line_is_named(line):
    with pytest.raises(ValueError, match=line):
        directive(line)
