"""Grades in other programs' formats. The importers here do what was read in the sources of Canvas and Moodle."""

import csv
import io
import json
import re

import pytest
from invented import HOSTILE, NAME, book_of, give, hand_in, no_submission

from coursekit import cli
from coursekit.grading.assignment import AssignmentError
from coursekit.grading.deadlines import Deadlines
from coursekit.grading.export import export_csv, sendable
from coursekit.grading.platforms import canvas, gradescope, moodle
from coursekit.grading.roster import read_roster


@pytest.fixture
def book(tmp_path):
    with book_of(tmp_path / "grades") as book:
        yield book


@pytest.fixture
def roster(tmp_path):
    def roster(text, match=None):
        path = tmp_path / "class.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_roster(path, match)

    return roster


def fill(book, **points):
    """A student with so many points for the answer in words each."""
    for student, mark in points.items():
        hand_in(book, student)
        if mark is not None:
            give(book, student, mark)


def send(book, roster=None, **options):
    return sendable(book.results(NAME), book.assignments()[NAME], Deadlines(), roster, **options)


def canvas_import(text):
    """login or id -> points, and the points possible; what lib/gradebook_importer.rb of canvas-lms makes of a file."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    header = rows[0]
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert re.search(r"SIS\s+User\s+ID", header[2])
    assert re.search(r"SIS\s+Login\s+ID", header[3])
    assert "Section" in header[4]
    (title,) = header[5:]
    assert not re.search("Current Score|Final Score|Final Grade|Override Score", title)
    grades, possible = {}, None
    for row in rows[1:]:
        assert len(row) == len(header)
        if "Points Possible" in row[0]:
            possible = float(row[5])
        else:
            grades[row[1] or row[2] or row[3]] = float(row[5])
    return title, possible, grades


def moodle_import(text, users):
    """The grades that grade/import/csv of Moodle stores: all, or none if one user is unknown or a grade too big."""
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    grades = {}
    for row in rows:
        assert len(row) == len(header) == 3
        if row[0] not in users or float(row[1]) > 100:
            return None
        grades[row[0]] = float(row[1])
    return grades


def test_csv_has_everything_and_says_what_is_missing(book):
    fill(book, anna=1.5, ben=None)
    no_submission(book, "cara")
    text = export_csv(book.results(), book.assignments(), Deadlines())
    lines = {line["student"]: line for line in csv.DictReader(io.StringIO(text))}
    assert (lines["anna"]["points"], lines["anna"]["out_of"], lines["anna"]["manual"]) == ("5.5", "6", "1.5")
    assert (lines["anna"][f"{NAME}: softmax"], lines["anna"][f"{NAME}: why"]) == ("4", "1.5")
    assert (lines["ben"]["points"], lines["ben"]["so_far"], lines["ben"]["missing"]) == ("", "4", "why")
    assert lines["ben"][f"{NAME}: why"] == ""
    assert (lines["cara"]["points"], lines["cara"]["so_far"], lines["cara"]["status"]) == ("", "", "no submission")
    assert lines["anna"]["submitted"] == "2026-11-02T10:00:00+00:00"


def test_canvas_without_a_class_list(book):
    fill(book, anna=1.5, ben=2, cara=None)
    no_submission(book, "dora")
    sent, left = send(book)
    text, more = canvas(sent, "Exercise 1 (4711)", 6)
    assert canvas_import(text) == ("Exercise 1 (4711)", 6.0, {"anna": 5.5, "ben": 6.0})
    assert more == []
    assert [line.split(" (--")[0] for line in left] == ["cara: not marked yet: why", "dora: nothing was handed in"]
    sent, left = send(book, provisional=True, zeros=True)
    assert canvas_import(canvas(sent, "x", 6)[0])[2] == {"anna": 5.5, "ben": 6.0, "cara": 4.0, "dora": 0.0}
    assert left == []


CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Exercise 1 (4711),Final Score\n"
    "    Points Possible,,,,,6,(read only)\n"
    '"M\u00fcller, Anna",101,s1,anna,A,,\n'
    '"Student, Test",999,,,A,,\n'
    '"=Bauer, Ben",102,s2,ben,A,,\n'
    '"Nobody, Eve",103,s3,eve,B,,\n'
)


def test_canvas_with_its_own_export_as_the_class_list(book, roster):
    fill(book, anna=1.5, ben=2, zed=1)
    class_list = roster(CANVAS)
    assert class_list.match == "SIS Login ID"
    sent, left = send(book, class_list)
    text, more = canvas(sent, "Exercise 1 (4711)", 6, class_list)
    assert canvas_import(text) == ("Exercise 1 (4711)", 6.0, {"101": 5.5, "102": 6.0})
    assert '"Müller, Anna",101,s1,anna,A,5.5' in text
    assert '"\'=Bauer, Ben"' in text
    assert more == []
    assert left == ["zed: not in the class list", "eve: in the class list, without a folder (--zeros sends 0)"]
    sent, _ = send(book, class_list, zeros=True)
    assert canvas_import(canvas(sent, "x", 6, class_list)[0])[2] == {"101": 5.5, "102": 6.0, "103": 0.0}


@pytest.mark.parametrize("title", ["Final Score", "My Current Grade", "Override Score 2", " "])
def test_canvas_would_drop_this_column(title):
    with pytest.raises(AssignmentError, match="Canvas does not take"):
        canvas([], title, 6)


def test_hostile_names_are_left_out_and_named(book):
    fill(book, **dict.fromkeys(HOSTILE, 1))
    sent, left = send(book)
    assert left == []
    odd = {"=cmd|' /C calc'!A0", "+1", "-rf", "@SUM(1)", "\uff1d1+1"}
    text, more = canvas(sent, "x", 6)
    assert set(canvas_import(text)[2]) == set(HOSTILE) - odd - {"Points Possible"}
    assert {line.rpartition(": ")[0] for line in more} == odd | {"Points Possible"}
    text, more = moodle(sent, "x")
    assert set(moodle_import(text, HOSTILE)) == set(HOSTILE) - odd
    assert len(more) == len(odd)
    everything = export_csv(book.results(), book.assignments(), Deadlines())
    cells = [cell for line in csv.reader(io.StringIO(everything)) for cell in line]
    assert not [cell for cell in [*cells, *text.split(",")] if cell[:1] in ("=", "+", "@", "\uff1d")]


def test_moodle(book, roster):
    fill(book, anna=1.5, ben=2, zed=1)
    give(book, "anna", 1.5, "=1+\n1")
    text, _ = moodle(send(book)[0], "Exercise 1")
    assert moodle_import(text, {"anna", "ben", "zed"}) == {"anna": 5.5, "ben": 6, "zed": 5}
    assert moodle_import(text, {"anna", "ben"}) is None
    class_list = roster("First name,Email address,folder\nA,anna@x.edu,anna\nB,,ben\n")
    sent, left = send(book, class_list)
    text, more = moodle(sent, "Exercise 1", class_list)
    assert text.splitlines()[0] == "Email address,Exercise 1,Exercise 1 feedback"
    assert moodle_import(text, {"anna@x.edu"}) == {"anna@x.edu": 5.5}
    assert "softmax 4/4; why 1.5 (=1+ 1)" in text
    assert left + more == ["zed: not in the class list", "ben: Email address is empty in the class list"]
    text, _ = moodle(sent, "x", class_list, "first NAME")
    assert moodle_import(text, {"A", "B"}) == {"A": 5.5, "B": 6.0}
    with pytest.raises(AssignmentError, match="no column 'Matrikel'; it has First name"):
        moodle(sent, "x", class_list, "Matrikel")


def test_moodle_takes_no_more_than_a_hundred(book):
    hand_in(book, "anna", points=101.0)
    give(book, "anna", 0)
    text, left = moodle(send(book)[0], "x")
    assert moodle_import(text, set()) == {}
    assert left == ["anna: 101 points; Moodle takes at most 100"]


def test_gradescope(book):
    fill(book, anna=1.5, ben=None)
    hand_in(book, "ben", passed=(False, False), notes=["the notebook is odd"])
    sent, _ = send(book, provisional=True)
    facts = book.assignments()[NAME]
    anna, ben = (json.loads(gradescope(each, facts)) for each in sent)
    assert (anna["score"], ben["score"], ben["output"]) == (5.5, 0.0, "the notebook is odd")
    assert anna["stdout_visibility"] == "hidden"
    assert sum(test["score"] for test in anna["tests"]) == anna["score"]
    assert [test["max_score"] for test in ben["tests"]] == [1.0, 3.0, 2.0]
    assert ben["tests"][0] == {
        "name": "rows sum to one", "score": 0.0, "max_score": 1.0, "status": "failed", "tags": ["softmax"],
        "output": "it is wrong in rows sum to one", "visibility": "visible",
    }  # fmt: skip
    assert "it is wrong" not in ben["tests"][1]["output"]
    assert ben["tests"][2]["output"] == "not marked yet"
    assert "score" not in ben["tests"][2]


@pytest.mark.parametrize(
    ("text", "match", "words"),
    [
        ("name,x\n", None, "none of the columns folder, SIS Login ID, .*; it has name, x. Say with --match"),
        ("name,x\n", "login", "no column 'login'"),
        ("", None, "it has nothing"),
        ("student,id\nanna,1\nben,2\nanna,3\n", None, "class.csv, line 4: student 'anna' is in line 2, too"),
        (b"student\nb\xe4\n", None, "is not UTF-8"),
    ],
)
def test_class_lists_that_are_none(roster, text, match, words):
    with pytest.raises(AssignmentError, match=words):
        roster(text, match)


def test_nobody_is_matched_by_guessing(book, roster):
    """Accents may be written in two ways; two folders for one entry are both left out; the case of letters counts."""
    fill(book, **{"Zo\u00eb": 1, "bj\u00f6rn": 1, "bjo\u0308rn": 1, "anna": 1})
    class_list = roster("student;ID\nZoe\u0308;1\nbj\u00f6rn;2\nAnna;3\n")
    sent, left = send(book, class_list)
    assert [(each.student, each.entry["ID"]) for each in sent] == [("Zo\u00eb", "1")]
    assert left[0] == "anna: not in the class list"
    assert sum("more than one folder has this name" in line for line in left) == 2
    assert left[-1].startswith("Anna: in the class list, without a folder")


def test_the_command(book, tmp_path, capsys):
    fill(book, anna=1.5, ben=None)
    grades, class_list = str(tmp_path / "grades"), tmp_path / "c.csv"
    class_list.write_text("student,ID,email\nanna,7,a@x.edu\n")
    assert cli.main(["export", grades]) == 0
    assert capsys.readouterr().out.startswith("assignment,student,points,")
    assert cli.main(["export", grades, "--roster", str(class_list)]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("student,ID,email,assignment,student,points,")
    assert said.err == "coursekit: not matched: ben: not in the class list\n"
    arguments = ["export", grades, "--format", "canvas", "--out", str(tmp_path / "c2.csv"), "--column", "E (1)"]
    assert cli.main(arguments) == 1
    assert "left out: ben: not marked yet: why" in capsys.readouterr().err
    assert canvas_import((tmp_path / "c2.csv").read_bytes().decode())[2] == {"anna": 5.5}
    arguments = ["export", grades, "--format", "moodle", "--roster", str(class_list), "--id", "email"]
    assert cli.main([*arguments, "--provisional"]) == 1
    assert capsys.readouterr().out.splitlines()[1].startswith("a@x.edu,5.5,")
    assert cli.main(["export", grades, "--format", "gradescope"]) == 2
    assert "say with --out which folder" in capsys.readouterr().err
    assert cli.main(["export", grades, "--format", "gradescope", "--out", str(tmp_path / "gs"), "--provisional"]) == 0
    assert json.loads((tmp_path / "gs" / "anna" / "results.json").read_text())["score"] == 5.5
    book.connection.execute("INSERT INTO assignment SELECT '02-large', facts FROM assignment")
    assert cli.main(["export", grades, "--format", "canvas"]) == 2
    assert "say which with --assignment. There are: 01-small, 02-large" in capsys.readouterr().err
    assert cli.main(["export", grades, "--format", "canvas", "--assignment", "0"]) == 2
    assert cli.main(["export", grades, "--format", "canvas", "--assignment", "01"]) == 1
