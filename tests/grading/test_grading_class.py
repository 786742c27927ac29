"""A class: what is found, what is kept, what people read."""

import csv
import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_assignment import COUNTER, HONEST, SOFTMAX, notebook

from coursekit import cli
from coursekit.grading import grade as grade_module
from coursekit.grading import sandbox as sandbox_module
from coursekit.grading.assignment import AssignmentError
from coursekit.grading.deadlines import Deadlines
from coursekit.grading.export import export_csv
from coursekit.grading.feedback import feedback_page
from coursekit.grading.grade import find_submissions, grade_class, student_name
from coursekit.grading.gradebook import Gradebook, key_of
from coursekit.grading.report import table
from coursekit.grading.summary import summary_page


@pytest.fixture
def grade(own_folder, class_folder, tmp_path, sandbox):
    """grade() grades the class and returns (how many now, {student: row})."""

    def grade(**options):
        _, graded, rows = grade_class(own_folder, class_folder.folder, tmp_path / "grades", progress=False, **options)
        return graded, {row["student"]: row for row in rows}

    return grade


def test_everybody_gets_a_line(grade, class_folder):
    class_folder("right", notebook(*HONEST))
    class_folder("half", notebook("import numpy as np", SOFTMAX))
    class_folder("typo", notebook("import numpy as np", "def softmax(z):\n    x = 1\n    return (z", COUNTER))
    class_folder("broken", b"{nope")
    class_folder("empty", b"")
    class_folder("renamed", notebook(*HONEST), name="small (1).ipynb")
    class_folder("two", notebook(*HONEST), name="a.ipynb")
    class_folder("two", notebook(*HONEST), name="b.ipynb")
    class_folder("none", b"", name="readme.txt")
    (class_folder.folder / "nothing").mkdir()
    (class_folder.folder / "a-file.txt").write_text("not a student")
    (class_folder.folder / ".hidden").mkdir()
    _, rows = grade(workers=2)
    assert {name: (row["points"], row["status"]) for name, row in rows.items()} == {
        "right": (4.0, "graded"), "half": (3.0, "graded"), "typo": (1.0, "graded"), "broken": (0.0, "graded"),
        "empty": (0.0, "graded"), "renamed": (4.0, "graded"), "two": (0.0, "not read"), "none": (None, "no submission"),
        "nothing": (None, "no submission"),
    }  # fmt: skip
    assert rows["right"]["line"] == ""
    assert rows["half"]["line"] == "there is no Counter in the notebook"
    assert "cell 2 raised SyntaxError: '(' was never closed (cell 2, line 3: return (z)" in rows["typo"]["line"]
    assert rows["broken"]["line"].startswith("the notebook is not JSON")
    assert rows["empty"]["line"] == "the notebook file is empty"
    assert rows["renamed"]["line"] == "small (1).ipynb was graded: there is no small.ipynb"
    assert "more than one other notebook" in rows["two"]["line"]
    assert rows["right"]["details"]["cpu"] > 0


def test_only_what_changed_is_graded_again(grade, class_folder, own_folder):
    for student in ("anna", "ben"):
        class_folder(student, notebook(*HONEST))
    assert grade()[0] == 2
    assert grade()[0] == 0
    class_folder("ben", notebook("import numpy as np", SOFTMAX))
    graded, rows = grade()
    assert (graded, rows["ben"]["points"], rows["anna"]["points"]) == (1, 3.0, 4.0)
    hidden = own_folder / "test_hidden.py"
    hidden.write_text(hidden.read_text().replace("1000.0", "900.0"))
    assert grade()[0] == 2


def test_tests_edited_during_a_run_do_not_count(grade, class_folder, own_folder, monkeypatch):
    """Not for this run: the grades are kept under the hash of the tests as they were when it began."""
    class_folder("anna", notebook(*HONEST))
    grade()
    class_folder("anna", notebook(*HONEST, "x = 1"))
    hidden = own_folder / "test_hidden.py"

    def edit_then_find(*args):
        hidden.write_text(hidden.read_text().replace("== 9", "== 10"))
        yield from find_submissions(*args)

    monkeypatch.setattr(grade_module, "find_submissions", edit_then_find)
    graded, rows = grade()
    assert (graded, rows["anna"]["points"]) == (1, 4.0)


