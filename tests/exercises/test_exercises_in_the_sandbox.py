"""Each exercise as it is graded: in the sandbox, from a warm process, with nothing there that is not admitted.

The other tests here judge in this process, where all packages are. A cell that needs one that is not admitted, or more
of a stand-in for plots than it can do, fails only in the sandbox.
"""

from pathlib import Path

import pytest
from sandboxes import sandbox_or_skip

from coursekit.grading.assignment import load_assignment
from coursekit.grading.judge import judge

REPOSITORY = Path(__file__).resolve().parents[2]
NAMES = sorted(path.parent.name for path in (REPOSITORY / "solutions").glob("*/assignment.toml"))


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_gets_all_its_points_and_the_starter_none(name):
    assignment = load_assignment(REPOSITORY / "solutions" / name)
    with sandbox_or_skip(assignment.packages, assignment.limits) as sandbox:
        solved = judge(assignment, assignment.notebook_path.read_bytes(), sandbox, everything=True)
        starter = (REPOSITORY / "exercises" / name / assignment.notebook).read_bytes()
        begun = judge(assignment, starter, sandbox, everything=True)
    assert [test for test in solved["tests"] if test["outcome"] != "passed"] == []
    assert solved["cells"] == []
    assert sum(test["earned"] for test in solved["tests"]) == assignment.points
    assert sum(test["earned"] for test in begun["tests"]) == 0
    assert [cell for cell in begun["cells"] if "NotImplementedError" not in cell["message"]] == []
