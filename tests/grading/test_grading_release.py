"""What students get: complete, the same every time, and nothing given away."""

import json

import pytest
from small_assignment import COUNTER, SOFTMAX, code, nbgrader, solution

from coursekit import cli
from coursekit.grading.assignment import AssignmentError, load_assignment
from coursekit.grading.judge import judge
from coursekit.grading.leaks import leaks, solution_lines
from coursekit.grading.release import release, student_files
from coursekit.grading.sandbox import Unconfined
from coursekit.grading.stubs import student_source
from coursekit.grading.trivial import ANSWERS, answers, solved_names


@pytest.fixture
def change(own_folder):
    """change(file, old, new) edits a file of the assignment; change.cells(function) edits its cells."""

    def change(name, old, new):
        text = (own_folder / name).read_text()
        assert old in text
        (own_folder / name).write_text(text.replace(old, new))

    def cells(edit):
        content = json.loads((own_folder / "small.ipynb").read_text())
        edit(content["cells"])
        (own_folder / "small.ipynb").write_text(json.dumps(content))

    change.cells = cells
    return change


@pytest.fixture
def run(own_folder, tmp_path):
    """run() releases the assignment and returns the problems; run.exercises is where it goes."""

    def run(**options):
        return release(own_folder.parent, tmp_path / "exercises", **options)

    run.exercises = tmp_path / "exercises"
    return run


def test_a_release(run, own_folder):
    assert run() == []
    folder = run.exercises / "01-small"
    assert sorted(path.name for path in folder.iterdir()) == ["assignment.toml", "small.ipynb", "test_visible.py"]
    for name in ("assignment.toml", "test_visible.py"):
        assert (folder / name).read_bytes() == (own_folder / name).read_bytes()
    student = json.loads((folder / "small.ipynb").read_text())
    assert set(student["metadata"]) == {"kernelspec", "language_info"}
    by_id = {cell["id"]: cell for cell in student["cells"]}
    assert all(
        cell["outputs"] == [] and cell["execution_count"] is None for cell in student["cells"] if "outputs" in cell
    )
    stub = "def softmax(z):\n    # YOUR CODE HERE\n    raise NotImplementedError"
    assert "".join(by_id["cell-2"]["source"]) == stub
    assert by_id["cell-2"]["metadata"]["nbgrader"] == solution()["cells"][2]["metadata"]["nbgrader"]
    assert by_id["cell-6"]["source"] == ["YOUR ANSWER HERE"]
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert run() == []
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert run(check_only=True) == []


def test_nbgrader_accepts_the_release(own_folder):
    nbformat = pytest.importorskip("nbformat")
    validator = pytest.importorskip("nbgrader.nbgraderformat").MetadataValidator()
    book = nbformat.reads(student_files(load_assignment(own_folder))["small.ipynb"].decode(), as_version=4)
    nbformat.validate(book)
    validator.validate_nb(book)


def test_the_check_names_what_is_out_of_date(run, own_folder, capsys):
    run()
    stray = run.exercises / "01-small" / "test_hidden.py"
    stray.write_text("x")
    (run.exercises / "01-small" / "assignment.toml").write_text("x")
    (run.exercises / "01-small" / "small.ipynb").unlink()
    (run.exercises / "02-old").mkdir()
    (run.exercises / "02-old" / "assignment.toml").write_text("x")
    arguments = ["release", "--check", "--solutions", str(own_folder.parent), "--exercises", str(run.exercises)]
    assert cli.main(arguments) == 1
    said = capsys.readouterr().out
    assert "test_hidden.py does not belong there" in said
    assert "assignment.toml is out of date" in said
    assert "small.ipynb is missing" in said
    assert "02-old: in " in said
    assert cli.main([*arguments, "01-small"]) == 1
    assert cli.main([*arguments, "03-none"]) == 1


@pytest.mark.parametrize(
    "source",
    [
        "### BEGIN SOLUTION\nx = 1",
        "x = 1\n### END SOLUTION",
        "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION",
        "### END SOLUTION\n### BEGIN SOLUTION",
        "x = 1  ### BEGIN SOLUTION\n### END SOLUTION",
        "# BEGIN SOLUTION\nx = 1\n# END SOLUTION",
        "###BEGIN SOLUTION\nx\n###END SOLUTION",
        "### BEGIN HIDDEN TESTS\nassert x\n### END HIDDEN TESTS",
    ],
)
def test_markers_must_be_balanced(source, change, run):
    with pytest.raises(AssignmentError):
        student_source(source)
    change.cells(lambda cells: cells[1].update(source=source))
    assert "cell cell-1, " in run()[0]
    assert not run.exercises.exists()


