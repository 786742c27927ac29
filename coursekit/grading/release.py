"""From solutions/NN-name/ to exercises/NN-name/: what students get, and proof that it gives nothing away.

The solution notebook is the only source. Each block from ``### BEGIN SOLUTION`` to ``### END SOLUTION`` becomes a
stub that raises NotImplementedError, outputs go, nbgrader's cell metadata stay. The result depends on the source
alone, byte for byte.

Nothing is written unless all of this holds: the metadata and points are consistent (`inspect_notebook`); nothing of a
solution or a hidden test can be read in the result (`leaks`); the solution gets full marks, the starter no points,
and none of the `trivial` answers points from a hidden test.
"""

import json
import re
import sys
import tempfile
from pathlib import Path

from coursekit.grading import trivial
from coursekit.grading.assignment import AssignmentError, load_assignment, tidy
from coursekit.grading.judge import judge
from coursekit.grading.leaks import leaks
from coursekit.grading.process import StartError
from coursekit.grading.sandbox import Unconfined
from coursekit.grading.worker import plain_source

__all__ = ["inspect_notebook", "release", "student_files", "student_source"]

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
ANSWER = "YOUR ANSWER HERE"
KEPT_METADATA = ("nbgrader", "tags")
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
        "cells": [_student_cell(cell) for cell in notebook["cells"]],
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


def student_source(source):
    """A code cell with every solution block replaced by a stub.

    Parameters
    ----------
    source : str

    Returns
    -------
    str

    Raises
    ------
    AssignmentError
        If BEGIN and END do not alternate.

    Examples
    --------
    >>> print(student_source("def f(x):\\n    ### BEGIN SOLUTION\\n    return 2 * x\\n    ### END SOLUTION"))
    def f(x):
        # YOUR CODE HERE
        raise NotImplementedError
    """
    lines, inside = [], False
    for number, line in enumerate(source.splitlines(), 1):
        marker = line.strip()
        if marker in (BEGIN, END):
            if (marker == END) != inside:
                raise AssignmentError(f"line {number}: {marker} where {BEGIN if inside is False else END} was expected")
            inside = not inside
            if inside:
                indent = line[: len(line) - len(line.lstrip())]
                lines += [indent + "# YOUR CODE HERE", indent + "raise NotImplementedError"]
        elif re.search(r"(BEGIN|END) *SOLUTION", line):
            raise AssignmentError(f"line {number}: {marker!r}; a marker stands alone, as {BEGIN!r} or {END!r}")
        elif re.search(r"(BEGIN|END) *HIDDEN *TESTS", line):
            raise AssignmentError(f"line {number}: hidden tests belong in test_hidden.py")
        elif not inside:
            lines.append(line)
    if inside:
        raise AssignmentError(f"{BEGIN} without {END}")
    return "\n".join(lines)


def _student_cell(cell):
    source = _text(cell)
    grading = cell["metadata"].get("nbgrader", {})
    if cell["cell_type"] == "code":
        source = student_source(source)
    elif grading.get("solution"):
        source = ANSWER
    student = {
        "cell_type": cell["cell_type"],
        "id": cell["id"],
        "metadata": {name: cell["metadata"][name] for name in KEPT_METADATA if name in cell["metadata"]},
        "source": source.splitlines(keepends=True),
    }
    if cell["cell_type"] == "code":
        student |= {"execution_count": None, "outputs": []}
    elif cell.get("attachments") and not grading.get("solution"):
        student["attachments"] = cell["attachments"]
    return student


def _text(cell):
    return "".join(cell["source"])


def inspect_notebook(notebook, assignment):
    """What is inconsistent in a solution notebook.

    Parameters
    ----------
    notebook : dict
        The notebook's JSON.
    assignment : Assignment

    Returns
    -------
    list of str
    """
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4 or not isinstance(notebook.get("cells"), list):
        return [f"{assignment.notebook} is not a notebook of format 4"]
    problems, identities, by_hand, checked = [], [], 0, {}
    for position, cell in enumerate(notebook["cells"], 1):
        where = f"cell {cell.get('id', position)}"
        if not cell.get("id"):
            problems.append(f"{where}: has no id; save the notebook as nbformat 4.5")
            continue
        identities.append(("id", cell["id"]))
        source, grading = _text(cell), cell["metadata"].get("nbgrader")
        if cell["cell_type"] == "code":
            try:
                solved = student_source(source) != source.removesuffix("\n")
            except AssignmentError as error:
                problems.append(f"{where}, {error}")
                continue
            if solved != bool(grading and grading.get("solution")):
                has = "has" if solved else "has no"
                problems.append(f"{where}: it {has} solution block, and nbgrader.solution says the opposite")
        if grading is None:
            continue
        identities.append(("grade_id", grading.get("grade_id")))
        problems += [f"{where}: {problem}" for problem in _metadata_problems(grading, cell["cell_type"])]
        if grading.get("grade") and grading.get("solution"):
            by_hand += grading.get("points", 0)
        elif grading.get("grade"):
            for task in re.findall(r"""\bcheck\(\s*["']([^"']+)["']""", source):
                checked[task] = grading.get("points"), grading.get("grade_id")
    problems += [
        f"{kind} {name!r} is there twice" for kind, name in {pair for pair in identities if identities.count(pair) > 1}
    ]
    return sorted(problems) or _point_problems(assignment, by_hand, checked)


def _metadata_problems(grading, cell_type):
    """Where the metadata of a cell departs from nbgrader's schema 3."""
    kinds = {"grade": bool, "grade_id": str, "locked": bool, "schema_version": int, "solution": bool, "task": bool}
    for name, kind in kinds.items():
        if type(grading.get(name)) is not kind:
            yield f"nbgrader.{name} is {grading.get(name)!r}; schema 3 wants a {kind.__name__}"
    if grading.get("schema_version") != 3:
        yield f"nbgrader.schema_version is {grading.get('schema_version')!r}; it must be 3"
    if grading.get("grade_id") == "":
        yield "nbgrader.grade_id is empty"
    if bool(grading.get("grade")) != (type(grading.get("points")) in (int, float)):
        yield "nbgrader.points belong to the cells with grade=true, and to no other"
    if cell_type == "markdown" and grading.get("grade") and not grading.get("solution"):
        yield "a graded markdown cell must have solution=true"


def _point_problems(assignment, by_hand, checked):
    problems, tasks = [], {}
    for test in assignment.tests:
        tasks[test.task] = tidy(tasks.get(test.task, 0) + test.points)
    for task, points in tasks.items():
        if task not in checked:
            problems.append(f'task {task!r} has tests, but no graded cell calls check("{task}")')
        elif tidy(checked[task][0]) != points:
            problems.append(
                f"task {task!r}: its tests give {points:g} points, its check cell says {checked[task][0]:g}"
            )
        elif checked[task][1] != f"check-{task}":
            problems.append(
                f"task {task!r}: the grade_id of its check cell is {checked[task][1]!r}; it must be 'check-{task}'"
            )
    problems += [f"check({task!r}): there are no tests of that task" for task in checked if task not in tasks]
    total = tidy(assignment.automatic_points + by_hand)
    if total != tidy(assignment.points):
        parts = f"tests give {assignment.automatic_points:g} points and people {by_hand:g}, together {total:g}"
        problems.append(f"{parts}; assignment.toml says {assignment.points:g}")
    if not any(test.visible for test in assignment.tests) or all(test.visible for test in assignment.tests):
        problems.append("there must be visible and hidden tests")
    return problems


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
