"""What the tests of all exercises have in common: an exercise as they see it, and what must hold for each.

`right_NN/<style>.py` holds right solutions in other styles: every name in them replaces the one in the notebook.

`wrong_NN/<task>.py` holds wrong solutions. A name such as ``softmax__global_maximum`` is the function of the notebook
that it replaces, two underscores, and the mistake. Its docstring says what becomes of it:

    Says: …          these words are in what the visible check of the task tells the student
    Hidden only.     the visible checks pass; hidden tests do not
    Also: …          other tasks that may lose points, because they cannot work without this one

What a file imports, and its functions whose names begin with an underscore, are there for all its solutions.
Nothing but the task, and what stands after "Also", may lose points. ``Perceptron__no_bias`` may derive from
``Perceptron``: the class of the notebook is there under its own name until it is replaced.

Nothing here runs in a sandbox or a process of its own: the notebook's cells are executed in a namespace, and the tests
reach it over the same wire as everywhere. So one solution is judged in some hundredths of a second.
"""

import ast
import contextlib
import doctest
import importlib.util
import inspect
import json
import os
import re
import signal
import threading
from functools import cached_property
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from mutants import mutants

from coursekit import data
from coursekit.grading import trivial
from coursekit.grading.stubs import student_source
from coursekit.grading.submission import LocalLink, Submission
from coursekit.grading.worker import Notebook

__all__ = ["Exercise", "ExerciseTests"]

HERE = Path(__file__).parent
SOLUTIONS = HERE.parents[1] / "solutions"
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"  # also judge mutants that train something