ALIKE = [
    "alice smith",
    "alice\u00a0smith",
    "alice\u2003smith",
    "bob",
    "bob\u200b",
    "bob\ufffd",
    "bob\udcff",
    "bob\\xff",
]
ALIKE += ["bob\xff", "bob\x80", "bob\\x80", "bob\udc80", "bob\\u0080", "x" * 201, "x" * 200, "x" * 202, "x" * 199]


def test_every_folder_is_a_student_of_its_own(grade, class_folder):
    assert len(set(map(student_name, [*ALIKE, student_name("x" * 201)]))) == len(ALIKE) + 1
    assert all(student_name(name).isprintable() and len(student_name(name)) <= 201 for name in ALIKE)
    for name in ALIKE[:3]:
        class_folder(name, notebook("x = 1"))
    assert len(grade(workers=2)[1]) == 3


def test_a_grade_outlives_its_notebook(grade, class_folder):
    class_folder("anna", notebook(*HONEST))
    grade()
    file = class_folder.folder / "anna" / "01-small" / "small.ipynb"
    file.unlink()
    for _ in range(2):
        graded, rows = grade()
        assert (graded, rows["anna"]["points"], rows["anna"]["status"]) == (0, 4.0, "graded")
        assert rows["anna"]["line"].startswith("the notebook is no longer there")
    class_folder("anna", notebook(*HONEST))
    graded, rows = grade()
    assert (graded, rows["anna"]["points"], rows["anna"]["line"]) == (1, 4.0, "")


def test_only_the_first_of_thousands_of_bad_cells_are_kept(grade, class_folder):
    class_folder("anna", notebook(*["1 / 0"] * 300, *HONEST))
    row = grade()[1]["anna"]
    assert len(row["details"]["cells"]) == 50
    assert "298 more cells failed" in row["line"]


def test_a_class_is_not_graded_with_a_broken_assignment(grade, class_folder, own_folder):
    class_folder("anna", notebook(*HONEST))
    hidden = own_folder / "test_hidden.py"
    hidden.write_text(hidden.read_text().replace("== 9", "== 10"))
    with pytest.raises(AssignmentError, match=r"reference solution gets 3\.5 of 4 points"):
        grade()


def test_a_test_that_cannot_work_with_an_answer_is_shown_to_the_instructor(grade, class_folder):
    class_folder("anna", notebook("def softmax(z):\n    return None", COUNTER))
    _, rows = grade()
    row = rows["anna"]
    broken = [test for test in row["details"]["tests"] if test["outcome"] == "broken"]
    assert row["points"] == 1.0
    assert len(broken) == 3
    assert "softmax gave None" in broken[0]["message"]
    assert "3 test(s) could not work with an answer" in row["line"]


