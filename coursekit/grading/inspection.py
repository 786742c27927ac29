"""Whether a solution notebook is consistent: its solution blocks, nbgrader's metadata, and the points of its tests."""

import re

from coursekit.grading.assignment import AssignmentError, tidy
from coursekit.grading.stubs import student_source, text_of

__all__ = ["inspect_notebook"]


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
        source, grading = text_of(cell), cell["metadata"].get("nbgrader")
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
