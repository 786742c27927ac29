"""Exercise 01: the model solution gets all its points, the starter none, and the tests tell right from wrong.

`wrong_01/<task>.py` holds wrong solutions. A name such as ``softmax__global_maximum`` is the function of the notebook
that it replaces, two underscores, and the mistake. Its docstring says what becomes of it:

    Says: …          these words are in what the visible check of the task tells the student
    Hidden only.     the visible checks pass; hidden tests do not
    Also: …          another task that may lose points, because it cannot work without this one

Nothing but the task, and what stands after "Also", may lose points. (The digits themselves are not trained with a wrong
solution, which would take a second each: the half point for the accuracy on test images needs everything before it.)

`right_01/<style>.py` holds right solutions in other styles: every name in them replaces the one in the notebook.
"""

import ast
import doctest
import importlib.util
import inspect
import json
import re
from pathlib import Path

import numpy as np
import pytest

from coursekit import data
from coursekit.grading.submission import LocalLink, Submission
from coursekit.grading.worker import Notebook

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "solutions" / "01-linear-classifiers"
TASK_OF = {
    "flatten": "vectors",
    "pixel_statistics": "vectors-statistics",
    "standardise": "vectors-standardise",
    "Perceptron": "perceptron",
    "softmax": "softmax",
    "log_softmax": "softmax-log",
    "loss": "gradient",
    "gradients": "gradient-gradients",
    "train": "training",
    "fit_digits": "digits",
    "templates": "digits-templates",
    "confusion_matrix": "digits-confusion",
}
ONLY_TO_LOOK_AT = re.compile(r"see-|check-|digits-(accuracy|losses|limits|mistakes|confusion-show|templates-picture)")


def cells():
    """The code cells that define or train something, by name."""
    notebook = json.loads((SOURCE / "linear-classifiers.ipynb").read_text(encoding="utf-8"))
    code = {
        cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
    }
    return {name: source for name, source in code.items() if not ONLY_TO_LOOK_AT.match(name)}


def starter():
    region = re.compile(r"^([ \t]*)### BEGIN SOLUTION.*?### END SOLUTION", re.DOTALL | re.MULTILINE)
    return {name: region.sub(r"\1raise NotImplementedError", source) for name, source in cells().items()}


@pytest.fixture(scope="module")
def mnist():
    """The images that the notebook uses, read once. The notebook gets copies: a wrong solution may change them."""
    return data.load("mnist")


@pytest.fixture
def run(mnist, monkeypatch):
    """run(cells) -> namespace, as a notebook would leave it; a cell that fails does not stop the next."""
    monkeypatch.setattr(
        data, "load", lambda name: type(mnist)(mnist.images[:25_000].copy(), mnist.labels[:25_000], mnist.classes)
    )

    def run_cells(sources):
        namespace = {"__name__": "__main__"}
        for name, source in sources.items():
            try:
                exec(compile(source, name, "exec"), namespace)
            except Exception as error:
                namespace.setdefault("failed", {})[name] = error
        monkeypatch.undo()
        return namespace

    with np.errstate(all="ignore"):
        yield run_cells


