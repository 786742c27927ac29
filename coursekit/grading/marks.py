"""Marks that people give: from a CSV file into the gradebook, and the file to fill in.

    student,assignment,cell,points,comment,version
    anna,01-linear-classifiers,answer,1.5,"Right, but why?",3f0c…

The columns may be in any order, and others are left alone. `assignment` can be left out if there is only one, or if it
is named with the command; `task` is another name for `cell`. A line without points is left as it is, so half of a file
can be filled in; `-` takes a mark away. `version` says which answer was marked: it is in the template, and without it
the answer of now is meant.

A file is stored completely or not at all.
"""

import csv
import difflib
import io
import math
import re
import unicodedata

from coursekit.grading.answers import readable, version_of
from coursekit.grading.assignment import AssignmentError
from coursekit.grading.spreadsheet import harmless, sniff, unguarded

__all__ = ["MarkError", "read_marks", "template"]

COLUMNS = ["student", "assignment", "cell", "points", "comment", "version", "out_of", "state", "answer"]
LONGEST_COMMENT = 5_000
SHOWN = 20  # errors at a time


class MarkError(AssignmentError):
    """A file of marks cannot be stored; says which lines, which values, and what would be right."""


def read_marks(data, book, assignment=None):
    """Read and check a file of marks.

    Parameters
    ----------
    data : bytes
        CSV, UTF-8, with commas or, as some spreadsheets write it, with semicolons.
    book : Gradebook
    assignment : str, optional
        The assignment where the file does not name one.

    Returns
    -------
    (list of dict, int)
        For `Gradebook.mark`; and how many lines had no points.

    Raises
    ------
    MarkError
    """
    lines, header = _lines(data)
    known, answers = book.assignments(), {}
    for row in book.results():
        found = {answer["cell"]: answer for answer in row["details"].get("answers", ())}
        answers.setdefault(row["assignment"], {})[_plain(row["student"])] = row["student"], row["status"], found
    problems, marks, seen, blank = [], [], {}, 0
    if assignment is None and len(known) == 1:
        (assignment,) = known
    for number, values in lines:
        line = dict(zip(header, (value.strip() for value in values), strict=False))
        if not any(line.values()):
            continue
        try:
            mark = _mark(line, known, answers, assignment)
        except ValueError as error:
            problems.append(f"line {number}: {error}")
            continue
        if mark is None:
            blank += 1
            continue
        key = mark["assignment"], mark["student"], mark["cell"]
        if key in seen:
            problems.append(
                f"line {number}: {mark['student']!r} has a mark for {mark['cell']!r} in line {seen[key]}, too"
            )
        seen[key] = number
        marks.append(mark)
    if problems:
        more = [f"and {len(problems) - SHOWN} more lines"] if len(problems) > SHOWN else []
        raise MarkError("nothing was stored:\n  " + "\n  ".join(problems[:SHOWN] + more))
    return marks, blank


