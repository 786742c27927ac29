"""When it was handed in, and what that costs."""

import os
import re
from datetime import UTC, datetime

import pytest
from invented import NAME, book_of, give, hand_in, no_submission
from small_assignment import HONEST, notebook

from coursekit import cli
from coursekit.grading.assignment import AssignmentError
from coursekit.grading.deadlines import read_deadlines
from coursekit.grading.grade import find_submissions
from coursekit.grading.times import parse_timestamp
from coursekit.grading.totals import total

POLICY = f"""
timezone = "Europe/Berlin"

[defaults]
grace_minutes = 15
penalty_percent = 10

[{NAME}]
due = 2026-11-02T12:00:00
cutoff = 2026-11-05T12:00:00
"""


@pytest.fixture
def read(tmp_path):
    def read(text):
        (tmp_path / "deadlines.toml").write_text(text, encoding="utf-8")
        return read_deadlines(tmp_path / "deadlines.toml")

    return read


def lateness(policy, when, student="anna", status="graded"):
    row = {"assignment": NAME, "student": student, "status": status, "submitted": when, "submitted_from": "file"}
    return policy.lateness(row)


@pytest.mark.parametrize(
    ("when", "percent"),
    [
        ("2026-11-02T10:59:59+00:00", 0),
        ("2026-11-02T11:00:00+00:00", 0),
        ("2026-11-02T11:15:00+00:00", 0),  # within the grace
        ("2026-11-02T11:15:01+00:00", 10),  # beyond it the day counts from the due time
        ("2026-11-03T11:00:00+00:00", 10),
        ("2026-11-03T11:00:01+00:00", 20),
        ("2026-11-05T11:00:00+00:00", 30),
        ("2026-11-05T11:00:01+00:00", 100),  # after the cutoff
    ],
)
def test_days_begun(read, when, percent):
    assert lateness(read(POLICY), when).percent == percent


def test_other_rules(read):
    hours = read(POLICY + 'per = "hour"\nat_most_percent = 25\ngrace_minutes = 0\n')
    assert [lateness(hours, f"2026-11-02T1{hour}:00:01+00:00").percent for hour in (1, 2, 3)] == [10, 20, 25]
    free = read(f"[{NAME}]\ndue = 2026-11-02T12:00:00Z\n")
    assert str(lateness(free, "2026-11-04T12:00:00+00:00")) == "2 d late, at no cost"
    assert lateness(free, None).percent == 0
    assert str(lateness(free, None)) == "handed in at a time that is not known"
    assert lateness(free, None, status="no submission") is None
    row = {"assignment": "99", "student": "anna", "status": "graded", "submitted": None, "submitted_from": ""}
    assert free.lateness(row) is None


def test_extensions(read):
    """They move the cutoff too, and are found whichever way an accent is written."""
    policy = read(
        f"{POLICY}[{NAME}.extensions]\nanna = 2026-11-04T12:00:00\nx = 2027-01-01T00:00:00\n"
        '"Zo\u00eb" = 2026-11-03T12:00:00+01:00\n'
    )
    assert lateness(policy, "2026-11-04T11:00:00+00:00").percent == 0
    assert lateness(policy, "2026-11-07T11:00:00+00:00").percent == 30
    assert lateness(policy, "2026-11-07T11:00:01+00:00").closed
    assert lateness(policy, "2026-11-03T11:00:00+00:00", "Zoe\u0308").extended
    assert lateness(policy, "2026-11-04T11:00:00+00:00", "ben").percent == 20
    rows = [{"assignment": NAME, "student": student} for student in ("anna", "Zoe\u0308")]
    assert policy.strangers(rows) == [f"{NAME}: x"]


