"""A student's own check: the visible tests, right now, on his own machine.

`check("softmax")` in the notebook runs that task's tests on what the notebook has defined so far. `coursekit check
FILE` runs the whole notebook in a fresh process first, as the grader will, which also finds what only worked because
a cell was run earlier. Neither needs a sandbox: it is his code on his machine.
"""

import ast
import os
import re
import sys
from pathlib import Path

from coursekit.grading.assignment import AssignmentError, collect, load_assignment, tidy
from coursekit.grading.judge import link_to, run_tests
from coursekit.grading.notebook import NotebookError, parse_notebook
from coursekit.grading.sandbox import Unconfined
from coursekit.grading.submission import LocalLink, StudentError, Submission, clip
from coursekit.grading.worker import Notebook

__all__ = ["check", "check_notebook", "task_report"]

_ENDLESS = "Look at each `while` and `for`, here and in what is called from here: is every round a step to its end?"


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
    notes, results = _explain_missing(results, *_history())
    codes = [test.function.__code__ for test in chosen]
    needed = {name for code in codes for name in (*code.co_names, *code.co_consts) if isinstance(name, str)}
    for name in sorted(needed & set(notes)):
        print(f"Note: {name} is checked as it was before: the cell you ran last did nothing, {notes[name]}")
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


def _history():
    """The cells run in this IPython session, and why those with a syntax error did not run; nothing elsewhere."""
    try:
        shell = sys.modules["IPython"].get_ipython()
        cells = [(f"cell In[{number}]", source) for number, source in enumerate(shell.user_ns["In"]) if source]
    except Exception:  # no IPython, or one without a history
        return [], {}
    reasons = {}
    for label, source in cells:
        try:
            compile(source, label, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        except SyntaxError as error:
            line = f", line {error.lineno}: {clip((error.text or '').strip(), 120)}" if error.lineno else ""
            reasons[label] = f"{type(error).__name__}: {error.msg} ({label}{line})"
        except ValueError:  # a null character
            continue
    return cells, reasons


def _explain_missing(results, cells, reasons):
    """Say why a name is missing: its cell did not run, or there is none.

    Parameters
    ----------
    results : list of dict
        From `judge.run_tests`.
    cells : list of (label, source)
        In the order in which they were run.
    reasons : dict
        label -> why that cell did not run.

    Returns
    -------
    (dict, list of dict)
        name -> the reason, for what is defined last in a cell that did not run and is there all the same; and the
        results, with messages that say more.
    """
    last = {name: label for label, source in cells for name in _NAMES.findall(source)}
    stale = {name: reasons[label] for name, label in last.items() if label in reasons}
    explained, absent = [], set()
    for test in results:
        missing = re.fullmatch(r"there is no (\w+) in the notebook", test["message"])
        if test["kind"] == "missing" and missing:
            name = missing[1]
            assigned = re.compile(rf"^.*\b{name}\b *=", re.MULTILINE)
            suspects = [reasons[label] for label, source in cells if label in reasons and assigned.search(source)]
            absent.add(name)
            why = stale.get(name) or next(iter(suspects), None)
            more = f", because its cell did not run: {why}" if why else ". Has the cell that defines it been run?"
            test = test | {"message": test["message"] + more}
        explained.append(test)
    return {name: why for name, why in stale.items() if name not in absent}, explained


_NAMES = re.compile(r"^(?:async +)?(?:def|class) +(\w+)", re.MULTILINE)


def _describe_cells(cells):
    """Label cells by what a student sees of them: Jupyter does not number them before they have run.

    Examples
    --------
    >>> _describe_cells([("cell 1", "import os"), ("cell 2", "# two\\n\\ndef f(x):"), ("cell 3", "def f(x):")])[1:]
    [('the cell of f', '# two\\n\\ndef f(x):'), ('the cell of f (number 2)', 'def f(x):')]
    """
    described, used = [], {}
    for _, source in cells:
        names = _NAMES.findall(source)
        lines = [line.strip() for line in source.splitlines()]
        first = next((line for line in lines if line and not line.startswith("#")), "")
        label = f"the cell of {names[0][:30]}" if names else f'the cell "{clip(first, 36)}"'
        used[label] = used.get(label, 0) + 1
        described.append((label if used[label] == 1 else f"{label} (number {used[label]})", source))
    return described


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
        if test["outcome"] == "passed":
            continue
        if test["message"] in said:  # one mistake is explained once
            lines.append("      same reason as above")
            continue
        said.add(test["message"])
        lines += [f"      {line}" for line in test["message"].splitlines()]
        if test["kind"] == "timeout":
            lines.append(f"      {_ENDLESS}")
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
    notebook.cells = _describe_cells(notebook.cells)
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
    reasons = {}
    for label, failure in link.failures.items():
        said = failure.message.replace(f" ({label}, line", " (line", 1)  # once is enough
        reasons[label] = said.removeprefix(f"{label} raised ").removeprefix(f"{label} ")
        lines.append(f"  A cell did not run: {said}")
        if failure.fatal:
            lines.append(f"    {_ENDLESS}")
    _, results = _explain_missing(results, notebook.cells, reasons)
    lines += [f"  {text}" for text in stopped]
    for task in dict.fromkeys(test["task"] for test in results):
        lines.append(task_report(task, [test for test in results if test["task"] == task]))
    passed = all(test["outcome"] == "passed" for test in results)
    lines.append(
        "Every check you can see passes." if passed else "Keep going: the checks above say what to look at next."
    )
    return "\n".join(lines), passed
