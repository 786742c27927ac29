"""An assignment: its settings in `assignment.toml`, its notebook, and its tests.

    solutions/01-linear-classifiers/
        assignment.toml             title, chapter, notebook, points, packages, [limits]
        linear-classifiers.ipynb
        test_visible.py  test_hidden.py

Tests are ordinary pytest files. pytest collects them once (assertion rewriting, parametrize, marks); after that each
test is a plain function, called once per submission without any pytest around it.
"""

import contextlib
import hashlib
import io
import os
import sys
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from math import isfinite
from pathlib import Path

from coursekit.grading.answers import hand_marked
from coursekit.grading.notebook import demonstrations

__all__ = ["Assignment", "AssignmentError", "Limits", "TestCase", "collect", "find_assignment", "load_assignment"]


class AssignmentError(Exception):
    """Something in the assignment itself has to be put right by its author."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use, the section ``[limits]`` of assignment.toml.

    ``cell_seconds`` is optional: the larger of ``call_seconds`` and a third of ``total_seconds``, so that one endless
    cell leaves time for the rest. Seconds are wall-clock seconds; ``total_seconds`` also bounds CPU seconds.
    """

    call_seconds: float = 10
    total_seconds: float = 120
    memory_mb: int = 1024
    output_kb: int = 256
    processes: int = 4
    cell_seconds: float = 0

    def __post_init__(self):
        if not self.cell_seconds:
            object.__setattr__(self, "cell_seconds", max(self.call_seconds, self.total_seconds / 3))
        for entry in fields(self):
            value = getattr(self, entry.name)
            whole = entry.type in (int, "int")
            if type(value) not in ((int,) if whole else (int, float)) or not isfinite(value) or value <= 0:
                wanted = "a positive whole number" if whole else "a positive number"
                raise AssignmentError(f"limits.{entry.name} is {value!r}; it must be {wanted}")


@dataclass(frozen=True)
class TestCase:
    """One collected test: what pytest would run once."""

    __test__ = False  # its name starts with Test, and pytest would otherwise try to collect it

    name: str
    task: str
    points: float
    title: str
    visible: bool
    function: Callable = field(repr=False, compare=False)
    arguments: dict = field(repr=False, compare=False)

    def run(self, submission):
        """Call the test; it returns, or raises what made it fail."""
        self.function(submission=submission, **self.arguments)


@dataclass(frozen=True)
class Assignment:
    """An assignment as read from its folder; `tests` in the order of the files, visible ones first."""

    name: str
    folder: Path
    title: str
    chapter: str
    notebook: str
    points: float
    packages: tuple[str, ...]
    limits: Limits
    tests: tuple[TestCase, ...]
    digest: str = field(repr=False)
    parts: tuple = field(default=(), repr=False)  # what people mark: dicts, from `answers.hand_marked`
    shown: frozenset = field(default=frozenset(), repr=False)  # cells only to look at, from `notebook.demonstrations`

    @property
    def notebook_path(self):
        """The notebook in the assignment's own folder: the solution, or the exercise."""
        return self.folder / self.notebook

    @property
    def automatic_points(self):
        """What the tests can give; the rest is marked by hand."""
        return tidy(sum(test.points for test in self.tests))


def tidy(points):
    """Points without the dust of binary fractions: 0.1 + 0.2 is 0.3 here."""
    return round(points + 0.0, 6)


def load_assignment(folder, hidden=True):
    """Read an assignment.

    Parameters
    ----------
    folder : path
        The folder with assignment.toml.
    hidden : bool
        Also collect test_hidden.py, which must then be there.

    Returns
    -------
    Assignment

    Raises
    ------
    AssignmentError
        If the folder is not a complete assignment; says which file and what would be right.
    """
    folder = Path(folder)
    path = folder / "assignment.toml"
    try:
        raw = path.read_bytes()
        settings = tomllib.loads(raw.decode())
    except OSError as error:
        raise AssignmentError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise AssignmentError(f"{path}: {error}") from None
    wanted = {"title": str, "chapter": (str, int), "notebook": str, "points": (int, float), "packages": list}
    unknown = settings.keys() - wanted.keys() - {"limits"}
    if unknown:
        raise AssignmentError(f"{path}: unknown setting {sorted(unknown)[0]!r}; known are {', '.join(wanted)}, limits")
    for name, kind in wanted.items():
        if not isinstance(settings.get(name), kind) or isinstance(settings[name], bool):
            raise AssignmentError(f"{path}: {name} is {settings.get(name)!r}; see the other assignments for its form")
    notebook = settings["notebook"]
    if Path(notebook).name != notebook or not notebook.endswith(".ipynb"):
        raise AssignmentError(f"{path}: notebook is {notebook!r}; it must be a file name ending in .ipynb")
    known = {entry.name for entry in fields(Limits)}
    limits = settings.get("limits", {})
    if not isinstance(limits, dict) or limits.keys() - known:
        raise AssignmentError(f"{path}: [limits] may set {', '.join(sorted(known))}; it has {limits!r}")
    names = ["test_visible.py"] + (["test_hidden.py"] if hidden else [])
    before = [path.read_bytes() for name in names if (path := folder / name).is_file()]
    tests = [test for name in names for test in collect(folder / name, visible=name == "test_visible.py")]
    contents = [(folder / name).read_bytes() for name in names]
    if contents != before:  # else the digest, by which grades are kept, might not be that of the collected tests
        raise AssignmentError(f"{folder}: a test file was edited while it was being read; try again")
    return Assignment(
        name=folder.resolve().name,
        folder=folder,
        title=settings["title"],
        chapter=str(settings["chapter"]),
        notebook=notebook,
        points=settings["points"],
        packages=tuple(settings["packages"]),
        limits=Limits(**limits),
        tests=tuple(tests),
        digest=hashlib.sha256(b"\0".join([raw, *contents])).hexdigest(),
        parts=hand_marked(folder / notebook) if hidden else (),
        shown=demonstrations(folder / notebook) if hidden else frozenset(),
    )