class Exercise:
    """An exercise in solutions/, with the solutions that its graders are tested on.

    Parameters
    ----------
    name : str
        Its folder.
    costly : dict, optional
        Cell -> the functions it is about. Such a cell (it loads data, it trains) is executed for the model solution,
        and where one of these functions is not the model's; elsewhere its names get the values that it gave the model.
    only_to_look_at : str, optional
        A regular expression; cells whose name begins like this are left out.
    seconds : float
        CPU time for judging one solution; a mutant may never end.
    """

    def __init__(self, name, *, costly=None, only_to_look_at="see-|check-", seconds=20):
        self.folder = SOLUTIONS / name
        self.number = name[:2]
        self.costly = costly or {}
        self.only_to_look_at = re.compile(only_to_look_at)
        self.seconds = seconds

    @cached_property
    def notebook(self):
        """The solution notebook, as JSON."""
        (path,) = self.folder.glob("*.ipynb")
        return json.loads(path.read_text(encoding="utf-8"))

    @cached_property
    def cells(self):
        """Name -> source of every code cell that matters."""
        return {name: source for name, source in self.code().items() if not self.only_to_look_at.match(name)}

    def code(self, notebook=None):
        """Name -> source of every code cell of the solution, or of another notebook made from it."""
        found = {}
        for cell in (notebook or self.notebook)["cells"]:
            if cell["cell_type"] == "code":
                name = cell["id"]
                while name in found:  # what `trivial` adds
                    name += "+"
                found[name] = "".join(cell["source"])
        return found

    @cached_property
    def tests(self):
        """(task, points, visible, function) of every test."""
        found = []
        for name in ("test_visible", "test_hidden"):
            spec = importlib.util.spec_from_file_location(f"exercise_{self.number}_{name}", self.folder / f"{name}.py")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            for function in vars(module).values():
                if inspect.isfunction(function) and function.__name__.startswith("test_"):
                    marks = {mark.name: mark.args[0] for mark in function.pytestmark}
                    found.append((marks["task"], marks.get("points", 0), name == "test_visible", function))
        return found

    @cached_property
    def home(self):
        """Function or class -> the cell that defines it, for those with a solution block."""
        found = {}
        for cell, source in self.cells.items():
            if "### BEGIN SOLUTION" in source:
                found |= {node.name: cell for node in ast.parse(source).body if hasattr(node, "name")}
        return found

    @cached_property
    def model(self):
        """What the model solution leaves behind."""
        namespace = self.run(self.cells, changed=None)
        assert "failed" not in namespace, namespace["failed"]
        return namespace

    def run(self, cells, changed=(), namespace=None):
        """Execute cells, as a notebook would; one that fails does not stop the next.

        Parameters
        ----------
        cells : dict
        changed : iterable of str or None
            The functions that are not the model's, for `costly`; None: execute everything.
        namespace : dict, optional
            Where to go on; by default a new one.

        Returns
        -------
        dict
            The namespace; under "failed", cell -> its exception.
        """
        namespace = {"__name__": "__main__"} if namespace is None else namespace
        for name, source in cells.items():
            about = self.costly.get(name)
            if about is not None and changed is not None and not set(about) & set(changed):
                namespace |= {key: self.model[key] for key in _assigned(source) if key in self.model}
                continue
            try:
                with np.errstate(all="ignore"), contextlib.redirect_stdout(None):
                    exec(_compiled(source, name), namespace)
            except Exception as error:
                namespace.setdefault("failed", {})[name] = error
        plt.close("all")
        return namespace

    def grade(self, namespace, stop=False, only=None):
        """Points, and the failures as (task, points, visible, message); with `stop`, only up to the first that costs
        something; `only` one task.
        """
        submission = Submission(LocalLink(Notebook(namespace)))
        points, failures = 0, []
        for task, worth, visible, test in self.tests:
            if only not in (None, task):
                continue
            try:
                with np.errstate(all="ignore"), contextlib.redirect_stdout(None):
                    test(submission)
            except (Exception, pytest.fail.Exception) as error:
                failures.append((task, worth, visible, f"{type(error).__name__}: {error}"))
                if stop and worth:
                    break
            else:
                points += worth
        return points, failures

    def with_definitions(self, text, targets):
        """The cells with `text` after each cell that defines one of `targets`."""
        homes = {self.home[target] for target in targets if target in self.home}
        assert homes, f"none of {sorted(targets)} is a function of exercise {self.number}"
        return {name: source + "\n\n" + text if name in homes else source for name, source in self.cells.items()}

    def wrong(self):
        """(task's file, target, source, docstring, name) of every wrong solution."""
        for path in sorted((HERE / f"wrong_{self.number}").glob("*.py")):
            text = path.read_text(encoding="utf-8")
            body = ast.parse(text).body
            helpers = [n for n in body if isinstance(n, ast.Import) or getattr(n, "name", "").startswith("_")]
            shared = "".join(ast.get_source_segment(text, node) + "\n\n" for node in helpers)
            for node in body:
                if "__" in getattr(node, "name", ""):
                    target, _, _ = node.name.partition("__")
                    source = shared + ast.get_source_segment(text, node) + f"\n\n{target} = {node.name}"
                    yield path.stem, target, source, ast.get_docstring(node), node.name

    def styles(self):
        """The files of right solutions."""
        return sorted((HERE / f"right_{self.number}").glob("*.py"))


def _assigned(source):
    return {
        node.id
        for node in ast.walk(ast.parse(source))
        if isinstance(getattr(node, "ctx", None), ast.Store) and isinstance(node, ast.Name)
    }


_CODE, _DATA = {}, {}


def _compiled(source, name):
    if source not in _CODE:
        if len(_CODE) > 500:
            _CODE.clear()
        _CODE[source] = compile(source, name, "exec")
    return _CODE[source]


class OutOfTimeError(Exception):
    """The CPU time for one solution is over."""


