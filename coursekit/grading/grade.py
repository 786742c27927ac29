"""Grade a class: find the submissions, hand them to judging processes, keep every result as it comes.

    submitted/<student>/<assignment>/<notebook>.ipynb      nbgrader's layout

Everything below `submitted` was made by strangers, names included. Students are folders; links are not followed.
"""

import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from coursekit.grading.assignment import AssignmentError, load_assignment
from coursekit.grading.cluster import Cluster
from coursekit.grading.gradebook import Gradebook, key_of
from coursekit.grading.notebook import NotebookError, open_inside
from coursekit.grading.pool import Pool
from coursekit.grading.sandbox import require_sandbox
from coursekit.grading.submission import clip
from coursekit.grading.times import arrival

__all__ = ["find_misplaced", "find_submissions", "grade_class", "student_name", "versions"]

LONGEST_NAME = 200
# Modules that only present results: when one of them changes, nothing is graded again.
AFTERWARDS = {
    *("commands", "deadlines", "doctor", "export", "feedback", "marking", "marks", "pages", "pairs"),
    *("platforms", "report", "roster", "similarity", "spreadsheet", "summary", "totals"),
}
GONE = "the notebook is no longer there; the points are those of the one that was graded"


@dataclass(frozen=True)
class Submitted:
    """What was found for one student: `data`, or the reason there is none."""

    student: str
    data: bytes | None
    line: str = ""
    when: str | None = None  # it was handed in, ISO 8601 in UTC
    when_from: str = ""  # "timestamp.txt" or "file"


def student_name(name):
    r"""A folder's name as text to store and show: no two folders get the same, and a terminal obeys nothing in it.

    Whatever cannot be printed is written out, bytes that are no text as ``\xff`` and characters as ``\u200b``, and so
    is the backslash itself; a long name ends in its hash.

    Examples
    --------
    >>> print(student_name("alice\u00a0smith"), student_name("bob\\xff"), student_name("bob\udcff"))
    alice\u00a0smith bob\\xff bob\xff
    """
    text = "".join(map(_written_out, name))
    if len(text) <= LONGEST_NAME:
        return text
    # One character longer than any name that was left alone, so it cannot be one of those.
    return f"{text[: LONGEST_NAME - 20]}\N{HORIZONTAL ELLIPSIS}{hashlib.sha256(text.encode()).hexdigest()[:20]}"


def _written_out(character):
    number = ord(character)
    if character == "\\":
        return "\\\\"
    if character.isprintable():
        return character
    if 0xDC80 <= number <= 0xDCFF:  # how Python holds a byte of a file name that is not UTF-8
        return f"\\x{number - 0xDC00:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def find_submissions(submitted, assignment):
    """Every student folder and the notebook in it.

    Parameters
    ----------
    submitted : path
    assignment : Assignment

    Yields
    ------
    Submitted
        Sorted by student. A missing notebook is a `Submitted` without data; so is one that is not read because it, or a
        folder on the way, is a link.
    """
    submitted = Path(submitted)
    if not submitted.is_dir():
        raise AssignmentError(
            f"{submitted} is not a folder; submissions are {submitted}/<student>/{assignment.name}/*.ipynb"
        )
    for folder in sorted(submitted.iterdir()):
        student = student_name(folder.name)
        if folder.name.startswith(".") or (not folder.is_dir() and not folder.is_symlink()):
            continue
        name, note = assignment.notebook, ""
        try:
            if any(path.is_symlink() for path in (folder, folder / assignment.name)):
                raise NotebookError("not read: the folder is a link")
            place = folder / assignment.name
            if not (place / name).is_symlink() and not (place / name).exists():
                others = sorted(path.name for path in place.glob("*.ipynb")) if place.is_dir() else []
                if not others:
                    yield Submitted(student, None, "no submission")
                    continue
                if len(others) > 1:
                    raise NotebookError(f"there is no {name}, and more than one other notebook")
                name = others[0]
                note = f"{clip(name, 80)} was graded: there is no {assignment.notebook}"
            when, when_from, odd = arrival(submitted, folder.name, assignment.name, name)
            data = open_inside(submitted, folder.name, assignment.name, name)
            yield Submitted(student, data, "; ".join(filter(None, [note, odd])), when, when_from)
        except NotebookError as error:
            yield Submitted(student, None, str(error), *_arrival_of_any(submitted, folder.name, assignment.name))
        except OSError as error:
            yield Submitted(student, None, f"not read: {error.strerror}")


def _arrival_of_any(submitted, folder, assignment):
    """When something was handed in that cannot be read: the earliest time there is, which is the kindest."""
    place = submitted / folder / assignment
    if place.is_symlink() or (submitted / folder).is_symlink() or not place.is_dir():
        return None, ""
    names = sorted(path.name for path in place.glob("*.ipynb"))
    times = [arrival(submitted, folder, assignment, name)[:2] for name in names]
    return min((pair for pair in times if pair[0]), default=(None, ""))


