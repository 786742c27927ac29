"""What a docstring says of where it is taught leads to a chapter."""

import re
from pathlib import Path

import nbformat
import pytest
import taught_in
from bs4 import BeautifulSoup
from sphinx.application import Sphinx

REPOSITORY = Path(__file__).resolve().parents[2]
CHAPTERS = taught_in.titles(REPOSITORY / "book")
MODULES = sorted((REPOSITORY / "coursekit").rglob("*.py"))
SHORT = {"convolution": "a", "convolution layers": "b", "backpropagation": "c", "counting": "d"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_every_chapter_that_a_docstring_names_exists(path):
    for promise in taught_in.PROMISE.findall(re.sub(r"\s+", " ", path.read_text(encoding="utf-8"))):
        _, named = taught_in.chapters_named(promise, CHAPTERS)
        assert len(named) == len(re.findall(r"\bon\b", promise)), f"{promise!r} names {named}"


@pytest.mark.parametrize(
    ("docstring", "named"),
    [
        ("Taught in the chapter on convolution.", ["convolution"]),
        ("Taught in the chapter on\n    convolution layers.", ["convolution layers"]),
        (
            "Does this. Taught in the chapters on counting (by hand) and on convolution: see X.",
            ["convolution", "counting"],
        ),
        ("Taught in the chapters on backpropagation and on counting.", ["backpropagation", "counting"]),
        ("Taught in the chapter on convolution kernels.", []),
        ("About convolution.", []),
        (None, []),
    ],
)
def test_chapters_are_found_by_their_whole_title(docstring, named):
    assert sorted(taught_in.chapters_named(docstring, SHORT)[1]) == named


def test_titles_are_those_of_the_pages():
    assert CHAPTERS["backpropagation through convolution and pooling"].startswith("convnets/")
    assert len(CHAPTERS) >= 16


def test_reference_and_chapter_lead_to_each_other(tmp_path, monkeypatch):
    """A site of one chapter and one page of the reference, on a module that says so once, for all in it."""
    (tmp_path / "book/api").mkdir(parents=True)
    cell = nbformat.v4.new_markdown_cell("# Counting\n\n## How many\n\nThree.")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "book/counting.ipynb")
    module = '"""Count.\n\nTaught in the chapter on\ncounting.\n"""\n\ndef three():\n    """Return 3."""\n'
    (tmp_path / "a_module.py").write_text(module)
    page = "# API\n\n```{eval-rst}\n.. automodule:: a_module\n   :members:\n```\n"
    (tmp_path / "book/api/page.md").write_text(page)
    (tmp_path / "index.md").write_text("# Index\n\n```{toctree}\nbook/counting\nbook/api/page\n```\n")
    monkeypatch.syspath_prepend(tmp_path)
    settings = {"extensions": ["myst_nb", "sphinx.ext.autodoc", "taught_in"], "nb_execution_mode": "off"}
    app = Sphinx(tmp_path, None, tmp_path / "out", tmp_path / "trees", "html", settings, status=None, warning=None)
    app.build()
    html = {
        name: BeautifulSoup((tmp_path / f"out/book/{name}.html").read_text(), "html.parser")
        for name in ("counting", "api/page")
    }
    assert [a["href"] for a in html["api/page"].select("dd a[href*=counting]")] == ["../counting.html"]
    assert html["counting"].select_one("#in-the-package a[href*=three]")["href"] == "api/page.html#a_module.three"
