"""An assignment of two tasks, and notebooks for it, so that these tests depend on no exercise."""

import json

SOFTMAX = """\
def softmax(z):
    ### BEGIN SOLUTION
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
    ### END SOLUTION"""

COUNTER = """\
class Counter:
    def __init__(self, start):
        self.count = start

    def add(self, step):
        ### BEGIN SOLUTION
        self.count += step * 3 - step * 2
        return self.count
        ### END SOLUTION"""

VISIBLE = '''\
"""Visible tests."""

import numpy as np
import pytest


@pytest.mark.task("softmax")
@pytest.mark.points(1)
def test_rows_sum_to_one(submission):
    """Rows add up to 1."""
    p = submission.softmax(np.array([[1.0, 2.0]]))
    assert p.shape == (1, 2), f"The shape is {p.shape}; it must be that of the argument, (1, 2)."
    np.testing.assert_allclose(p.sum(axis=1), 1, err_msg="Each row must add up to 1.")
    assert p[0, 1] > p[0, 0]


@pytest.mark.task("counter")
@pytest.mark.points(0.5)
def test_add(submission):
    """add returns the new count."""
    assert submission.Counter(1).add(2) == 3
'''

HIDDEN = '''\
"""Hidden tests."""

import numpy as np
import pytest


@pytest.mark.task("softmax")
@pytest.mark.points(1)
@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_large_numbers(submission, offset):
    """Large numbers."""
    z = np.array([[0.25, -1.5, 3.125]]) + offset
    p = submission.softmax(z)
    e = np.exp(z - z.max())
    assert p.shape == z.shape
    assert np.abs(p - e / e.sum()).max() < 1e-6


@pytest.mark.task("counter")
@pytest.mark.points(0.5)
def test_count(submission):
    """The count is kept."""
    counter = submission.Counter(5)
    assert counter.add(4) == 9
    assert counter.count == 9
'''

TOML = """\
title = "Small <things>"
chapter = 3
notebook = "small.ipynb"
points = 5
packages = ["numpy"]

[limits]
call_seconds = 1
total_seconds = 12
cell_seconds = 2
memory_mb = 512
output_kb = {marker}
processes = 4
"""


def nbgrader(name, **changes):
    plain = {"grade": False, "grade_id": name, "locked": False, "schema_version": 3, "solution": False, "task": False}
    return {"nbgrader": plain | changes}


def code(source, **metadata):
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": 7}


def notebook(*sources):
    """The bytes of a notebook with these code cells."""
    return json.dumps({"cells": [code(source) for source in sources], "metadata": {}, "nbformat": 4}).encode()


def solution():
    """The solution notebook of the small assignment, as a dict."""
    cells = [
        {"cell_type": "markdown", "source": ["# Small\n", "things"], "metadata": {}},
        code("%matplotlib inline\nimport numpy as np\nimport matplotlib.pyplot as plt"),
        code(SOFTMAX, **nbgrader("softmax", solution=True)),
        code(
            'from coursekit.grading import check\n\ncheck("softmax")',
            **nbgrader("check-softmax", grade=True, locked=True, points=3),
        ),
        code(COUNTER, **nbgrader("counter", solution=True)),
        code('check("counter")', **nbgrader("check-counter", grade=True, locked=True, points=1)),
        {
            "cell_type": "markdown",
            "source": "Because the exponential of a large number overflows a float.",
            "metadata": nbgrader("why", grade=True, solution=True, points=1),
        },
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"kernelspec": {"name": "python3", "display_name": "mine", "language": "python"}}
    return {"cells": cells, "metadata": kernel | {"author": "me"}, "nbformat": 4, "nbformat_minor": 5}


def write_assignment(folder, marker):
    folder.mkdir(parents=True)
    (folder / "small.ipynb").write_text(json.dumps(solution()))
    (folder / "test_visible.py").write_text(VISIBLE)
    (folder / "test_hidden.py").write_text(HIDDEN)
    (folder / "assignment.toml").write_text(TOML.format(marker=marker))
    return folder


HONEST = ("import numpy as np", SOFTMAX, COUNTER)
