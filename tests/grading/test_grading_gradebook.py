"""The gradebook file: versions, marks that stay, times, and what a kill leaves behind."""

import json
import os
import signal
import sqlite3
import subprocess
import sys

import pytest
from invented import NAME, book_of, give, hand_in

from coursekit.grading import schema
from coursekit.grading.deadlines import Deadlines
from coursekit.grading.gradebook import Gradebook
from coursekit.grading.totals import total

# The tables as the first coursekit made them, which wrote no version.
FIRST = """
CREATE TABLE IF NOT EXISTS result (
    assignment TEXT NOT NULL, student TEXT NOT NULL, key TEXT NOT NULL, status TEXT NOT NULL, points REAL,
    out_of REAL NOT NULL, line TEXT NOT NULL, seconds REAL, details TEXT NOT NULL, PRIMARY KEY (assignment, student)
) STRICT;
CREATE TABLE IF NOT EXISTS verified (key TEXT PRIMARY KEY) STRICT;
"""


@pytest.fixture
def old(tmp_path):
    """The folder of a gradebook of the first coursekit, with two results."""
    folder = tmp_path / "old"
    folder.mkdir()
    connection = sqlite3.connect(folder / "gradebook.sqlite")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.executescript(FIRST)
    details = json.dumps({"tests": [{"name": "t", "task": "a", "points": 4, "earned": 3.5, "outcome": "passed"}]})
    anna = (NAME, "anna", "k", "graded", 3.5, 4.0, "", 0.1, details)
    rows = [anna, (NAME, "ben", "", "no submission", None, 4, "", None, "{}")]
    connection.executemany("INSERT INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.execute("INSERT INTO verified VALUES ('v')")
    connection.commit()
    connection.close()
    return folder


def version(folder):
    connection = sqlite3.connect(folder / "gradebook.sqlite")
    try:
        return connection.execute("PRAGMA user_version").fetchone()[0]
    finally:
        connection.close()


def test_an_old_gradebook_keeps_its_grades(old):
    for _ in range(2):
        with Gradebook(old) as book:
            anna, ben = book.results()
            assert (anna["points"], anna["key"], anna["details"]["tests"][0]["earned"]) == (3.5, "k", 3.5)
            assert (anna["submitted"], anna["submitted_from"], anna["content"], anna["marks"]) == (None, "", "", {})
            assert ben["points"] is None
            assert book.is_verified("v")
            facts = book.assignments()[NAME]
            assert (facts["title"], facts["points"], facts["parts"]) == (NAME, 4.0, [])
            assert total(anna, facts, Deadlines()).points == 3.5
            assert book.similar(NAME) is None
        assert version(old) == schema.VERSION


def test_a_migration_that_fails_changes_nothing(old, monkeypatch):
    broken = [*schema.STEPS[:-1], [*schema.STEPS[-1], "CREATE NONSENSE"]]
    monkeypatch.setattr(schema, "STEPS", broken)
    with pytest.raises(sqlite3.Error):
        Gradebook(old)
    monkeypatch.undo()
    assert version(old) == 0
    with Gradebook(old) as book:
        assert book.results()[0]["points"] == 3.5


def test_a_migration_that_is_killed_changes_nothing(old):
    """The process dies in the middle of the transaction, with the new columns there and the new tables not."""
    code = (
        "import os, signal, sqlite3, sys\n"
        "from coursekit.grading import schema\n"
        "class Connection(sqlite3.Connection):\n"
        "    def execute(self, sql, *args):\n"
        "        if 'CREATE TABLE mark' in sql:\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "        return super().execute(sql, *args)\n"
        "schema.prepare(sqlite3.connect(sys.argv[1], isolation_level=None, factory=Connection))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(old / "gradebook.sqlite")], check=False)
    assert done.returncode == -signal.SIGKILL
    assert version(old) == 0
    with Gradebook(old) as book:
        assert [row["points"] for row in book.results()] == [3.5, None]


def test_a_gradebook_of_a_newer_coursekit_is_left_alone(old):
    connection = sqlite3.connect(old / "gradebook.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = (old / "gradebook.sqlite").read_bytes()
    with pytest.raises(sqlite3.DatabaseError, match=r"a newer coursekit made it \(version 99.*Update coursekit"):
        Gradebook(old)
    assert (old / "gradebook.sqlite").read_bytes() == before


def test_marks_outlive_every_grading(tmp_path):
    with book_of(tmp_path) as book:
        hand_in(book, "anna")
        give(book, "anna", 1.5, "Good.")
        hand_in(book, "anna", passed=(False, True))
        (row,) = book.results(NAME)
        assert row["points"] == 3.0
        assert row["marks"]["why"]["points"] == 1.5
        sum_ = total(row, book.assignments()[NAME], Deadlines())
        assert (sum_.points, sum_.out_of, sum_.missing, sum_.changed) == (4.5, 6.0, (), ())
        hand_in(book, "anna", answer="Something else.")
        sum_ = total(book.results(NAME)[0], book.assignments()[NAME], Deadlines())
        assert (sum_.points, sum_.changed) == (5.5, ("why",))
        give(book, "anna", None)
        sum_ = total(book.results(NAME)[0], book.assignments()[NAME], Deadlines())
        assert (sum_.points, sum_.missing) == (4.0, ("why",))


def test_marks_are_stored_together_or_not_at_all(tmp_path):
    with book_of(tmp_path) as book:
        good = {"assignment": NAME, "student": "anna", "cell": "why", "points": 1.0, "comment": "", "version": "v"}
        with pytest.raises(sqlite3.Error):
            book.mark([good, good | {"student": "ben", "points": "many"}])
        hand_in(book, "anna")
        assert book.results()[0]["marks"] == {}


MORNING, NOON = "2026-11-02T08:00:00+00:00", "2026-11-02T12:00:00+00:00"


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (("a", MORNING, "file"), ("a", NOON, "file"), MORNING),  # the same notebook, copied later
        (("a", NOON, "file"), ("a", MORNING, "file"), MORNING),
        (("a", MORNING, "file"), ("b", NOON, "file"), NOON),  # another notebook
        (("a", MORNING, "timestamp.txt"), ("a", NOON, "timestamp.txt"), NOON),  # put right by the instructor
        (("a", MORNING, "file"), ("a", NOON, "timestamp.txt"), NOON),
        (("a", None, ""), ("a", NOON, "file"), NOON),
    ],
)
def test_the_time_of_a_submission(tmp_path, first, second, kept):
    with book_of(tmp_path) as book:
        for content, submitted, source in (first, second):
            hand_in(book, "anna", content=content, when=submitted, submitted_from=source)
        assert book.results()[0]["submitted"] == kept
        hand_in(book, "ben", content=first[0], when=first[1], submitted_from=first[2])
        book.arrived(NAME, "ben", *second)
        assert book.results()[1]["submitted"] == kept


def test_the_file_stays_private(tmp_path):
    before = os.umask(0o022)
    try:
        with book_of(tmp_path / "grades") as book:
            hand_in(book, "anna")
            modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "grades").iterdir()}
    finally:
        os.umask(before)
    assert modes == {0o600}
