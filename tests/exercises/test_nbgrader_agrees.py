"""nbgrader gives the same points as coursekit, for every exercise.

An instructor who grades with nbgrader puts the folders of solutions/ in nbgrader's `source/`: the notebook has its
markers and metadata, and test_visible.py and test_hidden.py stand beside it. nbgrader makes the students' version
from that, and when it grades a submission it copies the tests beside it and takes the value of each check cell as its
points. `check` returns those, hidden tests included, when nbgrader runs it.

Here the starter, the solution and two notebooks in which some tasks are wrong go both ways, and the points of each task
must be the same. nbgrader needs half a minute for that: two exercises are tried each time, all of them with
`HYPOTHESIS_PROFILE=thorough`.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from exercise import HERE, SOLUTIONS, THOROUGH, Exercise

from coursekit.grading.assignment import load_assignment
from coursekit.grading.judge import judge
from coursekit.grading.sandbox import Unconfined

EXERCISES = sorted(path.parent.name for path in SOLUTIONS.glob("*/assignment.toml"))
TRIED = EXERCISES if THOROUGH else ["02-backpropagation", "05-convolution"]

pytestmark = pytest.mark.skipif(importlib.util.find_spec("nbgrader") is None, reason="nbgrader is not installed")


def filled_in(starter, solution, extra=()):
    """The released notebook with the code of a solution in the cells that students write; `extra`: cell -> more."""
    notebook = json.loads(json.dumps(starter))
    written = {cell["id"]: "".join(cell["source"]) for cell in solution["cells"]}
    for cell in notebook["cells"]:
        grading = cell["metadata"].get("nbgrader", {})
        if grading.get("solution") and not grading.get("grade"):
            source = re.sub(r"^ *### (BEGIN|END) SOLUTION\n?", "", written[cell["id"]], flags=re.MULTILINE)
            cell["source"] = source + dict(extra).get(cell["id"], "")
    return notebook


def wrong_in(exercise, tasks, number):
    """Cell -> the text of a wrong solution: for each of these tasks the one of that number."""
    found = {}
    for task in tasks:
        chosen = [case for case in exercise.wrong() if case[0] == task and case[1] not in _costly(exercise)]
        if chosen:
            _, target, source, _, _ = chosen[number % len(chosen)]
            home = exercise.home[target]
            found[home] = found.get(home, "") + "\n\n\n" + _own_helpers(source, task)
    return found


def _own_helpers(source, task):
    """The solution with its helpers named after its task.

    Solutions of two tasks that each have a `_right` would otherwise overwrite the other's. nbgrader checks a task
    before the next cell does, coursekit after all of them, and the two would rightly disagree.
    """
    for helper in re.findall(r"^def (_\w+)", source, flags=re.MULTILINE):
        source = re.sub(rf"\b{helper}\b", f"_{task}{helper}", source)
    return source


def _costly(exercise):
    return {function for functions in exercise.costly.values() for function in functions}


def submissions(name):
    """Student -> notebook."""
    exercise = Exercise(name)
    (released,) = (HERE.parents[1] / "exercises" / name).glob("*.ipynb")
    starter = json.loads(released.read_text(encoding="utf-8"))
    tasks = sorted({task for task, _, _, _ in exercise.tests})
    return {
        "starter": starter,
        "solution": filled_in(starter, exercise.notebook),
        "wrong": filled_in(starter, exercise.notebook, wrong_in(exercise, tasks[::2], 0)),
        "wrong-too": filled_in(starter, exercise.notebook, wrong_in(exercise, tasks[1::2], 1)),
    }


def nbgrader_points(course, name, notebook, students):
    """Student -> task -> points, as nbgrader stores them."""
    source = course / "source" / name
    shutil.copytree(SOLUTIONS / name, source, ignore=shutil.ignore_patterns("__pycache__"))
    for student, content in students.items():
        folder = course / "submitted" / student / name
        folder.mkdir(parents=True)
        (folder / notebook).write_text(json.dumps(content), encoding="utf-8")
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        f"c.CourseDirectory.root = {str(course)!r}\n"
        "c.CourseDirectory.db_url = 'sqlite:///' + c.CourseDirectory.root + '/gradebook.db'\n"
        "c.ExecutePreprocessor.timeout = 300\n",
        encoding="utf-8",
    )
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
    for step in ("generate_assignment", "autograde"):
        ran = subprocess.run(
            [sys.executable, "-m", "nbgrader", step, name],
            cwd=course,
            env=environment,
            capture_output=True,
            text=True,
            timeout=1200,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr[-4000:]
    from nbgrader.api import Gradebook

    points = {}
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        for student in students:
            graded = book.find_submission_notebook(Path(notebook).stem, name, student)
            points[student] = {
                grade.name.removeprefix("check-"): grade.score for grade in graded.grades if grade.name != "answer"
            }
    return points


def coursekit_points(assignment, content, folder):
    """Task -> points, by a judge that runs the notebook in a process of its own."""
    result = judge(assignment, json.dumps(content).encode(), Unconfined(assignment.limits, folder))
    points = {}
    for test in result["tests"]:
        points[test["task"]] = points.get(test["task"], 0) + test["earned"]
    return points


@pytest.mark.parametrize("name", TRIED)
def test_nbgrader_agrees(name, tmp_path, monkeypatch):
    # nbgrader starts alembic, which stands beside this Python and need not be found anywhere else.
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assignment = load_assignment(SOLUTIONS / name)
    students = submissions(name)
    theirs = nbgrader_points(tmp_path / "course", name, assignment.notebook, students)
    ours = {student: coursekit_points(assignment, content, tmp_path) for student, content in students.items()}
    assert theirs == {student: pytest.approx(points) for student, points in ours.items()}
    assert sum(ours["solution"].values()) == 10
    assert sum(ours["starter"].values()) == 0
    assert 0 < sum(ours["wrong"].values()) < 10
    assert 0 < sum(ours["wrong-too"].values()) < 10
