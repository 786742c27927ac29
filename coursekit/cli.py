"""The `coursekit` command: what students, instructors and authors type. Thin: the work is in `coursekit.grading`."""

import argparse
import sqlite3
import sys
from pathlib import Path

from coursekit import __version__

__all__ = ["main"]


def main(argv=None):
    """Run one command.

    Parameters
    ----------
    argv : list of str, optional
        Without the program's name; by default the command line.

    Returns
    -------
    int
        The exit status: 0 done, 1 not as it should be (a check fails, something is out of date), 2 could not be done.
    """
    arguments = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):  # a console that has no … must not end a grading run
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from coursekit.grading.assignment import AssignmentError
    from coursekit.grading.notebook import NotebookError
    from coursekit.grading.process import StartError
    from coursekit.grading.sandbox import SandboxUnavailable

    try:
        return arguments.run(arguments)
    except (AssignmentError, NotebookError) as error:
        print(f"coursekit: {error}", file=sys.stderr)
    except (SandboxUnavailable, StartError) as error:
        print(f"coursekit: {error}", file=sys.stderr)
        print("coursekit: `coursekit doctor` says what is missing; nothing was run without a sandbox.", file=sys.stderr)
    except sqlite3.Error as error:
        print(f"coursekit: the gradebook cannot be used: {error}", file=sys.stderr)
    except OSError as error:  # a full disk, a file where a folder should be
        print(f"coursekit: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("coursekit: stopped; what was finished is kept.", file=sys.stderr)
    return 2


def _parser():
    parser = argparse.ArgumentParser(
        prog="coursekit", description="Exercises of the course: do them, grade them, write them."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="run your notebook and the tests you can see")
    check.add_argument("notebook", type=Path)
    check.set_defaults(run=_check)

    grade = commands.add_parser(
        "grade", help="grade a folder of submissions, each in a sandbox",
        description="Grade what is new or changed, keep every result, and write report.html. What lateness costs is in "
        "OUT/deadlines.toml; `pydoc coursekit.grading.deadlines` shows one. It can be changed at any time: "
        "`coursekit report` works the points out again.",
    )  # fmt: skip
    _submissions_of(grade)
    where = grade.add_mutually_exclusive_group()
    where.add_argument("--workers", type=_workers, default=1, help="notebooks graded at a time on this machine (1)")
    where.add_argument("--scheduler", metavar="tcp://HOST:PORT", help="grade on the workers of this dask scheduler")
    grade.add_argument(
        "--unsafe-no-sandbox", action="store_true",
        help="run the submissions' code with your own rights, able to do all that you can do",
    )  # fmt: skip
    grade.set_defaults(run=_grade)

    _after_grading(commands)

    release = commands.add_parser("release", help="make exercises/ from solutions/")
    release.add_argument("names", nargs="*", help="assignments (all)")
    release.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if something is out of date or leaks"
    )
    release.add_argument("--solutions", type=Path, default=Path("solutions"))
    release.add_argument("--exercises", type=Path, default=Path("exercises"))
    release.set_defaults(run=_release)

    doctor = commands.add_parser("doctor", help="try whether grading works on this machine")
    doctor.set_defaults(run=_doctor)
    return parser


