"""A student's own check: the visible tests, right now, on his own machine.

`check("softmax")` in the notebook runs that task's tests on what the notebook has defined so far. `coursekit check
FILE` runs the whole notebook in a fresh process first, as the grader will, which also finds what only worked because
a cell was run earlier. Neither needs a sandbox: it is his code on his machine.
"""

import os
import sys
from pathlib import Path

from coursekit.grading.assignment import AssignmentError, collect, load_assignment, tidy
from coursekit.grading.judge import link_to, run_tests
from coursekit.grading.notebook import NotebookError, parse_notebook
from coursekit.grading.sandbox import Unconfined
from coursekit.grading.submission import LocalLink, StudentError, Submission
from coursekit.grading.worker import Notebook

__all__ = ["check", "check_notebook", "task_report"]


def check(task, folder=None):
    """Run the visible tests of one task on the notebook this is called from, and print what came of it.

    Parameters
    ----------
    task : str
        The task's name, as in the heading of its section.
    folder : path, optional
        Where test_visible.py is; by default beside the notebook (the working directory).

    Returns
    -------
    None
        Under nbgrader, which takes the value of a cell as its points: the points the tests give, hidden ones included
        where test_hidden.py is there.
    """
    folder = Path(folder or ".")
    grading = os.environ.get("NBGRADER_EXECUTION") == "autograde"
    files = ["test_visible.py"] + ["test_hidden.py"] * (grading and (folder / "test_hidden.py").is_file())
    try:
        tests = [test for name in files for test in collect(folder / name, visible=name == "test_visible.py")]
        chosen = [test for test in tests if test.task == task]
        if not chosen:
            known = ", ".join(dict.fromkeys(test.task for test in tests))
            raise AssignmentError(f"there is no task {task!r}; the tasks are {known}")
    except AssignmentError as error:
        print(f"Nothing was checked: {error}")
        return None
    namespace = sys._getframe(1).f_globals
    try:
        results = run_tests(chosen, Submission(LocalLink(Notebook(namespace, locate=_cell_label))))
    except KeyboardInterrupt:
        print(f"{task}: stopped before an answer came. Is there a loop that never ends?")
        return None
    print(task_report(task, results))
    return tidy(sum(test["earned"] for test in results)) if grading else None


def _cell_label(filename):
    """ "cell In [5]" for the file name IPython gave the code of a cell, None for any other."""
    try:
        shell = sys.modules["IPython"].get_ipython()
        kind, number = shell.compile.format_code_name(filename)
        return f"cell {number}" if kind == "Cell" else None
    except Exception:  # no IPython, an old one, or a file name that is not a cell's
        return None


def task_report(task, results):
    """What a student reads about one task.

    Parameters
    ----------
    task : str
    results : list of dict
        From `judge.run_tests`.

    Returns
    -------
    str

    Examples
    --------
    >>> passed = {"outcome": "passed", "title": "rows sum to one", "message": "", "kind": ""}
    >>> print(task_report("softmax", [passed]))
    softmax: done, its 1 check passes.
    """
    passed = sum(test["outcome"] == "passed" for test in results)
    if passed == len(results):
        return f"{task}: done, {'its 1 check passes' if passed == 1 else f'all {passed} checks pass'}."
    unwritten = [test for test in results if test["kind"] == "NotImplementedError"]
    if len(unwritten) == len(results):
        waiting = unwritten[0]["message"].partition(" is not written yet")[0]
        return f"{task}: not started yet. {waiting} is waiting for your code."
    lines = [
        f"{task}: {passed} of {len(results)} checks pass." + (" Nearly there." if passed * 2 >= len(results) else "")
    ]
    said = set()
    for test in results:
        lines.append(f"  {'pass' if test['outcome'] == 'passed' else 'not yet'}: {test['title']}")
        if test["outcome"] != "passed" and test["message"] not in said:
            said.add(test["message"])  # one mistake is explained once
            lines += [f"      {line}" for line in test["message"].splitlines()]
    return "\n".join(lines)


def check_notebook(path):
    """Run a notebook in a fresh process and its visible tests on it.

    Parameters
    ----------
    path : path
        The notebook; assignment.toml and test_visible.py are beside it.

    Returns
    -------
    (str, bool)
        The report, and whether every check passes.

    Raises
    ------
    AssignmentError, NotebookError
        If there is nothing to check.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotebookError(f"{path}: {error.strerror}") from None
    assignment = load_assignment(path.parent, hidden=False)
    notebook = parse_notebook(data)
    link = link_to(notebook, assignment.limits, Unconfined(assignment.limits, path.resolve().parent))
    try:
        try:
            link.ensure()
            stopped = []
        except StudentError as error:
            stopped = [str(error)]
        results = run_tests(assignment.tests, Submission(link))
    finally:
        link.close()
    lines = [f"{assignment.title}: {path.name}", *(f"  Note: {note}." for note in notebook.notes)]
    lines += [f"  A cell did not run: {failure.message}" for failure in link.failures.values()]
    lines += [f"  {text}" for text in stopped]
    for task in dict.fromkeys(test["task"] for test in results):
        lines.append(task_report(task, [test for test in results if test["task"] == task]))
    passed = all(test["outcome"] == "passed" for test in results)
    lines.append(
        "Every check you can see passes." if passed else "Keep going: the checks above say what to look at next."
    )
    return "\n".join(lines), passed
