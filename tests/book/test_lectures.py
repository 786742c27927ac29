"""Links lead to the sections they name, above all those of “Where each lecture went”; the unwritten is called so."""

import functools
import json
import re
from pathlib import Path

import pytest
import yaml
from markdown_it.renderer import RendererHTML
from markdown_it.tree import SyntaxTreeNode
from myst_parser.config.main import MdParserConfig
from myst_parser.mdit_to_docutils.base import compute_unique_slug
from myst_parser.parsers.mdit import create_md_parser

REPOSITORY = Path(__file__).resolve().parents[2]
BOOK = REPOSITORY / "book"
PAGE = BOOK / "reference" / "lectures.md"
CONFIG = yaml.safe_load((REPOSITORY / "_config.yml").read_text(encoding="utf-8"))

LINK = re.compile(r"\[([^\]]+)\]\(([^)#]*)#?([^)]*)\)")
UNWRITTEN = re.compile(r"chapters? ([\d, and]+), not yet written")
NUMBER = re.compile(r"^\*Chapter (\d+), ", re.MULTILINE)


def sections(markdown):
    """{anchor: heading} as MyST gives anchors, down to the level that the book's configuration asks for."""
    settings = MdParserConfig(enable_extensions=set(CONFIG["parse"]["myst_enable_extensions"]))
    found = {}
    for node in SyntaxTreeNode(create_md_parser(settings, RendererHTML).parse(markdown)).walk():
        if node.type == "heading" and int(node.tag[1]) <= CONFIG["sphinx"]["config"]["myst_heading_anchors"]:
            found[compute_unique_slug(node, found)] = node.children[0].content
    return found


@functools.cache
def chapter(path):
    """(number, {anchor: heading}) of a notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return int(NUMBER.search(text)[1]), sections(text)


def wrong_links(page, folder=PAGE.parent):
    for text, target, anchor in LINK.findall(page):
        path = (folder / target).resolve()
        if not path.is_file():
            yield f"{text}: there is no {target}"
            continue
        if path.suffix == ".md":
            before, headings = "", sections(path.read_text(encoding="utf-8"))
        else:
            number, headings = chapter(path)
            before = f"{number} · "
        if anchor not in headings:
            yield f"{text}: {target} has no section #{anchor}"
        elif text != before + headings[anchor]:
            yield f"{text}: the section is called {before}{headings[anchor]}"


def dead_links(path):
    """Links of a chapter to others, or to sections of others or its own, that are not there."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        for text, target, anchor in LINK.findall("".join(cell["source"]) if cell["cell_type"] == "markdown" else ""):
            place = (path.parent / target).resolve() if target else path
            if place.suffix != ".ipynb" or ":" in target or "exercises" in place.parts:
                continue
            if not place.is_file() or (anchor and anchor not in chapter(place)[1] and not anchor.startswith("fig-")):
                yield f"{text}: {target}#{anchor}"


def wrongly_unwritten(page, written):
    named = {int(number) for numbers in UNWRITTEN.findall(page) for number in re.findall(r"\d+", numbers)}
    return sorted(named & written)


def chapters():
    return {chapter(path)[0]: path for path in BOOK.rglob("*.ipynb") if not any(p[0] == "." for p in path.parts)}


def test_links_lead_to_the_sections_they_name():
    assert list(wrong_links(PAGE.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("number", sorted(chapters()))
def test_every_chapter_is_linked(number):
    targets = {(PAGE.parent / target).resolve() for _, target, _ in LINK.findall(PAGE.read_text(encoding="utf-8"))}
    assert chapters()[number] in targets


@pytest.mark.parametrize("number", sorted(chapters()))
def test_links_between_chapters_lead_somewhere(number):
    assert list(dead_links(chapters()[number])) == []


def test_a_dead_link_is_found(tmp_path):
    text = "# A\n\n*Chapter 9, b*\n\n## Here\n\n[1](#here) [2](#there) [3](a.ipynb#here) [4](b.ipynb) [5](c.md)"
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": [text]}]}))
    assert list(dead_links(tmp_path / "a.ipynb")) == ["2: #there", "4: b.ipynb#"]


def test_chapters_called_unwritten_are_unwritten():
    assert wrongly_unwritten(PAGE.read_text(encoding="utf-8"), set(chapters())) == [], "put links in their place"


def test_links_may_be_in_every_row():
    rows = [row for row in PAGE.read_text(encoding="utf-8").splitlines() if row.startswith("| ")]
    headers = ("| topic of the lecture | where it is |", "| item | section |")
    open_rows = [row for row in rows if row not in headers and not LINK.search(row)]
    assert all("not yet written" in row or "not in the book yet" in row for row in open_rows)


GOOD = "[2 · What no line can do](../linear/perceptron.ipynb#what-no-line-can-do)"


def test_a_right_link_passes():
    assert list(wrong_links(GOOD)) == []


@pytest.mark.parametrize(
    ("link", "complaint"),
    [
        (GOOD.replace("#what", "#that"), "no section #that-no-line-can-do"),
        (GOOD.replace("#what-no-line-can-do", ""), "no section #"),
        (GOOD.replace("perceptron", "perzeptron"), "there is no ../linear/perzeptron.ipynb"),
        (GOOD.replace("2 ·", "3 ·"), "called 2 · What"),
        (GOOD.replace("can do]", "may do]"), "called 2 · What no line can do"),
    ],
)
def test_a_wrong_link_is_found(link, complaint):
    (found,) = wrong_links(f"| topic | {link}; {GOOD} |")
    assert complaint in found


def test_a_chapter_called_unwritten_is_found():
    page = "chapter 4, not yet written; chapters 2, 12 and 21, not yet written"
    assert wrongly_unwritten(page, written={1, 2, 4}) == [2, 4]


def test_anchors_are_those_of_myst():
    markdown = "# Why `+=`\n\n## The δ-rules\n\n## Again?\n\n## Again!\n\n#### Too deep\n\n```\n# code\n```\n"
    assert sections(markdown) == {
        "why-": "Why `+=`",
        "the-δ-rules": "The δ-rules",
        "again": "Again?",
        "again-1": "Again!",
    }


def test_every_word_of_the_glossary_is_introduced_somewhere():
    glossary = (BOOK / "reference" / "glossary.md").read_text(encoding="utf-8")
    entries = re.findall(r"^  .+ → \[[^\]]+\]\(([^)#]+)#?([^)]*)\)$", glossary, re.MULTILINE)
    assert len(entries) > 70
    assert len(entries) == len(re.findall(r"^  \S", glossary, re.MULTILINE)), "an entry leads nowhere"
    for target, anchor in entries:
        path = (BOOK / "reference" / target).resolve()
        assert path.is_file(), f"there is no {target}"
        assert not anchor or anchor in chapter(path)[1], f"{target} has no section #{anchor}"
