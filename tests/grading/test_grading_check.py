"""The student's own check: quick, without a sandbox, and it says what to do."""

import json
import subprocess
import sys

import pytest
from small_assignment import COUNTER, HONEST, SOFTMAX, notebook, solution

from coursekit import cli
from coursekit.grading import check
from coursekit.grading.assignment import load_assignment
from coursekit.grading.check import _explain_missing, check_notebook, task_report
from coursekit.grading.judge import judge, run_tests
from coursekit.grading.release import student_files
from coursekit.grading.submission import LocalLink, Submission
from coursekit.grading.worker import Notebook


@pytest.fixture
def exercise(own_folder, tmp_path):
    """The student's folder."""
    folder = tmp_path / "exercise"
    folder.mkdir()
    for name, data in student_files(load_assignment(own_folder)).items():
        (folder / name).write_bytes(data)
    return folder


def test_the_starter(exercise, capsys):
    text, passed = check_notebook(exercise / "small.ipynb")
    assert not passed
    assert "softmax: not started yet. softmax is waiting for your code." in text
    assert "counter: not started yet" in text
    assert cli.main(["check", str(exercise / "small.ipynb")]) == 1
    assert text in capsys.readouterr().out


def test_a_finished_notebook(exercise, capsys):
    (exercise / "small.ipynb").write_text(json.dumps(solution()))
    assert cli.main(["check", str(exercise / "small.ipynb")]) == 0
    out = capsys.readouterr().out
    assert "softmax: done, its 1 check passes." in out
    assert "Every check you can see passes." in out


def test_what_is_wrong_and_where(exercise):
    wrong = "def softmax(z):\n    e = np.exp(z)\n    return e / missing"
    (exercise / "small.ipynb").write_bytes(notebook("import numpy as np", wrong, COUNTER, "1 / 0"))
    text, passed = check_notebook(exercise / "small.ipynb")
    assert not passed
    assert 'A cell did not run: the cell "1 / 0" raised ZeroDivisionError: division by zero (line 1: 1 / 0)' in text
    assert "NameError: name 'missing' is not defined (the cell of softmax, line 3: return e / missing)" in text
    assert "counter: done" in text


def test_a_name_that_is_missing_twice_has_one_reason():
    missing = {"outcome": "failed", "message": "there is no f in the notebook", "kind": "missing", "title": "t"}
    notes, results = _explain_missing([missing, missing], [("a", "def f(:"), ("b", "x =")], {"a": "this", "b": "that"})
    assert notes == {}
    assert [test["message"] for test in results] == [missing["message"] + ", because its cell did not run: this"] * 2
    _, results = _explain_missing(
        [missing | {"message": "there is no x in the notebook"}], [("b", "x =")], {"b": "that"}
    )
    assert results[0]["message"].endswith("its cell did not run: that")


def test_a_wrong_answer_is_explained(exercise):
    (exercise / "small.ipynb").write_bytes(notebook("import numpy as np", "def softmax(z):\n    return z", COUNTER))
    text, _ = check_notebook(exercise / "small.ipynb")
    assert "Each row must add up to 1." in text
    assert "not yet: Rows add up to 1." in text
    (exercise / "small.ipynb").write_bytes(notebook("import numpy as np", "def softmax(z):\n    return z.T", COUNTER))
    text, _ = check_notebook(exercise / "small.ipynb")
    assert "The shape is (2, 1); it must be that of the argument, (1, 2)." in text
    assert "assert (2, 1) ==" not in text


def test_time_is_limited(exercise):
    loop = "def softmax(z):\n    while True:\n        pass"
    (exercise / "small.ipynb").write_bytes(notebook("import numpy as np", loop, COUNTER))
    text, _ = check_notebook(exercise / "small.ipynb")
    assert "softmax did not finish within 1 s\n      Look at each `while` and `for`" in text
    assert "counter: done" in text


def test_an_endless_method_costs_its_own_task(exercise):
    """A cell that uses it, and the check: both are named, and the other task is checked."""
    loop = COUNTER.replace("        ### BEGIN SOLUTION\n", "        while True:\n            pass\n")
    (exercise / "small.ipynb").write_bytes(notebook("import numpy as np", SOFTMAX, loop, "Counter(1).add(2)"))
    text, _ = check_notebook(exercise / "small.ipynb")
    assert 'A cell did not run: the cell "Counter(1).add(2)" did not finish within 2 s' in text
    assert "Counter.add did not finish within 1 s" in text
    assert "softmax: done" in text


def test_a_syntax_error_is_why_a_name_is_missing(exercise):
    wrong = SOFTMAX.replace("keepdims=True))", "keepdims=True)")
    (exercise / "small.ipynb").write_bytes(notebook("import numpy as np", wrong, COUNTER))
    text, _ = check_notebook(exercise / "small.ipynb")
    reason = "SyntaxError: '(' was never closed (line 3: e = np.exp("
    assert f"there is no softmax in the notebook, because its cell did not run: {reason}" in text
    assert "counter: done" in text


