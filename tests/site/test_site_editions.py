"""Two editions of the book: the students' holds nothing of a solution, the instructor's everything."""

import json
import re
import runpy
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
SOLUTIONS = sorted((REPOSITORY / "solutions").glob("*/assignment.toml"))
NAME = re.compile(r"[a-z]+_[a-z_]*[a-z]")  # names of two words and more: the index holds other words as their stems


@pytest.fixture(scope="module")
def instructor():
    """The functions of tools/instructor."""
    return runpy.run_path(str(REPOSITORY / "tools" / "instructor"))


def solution_texts(folder):
    """What students must not see of an exercise: solved blocks, model answers, hidden tests, instructors' notes."""
    notebook = json.loads(next(folder.glob("*.ipynb")).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            yield from re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", source, re.DOTALL)
        elif cell["metadata"].get("nbgrader", {}).get("solution"):
            yield source
    yield (folder / "test_hidden.py").read_text(encoding="utf-8")
    yield (folder / "instructor.md").read_text(encoding="utf-8")


def seen_by_students():
    """All that the students' book is made of, and what the package says of itself."""
    for folder in ("book", "exercises", "coursekit"):
        for path in (REPOSITORY / folder).rglob("*"):
            if path.suffix in (".ipynb", ".md", ".py", ".bib", ".toml") and path.is_file():
                text = path.read_text(encoding="utf-8")
                yield text.replace('\\"', '"') if path.suffix == ".ipynb" else text


def test_no_line_of_a_solution_is_in_the_students_book(site):
    """Lines long enough to be nobody else's; those that a chapter or the package shows as well are not secret."""
    known = "\n".join(seen_by_students())
    texts = [text for path in SOLUTIONS for text in solution_texts(path.parent)]
    lines = {line.strip() for text in texts for line in text.splitlines() if len(line.strip()) >= 30}
    secret = {line for line in lines if line not in known}
    assert len(secret) > 1000, "the test looks for nothing"
    for path in site.rglob("*"):
        if path.suffix in (".html", ".ipynb", ".md", ".txt", ".js") and "_static" not in path.parts:
            text = path.read_text(encoding="utf-8").replace('\\"', '"')
            assert [line for line in secret if line in text] == [], path


def test_the_search_index_knows_no_name_of_the_solutions(site):
    """Nor their pages."""
    known = set(NAME.findall("\n".join(seen_by_students()).lower()))
    texts = "\n".join(text for path in SOLUTIONS for text in solution_texts(path.parent))
    secret = set(NAME.findall(texts.lower())) - known
    assert len(secret) > 100, "the test looks for nothing"
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    assert "solutions/" not in index
    assert secret & set(NAME.findall(index.lower())) == set()


def test_the_instructor_edition_has_two_more_pages_below_each_exercise(instructor):
    students = yaml.safe_load((REPOSITORY / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter for part in instructor["toc"](students, REPOSITORY)["parts"] for chapter in part["chapters"]]
    found = [chapter for chapter in chapters if chapter["file"].startswith("exercises/")]
    assert [Path(chapter["file"]).parent.name for chapter in found] == [path.parent.name for path in SOLUTIONS]
    for chapter in found:
        solved, notes = (section["file"] for section in chapter["sections"])
        assert (REPOSITORY / f"{solved}.ipynb").is_file()
        assert (REPOSITORY / f"{notes}.md").is_file()
    assert [chapter["file"] for chapter in chapters] == [
        chapter["file"] for part in students["parts"] for chapter in part["chapters"]
    ]


def test_an_exercise_without_its_notes_is_named(instructor, tmp_path):
    students = {"parts": [{"chapters": [{"file": "exercises/01-lines/lines"}]}]}
    (tmp_path / "solutions/01-lines").mkdir(parents=True)
    (tmp_path / "solutions/01-lines/lines.ipynb").touch()
    with pytest.raises(SystemExit, match=r"solutions/01-lines/instructor\.md: not there"):
        instructor["toc"](students, tmp_path)


def test_only_the_instructor_edition_lets_solutions_in_and_says_so(instructor):
    students = yaml.safe_load((REPOSITORY / "_config.yml").read_text(encoding="utf-8"))
    assert "solutions" in students["exclude_patterns"]
    settings = instructor["config"](yaml.safe_load((REPOSITORY / "_config.yml").read_text(encoding="utf-8")))
    assert "solutions" not in settings["exclude_patterns"]
    assert set(students["exclude_patterns"]) - {"solutions"} == set(settings["exclude_patterns"])
    assert "not for students" in settings["title"]