@contextlib.contextmanager
def cpu_limit(seconds):
    """Raise `OutOfTimeError` in the body after so many CPU seconds and then each second, where that can be."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number, frame):
        raise OutOfTimeError

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


class ExerciseTests:
    """What must hold for every exercise; a test file derives from it and says which exercise.

    Attributes
    ----------
    exercise : Exercise
    no_example : tuple of str
        Solved functions whose description has no worked example.
    forgeries : dict
        Name -> source of an answer that knows nothing and is made to look right; it must get no points.
    survivors : dict
        Name of a mutant that keeps all points -> why that is right.
    """

    exercise = None
    no_example = ()
    forgeries = {}  # noqa: RUF012 (a table, never changed)
    survivors = {}  # noqa: RUF012

    def pytest_generate_tests(self, metafunc):
        """One test for each wrong solution, style and forgery."""
        if "wrong" in metafunc.fixturenames:
            cases = list(self.exercise.wrong())
            metafunc.parametrize("wrong", cases, ids=[case[-1] for case in cases])
        if "style" in metafunc.fixturenames:
            metafunc.parametrize("style", self.exercise.styles(), ids=lambda path: path.stem)
        if "forgery" in metafunc.fixturenames:
            metafunc.parametrize("forgery", self.forgeries.values(), ids=list(self.forgeries))

    @pytest.fixture(autouse=True)
    def _data_once(self, monkeypatch):
        """Data sets are read once, and nobody may change them."""
        read = data.load

        def load(*args, **kwargs):
            key = (args, tuple(kwargs.items()))
            if key not in _DATA:
                _DATA[key] = read(*args, **kwargs)
                for part in _DATA[key]:
                    if isinstance(part, np.ndarray):
                        part.flags.writeable = False
            return _DATA[key]

        monkeypatch.setattr(data, "load", load)

    def test_points_add_up(self):
        per_task = {}
        for task, points, _, _ in self.exercise.tests:
            per_task[task] = per_task.get(task, 0) + points
        assert sum(per_task.values()) == 10
        graded = {
            cell["metadata"]["nbgrader"]["grade_id"]: cell["metadata"]["nbgrader"]["points"]
            for cell in self.exercise.notebook["cells"]
            if cell["metadata"].get("nbgrader", {}).get("grade")
        }
        assert graded == {"answer": 0} | {f"check-{task}": points for task, points in per_task.items()}
        assert 4 <= len(per_task) <= 7

    def test_every_hidden_test_has_a_public_title(self):
        for _, _, visible, test in self.exercise.tests:
            title = (test.__doc__ or "").partition("\n")[0]
            assert title
            if not visible:
                assert not re.search(r"seed|[\[\]=]|\d{3,}", title), "a public title must not describe the inputs"

    def test_there_are_enough_solutions_to_judge(self):
        assert len(list(self.exercise.wrong())) >= 12
        assert len(self.exercise.styles()) >= 6

    def test_solution_gets_all_points(self):
        points, failures = self.exercise.grade(self.exercise.model)
        assert failures == []
        assert points == 10

    def test_every_check_passes_where_it_stands(self):
        """A check finds what it needs in the cells above it."""
        above, namespace = {}, None
        for name, source in self.exercise.code().items():
            if name.startswith("check-"):
                namespace = self.exercise.run(above, namespace=namespace)
                _, failures = self.exercise.grade(namespace, only=name.removeprefix("check-"))
                assert failures == [], name
                above = {}
            elif not self.exercise.only_to_look_at.match(name):
                above[name] = source
        assert namespace

    def test_examples_of_the_descriptions(self):
        for name in self.exercise.home:
            thing = self.exercise.model[name]
            parts = [thing, *(vars(thing).values() if inspect.isclass(thing) else ())]
            text = "\n\n".join(inspect.getdoc(part) or "" for part in parts if callable(part))
            examples = doctest.DocTestParser().get_doctest(text, dict(self.exercise.model), name, None, 0)
            assert examples.examples or name in self.no_example, f"{name} has no worked example"
            assert doctest.DocTestRunner(verbose=False).run(examples).failed == 0

    def test_starter_runs_and_gets_nothing(self, monkeypatch):
        monkeypatch.chdir(self.exercise.folder)  # where `check` finds its tests
        cells = {name: student_source(source) for name, source in self.exercise.code().items()}
        namespace = self.exercise.run(cells, changed=None)
        assert "failed" not in namespace
        points, failures = self.exercise.grade(namespace)
        assert points == 0
        assert len(failures) == len(self.exercise.tests)

    def test_trivial_answers_get_no_hidden_points(self):
        for answer, notebook in trivial.answers(self.exercise.notebook):
            cells = {
                # Trained with such answers a classifier is no better, and `release` has made sure of it.
                name: "\n".join(f"{each} = 0.0" for each in _assigned(source))
                if name in self.exercise.costly
                else source
                for name, source in self.exercise.code(notebook).items()
                if not self.exercise.only_to_look_at.match(name)
            }
            namespace = self.exercise.run(cells, changed=None)
            _, failures = self.exercise.grade(namespace)
            lost = sum(points for _, points, visible, _ in failures if not visible)
            there = sum(points for _, points, visible, _ in self.exercise.tests if not visible)
            assert lost == there, f"answering {answer} earns hidden points: {failures}"

    def test_forged_answers_get_nothing(self, forgery):
        namespace = self.exercise.run({"set-up": "import numpy as np", "forged": forgery})
        assert self.exercise.grade(namespace)[0] == 0

    def test_wrong_solution(self, wrong):
        task, target, source, notes, _ = wrong
        cells = self.exercise.with_definitions(source, [target])
        with cpu_limit(self.exercise.seconds):
            namespace = self.exercise.run(cells, changed=[target])
            _, failures = self.exercise.grade(namespace)
        lost = {}
        for failed, points, _, _ in failures:
            if points:
                lost[failed] = lost.get(failed, 0) + points
        assert lost.get(task, 0) > 0, "this mistake costs nothing"
        also = {name for line in re.findall(r"^ *Also: (.*)$", notes, re.M) for name in re.split(r", *", line)}
        assert set(lost) <= {task, *also}, failures
        told = [message for failed, _, visible, message in failures if visible and failed == task]
        said = re.findall(r"^ *Says: (.*)$", notes, re.M)
        if said:
            assert any(said[0] in message for message in told), told
        else:
            assert "Hidden only." in notes
            assert told == []

    def test_right_solution(self, style):
        text = style.read_text(encoding="utf-8")
        defined = {node.name for node in ast.parse(text).body if hasattr(node, "name")}
        cells = self.exercise.with_definitions(text, defined)
        namespace = self.exercise.run(cells, changed=None)
        assert "failed" not in namespace, namespace["failed"]
        points, failures = self.exercise.grade(namespace)
        assert failures == []
        assert points == 10

    def test_mutants_lose_points(self):
        costly = {function for functions in self.exercise.costly.values() for function in functions}
        kept, count, left_out = [], 0, set()
        for mutant in mutants(self.exercise.cells):
            if mutant.function.partition(".")[0] in costly and not THOROUGH:
                left_out.add(mutant.name)  # a training each; most of them change what is the student's to choose
                continue
            count += 1
            cells = self.exercise.cells | {mutant.cell: mutant.source}
            changed = [mutant.function.partition(".")[0]]
            try:
                with cpu_limit(self.exercise.seconds):
                    namespace = self.exercise.run(cells, changed=changed)
                    points = 0 if "failed" in namespace else self._points(namespace)
            except (OutOfTimeError, RecursionError):
                continue
            if points == 10:
                kept.append(mutant.name)
        holes = [name for name in kept if name not in self.survivors]
        assert not holes, "mutants that keep all points:\n" + "\n".join(holes)
        stale = [name for name in self.survivors if name not in kept and name not in left_out]
        assert not stale, "not survivors (any more):\n" + "\n".join(stale)
        assert count > 30
        reasons = [reason for name, reason in self.survivors.items() if name not in left_out]
        unexcused = sum(not reason.startswith("equivalent") for reason in reasons)
        equivalent = len(reasons) - unexcused
        assert unexcused <= 0.05 * (count - equivalent), f"{unexcused} of {count - equivalent} mutants keep all points"

    def _points(self, namespace):
        points, failures = self.exercise.grade(namespace, stop=True)
        return 10 if not any(worth for _, worth, _, _ in failures) else points
