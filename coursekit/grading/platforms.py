"""Grades in the formats of learning platforms: Canvas, Moodle, Gradescope.

Each was looked up in the program that reads it, or in its maker's own words:

    canvas      lib/gradebook_importer.rb of instructure/canvas-lms. The heading must begin Student, ID, SIS User ID,
                SIS Login ID, Section; a student is found by ID, then SIS User ID, then SIS Login ID, then by name. A
                column "Title (123)" or "Title" is that assignment, any other title a new one. A line whose first cell
                contains "Points Possible" holds the points. An empty cell takes an existing grade away.
    moodle      grade/import/csv/classes/load_data.php of moodle/moodle, https://docs.moodle.org/en/Grade_import. One
                column tells who (username, ID number, email address, user id), and the teacher maps the others. One
                student who is not found ends the whole import; so does a grade above 100, unless the site allows it.
    gradescope  https://gradescope-autograders.readthedocs.io/en/latest/specs/: a results.json for each submission.
"""

import csv
import io
import json
import re

from coursekit.grading.assignment import AssignmentError
from coursekit.grading.export import by_task, number
from coursekit.grading.feedback import notebook_notes, said
from coursekit.grading.spreadsheet import dangerous, harmless

__all__ = ["canvas", "gradescope", "moodle"]

CANVAS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
# Canvas drops a column whose title contains one of these, without a word.
NOT_ASSIGNMENTS = re.compile("(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")
MOODLE = ("Username", "ID number", "Email address", "User ID", "ID")
MOODLE_MOST = 100


def canvas(sent, title, points, roster=None):
    """Canvas's gradebook CSV.

    Parameters
    ----------
    sent : list of Sent
    title : str
        The assignment's column, best as Canvas's own export has it: "Exercise 1 (4711)".
    points : float
        What can be had.
    roster : Roster, optional

    Returns
    -------
    (str, list of str)
        The text; and who had to be left out.
    """
    if NOT_ASSIGNMENTS.search(title) or not title.strip():
        raise AssignmentError(f"Canvas does not take {title!r} for an assignment; choose another --column")
    lines, left = [], []
    for each in sent:
        if roster is None:
            cells = [each.student, "", "", each.student, ""]
        else:
            cells = [each.entry.get(roster.column(name) or "", "") for name in CANVAS]
            cells[0] = cells[0] or each.student
        # What tells who somebody is must stay as it is, so what a spreadsheet would run is not sent.
        if any(dangerous(cell) for cell in cells[1:]) or (roster is None and dangerous(cells[0])):
            left.append(f"{each.student}: a spreadsheet would take this for a formula; enter it by hand")
        elif "Points Possible" in cells[0]:
            left.append(f"{each.student}: Canvas would take this line for the points of the assignments")
        elif roster is not None and not any(cells[1:4]):
            left.append(f"{each.student}: the class list has neither ID nor SIS User ID nor SIS Login ID")
        else:
            lines.append([harmless(cells[0]), *cells[1:], number(each.points)])
    possible = ["    Points Possible", "", "", "", "", number(points)]
    return _written([[*CANVAS, title], possible, *lines]), left


def moodle(sent, title, roster=None, column=None):
    """Moodle's CSV for Grades > Import > CSV file.

    Parameters
    ----------
    sent : list of Sent
    title : str
        The heading of the grades.
    roster : Roster, optional
    column : str, optional
        Its column that tells Moodle who; by default the first there is of `MOODLE`.

    Returns
    -------
    (str, list of str)
    """
    identity, left, lines = "Username", [], []
    if roster is not None:
        identity = roster.column(column) if column else roster.column(*MOODLE)
        if identity is None:
            wanted = f"no column {column!r}" if column else f"none of {', '.join(MOODLE)}"
            raise AssignmentError(
                f"the class list has {wanted}; it has {', '.join(roster.columns)}. Say which with --id"
            )
    for each in sent:
        who = each.student if roster is None else each.entry.get(identity, "")
        if not who:
            left.append(f"{each.student}: {identity} is empty in the class list")
        elif dangerous(who):
            left.append(f"{each.student}: a spreadsheet would take this for a formula; enter it by hand")
        elif each.points > MOODLE_MOST:
            left.append(f"{each.student}: {each.points:g} points; Moodle takes at most {MOODLE_MOST}")
        else:
            lines.append([who, number(each.points), harmless(_in_short(each))])
    return _written([[identity, title, f"{title} feedback"], *lines]), left


def _in_short(sent):
    """One line about the points; only words of the course's own people."""
    if sent.row is None:
        return "nothing was handed in"
    words = [f"{task} {earned:g}/{of:g}" for task, (earned, of) in by_task(sent.row).items()]
    for cell, mark in sent.row["marks"].items():
        comment = f" ({' '.join(mark['comment'].split())})" if mark["comment"] else ""
        words.append(f"{cell} {mark['points']:g}{comment}")
    if sent.total.deduction:
        words.append(f"late -{sent.total.deduction:g}")
    return "; ".join(words)


def _written(lines):
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(lines)
    return out.getvalue()


def gradescope(sent, facts):
    """The results.json of one submission. Of hidden tests it says what `feedback` says.

    Parameters
    ----------
    sent : Sent
    facts : dict

    Returns
    -------
    str
    """
    if sent.row is None or sent.row["status"] == "no submission":
        return json.dumps({"score": sent.points, "output": "Nothing was handed in."})
    notes, sum_, tests = notebook_notes(sent.row), sent.total, []
    if sum_.late is not None:
        off = f" {sum_.deduction:g} points are taken off." if sum_.deduction else ""
        notes.append(f"Handed in {sum_.late}.{off}")
    for test in sent.row["details"].get("tests", ()):
        tests.append(
            {
                "name": test["title"] + ("" if test["visible"] else " (hidden test)"),
                "score": test["earned"],
                "max_score": test["points"],
                "status": "passed" if test["outcome"] == "passed" else "failed",
                "output": "" if test["outcome"] == "passed" else said(test),
                "tags": [test["task"]],
                "visibility": "visible",
            }
        )
    for part in facts["parts"]:
        mark = sent.row["marks"].get(part["cell"])
        result = {"name": part["title"], "max_score": part["points"], "tags": [part["cell"]], "visibility": "visible"}
        if mark is not None:
            tests.append(result | {"score": mark["points"], "output": mark["comment"]})
        elif part["points"]:
            tests.append(result | {"output": "not marked yet"})
    # The score stands for itself: it is what is left after the penalty, which no test can say.
    document = {
        "score": sent.points,
        "output": "\n".join(notes),
        "visibility": "visible",
        "stdout_visibility": "hidden",
    }
    if sent.row["seconds"] is not None:
        document["execution_time"] = sent.row["seconds"]
    return json.dumps(document | {"tests": tests}, indent=1)