def test_several_blocks_and_indents():
    blocks = ["if a:", "        ### BEGIN SOLUTION", "        x = 1", "        ### END SOLUTION", "else:"]
    blocks += ["  ### BEGIN SOLUTION", "  y", "  ### END SOLUTION"]
    stubs = ["if a:", "        # YOUR CODE HERE", "        raise NotImplementedError", "else:"]
    stubs += ["  # YOUR CODE HERE", "  raise NotImplementedError"]
    assert student_source("\n".join(blocks)) == "\n".join(stubs)
    assert student_source("x = 1\n") == "x = 1"


LINE = "e = np.exp(z - z.max(axis=1, keepdims=True))"


@pytest.mark.parametrize(
    ("leak", "says"),
    [
        (
            lambda c: c("test_visible.py", '"""Visible tests."""', f"# {LINE}"),
            "test_visible.py shows a line of the solution",
        ),
        (
            lambda c: c("assignment.toml", "points = 5", f"points = 5  # {LINE}"),
            "assignment.toml shows a line of the solution",
        ),
        (
            lambda c: c.cells(lambda cells: cells[0].update(source=f"Hint: `{LINE.replace(' ', '')}`")),
            "small.ipynb shows a line",
        ),
        (
            lambda c: c.cells(lambda cells: cells[3].update(source=cells[3]["source"] + f"\n# {LINE}")),
            "small.ipynb shows a line",
        ),
        (lambda c: c("test_visible.py", '"""Visible tests."""', "# see test_large_numbers"), "names the hidden test"),
        (
            lambda c: c("test_visible.py", '"""Visible tests."""', "# try [[0.25, -1.5, 3.125]]"),
            "shows data of test_large_numbers",
        ),
        (
            lambda c: c.cells(lambda cells: cells[0].update(source=solution()["cells"][6]["source"])),
            "shows the written answer",
        ),
    ],
)
def test_leaks_are_found(change, run, leak, says):
    leak(change)
    assert any(says in problem for problem in run())
    assert not run.exercises.exists()
    assert any(says in problem for problem in run(check_only=True))


def test_what_counts_as_a_line_of_the_solution():
    source = """\
def f(x):
    ### BEGIN SOLUTION
    import numpy as np
    for i in range(len(x)):
        y = 0
    result = np.sqrt(x) * 2  # the root, twice, because the area has two sides
    return result
    ### END SOLUTION"""
    assert solution_lines({"cells": [code(source)]}) == [
        "result = np.sqrt(x) * 2",
        "the root, twice, because the area has two sides",
    ]


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda cells: cells[2]["metadata"]["nbgrader"].update(schema_version=2), "schema_version is 2"),
        (lambda cells: cells[2]["metadata"]["nbgrader"].pop("task"), "nbgrader.task is None"),
        (lambda cells: cells[2]["metadata"]["nbgrader"].update(grade_id=""), "grade_id is empty"),
        (
            lambda cells: cells[2]["metadata"]["nbgrader"].update(grade_id="counter"),
            "grade_id 'counter' is there twice",
        ),
        (lambda cells: cells[2]["metadata"]["nbgrader"].update(points=1), "points belong to"),
        (lambda cells: cells[2]["metadata"].clear(), "it has solution block"),
        (lambda cells: cells[1].update(metadata=nbgrader("x", solution=True)), "it has no solution block"),
        (
            lambda cells: cells[3]["metadata"]["nbgrader"].update(points=2),
            "its tests give 3 points, its check cell says 2",
        ),
        (lambda cells: cells[3]["metadata"]["nbgrader"].update(grade_id="x"), "must be 'check-softmax'"),
        (lambda cells: cells[3].update(source='check("nothing")'), "no graded cell calls check"),
        (lambda cells: cells[6]["metadata"]["nbgrader"].update(points=2), "together 6; assignment.toml says 5"),
        (lambda cells: cells[6]["metadata"]["nbgrader"].update(solution=False), "must have solution=true"),
        (lambda cells: cells[1].update(id="cell-0"), "id 'cell-0' is there twice"),
        (lambda cells: cells[1].pop("id"), "has no id"),
        (lambda cells: cells[1].update(source="def f(:"), "it is not Python"),
    ],
)
def test_inconsistent_notebooks_are_refused(change, run, edit, says):
    change.cells(edit)
    problems = run()
    assert any(says in problem for problem in problems), problems
    assert not run.exercises.exists()


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("test_hidden.py", "== 9\n    assert", "== 10\n    assert", "the solution fails test_hidden.py::test_count"),
        (
            "test_hidden.py",
            "np.abs(p - e / e.sum()).max() < 1e-6",
            "True",
            "answering zeros earns the points of test_hidden",
        ),
        ("test_hidden.py", "assert counter.count == 9", "submission['nothing']", "the solution fails"),
        (
            "test_visible.py",
            "assert submission.Counter(1).add(2) == 3",
            "pass",
            "the starter earns the points of test_visible",
        ),
        ("test_visible.py", "points(0.5)", "points(1.5)", "its tests give 2 points"),
        ("test_visible.py", '@pytest.mark.task("counter")', "", "needs the name of its task"),
        ("test_visible.py", "def test_add(submission)", "def test_add(submission, tmp_path)", "asks for 'tmp_path'"),
        ("test_visible.py", "def test_add(submission)", "def test_add()", "does not ask for it"),
        ("test_visible.py", "points(0.5)", "points(-1)", "points must be a number"),
        ("test_hidden.py", "import pytest", "import pytest\nx = (", "cannot be collected"),
        ("assignment.toml", "memory_mb = 512", "memory_mb = 0", "limits.memory_mb is 0"),
        ("assignment.toml", "memory_mb = 512", "memory = 512", r"[limits] may set"),
        ("assignment.toml", 'notebook = "small.ipynb"', 'notebook = "../small.ipynb"', "must be a file name"),
        ("assignment.toml", "points = 5", 'points = "5"', "points is '5'"),
        ("assignment.toml", "points = 5", "points = 5\nhidden = 1", "unknown setting 'hidden'"),
        ("assignment.toml", "points = 5", "points = ", "assignment.toml"),
    ],
)
def test_assignments_that_do_not_hold_are_refused(change, run, name, old, new, says):
    change(name, old, new)
    problems = run()
    assert any(says in problem for problem in problems), problems
    assert not run.exercises.exists()