def test_what_is_taken_off(read, tmp_path):
    """Of the points earned or of the maximum; never more than there are; marks are late with the rest."""
    with book_of(tmp_path / "grades") as book:
        hand_in(book, "anna", passed=(True, False), when="2026-11-04T10:00:00+00:00")
        give(book, "anna", 0.5)
        no_submission(book, "ben")
        (anna, ben), facts = book.results(NAME), book.assignments()[NAME]
        sums = [total(anna, facts, read(POLICY + f'of = "{of}"\n')) for of in ("earned", "maximum")]
        assert [(sum_.deduction, sum_.points) for sum_ in sums] == [(0.3, 1.2), (1.2, 0.3)]
        harsh = total(anna, facts, read(POLICY + 'of = "maximum"\npenalty_percent = 90\n'))
        assert (harsh.deduction, harsh.points) == (1.5, 0.0)
        assert harsh.notes() == ["1 d 23 h late: 100 % of the maximum off (-1.5), by the time of the file"]
        assert total(ben, facts, read(POLICY)).late is None
        assert anna["points"] == 1.0  # as it was given


WRONG = [
    ('timezone = "Mars/Crater"', r"timezone is 'Mars/Crater'; it must be a name such as"),
    ("timezone = 1", "timezone is 1"),
    ('timezone = "../../etc/passwd"', "timezone is"),
    ("due = 2026-11-02T12:00:00", r"due is datetime.*it must be a section, \[due\]"),
    (f"[{NAME}]", rf"\[{NAME}\] has no due; write due = 2026"),
    (f"[{NAME}]\ndue = 2026-11-02", "due is 2026-11-02, which has no time of day; write 2026-11-02T23:59:00"),
    (f'[{NAME}]\ndue = "2026-11-02T12:00:00"', "which is not a time; write .* without quotes"),
    (f"[{NAME}]\ndue = 2026-11-02T12:00:00", "without a zone; write 2026-11-02 12:00:00.01:00, or timezone ="),
    (POLICY.replace("cutoff = 2026-11-05", "cutoff = 2026-11-01"), "cutoff is .*; it must not be before due"),
    (POLICY.replace("2026-11-02T12:00", "2026-03-29T02:30"), "clocks in Europe/Berlin are put forward over it"),
    (POLICY + "penalty_percent = 101", rf"{NAME}.penalty_percent is 101; it must be a number from 0 to 100"),
    (POLICY + "penalty_percent = true", "is True; it must be a number"),
    (POLICY + "penalty_percent = nan", "is nan; it must be a number"),
    (POLICY + "grace_minutes = -1", "grace_minutes is -1; it must be a number that is not negative"),
    (POLICY + 'per = "week"', "per is 'week'; it must be \"day\" or \"hour\""),
    (POLICY + "of = []", "of is .*; it must be \"earned\" or \"maximum\""),
    (POLICY + "penalty = 10", rf"\[{NAME}\] has penalty = 10; it may have due, cutoff, extensions, grace"),
    (POLICY.replace("penalty_percent", "due"), r"\[defaults\] has due = 10; it may have grace"),
    (POLICY + "extensions = 3", "extensions is 3; it must be a section"),
    (POLICY + f"[{NAME}.extensions]\nanna = 3", "extensions.anna is 3, which is not a time"),
    ("timezone = ", "deadlines.toml: Invalid value"),
    (f"[{NAME}]\ndue = 2026-11-31T12:00:00", "deadlines.toml: "),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_a_policy_that_is_wrong_says_what_would_be_right(read, text, words):
    with pytest.raises(AssignmentError, match=words) as caught:
        read(text)
    assert "deadlines.toml: " in str(caught.value)


def test_nothing_is_exported_with_a_broken_policy(tmp_path, capsys):
    with book_of(tmp_path / "grades") as book:
        hand_in(book, "anna")
    (tmp_path / "grades" / "deadlines.toml").write_text(POLICY + "penalty = 10")
    grades = str(tmp_path / "grades")
    for command in (
        ["export", grades],
        ["feedback", grades],
        ["report", grades],
        ["export", grades, "--format", "canvas"],
    ):
        assert cli.main(command) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert "has penalty = 10" in said.err
    assert sorted(path.name for path in (tmp_path / "grades").iterdir()) == ["deadlines.toml", "gradebook.sqlite"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2015-02-02 15:58:23.948203 UTC", "2015-02-02T15:58:23"),  # as nbgrader writes it
        ("2015-02-02 15:58:23.948203 PST\n", "2015-02-02T23:58:23"),
        ("2015-02-02 15:58:23 America/New_York", "2015-02-02T20:58:23"),
        ("2015-07-02 15:58:23 CET", "2015-07-02T13:58:23"),  # a name of a zone that has summer time
        ("2015-02-02 15:58:23 +0530", "2015-02-02T10:28:23"),
        ("2015-02-02T15:58:23Z", "2015-02-02T15:58:23"),
        ("2015-02-02 15:58:23-08:00", "2015-02-02T23:58:23"),
        ("2015-02-02 15:58:23", "2015-02-02T15:58:23"),  # nbgrader reads it as UTC
    ],
)
def test_timestamps(text, wanted):
    assert parse_timestamp(text) == datetime.fromisoformat(wanted).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2015-02-30 10:00:00 UTC",
        "2015-02-02 10:00:00 ../../etc/passwd",
        "2015-02-02 10:00:00 XYZ",
        "1",
    ],
)
def test_no_timestamps(text):
    with pytest.raises(ValueError):  # noqa: PT011 (any of those that `arrival` catches)
        parse_timestamp(text)