def find_assignment(name, solutions):
    """The folder of an assignment: the one so named or numbered in `solutions`, or `name` itself."""
    solutions = Path(solutions)
    for folder in (solutions / name, Path(name)):
        if (folder / "assignment.toml").is_file():
            return folder
    near = sorted(path.parent for path in solutions.glob(f"{name}*/assignment.toml"))
    if len(near) == 1:
        return near[0]
    there = ", ".join(path.parent.name for path in sorted(solutions.glob("*/assignment.toml"))) or "none"
    raise AssignmentError(f"no assignment {name!r} in {solutions}; there are: {there}")


class _Collected:
    def __init__(self):
        self.items = []
        self.problems = []

    def pytest_collection_finish(self, session):
        self.items = list(session.items)

    def pytest_collectreport(self, report):
        if report.failed:
            self.problems.append(str(report.longrepr))


@contextlib.contextmanager
def _quiet_pytest():
    """pytest without the plugins, configuration and bytecode files of wherever we happen to be."""
    saved = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"), os.environ.pop("PYTEST_ADDOPTS", None)
    bytecode = sys.dont_write_bytecode
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.dont_write_bytecode = True
    try:
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            settings = Path(folder, "pytest.ini")
            settings.write_text(
                "[pytest]\nmarkers =\n    task(name): the task a test belongs to\n    points(n): its points\n"
            )
            yield settings
    finally:
        sys.dont_write_bytecode = bytecode
        for name, value in zip(("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTEST_ADDOPTS"), saved, strict=True):
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def collect(path, visible):
    """Have pytest collect one test file.

    Parameters
    ----------
    path : Path
    visible : bool
        Whether students see these tests.

    Returns
    -------
    list of TestCase

    Raises
    ------
    AssignmentError
        If the file is missing, does not import, or a test has no task, odd points, or a fixture other than
        `submission`.
    """
    import pytest  # here, because `import coursekit.grading` in a notebook should be instant

    if not path.is_file():
        raise AssignmentError(f"{path} is missing")
    collected = _Collected()
    with _quiet_pytest() as settings:
        options = ["--collect-only", "--capture=no", "--noconftest", "--import-mode=importlib", "-c", str(settings)]
        for plugin in ("terminal", "cacheprovider", "unraisableexception", "threadexception", "doctest", "junitxml"):
            options += ["-p", f"no:{plugin}"]  # the third and fourth collect garbage: most of the time it would take
        options += [f"--rootdir={path.resolve().parent}", str(path.resolve())]
        before = set(sys.modules)
        pytest.main(options, plugins=[collected])
    for name in set(sys.modules) - before:  # another assignment has a file of this name, and this one may change
        if getattr(sys.modules[name], "__file__", None) == str(path.resolve()):
            del sys.modules[name]
    if collected.problems:
        raise AssignmentError(f"{path} cannot be collected:\n{collected.problems[0]}")
    if not collected.items:
        raise AssignmentError(f"{path} has no tests")
    return [_test_case(item, path, visible) for item in collected.items]


def _test_case(item, path, visible):
    where = f"{path.name}::{item.name}"
    arguments = dict(item.callspec.params) if hasattr(item, "callspec") else {}
    others = set(item.fixturenames) - {"submission", "request", *arguments}
    if "submission" not in item.fixturenames or others:
        odd = f"asks for {sorted(others)[0]!r}" if others else "does not ask for it"
        raise AssignmentError(f"{where}: a test takes the fixture `submission` and its parameters; this one {odd}")
    task, points = item.get_closest_marker("task"), item.get_closest_marker("points")
    if task is None or len(task.args) != 1 or not isinstance(task.args[0], str):
        raise AssignmentError(f'{where}: needs the name of its task, @pytest.mark.task("softmax")')
    value = points.args[0] if points is not None and len(points.args) == 1 else 0 if points is None else None
    if type(value) not in (int, float) or not isfinite(value) or value < 0:
        raise AssignmentError(f"{where}: points must be a number that is not negative, @pytest.mark.points(0.5)")
    lines = (item.function.__doc__ or "").strip().splitlines()
    title = lines[0].strip() if lines else item.originalname.removeprefix("test_").replace("_", " ")
    if arguments:
        title += f" [{item.callspec.id}]" if visible else f" [{next(iter(item.callspec.indices.values())) + 1}]"
    return TestCase(where, task.args[0], value, title, visible, item.obj, arguments)
