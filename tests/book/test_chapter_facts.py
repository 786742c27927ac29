"""What a chapter takes stands under its title, and on one page for all of them."""

import chapter_facts
import nbformat
import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx

import coursekit


def page(*, words=0, lines=0, printed=0):
    """A page of so many words of prose, lines of code and lines of output."""
    document = nodes.section()
    document += nodes.paragraph("", "word " * words)
    for names, count in ((["cell_input"], lines), (["cell_output"], printed)):
        around = nodes.container(classes=names)
        around += nodes.literal_block("", "\n".join(["x = 1"] * count))
        document += around
    return document


@pytest.mark.parametrize(
    ("contents", "minutes"),
    [
        ({"words": 10}, 5),
        ({"words": 4000}, 20),
        ({"words": 4000, "lines": 250}, 30),
        ({"words": 4000, "printed": 2500}, 20),
    ],
)
def test_prose_counts_by_words_code_by_lines_and_output_not(contents, minutes):
    assert chapter_facts.minutes_to_read(page(**contents)) == minutes


def test_the_facts_are_on_the_pages(tmp_path):
    cells = [nbformat.v4.new_markdown_cell("# First\n\nSome words."), nbformat.v4.new_code_cell("print(1)")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "first.ipynb")
    (tmp_path / "status.md").write_text("# Status\n\n```{execution-report}\n```\n")
    (tmp_path / "index.md").write_text("# Index\n\n```{toctree}\nfirst\nstatus\n```\n")
    (tmp_path / "tests/golden").mkdir(parents=True)
    (tmp_path / "tests/golden/first.json").write_text('{"cells": {"a": [1, 2.5], "b": [[3, 4]]}}')
    settings = {"extensions": ["myst_nb", "chapter_facts"], "nb_execution_mode": "force"}
    app = Sphinx(tmp_path, None, tmp_path / "out", tmp_path / "trees", "html", settings, status=None, warning=None)
    app.build()
    first, status = (
        BeautifulSoup((tmp_path / f"out/{name}.html").read_text(), "html.parser") for name in ("first", "status")
    )
    said = first.select_one("h1 + p.chapter-facts")
    assert said.text == "About 5 minutes to read, 5 seconds to run."
    rows = [[cell.get_text(strip=True) for cell in row.select("td")] for row in status.select("tbody tr")]
    assert [row[0] for row in rows] == ["First", "All"]
    assert rows[0][1] == "5"
    assert rows[0][4] == "yes"
    assert rows[0][5:] == ["3", "1"]
    assert status.select_one("td a")["href"] == "first.html"
    conditions = status.select_one("h1 + p").text
    assert f"coursekit {coursekit.__version__}" in conditions
    assert f"“{coursekit.device()}”" in conditions
    assert not BeautifulSoup((tmp_path / "out/index.html").read_text(), "html.parser").select(".chapter-facts")