def test_where_the_time_comes_from(assignment, class_folder):
    for student in ("anna", "ben", "cara", "dora"):
        class_folder(student, notebook(*HONEST))
        os.utime(class_folder.folder / student / "01-small" / "small.ipynb", (1_700_000_000, 1_700_000_000))
    (class_folder.folder / "anna" / "01-small" / "timestamp.txt").write_text("2026-11-02 10:00:00 UTC")
    (class_folder.folder / "ben" / "01-small" / "timestamp.txt").write_text("\x1b[31m<b>" * 100)
    (class_folder.folder / "cara" / "01-small" / "timestamp.txt").symlink_to("/etc/passwd")
    found = {each.student: each for each in find_submissions(class_folder.folder, assignment)}
    file = ("2023-11-14T22:13:20+00:00", "file")
    assert (found["anna"].when, found["anna"].when_from) == ("2026-11-02T10:00:00+00:00", "timestamp.txt")
    assert (found["dora"].when, found["dora"].when_from, found["dora"].line) == (*file, "")
    for student, why in (("ben", "is not a time"), ("cara", "is a link")):
        assert (found[student].when, found[student].when_from) == file
        assert re.search(f"timestamp.txt was not used: .*{why}", found[student].line)
        assert found[student].line.isprintable()
        assert "root:" not in found[student].line


def test_a_changed_policy_needs_no_grading(own_folder, class_folder, tmp_path, sandbox, capsys):
    class_folder("anna", notebook(*HONEST))
    path = class_folder.folder / "anna" / "01-small" / "timestamp.txt"
    path.write_text("2026-11-03 10:00:00 UTC")
    grades = tmp_path / "grades"
    arguments = ["grade", str(class_folder.folder), "--solutions", str(own_folder.parent), "--out", str(grades)]
    assert cli.main([*arguments, "--assignment", "01"]) == 0
    assert "4+/5" in capsys.readouterr().out
    (grades / "deadlines.toml").write_text(POLICY)
    assert cli.main(["report", str(grades)]) == 0
    said = capsys.readouterr().out
    assert "3.6+/5  not marked yet: why; 23 h late: 10 % off (-0.4), by nbgrader's timestamp" in said
    assert "10 % off" in (grades / "report.html").read_text()
    path.write_text("2026-11-02 10:00:00 UTC")  # the instructor puts it right: nothing is graded, the time is stored
    assert cli.main([*arguments, "--assignment", "01"]) == 0
    said = capsys.readouterr().out
    assert "0 graded now, 1 as before" in said
    assert "late" not in said