def _after_grading(commands):
    """What an instructor does with the gradebook."""
    report = commands.add_parser("report", help="write the class's page again, with the marks and deadlines of now")
    _grades_of(report)
    report.set_defaults(run=_instructor("report"))

    mark = commands.add_parser(
        "mark", help="store what people gave for answers in words",
        description="Store marks from a CSV file with the columns student, cell, points, and if you like assignment "
        "and comment: all of it or nothing. A line without points is left as it is, '-' takes a mark away. Marks stay "
        "when a notebook is graded again; if its answer has changed since, the report says so.",
    )  # fmt: skip
    _grades_of(mark)
    mark.add_argument("file", type=Path, nargs="?", help="the marks, CSV in UTF-8")
    mark.add_argument(
        "--template", type=Path, metavar="FILE.csv",
        help="write the file to fill in, with all answers, and FILE.html with the answers to each question together",
    )  # fmt: skip
    mark.add_argument("--unmarked", action="store_true", help="in the template: only what is yet to be marked")
    mark.set_defaults(run=_instructor("mark"))

    export = commands.add_parser(
        "export", help="write grades for a spreadsheet, Canvas, Moodle or Gradescope",
        description="To a platform goes only what is complete and belongs to somebody there. Whoever is left out is "
        "named on the standard error, with the reason, and the exit status is 1.",
    )  # fmt: skip
    _grades_of(export)
    export.add_argument(
        "--format", choices=["csv", "canvas", "moodle", "gradescope"], default="csv",
        help="csv: everything, a line each (the default); canvas, moodle: for their import of grades; gradescope: a "
        "folder with <student>/results.json",
    )  # fmt: skip
    export.add_argument("--out", type=Path, help="a file, by default the standard output; for gradescope a folder")
    export.add_argument(
        "--roster", type=Path, metavar="LIST.csv",
        help="the class list, best the platform's own export of its gradebook: says which folder is whose",
    )  # fmt: skip
    export.add_argument("--match", metavar="COLUMN", help="the column of the class list with the folders' names")
    export.add_argument(
        "--id", metavar="COLUMN", help="moodle: the column of the class list by which Moodle knows them"
    )
    export.add_argument(
        "--column", metavar="TITLE",
        help="the assignment's name there, such as 'Exercise 1 (4711)' from Canvas's own export; by default its title",
    )  # fmt: skip
    export.add_argument("--provisional", action="store_true", help="also points of which a part is not marked yet")
    export.add_argument("--zeros", action="store_true", help="0 for whoever handed in nothing")
    export.set_defaults(run=_instructor("export"))

    feedback = commands.add_parser(
        "feedback", help="write a page for each student",
        description="One HTML file for each student, with the points, what the visible tests said and the comments of "
        "people. Of a hidden test it shows the title, the points and one of eight sentences.",
    )  # fmt: skip
    _grades_of(feedback)
    feedback.add_argument("--out", type=Path, metavar="FOLDER", help="where to (GRADES/feedback)")
    feedback.set_defaults(run=_instructor("feedback"))

    similar = commands.add_parser(
        "similar", help="look for submissions that have much in common",
        description="Pairs to look at side by side, never a verdict. Code of the starter notebook does not count, nor "
        "what many wrote; names, comments and layout make no difference.",
    )  # fmt: skip
    _submissions_of(similar)
    similar.add_argument(
        "--least", type=_percent, default=50, metavar="PERCENT",
        help="how much of the shorter submission must be in the other (50)",
    )  # fmt: skip
    similar.set_defaults(run=_instructor("similar"))


def _submissions_of(parser):
    parser.add_argument("submitted", type=Path, help="the folder with <student>/<assignment>/<notebook>.ipynb")
    parser.add_argument("--assignment", required=True, help="its folder's name, or the number it begins with")
    parser.add_argument("--out", type=Path, default=Path("grades"), help="the folder of the gradebook (grades)")
    parser.add_argument(
        "--solutions", type=Path, default=Path("solutions"), help="where the assignments are (solutions)"
    )


def _grades_of(parser):
    parser.add_argument("grades", type=Path, help="the folder of the gradebook")
    parser.add_argument("--assignment", help="only this one: its name, or how it begins")


def _instructor(name):
    def run(arguments):
        from coursekit.grading import commands

        return getattr(commands, name)(arguments)

    return run


def _percent(text):
    if not text.isdigit() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 100")
    return int(text)


def _workers(text):
    if not text.isdigit() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of workers from 1 to 1024")
    return int(text)


def _check(arguments):
    from coursekit.grading.check import check_notebook

    text, passed = check_notebook(arguments.notebook)
    print(text)
    return 0 if passed else 1


def _grade(arguments):
    from coursekit.grading.assignment import find_assignment
    from coursekit.grading.commands import say, write_report
    from coursekit.grading.deadlines import FILE, read_deadlines
    from coursekit.grading.grade import find_misplaced, grade_class
    from coursekit.grading.gradebook import Gradebook

    folder = find_assignment(arguments.assignment, arguments.solutions)
    read_deadlines(arguments.out / FILE)  # what is wrong there should not come up after an hour of grading
    if arguments.unsafe_no_sandbox:
        say("no sandbox: the submissions run with your rights.")
    assignment, graded, rows = grade_class(
        folder, arguments.submitted, arguments.out,
        workers=arguments.workers, scheduler=arguments.scheduler, sandbox=not arguments.unsafe_no_sandbox,
    )  # fmt: skip
    for line in find_misplaced(arguments.submitted, assignment):
        say(line)
    with Gradebook(arguments.out) as book:
        page = write_report(book, arguments.out, assignment.name)
    kept = sum(row["status"] == "graded" for row in rows) - graded
    print(f"{graded} graded now, {kept} as before, {len(rows) - graded - kept} with nothing to grade. Report: {page}")
    return 1 if any(row["status"] == "not graded" for row in rows) else 0


def _release(arguments):
    from coursekit.grading.release import release

    problems = release(arguments.solutions, arguments.exercises, arguments.names, check_only=arguments.check)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def _doctor(arguments):
    from coursekit.grading.doctor import examine

    findings = examine()
    for finding in findings:
        print(finding)
    return 0 if all(finding.fine for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