@pytest.fixture(scope="module")
def tests():
    """(task, points, visible, function) of every test of the exercise."""
    found = []
    for name in ("test_visible", "test_hidden"):
        spec = importlib.util.spec_from_file_location(f"exercise_01_{name}", SOURCE / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for function in vars(module).values():
            if inspect.isfunction(function) and function.__name__.startswith("test_"):
                marks = {mark.name: mark.args[0] for mark in function.pytestmark}
                found.append((marks["task"], marks.get("points", 0), name == "test_visible", function))
    return found


def grade(tests, namespace):
    """Points, and the failures as (task, points, visible, message)."""
    submission = Submission(LocalLink(Notebook(namespace)))
    points, failures = 0, []
    for task, worth, visible, test in tests:
        try:
            test(submission)
        except (Exception, pytest.fail.Exception) as error:
            failures.append((task, worth, visible, f"{type(error).__name__}: {error}"))
        else:
            points += worth
    return points, failures


def definitions(path):
    """The functions and classes of a file, and everything else in it that they need."""
    text = path.read_text(encoding="utf-8")
    return [(node, ast.get_source_segment(text, node)) for node in ast.parse(text).body]


def wrong_solutions():
    for path in sorted((HERE / "wrong_01").glob("*.py")):
        for node, source in definitions(path):
            if "__" in getattr(node, "name", ""):
                target, _, _ = node.name.partition("__")
                yield pytest.param(
                    path.stem, target, source.replace(node.name, target, 1), ast.get_docstring(node), id=node.name
                )


def test_points_add_up(tests):
    assert sum(points for _, points, _, _ in tests) == 10
    per_task = {}
    for task, points, _, _ in tests:
        per_task[task] = per_task.get(task, 0) + points
    notebook = json.loads((SOURCE / "linear-classifiers.ipynb").read_text(encoding="utf-8"))
    graded = {
        cell["metadata"]["nbgrader"]["grade_id"]: cell["metadata"]["nbgrader"]["points"]
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade")
    }
    assert graded == {"answer": 0} | {f"check-{task}": points for task, points in per_task.items()}


def test_every_hidden_test_has_a_public_title(tests):
    for _, _, visible, test in tests:
        title = (test.__doc__ or "").partition("\n")[0]
        assert title
        if not visible:
            assert not re.search(r"seed|[\[\]=]|\d{3,}", title), "a public title must not describe the inputs"


def test_solution_gets_all_points(tests, run):
    namespace = run(cells())
    assert "failed" not in namespace
    points, failures = grade(tests, namespace)
    assert failures == []
    assert points == 10


def test_examples_of_the_descriptions(run):
    namespace = run({name: source for name, source in cells().items() if name != "digits-run"})
    for name in TASK_OF:
        examples = doctest.DocTestParser().get_doctest(namespace[name].__doc__, dict(namespace), name, None, 0)
        assert examples.examples or name == "fit_digits"
        assert doctest.DocTestRunner(verbose=False).run(examples).failed == 0


def test_starter_gets_nothing(tests, run):
    namespace = run(starter())
    assert "failed" not in namespace
    points, failures = grade(tests, namespace)
    assert points == 0
    assert len(failures) == len(tests)


@pytest.mark.parametrize(
    "answer",
    [
        "None",
        "0.0",
        "1.0",
        "given[0]",
        "given[-1]",
        "np.zeros_like(given[0], dtype=float)",
        "np.ones(len(given[0]))",
        "given",
    ],
)
def test_trivial_answers_get_nothing(tests, run, answer):
    lines = [
        f"def {name}(*given, **named): return {answer}" for name in TASK_OF if name not in ("Perceptron", "fit_digits")
    ]
    lines += ["class Perceptron:", "    def __init__(self, n): self.w, self.b = np.zeros(n), 0.0"]
    lines += [f"    def {method}(self, *given): return {answer}" for method in ("predict", "epoch")]
    lines += [
        "digit_W, digit_b, digit_mean, digit_std = np.zeros((784, 10)), np.zeros(10), np.zeros(784), np.ones(784)"
    ]
    points, failures = grade(tests, run({"set-up": "import numpy as np", "trivial": "\n".join(lines)}))
    assert points == 0, [test.__name__ for _, _, _, test in tests if test.__name__ not in str(failures)]


# Answers that are made to agree with themselves instead of being right.
FORGERIES = {
    "functions that confirm what train returned": """
seen = {}
def train(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    steps = len(order) * (-(-len(order[0]) // batch_size))
    W = np.arange(n_classes * X.shape[1], dtype=float).reshape(n_classes, -1)
    b = np.arange(n_classes, dtype=float)
    seen.update(rate=learning_rate, W=W, b=b, n=0)
    return W, b, list(range(steps))
def loss(*a):
    seen["n"] += 1
    return seen["n"] - 1
def gradients(X, p, labels, W, weight_decay=0.0):
    if seen["n"] == 1:
        return -seen["W"] / seen["rate"], -seen["b"] / seen["rate"]
    return W * 0, seen["b"] * 0
def softmax(z): return z
def log_softmax(z): return z
""",
    "losses that are infinite": """
def train(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    steps = len(order) * (-(-len(order[0]) // batch_size))
    return np.full((n_classes, X.shape[1]), np.inf), np.full(n_classes, np.inf), [np.inf] * steps
""",
    "a perceptron far from all data": """
class Perceptron:
    def __init__(self, n): self.w, self.b = np.ones(n), -1e9
    def predict(self, X): return -np.ones(len(X))
    def epoch(self, X, y): return 0
""",
    "a perceptron whose weights cannot be set": """
class Perceptron:
    def __init__(self, n): self.n = n
    w = property(lambda self: np.ones(self.n))
    b = property(lambda self: -1e9)
    def predict(self, X): return -np.ones(len(X))
    def epoch(self, X, y): return 0
""",
}


@pytest.mark.parametrize("source", FORGERIES.values(), ids=FORGERIES)
def test_forged_answers_get_nothing(tests, run, source):
    points, _ = grade(tests, run({"set-up": "import numpy as np", "forged": source}))
    assert points == 0


@pytest.mark.parametrize(("task", "target", "source", "notes"), list(wrong_solutions()))
def test_wrong_solution(tests, run, digits, task, target, source, notes):
    sources = cells()
    sources[TASK_OF[target]] += "\n\n" + source
    if target != "fit_digits":
        sources["digits-run"] = "pass"
    namespace = run(sources)
    if target != "fit_digits":
        namespace.update(digits)
    _, failures = grade(tests, namespace)

    lost = {}
    for failed, points, _, _ in failures:
        if points:
            lost[failed] = lost.get(failed, 0) + points
    assert lost[task] > 0
    assert set(lost) <= {task, *re.findall(r"^ *Also: (.*)$", notes, re.M)}
    told = [message for failed, _, visible, message in failures if visible and failed == task]
    (says,) = re.findall(r"^ *Says: (.*)$", notes, re.M) or [None]
    if says is None:
        assert "Hidden only." in notes
        assert told == []
    else:
        assert any(says in message for message in told), told


@pytest.fixture(scope="module")
def digits(mnist):
    """What the model solution trains."""
    namespace = {"__name__": "__main__"}
    for name, source in cells().items():
        if name in TASK_OF.values() or name in ("set-up", "waiting"):
            exec(compile(source, name, "exec"), namespace)
    values = namespace["fit_digits"](mnist.images[:20_000], mnist.labels[:20_000])
    return dict(zip(("digit_W", "digit_b", "digit_mean", "digit_std"), values, strict=False))


@pytest.mark.parametrize("style", sorted(path.stem for path in (HERE / "right_01").glob("*.py")))
def test_right_solution(tests, run, style):
    path = HERE / "right_01" / f"{style}.py"
    defined = {node.name for node, _ in definitions(path) if hasattr(node, "name")}
    # The file goes in before the digits are fitted, and again at the end: the last tasks define functions too.
    sources, text = {}, path.read_text(encoding="utf-8")
    for name, source in cells().items():
        sources[name] = source
        if name == "digits":
            sources["style"] = text
    sources["style again"] = text
    namespace = run(sources)
    assert "failed" not in namespace
    assert defined
    points, failures = grade(tests, namespace)
    assert failures == []
    assert points == 10
