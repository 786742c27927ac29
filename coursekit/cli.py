"""The `coursekit` command: check, grade, export, release, doctor. Thin: the work is in `coursekit.grading`."""

import argparse
import contextlib
import os
import sqlite3
import sys
import tempfile
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
    parser = argparse.ArgumentParser(prog="coursekit", description="Exercises of the course: check, grade, release.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="run your notebook and the tests you can see")
    check.add_argument("notebook", type=Path)
    check.set_defaults(run=_check)

    grade = commands.add_parser("grade", help="grade a folder of submissions, each in a sandbox")
    grade.add_argument("submitted", type=Path, help="the folder with <student>/<assignment>/<notebook>.ipynb")
    grade.add_argument("--assignment", required=True, help="its folder's name, or the number it begins with")
    grade.add_argument("--out", type=Path, default=Path("grades"), help="the folder of the gradebook (grades)")
    grade.add_argument(
        "--solutions", type=Path, default=Path("solutions"), help="where the assignments are (solutions)"
    )
    grade.add_argument("--workers", type=_workers, default=1, help="notebooks graded at a time (1)")
    grade.add_argument(
        "--unsafe-no-sandbox", action="store_true",
        help="run the submissions' code with your own rights, able to do all that you can do",
    )  # fmt: skip
    grade.set_defaults(run=_grade)

    export = commands.add_parser("export", help="write the gradebook for a spreadsheet")
    export.add_argument("grades", type=Path)
    export.add_argument("--format", choices=["csv"], default="csv")
    export.add_argument("--assignment", help="only this one")
    export.set_defaults(run=_export)

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
    from coursekit.grading.grade import find_misplaced, grade_class
    from coursekit.grading.report import page, table

    folder = find_assignment(arguments.assignment, arguments.solutions)
    if arguments.unsafe_no_sandbox:
        print("coursekit: no sandbox: the submissions run with your rights.", file=sys.stderr)
    assignment, graded, rows = grade_class(
        folder, arguments.submitted, arguments.out,
        workers=arguments.workers, sandbox=not arguments.unsafe_no_sandbox,
    )  # fmt: skip
    for line in find_misplaced(arguments.submitted, assignment):
        print(f"coursekit: {line}", file=sys.stderr)
    report = arguments.out / "report.html"
    print(table(rows))
    _replace(report, page(assignment, rows))
    kept = sum(row["status"] == "graded" for row in rows) - graded
    print(f"{graded} graded now, {kept} as before, {len(rows) - graded - kept} with nothing to grade. Report: {report}")
    return 1 if any(row["status"] == "not graded" for row in rows) else 0


def _replace(path, text):
    """Write a file that only this user may read, all of it or none."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with open(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.remove(temporary)
        raise


def _export(arguments):
    from coursekit.grading.assignment import AssignmentError
    from coursekit.grading.gradebook import Gradebook
    from coursekit.grading.report import export_csv

    if not (arguments.grades / "gradebook.sqlite").is_file():
        raise AssignmentError(
            f"there is no gradebook in {arguments.grades}; `coursekit grade ... --out {arguments.grades}` makes it"
        )
    with Gradebook(arguments.grades) as book:
        sys.stdout.write(export_csv(book.results(arguments.assignment)))
    return 0


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