def test_missing_files_are_named(own_folder, run):
    (own_folder / "test_hidden.py").unlink()
    assert "test_hidden.py is missing" in run()[0]
    (own_folder / "assignment.toml").unlink()
    assert "no assignments there" in run()[0]


def test_trivial_answers_replace_what_students_write():
    assert solved_names(SOFTMAX) == ["softmax"]
    assert solved_names(COUNTER) == ["Counter.add"]
    assert solved_names("%magic\n### BEGIN SOLUTION\n### END SOLUTION") == []
    changed = dict(answers(solution()))
    assert list(changed) == list(ANSWERS)
    assert all(len(notebook["cells"]) == len(solution()["cells"]) + 2 for notebook in changed.values())


def test_nothing_leaks_from_the_small_assignment(own_folder):
    assert leaks(load_assignment(own_folder), student_files(load_assignment(own_folder))) == []


def test_a_demonstration_is_run_by_the_release_and_not_by_the_grader(run, own_folder, change, tmp_path):
    source = "shown = softmax(np.eye(3))"

    def edit(cells):
        cells.append(code(source, tags=["demonstration"]) | {"id": "see-softmax"})

    change.cells(edit)
    assert run() == []
    assignment = load_assignment(own_folder)
    assert assignment.shown == {source}
    data = assignment.notebook_path.read_bytes()
    hidden = "\n\n@pytest.mark.task('softmax')\n@pytest.mark.points(0)\ndef test_shown(submission):\n    "
    (own_folder / "test_hidden.py").write_text(
        (own_folder / "test_hidden.py").read_text() + hidden + "assert submission['shown'].shape == (3, 3)\n"
    )
    (problem,) = run()
    assert "the solution fails test_hidden.py::test_shown: there is no shown in the notebook" in problem
    assignment = load_assignment(own_folder)
    for changed, passed in ((data, False), (data.replace(b"np.eye(3))", b"np.eye(3)) + 0"), True)):
        result = judge(assignment, changed, Unconfined(assignment.limits, tmp_path))
        assert (result["tests"][-1]["outcome"] == "passed") is passed, "to the letter, or it is run"

    def spoil(cells):
        cells[-1]["source"] = "shown = softmax(nothing)"

    change.cells(spoil)
    assert any("in the solution, cell 6" in problem and "NameError" in problem for problem in run())
