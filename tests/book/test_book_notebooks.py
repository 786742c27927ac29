"""Every chapter's notebook against the checks of notebook_checks.py."""

from collections import Counter
from pathlib import Path

import nbformat
import nbformat.v4
import notebook_checks
import pytest

BOOK = Path(__file__).resolve().parents[2] / "book"
CHAPTERS = sorted(path for path in BOOK.rglob("*.ipynb") if not any(part.startswith(".") for part in path.parts))
each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.relative_to(BOOK).as_posix())


@each_chapter
@pytest.mark.parametrize(
    "check",
    [
        notebook_checks.wrong_kernel,
        notebook_checks.wrong_outputs,
        notebook_checks.repeated_ids,
        notebook_checks.long_cells,
        notebook_checks.hidden_results,
        notebook_checks.machine_paths,
        notebook_checks.imports_of_the_grader,
    ],
    ids=lambda check: check.__name__,
)
def test_source(path, check):
    # Not nbformat.read: it repairs what it reads.
    assert list(check(nbformat.v4.reads(path.read_text(encoding="utf-8")))) == []


@each_chapter
def test_valid(path):
    nbformat.validate(nbformat.v4.reads(path.read_text(encoding="utf-8")))


@each_chapter
@pytest.mark.parametrize(
    "check",
    [
        notebook_checks.undescribed_figures,
        notebook_checks.errors_that_do_not_happen,
        notebook_checks.noise,
        notebook_checks.machine_paths,
    ],
    ids=lambda check: check.__name__,
)
def test_executed(executed, check):
    assert list(check(executed)) == []


@each_chapter
def test_chapter_has_a_figure_that_moves(executed):
    kinds = {kind for _, cell in notebook_checks.code_cells(executed) for kind, _ in notebook_checks.drawings(cell)}
    assert "moving" in kinds, "every chapter has at least one figure that the reader can move"


def test_names_of_figures_are_unique_in_the_book():
    names = Counter(name for path in CHAPTERS for name in notebook_checks.figure_names(nbformat.read(path, 4)))
    assert [name for name, times in names.items() if times > 1] == []


def test_no_chapter_hides_from_nbval_as_markdown():
    hidden = [path for path in BOOK.rglob("*.md") if "{code-cell}" in path.read_text(encoding="utf-8")]
    assert hidden == [], "nbval does not collect notebooks written as Markdown"


def test_there_are_chapters():
    assert CHAPTERS
