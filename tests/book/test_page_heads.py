"""What a page says of itself, and headings of tables that say nothing."""

import page_heads
import pytest
from docutils import nodes
from docutils.core import publish_doctree

CHAPTER = """
*Chapter 1*

After this chapter you can

- count to three;
- and back.

A paragraph of more than eight words, which is not the promise of the chapter.
"""


def test_a_chapter_is_described_by_what_it_promises():
    words = page_heads.description(publish_doctree(CHAPTER))
    assert words == "After this chapter you can count to three; and back."


def test_another_page_is_described_by_its_first_paragraph_of_some_length():
    page = "Short.\n\n- A list item of more than eight words is not what the page is about.\n\n" + "word " * 100
    words = page_heads.description(publish_doctree(page))
    assert words.startswith("word word")
    assert words.endswith("word…")
    assert len(words) <= page_heads.LONGEST


def test_a_page_without_text_has_no_description():
    assert page_heads.description(publish_doctree("Title")) == ""


@pytest.mark.parametrize(("heading", "left"), [("", 0), ("units", 1)])
def test_a_heading_without_a_word_is_taken_out(heading, left):
    head = nodes.thead("", nodes.row("", nodes.entry(), nodes.entry("", nodes.paragraph("", heading))))
    doctree = nodes.document(None, None, "", nodes.table("", nodes.tgroup("", head)))
    page_heads.mend_table_headings(None, doctree)
    assert len(list(doctree.findall(nodes.thead))) == left