def find_misplaced(submitted, assignment):
    """What is not graded though it looks like a submission: a line for each, with the reason.

    They are no rows of the gradebook, because nobody knows whose they are.
    """
    lines = []
    for path in sorted(Path(submitted).iterdir()):
        if path.name.startswith(".") and os.path.lexists(path / assignment.name):
            lines.append(f"{student_name(path.name)} was not read: the name of the folder begins with a dot")
        elif path.name.endswith(".ipynb") and not path.is_dir():
            lines.append(f"{student_name(path.name)} was not read: a notebook belongs in <student>/{assignment.name}/")
    return lines


def versions(sandbox):
    """The hash of what a result depends on beside assignment and submission: grader, NumPy, Python, and the sandbox."""
    modules = [path for path in sorted(Path(__file__).parent.glob("*.py")) if path.stem not in AFTERWARDS]
    sources = key_of(*(path.read_bytes() for path in modules))
    return key_of(sources, np.__version__, sys.version, "sandbox" if sandbox else "no sandbox")


def grade_class(assignment_folder, submitted, out, *, workers=1, scheduler=None, sandbox=True, progress=True):
    """Grade what is new or changed.

    Parameters
    ----------
    assignment_folder : path
        The folder in solutions/: hidden tests and reference solution included.
    submitted, out : path
        The submissions, and the folder of the gradebook.
    workers : int
        Judging processes at a time, on this machine.
    scheduler : str, optional
        Address of a dask scheduler whose workers judge instead; see `cluster`.
    sandbox : bool
        False runs strangers' code as this user.
    progress : bool

    Returns
    -------
    (Assignment, int, list of dict)
        The assignment, how many submissions were graded now, and all its results.

    Raises
    ------
    AssignmentError
        If the reference solution does not get full marks here: then nobody is graded.
    SandboxUnavailable
        If there is no sandbox to be had.
    """
    if sandbox and scheduler is None:
        require_sandbox()
    assignment = load_assignment(assignment_folder)
    solution = assignment.notebook_path.read_bytes()  # now, with the tests: files may be edited during a run
    marked = json.dumps([(part["cell"], part["id"], part["starter"]) for part in assignment.parts])
    grader = key_of(assignment.digest, marked, versions(sandbox))
    with Gradebook(out) as book:
        if scheduler is None:
            pool = Pool(assignment, workers, sandbox)
        else:
            pool = Cluster(assignment, solution, scheduler, versions(sandbox), sandbox)
        try:
            _verify(assignment, solution, grader, book, pool)
            book.describe(assignment)
            graded = _grade_all(assignment, grader, submitted, book, pool, progress)
        finally:
            pool.close()
        return assignment, graded, book.results(assignment.name)


def _verify(assignment, solution, grader, book, pool):
    """The tests must pass on the reference solution, here and now, before they may fail anybody."""
    key = key_of("solution", solution, grader)
    if book.is_verified(key):
        return
    ((_, result),) = pool.map([("solution", solution)], failed_starts=1)
    if isinstance(result, str):
        raise AssignmentError(f"{assignment.name}: the reference solution could not be graded: {result}")
    lost = [test for test in result["tests"] if test["outcome"] != "passed"]
    if lost or result["cells"]:
        why = f"{lost[0]['name']}: {lost[0]['message']}" if lost else result["line"]
        raise AssignmentError(
            f"{assignment.name}: the reference solution gets {result['points']:g} of {assignment.automatic_points:g} "
            f"points here, so nobody was graded. {why}"
        )
    book.verify(key)


def _grade_all(assignment, grader, submitted, book, pool, progress):
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread of its own: judging processes are forked
    notes, graded = {}, 0
    base = {"out_of": assignment.automatic_points}
    with tqdm(desc="grading", unit=" notebooks", disable=None if progress else True) as bar:

        def changed():
            for found in find_submissions(submitted, assignment):
                if found.data is None:
                    status = "no submission" if found.line == "no submission" else "not read"
                    if status == "no submission" and book.keep(assignment.name, found.student, GONE):
                        continue
                    points = None if status == "no submission" else 0.0
                    book.record(
                        assignment.name, found.student, key="", status=status, points=points, line=found.line,
                        submitted=found.when, submitted_from=found.when_from, **base,
                    )  # fmt: skip
                    continue
                content = hashlib.sha256(found.data).hexdigest()
                came = {"content": content, "submitted": found.when, "submitted_from": found.when_from}
                key = key_of(found.data, found.line, grader)
                if book.key(assignment.name, found.student) == key:
                    book.arrived(assignment.name, found.student, **came)
                    continue
                notes[found.student] = key, found.line, came
                yield found.student, found.data

        for student, result in pool.map(changed()):
            key, note, came = notes.pop(student)
            if isinstance(result, str):
                book.record(
                    assignment.name, student, key="", status="not graded", points=None, line=result, **base, **came
                )
            else:
                result["line"] = "; ".join(filter(None, [result["line"], note]))
                result["found"] = note
                book.record(assignment.name, student, key=key, status="graded", **base, **result, **came)
                graded += 1
            bar.update()
    return graded
