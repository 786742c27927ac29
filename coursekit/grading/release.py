"""From solutions/NN-name/ to exercises/NN-name/: what students get, and proof that it gives nothing away.

The solution notebook is the only source. Each block from ``### BEGIN SOLUTION`` to ``### END SOLUTION`` becomes a
stub that raises NotImplementedError, outputs go, nbgrader's cell metadata stay (`stubs`). The result depends on the
source alone, byte for byte.

Nothing is written unless all of this holds: the metadata and points are consistent (`inspection`); nothing of a
solution or a hidden test can be read in the result (`leaks`); the solution gets full marks, the starter no points,
and none of the `trivial` answers points from a hidden test.
"""

import json
import sys
import tempfile
from pathlib import Path

from coursekit.grading import trivial
from coursekit.grading.assignment import AssignmentError, load_assignment
from coursekit.grading.inspection import inspect_notebook
from coursekit.grading.judge import judge
from coursekit.grading.leaks import leaks
from coursekit.grading.process import StartError
from coursekit.grading.sandbox import Unconfined
from coursekit.grading.stubs import student_cell
from coursekit.grading.worker import plain_source

__all__ = ["release", "student_files"]

FILES = ("assignment.toml", "test_visible.py")


def release(solutions, exercises, names=(), *, check_only=False):
    """Make the exercises, or only look whether they are as they would be made.

    Parameters
    ----------
    solutions, exercises : path
    names : iterable of str
        Assignments; all of `solutions` by default.
    check_only : bool
        Write nothing, run nothing: compare the files, and look for leaks.

    Returns
    -------
    list of str
        What is wrong, a line each; empty if nothing is. An assignment with a problem is not written.
    """
    solutions, exercises = Path(solutions), Path(exercises)
    there = sorted(path.parent.name for path in solutions.glob("*/assignment.toml"))
    problems = [f"{name}: there is no {solutions / name / 'assignment.toml'}" for name in names if name not in there]
    if not there:
        problems.append(f"{solutions}: no assignments there")
    for name in [name for name in there if not names or name in names]:
        try:
            assignment = load_assignment(solutions / name)
            files = student_files(assignment)
            found = leaks(assignment, files)
            if check_only:
                found += _differences(files, exercises / name)
            elif not found:
                found = _trials(assignment, files)
        except AssignmentError as error:
            found = [str(error)]
        problems += [f"{name}: {problem}" for problem in found]
        if not check_only and not found:
            _write(files, exercises / name)
    if not names and exercises.is_dir():
        strays = sorted({path.parent.name for path in exercises.glob("*/assignment.toml")} - set(there))
        problems += [f"{name}: in {exercises}, but not in {solutions}" for name in strays]
    return problems


def student_files(assignment):
    """What students get of one assignment.

    Parameters
    ----------
    assignment : Assignment
        From its folder in solutions/.

    Returns
    -------
    dict
        File name -> bytes.

    Raises
    ------
    AssignmentError
        If the notebook, its metadata or its points are not consistent.
    """
    try:
        notebook = json.loads(assignment.notebook_path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AssignmentError(f"{assignment.notebook_path}: {error}") from None
    problems = inspect_notebook(notebook, assignment)
    if problems:
        raise AssignmentError("; ".join(problems))
    language = {"display_name": "Python 3", "language": "python", "name": "python3"}
    student = {
        "cells": [student_cell(cell) for cell in notebook["cells"]],
        "metadata": {"kernelspec": language, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    for cell in student["cells"]:
        if cell["cell_type"] == "code":
            try:
                plain_source("".join(cell["source"]), cell["id"])
            except SyntaxError as error:
                raise AssignmentError(f"cell {cell['id']}: without its solution it is not Python: {error}") from None
    text = json.dumps(student, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    return {assignment.notebook: text.encode()} | {name: (assignment.folder / name).read_bytes() for name in FILES}


def _trials(assignment, files):
    """Grade the solution, the starter and the trivial answers, without a sandbox: it is the author's code."""
    solution = json.loads(assignment.notebook_path.read_text(encoding="utf-8"))
    problems = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:

        def grade(data, everything=False):
            try:
                return judge(assignment, data, Unconfined(assignment.limits, place), everything)
            except StartError as error:
                raise AssignmentError(f"the notebook could not be run: {error}") from None

        for everything in (True, False) if assignment.shown else (True,):
            result = grade(json.dumps(solution).encode(), everything)
            problems += [
                f"the solution fails {t['name']}: {t['message']}" for t in result["tests"] if t["outcome"] != "passed"
            ]
            problems += [f"in the solution, {cell['label']}: {cell['message']}" for cell in result["cells"]]
        if problems:
            return list(dict.fromkeys(problems))
        result = grade(files[assignment.notebook], everything=True)
        problems += [f"the starter earns the points of {test['name']}" for test in result["tests"] if test["earned"]]
        for name, notebook in trivial.answers(solution):
            result = grade(json.dumps(notebook).encode())
            problems += [
                f"answering {name} earns the points of {test['name']}"
                for test in result["tests"]
                if test["earned"] and not test["visible"]
            ]
    return problems


def _differences(files, folder):
    """Where the folder is not what would be written."""
    there = {path.name for path in folder.iterdir() if path.name != "__pycache__"} if folder.is_dir() else set()
    problems = [f"{folder / name} does not belong there" for name in sorted(there - files.keys())]
    for name, data in files.items():
        if name not in there:
            problems.append(f"{folder / name} is missing; run `coursekit release`")
        elif (folder / name).read_bytes() != data:
            problems.append(f"{folder / name} is out of date; run `coursekit release`")
    return problems


def _write(files, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != data:
            path.write_bytes(data)
            print(f"wrote {path}", file=sys.stderr)
