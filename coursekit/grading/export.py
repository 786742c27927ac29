"""Grades for other programs: all of them as CSV, and who may go to a learning platform (`platforms`).

To a platform goes only what is complete and belongs to somebody there. Everybody else is left out and named, because
what such a platform makes of an empty cell, or of a student it does not know, is rarely what was meant.
"""

import csv
import io
from dataclasses import dataclass

from coursekit.grading.assignment import tidy
from coursekit.grading.spreadsheet import harmless
from coursekit.grading.totals import total

__all__ = ["Sent", "by_task", "export_csv", "number", "sendable"]


@dataclass(frozen=True)
class Sent:
    """One student whose points go to a platform; `entry` is the line of the class list, or made from the folder."""

    student: str
    points: float
    entry: dict
    row: dict | None = None
    total: object = None


def export_csv(rows, known, deadlines, roster=None):
    """All results as CSV text, a line each, complete or not.

    Parameters
    ----------
    rows : list of dict
        From `Gradebook.results`.
    known : dict
        From `Gradebook.assignments`.
    deadlines : Deadlines
    roster : Roster, optional
        Adds its columns in front.

    Returns
    -------
    str
        assignment, student; points (empty as long as something is not marked), out_of, so_far, automatic, manual,
        penalty, missing, changed, submitted, submitted_from, status, reason; then a column for each task and each cell.
    """
    tasks = list(dict.fromkeys(f"{row['assignment']}: {task}" for row in rows for task in by_task(row)))
    cells = [f"{name}: {part['cell']}" for name, facts in known.items() for part in facts["parts"]]
    own = [column for column in roster.columns if column] if roster is not None else []
    names = ["points", "out_of", "so_far", "automatic", "manual", "penalty", "missing", "changed"]
    names += ["submitted", "submitted_from", "status", "reason", *tasks, *cells]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(harmless, [*own, "assignment", "student", *names]))
    for row in rows:
        sum_ = total(row, known[row["assignment"]], deadlines)
        entry = (roster.get(row["student"]) if roster is not None else None) or {}
        earned = {f"{row['assignment']}: {task}": value for task, (value, _) in by_task(row).items()}
        earned |= {f"{row['assignment']}: {cell}": mark["points"] for cell, mark in row["marks"].items()}
        line = [entry.get(column, "") for column in own] + [row["assignment"], row["student"]]
        line += [number(None if sum_.missing else sum_.points), number(sum_.out_of), number(sum_.points)]
        line += [number(sum_.automatic), number(sum_.manual), number(sum_.deduction or None)]
        line += [" ".join(sum_.missing), " ".join(sum_.changed), row["submitted"] or "", row["submitted_from"]]
        line += [row["status"], row["line"], *(number(earned.get(column)) for column in tasks + cells)]
        writer.writerow(map(harmless, line))
    return out.getvalue()


def number(value):
    """A number as text, None as nothing."""
    return "" if value is None else f"{value:.10g}"


def by_task(row):
    """task -> (earned, of), in the order of the tests."""
    tasks = {}
    for test in row["details"].get("tests", ()):
        earned, of = tasks.get(test["task"], (0.0, 0.0))
        tasks[test["task"]] = tidy(earned + test["earned"]), tidy(of + test["points"])
    return tasks


def sendable(rows, facts, deadlines, roster=None, *, provisional=False, zeros=False):
    """Who goes to a platform, and who does not and why.

    Parameters
    ----------
    rows : list of dict
        Of one assignment.
    facts : dict
    deadlines : Deadlines
    roster : Roster, optional
        Without one the name of the folder is the student's name and login.
    provisional : bool
        Also send points of which a part is not marked yet.
    zeros : bool
        Send 0 for whoever handed in nothing, those included who are only in the class list.

    Returns
    -------
    (list of Sent, list of str)
        The second names everybody who is left out, with the reason.
    """
    sent, left, owners = [], [], {}
    for row in rows:
        sum_, student = total(row, facts, deadlines), row["student"]
        points, why = sum_.points, ""
        entry = {"student": student} if roster is None else roster.get(student)
        if row["status"] == "no submission":
            points, why = 0.0, "" if zeros else "nothing was handed in (--zeros sends 0)"
        elif points is None:
            why = f"not graded: {row['line']}"
        elif sum_.missing and not provisional:
            why = f"not marked yet: {', '.join(sum_.missing)} (--provisional sends the points so far)"
        if entry is None:
            why = "not in the class list"
        if why:
            left.append(f"{student}: {why}")
        else:
            owners.setdefault(id(entry), []).append(student)
            sent.append(Sent(student, points, entry, row, sum_))
    twice = {id_ for id_, students in owners.items() if len(students) > 1}
    for each in sent:
        if id(each.entry) in twice:  # two ways to write one name
            left.append(f"{each.student}: more than one folder has this name; the class list has it once")
    sent = [each for each in sent if id(each.entry) not in twice]
    if roster is not None:
        for folder in roster.absent(row["student"] for row in rows):
            if zeros:
                sent.append(Sent(folder, 0.0, roster.entries[folder]))
            else:
                left.append(f"{folder}: in the class list, without a folder (--zeros sends 0)")
    return sent, left
