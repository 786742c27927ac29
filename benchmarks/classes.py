"""The same small assignment, with the same class, for `coursekit grade` and for nbgrader.

Eight functions with a test each, in NumPy or in PyTorch. Every submission differs from every other, and every third has
a mistake.
"""

import json
from pathlib import Path

import nbformat

NAME = "01-bench"
TASKS = {  # name: (how it is written, a mistake, what its test checks)
    "relu": ("return np.maximum(x, 0)", "return np.abs(x)", "relu(np.array([-1.0, 2.0])), [0, 2]"),
    "softmax": (
        "e = np.exp(x - x.max(axis=1, keepdims=True))\n    return e / e.sum(axis=1, keepdims=True)",
        "e = np.exp(x)\n    return e / e.sum()",
        "softmax(np.array([[0.0, 0.0], [1e3, 1e3]])), [[0.5, 0.5], [0.5, 0.5]]",
    ),
    "one_hot": (
        "return np.eye(3)[x]",
        "return np.eye(3)[:, x][:1]",
        "one_hot(np.array([2, 0])), [[0, 0, 1], [1, 0, 0]]",
    ),
    "standardise": (
        "return (x - x.mean(axis=0)) / x.std(axis=0)",
        "return (x - x.mean()) / x.std()",
        "standardise(np.array([[1.0, 2.0], [3.0, 6.0]])), [[-1, -1], [1, 1]]",
    ),
    "means": (
        "return x.mean(axis=0)",
        "return x.mean(axis=1)",
        "means(np.array([[1.0, 2.0, 3.0], [3.0, 4.0, 5.0]])), [2, 3, 4]",
    ),
    "distances": (
        "return np.sqrt(((x[:, None] - x) ** 2).sum(axis=2))",
        "return ((x[:, None] - x) ** 2).sum(axis=2)",
        "distances(np.array([[0.0, 0.0], [3.0, 4.0]])), [[0, 5], [5, 0]]",
    ),
    "correlate": (
        'return np.correlate(x, [1, 2], "valid")',
        'return np.convolve(x, [1, 2], "valid")',
        "correlate(np.array([1.0, 0.0, 2.0])), [1, 4]",
    ),
    "gram": ("return x.T @ x", "return x @ x.T", "gram(np.array([[1.0, 2.0]])), [[1, 2], [2, 4]]"),
}
IN_TORCH = {  # name: (how it is written, a mistake); the tests are the same, with tensors for arrays
    "relu": ("return x.clamp(min=0)", "return x.abs()"),
    "softmax": ("return x.softmax(dim=1)", "return x.softmax(dim=0)"),
    "one_hot": ("return torch.eye(3)[x]", "return torch.eye(3)[:, x][:1]"),
    "standardise": ("return (x - x.mean(0)) / x.std(0, correction=0)", "return (x - x.mean()) / x.std(correction=0)"),
    "means": ("return x.mean(0)", "return x.mean(1)"),
    "distances": ("return torch.cdist(x, x)", "return torch.cdist(x, x) ** 2"),
    "correlate": (
        "return F.conv1d(x[None, None], x.new_tensor([[[1, 2]]]))[0, 0]",
        "return F.conv1d(x[None, None], x.new_tensor([[[2, 1]]]))[0, 0]",
    ),
    "gram": ("return x.T @ x", "return x @ x.T"),
}
PACKAGES = {"numpy": TASKS, "torch": IN_TORCH}
IMPORTS = {"numpy": "import numpy as np", "torch": "import numpy as np\nimport torch\nimport torch.nn.functional as F"}


def write_assignment(folder, package="numpy"):
    """Write the assignment as `coursekit grade` reads it."""
    folder.mkdir(parents=True)
    settings = f'title = "Bench"\nchapter = 1\nnotebook = "bench.ipynb"\npoints = {len(TASKS)}\n'
    settings += f"packages = {json.dumps(sorted({'numpy', package}))}\n"
    (folder / "assignment.toml").write_text(settings)
    tests = [
        f'@pytest.mark.task("{name}")\n@pytest.mark.points(1)\ndef test_{name}(submission):\n'
        f'    """{name}"""\n    np.testing.assert_allclose(submission.{_given(check, package)}, atol=1e-9)\n'
        for name, (_, _, check) in TASKS.items()
    ]
    for file, part in [("test_visible.py", tests[:2]), ("test_hidden.py", tests[2:])]:
        imports = "import numpy as np\nimport pytest\n\nfrom coursekit.grading import Tensor\n"
        (folder / file).write_text("\n\n".join([imports, *part]))
    (folder / "bench.ipynb").write_text(json.dumps(notebook(0, package)))


def _given(check, package):
    return check.replace("np.array(", "Tensor(") if package == "torch" else check


def write_course(folder):
    """Write the assignment as nbgrader reads it: a source notebook and a configuration."""
    (folder / "source" / NAME).mkdir(parents=True)
    (folder / "source" / NAME / "bench.ipynb").write_text(json.dumps(notebook(0)))
    (folder / "nbgrader_config.py").write_text(f'c = get_config()\nc.CourseDirectory.root = "{folder}"\n')


def write_class(folder, students, package="numpy"):
    """Write submissions in the layout both read."""
    for number in range(1, students + 1):
        place = Path(folder, f"student{number:05d}", NAME)
        place.mkdir(parents=True)
        (place / "bench.ipynb").write_text(json.dumps(notebook(number, package)))


def mistaken(number):
    """The task that this submission gets wrong, or None."""
    return list(TASKS)[number // 3 % len(TASKS)] if number % 3 == 2 else None


def notebook(number, package="numpy"):
    """The notebook of one student, with nbgrader's metadata; number 0 is the solution."""
    cells = [nbformat.v4.new_code_cell(f"{IMPORTS[package]}  # submission {number}", id="imports")]
    for name, (right, wrong, *_) in PACKAGES[package].items():
        check = TASKS[name][2] if package == "numpy" else TASKS[name][2].replace("np.array(", "torch.tensor(")
        body = wrong if name == mistaken(number) else right
        cells.append(
            _cell(name, f"def {name}(x):\n    ### BEGIN SOLUTION\n    {body}\n    ### END SOLUTION", solution=True)
        )
        cells.append(_cell(f"test-{name}", f"np.testing.assert_allclose({check}, atol=1e-9)", points=1))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _cell(name, source, solution=False, points=None):
    mark = {"schema_version": 3, "grade_id": name, "grade": points is not None, "solution": solution, "task": False}
    mark |= {"locked": points is not None} | ({"points": points} if points is not None else {})
    return nbformat.v4.new_code_cell(source, id=name, metadata={"nbgrader": mark})