def test_damaged_notebooks_are_a_line(exercise, capsys):
    path = exercise / "small.ipynb"
    path.write_bytes(b"{")
    assert cli.main(["check", str(path)]) == 2
    assert "not JSON" in capsys.readouterr().err
    assert cli.main(["check", str(exercise / "none.ipynb")]) == 2
    assert "No such file" in capsys.readouterr().err


def in_a_notebook(source, folder, task="softmax", **environment):
    """What is printed when the cells run and `check(task)` after them, in this process's globals and directory."""
    program = "\n".join([*source, "from coursekit.grading import check", f"print(repr(check({task!r})))"])
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True, env=environment or None
    )
    return finished.stdout


def test_in_the_notebook(exercise):
    assert in_a_notebook(HONEST, exercise) == "softmax: done, its 1 check passes.\nNone\n"
    wrong = ["import numpy as np", "def softmax(z):\n    return z"]
    assert "Each row must add up to 1." in in_a_notebook(wrong, exercise)
    assert "there is no softmax in the notebook" in in_a_notebook([], exercise)
    assert "there is no task 'nothing'; the tasks are softmax, counter" in in_a_notebook([], exercise, "nothing")
    assert "test_visible.py is missing" in in_a_notebook([], exercise.parent)


def test_an_interrupt_is_the_students_own(exercise):
    loop = ["import signal", "def softmax(z):\n    raise KeyboardInterrupt"]
    assert (
        in_a_notebook(loop, exercise)
        == "softmax: stopped before an answer came. Is there a loop that never ends?\nNone\n"
    )


def test_under_nbgrader_the_value_is_the_points(exercise, own_folder):
    assert in_a_notebook(HONEST, exercise, NBGRADER_EXECUTION="autograde").endswith("\n1.0\n")
    (exercise / "test_hidden.py").write_bytes((own_folder / "test_hidden.py").read_bytes())
    assert in_a_notebook(HONEST, exercise, NBGRADER_EXECUTION="autograde").endswith("\n3.0\n")
    assert in_a_notebook(HONEST, exercise, NBGRADER_EXECUTION="validate").endswith("\nNone\n")


def test_the_cell_is_named_as_jupyter_names_it(exercise, monkeypatch, capsys):
    shells = pytest.importorskip("IPython.core.interactiveshell")
    monkeypatch.chdir(exercise)
    shell = shells.InteractiveShell()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    shell.run_cell("import numpy as np", store_history=True)
    shell.run_cell("def softmax(z):\n    return z + missing", store_history=True)
    shell.run_cell("from coursekit.grading import check\ncheck('softmax')", store_history=True)
    assert (
        "NameError: name 'missing' is not defined (cell In[2], line 2: return z + missing)" in capsys.readouterr().out
    )
    shell.run_cell("def softmax(z):\n    return (z", store_history=True)
    capsys.readouterr()
    shell.run_cell("check('softmax')", store_history=True)
    said = capsys.readouterr().out
    reason = "SyntaxError: '(' was never closed (cell In[4], line 2: return (z)"
    assert f"Note: softmax is checked as it was before: the cell you ran last did nothing, {reason}" in said
    shell.run_cell("del softmax\ncheck('softmax')", store_history=True)
    said = capsys.readouterr().out
    assert f"there is no softmax in the notebook, because its cell did not run: {reason}" in said
    assert "Note:" not in said


def test_local_and_remote_give_the_same(assignment, sandbox):
    """A test cannot tell which kind of submission it has."""
    for sources in (HONEST, ("import numpy as np", "def softmax(z):\n    return z[0] / 0"), ("import numpy as np",)):
        namespace = {}
        for source in sources:
            exec(source, namespace)
        local = run_tests(assignment.tests, Submission(LocalLink(Notebook(namespace))))
        remote = judge(assignment, notebook(*sources), sandbox)["tests"]
        assert [(test["name"], test["outcome"], test["kind"]) for test in local] == [
            (test["name"], test["outcome"], test["kind"]) for test in remote
        ]
        for here, there in zip(local, remote, strict=True):
            assert here["message"].partition(" (")[0] == there["message"].partition(" (")[0]


def test_one_mistake_is_explained_once():
    failed = {"outcome": "failed", "message": "f raised X", "kind": "X"}
    text = task_report("f", [failed | {"title": "one"}, failed | {"title": "two"}])
    assert text.count("f raised X") == 1
    assert text.endswith("not yet: two\n      same reason as above")
    assert "0 of 2 checks pass." in text


def test_check_is_a_function():
    assert callable(check)
    assert SOFTMAX.startswith("def softmax")