def _lines(data):
    """(line number, values) of a CSV file, and its header in lower case."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data[: error.start].count(b"\n") + 1
        raise MarkError(f"line {number} is not UTF-8; save the file as CSV in UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sniff(text), strict=True)
    lines, before = [], 0
    try:
        for values in reader:
            lines.append((before + 1, values))
            before = reader.line_num
    except csv.Error as error:
        raise MarkError(f"line {reader.line_num}: {error}") from None
    if not lines:
        raise MarkError(f"the file is empty; it needs a line with {', '.join(COLUMNS[:5])}")
    header = [name.strip().lower() for name in lines[0][1]]
    header = ["cell" if name == "task" and "cell" not in header else name for name in header]
    for name in ("student", "cell", "points"):
        if header.count(name) != 1:
            how = "no" if name not in header else "more than one"
            raise MarkError(f"line 1: there is {how} column {name!r}; the columns are {', '.join(header) or 'none'}")
    return lines[1:], header


def _mark(line, known, answers, assignment):
    """One line as a mark; None if it has no points; ValueError if something is wrong."""
    name = line.get("assignment") or assignment
    if not name:
        raise ValueError(f"it does not say which assignment; there are {', '.join(known)}")
    if name not in known:
        raise ValueError(f"assignment {name!r} is not in the gradebook; there are {', '.join(known) or 'none'}")
    students = answers.get(name, {})
    student = next((students[_plain(each)] for each in unguarded(line["student"]) if _plain(each) in students), None)
    if student is None:
        alike = {each.casefold(): each for each in students}
        near = difflib.get_close_matches(line["student"].casefold(), alike, n=1, cutoff=0.75)
        hint = f"; did you mean {alike[near[0]]!r}?" if near else ""
        raise ValueError(f"student {line['student']!r} is not in the gradebook for {name}{hint}")
    student, status, found = student
    parts = {part["cell"]: part for part in known[name]["parts"]}
    part = next((parts[each] for each in unguarded(line["cell"]) if each in parts), None)
    if part is None:
        there = f"there are {', '.join(parts)}" if parts else "nothing in this assignment is marked by hand"
        raise ValueError(f"cell {line['cell']!r} is none that people mark; {there}")
    points, comment = _points(line["points"], part), readable(line.get("comment") or "", LONGEST_COMMENT)
    if points is None:
        if comment:
            raise ValueError("a comment without points; write 0 if that is meant, or leave both empty")
        return None
    if points != "-" and status in ("no submission", "not graded"):
        raise ValueError(f"{student!r} has nothing that could be marked: {status}")
    version = line.get("version") or found.get(part["cell"], {}).get("version", version_of(""))
    if not re.fullmatch(r"[0-9a-f]{16}", version):
        raise ValueError(f"version {version!r} is none; leave it as it is in the template, or empty")
    return {
        "assignment": name, "student": student, "cell": part["cell"], "points": None if points == "-" else points,
        "comment": comment, "version": version,
    }  # fmt: skip


def _points(text, part):
    """The number, "-" to take the mark away, None if there is nothing."""
    if text in ("", "-"):
        return text or None
    number = re.fullmatch(r"(\d+),(\d+)", text)  # as half of Europe writes it
    try:
        points = float(f"{number[1]}.{number[2]}" if number else text)
    except ValueError:
        raise ValueError(f"points {text!r} is not a number") from None
    most = part["points"]
    if not math.isfinite(points) or points < 0 or (most and points > most):
        wanted = f"from 0 to {most:g}" if most else "0 or more"  # what has no points in the notebook comes on top
        raise ValueError(f"points {text!r}; for {part['cell']!r} they must be {wanted}")
    return points


def _plain(name):
    return unicodedata.normalize("NFC", name)


def template(book, assignment, unmarked=False):
    """The CSV file to fill in: a line for each answer, with the marks that there are.

    What needs no reading is filled in: 0 points for a cell that was left as it was.

    Parameters
    ----------
    book : Gradebook
    assignment : str
    unmarked : bool
        Only answers without a mark, and those that changed since they were marked.

    Returns
    -------
    str

    Raises
    ------
    MarkError
        If nothing is marked by hand.
    """
    facts = book.assignments().get(assignment)
    if facts is None or not facts["parts"]:
        raise MarkError(f"nothing in {assignment} is marked by hand, as far as the gradebook knows")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    rows = book.results(assignment)
    for part in facts["parts"]:
        for row in rows:
            if row["status"] in ("no submission", "not graded"):
                continue
            nothing = {"state": "missing", "source": "", "version": version_of("")}
            found = {answer["cell"]: answer for answer in row["details"].get("answers", ())}.get(part["cell"], nothing)
            mark = row["marks"].get(part["cell"])
            changed = mark is not None and mark["version"] != found["version"]
            if unmarked and mark is not None and not changed:
                continue
            state, points, comment = found["state"], "", ""
            if changed:  # left blank: somebody has to look again
                state += f", changed since it got {mark['points']:g}"
            elif mark is not None:
                points, comment = f"{mark['points']:g}", mark["comment"]
            elif found["state"] == "empty" and part["points"]:
                points, comment = "0", "no answer"
            line = [row["student"], assignment, part["cell"], points, comment, found["version"], f"{part['points']:g}"]
            writer.writerow(map(harmless, [*line, state, found["source"]]))
    return out.getvalue()