def test_a_killed_run_loses_only_what_was_in_flight(own_folder, class_folder, tmp_path, sandbox):
    for number in range(12):
        class_folder(f"s{number:02}", notebook(*HONEST))
    command = [sys.executable, "-m", "coursekit.cli", "grade", str(class_folder.folder), "--assignment", "01-small"]
    command += ["--solutions", str(own_folder.parent), "--out", str(tmp_path / "grades"), "--workers", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        end = time.monotonic() + 60
        done = 0
        while done < 3 and time.monotonic() < end:
            time.sleep(0.05)
            if (tmp_path / "grades" / "gradebook.sqlite").exists():
                with Gradebook(tmp_path / "grades") as book:
                    done = len(book.results())
        process.send_signal(signal.SIGKILL)
    with Gradebook(tmp_path / "grades") as book:
        kept = book.results()
    assert 3 <= len(kept) <= 12
    assert all(row["points"] == 4.0 for row in kept)
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"{12 - len(kept)} graded now, {len(kept)} as before, 0 with nothing" in finished.stdout
    assert finished.stdout.count("4+/5") == 12


HOSTILE = ["<script>alert(1)<", "=HYPERLINK(1)", "+1", "@x", "a\x1b[31mred", "a\nb", "..name", "-rf", "ü" * 40]
HOSTILE += ["\uff1d1+1"]


def test_names_are_hostile_text(grade, class_folder, tmp_path, own_folder):
    for name in HOSTILE:
        class_folder(name, notebook("x = 1"))
    raw = os.fsencode(class_folder.folder) + b"/bad\xff"
    os.makedirs(raw + b"/01-small")
    class_folder("script", notebook("def softmax(z): raise ValueError('<script>alert(2)</script>\\x1b[31m')"))
    class_folder("formula", b"=1+1")
    _, rows = grade()
    assert "".join(rows).isprintable()
    assert "bad\\xff" in rows
    with Gradebook(tmp_path / "grades") as book:
        known = book.assignments()
    facts, results = known["01-small"], list(rows.values())
    pages = [summary_page(facts, results, Deadlines())]
    pages += [feedback_page(row["student"], [row], known, Deadlines()) for row in results]
    assert not any("<script" in html or "\x1b" in html for html in pages)
    assert "&lt;script&gt;" in pages[0]
    text = table(results, facts, Deadlines())
    assert "\x1b" not in text
    exported = list(csv.reader(io.StringIO(export_csv(results, known, Deadlines()))))
    assert len(exported) == len(rows) + 1
    assert not any(cell[:1] in ("=", "+", "-", "@", "\uff1d") for line in exported for cell in line)


def test_the_command(own_folder, class_folder, tmp_path, sandbox, capsys):
    class_folder("anna", notebook(*HONEST))
    grades = str(tmp_path / "grades")
    arguments = ["grade", str(class_folder.folder), "--solutions", str(own_folder.parent), "--out", grades]
    assert cli.main([*arguments, "--assignment", "01"]) == 0
    assert "anna     " in capsys.readouterr().out
    assert (tmp_path / "grades" / "report.html").read_text().startswith("<!doctype html>")
    modes = {path.name: path.stat().st_mode & 0o777 for path in [tmp_path / "grades", *(tmp_path / "grades").iterdir()]}
    assert modes == {"grades": 0o700, "gradebook.sqlite": 0o600, "report.html": 0o600}
    assert cli.main(["export", grades, "--format", "csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (line,) = csv.DictReader(lines)
    shown = {name: line[name] for name in ("student", "points", "so_far", "out_of", "missing", "01-small: softmax")}
    assert shown == {
        "student": "anna", "points": "", "so_far": "4", "out_of": "5", "missing": "why", "01-small: softmax": "3",
    }  # fmt: skip
    assert cli.main([*arguments, "--assignment", "99"]) == 2
    assert "there are: 01-small" in capsys.readouterr().err
    assert cli.main(["export", str(tmp_path / "elsewhere")]) == 2
    assert cli.main(["grade", str(tmp_path / "nowhere"), *arguments[2:], "--assignment", "01"]) == 2
    with pytest.raises(SystemExit):
        cli.main([*arguments, "--assignment", "01", "--workers", "0"])


def test_the_command_says_what_it_did_not_read(own_folder, class_folder, tmp_path, sandbox, capsys):
    class_folder(".alice", notebook(*HONEST))
    class_folder("zoe", notebook("x = 1"))
    (class_folder.folder / "bob\x1b.ipynb").write_bytes(notebook(*HONEST))
    (class_folder.folder / ".ipynb_checkpoints").mkdir()
    arguments = ["grade", str(class_folder.folder), "--solutions", str(own_folder.parent), "--assignment", "01"]
    assert cli.main([*arguments, "--out", str(tmp_path / "grades")]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "coursekit: .alice was not read: the name of the folder begins with a dot",
        "coursekit: bob\\u001b.ipynb was not read: a notebook belongs in <student>/01-small/",
    ]


def test_a_gradebook_that_cannot_be_written_is_one_line(own_folder, class_folder, tmp_path, sandbox, capsys):
    arguments = ["grade", str(class_folder.folder), "--solutions", str(own_folder.parent), "--assignment", "01"]

    def said(out, *parts):
        assert cli.main([*arguments, "--out", str(out)]) == 2
        lines = capsys.readouterr().err.splitlines()
        assert lines[-1].startswith("coursekit: ")
        assert all(part in lines[-1] for part in parts)

    (tmp_path / "file").write_text("x")
    said(tmp_path / "file", "File exists")
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "gradebook.sqlite").write_text("This is not a database. " * 100)
    said(tmp_path / "odd", "the gradebook cannot be used", "not a database")
    (tmp_path / "good" / "report.html").mkdir(parents=True)
    said(tmp_path / "good", "report.html")
    assert sorted(path.name for path in (tmp_path / "good").iterdir()) == ["gradebook.sqlite", "report.html"]


def test_without_a_sandbox_it_must_be_said_in_words(own_folder, class_folder, tmp_path, capsys, monkeypatch):
    real = sandbox_module.shutil.which
    monkeypatch.setattr(sandbox_module.shutil, "which", lambda name: None if name == "bwrap" else real(name))
    class_folder("anna", notebook(*HONEST))
    class_folder("loop", notebook("import numpy as np", "def softmax(z):\n    while True: pass", COUNTER))
    arguments = ["grade", str(class_folder.folder), "--solutions", str(own_folder.parent), "--assignment", "01"]
    arguments += ["--out", str(tmp_path / "grades")]
    assert cli.main(arguments) == 2
    said = capsys.readouterr().err
    assert "sudo apt-get install bubblewrap" in said
    assert not (tmp_path / "grades").exists()
    assert cli.main([*arguments, "--unsafe-no-sandbox"]) == 0
    said = capsys.readouterr()
    assert "with your rights" in said.err
    assert "4+/5" in said.out
    assert "softmax did not finish within 1 s" in said.out


def test_a_sandbox_that_does_not_start_stops_the_run(own_folder, class_folder, tmp_path, sandbox, capsys, monkeypatch):
    """Not the students' fault, so nobody gets a 0 for it."""
    real = sandbox_module.shutil.which
    monkeypatch.setattr(sandbox_module.shutil, "which", lambda name: real("false" if name == "bwrap" else name))
    class_folder("anna", notebook(*HONEST))
    arguments = ["grade", str(class_folder.folder), "--solutions", str(own_folder.parent), "--assignment", "01"]
    assert cli.main([*arguments, "--out", str(tmp_path / "grades")]) == 2
    said = capsys.readouterr().err
    assert "ended with exit status 1" in said
    assert "nothing was run without a sandbox" in said
    with Gradebook(tmp_path / "grades") as book:
        assert book.results() == []


def test_submissions_are_found_in_order(assignment, class_folder):
    for student in ("b", "a", "c"):
        class_folder(student, b"x")
    assert [found.student for found in find_submissions(class_folder.folder, assignment)] == ["a", "b", "c"]
    with pytest.raises(AssignmentError, match="is not a folder"):
        list(find_submissions(class_folder.folder / "nowhere", assignment))


def test_the_gradebook(tmp_path):
    with Gradebook(tmp_path) as book:
        for points in (1.0, 2.0):
            book.record(
                "01", "'; DROP TABLE result;--", key="k", status="graded", points=points, out_of=2, line="", tests=[]
            )
        assert book.key("01", "'; DROP TABLE result;--") == "k"
        assert book.key("01", "nobody") is None
        (row,) = book.results("01")
        assert (row["points"], row["details"]) == (2.0, {"tests": []})
        assert book.results("02") == []
        assert not book.is_verified("k")
        book.verify("k")
        book.verify("k")
        assert book.is_verified("k")


def test_keys_depend_on_every_part():
    assert len({key_of("a"), key_of("b"), key_of("a", "b"), key_of("ab"), key_of("b", "a"), key_of(b"a", b"")}) == 6


def test_a_page_that_looks_different_grades_nobody_again():
    modules = {path.stem for path in Path(grade_module.__file__).parent.glob("*.py")}
    assert modules >= grade_module.AFTERWARDS
    judging = modules - grade_module.AFTERWARDS
    for module in judging:  # what judges must not depend on what is left out, unless it runs after judging
        source = (Path(grade_module.__file__).parent / f"{module}.py").read_text()
        used = set(re.findall(r"from coursekit\.grading\.(\w+) import", source))
        assert module in ("__init__", "grade", "check") or not used & grade_module.AFTERWARDS, module
